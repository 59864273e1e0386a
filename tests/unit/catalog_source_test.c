#include "diagnose/catalog_source.h"

#include "base/buffer.h"
#include "check.h"
#include "diagnose/catalog_match.h"

#include <stdio.h>
#include <stdlib.h>

#define RULE(id, more)                                                                                       \
    "rule: " id "\n" more "cause: policy\ntitle: T\nmeaning: M\nwho: sender\nretry: no\nadvice: A\nsource: " \
    "S\nexample: - 550 x\n\n"

#define BIG "provider: big\nname: Big\nkind: mailbox\nsource: S\n\n"

static bool read_text(struct catalog_source *source, const char *text, struct error *error,
                      struct arena *arena)
{
    *source = CATALOG_SOURCE_EMPTY(arena);
    return catalog_source_read(source, "file", span_of_string(text), error) &&
           catalog_source_finish(source, error);
}

static const struct {
    const char *text;
    const char *message;
} faults[] = {
    {"colour: red\n", "file:1: a stanza begins with `rule: ID', `provider: ID' or `group: NAME'"},
    {"group: A\n", "file:1: a name has lower case"},
    {"group: a\nwords: abc | def\n\ngroup: a\n", "file:4: a group of this name stands above: a"},
    {"group: a\ncause: policy\n", "file:2: a group has nothing but `words': cause"},
    {"group: a\nwords: abc | def\nwords: ghi\n", "file:3: key given twice"},
    {"group: a\nwords: abc\n", "file:2: a group has two fragments or more"},
    {"group: a\nwords: abc | def & ghi\n", "file:2: a group has two fragments or more"},
    {"group: a\nwords: [:a/abc]\n", "file:2: no group of this name stands above: a"},
    {"rule: a\nnot: [:b]\n", "file:2: no group of this name stands above: b"},
    {"rule: a\ncolour: red\n", "file:2: unknown key: colour"},
    {"rule: a\nrule: b\n", "file:2: an empty line must stand before each stanza: rule"},
    {"rule: A\n", "file:1: an id has lower case"},
    {"rule: a\nwords\n", "neither `key: value' nor a comment"},
    {"rule: a\nwords:\n", "a key without a value"},
    {" words: x\n", "a continuation without a key"},
    {"rule: a\ncause: bad-luck\n", "unknown word: bad-luck (they are listed in smtpprobe-catalog(5))"},
    {"rule: a\ncause: mx-cname\n", "not a cause of replies"},
    {"rule: a\nwho: me\n", "unknown word: me"},
    {"rule: a\nretry: soon\n", "unknown word: soon (use one of: "},
    {"rule: a\nscope: world\n", "unknown word: world"},
    {"rule: a\ncause: policy\ncause: policy\n", "file:3: key given twice"},
    {"rule: a\ntitle: one\ntitle: two\n", "file:3: key given twice"},
    {"rule: a\ntitle: 1234567890123456789012345678901234567890123456789012345678901\n",
     "a title has at most 60"},
    {"rule: a\nretry_after: soon\n", "not a number of seconds"},
    {"rule: a\ncodes: 99\n", "not a reply code: 99"},
    {"rule: a\ncodes: 554-550\n", "not a reply code: 554-550"},
    {"rule: a\nclass: 6\n", "not a class of replies: 6"},
    {"rule: a\nenhanced: 3.1.1\n", "not an enhanced status code: 3.1.1"},
    {"rule: a\nenhanced: 5.1\n", "not an enhanced status code: 5.1"},
    {"rule: a\nenhanced: 5.1.1000\n", "not an enhanced status code"},
    {"rule: a\nstages: rcpt lunch\n", "unknown stage: lunch"},
    {"rule: a\nwhen: raining\n", "unknown condition: raining"},
    {"rule: a\nlayer: cake\n", "unknown layer: cake"},
    {"provider: Big\n", "file:1: an id has lower case"},
    {"provider: big\nkind: large\n",
     "a provider is a mailbox, filter, sender, list, program or standard: large"},
    {"provider: big\ncause: policy\n", "file:2: unknown key of a provider: cause"},
    {"provider: big\nrule: a\n", "file:2: an empty line must stand before each stanza: rule"},
    {"group: a\nwords: abc | def\ngroup: b\n", "file:3: an empty line must stand before each stanza: group"},
    {"provider: a\nprovider: b\n", "file:2: an empty line must stand before each stanza: provider"},
    {"provider: big\nkind: list\nsource: S\n", "file:1: provider big lacks its name or kind"},
    {"provider: big\nname: B\nkind: list\n", "file:1: provider big has no source"},
    {BIG BIG, "file:6: provider big is declared twice"},
    {BIG "provider: b\nname: B\nkind: list\naliases: Big\nsource: S\n",
     "provider big has the id or alias of provider b, too: big"},
    {"rule: a\nexample: - 550 x\nkey: 1\n", "file:3: `key' must stand before the examples"},
    {RULE("a", "key: 1\n"), "file:1: rule a has a key and is of no provider"},
    {BIG RULE("a", "provider: big\nkey: 1\ncodes: 550\n"), "rule a has a key: of codes, class"},
    {"rule: a\nwords: ab\n", "a fragment has 3 to 200 octets: ab"},
    {"rule: a\nwords: abc | | def\n", "an empty alternative"},
    {"rule: a\nwords: [aa/bb][aa/bb][aa/bb][aa/bb][aa/bb][aa/bb][aa/bb][aa/bb][aa/bb][aa/bb][aa/bb][aa/bb]\n",
     "too many combinations"},
    {"\xef\xbb\xbfrule: a\r\ngeneral: no\r\n", "file:2: `general' can only be yes"},
    {"rule: a\n# caf\xe9\n", "file:2: not UTF-8: save the file in this encoding"},
    {"rule: a\nlayer: basic\nlayer: class\n", "file:3: key given twice: class"},
    {"rule: a\nretry_after: 0\nretry_after: 1\n", "file:3: key given twice: 1"},
    {"provider: a\nkind: list\nkind: list\n", "file:3: key given twice: list"},
    {"rule: a\ngeneral: no\n", "`general' can only be yes"},
    {"rule: a\nexample: RCPT\n", "an example is STAGE CODE TEXT"},
    {"rule: a\nexample: LUNCH 550 x\n", "unknown stage: LUNCH"},
    {"rule: a\nexample: RCPT 5x0 x\n", "not a reply code: 5x0"},
    {RULE("a", "codes: 550\n") RULE("a", "codes: 551\n"), "rule a is given twice"},
    {RULE("a", "like: b\n"), "rule a is like b, a rule that does not exist"},
    {RULE("a", "like: b\n") RULE("b", "like: a\n"), "is like too long a chain"},
    {RULE("a", "words-of: b\n") RULE("b", "codes: 550\n"), "rule a wants the words of a rule that has none"},
    {RULE("b", "words: abc\n") RULE("a", "words: def\nwords-of: b\n"),
     "rule a has words of its own and those of another"},
    {RULE("a", ""), "rule a names neither words, nor a code, nor a class"},
    {RULE("a", "layer: tag\n"), "rule a is a tag without words"},
    {RULE("a", "layer: tag\nenhanced: 5.7.606 5.7.1\n"), "rule a is a tag without words"},
    {RULE("a", "layer: provider\nwords: abc\n"), "rule a is of no provider"},
    {RULE("a", "provider: big\n"),
     "file:1: rule a is of a provider that is not known: big (declare it with a `provider: big' stanza)"},
    {RULE("a", "software: S\n"), "rule a needs software and words"},
    {RULE("a", "layer: phrase\n"), "rule a has no words"},
    {RULE("a", "layer: enhanced\n"), "rule a has no enhanced code"},
    {RULE("a", "layer: basic\n"), "rule a has no code"},
    {RULE("a", "codes: 550\nadvice: go to {nowhere}\n"), "a place in its texts that does not exist"},
    {RULE("a", "codes: 550\nremark: {recipient\n"), "a place in its texts that does not exist"},
    {"rule: a\ncodes: 550\ntitle: T\nmeaning: M\n", "rule a lacks its cause, title or meaning"},
    {"rule: a\ncodes: 550\ncause: policy\ntitle: T\nmeaning: M\n", "rule a does not say who must act"},
    {"rule: a\ncodes: 550\ncause: policy\ntitle: T\nmeaning: M\nwho: sender\nretry: no\n",
     "rule a has no source"},
    {"rule: a\ncodes: 550\ncause: policy\ntitle: T\nmeaning: M\nwho: sender\nretry: no\nsource: S\n",
     "rule a has no example"},
    {"rule: a\ncodes: 550\ncause: policy\ntitle: T\nmeaning: M\nwho: sender\nretry: no\nsource: S\nexample: "
     "- 550 x\n",
     "rule a is a refusal without advice"},
};

