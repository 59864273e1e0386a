#include "base/utf16.h"

enum { REPLACEMENT = 0xfffd };

/** @return octets written: up to 4 */
static size_t put_character(char *at, unsigned character)
{
    size_t size = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size - 1; i > 0; i--) {
        at[i] = (char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    at[0] = (char)(lead[size] | character);
    return size;
}

/** @return octets written: up to 6, if half a pair stands in front of another character */
static size_t put_unit(struct utf16 *utf16, char *at, unsigned unit)
{
    unsigned high = utf16->high;
    bool is_low = unit >= 0xdc00 && unit <= 0xdfff, is_high = unit >= 0xd800 && unit <= 0xdbff;
    utf16->high = is_high ? unit : 0;
    if (high && is_low)
        return put_character(at, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
    size_t size = high ? put_character(at, REPLACEMENT) : 0;
    if (!is_high)
        size += put_character(at + size, is_low ? REPLACEMENT : unit);
    return size;
}

static unsigned unit_of(const struct utf16 *utf16, unsigned char first, unsigned char second)
{
    return utf16->is_big_endian ? (unsigned)first << 8 | second : (unsigned)second << 8 | first;
}

void utf16_add(struct utf16 *utf16, struct span octets, struct buffer *out)
{
    /* three octets for each unit, and for half a pair that came before */
    char *room = buffer_room(out, (octets.size / 2 + 1) * 3 + 3);
    size_t size = 0;
    for (size_t i = 0; i < octets.size; i++) {
        unsigned char octet = (unsigned char)octets.at[i];
        if (utf16->has_octet)
            size += put_unit(utf16, room + size, unit_of(utf16, utf16->octet, octet));
        utf16->octet = octet;
        utf16->has_octet = !utf16->has_octet;
    }
    buffer_grown(out, size);
}

void utf16_finish(struct utf16 *utf16, struct buffer *out)
{
    if (utf16->high)
        buffer_grown(out, put_character(buffer_room(out, 3), REPLACEMENT));
    if (utf16->has_octet)
        buffer_grown(out, put_character(buffer_room(out, 3), REPLACEMENT));
    utf16->high = 0;
    utf16->has_octet = false;
}
