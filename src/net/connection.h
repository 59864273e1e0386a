/**
 * One TCP connection: connects without blocking, then pumps octets between the
 * socket, the TLS channel if there is one, and the dialogue. It keeps every
 * deadline of its own stage (connect, handshake) and of the dialogue.
 *
 * The owner is told of events through one function. It may call
 * connection_converse() and connection_secure() from there, but must not
 * release the connection before CONNECTION_CLOSED.
 */
#ifndef NET_CONNECTION_H
#define NET_CONNECTION_H

#include "smtp/dialogue.h"
#include "tls/channel.h"

#include <ev.h>
#include <netinet/in.h>

enum { CONNECT_TIMEOUT_SECONDS = 10 };

enum connection_event {
    CONNECTION_ESTABLISHED, /* the owner shall call connection_converse(), or connection_secure() first */
    CONNECTION_WANTS_TLS,   /* the dialogue wishes it: the owner shall call connection_secure() */
    CONNECTION_TLS_ENDED,   /* the handshake came to its end, well or not: the channel's facts say */
    CONNECTION_TLS_BROKE,   /* after the handshake: the channel's facts say why; unless the owner ends the
                               dialogue, it will be told that the server closed */
    CONNECTION_PROGRESS,    /* something was written or heard: look at the dialogue */
    CONNECTION_CLOSED,      /* it is over; cause and error number say why if it never stood */
};

struct connection_target {
    int family;
    const char *address;
    unsigned port;
    const char *local_address; /* source address, or NULL */
    unsigned local_port;       /* source port, or 0 */
    duration timeout;          /* for the handshake, and for connecting if below CONNECT_TIMEOUT_SECONDS;
                                  NEVER: none */
};

struct connection {
    /* For reading */
    int fd;                    /* -1: closed */
    enum cause cause;          /* why it never stood: connection-..., host-unreachable, ...; CAUSE_OK */
    int error_number;          /* errno of that, or 0 */
    unsigned round_trips;      /* times that we had to wait for the peer, the TCP handshake included */

    /* Its own */
    struct ev_loop *loop;
    struct ev_io io;
    struct ev_timer timer;
    void (*handler)(void *context, enum connection_event);
    void *context;
    struct dialogue *dialogue;
    struct channel *channel;
    duration timeout;
    instant stage_deadline;    /* of connecting or the handshake; NEVER in the dialogue */
    bool is_connecting;
    bool is_handshaking;
    bool awaits_peer;          /* something was sent since we last heard */
    bool peer_has_closed;
    bool was_reset;            /* as a write showed */
    struct buffer plain;
};

/**
 * Begins to connect. Every outcome is told through the handler, the immediate
 * ones from within the call too.
 */
void connection_open(struct connection *, struct ev_loop *, const struct connection_target *,
                     void (*handler)(void *context, enum connection_event), void *context);

/** The dialogue begins (after implicit TLS: goes on) over this connection. */
void connection_converse(struct connection *, struct dialogue *);

/** Begins the handshake; the channel becomes the connection's. */
void connection_secure(struct connection *, struct channel *);

/** Closes at once; CONNECTION_CLOSED is told unless that was the case already. */
void connection_close(struct connection *);

/** Releases everything, without a word. */
void connection_clear(struct connection *);

/**
 * Our end of the connection as text.
 * @param text room for INET6_ADDRSTRLEN
 * @return its family, or 0 if it is not known
 */
int connection_local_address(const struct connection *, char *text, unsigned *port);

/** The cause that an errno of connect(2) stands for. */
enum cause connection_cause(int error_number);

#endif
