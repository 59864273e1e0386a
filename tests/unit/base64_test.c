#include "check.h"

#include "base/base64.h"

static void both_ways(void **state)
{
    const struct {
        struct span octets;
        const char *text;
    } cases[] = {
        /* RFC 4648 10 */
        {SPAN(""), ""},
        {SPAN("f"), "Zg=="},
        {SPAN("fo"), "Zm8="},
        {SPAN("foo"), "Zm9v"},
        {SPAN("foob"), "Zm9vYg=="},
        {SPAN("fooba"), "Zm9vYmE="},
        {SPAN("foobar"), "Zm9vYmFy"},
        {SPAN("\0user\0pass"), "AHVzZXIAcGFzcw=="},
        {SPAN("\xff\xff\xff"), "////"},
        {SPAN("\xfb\xef\xbe"), "++++"},
        {SPAN("\xff"), "/w=="},
        {SPAN("\0\0\0\0"), "AAAAAA=="},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        buffer_add_string(&out, "before:");
        base64_encode(cases[i].octets, &out);
        check_string(cases[i].text, span_skip(buffer_span(&out), 7), cases[i].text);
        buffer_truncate(&out, 7);
        CHECK(cases[i].text, base64_decode(span_of_string(cases[i].text), &out));
        check_text(cases[i].text, span_skip(buffer_span(&out), 7), cases[i].octets);
        check_string(cases[i].text, span_first(buffer_span(&out), 7), "before:");
        buffer_clear(&out);
    }
}

static void every_octet_both_ways(void **state)
{
    struct buffer octets = BUFFER_EMPTY, text = BUFFER_EMPTY, again = BUFFER_EMPTY;
    (void)state;
    for (int i = 0; i < 256; i++)
        buffer_add_char(&octets, (char)i);
    base64_encode(buffer_span(&octets), &text);
    assert_true(base64_decode(buffer_span(&text), &again));
    check_text("all octets", buffer_span(&again), buffer_span(&octets));
    buffer_clear(&octets);
    buffer_clear(&text);
    buffer_clear(&again);
}

static void only_strict_base64_is_decoded__invariant_13(void **state)
{
    const struct {
        const char *name;
        struct span text;
    } cases[] = {
        {"a group cut short", span_first(SPAN("Zm9vZm9v"), 6)},
        {"padding lacks", SPAN("Zg")},
        {"half of it lacks", SPAN("Zg=")},
        {"one character", SPAN("Z")},
        {"three pads", SPAN("Z===")},
        {"only pads", SPAN("====")},
        {"a pad too many", SPAN("Zm9v=")},
        {"a group of pads", SPAN("Zm9v====")},
        {"pad in the middle", SPAN("Zg==Zg==")},
        {"pad within a group", SPAN("Z=g=")},
        {"pad before the end", SPAN("Zm=v")},
        {"stray bits, one pad", SPAN("Zm9=")},
        {"stray bits, two pads", SPAN("Zh==")},
        {"line end", SPAN("Zm9v\r\n")},
        {"line end within", SPAN("Zm\n9")},
        {"blank", SPAN("Zm9v Zm9")},
        {"URL alphabet", SPAN("-_-_")},
        {"NUL", SPAN("Zm9\0")},
        {"8 bit", SPAN("Zm9\xff")},
        {"good, then bad", SPAN("Zm9vZm9v!!!!")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        buffer_add_string(&out, "before");
        CHECK(cases[i].name, !base64_decode(cases[i].text, &out));
        check_string(cases[i].name, buffer_span(&out), "before");
        buffer_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(every_octet_both_ways),
        cmocka_unit_test(only_strict_base64_is_decoded__invariant_13),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
