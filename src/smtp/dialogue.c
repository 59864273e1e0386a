#include "smtp/dialogue.h"

#include "base/base64.h"
#include "smtp/steps.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>

/** What is read of the message at a time. */
enum { BODY_PIECE = 16 * 1024 };

/** Whoever takes less than this of the message within the timeout makes no progress. */
enum { BODY_PROGRESS = 64 * 1024 };

static const struct span nothing = {"", 0};

/* The end */

void dialogue_decide(struct dialogue *dialogue, struct dialogue_end end)
{
    if (dialogue->has_decided)
        return;
    dialogue->decided = end;
    dialogue->has_decided = true;
}

static size_t index_of(const struct dialogue *dialogue, const struct exchange *exchange)
{
    return (size_t)(exchange - dialogue->exchanges);
}

enum move dialogue_refused(struct dialogue *dialogue, const struct exchange *exchange)
{
    dialogue_decide(dialogue, (struct dialogue_end){.ending = ENDING_REPLY,
                                                    .stage = exchange->stage,
                                                    .cause = CAUSE_UNKNOWN,
                                                    .decisive = index_of(dialogue, exchange)});
    return MOVE_LEAVE;
}

enum move dialogue_failed(struct dialogue *dialogue, const struct exchange *exchange, enum ending ending,
                          enum cause cause, const char *detail)
{
    dialogue_decide(dialogue, (struct dialogue_end){.ending = ending,
                                                    .stage = exchange->stage,
                                                    .cause = cause,
                                                    .decisive = index_of(dialogue, exchange),
                                                    .detail = detail});
    return MOVE_LEAVE;
}

enum move dialogue_lacks(struct dialogue *dialogue, enum stage stage, enum ending ending, enum cause cause,
                         const char *detail)
{
    dialogue_decide(
        dialogue,
        (struct dialogue_end){
            .ending = ending, .stage = stage, .cause = cause, .decisive = SIZE_MAX, .detail = detail});
    return MOVE_LEAVE;
}

/** The last stage carried out before QUIT. */
static enum stage stage_reached(const struct dialogue *dialogue)
{
    for (size_t i = dialogue->exchange_count; i-- > 0;)
        if (dialogue->exchanges[i].stage != STAGE_QUIT)
            return dialogue->exchanges[i].stage;
    return dialogue->step->stage;
}

static size_t count_lines(struct span text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.at[i] == '\n';
    return count;
}

/** Of a message that is cut short only what was handed to the system counts. */
static void note_cut_message(struct dialogue *dialogue)
{
    const struct body_progress *body = &dialogue->body;
    if (body->exchange >= dialogue->exchange_count)
        return;
    struct exchange *exchange = &dialogue->exchanges[body->exchange];
    if (exchange->stage != STAGE_BODY || exchange->written != NEVER)
        return;
    struct span unsent = buffer_span(&dialogue->outgoing);
    if (!body->is_under_way) {
        unsent = span_first(unsent, (size_t)(exchange->wire_end - dialogue->sent));
        exchange->body_lines += !dialogue->plan->raw_message; /* the terminator is among the unsent */
    }
    exchange->body_lines -= count_lines(unsent);
    exchange->body_is_cut = dialogue->sent > body->begin;
    exchange->body_octets = exchange->body_is_cut ? dialogue->sent - body->begin : 0;
}

static void finish(struct dialogue *dialogue)
{
    dialogue_decide(dialogue, (struct dialogue_end){.ending = ENDING_DONE,
                                                    .stage = stage_reached(dialogue),
                                                    .cause = CAUSE_OK,
                                                    .decisive = SIZE_MAX});
    dialogue->end = dialogue->decided;
    dialogue->state = DIALOGUE_OVER;
    dialogue->deadline = NEVER;
    for (size_t i = dialogue->answered; i < dialogue->exchange_count; i++)
        dialogue->exchanges[i].result = EXCHANGE_UNANSWERED;
    note_cut_message(dialogue);
    buffer_wipe(&dialogue->outgoing);
    if (dialogue->authenticator)
        dialogue->authenticator->reset(dialogue->authenticator);
}

