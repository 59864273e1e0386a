/*
 * The rule that a reply reaches is the one that reading the catalog rule by rule gives: each tried by itself,
 * its words looked for one after the other, by what catalog_source.h and catalog_match.h say and nothing
 * else. Only the normalising of the text and the evidence of names are taken from the program.
 */

#include "catalog_under_test.h"
#include "check.h"
#include "diagnose/catalog_match.h"

/* Words */

/** The pairs of neighbours in a text: a fragment with another one need not be looked for. */
struct pairs {
    unsigned char bits[65536 / 8];
};

static unsigned pair_at(const char *at)
{
    return (unsigned)(unsigned char)at[0] << 8 | (unsigned char)at[1];
}

static bool has_pair(const struct pairs *pairs, const char *at)
{
    return pairs->bits[pair_at(at) / 8] >> pair_at(at) % 8 & 1;
}

static struct pairs pairs_of(struct span text)
{
    struct pairs pairs = {{0}};
    for (size_t i = 0; i + 1 < text.size; i++)
        pairs.bits[pair_at(text.at + i) / 8] |= (unsigned char)(1 << pair_at(text.at + i) % 8);
    return pairs;
}

/** One reply and what is known around it. */
struct situation {
    struct reply_words words;
    struct pairs pairs;
    int stage;
    unsigned conditions;
    unsigned class;
    const char *speaker;
    const char *mailboxes;
};

/** Braces are those of marks. */
static bool is_of_word(char c)
{
    return ascii_is_digit(c) || (c >= 'a' && c <= 'z') || c == '{' || c == '}';
}

static bool is_end_of_word(struct span text, size_t at)
{
    return at == 0 || at == text.size || !is_of_word(text.at[at - 1]) || !is_of_word(text.at[at]);
}

static bool occurs(const struct situation *situation, const struct source_fragment *fragment)
{
    struct span all = situation->words.text, wanted = fragment->text;
    struct span text =
        fragment->in_link ? span_skip(all, situation->words.links) : span_first(all, situation->words.links);
    if (wanted.size > 1 && (!has_pair(&situation->pairs, wanted.at) ||
                            !has_pair(&situation->pairs, wanted.at + wanted.size - 2)))
        return false;
    const char *at = text.at;
    while ((at = memmem(at, (size_t)(text.at + text.size - at), wanted.at, wanted.size))) {
        size_t begin = (size_t)(at - text.at);
        if ((fragment->open_left || is_end_of_word(text, begin)) &&
            (fragment->open_right || is_end_of_word(text, begin + wanted.size)))
            return true;
        at++;
    }
    return false;
}

static bool any_occurs(const struct situation *situation, const struct source_phrase *phrase)
{
    for (size_t i = 0; i < phrase->count; i++)
        if (occurs(situation, &phrase->fragments[i]))
            return true;
    return false;
}

/** Words count before octets; what is found in a link counts as three words more. */
static unsigned long weight_of(const struct source_fragment *fragment)
{
    unsigned long words = fragment->in_link ? 3 : 0;
    struct span rest = fragment->text, word;
    while (span_next_token(&rest, " ", &word))
        words++;
    return words * 10000 + fragment->text.size;
}

/** The weight of a phrase of which all occurs, 0 of others: of alternatives the weightiest counts. */
static unsigned long weight_if_found(const struct situation *situation, const struct source_phrase *phrase)
{
    unsigned long weight = 0;
    for (size_t i = 0; i < phrase->count;) {
        unsigned long best = 0;
        do {
            if (occurs(situation, &phrase->fragments[i]) && weight_of(&phrase->fragments[i]) > best)
                best = weight_of(&phrase->fragments[i]);
        } while (++i < phrase->count && phrase->fragments[i].is_other);
        if (best == 0)
            return 0;
        weight += best;
    }
    return weight;
}

/** The weight of the weightiest phrase that occurs, or 0. */
static unsigned long words_found(const struct situation *situation, const struct source_phrases *phrases)
{
    unsigned long best = 0;
    for (size_t i = 0; i < phrases->count; i++) {
        unsigned long weight = weight_if_found(situation, &phrases->at[i]);
        best = weight > best ? weight : best;
    }
    return best;
}

/* What else a rule may ask for */

