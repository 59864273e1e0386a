/* The codes that others' lists print, in tests/data/published-*.tsv: each row is
 * asked for as a user would, and must be known and tell the right cause. */

#include "base/buffer.h"
#include "check.h"
#include "diagnose/catalog.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

struct row {
    struct span system, code, enhanced, words, cause;
};

/** Columns may be empty. */
static struct span next_column(struct span *line)
{
    const char *tab = line->size ? memchr(line->at, '\t', line->size) : NULL;
    struct span column = span_first(*line, tab ? (size_t)(tab - line->at) : line->size);
    *line = span_skip(*line, column.size + 1);
    return span_trim(column);
}

static struct row read_row(struct span line)
{
    struct row row;
    row.system = next_column(&line);
    row.code = next_column(&line);
    row.enhanced = next_column(&line);
    row.words = next_column(&line);
    row.cause = next_column(&line);
    return row;
}

/** "5.7.1", and "X.7.1" for either class. */
static struct enhanced_status read_enhanced(struct span text, struct arena *arena)
{
    struct enhanced_status status;
    bool is_any = span_starts_with_nocase(text, "X.");
    if (is_any)
        text = span_of_string(arena_printf(arena, "5%.*s", SPAN_ARGS(span_skip(text, 1))));
    if (enhanced_status_parse(text, &status, NULL) && is_any)
        status.class = ENHANCED_CLASS_ANY;
    return status;
}

static int read_code(struct span text)
{
    unsigned long long number = 0;
    span_to_number(text, 599, &number);
    return (int)number;
}

static const struct explanation *explain(const struct row *row, struct arena *arena)
{
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    context.provider = arena_copy(arena, row->system).at;
    struct look_up look_up = {row->system, row->code, row->words};
    const struct explanation *found = catalog_look_up(&catalog_builtin, &look_up, &context, arena);
    if (found)
        return found;
    struct span words = row->words;
    struct reply reply = {.code = read_code(row->code),
                          .enhanced = read_enhanced(row->enhanced, arena),
                          .lines = &words,
                          .line_count = words.size > 0};
    return catalog_explain(&catalog_builtin, &reply, &context, arena);
}

static unsigned check_row(const char *file, unsigned line, const struct row *row)
{
    struct arena arena = ARENA_EMPTY;
    const struct explanation *explanation = explain(row, &arena);
    bool right = span_is(row->cause, cause_name(explanation->cause)) && explanation->known;
    if (!right)
        print_message("%s:%u: %s by %s where %.*s was expected\n", file, line, cause_name(explanation->cause),
                      explanation->rule, SPAN_ARGS(row->cause));
    arena_clear(&arena);
    return !right;
}

static unsigned check_file(const char *path, unsigned *rows)
{
    struct buffer text = BUFFER_EMPTY;
    unsigned number = 0, wrong = 0;
    size_t size;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while ((size = fread(buffer_room(&text, 65536), 1, 65536, file)) > 0)
        buffer_grown(&text, size);
    fclose(file);
    struct span rest = buffer_span(&text);
    while (rest.size > 0) {
        const char *end = memchr(rest.at, '\n', rest.size);
        struct span line = span_first(rest, end ? (size_t)(end - rest.at) : rest.size);
        rest = span_skip(rest, line.size + 1);
        number++;
        if (line.size == 0 || line.at[0] == '#' || span_starts_with(line, "system\t"))
            continue;
        struct row row = read_row(line);
        wrong += check_row(path, number, &row);
        ++*rows;
    }
    buffer_clear(&text);
    return wrong;
}

static void every_published_code_has_its_answer(void **state)
{
    (void)state;
    char pattern[4096];
    const char *root = getenv("top_srcdir");
    glob_t paths;
    unsigned wrong = 0, rows = 0;
    snprintf(pattern, sizeof pattern, "%s/tests/data/published-*.tsv", root ? root : ".");
    assert_int_equal(glob(pattern, 0, NULL, &paths), 0);
    for (size_t i = 0; i < paths.gl_pathc; i++)
        wrong += check_file(paths.gl_pathv[i], &rows);
    globfree(&paths);
    assert_int_not_equal(rows, 0);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_published_code_has_its_answer)};
    return cmocka_run_group_tests_name("published codes", tests, NULL, NULL);
}
