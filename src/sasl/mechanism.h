/**
 * What is known of SASL mechanisms: rank, needs, and the Debian package that
 * brings each. Pure data.
 */
#ifndef SASL_MECHANISM_H
#define SASL_MECHANISM_H

#include "base/span.h"

struct mechanism {
    const char *name;
    int rank;            /* higher is stronger; 0: only when named by the user */
    bool sends_password; /* in clear to whoever listens: PLAIN, LOGIN, a bearer token */
    bool needs_user;
    bool needs_password;
    bool needs_ticket;      /* of Kerberos */
    bool needs_certificate; /* shown in the TLS handshake */
    bool proves_server;     /* a server that does not know the password is found out */
    bool is_weak;           /* CRAM-MD5, DIGEST-MD5, NTLM: RFC 6331 and its like */
    bool is_text;           /* challenges are text, in which a NUL has no place */
    const char *plugin;     /* file name without suffix in libsasl2's folder; NULL: built in, or any */
    const char *package;    /* Debian package with the plugin; NULL: none has it, or none is needed */
};

/** NULL if it is not one that we know. */
const struct mechanism *mechanism_find(struct span name);

/**
 * What to assume of a mechanism that we do not know, but that the user names
 * and a plugin may bring: that it needs all protection.
 */
extern const struct mechanism unknown_mechanism;

/** All that we know, strongest first; ended by an entry without a name. */
extern const struct mechanism mechanisms[];

/** Whether it is one of the SCRAM family (RFC 5802, RFC 7677). */
bool mechanism_is_scram(const struct mechanism *);

#endif
