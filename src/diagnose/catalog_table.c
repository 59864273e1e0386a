#include "diagnose/catalog_table.h"

#include <stdlib.h>

/** Strings by hash, so that texts which several rules share are stored once. */
enum { STRING_SLOTS = 1 << 18 };

enum { LINK_WORDS = 3 };

struct builder {
    struct arena *arena;
    SOURCE_LIST(char) text;
    uint32_t *strings; /* places in text, 0: free slot */
    SOURCE_LIST(uint32_t) lists;
    SOURCE_LIST(struct catalog_rule) rules;
    SOURCE_LIST(struct catalog_provider) providers;
    SOURCE_LIST(struct catalog_key) keys;
    uint32_t look_ups;
    SOURCE_LIST(struct catalog_codes) codes;
    SOURCE_LIST(struct catalog_enhanced) enhanced;
    SOURCE_LIST(struct catalog_phrase) phrases;
    SOURCE_LIST(uint32_t) members;
    SOURCE_LIST(struct catalog_fragment) fragments;
    struct fragment_order *order;
};

#define APPEND_TO(arena, list)                                                                               \
    ((list).at = arena_grow((arena), (list).at, (list).count, &(list).capacity, sizeof *(list).at),          \
     &(list).at[(list).count++])
#define APPEND(builder, list) APPEND_TO((builder)->arena, (builder)->list)

/** FNV-1a, ignoring case. */
static uint32_t hash(struct span text)
{
    uint32_t value = 2166136261u;
    for (size_t i = 0; i < text.size; i++)
        value = (value ^ (unsigned char)ascii_lower(text.at[i])) * 16777619u;
    return value;
}

static uint32_t append_string(struct builder *builder, struct span text)
{
    uint32_t place = (uint32_t)builder->text.count;
    for (size_t i = 0; i < text.size; i++)
        *APPEND(builder, text) = text.at[i];
    *APPEND(builder, text) = '\0';
    return place;
}

/** A full table only costs doubles. */
static uint32_t add_string(struct builder *builder, struct span text)
{
    if (text.size == 0)
        return 0;
    uint32_t slot = hash(text) % STRING_SLOTS;
    for (int i = 0; i < 64; i++, slot = (slot + 1) % STRING_SLOTS) {
        uint32_t place = builder->strings[slot];
        if (place == 0)
            return builder->strings[slot] = append_string(builder, text);
        if (span_is(text, builder->text.at + place))
            return place;
    }
    return append_string(builder, text);
}

static struct catalog_run add_list(struct builder *builder, const struct source_texts *texts)
{
    struct catalog_run run = {(uint32_t)builder->lists.count, (uint32_t)texts->count};
    for (size_t i = 0; i < texts->count; i++) {
        uint32_t place = add_string(builder, texts->at[i]);
        *APPEND(builder, lists) = place;
    }
    return run;
}

/* Fragments: collected, sorted as the trie wants them, each kept once */

struct fragment_order {
    const struct source_fragment *fragment;
    bool of_refusals; /* only rules that explain no success want it */
    uint32_t number;  /* in the table */
};

static unsigned flags_of(const struct fragment_order *order)
{
    const struct source_fragment *fragment = order->fragment;
    return (fragment->open_left ? FRAGMENT_OPEN_LEFT : 0u) |
           (fragment->open_right ? FRAGMENT_OPEN_RIGHT : 0u) | (fragment->in_link ? FRAGMENT_IN_LINK : 0u) |
           (order->of_refusals ? FRAGMENT_OF_REFUSALS : 0u);
}

static enum fragment_zone zone_of(unsigned flags)
{
    enum fragment_zone zone = flags & FRAGMENT_IN_LINK     ? ZONE_LINK
                              : flags & FRAGMENT_OPEN_LEFT ? ZONE_ANYWHERE
                                                           : ZONE_WORD_START;
    return flags & FRAGMENT_OF_REFUSALS ? zone + ZONE_OF_REFUSALS : zone;
}

