/**
 * What to say: the immutable description of one dialogue, made by cli/settings
 * and read by the engine. One plan serves any number of attempts.
 */
#ifndef SMTP_PLAN_H
#define SMTP_PLAN_H

#include "base/instant.h"
#include "base/span.h"
#include "smtp/mailbox.h"
#include "smtp/vocabulary.h"

enum tls_policy {
    TLS_OPPORTUNISTIC,    /* the default: STARTTLS where offered; what fails then is final */
    TLS_NONE,             /* --no-tls */
    TLS_REQUIRED,         /* --tls, --tls-verify */
    TLS_OPTIONAL,         /* --tls-optional: go on in clear whatever happens */
    TLS_OPTIONAL_STRICT,  /* --tls-optional-strict: absence is fine, failure is final */
    TLS_IMPLICIT,         /* --tls-on-connect */
};

enum auth_policy {
    AUTH_NONE,
    AUTH_REQUIRED,
    AUTH_OPTIONAL,        /* --auth-optional: failure is tolerated */
    AUTH_OPTIONAL_STRICT, /* --auth-optional-strict: absence is fine, failure is final */
};

enum smtputf8_policy { SMTPUTF8_AUTO, SMTPUTF8_FORCE, SMTPUTF8_NO };

/** Where to leave the dialogue early. */
enum stop_manner {
    STOP_NOT,
    STOP_QUIT,            /* --quit-after: with QUIT, once the stage has been answered */
    STOP_DROP,            /* --drop-after: without QUIT */
    STOP_DROP_AFTER_SEND, /* --drop-after-send: before the reply */
};

/** Stop points have swaks' own granularity: the first greeting is not the last. */
enum stop_point {
    STOP_AT_BANNER,
    STOP_AT_FIRST_EHLO,
    STOP_AT_STARTTLS,
    STOP_AT_EHLO, /* the last greeting, inside TLS if TLS is used */
    STOP_AT_AUTH,
    STOP_AT_MAIL,
    STOP_AT_RCPT,
    STOP_AT_DATA,
    STOP_AT_BODY,
};

struct plan {
    bool lmtp;                 /* LHLO, and a reply per recipient after the body (RFC 2033) */
    bool helo_only;            /* --protocol SMTP: greet with HELO, as old clients do */
    const char *helo;          /* NULL: an address literal of our end, see dialogue_init() */
    enum tls_policy tls;
    bool fell_back_to_clear;   /* the second try of TLS_OPTIONAL, with TLS_NONE: not the user's wish */
    enum auth_policy auth;
    bool verification_wanted;  /* some --tls-verify: no password to a peer that is not proven */
    bool has_client_certificate;
    const struct mailbox *sender;
    const struct mailbox *recipients;
    size_t recipient_count;
    bool require_all_recipients;
    struct span message;       /* LF or CRLF line ends, before stuffing */
    bool raw_message;          /* send as it is, terminator included (--no-data-fixup) */
    bool message_is_8bit;      /* asks for BODY=8BITMIME where offered (RFC 6152) */
    enum smtputf8_policy smtputf8;
    bool needs_smtputf8;       /* an address or header field demands it */
    bool pipeline;             /* group commands where PIPELINING is offered (RFC 2920) */
    enum stop_manner stop;
    enum stop_point stop_at;
    duration timeout;          /* for each whole reply; NEVER: none */
    duration quit_timeout;     /* what QUIT may take: min(timeout, 3 s) */
};

#endif
