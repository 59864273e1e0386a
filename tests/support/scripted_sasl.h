/**
 * An authenticator for tests that needs no library: a few mechanisms with one
 * fixed user "jo" and one fixed password "pencil".
 *
 *   PLAIN   initial response
 *   LOGIN   two challenges, whatever they say
 *   EMPTY   an initial response of no octets, then one challenge
 *   SCRAM   client first, "r=abc..." wanted, then "v=good" proves the server
 *   ENDLESS answers every challenge
 *   BROKEN  gives up at the first challenge
 */
#ifndef SUPPORT_SCRIPTED_SASL_H
#define SUPPORT_SCRIPTED_SASL_H

#include "smtp/auth.h"

enum { SCRIPTED_MECHANISM_LIMIT = 8 };

struct scripted_sasl {
    struct authenticator authenticator; /* must stay the first member */
    struct span allowed;                /* names between commas, in order */
    bool try_all;                       /* go on after 535 as well */
    unsigned tried;                     /* bits of scripted mechanisms */
    int current;                        /* -1: none */
    unsigned round;
    bool satisfied;
};

/** `allowed` must outlive it. */
void scripted_sasl_init(struct scripted_sasl *, struct span allowed, bool try_all);

#endif
