/* Who speaks, by which evidence; and what a filter hides. */

#include "catalog_under_test.h"
#include "check.h"
#include "diagnose/catalog_match.h"

static const char providers[] =
    "provider: big\nname: Big Mail\nkind: mailbox\naliases: grand huge\nmx: .big.example mx.only.example\n"
    "domains: big.example mail.example\nwords: bigsmtp\nsource: S\n\n"
    "provider: big.business\nname: Big for Business\nkind: mailbox\nmx: .business.big.example\nsource: S\n\n"
    "provider: sieve\nname: Sieve\nkind: filter\nmx: .sieve.example\nwords: sieved by\nsource: S\n\n"
    "provider: blacklist\nname: The List\nkind: list\nwords: .list.example\nsource: S\n\n"
    "rule: class\nclass: 0 1 2 3 4 5\ncause: policy\ntitle: T\nmeaning: M\nwho: sender\nretry: no\nadvice: "
    "A\n"
    "source: S\nexample: - 550 x\n\n"
    "rule: big.odd\nlike: class\nprovider: big\nwords: odd | both\nsource: S\nexample: - 550 odd\n\n"
    "rule: sieve.odd\nlike: class\nprovider: sieve\nwords: both\nsource: S\nexample: - 550 both\n\n"
    "rule: big.tag\nlike: class\nprovider: big\nlayer: tag\nwords: tagged\nsource: S\nexample: - 550 "
    "tagged\n\n"
    "rule: list.tag\nlike: class\nprovider: blacklist\nlayer: tag\nwords: listed\nsource: S\n"
    "example: - 550 listed\n\n";

static int set_up(void **state)
{
    return catalog_under_test_of_text(state, providers);
}

static const struct {
    const char *text;
    struct explain_context context;
    const char *speaker;
    const char *mailboxes;
} cases[] = {
    {"no", {.host = NULL}, NULL, NULL},
    {"no", {.provider = "big"}, "big", NULL},
    {"no", {.provider = "GRAND"}, "big", NULL},
    {"no", {.provider = "Big Mail"}, "big", NULL},
    {"no", {.provider = "stranger", .host = "mx.big.example"}, "stranger", NULL},
    {"no", {.provider = "sieve", .host = "mx.big.example"}, "sieve", "big"},
    {"bigsmtp", {.host = "mx.sieve.example"}, "big", NULL},
    {"bigsmtp", {.provider = "sieve"}, "sieve", "big"},
    {"no", {.host = "MX1.Big.Example."}, "big", NULL},
    {"no", {.host = "mx.only.example"}, "big", NULL},
    {"no", {.host = "a.mx.only.example"}, NULL, NULL},
    {"no", {.host = "notbig.example"}, NULL, NULL},
    {"no", {.host = "mx.business.big.example"}, "big.business", NULL},
    {"no", {.greeting = "mx.big.example ESMTP ready"}, "big", NULL},
    {"no", {.greeting = "ESMTP of mx.big.example"}, NULL, NULL},
    {"no", {.ehlo_name = "mx.big.example"}, "big", NULL},
    {"no", {.certificate_name = "*.big.example"}, "big", NULL},
    {"no", {.certificate_name = "mx.big.example"}, "big", NULL},
    {"no", {.recipient_domain = "Mail.Example"}, "big", NULL},
    {"no", {.recipient = "jo@mail.example"}, "big", NULL},
    {"no", {.recipient_domain = "below.mail.example"}, NULL, NULL},
    {"no", {.host = "mx.sieve.example", .recipient_domain = "mail.example"}, "sieve", "big"},
    {"no", {.host = "mx.big.example", .greeting = "mx.sieve.example"}, "big", NULL},
    {"sieved by us", {.host = "mx.big.example"}, "sieve", "big"},
    {"see zen.list.example", {.host = "mx.big.example"}, "big", NULL},
    {"see zen.list.example", {.host = NULL}, "blacklist", NULL},
    {"tagged", {.host = "mx.sieve.example"}, "big", NULL},
    {"listed", {.host = "mx.sieve.example"}, "sieve", NULL},
    {"listed", {.host = NULL}, "blacklist", NULL},
};

