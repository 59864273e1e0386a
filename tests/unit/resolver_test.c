#include "check.h"
#include "dns_responder.h"

#include "dns/resolver.h"

#include <ev.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMEOUT MILLISECONDS(400)

static struct dns_responder responder, second;
static struct ev_loop *loop;
static struct arena arena;
static char directory[] = "/tmp/resolver_test.XXXXXX";

/* The server */

static void begin(const struct dns_asked *asked, unsigned flags, struct packet *reply)
{
    packet_begin(reply, asked->id, QR | RD | RA | flags);
    packet_question(reply, asked->name, asked->type);
}

static enum dns_reaction answer_mx(const struct dns_asked *asked, unsigned flags, struct packet *reply,
                                   unsigned count)
{
    char exchange[32];
    begin(asked, flags | (asked->wants_ad ? AD : 0), reply);
    for (unsigned i = 0; i < count; i++) {
        snprintf(exchange, sizeof exchange, "mx%u.example.com", i);
        packet_mx(reply, asked->name, i, exchange);
    }
    packet_opt(reply, 0, -1, "");
    return ANSWER;
}

static enum dns_reaction refuse(const struct dns_asked *asked, unsigned rcode, int ede, struct packet *reply)
{
    begin(asked, rcode, reply);
    packet_opt(reply, 0, ede, ede >= 0 ? "told why" : "");
    return ANSWER;
}

static enum dns_reaction refuse_edns(const struct dns_asked *asked, struct packet *reply)
{
    begin(asked, 1, reply);
    return ANSWER;
}

static enum dns_reaction truncate_mx(const struct dns_asked *asked, struct packet *reply)
{
    return answer_mx(asked, TC, reply, 10);
}

/** "tc.test" is truncated, "tc-cut.test" in the middle of a record, as some servers do it; "tc-closed.test" and "tc-silent.test" have no TCP, "tc-bad.test" a broken one. */
static enum dns_reaction truncated(const struct dns_asked *asked, struct packet *reply)
{
    if (!asked->over_tcp) {
        truncate_mx(asked, reply);
        if (span_starts_with(span_of_string(asked->name), "tc-cut"))
            reply->size -= 30;
        return ANSWER;
    }
    if (span_starts_with(span_of_string(asked->name), "tc-closed"))
        return EMPTY;
    if (span_starts_with(span_of_string(asked->name), "tc-silent"))
        return SILENCE;
    if (span_starts_with(span_of_string(asked->name), "tc-bogus"))
        return asked->checking_disabled ? answer_mx(asked, 0, reply, 40) : refuse(asked, 2, 6, reply);
    answer_mx(asked, 0, reply, 40);
    if (span_starts_with(span_of_string(asked->name), "tc-bad"))
        reply->size -= 30;
    return ANSWER;
}

/** Things that are not an answer, followed by one or not. */
static enum dns_reaction disturb(const struct dns_asked *asked, struct packet *reply)
{
    struct span name = span_of_string(asked->name);
    answer_mx(asked, 0, reply, 1);
    if (span_starts_with(name, "bad-id")) {
        packet_set_u16(reply, 0, asked->id + 1);
        return span_is(name, "bad-id-first.test") ? ANSWER_TWICE : ANSWER;
    }
    if (span_starts_with(name, "bad-question")) {
        reply->octets[13] = 'x';
        return ANSWER;
    }
    return asked->times == 1 ? EMPTY : ANSWER;
}

static enum dns_reaction fail_to_answer(const struct dns_asked *asked, struct packet *reply)
{
    struct span name = span_of_string(asked->name);
    if (span_is(name, "servfail.test"))
        return refuse(asked, 2, 22, reply);
    if (span_is(name, "servfail-then-silent.test"))
        return asked->checking_disabled ? SILENCE : refuse(asked, 2, -1, reply);
    if (span_is(name, "bogus.test") && !asked->checking_disabled)
        return refuse(asked, 2, 7, reply);
    if (span_is(name, "bogus.test"))
        return answer_mx(asked, 0, reply, 2);
    if (span_is(name, "bogus-nothing.test"))
        return asked->checking_disabled ? refuse(asked, 3, -1, reply) : refuse(asked, 2, -1, reply);
    if (span_is(name, "bogus-cut.test"))
        return asked->checking_disabled ? truncate_mx(asked, reply) : refuse(asked, 2, -1, reply);
    if (span_is(name, "nxdomain.test"))
        return refuse(asked, 3, -1, reply);
    if (span_is(name, "refused.test"))
        return refuse(asked, 5, 18, reply);
    if (span_is(name, "notimp.test"))
        return refuse(asked, 4, -1, reply);
    if (span_is(name, "old.test"))
        return asked->has_opt ? refuse_edns(asked, reply) : answer_mx(asked, 0, reply, 1);
    return refuse(asked, 0, -1, reply);
}

