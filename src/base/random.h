/** Random numbers from the system: unpredictable ids and fair draws. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

uint64_t random_number(void);

/** 0 to bound-1, each as likely as the others; 0 for a bound of 0. */
unsigned random_below(unsigned bound);

#endif