static int compare_fragments(const void *left, const void *right)
{
    struct span a = ((const struct fragment_order *)left)->fragment->text;
    struct span b = ((const struct fragment_order *)right)->fragment->text;
    unsigned a_flags = flags_of(left), b_flags = flags_of(right);
    if (zone_of(a_flags) != zone_of(b_flags))
        return zone_of(a_flags) < zone_of(b_flags) ? -1 : 1;
    int order = memcmp(a.at, b.at, a.size < b.size ? a.size : b.size);
    if (order == 0 && a.size != b.size)
        order = a.size < b.size ? -1 : 1;
    return order ? order : (int)a_flags - (int)b_flags;
}

static size_t count_in_phrases(const struct source_phrases *phrases)
{
    size_t count = 0;
    for (size_t i = 0; i < phrases->count; i++)
        count += phrases->at[i].count;
    return count;
}

static size_t count_fragments(const struct catalog_source *source)
{
    size_t count = 0;
    for (size_t i = 0; i < source->count; i++)
        count += source->rules[i]->barred.count + count_in_phrases(&source->rules[i]->phrases);
    for (size_t i = 0; i < source->provider_count; i++)
        count += count_in_phrases(&source->providers[i]->phrases);
    return count;
}

static void collect(struct fragment_order *order, size_t *count, const struct source_phrase *phrase,
                    bool of_refusals)
{
    for (size_t i = 0; i < phrase->count; i++)
        order[(*count)++] = (struct fragment_order){&phrase->fragments[i], of_refusals, 0};
}

static void collect_all(struct fragment_order *order, size_t *count, const struct source_phrases *phrases,
                        bool of_refusals)
{
    for (size_t i = 0; i < phrases->count; i++)
        collect(order, count, &phrases->at[i], of_refusals);
}

enum { CLASSES_OF_REFUSALS = 1u << 4 | 1u << 5 };

/** What says nothing of the class is about refusals, unless it tells of success itself. */
static unsigned classes_of(const struct source_rule *rule)
{
    bool is_success = rule->cause == CAUSE_OK || rule->cause == CAUSE_INTERMEDIATE;
    bool is_open = rule->classes == 0 && rule->codes.count == 0;
    return is_open && !is_success ? CLASSES_OF_REFUSALS : rule->classes;
}

/**
 * Whether the rule explains nothing but refusals, so that its words need not be looked for in other replies.
 */
static bool is_of_refusals(const struct source_rule *rule)
{
    unsigned classes = classes_of(rule);
    bool codes_are = rule->codes.count > 0;
    for (size_t i = 0; i < rule->codes.count; i++)
        codes_are &= rule->codes.at[i].first >= 400;
    return codes_are || (classes != 0 && (classes & ~(unsigned)CLASSES_OF_REFUSALS) == 0);
}

/** A name within a host or URL is better evidence than words. */
static uint8_t words_of(const struct source_fragment *fragment)
{
    struct span rest = fragment->text, word;
    unsigned words = fragment->in_link ? LINK_WORDS : 0;
    while (span_next_token(&rest, " ", &word))
        words++;
    return (uint8_t)(words < UINT8_MAX ? words : UINT8_MAX);
}

static size_t number_fragments(struct builder *builder, const struct catalog_source *source)
{
    size_t count = 0;
    builder->order = ARENA_ARRAY(builder->arena, struct fragment_order, count_fragments(source) + 1);
    for (size_t i = 0; i < source->count; i++) {
        bool of_refusals = is_of_refusals(source->rules[i]);
        collect(builder->order, &count, &source->rules[i]->barred, of_refusals);
        collect_all(builder->order, &count, &source->rules[i]->phrases, of_refusals);
    }
    for (size_t i = 0; i < source->provider_count; i++)
        collect_all(builder->order, &count, &source->providers[i]->phrases, false);
    qsort(builder->order, count, sizeof *builder->order, compare_fragments);
    for (size_t i = 0; i < count; i++) {
        const struct source_fragment *fragment = builder->order[i].fragment;
        if (i == 0 || compare_fragments(&builder->order[i - 1], &builder->order[i]) != 0) {
            uint32_t place = add_string(builder, fragment->text);
            *APPEND(builder, fragments) =
                (struct catalog_fragment){.text = place,
                                          .size = (uint16_t)fragment->text.size,
                                          .flags = (uint8_t)flags_of(&builder->order[i]),
                                          .words = words_of(fragment)};
        }
        builder->order[i].number = (uint32_t)builder->fragments.count - 1;
    }
    return count;
}

