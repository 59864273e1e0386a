/**
 * The catalog: rules that turn a reply and its surroundings into an
 * explanation, look-ups of numbers that are no replies, and the providers that
 * both speak of. The built-in part is compiled from data/catalog/ when the
 * program is built; nothing is parsed or allocated when it starts.
 */
#ifndef DIAGNOSE_CATALOG_H
#define DIAGNOSE_CATALOG_H

#include "diagnose/explanation.h"

#include <stdint.h>

struct catalog_table;

/** Built-in, the system's, the user's, named on the command line, and one that is checked. */
enum { CATALOG_PARTS_LIMIT = 5 };

struct catalog_part {
    const struct catalog_table *table;
    const uint32_t *replaced; /* bit set: its rules whose id a more authoritative part has, too; or NULL */
};

/**
 * Several tables, the most authoritative first. Within a layer the part decides
 * before specificity. May be copied: it borrows its tables.
 */
struct catalog {
    struct catalog_part parts[CATALOG_PARTS_LIMIT];
    size_t part_count;
};

/** The rules compiled into the program. */
extern const struct catalog catalog_builtin;

/**
 * Explains a reply. Always gives an explanation: the class of the code is the
 * last resort (then `known` is false). Pure, and bounded in time for any text.
 *
 * The reply may lack its code (0) or all of its text. Where only codes are given
 * (no word of text, but a code or `reply->enhanced`, whose class may be
 * ENHANCED_CLASS_ANY for X.7.1) and the provider is known, the rules of that
 * provider for these codes, each title once, are the variants of the
 * explanation; if all of them tell the same cause, one of them is the answer.
 */
const struct explanation *catalog_explain(const struct catalog *, const struct reply *,
                                          const struct explain_context *, struct arena *);

/** What decided, without the texts: for counting many replies. */
struct catalog_answer {
    bool known;
    enum confidence confidence;
    enum cause cause;
    const char *rule; /* these live in the catalog ... */
    const char *title;
    const char *provider;         /* ... but for a name that the user gave; or NULL */
    const char *mailbox_provider; /* or NULL */
};

/** The same decision as catalog_explain(). The arena is for scratch: it may be cleared at once. */
void catalog_find(const struct catalog *, const struct reply *, const struct explain_context *,
                  struct arena *scratch, struct catalog_answer *);

/** What a user types to look something up, taken apart. Spans borrow the text. */
struct look_up {
    struct span provider; /* id or alias, or empty */
    struct span key;
    struct span words; /* behind the key; may be empty */
};

/**
 * Takes "[PROVIDER] KEY [WORDS]" apart: the first word is a provider if the
 * catalog has one of that id or alias and something follows.
 * @return false if there is no word
 */
bool catalog_look_up_parse(const struct catalog *, struct span text, struct look_up *);

/**
 * Looks up what is no reply: the error number of a mail program, the status of
 * an interface. Words choose among rules that share the key; without words, or
 * if none fits, the general rule answers, else the first by id. The others are
 * its variants.
 * @param context what is known otherwise; EXPLAIN_CONTEXT_NONE will do
 * @return NULL if no rule has this key (and is of this provider)
 */
const struct explanation *catalog_look_up(const struct catalog *, const struct look_up *,
                                          const struct explain_context *, struct arena *);

/** The texts of one rule, whatever reply it is for. @return NULL if there is none of this id */
const struct explanation *catalog_explain_rule(const struct catalog *, struct span id,
                                               const struct explain_context *, struct arena *);

/* Lists */

/** Where a walk over the catalog stands; begin with CATALOG_CURSOR_START. */
struct catalog_cursor {
    size_t part;
    uint32_t next;
};

#define CATALOG_CURSOR_START ((struct catalog_cursor){0, 0})

/** A rule as a list shows it. Strings live in the catalog. */
struct rule_summary {
    const char *id;
    const char *title;
    const char *meaning;  /* with its places as they stand in the file: {recipient} */
    const char *provider; /* id, or NULL */
    const char *software; /* or NULL */
    const char *key;      /* of a look-up: its first spelling, in lower case; NULL for rules of replies */
    enum confidence layer;
    enum cause cause;
    enum who who;
    enum retry retry;
};

/** The next rule that counts: part by part, within a part by layer and id. @return false behind the last */
bool catalog_next_rule(const struct catalog *, struct catalog_cursor *, struct rule_summary *);

enum provider_kind {
    PROVIDER_MAILBOX,  /* has mailboxes */
    PROVIDER_FILTER,   /* stands in front of another's mailboxes */
    PROVIDER_SENDER,   /* sends for others */
    PROVIDER_LIST,     /* publishes a block list */
    PROVIDER_PROGRAM,  /* a mail program */
    PROVIDER_STANDARD, /* nobody's: what holds everywhere */
    PROVIDER_KIND_COUNT
};

const char *provider_kind_name(enum provider_kind);

/** A provider as a list shows it. Strings live in the catalog. */
struct provider_summary {
    const char *id;
    const char *name; /* for people */
    const char *link; /* or NULL */
    enum provider_kind kind;
};

/** The next provider that counts, by part and id. @return false behind the last */
bool catalog_next_provider(const struct catalog *, struct catalog_cursor *, struct provider_summary *);

/** Finds a provider by id, alias or name, ignoring case. @return false if there is none */
bool catalog_provider_find(const struct catalog *, struct span name, struct provider_summary *);

#endif
