/* However the octets are cut, the items are the same, and of lines each belongs to one item (INVARIANTS 15,
 * 19). */
#include "check_item.h"

#include "base/buffer.h"
#include "explain/input.h"

struct reading {
    struct explain_input *input;
    struct buffer told;
    size_t last_line;
};

static void tell(struct reading *reading, const struct explain_item *item)
{
    check_item(item);
    FUZZ_REQUIRE(item->first_line <= item->last_line);
    if (explain_input_form(reading->input) == INPUT_LINES)
        FUZZ_REQUIRE(item->first_line == reading->last_line + 1);
    reading->last_line = item->last_line;
    buffer_printf(&reading->told, "%zu %zu %d %d %d %d\n", item->first_line, item->last_line, (int)item->kind,
                  (int)item->lack, item->reply.code, item->context.stage);
    for (size_t i = 0; i < item->reply.line_count; i++)
        buffer_add(&reading->told, item->reply.lines[i]);
    if (item->context.host)
        buffer_add_string(&reading->told, item->context.host);
}

static void take_items(struct reading *reading)
{
    const struct explain_item *item;
    while ((item = explain_input_next(reading->input)))
        tell(reading, item);
}

static struct buffer read_cut(struct span octets, size_t piece)
{
    struct reading reading = {.input = explain_input_new(INPUT_AUTO), .told = BUFFER_EMPTY};
    for (; octets.size > 0; octets = span_skip(octets, piece)) {
        explain_input_feed(reading.input, span_first(octets, piece));
        take_items(&reading);
    }
    explain_input_finish(reading.input);
    take_items(&reading);
    explain_input_free(reading.input);
    return reading.told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct span octets = span_of((const char *)data + 1, size - 1);
    struct buffer whole = read_cut(octets, size), cut = read_cut(octets, (size_t)data[0] % 64 + 1);
    FUZZ_REQUIRE(span_equal(buffer_span(&whole), buffer_span(&cut)));
    buffer_clear(&whole);
    buffer_clear(&cut);
    return 0;
}
