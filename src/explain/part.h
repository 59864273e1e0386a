/**
 * A tolerant reader of MIME (RFC 2045, RFC 2046) for messages as other programs
 * write them: octets of any charset, line ends CRLF or LF. Everything it makes
 * lives in an arena or in the message.
 */
#ifndef EXPLAIN_PART_H
#define EXPLAIN_PART_H

#include "base/arena.h"

struct part {
    struct span headers;  /* with line ends, without the empty line */
    struct span body;     /* as it came */
    struct span type;     /* "text/plain", without parameters; never empty */
    struct span boundary; /* of a multipart, else empty */
};

/** Octets that are read of one field. */
enum { PART_FIELD_LIMIT = 64 * 1024 };

/** Reads the header fields in front; a line "From " of a mailbox file is skipped. */
void part_read(struct span octets, struct arena *, struct part *);

/** The field's value, unfolded; empty if there is none. Of several the first. */
struct span part_field(const struct part *, const char *name, struct arena *);

/** The body as its Content-Transfer-Encoding says: what does not fit the encoding is left out. */
struct span part_decode(const struct part *, struct arena *);

/** Takes the next part off a multipart's body. @return false behind the last */
bool part_next(struct span *rest, struct span boundary, struct span *octets);

/** The text of HTML, without tags and with the commonest entities read. */
struct span part_text_of_html(struct span html, struct arena *);

/** Takes a line off the front, without its line end. @return false when nothing is left */
bool part_next_line(struct span *rest, struct span *line);

/**
 * Joins what folded lines hold: LF in front of a line that begins with the code
 * of a reply, a blank in front of all others.
 */
struct span part_unfold(struct span text, struct arena *);

/** The value without comments in parentheses (RFC 5322 3.2.2), however they are nested. */
struct span part_without_comments(struct span value, struct arena *);

#endif
