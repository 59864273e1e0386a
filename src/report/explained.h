/**
 * How explained replies are told: as they come, or counted at the end.
 */
#ifndef REPORT_EXPLAINED_H
#define REPORT_EXPLAINED_H

#include "explain/summary.h"
#include "report/report.h"

/** What all formats want to know. */
struct explained_settings {
    const struct report_settings *report; /* streams, colour, width, quiet, verbose, catalog */
    bool names_files;                     /* several inputs: say which */
};

struct explained_reporter {
    /**
     * Tells an item.
     * @param source the file it comes from, or NULL
     * @param explanation if it is known already, else NULL: the reporter asks the catalog
     */
    void (*tell)(struct explained_reporter *, const char *source, const struct explain_item *,
                 const struct explanation *explanation);
    /** All is told. @return false if the report could not be written in full */
    bool (*finish)(struct explained_reporter *);
    void (*close)(struct explained_reporter *);
    unsigned long long explained; /* items that had something to explain */
    bool failed;                  /* something could not be written */
};

struct explained_format {
    const char *name;
    const char *summary;
    struct explained_reporter *(*open)(const struct explained_settings *);
};

/** Ended by an entry without a name. */
extern const struct explained_format explained_formats[];

const struct explained_format *explained_format_find(const char *name);

/* The formats */

struct explained_reporter *explained_text_open(const struct explained_settings *);
struct explained_reporter *explained_json_open(const struct explained_settings *);
struct explained_reporter *explained_table_open(const struct explained_settings *);

#endif
