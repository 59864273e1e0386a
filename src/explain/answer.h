/**
 * What is said of an item: by the catalog where there is a reply, by what is
 * known of the cause where there is none, and for words that a person types
 * whatever they may mean: a number of a mail program, codes, a reply, a word to
 * search for.
 */
#ifndef EXPLAIN_ANSWER_H
#define EXPLAIN_ANSWER_H

#include "diagnose/catalog_finder.h"
#include "explain/item.h"

/** How many rules a search names besides the best one. */
enum { SEARCH_LIMIT = 20 };

/** @return NULL for an item without reply that names no number of a mail program either */
const struct explanation *explain_item(const struct catalog *, const struct explain_item *, struct arena *);

/**
 * The same decision without texts, for counting many.
 * @param finder of this catalog
 * @return false where explain_item() gives NULL
 */
bool explain_item_briefly(const struct catalog *, struct catalog_finder *, const struct explain_item *,
                          struct arena *scratch, struct catalog_answer *);

/**
 * Explains what a person typed: "550 5.7.1 ...", "gmail 421 4.7.28",
 * "0x800CCC78", "mailgun 400 recipient-variables", "5.7.26", "X.7.1", "greylisted".
 * @param words must outlive the item
 * @param around what --stage, --host and --provider say
 * @param item set to what was found in the words
 * @return NULL if nothing known is in them
 */
const struct explanation *explain_words(const struct catalog *, struct span words,
                                        const struct explain_context *around, struct explain_item *item,
                                        struct arena *);

/**
 * Adds what the user says of the surroundings where the input says nothing.
 * @param around its strings must outlive the item; only stage, host and provider count
 */
void explain_surround(struct explain_item *, const struct explain_context *around);

#endif
