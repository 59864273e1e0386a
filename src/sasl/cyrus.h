/**
 * The authenticator on Cyrus libsasl2. The one place that sees sasl.h.
 *
 * libsasl2 does not choose: choice.h does, and passes it exactly one mechanism.
 * The library is opened on first use and then loads just the plugin of that
 * mechanism, so that a PLAIN login does not drag in Kerberos (0.1 ms in place
 * of 1.3 with the plugins of libsasl2-modules alone).
 *
 * Its plugins belong to the process: of several authenticators at one time,
 * those that come later see only what the first one loaded.
 */
#ifndef SASL_CYRUS_H
#define SASL_CYRUS_H

#include "base/buffer.h"
#include "sasl/choice.h"
#include "smtp/auth.h"

/** Settings must outlive the authenticator. Nothing is initialised yet. */
struct authenticator *cyrus_authenticator_new(const struct auth_settings *);

/** Wipes what it held of secrets and closes the library; NULL is fine. */
void cyrus_authenticator_free(struct authenticator *);

/**
 * Adds the mechanisms that libsasl2 has here, between blanks, strongest first.
 * Loads every plugin, so it is for --support and for messages.
 */
void cyrus_mechanisms(struct buffer *out);

/** "2.1.28" */
const char *cyrus_library_version(void);

#endif
