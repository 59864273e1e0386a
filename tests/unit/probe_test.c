/* One target's life, with a DNS server and mail servers on loopback: which hosts are tried, and what is recorded. */
#include "authority.h"
#include "check.h"
#include "dns_responder.h"
#include "mail_server.h"

#include "probe/probe.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { PATIENCE = 150 /* ms */, SERVERS = 2 };

static struct dns_responder responder;
static struct credential authority, certificate;

/* --- Names --- */

static void answer_mx(struct packet *packet, const char *name)
{
    char host[16] = "";
    unsigned preference = 0;
    for (const char *at = name + strlen("mx-"); *at && *at != '.'; at++) {
        if (*at != '-')
            snprintf(host + strlen(host), sizeof host - strlen(host), "%c", *at);
        if (at[1] == '-' || at[1] == '.') {
            char full[32];
            snprintf(full, sizeof full, "host%s.test", host);
            packet_mx(packet, name, preference += 10, full);
            host[0] = '\0';
        }
    }
}

static void answer_a(struct packet *packet, const char *name)
{
    for (const char *at = name + strlen("host"); *at && *at != '.'; at++) {
        char address[16];
        snprintf(address, sizeof address, "127.0.0.%c", *at);
        packet_a(packet, name, address);
    }
}

static void answer_srv(struct packet *packet, const char *name)
{
    size_t place = packet_record(packet, ANSWERS, name, DNS_SRV);
    packet_u16(packet, 0);
    packet_u16(packet, 1);
    packet_u16(packet, 465);
    packet_name(packet, "host9.test");
    packet_end_record(packet, place);
}

/**
 * mx-1-23.test has the hosts host1.test and host23.test, in that order, and
 * host23.test the addresses 127.0.0.2 and 127.0.0.3.
 */
static enum dns_reaction answer_question(const struct dns_asked *asked, struct packet *packet)
{
    if (strcmp(asked->name, "silent.test") == 0)
        return SILENCE;
    packet_begin(packet, asked->id, QR | RD | RA | (strcmp(asked->name, "gone.test") == 0 ? 3 : 0));
    packet_question(packet, asked->name, asked->type);
    if (asked->type == DNS_MX && strncmp(asked->name, "mx-", 3) == 0)
        answer_mx(packet, asked->name);
    else if (asked->type == DNS_MX && strcmp(asked->name, "null.test") == 0)
        packet_mx(packet, asked->name, 0, ".");
    else if (asked->type == DNS_A && strncmp(asked->name, "host", 4) == 0)
        answer_a(packet, asked->name);
    else if (asked->type == DNS_SRV && strncmp(asked->name, "_submissions.", 13) == 0)
        answer_srv(packet, asked->name);
    return ANSWER;
}

/* --- One run --- */

struct run {
    struct environment environment;
    struct arena arena;
    struct plan plan;
    struct probe_settings settings;
    struct mailbox sender, recipient;
    struct probe *probe;
    struct mail_server servers[SERVERS]; /* at 127.0.0.1, 127.0.0.2, ...; all on one port */
    unsigned server_count;
    unsigned introductions;
    char introduced_as[64];
    unsigned ends;                       /* how often the observer was told that it is over */
};

static void observe(void *context, bool is_over)
{
    struct run *run = context;
    if (!is_over)
        return;
    run->ends++;
    ev_break(run->environment.loop, EVBREAK_ALL);
}

static void introduce(void *context, const char *helo)
{
    struct run *run = context;
    run->introductions++;
    snprintf(run->introduced_as, sizeof run->introduced_as, "%s", helo);
}

static void run_init(struct run *run, const char *domain)
{
    *run = (struct run){.arena = ARENA_EMPTY};
    run->environment.loop = ev_loop_new(EVBACKEND_POLL | EVFLAG_NOENV);
    run->environment.resolver_settings = (struct resolver_settings){.server = responder.address,
                                                                    .timeout = SECONDS(20)};
    run->sender.wire = SPAN("me@client.example");
    run->recipient.wire = SPAN("you@test");
    run->plan = (struct plan){.sender = &run->sender,
                              .recipients = &run->recipient,
                              .recipient_count = 1,
                              .message = SPAN("Subject: test\r\n\r\nbye\r\n"),
                              .tls = TLS_NONE,
                              .timeout = SECONDS(20),
                              .quit_timeout = SECONDS(3)};
    run->settings = (struct probe_settings){.plan = &run->plan,
                                            .domain = domain,
                                            .family = AF_INET,
                                            .mx_limit = ROUTE_MX_LIMIT,
                                            .address_limit = ROUTE_ADDRESS_LIMIT,
                                            .introduce = introduce,
                                            .introduce_context = run};
}

