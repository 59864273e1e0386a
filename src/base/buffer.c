#include "base/buffer.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

void buffer_clear(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = BUFFER_EMPTY;
}

void buffer_wipe(struct buffer *buffer)
{
    if (buffer->data)
        memory_wipe(buffer->data, buffer->capacity);
    buffer_clear(buffer);
}

char *buffer_room(struct buffer *buffer, size_t size)
{
    if (buffer->capacity - buffer->size <= size) {
        size_t capacity = buffer->capacity ? buffer->capacity : 128;
        while (capacity - buffer->size <= size)
            capacity *= 2;
        /* Not realloc: the old memory may hold a secret that buffer_wipe() could no longer reach. */
        char *data = memory_allocate(capacity);
        if (buffer->data) {
            memcpy(data, buffer->data, buffer->size);
            memory_wipe(buffer->data, buffer->size);
            free(buffer->data);
        }
        buffer->data = data;
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->size;
}

void buffer_grown(struct buffer *buffer, size_t size)
{
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void buffer_add(struct buffer *buffer, struct span span)
{
    char *room = buffer_room(buffer, span.size);
    if (span.size > 0)
        memcpy(room, span.at, span.size);
    buffer_grown(buffer, span.size);
}

void buffer_add_string(struct buffer *buffer, const char *string)
{
    buffer_add(buffer, span_of_string(string));
}

void buffer_add_char(struct buffer *buffer, char c)
{
    buffer_add(buffer, span_of(&c, 1));
}

void buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size > 0) {
        vsnprintf(buffer_room(buffer, (size_t)size), (size_t)size + 1, format, again);
        buffer_grown(buffer, (size_t)size);
    }
    va_end(again);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_vprintf(buffer, format, arguments);
    va_end(arguments);
}

void buffer_consume(struct buffer *buffer, size_t count)
{
    if (count >= buffer->size) {
        buffer_truncate(buffer, 0);
        return;
    }
    if (count > 0) {
        memmove(buffer->data, buffer->data + count, buffer->size - count);
        buffer_truncate(buffer, buffer->size - count);
    }
}
