/**
 * The practice server: a small mail server and DNS server on loopback for tests,
 * the quickstart and trying things out. `practice-server --help` tells its use.
 *
 * practice.c       options, sockets, processes
 * practice_dns     the zone and answers from it
 * practice_peer    one connection: lines, TLS, the log
 * practice_smtp    one session
 * practice_auth    SASL, the server's side
 * practice_tls     a certificate authority made at start
 * practice_mode    what a bad server does instead
 *
 * Each connection has a process of its own, so that the session reads like the
 * dialogue that it is.
 */
#ifndef PRACTICE_H
#define PRACTICE_H

#include "practice_mode.h"

#include <openssl/ssl.h>

#include <stdbool.h>
#include <stddef.h>

enum { PRACTICE_MODE_LIMIT = 16 };

/** What all sessions share; made by main() and not changed after that. */
struct practice {
    const char *user;
    const char *password;
    const char *log;   /* file for all dialogues, or NULL */
    const char *store; /* directory for the messages, or NULL */
    bool is_lmtp;
    size_t size_limit; /* of a message, in octets */
    SSL_CTX *tls;
    struct mode modes[PRACTICE_MODE_LIMIT];
    size_t mode_count;
};

/** Whether one of the modes in force has this trait. */
bool practice_has_trait(const struct practice *, enum trait);

/** The mode that governs the reply of this stage, or NULL. The one given last wins. */
const struct mode *practice_mode_at(const struct practice *, enum stage);

#endif
