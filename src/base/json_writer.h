/**
 * JSON written as it comes, for documents of which there are many: no tree is
 * made of them first. What is written looks as from json_write(): one line, ASCII
 * only, texts valid and masked.
 *
 *     json_writer_begin(&writer, '{');
 *     json_writer_key(&writer, "lines");
 *     json_writer_begin(&writer, '[');
 *     json_writer_text(&writer, line);
 *     json_writer_end(&writer, ']');
 *     json_writer_end(&writer, '}');
 */
#ifndef BASE_JSON_WRITER_H
#define BASE_JSON_WRITER_H

#include "base/buffer.h"
#include "base/secret.h"

struct json_writer {
    struct buffer out;                 /* what was written; the caller may take it and go on */
    const struct secret_list *secrets; /* masked in json_writer_text(); may be NULL */
    bool wants_comma;                  /* a value stands in front */
};

#define JSON_WRITER_EMPTY ((struct json_writer){.out = BUFFER_EMPTY})

/** Releases the memory; the writer may be used again. */
void json_writer_clear(struct json_writer *);

/** @param bracket `{` or `[` */
void json_writer_begin(struct json_writer *, char bracket);

/** @param bracket `}` or `]` */
void json_writer_end(struct json_writer *, char bracket);

/** The name of the member whose value comes next. @param key one of ours: it needs no escapes */
void json_writer_key(struct json_writer *, const char *key);

/** A string of octets from outside: each that is not UTF-8 becomes U+FFFD. */
void json_writer_text(struct json_writer *, struct span);

/** A string that holds no secret, or null for NULL. */
void json_writer_own_text(struct json_writer *, const char *);

/** A member with such a value. */
void json_writer_own_member(struct json_writer *, const char *key, const char *text);

void json_writer_number(struct json_writer *, long long);

/** @param literal true, false or null */
void json_writer_literal(struct json_writer *, const char *literal);

#endif
