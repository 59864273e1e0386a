/**
 * How a server can misbehave: a table. A mode says at which stage of the session
 * something else happens than the proper reply, or has a trait that other places
 * ask for.
 */
#ifndef PRACTICE_MODE_H
#define PRACTICE_MODE_H

#include "base/span.h"

#include <stdbool.h>

/** The places of a session where the server speaks. */
enum stage {
    STAGE_BANNER,
    STAGE_EHLO, /* LHLO with LMTP */
    STAGE_HELO,
    STAGE_STARTTLS,
    STAGE_TLS,         /* the handshake */
    STAGE_SECURE_EHLO, /* EHLO inside TLS */
    STAGE_CHALLENGE,   /* 334 */
    STAGE_AUTH,        /* the reply that ends AUTH */
    STAGE_MAIL,
    STAGE_RCPT,
    STAGE_DATA,
    STAGE_BODY, /* the reply to the message */
    STAGE_QUIT,
    STAGE_OTHER, /* RSET, NOOP, VRFY and what is no command */
    STAGE_ANY,   /* all of them */
};

enum act {
    ACT_PROPER,  /* the mode has only a trait */
    ACT_SAY,     /* this text instead of the reply */
    ACT_ADD,     /* this text behind the reply, in the same segment */
    ACT_REPEAT,  /* this text for ever */
    ACT_ECHO,    /* the password, in several forms */
    ACT_TRICKLE, /* the reply, an octet a second */
    ACT_SILENT,
    ACT_CLOSE,
    ACT_RESET,
};

enum trait {
    TRAIT_NONE = 0,
    TRAIT_NO_STARTTLS = 1 << 0,     /* not offered */
    TRAIT_STARTTLS_TWICE = 1 << 1,  /* offered inside TLS, too */
    TRAIT_NO_AUTH = 1 << 2,         /* not offered, nor taken */
    TRAIT_AUTH_IN_CLEAR = 1 << 3,   /* offered and taken without TLS */
    TRAIT_PLAIN_ON_TLS = 1 << 4,    /* the port for implicit TLS speaks in the clear */
    TRAIT_TLS_ON_PLAIN = 1 << 5,    /* the SMTP port waits for a TLS handshake */
    TRAIT_WRONG_NONCE = 1 << 6,     /* SCRAM: another nonce than the client's */
    TRAIT_WRONG_SIGNATURE = 1 << 7, /* SCRAM: a server that does not know the password */
    TRAIT_MANY_ITERATIONS = 1 << 8, /* SCRAM: 2,000,000,000 */
    TRAIT_NO_ITERATIONS = 1 << 9,   /* SCRAM: 0 */
    TRAIT_ENDLESS_CHALLENGE = 1 << 10,
};

struct mode {
    const char *name;
    enum stage stage;
    enum act act;
    struct span text;
    unsigned traits;
    char *owned; /* memory of `text` that mode_from_reply() allocated, or NULL */
};

/** Reads NAME or NAME@STAGE. @return false if there is none such */
bool mode_find(const char *text, struct mode *);

/** Reads STAGE=TEXT: a reply in place of the proper one; \r, \n, \t, \e, \\ and \xHH stand for octets.
 * The text is allocated (free `owned`), and gets a CRLF if it has no line end of its own. */
bool mode_from_reply(const char *text, struct mode *);

/** Prints one line a mode, for --help. */
void mode_print_all(void);

#endif
