/* What is done once all files of a catalog are read: rules take from each other
 * what they share, and each is checked for what it must have. */

#include "diagnose/catalog_match.h"

#include "diagnose/places.h"

#include <stdlib.h>

enum { LIKE_DEPTH = 4, OWN_DETAIL = 50 };

static bool rule_fault(const struct source_rule *rule, struct error *error, const char *what)
{
    return error_set(error, "%s:%u: rule %.*s %s", rule->file, rule->line, SPAN_ARGS(rule->id), what);
}

static bool provider_fault(const struct source_provider *provider, struct error *error, const char *what,
                           struct span value)
{
    return error_set(error, "%s:%u: provider %.*s %s%s%.*s", provider->file, provider->line,
                     SPAN_ARGS(provider->id), what, value.size ? ": " : "", SPAN_ARGS(value));
}

static int compare_spans(struct span a, struct span b)
{
    int order = memcmp(a.at, b.at, a.size < b.size ? a.size : b.size);
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_rules(const void *a, const void *b)
{
    return compare_spans((*(struct source_rule *const *)a)->id, (*(struct source_rule *const *)b)->id);
}

static int compare_providers(const void *a, const void *b)
{
    return compare_spans((*(struct source_provider *const *)a)->id,
                         (*(struct source_provider *const *)b)->id);
}

const struct source_rule *catalog_source_find(const struct catalog_source *source, struct span id)
{
    struct source_rule wanted = {.id = id}, *key = &wanted;
    struct source_rule **found =
        source->count ? bsearch(&key, source->rules, source->count, sizeof key, compare_rules) : NULL;
    return found ? *found : NULL;
}

static const struct source_rule *find_in_base(const struct catalog_source *source, struct span id)
{
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct catalog_choice choice;
    while (source->base && catalog_next_choice(source->base, &cursor, &choice))
        if (span_is(id, catalog_text(choice.table, choice.rule->id)))
            return catalog_table_unpack(choice.table, choice.rule, source->arena);
    return NULL;
}

/** A rule that names its own id means the one that it replaces. */
static const struct source_rule *find_model(const struct catalog_source *source,
                                            const struct source_rule *rule, struct span id)
{
    const struct source_rule *own = span_equal(rule->id, id) ? NULL : catalog_source_find(source, id);
    return own ? own : find_in_base(source, id);
}

static bool provider_is_declared(const struct catalog_source *source, struct span id)
{
    struct source_provider wanted = {.id = id}, *key = &wanted;
    if (source->provider_count > 0 &&
        bsearch(&key, source->providers, source->provider_count, sizeof key, compare_providers))
        return true;
    struct provider_reference known = {NULL, NULL};
    if (source->base)
        known = provider_find(source->base, id);
    return known.table && span_is(id, provider_summary_of(known).id);
}

static int layer_of(const struct source_rule *rule)
{
    if (rule->keys.count > 0)
        return CATALOG_LAYER_LOOK_UP;
    if (rule->layer >= 0)
        return rule->layer;
    if (rule->provider.at)
        return CONFIDENCE_PROVIDER;
    if (rule->software.at)
        return CONFIDENCE_SOFTWARE;
    if (rule->phrases.count > 0)
        return CONFIDENCE_PHRASE;
    if (rule->enhanced.count > 0)
        return CONFIDENCE_ENHANCED;
    return rule->codes.count > 0 ? CONFIDENCE_BASIC : CONFIDENCE_CLASS;
}

#define INHERIT(key, is_missing) (rule->key = (is_missing) ? model->key : rule->key)

static void inherit_from(struct source_rule *rule, const struct source_rule *model)
{
    INHERIT(cause, rule->cause < 0);
    INHERIT(who, rule->who < 0);
    INHERIT(retry, rule->retry < 0);
    INHERIT(retry_after, rule->retry_after < 0);
    INHERIT(scope, rule->scope < 0);
    INHERIT(title, !rule->title.at);
    INHERIT(meaning, !rule->meaning.at);
    INHERIT(advice, rule->advice.count == 0);
    INHERIT(links, rule->links.count == 0);
    INHERIT(remarks, rule->remarks.count == 0);
}

static bool inherit(struct source_rule *rule, const struct catalog_source *source, struct error *error)
{
    const struct source_rule *model = rule;
    for (int depth = 0; model->like.at; depth++) {
        if (depth == LIKE_DEPTH)
            return rule_fault(rule, error, "is like too long a chain of others, or like itself");
        struct span like = model->like;
        model = find_model(source, model, like);
        if (!model)
            return error_set(error, "%s:%u: rule %.*s is like %.*s, a rule that does not exist", rule->file,
                             rule->line, SPAN_ARGS(rule->id), SPAN_ARGS(like));
        inherit_from(rule, model);
    }
    return true;
}

static bool share_words(struct source_rule *rule, struct catalog_source *source, struct error *error)
{
    if (!rule->words_of.at)
        return true;
    const struct source_rule *model = find_model(source, rule, rule->words_of);
    if (!model || model->words_of.at || model->phrases.count == 0)
        return rule_fault(rule, error, "wants the words of a rule that has none of its own");
    if (rule->phrases.count > 0)
        return rule_fault(rule, error, "has words of its own and those of another");
    for (size_t i = 0; i < model->phrases.count; i++)
        source->fragment_count += model->phrases.at[i].count;
    if (source->fragment_count > CATALOG_FRAGMENTS_LIMIT)
        return rule_fault(rule, error, "shares more words: that makes more than 131072 fragments in all");
    rule->phrases.at = model->phrases.at;
    rule->phrases.count = model->phrases.count;
    return true;
}

/** Whether every {place} of the text exists. */
static bool places_exist(struct span text)
{
    for (const char *open; text.size > 0 && (open = memchr(text.at, '{', text.size));) {
        text = span_skip(text, (size_t)(open - text.at) + 1);
        const char *close = text.size > 0 ? memchr(text.at, '}', text.size) : NULL;
        if (!close || !place_is_known(span_first(text, (size_t)(close - text.at))))
            return false;
    }
    return true;
}

static bool check_places(const struct source_rule *rule, struct error *error)
{
    bool sound = !memchr(rule->title.at, '{', rule->title.size) && places_exist(rule->meaning);
    for (size_t i = 0; i < rule->advice.count; i++)
        sound = sound && places_exist(rule->advice.at[i]);
    for (size_t i = 0; i < rule->remarks.count; i++)
        sound = sound && places_exist(rule->remarks.at[i]);
    return sound ||
           rule_fault(rule, error, "has a place in its texts that does not exist, or one in its title");
}

static bool check_look_up(const struct source_rule *rule, struct error *error)
{
    if (rule->codes.count > 0 || rule->classes || rule->enhanced.count > 0 || rule->stages ||
        rule->conditions || rule->software.at)
        return rule_fault(rule, error,
                          "has a key: of codes, class, enhanced, stages, when and software it can have none");
    return rule->provider.at || rule_fault(rule, error, "has a key and is of no provider");
}

/** Such details are registered for nobody: who numbers refusals so is known by them (5.7.606). */
static bool has_own_numbers(const struct source_rule *rule)
{
    for (size_t i = 0; i < rule->enhanced.count; i++)
        if (rule->enhanced.at[i].detail.first < OWN_DETAIL)
            return false;
    return rule->enhanced.count > 0;
}

static bool check_layer(const struct source_rule *rule, struct error *error)
{
    switch (rule->layer) {
    case CONFIDENCE_TAG:
        return rule->phrases.count > 0 || rule->conditions & CONDITION_CONSEQUENCE || has_own_numbers(rule) ||
               rule_fault(rule, error, "is a tag without words");
    case CONFIDENCE_PROVIDER:
        return rule->provider.at || rule_fault(rule, error, "is of no provider");
    case CONFIDENCE_SOFTWARE:
        return (rule->software.at && rule->phrases.count > 0) ||
               rule_fault(rule, error, "needs software and words");
    case CONFIDENCE_PHRASE:
        return rule->phrases.count > 0 || rule_fault(rule, error, "has no words");
    case CONFIDENCE_ENHANCED:
        return rule->enhanced.count > 0 || rule_fault(rule, error, "has no enhanced code");
    case CONFIDENCE_BASIC:
        return rule->codes.count > 0 || rule_fault(rule, error, "has no code");
    case CATALOG_LAYER_LOOK_UP:
        return check_look_up(rule, error);
    default:
        return rule->classes != 0 || rule_fault(rule, error, "names neither words, nor a code, nor a class");
    }
}

static bool check_answer(const struct source_rule *rule, bool is_draft, struct error *error)
{
    if (rule->cause < 0 || !rule->title.at || !rule->meaning.at)
        return rule_fault(rule, error, "lacks its cause, title or meaning");
    if (rule->who < 0 || rule->retry < 0)
        return rule_fault(rule, error, "does not say who must act or whether to retry");
    if (rule->sources.count == 0 && !is_draft)
        return rule_fault(rule, error, "has no source");
    if (rule->examples.count == 0 && !is_draft)
        return rule_fault(rule, error, "has no example");
    bool is_refusal = rule->cause != CAUSE_OK && rule->cause != CAUSE_INTERMEDIATE;
    if (is_refusal && rule->advice.count == 0)
        return rule_fault(rule, error, "is a refusal without advice");
    return check_places(rule, error);
}

/* Providers */

/** A name by which exactly one provider is found. */
struct claim {
    struct span name;
    const struct source_provider *provider;
    const char *what;
};

static int compare_claims(const void *a, const void *b)
{
    const struct claim *left = a, *right = b;
    int order = strcmp(left->what, right->what);
    order = order ? order : compare_spans(left->name, right->name);
    return order ? order : compare_spans(left->provider->id, right->provider->id);
}

static bool is_same_claim(const struct claim *a, const struct claim *b)
{
    return strcmp(a->what, b->what) == 0 && span_equal(a->name, b->name);
}

static void claim_all(struct claim *claims, size_t *count, const struct source_provider *provider,
                      const struct source_texts *names, const char *what)
{
    for (size_t i = 0; i < names->count; i++)
        claims[(*count)++] = (struct claim){names->at[i], provider, what};
}

static size_t count_claims(const struct catalog_source *source)
{
    size_t count = 0;
    for (size_t i = 0; i < source->provider_count; i++) {
        const struct source_provider *provider = source->providers[i];
        count += 1 + provider->aliases.count + provider->hosts.count + provider->domains.count;
    }
    return count;
}

/** No name may lead to two providers: which one answers would be left to chance. */
static bool check_claims(const struct catalog_source *source, struct error *error)
{
    size_t count = 0;
    struct claim *claims = ARENA_ARRAY(source->arena, struct claim, count_claims(source) + 1);
    for (size_t i = 0; i < source->provider_count; i++) {
        const struct source_provider *provider = source->providers[i];
        claims[count++] = (struct claim){provider->id, provider, "id or alias"};
        claim_all(claims, &count, provider, &provider->aliases, "id or alias");
        claim_all(claims, &count, provider, &provider->hosts, "mx");
        claim_all(claims, &count, provider, &provider->domains, "domain");
    }
    qsort(claims, count, sizeof *claims, compare_claims);
    for (size_t i = 1; i < count; i++)
        if (is_same_claim(&claims[i - 1], &claims[i]))
            return error_set(error, "%s:%u: provider %.*s has the %s of provider %.*s, too: %.*s",
                             claims[i].provider->file, claims[i].provider->line,
                             SPAN_ARGS(claims[i].provider->id), claims[i].what,
                             SPAN_ARGS(claims[i - 1].provider->id), SPAN_ARGS(claims[i].name));
    return true;
}

static bool check_provider(const struct source_provider *provider, bool is_draft, struct error *error)
{
    if (!provider->name.at || provider->kind < 0)
        return provider_fault(provider, error, "lacks its name or kind", SPAN(""));
    if (provider->sources.count == 0 && !is_draft)
        return provider_fault(provider, error, "has no source", SPAN(""));
    return true;
}

static bool finish_providers(struct catalog_source *source, struct error *error)
{
    if (source->provider_count == 0)
        return true;
    qsort(source->providers, source->provider_count, sizeof *source->providers, compare_providers);
    for (size_t i = 1; i < source->provider_count; i++)
        if (compare_providers(&source->providers[i - 1], &source->providers[i]) == 0)
            return provider_fault(source->providers[i], error, "is declared twice, also in",
                                  span_of_string(source->providers[i - 1]->file));
    for (size_t i = 0; i < source->provider_count; i++)
        if (!check_provider(source->providers[i], source->is_draft, error))
            return false;
    return check_claims(source, error);
}

static bool check_rule_provider(const struct catalog_source *source, const struct source_rule *rule,
                                struct error *error)
{
    if (!rule->provider.at || provider_is_declared(source, rule->provider))
        return true;
    return error_set(error,
                     "%s:%u: rule %.*s is of a provider that is not known: %.*s (declare it with a "
                     "`provider: %.*s' stanza)",
                     rule->file, rule->line, SPAN_ARGS(rule->id), SPAN_ARGS(rule->provider),
                     SPAN_ARGS(rule->provider));
}

static bool finish_rule(struct catalog_source *source, struct source_rule *rule, struct error *error)
{
    if (!inherit(rule, source, error) || !share_words(rule, source, error))
        return false;
    rule->layer = layer_of(rule);
    return check_layer(rule, error) && check_rule_provider(source, rule, error) &&
           check_answer(rule, source->is_draft, error);
}

bool catalog_source_finish(struct catalog_source *source, struct error *error)
{
    if (!finish_providers(source, error))
        return false;
    if (source->count > 0)
        qsort(source->rules, source->count, sizeof *source->rules, compare_rules);
    for (size_t i = 1; i < source->count; i++)
        if (compare_rules(&source->rules[i - 1], &source->rules[i]) == 0)
            return rule_fault(source->rules[i], error, "is given twice");
    for (size_t i = 0; i < source->count; i++)
        if (!finish_rule(source, source->rules[i], error))
            return false;
    return true;
}
