/**
 * Finds the rule that a reply reaches. Layers decide in their order, within a
 * layer the most specific rule: most words asked for, then their length, then
 * what else it demands; never the order of files.
 */
#ifndef DIAGNOSE_CATALOG_MATCH_H
#define DIAGNOSE_CATALOG_MATCH_H

#include "diagnose/catalog_table.h"
#include "diagnose/explanation.h"
#include "diagnose/reply_words.h"

/** One reply at its place, ready for any number of questions. */
struct catalog_query {
    const struct catalog_table *table;
    struct reply_words words;
    int stage;
    const char *provider; /* or NULL */
    unsigned conditions;  /* those that are known to hold */
    uint32_t *found;      /* bit set: the fragments that occur */
    uint32_t *weights;    /* of each rule: of its weightiest phrase that occurs, 0 if none does */
};

void catalog_query_init(struct catalog_query *, const struct catalog_table *, const struct reply *,
                        const struct explain_context *, struct arena *);

/**
 * The best rule of the layers from `from` on.
 * @return NULL only if the table lacks a rule for the reply's class.
 */
const struct catalog_rule *catalog_query_best(const struct catalog_query *, enum confidence from);

/** A text of the table, NULL for none. */
static inline const char *catalog_text(const struct catalog_table *table, uint32_t place)
{
    return place ? table->text + place : NULL;
}

/** Whether a fragment of the rule's words that is looked for in links occurs; *fragment is then set to it. */
bool catalog_query_link(const struct catalog_query *, const struct catalog_rule *, struct span *fragment);

#endif
