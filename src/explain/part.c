#include "explain/part.h"

#include "explain/scan.h"

bool part_next_line(struct span *rest, struct span *line)
{
    if (rest->size == 0)
        return false;
    size_t size = scan_until(*rest, '\n');
    *line = span_first(*rest, size);
    *rest = span_skip(*rest, size + 1);
    if (line->size > 0 && line->at[line->size - 1] == '\r')
        line->size--;
    return true;
}

/* Header fields */

static bool is_field(struct span line)
{
    size_t size = scan_until(line, ':');
    if (size == 0 || size == line.size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (line.at[i] <= ' ' || line.at[i] == 0x7f)
            return false;
    return true;
}

/** The header ends at an empty line, or at one that can be no field, which some programs leave it at. */
static struct span take_headers(struct span *rest)
{
    struct span start = *rest, next = *rest, line;
    while (part_next_line(&next, &line)) {
        if (line.size == 0) {
            start.size = (size_t)(rest->at - start.at);
            *rest = next;
            return start;
        }
        if (!is_field(line) && !ascii_is_blank(line.at[0]))
            break;
        *rest = next;
    }
    start.size = (size_t)(rest->at - start.at);
    return start;
}

struct span part_unfold(struct span text, struct arena *arena)
{
    char *copy = arena_allocate(arena, text.size + 1);
    size_t size = 0;
    struct span line;
    while (part_next_line(&text, &line)) {
        line = span_trim(line);
        if (line.size == 0)
            continue;
        if (size > 0)
            copy[size++] = scan_code(line) ? '\n' : ' ';
        memcpy(copy + size, line.at, line.size);
        size += line.size;
    }
    return span_of(copy, size);
}

struct span part_field(const struct part *part, const char *name, struct arena *arena)
{
    struct span rest = part->headers, line;
    size_t size = strlen(name);
    while (part_next_line(&rest, &line)) {
        if (!span_starts_with_nocase(line, name) || line.size <= size || line.at[size] != ':')
            continue;
        struct span value = span_skip(line, size + 1), folded = rest;
        while (part_next_line(&folded, &line) && line.size > 0 && ascii_is_blank(line.at[0]))
            value.size = (size_t)(line.at + line.size - value.at);
        return part_unfold(span_first(value, PART_FIELD_LIMIT), arena);
    }
    return span_of(NULL, 0);
}

struct span part_without_comments(struct span value, struct arena *arena)
{
    char *copy = arena_allocate(arena, value.size + 1);
    size_t size = 0, depth = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < value.size; i++) {
        char c = value.at[i];
        bool is_escape = c == '\\' && i + 1 < value.size;
        if (c == '"' && depth == 0)
            is_quoted = !is_quoted;
        depth += c == '(' && !is_quoted;
        if (depth == 0)
            copy[size++] = c;
        depth -= c == ')' && !is_quoted && depth > 0;
        if (is_escape && ++i > 0 && depth == 0)
            copy[size++] = value.at[i];
    }
    return span_trim(span_of(copy, size));
}

/* Types */

static struct span parameter(struct span value, const char *name)
{
    size_t size = strlen(name);
    for (value = span_skip(value, scan_until(value, ';') + 1); value.size > 0;
         value = span_skip(value, scan_until(value, ';') + 1)) {
        value = span_trim(value);
        struct span rest = span_trim(span_skip(value, size));
        if (!span_starts_with_nocase(value, name) || rest.size == 0 || rest.at[0] != '=')
            continue;
        rest = span_trim(span_skip(rest, 1));
        if (rest.size > 0 && rest.at[0] == '"')
            return span_first(span_skip(rest, 1), scan_until(span_skip(rest, 1), '"'));
        return span_trim(span_first(rest, scan_until(rest, ';')));
    }
    return span_of(NULL, 0);
}

void part_read(struct span octets, struct arena *arena, struct part *part)
{
    struct span line, rest = octets;
    while (part_next_line(&rest, &line) &&
           (line.size == 0 || span_starts_with(line, "From ") || line.at[0] == '>'))
        octets = rest;
    *part = (struct part){.headers = take_headers(&octets)};
    part->body = octets;
    struct span value = part_without_comments(part_field(part, "Content-Type", arena), arena);
    part->type = span_trim(span_first(value, scan_until(value, ';')));
    if (part->type.size == 0)
        part->type = SPAN("text/plain");
    if (span_starts_with_nocase(part->type, "multipart/"))
        part->boundary = parameter(value, "boundary");
}

/* Multiparts */

/** "--" and the boundary, with "--" behind it for the last: one boundary may begin another. */
static bool is_delimiter(struct span text, struct span boundary)
{
    if (!span_starts_with(text, "--") || !span_equal(span_first(span_skip(text, 2), boundary.size), boundary))
        return false;
    text = span_skip(text, 2 + boundary.size);
    return text.size == 0 || memchr("\r\n \t", text.at[0], 4) || span_starts_with(text, "--");
}

