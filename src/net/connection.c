#include "net/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 16 * 1024 };

static void pump(struct connection *);

static void tell(struct connection *connection, enum connection_event event)
{
    connection->handler(connection->context, event);
}

/* --- Watchers --- */

static void watch(struct connection *connection, int events)
{
    if (connection->io.events == events && ev_is_active(&connection->io))
        return;
    ev_io_stop(connection->loop, &connection->io);
    ev_io_set(&connection->io, connection->fd, events);
    ev_io_start(connection->loop, &connection->io);
}

static instant deadline_of(const struct connection *connection)
{
    if (connection->is_connecting || connection->is_handshaking)
        return connection->stage_deadline;
    return connection->dialogue ? dialogue_deadline(connection->dialogue) : NEVER;
}

static void set_timer(struct connection *connection)
{
    ev_timer_stop(connection->loop, &connection->timer);
    instant deadline = deadline_of(connection);
    if (deadline == NEVER)
        return;
    duration left = deadline - instant_now();
    /* libev counts from the time at which the loop last woke. */
    double late = ev_time() - ev_now(connection->loop);
    double after = (left > 0 ? duration_in_seconds(left) : 0) + (late > 0 ? late : 0);
    ev_timer_set(&connection->timer, after, 0);
    ev_timer_start(connection->loop, &connection->timer);
}

static void release(struct connection *connection)
{
    ev_io_stop(connection->loop, &connection->io);
    ev_timer_stop(connection->loop, &connection->timer);
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
    connection->is_connecting = connection->is_handshaking = false;
}

void connection_close(struct connection *connection)
{
    if (connection->fd < 0)
        return;
    release(connection);
    tell(connection, CONNECTION_CLOSED);
}

void connection_clear(struct connection *connection)
{
    release(connection);
    channel_free(connection->channel);
    connection->channel = NULL;
    buffer_wipe(&connection->plain);
}

/* --- Connecting --- */

enum cause connection_cause(int error_number)
{
    switch (error_number) {
    case 0:
        return CAUSE_OK;
    case ECONNREFUSED:
        return CAUSE_CONNECTION_REFUSED;
    case ETIMEDOUT:
        return CAUSE_CONNECTION_TIMEOUT;
    case ECONNRESET:
    case EPIPE:
        return CAUSE_CONNECTION_RESET;
    case EHOSTUNREACH:
    case EHOSTDOWN:
        return CAUSE_HOST_UNREACHABLE;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return CAUSE_LOCAL_FAILURE;
    default:
        /* ENETUNREACH; EACCES and EPERM, by which a local packet filter answers; EAFNOSUPPORT and
         * EADDRNOTAVAIL where the machine lacks the family. */
        return CAUSE_NETWORK_UNREACHABLE;
    }
}

static socklen_t make_address(struct sockaddr_storage *storage, int family, const char *text, unsigned port)
{
    memset(storage, 0, sizeof *storage);
    if (family == AF_INET6) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)storage;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        if (text && inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
            return 0;
        return sizeof *v6;
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)storage;
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)port);
    if (text && inet_pton(AF_INET, text, &v4->sin_addr) != 1)
        return 0;
    return sizeof *v4;
}

static bool bind_source(struct connection *connection, const struct connection_target *target)
{
    if (!target->local_address && !target->local_port)
        return true;
    struct sockaddr_storage source;
    socklen_t size = make_address(&source, target->family, target->local_address, target->local_port);
    if (size == 0) {
        errno = EAFNOSUPPORT;
    } else {
        int on = 1;
        setsockopt(connection->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(connection->fd, (struct sockaddr *)&source, size) == 0)
            return true;
    }
    connection->error_number = errno;
    connection->cause = CAUSE_SOURCE_ADDRESS_UNAVAILABLE;
    return false;
}

static void fail_to_connect(struct connection *connection, int error_number)
{
    connection->error_number = error_number;
    connection->cause = connection_cause(error_number);
    connection_close(connection);
}

static void established(struct connection *connection)
{
    connection->is_connecting = false;
    connection->stage_deadline = NEVER;
    connection->round_trips = 1;
    connection->awaits_peer = true;
    tell(connection, CONNECTION_ESTABLISHED);
}

static void connect_ended(struct connection *connection)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error)
        fail_to_connect(connection, error);
    else
        established(connection);
}

static void begin_connect(struct connection *connection, const struct connection_target *target)
{
    struct sockaddr_storage peer;
    socklen_t size = make_address(&peer, target->family, target->address, target->port);
    if (size == 0) {
        fail_to_connect(connection, EAFNOSUPPORT);
        return;
    }
    int on = 1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!bind_source(connection, target)) {
        connection_close(connection);
    } else if (connect(connection->fd, (struct sockaddr *)&peer, size) == 0) {
        established(connection);
        pump(connection);
    } else if (errno == EINPROGRESS) {
        watch(connection, EV_WRITE);
        set_timer(connection);
    } else {
        fail_to_connect(connection, errno);
    }
}

