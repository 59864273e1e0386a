/** cmocka with what tables of cases need: a failure names the case. */
#ifndef SUPPORT_CHECK_H
#define SUPPORT_CHECK_H

#include "base/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CHECK(name, condition)                                                                               \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            fail_msg("%s: does not hold: %s", name, #condition);                                             \
    } while (0)

static inline void check_number(const char *name, const char *what, unsigned long long got,
                                unsigned long long expected)
{
    if (got != expected)
        fail_msg("%s: %s is %llu where %llu was expected", name, what, got, expected);
}

static inline void check_text(const char *name, struct span got, struct span expected)
{
    if (!span_equal(got, expected))
        fail_msg("%s: got [%.*s] where [%.*s] was expected", name, SPAN_ARGS(got), SPAN_ARGS(expected));
}

static inline void check_string(const char *name, struct span got, const char *expected)
{
    check_text(name, got, span_of_string(expected));
}

#endif
