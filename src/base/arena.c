#include "base/arena.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    max_align_t octets[];
};

enum { BLOCK_SIZE = 16 * 1024 - sizeof(struct arena_block) };

static size_t aligned(size_t size)
{
    size_t unit = sizeof(max_align_t);
    return (size + unit - 1) / unit * unit;
}

static struct arena_block *add_block(struct arena *arena, size_t size)
{
    struct arena_block *block = memory_allocate(sizeof *block + size);
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_allocate(struct arena *arena, size_t size)
{
    size = aligned(size);
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size)
        block = add_block(arena, size > BLOCK_SIZE ? size : BLOCK_SIZE);
    void *memory = (char *)block->octets + block->used;
    block->used += size;
    return memory;
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        memory_wipe(block->octets, block->used);
        free(block);
        block = next;
    }
}

void arena_clear(struct arena *arena)
{
    free_blocks(arena->blocks);
    arena->blocks = NULL;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *block = arena->blocks;
    if (!block)
        return;
    free_blocks(block->next);
    memory_wipe(block->octets, block->used); /* what an arena gives out is zeroed */
    block->next = NULL;
    block->used = 0;
}

struct span arena_copy(struct arena *arena, struct span span)
{
    char *copy = arena_allocate(arena, span.size + 1);
    if (span.size > 0)
        memcpy(copy, span.at, span.size);
    return span_of(copy, span.size);
}

char *arena_copy_string(struct arena *arena, const char *string)
{
    size_t size = strlen(string) + 1;
    return memcpy(arena_allocate(arena, size), string, size);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0)
        size = 0;
    char *text = arena_allocate(arena, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t element_size)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity ? *capacity * 2 : 8;
    void *larger = arena_allocate(arena, *capacity * element_size);
    if (count > 0)
        memcpy(larger, array, count * element_size);
    return larger;
}
