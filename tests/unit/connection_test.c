/* Connections over real sockets on loopback: how they come about, carry a dialogue, and end. */
#include "authority.h"
#include "check.h"
#include "mail_server.h"

#include "net/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE = 150 /* ms */, GRACE = 1000 /* ms, for a busy machine */ };

static struct credential authority, certificate;
static char authority_file[] = "/tmp/connection_test.XXXXXX";

/* --- One client --- */

struct client {
    struct ev_loop *loop;
    struct arena arena;
    struct plan plan;
    struct mailbox sender, recipient;
    struct dialogue dialogue;
    struct connection connection;
    struct tls_context *tls;
    struct tls_facts facts;
    unsigned established, secured, closed; /* how often it was told */
    instant began, ended;
};

static void client_init(struct client *client)
{
    *client = (struct client){.loop = ev_loop_new(EVBACKEND_POLL | EVFLAG_NOENV), .arena = ARENA_EMPTY};
    client->sender.wire = SPAN("me@client.example");
    client->recipient.wire = SPAN("you@mx.example.com");
    client->plan = (struct plan){.sender = &client->sender,
                                 .recipients = &client->recipient,
                                 .recipient_count = 1,
                                 .message = SPAN("Subject: test\r\n\r\n.\r\nbye\r\n"),
                                 .tls = TLS_NONE,
                                 .timeout = SECONDS(20),
                                 .quit_timeout = SECONDS(3)};
    client->connection.fd = -1;
}

static void client_clear(struct client *client)
{
    connection_clear(&client->connection);
    dialogue_clear(&client->dialogue);
    if (client->tls)
        tls_context_free(client->tls);
    ev_loop_destroy(client->loop);
    arena_clear(&client->arena);
}

static void begin_dialogue(struct client *client)
{
    dialogue_init(&client->dialogue, &client->plan, NULL, "client.example", "localhost", &client->arena,
                  instant_now());
    connection_converse(&client->connection, &client->dialogue);
}

static void begin_handshake(struct client *client)
{
    struct tls_settings settings = {.ca_path = authority_file, .verify_ca = true, .verify_host = true};
    struct error error;
    client->tls = tls_context_new(&settings, &error);
    if (!client->tls)
        fail_msg("%s", error.text);
    connection_secure(&client->connection,
                      channel_new(client->tls, "localhost", &client->facts, &client->arena, instant_now()));
}

static void handshake_ended(struct client *client)
{
    client->secured++;
    if (client->plan.tls == TLS_IMPLICIT)
        begin_dialogue(client);
    if (!client->facts.finished)
        dialogue_insecure(&client->dialogue, client->facts.cause, NULL, instant_now());
    else if (client->plan.tls == TLS_IMPLICIT)
        dialogue_starts_secured(&client->dialogue, client->facts.verified);
    else
        dialogue_secured(&client->dialogue, client->facts.verified, instant_now());
}

static void on_connection(void *context, enum connection_event event)
{
    struct client *client = context;
    switch (event) {
    case CONNECTION_ESTABLISHED:
        client->established++;
        if (client->plan.tls == TLS_IMPLICIT)
            begin_handshake(client);
        else
            begin_dialogue(client);
        break;
    case CONNECTION_WANTS_TLS:
        begin_handshake(client);
        break;
    case CONNECTION_TLS_ENDED:
        handshake_ended(client);
        break;
    case CONNECTION_CLOSED:
        client->closed++;
        client->ended = instant_now();
        break;
    case CONNECTION_TLS_BROKE:
    case CONNECTION_PROGRESS:
        break;
    }
}

/** Runs until the connection is closed; nothing else is in the loop. */
static void connect_to(struct client *client, struct connection_target target)
{
    client->began = instant_now();
    if (!target.family)
        target.family = AF_INET;
    if (!target.timeout)
        target.timeout = client->plan.timeout;
    connection_open(&client->connection, client->loop, &target, on_connection, client);
    ev_run(client->loop, 0);
    assert_int_equal(client->closed, 1);
    assert_int_equal(client->connection.fd, -1);
}

static long long milliseconds_taken(const struct client *client)
{
    return (client->ended - client->began) / MILLISECONDS(1);
}

