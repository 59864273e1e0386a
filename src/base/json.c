#include "base/json.h"

#include "base/memory.h"

/** jansson returns NULL for want of memory alone, once the text is valid. */
static json_t *existing(json_t *value)
{
    if (!value)
        memory_exhausted();
    return value;
}

json_t *json_text(struct span text, const struct secret_list *secrets)
{
    struct buffer utf8 = BUFFER_EMPTY;
    printable_add_utf8(&utf8, text, secrets);
    json_t *value = json_stringn_nocheck(buffer_string(&utf8), utf8.size);
    buffer_wipe(&utf8);
    return existing(value);
}

json_t *json_own_text(const char *text)
{
    return text ? json_text(span_of_string(text), NULL) : json_null();
}

json_t *json_seconds(double seconds)
{
    bool is_sane = seconds > -1e12 && seconds < 1e12;
    long long microseconds = is_sane ? (long long)(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5)) : 0;
    return existing(json_real((double)microseconds / 1e6));
}

json_t *json_of_own_document(struct span document)
{
    return existing(json_loadb(document.at, document.size, JSON_ALLOW_NUL, NULL));
}

static int write_piece(const char *piece, size_t size, void *out)
{
    struct span rest = span_of(piece, size);
    while (rest.size > 0) {
        const char *del = memchr(rest.at, 0x7f, rest.size);
        size_t plain = del ? (size_t)(del - rest.at) : rest.size;
        buffer_add(out, span_first(rest, plain));
        if (del)
            buffer_add(out, SPAN("\\u007f"));
        rest = span_skip(rest, plain + (del ? 1 : 0));
    }
    return 0;
}

void json_write(const json_t *document, bool indented, struct buffer *out)
{
    /* Fifteen digits are what a double holds without showing its binary nature (0.1, not
     * 0.10000000000000001). */
    size_t flags = JSON_ENSURE_ASCII | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);
    if (json_dump_callback(document, write_piece, out, flags | (indented ? JSON_INDENT(2) : JSON_COMPACT)) !=
        0)
        memory_exhausted();
}

const char *json_library_version(void)
{
    return JANSSON_VERSION;
}
