#include "check.h"

static void comparison(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal, equal_nocase;
    } cases[] = {
        {"", "", true, true},
        {"a", "a", true, true},
        {"a", "A", false, true},
        {"AUTH", "auth", false, true},
        {"a", "ab", false, false},
        {"", "a", false, false},
        {"[", "{", false, false}, /* 0x20 apart as letters are */
        {"@", "`", false, false},
        {"\xc3\xa9", "\xc3\x89", false, false}, /* only ASCII letters have a case */
        {"\xe9", "\xc9", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span a = span_of_string(cases[i].a), b = span_of_string(cases[i].b);
        check_number(cases[i].a, "equal", span_equal(a, b), cases[i].equal);
        check_number(cases[i].a, "equal_nocase", span_equal_nocase(a, b), cases[i].equal_nocase);
        check_number(cases[i].a, "is", span_is(a, cases[i].b), cases[i].equal);
        check_number(cases[i].a, "is_nocase", span_is_nocase(a, cases[i].b), cases[i].equal_nocase);
    }
    assert_false(span_equal(SPAN("a\0b"), SPAN("a\0c")));
    assert_true(span_equal(span_of(NULL, 0), SPAN("")));
}

static void beginnings_and_ends(void **state)
{
    (void)state;
    assert_true(span_starts_with(SPAN("SIZE 1"), "SIZE"));
    assert_true(span_starts_with(SPAN("SIZE"), ""));
    assert_false(span_starts_with(SPAN("size 1"), "SIZE"));
    assert_false(span_starts_with(SPAN("SIZ"), "SIZE"));
    assert_true(span_starts_with_nocase(SPAN("size 1"), "SIZE"));
    assert_false(span_starts_with_nocase(SPAN("siz"), "SIZE"));
    assert_true(span_ends_with_nocase(SPAN("mx.EXAMPLE.com"), ".example.COM"));
    assert_true(span_ends_with_nocase(SPAN("x"), ""));
    assert_false(span_ends_with_nocase(SPAN("example.com"), ".example.com"));
}

static void contents(void **state)
{
    (void)state;
    assert_true(span_contains_nocase(SPAN("user UNKNOWN here"), "unknown"));
    assert_true(span_contains_nocase(SPAN("unknown"), "unknown"));
    assert_true(span_contains_nocase(SPAN("uunknown"), "unknown"));
    assert_false(span_contains_nocase(SPAN("unknow"), "unknown"));
    assert_false(span_contains_nocase(SPAN(""), "x"));
    assert_true(span_contains_nocase(SPAN("a\0b"), "b"));
}

static void parts_stay_inside(void **state)
{
    struct span text = SPAN("abc");
    (void)state;
    check_string("skip", span_skip(text, 1), "bc");
    check_string("skip all", span_skip(text, 3), "");
    check_string("skip more", span_skip(text, 4), "");
    assert_ptr_equal(span_skip(text, 9).at, text.at + 3);
    check_string("first", span_first(text, 2), "ab");
    check_string("first, more", span_first(text, 4), "abc");
    assert_int_equal(span_skip(span_of(NULL, 0), 1).size, 0);
    assert_int_equal(span_of_string(NULL).size, 0);
}

static void trimming(void **state)
{
    (void)state;
    check_string("both ends", span_trim(SPAN(" \t a b\t ")), "a b");
    check_string("only blanks", span_trim(SPAN(" \t ")), "");
    check_string("nothing", span_trim(SPAN("")), "");
    check_string("line ends stay", span_trim(SPAN(" a\r\n")), "a\r\n");
}

static void tokens(void **state)
{
    struct span rest = SPAN("  a,b ,\t c "), token;
    (void)state;
    assert_true(span_next_token(&rest, " ,\t", &token));
    check_string("first", token, "a");
    assert_true(span_next_token(&rest, " ,\t", &token));
    check_string("second", token, "b");
    assert_true(span_next_token(&rest, " ,\t", &token));
    check_string("third", token, "c");
    assert_false(span_next_token(&rest, " ,\t", &token));
    assert_int_equal(token.size, 0);
    rest = SPAN("a\0b c"); /* the NUL that ends the separators is none of them */
    assert_true(span_next_token(&rest, " ", &token));
    assert_int_equal(token.size, 3);
}

static void numbers(void **state)
{
    static const struct {
        const char *text;
        unsigned long long maximum;
        bool ok;
        unsigned long long number;
    } cases[] = {
        {"0", 10, true, 0},
        {"10", 10, true, 10},
        {"010", 10, true, 10},
        {"11", 10, false, 0},
        {"20", 10, false, 0},
        {"7", 5, false, 0},
        {"0", 0, true, 0},
        {"1", 0, false, 0},
        {"65535", 65535, true, 65535},
        {"65536", 65535, false, 0},
        {"18446744073709551615", ~0ull, true, ~0ull},
        {"18446744073709551616", ~0ull, false, 0},
        {"28446744073709551615", ~0ull, false, 0},
        {"", 10, false, 0},
        {"-1", 10, false, 0},
        {"+1", 10, false, 0},
        {" 1", 10, false, 0},
        {"1 ", 10, false, 0},
        {"0x1", 10, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned long long number = 77;
        bool ok = span_to_number(span_of_string(cases[i].text), cases[i].maximum, &number);
        check_number(cases[i].text, "ok", ok, cases[i].ok);
        check_number(cases[i].text, "number", number, cases[i].ok ? cases[i].number : 77);
    }
}

static void ascii(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        char c = (char)i;
        bool lower = i >= 'a' && i <= 'z', upper = i >= 'A' && i <= 'Z';
        assert_int_equal(ascii_is_alpha(c), lower || upper);
        assert_int_equal(ascii_is_digit(c), i >= '0' && i <= '9');
        assert_int_equal(ascii_lower(c), upper ? (char)(i + 32) : c);
        assert_int_equal(ascii_upper(c), lower ? (char)(i - 32) : c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparison), cmocka_unit_test(beginnings_and_ends),
        cmocka_unit_test(contents),   cmocka_unit_test(parts_stay_inside),
        cmocka_unit_test(trimming),   cmocka_unit_test(tokens),
        cmocka_unit_test(numbers),    cmocka_unit_test(ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
