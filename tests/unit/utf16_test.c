#include "base/utf16.h"

#include "check.h"

/** Both orders, in every cut. */
static void check(struct span little, const char *expected)
{
    struct buffer swapped = BUFFER_EMPTY, out = BUFFER_EMPTY;
    for (size_t i = 0; i < little.size; i++) /* the last half of a unit stays where it is */
        buffer_add_char(&swapped, little.at[(i ^ 1) < little.size ? i ^ 1 : i]);
    for (size_t cut = 0; cut <= little.size; cut++)
        for (int is_big_endian = 0; is_big_endian < 2; is_big_endian++) {
            struct utf16 utf16 = is_big_endian ? UTF16_BIG_ENDIAN : UTF16_LITTLE_ENDIAN;
            struct span octets = is_big_endian ? buffer_span(&swapped) : little;
            buffer_truncate(&out, 0);
            utf16_add(&utf16, span_first(octets, cut), &out);
            utf16_add(&utf16, span_skip(octets, cut), &out);
            utf16_finish(&utf16, &out);
            utf16_finish(&utf16, &out); /* nothing is left */
            check_string("UTF-8", buffer_span(&out), expected);
        }
    buffer_clear(&swapped);
    buffer_clear(&out);
}

#define BAD "\xef\xbf\xbd"

static void characters_of_every_size(void **state)
{
    (void)state;
    check(SPAN(""), "");
    check(SPAN("a\0b\0\n\0"), "ab\n");
    check(SPAN("\x7f\0\x80\0\xff\x07"), "\x7f\xc2\x80\xdf\xbf");
    check(SPAN("\0\x08\xff\xd7\0\xe0\xff\xff"), "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf");
    check(SPAN("\0\xd8\0\xdc\xff\xdb\xff\xdf"), "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
    check(SPAN("\x3d\xd8\0\xdex\0"), "\xf0\x9f\x98\x80x");
}

static void halves_are_replaced(void **state)
{
    (void)state;
    check(SPAN("\x3d\xd8x\0"), BAD "x");
    check(SPAN("\0\xdex\0"), BAD "x");
    check(SPAN("\x3d\xd8\x3d\xd8\0\xde"), BAD "\xf0\x9f\x98\x80");
    check(SPAN("\x3d\xd8\0\xde\0\xde"), "\xf0\x9f\x98\x80" BAD);
    check(SPAN("a\0b"), "a" BAD);
    check(SPAN("a\0\x3d\xd8"), "a" BAD);
    check(SPAN("\x3d\xd8\0"), BAD BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_of_every_size),
        cmocka_unit_test(halves_are_replaced),
    };
    return cmocka_run_group_tests_name("utf16", tests, NULL, NULL);
}
