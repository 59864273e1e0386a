/**
 * The interface between the dialogue and whatever knows mechanisms (sasl/).
 * The dialogue frames AUTH (RFC 4954); an authenticator chooses the mechanism
 * and answers challenges.
 */
#ifndef SMTP_AUTH_H
#define SMTP_AUTH_H

#include "base/span.h"
#include "smtp/capability.h"
#include "smtp/vocabulary.h"

/** Bounds on an exchange (RFC 4954 4: a line may have 12288 octets; we take more and say so). */
enum {
    AUTH_ROUNDS_LIMIT = 16,
    AUTH_CHALLENGE_LIMIT = 64 * 1024,
};

/** What the connection is, as far as it matters to the choice of a mechanism. */
struct auth_circumstances {
    bool in_tls;
    bool peer_verified;       /* the certificate was proven */
    bool verification_wanted; /* then no password goes to a peer that is not proven */
    bool tls_was_declined;    /* the user said --no-tls */
    bool has_client_certificate;
    const char *host;         /* for mechanisms that name the service (DIGEST-MD5, GSSAPI) */
};

enum auth_state {
    AUTH_CONTINUE, /* send the response and await the server */
    AUTH_COMPLETE, /* the same, and the mechanism is satisfied: 235 may come now */
    AUTH_GIVE_UP,  /* cancel with "*": `cause` and `reason` say why */
};

/**
 * What the authenticator wants next. Spans live until the next call and hold
 * octets before base64. Text in `reason` is for people.
 */
struct auth_action {
    enum auth_state state;
    const char *mechanism;  /* to name on the AUTH line; set by choose */
    bool has_response;      /* an initial response exists; it may be empty ("=", RFC 4954 4) */
    struct span response;
    bool is_secret;         /* the response holds the password or could be used to guess it */
    struct span shown;      /* the response as it may be shown: decoded, the secret masked; may hold NUL */
    unsigned long iterations; /* SCRAM: the count that the server has just asked for, else 0; few are weak */
    enum cause cause;       /* with AUTH_GIVE_UP: auth-no-common-mechanism, auth-exchange-invalid, ... */
    const char *reason;
    const char *ours;       /* the mechanisms of this machine between blanks, if that is why; else NULL */
};

struct authenticator {
    /**
     * Chooses a mechanism among those offered, not one that was tried already,
     * and begins it. AUTH_GIVE_UP if none is left or allowed.
     */
    void (*choose)(struct authenticator *, const struct capability_set *,
                   const struct auth_circumstances *, struct auth_action *);

    /** Answers a decoded challenge. */
    void (*respond)(struct authenticator *, struct span challenge, struct auth_action *);

    /**
     * The server has answered with `code`. For 235: AUTH_COMPLETE only when the
     * mechanism agrees (INVARIANTS: a server signature must have been verified),
     * else AUTH_GIVE_UP. For others: AUTH_CONTINUE if another mechanism may be
     * tried now, AUTH_GIVE_UP if not.
     */
    void (*conclude)(struct authenticator *, int code, struct auth_action *);

    /**
     * The connection ended or TLS began: forget the exchange, keep what is remembered about tried
     * mechanisms.
     */
    void (*reset)(struct authenticator *);
};

#endif