static enum dns_reaction script(const struct dns_asked *asked, struct packet *reply)
{
    struct span name = span_of_string(asked->name);
    if (span_starts_with(name, "silent"))
        return SILENCE;
    if (span_starts_with(name, "tc"))
        return truncated(asked, reply);
    if (span_starts_with(name, "bad-") || span_is(name, "empty.test"))
        return disturb(asked, reply);
    if (span_is(name, "large.test"))
        return answer_mx(asked, 0, reply, 30);
    if (span_is(name, "too-large.test"))
        return answer_mx(asked, 0, reply, 80);
    if (span_is(name, "malformed.test")) {
        answer_mx(asked, 0, reply, 1);
        reply->size -= 14;
        return ANSWER;
    }
    if (span_starts_with(name, "host") && asked->type == DNS_A) {
        begin(asked, 0, reply);
        packet_a(reply, asked->name, asked->name[4] == '1' ? "192.0.2.1" : "192.0.2.2");
        return ANSWER;
    }
    return span_is(name, "good.test") ? answer_mx(asked, 0, reply, 2) : fail_to_answer(asked, reply);
}

/** Another resolver, which knows everything. */
static enum dns_reaction knowing_script(const struct dns_asked *asked, struct packet *reply)
{
    return answer_mx(asked, 0, reply, 1);
}

/* Asking */

struct waiting {
    struct dns_answer *answer;
    unsigned calls;
};

static void note(void *context, struct dns_answer *answer)
{
    struct waiting *waiting = context;
    waiting->answer = answer;
    waiting->calls++;
}

static struct resolver *open_resolver(const char *server)
{
    return resolver_new(loop, &(struct resolver_settings){.server = server, .timeout = TIMEOUT});
}

/** Asks, waits until the loop has nothing more to do, and checks that the answer came once. */
static struct dns_answer *ask_with(struct resolver *resolver, const char *name, enum dns_type type)
{
    struct waiting waiting = {NULL, 0};
    resolver_ask(resolver, name, type, &arena, note, &waiting);
    if (waiting.calls != 0)
        fail_msg("%s was answered before the loop ran", name);
    ev_run(loop, 0);
    if (waiting.calls != 1)
        fail_msg("%s was answered %u times", name, waiting.calls);
    assert_string_equal(waiting.answer->name, name);
    assert_int_equal(waiting.answer->type, type);
    assert_true(waiting.answer->answered >= waiting.answer->asked);
    return waiting.answer;
}

static struct dns_answer *ask(const char *name)
{
    struct resolver *resolver = open_resolver(responder.address);
    struct dns_answer *answer = ask_with(resolver, name, DNS_MX);
    resolver_free(resolver);
    return answer;
}

static duration time_of(const struct dns_answer *answer)
{
    return answer->answered - answer->asked;
}

/* Tests */

static void answers_come_from_the_server_named(void **state)
{
    (void)state;
    struct resolver *resolver = open_resolver(responder.address);
    assert_null(resolver_server(resolver)); /* nothing is opened before the first question */
    assert_false(resolver_is_private(resolver));
    struct dns_answer *answer = ask_with(resolver, "good.test", DNS_MX);
    assert_int_equal(answer->status, DNS_FOUND);
    assert_int_equal(answer->record_count, 2);
    assert_true(answer->authenticated);
    assert_false(answer->over_tcp);
    assert_string_equal(resolver_server(resolver), responder.address);
    assert_true(resolver_is_private(resolver));
    assert_true(resolver_is_trusted(resolver));
    resolver_free(resolver);
}

