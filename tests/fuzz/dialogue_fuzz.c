/*
 * A hostile server against the engine: nothing but sound lines leaves, nothing
 * that demanded security leaves without it, every session ends, and how the
 * octets were cut makes no difference (INVARIANTS 1-5, 8, 12, 16, 19).
 *
 * Input: three octets that make the plan, then what the server says. After each
 * line what we say is taken, but for these octets, which are no part of it:
 */
#include "fuzz.h"

#include "scripted_sasl.h"
#include "smtp/dialogue.h"

enum mark {
    MARK_HOLD = 0xf8,  /* go on without looking at what we say */
    MARK_PAUSE = 0xf9, /* 31 seconds go by */
    MARK_CLOSE = 0xfa,
    MARK_TAKE = 0xfb, /* one octet of ours is taken */
};

enum { PLAN_SIZE = 3, RECIPIENTS = 3 };

struct session {
    struct arena arena;
    struct plan plan;
    struct mailbox sender;
    struct mailbox recipients[RECIPIENTS];
    struct scripted_sasl sasl;
    struct dialogue dialogue;
    bool handshake_fails;
    size_t chunk;
    instant now;
    struct buffer sent; /* in clear */
    struct buffer sent_in_tls;
};

static void make_plan(struct session *session, const uint8_t *seed)
{
    static const char message[] = "Subject: fuzz\n\n.dot\nend";
    struct plan *plan = &session->plan;
    session->sender.wire = SPAN("me@client.example");
    for (size_t i = 0; i < RECIPIENTS; i++)
        session->recipients[i].wire = SPAN("you@mx.example");
    *plan = (struct plan){
        .tls = (enum tls_policy)((seed[0] & 7) % (TLS_IMPLICIT + 1)),
        .auth = (enum auth_policy)(seed[0] >> 3 & 3),
        .lmtp = seed[0] >> 5 & 1,
        .helo_only = seed[0] >> 6 & 1,
        .pipeline = seed[0] >> 7,
        .stop = (enum stop_manner)(seed[1] & 3),
        .stop_at = (enum stop_point)((seed[1] >> 2 & 15) % (STOP_AT_BODY + 1)),
        .require_all_recipients = seed[1] >> 6 & 1,
        .smtputf8 = (enum smtputf8_policy)((seed[2] & 3) % 3),
        .needs_smtputf8 = seed[2] >> 2 & 1,
        .message_is_8bit = seed[2] >> 3 & 1,
        .recipient_count = 1 + (seed[2] >> 4 & 3) % RECIPIENTS,
        .sender = &session->sender,
        .recipients = session->recipients,
        .message = span_of(message, sizeof message - 1),
        .timeout = SECONDS(30),
        .quit_timeout = SECONDS(3),
    };
    session->handshake_fails = seed[2] >> 6 & 1;
    scripted_sasl_init(&session->sasl, SPAN("SCRAM,LOGIN,PLAIN,EMPTY,ENDLESS"), seed[2] >> 7);
}

static void take(struct session *session, size_t limit)
{
    struct dialogue *dialogue = &session->dialogue;
    struct span outgoing = span_first(dialogue_outgoing(dialogue), limit);
    buffer_add(dialogue->notes.in_tls ? &session->sent_in_tls : &session->sent, outgoing);
    dialogue_sent(dialogue, outgoing.size, session->now);
}

static void serve_wishes(struct session *session)
{
    struct dialogue *dialogue = &session->dialogue;
    if (dialogue_wish(dialogue) == WISH_SECURE && session->handshake_fails)
        dialogue_insecure(dialogue, CAUSE_TLS_NOT_SPOKEN, "no", session->now);
    else if (dialogue_wish(dialogue) == WISH_SECURE)
        dialogue_secured(dialogue, true, session->now);
    while (dialogue_wish(dialogue) == WISH_WRITE)
        take(session, SIZE_MAX);
}

static void deliver(struct session *session, struct span octets)
{
    while (octets.size > 0) {
        size_t size = session->chunk ? session->chunk : octets.size;
        dialogue_receive(&session->dialogue, span_first(octets, size), session->now);
        octets = span_skip(octets, size);
    }
}

static void let_time_pass(struct session *session)
{
    instant deadline = dialogue_deadline(&session->dialogue);
    session->now += SECONDS(31);
    if (deadline == NEVER || deadline > session->now)
        return;
    dialogue_expired(&session->dialogue, session->now);
    FUZZ_REQUIRE(dialogue_wish(&session->dialogue) == WISH_CLOSE);
}

static void obey(struct session *session, enum mark mark)
{
    if (mark == MARK_PAUSE)
        let_time_pass(session);
    else if (mark == MARK_CLOSE)
        dialogue_peer_closed(&session->dialogue, CLOSING_EOF, session->now);
    else if (mark == MARK_TAKE)
        take(session, 1);
}

/** @return the size of what comes up to a mark, or with a line's end */
static size_t next_piece(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] >= MARK_HOLD && data[i] <= MARK_TAKE)
            return i;
        if (data[i] == '\n')
            return i + 1;
    }
    return size;
}

