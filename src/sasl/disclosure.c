#include "sasl/disclosure.h"

/** Masks from `start` to the end. */
static bool mask_from(struct buffer *shown, struct span message, size_t start, const char *mask)
{
    buffer_add(shown, span_first(message, start));
    buffer_add_string(shown, mask);
    return true;
}

/** Masks what follows the second NUL of "authzid NUL user NUL password" (RFC 4616 2). */
static bool mask_plain(struct buffer *shown, struct span message, const char *mask)
{
    size_t start = 0;
    for (int nuls = 0; nuls < 2; start++) {
        if (start == message.size)
            return mask_from(shown, message, 0, mask);
        nuls += message.at[start] == '\0';
    }
    return mask_from(shown, message, start, mask);
}

/** Masks what follows the last `separator`; all if there is none. */
static bool mask_behind_last(struct buffer *shown, struct span message, char separator, const char *mask)
{
    size_t start = message.size;
    while (start > 0 && message.at[start - 1] != separator)
        start--;
    return mask_from(shown, message, start, mask);
}

/** Masks the value behind `key` up to a comma; all if the key is missing. */
static bool mask_value(struct buffer *shown, struct span message, const char *key, const char *mask)
{
    size_t length = strlen(key), start = 0;
    while (start < message.size && !span_starts_with(span_skip(message, start), key))
        start++;
    if (start == message.size)
        return mask_from(shown, message, 0, mask);
    mask_from(shown, message, start + length, mask);
    struct span rest = span_skip(message, start + length);
    const char *comma = memchr(rest.at, ',', rest.size);
    if (comma)
        buffer_add(shown, span_skip(rest, (size_t)(comma - rest.at)));
    return true;
}

static bool show_all(struct buffer *shown, struct span message)
{
    buffer_add(shown, message);
    return false;
}

bool disclosure_add(struct buffer *shown, const struct mechanism *mechanism, unsigned step,
                    struct span message, const char *mask)
{
    struct span name = span_of_string(mechanism->name);
    if (message.size == 0)
        return false;
    if (span_is(name, "PLAIN"))
        return mask_plain(shown, message, mask);
    if (span_is(name, "LOGIN"))
        return step == 1 ? show_all(shown, message) : mask_from(shown, message, 0, mask);
    if (span_is(name, "CRAM-MD5"))
        return mask_behind_last(shown, message, ' ', mask);
    if (span_is(name, "DIGEST-MD5"))
        return mask_value(shown, message, ",response=", mask);
    if (mechanism_is_scram(mechanism))
        return step == 1 ? show_all(shown, message) : mask_value(shown, message, ",p=", mask);
    if (mechanism->needs_password || mechanism->sends_password)
        return mask_from(shown, message, 0, mask);
    return show_all(shown, message);
}