static void each_fault_is_named_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct arena arena = ARENA_EMPTY;
        struct catalog_source source;
        struct error error = ERROR_NONE;
        CHECK(faults[i].text, !read_text(&source, faults[i].text, &error, &arena));
        if (!strstr(error.text, faults[i].message))
            fail_msg("%s: said \"%s\" and not \"%s\"", faults[i].text, error.text, faults[i].message);
        arena_clear(&arena);
    }
}

static void lines_are_counted_through_comments_and_continuations(void **state)
{
    (void)state;
    struct arena arena = ARENA_EMPTY;
    struct catalog_source source;
    struct error error = ERROR_NONE;
    assert_false(read_text(&source, "# one\n\nrule: a\r\nwords: abc |\n  def |\n  ghi\n# seven\nodd: x\n",
                           &error, &arena));
    assert_string_equal(error.text, "file:8: unknown key: odd (they are listed in smtpprobe-catalog(5))");
    arena_clear(&arena);
}

static void texts_are_taken_from_the_rule_that_it_is_like(void **state)
{
    (void)state;
    struct arena arena = ARENA_EMPTY;
    struct catalog_source source;
    struct error error = ERROR_NONE;
    const char *text = "rule: b\nlike: a\nwords: Abc\ntitle: Own\nsource: S\nexample: - 550 abc\n\n" RULE(
        "a", "codes: 550\nlink: L\n");
    if (!read_text(&source, text, &error, &arena))
        fail_msg("%s", error.text);
    const struct source_rule *rule = source.rules[1];
    check_string("id", rule->id, "b");
    check_string("title", rule->title, "Own");
    check_string("meaning", rule->meaning, "M");
    check_string("link", rule->links.at[0], "L");
    check_string("fragment", rule->phrases.at[0].fragments[0].text, "abc");
    check_number("layer", "layer", (unsigned)rule->layer, CONFIDENCE_PHRASE);
    check_number("codes", "count", rule->codes.count, 0);
    arena_clear(&arena);
}

