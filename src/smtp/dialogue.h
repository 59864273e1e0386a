/**
 * The engine: one SMTP or LMTP session as seen by a client, without any input
 * or output of its own. Octets and the time go in; octets, wishes and a list of
 * exchanges come out. It never calls out, but to the authenticator.
 *
 *     socket -> dialogue_receive() -> exchanges -> ... -> dialogue_outgoing() -> socket
 *
 * The order of a session is the table in steps.c.
 */
#ifndef SMTP_DIALOGUE_H
#define SMTP_DIALOGUE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "smtp/auth.h"
#include "smtp/body.h"
#include "smtp/capability.h"
#include "smtp/exchange.h"
#include "smtp/plan.h"

struct step;

/** Octets of evidence that an end keeps. */
enum { EVIDENCE_LIMIT = 64 };

/** What all replies of a session may take together, since each has bounds of its own only (reply.h). */
enum { SESSION_LIMIT = 1024 * 1024, SESSION_LIMIT_PER_RECIPIENT = 512 };

/** The body is kept ahead of the connection by this much, whatever its size. */
enum { BODY_WINDOW = 64 * 1024 };

/** What the engine wants of its surroundings now. */
enum wish {
    WISH_READ,   /* only wait for the server */
    WISH_WRITE,  /* send dialogue_outgoing(), and read meanwhile */
    WISH_SECURE, /* begin the TLS handshake, then call dialogue_secured() or dialogue_insecure() */
    WISH_CLOSE,  /* the session is over: close the connection */
};

/** How the other side ended the connection. */
enum closing { CLOSING_EOF, CLOSING_RESET };

/** How a dialogue ended. Outcomes are derived from it in diagnose/verdict. */
enum ending {
    ENDING_NOT_YET,
    ENDING_DONE,        /* everything asked for was done, up to the stop point */
    ENDING_REPLY,       /* the reply in exchanges[decisive] refused or deferred */
    ENDING_VIOLATION,   /* the server broke the protocol: `cause` */
    ENDING_CLOSED,      /* closed or reset while a reply was due: `cause` */
    ENDING_TIMEOUT,     /* silent past the deadline */
    ENDING_UNSUPPORTED, /* something the run needs is not offered: `cause` */
    ENDING_INSECURE,    /* demanded security did not come about: `cause` */
    ENDING_LOCAL,       /* our own trouble: `cause` */
};

struct dialogue_end {
    enum ending ending;
    enum stage stage;
    enum cause cause;      /* CAUSE_UNKNOWN for ENDING_REPLY: diagnose/ decides by the reply */
    size_t decisive;       /* index of the exchange that decided, or SIZE_MAX */
    const char *detail;    /* for people, or NULL: what was found ("ssh", "got 250 where 354 was due") */
    struct span first;     /* evidence: the octets in question, at most EVIDENCE_LIMIT; more may come
                              until the connection is closed */
    duration waited;       /* ENDING_TIMEOUT: how long */
    duration patience;     /* ... and what RFC 5321 4.5.3.2 allows the server; NEVER: it gives no figure */
    size_t octets;         /* ENDING_TIMEOUT, ENDING_CLOSED: how much of the reply had come */
};

/** Facts that rules and reports need and that no single exchange shows. */
struct dialogue_notes {
    bool tls_was_tried;        /* STARTTLS was sent */
    bool in_tls;
    bool used_helo;            /* EHLO was answered 500, 502 or 504 */
    bool greeting_is_masked;   /* asterisks in the greeting: a device rewrites SMTP */
    bool went_on_in_clear;     /* TLS_OPTIONAL: STARTTLS failed or is absent */
    bool authenticated;
    const char *mechanism;     /* the one last tried, or NULL */
    unsigned long scram_iterations; /* what its server asked for; 0 without SCRAM */
    const char *auth_reason;   /* what the authenticator said when it gave up, or NULL */
    const char *auth_ours;     /* ... and the mechanisms that it has, if none would do */
    enum cause auth_cause;     /* ... and its cause; tolerated under AUTH_OPTIONAL; CAUSE_OK: none */
    bool quit_failed;          /* QUIT was refused or met with close or silence after all else succeeded */
    bool quit_met_close;       /* ... namely with a close */
    size_t recipients_accepted; /* at RCPT, and in LMTP after the message too */
    size_t recipients_refused;
    size_t starttls_offered_in_tls; /* replies to EHLO inside TLS that list STARTTLS */
    bool auth_tolerated;       /* AUTH was refused, given up or absent, and the policy let it pass */
};

/** What the engine does at the moment. */
enum dialogue_state { DIALOGUE_SPEAKING, DIALOGUE_SECURING, DIALOGUE_OVER };

