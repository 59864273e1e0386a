/**
 * Points in time and spans of time, both in nanoseconds. Instants come from
 * CLOCK_MONOTONIC, or from a test, since whatever needs the time is given it.
 */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stdint.h>

typedef int64_t instant;
typedef int64_t duration;

#define MICROSECONDS(n) ((duration)(n)*1000)
#define MILLISECONDS(n) ((duration)(n)*1000000)
#define SECONDS(n) ((duration)(n)*1000000000)
#define MINUTES(n) SECONDS((n)*60)

/** "Not yet" for instants, "no limit" for durations. */
#define NEVER ((instant)0)

/** The deadline that `limit` from now sets; NEVER without a limit. */
static inline instant instant_after(instant now, duration limit)
{
    return limit == NEVER ? NEVER : now + limit;
}

static inline double duration_in_seconds(duration d)
{
    return (double)d / 1e9;
}

/** The monotonic clock, read by a system call and not from an event loop's cache. */
instant instant_now(void);

#endif
