#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Codes one to three octets. */
static void encode_group(const unsigned char *octets, size_t size, char group[4])
{
    unsigned bits = (unsigned)octets[0] << 16;
    if (size > 1)
        bits |= (unsigned)octets[1] << 8;
    if (size > 2)
        bits |= octets[2];
    group[0] = alphabet[bits >> 18];
    group[1] = alphabet[bits >> 12 & 63];
    group[2] = size > 1 ? alphabet[bits >> 6 & 63] : '=';
    group[3] = size > 2 ? alphabet[bits & 63] : '=';
}

void base64_encode(struct span octets, struct buffer *out)
{
    while (octets.size > 0) {
        char group[4];
        struct span chunk = span_first(octets, 3);
        encode_group((const unsigned char *)chunk.at, chunk.size, group);
        buffer_add(out, span_of(group, sizeof group));
        octets = span_skip(octets, chunk.size);
    }
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/** How many '=' stand where a group of four may have them. */
static size_t padding_of(const char *group)
{
    if (group[3] != '=')
        return 0;
    return group[2] == '=' ? 2 : 1;
}

/** Only the last group may be padded; in it the bits that belong to no octet must be zero (RFC 4648 3.5). */
static bool decode_group(const char *group, bool is_last, struct buffer *out)
{
    size_t padding = is_last ? padding_of(group) : 0;
    unsigned bits = 0;
    for (size_t i = 0; i < 4 - padding; i++) {
        int value = value_of(group[i]);
        if (value < 0)
            return false;
        bits |= (unsigned)value << (18 - 6 * i);
    }
    if (bits & ((1u << 8 * padding) - 1))
        return false;
    const char octets[] = {(char)(bits >> 16), (char)(bits >> 8 & 255), (char)(bits & 255)};
    buffer_add(out, span_of(octets, 3 - padding));
    return true;
}

bool base64_decode(struct span text, struct buffer *out)
{
    size_t before = out->size;
    if (text.size % 4 != 0)
        return false;
    for (size_t i = 0; i < text.size; i += 4) {
        if (!decode_group(text.at + i, i + 4 == text.size, out)) {
            buffer_truncate(out, before);
            return false;
        }
    }
    return true;
}
