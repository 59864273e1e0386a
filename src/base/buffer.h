/**
 * A growing run of octets. Always NUL-terminated behind its size, so that text
 * known to hold no NUL can be used as a C string.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/span.h"

#include <stdarg.h>

struct buffer {
    char *data; /* NULL until something was added */
    size_t size;
    size_t capacity;
};

#define BUFFER_EMPTY ((struct buffer){NULL, 0, 0})

/** Releases the memory; the buffer is then empty and may be used again. */
void buffer_clear(struct buffer *);

/** The same for a buffer that held a secret: overwrites all of its memory first. */
void buffer_wipe(struct buffer *);

/** Cuts the contents down to `size` octets, if there are more, and keeps the memory. */
static inline void buffer_truncate(struct buffer *buffer, size_t size)
{
    if (size < buffer->size) {
        buffer->size = size;
        buffer->data[size] = '\0';
    }
}

void buffer_add(struct buffer *, struct span);
void buffer_add_string(struct buffer *, const char *);
void buffer_add_char(struct buffer *, char);
__attribute__((format(printf, 2, 3))) void buffer_printf(struct buffer *, const char *format, ...);
__attribute__((format(printf, 2, 0))) void buffer_vprintf(struct buffer *, const char *format, va_list);

/** Room for `size` more octets behind the contents, to be filled and then counted with buffer_grown(). */
char *buffer_room(struct buffer *, size_t size);
void buffer_grown(struct buffer *, size_t size);

/** Drops the first `count` octets. */
void buffer_consume(struct buffer *, size_t count);

/** The contents; valid until the buffer changes. */
static inline struct span buffer_span(const struct buffer *buffer)
{
    return (struct span){buffer->data, buffer->size};
}

/** The contents as a C string, never NULL; valid until the buffer changes. */
static inline const char *buffer_string(const struct buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}

#endif
