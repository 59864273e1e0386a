/**
 * Questions to the DNS: c-ares on libev, and the one place that sees ares.h.
 */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H

#include "base/error.h"
#include "dns/message.h"

struct ev_loop;
struct resolver;

struct resolver_settings {
    const char *server;   /* ADDRESS[:PORT] or [ADDRESS]:PORT; NULL: the system's resolvers */
    duration timeout;     /* for each query name, all tries together at most twice that; NEVER: 30 s */
};

/** Opens nothing yet: c-ares is initialised with the first question. */
struct resolver *resolver_new(struct ev_loop *, const struct resolver_settings *);
void resolver_free(struct resolver *);

/** Checks the text of --dns-server. */
bool resolver_check_server(const char *server, struct error *);

/** Whether the resolver in use is on this machine or in a private network (loopback, RFC 1918, ULA). */
bool resolver_is_private(struct resolver *);

/** "127.0.0.1:53": the first resolver in use, for reports; valid until the resolver is freed. */
const char *resolver_server(struct resolver *);

/**
 * Asks. The answer is called for exactly once, from the event loop or, where
 * the outcome is known at once, before resolver_ask() returns; its memory is in
 * `arena`. Names that are no legal question are answered DNS_FAILED with a
 * reason. SERVFAIL is asked again with checking disabled to tell a DNSSEC
 * failure from others; truncated answers are asked again over TCP.
 */
typedef void resolver_answer(void *context, struct dns_answer *);
void resolver_ask(struct resolver *, const char *name, enum dns_type, struct arena *,
                  resolver_answer *, void *context);

/** Drops all questions that are under way: their answers will not be called. */
void resolver_cancel(struct resolver *);

/** c-ares' own version, for --version. */
const char *resolver_library_version(void);

#endif
