/** Shows where in the command line an error is. */
#ifndef CLI_COMMAND_LINE_H
#define CLI_COMMAND_LINE_H

#include "base/buffer.h"

/**
 * Adds two lines, each behind a line end: the command line up to word `last`,
 * quoted as a shell would want it, and ^~~~ under the words `first` to `last`.
 * Nothing that follows is shown, since what has not been understood may be a
 * password. Words in front are left out as the width demands.
 */
void command_line_point(struct buffer *, char *const *arguments, int argument_count, int first, int last);

/** Adds the word, in quotes where a shell wants them. What is not printable is still in it. */
void command_line_add_quoted(struct buffer *, const char *word);

/** Adds the text as printable characters, cut to about 40 columns. */
void command_line_add_shortened(struct buffer *, struct span text);

#endif
