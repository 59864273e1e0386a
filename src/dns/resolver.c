#include "dns/resolver.h"

#include "base/address.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "base/random.h"
#include "dns/hosts.h"
#include "dns/route.h"

#include <ares.h>
#include <ev.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* c-ares 1.28 deprecates ares_send() and the functions for lists of servers in
 * favour of ones that 1.18 does not have. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

enum {
    DNS_PORT = 53,
    SERVER_LIMIT = 8,
    CLASSIC_UDP_SIZE = 512, /* RFC 1035 4.2.1 */
    LARGEST_UDP_SIZE = 4096,
    FILE_LIMIT = 1024 * 1024,
};

#define DEFAULT_TIMEOUT SECONDS(30)
#define LONGEST_TRY SECONDS(5)

static const char RESOLV_CONF[] = "/etc/resolv.conf";
static const char HOSTS_FILE[] = "/etc/hosts";

/** c-ares decides by flags of a channel what we want to decide for each question, hence three of them. */
enum way {
    BY_UDP, /* every answer is seen: refusals, failures, truncated ones */
    BY_TCP,
    BY_OTHERS, /* those that refuse or fail are passed over for the next resolver */
    WAY_COUNT,
};

struct watcher {
    ev_io io;
    struct watcher *next;
};

struct transport {
    struct resolver *resolver;
    ares_channel channel;
    struct watcher *watchers;
    ev_timer timer;
    bool is_open;
};

/** One question in c-ares' hands. It cannot be called back, so it may outlive what it was sent for. */
struct flight {
    struct flight *next;
    struct resolver *resolver;
    struct question *question; /* NULL: nobody waits any more */
    uint16_t id;
};

struct question {
    struct question *next;
    struct resolver *resolver;
    struct arena *arena;
    resolver_answer *call;
    void *context;
    const char *name;
    enum dns_type type;
    instant asked;
    ev_timer deadline;

    /* How it is asked now. Each changes at most once, which bounds the number of tries. */
    enum way way;
    bool without_edns;
    bool unchecked;
    bool others_asked;

    /* What came back, until it is looked at. */
    bool has_arrived;
    int status;
    struct buffer message;

    struct dns_answer *answer; /* the last word, unless asking again brings a better one */
    bool is_settled;
};

struct resolver {
    struct ev_loop *loop;
    struct resolver_settings settings;
    struct transport transports[WAY_COUNT];
    struct question *questions; /* in the order in which they were asked */
    struct flight *flights;
    ev_timer delivery;
    bool is_library_ready;
    bool is_known; /* the following: what c-ares was found to use */
    char server[64];
    size_t server_count;
    bool is_private, is_loopback;
    size_t nameserver_lines; /* in resolv.conf */
    bool trusts_ad;
};

const char *resolver_library_version(void)
{
    return ares_version(NULL);
}

/* Settings and files */

/** Reads the port behind an address; nothing there means the usual one. */
static bool read_port(struct span text, int *port)
{
    unsigned long long number = DNS_PORT;
    if (text.size > 0 &&
        (text.at[0] != ':' || !span_to_number(span_skip(text, 1), 65535, &number) || number == 0))
        return false;
    *port = (int)number;
    return true;
}

static bool read_server(struct span text, struct ares_addr_port_node *node)
{
    struct span address, port;
    char copy[INET6_ADDRSTRLEN];
    address_split(text, &address, &port);
    if (address.size >= sizeof copy)
        return false;
    memcpy(copy, address.at, address.size);
    copy[address.size] = '\0';
    *node = (struct ares_addr_port_node){.family = strchr(copy, ':') ? AF_INET6 : AF_INET};
    if (inet_pton(node->family, copy, &node->addr) != 1 || !read_port(port, &node->udp_port))
        return false;
    node->tcp_port = node->udp_port;
    return true;
}