static void check_fragment(const struct source_phrase *phrase, size_t i, const char *text, bool is_other)
{
    assert_true(i < phrase->count);
    check_string("fragment", phrase->fragments[i].text, text);
    check_number(text, "is_other", phrase->fragments[i].is_other, is_other);
}

static void groups_are_alternatives_at_their_place(void **state)
{
    (void)state;
    struct arena arena = ARENA_EMPTY;
    struct catalog_source source;
    struct error error = ERROR_NONE;
    if (!read_text(&source, RULE("a", "words: [user/box] is & [full/over quota] | [abc & def/ghi] & [b]\n"),
                   &error, &arena))
        fail_msg("%s", error.text);
    const struct source_phrases *phrases = &source.rules[0]->phrases;
    check_number("words", "phrases", phrases->count, 3);
    check_number("a group", "fragments", phrases->at[0].count, 4);
    check_fragment(&phrases->at[0], 0, "box is", false);
    check_fragment(&phrases->at[0], 1, "user is", true);
    check_fragment(&phrases->at[0], 2, "over quota", false);
    check_fragment(&phrases->at[0], 3, "full", true);
    check_fragment(&phrases->at[1], 0, "ghi", false);
    check_fragment(&phrases->at[1], 1, "[b]", false);
    check_fragment(&phrases->at[2], 0, "abc", false);
    check_fragment(&phrases->at[2], 1, "def", false);
    check_fragment(&phrases->at[2], 2, "[b]", false);
    arena_clear(&arena);
}

static void a_member_of_a_group_may_be_empty(void **state)
{
    (void)state;
    struct arena arena = ARENA_EMPTY;
    struct catalog_source source;
    struct error error = ERROR_NONE;
    if (!read_text(&source, RULE("a", "words: [/no/] user [here/]\n"), &error, &arena))
        fail_msg("%s", error.text);
    const struct source_phrase *phrase = &source.rules[0]->phrases.at[0];
    check_number("words", "fragments", phrase->count, 6);
    check_fragment(phrase, 0, "user", false);
    check_fragment(phrase, 1, "user here", true);
    check_fragment(phrase, 2, "no user", true);
    check_fragment(phrase, 3, "no user here", true);
    arena_clear(&arena);
}