/** Octets that belong to the evidence may follow in later reads: how they were cut must not matter. */
static void add_evidence(struct dialogue *dialogue, struct span *first, struct span octets)
{
    if (!dialogue->evidence)
        return;
    octets = span_first(octets, EVIDENCE_LIMIT - first->size);
    if (octets.size > 0)
        memcpy(dialogue->evidence + first->size, octets.at, octets.size);
    first->size += octets.size;
}

static void decide_with_evidence(struct dialogue *dialogue, struct dialogue_end end, struct span octets)
{
    if (dialogue->has_decided)
        return;
    dialogue->evidence = arena_allocate(dialogue->arena, EVIDENCE_LIMIT);
    end.first.at = dialogue->evidence;
    add_evidence(dialogue, &end.first, octets);
    dialogue_decide(dialogue, end);
}

/* Deadlines */

static bool is_due(const struct dialogue *dialogue)
{
    return dialogue->answered < dialogue->exchange_count;
}

static struct exchange *due_exchange(const struct dialogue *dialogue)
{
    return &dialogue->exchanges[dialogue->answered];
}

static void start_waiting(struct dialogue *dialogue)
{
    bool is_quit = dialogue->state == DIALOGUE_SPEAKING && is_due(dialogue) &&
                   due_exchange(dialogue)->stage == STAGE_QUIT;
    duration limit = is_quit ? dialogue->plan->quit_timeout : dialogue->plan->timeout;
    dialogue->watched = dialogue->answered;
    dialogue->waiting_since = dialogue->now;
    dialogue->deadline = instant_after(dialogue->now, limit);
}

/** Each whole reply has a deadline of its own, which begins when the one before it is complete. */
static void watch_next_reply(struct dialogue *dialogue)
{
    if (dialogue->state != DIALOGUE_OVER && dialogue->watched != dialogue->answered)
        start_waiting(dialogue);
}

/* Speaking */

static unsigned long long queued(const struct dialogue *dialogue)
{
    return dialogue->sent + dialogue->outgoing.size;
}

static void mark_written(struct dialogue *dialogue)
{
    for (; dialogue->written < dialogue->exchange_count; dialogue->written++) {
        struct exchange *exchange = &dialogue->exchanges[dialogue->written];
        if (exchange->wire_end > dialogue->sent)
            return;
        exchange->written = dialogue->now;
    }
}

static struct exchange *add_exchange(struct dialogue *dialogue, struct span command)
{
    const struct step *step = dialogue->step;
    bool is_pipelined = is_due(dialogue);
    dialogue->exchanges = arena_grow(dialogue->arena, dialogue->exchanges, dialogue->exchange_count,
                                     &dialogue->exchange_capacity, sizeof *dialogue->exchanges);
    struct exchange *exchange = &dialogue->exchanges[dialogue->exchange_count++];
    *exchange = (struct exchange){.stage = step->stage,
                                  .command = command,
                                  .has_command = true,
                                  .in_tls = dialogue->notes.in_tls,
                                  .was_pipelined = is_pipelined,
                                  .queued = dialogue->now,
                                  .step = step,
                                  .wire_end = queued(dialogue)};
    if (step->flags & STEP_PER_RECIPIENT)
        exchange->recipient = dialogue->next_recipient;
    return exchange;
}

/** Awaits a reply that no command of its own precedes. */
static enum move expect(struct dialogue *dialogue)
{
    add_exchange(dialogue, nothing)->has_command = false;
    return MOVE_SPOKEN;
}

/** Addresses and names were checked before; a line that could be two must not leave in any case. */
static bool is_one_line(struct span line)
{
    for (size_t i = 0; i < line.size; i++)
        if ((unsigned char)line.at[i] < ' ' || line.at[i] == 0x7f)
            return false;
    return true;
}

static enum move refuse_to_say(struct dialogue *dialogue)
{
    dialogue_lacks(dialogue, dialogue->step->stage, ENDING_LOCAL, CAUSE_USAGE,
                   "a control character in what should be one command line");
    return MOVE_HANG_UP;
}