static void add_server(struct run *run, mail_script *script)
{
    char address[16];
    struct mail_server *server = &run->servers[run->server_count++];
    snprintf(address, sizeof address, "127.0.0.%u", run->server_count);
    mail_server_start(server, address, run->settings.port, 0, script);
    run->settings.port = server->port;
}

static const struct record *begin(struct run *run)
{
    run->probe = probe_new(&run->environment, &run->settings, &run->arena, observe, run);
    probe_start(run->probe);
    return probe_record(run->probe);
}

static const struct record *run_to_end(struct run *run)
{
    const struct record *record = begin(run);
    if (run->ends == 0)
        ev_run(run->environment.loop, 0);
    assert_int_equal(run->ends, 1);
    return record;
}

static void run_clear(struct run *run)
{
    probe_free(run->probe);
    environment_clear(&run->environment);
    arena_clear(&run->arena);
    for (unsigned i = 0; i < run->server_count; i++)
        mail_server_stop(&run->servers[i]);
}

static void check_cause(const char *name, enum cause got, enum cause expected)
{
    check_string(name, span_of_string(cause_name(got)), cause_name(expected));
}

/* --- Servers --- */

static void serve(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.offers_tls = true});
}

static void refuse_sessions(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.banner = "554 Not here\r\n"});
}

static void defer_sessions(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.banner = "421 Not now\r\n"});
}

static void close_at_once(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.banner = ""});
}

static void refuse_greetings(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.ehlo = "550 Go away\r\n"});
}

static void close_at_greeting(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.ehlo = ""});
}

static void speak_ssh(struct wire *wire)
{
    wire_say(wire, "SSH-2.0-OpenSSH_9.2\r\n");
    wire_wait(wire);
}

static void be_silent(struct wire *wire)
{
    wire_wait(wire);
}

static void refuse_senders(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.mail = "550 No\r\n"});
}

static void defer_recipients(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.rcpt = "450 Later\r\n"});
}

static void close_at_data(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.data = ""});
}

static void refuse_tls(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.offers_tls = true, .starttls = "454 Not now\r\n"});
}

static void break_tls(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.offers_tls = true, .starttls = "220 Go ahead\r\n"});
}

/* --- Which host --- */

static const enum tls_policy in_clear = TLS_NONE, with_tls = TLS_REQUIRED, implicit = TLS_IMPLICIT;

/** FINDINGS 1: what fails before EHLO is done moves on to the next address and host; later failures are final. */
static void what_fails_before_the_greeting_is_done_moves_on(void **state)
{
    const struct {
        const char *name;
        mail_script *first;
        enum tls_policy tls;
        bool moves_on;
        enum ending ending; /* of the first attempt */
        enum stage stage;
    } cases[] = {
        {"banner 554", refuse_sessions, in_clear, true, ENDING_REPLY, STAGE_BANNER},
        {"banner 421", defer_sessions, in_clear, true, ENDING_REPLY, STAGE_BANNER},
        {"close", close_at_once, in_clear, true, ENDING_CLOSED, STAGE_BANNER},
        {"no SMTP", speak_ssh, in_clear, true, ENDING_VIOLATION, STAGE_BANNER},
        {"silence", be_silent, in_clear, true, ENDING_TIMEOUT, STAGE_BANNER},
        {"EHLO refused", refuse_greetings, in_clear, true, ENDING_REPLY, STAGE_EHLO},
        {"close at EHLO", close_at_greeting, in_clear, true, ENDING_CLOSED, STAGE_EHLO},
        {"implicit TLS not spoken", refuse_sessions, implicit, true, ENDING_INSECURE, STAGE_TLS},
        {"STARTTLS refused", refuse_tls, with_tls, false, ENDING_INSECURE, STAGE_STARTTLS},
        {"handshake fails", break_tls, with_tls, false, ENDING_INSECURE, STAGE_TLS},
        {"MAIL refused", refuse_senders, in_clear, false, ENDING_REPLY, STAGE_MAIL},
        {"RCPT deferred", defer_recipients, in_clear, false, ENDING_REPLY, STAGE_RCPT},
        {"close at DATA", close_at_data, in_clear, false, ENDING_CLOSED, STAGE_DATA},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run run;
        const char *name = cases[i].name;
        run_init(&run, "mx-1-2.test");
        run.plan.tls = cases[i].tls;
        if (cases[i].first == be_silent)
            run.plan.timeout = MILLISECONDS(PATIENCE);
        add_server(&run, cases[i].first);
        add_server(&run, cases[i].first == refuse_sessions ? serve : defer_recipients);
        const struct record *record = run_to_end(&run);
        check_number(name, "attempts", record->attempt_count, cases[i].moves_on ? 2 : 1);
        const struct attempt *first = record->attempts[0];
        check_number(name, "connections of the second host", run.servers[1].log->connections, cases[i].moves_on);
        CHECK(name, first->moved_on == cases[i].moves_on);
        check_string(name, span_of_string(first->host), "host1.test");
        check_number(name, "ending", first->dialogue.end.ending, cases[i].ending);
        check_string(name, span_of_string(stage_name(first->dialogue.end.stage)), stage_name(cases[i].stage));
        check_number(name, "introductions", run.introductions, 1);
        run_clear(&run);
    }
}

