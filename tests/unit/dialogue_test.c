/* What the scripted sessions of tests/transcripts cannot say: large messages, their deadlines, and times. */
#include "smtp/steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

enum { NOW = 1000 };

struct session {
    struct arena arena;
    struct plan plan;
    struct mailbox sender;
    struct mailbox recipient;
    struct dialogue dialogue;
    struct buffer sent;
    instant now;
};

static struct mailbox mailbox(const char *wire)
{
    return (struct mailbox){.wire = span_of_string(wire)};
}

static void set_up(struct session *session, struct span message)
{
    *session = (struct session){.arena = ARENA_EMPTY, .now = SECONDS(NOW)};
    session->sender = mailbox("me@client.example");
    session->recipient = mailbox("you@mx.example");
    session->plan = (struct plan){.sender = &session->sender,
                                  .recipients = &session->recipient,
                                  .recipient_count = 1,
                                  .message = message,
                                  .timeout = SECONDS(30),
                                  .quit_timeout = SECONDS(3)};
}

static void start(struct session *session)
{
    dialogue_init(&session->dialogue, &session->plan, NULL, "client.example", NULL, &session->arena,
                  session->now);
}

static void tear_down(struct session *session)
{
    dialogue_clear(&session->dialogue);
    buffer_clear(&session->sent);
    arena_clear(&session->arena);
}

static void say(struct session *session, const char *text)
{
    dialogue_receive(&session->dialogue, span_of_string(text), session->now);
}

/** Takes at most so many octets. @return how many there were */
static size_t take(struct session *session, size_t limit)
{
    struct span outgoing = span_first(dialogue_outgoing(&session->dialogue), limit);
    buffer_add(&session->sent, outgoing);
    dialogue_sent(&session->dialogue, outgoing.size, session->now);
    return outgoing.size;
}

static void take_all(struct session *session)
{
    while (dialogue_wish(&session->dialogue) == WISH_WRITE && take(session, SIZE_MAX) > 0)
        continue;
}

static void answer(struct session *session, const char *text)
{
    take_all(session);
    say(session, text);
}

/** Up to where the message begins to leave. */
static void walk_to_body(struct session *session)
{
    start(session);
    answer(session, "220 mx.example\r\n");
    answer(session, "250 mx.example\r\n");
    answer(session, "250 ok\r\n");
    answer(session, "250 ok\r\n");
    answer(session, "354 go\r\n");
    assert_int_equal(dialogue_wish(&session->dialogue), WISH_WRITE);
    buffer_truncate(&session->sent, 0);
}

static struct buffer large_message(size_t size)
{
    struct buffer message = BUFFER_EMPTY;
    buffer_add_string(&message, "Subject: large\n\n");
    while (message.size < size)
        buffer_add_string(&message, ".a line of the message that begins with a dot\n");
    return message;
}

static const struct exchange *last_exchange(const struct session *session)
{
    return &session->dialogue.exchanges[session->dialogue.exchange_count - 1];
}

static void test_large_message_is_streamed(void **state)
{
    (void)state;
    struct session session;
    struct buffer message = large_message(2 * 1024 * 1024), wire = BUFFER_EMPTY;
    struct body_stuffer stuffer;
    body_stuffer_init(&stuffer);
    body_stuffer_add(&stuffer, buffer_span(&message), &wire);
    body_stuffer_finish(&stuffer, &wire);
    set_up(&session, buffer_span(&message));
    walk_to_body(&session);
    while (dialogue_wish(&session.dialogue) == WISH_WRITE) {
        assert_true(dialogue_outgoing(&session.dialogue).size < 2 * BODY_WINDOW);
        take(&session, 10007);
    }
    assert_true(span_equal(buffer_span(&session.sent), buffer_span(&wire)));
    assert_int_equal(last_exchange(&session)->body_octets, wire.size);
    assert_int_equal(last_exchange(&session)->written, session.now);
    say(&session, "250 ok\r\n");
    answer(&session, "221 bye\r\n");
    assert_int_equal(session.dialogue.end.ending, ENDING_DONE);
    buffer_clear(&message);
    buffer_clear(&wire);
    tear_down(&session);
}