enum move dialogue_say(struct dialogue *dialogue, const char *format, ...)
{
    va_list arguments;
    struct buffer line = BUFFER_EMPTY;
    va_start(arguments, format);
    buffer_vprintf(&line, format, arguments);
    va_end(arguments);
    bool is_sound = is_one_line(buffer_span(&line));
    if (is_sound) {
        struct span command = arena_copy(dialogue->arena, buffer_span(&line));
        buffer_add(&dialogue->outgoing, command);
        buffer_add(&dialogue->outgoing, SPAN("\r\n"));
        add_exchange(dialogue, command);
    }
    buffer_clear(&line);
    return is_sound ? MOVE_SPOKEN : refuse_to_say(dialogue);
}

static void add_coded(struct buffer *out, const char *prefix, struct span word)
{
    buffer_add_string(out, prefix);
    if (*prefix)
        buffer_add_char(out, ' ');
    if (word.size > 0)
        base64_encode(word, out);
    else if (*prefix)
        buffer_add_char(out, '=');
}

static struct span with_prefix(struct arena *arena, const char *prefix, struct span word)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_string(&text, prefix);
    if (*prefix && word.size > 0)
        buffer_add_char(&text, ' ');
    buffer_add(&text, word);
    struct span copy = arena_copy(arena, buffer_span(&text));
    buffer_clear(&text);
    return copy;
}

enum move dialogue_say_coded(struct dialogue *dialogue, const char *prefix, struct span word,
                             struct span shown, bool is_secret)
{
    if (!is_one_line(span_of_string(prefix)))
        return refuse_to_say(dialogue);
    struct buffer line = BUFFER_EMPTY;
    add_coded(&line, prefix, shown);
    struct span command = arena_copy(dialogue->arena, buffer_span(&line));
    buffer_clear(&line);
    add_coded(&dialogue->outgoing, prefix, word);
    buffer_add(&dialogue->outgoing, SPAN("\r\n"));
    struct exchange *exchange = add_exchange(dialogue, command);
    exchange->decoded = with_prefix(dialogue->arena, prefix, shown);
    exchange->has_secret = is_secret;
    return MOVE_SPOKEN;
}

/* The message */

static void end_body(struct dialogue *dialogue)
{
    struct body_progress *body = &dialogue->body;
    struct exchange *exchange = &dialogue->exchanges[body->exchange];
    body->is_under_way = false;
    exchange->body_octets = queued(dialogue) - body->begin;
    if (!dialogue->plan->raw_message)
        exchange->body_lines--; /* the terminator */
    for (size_t i = body->exchange; i < dialogue->exchange_count; i++)
        dialogue->exchanges[i].wire_end = queued(dialogue);
}

static void add_piece(struct dialogue *dialogue)
{
    struct body_progress *body = &dialogue->body;
    struct span message = dialogue->plan->message;
    struct span piece = span_first(span_skip(message, body->taken), BODY_PIECE);
    size_t before = dialogue->outgoing.size;
    body->taken += piece.size;
    bool is_last = body->taken == message.size;
    if (dialogue->plan->raw_message) {
        buffer_add(&dialogue->outgoing, piece);
    } else {
        body_stuffer_add(&body->stuffer, piece, &dialogue->outgoing);
        if (is_last)
            body_stuffer_finish(&body->stuffer, &dialogue->outgoing);
    }
    dialogue->exchanges[body->exchange].body_lines +=
        count_lines(span_skip(buffer_span(&dialogue->outgoing), before));
    if (is_last)
        end_body(dialogue);
}

static void fill_body(struct dialogue *dialogue)
{
    while (dialogue->body.is_under_way && dialogue->outgoing.size < BODY_WINDOW)
        add_piece(dialogue);
}

/** RFC 2033 4.2: after the message one reply for each recipient that was accepted, in the same order. */
static void expect_delivery_replies(struct dialogue *dialogue)
{
    size_t count = dialogue->exchange_count;
    for (size_t i = 0; i < count; i++) {
        if (dialogue->exchanges[i].stage != STAGE_RCPT || dialogue->exchanges[i].result != EXCHANGE_POSITIVE)
            continue;
        size_t recipient = dialogue->exchanges[i].recipient;
        bool is_first = dialogue->exchange_count == count;
        struct exchange *exchange = add_exchange(dialogue, nothing);
        exchange->has_command = is_first;
        exchange->was_pipelined = false;
        exchange->recipient = recipient;
    }
}

