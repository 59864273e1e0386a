/** One connection as the session sees it: lines in, octets out, in the clear or inside TLS; blocking. */
#ifndef PRACTICE_PEER_H
#define PRACTICE_PEER_H

#include "base/buffer.h"

#include <openssl/ssl.h>

enum {
    PEER_LINE_LIMIT = 1 << 20,
    PEER_PATIENCE = 300, /* seconds without a word from the client, or without it taking ours */
};

struct peer {
    int socket;
    SSL *tls; /* NULL in the clear */
    int log;  /* descriptor, or -1 */
    struct buffer in;
    size_t taken; /* octets of `in` that the last line had */
};

/** Takes the socket over. @param log file to append the dialogue to, or NULL */
void peer_init(struct peer *, int socket, const char *log);
void peer_clear(struct peer *);

/** The next line with its end, CRLF or LF; valid until the next call. @return false at the end */
bool peer_read_line(struct peer *, struct span *line);

/** The line without its end. */
struct span peer_strip(struct span line);

/** @return false if the client is gone */
bool peer_write(struct peer *, struct span octets);

/** Takes the server's side of a TLS handshake. Octets that came before it are dropped (RFC 3207 5). */
bool peer_secure(struct peer *, SSL_CTX *);

/** Listens without an answer until the client goes. */
void peer_ignore(struct peer *);

/** Makes the end of the connection a reset. */
void peer_reset(struct peer *);

#endif
