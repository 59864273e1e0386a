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

struct exchange {
    enum stage stage;
    struct span command;   /* the line without CRLF, secret parts masked when born; empty for the banner and the body */
    struct span decoded;   /* AUTH: the decoded form that may be shown, else empty */
    bool has_command;      /* false for the banner and for replies that came unasked */
    bool in_tls;
    bool has_secret;       /* a part of `command` was masked */
    bool was_pipelined;    /* sent while other replies were due */
    bool is_consequence;   /* DATA after all recipients were refused: never the cause */
    size_t recipient;      /* index in the plan for RCPT (and LMTP's replies to the body) */
    unsigned long long body_octets; /* body: octets on the wire, with stuffing and terminator */
    unsigned long body_lines;
    struct reply *reply;   /* NULL while pending or when none came */
    enum exchange_result result;
    instant queued;        /* when it was made */
    instant written;       /* when its last octet was handed to the system; NEVER before */
};

#endif
