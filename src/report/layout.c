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

static const char *const commands[] = {
    "smtpprobe ", "dig ", "openssl ", "nc ", "ss ", "curl ", "aws ", "ping ", "Set-CASMailbox ",
};

/** Where the text ends that is part of the command: at a remark in brackets or another step in the same line. */
static size_t end_of_command(struct span text)
{
    static const char *const ends[] = {" (", " ; ", "; ", ", "};
    size_t size = text.size;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *end = memmem(text.at, size, ends[i], strlen(ends[i]));
        if (end)
            size = (size_t)(end - text.at);
    }
    return size;
}

size_t layout_command_size(struct span text)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (span_starts_with(text, commands[i]))
            return end_of_command(text);
    return 0;
}

struct span layout_find_command(struct span step, struct span *before, struct span *after)
{
    for (size_t at = 0; at + 2 < step.size; at++) {
        if (step.at[at] != ':' || step.at[at + 1] != ' ')
            continue;
        struct span rest = span_skip(step, at + 2);
        size_t size = layout_command_size(rest);
        if (size == 0)
            continue;
        *before = span_first(step, at + 1);
        *after = span_skip(rest, size);
        return span_first(rest, size);
    }
    return (struct span){NULL, 0};
}
