#include "dns_responder.h"

#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAMES = 256, CONNECTIONS = 16 };

struct server {
    dns_script *script;
    unsigned *questions;
    int udp, listener;
    int connections[CONNECTIONS];
    struct {
        char name[256];
        unsigned times;
    } asked[NAMES];
};

static unsigned u16_at(const unsigned char *octets)
{
    return (unsigned)octets[0] << 8 | octets[1];
}

/** Reads the question of a packet that c-ares made; no other is expected. */
static bool read_question(struct dns_asked *asked, const unsigned char *octets, size_t size)
{
    size_t at = 12, out = 0;
    if (size < 12 || u16_at(octets + 4) != 1)
        return false;
    for (; at < size && octets[at] != 0; at += octets[at] + 1u) {
        if (octets[at] + 1u > size - at || out + octets[at] + 2u > sizeof asked->name)
            return false;
        if (out > 0)
            asked->name[out++] = '.';
        memcpy(asked->name + out, octets + at + 1, octets[at]);
        out += octets[at];
    }
    asked->name[out] = '\0';
    if (at + 5 > size)
        return false;
    asked->id = u16_at(octets);
    asked->wants_ad = octets[3] & 0x20;
    asked->checking_disabled = octets[3] & 0x10;
    asked->type = u16_at(octets + at + 1);
    asked->has_opt = u16_at(octets + 10) == 1;
    return true;
}

static unsigned count(struct server *server, const char *name)
{
    for (int i = 0; i < NAMES; i++) {
        if (server->asked[i].times == 0)
            snprintf(server->asked[i].name, sizeof server->asked[i].name, "%s", name);
        if (strcmp(server->asked[i].name, name) == 0)
            return ++server->asked[i].times;
    }
    errx(1, "too many names");
}

static enum dns_reaction react(struct server *server, const unsigned char *octets, size_t size, bool over_tcp,
                               struct packet *reply, unsigned *id)
{
    struct dns_asked asked;
    if (!read_question(&asked, octets, size))
        return SILENCE;
    asked.over_tcp = over_tcp;
    asked.times = count(server, asked.name);
    *id = asked.id;
    ++*server->questions;
    reply->size = 0;
    return server->script(&asked, reply);
}

static void serve_udp(struct server *server)
{
    static struct packet reply;
    unsigned char octets[1024];
    struct sockaddr_in peer;
    socklen_t peer_size = sizeof peer;
    unsigned id = 0;
    ssize_t size = recvfrom(server->udp, octets, sizeof octets, 0, (struct sockaddr *)&peer, &peer_size);
    if (size < 0)
        return;
    enum dns_reaction reaction = react(server, octets, (size_t)size, false, &reply, &id);
    if (reaction == SILENCE)
        return;
    if (reaction == EMPTY)
        reply.size = 0;
    sendto(server->udp, reply.octets, reply.size, 0, (struct sockaddr *)&peer, peer_size);
    if (reaction == ANSWER_TWICE) {
        packet_set_u16(&reply, 0, id);
        sendto(server->udp, reply.octets, reply.size, 0, (struct sockaddr *)&peer, peer_size);
    }
}

/** @return whether the connection is to stay open */
static bool serve_tcp(struct server *server, int fd)
{
    static struct packet reply;
    unsigned char octets[1024], prefix[2];
    unsigned id;
    if (recv(fd, prefix, 2, MSG_WAITALL) != 2 || u16_at(prefix) > sizeof octets)
        return false;
    size_t size = u16_at(prefix);
    if (recv(fd, octets, size, MSG_WAITALL) != (ssize_t)size)
        return false;
    enum dns_reaction reaction = react(server, octets, size, true, &reply, &id);
    if (reaction == SILENCE)
        return true;
    if (reaction == EMPTY)
        return false;
    prefix[0] = (unsigned char)(reply.size >> 8);
    prefix[1] = (unsigned char)reply.size;
    return send(fd, prefix, 2, MSG_NOSIGNAL | MSG_MORE) == 2 &&
           send(fd, reply.octets, reply.size, MSG_NOSIGNAL) == (ssize_t)reply.size;
}

static void take_connection(struct server *server)
{
    int fd = accept(server->listener, NULL, NULL);
    for (int i = 0; i < CONNECTIONS; i++)
        if (server->connections[i] < 0) {
            server->connections[i] = fd;
            return;
        }
    close(fd);
}

static void serve(struct server *server)
{
    struct pollfd polled[2 + CONNECTIONS];
    for (;;) {
        polled[0] = (struct pollfd){server->udp, POLLIN, 0};
        polled[1] = (struct pollfd){server->listener, POLLIN, 0};
        for (int i = 0; i < CONNECTIONS; i++)
            polled[2 + i] = (struct pollfd){server->connections[i], POLLIN, 0};
        if (poll(polled, 2 + CONNECTIONS, -1) < 0)
            continue;
        if (polled[0].revents)
            serve_udp(server);
        if (polled[1].revents)
            take_connection(server);
        for (int i = 0; i < CONNECTIONS; i++)
            if (polled[2 + i].revents && !serve_tcp(server, server->connections[i])) {
                close(server->connections[i]);
                server->connections[i] = -1;
            }
    }
}

/** Binds both kinds of socket to one port; a port that is free for TCP may be taken for UDP. */
static void bind_sockets(struct server *server, unsigned *port)
{
    for (int tries = 0; tries < 100; tries++) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof address;
        server->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (server->udp < 0 || server->listener < 0)
            err(1, "socket");
        if (bind(server->udp, (struct sockaddr *)&address, size) == 0 &&
            getsockname(server->udp, (struct sockaddr *)&address, &size) == 0 &&
            bind(server->listener, (struct sockaddr *)&address, size) == 0 &&
            listen(server->listener, 8) == 0) {
            *port = ntohs(address.sin_port);
            return;
        }
        close(server->udp);
        close(server->listener);
    }
    errx(1, "no port is free for a DNS server");
}

void dns_responder_start(struct dns_responder *responder, dns_script *script)
{
    static struct server server;
    server = (struct server){.script = script};
    for (int i = 0; i < CONNECTIONS; i++)
        server.connections[i] = -1;
    bind_sockets(&server, &responder->port);
    snprintf(responder->address, sizeof responder->address, "127.0.0.1:%u", responder->port);
    responder->questions =
        mmap(NULL, sizeof(unsigned), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (responder->questions == MAP_FAILED)
        err(1, "mmap");
    server.questions = responder->questions;
    pid_t parent = getpid();
    responder->process = fork();
    if (responder->process < 0)
        err(1, "fork");
    if (responder->process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
        serve(&server);
    }
    close(server.udp);
    close(server.listener);
}

void dns_responder_stop(struct dns_responder *responder)
{
    kill(responder->process, SIGKILL);
    waitpid(responder->process, NULL, 0);
    munmap(responder->questions, sizeof(unsigned));
}
