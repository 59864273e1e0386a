/**
 * The authenticator on Cyrus libsasl2, opened on first use: sasl_client_init()
 * loads every plugin of the machine. The one place that sees sasl.h.
 *
 * libsasl2 does not choose: we rank (mechanism.h) and pass it exactly one.
 */
#ifndef SASL_CYRUS_H
#define SASL_CYRUS_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/secret.h"
#include "smtp/auth.h"

struct auth_settings {
    const char *const *allowed; /* mechanisms in the user's order, ended by NULL; NULL: bare --auth */
    const char *user;
    struct span password;       /* wiped by its owner */
    const char *authzid;        /* or NULL */
    const char *realm;          /* or NULL */
    const char *host;           /* for DIGEST-MD5 instead of the circumstances' host, or NULL */
    const char *service;        /* ... instead of "smtp", or NULL */
    const char *service_name;   /* ... its serv-name, or NULL */
    bool try_all;               /* go on to the next mechanism after a 535 too */
    const char *alias_map;      /* "ALIAS=TYPE,..." (--auth-map), or NULL */
};

/** Settings must outlive the authenticator. Nothing is initialised yet. */
struct authenticator *cyrus_authenticator_new(const struct auth_settings *);
void cyrus_authenticator_free(struct authenticator *);

/** The mechanisms that libsasl2 has here, between blanks, strongest first; initialises the library. */
const char *cyrus_mechanisms(void);

const char *cyrus_library_version(void);

#endif
