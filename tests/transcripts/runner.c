/**
 * Plays the scripted sessions against the engine, each with every cut of the
 * server's octets and with our writes cut short: what comes of it must not
 * depend on the network's mood.
 */
#include "script.h"

#include "smtp/dialogue.h"

#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** Scripts with more octets are not cut at every place, but at some 500. */
enum { CUTS_LIMIT = 4096, CUTS_OF_LONG_SCRIPTS = 500 };

/** How octets travel. */
struct travel {
    size_t chunk; /* the server's octets come in so many; 0: whole blocks */
    size_t cut;   /* ... cut at this place of all of them; 0: not */
    size_t write; /* the system takes so many of ours; 0: all */
};

struct play {
    const struct script *script;
    struct travel travel;
    struct arena arena;
    struct dialogue dialogue;
    struct scripted_sasl sasl;
    instant now;
    size_t delivered;
    unsigned flights; /* waits for the network, as a clock would see them */
    struct buffer trouble;
};

/* The two sides */

static void deliver(struct play *play, struct span octets)
{
    size_t cut = play->travel.cut;
    while (octets.size > 0) {
        size_t size = play->travel.chunk ? play->travel.chunk : octets.size;
        if (cut > play->delivered && cut - play->delivered < size)
            size = cut - play->delivered;
        struct span chunk = span_first(octets, size);
        dialogue_receive(&play->dialogue, chunk, play->now);
        play->delivered += chunk.size;
        octets = span_skip(octets, chunk.size);
    }
}

static bool complain(struct play *play, const struct item *item, const char *what, struct span wanted,
                     struct span got)
{
    buffer_printf(&play->trouble, "line %d: %s\nwanted: ", item ? item->line : 0, what);
    script_escape(wanted, &play->trouble);
    buffer_add_string(&play->trouble, "\ngot:    ");
    script_escape(got, &play->trouble);
    buffer_add_string(&play->trouble, "\n");
    return false;
}

/** Takes what the engine wants to send; a flight that fits the window must come whole. */
static bool expect_octets(struct play *play, const struct item *item)
{
    struct buffer got = BUFFER_EMPTY;
    unsigned writes = 0;
    while (dialogue_wish(&play->dialogue) == WISH_WRITE) {
        struct span outgoing = dialogue_outgoing(&play->dialogue);
        if (outgoing.size == 0)
            break;
        size_t size = play->travel.write ? play->travel.write : outgoing.size;
        outgoing = span_first(outgoing, size);
        buffer_add(&got, outgoing);
        writes++;
        dialogue_sent(&play->dialogue, outgoing.size, play->now);
    }
    play->flights++;
    bool is_equal = span_equal(buffer_span(&got), buffer_span(&item->octets)) ||
                    complain(play, item, "another flight", buffer_span(&item->octets), buffer_span(&got));
    if (is_equal && writes > 1 && !play->travel.write && got.size < BODY_WINDOW)
        is_equal = complain(play, item, "a flight in more than one write", SPAN("1"), SPAN("more"));
    buffer_clear(&got);
    return is_equal;
}

static void pass_time(struct play *play, duration pause)
{
    instant target = play->now + pause;
    instant deadline = dialogue_deadline(&play->dialogue);
    if (deadline != NEVER && deadline <= target) {
        play->now = deadline;
        dialogue_expired(&play->dialogue, play->now);
    }
    play->now = target;
}

static bool end_handshake(struct play *play, const struct item *item)
{
    if (dialogue_wish(&play->dialogue) != WISH_SECURE)
        return complain(play, item, "no wish for TLS", SPAN("secure"), SPAN("something else"));
    play->flights++; /* TLS 1.3 */
    if (item->kind == ITEM_TLS_BAD)
        dialogue_insecure(&play->dialogue, item->cause, "handshake failed", play->now);
    else
        dialogue_secured(&play->dialogue, item->is_verified, play->now);
    return true;
}

static bool play_item(struct play *play, const struct item *item)
{
    switch (item->kind) {
    case ITEM_SERVER:
        deliver(play, buffer_span(&item->octets));
        return true;
    case ITEM_CLIENT:
        return expect_octets(play, item);
    case ITEM_PAUSE:
        pass_time(play, item->pause);
        return true;
    case ITEM_CLOSE:
    case ITEM_RESET:
        dialogue_peer_closed(&play->dialogue, item->kind == ITEM_RESET ? CLOSING_RESET : CLOSING_EOF,
                             play->now);
        return true;
    case ITEM_TLS_OK:
    case ITEM_TLS_BAD:
        return end_handshake(play, item);
    case ITEM_CANCEL:
        dialogue_cancel(&play->dialogue, CAUSE_CANCELLED, play->now);
        return true;
    }
    return false;
}

