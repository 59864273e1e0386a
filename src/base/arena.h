/**
 * Memory that lives as long as one unit of work (a probe) and is released in
 * one go. What an arena gives out is zeroed, aligned for any type, and never
 * moves.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/span.h"

struct arena {
    struct arena_block *blocks;
};

#define ARENA_EMPTY ((struct arena){NULL})

/** Overwrites and releases everything the arena gave out. */
void arena_clear(struct arena *);

/** The same, but keeps memory for what comes next: for work of one kind done many times. */
void arena_reset(struct arena *);

void *arena_allocate(struct arena *, size_t size);

/** A zeroed array of `count` elements. */
#define ARENA_ARRAY(arena, type, count) ((type *)arena_allocate((arena), sizeof(type) * (count)))
#define ARENA_NEW(arena, type) ARENA_ARRAY(arena, type, 1)

/** A copy of the octets, NUL-terminated behind the span's end. */
struct span arena_copy(struct arena *, struct span);

/** A copy as a C string; the span must not hold NUL if its end is to be seen. */
char *arena_copy_string(struct arena *, const char *);
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *, const char *format, ...);

/**
 * Makes room for one more element in an array that grows by doubling.
 * Old elements are copied; pointers to them stay readable (the arena frees
 * nothing), but are no longer the array's.
 * @return the array, which may have moved.
 */
void *arena_grow(struct arena *, void *array, size_t count, size_t *capacity, size_t element_size);

#endif
