/**
 * What a catalog must prove once it is packed: its examples reach their rules,
 * its words can occur. Shared by the compiler and by whoever checks a file.
 */
#ifndef DIAGNOSE_CATALOG_CHECK_H
#define DIAGNOSE_CATALOG_CHECK_H

#include "diagnose/catalog_table.h"

/** Takes one message, a line without its end. */
typedef void catalog_complaint(void *context, const char *text);

struct catalog_checker {
    catalog_complaint *complain; /* of a fault */
    catalog_complaint *note;     /* of what is lacking and allowed; the compiler needs none */
    void *context;
};

/** The surroundings in which an example of the rule stands: just what the rule demands. */
struct explain_context catalog_example_context(const struct source_rule *, const struct source_example *,
                                               struct arena *);

/** Every example of the source reaches its rule in the catalog. */
bool catalog_check_examples(const struct catalog_checker *, const struct catalog *,
                            const struct catalog_source *);

/** Every fragment of the table can occur in a reply: codes, addresses and host names never do. */
bool catalog_check_fragments(const struct catalog_checker *, const struct catalog_table *);

#endif
