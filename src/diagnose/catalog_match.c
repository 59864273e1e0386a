#include "diagnose/catalog_match.h"

#include "smtp/port.h"

#include <stdlib.h>

/* Fragments to phrases */

/** Words, then octets: the more of the text was asked for, the more specific. */
static uint32_t weight_of_fragment(const struct catalog_fragment *fragment)
{
    return (uint32_t)fragment->words << 12 | fragment->size;
}

/** The weight of a phrase that occurs: its fragments' in all, of alternatives the weightiest's; else 0. */
static uint32_t weight_of_phrase(const struct catalog_hits *hits, const struct catalog_table *table,
                                 struct catalog_run members)
{
    uint32_t weight = 0, best = 0;
    for (uint32_t i = 0; i < members.count; i++) {
        uint32_t member = table->members[members.first + i], number = member & ~MEMBER_IS_OTHER;
        if (!(member & MEMBER_IS_OTHER)) {
            if (i > 0 && best == 0)
                return 0;
            weight += best;
            best = 0;
        }
        uint32_t own =
            fragment_is_found(&hits->found, number) ? weight_of_fragment(&table->fragments[number]) : 0;
        best = own > best ? own : best;
    }
    return best ? weight + best : 0;
}

static bool any_found(const struct catalog_hits *hits, const struct catalog_table *table,
                      struct catalog_run run)
{
    for (uint32_t i = 0; i < run.count; i++)
        if (fragment_is_found(&hits->found, table->members[run.first + i]))
            return true;
    return false;
}

static void weigh_phrases(struct catalog_hits *hits, const struct catalog_table *table,
                          const struct catalog_fragment *fragment, struct arena *arena)
{
    for (uint32_t i = 0; i < fragment->keyed.count; i++) {
        const struct catalog_phrase *phrase = &table->phrases[table->keyed[fragment->keyed.first + i]];
        uint32_t weight =
            phrase->is_choice ? weight_of_fragment(fragment) : weight_of_phrase(hits, table, phrase->members);
        if (weight == 0)
            continue;
        hits->hits = arena_grow(arena, hits->hits, hits->count, &hits->capacity, sizeof *hits->hits);
        hits->hits[hits->count++] = (struct catalog_hit){phrase->owner, weight};
    }
}

static int compare_hits(const void *left, const void *right)
{
    const struct catalog_hit *a = left, *b = right;
    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    return (a->weight < b->weight) - (a->weight > b->weight);
}

/** Few as they are, insertion beats qsort(). */
static void sort_hits(struct catalog_hits *hits)
{
    enum { FEW = 24 };
    if (hits->count > FEW) {
        qsort(hits->hits, hits->count, sizeof *hits->hits, compare_hits);
        return;
    }
    for (size_t i = 1; i < hits->count; i++) {
        struct catalog_hit hit = hits->hits[i];
        size_t at = i;
        for (; at > 0 && compare_hits(&hit, &hits->hits[at - 1]) < 0; at--)
            hits->hits[at] = hits->hits[at - 1];
        hits->hits[at] = hit;
    }
}

/** Sorts, and keeps of each owner the weightiest. */
static void merge_hits(struct catalog_hits *hits)
{
    size_t kept = 0;
    sort_hits(hits);
    for (size_t i = 0; i < hits->count; i++)
        if (i == 0 || hits->hits[i].owner != hits->hits[i - 1].owner)
            hits->hits[kept++] = hits->hits[i];
    hits->count = kept;
}

/** The class that counts: the code's, else that of the enhanced code. */
static unsigned class_of(const struct reply_words *words)
{
    return words->code ? (unsigned)words->code / 100 : words->enhanced.class;
}

static bool is_success(const struct reply_words *words)
{
    return class_of(words) == 2 || class_of(words) == 3;
}

static struct catalog_hits read_hits(const struct reply_words *words, const struct catalog_table *table,
                                     struct arena *arena)
{
    struct catalog_hits hits = {.count = 0};
    fragment_trie_find(table, words, is_success(words), &hits.found, arena);
    for (size_t i = 0; i < hits.found.count; i++)
        weigh_phrases(&hits, table, &table->fragments[hits.found.list[i]], arena);
    merge_hits(&hits);
    return hits;
}