static void check_never_stood(const char *name, const struct client *client, enum cause cause, int error_number)
{
    check_number(name, "times established", client->established, 0);
    check_string(name, span_of_string(cause_name(client->connection.cause)), cause_name(cause));
    check_number(name, "errno", (unsigned)client->connection.error_number, (unsigned)error_number);
    check_number(name, "round trips", client->connection.round_trips, 0);
}

/* --- Connecting --- */

/** Binds a socket of a loopback port, and lets nobody in. */
static int closed_door(unsigned *port)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(door >= 0);
    assert_int_equal(bind(door, (struct sockaddr *)&place, size), 0);
    assert_int_equal(getsockname(door, (struct sockaddr *)&place, &size), 0);
    *port = ntohs(place.sin_port);
    return door;
}

static void a_failed_connection_says_why(void **state)
{
    unsigned port;
    int door = closed_door(&port);
    const struct {
        const char *name;
        struct connection_target target;
        enum cause cause;
        int error_number;
    } cases[] = {
        {"refused", {.address = "127.0.0.1"}, CAUSE_CONNECTION_REFUSED, ECONNREFUSED},
        /* the kernel refuses TCP to broadcast addresses as it refuses what it has no route for */
        {"no route", {.address = "255.255.255.255"}, CAUSE_NETWORK_UNREACHABLE, ENETUNREACH},
        {"address of another family", {.address = "::1"}, CAUSE_NETWORK_UNREACHABLE, EAFNOSUPPORT},
        {"family that the machine lacks", {.address = "127.0.0.1", .family = AF_APPLETALK + 1000},
         CAUSE_NETWORK_UNREACHABLE, EAFNOSUPPORT},
        {"source that is not ours", {.address = "127.0.0.1", .local_address = "192.0.2.1"},
         CAUSE_SOURCE_ADDRESS_UNAVAILABLE, EADDRNOTAVAIL},
        {"source of another family", {.address = "127.0.0.1", .local_address = "::1"},
         CAUSE_SOURCE_ADDRESS_UNAVAILABLE, EAFNOSUPPORT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct client client;
        struct connection_target target = cases[i].target;
        client_init(&client);
        target.port = port;
        connect_to(&client, target);
        check_never_stood(cases[i].name, &client, cases[i].cause, cases[i].error_number);
        client_clear(&client);
    }
    close(door);
}

static void errnos_have_their_causes(void **state)
{
    static const struct {
        int error_number;
        enum cause cause;
    } cases[] = {
        {0, CAUSE_OK},
        {ECONNREFUSED, CAUSE_CONNECTION_REFUSED},
        {ETIMEDOUT, CAUSE_CONNECTION_TIMEOUT},
        {ECONNRESET, CAUSE_CONNECTION_RESET},
        {EPIPE, CAUSE_CONNECTION_RESET},
        {EHOSTUNREACH, CAUSE_HOST_UNREACHABLE},
        {EHOSTDOWN, CAUSE_HOST_UNREACHABLE},
        {ENETUNREACH, CAUSE_NETWORK_UNREACHABLE},
        {EACCES, CAUSE_NETWORK_UNREACHABLE},
        {EPERM, CAUSE_NETWORK_UNREACHABLE},
        {EADDRNOTAVAIL, CAUSE_NETWORK_UNREACHABLE},
        {EMFILE, CAUSE_LOCAL_FAILURE},
        {ENFILE, CAUSE_LOCAL_FAILURE},
        {ENOBUFS, CAUSE_LOCAL_FAILURE},
        {ENOMEM, CAUSE_LOCAL_FAILURE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_string(strerror(cases[i].error_number),
                     span_of_string(cause_name(connection_cause(cases[i].error_number))), cause_name(cases[i].cause));
}

static void without_descriptors_it_is_our_own_failure(void **state)
{
    struct client client;
    struct rlimit usual, none;
    (void)state;
    client_init(&client);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    none = usual;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct connection_target target = {.family = AF_INET, .address = "127.0.0.1", .port = 25, .timeout = SECONDS(1)};
    connection_open(&client.connection, client.loop, &target, on_connection, &client);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_int_equal(client.closed, 1);
    check_never_stood("no descriptors", &client, CAUSE_LOCAL_FAILURE, EMFILE);
    client_clear(&client);
}

/** With its queue full, a listening socket leaves further SYNs unanswered, as a packet filter does. */
static void connecting_has_a_deadline__invariant_16(void **state)
{
    enum { FILLERS = 4 };
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fillers[FILLERS];
    unsigned port;
    struct client client;
    (void)state;
    int door = closed_door(&port);
    assert_int_equal(listen(door, 0), 0);
    place.sin_port = htons((uint16_t)port);
    for (int i = 0; i < FILLERS; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        connect(fillers[i], (struct sockaddr *)&place, sizeof place);
    }
    client_init(&client);
    connect_to(&client, (struct connection_target){
                            .address = "127.0.0.1", .port = port, .timeout = MILLISECONDS(PATIENCE)});
    check_never_stood("timeout", &client, CAUSE_CONNECTION_TIMEOUT, ETIMEDOUT);
    assert_in_range(milliseconds_taken(&client), PATIENCE, PATIENCE + GRACE);
    client_clear(&client);
    for (int i = 0; i < FILLERS; i++)
        close(fillers[i]);
    close(door);
}

static void serve(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.offers_tls = true});
}

static void the_source_is_what_the_user_named(void **state)
{
    struct mail_server server;
    struct client client;
    unsigned port;
    (void)state;
    close(closed_door(&port)); /* so that it is free now */
    mail_server_start(&server, "127.0.0.1", 0, 0, serve);
    client_init(&client);
    struct connection_target target = {.address = "127.0.0.1", .port = server.port,
                                       .local_address = "127.0.0.3", .local_port = port};
    connect_to(&client, target);
    assert_int_equal(client.dialogue.end.ending, ENDING_DONE);
    assert_string_equal(server.log->peer, "127.0.0.3");
    client_clear(&client);
    mail_server_stop(&server);
}

static void a_source_port_in_use_is_named(void **state)
{
    struct client client;
    unsigned port;
    (void)state;
    int door = closed_door(&port);
    assert_int_equal(listen(door, 1), 0);
    client_init(&client);
    connect_to(&client, (struct connection_target){.address = "127.0.0.1", .port = port,
                                                   .local_address = "127.0.0.1", .local_port = port});
    check_never_stood("in use", &client, CAUSE_SOURCE_ADDRESS_UNAVAILABLE, EADDRINUSE);
    client_clear(&client);
    close(door);
}

/* --- The dialogue over it --- */

static void converse(struct client *client, mail_script *script, int receive_buffer, struct mail_log *log)
{
    struct mail_server server;
    mail_server_start(&server, "127.0.0.1", 0, receive_buffer, script);
    connect_to(client, (struct connection_target){.address = "127.0.0.1", .port = server.port});
    *log = *server.log;
    mail_server_stop(&server);
}

static void check_end(const char *name, const struct client *client, enum ending ending, enum stage stage,
                      enum cause cause)
{
    const struct dialogue_end *end = &client->dialogue.end;
    check_string(name, span_of_string(stage_name(end->stage)), stage_name(stage));
    check_string(name, span_of_string(cause_name(end->cause)), cause_name(cause));
    check_number(name, "ending", end->ending, ending);
}

static const char spoken[] = "EHLO client.example\nMAIL FROM:<me@client.example>\n"
                             "RCPT TO:<you@mx.example.com>\nDATA\nQUIT\n";
static const char spoken_with_tls[] = "EHLO client.example\nSTARTTLS\nEHLO client.example\n"
                                      "MAIL FROM:<me@client.example>\nRCPT TO:<you@mx.example.com>\nDATA\nQUIT\n";

static void serve_tls(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.implicit_tls = true});
}

