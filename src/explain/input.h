/**
 * Turns a stream of octets, in any cut, into items: of lines, of NDJSON objects,
 * or of messages (a single one or an mbox).
 *
 *     while ((octets = more()).size > 0) {
 *         explain_input_feed(input, octets);
 *         while ((item = explain_input_next(input)))
 *             answer(item);
 *     }
 *     explain_input_finish(input);
 *     while ((item = explain_input_next(input)))
 *         answer(item);
 *
 * Each line belongs to exactly one item, in order; an item of several lines is a
 * reply whose `NNN-` lines stood together. A line is answered when its LF is
 * there (of a `NNN-` line, when its reply ends), so that `tail -f` works. Octets
 * behind a byte order mark of UTF-16 are read as that. Memory is bounded whatever
 * comes.
 */
#ifndef EXPLAIN_INPUT_H
#define EXPLAIN_INPUT_H

#include "explain/item.h"

/** Bounds on the input; what is beyond them is skipped. */
enum {
    INPUT_LINE_LIMIT = 64 * 1024,
    INPUT_REPLY_LIMIT = 256 * 1024,        /* lines of one reply together */
    INPUT_MESSAGE_LIMIT = 4 * 1024 * 1024, /* reports stand before the message they return */
};

enum input_form {
    INPUT_AUTO, /* a message if it begins with "From " or a field that messages begin with, else lines
                 */
    INPUT_LINES,
    INPUT_MESSAGE,
};

struct explain_input;

struct explain_input *explain_input_new(enum input_form);
void explain_input_free(struct explain_input *);

/** The octets must stay until explain_input_next() has returned NULL, which must come before the next call.
 */
void explain_input_feed(struct explain_input *, struct span octets);

/** The end of the input: a last line needs no line end. */
void explain_input_finish(struct explain_input *);

/** @return the next item, valid until the next call, the caller may complete it; NULL if it takes more
 * octets, or at the end. */
struct explain_item *explain_input_next(struct explain_input *);

#endif
