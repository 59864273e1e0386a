/* The keys of rules and providers, and how their values are read. */

#include "diagnose/catalog_reader.h"

enum { KEYS_LIMIT = 64 };

/* Values of single keys */

static bool put_text(const struct reader *reader, struct span *place, struct span value)
{
    if (place->at)
        return reader_fault(reader, "key given twice", value);
    *place = value;
    return true;
}

static bool put_word(const struct reader *reader, int *place, const struct vocabulary_word *words, int count,
                     struct span value)
{
    int index = vocabulary_find(words, count, value);
    if (index < 0)
        return reader_fault_unknown(reader, "unknown word", words, count, value);
    if (*place >= 0)
        return reader_fault(reader, "key given twice", value);
    *place = index;
    return true;
}

static bool add_line(const struct reader *reader, struct source_texts *texts, struct span value)
{
    *LIST_ADD(reader->source->arena, texts) = value;
    return value.size <= CATALOG_LINE_LIMIT || reader_fault(reader, "longer than 400 octets", value);
}

static struct span lower_case(struct arena *arena, struct span text)
{
    char *copy = arena_allocate(arena, text.size + 1);
    for (size_t i = 0; i < text.size; i++)
        copy[i] = ascii_lower(text.at[i]);
    return span_of(copy, text.size);
}

static bool add_words(const struct reader *reader, struct source_texts *texts, struct span value)
{
    struct span token;
    while (span_next_token(&value, " ", &token))
        *LIST_ADD(reader->source->arena, texts) = lower_case(reader->source->arena, token);
    return true;
}

static bool put_layer(struct reader *reader, struct span value)
{
    if (reader->rule->layer >= 0)
        return reader_fault(reader, "key given twice", value);
    for (int layer = 0; layer < CONFIDENCE_COUNT; layer++)
        if (span_is(value, confidence_name(layer))) {
            reader->rule->layer = layer;
            return true;
        }
    return reader_fault(
        reader, "a layer is tag, provider, software, phrase, enhanced, basic or class; unknown layer", value);
}

static bool put_like(struct reader *reader, struct span value)
{
    return put_text(reader, &reader->rule->like, value);
}

static bool put_words_of(struct reader *reader, struct span value)
{
    return put_text(reader, &reader->rule->words_of, value);
}

static bool put_provider(struct reader *reader, struct span value)
{
    return put_text(reader, &reader->rule->provider, value);
}

static bool put_software(struct reader *reader, struct span value)
{
    return put_text(reader, &reader->rule->software, value);
}

static bool put_title(struct reader *reader, struct span value)
{
    if (value.size > CATALOG_TITLE_LIMIT)
        return reader_fault(reader, "a title has at most 60 octets", value);
    return put_text(reader, &reader->rule->title, value);
}

static bool put_meaning(struct reader *reader, struct span value)
{
    if (value.size > CATALOG_MEANING_LIMIT)
        return reader_fault(reader, "a meaning has at most 300 octets", value);
    return put_text(reader, &reader->rule->meaning, value);
}

static bool put_cause(struct reader *reader, struct span value)
{
    if (!put_word(reader, &reader->rule->cause, cause_words, CAUSE_COUNT, value))
        return false;
    return cause_facts[reader->rule->cause].use != 'F' ||
           reader_fault(reader, "not a cause of replies", value);
}

static bool put_who(struct reader *reader, struct span value)
{
    return put_word(reader, &reader->rule->who, who_words, WHO_COUNT, value);
}

static bool put_retry(struct reader *reader, struct span value)
{
    return put_word(reader, &reader->rule->retry, retry_words, RETRY_COUNT, value);
}

static bool put_scope(struct reader *reader, struct span value)
{
    return put_word(reader, &reader->rule->scope, scope_words, SCOPE_COUNT, value);
}

static bool put_retry_after(struct reader *reader, struct span value)
{
    unsigned long long seconds;
    if (!span_to_number(value, 30 * 86400, &seconds))
        return reader_fault(reader, "not a number of seconds up to 30 days", value);
    if (reader->rule->retry_after >= 0)
        return reader_fault(reader, "key given twice", value);
    reader->rule->retry_after = (long)seconds;
    return true;
}

