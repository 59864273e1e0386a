#include "check.h"

#include "base/error.h"

static void the_text_and_the_status_are_set(void **state)
{
    struct error error = ERROR_NONE;
    (void)state;
    assert_string_equal(error.text, "");
    assert_false(error_set(&error, "no %s: %d", "file", 3));
    assert_string_equal(error.text, "no file: 3");
    assert_int_equal(error.exit_status, 1);
    assert_false(error_set_status(&error, 21, "%s", "%s"));
    assert_string_equal(error.text, "%s");
    assert_int_equal(error.exit_status, 21);
}

static void a_long_text_is_cut(void **state)
{
    struct error error;
    (void)state;
    assert_false(error_set(&error, "%05000d", 1));
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_and_the_status_are_set),
        cmocka_unit_test(a_long_text_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
