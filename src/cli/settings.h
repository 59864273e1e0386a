/**
 * From options to what the lower layers want: plan, target, TLS, login, report.
 * All checks that go beyond one option are made here, before anything is sent.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli/options.h"
#include "probe/probe.h"
#include "report/report.h"
#include "sasl/cyrus.h"
#include "smtp/message.h"

struct settings {
    struct arena arena;             /* everything below that has no owner of its own */
    struct plan plan;
    struct probe_settings probe;
    struct resolver_settings resolver;
    struct tls_settings tls;
    struct auth_settings auth;
    struct message_plan message;
    struct report_settings report;
    const struct report_format *format;
    struct catalog catalog;
    struct secret_list secrets;
    struct buffer password;
    struct buffer message_text;     /* the built message: plan.message points here */
    struct buffer warnings;         /* lines for the user that are no errors */
    const char *local_user;         /* left side of the default reverse-path, or NULL if it was given */
    bool helo_is_known;
    bool owns_out, owns_errors;     /* report.out and report.errors are files to be closed */
};

/**
 * Fills in everything; asks on the terminal for what is missing.
 * @return false with a message for the user
 */
bool settings_make(struct settings *, struct option_values *, struct error *);

/** Wipes secrets and releases all. */
void settings_clear(struct settings *);

/* The parts, each in a file of its own */

bool settings_make_message(struct settings *, struct option_values *, struct error *);
bool settings_make_login(struct settings *, struct option_values *, struct error *);
bool settings_make_report(struct settings *, struct option_values *, struct error *);

/** Streams, colour and width only, for jobs other than the probe. */
bool settings_make_output(struct settings *, const struct option_values *, struct error *);

/** The rules of --catalog, the user's and the system's files in front of the built-in ones. */
bool settings_make_catalog(struct settings *, const struct option_values *, struct error *);

/**
 * Builds the message for our name in the greeting, which becomes known no
 * earlier than the first connection where this machine has no full name.
 */
bool settings_build_message(struct settings *, const char *helo, struct error *);

/** Closes what settings_make_report() opened. @return false if a file could not be written in full. */
bool settings_close_output(struct settings *);

#endif
