/* What is found without a reply: by key, by codes alone, by id, in lists. */

#include "catalog_under_test.h"
#include "check.h"

#define ANSWER(cause, title)                                                                                 \
    "cause: " cause "\ntitle: " title "\nmeaning: M {code}\nwho: sender\nretry: no\nadvice: A\nsource: S\n"
#define TEXTS(title) ANSWER("policy", title)
#define SPAM(title) ANSWER("content-spam", title)

/* clang-format off */
static const char text[] =
    "provider: prog\nname: The Program\nkind: program\naliases: pg\nsource: S\n\n"
    "provider: other\nname: Other\nkind: sender\nsource: S\n\n"
    "provider: big\nname: Big\nkind: mailbox\nmx: .big.example\nsource: S\n\n"
    "rule: prog.1\nprovider: prog\nkey: 0xAB E1\n" TEXTS("One") "example: 0xab\n\n"
    "rule: prog.2.a\nprovider: prog\nkey: 2\nwords: apple\n" TEXTS("Apple") "example: prog 2 apple\n\n"
    "rule: prog.2.b\nprovider: prog\nkey: 2\nwords: [pear/quince]\nnot: stone\n" TEXTS("Pear") "example: prog 2 pear\n\n"
    "rule: prog.2.c\nprovider: prog\nkey: 2\ngeneral: yes\n" TEXTS("Fruit") "example: prog 2\n\n"
    "rule: other.2\nprovider: other\nkey: 2\n" TEXTS("Other") "example: other 2\n\n"
    "rule: class\nclass: 0 1 2 3 4 5\n" TEXTS("Class") "example: - 550 x\n\n"
    "rule: enhanced\nenhanced: X.7.1\n" TEXTS("Enhanced") "example: - 550 5.7.1 x\n\n"
    "rule: big.a\nprovider: big\ncodes: 550\nenhanced: 5.7.1\nwords: aaa\n" TEXTS("A") "example: - 550 5.7.1 aaa\n\n"
    "rule: big.a.more\nlike: big.a\nprovider: big\ncodes: 550\nenhanced: 5.7.1\nwords: more aaa\nsource: S\n"
    "example: - 550 5.7.1 more aaa\n\n"
    "rule: big.b\nprovider: big\nlayer: tag\nenhanced: X.7.1\nwords: bbb\n" SPAM("B")
    "example: - 550 5.7.1 bbb\n\n"
    "rule: big.c\nprovider: big\ncodes: 552\nwords: ccc\n" TEXTS("C") "example: - 552 ccc\n\n"
    "rule: big.d\nprovider: big\nenhanced: 5.2.1\nwords: ddd\ngeneral: yes\n" TEXTS("D") "example: - 550 5.2.1 ddd\n\n"
    "rule: big.e\nprovider: big\nenhanced: 5.2.1\nwords: eee\n" SPAM("E")
    "example: - 550 5.2.1 eee\n\n";
/* clang-format on */

static int set_up(void **state)
{
    return catalog_under_test_of_text(state, text);
}

/** Ids of the answer and of its variants. */
static const char *ids(const struct explanation *explanation, struct arena *arena)
{
    if (!explanation)
        return "nothing";
    const char *all = explanation->rule;
    for (size_t i = 0; i < explanation->variant_count; i++)
        all = arena_printf(arena, "%s %s", all, explanation->variants[i]->rule);
    return all;
}

static void keys_find_their_rules(void **state)
{
    static const struct {
        const char *typed;
        const char *ids;
    } cases[] = {
        {"0xab", "prog.1"},
        {"0XAB", "prog.1"},
        {"  e1  ", "prog.1"},
        {"prog 0xAB", "prog.1"},
        {"The connection failed: E1", "nothing"},
        {"PG e1 whatever", "prog.1"},
        {"other e1", "nothing"},
        {"0xa", "nothing"},
        {"0xabc", "nothing"},
        {"prog", "nothing"},
        {"prog 2", "prog.2.c prog.2.a prog.2.b"},
        {"prog 2 Apple pie", "prog.2.a prog.2.b prog.2.c"},
        {"prog 2 quince", "prog.2.b prog.2.a prog.2.c"},
        {"prog 2 quince stone", "prog.2.c prog.2.a prog.2.b"},
        {"prog 2 cherry", "prog.2.c prog.2.a prog.2.b"},
        {"other 2", "other.2"},
        {"other 2 apple", "other.2"},
        {"2 apple", "prog.2.a other.2 prog.2.b prog.2.c"},
    };
    struct catalog_under_test *test = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct look_up look_up;
        assert_true(catalog_look_up_parse(&test->catalog, span_of_string(cases[i].typed), &look_up));
        const struct explanation *found =
            catalog_look_up(&test->catalog, &look_up, &EXPLAIN_CONTEXT_NONE, &test->arena);
        check_string(cases[i].typed, span_of_string(ids(found, &test->arena)), cases[i].ids);
    }
    struct look_up look_up;
    assert_false(catalog_look_up_parse(&test->catalog, SPAN(" "), &look_up));
}

