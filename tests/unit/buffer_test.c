#include "check.h"

#include "base/buffer.h"

static void adding(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    (void)state;
    assert_string_equal(buffer_string(&buffer), "");
    assert_int_equal(buffer_span(&buffer).size, 0);
    buffer_add(&buffer, SPAN("a\0b"));
    buffer_add_string(&buffer, "-c");
    buffer_add_char(&buffer, '\0');
    buffer_printf(&buffer, "%d%s", 42, "%");
    check_text("all", buffer_span(&buffer),
               SPAN("a\0b-c\0"
                    "42%"));
    assert_int_equal(buffer.data[buffer.size], '\0');
    buffer_add(&buffer, span_of(NULL, 0));
    assert_int_equal(buffer.size, 9);
    buffer_clear(&buffer);
    assert_null(buffer.data);
    buffer_add_string(&buffer, "again");
    assert_string_equal(buffer_string(&buffer), "again");
    buffer_wipe(&buffer);
    assert_int_equal(buffer.capacity, 0);
}

static void adding_nothing_gives_a_string(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    (void)state;
    buffer_add(&buffer, SPAN(""));
    assert_string_equal(buffer_string(&buffer), "");
    buffer_truncate(&buffer, 0);
    buffer_clear(&buffer);
}

static void growing_keeps_the_contents_and_the_end(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    (void)state;
    for (size_t i = 0; i < 100000; i++) {
        buffer_add_char(&buffer, (char)('a' + i % 26));
        assert_true(buffer.size < buffer.capacity);
        assert_int_equal(buffer.data[buffer.size], '\0');
    }
    for (size_t i = 0; i < buffer.size; i++)
        assert_int_equal(buffer.data[i], 'a' + i % 26);
    assert_true(buffer.capacity <= 4 * buffer.size);
    buffer_clear(&buffer);
}

static void long_formatted_text(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    (void)state;
    buffer_printf(&buffer, "%0500d", 7);
    assert_int_equal(buffer.size, 500);
    assert_int_equal(buffer.data[499], '7');
    buffer_clear(&buffer);
}

static void truncating_and_consuming(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    (void)state;
    buffer_consume(&buffer, 5);
    buffer_add_string(&buffer, "abcdef");
    buffer_truncate(&buffer, 9);
    assert_string_equal(buffer_string(&buffer), "abcdef");
    buffer_consume(&buffer, 0);
    buffer_consume(&buffer, 2);
    assert_string_equal(buffer_string(&buffer), "cdef");
    buffer_truncate(&buffer, 3);
    assert_string_equal(buffer_string(&buffer), "cde");
    buffer_consume(&buffer, 3);
    assert_string_equal(buffer_string(&buffer), "");
    buffer_add_string(&buffer, "x");
    buffer_consume(&buffer, 99);
    assert_int_equal(buffer.size, 0);
    buffer_clear(&buffer);
}

static void room_is_filled_by_the_caller(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    (void)state;
    buffer_add_string(&buffer, "a");
    memcpy(buffer_room(&buffer, 1000), "bcd", 3);
    assert_int_equal(buffer.size, 1);
    buffer_grown(&buffer, 2);
    assert_string_equal(buffer_string(&buffer), "abc");
    buffer_clear(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adding),
        cmocka_unit_test(adding_nothing_gives_a_string),
        cmocka_unit_test(growing_keeps_the_contents_and_the_end),
        cmocka_unit_test(long_formatted_text),
        cmocka_unit_test(truncating_and_consuming),
        cmocka_unit_test(room_is_filled_by_the_caller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
