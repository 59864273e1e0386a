/* However the octets are cut, the items are the same, and of lines each belongs to one item (INVARIANTS 15,
 * 19). */
#include "check_item.h"

#include "base/buffer.h"
#include "explain/input.h"

struct reading {
    struct explain_input *input;
    enum input_form form;
    struct buffer told;
    size_t last_line;
};

static void tell(struct reading *reading, const struct explain_item *item)
{
    check_item(item);
    FUZZ_REQUIRE(item->first_line <= item->last_line);
    if (reading->form == INPUT_LINES)
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

static struct buffer read_cut(struct span octets, enum input_form form, size_t piece)
{
    struct reading reading = {.input = explain_input_new(form), .form = form, .told = BUFFER_EMPTY};
    for (; octets.size > 0; octets = span_skip(octets, piece)) {
        explain_input_feed(reading.input, span_first(octets, piece));
        take_items(&reading);
    }
    explain_input_finish(reading.input);
    take_items(&reading);
    explain_input_free(reading.input);
    return reading.told;
}

static void check_cut(struct span octets, enum input_form form, size_t piece)
{
    struct buffer whole = read_cut(octets, form, octets.size), cut = read_cut(octets, form, piece);
    FUZZ_REQUIRE(span_equal(buffer_span(&whole), buffer_span(&cut)));
    buffer_clear(&whole);
    buffer_clear(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct span octets = span_of((const char *)data + 1, size - 1);
    check_cut(octets, INPUT_AUTO, (size_t)data[0] % 64 + 1);
    check_cut(octets, INPUT_LINES, (size_t)data[0] % 64 + 1);
    return 0;
}
