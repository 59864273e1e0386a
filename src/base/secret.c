#include "base/secret.h"

#include "base/base64.h"
#include "base/memory.h"

#include <stdlib.h>

static struct secret_pattern *add_pattern(struct secret_list *list, struct span text)
{
    list->patterns = memory_resize(list->patterns, (list->count + 1) * sizeof *list->patterns);
    struct secret_pattern *pattern = &list->patterns[list->count++];
    *pattern = (struct secret_pattern){.text = BUFFER_EMPTY};
    buffer_add(&pattern->text, text);
    return pattern;
}

static void add_hexadecimal(struct secret_list *list, struct span secret, const char *digits)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_room(&text, 2 * secret.size);
    for (size_t i = 0; i < secret.size; i++) {
        unsigned char octet = (unsigned char)secret.at[i];
        buffer_add_char(&text, digits[octet >> 4]);
        buffer_add_char(&text, digits[octet & 15]);
    }
    add_pattern(list, buffer_span(&text));
    buffer_wipe(&text);
}

/**
 * The characters that base64 makes of the secret alone when `offset` octets of
 * something else stand before it in the group of three. Characters that share
 * bits with what stands before or behind are left to with_neighbours().
 */
static void add_base64(struct secret_list *list, struct span secret, size_t offset)
{
    struct buffer padded = BUFFER_EMPTY, text = BUFFER_EMPTY;
    buffer_add(&padded, span_of("\0\0", offset));
    buffer_add(&padded, secret);
    base64_encode(buffer_span(&padded), &text);
    size_t from = (8 * offset + 5) / 6;
    size_t to = 8 * padded.size / 6;
    struct secret_pattern *pattern = add_pattern(list, span_of(text.data + from, to - from));
    pattern->shares_before = offset > 0;
    pattern->shares_after = padded.size % 3 != 0;
    buffer_wipe(&padded);
    buffer_wipe(&text);
}

void secret_list_add(struct secret_list *list, struct span secret)
{
    if (secret.size < SECRET_SEARCH_MINIMUM)
        return;
    add_pattern(list, secret);
    add_hexadecimal(list, secret, "0123456789abcdef");
    add_hexadecimal(list, secret, "0123456789ABCDEF");
    for (size_t offset = 0; offset < 3; offset++)
        add_base64(list, secret, offset);
}

void secret_list_clear(struct secret_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        buffer_wipe(&list->patterns[i].text);
    free(list->patterns);
    *list = (struct secret_list){NULL, 0};
}

static bool is_base64(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || c == '+' || c == '/';
}

static struct span with_neighbours(struct span match, const struct secret_pattern *pattern, struct span text)
{
    const char *end = text.at + text.size;
    if (pattern->shares_before && match.at > text.at && is_base64(match.at[-1])) {
        match.at--;
        match.size++;
    }
    if (pattern->shares_after && match.at + match.size < end && is_base64(match.at[match.size]))
        match.size++;
    return match;
}

/** Marks all matches of one pattern, overlapping ones too. @return whether there is any */
static bool mark(const struct secret_pattern *pattern, struct span text, char *marks)
{
    struct span needle = buffer_span(&pattern->text), rest = text;
    const char *at;
    bool found = false;
    while ((at = memmem(rest.at, rest.size, needle.at, needle.size))) {
        struct span match = with_neighbours(span_of(at, needle.size), pattern, text);
        memset(marks + (match.at - text.at), 1, match.size);
        rest = span_skip(rest, (size_t)(at - rest.at) + 1);
        found = true;
    }
    return found;
}

/* Marked first and overwritten then: else the mask of one match could hide the
 * beginning of another and leave its end in sight. */
bool secret_list_mask(const struct secret_list *list, char *text, size_t size)
{
    if (list->count == 0 || size < SECRET_SEARCH_MINIMUM)
        return false;
    char *marks = memory_allocate(size);
    bool found = false;
    for (size_t i = 0; i < list->count; i++)
        found |= mark(&list->patterns[i], span_of(text, size), marks);
    for (size_t i = 0; found && i < size; i++)
        if (marks[i])
            text[i] = '*';
    free(marks);
    return found;
}
