/* However the octets are cut, the parser finds the same replies (INVARIANTS 4, 15). */
#include "fuzz.h"

#include "smtp/reply.h"

static void check_bounds(const struct reply *reply)
{
    FUZZ_REQUIRE(reply->fault == REPLY_SOUND ? reply->code >= 200 && reply->code <= 599 : reply->code == 0);
    FUZZ_REQUIRE(reply->fault != REPLY_SOUND || reply->protocol == PROTOCOL_SMTP);
    FUZZ_REQUIRE(reply->line_count >= 1 && reply->line_count <= REPLY_LINES_LIMIT);
    FUZZ_REQUIRE(reply->raw.size <= REPLY_LIMIT + 1);
    for (size_t i = 0; i < reply->line_count; i++) {
        FUZZ_REQUIRE(reply->lines[i].at >= reply->raw.at);
        FUZZ_REQUIRE(reply->lines[i].at + reply->lines[i].size <= reply->raw.at + reply->raw.size);
    }
}

static void check_equal(const struct reply *a, const struct reply *b)
{
    FUZZ_REQUIRE(a->code == b->code && a->fault == b->fault && a->fault_line == b->fault_line);
    FUZZ_REQUIRE(a->deviations == b->deviations && a->protocol == b->protocol);
    if (a->fault != REPLY_SOUND)
        return;
    FUZZ_REQUIRE(span_equal(a->raw, b->raw) && a->line_count == b->line_count);
    FUZZ_REQUIRE(enhanced_status_equal(a->enhanced, b->enhanced));
}

/** Feeds pieces of `step` octets until a reply is complete. @return it, and in *taken the octets it took */
static struct reply *next_reply(struct reply_parser *parser, struct span octets, size_t step, size_t *taken)
{
    *taken = 0;
    while (*taken < octets.size) {
        size_t consumed;
        struct span piece = span_first(span_skip(octets, *taken), step);
        struct reply *reply = reply_parser_feed(parser, piece, &consumed, 1);
        *taken += consumed;
        if (reply)
            return reply;
        FUZZ_REQUIRE(consumed == piece.size);
    }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_EMPTY;
    struct reply_parser whole, cut;
    struct span octets = span_of((const char *)data, size);
    reply_parser_init(&whole, &arena);
    reply_parser_init(&cut, &arena);
    size_t step = size > 0 ? 1 + data[0] % 7 : 1;
    for (;;) {
        size_t taken, taken_cut;
        struct reply *reply = next_reply(&whole, octets, octets.size, &taken);
        struct reply *again = next_reply(&cut, octets, step, &taken_cut);
        FUZZ_REQUIRE(!reply == !again);
        if (!reply)
            break;
        check_bounds(reply);
        check_bounds(again);
        check_equal(reply, again);
        reply_text(reply, &arena);
        if (reply->fault != REPLY_SOUND)
            break;
        FUZZ_REQUIRE(taken == taken_cut && taken == reply->raw.size);
        octets = span_skip(octets, taken);
    }
    arena_clear(&arena);
    return 0;
}
