#include "report/paint.h"

static const char *const codes[] = {
    [PAINT_PLAIN] = "",       [PAINT_BOLD] = "\033[1m",  [PAINT_DIM] = "\033[2m",
    [PAINT_RED] = "\033[31m", [PAINT_CYAN] = "\033[36m",
};

bool paint_lines(FILE *file, enum paint paint, bool colour, struct span lines)
{
    bool is_coloured = colour && paint != PAINT_PLAIN;
    size_t body = lines.size > 0 && lines.at[lines.size - 1] == '\n' ? lines.size - 1 : lines.size;
    bool ok = !is_coloured || fputs(codes[paint], file) >= 0;
    ok &= fwrite(lines.at, 1, body, file) == body;
    ok &= !is_coloured || fputs("\033[0m", file) >= 0;
    return (fputc('\n', file) != EOF) & ok;
}
