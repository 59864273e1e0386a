/**
 * MIME as far as a test message needs it: parts (RFC 2045, RFC 2183), names of
 * files (RFC 2231) and text beyond ASCII in header fields (RFC 2047).
 */
#ifndef SMTP_MIME_H
#define SMTP_MIME_H

#include "smtp/message.h"

/**
 * Adds a header field, without its line end, so that it is ASCII: text beyond
 * it becomes encoded-words of UTF-8 (or "unknown-8bit", RFC 1428 3, if it is
 * not valid). Words with @ or < are left, since an address cannot be encoded:
 * such a field needs SMTPUTF8.
 */
void mime_add_field(struct buffer *out, struct span line);

/** Adds the Content-* fields of a part, each with its LF. */
void mime_add_part_fields(struct buffer *out, const struct message_part *);

/**
 * Adds the content of a part in the coding that the fields name, with a final
 * LF. Attachments are base64 with lines of 76 columns; text stands as it is
 * unless a NUL, a bare CR or a line beyond 998 octets forbids it (RFC 5322 2.1.1).
 */
void mime_add_part_content(struct buffer *out, const struct message_part *);

#endif
