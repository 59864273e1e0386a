/**
 * What a server offers in its reply to EHLO (RFC 5321 4.1.1.1). Keywords are
 * compared without regard to case, and read from each line by itself, so that
 * order and the last line play no part.
 */
#ifndef SMTP_CAPABILITY_H
#define SMTP_CAPABILITY_H

#include "smtp/reply.h"

/** Extensions that the program or its explanations know; see capability.c for their RFCs. */
enum extension {
    EXTENSION_8BITMIME,
    EXTENSION_AUTH,
    EXTENSION_BINARYMIME,
    EXTENSION_CHUNKING,
    EXTENSION_DELIVERBY,
    EXTENSION_DSN,
    EXTENSION_ENHANCEDSTATUSCODES,
    EXTENSION_ETRN,
    EXTENSION_LIMITS,
    EXTENSION_PIPELINING,
    EXTENSION_PRDR,
    EXTENSION_REQUIRETLS,
    EXTENSION_SIZE,
    EXTENSION_SMTPUTF8,
    EXTENSION_STARTTLS,
    EXTENSION_VRFY,
    EXTENSION_XCLIENT,
    EXTENSION_XFORWARD,
    EXTENSION_COUNT
};

/** A server may list as many mechanisms as it likes; more than these are not looked at. */
enum { CAPABILITY_MECHANISM_LIMIT = 128 };

struct capability {
    struct span keyword;    /* as the server wrote it; AUTH for the form "AUTH=LOGIN" */
    struct span parameters; /* behind the keyword, trimmed */
};

/** Spans point into the reply that the set was read from. */
struct capability_set {
    struct span domain;          /* the name with which the server greets us */
    struct capability *all;      /* in the server's order, unknown ones too */
    size_t count;
    unsigned known;              /* bits of enum extension */
    unsigned long long size_limit; /* RFC 1870 3; 0: none declared, or none fixed */
    struct span *mechanisms;     /* of all AUTH lines, without doubles, in the server's order */
    size_t mechanism_count;
    bool has_auth_equals;        /* also in the form "AUTH=LOGIN" of old servers */
    bool looks_stripped;         /* a keyword such as XXXXXXXA: a device masks STARTTLS (RFC 3207 6) */
};

/** Reads a 250 reply to EHLO or LHLO. Everything lives in the arena. */
void capability_set_read(struct capability_set *, const struct reply *, struct arena *);

static inline bool capability_has(const struct capability_set *set, enum extension extension)
{
    return set->known >> extension & 1;
}

/** The parameters of an extension, of the first line if there are several; empty if it is not offered. */
struct span capability_parameters(const struct capability_set *, enum extension);

bool capability_has_mechanism(const struct capability_set *, struct span mechanism);

/** "STARTTLS" and so on. */
const char *extension_keyword(enum extension);

#endif