static void groups_with_a_name_are_written_in(void **state)
{
    (void)state;
    struct arena arena = ARENA_EMPTY;
    struct catalog_source source;
    struct error error = ERROR_NONE;
    const char *text = "group: noun\nwords: user | [/mail]box\n\n" RULE(
        "a", "words: [:noun] is & [nob/:noun]\nnot: may be | [:noun/foo]\n");
    if (!read_text(&source, text, &error, &arena))
        fail_msg("%s", error.text);
    const struct source_phrase *phrase = &source.rules[0]->phrases.at[0], *barred = &source.rules[0]->barred;
    check_number("words", "fragments", phrase->count, 7);
    check_fragment(phrase, 0, "box is", false);
    check_fragment(phrase, 2, "user is", true);
    check_fragment(phrase, 3, "box", false);
    check_number("not", "fragments", barred->count, 5);
    check_fragment(barred, 0, "may be", false);
    arena_clear(&arena);
}

/* Matching, on a small catalog of its own */

static const char small[] = BIG RULE("basic", "codes: 550\n") RULE("class", "class: 0 1 2 3 4 5\n")
    RULE("enhanced", "enhanced: X.7.1\n") RULE("enhanced.range", "enhanced: 5.7.600-649\n")
        RULE("enhanced.exact", "enhanced: 5.7.606\n") RULE("enhanced.any", "enhanced: X.7.*\n")
            RULE("word", "words: quota\n") RULE("words", "words: mail & quota\n")
                RULE("general", "words: your mail quota is gone\ngeneral: yes\n")
                    RULE("stage", "words: quota\nstages: mail\n") RULE(
                        "guarded", "words: virus found\nnot: no virus\n") RULE("open", "words: *list*\n")
                        RULE("link", "words: .lists.example\n") RULE("mark", "words: client {ip} refused\n")
                            RULE("software", "software: S\nwords: special\n")
                                RULE("provider", "provider: big\nwords: special\n")
                                    RULE("tag", "provider: big\nlayer: tag\nwords: (x1)\n")
                                        RULE("submission", "words: quota\nwhen: submission\n")
                                            RULE("polish", "words: skrzynka pełna\n") RULE(
                                                "group", "words: [letter/parcel] [lost/gone] & post[{ip}]\n");

static const struct {
    const char *text;
    const char *rule;
    int stage;
    unsigned port;
    const char *provider;
} matches[] = {
    {"refused", "basic", -1, 0, NULL},
    {"5.7.1 refused", "enhanced", -1, 0, NULL},
    {"5.7.606 refused", "enhanced.exact", -1, 0, NULL},
    {"5.7.607 refused", "enhanced.range", -1, 0, NULL},
    {"5.7.99 refused", "enhanced.any", -1, 0, NULL},
    {"over QUOTA", "word", -1, 0, NULL},
    {"5.7.606 over quota", "word", -1, 0, NULL},
    {"over quotas", "basic", -1, 0, NULL},
    {"quota of your mail", "words", -1, 0, NULL},
    {"your mail quota is gone", "words", -1, 0, NULL},
    {"over quota", "stage", STAGE_MAIL, 0, NULL},
    {"over quota", "submission", -1, 587, NULL},
    {"<quota@example.com> refused", "basic", -1, 0, NULL},
    {"see quota.example.com", "basic", -1, 0, NULL},
    {"see http://example.com/quota?a=1", "basic", -1, 0, NULL},
    {"bad.Quota", "word", -1, 0, NULL},
    {"virus found", "guarded", -1, 0, NULL},
    {"no virus found", "basic", -1, 0, NULL},
    {"blocklisted", "open", -1, 0, NULL},
    {"see bad.lists.example now", "link", -1, 0, NULL},
    {"see bad.mylists.example now", "basic", -1, 0, NULL},
    {"https://www.lists.example/x", "link", -1, 0, NULL},
    {"client 192.0.2.1 refused", "mark", -1, 0, NULL},
    {"client 2001:db8::1 refused", "mark", -1, 0, NULL},
    {"special", "software", -1, 0, NULL},
    {"special", "provider", -1, 0, "BIG"},
    {"special (x1)", "tag", -1, 0, NULL},
    {"letter lost by post[192.0.2.1]", "group", -1, 0, NULL},
    {"post[192.0.2.1]: parcel gone", "group", -1, 0, NULL},
    {"parcel [192.0.2.1] gone", "basic", -1, 0, NULL},
    {"Skrzynka pe\xc5\x82na", "polish", -1, 0, NULL},
    {"mail \xe2\x80\x9cquota\xe2\x80\x9d", "words", -1, 0, NULL},
    {"&lt;quota@example.com&gt; mail &quot;quota&quot;", "words", -1, 0, NULL},
};

