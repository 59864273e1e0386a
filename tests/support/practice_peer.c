#include "practice_peer.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

void peer_init(struct peer *peer, int socket, const char *log)
{
    struct timeval patience = {.tv_sec = PEER_PATIENCE};
    *peer = (struct peer){.socket = socket, .log = -1};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (log)
        peer->log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

void peer_clear(struct peer *peer)
{
    if (peer->tls) {
        SSL_shutdown(peer->tls);
        SSL_free(peer->tls);
    }
    buffer_clear(&peer->in);
    close(peer->socket);
    if (peer->log >= 0)
        close(peer->log);
}

/** One line of the log, in one write, since sessions share the file. */
static void note(const struct peer *peer, char who, struct span octets)
{
    if (peer->log < 0)
        return;
    octets = peer_strip(octets);
    dprintf(peer->log, "%s %c: %.*s\n", peer->tls ? "tls" : "clear", who, SPAN_ARGS(octets));
}

static bool receive(struct peer *peer)
{
    enum { PIECE = 16384 };
    char *room = buffer_room(&peer->in, PIECE);
    ssize_t size = peer->tls ? SSL_read(peer->tls, room, PIECE) : recv(peer->socket, room, PIECE, 0);
    if (size <= 0)
        return false;
    buffer_grown(&peer->in, (size_t)size);
    return true;
}

bool peer_read_line(struct peer *peer, struct span *line)
{
    buffer_consume(&peer->in, peer->taken);
    peer->taken = 0;
    const char *end;
    while (!peer->in.size || !(end = memchr(peer->in.data, '\n', peer->in.size)))
        if (peer->in.size > PEER_LINE_LIMIT || !receive(peer)) {
            note(peer, 'C', SPAN("(gone)"));
            return false;
        }
    peer->taken = (size_t)(end - peer->in.data) + 1;
    *line = span_of(peer->in.data, peer->taken);
    note(peer, 'C', *line);
    return true;
}

struct span peer_strip(struct span line)
{
    if (line.size > 0 && line.at[line.size - 1] == '\n')
        line.size--;
    if (line.size > 0 && line.at[line.size - 1] == '\r')
        line.size--;
    return line;
}

bool peer_write(struct peer *peer, struct span octets)
{
    note(peer, 'S', octets);
    while (octets.size > 0) {
        ssize_t size = peer->tls ? SSL_write(peer->tls, octets.at, (int)octets.size)
                                 : send(peer->socket, octets.at, octets.size, MSG_NOSIGNAL);
        if (size <= 0)
            return false;
        octets = span_skip(octets, (size_t)size);
    }
    return true;
}

bool peer_secure(struct peer *peer, SSL_CTX *context)
{
    SSL *tls = SSL_new(context);
    buffer_truncate(&peer->in, 0);
    peer->taken = 0;
    if (!tls || !SSL_set_fd(tls, peer->socket) || SSL_accept(tls) != 1) {
        note(peer, 'S', SPAN("(no TLS)"));
        SSL_free(tls);
        return false;
    }
    peer->tls = tls;
    note(peer, 'S', SPAN("(TLS)"));
    return true;
}

void peer_ignore(struct peer *peer)
{
    do {
        buffer_truncate(&peer->in, 0);
    } while (receive(peer));
}

void peer_reset(struct peer *peer)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(peer->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    SSL_free(peer->tls); /* without close_notify */
    peer->tls = NULL;
}
