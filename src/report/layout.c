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

void layout_both_ends(struct buffer *out, const char *prefix, struct span left, const char *right,
                      size_t width)
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

/** Takes the first line of the text off its front: as much as the columns hold, one character at least. */
static struct span take_line(struct span *rest, size_t width)
{
    struct span text = *rest;
    size_t at = 0, columns = 0, end = 0, next = 0;
    while (at < text.size) {
        unsigned character;
        size_t size = printable_decode(span_skip(text, at), &character);
        struct span first = span_first(span_skip(text, at), size > 0 ? size : 1);
        if (*first.at == ' ' && next < at)
            end = at;
        if (*first.at == ' ')
            next = at + 1;
        columns += printable_columns(first);
        if (columns > width && at > 0)
            break;
        at += first.size;
        if (*first.at == '-' || *first.at == '.')
            end = next = at;
    }
    if (at == text.size || next == 0)
        end = next = at;
    *rest = span_skip(text, next);
    while (rest->size > 0 && *rest->at == ' ')
        *rest = span_skip(*rest, 1);
    return span_first(text, end);
}

static void add_blanks(struct buffer *out, size_t count)
{
    buffer_printf(out, "%*s", (int)count, "");
}

/** @param due blanks that the next text has in front of it */
static void add_cell(struct buffer *out, struct layout_cell *cell, bool wraps, size_t *due)
{
    struct span line = wraps ? take_line(&cell->text, cell->width) : cell->text;
    size_t columns = printable_columns(line), left = cell->width > columns ? cell->width - columns : 0;
    if (!wraps)
        cell->text = span_of(NULL, 0);
    if (line.size > 0) {
        add_blanks(out, *due + (cell->is_number ? left : 0));
        buffer_add(out, line);
        *due = cell->is_number ? 0 : left;
    } else {
        *due += cell->width;
    }
    *due += 2;
}

void layout_row(struct buffer *out, struct layout_cell *cells, size_t count, bool wraps)
{
    for (bool is_whole = false; !is_whole;) {
        size_t due = 0;
        is_whole = true;
        for (size_t i = 0; i < count; i++)
            if (cells[i].width > 0) {
                add_cell(out, &cells[i], wraps, &due);
                is_whole &= cells[i].text.size == 0;
            }
        buffer_add_char(out, '\n');
    }
}

static const char *const commands[] = {
    "smtpprobe ", "dig ", "openssl ", "nc ", "ss ", "curl ", "aws ", "ping ", "Set-CASMailbox ",
};

/**
 * Where the text ends that is part of the command: at a remark in brackets or another step in the same line.
 */
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