static void build_trie(struct builder *builder, struct fragment_trie *trie)
{
    size_t count = builder->fragments.count;
    struct trie_fragment *fragments = ARENA_ARRAY(builder->arena, struct trie_fragment, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct catalog_fragment *fragment = &builder->fragments.at[i];
        fragments[i].zone = zone_of(fragment->flags);
        fragments[i].text = builder->text.at + fragment->text;
        fragments[i].size = fragment->size;
    }
    fragment_trie_build(trie, fragments, count, builder->arena);
}

static struct catalog_run add_members(struct builder *builder, size_t order_count,
                                      const struct source_phrase *phrase, bool of_refusals)
{
    struct catalog_run run = {(uint32_t)builder->members.count, (uint32_t)phrase->count};
    for (size_t i = 0; i < phrase->count; i++) {
        struct fragment_order wanted = {&phrase->fragments[i], of_refusals, 0};
        const struct fragment_order *found =
            bsearch(&wanted, builder->order, order_count, sizeof wanted, compare_fragments);
        *APPEND(builder, members) = found->number | (phrase->fragments[i].is_other ? MEMBER_IS_OTHER : 0);
    }
    return run;
}

/* Rules */

static unsigned bits_of(unsigned set)
{
    unsigned count = 0;
    for (; set; set &= set - 1)
        count++;
    return count;
}

/** How narrowly the rule is drawn: an exact enhanced code counts most, then each further demand. */
static uint16_t narrowness_of(const struct source_rule *rule)
{
    unsigned exact = 0;
    if (rule->enhanced.count > 0) {
        const struct source_enhanced *code = &rule->enhanced.at[0];
        unsigned width = code->detail.last - code->detail.first;
        exact = width == 999 ? 1 : width > 0 ? 2 : code->class == 0 ? 3 : 4;
    }
    unsigned demands = bits_of(rule->conditions) + (rule->stages != 0) + (rule->classes != 0) +
                       2 * (rule->codes.count > 0) + 2 * (rule->provider.at != NULL);
    return (uint16_t)(exact << 5 | demands);
}

static void add_codes(struct builder *builder, struct catalog_rule *packed, const struct source_rule *rule)
{
    packed->codes = (struct catalog_run){(uint32_t)builder->codes.count, (uint32_t)rule->codes.count};
    for (size_t i = 0; i < rule->codes.count; i++)
        *APPEND(builder, codes) =
            (struct catalog_codes){(uint16_t)rule->codes.at[i].first, (uint16_t)rule->codes.at[i].last};
    packed->enhanced =
        (struct catalog_run){(uint32_t)builder->enhanced.count, (uint32_t)rule->enhanced.count};
    for (size_t i = 0; i < rule->enhanced.count; i++) {
        const struct source_enhanced *code = &rule->enhanced.at[i];
        *APPEND(builder, enhanced) =
            (struct catalog_enhanced){(uint16_t)code->class,
                                      (uint16_t)code->subject,
                                      {(uint16_t)code->detail.first, (uint16_t)code->detail.last}};
    }
}

/** The fragments of a phrase that are alternatives, from `first` on. */
static uint32_t alternatives_end(const struct builder *builder, struct catalog_run members, uint32_t first)
{
    uint32_t end = first + 1;
    while (end < members.count && builder->members.at[members.first + end] & MEMBER_IS_OTHER)
        end++;
    return end;
}

static struct catalog_run add_phrases(struct builder *builder, size_t order_count, uint32_t owner,
                                      const struct source_phrases *phrases, bool of_refusals)
{
    struct catalog_run run = {(uint32_t)builder->phrases.count, (uint32_t)phrases->count};
    for (size_t i = 0; i < phrases->count; i++) {
        struct catalog_run members = add_members(builder, order_count, &phrases->at[i], of_refusals);
        bool is_choice = alternatives_end(builder, members, 0) == members.count;
        *APPEND(builder, phrases) = (struct catalog_phrase){members, owner, is_choice};
    }
    return run;
}

