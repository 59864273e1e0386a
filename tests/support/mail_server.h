/**
 * A mail server for tests, in a process of its own on a loopback address: it
 * takes one connection after the other, and a script says what it does there.
 */
#ifndef SUPPORT_MAIL_SERVER_H
#define SUPPORT_MAIL_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** One connection as the server sees it. */
struct wire {
    int fd;
    SSL *ssl;         /* NULL: in the clear */
    unsigned number;  /* of the connection, from 0 */
    size_t piece;     /* each reply leaves in pieces of so many octets, with pauses; 0: whole */
    struct mail_log *log;
    unsigned pause;   /* microseconds before each read */
    char in[8192];    /* read, and not heard yet: in[in_at .. in_size) */
    size_t in_at, in_size;
};

/** What the server saw, shared with the test; in order, over all connections. */
struct mail_log {
    unsigned connections;
    char peer[46];             /* address of the last client */
    size_t commands_size;
    char commands[4096];       /* each with a line feed behind it; not of the body */
    unsigned long long body;   /* octets of bodies, their final dots included */
    unsigned body_hash;        /* mail_hash() of them */
};

/** Runs in the server's process; the connection is closed when it returns. */
typedef void mail_script(struct wire *);

struct mail_server {
    pid_t process;
    unsigned port;
    struct mail_log *log;
};

/**
 * Ends the program if there is no port or process to be had.
 * @param address such as "127.0.0.2"
 * @param port 0: any
 * @param receive_buffer of its sockets; 0: the system's choice
 */
void mail_server_start(struct mail_server *, const char *address, unsigned port, int receive_buffer, mail_script *);
void mail_server_stop(struct mail_server *);

/** For mail_server_start(): STARTTLS in scripts needs it. Set before the server is started. */
extern SSL_CTX *mail_server_tls;

/** Adds octets to a hash that began as 0. */
unsigned mail_hash(unsigned hash, const void *octets, size_t size);

/* --- For scripts --- */

void wire_say(struct wire *, const char *text);

/** Reads a command, without its line end. @return false if the client is gone */
bool wire_hear(struct wire *, char *line, size_t size);

/** @return whether the handshake succeeded; what the client said before it in the clear ends the server */
bool wire_secure(struct wire *);

/** Waits until the client closes. */
void wire_wait(struct wire *);

/** Closes with a reset. */
void wire_reset(struct wire *);

/** Replies, each with its line end, in place of the proper ones; NULL: proper; "": close instead. */
struct manners {
    const char *banner, *ehlo, *starttls, *mail, *rcpt, *data, *body;
    bool offers_tls;
    bool implicit_tls;
    unsigned body_pause; /* microseconds before each read of a body */
};

/** A whole session with a client that may expect PIPELINING. */
void wire_serve(struct wire *, const struct manners *);

#endif
