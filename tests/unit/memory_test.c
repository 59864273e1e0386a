#include "check.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void memory_is_zeroed(void **state)
{
    (void)state;
    char *memory = memory_allocate(1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(memory[i], 0);
    memory = memory_resize(memory, 2000);
    memory[1999] = 'x';
    free(memory);
}

static void no_size_is_too_small(void **state)
{
    (void)state;
    void *memory = memory_allocate(0);
    assert_non_null(memory);
    memory = memory_resize(memory, 0);
    assert_non_null(memory);
    free(memory);
}

static void strings_are_copied(void **state)
{
    static const char text[] = "text";
    (void)state;
    char *copy = memory_copy_string(text);
    assert_string_equal(copy, text);
    assert_ptr_not_equal(copy, text);
    free(copy);
}

static void wiping_leaves_zeros(void **state)
{
    char secret[] = "xsecretx";
    (void)state;
    memory_wipe(secret + 1, 6);
    assert_memory_equal(secret, "x\0\0\0\0\0\0x", 9);
    memory_wipe(NULL, 0);
}

/** The address sanitizer would end the program by itself, before our code sees the failure. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/** Runs the function in a process of its own. @return its exit status; *text is what it wrote to stderr */
static int run_apart(void (*function)(void), char *text, size_t size)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        function();
        _exit(99);
    }
    close(ends[1]);
    FILE *output = fdopen(ends[0], "r");
    assert_non_null(output);
    text[fread(text, 1, size - 1, output)] = '\0';
    fclose(output);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/** The size is volatile lest the compiler see that it cannot be had. */
static void ask_for_too_much(void)
{
    size_t volatile too_much = SIZE_MAX / 4;
    memory_allocate(too_much);
}

static void being_out_of_memory_is_an_error_and_no_crash__invariant_19(void **state)
{
    char text[2000];
    (void)state;
    assert_int_equal(run_apart(ask_for_too_much, text, sizeof text), 1);
    assert_non_null(strstr(text, "*** smtpprobe: out of memory\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed),
        cmocka_unit_test(no_size_is_too_small),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(wiping_leaves_zeros),
        cmocka_unit_test(being_out_of_memory_is_an_error_and_no_crash__invariant_19),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
