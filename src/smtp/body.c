#include "smtp/body.h"

void body_stuffer_init(struct body_stuffer *stuffer)
{
    *stuffer = (struct body_stuffer){.at_line_start = true};
}

static size_t size_of_line(struct span text)
{
    size_t size = 0;
    while (size < text.size && text.at[size] != '\r' && text.at[size] != '\n')
        size++;
    return size;
}

/**
 * A CR ends its line at once, whatever follows, so that nothing is held back
 * between two pieces; the LF that belongs to it is then passed over.
 */
static void add_line_end(struct body_stuffer *stuffer, char c, struct buffer *out)
{
    if (c == '\r' || !stuffer->after_cr)
        buffer_add(out, SPAN("\r\n"));
    stuffer->after_cr = c == '\r';
    stuffer->at_line_start = true;
}

static void add_text(struct body_stuffer *stuffer, struct span text, bool stuffed, struct buffer *out)
{
    if (stuffed && stuffer->at_line_start && text.at[0] == '.')
        buffer_add_char(out, '.');
    buffer_add(out, text);
    stuffer->at_line_start = false;
    stuffer->after_cr = false;
}

static void convert(struct body_stuffer *stuffer, struct span piece, bool stuffed, struct buffer *out)
{
    while (piece.size > 0) {
        size_t size = size_of_line(piece);
        if (size > 0)
            add_text(stuffer, span_first(piece, size), stuffed, out);
        if (size < piece.size)
            add_line_end(stuffer, piece.at[size], out);
        piece = span_skip(piece, size + 1);
    }
}

static void complete_line(struct body_stuffer *stuffer, struct buffer *out)
{
    if (!stuffer->at_line_start)
        add_line_end(stuffer, '\n', out);
}

void body_stuffer_add(struct body_stuffer *stuffer, struct span piece, struct buffer *out)
{
    convert(stuffer, piece, true, out);
}

void body_stuffer_finish(struct body_stuffer *stuffer, struct buffer *out)
{
    complete_line(stuffer, out);
    buffer_add(out, SPAN(".\r\n"));
}

void body_normalise(struct span message, struct buffer *out)
{
    struct body_stuffer stuffer;
    body_stuffer_init(&stuffer);
    convert(&stuffer, message, false, out);
    complete_line(&stuffer, out);
}
