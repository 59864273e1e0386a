/* Whatever a reply says, at any place, there is an explanation within its
 * bounds; and the lines of a reply and the same put into one line by a relay
 * are explained alike (INVARIANTS 19). */
#include "fuzz.h"

#include "base/buffer.h"
#include "diagnose/catalog.h"
#include "diagnose/catalog_source.h"
#include "diagnose/reply_words.h"

#include <string.h>

enum { LINES = 8, FLAT_LIMIT = 1000 };

static void check_form(const struct explanation *explanation)
{
    FUZZ_REQUIRE(explanation->rule && explanation->title && explanation->meaning);
    FUZZ_REQUIRE(strlen(explanation->title) <= CATALOG_TITLE_LIMIT);
    FUZZ_REQUIRE(strlen(explanation->meaning) <= CATALOG_MEANING_LIMIT);
    FUZZ_REQUIRE(explanation->known == (explanation->confidence != CONFIDENCE_CLASS));
    bool is_refusal = explanation->cause != CAUSE_OK && explanation->cause != CAUSE_INTERMEDIATE;
    FUZZ_REQUIRE(!is_refusal || explanation->advice_count > 0);
    for (size_t i = 0; i < explanation->advice_count; i++)
        FUZZ_REQUIRE(explanation->advice[i] && explanation->advice[i][0]);
    for (size_t i = 0; i < explanation->remark_count; i++)
        FUZZ_REQUIRE(explanation->remarks[i] && explanation->remarks[i][0]);
}

/** "a", "b" against "a 550-b". */
static void check_flattened(int code, const struct span *lines, size_t count, struct arena *arena)
{
    struct buffer flat = BUFFER_EMPTY;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_printf(&flat, " %d-", code);
        buffer_add(&flat, lines[i]);
    }
    if (code > 0 && flat.size > 0 && flat.size <= FLAT_LIMIT) {
        struct span line = buffer_span(&flat);
        struct reply_words as_lines, as_one;
        reply_words_read(&as_lines, code, lines, count, arena);
        reply_words_read(&as_one, code, &line, 1, arena);
        FUZZ_REQUIRE(span_equal(as_lines.text, as_one.text));
        FUZZ_REQUIRE(enhanced_status_equal(as_lines.enhanced, as_one.enhanced));
    }
    buffer_clear(&flat);
}

/** The first octets say where the reply came and what is known; the rest is text. */
static struct explain_context read_context(const uint8_t *data)
{
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    context.stage = data[1] % (STAGE_COUNT + 1) - 1;
    context.in_tls = data[2] % 3 - 1;
    context.authenticated = data[2] / 3 % 3 - 1;
    context.port = data[3] % 2 ? 25 : data[3] % 3 ? 587 : 0;
    context.is_consequence = data[3] & 64;
    context.message_size = data[3] & 128 ? 700 : -1;
    return context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4)
        return 0;
    struct arena arena = ARENA_EMPTY;
    struct explain_context context = read_context(data);
    struct span rest = span_of((const char *)data + 4, size - 4), lines[LINES];
    size_t count = 0;
    while (count < LINES && span_next_token(&rest, "\n", &lines[count]))
        count++;
    struct reply reply = {
        .code = data[0] ? 200 + data[0] * 400 / 256 : 0, .lines = lines, .line_count = count};
    if (count > 0) {
        context.recipient = arena_copy(&arena, lines[0]).at;
        context.host = context.greeting = arena_copy(&arena, lines[count - 1]).at;
    }
    check_flattened(reply.code, lines, count, &arena);
    check_form(catalog_explain(&catalog_builtin, &reply, &context, &arena));
    arena_clear(&arena);
    return 0;
}
