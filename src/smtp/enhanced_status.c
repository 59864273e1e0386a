#include "smtp/enhanced_status.h"

#include <stdio.h>

/** Reads one to three digits, "0" or without a leading zero. @return behind them, or NULL */
static const char *read_number(const char *at, const char *end, unsigned short *number)
{
    if (at == end || !ascii_is_digit(*at))
        return NULL;
    unsigned value = (unsigned)(*at++ - '0');
    for (int more = value > 0 ? 2 : 0; more > 0 && at < end && ascii_is_digit(*at); more--)
        value = value * 10 + (unsigned)(*at++ - '0');
    *number = (unsigned short)value;
    return at;
}

static const char *read_dot_and_number(const char *at, const char *end, unsigned short *number)
{
    return at && at < end && *at == '.' ? read_number(at + 1, end, number) : NULL;
}

/** A fourth digit, a comma or a further dot means that it was something else: an address, a version. */
static const char *read_end(const char *at, const char *end)
{
    if (!at || at == end)
        return at;
    return *at == ' ' || *at == '\t' ? at + 1 : NULL;
}

bool enhanced_status_parse(struct span text, struct enhanced_status *status, size_t *used)
{
    struct enhanced_status found = {0};
    const char *at = NULL;
    bool has_class =
        text.size > 1 && text.at[1] == '.' && (text.at[0] == '2' || text.at[0] == '4' || text.at[0] == '5');
    if (has_class) {
        const char *end = text.at + text.size;
        found.class = (unsigned short)(text.at[0] - '0');
        at = read_dot_and_number(text.at + 1, end, &found.subject);
        at = read_end(read_dot_and_number(at, end, &found.detail), end);
    }
    *status = at ? found : (struct enhanced_status){0};
    if (used)
        *used = at ? (size_t)(at - text.at) : 0;
    return at != NULL;
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
