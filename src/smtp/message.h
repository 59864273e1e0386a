/**
 * The test message (RFC 5322): header fields, body, MIME parts and tokens.
 */
#ifndef SMTP_MESSAGE_H
#define SMTP_MESSAGE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/span.h"

#include <time.h>

struct message_part {
    struct span content;
    const char *type; /* "application/pdf"; NULL: by default text/plain or application/octet-stream */
    const char *name; /* file name for Content-Disposition, or NULL */
    bool is_body;     /* an alternative of the text and not an attachment */
};

/** A header field asked for by the user. */
struct message_header {
    struct span line; /* "Subject: text"; may be folded (LF and a blank), else free of CR, LF and NUL */
    bool replaces;    /* takes the place of all fields of that name, whatever its case; the last one counts */
};

/** Immutable description; spans and strings must outlive message_build(). */
struct message_plan {
    const char *from;   /* as in header fields; "" for the null reverse-path */
    const char *to;     /* lists as given */
    const char *cc;     /* or NULL */
    const char *bcc;    /* for its token only */
    const char *helo;   /* right side of the Message-ID: a domain or an address literal */
    const char *mailer; /* X-Mailer: "smtpprobe v0.1.0" */
    time_t now;
    const char *unique; /* left side of the Message-ID and part of MIME boundaries: digits, letters, dots;
                           differs from run to run */
    struct span data;   /* the whole message as the user gave it, with tokens; at == NULL: the default one */
    struct span body;   /* the body; at == NULL: the default text */
    const struct message_header *headers;
    size_t header_count;
    const struct message_part *parts;
    size_t part_count;
    bool keep_from_line; /* leave a leading mbox "From " line in place */
    bool raw; /* `data` as they are, no tokens, no fixes (--no-data-fixup); without `data` no matter */
};

/**
 * Builds the message with LF line ends (body.h makes the wire form).
 *
 * Default fields in order: Date, To, Cc, From, Subject, Message-Id, X-Mailer,
 * MIME fields, added fields. Tokens, as %NAME% or ..NAME..: FROM_ADDRESS,
 * TO_ADDRESS, CC_ADDRESS, BCC_ADDRESS, DATE, MESSAGEID, SMTPPROBE_VERSION (and
 * SWAKS_VERSION), NEW_HEADERS, BODY, NEWLINE. They count in `data`, `body` and
 * the user's header fields (where NEWLINE may begin another one), not in parts.
 * Escapes such as \n are the caller's: they mean something in arguments and
 * nothing in files.
 *
 * Fields of the user's go where NEW_HEADERS stands, else to the end of the
 * header. Text beyond ASCII in them is encoded (RFC 2047), with or without
 * SMTPUTF8, since everyone can read that; addresses cannot be encoded. Addresses
 * in tokens have A-labels where these suffice.
 *
 * In `data`, a leading mbox "From " line and a final lone dot are dropped.
 * @return false with a message if a header field or part is malformed, or if
 *         `data` have no place (BODY) for a body or part that is given
 */
bool message_build(const struct message_plan *, struct buffer *out, struct error *);

/** Whether the text has an octet above 127 (8BITMIME), or its header does (SMTPUTF8). */
bool message_is_8bit(struct span message);
bool message_has_utf8_header(struct span message);

/** Date in the form of RFC 5322 3.3, local time with its offset. */
char *message_date(time_t now, struct arena *);

#endif
