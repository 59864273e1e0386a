#include "check.h"

#include "smtp/enhanced_status.h"

static void codes_are_read(void **state)
{
    static const struct {
        const char *text;
        const char *status;
        size_t used;
    } cases[] = {
        {"5.1.1 No such user", "5.1.1", 6}, {"2.0.0", "2.0.0", 5},
        {"4.7.28 ", "4.7.28", 7},           {"5.999.999\tx", "5.999.999", 10},
        {"2.0.0  two blanks", "2.0.0", 6},  {"5.10.0 x", "5.10.0", 7},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct enhanced_status status;
        char text[ENHANCED_STATUS_TEXT_SIZE];
        size_t used;
        CHECK(cases[i].text, enhanced_status_parse(span_of_string(cases[i].text), &status, &used));
        check_string(cases[i].text, span_of_string(enhanced_status_format(status, text)), cases[i].status);
        check_number(cases[i].text, "used", used, cases[i].used);
        CHECK(cases[i].text, enhanced_status_parse(span_of_string(cases[i].text), &status, NULL));
    }
}

static void other_text_is_not_taken_for_a_code(void **state)
{
    static const char *const cases[] = {
        "",         "5",        "5.",        "5.1",      "5.1.",     "5.1.x",  "5.1.1x",
        "5.1.1.1",  "5.1.1,",   "5.1.1:",    "3.1.1",    "1.0.0",    "0.0.0",  "6.0.0",
        "55.1.1",   "5.1000.1", "5.1.1000",  "5.01.1",   "5.1.01",   "5.00.1", " 5.1.1",
        "#5.1.1 x", "-5.1.1",   "5.-1.1",    "5..1",     ".1.1",     "5,1,1",  "5.1.1\r",
        "10.1.1.1", "250 ok",   "5.1 .1 no", "5.1. 1 x", "\xe2\x82",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct enhanced_status status = {5, 5, 5};
        size_t used = 7;
        CHECK(cases[i], !enhanced_status_parse(span_of_string(cases[i]), &status, &used));
        CHECK(cases[i], enhanced_status_equal(status, (struct enhanced_status){0}));
        check_number(cases[i], "used", used, 0);
    }
}

static void the_code_may_fill_a_span_without_an_end(void **state)
{
    static const char octets[] = {'5', '.', '7', '.', '1', '2'};
    struct enhanced_status status;
    (void)state;
    assert_true(enhanced_status_parse(span_of(octets, 5), &status, NULL));
    assert_int_equal(status.detail, 1);
    assert_false(enhanced_status_parse(span_of(octets, 4), &status, NULL));
    assert_false(enhanced_status_parse(span_of(NULL, 0), &status, NULL));
}

static void no_code_is_written_as_nothing(void **state)
{
    char text[ENHANCED_STATUS_TEXT_SIZE] = "x";
    (void)state;
    assert_string_equal(enhanced_status_format((struct enhanced_status){0}, text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_read),
        cmocka_unit_test(other_text_is_not_taken_for_a_code),
        cmocka_unit_test(the_code_may_fill_a_span_without_an_end),
        cmocka_unit_test(no_code_is_written_as_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
