/**
 * The message on its way to the wire: CRLF line ends and transparency
 * (RFC 5321 4.5.2), a piece at a time.
 *
 * The result has only CRLF as line end: bare CR and bare LF are converted (so
 * no smuggled end of data can arise), a final CRLF is added where it lacks, and
 * exactly one terminator follows.
 */
#ifndef SMTP_BODY_H
#define SMTP_BODY_H

#include "base/buffer.h"

struct body_stuffer {
    bool at_line_start;
    bool after_cr; /* the last octet was CR: an LF that follows belongs to it */
};

void body_stuffer_init(struct body_stuffer *);

/** Adds the wire form of the next piece of the message to `out`. */
void body_stuffer_add(struct body_stuffer *, struct span piece, struct buffer *out);

/** Ends the message: completes the last line and adds "." CRLF. */
void body_stuffer_finish(struct body_stuffer *, struct buffer *out);

/** Adds the text with CRLF line ends and a final CRLF, not stuffed: what the server shall have in the end. */
void body_normalise(struct span message, struct buffer *out);

#endif
