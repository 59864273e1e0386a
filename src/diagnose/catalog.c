#include "diagnose/catalog.h"

#include "diagnose/explainer.h"

#include <assert.h>

/* Variants: what else the same key or the same codes may mean */

struct variants {
    const struct explainer *explainer;
    const struct explanation *answer;
    const struct explanation **at;
    size_t count;
    size_t capacity;
};

static bool is_told(const struct variants *variants, const char *title)
{
    for (size_t i = 0; i < variants->count; i++)
        if (strcmp(variants->at[i]->title, title) == 0)
            return true;
    return strcmp(variants->answer->title, title) == 0;
}

/** Rules that differ in their words only say the same: one of them is enough. */
static void add_variant(struct variants *variants, struct catalog_choice choice)
{
    if (is_told(variants, catalog_text(choice.table, choice.rule->title)))
        return;
    variants->at = arena_grow(variants->explainer->arena, variants->at, variants->count, &variants->capacity,
                              sizeof *variants->at);
    variants->at[variants->count++] = explainer_tell(variants->explainer, choice);
}

/* Replies */

static bool has_codes_only(const struct catalog_query *query)
{
    return query->words.text.size == 1 && (query->words.code || query->words.enhanced.class);
}

static bool is_same_rule(struct catalog_choice a, struct catalog_choice b)
{
    return a.rule == b.rule;
}

/**
 * The provider's own rules for the codes. One that was found without words stays
 * the answer; else the one that is marked as general, or the first where all
 * tell the same cause.
 */
static struct catalog_choice choose_by_codes(const struct catalog_query *query, struct catalog_choice best)
{
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct catalog_choice choice, first = {0, NULL, NULL}, general = {0, NULL, NULL};
    bool differ = false;
    if (best.rule->layer <= CONFIDENCE_PROVIDER)
        return best;
    while (catalog_next_choice(query->catalog, &cursor, &choice)) {
        if (!catalog_query_names_codes(query, choice))
            continue;
        if (!first.rule)
            first = choice;
        if (choice.rule->is_general && !general.rule)
            general = choice;
        differ = differ || choice.rule->cause != first.rule->cause;
    }
    return general.rule ? general : first.rule && !differ ? first : best;
}

static void list_by_codes(const struct explainer *explainer, struct catalog_choice answer,
                          struct explanation *explanation)
{
    struct variants variants = {.explainer = explainer, .answer = explanation};
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct catalog_choice choice;
    while (catalog_next_choice(explainer->query.catalog, &cursor, &choice))
        if (!is_same_rule(choice, answer) && catalog_query_names_codes(&explainer->query, choice))
            add_variant(&variants, choice);
    explanation->variants = variants.at;
    explanation->variant_count = variants.count;
}

/** The catalog is not built without a rule for each class. */
static struct catalog_choice decide(const struct catalog_query *query)
{
    struct catalog_choice best = catalog_query_best(query, CONFIDENCE_TAG);
    assert(best.rule);
    return has_codes_only(query) ? choose_by_codes(query, best) : best;
}

const struct explanation *catalog_explain(const struct catalog *catalog, const struct reply *reply,
                                          const struct explain_context *context, struct arena *arena)
{
    struct explainer explainer;
    explainer_init(&explainer, catalog, reply, context, arena);
    struct catalog_choice answer = decide(&explainer.query);
    explainer.extras.listed_by = explainer_list_named(&explainer, answer);
    explainer.extras.client_address = explainer_client_named(&explainer, answer);
    explainer_name_mailbox(&explainer, answer, reply);
    struct explanation *explanation = explainer_tell(&explainer, answer);
    explainer_add_remarks(&explainer, answer, explanation);
    if (has_codes_only(&explainer.query))
        list_by_codes(&explainer, answer, explanation);
    return explanation;
}

void catalog_find(const struct catalog *catalog, const struct reply *reply,
                  const struct explain_context *context, struct arena *scratch, struct catalog_answer *answer)
{
    struct catalog_query query;
    catalog_query_init(&query, catalog, reply, context, scratch);
    struct catalog_choice choice = decide(&query);
    struct provider_pair providers = catalog_query_providers(&query, choice);
    *answer = (struct catalog_answer){
        .known = choice.rule->layer != CONFIDENCE_CLASS,
        .confidence = catalog_confidence(choice.rule),
        .cause = choice.rule->cause,
        .rule = catalog_text(choice.table, choice.rule->id),
        .title = catalog_text(choice.table, choice.rule->title),
        .provider = providers.speaker,
        .mailbox_provider = providers.mailboxes,
    };
}

/* Look-ups */

