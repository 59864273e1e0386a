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
    /** ADDRESS[:PORT] or [ADDRESS]:PORT, several between commas; NULL: the system's resolvers */
    const char *server;
    /** for each question; with those that follow from its answer at most twice that; NEVER: 30 s */
    duration timeout;
    const char *resolv_conf; /* NULL: /etc/resolv.conf; not read if there is a server */
    const char *hosts_file;  /* NULL: /etc/hosts */
};

/**
 * Opens nothing yet: c-ares is initialised with the first question.
 * @param settings copied, the texts not: they must outlive the resolver
 */
struct resolver *resolver_new(struct ev_loop *, const struct resolver_settings *);

/** Drops all questions as resolver_cancel() does; may be called from an answer. NULL is allowed. */
void resolver_free(struct resolver *);

/** Checks the text of --dns-server. */
bool resolver_check_server(const char *server, struct error *);

/**
 * Whether the first resolver in use is on this machine or in a private network
 * (loopback, RFC 1918, ULA); false if none was asked.
 */
bool resolver_is_private(struct resolver *);

/**
 * Whether the AD bit of its answers counts (RFC 4035 4.9.3): all resolvers in
 * use are on this machine, or resolv.conf says "options trust-ad".
 */
bool resolver_is_trusted(struct resolver *);

/**
 * "127.0.0.1:53": the first resolver in use, for reports; NULL if none was
 * asked; valid until the resolver is freed.
 */
const char *resolver_server(struct resolver *);

/**
 * Asks. The answer is called for exactly once, always from the event loop and
 * never before resolver_ask() returns, unless resolver_cancel() or
 * resolver_free() comes first; its memory is in `arena`, which must live until
 * then. It may ask, cancel and free.
 *
 * Names that are no legal question are answered DNS_FAILED with a reason, and
 * so is everything while no resolver can be had or reached. SERVFAIL is asked
 * again with checking disabled to tell a DNSSEC failure from others; truncated
 * answers are asked again over TCP. "localhost" and names below it are answered
 * with the loopback addresses and not asked (RFC 6761 6.3).
 */
typedef void resolver_answer(void *context, struct dns_answer *);
void resolver_ask(struct resolver *, const char *name, enum dns_type, struct arena *, resolver_answer *,
                  void *context);

/**
 * The same for the addresses of a host that the user named himself: what the
 * hosts file says goes first, as it does for other programs. Not for MX hosts,
 * which every mail server takes from DNS alone.
 */
void resolver_ask_host(struct resolver *, const char *name, enum dns_type, struct arena *, resolver_answer *,
                       void *context);

/** One of the two. */
typedef void resolver_asker(struct resolver *, const char *name, enum dns_type, struct arena *,
                            resolver_answer *, void *context);

/** Drops all questions that are under way: their answers will not be called. */
void resolver_cancel(struct resolver *);

/** c-ares' own version, for --version. */
const char *resolver_library_version(void);

#endif
