/**
 * What is known of SASL mechanisms: rank, needs, and the Debian package that
 * brings each. Pure data.
 */
#ifndef SASL_MECHANISM_H
#define SASL_MECHANISM_H

#include "base/span.h"

struct mechanism {
    const char *name;
    int rank;               /* higher is stronger; 0: only when named by the user */
    bool sends_password;    /* in clear to whoever listens: PLAIN, LOGIN */
    bool needs_user;
    bool needs_password;
    bool proves_server;     /* a server that does not know the password is found out */
    bool is_weak;           /* CRAM-MD5, DIGEST-MD5, NTLM: RFC 6331 and its like */
    const char *package;    /* Debian package with the plugin */
};

/** NULL if it is not one that we know. */
const struct mechanism *mechanism_find(struct span name);

/** All that we know, strongest first; ended by an entry without a name. */
extern const struct mechanism mechanisms[];

#endif
