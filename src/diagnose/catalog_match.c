#include "diagnose/catalog_match.h"

#include "smtp/port.h"

/** Braces belong to marks, whose names are no words of the reply. */
static bool is_word(char c)
{
    return ascii_is_digit(c) || (c >= 'a' && c <= 'z') || c == '{' || c == '}';
}

/** Whether two neighbours belong to one word, so that a fragment cannot end between them. */
static bool is_joint(struct span text, size_t at)
{
    return at > 0 && at < text.size && is_word(text.at[at - 1]) && is_word(text.at[at]);
}

static bool occurs_at(const struct catalog_query *query, const struct catalog_fragment *fragment, size_t at)
{
    struct span text = query->words.text;
    bool in_link = fragment->flags & FRAGMENT_IN_LINK;
    if (in_link != (at >= query->words.links) || fragment->size > text.size - at)
        return false;
    if (memcmp(text.at + at, query->table->text + fragment->text, fragment->size) != 0)
        return false;
    return fragment->flags & FRAGMENT_OPEN_RIGHT || !is_joint(text, at + fragment->size);
}

static bool is_found(const struct catalog_query *query, uint32_t fragment)
{
    return query->found[fragment / 32] >> fragment % 32 & 1;
}

static bool all_found(const struct catalog_query *query, struct catalog_run run)
{
    for (uint32_t i = 0; i < run.count; i++)
        if (!is_found(query, query->table->members[run.first + i]))
            return false;
    return true;
}

static bool any_found(const struct catalog_query *query, struct catalog_run run)
{
    for (uint32_t i = 0; i < run.count; i++)
        if (is_found(query, query->table->members[run.first + i]))
            return true;
    return false;
}

static void weigh_phrases(struct catalog_query *query, const struct catalog_fragment *fragment)
{
    for (uint32_t i = 0; i < fragment->keyed.count; i++) {
        const struct catalog_phrase *phrase =
            &query->table->phrases[query->table->keyed[fragment->keyed.first + i]];
        if (phrase->weight > query->weights[phrase->rule] && all_found(query, phrase->members))
            query->weights[phrase->rule] = phrase->weight;
    }
}

static void find_fragments(struct catalog_query *query)
{
    const struct catalog_table *table = query->table;
    for (size_t at = 0; at + 3 <= query->words.text.size; at++) {
        unsigned bucket = catalog_bucket(query->words.text.at + at);
        bool within_word = is_joint(query->words.text, at);
        for (uint32_t i = table->buckets[bucket]; i < table->buckets[bucket + 1]; i++) {
            if (within_word && !(table->fragments[i].flags & FRAGMENT_OPEN_LEFT))
                break;
            if (occurs_at(query, &table->fragments[i], at))
                query->found[i / 32] |= UINT32_C(1) << i % 32;
        }
    }
    for (uint32_t i = 0; i < table->fragment_count; i++)
        if (query->found[i / 32] == 0)
            i |= 31;
        else if (is_found(query, i))
            weigh_phrases(query, &table->fragments[i]);
}

static unsigned conditions_of(const struct explain_context *context)
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

void catalog_query_init(struct catalog_query *query, const struct catalog_table *table,
                        const struct reply *reply, const struct explain_context *context, struct arena *arena)
{
    *query = (struct catalog_query){
        .table = table,
        .stage = context->stage,
        .provider = context->provider,
        .conditions = conditions_of(context),
        .found = ARENA_ARRAY(arena, uint32_t, table->fragment_count / 32 + 1),
        .weights = ARENA_ARRAY(arena, uint32_t, table->rule_count + 1),
    };
    reply_words_read(&query->words, reply->code, reply->lines, reply->line_count, arena);
    if (query->words.enhanced.class == 0)
        query->words.enhanced = reply->enhanced;
    find_fragments(query);
}

static bool in_range(struct catalog_codes range, unsigned code)
{
    return code >= range.first && code <= range.last;
}

/** Without a code (an enhanced one alone, a line of text) only rules of basic codes are out. */
static bool code_fits(const struct catalog_query *query, const struct catalog_rule *rule)
{
    if (rule->codes.count == 0)
        return true;
    if (query->words.code == 0)
        return rule->layer < CONFIDENCE_BASIC;
    for (uint32_t i = 0; i < rule->codes.count; i++)
        if (in_range(query->table->codes[rule->codes.first + i], (unsigned)query->words.code))
            return true;
    return false;
}

static bool enhanced_fits(const struct catalog_query *query, const struct catalog_rule *rule)
{
    struct enhanced_status status = query->words.enhanced;
    for (uint32_t i = 0; i < rule->enhanced.count; i++) {
        const struct catalog_enhanced *code = &query->table->enhanced[rule->enhanced.first + i];
        bool class_fits = code->class ? status.class == code->class : status.class > 2;
        if (class_fits && status.subject == code->subject && in_range(code->detail, status.detail))
            return true;
    }
    return rule->enhanced.count == 0;
}

static bool class_fits(const struct catalog_query *query, const struct catalog_rule *rule)
{
    unsigned class = query->words.code ? (unsigned)query->words.code / 100 : query->words.enhanced.class;
    return rule->classes == 0 || rule->classes >> class & 1;
}

static bool surroundings_fit(const struct catalog_query *query, const struct catalog_rule *rule)
{
    if (rule->stages && (query->stage < 0 || !(rule->stages >> query->stage & 1)))
        return false;
    if (rule->conditions & ~query->conditions)
        return false;
    const char *provider = catalog_text(query->table, rule->provider);
    return !provider || rule->layer == CONFIDENCE_TAG ||
           (query->provider && span_is_nocase(span_of_string(query->provider), provider));
}

/** How well the rule fits; 0 if it does not. */
static uint64_t fitness(const struct catalog_query *query, const struct catalog_rule *rule)
{
    uint32_t words = query->weights[rule - query->table->rules];
    if (words == 0 && rule->phrases.count > 0)
        return 0;
    if (!class_fits(query, rule) || !surroundings_fit(query, rule) || !code_fits(query, rule) ||
        !enhanced_fits(query, rule) || any_found(query, rule->barred))
        return 0;
    /* What follows from replies before is explained there, whatever the text says. */
    uint64_t consequence = rule->conditions & CONDITION_CONSEQUENCE;
    uint64_t particular = words > 0 && !rule->is_general;
    return UINT64_C(1) << 63 | consequence << 48 | particular << 40 | (uint64_t)words << 16 |
           rule->narrowness;
}

const struct catalog_rule *catalog_query_best(const struct catalog_query *query, enum confidence from)
{
    const struct catalog_rule *best = NULL;
    uint64_t best_fitness = 0;
    for (uint32_t i = 0; i < query->table->rule_count; i++) {
        const struct catalog_rule *rule = &query->table->rules[i];
        if (best && rule->layer > best->layer)
            break;
        uint64_t fits = rule->layer >= (int)from ? fitness(query, rule) : 0;
        if (fits > best_fitness) {
            best = rule;
            best_fitness = fits;
        }
    }
    return best;
}

bool catalog_query_link(const struct catalog_query *query, const struct catalog_rule *rule, struct span *text)
{
    for (uint32_t i = 0; i < rule->phrases.count; i++) {
        struct catalog_run members = query->table->phrases[rule->phrases.first + i].members;
        for (uint32_t k = 0; k < members.count && all_found(query, members); k++) {
            const struct catalog_fragment *fragment =
                &query->table->fragments[query->table->members[members.first + k]];
            if (fragment->flags & FRAGMENT_IN_LINK) {
                *text = span_of(query->table->text + fragment->text, fragment->size);
                return true;
            }
        }
    }
    return false;
}
