#include "diagnose/letters.h"

#include "base/printable.h"

#include <stdint.h>

/* U+00C0 to U+017F; "?" stands where a letter becomes two, or is none. */
static const char latin[] = "aaaaaa?ceeeeiiiidnooooo?ouuuuy??aaaaaa?ceeeeiiiidnooooo?ouuuuy?y"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii??jjkkkllllllllllnnnnnnnnn"
                            "oooooo??rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

enum {
    LATIN_FIRST = 0xc0,
    LATIN_LAST = 0x17f,
    COMBINING_FIRST = 0x300,
    COMBINING_LAST = 0x36f,
    COMMA_FIRST = 0x218, /* S and T with a comma below, as Romanian has them */
    COMMA_LAST = 0x21b,
};

static const char *latin_pair(unsigned character)
{
    switch (character) {
    case 0xc6:
    case 0xe6:
        return "ae";
    case 0xde:
    case 0xfe:
        return "th";
    case 0xdf:
        return "ss";
    case 0x132:
    case 0x133:
        return "ij";
    case 0x152:
    case 0x153:
        return "oe";
    default:
        return NULL;
    }
}

static int fold_latin(unsigned character, char folded[LETTER_SIZE])
{
    char plain = latin[character - LATIN_FIRST];
    const char *pair = latin_pair(character);
    if (plain == '?' && !pair)
        return -1;
    folded[0] = pair ? pair[0] : plain;
    if (pair)
        folded[1] = pair[1];
    return pair ? 2 : 1;
}

/** Ё and ё are written as е by most, ґ as г; the other capitals stand 0x20 or 0x50 before their small
 * letters. */
static unsigned fold_cyrillic(unsigned character)
{
    if (character == 0x401 || character == 0x451)
        return 0x435;
    if (character == 0x490 || character == 0x491)
        return 0x433;
    if (character >= 0x410 && character <= 0x42f)
        return character + 0x20;
    return character >= 0x400 && character <= 0x40f ? character + 0x50 : character;
}

/* U+0386 to U+03CE: the plain small letter behind U+0300, 0 where a letter stays as it is. */
static const uint8_t greek[] = {0xb1, 0,    0xb5, 0xb7, 0xb9, 0,    0xbf, 0,    0xc5, 0xc9, 0xb9, 0xb1, 0xb2,
                                0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf,
                                0xc0, 0xc1, 0,    0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xb9, 0xc5, 0xb1,
                                0xb5, 0xb7, 0xb9, 0xc5, 0,    0,    0,    0,    0,    0,    0,    0,    0,
                                0,    0,    0,    0,    0,    0,    0,    0,    0xc3, 0,    0,    0,    0,
                                0,    0,    0,    0xb9, 0xc5, 0xbf, 0xc5, 0xc9};

enum { GREEK_FIRST = 0x386, GREEK_LAST = GREEK_FIRST + sizeof greek - 1 };

static unsigned fold_greek(unsigned character)
{
    unsigned small = greek[character - GREEK_FIRST];
    return small ? 0x300 + small : character;
}

int letter_fold(unsigned character, char folded[LETTER_SIZE])
{
    if (character >= LATIN_FIRST && character <= LATIN_LAST)
        return fold_latin(character, folded);
    if (character >= COMBINING_FIRST && character <= COMBINING_LAST)
        return 0;
    if (character >= COMMA_FIRST && character <= COMMA_LAST) {
        folded[0] = character < COMMA_FIRST + 2 ? 's' : 't';
        return 1;
    }
    unsigned small = character >= GREEK_FIRST && character <= GREEK_LAST ? fold_greek(character)
                                                                         : fold_cyrillic(character);
    if (small == character)
        return -1;
    folded[0] = (char)(0xc0 | small >> 6);
    folded[1] = (char)(0x80 | (small & 0x3f));
    return 2;
}

struct span letters_fold(struct arena *arena, struct span text)
{
    char *copy = arena_allocate(arena, text.size + 1); /* no letter grows */
    size_t size = 0;
    while (text.size > 0) {
        unsigned character;
        char folded[LETTER_SIZE];
        size_t read = (unsigned char)text.at[0] < 0x80 ? 0 : printable_decode(text, &character);
        int written = read > 0 ? letter_fold(character, folded) : -1;
        if (written >= 0)
            memcpy(copy + size, folded, (size_t)written);
        for (size_t i = 0; written < 0 && i < (read ? read : 1); i++)
            copy[size + i] = ascii_lower(text.at[i]);
        read = read ? read : 1;
        size += written >= 0 ? (size_t)written : read;
        text = span_skip(text, read);
    }
    return span_of(copy, size);
}