static void a_look_up_is_told_like_a_reply(void **state)
{
    struct catalog_under_test *test = *state;
    struct look_up look_up = {SPAN(""), SPAN("e1"), SPAN("")};
    const struct explanation *found =
        catalog_look_up(&test->catalog, &look_up, &EXPLAIN_CONTEXT_NONE, &test->arena);
    assert_true(found->known);
    assert_int_equal(found->confidence, CONFIDENCE_PROVIDER);
    assert_string_equal(found->provider, "prog");
    assert_string_equal(found->provider_name, "The Program");
    assert_string_equal(found->meaning, "M the code");
    assert_int_equal(found->advice_count, 1);
}

static void codes_alone_list_the_rules_of_the_provider(void **state)
{
    static const struct {
        const char *provider;
        int code;
        struct enhanced_status enhanced;
        const char *ids;
    } cases[] = {
        {"big", 550, {5, 7, 1}, "enhanced big.b big.a"},
        {"big", 0, {ENHANCED_CLASS_ANY, 7, 1}, "enhanced big.b big.a"},
        {"big", 0, {4, 7, 1}, "big.b"},
        {"big", 550, {0}, "big.a"},
        {"big", 552, {0}, "big.c"},
        {"big", 550, {5, 2, 1}, "big.d big.e"},
        {"big", 554, {0}, "class"},
        {"prog", 550, {5, 7, 1}, "enhanced"},
        {NULL, 550, {5, 7, 1}, "enhanced"},
        {NULL, 0, {ENHANCED_CLASS_ANY, 7, 1}, "enhanced"},
    };
    struct catalog_under_test *test = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct explain_context context = EXPLAIN_CONTEXT_NONE;
        struct reply reply = {.code = cases[i].code, .enhanced = cases[i].enhanced};
        context.provider = cases[i].provider;
        const struct explanation *found = catalog_explain(&test->catalog, &reply, &context, &test->arena);
        check_string(arena_printf(&test->arena, "case %zu", i), span_of_string(ids(found, &test->arena)),
                     cases[i].ids);
    }
}

static void words_are_preferred_to_a_list(void **state)
{
    struct catalog_under_test *test = *state;
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    struct span line = SPAN("5.7.1 some aaa");
    struct reply reply = {.code = 550, .lines = &line, .line_count = 1};
    context.host = "mx1.big.example";
    const struct explanation *found = catalog_explain(&test->catalog, &reply, &context, &test->arena);
    assert_string_equal(ids(found, &test->arena), "big.a");
}

static void every_rule_is_listed_and_told(void **state)
{
    struct catalog_under_test *test = *state;
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct rule_summary rule;
    size_t count = 0, keys = 0;
    while (catalog_next_rule(&test->catalog, &cursor, &rule)) {
        const struct explanation *told = catalog_explain_rule(&test->catalog, span_of_string(rule.id),
                                                              &EXPLAIN_CONTEXT_NONE, &test->arena);
        assert_non_null(told);
        assert_string_equal(told->title, rule.title);
        assert_int_equal(told->cause, rule.cause);
        count++;
        keys += rule.key != NULL;
        if (strcmp(rule.id, "prog.1") == 0)
            assert_string_equal(rule.key, "0xab");
    }
    assert_int_equal(count, test->table.rule_count);
    assert_int_equal(keys, 5);
    assert_null(catalog_explain_rule(&test->catalog, SPAN("nobody"), &EXPLAIN_CONTEXT_NONE, &test->arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_find_their_rules),
        cmocka_unit_test(a_look_up_is_told_like_a_reply),
        cmocka_unit_test(codes_alone_list_the_rules_of_the_provider),
        cmocka_unit_test(words_are_preferred_to_a_list),
        cmocka_unit_test(every_rule_is_listed_and_told),
    };
    return cmocka_run_group_tests_name("look-ups", tests, set_up, catalog_under_test_free);
}