static bool is_of_provider(const struct source_rule *rule, const char *provider)
{
    return provider && rule->provider.at && span_is(rule->provider, provider);
}

static bool tells_of_success(const struct source_rule *rule)
{
    return rule->cause == CAUSE_OK || rule->cause == CAUSE_INTERMEDIATE;
}

static bool class_fits(const struct situation *situation, const struct source_rule *rule)
{
    unsigned refusals = 1u << 4 | 1u << 5, classes = rule->classes;
    if (classes == 0 && rule->codes.count == 0 && !tells_of_success(rule))
        classes = refusals;
    bool is_open =
        situation->class == ENHANCED_CLASS_ANY || (situation->class == 0 && rule->phrases.count > 0);
    return classes == 0 || (classes & refusals && is_open) || classes >> situation->class & 1;
}

static bool asks_for_unknown_code(const struct situation *situation, const struct source_rule *rule)
{
    return situation->words.code == 0 && rule->codes.count > 0;
}

/** Without a code only other words can prove a rule with codes: not those of software, which others use, too.
 */
static bool code_fits(const struct situation *situation, const struct source_rule *rule)
{
    unsigned code = (unsigned)situation->words.code;
    if (asks_for_unknown_code(situation, rule))
        return rule->layer < CONFIDENCE_ENHANCED && rule->layer != CONFIDENCE_SOFTWARE;
    if (rule->codes.count == 0)
        return true;
    for (size_t i = 0; i < rule->codes.count; i++)
        if (code > 0 && code >= rule->codes.at[i].first && code <= rule->codes.at[i].last)
            return true;
    return false;
}

static bool is_enhanced(struct enhanced_status status, const struct source_enhanced *wanted)
{
    bool class_is = status.class == ENHANCED_CLASS_ANY ? wanted->class != 2
                    : wanted->class                    ? status.class == wanted->class
                                                       : status.class > 2;
    return status.class && class_is && status.subject == wanted->subject &&
           status.detail >= wanted->detail.first && status.detail <= wanted->detail.last;
}

static bool enhanced_fits(const struct situation *situation, const struct source_rule *rule)
{
    for (size_t i = 0; i < rule->enhanced.count; i++)
        if (is_enhanced(situation->words.enhanced, &rule->enhanced.at[i]))
            return true;
    return rule->enhanced.count == 0;
}

static bool surroundings_fit(const struct situation *situation, const struct source_rule *rule)
{
    if (rule->stages && (situation->stage < 0 || !(rule->stages >> situation->stage & 1)))
        return false;
    if ((rule->conditions & situation->conditions) != rule->conditions)
        return false;
    return !rule->provider.at || rule->layer == CONFIDENCE_TAG || is_of_provider(rule, situation->speaker) ||
           is_of_provider(rule, situation->mailboxes);
}

/* Precedence */

static unsigned demands_of(const struct source_rule *rule)
{
    unsigned count = 0;
    for (unsigned conditions = rule->conditions; conditions; conditions >>= 1)
        count += conditions & 1;
    count += rule->stages ? 1 : 0;
    count += rule->classes ? 1 : 0;
    count += rule->codes.count ? 2 : 0;
    return count + (rule->provider.at ? 2 : 0);
}

static unsigned exactness_of(const struct source_rule *rule)
{
    if (rule->enhanced.count == 0)
        return 0;
    const struct source_enhanced *code = &rule->enhanced.at[0];
    if (code->detail.first != code->detail.last)
        return code->detail.last - code->detail.first == 999 ? 1 : 2;
    return code->class ? 4 : 3;
}

/** What decides between rules, the first that differs; the greater one wins. */
enum { BY_LAYER, BY_CONSEQUENCE, BY_SPEAKER, BY_PARTICULARITY, BY_WORDS, BY_EXACTNESS, BY_DEMANDS, RANKS };

struct standing {
    long rank[RANKS];
};

static bool is_better(const struct standing *one, const struct standing *other)
{
    for (int i = 0; i < RANKS; i++)
        if (one->rank[i] != other->rank[i])
            return one->rank[i] > other->rank[i];
    return false;
}

