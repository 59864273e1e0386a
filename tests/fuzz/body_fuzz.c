/* What a server reads off the wire is the normalised message, whatever the pieces (INVARIANTS 9). */
#include "fuzz.h"

#include "smtp/body.h"

static void stuff(struct span message, size_t step, struct buffer *wire)
{
    struct body_stuffer stuffer;
    body_stuffer_init(&stuffer);
    for (; message.size > 0; message = span_skip(message, step))
        body_stuffer_add(&stuffer, span_first(message, step), wire);
    body_stuffer_finish(&stuffer, wire);
}

/** Reads as a server does that takes nothing but CRLF for a line end. */
static void unstuff(struct span wire, struct buffer *message)
{
    for (;;) {
        const char *end = wire.size > 0 ? memchr(wire.at, '\n', wire.size) : NULL;
        FUZZ_REQUIRE(end && end > wire.at && end[-1] == '\r');
        struct span line = span_first(wire, (size_t)(end - wire.at) + 1);
        FUZZ_REQUIRE(memchr(line.at, '\r', line.size) == end - 1);
        wire = span_skip(wire, line.size);
        if (span_is(line, ".\r\n"))
            break;
        buffer_add(message, line.at[0] == '.' ? span_skip(line, 1) : line);
    }
    FUZZ_REQUIRE(wire.size == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span message = span_of((const char *)data, size);
    struct buffer wire = BUFFER_EMPTY, cut = BUFFER_EMPTY, expected = BUFFER_EMPTY, got = BUFFER_EMPTY;
    stuff(message, size + 1, &wire);
    stuff(message, size > 0 ? 1 + data[0] % 5 : 1, &cut);
    FUZZ_REQUIRE(span_equal(buffer_span(&wire), buffer_span(&cut)));
    unstuff(buffer_span(&wire), &got);
    body_normalise(message, &expected);
    FUZZ_REQUIRE(span_equal(buffer_span(&expected), buffer_span(&got)));
    buffer_clear(&wire);
    buffer_clear(&cut);
    buffer_clear(&expected);
    buffer_clear(&got);
    return 0;
}
