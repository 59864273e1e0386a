/** Wall-clock time as RFC 3339 writes it, in UTC. */
#ifndef BASE_TIMESTAMP_H
#define BASE_TIMESTAMP_H

#include <time.h>

/** Room for 2026-01-31T23:59:59Z. */
enum { TIMESTAMP_SIZE = 20 + 1 };

/**
 * The time, to the second. What lies outside the years 0 to 9999, which
 * RFC 3339 cannot write, becomes the nearest time that it can.
 * @return `text`
 */
const char *timestamp_format(time_t time, char text[TIMESTAMP_SIZE]);

/** The date alone: 2026-01-31. @return `text` */
const char *timestamp_format_date(time_t time, char text[TIMESTAMP_SIZE]);

#endif
