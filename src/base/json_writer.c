#include "base/json_writer.h"

#include "base/printable.h"

void json_writer_clear(struct json_writer *writer)
{
    buffer_clear(&writer->out);
    writer->wants_comma = false;
}

static void begin_value(struct json_writer *writer)
{
    if (writer->wants_comma)
        buffer_add_char(&writer->out, ',');
    writer->wants_comma = true;
}

void json_writer_begin(struct json_writer *writer, char bracket)
{
    begin_value(writer);
    buffer_add_char(&writer->out, bracket);
    writer->wants_comma = false;
}

void json_writer_end(struct json_writer *writer, char bracket)
{
    buffer_add_char(&writer->out, bracket);
    writer->wants_comma = true;
}

void json_writer_key(struct json_writer *writer, const char *key)
{
    begin_value(writer);
    buffer_add_char(&writer->out, '"');
    buffer_add_string(&writer->out, key);
    buffer_add(&writer->out, SPAN("\":"));
    writer->wants_comma = false;
}

/* Texts */

/** How much of the text needs no escape: mostly all of it. */
static size_t plain_size(struct span text)
{
    size_t size = 0;
    while (size < text.size && text.at[size] >= ' ' && text.at[size] <= '~' && text.at[size] != '"' &&
           text.at[size] != '\\')
        size++;
    return size;
}

static void add_code_unit(struct buffer *out, unsigned unit)
{
    static const char digits[] = "0123456789ABCDEF";
    char escape[] = {
        '\\', 'u', digits[unit >> 12], digits[unit >> 8 & 15], digits[unit >> 4 & 15], digits[unit & 15]};
    buffer_add(out, span_of(escape, sizeof escape));
}

static void add_escape(struct buffer *out, unsigned character)
{
    static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *name = character > 0 && character < 0x80 ? strchr(named, (int)character) : NULL;
    if (name) {
        buffer_add_char(out, '\\');
        buffer_add_char(out, names[name - named]);
    } else if (character == 0x7f) {
        buffer_add(out, SPAN("\\u007f")); /* as json_write() has it */
    } else if (character < 0x10000) {
        add_code_unit(out, character);
    } else {
        add_code_unit(out, 0xd800 + ((character - 0x10000) >> 10));
        add_code_unit(out, 0xdc00 + ((character - 0x10000) & 0x3ff));
    }
}

static void add_string(struct buffer *out, struct span text)
{
    buffer_add_char(out, '"');
    while (text.size > 0) {
        unsigned character = 0xfffd;
        size_t size = plain_size(text);
        if (size > 0) {
            buffer_add(out, span_first(text, size));
        } else {
            size = printable_decode(text, &character);
            add_escape(out, character);
        }
        text = span_skip(text, size > 0 ? size : 1);
    }
    buffer_add_char(out, '"');
}

void json_writer_text(struct json_writer *writer, struct span text)
{
    struct buffer masked = BUFFER_EMPTY;
    begin_value(writer);
    if (writer->secrets && writer->secrets->count > 0) {
        printable_add_utf8(&masked, text, writer->secrets);
        text = buffer_span(&masked);
    }
    add_string(&writer->out, text);
    buffer_wipe(&masked);
}

void json_writer_own_text(struct json_writer *writer, const char *text)
{
    begin_value(writer);
    if (text)
        add_string(&writer->out, span_of_string(text));
    else
        buffer_add_string(&writer->out, "null");
}

void json_writer_own_member(struct json_writer *writer, const char *key, const char *text)
{
    json_writer_key(writer, key);
    json_writer_own_text(writer, text);
}

/* Others */

void json_writer_number(struct json_writer *writer, long long number)
{
    begin_value(writer);
    buffer_printf(&writer->out, "%lld", number);
}

void json_writer_literal(struct json_writer *writer, const char *literal)
{
    begin_value(writer);
    buffer_add_string(&writer->out, literal);
}
