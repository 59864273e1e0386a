#include "diagnose/catalog_check.h"

#include "diagnose/catalog_match.h"
#include "smtp/port.h"

struct explain_context catalog_example_context(const struct source_rule *rule,
                                               const struct source_example *example, struct arena *arena)
{
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    context.stage = example->stage;
    if (rule->provider.at && rule->layer != CONFIDENCE_TAG)
        context.provider = arena_copy(arena, rule->provider).at;
    if (rule->conditions & (CONDITION_MX | CONDITION_SUBMISSION))
        context.port = rule->conditions & CONDITION_MX ? PORT_SMTP : PORT_SUBMISSION;
    if (rule->conditions & (CONDITION_TLS | CONDITION_CLEAR))
        context.in_tls = (rule->conditions & CONDITION_TLS) != 0;
    if (rule->conditions & (CONDITION_AUTHENTICATED | CONDITION_ANONYMOUS))
        context.authenticated = (rule->conditions & CONDITION_AUTHENTICATED) != 0;
    context.is_consequence = rule->conditions & CONDITION_CONSEQUENCE;
    context.from_mx = rule->conditions & CONDITION_BY_MX;
    return context;
}

static const char *rule_of_reply(const struct catalog *catalog, const struct source_rule *rule,
                                 const struct source_example *example, struct arena *arena)
{
    struct span line = example->text;
    struct reply reply = {.code = example->code, .lines = &line, .line_count = 1};
    struct explain_context context = catalog_example_context(rule, example, arena);
    struct catalog_query query;
    catalog_query_init(&query, catalog, &reply, &context, arena);
    struct catalog_choice best = catalog_query_best(&query, CONFIDENCE_TAG);
    return best.rule ? catalog_text(best.table, best.rule->id) : "no rule";
}

static const char *rule_of_look_up(const struct catalog *catalog, const struct source_example *example,
                                   struct arena *arena)
{
    struct look_up look_up;
    if (!catalog_look_up_parse(catalog, example->text, &look_up))
        return "no rule";
    const struct explanation *found = catalog_look_up(catalog, &look_up, &EXPLAIN_CONTEXT_NONE, arena);
    return found ? found->rule : "no rule";
}

static bool check_example(const struct catalog_checker *checker, const struct catalog *catalog,
                          const struct source_rule *rule, const struct source_example *example)
{
    struct arena arena = ARENA_EMPTY;
    const char *reached = rule->layer == CATALOG_LAYER_LOOK_UP
                              ? rule_of_look_up(catalog, example, &arena)
                              : rule_of_reply(catalog, rule, example, &arena);
    bool ok = span_is(rule->id, reached);
    if (!ok)
        checker->complain(checker->context,
                          arena_printf(&arena, "%s:%u: example of rule %.*s reaches %s: %d %.*s", rule->file,
                                       example->line, SPAN_ARGS(rule->id), reached, example->code,
                                       SPAN_ARGS(example->text)));
    arena_clear(&arena);
    return ok;
}

bool catalog_check_examples(const struct catalog_checker *checker, const struct catalog *catalog,
                            const struct catalog_source *source)
{
    bool ok = true;
    for (size_t i = 0; i < source->count; i++)
        for (size_t k = 0; k < source->rules[i]->examples.count; k++)
            ok = check_example(checker, catalog, source->rules[i], &source->rules[i]->examples.at[k]) && ok;
    return ok;
}

static bool check_fragment(const struct catalog_checker *checker, const struct catalog_table *table,
                           const struct catalog_fragment *fragment)
{
    struct span text = span_of(table->text + fragment->text, fragment->size);
    if (fragment->flags & FRAGMENT_IN_LINK || memchr(text.at, '{', text.size))
        return true;
    struct arena arena = ARENA_EMPTY;
    struct reply_words words;
    reply_words_read(&words, 0, &text, 1, &arena);
    bool ok = span_equal(span_first(words.text, words.links - 1), text);
    if (!ok)
        checker->complain(checker->context, arena_printf(&arena, "catalog: no reply can hold the words: %.*s",
                                                         SPAN_ARGS(text)));
    arena_clear(&arena);
    return ok;
}

bool catalog_check_fragments(const struct catalog_checker *checker, const struct catalog_table *table)
{
    bool ok = true;
    for (uint32_t i = 0; i < table->fragment_count; i++)
        ok = check_fragment(checker, table, &table->fragments[i]) && ok;
    return ok;
}
