#include "base/random.h"

#include "base/instant.h"

#include <sys/random.h>

uint64_t random_number(void)
{
    uint64_t number;
    /* Fails only on kernels without the call; draws among MX hosts are then merely less random. */
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        number = (uint64_t)instant_now() * UINT64_C(6364136223846793005);
    return number;
}

unsigned random_below(unsigned bound)
{
    /* 64 bits against 32: the bias is below 2^-32. */
    return bound ? (unsigned)(random_number() % bound) : 0;
}
