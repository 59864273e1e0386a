/* Any data, body, header field and part make a message with LF line ends, or a reason why not. */
#include "fuzz.h"

#include "smtp/message.h"

/** The octets up to the next 0xff, which separates what the plan is made of. */
static struct span next_piece(struct span *rest)
{
    const char *end = rest->size > 0 ? memchr(rest->at, 0xff, rest->size) : NULL;
    struct span piece = span_first(*rest, end ? (size_t)(end - rest->at) : rest->size);
    *rest = span_skip(*rest, piece.size + 1);
    return piece;
}

/** How many fields stand before the empty line; *body is what follows it. */
static size_t count_fields(struct span message, struct span *body)
{
    const char *end = memmem(message.at, message.size, "\n\n", 2);
    FUZZ_REQUIRE(end != NULL);
    size_t size = (size_t)(end - message.at), fields = 1;
    *body = span_skip(message, size);
    for (size_t i = 0; i < size; i++)
        fields += message.at[i] == '\n' && message.at[i + 1] != ' ' && message.at[i + 1] != '\t';
    return fields;
}

/** The one token with which a field can ask for a line end. */
static bool asks_for_newline(const struct message_plan *plan)
{
    for (size_t i = 0; i < plan->header_count; i++)
        if (span_contains_nocase(plan->headers[i].line, "NEWLINE"))
            return true;
    return false;
}

/** A field of the user's neither ends the header nor brings a second one along. */
static void check_injection(const struct message_plan *plan, struct span message)
{
    struct message_plan plain = *plan;
    struct buffer out = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    struct span body, plain_body;
    plain.header_count = 0;
    FUZZ_REQUIRE(message_build(&plain, &out, &error));
    size_t fields = count_fields(message, &body), plain_fields = count_fields(buffer_span(&out), &plain_body);
    FUZZ_REQUIRE(fields <= plain_fields + plan->header_count);
    FUZZ_REQUIRE(span_equal(body, plain_body));
    buffer_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = span_of((const char *)data, size);
    unsigned char flags = size > 0 ? data[0] : 0;
    rest = span_skip(rest, 1);
    struct message_header headers[2] = {{next_piece(&rest), flags & 1}, {next_piece(&rest), flags & 2}};
    struct message_part part = {.content = next_piece(&rest), .is_body = flags & 4};
    struct span body = next_piece(&rest);
    struct message_plan plan = {
        .from = "jo@example.org",
        .to = "user@example.com",
        .helo = "client.example",
        .mailer = "fuzz",
        .now = 1000000000,
        .unique = "1",
        .headers = headers,
        .header_count = headers[0].line.size == 0   ? 0
                        : headers[1].line.size == 0 ? 1
                                                    : 2,
        .parts = &part,
        .part_count = part.content.size > 0,
        .body = body.size > 0 ? body : (struct span){NULL, 0},
        .data = flags & 8 ? rest : (struct span){NULL, 0},
        .keep_from_line = flags & 16,
    };
    struct buffer out = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    if (!message_build(&plan, &out, &error))
        FUZZ_REQUIRE(error.text[0] && out.size == 0);
    else if (!plan.data.at && !asks_for_newline(&plan))
        check_injection(&plan, buffer_span(&out));
    buffer_clear(&out);
    return 0;
}
