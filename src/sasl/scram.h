/**
 * What is checked of SCRAM messages (RFC 5802 5.1, 7) before libsasl2 sees
 * them, since it accepts an iteration count of 0.
 */
#ifndef SASL_SCRAM_H
#define SASL_SCRAM_H

#include "base/span.h"

enum {
    SCRAM_ITERATIONS_LIMIT = 65536,  /* of libsasl2 */
    SCRAM_ITERATIONS_ADVISED = 4096, /* RFC 7677 4: at least */
};

enum scram_fault {
    SCRAM_SOUND,
    SCRAM_MALFORMED,          /* not r=, s=, i= in this order, or a count that is no positive number */
    SCRAM_NONCE_FOREIGN,      /* the nonce does not extend ours: an answer to somebody else, or a replay */
    SCRAM_TOO_MANY_ITERATIONS /* more than libsasl2 does */
};

/** The value of the attribute `name` in a message; `at` is NULL if it has none. */
struct span scram_attribute(struct span message, char name);

/**
 * Judges the server's first message.
 * @param client_first what we sent: it holds our nonce
 * @param iterations set to the count if there is one, else to 0; at most ULONG_MAX
 */
enum scram_fault scram_check_server_first(struct span client_first, struct span server_first,
                                          unsigned long *iterations);

#endif