static void add_keys(struct builder *builder, const struct source_rule *rule)
{
    for (size_t i = 0; i < rule->keys.count; i++) {
        uint32_t place = add_string(builder, rule->keys.at[i]);
        *APPEND(builder, keys) = (struct catalog_key){place, (uint32_t)builder->rules.count};
    }
    builder->look_ups += rule->keys.count > 0;
}

static void add_rule(struct builder *builder, size_t order_count, const struct source_rule *rule)
{
    struct catalog_rule packed = {
        .id = add_string(builder, rule->id),
        .title = add_string(builder, rule->title),
        .meaning = add_string(builder, rule->meaning),
        .provider = add_string(builder, rule->provider),
        .software = add_string(builder, rule->software),
        .advice = add_list(builder, &rule->advice),
        .links = add_list(builder, &rule->links),
        .remarks = add_list(builder, &rule->remarks),
        .stages = rule->stages,
        .retry_after = (int32_t)rule->retry_after,
        .narrowness = narrowness_of(rule),
        .classes = (uint8_t)classes_of(rule),
        .conditions = (uint16_t)rule->conditions,
        .layer = (uint8_t)rule->layer,
        .cause = (uint8_t)rule->cause,
        .who = (uint8_t)rule->who,
        .retry = (uint8_t)rule->retry,
        .scope = (int8_t)rule->scope,
        .is_general = rule->is_general,
    };
    add_codes(builder, &packed, rule);
    bool of_refusals = is_of_refusals(rule);
    packed.barred = add_members(builder, order_count, &rule->barred, of_refusals);
    packed.phrases =
        add_phrases(builder, order_count, (uint32_t)builder->rules.count, &rule->phrases, of_refusals);
    add_keys(builder, rule);
    *APPEND(builder, rules) = packed;
}

static void add_provider(struct builder *builder, size_t order_count, const struct source_provider *provider)
{
    struct catalog_provider packed = {
        .id = add_string(builder, provider->id),
        .name = add_string(builder, provider->name),
        .link = add_string(builder, provider->link),
        .aliases = add_list(builder, &provider->aliases),
        .hosts = add_list(builder, &provider->hosts),
        .domains = add_list(builder, &provider->domains),
        .kind = (uint8_t)provider->kind,
    };
    uint32_t owner = (uint32_t)(builder->rules.count + builder->providers.count);
    add_phrases(builder, order_count, owner, &provider->phrases, false);
    *APPEND(builder, providers) = packed;
}

/* The names of providers */

static void add_name(struct catalog_table *table, struct catalog_name *names, uint32_t text, size_t provider,
                     enum name_kind kind)
{
    struct span name = span_of_string(table->text + text);
    uint32_t hashed = catalog_name_hash(name), slot = hashed & (table->name_slots - 1);
    while (names[slot].text) {
        if (names[slot].kind == kind && span_is_nocase(name, table->text + names[slot].text))
            return;
        slot = (slot + 1) & (table->name_slots - 1);
    }
    names[slot] = (struct catalog_name){text, hashed, (uint16_t)provider, (uint16_t)kind};
}

static void add_names(struct catalog_table *table, struct catalog_name *names, struct catalog_run run,
                      size_t provider, enum name_kind kind)
{
    for (uint32_t i = 0; i < run.count; i++)
        add_name(table, names, table->lists[run.first + i], provider, kind);
}

static uint32_t count_names(const struct builder *builder)
{
    uint32_t count = 0;
    for (size_t i = 0; i < builder->providers.count; i++) {
        const struct catalog_provider *provider = &builder->providers.at[i];
        count += 2 + provider->aliases.count + provider->hosts.count + provider->domains.count;
    }
    return count;
}

static void index_names(const struct builder *builder, struct catalog_table *table)
{
    table->name_slots = 1;
    while (table->name_slots < 4 * count_names(builder))
        table->name_slots *= 2;
    struct catalog_name *names = ARENA_ARRAY(builder->arena, struct catalog_name, table->name_slots);
    for (size_t i = 0; i < builder->providers.count; i++) {
        const struct catalog_provider *provider = &builder->providers.at[i];
        add_name(table, names, provider->id, i, NAME_OF_PROVIDER);
        add_name(table, names, provider->name, i, NAME_OF_PROVIDER);
        add_names(table, names, provider->aliases, i, NAME_OF_PROVIDER);
        add_names(table, names, provider->hosts, i, NAME_OF_HOST);
        add_names(table, names, provider->domains, i, NAME_OF_DOMAIN);
    }
    table->names = names;
}

