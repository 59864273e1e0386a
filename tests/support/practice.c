/* The practice server's options, sockets and processes; see practice.h. */
#include "practice.h"

#include "practice_dns.h"
#include "practice_smtp.h"
#include "practice_tls.h"

#include "base/buffer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { SESSION_LIMIT = 256, QUERY_LIMIT = 65536, WAKE_MILLISECONDS = 250, EXIT_USAGE = 64 };

enum listener { LISTEN_SMTP, LISTEN_TLS, LISTEN_DNS_TCP, LISTEN_DNS_UDP, LISTENER_COUNT };

struct server {
    struct practice practice;
    struct dns_ports dns_ports;
    uint16_t ports[LISTENER_COUNT]; /* wanted, then those in use */
    int sockets[LISTENER_COUNT];
    pid_t sessions[SESSION_LIMIT];
    size_t session_count;
    pid_t parent, child; /* child: of --run, or 0 */
    int child_status;
    bool child_has_ended;
    char **command; /* of --run, or NULL */
    const char *ca_file, *certificate;
};

static volatile sig_atomic_t end_wanted;

static void want_end(int signal)
{
    end_wanted = signal;
}

static void wake_up(int signal)
{
    (void)signal; /* poll() ends with EINTR */
}

bool practice_has_trait(const struct practice *practice, enum trait trait)
{
    for (size_t i = 0; i < practice->mode_count; i++)
        if (practice->modes[i].traits & trait)
            return true;
    return false;
}

const struct mode *practice_mode_at(const struct practice *practice, enum stage stage)
{
    for (size_t i = practice->mode_count; i-- > 0;) {
        const struct mode *mode = &practice->modes[i];
        if (mode->act != ACT_PROPER &&
            (mode->stage == stage || (mode->stage == STAGE_ANY && stage != STAGE_TLS)))
            return mode;
    }
    return NULL;
}

/* --- Options --- */

_Noreturn static void fail(const char *what, const char *which)
{
    fprintf(stderr, "practice-server: %s%s\n", what, which);
    exit(EXIT_USAGE);
}

_Noreturn static void print_help(void)
{
    printf("Usage: practice-server [OPTION]... [--run COMMAND...]\n\n"
           "A mail server and a DNS server on 127.0.0.1, to try smtpprobe against. It prints its\n"
           "ports and serves until SIGTERM or SIGINT, or until its parent ends; with --run it prints\n"
           "nothing, runs the command with PRACTICE_PORT, PRACTICE_TLS_PORT, PRACTICE_DNS_PORT,\n"
           "PRACTICE_USER and PRACTICE_PASSWORD in its environment, and exits with its status.\n\n"
           "  --port N, --tls-port N, --dns-port N   0 (the default): a free port\n"
           "  --user NAME, --password WORD           default: jo, open-sesame-9\n"
           "  --ca-file FILE      write the authority's certificate there\n"
           "  --certificate KIND  one of:");
    practice_tls_print_kinds();
    printf("  --lmtp              speak LMTP\n"
           "  --size N            limit for messages, in octets\n"
           "  --store DIRECTORY   keep messages as DIRECTORY/message-*\n"
           "  --log FILE          append all dialogues, each line with clear or tls before it\n"
           "  --mode NAME[@STAGE] misbehave; may be given several times\n"
           "  --reply STAGE=TEXT  say this in place of the proper reply (\\r \\n \\e \\xHH)\n"
           "  --run COMMAND...    takes all further arguments\n\n"
           "Recipients at example.com, and what is answered:\n");
    practice_print_recipients();
    printf("\nNames in the DNS:\n");
    practice_dns_print_domains();
    printf("\nModes, with the stage that they have if none is given:\n");
    mode_print_all();
    exit(0);
}

static uint16_t read_port(const char *text)
{
    unsigned long long port;
    if (!span_to_number(span_of_string(text), 65535, &port))
        fail("not a port: ", text);
    return (uint16_t)port;
}

