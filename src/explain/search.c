#include "explain/search.h"

#include "explain/answer.h"

enum { WORD_LEAST = 2, WORD_SIZE = 64 };

const struct explanation *search_cause(struct span words, const struct explain_context *context,
                                       struct arena *arena)
{
    char id[WORD_SIZE];
    if (words.size == 0 || words.size >= sizeof id)
        return NULL;
    for (size_t i = 0; i < words.size; i++)
        id[i] = words.at[i] == ' ' || words.at[i] == '_' ? '-' : words.at[i];
    int cause = vocabulary_find(cause_words, CAUSE_COUNT, span_of(id, words.size));
    return cause < 0 ? NULL : explanation_of_cause(cause, context, arena);
}

static bool has_word(const struct rule_summary *rule, struct span word)
{
    char text[WORD_SIZE];
    if (word.size < WORD_LEAST || word.size >= sizeof text)
        return false;
    memcpy(text, word.at, word.size);
    text[word.size] = '\0';
    return span_contains_nocase(span_of_string(rule->title), text) ||
           span_contains_nocase(span_of_string(rule->id), text) ||
           span_contains_nocase(span_of_string(cause_name(rule->cause)), text);
}

static bool has_words(const struct rule_summary *rule, struct span words)
{
    struct span word;
    bool any = false;
    while (span_next_token(&words, " \t", &word)) {
        if (!has_word(rule, word))
            return false;
        any = true;
    }
    return any;
}

/** Rules of any server say more to a person who names none. */
static bool is_more_general(const struct rule_summary *rule, const struct rule_summary *other)
{
    bool is_owned = rule->provider || rule->software, other_is_owned = other->provider || other->software;
    if (is_owned != other_is_owned)
        return other_is_owned;
    return rule->layer != other->layer ? rule->layer < other->layer : strcmp(rule->id, other->id) < 0;
}

/** Of rules that say the same only the most general is kept. @return whether the rule is the lesser one */
static bool says_the_same(struct rule_summary *best, size_t *count, const struct rule_summary *rule)
{
    size_t i = 0;
    while (i < *count && strcmp(best[i].title, rule->title) != 0)
        i++;
    if (i == *count)
        return false;
    if (!is_more_general(rule, &best[i]))
        return true;
    memmove(&best[i], &best[i + 1], (--*count - i) * sizeof *best);
    return false;
}

/** The best ones, the most general first. */
static size_t find_rules(const struct catalog *catalog, struct span words, struct rule_summary *best)
{
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct rule_summary rule;
    size_t count = 0;
    while (catalog_next_rule(catalog, &cursor, &rule)) {
        if (!has_words(&rule, words) || says_the_same(best, &count, &rule))
            continue;
        size_t at = count;
        while (at > 0 && is_more_general(&rule, &best[at - 1]))
            at--;
        if (at > SEARCH_LIMIT)
            continue;
        count += count <= SEARCH_LIMIT;
        memmove(&best[at + 1], &best[at], (count - 1 - at) * sizeof *best);
        best[at] = rule;
    }
    return count;
}

const struct explanation *search_words(const struct catalog *catalog, struct span words,
                                       const struct explain_context *context, struct arena *arena)
{
    struct rule_summary best[SEARCH_LIMIT + 1];
    size_t count = find_rules(catalog, words, best);
    if (count == 0)
        return NULL;
    struct explanation *explanation = ARENA_NEW(arena, struct explanation);
    *explanation = *catalog_explain_rule(catalog, span_of_string(best[0].id), context, arena);
    explanation->variants = ARENA_ARRAY(arena, const struct explanation *, count);
    explanation->variant_count = 0;
    for (size_t i = 1; i < count; i++)
        explanation->variants[explanation->variant_count++] =
            catalog_explain_rule(catalog, span_of_string(best[i].id), context, arena);
    return explanation;
}
