/** What is checked of DIGEST-MD5 challenges (RFC 2831 2.1.1) before libsasl2 sees them. */
#ifndef SASL_DIGEST_H
#define SASL_DIGEST_H

#include "base/span.h"

/**
 * Whether a directive that may come once comes again: RFC 2831 bids the client
 * stop, while libsasl2 takes the last one and loses the memory of the first.
 */
bool digest_has_repeats(struct span challenge);

#endif
