/**
 * The catalog: rules that turn a reply and its surroundings into an
 * explanation. The built-in rules are compiled from data/catalog/ when the
 * program is built; nothing is parsed or allocated when it starts.
 */
#ifndef DIAGNOSE_CATALOG_H
#define DIAGNOSE_CATALOG_H

#include "diagnose/explanation.h"

/**
 * Explains a reply. Always gives an explanation: the class of the code is the
 * last resort (then `known` is false). Pure, and bounded in time for any text.
 */
const struct explanation *catalog_explain(const struct reply *, const struct explain_context *,
                                          struct arena *);

#endif