static void each_failure_is_told_apart__invariant_14(void **state)
{
    static const struct {
        const char *name;
        enum dns_status status;
        int ede;
    } cases[] = {
        {"nodata.test", DNS_NO_DATA, -1},      {"nxdomain.test", DNS_NXDOMAIN, -1},
        {"servfail.test", DNS_SERVFAIL, 22},   {"bogus.test", DNS_BOGUS, 7},
        {"bogus-nothing.test", DNS_BOGUS, -1}, {"bogus-cut.test", DNS_BOGUS, -1},
        {"refused.test", DNS_REFUSED, 18},     {"notimp.test", DNS_REFUSED, -1},
        {"malformed.test", DNS_MALFORMED, -1}, {"silent.test", DNS_TIMEOUT, -1},
        {"tc-bad.test", DNS_MALFORMED, -1},    {"tc-closed.test", DNS_MALFORMED, -1},
        {"tc-silent.test", DNS_MALFORMED, -1}, {"tc-bogus.test", DNS_BOGUS, 6},
        {"bad-id-only.test", DNS_TIMEOUT, -1}, {"servfail-then-silent.test", DNS_SERVFAIL, -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dns_answer *answer = ask(cases[i].name);
        if (answer->status != cases[i].status)
            fail_msg("%s: %s", cases[i].name, dns_status_name(answer->status));
        if (answer->ede != cases[i].ede)
            fail_msg("%s: extended error %d", cases[i].name, answer->ede);
        CHECK(cases[i].name, answer->record_count == 0);
        /* one try, and the ones that follow from it, with a little grace for a busy machine */
        CHECK(cases[i].name, time_of(answer) < 2 * TIMEOUT + MILLISECONDS(300));
    }
}

static void a_silent_resolver_is_named(void **state)
{
    char expected[80];
    (void)state;
    struct dns_answer *answer = ask("silent.test");
    snprintf(expected, sizeof expected, "at the resolver %s nobody answers", responder.address);
    assert_string_equal(answer->reason, expected);
    assert_in_range(time_of(answer), TIMEOUT - MILLISECONDS(50), TIMEOUT + MILLISECONDS(300));
}

static void truncated_answers_come_over_tcp__invariant_14(void **state)
{
    (void)state;
    static const char *const names[] = {"tc.test", "tc-cut.test"};
    struct dns_answer *answer;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        answer = ask(names[i]);
        assert_int_equal(answer->status, DNS_FOUND);
        assert_true(answer->over_tcp);
        assert_int_equal(answer->record_count, 40);
    }
    answer = ask("tc-closed.test");
    assert_true(answer->truncated);
    assert_string_equal(answer->reason, "it is truncated, and the resolver does not answer over TCP");
}

static void large_answers_need_no_tcp(void **state)
{
    (void)state;
    struct dns_answer *answer = ask("large.test");
    assert_int_equal(answer->record_count, 30);
    assert_false(answer->over_tcp);
    answer = ask("too-large.test"); /* more than we said we take, and it came through */
    assert_int_equal(answer->record_count, 80);
    assert_false(answer->over_tcp);
}

static void what_is_no_answer_is_passed_over__invariant_14(void **state)
{
    (void)state;
    assert_int_equal(ask("bad-id-first.test")->status, DNS_FOUND);
    enum dns_status status = ask("empty.test")->status;
    /* c-ares 1.34 hears nothing any more behind an empty datagram, which no server sends by itself */
    assert_true(status == DNS_FOUND || status == DNS_TIMEOUT);
    assert_int_not_equal(ask("bad-question.test")->status, DNS_FOUND);
}

static void servers_older_than_edns_are_asked_without(void **state)
{
    (void)state;
    assert_int_equal(ask("old.test")->status, DNS_FOUND);
}

/**
 * A port that nobody else can take and where nobody listens: a connected UDP
 * socket holds it, and hears its own peer only.
 */
static int reserve_port(char *address, size_t size)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in peer = own;
    socklen_t length = sizeof own;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    peer.sin_port = htons(9);
    assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&peer, sizeof peer), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &length), 0);
    snprintf(address, size, "127.0.0.1:%u", ntohs(own.sin_port));
    return fd;
}

static void a_port_where_nobody_listens_fails_at_once(void **state)
{
    char address[32], expected[120];
    (void)state;
    int fd = reserve_port(address, sizeof address);
    struct resolver *resolver = open_resolver(address);
    struct dns_answer *answer = ask_with(resolver, "good.test", DNS_MX);
    assert_int_equal(answer->status, DNS_FAILED);
    snprintf(expected, sizeof expected, "at the resolver %s connections are refused, or no way leads there", address);
    assert_string_equal(answer->reason, expected);
    assert_true(time_of(answer) < TIMEOUT / 2);
    assert_int_equal(dns_status_cause(answer->status), CAUSE_DNS_TIMEOUT);
    resolver_free(resolver);
    close(fd);
}