static void a_refused_address_leads_to_the_next(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "mx-21.test"); /* one host with the addresses 127.0.0.2, where nobody is, and 127.0.0.1 */
    add_server(&run, serve);
    const struct record *record = run_to_end(&run);
    assert_int_equal(record->attempt_count, 2);
    const struct attempt *first = record->attempts[0], *second = record->attempts[1];
    assert_string_equal(first->address.text, "127.0.0.2");
    assert_int_equal(first->result, ATTEMPT_CONNECT_FAILED);
    check_cause("first", first->cause, CAUSE_CONNECTION_REFUSED);
    assert_int_equal(first->host_index, second->host_index);
    assert_true(first->moved_on);
    assert_false(second->moved_on);
    assert_int_equal(second->dialogue.end.ending, ENDING_DONE);
    assert_int_equal(second->round_trips, 8);
    assert_string_equal(run.introduced_as, "[127.0.0.1]");
    assert_ptr_equal(record_decisive_attempt(record), second);
    run_clear(&run);
}

static void if_no_host_gets_that_far_the_most_preferred_decides(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "mx-1-2-3.test");
    add_server(&run, defer_sessions);
    add_server(&run, refuse_sessions);
    const struct record *record = run_to_end(&run);
    assert_int_equal(record->attempt_count, 3);
    assert_int_equal(record->attempts[2]->result, ATTEMPT_CONNECT_FAILED);
    assert_ptr_equal(record_decisive_attempt(record), record->attempts[0]);
    run_clear(&run);
}

static void a_source_that_is_not_ours_is_tried_once(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "mx-1-2.test");
    run.settings.local_address = "192.0.2.1";
    add_server(&run, serve);
    const struct record *record = run_to_end(&run);
    assert_int_equal(record->attempt_count, 1);
    check_cause("source", record->attempts[0]->cause, CAUSE_SOURCE_ADDRESS_UNAVAILABLE);
    assert_int_equal(run.servers[0].log->connections, 0);
    run_clear(&run);
}

