#include "catalog_under_test.h"

#include "catalog_files.h"
#include "check.h"

#include <stdlib.h>

void catalog_under_test_finish(struct catalog_under_test *test)
{
    struct error error = ERROR_NONE;
    if (!catalog_source_finish(&test->source, &error))
        fail_msg("%s", error.text);
    catalog_table_build(&test->table, &test->source, &test->arena);
    test->catalog = catalog_of_table(&test->table);
}

static struct catalog_under_test *new_state(void **state)
{
    struct catalog_under_test *test = calloc(1, sizeof *test);
    assert_non_null(test);
    *state = test;
    return test;
}

int catalog_under_test_of_text(void **state, const char *text)
{
    struct catalog_under_test *test = new_state(state);
    struct error error = ERROR_NONE;
    test->source = CATALOG_SOURCE_EMPTY(&test->arena);
    if (!catalog_source_read(&test->source, "text", span_of_string(text), &error))
        fail_msg("%s", error.text);
    catalog_under_test_finish(test);
    return 0;
}

int catalog_under_test_of_files(void **state)
{
    struct catalog_under_test *test = new_state(state);
    catalog_files_read(&test->source, &test->arena, false);
    catalog_under_test_finish(test);
    return 0;
}

int catalog_under_test_free(void **state)
{
    struct catalog_under_test *test = *state;
    arena_clear(&test->arena);
    free(test);
    return 0;
}
