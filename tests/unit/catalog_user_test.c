/* Catalogs of users: what they replace, what comes first, what is said of bad ones. */

#include "check.h"
#include "diagnose/catalog_user.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char directory[64];
    struct arena arena;
    struct catalog catalog;
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    *state = place;
    snprintf(place->directory, sizeof place->directory, "/tmp/smtpprobe-test.XXXXXX");
    place->catalog = catalog_builtin;
    return mkdtemp(place->directory) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", place->directory);
    int failed = system(command);
    arena_clear(&place->arena);
    free(place);
    return failed;
}

static const char *write_file(struct place *place, const char *name, const char *text)
{
    const char *path = arena_printf(&place->arena, "%s/%s", place->directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void add(struct place *place, const char *text)
{
    struct error error = ERROR_NONE;
    const char *path = write_file(place, "one.txt", text);
    if (!catalog_add_files(&place->catalog, &path, 1, &place->arena, &error))
        fail_msg("%s", error.text);
}

static const struct explanation *explain(struct place *place, int code, const char *text,
                                         const char *provider)
{
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    struct span line = span_of_string(text);
    struct reply reply = {.code = code, .lines = &line, .line_count = 1};
    context.provider = provider;
    context.stage = STAGE_RCPT;
    return catalog_explain(&place->catalog, &reply, &context, &place->arena);
}

#define TEXTS "cause: policy\ntitle: Ours\nmeaning: M\nwho: sender\nretry: no\nadvice: A\n"

static void a_rule_of_a_user_comes_before_specificity(void **state)
{
    struct place *place = *state;
    const char *text =
        "5.1.1 <jo@example.com>: Recipient address rejected: User unknown in virtual mailbox table";
    assert_int_equal(explain(place, 550, text, NULL)->cause, CAUSE_MAILBOX_UNKNOWN);
    const struct explanation *before = explain(place, 550, text, NULL);
    add(place, "rule: mine\nsoftware: Postfix\nwords: virtual mailbox\n" TEXTS);
    assert_int_equal(before->confidence, CONFIDENCE_SOFTWARE);
    assert_string_equal(explain(place, 550, text, NULL)->rule, "mine");
}

static void a_weaker_layer_stays_weaker(void **state)
{
    struct place *place = *state;
    add(place, "rule: mine\nenhanced: 5.1.1\n" TEXTS);
    assert_string_equal(explain(place, 550, "5.1.1 no", NULL)->rule, "mine");
    assert_string_not_equal(explain(place, 550, "5.1.1 user unknown", NULL)->rule, "mine");
}

static void the_same_id_replaces(void **state)
{
    struct place *place = *state;
    assert_string_equal(explain(place, 550, "5.7.23 no", NULL)->rule, "enhanced.7.23");
    add(place, "rule: enhanced.7.23\ncodes: 599\n" TEXTS);
    assert_string_not_equal(explain(place, 550, "5.7.23 no", NULL)->rule, "enhanced.7.23");
    assert_string_equal(explain(place, 599, "no", NULL)->title, "Ours");
}

static void a_replacement_may_be_like_what_it_replaces(void **state)
{
    struct place *place = *state;
    const struct explanation *before = explain(place, 550, "5.7.23 no", NULL);
    add(place, "rule: enhanced.7.23\nlike: enhanced.7.23\nenhanced: X.7.23\nadvice: call us\n");
    const struct explanation *after = explain(place, 550, "5.7.23 no", NULL);
    assert_string_equal(after->rule, before->rule);
    assert_string_equal(after->meaning, before->meaning);
    assert_int_equal(after->cause, before->cause);
    assert_int_equal(after->advice_count, 1);
    assert_string_equal(after->advice[0], "call us");
}

static void words_of_built_in_rules_can_be_shared(void **state)
{
    struct place *place = *state;
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct rule_summary rule;
    while (catalog_next_rule(&catalog_builtin, &cursor, &rule) && rule.layer != CONFIDENCE_PHRASE)
        continue;
    const struct explanation *model =
        catalog_explain_rule(&catalog_builtin, span_of_string(rule.id), &EXPLAIN_CONTEXT_NONE, &place->arena);
    assert_non_null(model);
    add(place,
        arena_printf(&place->arena, "rule: mine\nlayer: tag\nwords-of: %s\nlike: %s\n", rule.id, rule.id));
    const struct explanation *own =
        catalog_explain_rule(&place->catalog, SPAN("mine"), &EXPLAIN_CONTEXT_NONE, &place->arena);
    assert_string_equal(own->title, model->title);
}

static void the_last_added_comes_first(void **state)
{
    struct place *place = *state;
    add(place, "rule: one\nlayer: tag\nwords: zzz\n" TEXTS);
    add(place, "rule: two\nlayer: tag\nwords: zzz\n" TEXTS);
    assert_string_equal(explain(place, 550, "zzz", NULL)->rule, "two");
    add(place, "rule: two\nlayer: tag\nwords: yyy\n" TEXTS);
    assert_string_equal(explain(place, 550, "zzz", NULL)->rule, "one");
    assert_string_equal(explain(place, 550, "yyy", NULL)->rule, "two");
}

static void own_providers_and_look_ups_are_known(void **state)
{
    struct place *place = *state;
    add(place, "provider: intranet\nname: The intranet\nkind: mailbox\nmx: .intra.example\n\n"
               "rule: intranet.no\nprovider: intranet\nwords: nope\n" TEXTS "\n"
               "rule: intranet.7\nprovider: intranet\nkey: E7\n" TEXTS);
    struct look_up look_up;
    assert_string_equal(explain(place, 550, "nope", "intranet")->rule, "intranet.no");
    assert_true(catalog_look_up_parse(&place->catalog, SPAN("intranet e7 and so on"), &look_up));
    const struct explanation *found =
        catalog_look_up(&place->catalog, &look_up, &EXPLAIN_CONTEXT_NONE, &place->arena);
    assert_non_null(found);
    assert_string_equal(found->rule, "intranet.7");
    assert_string_equal(found->provider_name, "The intranet");
}

static void rules_for_built_in_providers_are_allowed(void **state)
{
    struct place *place = *state;
    add(place, "rule: mine\nprovider: gmail\nwords: nope\n" TEXTS);
    assert_string_equal(explain(place, 550, "nope", "google")->rule, "mine");
    assert_string_not_equal(explain(place, 550, "nope", NULL)->rule, "mine");
}

static void directories_are_read_in_sorted_order(void **state)
{
    struct place *place = *state;
    struct error error = ERROR_NONE;
    write_file(place, "20.txt", "rule: b\nlike: a\nlayer: tag\nwords: bbb\n");
    write_file(place, "10.txt", "rule: a\nlayer: tag\nwords: aaa\n" TEXTS);
    write_file(place, "10.txt~", "nonsense");
    write_file(place, ".30.txt", "nonsense");
    assert_int_equal(mkdir(arena_printf(&place->arena, "%s/40.txt", place->directory), 0700), 0);
    if (!catalog_add_directory(&place->catalog, place->directory, &place->arena, &error))
        fail_msg("%s", error.text);
    assert_int_equal(place->catalog.part_count, 2);
    assert_string_equal(explain(place, 550, "bbb", NULL)->title, "Ours");
    assert_true(catalog_add_directory(&place->catalog, "/nonexistent/catalog.d", &place->arena, &error));
    assert_int_equal(place->catalog.part_count, 2);
}

static void the_users_directory_follows_xdg(void **state)
{
    struct place *place = *state;
    struct error error = ERROR_NONE;
    char *own = arena_printf(&place->arena, "%s/smtpprobe", place->directory);
    assert_int_equal(mkdir(own, 0700), 0);
    assert_int_equal(mkdir(arena_printf(&place->arena, "%s/catalog.d", own), 0700), 0);
    write_file(place, "smtpprobe/catalog.d/mine.txt", "rule: mine\nlayer: tag\nwords: zzz\n" TEXTS);
    setenv("XDG_CONFIG_HOME", place->directory, 1);
    bool ok = catalog_add_standard(&place->catalog, &place->arena, &error);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    if (!ok)
        fail_msg("%s", error.text);
    assert_string_equal(explain(place, 550, "zzz", NULL)->rule, "mine");
}

static const struct {
    const char *text;
    const char *message;
} faults[] = {
    {"rule: mine\nlike: nobody\ncodes: 550\n", "one.txt:1: rule mine is like nobody, a rule that does not exist"},
    {"rule: mine\nlike: mine\ncodes: 550\n", "rule mine is like mine, a rule that does not exist"},
    {"rule: mine\nprovider: stranger\nwords: abc\n" TEXTS, "declare it with a `provider: stranger' stanza"},
    {"rule: mine\ncodes: 550\nwho: me\n", "one.txt:3: unknown word: me (use one of: sender, "},
    {"rule: class.5\nclass: 5\n" TEXTS, "one.txt:1: rule class.5 is the last resort and cannot be replaced"},
};

static void bad_files_are_refused_and_change_nothing(void **state)
{
    struct place *place = *state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct error error = ERROR_NONE;
        const char *path = write_file(place, "one.txt", faults[i].text);
        CHECK(faults[i].text, !catalog_add_files(&place->catalog, &path, 1, &place->arena, &error));
        if (!strstr(error.text, faults[i].message))
            fail_msg("said \"%s\" and not \"%s\"", error.text, faults[i].message);
        assert_int_equal(place->catalog.part_count, 1);
    }
    struct error error = ERROR_NONE;
    const char *missing = "/nonexistent/catalog.txt";
    assert_false(catalog_add_files(&place->catalog, &missing, 1, &place->arena, &error));
    assert_string_equal(error.text, "/nonexistent/catalog.txt: cannot be opened: No such file or directory");
    assert_false(
        catalog_add_files(&place->catalog, &(const char *){place->directory}, 1, &place->arena, &error));
    assert_non_null(strstr(error.text, "cannot be read: Is a directory"));
}

/* Checking */

struct told {
    char complaints[2048];
    char notes[2048];
};

static void complain(void *context, const char *text)
{
    struct told *told = context;
    strncat(told->complaints, text, sizeof told->complaints - strlen(told->complaints) - 1);
}

static void note(void *context, const char *text)
{
    struct told *told = context;
    strncat(told->notes, text, sizeof told->notes - strlen(told->notes) - 1);
}

static bool check(struct place *place, const char *text, struct told *told,
                  struct catalog_file_counts *counts)
{
    *told = (struct told){"", ""};
    const struct catalog_checker checker = {complain, note, told};
    return catalog_check_file(&place->catalog, write_file(place, "one.txt", text), &checker, counts);
}

static void a_file_is_checked_against_the_whole_catalog(void **state)
{
    struct place *place = *state;
    struct told told;
    struct catalog_file_counts counts;
    assert_true(check(place, "rule: mine\nlayer: tag\nwords: zzz\nsource: S\nexample: - 550 zzz\n" TEXTS,
                      &told, &counts));
    assert_string_equal(told.complaints, "");
    assert_string_equal(told.notes, "");
    assert_int_equal(counts.rules, 1);
    assert_int_equal(counts.examples, 1);
    assert_int_equal(place->catalog.part_count, 1);
    assert_false(check(place, "rule: mine\ncodes: 550\nsource: S\nexample: - 550 user unknown\n" TEXTS, &told,
                       &counts));
    assert_non_null(strstr(told.complaints, "one.txt:4: example of rule mine reaches "));
    assert_false(
        check(place, "rule: mine\nwords: see jo@example.com now\nsource: S\n" TEXTS, &told, &counts));
    assert_non_null(strstr(told.complaints, "no reply can hold the words: see jo@example.com now"));
    assert_false(check(place, "nonsense\n", &told, &counts));
    assert_non_null(strstr(told.complaints, "one.txt:1: neither"));
    assert_int_equal(counts.rules, 0);
}

static void what_is_lacking_and_allowed_is_noted(void **state)
{
    struct place *place = *state;
    struct told told;
    struct catalog_file_counts counts;
    assert_true(check(place, "rule: mine\nlayer: tag\nwords: zzz\n" TEXTS, &told, &counts));
    assert_non_null(strstr(told.notes, "one.txt:1: rule mine has no source"));
    assert_non_null(strstr(told.notes, "rule mine has no example"));
}

static void the_example_of_the_manual_is_sound(void **state)
{
    struct place *place = *state;
    struct told told = {"", ""};
    struct catalog_file_counts counts;
    const struct catalog_checker checker = {complain, note, &told};
    const char *root = getenv("top_srcdir");
    const char *path = arena_printf(&place->arena, "%s/data/examples/catalog.txt", root ? root : ".");
    if (!catalog_check_file(&place->catalog, path, &checker, &counts))
        fail_msg("%s", told.complaints);
    assert_string_equal(told.notes, "");
    assert_int_equal(counts.rules, 3);
    assert_int_equal(counts.providers, 1);
    assert_int_equal(counts.examples, 5);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_rule_of_a_user_comes_before_specificity),
        EACH(a_weaker_layer_stays_weaker),
        EACH(the_same_id_replaces),
        EACH(a_replacement_may_be_like_what_it_replaces),
        EACH(words_of_built_in_rules_can_be_shared),
        EACH(the_last_added_comes_first),
        EACH(own_providers_and_look_ups_are_known),
        EACH(rules_for_built_in_providers_are_allowed),
        EACH(directories_are_read_in_sorted_order),
        EACH(the_users_directory_follows_xdg),
        EACH(bad_files_are_refused_and_change_nothing),
        EACH(a_file_is_checked_against_the_whole_catalog),
        EACH(what_is_lacking_and_allowed_is_noted),
        EACH(the_example_of_the_manual_is_sound),
    };
    return cmocka_run_group_tests_name("catalogs of users", tests, NULL, NULL);
}