static void begin_body(struct dialogue *dialogue)
{
    dialogue->is_invited = false;
    dialogue->body = (struct body_progress){
        .exchange = dialogue->exchange_count, .begin = queued(dialogue), .renewed = queued(dialogue)};
    body_stuffer_init(&dialogue->body.stuffer);
}

enum move dialogue_say_body(struct dialogue *dialogue)
{
    begin_body(dialogue);
    if (dialogue->plan->lmtp)
        expect_delivery_replies(dialogue);
    else
        add_exchange(dialogue, nothing);
    for (size_t i = dialogue->body.exchange; i < dialogue->exchange_count; i++)
        dialogue->exchanges[i].wire_end = ULLONG_MAX;
    dialogue->body.is_under_way = true;
    fill_body(dialogue);
    return MOVE_SPOKEN;
}

enum move dialogue_say_lone_dot(struct dialogue *dialogue)
{
    begin_body(dialogue);
    buffer_add(&dialogue->outgoing, SPAN(".\r\n"));
    struct exchange *exchange = add_exchange(dialogue, nothing);
    exchange->body_octets = 3;
    exchange->is_consequence = true;
    return MOVE_SPOKEN;
}

/* Walking the table */

/** RFC 2920 3.1: behind what may be followed, and only if this server said so in its last EHLO. */
static bool may_join_group(const struct dialogue *dialogue)
{
    const struct step *last = dialogue->exchanges[dialogue->exchange_count - 1].step;
    return dialogue->plan->pipeline && (last->flags & STEP_GROUPS) &&
           capability_has(dialogue_capabilities(dialogue), EXTENSION_PIPELINING) &&
           !(dialogue->plan->require_all_recipients && (dialogue->step->flags & STEP_AFTER_RCPT));
}

static bool is_past_stop(const struct dialogue *dialogue)
{
    const struct plan *plan = dialogue->plan;
    return plan->stop != STOP_NOT && !dialogue->is_leaving && dialogue->step > step_of_stop(plan->stop_at);
}

static bool may_speak(const struct dialogue *dialogue)
{
    if (dialogue->body.is_under_way || dialogue->drops_when_sent)
        return false;
    if (!is_due(dialogue))
        return true;
    bool is_about_to_drop = dialogue->plan->stop != STOP_QUIT && is_past_stop(dialogue);
    return !is_about_to_drop && may_join_group(dialogue);
}

static void make_move(struct dialogue *dialogue, const struct step *from, enum move move)
{
    switch (move) {
    case MOVE_SPOKEN:
    case MOVE_NEXT:
        break;
    case MOVE_AGAIN:
        dialogue->step = from;
        break;
    case MOVE_SECURE:
        dialogue->state = DIALOGUE_SECURING;
        start_waiting(dialogue);
        break;
    case MOVE_LEAVE:
        dialogue->is_leaving = true;
        dialogue->step = step_to_leave;
        break;
    case MOVE_HANG_UP:
        finish(dialogue);
        break;
    }
}

/**
 * Once DATA was answered 354, QUIT would be a line of the message and a dot
 * would deliver it: the one way out that leaves nothing behind is to drop.
 */
static enum move stop(const struct dialogue *dialogue)
{
    return dialogue->plan->stop == STOP_QUIT && !dialogue->is_invited ? MOVE_LEAVE : MOVE_HANG_UP;
}

static enum move speak(struct dialogue *dialogue, const struct step *step)
{
    if (!step->wanted(dialogue))
        return MOVE_NEXT;
    return step->say ? step->say(dialogue) : expect(dialogue);
}

static void take_step(struct dialogue *dialogue)
{
    const struct step *step = dialogue->step;
    enum move move = speak(dialogue, step);
    bool speaks_on = move == MOVE_SPOKEN && (step->flags & STEP_PER_RECIPIENT) && step->wanted(dialogue);
    if (move == MOVE_SPOKEN && !speaks_on)
        dialogue->drops_when_sent = step_is_stop(dialogue, step);
    if ((move == MOVE_SPOKEN || move == MOVE_NEXT) && !speaks_on)
        dialogue->step++;
    make_move(dialogue, step, move);
}

