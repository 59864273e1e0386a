/** Replies for tests, made from text by the real parser. */
#ifndef SUPPORT_REPLIES_H
#define SUPPORT_REPLIES_H

#include "base/buffer.h"
#include "smtp/reply.h"

/** The reply that the text is, lines parted by "\n"; it must be a whole and sound one. */
static inline const struct reply *reply_from(const char *text, struct arena *arena)
{
    struct buffer octets = BUFFER_EMPTY;
    for (; *text; text++)
        buffer_add_string(&octets, *text == '\n' ? "\r\n" : (char[]){*text, '\0'});
    buffer_add_string(&octets, "\r\n");
    struct reply_parser parser;
    reply_parser_init(&parser, arena);
    size_t consumed;
    const struct reply *reply = reply_parser_feed(&parser, buffer_span(&octets), &consumed, 0);
    buffer_clear(&octets);
    return reply;
}

#endif