static void domains_without_a_host_are_not_connected_to(void **state)
{
    static const struct {
        const char *domain;
        enum route_kind kind;
        enum cause cause;
    } cases[] = {
        {"null.test", ROUTE_NULL, CAUSE_DOMAIN_NO_MAIL},
        {"gone.test", ROUTE_NONE, CAUSE_DOMAIN_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run run;
        run_init(&run, cases[i].domain);
        run.settings.port = 25;
        const struct record *record = run_to_end(&run);
        check_number(cases[i].domain, "kind", record->route.kind, cases[i].kind);
        check_cause(cases[i].domain, record->route.cause, cases[i].cause);
        check_number(cases[i].domain, "attempts", record->attempt_count, 0);
        CHECK(cases[i].domain, record_decisive_attempt(record) == NULL);
        run_clear(&run);
    }
}

static void servers_and_literals_are_not_routed(void **state)
{
    static const struct {
        const char *server, *literal;
        unsigned questions;
    } cases[] = {{"127.0.0.1", NULL, 0}, {"host1.test", NULL, 1}, {NULL, "127.0.0.1", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run run;
        const char *name = cases[i].server ? cases[i].server : cases[i].literal;
        run_init(&run, NULL);
        run.settings.server = cases[i].server;
        run.settings.literal = cases[i].literal;
        add_server(&run, serve);
        unsigned before = *responder.questions;
        const struct record *record = run_to_end(&run);
        check_number(name, "questions", *responder.questions - before, cases[i].questions);
        check_number(name, "attempts", record->attempt_count, 1);
        check_number(name, "ending", record->attempts[0]->dialogue.end.ending, ENDING_DONE);
        CHECK(name, (run.environment.resolver != NULL) == (cases[i].questions > 0));
        CHECK(name, run.environment.tls == NULL);
        run_clear(&run);
    }
}

/* --- TLS --- */

/** FINDINGS: --tls-optional tries once more without TLS, at the same address. */
static void optional_tls_is_tried_once_and_then_left(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "mx-1.test");
    run.plan.tls = TLS_OPTIONAL;
    add_server(&run, break_tls);
    const struct record *record = run_to_end(&run);
    assert_int_equal(record->attempt_count, 2);
    assert_int_equal(run.servers[0].log->connections, 2);
    assert_true(record->attempts[0]->moved_on);
    assert_false(record->attempts[0]->in_clear_again);
    assert_true(record->attempts[1]->in_clear_again);
    assert_null(record->attempts[1]->tls);
    assert_string_equal(record->attempts[1]->address.text, record->attempts[0]->address.text);
    assert_int_equal(record->attempts[1]->dialogue.end.ending, ENDING_DONE);
    assert_int_equal(record->attempts[1]->round_trips, 8);
    run_clear(&run);
}

static void break_tls_then_refuse(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.banner = wire->number > 0 ? "554 Not here\r\n" : NULL,
                                       .offers_tls = true,
                                       .starttls = "220 Go ahead\r\n"});
}

static void at_the_next_host_optional_tls_is_tried_anew(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "mx-1-2.test");
    run.plan.tls = TLS_OPTIONAL;
    add_server(&run, break_tls_then_refuse);
    add_server(&run, serve);
    const struct record *record = run_to_end(&run);
    assert_int_equal(record->attempt_count, 3);
    const struct attempt *last = record->attempts[2];
    assert_string_equal(last->host, "host2.test");
    assert_false(last->in_clear_again);
    assert_non_null(last->tls);
    assert_true(last->tls->finished);
    assert_int_equal(last->dialogue.end.ending, ENDING_DONE);
    assert_int_equal(last->round_trips, 11);
    run_clear(&run);
}

static void tls_that_we_cannot_set_up_is_our_own_failure(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "mx-1-2.test");
    run.plan.tls = TLS_REQUIRED;
    run.environment.tls_settings.ca_path = "/nonexistent/ca.pem";
    add_server(&run, serve);
    const struct record *record = run_to_end(&run);
    assert_int_equal(record->attempt_count, 1);
    check_cause("TLS", record->local_cause, CAUSE_LOCAL_FAILURE);
    assert_non_null(strstr(record->local_detail, "/nonexistent/ca.pem"));
    check_string("heard", span_of(run.servers[0].log->commands, run.servers[0].log->commands_size),
                 "EHLO [127.0.0.1]\nSTARTTLS\n");
    run_clear(&run);
}

static void an_unproven_peer_gets_no_mail__invariant_7(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "mx-1.test");
    run.plan.tls = TLS_REQUIRED;
    run.environment.tls_settings.verify_ca = true;
    add_server(&run, serve);
    const struct record *record = run_to_end(&run);
    assert_int_equal(record->attempts[0]->dialogue.end.ending, ENDING_INSECURE);
    assert_true(record->attempts[0]->tls->finished);
    check_string("heard", span_of(run.servers[0].log->commands, run.servers[0].log->commands_size),
                 "EHLO [127.0.0.1]\nSTARTTLS\n");
    run_clear(&run);
}

/* --- A login that an MX does not offer --- */