static void test_lines_of_the_message_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        bool raw;
        unsigned long lines;
        unsigned long long octets;
    } cases[] = {
        {"a\n\nb\n", false, 3, 11}, {"a\n\nb", false, 3, 11}, {"", false, 0, 3},
        {"a\r\n.\r\n", true, 2, 6}, {"", true, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session session;
        set_up(&session, span_of_string(cases[i].message));
        session.plan.raw_message = cases[i].raw;
        start(&session);
        answer(&session, "220 \r\n");
        answer(&session, "250 \r\n");
        answer(&session, "250 \r\n");
        answer(&session, "250 \r\n");
        answer(&session, "354 \r\n");
        take_all(&session);
        assert_int_equal(last_exchange(&session)->body_lines, cases[i].lines);
        assert_int_equal(last_exchange(&session)->body_octets, cases[i].octets);
        assert_int_not_equal(last_exchange(&session)->written, NEVER);
        tear_down(&session);
    }
}

/* INVARIANTS 16: progress in the message must be made within the timeout */
static void test_trickle_into_the_server_is_no_progress(void **state)
{
    (void)state;
    struct session session;
    struct buffer message = large_message(1024 * 1024);
    set_up(&session, buffer_span(&message));
    walk_to_body(&session);
    instant deadline = dialogue_deadline(&session.dialogue);
    assert_int_equal(deadline, session.now + SECONDS(30));
    for (int i = 0; i < 29; i++) {
        session.now += SECONDS(1);
        take(&session, 1);
    }
    assert_int_equal(dialogue_deadline(&session.dialogue), deadline);
    dialogue_expired(&session.dialogue, deadline);
    assert_int_equal(session.dialogue.end.ending, ENDING_TIMEOUT);
    assert_int_equal(session.dialogue.end.stage, STAGE_BODY);
    assert_int_equal(dialogue_wish(&session.dialogue), WISH_CLOSE);
    assert_int_equal(dialogue_outgoing(&session.dialogue).size, 0);
    buffer_clear(&message);
    tear_down(&session);
}

static void test_good_deal_of_the_message_renews_the_deadline(void **state)
{
    (void)state;
    struct session session;
    struct buffer message = large_message(200 * 1024);
    set_up(&session, buffer_span(&message));
    walk_to_body(&session);
    session.now += SECONDS(20);
    take(&session, 60 * 1024);
    assert_int_equal(dialogue_deadline(&session.dialogue), SECONDS(NOW + 30));
    take(&session, 60 * 1024);
    assert_int_equal(dialogue_deadline(&session.dialogue), session.now + SECONDS(30));
    session.now += SECONDS(20);
    take_all(&session);
    assert_int_equal(dialogue_deadline(&session.dialogue), session.now + SECONDS(30));
    session.now += SECONDS(1);
    say(&session, "25");
    assert_int_equal(dialogue_deadline(&session.dialogue), session.now + SECONDS(29));
    buffer_clear(&message);
    tear_down(&session);
}

static size_t lines_of(const struct buffer *text)
{
    size_t count = 0;
    for (size_t i = 0; i < text->size; i++)
        count += text->data[i] == '\n';
    return count;
}

