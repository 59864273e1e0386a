#include "check.h"

#include "base/arena.h"

static bool is_zero(const char *octets, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 8, 16, 33, 1000, 16000, 16384, 100000, 1, 3};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    struct arena arena = ARENA_EMPTY;
    char *given[COUNT];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        given[i] = arena_allocate(&arena, sizes[i]);
        assert_non_null(given[i]);
        assert_int_equal((uintptr_t)given[i] % _Alignof(max_align_t), 0);
        assert_true(is_zero(given[i], sizes[i]));
        memset(given[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(given[i][j], i + 1);
    arena_clear(&arena);
    assert_null(arena.blocks);
}

static void an_arena_may_be_used_again(void **state)
{
    struct arena arena = ARENA_EMPTY;
    (void)state;
    arena_clear(&arena);
    memset(arena_allocate(&arena, 100), 1, 100);
    arena_clear(&arena);
    assert_true(is_zero(arena_allocate(&arena, 100), 100));
    arena_clear(&arena);
}

static void copies(void **state)
{
    struct arena arena = ARENA_EMPTY;
    (void)state;
    struct span copy = arena_copy(&arena, SPAN("a\0b"));
    check_text("span", copy, SPAN("a\0b"));
    assert_int_equal(copy.at[3], '\0');
    assert_string_equal(arena_copy(&arena, span_of(NULL, 0)).at, "");
    assert_string_equal(arena_copy_string(&arena, "text"), "text");
    assert_string_equal(arena_printf(&arena, "%s-%d", "x", 5), "x-5");
    assert_int_equal(strlen(arena_printf(&arena, "%020000d", 5)), 20000);
    arena_clear(&arena);
}

static void arrays_grow_and_old_ones_stay_readable(void **state)
{
    struct arena arena = ARENA_EMPTY;
    int *numbers = NULL, *old = NULL;
    size_t capacity = 0;
    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        numbers = arena_grow(&arena, numbers, i, &capacity, sizeof *numbers);
        assert_true(i < capacity);
        numbers[i] = (int)i;
        if (i == 5)
            old = numbers;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    assert_ptr_not_equal(old, numbers);
    assert_int_equal(old[5], 5);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(an_arena_may_be_used_again),
        cmocka_unit_test(copies),
        cmocka_unit_test(arrays_grow_and_old_ones_stay_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
