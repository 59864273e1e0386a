/**
 * UTF-16 (RFC 2781) made UTF-8, in any cut: what programs of Windows save as
 * "Unicode". The byte order mark is the caller's to see and skip.
 */
#ifndef BASE_UTF16_H
#define BASE_UTF16_H

#include "base/buffer.h"

struct utf16 {
    bool is_big_endian;
    bool has_octet; /* `octet` is the first half of a unit */
    unsigned char octet;
    unsigned high; /* a high surrogate whose low one has not come; 0 if there is none */
};

#define UTF16_BIG_ENDIAN ((struct utf16){.is_big_endian = true})
#define UTF16_LITTLE_ENDIAN ((struct utf16){.is_big_endian = false})

/** Adds the characters that are complete; half of a surrogate pair becomes U+FFFD. */
void utf16_add(struct utf16 *, struct span octets, struct buffer *out);

/** At the end: what is left, half a unit or half a pair, becomes U+FFFD. */
void utf16_finish(struct utf16 *, struct buffer *out);

#endif
