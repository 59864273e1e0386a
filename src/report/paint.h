/** Colour on a terminal: SGR only, and only where it was asked for. */
#ifndef REPORT_PAINT_H
#define REPORT_PAINT_H

#include "base/span.h"

#include <stdio.h>

enum paint {
    PAINT_PLAIN,
    PAINT_BOLD,
    PAINT_DIM,
    PAINT_RED,
    PAINT_CYAN,
};

/**
 * Writes whole lines, coloured if `colour` says so; the last line end stays
 * outside, so that a background never runs over the margin. Without a line end
 * one is added.
 * @return false if not all could be written
 */
bool paint_lines(FILE *, enum paint, bool colour, struct span lines);

#endif