static bool is_over(struct play *play)
{
    struct span rest = dialogue_outgoing(&play->dialogue); /* may find half a reply too much */
    if (rest.size > 0)
        return complain(play, NULL, "more to say at the end", SPAN(""), rest);
    if (dialogue_wish(&play->dialogue) != WISH_CLOSE)
        return complain(play, NULL, "no wish to close at the end", SPAN("close"), SPAN("something else"));
    return true;
}

static bool play_all(struct play *play)
{
    const struct script *script = play->script;
    scripted_sasl_init(&play->sasl, script->mechanisms, script->try_all);
    play->now = SECONDS(1000);
    play->flights = script->plan.tls == TLS_IMPLICIT ? 1 : 2; /* TCP, banner; with TLS both come later */
    dialogue_init(&play->dialogue, &script->plan, &play->sasl.authenticator, "client.example", "mx.example",
                  &play->arena, play->now);
    for (size_t i = 0; i < script->item_count; i++)
        if (!play_item(play, &script->items[i]))
            return false;
    if (script->plan.tls == TLS_IMPLICIT)
        play->flights++;
    return is_over(play);
}

static void play_clear(struct play *play)
{
    dialogue_clear(&play->dialogue);
    arena_clear(&play->arena);
    buffer_clear(&play->trouble);
}

/* What came of it, in words */

static const char *const ending_names[] = {
    [ENDING_NOT_YET] = "not-yet",         [ENDING_DONE] = "done",         [ENDING_REPLY] = "reply",
    [ENDING_VIOLATION] = "violation",     [ENDING_CLOSED] = "closed",     [ENDING_TIMEOUT] = "timeout",
    [ENDING_UNSUPPORTED] = "unsupported", [ENDING_INSECURE] = "insecure", [ENDING_LOCAL] = "local",
};

static const char result_marks[] = {
    [EXCHANGE_PENDING] = '~',    [EXCHANGE_POSITIVE] = '+',   [EXCHANGE_INTERMEDIATE] = '>',
    [EXCHANGE_NEGATIVE] = '-',   [EXCHANGE_UNEXPECTED] = '?', [EXCHANGE_INVALID] = 'x',
    [EXCHANGE_UNANSWERED] = '0',
};

/** "rcpt-" and what else is worth saying: secret, consequence, pipelined, in TLS, no command. */
static void describe_exchange(const struct exchange *exchange, struct buffer *out)
{
    if (out->size > 0)
        buffer_add_char(out, ' ');
    buffer_printf(out, "%s%c", stage_name(exchange->stage), result_marks[exchange->result]);
    if (exchange->has_secret)
        buffer_add_char(out, 's');
    if (exchange->is_consequence)
        buffer_add_char(out, 'c');
    if (exchange->was_pipelined)
        buffer_add_char(out, 'p');
    if (exchange->in_tls)
        buffer_add_char(out, 't');
    if (!exchange->has_command && exchange->stage != STAGE_BANNER)
        buffer_add_char(out, 'u');
}

static void describe_notes(const struct dialogue_notes *notes, struct buffer *out)
{
    const struct {
        const char *name;
        bool is_set;
    } flags[] = {
        {"tls-was-tried", notes->tls_was_tried},
        {"in-tls", notes->in_tls},
        {"used-helo", notes->used_helo},
        {"greeting-is-masked", notes->greeting_is_masked},
        {"went-on-in-clear", notes->went_on_in_clear},
        {"authenticated", notes->authenticated},
        {"auth-tolerated", notes->auth_tolerated},
        {"quit-failed", notes->quit_failed},
        {"quit-met-close", notes->quit_met_close},
        {"starttls-in-tls", notes->starttls_offered_in_tls > 0},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].is_set)
            buffer_printf(out, "%s%s", out->size > 0 ? " " : "", flags[i].name);
    if (notes->mechanism)
        buffer_printf(out, "%smechanism=%s", out->size > 0 ? " " : "", notes->mechanism);
    if (notes->auth_cause != CAUSE_OK)
        buffer_printf(out, "%sauth-cause=%s", out->size > 0 ? " " : "", cause_name(notes->auth_cause));
    if (notes->recipients_accepted + notes->recipients_refused > 1)
        buffer_printf(out, "%saccepted=%zu refused=%zu", out->size > 0 ? " " : "", notes->recipients_accepted,
                      notes->recipients_refused);
}

