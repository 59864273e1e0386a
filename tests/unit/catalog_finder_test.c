/* The finder remembers what it found, and shortens replies for that: never so that an answer changes. */

#include "base/buffer.h"
#include "catalog_files.h"
#include "check.h"
#include "diagnose/catalog_finder.h"
#include "diagnose/catalog_table.h"
#include "diagnose/reply_key.h"
#include "diagnose/reply_words.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_LIMIT = 2048, BASES = 8000, TURNS = 6, PLACES = 3 };

/* A generator of our own, so that a failure can be had again. */

static uint32_t seed;

static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)seed * limit >> 32);
}

static void add(struct buffer *text, struct span octets)
{
    buffer_add(text, span_first(octets, TEXT_LIMIT - text->size));
}

static void add_any_of(struct buffer *text, const char *octets, size_t count)
{
    size_t choices = strlen(octets);
    while (count-- > 0)
        add(text, span_of(octets + below((uint32_t)choices), 1));
}

/** Part of a fragment, which a rule may look for. */
static void add_fragment(struct buffer *text)
{
    const struct catalog_table *table = &catalog_builtin_table;
    const struct catalog_fragment *fragment = &table->fragments[below(table->fragment_count)];
    struct span octets = span_of(table->text + fragment->text, fragment->size);
    octets = span_skip(octets, below(4) ? 0 : below(fragment->size));
    add(text, span_first(octets, below(4) ? octets.size : 1 + below(fragment->size)));
}

static const char hex[] = "0123456789ABCDEF", all[] = "0123456789abcdefghijklmnopqrstuvwxyzABCXYZ";

static void add_identifier(struct buffer *text)
{
    add_any_of(text, hex, 9 + below(4));
}

static void add_number(struct buffer *text)
{
    add_any_of(text, "0123456789", 1 + below(5));
}

static void add_dotted(struct buffer *text)
{
    add_any_of(text, all, 1 + below(12));
    for (uint32_t i = below(4); i > 0; i--) {
        add_any_of(text, ".-=._", 1);
        add_any_of(text, below(2) ? all : "0123456789", 1 + below(6));
    }
}

static void add_host(struct buffer *text)
{
    add_any_of(text, all, 3 + below(9));
    add(text, below(2) ? SPAN(".eurprd04.prod.outlook.com") : SPAN(".example.com"));
}

static void add_mailbox(struct buffer *text)
{
    add_any_of(text, all, below(6));
    add_any_of(text, "@@@=", 1);
    add_host(text);
}

static void add_address(struct buffer *text)
{
    static const char *const networks[] = {"192.0.2.", "127.255.255.", "2001:db8::", "[::", "1.", "a1:"};
    buffer_add_string(text, networks[below(6)]);
    buffer_printf(text, "%u", below(300));
    buffer_add_string(text, below(4) ? "" : below(2) ? "::" : ".1");
}

static void add_code(struct buffer *text)
{
    static const char *const before[] = {"", "", "5.", "4.7.", "#5.1.", "x="};
    static const char *const behind[] = {"", "-", "-ab1", ".1"};
    buffer_add_string(text, before[below(6)]);
    buffer_printf(text, "%u", below(2) ? 550 + below(6) : below(700));
    buffer_add_string(text, behind[below(4)]);
}

static void add_url(struct buffer *text)
{
    add(text, below(2) ? SPAN("https://support.google.com/mail/?p=") : SPAN("http:/"));
    add_any_of(text, all, below(9));
}

static void add_noise(struct buffer *text)
{
    add_any_of(text, " .@=/:{}&;#'\\!?*+-_|\t\r\1\2\xc3\xa9\xa0[]()1a", 1 + below(5));
    add(text, below(8) ? span_of(NULL, 0) : SPAN("&#39;"));
}

static void add_fragment_and_digit(struct buffer *text)
{
    add_fragment(text);
    add_any_of(text, "0123456789abc", 1 + below(3));
}