const struct catalog_provider *catalog_name_find(const struct catalog_table *table, enum name_kind kind,
                                                 struct span name, uint32_t hashed)
{
    uint32_t slot = hashed & (table->name_slots - 1);
    for (; table->names[slot].text; slot = (slot + 1) & (table->name_slots - 1)) {
        const struct catalog_name *found = &table->names[slot];
        if (found->hash == hashed && found->kind == kind && span_is_nocase(name, table->text + found->text))
            return &table->providers[found->provider];
    }
    return NULL;
}

struct key_order {
    const char *text;
    struct catalog_key key;
};

static int compare_keys(const void *left, const void *right)
{
    const struct key_order *a = left, *b = right;
    int order = strcmp(a->text, b->text);
    return order ? order : (a->key.rule > b->key.rule) - (a->key.rule < b->key.rule);
}

/** Once all texts are there and stay where they are. */
static void sort_keys(struct builder *builder)
{
    size_t count = builder->keys.count;
    struct key_order *order = ARENA_ARRAY(builder->arena, struct key_order, count + 1);
    for (size_t i = 0; i < count; i++)
        order[i] = (struct key_order){builder->text.at + builder->keys.at[i].text, builder->keys.at[i]};
    qsort(order, count, sizeof *order, compare_keys);
    for (size_t i = 0; i < count; i++)
        builder->keys.at[i] = order[i].key;
}

static struct catalog_fragment *member_at(const struct builder *builder, uint32_t place)
{
    return &builder->fragments.at[builder->members.at[place] & ~MEMBER_IS_OTHER];
}

/** In how many phrases each fragment stands: those in many are common words. */
static uint32_t *count_uses(const struct builder *builder)
{
    uint32_t *uses = ARENA_ARRAY(builder->arena, uint32_t, builder->fragments.count + 1);
    for (size_t i = 0; i < builder->members.count; i++)
        uses[builder->members.at[i] & ~MEMBER_IS_OTHER]++;
    return uses;
}

/** Of which one must occur: those that are rare among the phrases, so that few texts hold them. */
static struct catalog_run keys_of(const struct builder *builder, const uint32_t *uses,
                                  struct catalog_run members)
{
    struct catalog_run keys = {members.first, 0};
    uint64_t least = UINT64_MAX;
    for (uint32_t first = 0, end; first < members.count; first = end) {
        uint64_t sum = 0;
        end = alternatives_end(builder, members, first);
        for (uint32_t i = first; i < end; i++)
            sum += uses[builder->members.at[members.first + i] & ~MEMBER_IS_OTHER];
        if (sum < least) {
            least = sum;
            keys = (struct catalog_run){members.first + first, end - first};
        }
    }
    return keys;
}

static void place_runs(struct builder *builder)
{
    uint32_t first = 0;
    for (size_t i = 0; i < builder->fragments.count; i++) {
        struct catalog_run *run = &builder->fragments.at[i].keyed;
        run->first = first;
        first += run->count;
        run->count = 0;
    }
}

static void key_phrases(struct builder *builder, struct catalog_table *table)
{
    const uint32_t *uses = count_uses(builder);
    table->keyed_count = 0;
    for (size_t i = 0; i < builder->phrases.count; i++) {
        struct catalog_run keys = keys_of(builder, uses, builder->phrases.at[i].members);
        for (uint32_t k = 0; k < keys.count; k++)
            member_at(builder, keys.first + k)->keyed.count++;
        table->keyed_count += keys.count;
    }
    place_runs(builder);
    uint32_t *keyed = ARENA_ARRAY(builder->arena, uint32_t, table->keyed_count + 1);
    for (size_t i = 0; i < builder->phrases.count; i++) {
        struct catalog_run keys = keys_of(builder, uses, builder->phrases.at[i].members);
        for (uint32_t k = 0; k < keys.count; k++) {
            struct catalog_run *run = &member_at(builder, keys.first + k)->keyed;
            keyed[run->first + run->count++] = (uint32_t)i;
        }
    }
    table->keyed = keyed;
}

