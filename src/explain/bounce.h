/**
 * Reads bounce messages: multipart/report (RFC 3464, RFC 6522, RFC 6533) and the
 * free forms of Postfix, Exim, qmail, Sendmail, Exchange, Gmail, Yahoo, Courier,
 * Domino, OpenSMTPD, MDaemon and others alike.
 */
#ifndef EXPLAIN_BOUNCE_H
#define EXPLAIN_BOUNCE_H

#include "explain/item.h"

/** Bounds on what is read of a message; more is left out. */
enum {
    BOUNCE_DEPTH_LIMIT = 8, /* multiparts in one another */
    BOUNCE_PARTS_LIMIT = 64,
    BOUNCE_RECIPIENTS_LIMIT = 1000,
};

/**
 * @param message octets as they came, line ends CRLF or LF; must outlive the items
 * @param items set to an array in the arena: one item for each recipient, or one
 *              without reply that says what is lacking
 * @return how many, at least 1
 */
size_t bounce_read(struct span message, struct arena *arena, struct explain_item **items);

#endif
