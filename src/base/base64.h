/** Base64 (RFC 4648 4), strict: padding demanded, no line ends, no stray bits. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buffer.h"

/** Adds the coded form to `out`. */
void base64_encode(struct span octets, struct buffer *out);

/**
 * Adds the decoded octets to `out`.
 * @return false if the text is not strict base64; `out` is then unchanged
 */
bool base64_decode(struct span text, struct buffer *out);

#endif