/** connect, banner, EHLO, MAIL, RCPT, DATA, body, QUIT; with TLS 1.3 STARTTLS, handshake and EHLO */
static void round_trips_are_as_few_as_can_be(void **state)
{
    static const struct {
        const char *name;
        mail_script *script;
        enum tls_policy tls;
        bool pipeline;
        unsigned round_trips;
        const char *spoken;
    } cases[] = {
        {"in the clear", serve, TLS_NONE, false, 8, spoken},
        {"in the clear, pipelined", serve, TLS_NONE, true, 5, spoken},
        {"STARTTLS", serve, TLS_REQUIRED, false, 11, spoken_with_tls},
        {"STARTTLS, pipelined", serve, TLS_REQUIRED, true, 8, spoken_with_tls},
        {"implicit TLS", serve_tls, TLS_IMPLICIT, false, 9, spoken},
        {"implicit TLS, pipelined", serve_tls, TLS_IMPLICIT, true, 6, spoken},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct client client;
        struct mail_log log;
        client_init(&client);
        client.plan.tls = cases[i].tls;
        client.plan.pipeline = cases[i].pipeline;
        converse(&client, cases[i].script, 0, &log);
        check_end(cases[i].name, &client, ENDING_DONE, client.dialogue.end.stage, CAUSE_OK);
        check_string(cases[i].name, span_of(log.commands, log.commands_size), cases[i].spoken);
        check_number(cases[i].name, "octets of body", log.body, strlen("Subject: test\r\n\r\n..\r\nbye\r\n.\r\n"));
        check_number(cases[i].name, "round trips", client.connection.round_trips, cases[i].round_trips);
        check_number(cases[i].name, "handshakes", client.secured, cases[i].tls != TLS_NONE);
        CHECK(cases[i].name, client.facts.verified == (cases[i].tls != TLS_NONE));
        client_clear(&client);
    }
}