static void drop_if_all_is_sent(struct dialogue *dialogue)
{
    if (dialogue->state == DIALOGUE_SPEAKING && dialogue->drops_when_sent && dialogue->outgoing.size == 0 &&
        !dialogue->body.is_under_way)
        finish(dialogue);
}

static void advance(struct dialogue *dialogue)
{
    while (dialogue->state == DIALOGUE_SPEAKING && may_speak(dialogue)) {
        if (is_past_stop(dialogue))
            make_move(dialogue, dialogue->step, stop(dialogue));
        else
            take_step(dialogue);
    }
    mark_written(dialogue);
    watch_next_reply(dialogue);
    drop_if_all_is_sent(dialogue);
}

/* Hearing */

static enum exchange_result judge_code(const struct step *step, const struct reply *reply)
{
    if (reply->fault != REPLY_SOUND)
        return EXCHANGE_INVALID;
    for (size_t i = 0; i < sizeof step->success / sizeof *step->success; i++)
        if (reply->code == step->success[i])
            return EXCHANGE_POSITIVE;
    if (reply->code == step->intermediate)
        return EXCHANGE_INTERMEDIATE;
    return reply_class(reply) >= 4 ? EXCHANGE_NEGATIVE : EXCHANGE_UNEXPECTED;
}

static const char *const fault_texts[] = {
    [REPLY_SOUND] = "sound",
    [REPLY_NOT_DIGITS] = "does not begin with three digits",
    [REPLY_CODE_RANGE] = "has a code outside 200 to 599",
    [REPLY_BAD_SEPARATOR] = "has neither blank nor hyphen behind its code",
    [REPLY_CODES_DIFFER] = "carries another code than the lines before it",
    [REPLY_HAS_NUL] = "holds a NUL octet",
    [REPLY_TOO_LONG] = "goes beyond what a reply may have here",
};

static enum move violation(struct dialogue *dialogue, const struct exchange *exchange, enum cause cause,
                           const char *detail)
{
    decide_with_evidence(dialogue,
                         (struct dialogue_end){.ending = ENDING_VIOLATION,
                                               .stage = exchange->stage,
                                               .cause = cause,
                                               .decisive = index_of(dialogue, exchange),
                                               .detail = detail},
                         exchange->reply->raw);
    return MOVE_HANG_UP;
}

static enum move malformed(struct dialogue *dialogue, const struct exchange *exchange)
{
    const struct reply *reply = exchange->reply;
    bool is_greeting = exchange->stage == STAGE_BANNER && reply->fault == REPLY_NOT_DIGITS;
    if (reply->protocol == PROTOCOL_TLS && exchange->stage == STAGE_BANNER)
        return violation(dialogue, exchange, CAUSE_IMPLICIT_TLS_EXPECTED, "tls");
    if (reply->protocol > PROTOCOL_UNKNOWN || (reply->protocol == PROTOCOL_UNKNOWN && is_greeting))
        return violation(dialogue, exchange, CAUSE_NOT_SMTP, reply_protocol_name(reply->protocol));
    return violation(
        dialogue, exchange, CAUSE_REPLY_MALFORMED,
        arena_printf(dialogue->arena, "line %zu %s", reply->fault_line, fault_texts[reply->fault]));
}

static enum move unexpected(struct dialogue *dialogue, const struct exchange *exchange)
{
    const struct step *step = exchange->step;
    int wanted = step->intermediate ? step->intermediate : step->success[0];
    return violation(dialogue, exchange, CAUSE_REPLY_CODE_UNEXPECTED,
                     arena_printf(dialogue->arena, "got %d where %d was due", exchange->reply->code, wanted));
}

