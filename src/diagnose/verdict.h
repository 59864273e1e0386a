/**
 * One line at the end: how it went, where, why, and the exit status.
 */
#ifndef DIAGNOSE_VERDICT_H
#define DIAGNOSE_VERDICT_H

#include "diagnose/catalog.h"
#include "diagnose/finding.h"

struct verdict {
    enum outcome outcome;
    enum stage stage;
    enum cause cause;
    const char *title; /* the sentence, without the exit status */
    int code;          /* of the reply that decided, or 0 */
    struct enhanced_status enhanced;
    enum retry retry;
    int exit_status;
    const struct explanation
        *explanation; /* of the reply that decided, or of a cause that is no finding; or NULL */
    bool is_untold;   /* the explanation stands under no reply */
};

void verdict_reach(struct verdict *, const struct record *, const struct catalog *, struct arena *);

/** The context in which an exchange's reply is to be read: stage, peer and our own facts. */
struct explain_context explain_context_of(const struct record *, const struct attempt *,
                                          const struct exchange *, struct arena *);

/** The explanation of one exchange of the record: the same for the live report, JSON and the verdict. NULL if
 * it has no sound reply. */
const struct explanation *explain_exchange(const struct record *, const struct attempt *, size_t exchange,
                                           const struct catalog *, struct arena *);

#endif