static void add_mode(struct practice *practice, bool (*read)(const char *, struct mode *), const char *text)
{
    if (practice->mode_count == PRACTICE_MODE_LIMIT || !read(text, &practice->modes[practice->mode_count]))
        fail("no such mode or stage (see --help), or too many: ", text);
    practice->mode_count++;
}

static void read_size(struct practice *practice, const char *text)
{
    unsigned long long size;
    if (!span_to_number(span_of_string(text), SIZE_MAX, &size))
        fail("not a size: ", text);
    practice->size_limit = (size_t)size;
}

static const struct option options[] = {
    {"port", required_argument, NULL, 'p'},
    {"tls-port", required_argument, NULL, 't'},
    {"dns-port", required_argument, NULL, 'd'},
    {"user", required_argument, NULL, 'u'},
    {"password", required_argument, NULL, 'w'},
    {"ca-file", required_argument, NULL, 'a'},
    {"certificate", required_argument, NULL, 'c'},
    {"lmtp", no_argument, NULL, 'l'},
    {"size", required_argument, NULL, 'z'},
    {"store", required_argument, NULL, 's'},
    {"log", required_argument, NULL, 'g'},
    {"mode", required_argument, NULL, 'm'},
    {"reply", required_argument, NULL, 'r'},
    {"run", no_argument, NULL, 'x'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void take_option(struct server *server, int letter)
{
    struct practice *practice = &server->practice;
    switch (letter) {
    case 'p':
        server->ports[LISTEN_SMTP] = read_port(optarg);
        break;
    case 't':
        server->ports[LISTEN_TLS] = read_port(optarg);
        break;
    case 'd':
        server->ports[LISTEN_DNS_TCP] = read_port(optarg);
        break;
    case 'u':
        practice->user = optarg;
        break;
    case 'w':
        practice->password = optarg;
        break;
    case 'a':
        server->ca_file = optarg;
        break;
    case 'c':
        server->certificate = optarg;
        break;
    case 'l':
        practice->is_lmtp = true;
        break;
    case 'z':
        read_size(practice, optarg);
        break;
    case 's':
        practice->store = optarg;
        break;
    case 'g':
        practice->log = optarg;
        break;
    case 'm':
        add_mode(practice, mode_find, optarg);
        break;
    case 'r':
        add_mode(practice, mode_from_reply, optarg);
        break;
    case 'h':
        print_help();
    default:
        exit(EXIT_USAGE); /* getopt has said what is wrong */
    }
}

static void read_options(struct server *server, int argc, char **argv)
{
    int letter;
    while ((letter = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (letter == 'x') {
            server->command = argv + optind;
            if (!*server->command)
                fail("--run needs a command", "");
            return;
        }
        take_option(server, letter);
    }
    if (argv[optind])
        fail("unexpected argument: ", argv[optind]);
}

/* --- Sockets --- */

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/** @return false if the port is taken */
static bool open_socket(struct server *server, enum listener which, int type)
{
    struct sockaddr_in address = loopback(server->ports[which]);
    socklen_t size = sizeof address;
    int on = 1, *descriptor = &server->sockets[which];
    *descriptor = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    setsockopt(*descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(*descriptor, (struct sockaddr *)&address, size) != 0 ||
        (type == SOCK_STREAM && listen(*descriptor, SOMAXCONN) != 0) ||
        getsockname(*descriptor, (struct sockaddr *)&address, &size) != 0) {
        close(*descriptor);
        return false;
    }
    server->ports[which] = ntohs(address.sin_port);
    return true;
}

/** The DNS needs one port for both protocols: the one that TCP got may be taken for UDP. */
static bool open_dns(struct server *server)
{
    uint16_t wanted = server->ports[LISTEN_DNS_TCP];
    for (int tries = 0; tries < 20; tries++) {
        server->ports[LISTEN_DNS_TCP] = wanted;
        if (!open_socket(server, LISTEN_DNS_TCP, SOCK_STREAM))
            continue;
        server->ports[LISTEN_DNS_UDP] = server->ports[LISTEN_DNS_TCP];
        if (open_socket(server, LISTEN_DNS_UDP, SOCK_DGRAM))
            return true;
        close(server->sockets[LISTEN_DNS_TCP]);
    }
    return false;
}

static void open_sockets(struct server *server)
{
    if (!open_socket(server, LISTEN_SMTP, SOCK_STREAM) || !open_socket(server, LISTEN_TLS, SOCK_STREAM) ||
        !open_dns(server))
        fail("cannot listen: ", strerror(errno));
    server->dns_ports = (struct dns_ports){server->ports[LISTEN_SMTP], server->ports[LISTEN_TLS]};
}

static void close_sockets(const struct server *server)
{
    for (unsigned i = 0; i < LISTENER_COUNT; i++)
        close(server->sockets[i]);
}

/* --- DNS --- */

static void answer_datagram(const struct server *server)
{
    char query[QUERY_LIMIT];
    struct sockaddr_in from;
    socklen_t from_size = sizeof from;
    int descriptor = server->sockets[LISTEN_DNS_UDP];
    ssize_t size = recvfrom(descriptor, query, sizeof query, 0, (struct sockaddr *)&from, &from_size);
    struct buffer answer = BUFFER_EMPTY;
    if (size > 0)
        practice_dns_answer(span_of(query, (size_t)size), true, &server->dns_ports, &answer);
    if (answer.size > 0)
        sendto(descriptor, answer.data, answer.size, 0, (struct sockaddr *)&from, from_size);
    buffer_clear(&answer);
}

static bool read_fully(int descriptor, void *octets, size_t size)
{
    return recv(descriptor, octets, size, MSG_WAITALL) == (ssize_t)size;
}

/** Each message has its size before it (RFC 1035 4.2.2). */
static void answer_stream(const struct server *server, int descriptor)
{
    static char query[QUERY_LIMIT];
    uint16_t size;
    while (read_fully(descriptor, &size, sizeof size) && read_fully(descriptor, query, ntohs(size))) {
        struct buffer answer = BUFFER_EMPTY, message = BUFFER_EMPTY;
        practice_dns_answer(span_of(query, ntohs(size)), false, &server->dns_ports, &answer);
        buffer_add_char(&message, (char)(answer.size >> 8));
        buffer_add_char(&message, (char)answer.size);
        buffer_add(&message, buffer_span(&answer));
        if (answer.size > 0)
            send(descriptor, message.data, message.size, MSG_NOSIGNAL);
        buffer_clear(&message);
        buffer_clear(&answer);
    }
    close(descriptor);
}

/* --- Processes --- */

static void handle_signal(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigaction(number, &action, NULL);
}

static void handle_signals(void (*on_end)(int), void (*on_child)(int), void (*on_pipe)(int))
{
    handle_signal(SIGTERM, on_end);
    handle_signal(SIGINT, on_end);
    handle_signal(SIGCHLD, on_child);
    handle_signal(SIGPIPE, on_pipe);
}

/** Even if the server is killed, no session outlives it. */
static void end_with_parent(pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(1);
}

static void start_session(struct server *server, enum listener which)
{
    int descriptor = accept(server->sockets[which], NULL, NULL);
    if (descriptor < 0)
        return;
    /* Session tickets and the first reply are writes of their own, and would wait for the client's delayed ACK. */
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    pid_t self = getpid(), session = server->session_count < SESSION_LIMIT ? fork() : -1;
    if (session == 0) {
        end_with_parent(self);
        handle_signals(SIG_DFL, SIG_DFL, SIG_IGN);
        close_sockets(server);
        if (which == LISTEN_DNS_TCP)
            answer_stream(server, descriptor);
        else
            practice_serve(&server->practice, descriptor, which == LISTEN_TLS);
        _exit(0);
    }
    if (session > 0)
        server->sessions[server->session_count++] = session;
    close(descriptor);
}

static void forget_session(struct server *server, pid_t session)
{
    for (size_t i = 0; i < server->session_count; i++)
        if (server->sessions[i] == session)
            server->sessions[i] = server->sessions[--server->session_count];
}

static void collect_children(struct server *server)
{
    int status;
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
        if (ended == server->child) {
            server->child_has_ended = true;
            server->child_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        } else {
            forget_session(server, ended);
        }
}

static void end_sessions(struct server *server)
{
    for (size_t i = 0; i < server->session_count; i++)
        kill(server->sessions[i], SIGKILL);
    while (server->session_count > 0 && waitpid(server->sessions[server->session_count - 1], NULL, 0) > 0)
        server->session_count--;
}

static void export_port(const char *name, uint16_t port)
{
    char text[8];
    snprintf(text, sizeof text, "%u", port);
    setenv(name, text, 1);
}

static void export_settings(const struct server *server)
{
    export_port("PRACTICE_PORT", server->ports[LISTEN_SMTP]);
    export_port("PRACTICE_TLS_PORT", server->ports[LISTEN_TLS]);
    export_port("PRACTICE_DNS_PORT", server->ports[LISTEN_DNS_UDP]);
    setenv("PRACTICE_USER", server->practice.user, 1);
    setenv("PRACTICE_PASSWORD", server->practice.password, 1);
}

static void run_command(struct server *server)
{
    server->child = fork();
    if (server->child < 0)
        fail("cannot fork: ", strerror(errno));
    if (server->child == 0) {
        export_settings(server);
        handle_signals(SIG_DFL, SIG_DFL, SIG_DFL);
        execvp(server->command[0], server->command);
        fprintf(stderr, "practice-server: %s: %s\n", server->command[0], strerror(errno));
        _exit(errno == ENOENT ? 127 : 126);
    }
}

static void print_ports(const struct server *server)
{
    printf("port=%u\ntls_port=%u\ndns_port=%u\n", server->ports[LISTEN_SMTP], server->ports[LISTEN_TLS],
           server->ports[LISTEN_DNS_UDP]);
    fflush(stdout);
}

static bool is_over(const struct server *server)
{
    return end_wanted || server->child_has_ended || getppid() != server->parent;
}

static void serve(struct server *server)
{
    while (!is_over(server)) {
        struct pollfd polled[LISTENER_COUNT];
        for (unsigned i = 0; i < LISTENER_COUNT; i++)
            polled[i] = (struct pollfd){.fd = server->sockets[i], .events = POLLIN};
        /* it wakes up to see whether the parent is still there, and in case that a signal came just before */
        int ready = poll(polled, LISTENER_COUNT, WAKE_MILLISECONDS);
        collect_children(server);
        for (unsigned i = 0; ready > 0 && i < LISTENER_COUNT; i++)
            if (polled[i].revents && i == LISTEN_DNS_UDP)
                answer_datagram(server);
            else if (polled[i].revents)
                start_session(server, (enum listener)i);
    }
}

static void release(struct practice *practice)
{
    for (size_t i = 0; i < practice->mode_count; i++)
        free(practice->modes[i].owned);
    SSL_CTX_free(practice->tls);
}

/** A command that still runs gets the signal that ended us. */
static int end(struct server *server)
{
    close_sockets(server);
    end_sessions(server);
    release(&server->practice);
    if (server->child > 0 && !server->child_has_ended) {
        kill(server->child, SIGTERM);
        waitpid(server->child, NULL, 0);
        return 128 + (end_wanted ? end_wanted : SIGTERM);
    }
    return server->child_status;
}

int main(int argc, char **argv)
{
    struct server server = {
        .practice = {.user = "jo", .password = "open-sesame-9", .size_limit = 10485760},
        .certificate = "good",
        .parent = getppid(),
    };
    read_options(&server, argc, argv);
    server.practice.tls = practice_tls_new(server.certificate, server.ca_file);
    if (!server.practice.tls)
        fail("no such certificate, or the CA file cannot be written: ", server.certificate);
    open_sockets(&server);
    handle_signals(want_end, wake_up, SIG_IGN);
    if (server.command)
        run_command(&server);
    else
        print_ports(&server);
    serve(&server);
    return end(&server);
}