/** 0: none of the rule's words occur, or it wants none. */
static uint32_t weight_of(const struct catalog_hits *hits, uint32_t owner)
{
    size_t low = 0, high = hits->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (hits->hits[middle].owner == owner)
            return hits->hits[middle].weight;
        if (hits->hits[middle].owner < owner)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

/* The surroundings */

unsigned catalog_conditions_of(const struct explain_context *context)
{
    unsigned conditions = 0;
    if (context->port == PORT_SMTP || context->from_mx)
        conditions |= CONDITION_MX;
    else if (port_is_for_submission(context->port))
        conditions |= CONDITION_SUBMISSION;
    if (context->in_tls >= 0)
        conditions |= context->in_tls ? CONDITION_TLS : CONDITION_CLEAR;
    if (context->authenticated >= 0)
        conditions |= context->authenticated ? CONDITION_AUTHENTICATED : CONDITION_ANONYMOUS;
    if (context->is_consequence)
        conditions |= CONDITION_CONSEQUENCE;
    if (context->from_mx)
        conditions |= CONDITION_BY_MX;
    return conditions;
}

/** The provider whose words in the reply weigh most. */
static struct provider_reference provider_by_words(const struct catalog_query *query)
{
    struct provider_reference best = {NULL, NULL};
    uint32_t best_weight = 0;
    for (size_t part = 0; part < query->catalog->part_count; part++) {
        const struct catalog_table *table = query->catalog->parts[part].table;
        const struct catalog_hits *hits = &query->hits[part];
        for (size_t i = hits->count; i > 0 && hits->hits[i - 1].owner >= table->rule_count; i--) {
            const struct catalog_provider *provider =
                &table->providers[hits->hits[i - 1].owner - table->rule_count];
            if (hits->hits[i - 1].weight >= best_weight && provider_counts(query->catalog, part, provider)) {
                best_weight = hits->hits[i - 1].weight;
                best = (struct provider_reference){table, provider};
            }
        }
    }
    return best;
}

void catalog_query_init(struct catalog_query *query, const struct catalog *catalog, const struct reply *reply,
                        const struct explain_context *context, struct arena *arena)
{
    *query = (struct catalog_query){
        .catalog = catalog, .stage = context->stage, .conditions = catalog_conditions_of(context)};
    reply_words_read(&query->words, reply->code, reply->lines, reply->line_count, arena);
    if (query->words.enhanced.class == 0)
        query->words.enhanced = reply->enhanced;
    if (query->words.links == 1 && query->stage < 0)
        query->conditions |= CONDITION_BARE;
    for (size_t part = 0; part < catalog->part_count; part++)
        query->hits[part] = read_hits(&query->words, catalog->parts[part].table, arena);
    query->provider_is_given = context->provider && context->provider[0];
    struct provider_evidence evidence;
    provider_evidence_read(&evidence, catalog, context);
    provider_evidence_add_words(&evidence, provider_by_words(query));
    provider_detect(&query->providers, &evidence, context->provider);
}

/* Phrases to the rule */

static bool in_range(struct catalog_codes range, unsigned code)
{
    return code >= range.first && code <= range.last;
}

static bool names_code(const struct catalog_query *query, struct catalog_choice choice)
{
    const struct catalog_codes *codes = choice.table->codes + choice.rule->codes.first;
    for (uint32_t i = 0; i < choice.rule->codes.count; i++)
        if (in_range(codes[i], (unsigned)query->words.code))
            return true;
    return false;
}

/**
 * Without a code (an enhanced one alone, a line of text) rules are out that know nothing but codes, and
 * those of a software whose common words only its code proves.
 */
static bool code_fits(const struct catalog_query *query, struct catalog_choice choice)
{
    if (choice.rule->codes.count == 0)
        return true;
    if (query->words.code == 0)
        return choice.rule->layer < CONFIDENCE_ENHANCED && choice.rule->layer != CONFIDENCE_SOFTWARE &&
               (choice.rule->phrases.count > 0 || choice.rule->enhanced.count > 0);
    return names_code(query, choice);
}

/** Whether the class that a rule wants (0: a failure of either kind) is that of the reply. */
static bool enhanced_class_fits(unsigned wanted, unsigned class)
{
    if (class == ENHANCED_CLASS_ANY)
        return wanted != 2;
    return wanted ? class == wanted : class > 2;
}

static bool names_enhanced(const struct catalog_query *query, struct catalog_choice choice)
{
    struct enhanced_status status = query->words.enhanced;
    const struct catalog_enhanced *codes = choice.table->enhanced + choice.rule->enhanced.first;
    for (uint32_t i = 0; i < choice.rule->enhanced.count; i++)
        if (status.class && enhanced_class_fits(codes[i].class, status.class) &&
            status.subject == codes[i].subject && in_range(codes[i].detail, status.detail))
            return true;
    return false;
}

static bool enhanced_fits(const struct catalog_query *query, struct catalog_choice choice)
{
    return choice.rule->enhanced.count == 0 || names_enhanced(query, choice);
}

/** A line of a log without any code is a refusal if it has the words of one. */
static bool class_fits(const struct catalog_query *query, const struct catalog_rule *rule)
{
    unsigned class = class_of(&query->words);
    bool explains_refusals = rule->classes & (1u << 4 | 1u << 5);
    if (explains_refusals && (class == ENHANCED_CLASS_ANY || (class == 0 && rule->phrases.count > 0)))
        return true;
    return rule->classes == 0 || rule->classes >> class & 1;
}

static bool is_provider(struct catalog_choice choice, const char *provider)
{
    const char *own = catalog_text(choice.table, choice.rule->provider);
    return own && provider && strcmp(own, provider) == 0;
}

static bool surroundings_fit(const struct catalog_query *query, struct catalog_choice choice)
{
    const struct catalog_rule *rule = choice.rule;
    if (rule->stages && (query->stage < 0 || !(rule->stages >> query->stage & 1)))
        return false;
    if (rule->conditions & ~query->conditions)
        return false;
    return !rule->provider || rule->layer == CONFIDENCE_TAG ||
           is_provider(choice, query->providers.speaker) || is_provider(choice, query->providers.mailboxes);
}

/** How well the rule fits; 0 if it does not. @param words the weight of its words */
static uint64_t fitness(const struct catalog_query *query, struct catalog_choice choice, uint32_t words)
{
    const struct catalog_rule *rule = choice.rule;
    if (words == 0 && rule->phrases.count > 0)
        return 0;
    if (!class_fits(query, rule) || !surroundings_fit(query, choice) || !code_fits(query, choice) ||
        !enhanced_fits(query, choice) || any_found(&query->hits[choice.part], choice.table, rule->barred))
        return 0;
    /* What follows from replies before is explained there, whatever the text says. */
    uint64_t consequence = (rule->conditions & CONDITION_CONSEQUENCE) != 0;
    uint64_t speaks = rule->layer == CONFIDENCE_PROVIDER && is_provider(choice, query->providers.speaker);
    /* A code that is not known makes no rule narrower: it may be another one. */
    bool may_differ = rule->codes.count > 0 && query->words.code == 0;
    uint64_t particular = words > 0 && !rule->is_general && !may_differ;
    uint64_t narrowness = may_differ ? 0 : rule->narrowness;
    return UINT64_C(1) << 63 | consequence << 48 | speaks << 44 | particular << 40 | (uint64_t)words << 16 |
           narrowness;
}

/** The best rule so far of one part. */
struct contest {
    const struct catalog_query *query;
    struct catalog_choice best;
    uint64_t fitness;
    enum confidence from;
};

/** Of equals the first by id wins: rules are sorted by layer, then id. */
static bool comes_first(const struct contest *contest, const struct catalog_rule *rule, uint64_t fits)
{
    const struct catalog_rule *best = contest->best.rule;
    if (!best || rule->layer != best->layer)
        return !best || rule->layer < best->layer;
    return fits > contest->fitness || (fits == contest->fitness && rule < best);
}

static void try_rule(struct contest *contest, uint32_t number, uint32_t words)
{
    const struct catalog_part *part = &contest->query->catalog->parts[contest->best.part];
    struct catalog_choice choice = contest->best;
    choice.rule = &choice.table->rules[number];
    if (choice.rule->layer < contest->from || !catalog_rule_counts(part, number) ||
        (contest->best.rule && choice.rule->layer > contest->best.rule->layer))
        return;
    uint64_t fits = fitness(contest->query, choice, words);
    if (fits > 0 && comes_first(contest, choice.rule, fits)) {
        contest->best = choice;
        contest->fitness = fits;
    }
}

static void try_wordless(struct contest *contest, struct catalog_run run)
{
    for (uint32_t i = 0; i < run.count; i++)
        try_rule(contest, contest->best.table->wordless[run.first + i], 0);
}

/** Rules with words take part if these occur, the others if they may name the codes. */
static struct catalog_choice best_of_part(const struct catalog_query *query, size_t part,
                                          enum confidence from)
{
    const struct catalog_table *table = query->catalog->parts[part].table;
    const struct catalog_hits *hits = &query->hits[part];
    struct contest contest = {query, {part, table, NULL}, 0, from};
    for (size_t i = 0; i < hits->count && hits->hits[i].owner < catalog_reply_rule_count(table); i++)
        try_rule(&contest, hits->hits[i].owner, hits->hits[i].weight);
    const struct enhanced_status *status = &query->words.enhanced;
    try_wordless(&contest, table->wordless_runs[WORDLESS_ANY]);
    try_wordless(&contest, table->wordless_runs[wordless_key_of_code((unsigned)query->words.code)]);
    if (status->class)
        try_wordless(&contest,
                     table->wordless_runs[wordless_key_of_enhanced(status->subject, status->detail)]);
    return contest.best;
}

struct catalog_choice catalog_query_best(const struct catalog_query *query, enum confidence from)
{
    struct catalog_choice best = {0, NULL, NULL};
    for (size_t part = 0; part < query->catalog->part_count; part++) {
        struct catalog_choice choice = best_of_part(query, part, from);
        if (choice.rule && (!best.rule || choice.rule->layer < best.rule->layer))
            best = choice;
    }
    return best;
}

/** Words of its own prove who speaks; a block list that is quoted does not. */
static bool proves_provider(struct provider_reference own, const struct catalog_rule *rule)
{
    return rule->layer == CONFIDENCE_TAG && own.provider->kind != PROVIDER_LIST;
}

struct provider_pair catalog_query_providers(const struct catalog_query *query, struct catalog_choice choice)
{
    struct provider_pair pair = query->providers;
    struct provider_reference own =
        provider_find(query->catalog, span_of_string(catalog_text(choice.table, choice.rule->provider)));
    if (!own.table || (pair.speaker && (query->provider_is_given || !proves_provider(own, choice.rule))))
        return pair;
    struct provider_summary summary = provider_summary_of(own);
    pair.speaker = summary.id;
    pair.speaker_name = summary.name;
    return pair;
}

enum confidence catalog_confidence(const struct catalog_rule *rule)
{
    if (rule->conditions & CONDITION_CONSEQUENCE)
        return CONFIDENCE_BASIC;
    return rule->layer == CATALOG_LAYER_LOOK_UP ? CONFIDENCE_PROVIDER : rule->layer;
}

uint64_t catalog_query_selects(const struct catalog_query *query, struct catalog_choice look_up)
{
    const struct catalog_hits *hits = &query->hits[look_up.part];
    uint64_t weight = weight_of(hits, (uint32_t)(look_up.rule - look_up.table->rules));
    if (weight == 0 || any_found(hits, look_up.table, look_up.rule->barred))
        return 0;
    return weight | (uint64_t)!look_up.rule->is_general << 32;
}

bool catalog_query_names_codes(const struct catalog_query *query, struct catalog_choice choice)
{
    if (!is_provider(choice, query->providers.speaker) && !is_provider(choice, query->providers.mailboxes))
        return false;
    if (!class_fits(query, choice.rule) || !code_fits(query, choice))
        return false;
    return query->words.enhanced.class ? names_enhanced(query, choice) : names_code(query, choice);
}

/** The fragment of these that was found in a link, or NULL. */
static const struct catalog_fragment *
link_found(const struct catalog_hits *hits, const struct catalog_table *table, struct catalog_run members)
{
    for (uint32_t i = 0; i < members.count; i++) {
        uint32_t number = table->members[members.first + i] & ~MEMBER_IS_OTHER;
        const struct catalog_fragment *fragment = &table->fragments[number];
        if (fragment->flags & FRAGMENT_IN_LINK && fragment_is_found(&hits->found, number))
            return fragment;
    }
    return NULL;
}

bool catalog_query_link(const struct catalog_query *query, struct catalog_choice choice, struct span *text)
{
    const struct catalog_table *table = choice.table;
    const struct catalog_hits *hits = &query->hits[choice.part];
    for (uint32_t i = 0; i < choice.rule->phrases.count; i++) {
        struct catalog_run members = table->phrases[choice.rule->phrases.first + i].members;
        const struct catalog_fragment *link = link_found(hits, table, members);
        if (link && weight_of_phrase(hits, table, members) > 0) {
            *text = span_of(table->text + link->text, link->size);
            return true;
        }
    }
    return false;
}

bool catalog_next_choice(const struct catalog *catalog, struct catalog_cursor *cursor,
                         struct catalog_choice *choice)
{
    for (; cursor->part < catalog->part_count; cursor->part++, cursor->next = 0) {
        const struct catalog_part *part = &catalog->parts[cursor->part];
        while (cursor->next < part->table->rule_count) {
            uint32_t rule = cursor->next++;
            if (!catalog_rule_counts(part, rule))
                continue;
            *choice = (struct catalog_choice){cursor->part, part->table, &part->table->rules[rule]};
            return true;
        }
    }
    return false;
}