/* The last of it queued and not yet written, and with QUIT behind it */
static void test_cut_message_counts_as_far_as_it_came(void **state)
{
    (void)state;
    static const struct {
        size_t message, taken;
        bool pipeline, is_cut;
    } cases[] = {
        {1000, 500, false, true}, {1000, 500, true, true},      {1000, 0, false, false},
        {1000, 1, true, true},    {300 * 1024, 250 * 1024, true, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session session;
        struct buffer message = large_message(cases[i].message);
        set_up(&session, buffer_span(&message));
        session.plan.pipeline = cases[i].pipeline;
        start(&session);
        answer(&session, "220 mx.example\r\n");
        answer(&session, "250-mx.example\r\n250 PIPELINING\r\n");
        for (int reply = 0; reply < 3; reply++)
            answer(&session, reply < 2 ? "250 ok\r\n" : "354 go\r\n");
        buffer_truncate(&session.sent, 0);
        while (session.sent.size < cases[i].taken)
            take(&session, cases[i].taken - session.sent.size);
        dialogue_peer_closed(&session.dialogue, CLOSING_EOF, session.now);
        const struct exchange *body = &session.dialogue.exchanges[session.dialogue.end.decisive];
        assert_int_equal(body->stage, STAGE_BODY);
        assert_int_equal(body->body_is_cut, cases[i].is_cut);
        assert_int_equal(body->body_octets, cases[i].taken);
        assert_int_equal(body->body_lines, lines_of(&session.sent));
        buffer_clear(&message);
        tear_down(&session);
    }
}

/* INVARIANTS 5, 16: what the server says amid the message is read */
static void test_replies_amid_the_message(void **state)
{
    (void)state;
    static const struct {
        const char *reply;
        enum ending ending;
        enum cause cause;
    } cases[] = {
        {"552 5.3.4 too big\r\n", ENDING_REPLY, CAUSE_UNKNOWN},
        {"421 4.4.2 timeout\r\n", ENDING_REPLY, CAUSE_UNKNOWN},
        {"250 2.0.0 queued\r\n", ENDING_VIOLATION, CAUSE_UNSOLICITED_REPLY},
        {"354 go\r\n", ENDING_VIOLATION, CAUSE_UNSOLICITED_REPLY},
        {"HTTP/1.1 413 Too Large\r\n", ENDING_VIOLATION, CAUSE_UNSOLICITED_REPLY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session session;
        struct buffer message = large_message(1024 * 1024);
        set_up(&session, buffer_span(&message));
        walk_to_body(&session);
        take(&session, 100 * 1024);
        say(&session, cases[i].reply);
        assert_int_equal(session.dialogue.end.ending, cases[i].ending);
        assert_int_equal(session.dialogue.end.cause, cases[i].cause);
        assert_int_equal(session.dialogue.end.stage, STAGE_BODY);
        assert_int_equal(session.dialogue.end.decisive, session.dialogue.exchange_count - 1);
        assert_true(last_exchange(&session)->has_command);
        assert_true(last_exchange(&session)->body_is_cut);
        assert_int_equal(last_exchange(&session)->body_octets, session.sent.size);
        assert_int_equal(last_exchange(&session)->body_lines, lines_of(&session.sent));
        dialogue_sent(&session.dialogue, 10, session.now);
        assert_int_equal(dialogue_outgoing(&session.dialogue).size, 0);
        buffer_clear(&message);
        tear_down(&session);
    }
}

/* INVARIANTS 9: a large message and QUIT in one group; QUIT follows the terminator */
static void test_quit_joins_a_large_message(void **state)
{
    (void)state;
    struct session session;
    struct buffer message = large_message(300 * 1024);
    set_up(&session, buffer_span(&message));
    session.plan.pipeline = true;
    start(&session);
    answer(&session, "220 mx.example\r\n");
    answer(&session, "250-mx.example\r\n250 PIPELINING\r\n");
    answer(&session, "250 ok\r\n250 ok\r\n354 go\r\n");
    take_all(&session);
    assert_true(span_ends_with_nocase(buffer_span(&session.sent), "\r\n.\r\nQUIT\r\n"));
    say(&session, "250 ok\r\n221 bye\r\n");
    assert_int_equal(session.dialogue.end.ending, ENDING_DONE);
    assert_false(session.dialogue.notes.quit_failed);
    buffer_clear(&message);
    tear_down(&session);
}

static void test_many_recipients_in_one_group(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    struct session session;
    set_up(&session, SPAN("x\n"));
    struct mailbox *recipients = ARENA_ARRAY(&session.arena, struct mailbox, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        recipients[i] = mailbox(arena_printf(&session.arena, "user%zu@mx.example", i));
    session.plan.recipients = recipients;
    session.plan.recipient_count = COUNT;
    session.plan.pipeline = true;
    start(&session);
    answer(&session, "220 mx.example\r\n");
    answer(&session, "250-mx.example\r\n250 PIPELINING\r\n");
    take_all(&session);
    assert_int_equal(session.dialogue.exchange_count, 2 + 1 + COUNT + 1);
    assert_int_equal(session.dialogue.exchanges[2 + COUNT].recipient, COUNT - 1);
    say(&session, "250 ok\r\n");
    for (int i = 0; i < COUNT; i++)
        say(&session, i % 2 ? "250 ok\r\n" : "550 no\r\n");
    assert_int_equal(session.dialogue.notes.recipients_accepted, COUNT / 2);
    assert_int_equal(session.dialogue.notes.recipients_refused, COUNT / 2);
    tear_down(&session);
}

/* INVARIANTS 8: whatever slips through the checks of addresses and names, no second command */
static void test_no_line_holds_two_commands(void **state)
{
    (void)state;
    static const char *const bad[] = {"a@x>\r\nRCPT TO:<b@x", "a\nb@x", "a\x7f@x", "a\tb@x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct session session;
        set_up(&session, SPAN("x\n"));
        session.sender = mailbox(bad[i]);
        start(&session);
        answer(&session, "220 mx.example\r\n");
        answer(&session, "250 mx.example\r\n");
        assert_int_equal(session.dialogue.end.ending, ENDING_LOCAL);
        assert_int_equal(session.dialogue.end.stage, STAGE_MAIL);
        assert_int_equal(session.dialogue.end.cause, CAUSE_USAGE);
        assert_int_equal(dialogue_outgoing(&session.dialogue).size, 0);
        tear_down(&session);
    }
}

static void test_auth_without_an_authenticator(void **state)
{
    (void)state;
    struct session session;
    set_up(&session, SPAN("x\n"));
    session.plan.auth = AUTH_REQUIRED;
    start(&session);
    answer(&session, "220 mx.example\r\n");
    answer(&session, "250-mx.example\r\n250 AUTH PLAIN\r\n");
    answer(&session, "221 bye\r\n");
    assert_int_equal(session.dialogue.end.ending, ENDING_LOCAL);
    assert_int_equal(session.dialogue.end.cause, CAUSE_FEATURE_MISSING);
    tear_down(&session);
}

static void test_implicit_tls(void **state)
{
    (void)state;
    struct session session;
    set_up(&session, SPAN("x\n"));
    session.plan.tls = TLS_IMPLICIT;
    start(&session);
    assert_int_equal(dialogue_wish(&session.dialogue), WISH_SECURE);
    dialogue_starts_secured(&session.dialogue, true);
    assert_int_equal(dialogue_wish(&session.dialogue), WISH_READ);
    assert_true(session.dialogue.notes.in_tls);
    assert_int_equal(dialogue_deadline(&session.dialogue), session.now + SECONDS(30));
    tear_down(&session);
}

static void test_times_of_an_exchange(void **state)
{
    (void)state;
    struct session session;
    set_up(&session, SPAN("x\n"));
    start(&session);
    session.now += MILLISECONDS(10);
    say(&session, "220 mx.ex");
    session.now += MILLISECONDS(10);
    say(&session, "ample\r\n");
    session.now += MILLISECONDS(10);
    take(&session, 3);
    assert_int_equal(session.dialogue.exchanges[1].written, NEVER);
    session.now += MILLISECONDS(10);
    take_all(&session);
    const struct exchange *banner = &session.dialogue.exchanges[0], *ehlo = &session.dialogue.exchanges[1];
    assert_int_equal(banner->written, SECONDS(NOW));
    assert_int_equal(banner->reply->first, SECONDS(NOW) + MILLISECONDS(10));
    assert_int_equal(banner->reply->last, SECONDS(NOW) + MILLISECONDS(20));
    assert_int_equal(ehlo->queued, SECONDS(NOW) + MILLISECONDS(20));
    assert_int_equal(ehlo->written, SECONDS(NOW) + MILLISECONDS(40));
    /* The reply's time runs from the reply before it, and not from our own slow writing */
    assert_int_equal(dialogue_deadline(&session.dialogue), SECONDS(NOW + 30) + MILLISECONDS(20));
    tear_down(&session);
}

static void test_no_timeout(void **state)
{
    (void)state;
    struct session session;
    set_up(&session, SPAN("x\n"));
    session.plan.timeout = NEVER;
    start(&session);
    assert_int_equal(dialogue_deadline(&session.dialogue), NEVER);
    dialogue_expired(&session.dialogue, session.now + MINUTES(600));
    assert_int_equal(dialogue_wish(&session.dialogue), WISH_READ);
    tear_down(&session);
}

static void test_fail_over_ends_with_ehlo(void **state)
{
    (void)state;
    struct session session;
    set_up(&session, SPAN("x\n"));
    start(&session);
    answer(&session, "220 mx.example\r\n");
    assert_false(dialogue_has_greeted(&session.dialogue));
    answer(&session, "250 mx.example\r\n");
    assert_true(dialogue_has_greeted(&session.dialogue));
    tear_down(&session);
}

/** The surroundings may be late to notice: nothing happens any more. */
static void test_nothing_after_the_end(void **state)
{
    (void)state;
    struct session session;
    set_up(&session, SPAN("x\n"));
    start(&session);
    say(&session, "250 hello\r\n");
    struct dialogue_end end = session.dialogue.end;
    say(&session, "220 mx.example\r\n");
    dialogue_sent(&session.dialogue, 5, session.now);
    dialogue_secured(&session.dialogue, true, session.now);
    dialogue_insecure(&session.dialogue, CAUSE_TLS_NOT_SPOKEN, NULL, session.now);
    dialogue_peer_closed(&session.dialogue, CLOSING_EOF, session.now);
    dialogue_cancel(&session.dialogue, CAUSE_CANCELLED, session.now);
    dialogue_expired(&session.dialogue, session.now + MINUTES(60));
    assert_int_equal(session.dialogue.end.ending, end.ending);
    assert_int_equal(session.dialogue.end.cause, end.cause);
    assert_int_equal(session.dialogue.exchange_count, 1);
    assert_int_equal(dialogue_wish(&session.dialogue), WISH_CLOSE);
    assert_int_equal(dialogue_deadline(&session.dialogue), NEVER);
    tear_down(&session);
}

/* INVARIANTS 4: these codes mean success, and no others */
static void test_codes_of_success(void **state)
{
    (void)state;
    static const struct {
        enum stage stage;
        const char *codes;
    } wanted[] = {
        {STAGE_BANNER, "220"},     {STAGE_EHLO, "250"}, {STAGE_HELO, "250"},         {STAGE_STARTTLS, "220"},
        {STAGE_AUTH, "235 (334)"}, {STAGE_MAIL, "250"}, {STAGE_RCPT, "250 251 252"}, {STAGE_DATA, "(354)"},
        {STAGE_BODY, "250"},       {STAGE_QUIT, "221"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct buffer codes = BUFFER_EMPTY;
        assert_int_equal(steps[i].stage, wanted[i].stage);
        for (size_t j = 0; j < 3; j++)
            if (steps[i].success[j])
                buffer_printf(&codes, "%s%d", codes.size > 0 ? " " : "", steps[i].success[j]);
        if (steps[i].intermediate)
            buffer_printf(&codes, "%s(%d)", codes.size > 0 ? " " : "", steps[i].intermediate);
        assert_string_equal(buffer_string(&codes), wanted[i].codes);
        buffer_clear(&codes);
    }
}

static void test_each_stop_point_has_its_place(void **state)
{
    (void)state;
    static const enum stage places[] = {
        [STOP_AT_BANNER] = STAGE_BANNER,     [STOP_AT_FIRST_EHLO] = STAGE_HELO,
        [STOP_AT_STARTTLS] = STAGE_STARTTLS, [STOP_AT_EHLO] = STAGE_STARTTLS,
        [STOP_AT_AUTH] = STAGE_AUTH,         [STOP_AT_MAIL] = STAGE_MAIL,
        [STOP_AT_RCPT] = STAGE_RCPT,         [STOP_AT_DATA] = STAGE_DATA,
        [STOP_AT_BODY] = STAGE_BODY,
    };
    for (int point = 0; point < (int)(sizeof places / sizeof *places); point++)
        assert_int_equal(step_of_stop((enum stop_point)point)->stage, places[point]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_large_message_is_streamed),
        cmocka_unit_test(test_lines_of_the_message_are_counted),
        cmocka_unit_test(test_trickle_into_the_server_is_no_progress),
        cmocka_unit_test(test_good_deal_of_the_message_renews_the_deadline),
        cmocka_unit_test(test_cut_message_counts_as_far_as_it_came),
        cmocka_unit_test(test_replies_amid_the_message),
        cmocka_unit_test(test_quit_joins_a_large_message),
        cmocka_unit_test(test_many_recipients_in_one_group),
        cmocka_unit_test(test_no_line_holds_two_commands),
        cmocka_unit_test(test_auth_without_an_authenticator),
        cmocka_unit_test(test_implicit_tls),
        cmocka_unit_test(test_times_of_an_exchange),
        cmocka_unit_test(test_no_timeout),
        cmocka_unit_test(test_fail_over_ends_with_ehlo),
        cmocka_unit_test(test_nothing_after_the_end),
        cmocka_unit_test(test_codes_of_success),
        cmocka_unit_test(test_each_stop_point_has_its_place),
    };
    return cmocka_run_group_tests_name("dialogue", tests, NULL, NULL);
}
