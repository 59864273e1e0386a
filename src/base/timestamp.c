#include "base/timestamp.h"

#include <stdint.h>

enum { YEAR_LENGTH = 4, DATE_LENGTH = 10 };

static const int64_t earliest = -62167219200; /* 0000-01-01T00:00:00Z */
static const int64_t latest = 253402300799;   /* 9999-12-31T23:59:59Z */

/** strftime()'s %Y leaves out leading zeros, and a certificate may be dated to any year. */
static void put_year(int year, char text[YEAR_LENGTH])
{
    for (int i = YEAR_LENGTH - 1; i >= 0; i--, year /= 10)
        text[i] = (char)('0' + year % 10);
}

const char *timestamp_format(time_t time, char text[TIMESTAMP_SIZE])
{
    time_t writable = time < earliest ? earliest : time > latest ? latest : time;
    struct tm tm;
    gmtime_r(&writable, &tm);
    put_year(tm.tm_year + 1900, text);
    strftime(text + YEAR_LENGTH, TIMESTAMP_SIZE - YEAR_LENGTH, "-%m-%dT%H:%M:%SZ", &tm);
    return text;
}

const char *timestamp_format_date(time_t time, char text[TIMESTAMP_SIZE])
{
    timestamp_format(time, text);
    text[DATE_LENGTH] = '\0';
    return text;
}
