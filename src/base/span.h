/**
 * Borrowed text: a pointer and a size, no terminating NUL, no ownership.
 *
 * Octets from the network may hold NUL and anything else, so nothing that comes
 * from a peer travels as a C string. Each struct that holds a span says in its
 * header how long the octets behind it live.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *at;
    size_t size;
};

/** The span of a string literal. */
#define SPAN(literal) ((struct span){"" literal, sizeof literal - 1})

/** For printf: printf("%.*s", SPAN_ARGS(span)). Only for text known to be free of NUL. */
#define SPAN_ARGS(span) (int)(span).size, (span).at

static inline struct span span_of(const char *at, size_t size)
{
    return (struct span){at, size};
}

/** The span of a C string; of NULL the empty one. */
static inline struct span span_of_string(const char *string)
{
    return (struct span){string, string ? strlen(string) : 0};
}

/** The rest of the span behind the first `count` octets; empty if it has fewer. */
static inline struct span span_skip(struct span span, size_t count)
{
    if (count > span.size)
        count = span.size;
    return (struct span){span.size ? span.at + count : span.at, span.size - count};
}

/** The first `count` octets, or all if there are fewer. */
static inline struct span span_first(struct span span, size_t count)
{
    return (struct span){span.at, count < span.size ? count : span.size};
}

/* Those with _nocase compare ASCII letters without regard to case, whatever the
 * locale; other octets count as they are. */

static inline bool span_equal(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

bool span_equal_nocase(struct span a, struct span b);
bool span_is(struct span span, const char *string);
bool span_is_nocase(struct span span, const char *string);
bool span_starts_with(struct span span, const char *prefix);
bool span_starts_with_nocase(struct span span, const char *prefix);
bool span_ends_with_nocase(struct span span, const char *suffix);

/** Whether `needle` (ASCII, not empty) occurs in the span, ignoring ASCII case. */
bool span_contains_nocase(struct span span, const char *needle);

/** Whether no octet is above 127. */
bool span_is_ascii(struct span span);

static inline bool ascii_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/** The span without blanks (SP, HT) at both ends. */
static inline struct span span_trim(struct span span)
{
    while (span.size > 0 && ascii_is_blank(span.at[0]))
        span = span_of(span.at + 1, span.size - 1);
    while (span.size > 0 && ascii_is_blank(span.at[span.size - 1]))
        span.size--;
    return span;
}

/**
 * Takes the next token off the front of *rest: octets up to the next octet of
 * `separators`. Runs of separators count as one.
 * @return false when nothing is left.
 */
bool span_next_token(struct span *rest, const char *separators, struct span *token);

/**
 * Reads a decimal number that fills the whole span: digits only, no sign.
 * @return false if it is none or exceeds `maximum`; *number is then unchanged.
 */
bool span_to_number(struct span span, unsigned long long maximum, unsigned long long *number);

static inline bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ascii_is_alpha(char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26; /* one comparison, since logs are scanned with it */
}

/** For each octet 1 if it is a letter or digit of ASCII, else 0. */
extern const unsigned char ascii_alphanumerics[256];

static inline bool ascii_is_alphanumeric(char c)
{
    return ascii_alphanumerics[(unsigned char)c];
}

static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

#endif