static bool put_advice(struct reader *reader, struct span value)
{
    return add_line(reader, &reader->rule->advice, value);
}

static bool put_link(struct reader *reader, struct span value)
{
    return add_line(reader, &reader->rule->links, value);
}

static bool put_remark(struct reader *reader, struct span value)
{
    return add_line(reader, &reader->rule->remarks, value);
}

static bool put_source(struct reader *reader, struct span value)
{
    return add_line(reader, &reader->rule->sources, value);
}

/* Values that are lists of words */

static bool read_range(struct span text, unsigned maximum, struct source_range *range)
{
    struct span first = text, last = text;
    const char *hyphen = memchr(text.at, '-', text.size);
    if (hyphen) {
        first = span_first(text, (size_t)(hyphen - text.at));
        last = span_skip(text, first.size + 1);
    }
    unsigned long long low, high;
    if (!span_to_number(first, maximum, &low) || !span_to_number(last, maximum, &high) || low > high)
        return false;
    *range = (struct source_range){(unsigned)low, (unsigned)high};
    return true;
}

static bool put_codes(struct reader *reader, struct span value)
{
    struct span token;
    while (span_next_token(&value, " ", &token)) {
        struct source_range range;
        if (!read_range(token, 599, &range) || range.first < 100)
            return reader_fault(reader, "not a reply code", token);
        *LIST_ADD(reader->source->arena, &reader->rule->codes) = range;
    }
    return true;
}

static bool put_class(struct reader *reader, struct span value)
{
    struct span token;
    while (span_next_token(&value, " ", &token)) {
        unsigned long long digit;
        if (!span_to_number(token, 5, &digit))
            return reader_fault(reader, "not a class of replies", token);
        reader->rule->classes |= 1u << digit;
    }
    return true;
}

static bool read_enhanced(struct span token, struct source_enhanced *code)
{
    struct span class, subject, detail = token;
    if (!span_next_token(&detail, ".", &class) || !span_next_token(&detail, ".", &subject) || detail.size < 2)
        return false;
    detail = span_skip(detail, 1);
    unsigned long long number = 0;
    if (!span_is(class, "X") && (!span_to_number(class, 5, &number) || number < 2 || number == 3))
        return false;
    code->class = (unsigned)number;
    if (!span_to_number(subject, 999, &number))
        return false;
    code->subject = (unsigned)number;
    code->detail = (struct source_range){0, 999};
    return span_is(detail, "*") || read_range(detail, 999, &code->detail);
}

static bool put_enhanced(struct reader *reader, struct span value)
{
    struct span token;
    while (span_next_token(&value, " ", &token)) {
        struct source_enhanced code;
        if (!read_enhanced(token, &code))
            return reader_fault(reader, "not an enhanced status code", token);
        *LIST_ADD(reader->source->arena, &reader->rule->enhanced) = code;
    }
    return true;
}

static bool put_stages(struct reader *reader, struct span value)
{
    struct span token;
    while (span_next_token(&value, " ", &token)) {
        int stage = vocabulary_find(stage_words, STAGE_COUNT, token);
        if (stage < 0)
            return reader_fault_unknown(reader, "unknown stage", stage_words, STAGE_COUNT, token);
        reader->rule->stages |= UINT32_C(1) << stage;
    }
    return true;
}

static bool put_when(struct reader *reader, struct span value)
{
    static const char *const names[] = {"mx",        "submission",  "tls",   "clear", "authenticated",
                                        "anonymous", "consequence", "by-mx", "bare"};
    struct span token;
    while (span_next_token(&value, " ", &token)) {
        unsigned i = 0;
        while (i < sizeof names / sizeof *names && !span_is(token, names[i]))
            i++;
        if (i == sizeof names / sizeof *names)
            return reader_fault_unknown(reader, "unknown condition", NULL, CAUSE_COUNT, token);
        reader->rule->conditions |= 1u << i;
    }
    return true;
}

static bool put_words(struct reader *reader, struct span value)
{
    return reader_add_phrases(reader, &reader->rule->phrases, value);
}

static bool put_general(struct reader *reader, struct span value)
{
    reader->rule->is_general = true;
    return span_is(value, "yes") || reader_fault(reader, "`general' can only be yes", value);
}