static void questions_of_one_time_keep_apart(void **state)
{
    struct waiting waiting[60] = {{NULL, 0}};
    (void)state;
    struct resolver *resolver = open_resolver(responder.address);
    for (int i = 0; i < 60; i++)
        resolver_ask(resolver, i % 2 ? "host1.test" : "host2.test", DNS_A, &arena, note, &waiting[i]);
    ev_run(loop, 0);
    for (int i = 0; i < 60; i++) {
        assert_int_equal(waiting[i].calls, 1);
        assert_string_equal(waiting[i].answer->records[0].as.address.text, i % 2 ? "192.0.2.1" : "192.0.2.2");
    }
    resolver_free(resolver);
}

static void names_that_are_none_are_not_asked__invariant_8(void **state)
{
    (void)state;
    unsigned before = *responder.questions;
    struct dns_answer *answer = ask("a..test");
    assert_int_equal(answer->status, DNS_FAILED);
    assert_string_equal(answer->reason, "the name is no legal one in DNS");
    assert_int_equal(*responder.questions, before);
}

static void localhost_is_not_asked(void **state)
{
    (void)state;
    unsigned before = *responder.questions;
    struct resolver *resolver = open_resolver(responder.address);
    struct dns_answer *answer = ask_with(resolver, "LocalHost", DNS_A);
    assert_string_equal(answer->records[0].as.address.text, "127.0.0.1");
    assert_true(answer->is_local);
    answer = ask_with(resolver, "mail.localhost.", DNS_AAAA);
    assert_string_equal(answer->records[0].as.address.text, "::1");
    assert_null(resolver_server(resolver));
    resolver_free(resolver);
    assert_int_equal(*responder.questions, before);
}

/* Files */

static const char *write_file(const char *name, const char *contents)
{
    static char path[80];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", contents);
    fclose(file);
    return path;
}

static struct resolver *open_with_file(const char *resolv_conf)
{
    return resolver_new(loop, &(struct resolver_settings){.resolv_conf = resolv_conf, .timeout = TIMEOUT});
}

static void further_resolvers_step_in(void **state)
{
    static const char *const names[] = {"silent2.test", "refused.test", "servfail.test"};
    char servers[80];
    (void)state;
    snprintf(servers, sizeof servers, "%s, %s", responder.address, second.address);
    for (int i = 0; i < 3; i++) {
        struct resolver *resolver = open_resolver(servers);
        struct dns_answer *answer = ask_with(resolver, names[i], DNS_MX);
        if (answer->status != DNS_FOUND)
            fail_msg("%s: %s, %s", names[i], dns_status_name(answer->status), answer->reason);
        CHECK(names[i], time_of(answer) < TIMEOUT);
        assert_string_equal(resolver_server(resolver), responder.address);
        resolver_free(resolver);
    }
    /* A signature that does not hold is told, even if another resolver does not look. */
    struct resolver *resolver = open_resolver(servers);
    assert_int_equal(ask_with(resolver, "bogus.test", DNS_MX)->status, DNS_BOGUS);
    resolver_free(resolver);
}