static void the_most_specific_rule_of_the_strongest_layer_wins(void **state)
{
    (void)state;
    struct arena arena = ARENA_EMPTY;
    struct catalog_source source;
    struct catalog_table table;
    struct error error = ERROR_NONE;
    if (!read_text(&source, small, &error, &arena))
        fail_msg("%s", error.text);
    catalog_table_build(&table, &source, &arena);
    const struct catalog catalog = catalog_of_table(&table);
    for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
        struct explain_context context = EXPLAIN_CONTEXT_NONE;
        context.stage = matches[i].stage;
        context.port = matches[i].port;
        context.provider = matches[i].provider;
        struct span line = span_of_string(matches[i].text);
        struct reply reply = {.code = 550, .lines = &line, .line_count = 1};
        struct catalog_query query;
        catalog_query_init(&query, &catalog, &reply, &context, &arena);
        const char *rule = catalog_text(&table, catalog_query_best(&query, CONFIDENCE_TAG).rule->id);
        check_string(matches[i].text, span_of_string(rule), matches[i].rule);
    }
    arena_clear(&arena);
}

static void limits_are_kept(void **state)
{
    (void)state;
    struct arena arena = ARENA_EMPTY;
    struct catalog_source source = CATALOG_SOURCE_EMPTY(&arena);
    struct error error = ERROR_NONE;
    assert_false(catalog_source_read(&source, "file", span_of("\0", 1), &error));
    char *big = arena_allocate(&arena, CATALOG_FILE_LIMIT + 1);
    memset(big, '\n', CATALOG_FILE_LIMIT + 1);
    assert_false(catalog_source_read(&source, "file", span_of(big, CATALOG_FILE_LIMIT + 1), &error));
    assert_true(catalog_source_read(&source, "file", span_of(big, CATALOG_FILE_LIMIT), &error));
    char *many = arena_allocate(&arena, 16 * (CATALOG_RULES_LIMIT + 1));
    size_t used = 0;
    for (int i = 0; i <= CATALOG_RULES_LIMIT; i++)
        used += (size_t)sprintf(many + used, "rule: r%d\n\n", i);
    assert_false(catalog_source_read(&source, "file", span_of(many, used), &error));
    assert_non_null(strstr(error.text, "more than 4096 rules"));
    arena_clear(&arena);
}

/** What a few octets of a file ask for: "[/a]" writes a text out again and again, words are shared by many
 * rules. */
static void words_that_multiply_are_bounded(void **state)
{
    (void)state;
    struct arena arena = ARENA_EMPTY;
    struct catalog_source source;
    struct error error = ERROR_NONE;
    struct buffer text = BUFFER_EMPTY;
    buffer_add_string(&text, "rule: a\nwords: ");
    while (text.size < 100000)
        buffer_add_string(&text, "[/a]");
    assert_false(read_text(&source, buffer_string(&text), &error, &arena));
    assert_non_null(strstr(error.text, "file:2: an alternative has at most 1024 octets"));
    buffer_truncate(&text, 0);
    buffer_add_string(&text,
                      RULE("base", "words: [aa/bb][cc/dd][ee/ff][gg/hh][ii/jj][kk/ll][mm/nn][oo/pp] x\n"));
    for (int i = 0; i < CATALOG_FRAGMENTS_LIMIT / 256; i++)
        buffer_printf(&text, "rule: r%d\nwords-of: base\nlike: base\n\n", i);
    struct catalog_source draft = {.arena = &arena, .is_draft = true};
    assert_true(catalog_source_read(&draft, "file", buffer_span(&text), &error));
    assert_false(catalog_source_finish(&draft, &error));
    assert_non_null(strstr(error.text, "shares more words: that makes more than 131072 fragments in all"));
    buffer_clear(&text);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_named_with_its_place),
        cmocka_unit_test(lines_are_counted_through_comments_and_continuations),
        cmocka_unit_test(texts_are_taken_from_the_rule_that_it_is_like),
        cmocka_unit_test(groups_are_alternatives_at_their_place),
        cmocka_unit_test(a_member_of_a_group_may_be_empty),
        cmocka_unit_test(groups_with_a_name_are_written_in),
        cmocka_unit_test(the_most_specific_rule_of_the_strongest_layer_wins),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(words_that_multiply_are_bounded),
    };
    return cmocka_run_group_tests_name("catalog source", tests, NULL, NULL);
}