/** Examples of look-ups have a form of their own, so the key must be known when they are read. */
static bool put_key(struct reader *reader, struct span value)
{
    if (reader->rule->examples.count > 0)
        return reader_fault(reader, "`key' must stand before the examples", value);
    return add_words(reader, &reader->rule->keys, value) &&
           (reader->rule->keys.count <= KEYS_LIMIT ||
            reader_fault(reader, "more than 64 spellings of a key", value));
}

static bool put_example(struct reader *reader, struct span value)
{
    struct span stage, code;
    struct source_example *example = LIST_ADD(reader->source->arena, &reader->rule->examples);
    *example = (struct source_example){-1, 0, value, reader->line};
    if (reader->rule->keys.count > 0)
        return true;
    if (!span_next_token(&value, " ", &stage) || !span_next_token(&value, " ", &code))
        return reader_fault(reader, "an example is STAGE CODE TEXT", value);
    example->stage = vocabulary_find(stage_words, STAGE_COUNT, stage);
    if (example->stage < 0 && !span_is(stage, "-"))
        return reader_fault_unknown(reader, "unknown stage", stage_words, STAGE_COUNT, stage);
    unsigned long long number;
    if (!span_to_number(code, 599, &number))
        return reader_fault(reader, "not a reply code", code);
    example->code = (int)number;
    example->text = span_trim(value);
    return true;
}

/* Keys of providers */

static bool put_name(struct reader *reader, struct span value)
{
    if (value.size > CATALOG_TITLE_LIMIT)
        return reader_fault(reader, "a name has at most 60 octets", value);
    return put_text(reader, &reader->provider->name, value);
}

static bool put_kind(struct reader *reader, struct span value)
{
    if (reader->provider->kind >= 0)
        return reader_fault(reader, "key given twice", value);
    for (int kind = 0; kind < PROVIDER_KIND_COUNT; kind++)
        if (span_is(value, provider_kind_name(kind))) {
            reader->provider->kind = kind;
            return true;
        }
    return reader_fault(reader, "a provider is a mailbox, filter, sender, list, program or standard", value);
}

static bool put_aliases(struct reader *reader, struct span value)
{
    return add_words(reader, &reader->provider->aliases, value);
}

static bool put_mx(struct reader *reader, struct span value)
{
    return add_words(reader, &reader->provider->hosts, value);
}

static bool put_domains(struct reader *reader, struct span value)
{
    return add_words(reader, &reader->provider->domains, value);
}

static bool put_provider_words(struct reader *reader, struct span value)
{
    return reader_add_phrases(reader, &reader->provider->phrases, value);
}

static bool put_provider_link(struct reader *reader, struct span value)
{
    return put_text(reader, &reader->provider->link, value);
}

static bool put_provider_source(struct reader *reader, struct span value)
{
    return add_line(reader, &reader->provider->sources, value);
}

/* The keys of all stanzas */

const struct reader_key reader_rule_keys[] = {
    {"layer", put_layer},       {"like", put_like},     {"provider", put_provider},
    {"software", put_software}, {"codes", put_codes},   {"class", put_class},
    {"enhanced", put_enhanced}, {"words", put_words},   {"words-of", put_words_of},
    {"not", reader_add_barred}, {"stages", put_stages}, {"when", put_when},
    {"cause", put_cause},       {"title", put_title},   {"meaning", put_meaning},
    {"who", put_who},           {"retry", put_retry},   {"retry_after", put_retry_after},
    {"scope", put_scope},       {"advice", put_advice}, {"link", put_link},
    {"remark", put_remark},     {"source", put_source}, {"example", put_example},
    {"general", put_general},   {"key", put_key},       {NULL, NULL},
};

const struct reader_key reader_provider_keys[] = {
    {"name", put_name},
    {"kind", put_kind},
    {"aliases", put_aliases},
    {"mx", put_mx},
    {"domains", put_domains},
    {"words", put_provider_words},
    {"link", put_provider_link},
    {"source", put_provider_source},
    {NULL, NULL},
};

const struct reader_key reader_group_keys[] = {{"words", reader_put_members}, {NULL, NULL}};
