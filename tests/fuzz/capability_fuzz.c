/* The input is what the server answers to EHLO. */
#include "fuzz.h"

#include "smtp/capability.h"

static void check_inside(struct span part, struct span whole)
{
    FUZZ_REQUIRE(part.size == 0 || (part.at >= whole.at && part.at + part.size <= whole.at + whole.size));
}

static void check_set(const struct capability_set *set, const struct reply *reply)
{
    FUZZ_REQUIRE(set->count <= reply->line_count);
    FUZZ_REQUIRE(set->mechanism_count <= CAPABILITY_MECHANISM_LIMIT);
    FUZZ_REQUIRE(set->known >> EXTENSION_COUNT == 0);
    FUZZ_REQUIRE(set->mechanism_count == 0 || capability_has(set, EXTENSION_AUTH));
    FUZZ_REQUIRE(!set->has_auth_equals || capability_has(set, EXTENSION_AUTH));
    check_inside(set->domain, reply->raw);
    for (size_t i = 0; i < set->count; i++) {
        FUZZ_REQUIRE(set->all[i].keyword.size > 0);
        check_inside(set->all[i].keyword, reply->raw);
        check_inside(set->all[i].parameters, reply->raw);
    }
    for (size_t i = 0; i < set->mechanism_count; i++)
        for (size_t j = 0; j < i; j++)
            FUZZ_REQUIRE(!span_equal_nocase(set->mechanisms[i], set->mechanisms[j]));
    for (unsigned i = 0; i < EXTENSION_COUNT; i++)
        FUZZ_REQUIRE(capability_has(set, i) || capability_parameters(set, i).size == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_EMPTY;
    struct reply_parser parser;
    struct capability_set set;
    size_t consumed;
    reply_parser_init(&parser, &arena);
    struct reply *reply = reply_parser_feed(&parser, span_of((const char *)data, size), &consumed, 1);
    if (reply) {
        capability_set_read(&set, reply, &arena);
        check_set(&set, reply);
    }
    arena_clear(&arena);
    return 0;
}