static void the_strongest_evidence_names_the_provider(void **state)
{
    struct catalog_under_test *test = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = ARENA_EMPTY;
        struct span line = span_of_string(cases[i].text);
        struct reply reply = {.code = 550, .lines = &line, .line_count = 1};
        struct catalog_answer answer;
        catalog_find(&test->catalog, &reply, &cases[i].context, &arena, &answer);
        const char *name = arena_printf(&arena, "case %zu", i);
        check_string(name, span_of_string(answer.provider ? answer.provider : "none"),
                     cases[i].speaker ? cases[i].speaker : "none");
        check_string(name, span_of_string(answer.mailbox_provider ? answer.mailbox_provider : "none"),
                     cases[i].mailboxes ? cases[i].mailboxes : "none");
        arena_clear(&arena);
    }
}

static const char *rule_of(const struct catalog *catalog, const char *text,
                           const struct explain_context *context, struct arena *arena)
{
    struct span line = span_of_string(text);
    struct reply reply = {.code = 550, .lines = &line, .line_count = 1};
    return catalog_explain(catalog, &reply, context, arena)->rule;
}

static void rules_of_the_filter_come_before_those_of_the_mailboxes(void **state)
{
    struct catalog_under_test *test = *state;
    struct arena arena = ARENA_EMPTY;
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    assert_string_equal(rule_of(&test->catalog, "odd", &context, &arena), "class");
    context.host = "mx.sieve.example";
    assert_string_equal(rule_of(&test->catalog, "odd", &context, &arena), "class");
    context.recipient_domain = "mail.example";
    assert_string_equal(rule_of(&test->catalog, "odd", &context, &arena), "big.odd");
    assert_string_equal(rule_of(&test->catalog, "both", &context, &arena), "sieve.odd");
    arena_clear(&arena);
}

static void a_remark_names_filter_and_mailboxes(void **state)
{
    struct catalog_under_test *test = *state;
    struct arena arena = ARENA_EMPTY;
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    struct span line = SPAN("no");
    struct reply reply = {.code = 550, .lines = &line, .line_count = 1};
    context.host = "mx.sieve.example";
    context.recipient_domain = "mail.example";
    const struct explanation *explanation = catalog_explain(&test->catalog, &reply, &context, &arena);
    assert_int_equal(explanation->remark_count, 1);
    assert_string_equal(explanation->remarks[0],
                        "Sieve filters the mail of mail.example; the mailboxes are at Big Mail.");
    assert_string_equal(explanation->provider_name, "Sieve");
    context.recipient_domain = NULL;
    assert_int_equal(catalog_explain(&test->catalog, &reply, &context, &arena)->remark_count, 0);
    arena_clear(&arena);
}

static void providers_are_found_and_listed(void **state)
{
    struct catalog_under_test *test = *state;
    struct provider_summary found;
    assert_true(catalog_provider_find(&test->catalog, SPAN("Huge"), &found));
    assert_string_equal(found.id, "big");
    assert_string_equal(found.name, "Big Mail");
    assert_int_equal(found.kind, PROVIDER_MAILBOX);
    assert_false(catalog_provider_find(&test->catalog, SPAN("small"), &found));
    assert_false(catalog_provider_find(&test->catalog, SPAN(""), &found));
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    size_t count = 0;
    while (catalog_next_provider(&test->catalog, &cursor, &found))
        count++;
    assert_int_equal(count, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_strongest_evidence_names_the_provider),
        cmocka_unit_test(rules_of_the_filter_come_before_those_of_the_mailboxes),
        cmocka_unit_test(a_remark_names_filter_and_mailboxes),
        cmocka_unit_test(providers_are_found_and_listed),
    };
    return cmocka_run_group_tests_name("providers", tests, set_up, catalog_under_test_free);
}
