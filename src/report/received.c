#include "report/received.h"

#include "smtp/enhanced_status.h"

/** The text of a line; the enhanced code, which is put before each, is no part of what was folded. */
static struct span text_of(const struct reply *reply, struct span octets, size_t index)
{
    struct enhanced_status status;
    size_t used = 0;
    struct span line = received_line(reply, octets, index);
    if (!enhanced_status_parse(reply->lines[index], &status, &used))
        used = 0;
    return span_skip(line, used);
}

static void join(const struct reply *reply, struct span octets, struct span separator, struct buffer *joined)
{
    for (size_t i = 0; i < reply->line_count; i++) {
        if (i > 0)
            buffer_add(joined, separator);
        buffer_add(joined, text_of(reply, octets, i));
    }
}

static void take_apart(const struct reply *reply, char *octets, struct span separator, const char *joined)
{
    struct span all = span_of(octets, reply->raw.size);
    for (size_t i = 0; i < reply->line_count; i++) {
        struct span text = text_of(reply, all, i);
        joined += i > 0 ? separator.size : 0;
        memcpy(octets + (text.at - octets), joined, text.size);
        joined += text.size;
    }
}

static void mask_across_lines(const struct reply *reply, const struct secret_list *secrets,
                              struct span separator, char *octets)
{
    struct buffer joined = BUFFER_EMPTY;
    join(reply, span_of(octets, reply->raw.size), separator, &joined);
    if (joined.size > 0 && secret_list_mask(secrets, joined.data, joined.size))
        take_apart(reply, octets, separator, joined.data);
    buffer_wipe(&joined);
}

struct span received_masked(const struct reply *reply, const struct secret_list *secrets, struct arena *arena)
{
    if (!secrets || secrets->count == 0 || reply->raw.size == 0)
        return reply->raw;
    char *octets = arena_allocate(arena, reply->raw.size);
    memcpy(octets, reply->raw.at, reply->raw.size);
    secret_list_mask(secrets, octets, reply->raw.size);
    if (reply->line_count > 1) {
        mask_across_lines(reply, secrets, SPAN(""), octets);
        mask_across_lines(reply, secrets, SPAN(" "), octets); /* folded at a blank, which is gone */
    }
    return span_of(octets, reply->raw.size);
}

struct span received_line(const struct reply *reply, struct span masked, size_t index)
{
    struct span line = reply->lines[index];
    return span_of(masked.at + (line.at - reply->raw.at), line.size);
}