static bool fits(const struct situation *situation, const struct source_rule *rule, struct standing *standing)
{
    if (rule->keys.count > 0 || !surroundings_fit(situation, rule) || !class_fits(situation, rule) ||
        !code_fits(situation, rule) || !enhanced_fits(situation, rule) ||
        any_occurs(situation, &rule->barred))
        return false;
    unsigned long words = words_found(situation, &rule->phrases);
    bool speaks = rule->layer == CONFIDENCE_PROVIDER && is_of_provider(rule, situation->speaker);
    *standing = (struct standing){{
        [BY_LAYER] = -rule->layer,
        [BY_CONSEQUENCE] = (rule->conditions & CONDITION_CONSEQUENCE) != 0,
        [BY_SPEAKER] = speaks,
        [BY_PARTICULARITY] = words > 0 && !rule->is_general && !asks_for_unknown_code(situation, rule),
        [BY_WORDS] = (long)words,
        [BY_EXACTNESS] = asks_for_unknown_code(situation, rule) ? 0 : exactness_of(rule),
        [BY_DEMANDS] = asks_for_unknown_code(situation, rule) ? 0 : demands_of(rule),
    }};
    return words > 0 || rule->phrases.count == 0;
}

/** Rules are sorted by id, so that of equals the first one stays. */
static const struct source_rule *read_rule_by_rule(const struct catalog_source *source,
                                                   const struct situation *situation)
{
    const struct source_rule *best = NULL;
    struct standing best_standing = {{0}}, standing;
    for (size_t i = 0; i < source->count; i++) {
        const struct source_rule *rule = source->rules[i];
        if (best && rule->layer > best->layer) /* spares time, and cannot win */
            continue;
        if (fits(situation, rule, &standing) && (!best || is_better(&standing, &best_standing))) {
            best = rule;
            best_standing = standing;
        }
    }
    return best;
}

/* The situation */

static struct provider_reference provider_by_words(const struct catalog_source *source,
                                                   const struct catalog *catalog,
                                                   const struct situation *situation)
{
    struct provider_reference none = {NULL, NULL};
    const struct source_provider *best = NULL;
    unsigned long best_words = 0;
    for (size_t i = 0; i < source->provider_count; i++) {
        unsigned long words = words_found(situation, &source->providers[i]->phrases);
        if (words > best_words) {
            best = source->providers[i];
            best_words = words;
        }
    }
    return best ? provider_find(catalog, best->id) : none;
}

static void look_at(struct situation *situation, const struct catalog_source *source,
                    const struct catalog *catalog, const struct reply *reply,
                    const struct explain_context *context, struct arena *arena)
{
    struct provider_evidence evidence;
    struct provider_pair providers;
    *situation = (struct situation){.stage = context->stage, .conditions = catalog_conditions_of(context)};
    reply_words_read(&situation->words, reply->code, reply->lines, reply->line_count, arena);
    if (situation->words.enhanced.class == 0)
        situation->words.enhanced = reply->enhanced;
    if (situation->words.links == 1 && situation->stage < 0)
        situation->conditions |= CONDITION_BARE;
    situation->class = reply->code ? (unsigned)reply->code / 100 : situation->words.enhanced.class;
    situation->pairs = pairs_of(situation->words.text);
    provider_evidence_read(&evidence, catalog, context);
    provider_evidence_add_words(&evidence, provider_by_words(source, catalog, situation));
    provider_detect(&providers, &evidence, context->provider);
    situation->speaker = providers.speaker;
    situation->mailboxes = providers.mailboxes;
}

/* The comparison */

static void compare(const struct catalog_under_test *test, const struct reply *reply,
                    const struct explain_context *context, struct arena *arena)
{
    struct situation *situation = ARENA_NEW(arena, struct situation);
    struct catalog_query query;
    look_at(situation, &test->source, &test->catalog, reply, context, arena);
    const struct source_rule *wanted = read_rule_by_rule(&test->source, situation);
    catalog_query_init(&query, &test->catalog, reply, context, arena);
    struct catalog_choice reached = catalog_query_best(&query, CONFIDENCE_TAG);
    assert_non_null(wanted);
    assert_non_null(reached.rule);
    const char *id = catalog_text(reached.table, reached.rule->id);
    if (!span_is(wanted->id, id))
        fail_msg("%d %.*s at stage %d, host %s: reaches %s, but rule by rule %.*s", reply->code,
                 SPAN_ARGS(reply->lines[0]), context->stage, context->host ? context->host : "-", id,
                 SPAN_ARGS(wanted->id));
}

