#include "check.h"

#include "base/timestamp.h"

static void times(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        time_t time;
        const char *expected;
    } cases[] = {
        {"the epoch", 0, "1970-01-01T00:00:00Z"},
        {"a second before it", -1, "1969-12-31T23:59:59Z"},
        {"the day that a leap year adds", 1709210096, "2024-02-29T12:34:56Z"},
        {"beyond 32 bits", 4294967296, "2106-02-07T06:28:16Z"},
        {"a year of three digits", -31557600000, "0969-12-24T00:00:00Z"},
        {"the first that can be written", -62167219200, "0000-01-01T00:00:00Z"},
        {"one before it", -62167219201, "0000-01-01T00:00:00Z"},
        {"RFC 5280: no expiry", 253402300799, "9999-12-31T23:59:59Z"},
        {"one after it", 253402300800, "9999-12-31T23:59:59Z"},
        {"no year fits an int", INT64_MAX, "9999-12-31T23:59:59Z"},
        {"nor here", INT64_MIN, "0000-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[TIMESTAMP_SIZE];
        check_string(cases[i].name, span_of_string(timestamp_format(cases[i].time, text)), cases[i].expected);
    }
}

static void dates(void **state)
{
    (void)state;
    char text[TIMESTAMP_SIZE];
    assert_string_equal(timestamp_format_date(1709210096, text), "2024-02-29");
    assert_string_equal(timestamp_format_date(INT64_MAX, text), "9999-12-31");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times),
        cmocka_unit_test(dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