/* Rules without words, by the codes they name */

struct wordless {
    unsigned key;
    uint32_t rule;
};

struct wordless_list SOURCE_LIST_OF(struct wordless);

static void add_wordless(const struct builder *builder, struct wordless_list *list, unsigned key,
                         uint32_t rule)
{
    *APPEND_TO(builder->arena, *list) = (struct wordless){key, rule};
}

/** Each key once, however many of the rule's codes share it. */
static void add_listed(const struct builder *builder, struct wordless_list *list,
                       const bool is_listed[WORDLESS_KEYS], uint32_t rule)
{
    for (unsigned key = 0; key < WORDLESS_KEYS; key++)
        if (is_listed[key])
            add_wordless(builder, list, key, rule);
}

static void add_enhanced_keys(const struct builder *builder, struct wordless_list *list, uint32_t number)
{
    const struct catalog_rule *rule = &builder->rules.at[number];
    const struct catalog_enhanced *enhanced = builder->enhanced.at + rule->enhanced.first;
    bool is_listed[WORDLESS_KEYS] = {false};
    for (uint32_t i = 0; i < rule->enhanced.count; i++) {
        if (enhanced[i].detail.last - enhanced[i].detail.first >= WORDLESS_ENHANCED_KEYS)
            is_listed[WORDLESS_ANY] = true;
        else
            for (unsigned detail = enhanced[i].detail.first; detail <= enhanced[i].detail.last; detail++)
                is_listed[wordless_key_of_enhanced(enhanced[i].subject, detail)] = true;
    }
    add_listed(builder, list, is_listed, number);
}

static void add_code_keys(const struct builder *builder, struct wordless_list *list, uint32_t number)
{
    const struct catalog_rule *rule = &builder->rules.at[number];
    const struct catalog_codes *codes = builder->codes.at + rule->codes.first;
    bool is_listed[WORDLESS_KEYS] = {[WORDLESS_WITHOUT_CODE] = true};
    for (uint32_t i = 0; i < rule->codes.count; i++)
        for (unsigned code = codes[i].first; code <= codes[i].last; code++)
            is_listed[wordless_key_of_code(code)] = true;
    add_listed(builder, list, is_listed, number);
}

static int compare_wordless(const void *left, const void *right)
{
    const struct wordless *a = left, *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->rule > b->rule) - (a->rule < b->rule);
}

static struct wordless_list list_wordless(const struct builder *builder)
{
    struct wordless_list list = {NULL, 0, 0};
    for (uint32_t i = 0; i < builder->rules.count - builder->look_ups; i++) {
        if (builder->rules.at[i].phrases.count > 0)
            continue;
        if (builder->rules.at[i].enhanced.count > 0)
            add_enhanced_keys(builder, &list, i);
        else if (builder->rules.at[i].codes.count > 0)
            add_code_keys(builder, &list, i);
        else
            add_wordless(builder, &list, WORDLESS_ANY, i);
    }
    if (list.count > 1)
        qsort(list.at, list.count, sizeof *list.at, compare_wordless);
    return list;
}

static void index_wordless(struct builder *builder, struct catalog_table *table)
{
    struct wordless_list list = list_wordless(builder);
    struct catalog_run *runs = ARENA_ARRAY(builder->arena, struct catalog_run, WORDLESS_KEYS);
    uint32_t *rules = ARENA_ARRAY(builder->arena, uint32_t, list.count + 1), count = 0;
    size_t at = 0;
    for (unsigned key = 0; key < WORDLESS_KEYS; key++) {
        runs[key].first = count;
        for (; at < list.count && list.at[at].key == key; at++)
            rules[count++] = list.at[at].rule;
        runs[key].count = count - runs[key].first;
    }
    table->wordless = rules;
    table->wordless_runs = runs;
    table->wordless_count = count;
}

