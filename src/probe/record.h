/**
 * Everything that one probe observed: the evidence from which findings,
 * verdict and reports are made, and nothing else is.
 */
#ifndef PROBE_RECORD_H
#define PROBE_RECORD_H

#include "dns/route.h"
#include "smtp/dialogue.h"
#include "tls/facts.h"

#include <time.h>

/** How one attempt to reach one address went. */
enum attempt_result {
    ATTEMPT_CONNECTING,
    ATTEMPT_CONNECT_FAILED, /* `cause` and `error_number` say why */
    ATTEMPT_UNDER_WAY,
    ATTEMPT_ENDED,          /* the dialogue's end says how */
};

struct attempt {
    size_t host_index;         /* in record.route.hosts */
    const char *host;          /* MX host or server name; the address if there is none */
    struct route_address address;
    unsigned port;
    bool implicit_tls;
    const char *local_address; /* our end once connected, else NULL */
    unsigned local_port;
    const char *helo;          /* our name in the greeting */
    enum attempt_result result;
    enum cause cause;          /* of a failed connection; CAUSE_OK otherwise */
    int error_number;          /* errno, or 0 */
    bool moved_on;             /* it failed before EHLO was done: the next address or host was tried */
    bool in_clear_again;       /* --tls-optional: the second try after a failed handshake */
    struct tls_facts *tls;     /* NULL if TLS was not tried */
    struct dialogue dialogue;  /* valid once connected; its exchanges are the transcript */
    instant began, connected, ended;
    unsigned round_trips;      /* flights that had to be waited for, the TCP handshake counting as one */
};

/** Whether the dialogue of the attempt has begun. */
static inline bool attempt_has_dialogue(const struct attempt *attempt)
{
    return attempt->dialogue.plan != NULL;
}

/** The order in which things were seen, so that a live report and a replayed one are alike. */
enum event_kind {
    EVENT_RESOLVING,      /* a question was asked */
    EVENT_RESOLVED,       /* the route is known; see record.route */
    EVENT_HOST_RESOLVED,  /* addresses of route.hosts[index] */
    EVENT_CONNECTING,     /* attempts[attempt] */
    EVENT_CONNECTED,
    EVENT_CONNECT_FAILED,
    EVENT_TLS_STARTED,
    EVENT_TLS_DONE,       /* finished or failed; see attempt->tls */
    EVENT_SENT,           /* exchange `index` of the attempt was written */
    EVENT_REPLIED,        /* ... was answered */
    EVENT_CLOSED,         /* the connection is gone */
    EVENT_SUBMISSION,     /* record.submission is known */
    EVENT_OWN_NAME,       /* record.own_name is known */
    EVENT_END,            /* nothing more will come */
};

struct event {
    enum event_kind kind;
    size_t attempt;  /* index in record.attempts */
    size_t index;
    instant at;
};

/** Where a domain's users should submit mail, looked up when AUTH is not offered on an MX. */
struct submission_hosts {
    bool was_looked_up;
    struct dns_answer *submissions; /* SRV _submissions._tcp (RFC 8314 5.1); NULL if not asked */
    struct dns_answer *submission;  /* SRV _submission._tcp (RFC 6186 3.1) */
    const char *host;               /* the best to try: an SRV target, or the domain's MX or "mail." guess */
    unsigned port;
    bool from_srv;
};

/** The reverse name of our address, looked up when a server complains of it (RFC 8499: forward-confirmed). */
struct own_name {
    bool was_looked_up;
    const char *address;
    struct dns_answer *reverse; /* PTR */
    struct dns_answer *forward; /* addresses of the name; NULL if there is none */
    const char *name;           /* or NULL */
    bool is_confirmed;          /* the name leads back to the address */
};

struct record {
    struct arena *arena;

    /* What was asked for */
    const struct plan *plan;
    const char *domain;         /* that was routed, or NULL */
    const char *server;         /* --server, or NULL */
    unsigned port;
    bool verify_wanted;
    bool lacks_own_name;        /* no --helo and no full host name: the address literal stands in */
    bool dns_is_trusted;        /* the way to the resolver is trusted: its AD bit counts (RFC 4035 4.9.3) */
    const char *dns_server;     /* the resolver in use, or NULL if none was asked */
    const char *named_resolvers; /* --dns-server, or NULL: the system's */
    bool private_surroundings;  /* the resolver or --server is itself loopback or private: private targets are
                                   no surprise */
    const char *auth_user;      /* or NULL */
    time_t started;             /* wall clock */
    instant began, ended;

    /* What came of it */
    struct route route;
    struct attempt **attempts;  /* pointers stay */
    size_t attempt_count;
    size_t attempt_capacity;
    struct event *events;
    size_t event_count;
    size_t event_capacity;
    struct submission_hosts submission;
    struct own_name own_name;
    enum cause local_cause;     /* our own trouble or a signal ended it: cause; CAUSE_OK otherwise */
    const char *local_detail;
    int signal_number;
};

/**
 * The attempt that the verdict is about: the one that got through the greeting, else the last at
 * the most preferred host that was tried; NULL if none was made.
 */
struct attempt *record_decisive_attempt(const struct record *);

void record_add_event(struct record *, enum event_kind, size_t attempt, size_t index, instant at);
struct attempt *record_add_attempt(struct record *);

#endif