static int decisive_code(const struct dialogue *dialogue)
{
    size_t decisive = dialogue->end.decisive;
    if (decisive >= dialogue->exchange_count || !dialogue->exchanges[decisive].reply)
        return 0;
    return dialogue->exchanges[decisive].reply->code;
}

static void describe(const struct play *play, const char *key, struct buffer *out)
{
    const struct dialogue *dialogue = &play->dialogue;
    const struct dialogue_end *end = &dialogue->end;
    struct span name = span_of_string(key);
    if (span_is(name, "ending"))
        buffer_add_string(out, ending_names[end->ending]);
    else if (span_is(name, "stage"))
        buffer_add_string(out, stage_name(end->stage));
    else if (span_is(name, "cause"))
        buffer_add_string(out, cause_name(end->cause));
    else if (span_is(name, "code"))
        buffer_printf(out, "%d", decisive_code(dialogue));
    else if (span_is(name, "detail"))
        buffer_add_string(out, end->detail ? end->detail : "");
    else if (span_is(name, "reason"))
        buffer_add_string(out, dialogue->notes.auth_reason ? dialogue->notes.auth_reason : "");
    else if (span_is(name, "first"))
        script_escape(end->first, out);
    else if (span_is(name, "octets"))
        buffer_printf(out, "%zu", end->octets);
    else if (span_is(name, "waited"))
        buffer_printf(out, "%gs of %gs", duration_in_seconds(end->waited),
                      duration_in_seconds(end->patience));
    else if (span_is(name, "notes"))
        describe_notes(&dialogue->notes, out);
    else if (span_is(name, "round-trips"))
        buffer_printf(out, "%u", play->flights);
    else
        for (size_t i = 0; i < dialogue->exchange_count; i++)
            describe_exchange(&dialogue->exchanges[i], out);
}

static void record_reply(const struct reply *reply, struct buffer *out)
{
    buffer_printf(out,
                  " code=%d fault=%d at %zu protocol=%d deviations=%u first=%lld last=%lld raw=", reply->code,
                  (int)reply->fault, reply->fault_line, (int)reply->protocol, reply->deviations,
                  (long long)reply->first, (long long)reply->last);
    if (reply->fault == REPLY_SOUND) /* how much comes behind a fault is the network's affair */
        script_escape(reply->raw, out);
}

/** Everything that must be the same however the octets travel. */
static void record(const struct play *play, struct buffer *out)
{
    static const char *const keys[] = {"ending", "stage",  "cause",  "code",  "detail",
                                       "first",  "octets", "waited", "notes", "reason"};
    const struct dialogue *dialogue = &play->dialogue;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        buffer_printf(out, "%s: ", keys[i]);
        describe(play, keys[i], out);
        buffer_add_char(out, '\n');
    }
    for (size_t i = 0; i < dialogue->exchange_count; i++) {
        const struct exchange *exchange = &dialogue->exchanges[i];
        describe_exchange(exchange, out);
        buffer_printf(out, " for %zu, %llu octets, %lu lines, queued=%lld written=%lld [",
                      exchange->recipient, exchange->body_octets, exchange->body_lines,
                      (long long)exchange->queued, (long long)exchange->written);
        script_escape(exchange->command, out);
        buffer_add_string(out, "] [");
        script_escape(exchange->decoded, out);
        buffer_add_string(out, "]");
        if (exchange->reply)
            record_reply(exchange->reply, out);
        buffer_add_char(out, '\n');
    }
}

/* Tests */

static bool meets_expectations(struct play *play)
{
    bool meets = true;
    for (size_t i = 0; i < play->script->expectation_count; i++) {
        const struct expectation *expectation = &play->script->expectations[i];
        char key[32];
        struct buffer got = BUFFER_EMPTY;
        snprintf(key, sizeof key, "%.*s", SPAN_ARGS(expectation->key));
        describe(play, key, &got);
        struct item place = {.line = expectation->line};
        if (!span_equal(buffer_span(&got), expectation->value))
            meets = complain(play, &place, key, expectation->value, buffer_span(&got));
        buffer_clear(&got);
    }
    return meets;
}

