#include "base/instant.h"

#include <time.h>

instant instant_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return SECONDS(time.tv_sec) + time.tv_nsec;
}
