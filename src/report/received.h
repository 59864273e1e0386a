/** What servers say, as a report may show it. */
#ifndef REPORT_RECEIVED_H
#define REPORT_RECEIVED_H

#include "base/secret.h"
#include "smtp/reply.h"

/**
 * All octets of a reply with secrets masked, also one that begins in a line and
 * ends in another: servers that echo a long command fold it.
 * @param secrets may be NULL
 * @return as long as reply->raw, which it is if there is nothing to mask; else in the arena
 */
struct span received_masked(const struct reply *, const struct secret_list *secrets, struct arena *);

/** The place of reply->lines[index] in what received_masked() gave. */
struct span received_line(const struct reply *, struct span masked, size_t index);

#endif
