/**
 * One target's life: resolve, connect, converse; address after address and
 * host after host until one gets through greeting and EHLO. All that is seen
 * goes into a record; what it means is decided elsewhere.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "probe/environment.h"
#include "probe/record.h"

struct probe_settings {
    struct plan *plan;          /* complete, but for what `introduce` adds */
    const char *server;         /* host or address given by the user, or NULL: the MX of `domain` */
    const char *domain;         /* A-labels of the domain to route, or NULL */
    const char *literal;        /* address of an address literal, or NULL */
    unsigned port;
    int family;                 /* AF_INET, AF_INET6, or 0 for both */
    size_t mx_limit;
    size_t address_limit;
    const char *local_address;  /* --local-interface, or NULL */
    unsigned local_port;
    const char *helo;           /* NULL: the address literal of our end of the connection */
    const char *auth_user;
    bool verify_wanted;
    struct authenticator *authenticator; /* NULL without AUTH */

    /**
     * Called once, before the first dialogue, with our name in the greeting:
     * completes what of the plan depends on it (the default reverse-path and
     * the message). May be NULL.
     */
    void (*introduce)(void *context, const char *helo);
    void *introduce_context;
};

struct probe;

/** Something was added to the record; `is_over` with the last call. */
typedef void probe_observer(void *context, bool is_over);

/** All pointers must outlive the probe; the record and all in it live in the arena. */
struct probe *probe_new(struct environment *, const struct probe_settings *, struct arena *,
                        probe_observer *, void *context);
void probe_free(struct probe *);

/** Begins; everything else happens in the event loop. */
void probe_start(struct probe *);

/** Ends the probe at once because of a signal. */
void probe_cancel(struct probe *, int signal_number);

const struct record *probe_record(const struct probe *);

#endif
