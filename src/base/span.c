#include "base/span.h"

/* clang-format off */
const unsigned char ascii_alphanumerics[256] = {
    ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1,
    ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1,
    ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1, ['G'] = 1,
    ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1,
    ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1,
    ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1,
    ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1,
    ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1,
    ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1, ['u'] = 1,
    ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
};
/* clang-format on */

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