static void choose_nothing(struct authenticator *authenticator, const struct capability_set *capabilities,
                           const struct auth_circumstances *circumstances, struct auth_action *action)
{
    (void)authenticator, (void)capabilities, (void)circumstances, (void)action;
    fail_msg("asked for a mechanism though none is offered");
}

static void forget(struct authenticator *authenticator)
{
    (void)authenticator;
}

static void serve_without_tls(struct wire *wire)
{
    wire_serve(wire, &(struct manners){.offers_tls = false});
}

static void where_to_log_in_is_looked_up(void **state)
{
    struct authenticator authenticator = {.choose = choose_nothing, .reset = forget};
    struct run run;
    (void)state;
    run_init(&run, "mx-1.test");
    run.plan.auth = AUTH_REQUIRED;
    run.settings.authenticator = &authenticator;
    add_server(&run, serve_without_tls);
    const struct record *record = run_to_end(&run);
    assert_int_equal(record->attempts[0]->dialogue.end.ending, ENDING_UNSUPPORTED);
    assert_true(record->submission.was_looked_up);
    assert_true(record->submission.from_srv);
    assert_string_equal(record->submission.host, "host9.test");
    assert_int_equal(record->submission.port, 465);
    run_clear(&run);
}

/* --- Being cancelled --- */

static void cancel(struct run *run, bool is_connected)
{
    instant before = instant_now();
    probe_cancel(run->probe, SIGTERM);
    assert_in_range(instant_now() - before, 0, SECONDS(1));
    const struct record *record = probe_record(run->probe);
    assert_int_equal(run->ends, 1);
    check_cause("cancelled", record->local_cause, CAUSE_CANCELLED);
    assert_int_equal(record->signal_number, SIGTERM);
    assert_int_equal(record->events[record->event_count - 1].kind, EVENT_END);
    if (is_connected)
        assert_int_equal(record->events[record->event_count - 2].kind, EVENT_CLOSED);
    probe_cancel(run->probe, SIGINT);
    assert_int_equal(run->ends, 1);
    assert_int_equal(record->signal_number, SIGTERM);
}

static void a_signal_ends_it_while_names_resolve__invariant_16(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "silent.test");
    run.settings.port = 25;
    begin(&run);
    cancel(&run, false);
    assert_int_equal(probe_record(run.probe)->attempt_count, 0);
    run_clear(&run);
}

static void a_signal_ends_it_while_the_server_is_silent__invariant_16(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "mx-1-2.test");
    add_server(&run, be_silent);
    const struct record *record = begin(&run);
    while (record->attempt_count == 0 || record->attempts[0]->result != ATTEMPT_UNDER_WAY)
        ev_run(run.environment.loop, EVRUN_ONCE);
    cancel(&run, true);
    assert_int_equal(record->attempts[0]->dialogue.end.ending, ENDING_LOCAL);
    ev_run(run.environment.loop, EVRUN_NOWAIT);
    assert_int_equal(record->attempt_count, 1);
    run_clear(&run);
}

static void a_signal_ends_it_in_a_handshake_before_the_greeting__invariant_19(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "mx-1.test");
    run.plan.tls = TLS_IMPLICIT;
    add_server(&run, be_silent);
    const struct record *record = begin(&run);
    while (record->attempt_count == 0 || record->attempts[0]->result != ATTEMPT_UNDER_WAY)
        ev_run(run.environment.loop, EVRUN_ONCE);
    cancel(&run, true);
    assert_int_equal(record->attempts[0]->dialogue.end.ending, ENDING_LOCAL);
    assert_int_equal(record->attempts[0]->dialogue.end.stage, STAGE_TLS);
    run_clear(&run);
}

static void a_signal_ends_it_while_it_connects__invariant_16(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "mx-1.test");
    add_server(&run, be_silent);
    const struct record *record = begin(&run);
    while (record->attempt_count == 0)
        ev_run(run.environment.loop, EVRUN_ONCE);
    assert_int_equal(record->attempts[0]->result, ATTEMPT_CONNECTING);
    cancel(&run, false);
    assert_int_equal(record->attempts[0]->result, ATTEMPT_CONNECT_FAILED);
    check_cause("of the attempt", record->attempts[0]->cause, CAUSE_CANCELLED);
    run_clear(&run);
}

