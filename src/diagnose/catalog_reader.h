/**
 * The reader of catalog files from within: what stanzas and their keys share.
 */
#ifndef DIAGNOSE_CATALOG_READER_H
#define DIAGNOSE_CATALOG_READER_H

#include "diagnose/catalog_source.h"
#include "smtp/vocabulary.h"

/** Fragments that have a name within one file. */
struct reader_group {
    struct span name;
    struct span members; /* joined by "/" */
};

struct reader {
    struct catalog_source *source;
    const char *file;
    unsigned line;
    struct source_rule *rule; /* of the stanza under way, or NULL; the same for the provider */
    struct source_provider *provider;
    struct reader_group *group;
    SOURCE_LIST(struct reader_group) groups;
    struct error *error;
};

/** A key and what takes its value. */
struct reader_key {
    const char *name;
    bool (*put)(struct reader *, struct span value);
};

/** Ended by an entry without a name. */
extern const struct reader_key reader_rule_keys[];
extern const struct reader_key reader_provider_keys[];
extern const struct reader_key reader_group_keys[];

/** One more element at the end of a list. */
#define LIST_ADD(arena, list)                                                                                \
    ((list)->at = arena_grow((arena), (list)->at, (list)->count, &(list)->capacity, sizeof *(list)->at),     \
     &(list)->at[(list)->count++])

/** "FILE:LINE: what: value". @return false */
bool reader_fault(const struct reader *, const char *what, struct span value);

/** The same of a word that is none of a list, which is named if it is short. */
bool reader_fault_unknown(const struct reader *, const char *what, const struct vocabulary_word *words,
                          int count, struct span value);

/** Whether rules, providers and groups may have this name. */
bool reader_is_id(struct span text);

/* catalog_words.c */

/** Adds the alternatives of a value of `words`. */
bool reader_add_phrases(struct reader *, struct source_phrases *, struct span value);

/** Takes the fragments of a group. */
bool reader_put_members(struct reader *, struct span value);

/** Adds the fragments of a value of `not` to the rule. */
bool reader_add_barred(struct reader *, struct span value);

#endif
