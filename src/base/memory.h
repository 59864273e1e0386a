/**
 * Allocation that cannot fail: out of memory ends the program with a message
 * and exit status 1. No peer can cause it, since all that a peer can make grow
 * has a bound (see the limits in the headers of the parsers).
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/** Ends the program as described above; for libraries that report the lack of memory. */
_Noreturn void memory_exhausted(void);

void *memory_allocate(size_t size);
void *memory_resize(void *memory, size_t size);

/** A copy of a C string, to be released with free(). */
char *memory_copy_string(const char *string);

/** Overwrites `size` octets with zeros in a way that the compiler keeps. */
void memory_wipe(void *memory, size_t size);

#endif
