#include "check.h"

#include "base/printable.h"

static void text_for_a_terminal_is_inert__invariant_10(void **state)
{
    const struct {
        const char *name;
        struct span text;
        const char *shown;
    } cases[] = {
        {"nothing", SPAN(""), ""},
        {"ASCII", SPAN("250 Ok ~!"), "250 Ok ~!"},
        {"backslash stays", SPAN("a\\x1B"), "a\\x1B"},
        {"tab", SPAN("a\tb"), "a\\x09b"},
        {"line ends", SPAN("a\r\nb"), "a\\x0D\\x0Ab"},
        {"NUL", SPAN("a\0b"), "a\\x00b"},
        {"escape", SPAN("\x1b[2J"), "\\x1B[2J"},
        {"DEL", SPAN("\x7f"), "\\x7F"},
        {"raw C1",
         SPAN("\x9b"
              "31m"),
         "\\x9B31m"},
        {"C1 in UTF-8",
         SPAN("\xc2\x9b"
              "31m"),
         "\\u{009B}31m"},
        {"first and last C1", SPAN("\xc2\x80\xc2\x9f\xc2\xa0"), "\\u{0080}\\u{009F}\xc2\xa0"},
        {"letters", SPAN("\xc3\xa4\xe2\x82\xac\xf0\x9f\x91\x8d"), "\xc3\xa4\xe2\x82\xac\xf0\x9f\x91\x8d"},
        {"line and paragraph separator", SPAN("\xe2\x80\xa8\xe2\x80\xa9"), "\\u{2028}\\u{2029}"},
        {"right-to-left override", SPAN("moc\xe2\x80\xae.x"), "moc\\u{202E}.x"},
        {"Arabic letter mark", SPAN("\xd8\x9c"), "\\u{061C}"},
        {"marks of direction", SPAN("\xe2\x80\x8e\xe2\x80\x8f"), "\\u{200E}\\u{200F}"},
        {"isolates", SPAN("\xe2\x81\xa6\xe2\x81\xa9"), "\\u{2066}\\u{2069}"},
        {"their neighbours stay", SPAN("\xe2\x80\x8d\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa"),
         "\xe2\x80\x8d\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa"},
        {"lone continuation", SPAN("a\x80"), "a\\x80"},
        {"Latin 1", SPAN("f\xfcr"), "f\\xFCr"},
        {"cut short", SPAN("\xe2\x82"), "\\xE2\\x82"},
        {"overlong NUL", SPAN("\xc0\x80"), "\\xC0\\x80"},
        {"overlong slash", SPAN("\xe0\x80\xaf"), "\\xE0\\x80\\xAF"},
        {"overlong escape", SPAN("\xc0\x9b"), "\\xC0\\x9B"},
        {"surrogate", SPAN("\xed\xa0\x80"), "\\xED\\xA0\\x80"},
        {"beyond U+10FFFF", SPAN("\xf4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80"},
        {"five octets", SPAN("\xf8\x88\x80\x80\x80"), "\\xF8\\x88\\x80\\x80\\x80"},
        {"a letter behind a broken one", SPAN("\xe2\xc3\xa4"), "\\xE2\xc3\xa4"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        buffer_add_string(&out, ">");
        printable_add(&out, cases[i].text, NULL);
        check_string(cases[i].name, span_skip(buffer_span(&out), 1), cases[i].shown);
        CHECK(cases[i].name, printable_is_utf8(buffer_span(&out)));
        buffer_clear(&out);
    }
}

static void nothing_is_read_beyond_the_end(void **state)
{
    unsigned character;
    struct span euro = SPAN("\xe2\x82\xac");
    (void)state;
    for (size_t size = 0; size < euro.size; size++)
        assert_int_equal(printable_decode(span_first(euro, size), &character), 0);
    assert_int_equal(printable_decode(euro, &character), 3);
}

/** What INVARIANTS 10 forbids, in words of its own and not those of the code. */
static bool is_forbidden(unsigned c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f || c == 0x2028 ||
           c == 0x2029 || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static size_t encode(unsigned c, char *octets)
{
    if (c < 0x80) {
        octets[0] = (char)c;
        return 1;
    }
    size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; c >>= 6)
        octets[i] = (char)(0x80 | (c & 0x3f));
    octets[0] = (char)(c | (0xf00u >> size & 0xffu));
    return size;
}

static void every_character_is_shown_or_escaped__invariant_10(void **state)
{
    (void)state;
    for (unsigned c = 0; c <= 0x110000; c++) {
        char octets[4];
        unsigned decoded = 0;
        struct buffer out = BUFFER_EMPTY;
        struct span text = span_of(octets, encode(c, octets));
        bool exists = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
        assert_int_equal(printable_decode(text, &decoded), exists ? text.size : 0);
        assert_int_equal(printable_is_utf8(text), exists);
        assert_int_equal(decoded, exists ? c : 0);
        printable_add(&out, text, NULL);
        bool unchanged = span_equal(buffer_span(&out), text);
        assert_int_equal(unchanged, exists && !is_forbidden(c));
        for (size_t i = 0; !unchanged && i < out.size; i++)
            assert_in_range(out.data[i], ' ', '~');
        buffer_clear(&out);
    }
}

static void text_for_a_document_is_utf8__invariant_10(void **state)
{
    const struct {
        const char *name;
        struct span text;
        struct span result;
        bool replaced;
    } cases[] = {
        {"nothing", SPAN(""), SPAN(""), false},
        {"controls stay", SPAN("a\0\x1b\r\n"), SPAN("a\0\x1b\r\n"), false},
        {"UTF-8 stays", SPAN("\xc3\xa4\xe2\x80\xae"), SPAN("\xc3\xa4\xe2\x80\xae"), false},
        {"Latin 1", SPAN("f\xfcr"), SPAN("f\xef\xbf\xbdr"), true},
        {"surrogate", SPAN("\xed\xa0\x80"), SPAN("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"), true},
        {"cut short", SPAN("a\xe2\x82"), SPAN("a\xef\xbf\xbd\xef\xbf\xbd"), true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        bool replaced = printable_add_utf8(&out, cases[i].text, NULL);
        check_text(cases[i].name, buffer_span(&out), cases[i].result);
        check_number(cases[i].name, "replaced", replaced, cases[i].replaced);
        buffer_clear(&out);
    }
}

static void secrets_are_masked_before_all_else__invariant_6(void **state)
{
    struct secret_list secrets = SECRET_LIST_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    static const char given[] = "you said pass\tword\xff!";
    (void)state;
    secret_list_add(&secrets, SPAN("pass\tword\xff"));
    printable_add(&out, span_of_string(given), &secrets);
    assert_string_equal(buffer_string(&out), "you said **********!");
    assert_string_equal(given, "you said pass\tword\xff!");
    buffer_truncate(&out, 0);
    assert_false(printable_add_utf8(&out, span_of_string(given), &secrets));
    assert_string_equal(buffer_string(&out), "you said **********!");
    buffer_truncate(&out, 0);
    printable_add(&out, span_of(NULL, 0), &secrets);
    assert_int_equal(out.size, 0);
    buffer_clear(&out);
    secret_list_clear(&secrets);
}

static void columns(void **state)
{
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {
        {"", 0},
        {"mail", 4},
        {"gr\xc3\xbc\xc3\x9f", 4},
        {"e\xcc\x81", 1},                /* combining acute */
        {"\xe6\x97\xa5\xe6\x9c\xac", 4}, /* two ideographs */
        {"\xef\xbc\xa1", 2},             /* full-width A */
        {"\xea\xb0\x80", 2},             /* Hangul */
        {"\xe3\x81\x8b\xe3\x82\x99", 2}, /* kana with a combining mark */
        {"\xf0\x9f\x91\x8d", 2},         /* emoji */
        {"a\xe2\x80\x8b\x62", 2},        /* zero-width space */
        {"\xff\xfe", 2},                 /* no characters: one each */
        {"a\x01", 1},
        {"\xce\xbb\xd0\xb6\xe2\x86\x92\xe2\x9c\x93", 4},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_number(cases[i].text, "columns", printable_columns(span_of_string(cases[i].text)),
                     cases[i].columns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_for_a_terminal_is_inert__invariant_10),
        cmocka_unit_test(nothing_is_read_beyond_the_end),
        cmocka_unit_test(every_character_is_shown_or_escaped__invariant_10),
        cmocka_unit_test(text_for_a_document_is_utf8__invariant_10),
        cmocka_unit_test(secrets_are_masked_before_all_else__invariant_6),
        cmocka_unit_test(columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