static void serve_in_pieces(struct wire *wire)
{
    static const size_t pieces[] = {1, 2, 3, 7};
    wire->piece = pieces[wire->number % 4];
    wire_serve(wire, &(struct manners){.offers_tls = true});
}

static void replies_may_come_in_any_pieces(void **state)
{
    struct mail_server server;
    (void)state;
    mail_server_start(&server, "127.0.0.1", 0, 0, serve_in_pieces);
    for (unsigned i = 0; i < 8; i++) {
        struct client client;
        client_init(&client);
        client.plan.tls = i < 4 ? TLS_NONE : TLS_REQUIRED;
        server.log->commands_size = 0;
        connect_to(&client, (struct connection_target){.address = "127.0.0.1", .port = server.port});
        check_end("pieces", &client, ENDING_DONE, client.dialogue.end.stage, CAUSE_OK);
        check_string("pieces", span_of(server.log->commands, server.log->commands_size),
                     i < 4 ? spoken : spoken_with_tls);
        check_number("pieces", "round trips", client.connection.round_trips, i < 4 ? 8 : 11);
        client_clear(&client);
    }
    mail_server_stop(&server);
}

/** 2 MB of lines, as they go on the wire but for the dot. */
static struct span large_message(void)
{
    enum { LINES = 32 * 1024, LINE = 64 };
    static char text[LINES * LINE + 1];
    for (size_t i = 0; i < LINES; i++)
        snprintf(text + i * LINE, LINE + 1, "Line %057zu\r\n", i);
    return span_of(text, LINES * LINE);
}

static void serve_slowly(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.offers_tls = true, .body_pause = 300});
}

static void a_large_message_arrives_whole_at_a_slow_server(void **state)
{
    enum { SMALL_BUFFER = 4096 };
    struct span message = large_message();
    unsigned expected = mail_hash(mail_hash(0, message.at, message.size), ".\r\n", 3);
    (void)state;
    for (int with_tls = 0; with_tls < 2; with_tls++) {
        struct client client;
        struct mail_log log;
        client_init(&client);
        client.plan.message = message;
        client.plan.tls = with_tls ? TLS_REQUIRED : TLS_NONE;
        converse(&client, serve_slowly, SMALL_BUFFER, &log);
        check_end("large", &client, ENDING_DONE, client.dialogue.end.stage, CAUSE_OK);
        check_number("large", "octets", log.body, message.size + 3);
        check_number("large", "hash", log.body_hash, expected);
        client_clear(&client);
    }
}

/* --- Servers that end it --- */

static void go_as_far_as_body(struct wire *wire)
{
    char line[256];
    wire_say(wire, "220 mx\r\n");
    while (wire_hear(wire, line, sizeof line) && strcmp(line, "DATA") != 0)
        wire_say(wire, "250 Ok\r\n");
    wire_say(wire, "354 Go ahead\r\n");
    wire_hear(wire, line, sizeof line);
}

static void close_in_body(struct wire *wire)
{
    go_as_far_as_body(wire);
}

static void refuse_in_body(struct wire *wire)
{
    go_as_far_as_body(wire);
    wire_say(wire, "552 Too much\r\n");
    usleep(20000); /* so that the words are on their way before the reset that unread octets cause */
}

