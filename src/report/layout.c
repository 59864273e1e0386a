#include "report/layout.h"

#include "base/printable.h"

static void begin_line(struct buffer *out, const char *prefix, size_t *column)
{
    buffer_add_string(out, prefix);
    *column = printable_columns(span_of_string(prefix));
}

void layout_wrap(struct buffer *out, const char *first, const char *rest, struct span text, size_t width)
{
    size_t column, words_in_line = 0;
    struct span word;
    begin_line(out, first, &column);
    while (span_next_token(&text, " \n", &word)) {
        size_t columns = printable_columns(word);
        if (words_in_line > 0 && column + 1 + columns > width) {
            buffer_add_char(out, '\n');
            begin_line(out, rest, &column);
            words_in_line = 0;
        }
        if (words_in_line++ > 0) {
            buffer_add_char(out, ' ');
            column++;
        }
        buffer_add(out, word);
        column += columns;
    }
    buffer_add_char(out, '\n');
}

void layout_both_ends(struct buffer *out, const char *prefix, struct span left, const char *right, size_t width)
{
    size_t used = printable_columns(span_of_string(prefix)) + printable_columns(left);
    size_t columns = strlen(right);
    buffer_add_string(out, prefix);
    buffer_add(out, left);
    if (used + 2 + columns <= width)
        buffer_printf(out, "%*s", (int)(width - used), right);
    else
        buffer_printf(out, " (%s)", right);
    buffer_add_char(out, '\n');
}
