/**
 * Server replies (RFC 5321 4.2) and the parser that finds them in a stream.
 *
 * The parser is strict in what counts and generous in what it keeps: all octets
 * stay in the reply, each deviation is noted, and a reply whose code is in doubt
 * carries a fault. It never looks beyond the end of one reply, so that what
 * follows can be judged (pipelining, STARTTLS injection).
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "base/arena.h"
#include "base/instant.h"
#include "base/span.h"
#include "smtp/enhanced_status.h"

/** Bounds on what a server may send in one reply; more is REPLY_TOO_LONG. */
enum {
    REPLY_LINE_LIMIT = 64 * 1024,
    REPLY_LIMIT = 256 * 1024,
    REPLY_LINES_LIMIT = 1000,
};

/** Why the code of a reply cannot be trusted. */
enum reply_fault {
    REPLY_SOUND,
    REPLY_NOT_DIGITS,      /* the line does not begin with three digits */
    REPLY_CODE_RANGE,      /* the first digit is not 2 to 5 */
    REPLY_BAD_SEPARATOR,   /* the fourth octet is neither blank, hyphen nor line end */
    REPLY_CODES_DIFFER,    /* the lines of one reply carry different codes */
    REPLY_HAS_NUL,
    REPLY_TOO_LONG,        /* beyond one of the bounds above */
};

/** Understood, but not as the RFC has it. */
enum reply_deviation {
    REPLY_BARE_LF = 1 << 0,     /* RFC 5321 2.3.8: lines end CRLF */
    REPLY_NOT_ASCII = 1 << 1,   /* octets above 127 */
    REPLY_CONTROL = 1 << 2,     /* control characters, HT apart; also CR within a line */
    REPLY_LONG_LINE = 1 << 3,   /* over 512 octets with CRLF (RFC 5321 4.5.3.1.5) */
};

/** What a peer that does not speak SMTP seems to speak. */
enum reply_protocol {
    PROTOCOL_SMTP,
    PROTOCOL_UNKNOWN,
    PROTOCOL_HTTP,
    PROTOCOL_SSH,
    PROTOCOL_TLS,   /* a TLS record or alert: the port wants implicit TLS */
    PROTOCOL_POP3,
    PROTOCOL_IMAP,
    PROTOCOL_FTP,
    PROTOCOL_LMTP,
};

/** All spans live in the arena given to the parser. */
struct reply {
    int code; /* 200 to 599; 0 if there is a fault that leaves it in doubt */
    struct enhanced_status enhanced; /* that of the last line which has one of the reply's class */
    struct span *lines; /* the text of each line, without code, separator and line end; enhanced codes stay;
                           from a fault on, lines are whole but for their end */
    size_t line_count;
    struct span raw; /* every octet, line ends as they came; with a fault all that has come by then, up to
                        REPLY_LIMIT */
    enum reply_fault fault;
    size_t fault_line; /* counted from 1 */
    unsigned deviations; /* enum reply_deviation */
    enum reply_protocol protocol; /* other than SMTP only with a fault */
    instant first; /* when its first and its last octet were received */
    instant last;
};

static inline int reply_class(const struct reply *reply)
{
    return reply->code / 100;
}

/**
 * The text of a reply as one line for people and for matching: the lines joined
 * with blanks, the enhanced code left out of each.
 */
struct span reply_text(const struct reply *reply, struct arena *arena);

struct reply_parser {
    struct arena *arena;
    struct reply reply;     /* the one under way */
    char *octets;           /* all octets of the reply so far, in the arena */
    size_t octet_count;
    size_t octets_capacity;
    size_t line_start;      /* where the line under way begins */
    size_t octets_left;     /* of all replies together; SIZE_MAX unless the owner sets a bound. More is
                               REPLY_TOO_LONG */
};

/** The arena must outlive the parser and all replies it gives out. */
void reply_parser_init(struct reply_parser *, struct arena *);

/**
 * Takes octets up to the end of the first complete reply.
 *
 * A fault ends the reply at once and takes all octets given, since where such a
 * reply ends cannot be known. Only when the first octets may yet turn out to be
 * the mark of another protocol ("SS", "HTT") is it held until they are told
 * apart. Apart from what `raw` has behind a fault, the result does not depend on
 * the cut.
 * @param octets what has arrived, in any cut
 * @param consumed set to the octets taken; the rest belongs to the next reply
 * @return the reply, in the arena, or NULL if it is not complete; the parser is
 *         then ready for the next one.
 */
struct reply *reply_parser_feed(struct reply_parser *, struct span octets, size_t *consumed, instant now);

/** Whether octets of an incomplete reply are held. */
static inline bool reply_parser_is_partial(const struct reply_parser *parser)
{
    return parser->octet_count > 0;
}

/** The octets of the incomplete reply that are held; valid until the next call. */
static inline struct span reply_parser_partial(const struct reply_parser *parser)
{
    return span_of(parser->octets, parser->octet_count);
}

/**
 * What the first octets of a peer look like. PROTOCOL_UNKNOWN if like nothing we
 * know. FTP and LMTP may greet with a sound 220, which only this tells apart.
 */
enum reply_protocol reply_guess_protocol(struct span octets);

/** The name as findings have it: "http", "ssh", ... */
const char *reply_protocol_name(enum reply_protocol);

#endif
