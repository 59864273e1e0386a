/* What is said of what people type, and of what logs hold, with the built-in catalog. */

#include "check.h"
#include "explain/answer.h"
#include "explain/input.h"
#include "explain/search.h"
#include "explain/summary.h"

#include <stdio.h>

#define GMAIL "mx postfix/smtp[1]: 4F: to=<u@example.com>, relay=gmail-smtp-in.l.google.com[192.0.2.1]:25, "

static const struct typed {
    const char *words;
    const char *cause; /* NULL: nothing is known */
    const char *rule;  /* or NULL: any */
    bool has_variants;
} typed[] = {
    {"550 5.1.1 <u@example.com>: User unknown", "mailbox-unknown", NULL, false},
    {"  550 5.1.1 user unknown  ", "mailbox-unknown", NULL, false},
    {"user unknown", "mailbox-unknown", NULL, false},
    {"450", NULL, NULL, false},
    {"5.7.26", NULL, NULL, false},
    {"gmail 550 5.7.1", NULL, NULL, true},
    {"google 421 4.7.28", "rate-limited", NULL, false},
    {"0x800CCC78", "sender-rejected", "outlook.0x800ccc78", false},
    {"outlook 0x800ccc0e", "network", NULL, false},
    {"Sending reported error (0x800CCC0F): the connection was closed", "network", NULL, false},
    {"mailgun 401", "auth-failed", NULL, false},
    {"mailgun 400", NULL, NULL, true},
    {"greylisted", "greylisted", NULL, false},
    {"mailbox full", "mailbox-full", NULL, false},
    {"mailbox-full", "mailbox-full", NULL, false},
    {"frobnicated", "", NULL, false},
    {"", "", NULL, false},
    {"-", "", NULL, false},
};

static void words_are_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        struct arena arena = ARENA_EMPTY;
        struct explain_item item;
        const char *name = typed[i].words;
        const struct explanation *explanation =
            explain_words(&catalog_builtin, span_of_string(name), &EXPLAIN_CONTEXT_NONE, &item, &arena);
        bool is_known = !typed[i].cause || *typed[i].cause;
        CHECK(name, (explanation != NULL) == is_known);
        if (explanation) {
            CHECK(name, explanation->known);
            if (typed[i].cause)
                check_string(name, span_of_string(cause_name(explanation->cause)), typed[i].cause);
            if (typed[i].rule)
                check_string(name, span_of_string(explanation->rule), typed[i].rule);
            CHECK(name, !typed[i].has_variants || explanation->variant_count > 1);
        }
        arena_clear(&arena);
    }
}

static void what_the_user_says_fills_gaps_only(void **state)
{
    struct explain_context around = EXPLAIN_CONTEXT_NONE;
    struct sighting found = SIGHTING_NONE;
    struct explain_item item;
    (void)state;
    around.stage = STAGE_MAIL;
    around.host = "mx.example.net";
    around.provider = "gmail";
    found.host = SPAN("mx.example.com");
    item_init(&item, &found);
    explain_surround(&item, &around);
    assert_int_equal(item.context.stage, STAGE_MAIL);
    assert_string_equal(item.context.host, "mx.example.com");
    assert_string_equal(item.context.provider, "gmail");
}

static const struct search {
    const char *words;
    const char *wanted; /* in the title or the cause of the first; NULL: nothing */
} searches[] = {
    {"unusual rate", "rate-limited"},
    {"DMARC", "dmarc-fail"},
    {"greylisted first", "greylisted"},
    {"nosuchwordanywhere", NULL},
    {"", NULL},
};

static void searches_find_titles(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
        struct arena arena = ARENA_EMPTY;
        const char *name = searches[i].words;
        const struct explanation *found =
            search_words(&catalog_builtin, span_of_string(name), &EXPLAIN_CONTEXT_NONE, &arena);
        CHECK(name, (found != NULL) == (searches[i].wanted != NULL));
        if (found)
            check_string(name, span_of_string(cause_name(found->cause)), searches[i].wanted);
        CHECK(name, !found || found->variant_count <= SEARCH_LIMIT);
        arena_clear(&arena);
    }
}

/* Summaries */

static void add_line(struct summary *summary, const char *line)
{
    struct explain_input *input = explain_input_new(INPUT_LINES);
    struct explain_item *item;
    explain_input_feed(input, span_of_string(line));
    explain_input_finish(input);
    while ((item = explain_input_next(input)))
        summary_add(summary, item);
    explain_input_free(input);
}

static void summaries_count_by_cause_and_provider(void **state)
{
    struct summary summary;
    (void)state;
    summary_init(&summary, &catalog_builtin);
    for (int i = 0; i < 3; i++)
        add_line(&summary,
                 GMAIL "dsn=5.1.1, status=bounced (host gmail-smtp-in.l.google.com[192.0.2.1] said: "
                       "550-5.1.1 The email account that you tried to reach does not exist. gsmtp "
                       "(in reply to RCPT TO command))");
    add_line(&summary, "550 5.1.1 user unknown");
    add_line(&summary, "250 2.0.0 Ok: queued as 4F");
    add_line(&summary, "connect from nobody");
    summary_finish(&summary);
    assert_int_equal(summary.items, 6);
    assert_int_equal(summary.replies, 5);
    assert_int_equal(summary.cell_count, 3);
    assert_int_equal(summary.cells[0]->count, 3);
    assert_string_equal(summary.cells[0]->provider, "gmail");
    assert_int_equal(summary.cells[0]->cause, CAUSE_MAILBOX_UNKNOWN);
    assert_null(summary.cells[1]->provider);
    check_string("example", summary.cells[1]->example, "550 5.1.1 user unknown");
    assert_int_equal(summary.cells[2]->cause, CAUSE_OK);
    summary_clear(&summary);
}

/* Users may name providers at will, and memory must not grow with them. */
static void strange_providers_are_bounded(void **state)
{
    struct summary summary;
    (void)state;
    summary_init(&summary, &catalog_builtin);
    const int names = SUMMARY_PROVIDERS_LIMIT + 100;
    for (int i = 0; i < 2 * names; i++) {
        char line[128];
        snprintf(line, sizeof line, "{\"reply\": \"550 5.1.1 user unknown\", \"provider\": \"p%d\"}",
                 i % names);
        add_line(&summary, line);
    }
    summary_finish(&summary);
    assert_int_equal(summary.provider_count, SUMMARY_PROVIDERS_LIMIT); /* one of them is: not known */
    assert_int_equal(summary.cell_count, SUMMARY_PROVIDERS_LIMIT);
    assert_int_equal(summary.cells[0]->count, 2 * (100 + 1));
    assert_null(summary.cells[0]->provider);
    for (size_t i = 1; i < summary.cell_count; i++)
        CHECK(summary.cells[i]->provider, summary.cells[i]->count == 2);
    assert_int_equal(summary.replies, 2 * names);
    summary_clear(&summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_understood),
        cmocka_unit_test(what_the_user_says_fills_gaps_only),
        cmocka_unit_test(searches_find_titles),
        cmocka_unit_test(summaries_count_by_cause_and_provider),
        cmocka_unit_test(strange_providers_are_bounded),
    };
    return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