static void authenticated_data_counts_from_here_or_by_option(void **state)
{
    static const struct {
        const char *contents;
        const char *server;
        bool is_trusted, is_private;
    } cases[] = {
        {"nameserver 127.0.0.53", "127.0.0.53:53", true, true},
        {"nameserver ::1", "[::1]:53", true, true},
        {"nameserver 192.168.0.1", "192.168.0.1:53", false, true},
        {"nameserver 9.9.9.9", "9.9.9.9:53", false, false},
        {"nameserver 127.0.0.1\nnameserver 9.9.9.9\noptions edns0", "127.0.0.1:53", false, true},
        {"# trust-ad\noptions edns0 trust-ad\nnameserver 9.9.9.9", "9.9.9.9:53", true, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct resolver *resolver = open_with_file(write_file("resolv.conf", cases[i].contents));
        /* This is found to be no name after the resolvers are known, and so nothing is sent to them. */
        assert_int_equal(ask_with(resolver, "a..test", DNS_MX)->status, DNS_FAILED);
        check_string(cases[i].contents, span_of_string(resolver_server(resolver)), cases[i].server);
        CHECK(cases[i].contents, resolver_is_trusted(resolver) == cases[i].is_trusted);
        CHECK(cases[i].contents, resolver_is_private(resolver) == cases[i].is_private);
        resolver_free(resolver);
    }
}

static void a_configuration_that_cannot_be_read_is_named(void **state)
{
    char expected[120];
    (void)state;
    struct resolver *resolver = open_with_file(directory);
    struct dns_answer *answer = ask_with(resolver, "good.test", DNS_MX);
    snprintf(expected, sizeof expected, "%s cannot be read: Is a directory", directory);
    assert_int_equal(answer->status, DNS_FAILED);
    assert_string_equal(answer->reason, expected);
    resolver_free(resolver);
}

static bool is_taken(unsigned port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool taken = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return taken;
}

static void a_configuration_without_resolvers_is_named(void **state)
{
    (void)state;
    if (is_taken(53))
        skip(); /* a resolver of this machine would answer */
    const char *path = write_file("resolv.conf", "search example");
    struct resolver *resolver = open_with_file(path);
    struct dns_answer *answer = ask_with(resolver, "good.test", DNS_MX);
    assert_int_equal(answer->status, DNS_FAILED);
    assert_true(span_starts_with(span_of_string(answer->reason), path));
    assert_true(
        span_contains_nocase(span_of_string(answer->reason), "names no resolver, and at 127.0.0.1:53 "));
    resolver_free(resolver);
}

static void the_hosts_file_knows_servers_named_by_the_user(void **state)
{
    struct waiting waiting[3] = {{NULL, 0}};
    (void)state;
    const char *path = write_file("hosts", "192.0.2.7 other host1.test");
    struct resolver *resolver = resolver_new(
        loop,
        &(struct resolver_settings){.server = responder.address, .hosts_file = path, .timeout = TIMEOUT});
    resolver_ask_host(resolver, "host1.test", DNS_A, &arena, note, &waiting[0]);
    resolver_ask(resolver, "host1.test", DNS_A, &arena, note, &waiting[1]);
    resolver_ask_host(resolver, "host2.test", DNS_A, &arena, note, &waiting[2]);
    assert_int_equal(waiting[0].calls, 0);
    ev_run(loop, 0);
    assert_string_equal(waiting[0].answer->records[0].as.address.text, "192.0.2.7");
    assert_true(waiting[0].answer->is_local);
    assert_string_equal(waiting[1].answer->records[0].as.address.text, "192.0.2.1");
    assert_false(waiting[1].answer->is_local);
    assert_string_equal(waiting[2].answer->records[0].as.address.text, "192.0.2.2");
    resolver_free(resolver);
}

/* Cancelling and freeing */

static void cancelled_questions_are_not_answered(void **state)
{
    struct waiting waiting = {NULL, 0};
    (void)state;
    struct resolver *resolver = open_resolver(responder.address);
    resolver_ask(resolver, "good.test", DNS_MX, &arena, note, &waiting);
    resolver_ask(resolver, "silent.test", DNS_MX, &arena, note, &waiting);
    resolver_ask(resolver, "localhost", DNS_A, &arena, note, &waiting);
    resolver_cancel(resolver);
    ev_run(loop, 0);
    assert_int_equal(waiting.calls, 0);
    assert_int_equal(ask_with(resolver, "good.test", DNS_MX)->status, DNS_FOUND);
    resolver_free(resolver);
}

struct owner {
    struct resolver *resolver;
    struct waiting waiting;
    unsigned more;
};

static void free_in_answer(void *context, struct dns_answer *answer)
{
    struct owner *owner = context;
    note(&owner->waiting, answer);
    resolver_free(owner->resolver);
}

static void the_resolver_may_be_freed_by_an_answer(void **state)
{
    static const char *const names[] = {"good.test", "localhost", "silent1.test", "tc.test"};
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct owner owner = {open_resolver(responder.address), {NULL, 0}, 0};
        resolver_ask(owner.resolver, names[i], DNS_A, &arena, free_in_answer, &owner);
        resolver_ask(owner.resolver, "silent.test", DNS_MX, &arena, note, &owner.waiting);
        resolver_ask(owner.resolver, "silent.test", DNS_A, &arena, note, &owner.waiting);
        ev_run(loop, 0);
        CHECK(names[i], owner.waiting.calls == 1);
    }
    resolver_free(NULL);
    resolver_free(open_resolver(responder.address));
}

