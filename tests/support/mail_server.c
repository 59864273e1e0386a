#include "mail_server.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

SSL_CTX *mail_server_tls;

enum { PIECE_PAUSE = 300 /* microseconds */ };

/* --- Octets --- */

static bool write_all(struct wire *wire, const char *octets, size_t size)
{
    if (wire->ssl)
        return SSL_write(wire->ssl, octets, (int)size) == (int)size;
    return send(wire->fd, octets, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/** @return the next octet, or -1 if the client is gone */
static int next_octet(struct wire *wire)
{
    if (wire->in_at == wire->in_size) {
        if (wire->pause > 0)
            usleep(wire->pause);
        ssize_t count = wire->ssl ? SSL_read(wire->ssl, wire->in, sizeof wire->in)
                                  : recv(wire->fd, wire->in, sizeof wire->in, 0);
        if (count <= 0)
            return -1;
        wire->in_at = 0;
        wire->in_size = (size_t)count;
    }
    return (unsigned char)wire->in[wire->in_at++];
}

void wire_say(struct wire *wire, const char *text)
{
    size_t size = strlen(text), piece = wire->piece ? wire->piece : size;
    for (size_t at = 0; at < size; at += piece) {
        if (at > 0)
            usleep(PIECE_PAUSE);
        if (!write_all(wire, text + at, size - at < piece ? size - at : piece))
            return;
    }
}

static void note(struct mail_log *log, const char *line)
{
    size_t size = strlen(line);
    if (size + 1 > sizeof log->commands - log->commands_size)
        errx(1, "the client says too much");
    memcpy(log->commands + log->commands_size, line, size);
    log->commands[log->commands_size + size] = '\n';
    log->commands_size += size + 1;
}

bool wire_hear(struct wire *wire, char *line, size_t size)
{
    size_t count = 0;
    for (int octet; count + 1 < size && (octet = next_octet(wire)) >= 0;) {
        line[count++] = (char)octet;
        if (octet != '\n')
            continue;
        line[count - (count > 1 && line[count - 2] == '\r' ? 2 : 1)] = '\0';
        note(wire->log, line);
        return true;
    }
    return false;
}

bool wire_secure(struct wire *wire)
{
    if (wire->in_at < wire->in_size)
        errx(1, "the client talks on behind STARTTLS");
    wire->ssl = SSL_new(mail_server_tls);
    SSL_set_fd(wire->ssl, wire->fd);
    return SSL_accept(wire->ssl) == 1;
}

void wire_wait(struct wire *wire)
{
    char octets[4096];
    while (recv(wire->fd, octets, sizeof octets, 0) > 0)
        continue;
}

void wire_reset(struct wire *wire)
{
    struct linger at_once = {1, 0};
    setsockopt(wire->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/* --- A session --- */

unsigned mail_hash(unsigned hash, const void *octets, size_t size)
{
    const unsigned char *at = octets;
    while (size-- > 0)
        hash = hash * 31 + *at++;
    return hash;
}

/** Up to the lone dot, and no octet further: QUIT may stand behind it. */
static bool hear_body(struct wire *wire, unsigned pause)
{
    static const char end[] = "\r\n.\r\n";
    size_t matched = 2; /* a body without lines is a dot alone */
    wire->pause = pause;
    while (matched < strlen(end)) {
        int octet = next_octet(wire);
        if (octet < 0)
            return false;
        matched = octet == end[matched] ? matched + 1 : octet == end[0];
        wire->log->body++;
        wire->log->body_hash = mail_hash(wire->log->body_hash, &(unsigned char){(unsigned char)octet}, 1);
    }
    wire->pause = 0;
    return true;
}

/** @return false if the connection is to be closed */
static bool reply(struct wire *wire, const char *own, const char *proper)
{
    if (own && !*own)
        return false;
    wire_say(wire, own ? own : proper);
    return true;
}

static bool is_command(const char *line, const char *verb)
{
    return strncasecmp(line, verb, strlen(verb)) == 0;
}

static bool answer(struct wire *wire, const struct manners *manners, const char *line)
{
    bool offers_tls = manners->offers_tls && !wire->ssl;
    if (is_command(line, "EHLO"))
        return reply(wire, manners->ehlo,
                     offers_tls ? "250-mx.example.com\r\n250-PIPELINING\r\n250 STARTTLS\r\n"
                                : "250-mx.example.com\r\n250 PIPELINING\r\n");
    if (is_command(line, "STARTTLS"))
        return reply(wire, manners->starttls, "220 Go ahead\r\n") && (manners->starttls || wire_secure(wire));
    if (is_command(line, "MAIL"))
        return reply(wire, manners->mail, "250 Ok\r\n");
    if (is_command(line, "RCPT"))
        return reply(wire, manners->rcpt, "250 Ok\r\n");
    if (is_command(line, "DATA"))
        return reply(wire, manners->data, "354 Go ahead\r\n") &&
               (manners->data || (hear_body(wire, manners->body_pause) && reply(wire, manners->body, "250 Ok\r\n")));
    if (is_command(line, "QUIT"))
        wire_say(wire, "221 Bye\r\n");
    else
        wire_say(wire, "500 What?\r\n");
    return !is_command(line, "QUIT");
}

void wire_serve(struct wire *wire, const struct manners *manners)
{
    char line[1024];
    if (manners->implicit_tls && !wire_secure(wire))
        return;
    if (!reply(wire, manners->banner, "220 mx.example.com ESMTP\r\n"))
        return;
    while (wire_hear(wire, line, sizeof line) && answer(wire, manners, line))
        continue;
}

/* --- The process --- */

static void take_connection(int listener, struct mail_log *log, mail_script *script)
{
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    int on = 1;
    struct wire wire = {.fd = accept(listener, (struct sockaddr *)&peer, &size), .log = log};
    if (wire.fd < 0)
        return;
    /* The replies to a pipelined group are several writes. */
    setsockopt(wire.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    inet_ntop(AF_INET, &peer.sin_addr, log->peer, sizeof log->peer);
    wire.number = log->connections++;
    script(&wire);
    SSL_free(wire.ssl);
    close(wire.fd);
}

static int listen_at(const char *address, unsigned *port, int receive_buffer)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    socklen_t size = sizeof place;
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, address, &place.sin_addr);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (receive_buffer > 0)
        setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (bind(listener, (struct sockaddr *)&place, size) != 0 || listen(listener, 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&place, &size) != 0)
        err(1, "no server at %s:%u", address, *port);
    *port = ntohs(place.sin_port);
    return listener;
}

void mail_server_start(struct mail_server *server, const char *address, unsigned port, int receive_buffer,
                       mail_script *script)
{
    server->port = port;
    int listener = listen_at(address, &server->port, receive_buffer);
    server->log = mmap(NULL, sizeof *server->log, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (server->log == MAP_FAILED)
        err(1, "mmap");
    pid_t parent = getpid();
    server->process = fork();
    if (server->process < 0)
        err(1, "fork");
    if (server->process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        if (getppid() != parent)
            _exit(1);
        for (;;)
            take_connection(listener, server->log, script);
    }
    close(listener);
}

void mail_server_stop(struct mail_server *server)
{
    kill(server->process, SIGKILL);
    waitpid(server->process, NULL, 0);
    munmap(server->log, sizeof *server->log);
}