/* --- Octets --- */

/** Writes in one call. @return how much was taken: less if the socket is full, nothing if it broke. */
static size_t write_some(struct connection *connection, struct span octets)
{
    ssize_t count = send(connection->fd, octets.at, octets.size, MSG_NOSIGNAL);
    if (count >= 0) {
        connection->awaits_peer = true;
        return (size_t)count;
    }
    /* A reset is told once, here or by the next read; that one still gives what the peer said before. */
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        connection->peer_has_closed = connection->was_reset = true;
    return 0;
}

/** Sends cipher octets that wait. @return whether none is left. */
static bool flush_channel(struct connection *connection)
{
    struct span cipher = channel_outgoing(connection->channel);
    if (cipher.size > 0) {
        channel_sent(connection->channel, write_some(connection, cipher));
        cipher = channel_outgoing(connection->channel);
    }
    return cipher.size == 0;
}

/** @return whether all that the dialogue wants to say has left. */
static bool flush_dialogue(struct connection *connection)
{
    struct span plain = dialogue_outgoing(connection->dialogue);
    if (!connection->channel) {
        size_t count = write_some(connection, plain);
        dialogue_sent(connection->dialogue, count, instant_now());
        return count == plain.size;
    }
    /* What the handshake left to send goes in the same write as the first command. */
    if (channel_outgoing(connection->channel).size > 2 * READ_SIZE && !flush_channel(connection))
        return false;
    dialogue_sent(connection->dialogue, channel_send(connection->channel, plain), instant_now());
    return flush_channel(connection);
}

static void handshake_ended(struct connection *connection)
{
    connection->is_handshaking = false;
    connection->stage_deadline = NEVER;
    tell(connection, CONNECTION_TLS_ENDED);
}

static void hear_plain(struct connection *connection, struct span octets)
{
    if (connection->dialogue && octets.size > 0) {
        dialogue_receive(connection->dialogue, octets, instant_now());
        tell(connection, CONNECTION_PROGRESS);
    }
}

static void hear_cipher(struct connection *connection, struct span octets)
{
    bool was_handshaking = connection->is_handshaking;
    enum channel_state state =
        channel_receive(connection->channel, octets, &connection->plain, instant_now());
    if (was_handshaking && state != CHANNEL_HANDSHAKE)
        handshake_ended(connection);
    if (connection->plain.size > 0) {
        hear_plain(connection, buffer_span(&connection->plain));
        buffer_truncate(&connection->plain, 0);
    }
    bool is_over = state == CHANNEL_CLOSED || state == CHANNEL_FAILED;
    if (!is_over || !connection->dialogue || connection->fd < 0)
        return;
    if (state == CHANNEL_FAILED)
        tell(connection, CONNECTION_TLS_BROKE);
    dialogue_peer_closed(connection->dialogue, CLOSING_EOF, instant_now());
    tell(connection, CONNECTION_PROGRESS);
}

static void hear_end(struct connection *connection, enum closing how)
{
    connection->peer_has_closed = true;
    if (connection->channel)
        channel_peer_closed(connection->channel, how == CLOSING_RESET, instant_now());
    if (connection->is_handshaking) {
        handshake_ended(connection);
    } else if (connection->dialogue) {
        if (connection->channel && channel_state(connection->channel) == CHANNEL_FAILED)
            tell(connection, CONNECTION_TLS_BROKE);
        dialogue_peer_closed(connection->dialogue, how, instant_now());
        tell(connection, CONNECTION_PROGRESS);
    }
}

