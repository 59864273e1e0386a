/**
 * What all probes of a process share, made by main and opened on first use:
 * nothing foreign is initialised before it is wanted.
 */
#ifndef PROBE_ENVIRONMENT_H
#define PROBE_ENVIRONMENT_H

#include "base/error.h"
#include "dns/resolver.h"
#include "tls/channel.h"

#include <ev.h>

struct environment {
    struct ev_loop *loop;
    struct resolver_settings resolver_settings;
    struct tls_settings tls_settings;
    struct resolver *resolver;  /* NULL until wanted */
    struct tls_context *tls;    /* NULL until wanted */
};

/** The version of the event loop's library, for --version. */
const char *environment_loop_version(void);

/** Makes the event loop. @return false with a message if the system has none for us */
bool environment_open(struct environment *, struct error *);

/** Releases all, the event loop too. */
void environment_clear(struct environment *);

struct resolver *environment_resolver(struct environment *);

/** @return NULL with a message if the settings cannot be carried out. */
struct tls_context *environment_tls(struct environment *, struct error *);

#endif