/** Reads a list between commas into a chain of nodes. */
static bool read_servers(const char *text, struct ares_addr_port_node nodes[SERVER_LIMIT])
{
    struct span rest = span_of_string(text), server;
    size_t count = 0;
    while (span_next_token(&rest, ",", &server)) {
        if (count == SERVER_LIMIT || !read_server(span_trim(server), &nodes[count]))
            return false;
        if (count > 0)
            nodes[count - 1].next = &nodes[count];
        count++;
    }
    return count > 0;
}

bool resolver_check_server(const char *server, struct error *error)
{
    struct ares_addr_port_node nodes[SERVER_LIMIT];
    if (read_servers(server, nodes))
        return true;
    return error_set(error,
                     "not the address of a DNS server\n"
                     "Write ADDRESS or ADDRESS:PORT, with brackets around IPv6: 192.0.2.53, 192.0.2.53:5353, "
                     "2001:db8::53, [2001:db8::53]:5353; up to %d between commas. A name cannot be used: it "
                     "would have to be resolved first.",
                     SERVER_LIMIT);
}

/** @return false with errno if the file cannot be read; one that is not there is empty */
static bool read_file(const char *path, struct buffer *contents)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT;
    size_t size;
    do {
        size = fread(buffer_room(contents, 4096), 1, 4096, file);
        buffer_grown(contents, size);
    } while (size > 0 && contents->size < FILE_LIMIT);
    int failure = ferror(file) ? errno : 0;
    fclose(file);
    errno = failure;
    return failure == 0;
}

static void read_options(struct resolver *resolver, struct span options)
{
    struct span option;
    while (span_next_token(&options, " \t\r", &option))
        resolver->trusts_ad |= span_is(option, "trust-ad");
}

/** What c-ares does not tell of resolv.conf(5): whether it names a resolver at all, and trust-ad. */
static void read_resolv_conf(struct resolver *resolver, struct span contents)
{
    struct span line, word;
    while (span_next_token(&contents, "\n", &line)) {
        if (!span_next_token(&line, " \t\r", &word))
            continue;
        if (span_is(word, "nameserver"))
            resolver->nameserver_lines++;
        else if (span_is(word, "options"))
            read_options(resolver, line);
    }
}

static const char *resolv_conf(const struct resolver *resolver)
{
    return resolver->settings.resolv_conf ? resolver->settings.resolv_conf : RESOLV_CONF;
}

/** @return why the resolvers cannot be known, or NULL */
static const char *learn_configuration(struct resolver *resolver, struct arena *arena)
{
    struct buffer contents = BUFFER_EMPTY;
    const char *failure = NULL;
    resolver->nameserver_lines = 0;
    if (!read_file(resolv_conf(resolver), &contents))
        failure = arena_printf(arena, "%s cannot be read: %s", resolv_conf(resolver), strerror(errno));
    else
        read_resolv_conf(resolver, buffer_span(&contents));
    buffer_clear(&contents);
    return failure;
}

/* c-ares on libev */

static void deliver_soon(struct resolver *resolver)
{
    if (!ev_is_active(&resolver->delivery)) {
        ev_timer_set(&resolver->delivery, 0, 0);
        ev_timer_start(resolver->loop, &resolver->delivery);
    }
}

static void watch_timeout(struct transport *transport)
{
    struct ev_loop *loop = transport->resolver->loop;
    struct timeval soon, *wait = ares_timeout(transport->channel, NULL, &soon);
    ev_timer_stop(loop, &transport->timer);
    if (!wait)
        return;
    ev_now_update(loop);
    ev_timer_set(&transport->timer, (double)wait->tv_sec + (double)wait->tv_usec / 1e6, 0);
    ev_timer_start(loop, &transport->timer);
}