bool catalog_look_up_parse(const struct catalog *catalog, struct span text, struct look_up *look_up)
{
    struct span first, second;
    *look_up = (struct look_up){{NULL, 0}, {NULL, 0}, {NULL, 0}};
    if (!span_next_token(&text, " \t", &first))
        return false;
    struct span rest = text;
    bool has_provider = provider_find(catalog, first).table && span_next_token(&rest, " \t", &second);
    look_up->provider = has_provider ? first : span_of(NULL, 0);
    look_up->key = has_provider ? second : first;
    look_up->words = span_trim(has_provider ? rest : text);
    return true;
}

/** The first key that is not less than the wanted one. */
static uint32_t find_key(const struct catalog_table *table, const char *wanted)
{
    uint32_t low = 0, high = table->key_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(table->text + table->keys[middle].text, wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_of_provider(struct catalog_choice choice, const char *provider)
{
    return !provider || strcmp(choice.table->text + choice.rule->provider, provider) == 0;
}

struct candidates {
    struct catalog_choice *at;
    size_t count;
    size_t capacity;
};

static void add_candidates(struct candidates *candidates, const struct catalog *catalog, size_t part,
                           const char *key, const char *provider, struct arena *arena)
{
    const struct catalog_table *table = catalog->parts[part].table;
    for (uint32_t i = find_key(table, key);
         i < table->key_count && strcmp(table->text + table->keys[i].text, key) == 0; i++) {
        struct catalog_choice choice = {part, table, &table->rules[table->keys[i].rule]};
        if (!catalog_rule_counts(&catalog->parts[part], table->keys[i].rule) ||
            !is_of_provider(choice, provider))
            continue;
        candidates->at = arena_grow(arena, candidates->at, candidates->count, &candidates->capacity,
                                    sizeof *candidates->at);
        candidates->at[candidates->count++] = choice;
    }
}

/** The one that the words select, else the general one, else the first. */
static struct catalog_choice choose_look_up(const struct candidates *candidates,
                                            const struct catalog_query *query)
{
    struct catalog_choice best = {0, NULL, NULL}, general = candidates->at[0];
    uint64_t best_fit = 0;
    for (size_t i = candidates->count; i-- > 0;) {
        uint64_t fit = catalog_query_selects(query, candidates->at[i]);
        if (fit > 0 && fit >= best_fit) {
            best = candidates->at[i];
            best_fit = fit;
        }
        if (candidates->at[i].rule->is_general)
            general = candidates->at[i];
    }
    return best.rule ? best : general;
}

static const struct explanation *tell_look_up(const struct candidates *candidates,
                                              const struct catalog *catalog, struct span words,
                                              const struct explain_context *context, struct arena *arena)
{
    struct reply reply = {.lines = &words, .line_count = 1};
    struct explainer explainer;
    explainer_init(&explainer, catalog, &reply, context, arena);
    struct catalog_choice answer = choose_look_up(candidates, &explainer.query);
    struct explanation *explanation = explainer_tell(&explainer, answer);
    struct variants variants = {.explainer = &explainer, .answer = explanation};
    for (size_t i = 0; i < candidates->count; i++)
        if (!is_same_rule(candidates->at[i], answer))
            add_variant(&variants, candidates->at[i]);
    explanation->variants = variants.at;
    explanation->variant_count = variants.count;
    return explanation;
}

static const char *lower_case(struct span text, struct arena *arena)
{
    char *copy = arena_allocate(arena, text.size + 1);
    for (size_t i = 0; i < text.size; i++)
        copy[i] = ascii_lower(text.at[i]);
    return copy;
}

const struct explanation *catalog_look_up(const struct catalog *catalog, const struct look_up *look_up,
                                          const struct explain_context *context, struct arena *arena)
{
    struct provider_reference provider = provider_find(catalog, look_up->provider);
    if (look_up->provider.size > 0 && !provider.table)
        return NULL;
    const char *id = provider.table ? catalog_text(provider.table, provider.provider->id) : NULL;
    const char *key = lower_case(look_up->key, arena);
    struct candidates candidates = {NULL, 0, 0};
    for (size_t part = 0; part < catalog->part_count; part++)
        add_candidates(&candidates, catalog, part, key, id, arena);
    if (candidates.count == 0)
        return NULL;
    return tell_look_up(&candidates, catalog, look_up->words, context, arena);
}

const struct explanation *catalog_explain_rule(const struct catalog *catalog, struct span id,
                                               const struct explain_context *context, struct arena *arena)
{
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct catalog_choice choice;
    struct reply nothing = {.code = 0};
    while (catalog_next_choice(catalog, &cursor, &choice))
        if (span_is(id, catalog_text(choice.table, choice.rule->id))) {
            struct explainer explainer;
            explainer_init(&explainer, catalog, &nothing, context, arena);
            return explainer_tell(&explainer, choice);
        }
    return NULL;
}