static void close_at_once(struct wire *wire)
{
    (void)wire;
}

static void reset_at_once(struct wire *wire)
{
    usleep(20000); /* not before the client has seen the connection stand */
    wire_reset(wire);
}

static void close_in_reply(struct wire *wire)
{
    wire_say(wire, "220 mx");
}

static void reset_in_reply(struct wire *wire)
{
    wire_say(wire, "220-mx\r\n22");
    usleep(20000);
    wire_reset(wire);
}

static void close_in_handshake(struct wire *wire)
{
    char line[256];
    wire_say(wire, "220 mx\r\n");
    wire_hear(wire, line, sizeof line);
    wire_say(wire, "250-mx\r\n250 STARTTLS\r\n");
    wire_hear(wire, line, sizeof line);
    wire_say(wire, "220 Go ahead\r\n");
    usleep(20000);
    shutdown(wire->fd, SHUT_WR);
    wire_wait(wire);
}

static void speak_on_in_clear(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.offers_tls = true, .starttls = "220 Go ahead\r\n"});
}

static void servers_that_leave_are_told_apart(void **state)
{
    static const struct {
        const char *name;
        mail_script *script;
        enum tls_policy tls;
        enum ending ending;
        enum stage stage;
        enum cause cause;
    } cases[] = {
        {"closed", close_at_once, TLS_NONE, ENDING_CLOSED, STAGE_BANNER, CAUSE_CLOSED_BY_SERVER},
        {"reset", reset_at_once, TLS_NONE, ENDING_CLOSED, STAGE_BANNER, CAUSE_CONNECTION_RESET},
        {"closed in a reply", close_in_reply, TLS_NONE, ENDING_CLOSED, STAGE_BANNER, CAUSE_CLOSED_BY_SERVER},
        {"reset in a reply", reset_in_reply, TLS_NONE, ENDING_CLOSED, STAGE_BANNER, CAUSE_CONNECTION_RESET},
        {"closed in the body", close_in_body, TLS_NONE, ENDING_CLOSED, STAGE_BODY, CAUSE_CONNECTION_RESET},
        {"refused in the body", refuse_in_body, TLS_NONE, ENDING_REPLY, STAGE_BODY, CAUSE_UNKNOWN},
        {"closed in the handshake", close_in_handshake, TLS_REQUIRED, ENDING_INSECURE, STAGE_TLS,
         CAUSE_CLOSED_BY_SERVER},
        {"no TLS behind STARTTLS", speak_on_in_clear, TLS_REQUIRED, ENDING_INSECURE, STAGE_TLS, CAUSE_TLS_NOT_SPOKEN},
    };
    struct span message = large_message();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct client client;
        struct mail_log log;
        client_init(&client);
        client.plan.tls = cases[i].tls;
        client.plan.message = message;
        converse(&client, cases[i].script, 0, &log);
        check_end(cases[i].name, &client, cases[i].ending, cases[i].stage, cases[i].cause);
        client_clear(&client);
    }
}

/* --- Servers that say nothing --- */

static void be_silent(struct wire *wire)
{
    wire_wait(wire);
}

static void be_silent_after_banner(struct wire *wire)
{
    wire_say(wire, "220 mx\r\n");
    wire_wait(wire);
}

static void be_silent_in_handshake(struct wire *wire)
{
    char line[256];
    wire_say(wire, "220 mx\r\n");
    wire_hear(wire, line, sizeof line);
    wire_say(wire, "250-mx\r\n250 STARTTLS\r\n");
    wire_hear(wire, line, sizeof line);
    wire_say(wire, "220 Go ahead\r\n");
    wire_wait(wire);
}

static void read_no_body(struct wire *wire)
{
    go_as_far_as_body(wire);
    sleep(20);
}

static void drip(struct wire *wire)
{
    wire_say(wire, "220 ");
    for (int i = 0; i < 200; i++) {
        wire_say(wire, "x");
        usleep(20000);
    }
}