static void afterwards_a_signal_changes_nothing(void **state)
{
    struct run run;
    (void)state;
    run_init(&run, "mx-1.test");
    add_server(&run, serve);
    const struct record *record = run_to_end(&run);
    probe_cancel(run.probe, SIGTERM);
    assert_int_equal(run.ends, 1);
    check_cause("over", record->local_cause, CAUSE_OK);
    run_clear(&run);
}

/* --- The events --- */

static void events_tell_the_order_of_things(void **state)
{
    static const enum event_kind expected[] = {
        EVENT_RESOLVING, EVENT_RESOLVED, EVENT_HOST_RESOLVED, EVENT_CONNECTING, EVENT_CONNECTED,
        EVENT_REPLIED, /* the banner */
        EVENT_SENT, EVENT_REPLIED, EVENT_SENT, EVENT_REPLIED, EVENT_TLS_STARTED, EVENT_TLS_DONE,
        EVENT_SENT, EVENT_REPLIED, /* EHLO */
        EVENT_SENT, EVENT_REPLIED, /* MAIL */
        EVENT_SENT, EVENT_REPLIED, /* RCPT */
        EVENT_SENT, EVENT_REPLIED, /* DATA */
        EVENT_SENT, EVENT_REPLIED, /* the body */
        EVENT_SENT, EVENT_REPLIED, /* QUIT */
        EVENT_CLOSED, EVENT_END,
    };
    struct run run;
    (void)state;
    run_init(&run, "mx-1.test");
    run.plan.tls = TLS_OPPORTUNISTIC;
    add_server(&run, serve);
    const struct record *record = run_to_end(&run);
    assert_int_equal(record->event_count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < record->event_count; i++) {
        if (record->events[i].kind != expected[i])
            fail_msg("event %zu is of kind %d", i, record->events[i].kind);
        assert_true(i == 0 || record->events[i].at >= record->events[i - 1].at);
    }
    run_clear(&run);
}

/* --- --- */

static int set_up(void **state)
{
    (void)state;
    const struct certificate_form of_authority = {
        .common_name = "Root", .san = "", .usage = "", .constraints = "critical,CA:TRUE"};
    const struct certificate_form of_server = {.san = "DNS:host1.test"};
    authority = credential_new(&of_authority, NULL);
    certificate = credential_new(&of_server, &authority);
    mail_server_tls = SSL_CTX_new(TLS_server_method());
    dns_responder_start(&responder, answer_question);
    return SSL_CTX_use_certificate(mail_server_tls, certificate.certificate) == 1 &&
                   SSL_CTX_use_PrivateKey(mail_server_tls, certificate.key) == 1
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    dns_responder_stop(&responder);
    SSL_CTX_free(mail_server_tls);
    credential_clear(&certificate);
    credential_clear(&authority);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fails_before_the_greeting_is_done_moves_on),
        cmocka_unit_test(a_refused_address_leads_to_the_next),
        cmocka_unit_test(if_no_host_gets_that_far_the_most_preferred_decides),
        cmocka_unit_test(a_source_that_is_not_ours_is_tried_once),
        cmocka_unit_test(domains_without_a_host_are_not_connected_to),
        cmocka_unit_test(servers_and_literals_are_not_routed),
        cmocka_unit_test(optional_tls_is_tried_once_and_then_left),
        cmocka_unit_test(at_the_next_host_optional_tls_is_tried_anew),
        cmocka_unit_test(tls_that_we_cannot_set_up_is_our_own_failure),
        cmocka_unit_test(an_unproven_peer_gets_no_mail__invariant_7),
        cmocka_unit_test(where_to_log_in_is_looked_up),
        cmocka_unit_test(a_signal_ends_it_while_names_resolve__invariant_16),
        cmocka_unit_test(a_signal_ends_it_while_the_server_is_silent__invariant_16),
        cmocka_unit_test(a_signal_ends_it_in_a_handshake_before_the_greeting__invariant_19),
        cmocka_unit_test(a_signal_ends_it_while_it_connects__invariant_16),
        cmocka_unit_test(afterwards_a_signal_changes_nothing),
        cmocka_unit_test(events_tell_the_order_of_things),
    };
    return cmocka_run_group_tests_name("probe", tests, set_up, tear_down);
}