static void add_digit_and_fragment(struct buffer *text)
{
    add_any_of(text, "0123456789abc", 1 + below(3));
    add_fragment(text);
}

static bool is_alphanumeric(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

/** The last word of a fragment that may be part of a longer one, or has a digit. */
static struct span dangerous_word(void)
{
    const struct catalog_table *table = &catalog_builtin_table;
    for (uint32_t i = below(table->fragment_count);; i = (i + 1) % table->fragment_count) {
        const struct catalog_fragment *fragment = &table->fragments[i];
        struct span text = span_of(table->text + fragment->text, fragment->size);
        size_t first = text.size;
        bool is_dangerous = fragment->flags & (FRAGMENT_OPEN_LEFT | FRAGMENT_OPEN_RIGHT);
        for (; first > 0 && is_alphanumeric(text.at[first - 1]); first--)
            is_dangerous |= ascii_is_digit(text.at[first - 1]);
        if (is_dangerous && first < text.size)
            return span_skip(text, first);
    }
}

/** Looks like an identifier, and is found by a rule half of the time. */
static void add_dangerous_word(struct buffer *text)
{
    add_any_of(text, "0123456789", below(2));
    if (below(2))
        add_any_of(text, all, 2 + below(4));
    else
        add(text, dangerous_word());
    add_any_of(text, "0123456789", below(2));
}

typedef void add_part(struct buffer *);
static add_part *const parts[] = {add_dangerous_word,
                                  add_dangerous_word,
                                  add_dangerous_word,
                                  add_dangerous_word,
                                  add_identifier,
                                  add_identifier,
                                  add_identifier,
                                  add_number,
                                  add_dotted,
                                  add_host,
                                  add_mailbox,
                                  add_address,
                                  add_code,
                                  add_code,
                                  add_code,
                                  add_url,
                                  add_noise,
                                  add_fragment,
                                  add_fragment_and_digit,
                                  add_digit_and_fragment};

/* Replies: an example, and at some places in it things that differ from turn to turn */

struct base {
    struct span text;
    int code;
    size_t places[PLACES];
    add_part *parts[PLACES];
    const char *before[PLACES];
    const char *behind[PLACES];
};

struct examples {
    const struct source_example *at[16 * 1024];
    size_t count;
};

static struct base make_base(const struct examples *examples)
{
    static const char *const joints[] = {" ", " ", " ", "",  "(",  ")",  "<", ">",
                                         "=", ":", "-", ".", "; ", ": ", "#", "id="};
    const struct source_example *example = examples->at[below((uint32_t)examples->count)];
    struct base base = {.text = example->text, .code = example->code};
    for (size_t i = 0, place = 0; i < PLACES; i++) {
        place += below((uint32_t)(base.text.size - place) + 1);
        while (i % 2 == 0 && place < base.text.size && base.text.at[place] != ' ')
            place++;
        base.places[i] = place;
        base.parts[i] = i == 0 || below(4) == 0 ? parts[below(sizeof parts / sizeof *parts)] : NULL;
        base.before[i] = joints[below(16)];
        base.behind[i] = joints[below(16)];
    }
    return base;
}

static void write_turn(const struct base *base, struct buffer *text)
{
    size_t at = 0;
    buffer_truncate(text, 0);
    for (size_t i = 0; i < PLACES; i++) {
        add(text, span_of(base->text.at + at, base->places[i] - at));
        at = base->places[i];
        if (!base->parts[i])
            continue;
        buffer_add_string(text, base->before[i]);
        base->parts[i](text);
        if (below(16) == 0) /* what may end a sentence belongs to no name */
            add_any_of(text, ".!?", 1 + below(2));
        buffer_add_string(text, base->behind[i]);
    }
    add(text, span_skip(base->text, at));
}

static struct explain_context any_context(void)
{
    static const char *const hosts[] = {NULL,
                                        "gmail-smtp-in.l.google.com",
                                        "mx.example.net",
                                        "x.mail.protection.outlook.com.",
                                        "eu-smtp-inbound-1.mimecast.com",
                                        "mx00.t-online.de"};
    static const char *const recipients[] = {NULL, "a@gmail.com", "b@example.com"};
    static const int stages[] = {-1, STAGE_RCPT, STAGE_BODY, STAGE_BANNER, STAGE_MAIL, STAGE_AUTH};
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    context.host = hosts[below(6)];
    context.recipient = recipients[below(3)];
    if (context.recipient && below(2))
        context.recipient_domain = strchr(context.recipient, '@') + 1;
    context.greeting = below(8) ? NULL : "mx.google.com ESMTP";
    context.stage = stages[below(6)];
    context.port = below(4) ? 0 : 587;
    context.is_consequence = below(16) == 0;
    context.in_tls = (int)below(3) - 1;
    return context;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void check_same(const struct catalog_answer *answer, const struct catalog_answer *wanted,
                       const struct reply *reply)
{
    if (answer->known == wanted->known && answer->confidence == wanted->confidence &&
        answer->cause == wanted->cause && is_same_text(answer->rule, wanted->rule) &&
        answer->title == wanted->title && is_same_text(answer->provider, wanted->provider) &&
        is_same_text(answer->mailbox_provider, wanted->mailbox_provider))
        return;
    fail_msg("%s instead of %s for %d %.*s", answer->rule, wanted->rule, reply->code,
             SPAN_ARGS(reply->lines[0]));
}

static void check_reply(struct catalog_finder *finder, const struct reply *reply,
                        const struct explain_context *context)
{
    static struct arena arena;
    struct catalog_answer answer, wanted;
    catalog_find(&catalog_builtin, reply, context, &arena, &wanted);
    catalog_finder_find(finder, reply, context, &answer);
    check_same(&answer, &wanted, reply);
    arena_clear(&arena);
}

/* Replies with the same key have the same fragments and codes */

struct seen {
    char key[REPLY_KEY_LIMIT];
    size_t size;
    struct reply_words words;
    struct fragments_found found;
};

static bool see(const struct reply_key_words *key_words, const struct reply *reply, struct arena *arena,
                struct seen *seen)
{
    if (!reply_key_write(key_words, reply, seen->key, &seen->size))
        return false;
    reply_words_read(&seen->words, reply->code, reply->lines, reply->line_count, arena);
    fragment_trie_find(&catalog_builtin_table, &seen->words, false, &seen->found, arena);
    return true;
}

static bool are_same_to_rules(const struct seen *a, const struct seen *b)
{
    size_t octets = (catalog_builtin_table.fragment_count / 32 + 1) * sizeof *a->found.bits;
    return enhanced_status_equal(a->words.enhanced, b->words.enhanced) &&
           (a->words.links == 1) == (b->words.links == 1) &&
           memcmp(a->found.bits, b->found.bits, octets) == 0;
}

static size_t same_keys;

static void check_key(const struct reply_key_words *key_words, const struct reply *reply,
                      const struct reply *last)
{
    static struct arena arena;
    struct seen a, b;
    arena_clear(&arena);
    if (!see(key_words, reply, &arena, &a) || !see(key_words, last, &arena, &b) || a.size != b.size ||
        memcmp(a.key, b.key, a.size) != 0)
        return;
    same_keys++;
    if (!are_same_to_rules(&a, &b))
        fail_msg("%d %.*s is not the same as %.*s", reply->code, SPAN_ARGS(reply->lines[0]),
                 SPAN_ARGS(last->lines[0]));
}

static size_t cut(struct span text, uint32_t place, struct span lines[2])
{
    size_t first = place < text.size ? place : text.size;
    lines[0] = span_first(text, first);
    lines[1] = span_skip(text, first);
    return 1 + (lines[1].size > 0);
}

static void check_base(struct catalog_finder *finder, const struct reply_key_words *key_words,
                       const struct base *base)
{
    struct buffer texts[2] = {BUFFER_EMPTY, BUFFER_EMPTY};
    struct span lines[2][2];
    struct reply replies[2];
    struct explain_context context = any_context();
    struct enhanced_status enhanced = {below(4) ? 0 : 5, 1, (unsigned short)below(3)};
    uint32_t place = below(4) ? TEXT_LIMIT : below(60);
    for (int turn = 0; turn < TURNS; turn++) {
        struct reply *reply = &replies[turn % 2], *last = &replies[!(turn % 2)];
        write_turn(base, &texts[turn % 2]);
        *reply = (struct reply){.code = base->code, .lines = lines[turn % 2], .enhanced = enhanced};
        reply->line_count = cut(buffer_span(&texts[turn % 2]), place, lines[turn % 2]);
        check_reply(finder, reply, &context);
        if (turn > 0)
            check_key(key_words, reply, last);
    }
    buffer_clear(&texts[0]);
    buffer_clear(&texts[1]);
}

static void add_examples(struct examples *examples, const struct catalog_source *source)
{
    for (size_t i = 0; i < source->count; i++)
        for (size_t k = 0; k < source->rules[i]->examples.count; k++)
            if (source->rules[i]->keys.count == 0 &&
                examples->count < sizeof examples->at / sizeof *examples->at)
                examples->at[examples->count++] = &source->rules[i]->examples.at[k];
}

static void the_finder_agrees_with_the_catalog(void **state)
{
    static struct examples examples;
    struct arena arena = ARENA_EMPTY;
    struct catalog_source source;
    (void)state;
    catalog_files_read(&source, &arena, false);
    add_examples(&examples, &source);
    struct catalog_finder *finder = catalog_finder_new(&catalog_builtin);
    struct reply_key_words *key_words = ARENA_NEW(&arena, struct reply_key_words);
    reply_key_words_init(key_words, &catalog_builtin);
    seed = 1;
    for (int i = 0; i < BASES; i++) {
        struct base base = make_base(&examples);
        check_base(finder, key_words, &base);
    }
    assert_true(same_keys > BASES / 8);
    catalog_finder_free(finder);
    arena_clear(&arena);
}

/** "{address} suspended" is something to a rule, "{address}. suspended" is not. */
static void what_ends_a_sentence_is_no_part_of_a_mailbox(void **state)
{
    static struct reply_key_words key_words;
    static const char *const ends[] = {".", "!", "?", ".."};
    struct span line = SPAN("joe@example.com suspended");
    struct reply reply = {.code = 550, .lines = &line, .line_count = 1};
    (void)state;
    reply_key_words_init(&key_words, &catalog_builtin);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char text[64];
        snprintf(text, sizeof text, "joe@example.com%s suspended", ends[i]);
        struct span other_line = span_of_string(text);
        struct reply other = {.code = 550, .lines = &other_line, .line_count = 1};
        check_key(&key_words, &other, &reply);
    }
}

static void a_provider_that_the_user_names_is_told_as_the_user_does(void **state)
{
    char name[] = "nobody-knows";
    struct span line = SPAN("User unknown");
    struct reply reply = {.code = 550, .lines = &line, .line_count = 1};
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    struct catalog_finder *finder = catalog_finder_new(&catalog_builtin);
    (void)state;
    check_reply(finder, &reply, &context);
    context.provider = name;
    check_reply(finder, &reply, &context);
    context.provider = "gmail";
    check_reply(finder, &reply, &context);
    context.provider = NULL;
    check_reply(finder, &reply, &context);
    catalog_finder_free(finder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_finder_agrees_with_the_catalog),
        cmocka_unit_test(what_ends_a_sentence_is_no_part_of_a_mailbox),
        cmocka_unit_test(a_provider_that_the_user_names_is_told_as_the_user_does),
    };
    return cmocka_run_group_tests_name("catalog finder", tests, NULL, NULL);
}
