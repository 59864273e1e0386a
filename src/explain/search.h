/** Searches titles and causes for words that a person remembers. */
#ifndef EXPLAIN_SEARCH_H
#define EXPLAIN_SEARCH_H

#include "diagnose/catalog.h"

/** What is known of the cause of this id, blanks serving for hyphens. @return NULL if there is none */
const struct explanation *search_cause(struct span words, const struct explain_context *, struct arena *);

/**
 * The rules whose titles, ids and causes together have all the words: the most
 * general one is the explanation, the others are its variants, up to SEARCH_LIMIT.
 * @return NULL if no rule has them
 */
const struct explanation *search_words(const struct catalog *, struct span words,
                                       const struct explain_context *, struct arena *);

#endif
