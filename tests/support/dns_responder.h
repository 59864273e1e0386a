/**
 * A DNS server for tests, in a process of its own on a free port of 127.0.0.1,
 * UDP and TCP: what it answers, right or wrong, is up to a script.
 */
#ifndef SUPPORT_DNS_RESPONDER_H
#define SUPPORT_DNS_RESPONDER_H

#include "dns_packet.h"

#include <stdbool.h>
#include <sys/types.h>

struct dns_asked {
    char name[256]; /* labels between dots */
    unsigned id, type;
    bool wants_ad, checking_disabled, has_opt, over_tcp;
    unsigned times; /* how often this name was asked, this time included */
};

enum dns_reaction {
    ANSWER,       /* send the packet */
    ANSWER_TWICE, /* send it, and once more with the right id */
    SILENCE,      /* over TCP: keep the connection, say nothing */
    EMPTY,        /* an empty datagram; over TCP: close */
};

/** Writes what is to be sent; the packet holds nothing yet. Runs in the server's process. */
typedef enum dns_reaction dns_script(const struct dns_asked *, struct packet *);

struct dns_responder {
    pid_t process;
    unsigned port;
    char address[32];    /* "127.0.0.1:PORT" */
    unsigned *questions; /* how many came, shared with the server */
};

/** Ends the program if there is no port or process to be had. */
void dns_responder_start(struct dns_responder *, dns_script *);
void dns_responder_stop(struct dns_responder *);

#endif