/** The message on its way out. */
struct body_progress {
    struct body_stuffer stuffer;
    bool is_under_way;          /* not all of it is in the out-buffer yet */
    size_t taken;               /* octets of plan->message */
    size_t exchange;
    unsigned long long begin;   /* where it begins in all that we send */
    unsigned long long renewed; /* how far sending had come when its deadline was last renewed */
};

/** An AUTH exchange on its way. */
struct auth_progress {
    struct auth_action action;
    bool is_under_way;
    bool is_cancelled;          /* "*" is due, or was sent */
    unsigned rounds;
    size_t refusal;             /* the exchange that refused the last mechanism, or SIZE_MAX */
};

struct dialogue {
    /* For reading: the evidence so far */
    struct exchange *exchanges; /* moves when it grows: keep indexes */
    size_t exchange_count;
    size_t answered;            /* exchanges[0 .. answered) have a reply */
    size_t written;             /* exchanges[0 .. written) are in the system's hands */
    struct capability_set clear_capabilities;  /* from the EHLO before TLS */
    struct capability_set secure_capabilities; /* from the EHLO inside TLS */
    struct dialogue_notes notes;
    struct dialogue_end end;    /* ENDING_NOT_YET until the wish is WISH_CLOSE, QUIT included */

    /* The engine's own */
    const struct plan *plan;
    struct arena *arena;
    struct authenticator *authenticator;
    const char *helo;
    const char *host;
    struct reply_parser parser;
    struct buffer outgoing;
    size_t exchange_capacity;
    const struct step *step;     /* the next to say */
    enum dialogue_state state;
    struct dialogue_end decided; /* becomes the end once QUIT is done with */
    char *evidence;              /* behind end.first */
    bool has_decided;
    instant now;                 /* of the call under way */
    instant deadline;
    instant waiting_since;
    size_t watched;              /* the exchange that the deadline is for */
    unsigned long long sent;     /* octets handed to the system so far */
    size_t next_recipient;
    bool has_greeted;
    bool is_peer_verified;
    bool is_leaving;             /* only what is owed and QUIT are left to say */
    bool is_invited;             /* DATA was answered 354: we owe a message, or at least its dot */
    bool is_premature;           /* the reply under way began before its command was written */
    bool drops_when_sent;        /* STOP_DROP_AFTER_SEND: the last word is in the out-buffer */
    struct body_progress body;
    struct auth_progress auth;
};

/**
 * Begins a dialogue.
 * @param helo our name in the greeting: a domain or an address literal
 * @param host the server's name, for mechanisms that want it; may be NULL
 * @param authenticator NULL without AUTH
 * All pointers must outlive the dialogue; exchanges live in the arena.
 */
void dialogue_init(struct dialogue *, const struct plan *, struct authenticator *,
                   const char *helo, const char *host, struct arena *, instant now);

/** Releases what is not in the arena. */
void dialogue_clear(struct dialogue *);

/**
 * With TLS_IMPLICIT, whose dialogue begins with WISH_SECURE: the handshake was
 * done before dialogue_init(). The same as dialogue_secured() at that time.
 */
void dialogue_starts_secured(struct dialogue *, bool peer_verified);

/** Octets from the server, in clear form. */
void dialogue_receive(struct dialogue *, struct span octets, instant now);

/** The server has closed or reset the connection. */
void dialogue_peer_closed(struct dialogue *, enum closing, instant now);

/** To be called when dialogue_deadline() has passed; does nothing before. */
void dialogue_expired(struct dialogue *, instant now);

/** The wish WISH_SECURE was fulfilled. */
void dialogue_secured(struct dialogue *, bool peer_verified, instant now);

/** ... or failed: the connection cannot be used any more. `detail` is copied. */
void dialogue_insecure(struct dialogue *, enum cause, const char *detail, instant now);

/**
 * A pending stop from outside (signal): ends without another word. What a reply
 * has decided already stays.
 */
void dialogue_cancel(struct dialogue *, enum cause, instant now);

/**
 * What is to be sent, in one write if the connection takes it; empty if nothing.
 * Half a reply that came before the command it would answer ends the dialogue
 * here, so look at the wish again if nothing is to be sent. Valid until the next
 * call.
 */
struct span dialogue_outgoing(struct dialogue *);

/** So many octets of it were taken; call it before whatever the server says to them is passed in. */
void dialogue_sent(struct dialogue *, size_t octets, instant now);

enum wish dialogue_wish(const struct dialogue *);

/** When dialogue_expired() is due; NEVER: no deadline. */
instant dialogue_deadline(const struct dialogue *);

/** The capabilities that count now: those of the last greeting. */
const struct capability_set *dialogue_capabilities(const struct dialogue *);

/** Whether the session got through greeting and EHLO or HELO: then there is no fail-over to another host. */
bool dialogue_has_greeted(const struct dialogue *);

#endif
