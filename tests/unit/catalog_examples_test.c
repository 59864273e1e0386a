/* What holds of every example of every rule in data/catalog/. */

#include "catalog_files.h"
#include "catalog_under_test.h"
#include "check.h"
#include "diagnose/catalog_check.h"
#include "diagnose/catalog_match.h"

typedef void example_check(const struct catalog_under_test *, const struct source_rule *,
                           const struct source_example *, struct arena *);

/** Each with an arena of its own. */
static void for_each_example(const struct catalog_under_test *test, example_check *check)
{
    for (size_t i = 0; i < test->source.count; i++)
        for (size_t k = 0; k < test->source.rules[i]->examples.count; k++) {
            struct arena arena = ARENA_EMPTY;
            check(test, test->source.rules[i], &test->source.rules[i]->examples.at[k], &arena);
            arena_clear(&arena);
        }
}

static bool is_look_up(const struct source_rule *rule)
{
    return rule->layer == CATALOG_LAYER_LOOK_UP;
}

static const struct explanation *explain(const struct source_rule *rule, const struct source_example *example,
                                         const struct span *lines, size_t count, struct arena *arena)
{
    struct span *own = ARENA_ARRAY(arena, struct span, count);
    memcpy(own, lines, count * sizeof *lines);
    struct reply reply = {.code = example->code, .lines = own, .line_count = count};
    struct explain_context context = catalog_example_context(rule, example, arena);
    return catalog_explain(&catalog_builtin, &reply, &context, arena);
}

/* Texts */

/** Braces are left by places that nothing filled. */
static void check_text_is_filled(const struct explanation *explanation, const char *text)
{
    for (const char *open = strchr(text, '{'); open; open = strchr(open + 1, '{')) {
        const char *close = strchr(open, '}');
        if (close && close > open + 1 &&
            strspn(open + 1, "abcdefghijklmnopqrstuvwxyz_") == (size_t)(close - open - 1))
            fail_msg("%s leaves a place unfilled: %s", explanation->rule, text);
    }
}

static void check_texts(const struct explanation *explanation)
{
    bool is_refusal = explanation->cause != CAUSE_OK && explanation->cause != CAUSE_INTERMEDIATE;
    CHECK(explanation->rule,
          strlen(explanation->title) > 0 && strlen(explanation->title) <= CATALOG_TITLE_LIMIT);
    CHECK(explanation->rule,
          strlen(explanation->meaning) > 0 && strlen(explanation->meaning) <= CATALOG_MEANING_LIMIT);
    CHECK(explanation->rule, explanation->advice_count > 0 || !is_refusal);
    check_text_is_filled(explanation, explanation->title);
    check_text_is_filled(explanation, explanation->meaning);
    for (size_t i = 0; i < explanation->advice_count; i++)
        check_text_is_filled(explanation, explanation->advice[i]);
    for (size_t i = 0; i < explanation->remark_count; i++)
        check_text_is_filled(explanation, explanation->remarks[i]);
    for (size_t i = 0; i < explanation->link_count; i++)
        check_text_is_filled(explanation, explanation->links[i]);
}

static void every_place_of_every_text_is_filled(void **state)
{
    (void)state;
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct rule_summary rule;
    while (catalog_next_rule(&catalog_builtin, &cursor, &rule)) {
        struct arena arena = ARENA_EMPTY;
        const struct explanation *explanation =
            catalog_explain_rule(&catalog_builtin, span_of_string(rule.id), &EXPLAIN_CONTEXT_NONE, &arena);
        assert_non_null(explanation);
        check_texts(explanation);
        arena_clear(&arena);
    }
}

/* Examples */

static void check_is(const struct source_rule *rule, const struct explanation *explanation)
{
    check_texts(explanation);
    if (!span_is(rule->id, explanation->rule))
        fail_msg("an example of %.*s reaches %s", SPAN_ARGS(rule->id), explanation->rule);
}

static void check_example(const struct catalog_under_test *test, const struct source_rule *rule,
                          const struct source_example *example, struct arena *arena)
{
    (void)test;
    struct look_up look_up;
    if (!is_look_up(rule)) {
        check_is(rule, explain(rule, example, &example->text, 1, arena));
        return;
    }
    assert_true(catalog_look_up_parse(&catalog_builtin, example->text, &look_up));
    const struct explanation *explanation =
        catalog_look_up(&catalog_builtin, &look_up, &EXPLAIN_CONTEXT_NONE, arena);
    assert_non_null(explanation);
    check_is(rule, explanation);
}

static void every_example_reaches_its_rule_in_the_program(void **state)
{
    for_each_example(*state, check_example);
}

/** The same decision, without the texts. */
static void check_found(const struct catalog_under_test *test, const struct source_rule *rule,
                        const struct source_example *example, struct arena *arena)
{
    (void)test;
    if (is_look_up(rule))
        return;
    struct span line = example->text;
    struct reply reply = {.code = example->code, .lines = &line, .line_count = 1};
    struct explain_context context = catalog_example_context(rule, example, arena);
    struct catalog_answer answer;
    const struct explanation *explanation = catalog_explain(&catalog_builtin, &reply, &context, arena);
    catalog_find(&catalog_builtin, &reply, &context, arena, &answer);
    assert_string_equal(answer.rule, explanation->rule);
    assert_string_equal(answer.title, explanation->title);
    assert_int_equal(answer.cause, explanation->cause);
    assert_int_equal(answer.confidence, explanation->confidence);
    assert_int_equal(answer.known, explanation->known);
    assert_ptr_equal(answer.provider, explanation->provider);
}