static void silence_has_a_deadline__invariant_16(void **state)
{
    static const struct {
        const char *name;
        mail_script *script;
        enum tls_policy tls;
        enum ending ending;
        enum stage stage;
    } cases[] = {
        {"no banner", be_silent, TLS_NONE, ENDING_TIMEOUT, STAGE_BANNER},
        {"no reply", be_silent_after_banner, TLS_NONE, ENDING_TIMEOUT, STAGE_EHLO},
        {"no ServerHello", be_silent_in_handshake, TLS_REQUIRED, ENDING_INSECURE, STAGE_TLS},
        {"no ServerHello, implicit TLS", be_silent, TLS_IMPLICIT, ENDING_INSECURE, STAGE_TLS},
        {"nobody takes the body", read_no_body, TLS_NONE, ENDING_TIMEOUT, STAGE_BODY},
        {"an octet now and then", drip, TLS_NONE, ENDING_TIMEOUT, STAGE_BANNER},
    };
    struct span message = large_message();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct client client;
        struct mail_log log;
        client_init(&client);
        client.plan.tls = cases[i].tls;
        client.plan.message = message;
        client.plan.timeout = client.plan.quit_timeout = MILLISECONDS(PATIENCE);
        converse(&client, cases[i].script, 4096, &log);
        check_end(cases[i].name, &client, cases[i].ending, cases[i].stage, CAUSE_REPLY_TIMEOUT);
        if (milliseconds_taken(&client) < PATIENCE || milliseconds_taken(&client) > 2 * PATIENCE + GRACE)
            fail_msg("%s: took %lld ms", cases[i].name, milliseconds_taken(&client));
        client_clear(&client);
    }
}

/* --- For the owner --- */

static void closing_is_told_once(void **state)
{
    struct mail_server server;
    struct client client;
    (void)state;
    mail_server_start(&server, "127.0.0.1", 0, 0, be_silent);
    client_init(&client);
    struct connection_target target = {.family = AF_INET, .address = "127.0.0.1", .port = server.port,
                                       .timeout = SECONDS(20)};
    connection_open(&client.connection, client.loop, &target, on_connection, &client);
    while (client.established == 0)
        ev_run(client.loop, EVRUN_ONCE);
    char text[INET6_ADDRSTRLEN];
    unsigned port = 0;
    assert_int_equal(connection_local_address(&client.connection, text, &port), AF_INET);
    assert_string_equal(text, "127.0.0.1");
    assert_true(port > 0);
    connection_close(&client.connection);
    connection_close(&client.connection);
    assert_int_equal(client.closed, 1);
    assert_int_equal(connection_local_address(&client.connection, text, &port), 0);
    ev_run(client.loop, 0); /* returns, since nothing is left in it */
    client_clear(&client);
    mail_server_stop(&server);
}

/* --- --- */

static int set_up(void **state)
{
    (void)state;
    const struct certificate_form of_authority = {
        .common_name = "Root", .san = "", .usage = "", .constraints = "critical,CA:TRUE"};
    const struct certificate_form of_server = {.san = "DNS:localhost"};
    authority = credential_new(&of_authority, NULL);
    certificate = credential_new(&of_server, &authority);
    int file = mkstemp(authority_file);
    if (file < 0)
        return -1;
    close(file);
    credential_save_certificate(&authority, authority_file);
    mail_server_tls = SSL_CTX_new(TLS_server_method());
    return SSL_CTX_use_certificate(mail_server_tls, certificate.certificate) == 1 &&
                   SSL_CTX_use_PrivateKey(mail_server_tls, certificate.key) == 1
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    SSL_CTX_free(mail_server_tls);
    credential_clear(&certificate);
    credential_clear(&authority);
    return unlink(authority_file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_connection_says_why),
        cmocka_unit_test(errnos_have_their_causes),
        cmocka_unit_test(without_descriptors_it_is_our_own_failure),
        cmocka_unit_test(connecting_has_a_deadline__invariant_16),
        cmocka_unit_test(the_source_is_what_the_user_named),
        cmocka_unit_test(a_source_port_in_use_is_named),
        cmocka_unit_test(round_trips_are_as_few_as_can_be),
        cmocka_unit_test(replies_may_come_in_any_pieces),
        cmocka_unit_test(a_large_message_arrives_whole_at_a_slow_server),
        cmocka_unit_test(servers_that_leave_are_told_apart),
        cmocka_unit_test(silence_has_a_deadline__invariant_16),
        cmocka_unit_test(closing_is_told_once),
    };
    return cmocka_run_group_tests_name("connection", tests, set_up, tear_down);
}
