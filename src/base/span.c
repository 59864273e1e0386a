#include "base/span.h"

bool span_equal(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static bool equal_nocase(const char *a, const char *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (ascii_lower(a[i]) != ascii_lower(b[i]))
            return false;
    return true;
}

bool span_equal_nocase(struct span a, struct span b)
{
    return a.size == b.size && equal_nocase(a.at, b.at, a.size);
}

bool span_is(struct span span, const char *string)
{
    return span_equal(span, span_of_string(string));
}

bool span_is_nocase(struct span span, const char *string)
{
    return span_equal_nocase(span, span_of_string(string));
}

bool span_starts_with(struct span span, const char *prefix)
{
    return span_is(span_first(span, strlen(prefix)), prefix);
}

bool span_starts_with_nocase(struct span span, const char *prefix)
{
    return span_is_nocase(span_first(span, strlen(prefix)), prefix);
}

bool span_ends_with_nocase(struct span span, const char *suffix)
{
    size_t size = strlen(suffix);
    return span.size >= size && equal_nocase(span.at + span.size - size, suffix, size);
}

bool span_contains_nocase(struct span span, const char *needle)
{
    size_t size = strlen(needle);
    char lower = ascii_lower(needle[0]), upper = ascii_upper(needle[0]);
    for (size_t i = 0; i + size <= span.size; i++)
        if ((span.at[i] == lower || span.at[i] == upper) && equal_nocase(span.at + i, needle, size))
            return true;
    return false;
}

bool span_is_ascii(struct span span)
{
    for (size_t i = 0; i < span.size; i++)
        if ((unsigned char)span.at[i] > 0x7f)
            return false;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct span span_trim(struct span span)
{
    while (span.size > 0 && is_blank(span.at[0]))
        span = span_skip(span, 1);
    while (span.size > 0 && is_blank(span.at[span.size - 1]))
        span.size--;
    return span;
}

bool span_next_token(struct span *rest, const char *separators, struct span *token)
{
    size_t count = strlen(separators);
    while (rest->size > 0 && memchr(separators, rest->at[0], count))
        *rest = span_skip(*rest, 1);
    size_t size = 0;
    while (size < rest->size && !memchr(separators, rest->at[size], count))
        size++;
    *token = span_first(*rest, size);
    *rest = span_skip(*rest, size);
    return size > 0;
}

bool span_to_number(struct span span, unsigned long long maximum, unsigned long long *number)
{
    unsigned long long value = 0;
    if (span.size == 0)
        return false;
    for (size_t i = 0; i < span.size; i++) {
        if (!ascii_is_digit(span.at[i]))
            return false;
        unsigned digit = (unsigned)(span.at[i] - '0');
        if (value > (maximum - digit) / 10 || digit > maximum)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}