static enum move hear(struct dialogue *dialogue, struct exchange *exchange)
{
    unsigned flags = exchange->step->flags;
    if (flags & STEP_ANY_REPLY)
        return exchange->step->hear(dialogue, exchange);
    if (exchange->result == EXCHANGE_INVALID)
        return malformed(dialogue, exchange);
    if (exchange->reply->code == 421) {
        /* RFC 5321 3.8: may come in answer to any command, and the server closes after it. */
        dialogue_refused(dialogue, exchange);
        return MOVE_HANG_UP;
    }
    if (exchange->result == EXCHANGE_UNEXPECTED && !(flags & STEP_ANY_CODE))
        return unexpected(dialogue, exchange);
    return exchange->step->hear(dialogue, exchange);
}

static bool is_amid_body(const struct dialogue *dialogue, const struct exchange *exchange)
{
    return (exchange->step->flags & STEP_MESSAGE) && dialogue->sent > dialogue->body.begin;
}

/**
 * A reply to what was not written in full. A server may say 421 whenever it
 * likes, and may break off a message that it has seen part of; all else was made
 * up before the command was known, or is an answer that an attacker slipped in.
 */
static enum move hear_early(struct dialogue *dialogue, struct exchange *exchange)
{
    bool is_amid = is_amid_body(dialogue, exchange);
    bool is_refusal = exchange->result == EXCHANGE_NEGATIVE;
    if (!is_amid && exchange->written == NEVER) {
        exchange->has_command = false;
        exchange->command = nothing;
    }
    if (!is_refusal || (exchange->reply->code != 421 && !is_amid)) {
        if (exchange->result != EXCHANGE_INVALID)
            exchange->result = EXCHANGE_UNEXPECTED;
        return violation(dialogue, exchange, CAUSE_UNSOLICITED_REPLY, "a reply before its command");
    }
    if (exchange->step->flags & STEP_ANY_REPLY)
        return exchange->step->hear(dialogue, exchange);
    dialogue_refused(dialogue, exchange);
    return MOVE_HANG_UP;
}

static void take_reply(struct dialogue *dialogue, struct reply *reply)
{
    struct exchange *exchange = due_exchange(dialogue);
    const struct step *step = exchange->step;
    bool is_early = dialogue->is_premature;
    exchange->reply = reply;
    exchange->result = judge_code(step, reply);
    dialogue->answered++;
    dialogue->is_premature = false;
    make_move(dialogue, step, is_early ? hear_early(dialogue, exchange) : hear(dialogue, exchange));
    advance(dialogue);
}

/**
 * RFC 3207 4.2: nothing crosses. Whatever is there when the line that begins TLS
 * has been read was sent in clear, by whoever can write to the wire.
 */
static void reject_injection(struct dialogue *dialogue, struct span octets)
{
    const struct exchange *starttls = &dialogue->exchanges[dialogue->answered - 1];
    decide_with_evidence(dialogue,
                         (struct dialogue_end){.ending = ENDING_INSECURE,
                                               .stage = STAGE_STARTTLS,
                                               .cause = CAUSE_STARTTLS_INJECTION,
                                               .decisive = index_of(dialogue, starttls),
                                               .detail = "octets in clear behind the reply to STARTTLS"},
                         octets);
    finish(dialogue);
}

void dialogue_receive(struct dialogue *dialogue, struct span octets, instant now)
{
    dialogue->now = now;
    while (octets.size > 0 && dialogue->state == DIALOGUE_SPEAKING) {
        size_t consumed;
        if (dialogue->answered >= dialogue->written)
            dialogue->is_premature = true;
        struct reply *reply = reply_parser_feed(&dialogue->parser, octets, &consumed, now);
        octets = span_skip(octets, consumed);
        if (reply)
            take_reply(dialogue, reply);
    }
    if (octets.size == 0)
        return;
    if (dialogue->state == DIALOGUE_OVER)
        add_evidence(dialogue, &dialogue->end.first, octets);
    else if (dialogue->notes.tls_was_tried)
        reject_injection(dialogue, octets);
}

/** Half a reply, to a command that is about to be written: RFC 5321 has no such thing but 421. */
static bool has_half_a_reply_too_early(const struct dialogue *dialogue)
{
    struct span partial = reply_parser_partial(&dialogue->parser);
    return dialogue->state == DIALOGUE_SPEAKING && dialogue->is_premature && partial.size > 0 &&
           !is_amid_body(dialogue, due_exchange(dialogue)) &&
           !span_equal(span_first(partial, 3), span_first(SPAN("421"), partial.size));
}