static void ask_more_in_answer(void *context, struct dns_answer *answer)
{
    struct owner *owner = context;
    note(&owner->waiting, answer);
    if (owner->more-- > 0)
        resolver_ask(owner->resolver, owner->more % 2 ? "good.test" : "localhost", DNS_A, &arena,
                     ask_more_in_answer, owner);
}

static void an_answer_may_ask_more(void **state)
{
    (void)state;
    struct owner owner = {open_resolver(responder.address), {NULL, 0}, 5};
    resolver_ask(owner.resolver, "good.test", DNS_A, &arena, ask_more_in_answer, &owner);
    ev_run(loop, 0);
    assert_int_equal(owner.waiting.calls, 6);
    resolver_free(owner.resolver);
}

static void addresses_of_servers_are_checked(void **state)
{
    static const struct {
        const char *text;
        bool is_good;
    } cases[] = {
        {"192.0.2.1", true},
        {"192.0.2.1:5353", true},
        {"2001:db8::1", true},
        {"[2001:db8::1]", true},
        {"[2001:db8::1]:53", true},
        {"::1", true},
        {"", false},
        {"dns.example", false},
        {"192.0.2.1:", false},
        {"192.0.2.1:0", false},
        {"192.0.2.1:65536", false},
        {"192.0.2.1:53x", false},
        {"192.0.2", false},
        {"[2001:db8::1", false},
        {"[2001:db8::1]53", false},
        {"[2001:db8::1]:", false},
        {"::1,[::1]:5353, 192.0.2.1", true},
        {"::1,x", false},
        {",", false},
        {"1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1", false},
        {"[]", false},
        {"]", false},
        {"192.0.2.1:+53", false},
        {"[", false},
        {":53", false},
        {"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = ERROR_NONE;
        if (resolver_check_server(cases[i].text, &error) != cases[i].is_good)
            fail_msg("[%s]", cases[i].text);
        CHECK(cases[i].text, cases[i].is_good == (error.text[0] == '\0'));
    }
}

static int prepare(void **state)
{
    (void)state;
    loop = ev_default_loop(0);
    dns_responder_start(&responder, script);
    dns_responder_start(&second, knowing_script);
    return loop && mkdtemp(directory) ? 0 : 1;
}

static int tidy(void **state)
{
    char path[80];
    (void)state;
    dns_responder_stop(&responder);
    dns_responder_stop(&second);
    snprintf(path, sizeof path, "%s/resolv.conf", directory);
    unlink(path);
    snprintf(path, sizeof path, "%s/hosts", directory);
    unlink(path);
    ev_loop_destroy(loop);
    return rmdir(directory);
}

static int clear(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(answers_come_from_the_server_named, clear),
        cmocka_unit_test_teardown(each_failure_is_told_apart__invariant_14, clear),
        cmocka_unit_test_teardown(a_silent_resolver_is_named, clear),
        cmocka_unit_test_teardown(truncated_answers_come_over_tcp__invariant_14, clear),
        cmocka_unit_test_teardown(large_answers_need_no_tcp, clear),
        cmocka_unit_test_teardown(what_is_no_answer_is_passed_over__invariant_14, clear),
        cmocka_unit_test_teardown(servers_older_than_edns_are_asked_without, clear),
        cmocka_unit_test_teardown(a_port_where_nobody_listens_fails_at_once, clear),
        cmocka_unit_test_teardown(questions_of_one_time_keep_apart, clear),
        cmocka_unit_test_teardown(names_that_are_none_are_not_asked__invariant_8, clear),
        cmocka_unit_test_teardown(localhost_is_not_asked, clear),
        cmocka_unit_test_teardown(further_resolvers_step_in, clear),
        cmocka_unit_test_teardown(authenticated_data_counts_from_here_or_by_option, clear),
        cmocka_unit_test_teardown(a_configuration_that_cannot_be_read_is_named, clear),
        cmocka_unit_test_teardown(a_configuration_without_resolvers_is_named, clear),
        cmocka_unit_test_teardown(the_hosts_file_knows_servers_named_by_the_user, clear),
        cmocka_unit_test_teardown(cancelled_questions_are_not_answered, clear),
        cmocka_unit_test_teardown(the_resolver_may_be_freed_by_an_answer, clear),
        cmocka_unit_test_teardown(an_answer_may_ask_more, clear),
        cmocka_unit_test_teardown(addresses_of_servers_are_checked, clear),
    };
    return cmocka_run_group_tests(tests, prepare, tidy);
}
