/**
 * Finds the rule that a reply reaches, in three steps: its words, the fragments
 * of rules that occur in them, the rule that is satisfied best. Layers decide in
 * their order, within a layer the most authoritative part, then the most
 * specific rule: most words asked for, then their length, then what else it
 * demands; never the order of files.
 */
#ifndef DIAGNOSE_CATALOG_MATCH_H
#define DIAGNOSE_CATALOG_MATCH_H

#include "diagnose/catalog_table.h"
#include "diagnose/provider.h"
#include "diagnose/reply_words.h"

/** A rule or a provider with words that occur. */
struct catalog_hit {
    uint32_t owner;  /* a rule, or rule_count + a provider */
    uint32_t weight; /* of its weightiest phrase that occurs */
};

/** What of one table occurs in the words. */
struct catalog_hits {
    struct fragments_found found;
    struct catalog_hit *hits; /* by owner, each once */
    size_t count;
    size_t capacity;
};

/** One reply at its place, ready for any number of questions. */
struct catalog_query {
    const struct catalog *catalog;
    struct reply_words words;
    int stage;
    struct provider_pair providers;
    bool provider_is_given; /* by the user */
    unsigned conditions;    /* those that are known to hold */
    struct catalog_hits hits[CATALOG_PARTS_LIMIT];
};

/** The conditions that are known to hold: bits of enum catalog_condition. */
unsigned catalog_conditions_of(const struct explain_context *);

void catalog_query_init(struct catalog_query *, const struct catalog *, const struct reply *,
                        const struct explain_context *, struct arena *);

/** A rule and the part that it is in. */
struct catalog_choice {
    size_t part;
    const struct catalog_table *table;
    const struct catalog_rule *rule; /* NULL: none */
};

/**
 * The best rule of the layers from `from` on; rule is NULL only if the catalog
 * lacks one for the reply's class.
 */
struct catalog_choice catalog_query_best(const struct catalog_query *, enum confidence from);

/** Whose reply it is, now that the rule is known: words that only one provider uses are evidence, too. */
struct provider_pair catalog_query_providers(const struct catalog_query *, struct catalog_choice);

/** The layer as explanations have it. */
enum confidence catalog_confidence(const struct catalog_rule *);

/** How well the words select a look-up among those with its key; 0: they do not. */
uint64_t catalog_query_selects(const struct catalog_query *, struct catalog_choice look_up);

/**
 * Whether the rule is the provider's that speaks (or the one's behind it) and
 * names the reply's codes, whatever words it wants.
 */
bool catalog_query_names_codes(const struct catalog_query *, struct catalog_choice);

/** Whether no more authoritative part replaces the rule. */
static inline bool catalog_rule_counts(const struct catalog_part *part, uint32_t rule)
{
    return !part->replaced || !(part->replaced[rule / 32] >> rule % 32 & 1);
}

/** The next rule that counts, of replies and look-ups alike. @return false behind the last */
bool catalog_next_choice(const struct catalog *, struct catalog_cursor *, struct catalog_choice *);

/** Whether a fragment of the rule's words that is looked for in links occurs; *fragment is then set to it. */
bool catalog_query_link(const struct catalog_query *, struct catalog_choice, struct span *fragment);

#endif
