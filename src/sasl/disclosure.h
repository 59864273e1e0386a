/**
 * How much of a client's message may be shown: all but the password and what
 * serves to guess it (proofs and digests, together with the challenge).
 */
#ifndef SASL_DISCLOSURE_H
#define SASL_DISCLOSURE_H

#include "base/buffer.h"
#include "sasl/mechanism.h"

/** What stands in the place of a secret unless the user wants it otherwise, as in swaks. */
#define DISCLOSURE_MASK "PROVIDED_BUT_REMOVED"

/**
 * Adds the message as it may be shown.
 * @param step counts our messages from 1
 * @param mask what stands in the place of the secret
 * @return whether anything was masked
 */
bool disclosure_add(struct buffer *shown, const struct mechanism *, unsigned step, struct span message,
                    const char *mask);

#endif
