/**
 * The table of options, made from data/options.txt, where its fields are
 * explained.
 */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "cli/options_ids.h" /* enum job, option_id, option_group, option_family */

#include <stdbool.h>
#include <stddef.h>

enum option_argument { ARGUMENT_NONE, ARGUMENT_OPTIONAL, ARGUMENT_REQUIRED };

enum option_kind {
    KIND_TEXT,
    KIND_HOST,    /* a host that may have a port, see option_split_host() */
    KIND_ADDRESS, /* an address that may have a port */
    KIND_PORT,
    KIND_NUMBER,
    KIND_DURATION,
    KIND_CHOICE,
    KIND_STAGE,
    KIND_LIST,
    KIND_FILE,
    KIND_CONTENT, /* text or @FILE */
    KIND_SECRET,
    KIND_PROVIDER,
    KIND_TOPIC, /* a provider or a cause */
};

struct option_implied {
    enum option_id id;
    bool is_negation;
};

struct option {
    const char *name;
    const char *aliases;       /* between blanks; "" if there are none */
    const char *others;        /* the aliases as a person types them: "--ehlo, -h" */
    const char *shown;         /* spelling for the help */
    const char *metavar;       /* NULL without an argument */
    const char *choices;       /* between blanks, or NULL */
    const char *prompt;        /* NULL: a missing value is an error */
    const char *bare_value;    /* what an absent value stands for, or NULL */
    const char *negated_value; /* what --no-NAME stands for, or NULL */
    const char *default_text;
    const char *summary;
    const char *off; /* what --no-NAME does, or NULL if it merely forgets */
    const char *means_value;
    const struct option_implied *implied; /* ended by OPTION_COUNT; or NULL */
    unsigned minimum, maximum;            /* of KIND_NUMBER */
    unsigned jobs;                        /* that it serves: bits, 1 << enum job */
    enum option_id means;                 /* itself, unless it is another spelling of an option */
    enum option_group group : 8;
    enum option_argument argument : 8;
    enum option_kind kind : 8;
    enum option_family family : 8;
    bool from_file, sensitive, repeatable, on, names_field, common;
};

extern const struct option option_table[OPTION_COUNT];

/** All spellings, sorted by octets. */
struct option_name {
    const char *name;
    enum option_id id;
};
extern const struct option_name option_names[];
extern const size_t option_name_count;

/** Prefixes that name a header field: "h-", "header-". */
extern const struct option_name option_field_prefixes[];
extern const size_t option_field_prefix_count;

/** Options of swaks that do not exist here. */
struct option_foreign {
    const char *name;
    const char *text;
};
extern const struct option_foreign option_foreign[];
extern const size_t option_foreign_count;

/** What --help says of the groups. */
extern const struct option_group_words {
    const char *name;
    const char *title;
} option_groups[OPTION_GROUP_COUNT];

/** The first words that choose a job; that of the probe is never typed. */
extern const char *const job_names[JOB_COUNT];

struct exit_words {
    const char *status;
    const char *meaning;
};
extern const struct exit_words exit_words[];
extern const size_t exit_words_count;

#endif
