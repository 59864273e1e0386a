/**
 * Places in the texts of catalog and vocabulary, such as {recipient}, that are
 * filled with the values at hand.
 */
#ifndef DIAGNOSE_PLACES_H
#define DIAGNOSE_PLACES_H

#include "base/arena.h"
#include "base/span.h"

struct explain_context;

/** What a reply itself gives to fill in. */
struct place_extras {
    int code;             /* 0: none */
    const char *enhanced; /* "5.1.1", or NULL */
    struct span listed_by;
    const char *client_address; /* that the reply is about, for want of our own; or NULL */
    const char *recipient;      /* that it names, for want of ours, as is the sender; or NULL */
    const char *sender;
};

enum place_manner {
    PLACES_IN_PROSE,   /* unknown: "the recipient" */
    PLACES_IN_COMMAND, /* unknown: RECIPIENT; known values are quoted for a shell where they need it, and
                          commands ask the resolver that the user named */
};

/** Whether a place of this name exists. */
bool place_is_known(struct span name);

/**
 * Fills in every place of the text. Braces that hold no known name stay.
 * @param extras may be NULL
 */
const char *places_fill(const char *text, enum place_manner, const struct explain_context *,
                        const struct place_extras *, struct arena *);

#endif
