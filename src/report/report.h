/**
 * How a probe is told. A reporter follows the record by a cursor over its
 * events, so that text is live and JSON waits for the end.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/secret.h"
#include "diagnose/verdict.h"

#include <stdio.h>

/**
 * What the words of servers may take of a report, in octets as they are shown:
 * an escaped octet takes four or six. Beyond it they are left out, which is said.
 */
enum { REPORT_SERVER_TEXT_LIMIT = 3 * 1024 * 1024 };

enum silence { SILENCE_NONE, SILENCE_UNTIL_ERROR, SILENCE_BUT_ERRORS, SILENCE_ALL };

/** What the user wants to see; see the output group in data/options.txt. */
struct report_settings {
    FILE *out;               /* dialogue, information, verdict */
    FILE *errors;            /* *** lines */
    bool colour;
    bool explain;            /* our own words under the replies */
    bool verbose;            /* success is told at length too */
    bool quiet;              /* only trouble and the verdict */
    bool suppress_data;      /* the message as "N lines sent" */
    bool hide_sent, hide_received, hide_information, hide_all;
    bool no_info_hints, no_send_hints, no_receive_hints;
    enum silence silence;
    bool show_time_lapse, time_lapse_in_seconds;
    bool show_raw_text;
    bool auth_plaintext;     /* AUTH decoded, the secret still masked */
    bool show_certificates;  /* PEM of the peer's certificate; with a file name, written there */
    const char *certificate_file;
    bool show_chain;
    const char *chain_file;
    const struct secret_list *secrets;
    const struct catalog *catalog; /* by which replies are explained */
    int width;               /* columns of the terminal; 80 otherwise */
    bool on_terminal;        /* rows of a table must fit it */
};

/**
 * Writes the first `count` certificates of the peer in PEM form to a file.
 * @return false with errno
 */
bool report_save_certificates(const char *path, const struct tls_facts *, size_t count);

struct reporter;

/** A report format; all of them are in report_formats[]. */
struct report_format {
    const char *name;
    const char *summary;
    struct reporter *(*open)(const struct report_settings *, const struct record *);
};

/** Ended by an entry without a name. */
extern const struct report_format report_formats[];

const struct report_format *report_format_find(const char *name);

struct reporter {
    /** Something was added to the record: tell what is new. */
    void (*follow)(struct reporter *);
    /**
     * The record is complete.
     * @return false if the report could not be written in full (full disk, closed pipe)
     */
    bool (*finish)(struct reporter *, const struct finding_list *, const struct verdict *);
    void (*close)(struct reporter *);
};

#endif