static void on_socket(struct ev_loop *loop, ev_io *io, int events)
{
    struct transport *transport = io->data;
    int fd = io->fd;
    (void)loop;
    /* The watcher may be gone after this, but not the transport: nobody outside is called from here. */
    ares_process_fd(transport->channel, events & EV_READ ? fd : ARES_SOCKET_BAD,
                    events & EV_WRITE ? fd : ARES_SOCKET_BAD);
    watch_timeout(transport);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct transport *transport = timer->data;
    (void)loop;
    (void)events;
    ares_process_fd(transport->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    watch_timeout(transport);
}

static struct watcher **find_watcher(struct transport *transport, int fd)
{
    struct watcher **place = &transport->watchers;
    while (*place && (*place)->io.fd != fd)
        place = &(*place)->next;
    return place;
}

/** c-ares wants another set of events of a socket, or none since it is about to be closed. */
static void on_socket_state(void *data, ares_socket_t fd, int readable, int writable)
{
    struct transport *transport = data;
    struct ev_loop *loop = transport->resolver->loop;
    struct watcher **place = find_watcher(transport, fd), *watcher = *place;
    if (watcher)
        ev_io_stop(loop, &watcher->io);
    if (!readable && !writable) {
        if (watcher)
            *place = watcher->next;
        free(watcher);
        return;
    }
    if (!watcher) {
        watcher = memory_allocate(sizeof *watcher);
        watcher->next = NULL;
        *place = watcher;
        ev_init(&watcher->io, on_socket);
        watcher->io.data = transport;
    }
    ev_io_set(&watcher->io, fd, (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));
    ev_io_start(loop, &watcher->io);
}

/**
 * The first try is short enough to leave time for further resolvers when the
 * first one is dead; c-ares doubles it with each round, and our own timer ends
 * the asking.
 */
static int first_try(duration timeout)
{
    duration try = timeout / 4 < LONGEST_TRY ? timeout / 4 : LONGEST_TRY;
    return try < MILLISECONDS(1) ? 1 : (int)(try / MILLISECONDS(1));
}

static int way_flags(enum way way)
{
    int flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
    switch (way) {
    case BY_UDP:
        return flags | ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC;
    case BY_TCP:
        return flags | ARES_FLAG_NOCHECKRESP | ARES_FLAG_USEVC;
    default:
        return flags;
    }
}

static int init_channel(struct transport *transport, enum way way)
{
    struct resolver *resolver = transport->resolver;
    char nothing[] = "/dev/null", *path = memory_copy_string(resolv_conf(resolver));
    struct ares_options options = {
        .flags = way_flags(way),
        .timeout = first_try(resolver->settings.timeout),
        .tries = 6,
        .sock_state_cb = on_socket_state,
        .sock_state_cb_data = transport,
        .ednspsz = LARGEST_UDP_SIZE, /* what is let through; we ask for less, not every server keeps to it */
        .resolvconf_path = resolver->settings.server ? nothing : path,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB |
               ARES_OPT_EDNSPSZ | ARES_OPT_RESOLVCONF;
#ifdef ARES_OPT_QUERY_CACHE
    mask |= ARES_OPT_QUERY_CACHE; /* with no time to live: a diagnosis asks anew */
#endif
    int status = ares_init_options(&transport->channel, &options, mask);
    free(path);
    if (status != ARES_SUCCESS || !resolver->settings.server)
        return status;
    struct ares_addr_port_node nodes[SERVER_LIMIT];
    status = read_servers(resolver->settings.server, nodes)
                 ? ares_set_servers_ports(transport->channel, nodes)
                 : ARES_EBADNAME;
    if (status != ARES_SUCCESS)
        ares_destroy(transport->channel);
    return status;
}

static void learn_server(struct resolver *resolver, const struct ares_addr_port_node *node)
{
    enum address_kind kind = address_kind(node->family, (const unsigned char *)&node->addr);
    int port = node->udp_port ? node->udp_port : DNS_PORT;
    char text[INET6_ADDRSTRLEN];
    if (resolver->server_count++ == 0) {
        inet_ntop(node->family, &node->addr, text, sizeof text);
        snprintf(resolver->server, sizeof resolver->server, node->family == AF_INET6 ? "[%s]:%d" : "%s:%d",
                 text, port);
        resolver->is_private = kind == ADDRESS_LOOPBACK || kind == ADDRESS_PRIVATE;
        resolver->is_loopback = true;
    }
    resolver->is_loopback &= kind == ADDRESS_LOOPBACK;
}

static void learn_servers(struct resolver *resolver, ares_channel channel)
{
    struct ares_addr_port_node *nodes = NULL;
    resolver->server_count = 0;
    if (ares_get_servers_ports(channel, &nodes) == ARES_SUCCESS)
        for (const struct ares_addr_port_node *node = nodes; node; node = node->next)
            learn_server(resolver, node);
    if (nodes)
        ares_free_data(nodes);
    resolver->is_known = resolver->server_count > 0;
}

/** @return why a channel cannot be had, in the arena, or NULL */
static const char *open_transport(struct resolver *resolver, enum way way, struct arena *arena)
{
    struct transport *transport = &resolver->transports[way];
    if (transport->is_open)
        return NULL;
    const char *failure = resolver->settings.server ? NULL : learn_configuration(resolver, arena);
    if (failure)
        return failure;
    if (!resolver->is_library_ready && ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
        return "c-ares cannot be initialised";
    resolver->is_library_ready = true;
    int status = init_channel(transport, way);
    if (status != ARES_SUCCESS)
        return arena_printf(arena, "c-ares cannot be set up: %s", ares_strerror(status));
    transport->is_open = true;
    if (!resolver->is_known)
        learn_servers(resolver, transport->channel);
    return NULL;
}

/* Questions */

static struct dns_answer *new_answer(const struct question *question, enum dns_status status,
                                     const char *reason)
{
    struct dns_answer *answer = ARENA_NEW(question->arena, struct dns_answer);
    *answer = (struct dns_answer){.name = arena_copy_string(question->arena, question->name),
                                  .type = question->type,
                                  .status = status,
                                  .reason = reason,
                                  .ede = -1};
    return answer;
}

static void settle(struct question *question, struct dns_answer *answer)
{
    question->answer = answer;
    question->is_settled = true;
    ev_timer_stop(question->resolver->loop, &question->deadline);
    deliver_soon(question->resolver);
}

static bool id_is_in_use(const struct resolver *resolver, uint16_t id)
{
    for (const struct flight *flight = resolver->flights; flight; flight = flight->next)
        if (flight->id == id)
            return true;
    return false;
}

/** c-ares takes the id as it finds it, and tells answers apart by it. */
static uint16_t draw_id(const struct resolver *resolver)
{
    uint16_t id;
    do
        id = (uint16_t)random_number();
    while (id_is_in_use(resolver, id));
    return id;
}

/** @return the question that waited for the flight, or NULL */
static struct question *land(struct flight *flight)
{
    struct question *question = flight->question;
    struct flight **place = &flight->resolver->flights;
    while (*place != flight)
        place = &(*place)->next;
    *place = flight->next;
    free(flight);
    return question;
}

/** Only notes what came: c-ares is in the middle of its work and must not be cancelled or destroyed from
 * here. */
static void on_answer(void *argument, int status, int timeouts, unsigned char *octets, int size)
{
    struct question *question = land(argument);
    (void)timeouts;
    if (!question)
        return;
    question->has_arrived = true;
    question->status = status;
    buffer_truncate(&question->message, 0);
    if (octets && size > 0)
        buffer_add(&question->message, span_of((const char *)octets, (size_t)size));
    deliver_soon(question->resolver);
}

/** Nobody waits for what is still under way of a question. */
static void forget_flights(const struct resolver *resolver, const struct question *question)
{
    for (struct flight *flight = resolver->flights; flight; flight = flight->next)
        if (flight->question == question)
            flight->question = NULL;
}

static void send_question(struct question *question)
{
    struct resolver *resolver = question->resolver;
    struct transport *transport = &resolver->transports[question->way];
    unsigned char octets[DNS_QUESTION_LIMIT];
    const char *failure = open_transport(resolver, question->way, question->arena);
    if (failure) {
        settle(question, question->answer ? question->answer : new_answer(question, DNS_FAILED, failure));
        return;
    }
    uint16_t id = draw_id(resolver);
    unsigned flags = DNS_AD | (question->unchecked ? DNS_CD : 0);
    size_t size = dns_question_write(octets, id, question->name, question->type, flags,
                                     question->without_edns ? 0 : DNS_UDP_SIZE);
    if (size == 0) {
        settle(question, new_answer(question, DNS_FAILED, "the name is no legal one in DNS"));
        return;
    }
    struct flight *flight = memory_allocate(sizeof *flight);
    *flight = (struct flight){resolver->flights, resolver, question, id};
    resolver->flights = flight;
    ares_send(transport->channel, octets, (int)size, on_answer, flight);
    watch_timeout(transport);
}

/** Gives a question that is asked once more its time, but never more than twice the time for one. */
static void ask_again(struct question *question)
{
    struct resolver *resolver = question->resolver;
    duration timeout = resolver->settings.timeout;
    duration left = question->asked + 2 * timeout - instant_now();
    if (left > timeout)
        left = timeout;
    ev_timer_stop(resolver->loop, &question->deadline);
    ev_now_update(resolver->loop);
    ev_timer_set(&question->deadline, left > 0 ? duration_in_seconds(left) : 0, 0);
    ev_timer_start(resolver->loop, &question->deadline);
    send_question(question);
}

/* Judging what came */

static const char *who_was_asked(const struct question *question)
{
    const struct resolver *resolver = question->resolver;
    if (!resolver->settings.server && resolver->nameserver_lines == 0)
        return arena_printf(question->arena, "%s names no resolver, and at %s", resolv_conf(resolver),
                            resolver->server);
    if (resolver->server_count > 1)
        return arena_printf(question->arena, "at the resolver %s and %zu more", resolver->server,
                            resolver->server_count - 1);
    return arena_printf(question->arena, "at the resolver %s", resolver->server);
}

static struct dns_answer *timed_out(const struct question *question)
{
    return new_answer(question, DNS_TIMEOUT,
                      arena_printf(question->arena, "%s nobody answers", who_was_asked(question)));
}

/** What it means that c-ares comes back without an answer. */
static struct dns_answer *failed(const struct question *question)
{
    switch (question->status) {
    case ARES_ETIMEOUT:
        return timed_out(question);
    case ARES_EBADRESP:
        return new_answer(question, DNS_MALFORMED, "c-ares cannot read it");
    case ARES_ECONNREFUSED:
        return new_answer(question, DNS_FAILED,
                          arena_printf(question->arena, "%s connections are refused, or no way leads there",
                                       who_was_asked(question)));
    default:
        return new_answer(question, DNS_FAILED,
                          arena_printf(question->arena, "c-ares: %s", ares_strerror(question->status)));
    }
}

static struct dns_answer *judge(const struct question *question)
{
    if (question->status != ARES_SUCCESS)
        return failed(question);
    struct dns_answer *answer = ARENA_NEW(question->arena, struct dns_answer);
    dns_message_read(answer, buffer_span(&question->message), question->name, question->type,
                     question->arena);
    answer->over_tcp = question->way == BY_TCP;
    return answer;
}

/**
 * A server that sends more than we take has its answer cut on the way to us, without the bit that says so.
 * c-ares 1.28 and newer keep what they cannot read to themselves: it may have been cut within a record.
 */
static bool is_cut(const struct question *question, const struct dns_answer *answer)
{
    return answer->truncated ||
           (answer->status == DNS_MALFORMED &&
            (question->status == ARES_EBADRESP || question->message.size >= CLASSIC_UDP_SIZE));
}

static void go_on_over_tcp(struct question *question, struct dns_answer *answer)
{
    if (answer->truncated) {
        struct dns_answer *cut =
            new_answer(question, DNS_MALFORMED, "it is truncated, and the resolver does not answer over TCP");
        cut->truncated = true;
        cut->rcode = answer->rcode;
        cut->ede = answer->ede;
        cut->ede_text = answer->ede_text;
        answer = cut;
    }
    question->answer = answer;
    question->way = BY_TCP;
    ask_again(question);
}

/** Whether the zone has an answer for those who do not validate. */
static bool says_something(const struct question *question, const struct dns_answer *answer)
{
    bool is_readable = answer->status != DNS_MALFORMED || answer->truncated;
    return question->status == ARES_SUCCESS && is_readable && (answer->rcode == 0 || answer->rcode == 3);
}

static bool others_may_help(const struct question *question, const struct dns_answer *answer)
{
    return (answer->status == DNS_SERVFAIL || answer->status == DNS_REFUSED) && !question->others_asked &&
           question->resolver->server_count > 1;
}

static void ask_others(struct question *question, struct dns_answer *answer)
{
    question->answer = answer;
    question->others_asked = true;
    question->unchecked = false;
    question->way = BY_OTHERS;
    ask_again(question);
}

/** The answer to the question that was asked with checking disabled, after SERVFAIL. */
static void conclude_unchecked(struct question *question, const struct dns_answer *unchecked)
{
    struct dns_answer *answer = question->answer;
    if (says_something(question, unchecked))
        answer->status = DNS_BOGUS;
    if (others_may_help(question, answer))
        ask_others(question, answer);
    else
        settle(question, answer);
}

/** Decides on what arrived: the last word, or whether to ask again in another way. */
static void take_up(struct question *question)
{
    struct dns_answer *answer = judge(question);
    bool has_answer = question->status == ARES_SUCCESS;
    if (question->unchecked) {
        conclude_unchecked(question, answer);
    } else if (!has_answer && question->answer) {
        settle(question, question->answer);
    } else if (question->way == BY_UDP && is_cut(question, answer)) {
        go_on_over_tcp(question, answer);
    } else if (has_answer && answer->rcode == 1 && !question->without_edns) {
        /* FORMERR: one that is older than EDNS (RFC 6891 7). */
        question->answer = answer;
        question->without_edns = true;
        ask_again(question);
    } else if (answer->status == DNS_SERVFAIL && question->way != BY_OTHERS) {
        question->answer = answer;
        question->unchecked = true;
        ask_again(question);
    } else if (others_may_help(question, answer)) {
        ask_others(question, answer);
    } else {
        settle(question, answer);
    }
}

static void on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct question *question = timer->data;
    (void)loop;
    (void)events;
    forget_flights(question->resolver, question);
    settle(question, question->answer ? question->answer : timed_out(question));
}

/* Delivery */

static void free_question(struct question *question)
{
    ev_timer_stop(question->resolver->loop, &question->deadline);
    buffer_clear(&question->message);
    free(question);
}

static struct question *take_settled(struct resolver *resolver)
{
    for (struct question **place = &resolver->questions; *place; place = &(*place)->next)
        if ((*place)->is_settled) {
            struct question *question = *place;
            *place = question->next;
            return question;
        }
    return NULL;
}

/** c-ares can only drop all or nothing; what is still under way goes on if anybody waits for any of it. */
static void drop_flights(struct resolver *resolver)
{
    for (const struct flight *flight = resolver->flights; flight; flight = flight->next)
        if (flight->question)
            return;
    for (int way = 0; way < WAY_COUNT; way++) {
        struct transport *transport = &resolver->transports[way];
        if (transport->is_open) {
            ares_cancel(transport->channel);
            watch_timeout(transport);
        }
    }
}

/** One answer at a time and as the last act, since its owner may free the resolver. */
static void on_delivery(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct resolver *resolver = timer->data;
    (void)loop;
    (void)events;
    for (struct question *question = resolver->questions; question; question = question->next)
        if (question->has_arrived && !question->is_settled) {
            question->has_arrived = false;
            take_up(question);
        }
    struct question *settled = take_settled(resolver);
    if (!settled)
        return;
    deliver_soon(resolver);
    if (resolver->flights)
        drop_flights(resolver);
    struct dns_answer *answer = settled->answer;
    resolver_answer *call = settled->call;
    void *context = settled->context;
    answer->asked = settled->asked;
    answer->answered = instant_now();
    free_question(settled);
    call(context, answer);
}

static struct question *add_question(struct resolver *resolver, const char *name, enum dns_type type,
                                     struct arena *arena)
{
    struct question *question = memory_allocate(sizeof *question);
    *question = (struct question){.resolver = resolver,
                                  .arena = arena,
                                  .name = arena_copy_string(arena, name),
                                  .type = type,
                                  .asked = instant_now()};
    struct question **place = &resolver->questions;
    while (*place)
        place = &(*place)->next;
    *place = question;
    ev_timer_init(&question->deadline, on_deadline, duration_in_seconds(resolver->settings.timeout), 0);
    question->deadline.data = question;
    return question;
}

static void start(struct question *question)
{
    struct dns_answer loopback;
    if (hosts_find_loopback(&loopback, question->name, question->type, question->arena)) {
        struct dns_answer *answer = ARENA_NEW(question->arena, struct dns_answer);
        *answer = loopback;
        settle(question, answer);
        return;
    }
    ev_now_update(question->resolver->loop);
    ev_timer_start(question->resolver->loop, &question->deadline);
    send_question(question);
}

void resolver_ask(struct resolver *resolver, const char *name, enum dns_type type, struct arena *arena,
                  resolver_answer *call, void *context)
{
    struct question *question = add_question(resolver, name, type, arena);
    question->call = call;
    question->context = context;
    start(question);
}

/**
 * @return what the hosts file says, or NULL; a file that cannot be read says nothing, as for other programs
 */
static struct dns_answer *find_in_hosts_file(const struct question *question)
{
    const char *path = question->resolver->settings.hosts_file;
    struct buffer contents = BUFFER_EMPTY;
    struct dns_answer found, *answer = NULL;
    if ((question->type == DNS_A || question->type == DNS_AAAA) &&
        read_file(path ? path : HOSTS_FILE, &contents) &&
        hosts_find(&found, buffer_span(&contents), question->name, question->type, question->arena)) {
        answer = ARENA_NEW(question->arena, struct dns_answer);
        *answer = found;
    }
    buffer_clear(&contents);
    return answer;
}

void resolver_ask_host(struct resolver *resolver, const char *name, enum dns_type type, struct arena *arena,
                       resolver_answer *call, void *context)
{
    struct question *question = add_question(resolver, name, type, arena);
    question->call = call;
    question->context = context;
    struct dns_answer *answer = find_in_hosts_file(question);
    if (answer)
        settle(question, answer);
    else
        start(question);
}

/* The resolver */

struct resolver *resolver_new(struct ev_loop *loop, const struct resolver_settings *settings)
{
    struct resolver *resolver = memory_allocate(sizeof *resolver);
    *resolver = (struct resolver){.loop = loop, .settings = *settings};
    if (resolver->settings.timeout == NEVER)
        resolver->settings.timeout = DEFAULT_TIMEOUT;
    for (int way = 0; way < WAY_COUNT; way++) {
        struct transport *transport = &resolver->transports[way];
        transport->resolver = resolver;
        ev_init(&transport->timer, on_timer);
        transport->timer.data = transport;
    }
    ev_init(&resolver->delivery, on_delivery);
    resolver->delivery.data = resolver;
    return resolver;
}

void resolver_cancel(struct resolver *resolver)
{
    ev_timer_stop(resolver->loop, &resolver->delivery);
    while (resolver->questions) {
        struct question *question = resolver->questions;
        resolver->questions = question->next;
        forget_flights(resolver, question);
        free_question(question);
    }
    drop_flights(resolver);
}

void resolver_free(struct resolver *resolver)
{
    if (!resolver)
        return;
    resolver_cancel(resolver);
    for (int way = 0; way < WAY_COUNT; way++) {
        struct transport *transport = &resolver->transports[way];
        ev_timer_stop(resolver->loop, &transport->timer);
        if (transport->is_open)
            ares_destroy(transport->channel); /* closes its sockets, and so ends their watchers */
    }
    if (resolver->is_library_ready)
        ares_library_cleanup();
    free(resolver);
}

const char *resolver_server(struct resolver *resolver)
{
    return resolver->is_known ? resolver->server : NULL;
}

bool resolver_is_private(struct resolver *resolver)
{
    return resolver->is_private;
}

bool resolver_is_trusted(struct resolver *resolver)
{
    return resolver->is_known && (resolver->is_loopback || resolver->trusts_ad);
}