/* Replies: a generator of our own, so that a failure can be had again */

static uint32_t seed = 1;

static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)seed * limit >> 32);
}

static struct explain_context any_context(const struct source_example *example)
{
    static const char *const hosts[] = {NULL,
                                        NULL,
                                        "gmail-smtp-in.l.google.com",
                                        "x.mail.protection.outlook.com",
                                        "eu-smtp-inbound-1.mimecast.com",
                                        "mta7.am0.yahoodns.net",
                                        "mx00.t-online.de",
                                        "mx.example.net"};
    static const char *const recipients[] = {NULL, "a@gmail.com", "b@yahoo.com", "c@example.com"};
    static const char *const providers[] = {"gmail", "microsoft365", "mimecast", "yahoo"};
    static const int stages[] = {-1,         STAGE_BANNER, STAGE_EHLO, STAGE_AUTH,
                                 STAGE_MAIL, STAGE_RCPT,   STAGE_DATA, STAGE_BODY};
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    context.stage = below(2) ? example->stage : stages[below(8)];
    context.host = hosts[below(8)];
    context.recipient = recipients[below(4)];
    context.provider = below(6) ? NULL : providers[below(4)];
    context.port = below(3) ? 0 : below(2) ? 587 : 25;
    context.in_tls = (int)below(3) - 1;
    context.authenticated = (int)below(3) - 1;
    context.is_consequence = below(20) == 0;
    return context;
}

static int any_code(int code)
{
    static const int codes[] = {0, 220, 250, 354, 421, 450, 451, 535, 550, 552, 554};
    return below(3) ? code : codes[below(11)];
}

/** Octets replaced, and a piece of another example put somewhere. */
static struct span mutated(struct span text, struct span other, struct arena *arena)
{
    static const char octets[] = " .@-:{}&a1e\xc3\xa9";
    size_t cut = below((uint32_t)text.size + 1), from = below((uint32_t)other.size + 1);
    struct span piece = span_first(span_skip(other, from), below(40));
    char *copy = arena_printf(arena, "%.*s%s%.*s%s%.*s", (int)cut, text.at, below(2) ? " " : "",
                              SPAN_ARGS(piece), below(2) ? " " : "", (int)(text.size - cut), text.at + cut);
    struct span changed = span_of_string(copy);
    for (uint32_t i = below(4); i > 0 && changed.size > 0; i--)
        copy[below((uint32_t)changed.size)] = octets[below(sizeof octets - 1)];
    return changed;
}

static size_t cut_in_two(struct span text, struct span lines[2])
{
    size_t cut = below((uint32_t)text.size + 1);
    lines[0] = span_first(text, cut);
    lines[1] = span_skip(text, cut);
    return 2;
}

static void compare_example(const struct catalog_under_test *test, const struct source_example *example,
                            const struct source_example *other)
{
    struct arena arena = ARENA_EMPTY;
    struct span lines[2] = {example->text};
    struct reply reply = {.code = any_code(example->code), .lines = lines, .line_count = 1};
    struct explain_context context = any_context(example);
    if (below(2))
        lines[0] = mutated(example->text, other->text, &arena);
    if (below(4) == 0)
        reply.line_count = cut_in_two(lines[0], lines);
    if (below(8) == 0)
        reply.enhanced = (struct enhanced_status){5, (unsigned short)below(8), (unsigned short)below(30)};
    compare(test, &reply, &context, &arena);
    arena_clear(&arena);
}

static const struct source_rule *any_rule(const struct catalog_under_test *test)
{
    const struct source_rule *rule = test->source.rules[below((uint32_t)test->source.count)];
    return rule->examples.count > 0 ? rule : test->source.rules[0];
}

static void the_index_finds_what_reading_rule_by_rule_finds(void **state)
{
    const struct catalog_under_test *test = *state;
    for (size_t i = 0; i < test->source.count; i++) {
        const struct source_rule *rule = test->source.rules[i];
        for (size_t k = 0; k < rule->examples.count && rule->keys.count == 0; k++)
            compare_example(test, &rule->examples.at[k], &any_rule(test)->examples.at[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_index_finds_what_reading_rule_by_rule_finds),
    };
    return cmocka_run_group_tests_name("catalog matching", tests, catalog_under_test_of_files, catalog_under_test_free);
}