static void finding_and_explaining_agree(void **state)
{
    for_each_example(*state, check_found);
}

/* A relay may put the lines of a reply into one, codes and all; a server may break them anywhere */

enum { LINES_ROOM = 200 };

/** Breaks the text behind the blank that stands before each `width` octets; not before what looks like a
 * code. */
static size_t wrap(struct span text, size_t width, struct span lines[LINES_ROOM])
{
    size_t count = 0;
    while (text.size > width && count + 1 < LINES_ROOM) {
        size_t at = width;
        while (at > 0 && (text.at[at] != ' ' || text.at[at + 1] == '4' || text.at[at + 1] == '5'))
            at--;
        if (at == 0)
            break;
        lines[count++] = span_first(text, at);
        text = span_skip(text, at + 1);
    }
    lines[count++] = text;
    return count;
}

static struct span flatten(int code, const struct span *lines, size_t count, struct arena *arena)
{
    char *flat = arena_printf(arena, "%.*s", SPAN_ARGS(lines[0]));
    for (size_t i = 1; i < count; i++)
        flat = arena_printf(arena, "%s %d-%.*s", flat, code, SPAN_ARGS(lines[i]));
    return span_of_string(flat);
}

static void check_wrapped(const struct catalog_under_test *test, const struct source_rule *rule,
                          const struct source_example *example, struct arena *arena)
{
    static const size_t widths[] = {20, 35, 60, 76};
    (void)test;
    for (size_t i = 0; i < sizeof widths / sizeof *widths && !is_look_up(rule); i++) {
        struct span lines[LINES_ROOM];
        size_t count = wrap(example->text, widths[i], lines);
        if (count == 1)
            continue;
        check_is(rule, explain(rule, example, lines, count, arena));
        struct span flat = flatten(example->code, lines, count, arena);
        if (example->code)
            check_is(rule, explain(rule, example, &flat, 1, arena));
    }
}

static void wrapped_and_flattened_replies_reach_the_same_rule(void **state)
{
    for_each_example(*state, check_wrapped);
}

/* Order */

static const char *rule_reached(const struct catalog *catalog, const struct reply *reply,
                                const struct explain_context *context, struct arena *arena)
{
    struct catalog_answer answer;
    catalog_find(catalog, reply, context, arena, &answer);
    return answer.rule;
}

static void compare_answers(const struct catalog_under_test *test, const struct catalog *other)
{
    for (size_t i = 0; i < test->source.count; i++)
        for (size_t k = 0; k < test->source.rules[i]->examples.count; k++) {
            struct arena arena = ARENA_EMPTY;
            struct source_example *example = &test->source.rules[i]->examples.at[k];
            struct reply reply = {.code = example->code, .lines = &example->text, .line_count = 1};
            struct explain_context context = catalog_example_context(test->source.rules[i], example, &arena);
            assert_string_equal(rule_reached(&test->catalog, &reply, &context, &arena),
                                rule_reached(other, &reply, &context, &arena));
            arena_clear(&arena);
        }
}

/** Fisher and Yates with a generator of our own, so that a failure can be had again. */
static void shuffle(struct catalog_source *source, uint32_t seed)
{
    for (size_t i = source->count; i > 1; i--) {
        seed = seed * 1664525u + 1013904223u;
        size_t k = (seed >> 8) % i;
        struct source_rule *rule = source->rules[i - 1];
        source->rules[i - 1] = source->rules[k];
        source->rules[k] = rule;
    }
}

static void the_order_of_rules_and_files_does_not_matter(void **state)
{
    struct catalog_under_test *test = *state;
    for (uint32_t seed = 1; seed <= 3; seed++) {
        struct catalog_under_test other = {.arena = ARENA_EMPTY};
        catalog_files_read(&other.source, &other.arena, seed % 2);
        shuffle(&other.source, seed);
        catalog_under_test_finish(&other);
        assert_int_equal(other.table.rule_count, test->table.rule_count);
        compare_answers(test, &other.catalog);
        arena_clear(&other.arena);
    }
}

/* Causes */

/** Causes that only replies have are 'C'; some are told of DNS, too. Ours are no reply's. */
static bool is_cause_of_replies(enum cause cause)
{
    return cause <= CAUSE_NETWORK;
}

static void every_cause_of_replies_is_reached_by_an_example(void **state)
{
    struct catalog_under_test *test = *state;
    bool reached[CAUSE_COUNT] = {false};
    for (size_t i = 0; i < test->source.count; i++)
        if (!is_look_up(test->source.rules[i]) && test->source.rules[i]->examples.count > 0)
            reached[test->source.rules[i]->cause] = true;
    for (int cause = 0; cause < CAUSE_COUNT; cause++)
        CHECK(cause_name(cause), reached[cause] || !is_cause_of_replies(cause));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place_of_every_text_is_filled),
        cmocka_unit_test(every_example_reaches_its_rule_in_the_program),
        cmocka_unit_test(finding_and_explaining_agree),
        cmocka_unit_test(wrapped_and_flattened_replies_reach_the_same_rule),
        cmocka_unit_test(the_order_of_rules_and_files_does_not_matter),
        cmocka_unit_test(every_cause_of_replies_is_reached_by_an_example),
    };
    return cmocka_run_group_tests_name("catalog examples", tests, catalog_under_test_of_files, catalog_under_test_free);
}
