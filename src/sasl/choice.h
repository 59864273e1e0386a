/**
 * Which mechanism to use: a decision of ours and not of libsasl2, which from
 * "PLAIN GSSAPI" takes GSSAPI and fails without a ticket. Pure.
 */
#ifndef SASL_CHOICE_H
#define SASL_CHOICE_H

#include "base/buffer.h"
#include "sasl/mechanism.h"
#include "smtp/auth.h"

struct auth_settings {
    const char *const *allowed; /* mechanisms in the user's order, ended by NULL; NULL: bare --auth */
    const char *user;           /* or NULL: none */
    struct span password;       /* wiped by its owner; `at` is NULL: none */
    const char *authzid;        /* or NULL */
    const char *realm;          /* or NULL */
    const char *host;           /* for DIGEST-MD5 instead of the circumstances' host, or NULL */
    const char *service;        /* ... instead of "smtp", or NULL */
    const char *service_name;   /* ... its serv-name, or NULL */
    const char *mask;           /* what is shown in place of a secret; NULL: PROVIDED_BUT_REMOVED */
    bool try_all;               /* go on to the next mechanism after a 535 too */
    const char *alias_map;      /* "ALIAS=TYPE,..." (--auth-map), or NULL */
};

/** All that the choice depends on. */
struct choice {
    const struct auth_settings *settings;
    const struct capability_set *offered;
    const struct auth_circumstances *circumstances;
    bool has_ticket;      /* a Kerberos credential cache is there */
    struct span excluded; /* names between blanks: tried already, or missing on this machine */
};

struct candidate {
    struct span name;                  /* to stand on the AUTH line; lives as long as settings and offer */
    const struct mechanism *mechanism; /* what it is; &unknown_mechanism if we do not know it */
    struct span type;                  /* its name for libsasl2 */
    bool sends_user_first;             /* LOGIN with the user as initial response (LOGIN-INITIAL) */
};

/**
 * Chooses the strongest mechanism offered, or with a list of the user's the
 * first of the list that is.
 *
 * A password goes in clear only inside TLS, or where the user has said both
 * --no-tls and the mechanism's name; and where verification is wanted only to
 * a peer that was proven. GSSAPI needs a ticket and EXTERNAL a client
 * certificate and no password, unless they are named.
 * @return false if none is left
 */
bool choice_make(const struct choice *, struct candidate *);

/**
 * Says in `reason`, for people, why choice_make() found none.
 * @param ours the mechanisms of this machine, between blanks
 */
enum cause choice_explain(const struct choice *, struct span ours, struct buffer *reason);

/** Whether another mechanism may be tried after the server refused one with `code`. */
bool choice_may_go_on(const struct auth_settings *, int code);

#endif