/** Reads once; what is left makes the socket readable again. */
static void hear(struct connection *connection)
{
    char octets[READ_SIZE];
    ssize_t count = recv(connection->fd, octets, sizeof octets, 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (count > 0 && connection->awaits_peer) {
        connection->round_trips++;
        connection->awaits_peer = false;
    }
    if (count <= 0)
        hear_end(connection, count < 0 || connection->was_reset ? CLOSING_RESET : CLOSING_EOF);
    else if (connection->channel)
        hear_cipher(connection, span_of(octets, (size_t)count));
    else
        hear_plain(connection, span_of(octets, (size_t)count));
}

/* --- The pump --- */

static void say_goodbye(struct connection *connection)
{
    if (connection->channel && !connection->peer_has_closed) {
        channel_close(connection->channel);
        flush_channel(connection);
    }
    connection_close(connection);
}

/** Does what the dialogue wishes. @return whether there may be more to do at once. */
static bool serve_wish(struct connection *connection)
{
    switch (dialogue_wish(connection->dialogue)) {
    case WISH_WRITE: {
        bool all = flush_dialogue(connection);
        tell(connection, CONNECTION_PROGRESS);
        return all;
    }
    case WISH_SECURE:
        if (connection->channel)
            return false;
        tell(connection, CONNECTION_WANTS_TLS);
        return true;
    case WISH_CLOSE:
        say_goodbye(connection);
        return false;
    case WISH_READ:
        break;
    }
    return false;
}

static bool has_to_write(struct connection *connection)
{
    if (connection->channel && channel_outgoing(connection->channel).size > 0)
        return true;
    return connection->dialogue && !connection->is_handshaking &&
           dialogue_wish(connection->dialogue) == WISH_WRITE;
}

static void pump(struct connection *connection)
{
    while (connection->fd >= 0 && connection->dialogue && !connection->is_handshaking &&
           serve_wish(connection))
        ;
    if (connection->fd < 0)
        return;
    if (connection->channel)
        flush_channel(connection);
    watch(connection, has_to_write(connection) ? EV_READ | EV_WRITE : EV_READ);
    set_timer(connection);
}

static void on_io(struct ev_loop *loop, struct ev_io *io, int events)
{
    (void)loop;
    struct connection *connection = io->data;
    if (connection->is_connecting) {
        connect_ended(connection);
    } else if (events & EV_READ) {
        /* The server's words come first: they may make ours needless. */
        hear(connection);
    }
    if (connection->fd >= 0 && !connection->is_connecting)
        pump(connection);
}

static void handshake_expired(struct connection *connection)
{
    channel_expired(connection->channel, instant_now());
    handshake_ended(connection);
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    (void)loop, (void)events;
    struct connection *connection = timer->data;
    instant deadline = deadline_of(connection);
    if (deadline != NEVER && instant_now() >= deadline) {
        if (connection->is_connecting) {
            fail_to_connect(connection, ETIMEDOUT);
            return;
        }
        if (connection->is_handshaking) {
            handshake_expired(connection);
        } else {
            dialogue_expired(connection->dialogue, instant_now());
            tell(connection, CONNECTION_PROGRESS);
        }
    }
    if (connection->fd >= 0)
        pump(connection);
}

/* --- For the owner --- */

void connection_open(struct connection *connection, struct ev_loop *loop,
                     const struct connection_target *target, void (*handler)(void *, enum connection_event),
                     void *context)
{
    *connection = (struct connection){.fd = -1, .loop = loop, .handler = handler, .context = context};
    ev_io_init(&connection->io, on_io, -1, EV_NONE);
    ev_timer_init(&connection->timer, on_timer, 0, 0);
    connection->io.data = connection->timer.data = connection;
    connection->timeout = target->timeout;
    connection->is_connecting = true;

    duration patience = SECONDS(CONNECT_TIMEOUT_SECONDS);
    if (target->timeout != NEVER && target->timeout < patience)
        patience = target->timeout;
    connection->stage_deadline = instant_after(instant_now(), patience);

    connection->fd = socket(target->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->fd < 0) {
        connection->is_connecting = false;
        connection->error_number = errno;
        connection->cause = connection_cause(errno);
        tell(connection, CONNECTION_CLOSED);
        return;
    }
    begin_connect(connection, target);
}

void connection_converse(struct connection *connection, struct dialogue *dialogue)
{
    connection->dialogue = dialogue;
    watch(connection, EV_READ);
    set_timer(connection);
}

void connection_secure(struct connection *connection, struct channel *channel)
{
    connection->channel = channel;
    connection->is_handshaking = true;
    connection->stage_deadline = instant_after(instant_now(), connection->timeout);
    flush_channel(connection);
    watch(connection, has_to_write(connection) ? EV_READ | EV_WRITE : EV_READ);
    set_timer(connection);
}

int connection_local_address(const struct connection *connection, char *text, unsigned *port)
{
    struct sockaddr_storage storage;
    socklen_t size = sizeof storage;
    if (getsockname(connection->fd, (struct sockaddr *)&storage, &size) != 0)
        return 0;
    if (storage.ss_family == AF_INET6) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;
        *port = ntohs(v6->sin6_port);
        inet_ntop(AF_INET6, &v6->sin6_addr, text, INET6_ADDRSTRLEN);
    } else {
        struct sockaddr_in *v4 = (struct sockaddr_in *)&storage;
        *port = ntohs(v4->sin_port);
        inet_ntop(AF_INET, &v4->sin_addr, text, INET6_ADDRSTRLEN);
    }
    return storage.ss_family;
}