/** No octet of the password, in clear or coded, in what the report can show (INVARIANTS 6). */
static bool keeps_the_password(struct play *play)
{
    static const char *const forms[] = {"pencil", "cGVuY2ls", "AGpvAHBlbmNpb"};
    const struct dialogue *dialogue = &play->dialogue;
    for (size_t i = 0; i < dialogue->exchange_count; i++)
        for (size_t j = 0; j < sizeof forms / sizeof *forms; j++)
            if (span_contains_nocase(dialogue->exchanges[i].command, forms[j]) ||
                span_contains_nocase(dialogue->exchanges[i].decoded, forms[j]))
                return complain(play, NULL, "a password is shown", SPAN(""), dialogue->exchanges[i].command);
    return true;
}

/** @param reference what the first play gave, or NULL to be set by this one */
static bool play_once(const struct script *script, struct travel travel, struct buffer *reference,
                      struct buffer *trouble)
{
    struct play play = {.script = script, .travel = travel, .arena = ARENA_EMPTY};
    struct buffer now = BUFFER_EMPTY;
    bool is_first = reference->size == 0;
    bool passes = play_all(&play) && keeps_the_password(&play);
    if (passes && is_first)
        passes = meets_expectations(&play);
    record(&play, &now);
    if (is_first)
        buffer_add(reference, buffer_span(&now));
    else if (passes && !span_equal(buffer_span(&now), buffer_span(reference)))
        passes =
            complain(&play, NULL, "the cut makes a difference", buffer_span(reference), buffer_span(&now));
    if (!passes)
        buffer_printf(trouble, "chunk %zu, cut %zu, write %zu: %s", travel.chunk, travel.cut, travel.write,
                      buffer_string(&play.trouble));
    buffer_clear(&now);
    play_clear(&play);
    return passes;
}

static bool play_with_every_cut(const struct script *script, struct buffer *trouble)
{
    static const struct travel travels[] = {
        {0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {7, 0, 0}, {0, 0, 1}, {0, 0, 5}, {1, 0, 1},
    };
    struct buffer reference = BUFFER_EMPTY;
    bool passes = true;
    for (size_t i = 0; passes && i < sizeof travels / sizeof *travels; i++)
        passes = play_once(script, travels[i], &reference, trouble);
    size_t stride = script->server_octets > CUTS_LIMIT ? script->server_octets / CUTS_OF_LONG_SCRIPTS : 1;
    for (size_t cut = 1; passes && cut < script->server_octets; cut += stride)
        passes = play_once(script, (struct travel){0, cut, 0}, &reference, trouble);
    buffer_clear(&reference);
    return passes;
}

static void print_comment(struct span text)
{
    struct span line;
    while (span_next_token(&text, "\n", &line))
        printf("# %.*s\n", SPAN_ARGS(line));
}

static bool test(size_t number, const char *path)
{
    struct script script;
    struct error error = ERROR_NONE;
    struct buffer trouble = BUFFER_EMPTY;
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    bool passes = script_read(&script, path, &error);
    if (!passes)
        buffer_add_string(&trouble, error.text);
    else
        passes = play_with_every_cut(&script, &trouble);
    printf("%sok %zu - %s: %.*s\n", passes ? "" : "not ", number, name, SPAN_ARGS(script.title));
    print_comment(buffer_span(&trouble));
    buffer_clear(&trouble);
    script_clear(&script);
    return passes;
}

static bool find_scripts(int argc, char **argv, glob_t *found)
{
    char pattern[4096];
    const char *source = getenv("top_srcdir");
    int flags = 0;
    if (argc < 2) {
        snprintf(pattern, sizeof pattern, "%s/tests/transcripts/*.txt", source ? source : ".");
        return glob(pattern, 0, NULL, found) == 0;
    }
    for (int i = 1; i < argc; i++, flags = GLOB_APPEND)
        if (glob(argv[i], flags, NULL, found) != 0)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    glob_t found;
    bool passes = true;
    if (!find_scripts(argc, argv, &found)) {
        printf("Bail out! no scripts found\n");
        return EXIT_FAILURE;
    }
    printf("1..%zu\n", found.gl_pathc);
    for (size_t i = 0; i < found.gl_pathc; i++)
        passes &= test(i + 1, found.gl_pathv[i]);
    globfree(&found);
    return passes ? EXIT_SUCCESS : EXIT_FAILURE;
}
