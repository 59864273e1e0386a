#include "smtp/mime.h"

#include "base/base64.h"
#include "base/printable.h"

enum {
    LINE_LIMIT = 998, /* RFC 5322 2.1.1 */
    ENCODED_WORD_OCTETS =
        42, /* 56 characters of base64: with "=?unknown-8bit?B??=" exactly the 75 of RFC 2047 2 */
    BASE64_LINE_OCTETS = 57, /* 76 characters */
};

static const char *charset(struct span text)
{
    return printable_is_utf8(text) ? "utf-8" : "unknown-8bit";
}

/* Header fields */

/** So much of the text that the next encoded-word cuts no character in two (RFC 2047 5). */
static struct span encodable_piece(struct span text)
{
    size_t size = 0;
    while (size < text.size) {
        unsigned character;
        size_t next = printable_decode(span_skip(text, size), &character);
        if (next == 0)
            next = 1;
        if (size + next > ENCODED_WORD_OCTETS)
            break;
        size += next;
    }
    return span_first(text, size);
}

static void add_encoded_words(struct buffer *out, struct span text)
{
    const char *name = charset(text);
    for (;;) {
        struct span piece = encodable_piece(text);
        buffer_printf(out, "=?%s?B?", name);
        base64_encode(piece, out);
        buffer_add_string(out, "?=");
        text = span_skip(text, piece.size);
        if (text.size == 0)
            return;
        buffer_add_string(out, "\n ");
    }
}

/** The size of the word at the beginning; a quoted string is one word, with its blanks. */
static size_t word_size(struct span text)
{
    bool quoted = false;
    size_t i = 0;
    for (; i < text.size; i++) {
        if (text.at[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text.at[i] == ' ' || text.at[i] == '\t' || text.at[i] == '\n'))
            break;
    }
    return i;
}

static size_t blank_size(struct span text)
{
    size_t i = 0;
    while (i < text.size && (text.at[i] == ' ' || text.at[i] == '\t' || text.at[i] == '\n'))
        i++;
    return i;
}

static bool is_encodable(struct span word)
{
    return !span_is_ascii(word) && !memchr(word.at, '@', word.size) && !memchr(word.at, '<', word.size);
}

/**
 * The size of the run of encodable words at the beginning, with the blanks
 * between them, which would be lost between two encoded-words (RFC 2047 6.2).
 */
static size_t encodable_run(struct span text)
{
    size_t run = 0;
    for (size_t at = 0; at < text.size;) {
        size_t size = word_size(span_skip(text, at));
        if (!is_encodable(span_of(text.at + at, size)))
            break;
        run = at + size;
        at = run + blank_size(span_skip(text, run));
    }
    return run;
}

/** The words of a display name without the quotes that they cannot keep. */
static struct span unquoted(struct span text)
{
    bool quoted =
        text.size > 2 && text.at[0] == '"' && word_size(text) == text.size && text.at[text.size - 1] == '"';
    return quoted ? span_of(text.at + 1, text.size - 2) : text;
}

void mime_add_field(struct buffer *out, struct span line)
{
    while (line.size > 0) {
        size_t size = encodable_run(line);
        if (size > 0)
            add_encoded_words(out, unquoted(span_first(line, size)));
        else
            buffer_add(out, span_first(line, size = word_size(line)));
        line = span_skip(line, size);
        size = blank_size(line);
        buffer_add(out, span_first(line, size));
        line = span_skip(line, size);
    }
}

/* Parts */

static bool is_text(const struct message_part *part)
{
    return part->type ? span_starts_with_nocase(span_of_string(part->type), "text/") : part->is_body;
}

/** Whether the content can stand in a message as it is. */
static bool has_only_lines(struct span content)
{
    size_t column = 0;
    for (size_t i = 0; i < content.size; i++) {
        char c = content.at[i];
        column = c == '\n' ? 0 : column + 1;
        if (c == '\0' || column > LINE_LIMIT ||
            (c == '\r' && (i + 1 == content.size || content.at[i + 1] != '\n')))
            return false;
    }
    return true;
}

static bool needs_base64(const struct message_part *part)
{
    return !part->is_body || !is_text(part) || !has_only_lines(part->content);
}

static void add_content_type(struct buffer *out, const struct message_part *part)
{
    const char *type = part->type ? part->type : part->is_body ? "text/plain" : "application/octet-stream";
    buffer_printf(out, "Content-Type: %s", type);
    if (is_text(part) && !span_contains_nocase(span_of_string(type), "charset="))
        buffer_printf(out, "; charset=%s", charset(part->content));
    buffer_add_char(out, '\n');
}

static bool is_plain_in_quotes(struct span name)
{
    for (size_t i = 0; i < name.size; i++) {
        unsigned char c = (unsigned char)name.at[i];
        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
            return false;
    }
    return true;
}

static void add_extended_value(struct buffer *out, struct span value)
{
    buffer_printf(out, "%s''", charset(value));
    for (size_t i = 0; i < value.size; i++) {
        char c = value.at[i];
        if (ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '.' || c == '_')
            buffer_add_char(out, c);
        else
            buffer_printf(out, "%%%02X", (unsigned char)c);
    }
}

static void add_content_disposition(struct buffer *out, const struct message_part *part)
{
    if (part->is_body && !part->name)
        return;
    buffer_printf(out, "Content-Disposition: %s", part->is_body ? "inline" : "attachment");
    struct span name = span_of_string(part->name);
    if (part->name && is_plain_in_quotes(name)) {
        buffer_printf(out, ";\n filename=\"%s\"", part->name);
    } else if (part->name) {
        buffer_add_string(out, ";\n filename*=");
        add_extended_value(out, name);
    }
    buffer_add_char(out, '\n');
}

void mime_add_part_fields(struct buffer *out, const struct message_part *part)
{
    add_content_type(out, part);
    add_content_disposition(out, part);
    if (needs_base64(part))
        buffer_add_string(out, "Content-Transfer-Encoding: base64\n");
    else if (!span_is_ascii(part->content))
        buffer_add_string(out, "Content-Transfer-Encoding: 8bit\n");
}

void mime_add_part_content(struct buffer *out, const struct message_part *part)
{
    struct span content = part->content;
    if (!needs_base64(part)) {
        buffer_add(out, content);
        if (content.size == 0 || content.at[content.size - 1] != '\n')
            buffer_add_char(out, '\n');
        return;
    }
    while (content.size > 0) {
        base64_encode(span_first(content, BASE64_LINE_OCTETS), out);
        buffer_add_char(out, '\n');
        content = span_skip(content, BASE64_LINE_OCTETS);
    }
}
