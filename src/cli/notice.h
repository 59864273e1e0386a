/** Our own words to the user outside of reports: errors, warnings, what became of a check. */
#ifndef CLI_NOTICE_H
#define CLI_NOTICE_H

#include "base/span.h"

#include <stdio.h>

/**
 * Prints the text, of one or more lines, and a line end. It may cite files,
 * arguments and peers: what is not printable appears escaped.
 * @param lead stands in front of the first line
 */
void notice_print(FILE *, const char *lead, struct span text);

/** Prints to standard error what went wrong. */
void notice_error(const char *text);

#endif
