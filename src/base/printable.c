#include "base/printable.h"

struct range {
    unsigned first;
    unsigned last;
};

/* Characters that steer a terminal or the reader's eye instead of being seen:
 * with a bidirectional override a host name reads backwards (CVE-2021-42574). */
static const struct range unsafe[] = {
    {0x00, 0x1f}, {0x7f, 0x9f}, {0x061c, 0x061c}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069},
};

/* The combining marks of common scripts, zero-width characters, variation selectors. */
static const struct range zero_width[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x0300, 0x036f},   {0x0483, 0x0489}, {0x0591, 0x05bd},
    {0x0610, 0x061a}, {0x064b, 0x065f}, {0x06d6, 0x06dc},   {0x0941, 0x0948}, {0x0e34, 0x0e3a},
    {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},   {0x200b, 0x200f}, {0x2028, 0x202e},
    {0x2060, 0x206f}, {0x20d0, 0x20f0}, {0x302a, 0x302d},   {0x3099, 0x309a}, {0xfe00, 0xfe0f},
    {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0000, 0xe01ef},
};

/* East Asian wide and full-width characters (UAX 11), and emoji. */
static const struct range double_width[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x2614, 0x2615},   {0x2705, 0x2705},
    {0x274c, 0x274c},   {0x2b50, 0x2b50},   {0x2e80, 0x303e},   {0x3041, 0xa4c6},   {0xa960, 0xa97c},
    {0xac00, 0xd7a3},   {0xf900, 0xfad9},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6b},   {0xff01, 0xff60},
    {0xffe0, 0xffe6},   {0x16fe0, 0x1b2fb}, {0x1f300, 0x1f320}, {0x1f337, 0x1f37c}, {0x1f3a0, 0x1f3ca},
    {0x1f400, 0x1f43e}, {0x1f442, 0x1f4fc}, {0x1f5fb, 0x1f64f}, {0x1f680, 0x1f6c5}, {0x1f90c, 0x1f9ff},
    {0x20000, 0x3fffd},
};

#define IS_IN(ranges, character) is_in(ranges, sizeof(ranges) / sizeof *(ranges), character)

static bool is_in(const struct range *ranges, size_t count, unsigned character)
{
    for (size_t i = 0; i < count && ranges[i].first <= character; i++)
        if (character <= ranges[i].last)
            return true;
    return false;
}

/** Most text is printable ASCII, which needs no closer look. @return how much of it stands in front */
static size_t plain_size(struct span text)
{
    size_t size = 0;
    while (size < text.size && text.at[size] >= ' ' && text.at[size] <= '~')
        size++;
    return size;
}

/** How many octets a character takes whose first octet is this; 0 if none begins so. */
static size_t size_by_first(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

size_t printable_decode(struct span text, unsigned *character)
{
    static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (text.size == 0)
        return 0;
    unsigned char first = (unsigned char)text.at[0];
    size_t size = size_by_first(first);
    if (size == 0 || size > text.size)
        return 0;
    unsigned value = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        unsigned char next = (unsigned char)text.at[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (next & 0x3f);
    }
    if (value < smallest[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *character = value;
    return size;
}

/** The text with its secrets masked, in `copy` if there are secrets to look for. */
static struct span masked(struct span text, const struct secret_list *secrets, struct buffer *copy)
{
    if (!secrets || secrets->count == 0 || text.size == 0)
        return text;
    buffer_add(copy, text);
    secret_list_mask(secrets, copy->data, copy->size);
    return buffer_span(copy);
}

/** Adds the character or octet that begins the text, or all that is plain. @return the octets used */
static size_t add_safe(struct buffer *out, struct span text)
{
    unsigned character;
    size_t plain = plain_size(text);
    if (plain > 0) {
        buffer_add(out, span_first(text, plain));
        return plain;
    }
    size_t size = printable_decode(text, &character);
    if (size == 0 || (size == 1 && IS_IN(unsafe, character))) {
        buffer_printf(out, "\\x%02X", (unsigned)(unsigned char)text.at[0]);
        return 1;
    }
    if (IS_IN(unsafe, character))
        buffer_printf(out, "\\u{%04X}", character);
    else
        buffer_add(out, span_first(text, size));
    return size;
}

void printable_add(struct buffer *out, struct span text, const struct secret_list *secrets)
{
    struct buffer copy = BUFFER_EMPTY;
    struct span rest = masked(text, secrets, &copy);
    while (rest.size > 0)
        rest = span_skip(rest, add_safe(out, rest));
    buffer_wipe(&copy);
}

bool printable_add_utf8(struct buffer *out, struct span text, const struct secret_list *secrets)
{
    struct buffer copy = BUFFER_EMPTY;
    struct span rest = masked(text, secrets, &copy);
    bool replaced = false;
    while (rest.size > 0) {
        unsigned character;
        size_t plain = plain_size(rest), size = plain > 0 ? plain : printable_decode(rest, &character);
        buffer_add(out, size > 0 ? span_first(rest, size) : SPAN("\xef\xbf\xbd"));
        replaced |= size == 0;
        rest = span_skip(rest, size > 0 ? size : 1);
    }
    buffer_wipe(&copy);
    return replaced;
}

bool printable_is_utf8(struct span text)
{
    while (text.size > 0) {
        unsigned character;
        size_t plain = plain_size(text), size = plain > 0 ? plain : printable_decode(text, &character);
        if (size == 0)
            return false;
        text = span_skip(text, size);
    }
    return true;
}

size_t printable_columns(struct span text)
{
    size_t columns = 0;
    for (;;) {
        size_t plain = plain_size(text);
        columns += plain;
        text = span_skip(text, plain);
        if (text.size == 0)
            return columns;
        unsigned character = 0xfffd;
        size_t size = printable_decode(text, &character);
        columns += IS_IN(zero_width, character) ? 0 : IS_IN(double_width, character) ? 2 : 1;
        text = span_skip(text, size > 0 ? size : 1);
    }
}