struct span dialogue_outgoing(struct dialogue *dialogue)
{
    if (has_half_a_reply_too_early(dialogue)) {
        decide_with_evidence(dialogue,
                             (struct dialogue_end){.ending = ENDING_VIOLATION,
                                                   .stage = due_exchange(dialogue)->stage,
                                                   .cause = CAUSE_UNSOLICITED_REPLY,
                                                   .decisive = SIZE_MAX,
                                                   .detail = "a reply before its command"},
                             reply_parser_partial(&dialogue->parser));
        finish(dialogue);
    }
    return buffer_span(&dialogue->outgoing);
}

/** Nobody may live on one octet a minute: a good deal of the message renews the deadline, or all of it. */
static void renew_for_body(struct dialogue *dialogue)
{
    if (!is_due(dialogue) || !is_amid_body(dialogue, due_exchange(dialogue)))
        return;
    const struct exchange *exchange = due_exchange(dialogue);
    unsigned long long reached = dialogue->sent < exchange->wire_end ? dialogue->sent : exchange->wire_end;
    unsigned long long progress = reached - dialogue->body.renewed;
    if (progress >= BODY_PROGRESS || (progress > 0 && exchange->written != NEVER)) {
        dialogue->body.renewed = reached;
        start_waiting(dialogue);
    }
}

void dialogue_sent(struct dialogue *dialogue, size_t octets, instant now)
{
    if (dialogue->state == DIALOGUE_OVER)
        return;
    dialogue->now = now;
    if (octets > dialogue->outgoing.size)
        octets = dialogue->outgoing.size;
    dialogue->sent += octets;
    buffer_consume(&dialogue->outgoing, octets);
    if (dialogue->outgoing.size == 0)
        buffer_wipe(&dialogue->outgoing); /* may have held a password */
    fill_body(dialogue);
    mark_written(dialogue);
    renew_for_body(dialogue);
    advance(dialogue);
}

/* What else may happen */

static enum stage stage_due(const struct dialogue *dialogue)
{
    if (dialogue->state == DIALOGUE_SECURING)
        return STAGE_TLS;
    return is_due(dialogue) ? due_exchange(dialogue)->stage : dialogue->step->stage;
}

/** Once only the reply to QUIT is due, all else has succeeded or an end was decided. */
static bool is_saying_goodbye(const struct dialogue *dialogue)
{
    return dialogue->state == DIALOGUE_SPEAKING && stage_due(dialogue) == STAGE_QUIT;
}

static void break_off(struct dialogue *dialogue, struct dialogue_end end)
{
    struct span partial = reply_parser_partial(&dialogue->parser);
    end.stage = stage_due(dialogue);
    end.octets = partial.size;
    end.decisive = dialogue->state == DIALOGUE_SPEAKING && is_due(dialogue) ? dialogue->answered : SIZE_MAX;
    if (is_saying_goodbye(dialogue))
        dialogue->notes.quit_failed = !dialogue->has_decided;
    else
        decide_with_evidence(dialogue, end, partial);
    finish(dialogue);
}

void dialogue_peer_closed(struct dialogue *dialogue, enum closing how, instant now)
{
    if (dialogue->state == DIALOGUE_OVER)
        return;
    dialogue->now = now;
    dialogue->notes.quit_met_close = is_saying_goodbye(dialogue) && !dialogue->has_decided;
    break_off(dialogue, (struct dialogue_end){.ending = ENDING_CLOSED,
                                              .cause = how == CLOSING_RESET ? CAUSE_CONNECTION_RESET
                                                                            : CAUSE_CLOSED_BY_SERVER});
}

