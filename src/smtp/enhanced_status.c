#include "smtp/enhanced_status.h"

#include <stdio.h>

/** Reads one to three digits at *at, "0" or without a leading zero, and moves behind them. */
static bool read_number(struct span text, size_t *at, unsigned short *number)
{
    size_t start = *at, size = 0;
    unsigned value = 0;
    while (size < 3 && start + size < text.size && ascii_is_digit(text.at[start + size]))
        value = value * 10 + (unsigned)(text.at[start + size++] - '0');
    if (size == 0 || (size > 1 && text.at[start] == '0'))
        return false;
    *number = (unsigned short)value;
    *at = start + size;
    return true;
}

static bool read_dot(struct span text, size_t *at)
{
    if (*at >= text.size || text.at[*at] != '.')
        return false;
    ++*at;
    return true;
}

static bool read_class(struct span text, size_t *at, unsigned short *class)
{
    return read_number(text, at, class) && (*class == 2 || *class == 4 || *class == 5);
}

/** A fourth digit, a comma or a further dot means that it was something else: an address, a version. */
static bool read_end(struct span text, size_t *at)
{
    if (*at == text.size)
        return true;
    char c = text.at[(*at)++];
    return c == ' ' || c == '\t';
}

bool enhanced_status_parse(struct span text, struct enhanced_status *status, size_t *used)
{
    struct enhanced_status found = {0};
    size_t at = 0;
    bool ok = text.size > 1 && text.at[1] == '.' && read_class(text, &at, &found.class) && read_dot(text, &at) &&
              read_number(text, &at, &found.subject) && read_dot(text, &at) &&
              read_number(text, &at, &found.detail) && read_end(text, &at);
    *status = ok ? found : (struct enhanced_status){0};
    if (used)
        *used = ok ? at : 0;
    return ok;
}

char *enhanced_status_format(struct enhanced_status status, char text[ENHANCED_STATUS_TEXT_SIZE])
{
    text[0] = '\0';
    if (status.class == ENHANCED_CLASS_ANY)
        snprintf(text, ENHANCED_STATUS_TEXT_SIZE, "X.%u.%u", status.subject % 1000u, status.detail % 1000u);
    else if (status.class != 0)
        snprintf(text, ENHANCED_STATUS_TEXT_SIZE, "%u.%u.%u", status.class % 10u, status.subject % 1000u,
                 status.detail % 1000u);
    return text;
}