/** Where the line of the next delimiter begins, or the text's size. */
static size_t find_delimiter(struct span text, struct span boundary)
{
    size_t at = 0;
    while (at < text.size && !is_delimiter(span_skip(text, at), boundary))
        at += scan_until(span_skip(text, at), '\n') + 1;
    return at < text.size ? at : text.size;
}

bool part_next(struct span *rest, struct span boundary, struct span *octets)
{
    struct span start = span_skip(*rest, find_delimiter(*rest, boundary)), line;
    if (boundary.size == 0 || !part_next_line(&start, &line) ||
        span_starts_with(span_skip(line, 2 + boundary.size), "--"))
        return false;
    *octets = span_first(start, find_delimiter(start, boundary));
    *rest = span_skip(start, octets->size);
    return true;
}

/* Encodings */

static int hex_value(char c)
{
    if (ascii_is_digit(c))
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/** RFC 2045 6.7; a "=" that begins nothing known stays. */
static struct span decode_quoted(struct span text, struct arena *arena)
{
    char *copy = arena_allocate(arena, text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        struct span rest = span_skip(text, i);
        if (rest.at[0] == '=' && (span_starts_with(rest, "=\n") || span_starts_with(rest, "=\r\n")))
            i += rest.at[1] == '\n' ? 1 : 2;
        else if (rest.size > 2 && rest.at[0] == '=' && hex_value(rest.at[1]) >= 0 &&
                 hex_value(rest.at[2]) >= 0) {
            copy[size++] = (char)(hex_value(rest.at[1]) << 4 | hex_value(rest.at[2]));
            i += 2;
        } else
            copy[size++] = rest.at[0];
    }
    return span_of(copy, size);
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (ascii_is_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/** RFC 2045 6.8: whatever is not of the alphabet is skipped. */
static struct span decode_base64(struct span text, struct arena *arena)
{
    char *copy = arena_allocate(arena, text.size + 1);
    size_t size = 0;
    unsigned bits = 0, count = 0;
    for (size_t i = 0; i < text.size && text.at[i] != '='; i++) {
        int value = base64_value(text.at[i]);
        if (value < 0)
            continue;
        bits = bits << 6 | (unsigned)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            copy[size++] = (char)(bits >> count);
        }
    }
    return span_of(copy, size);
}

struct span part_decode(const struct part *part, struct arena *arena)
{
    struct span encoding = part_field(part, "Content-Transfer-Encoding", arena);
    encoding = part_without_comments(encoding, arena);
    if (span_is_nocase(encoding, "quoted-printable"))
        return decode_quoted(part->body, arena);
    if (span_is_nocase(encoding, "base64"))
        return decode_base64(part->body, arena);
    return part->body;
}

/* HTML */

/** Tags that begin a line. */
static bool breaks_line(struct span tag)
{
    static const char *const tags[] = {"br", "p",  "/p", "div", "/div", "tr",   "/tr",
                                       "li", "h1", "h2", "h3",  "pre",  "/pre", "table"};
    size_t size = 0;
    while (size < tag.size &&
           (ascii_is_alpha(tag.at[size]) || ascii_is_digit(tag.at[size]) || tag.at[size] == '/'))
        size++;
    struct span name = span_first(tag, size);
    if (name.size > 1 && name.at[name.size - 1] == '/')
        name.size--;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (span_is_nocase(name, tags[i]))
            return true;
    return false;
}

static size_t read_entity(struct span text, char *meaning)
{
    static const struct {
        const char *name;
        char meaning;
    } entities[] = {{"&lt;", '<'},   {"&gt;", '>'},   {"&amp;", '&'},
                    {"&quot;", '"'}, {"&#39;", '\''}, {"&nbsp;", ' '}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (span_starts_with_nocase(text, entities[i].name)) {
            *meaning = entities[i].meaning;
            return strlen(entities[i].name);
        }
    *meaning = text.at[0];
    return 1;
}

static bool is_tag(struct span text)
{
    return text.size > 1 && text.at[0] == '<' &&
           (ascii_is_alpha(text.at[1]) || memchr("/!?", text.at[1], 3)) &&
           !memchr(text.at, '@', scan_until(text, '>'));
}

struct span part_text_of_html(struct span html, struct arena *arena)
{
    char *copy = arena_allocate(arena, html.size + 1);
    size_t size = 0;
    while (html.size > 0) {
        size_t used = 1;
        if (is_tag(html)) {
            used = scan_until(html, '>') + 1;
            if (breaks_line(span_skip(span_first(html, used), 1)))
                copy[size++] = '\n';
        } else if (html.at[0] == '&')
            used = read_entity(html, &copy[size++]);
        else
            copy[size++] = html.at[0] == '\n' || html.at[0] == '\r' ? ' ' : html.at[0];
        html = span_skip(html, used);
    }
    return span_of(copy, size);
}
