/**
 * One explanation in the making: what the files that make it share.
 */
#ifndef DIAGNOSE_EXPLAINER_H
#define DIAGNOSE_EXPLAINER_H

#include "diagnose/catalog_match.h"
#include "diagnose/places.h"

struct explainer {
    struct arena *arena;
    const struct explain_context *context;
    struct catalog_query query;
    struct place_extras extras;
    const char *software; /* that the greeting gives away, or NULL */
};

/** Reads the reply; nothing is decided yet. */
void explainer_init(struct explainer *, const struct catalog *, const struct reply *,
                    const struct explain_context *, struct arena *);

/** The rule's texts, places filled in, without remarks but its own. */
struct explanation *explainer_tell(const struct explainer *, struct catalog_choice);

/** The name of the block list that the reply gives, as the rule has it or the words; empty if none. */
struct span explainer_list_named(const struct explainer *, struct catalog_choice);

/**
 * The client's address that a refusal of it names, among its words or in a
 * link; NULL if it names none for certain, or the rule is about something else.
 */
const char *explainer_client_named(const struct explainer *, struct catalog_choice);

/**
 * Sets the sender or recipient of `extras` to the mailbox that a refusal of it
 * begins with: "<user@example.com>: Recipient address rejected".
 */
void explainer_name_mailbox(struct explainer *, struct catalog_choice, const struct reply *);

/** Adds what the codes and our own facts have to say to the explanation by the rule that decided. */
void explainer_add_remarks(const struct explainer *, struct catalog_choice decided, struct explanation *);

const char *explainer_fill(const struct explainer *, const char *text, enum place_manner);

enum { EXPLAINER_REMARKS_ROOM = 16 };

#endif