void dialogue_expired(struct dialogue *dialogue, instant now)
{
    if (dialogue->deadline == NEVER || now < dialogue->deadline)
        return;
    dialogue->now = now;
    bool awaits_reply = dialogue->state == DIALOGUE_SPEAKING && is_due(dialogue);
    bool is_sending = awaits_reply && due_exchange(dialogue)->written == NEVER;
    break_off(dialogue, (struct dialogue_end){
                            .ending = ENDING_TIMEOUT,
                            .cause = CAUSE_REPLY_TIMEOUT,
                            .detail = is_sending ? "no progress in sending" : NULL,
                            .waited = now - dialogue->waiting_since,
                            .patience = awaits_reply ? due_exchange(dialogue)->step->patience : NEVER});
}

void dialogue_secured(struct dialogue *dialogue, bool peer_verified, instant now)
{
    const struct plan *plan = dialogue->plan;
    if (dialogue->state != DIALOGUE_SECURING)
        return;
    dialogue->now = now;
    dialogue->state = DIALOGUE_SPEAKING;
    dialogue->notes.in_tls = true;
    dialogue->is_peer_verified = peer_verified;
    dialogue->watched = SIZE_MAX;
    if (dialogue->authenticator)
        dialogue->authenticator->reset(dialogue->authenticator);
    bool stops_here = plan->stop != STOP_NOT && plan->stop_at == STOP_AT_STARTTLS;
    if (plan->tls != TLS_IMPLICIT && !stops_here)
        dialogue->step = step_after_tls;
    advance(dialogue);
}

void dialogue_starts_secured(struct dialogue *dialogue, bool peer_verified)
{
    dialogue_secured(dialogue, peer_verified, dialogue->now);
}

void dialogue_insecure(struct dialogue *dialogue, enum cause cause, const char *detail, instant now)
{
    if (dialogue->state == DIALOGUE_OVER)
        return;
    dialogue->now = now;
    dialogue_lacks(dialogue, STAGE_TLS, ENDING_INSECURE, cause,
                   detail ? arena_copy_string(dialogue->arena, detail) : NULL);
    finish(dialogue);
}

void dialogue_cancel(struct dialogue *dialogue, enum cause cause, instant now)
{
    if (dialogue->state == DIALOGUE_OVER)
        return;
    dialogue->now = now;
    dialogue_lacks(dialogue, stage_due(dialogue), ENDING_LOCAL, cause, NULL);
    finish(dialogue);
}

/* Looking in */

enum wish dialogue_wish(const struct dialogue *dialogue)
{
    if (dialogue->state == DIALOGUE_OVER)
        return WISH_CLOSE;
    if (dialogue->state == DIALOGUE_SECURING)
        return WISH_SECURE;
    return dialogue->outgoing.size > 0 ? WISH_WRITE : WISH_READ;
}

instant dialogue_deadline(const struct dialogue *dialogue)
{
    return dialogue->deadline;
}

const struct capability_set *dialogue_capabilities(const struct dialogue *dialogue)
{
    return dialogue->notes.in_tls ? &dialogue->secure_capabilities : &dialogue->clear_capabilities;
}

bool dialogue_has_greeted(const struct dialogue *dialogue)
{
    return dialogue->has_greeted;
}

void dialogue_init(struct dialogue *dialogue, const struct plan *plan, struct authenticator *authenticator,
                   const char *helo, const char *host, struct arena *arena, instant now)
{
    *dialogue = (struct dialogue){.plan = plan,
                                  .arena = arena,
                                  .authenticator = authenticator,
                                  .helo = helo,
                                  .host = host,
                                  .step = steps,
                                  .now = now,
                                  .watched = SIZE_MAX,
                                  .notes.went_on_in_clear = plan->fell_back_to_clear,
                                  .auth.refusal = SIZE_MAX};
    dialogue->end.decisive = SIZE_MAX;
    reply_parser_init(&dialogue->parser, arena);
    dialogue->parser.octets_left = SESSION_LIMIT + plan->recipient_count * SESSION_LIMIT_PER_RECIPIENT;
    if (plan->tls == TLS_IMPLICIT) {
        dialogue->state = DIALOGUE_SECURING;
        start_waiting(dialogue);
    } else {
        advance(dialogue);
    }
}

void dialogue_clear(struct dialogue *dialogue)
{
    buffer_wipe(&dialogue->outgoing);
}
