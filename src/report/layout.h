/**
 * Our own words on a terminal: wrapped at its width, each line behind a prefix.
 */
#ifndef REPORT_LAYOUT_H
#define REPORT_LAYOUT_H

#include "base/buffer.h"

/**
 * Adds `text` in lines of at most `width` columns. Breaks at blanks only; a word
 * that is longer than a line stands on one of its own, so that commands and
 * names can still be pasted.
 * @param first prefix of the first line, @param rest of all others
 */
void layout_wrap(struct buffer *out, const char *first, const char *rest, struct span text, size_t width);

/** Adds a line with `left` at its begin and `right` at its end, or on a line of its own if it does not fit.
 */
void layout_both_ends(struct buffer *out, const char *prefix, struct span left, const char *right,
                      size_t width);

/** A cell of a row. */
struct layout_cell {
    struct span text; /* printable */
    size_t width;     /* columns; 0: the cell is left out */
    bool is_number;   /* stands at the right */
};

/**
 * Adds the cells side by side, two blanks between them. A text that is wider
 * than its cell is wrapped within it, at blanks and behind `-` and `.`, as ids
 * have them, or stands as it is and pushes the others to the right.
 */
void layout_row(struct buffer *out, struct layout_cell *cells, size_t count, bool wraps);

/**
 * Finds the command in a step such as "look it up: dig +short MX example.com (what to expect)".
 * @param before the text in front of it, @param after what follows it
 * @return the command; empty if there is none
 */
struct span layout_find_command(struct span step, struct span *before, struct span *after);

/** How much of the text is a command that it begins with; 0: it does not begin with one. */
size_t layout_command_size(struct span text);

#endif