static void play(struct session *session, const uint8_t *data, size_t size)
{
    serve_wishes(session);
    while (size > 0) {
        size_t piece = next_piece(data, size);
        deliver(session, span_of((const char *)data, piece));
        data += piece;
        size -= piece;
        bool is_mark = size > 0 && *data >= MARK_HOLD && *data <= MARK_TAKE;
        if (!is_mark) {
            serve_wishes(session);
            continue;
        }
        obey(session, (enum mark) * data);
        data++;
        size--;
    }
    serve_wishes(session);
    dialogue_peer_closed(&session->dialogue, CLOSING_EOF, session->now);
}

static void check_lines(struct span sent)
{
    for (size_t i = 0; i < sent.size; i++)
        FUZZ_REQUIRE(sent.at[i] == '\n' ? i > 0 && sent.at[i - 1] == '\r' : sent.at[i] != '\0');
}

static void check_security(const struct session *session)
{
    enum tls_policy policy = session->plan.tls;
    struct span clear = buffer_span(&session->sent);
    static const char *const commands[] = {"MAIL FROM", "RCPT TO", "DATA", "AUTH "};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        FUZZ_REQUIRE((policy != TLS_REQUIRED && policy != TLS_IMPLICIT) ||
                     !span_contains_nocase(clear, commands[i]));
    FUZZ_REQUIRE(!span_contains_nocase(buffer_span(&session->sent_in_tls), "STARTTLS"));
    if (session->dialogue.notes.authenticated)
        FUZZ_REQUIRE(session->sasl.tried != 0);
}

static void check_end(const struct session *session)
{
    const struct dialogue *dialogue = &session->dialogue;
    const struct dialogue_end *end = &dialogue->end;
    FUZZ_REQUIRE(dialogue_wish(dialogue) == WISH_CLOSE && end->ending != ENDING_NOT_YET);
    FUZZ_REQUIRE(dialogue_deadline(dialogue) == NEVER && dialogue->outgoing.size == 0);
    FUZZ_REQUIRE(end->first.size <= EVIDENCE_LIMIT);
    FUZZ_REQUIRE(end->decisive == SIZE_MAX || end->decisive < dialogue->exchange_count);
    FUZZ_REQUIRE(end->ending != ENDING_LOCAL);
    if (end->ending == ENDING_REPLY)
        FUZZ_REQUIRE(dialogue->exchanges[end->decisive].result == EXCHANGE_NEGATIVE);
    for (size_t i = 0; i < dialogue->exchange_count; i++) {
        FUZZ_REQUIRE(dialogue->exchanges[i].result != EXCHANGE_PENDING);
        FUZZ_REQUIRE(!dialogue->exchanges[i].reply == (dialogue->exchanges[i].result == EXCHANGE_UNANSWERED));
    }
}

static void run(struct session *session, const uint8_t *data, size_t size, size_t chunk)
{
    *session = (struct session){.arena = ARENA_EMPTY, .chunk = chunk, .now = SECONDS(1)};
    make_plan(session, data);
    dialogue_init(&session->dialogue, &session->plan, &session->sasl.authenticator, "client.example",
                  "mx.example", &session->arena, session->now);
    play(session, data + PLAN_SIZE, size - PLAN_SIZE);
    check_lines(buffer_span(&session->sent));
    check_lines(buffer_span(&session->sent_in_tls));
    check_security(session);
    check_end(session);
}

static void check_equal(const struct dialogue *a, const struct dialogue *b)
{
    FUZZ_REQUIRE(a->end.ending == b->end.ending && a->end.stage == b->end.stage);
    FUZZ_REQUIRE(a->end.cause == b->end.cause && a->end.decisive == b->end.decisive);
    FUZZ_REQUIRE(a->end.octets == b->end.octets && span_equal(a->end.first, b->end.first));
    FUZZ_REQUIRE(a->exchange_count == b->exchange_count && a->answered == b->answered);
    FUZZ_REQUIRE(a->notes.recipients_accepted == b->notes.recipients_accepted);
    for (size_t i = 0; i < a->exchange_count; i++) {
        FUZZ_REQUIRE(a->exchanges[i].result == b->exchanges[i].result);
        FUZZ_REQUIRE(span_equal(a->exchanges[i].command, b->exchanges[i].command));
    }
}

static void tear_down(struct session *session)
{
    dialogue_clear(&session->dialogue);
    buffer_clear(&session->sent);
    buffer_clear(&session->sent_in_tls);
    arena_clear(&session->arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct session whole, cut;
    if (size < PLAN_SIZE)
        return 0;
    run(&whole, data, size, 0);
    run(&cut, data, size, 1 + data[PLAN_SIZE - 1] % 5);
    check_equal(&whole.dialogue, &cut.dialogue);
    FUZZ_REQUIRE(span_equal(buffer_span(&whole.sent), buffer_span(&cut.sent)));
    FUZZ_REQUIRE(span_equal(buffer_span(&whole.sent_in_tls), buffer_span(&cut.sent_in_tls)));
    tear_down(&whole);
    tear_down(&cut);
    return 0;
}
