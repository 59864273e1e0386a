#include "check.h"

#include "base/instant.h"

static void units(void **state)
{
    (void)state;
    assert_true(MICROSECONDS(1000) == MILLISECONDS(1));
    assert_true(MILLISECONDS(1000) == SECONDS(1));
    assert_true(SECONDS(60) == MINUTES(1));
    assert_true(SECONDS(1) == 1000000000);
    assert_true(MINUTES(60 * 24 * 365) > 0);
    assert_true(duration_in_seconds(MILLISECONDS(1500)) == 1.5);
}

static void deadlines(void **state)
{
    (void)state;
    assert_true(instant_after(100, 5) == 105);
    assert_true(instant_after(100, NEVER) == NEVER);
}

static void the_clock_does_not_go_back(void **state)
{
    (void)state;
    instant before = instant_now();
    assert_true(before > NEVER);
    for (int i = 0; i < 1000; i++) {
        instant now = instant_now();
        assert_true(now >= before);
        before = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units),
        cmocka_unit_test(deadlines),
        cmocka_unit_test(the_clock_does_not_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
