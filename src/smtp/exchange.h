/**
 * One command and its reply. The list of exchanges is the pipelining queue, the
 * transcript and the evidence for diagnosis all at once.
 */
#ifndef SMTP_EXCHANGE_H
#define SMTP_EXCHANGE_H

#include "smtp/reply.h"
#include "smtp/vocabulary.h"

/** How the reply stands to what the command wanted; what it means is decided in diagnose/. */
enum exchange_result {
    EXCHANGE_PENDING,
    EXCHANGE_POSITIVE,    /* a code that means success here (INVARIANTS 4) */
    EXCHANGE_INTERMEDIATE, /* 334 or 354 where they belong */
    EXCHANGE_NEGATIVE,    /* 4xx or 5xx */
    EXCHANGE_UNEXPECTED,  /* a valid code without a meaning here */
    EXCHANGE_INVALID,     /* the reply has a fault */
    EXCHANGE_UNANSWERED,  /* the session ended first */
};

struct step;

/** All octets live in the arena of the dialogue. */
struct exchange {
    enum stage stage;
    struct span command;   /* the line without CRLF, born with secret parts masked; empty for banner, body */
    struct span decoded;   /* AUTH: `command` with its base64 decoded, as far as it may be seen; or empty */
    bool has_command;      /* false for the banner, for LMTP's further replies to the body, and for
                              replies that came unasked */
    bool in_tls;
    bool has_secret;       /* a part of `command` was masked */
    bool was_pipelined;    /* sent while other replies were due */
    bool is_consequence;   /* pipelined behind what was refused already (RCPT and DATA after MAIL, DATA
                              and the lone dot after all recipients), or the reply to our "*" that
                              gives a login up: never the cause */
    size_t recipient;      /* index in the plan for RCPT (and LMTP's replies to the body) */
    unsigned long long body_octets; /* body: on the wire, stuffing and terminator too, once complete or cut */
    unsigned long body_lines;       /* ... and its lines, the terminator not counted */
    bool body_is_cut;      /* the session ended when part of the body was written */
    struct reply *reply;   /* NULL while pending or when none came */
    enum exchange_result result;
    instant queued;        /* when it was made */
    instant written;       /* when its last octet was handed to the system; NEVER before. For the
                              banner: when waiting began */

    /* The engine's own */
    const struct step *step;     /* who hears the reply; NULL in a record that was read back */
    unsigned long long wire_end; /* where it ends in all that we send; ULLONG_MAX: not known yet */
};

#endif
