/**
 * Records for tests, made by hand: no network, no clock, no TLS library. The
 * sessions in them are played by the real engine, as scripts of what the
 * server does.
 *
 * A new builder has a plan from "user@sender.example" to "user@example.com",
 * with a message and no login, and a record in which nothing was seen yet.
 * Change both as the test needs them, then let things happen in order.
 */
#ifndef SUPPORT_RECORD_BUILDER_H
#define SUPPORT_RECORD_BUILDER_H

#include "probe/record.h"
#include "scripted_sasl.h"

enum { BUILDER_RECIPIENTS = 4, BUILDER_HOSTS = 8, BUILDER_ADDRESSES = 8 };

/** Wall clock at the start: 2026-01-01T00:00:00Z. */
#define BUILDER_STARTED ((time_t)1767225600)

struct record_builder {
    struct arena arena;
    struct plan plan;
    struct mailbox sender;
    struct mailbox recipients[BUILDER_RECIPIENTS];
    struct record record;
    struct scripted_sasl sasl;
    struct tls_facts *tls;   /* what the next handshake will show; made anew for each attempt */
    enum cause verification; /* ... and why --tls-verify is not satisfied with it; CAUSE_OK: it is */
    instant now;

    /* The builder's own */
    bool takes_little;
    size_t takes; /* then this many octets yet */
    struct attempt *attempt;
    const char *allowed_mechanisms; /* NULL: no authenticator */
    size_t told_written, told_answered;
};

void builder_init(struct record_builder *);
void builder_clear(struct record_builder *);

/** One more recipient, behind user@example.com. */
void builder_add_recipient(struct record_builder *, const char *mailbox);

/** A login with these mechanisms of scripted_sasl.h, between commas. */
void builder_log_in(struct record_builder *, enum auth_policy, const char *mechanisms);

/* --- Names --- */

/** An answer with no records. */
struct dns_answer *builder_answer(struct record_builder *, const char *name, enum dns_type, enum dns_status);

/** The MX look-up came to this; the route is made by the real code from it. Call it after the records were
 * added. */
void builder_route(struct record_builder *, struct dns_answer *mx);
void builder_add_mx(struct record_builder *, struct dns_answer *mx, unsigned preference,
                    const char *exchange);
void builder_add_srv(struct record_builder *, struct dns_answer *, unsigned port, const char *target);

/** One more link of the chain of aliases behind the name that was asked for. */
void builder_add_alias(struct record_builder *, struct dns_answer *, const char *alias);

/** --server: the target is this host, without MX. */
void builder_server(struct record_builder *, const char *host, unsigned port);

/** A host's addresses, between blanks, are known now, and count as public. */
void builder_resolve(struct record_builder *, size_t host, const char *addresses);

/** ... or there are none, for this reason. */
void builder_resolve_fails(struct record_builder *, size_t host, enum dns_status);

/** The usual beginning: example.com has the MX mx1.example.com, and that the address 192.0.2.25. */
void builder_usual_route(struct record_builder *);

/* --- Connections --- */

void builder_connect_fails(struct record_builder *, size_t host, size_t address, enum cause, int error_number,
                           duration after);
void builder_connect(struct record_builder *, size_t host, size_t address, duration after);

/**
 * Plays what the server does, line by line up to NULL; what we say is taken
 * before each. A line is a reply, whose lines are parted by "\n" and get their
 * CRLF, 10 ms after the last; or one of
 *
 *     !octets TEXT    these octets as they are, while our next command is not written yet
 *     !take N         of what we say from now on only this many octets are taken
 *     !wait MS        time passes
 *     !tls            the handshake ends as `tls` and `verification` say, after 30 ms
 *     !close !reset   the server ends the connection
 *     !silence        our patience ends
 *     !broke          inside TLS 1.3 the server refuses our certificate or its lack: `tls` says so
 *     !cancel N       signal N
 */
void builder_session(struct record_builder *, const char *const *script);

/** Nothing more will come. */
void builder_end(struct record_builder *);

#endif