void catalog_table_build(struct catalog_table *table, const struct catalog_source *source,
                         struct arena *arena)
{
    struct builder *builder = ARENA_NEW(arena, struct builder);
    builder->arena = arena;
    builder->strings = ARENA_ARRAY(arena, uint32_t, STRING_SLOTS);
    append_string(builder, SPAN(""));
    size_t order_count = number_fragments(builder, source);
    for (int layer = 0; layer <= UINT8_MAX && builder->rules.count < source->count; layer++)
        for (size_t i = 0; i < source->count; i++) /* sorted by id */
            if (source->rules[i]->layer == layer)
                add_rule(builder, order_count, source->rules[i]);
    for (size_t i = 0; i < source->provider_count; i++)
        add_provider(builder, order_count, source->providers[i]);
    sort_keys(builder);
    *table = (struct catalog_table){
        .text = builder->text.at,
        .lists = builder->lists.at,
        .rules = builder->rules.at,
        .providers = builder->providers.at,
        .keys = builder->keys.at,
        .codes = builder->codes.at,
        .enhanced = builder->enhanced.at,
        .phrases = builder->phrases.at,
        .members = builder->members.at,
        .fragments = builder->fragments.at,
        .text_size = (uint32_t)builder->text.count,
        .list_count = (uint32_t)builder->lists.count,
        .rule_count = (uint32_t)builder->rules.count,
        .look_up_count = builder->look_ups,
        .provider_count = (uint32_t)builder->providers.count,
        .key_count = (uint32_t)builder->keys.count,
        .code_count = (uint32_t)builder->codes.count,
        .enhanced_count = (uint32_t)builder->enhanced.count,
        .phrase_count = (uint32_t)builder->phrases.count,
        .member_count = (uint32_t)builder->members.count,
        .fragment_count = (uint32_t)builder->fragments.count,
    };
    key_phrases(builder, table);
    build_trie(builder, &table->trie);
    index_wordless(builder, table);
    index_names(builder, table);
}

/* The way back */

static struct span unpack_text(const struct catalog_table *table, uint32_t place)
{
    return span_of_string(catalog_text(table, place));
}

static struct source_texts unpack_list(const struct catalog_table *table, struct catalog_run run,
                                       struct arena *arena)
{
    struct source_texts texts = {ARENA_ARRAY(arena, struct span, run.count), run.count, run.count};
    for (uint32_t i = 0; i < run.count; i++)
        texts.at[i] = span_of_string(catalog_list_text(table, run, i));
    return texts;
}

static struct source_phrase unpack_phrase(const struct catalog_table *table, struct catalog_run members,
                                          struct arena *arena)
{
    struct source_phrase phrase = {ARENA_ARRAY(arena, struct source_fragment, members.count), members.count};
    for (uint32_t i = 0; i < members.count; i++) {
        uint32_t member = table->members[members.first + i];
        const struct catalog_fragment *fragment = &table->fragments[member & ~MEMBER_IS_OTHER];
        phrase.fragments[i] = (struct source_fragment){
            .text = span_of(table->text + fragment->text, fragment->size),
            .open_left = fragment->flags & FRAGMENT_OPEN_LEFT,
            .open_right = fragment->flags & FRAGMENT_OPEN_RIGHT,
            .in_link = fragment->flags & FRAGMENT_IN_LINK,
            .is_other = member & MEMBER_IS_OTHER,
        };
    }
    return phrase;
}

struct source_rule *catalog_table_unpack(const struct catalog_table *table, const struct catalog_rule *packed,
                                         struct arena *arena)
{
    struct source_rule *rule = ARENA_NEW(arena, struct source_rule);
    uint32_t phrases = packed->phrases.count;
    *rule = (struct source_rule){
        .id = unpack_text(table, packed->id),
        .cause = packed->cause,
        .title = unpack_text(table, packed->title),
        .meaning = unpack_text(table, packed->meaning),
        .who = packed->who,
        .retry = packed->retry,
        .retry_after = packed->retry_after,
        .scope = packed->scope,
        .advice = unpack_list(table, packed->advice, arena),
        .links = unpack_list(table, packed->links, arena),
        .remarks = unpack_list(table, packed->remarks, arena),
        .phrases = {ARENA_ARRAY(arena, struct source_phrase, phrases), phrases, phrases},
    };
    for (uint32_t i = 0; i < phrases; i++)
        rule->phrases.at[i] = unpack_phrase(table, table->phrases[packed->phrases.first + i].members, arena);
    return rule;
}
