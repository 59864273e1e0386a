/**
 * Octets from outside made safe to show: the one place that decides what
 * reaches a terminal or a document.
 *
 * The result is valid UTF-8 without C0, DEL, C1 in
 * either coding, U+2028, U+2029 and bidirectional controls (U+061C, U+200E/F,
 * U+202A-E, U+2066-9).
 */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include "base/buffer.h"
#include "base/secret.h"

/**
 * Adds the text to `out` for a terminal or a text file: what is not allowed
 * appears as \xHH, or as \u{HHHH} where it is a character of more than one
 * octet; HT and LF, too: lines and columns are the caller's.
 * @param secrets what to mask first, or NULL
 */
void printable_add(struct buffer *out, struct span text, const struct secret_list *secrets);

/**
 * Adds the text as valid UTF-8 for a document with escapes of its own (JSON):
 * each octet that is not UTF-8 becomes U+FFFD, all else stays.
 * @return whether anything was replaced
 */
bool printable_add_utf8(struct buffer *out, struct span text, const struct secret_list *secrets);

/** Whether the octets are valid UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool printable_is_utf8(struct span text);

/**
 * The size of the UTF-8 character at the beginning, 1 to 4, and its value;
 * 0 if the text is empty or begins with no valid one.
 */
size_t printable_decode(struct span text, unsigned *character);

/**
 * How many columns the text takes on a terminal: two for East Asian wide
 * characters and emoji, none for combining marks and control characters, one
 * for all else. Near enough for laying out lines, in whatever locale.
 */
size_t printable_columns(struct span text);

#endif
