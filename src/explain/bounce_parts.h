/** What the readers of bounces share; see bounce.h. */
#ifndef EXPLAIN_BOUNCE_PARTS_H
#define EXPLAIN_BOUNCE_PARTS_H

#include "explain/item.h"

/** One sighting for each recipient, in the order of the message. */
struct bounce_list {
    struct arena *arena;
    struct sighting *at;
    size_t count;
    size_t capacity;
};

/**
 * Adds what was seen of a recipient. Where there is something of it already,
 * that with a reply is kept, of two the first. More than BOUNCE_RECIPIENTS_LIMIT
 * are left out.
 */
void bounce_add(struct bounce_list *, const struct sighting *);

/** Reads message/delivery-status (RFC 3464 2): one sighting for each recipient's group of fields. */
void bounce_read_status(struct span status, struct bounce_list *);

/** Reads what a mail server wrote for people. */
void bounce_read_text(struct span text, enum item_action action, struct bounce_list *);

/** Whether the words say that delivery goes on: a warning, not the end. */
bool bounce_is_delay(struct span text);

/** The address that the text is, without <> and punctuation around it; empty if it is none. */
struct span bounce_address(struct span text);

#endif
