#include "diagnose/catalog_source.h"

#include "base/buffer.h"
#include "diagnose/letters.h"
#include "smtp/vocabulary.h"

#include <errno.h>
#include <stdio.h>

enum { FRAGMENT_MINIMUM = 3, FRAGMENT_LIMIT = 200, GROUP_LIMIT = 4096 };

struct reader {
    struct catalog_source *source;
    const char *file;
    unsigned line;
    struct source_rule *rule; /* of the stanza under way, or NULL; the same for the provider */
    struct source_provider *provider;
    struct error *error;
};

#define LIST_ADD(arena, list)                                                                                \
    ((list)->at = arena_grow((arena), (list)->at, (list)->count, &(list)->capacity, sizeof *(list)->at),     \
     &(list)->at[(list)->count++])

static bool fault(const struct reader *reader, const char *what, struct span value)
{
    return error_set(reader->error, "%s:%u: %s%s%.*s", reader->file, reader->line, what,
                     value.size ? ": " : "", (int)(value.size < 80 ? value.size : 80),
                     value.size ? value.at : "");
}

/** A word that is none of a list, which is named if it is short. */
static bool fault_unknown(const struct reader *reader, const char *what, const struct vocabulary_word *words,
                          int count, struct span value)
{
    enum { SHORT_LIST = 12 };
    struct buffer known = BUFFER_EMPTY;
    for (int i = 0; i < count && count <= SHORT_LIST; i++)
        buffer_printf(&known, "%s%s", i > 0 ? ", " : "", words[i].name);
    fault(reader, what, value);
    size_t size = strlen(reader->error->text);
    snprintf(reader->error->text + size, sizeof reader->error->text - size, " (%s%s)",
             known.size > 0 ? "use one of: " : "they are listed in smtpprobe-catalog(5)",
             buffer_string(&known));
    buffer_clear(&known);
    return false;
}

/* Values of single keys */

static bool put_text(const struct reader *reader, struct span *place, struct span value)
{
    if (place->at)
        return fault(reader, "key given twice", value);
    *place = value;
    return true;
}

static bool put_word(const struct reader *reader, int *place, const struct vocabulary_word *words, int count,
                     struct span value)
{
    int index = vocabulary_find(words, count, value);
    if (index < 0)
        return fault_unknown(reader, "unknown word", words, count, value);
    if (*place >= 0)
        return fault(reader, "key given twice", value);
    *place = index;
    return true;
}

static bool add_line(const struct reader *reader, struct source_texts *texts, struct span value)
{
    *LIST_ADD(reader->source->arena, texts) = value;
    return value.size <= CATALOG_LINE_LIMIT || fault(reader, "longer than 400 octets", value);
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
    for (int layer = 0; layer < CONFIDENCE_COUNT; layer++)
        if (span_is(value, confidence_name(layer))) {
            reader->rule->layer = layer;
            return true;
        }
    return fault(
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
        return fault(reader, "a title has at most 60 octets", value);
    return put_text(reader, &reader->rule->title, value);
}

static bool put_meaning(struct reader *reader, struct span value)
{
    if (value.size > CATALOG_MEANING_LIMIT)
        return fault(reader, "a meaning has at most 300 octets", value);
    return put_text(reader, &reader->rule->meaning, value);
}

static bool put_cause(struct reader *reader, struct span value)
{
    if (!put_word(reader, &reader->rule->cause, cause_words, CAUSE_COUNT, value))
        return false;
    return cause_facts[reader->rule->cause].use != 'F' || fault(reader, "not a cause of replies", value);
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
        return fault(reader, "not a number of seconds up to 30 days", value);
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
            return fault(reader, "not a reply code", token);
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
            return fault(reader, "not a class of replies", token);
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
            return fault(reader, "not an enhanced status code", token);
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
            return fault_unknown(reader, "unknown stage", stage_words, STAGE_COUNT, token);
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
            return fault_unknown(reader, "unknown condition", NULL, CAUSE_COUNT, token);
        reader->rule->conditions |= 1u << i;
    }
    return true;
}

/* Words */

/** Takes the text up to a separator such as " | " off the front. */
static bool next_part(struct span *rest, char separator, struct span *part)
{
    if (rest->size == 0)
        return false;
    size_t size = 0;
    while (size < rest->size && rest->at[size] != separator)
        size++;
    *part = span_trim(span_first(*rest, size));
    *rest = span_skip(*rest, size + 1);
    return true;
}

static bool read_fragment(struct reader *reader, struct span text, struct source_fragment *fragment)
{
    fragment->open_left = text.size > 0 && text.at[0] == '*';
    text = span_skip(text, fragment->open_left);
    fragment->open_right = text.size > 0 && text.at[text.size - 1] == '*';
    text.size -= fragment->open_right;
    fragment->text = letters_fold(reader->source->arena, text);
    if (fragment->text.size < FRAGMENT_MINIMUM || fragment->text.size > FRAGMENT_LIMIT)
        return fault(reader, "a fragment has 3 to 200 octets", text);
    fragment->in_link = memchr("./?", text.at[0], 3) != NULL;
    return true;
}

static size_t count_of(struct span text, char wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.at[i] == wanted;
    return count;
}

static bool read_phrase(struct reader *reader, struct span text, struct source_phrase *phrase)
{
    struct span part;
    phrase->fragments = ARENA_ARRAY(reader->source->arena, struct source_fragment, count_of(text, '&') + 1);
    phrase->count = 0;
    while (next_part(&text, '&', &part))
        if (!read_fragment(reader, part, &phrase->fragments[phrase->count++]))
            return false;
    return true;
}

static bool add_phrase(struct reader *reader, struct source_phrases *phrases, struct span text)
{
    struct source_phrase phrase = {NULL, 0};
    if (!read_phrase(reader, text, &phrase))
        return false;
    if (phrase.count == 0)
        return fault(reader, "an empty alternative", text);
    if (reader->source->phrase_count++ == CATALOG_PHRASES_LIMIT)
        return fault(reader, "more than 65536 alternatives in all", text);
    *LIST_ADD(reader->source->arena, phrases) = phrase;
    return true;
}

/** The first "[a/b]"; brackets without a slash are the reply's own. */
static bool find_group(struct span text, size_t *start, struct span *members)
{
    for (size_t i = 0; i < text.size; i++) {
        struct span rest = span_skip(text, i + 1);
        const char *end = text.at[i] == '[' && rest.size > 0 ? memchr(rest.at, ']', rest.size) : NULL;
        *start = i;
        *members = span_first(rest, end ? (size_t)(end - rest.at) : 0);
        if (memchr(members->at, '/', members->size))
            return true;
    }
    return false;
}

/** Writes groups out: "[user/mailbox] unknown" is "user unknown | mailbox unknown". */
static bool add_alternative(struct reader *reader, struct source_phrases *phrases, struct span text)
{
    struct arena *arena = reader->source->arena;
    struct source_texts pending = {NULL, 0, 0};
    unsigned written = 0;
    *LIST_ADD(arena, &pending) = text;
    while (pending.count > 0) {
        struct span next = pending.at[--pending.count], members, member;
        size_t start;
        if (!find_group(next, &start, &members)) {
            if (!add_phrase(reader, phrases, next))
                return false;
            continue;
        }
        struct span after = span_skip(next, start + members.size + 2);
        while (next_part(&members, '/', &member)) {
            const char *joined =
                arena_printf(arena, "%.*s%.*s%.*s", (int)start, next.at, SPAN_ARGS(member), SPAN_ARGS(after));
            *LIST_ADD(arena, &pending) = span_of_string(joined);
            if (++written > GROUP_LIMIT)
                return fault(reader, "too many combinations", text);
        }
    }
    return true;
}

static bool add_phrases(struct reader *reader, struct source_phrases *phrases, struct span value)
{
    struct span part;
    while (next_part(&value, '|', &part))
        if (!add_alternative(reader, phrases, part))
            return false;
    return true;
}

static bool put_words(struct reader *reader, struct span value)
{
    return add_phrases(reader, &reader->rule->phrases, value);
}

static bool put_not(struct reader *reader, struct span value)
{
    struct source_rule *rule = reader->rule;
    struct span part;
    while (next_part(&value, '|', &part)) {
        rule->barred.fragments = arena_grow(reader->source->arena, rule->barred.fragments, rule->barred.count,
                                            &rule->barred_capacity, sizeof *rule->barred.fragments);
        if (!read_fragment(reader, part, &rule->barred.fragments[rule->barred.count++]))
            return false;
    }
    return true;
}

static bool put_general(struct reader *reader, struct span value)
{
    reader->rule->is_general = true;
    return span_is(value, "yes") || fault(reader, "`general' can only be yes", value);
}

/** Examples of look-ups have a form of their own, so the key must be known when they are read. */
static bool put_key(struct reader *reader, struct span value)
{
    if (reader->rule->examples.count > 0)
        return fault(reader, "`key' must stand before the examples", value);
    return add_words(reader, &reader->rule->keys, value);
}

static bool put_example(struct reader *reader, struct span value)
{
    struct span stage, code;
    struct source_example *example = LIST_ADD(reader->source->arena, &reader->rule->examples);
    *example = (struct source_example){-1, 0, value, reader->line};
    if (reader->rule->keys.count > 0)
        return true;
    if (!span_next_token(&value, " ", &stage) || !span_next_token(&value, " ", &code))
        return fault(reader, "an example is STAGE CODE TEXT", value);
    example->stage = vocabulary_find(stage_words, STAGE_COUNT, stage);
    if (example->stage < 0 && !span_is(stage, "-"))
        return fault_unknown(reader, "unknown stage", stage_words, STAGE_COUNT, stage);
    unsigned long long number;
    if (!span_to_number(code, 599, &number))
        return fault(reader, "not a reply code", code);
    example->code = (int)number;
    example->text = span_trim(value);
    return true;
}

/* Keys of providers */

static bool put_name(struct reader *reader, struct span value)
{
    if (value.size > CATALOG_TITLE_LIMIT)
        return fault(reader, "a name has at most 60 octets", value);
    return put_text(reader, &reader->provider->name, value);
}

static bool put_kind(struct reader *reader, struct span value)
{
    for (int kind = 0; kind < PROVIDER_KIND_COUNT; kind++)
        if (span_is(value, provider_kind_name(kind))) {
            reader->provider->kind = kind;
            return true;
        }
    return fault(reader, "a provider is a mailbox, filter, sender, list or program", value);
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
    return add_phrases(reader, &reader->provider->phrases, value);
}

static bool put_provider_link(struct reader *reader, struct span value)
{
    return put_text(reader, &reader->provider->link, value);
}

static bool put_provider_source(struct reader *reader, struct span value)
{
    return add_line(reader, &reader->provider->sources, value);
}

/* Stanzas */

struct key {
    const char *name;
    bool (*put)(struct reader *, struct span);
};

static const struct key rule_keys[] = {
    {"layer", put_layer},       {"like", put_like},     {"provider", put_provider},
    {"software", put_software}, {"codes", put_codes},   {"class", put_class},
    {"enhanced", put_enhanced}, {"words", put_words},   {"words-of", put_words_of},
    {"not", put_not},           {"stages", put_stages}, {"when", put_when},
    {"cause", put_cause},       {"title", put_title},   {"meaning", put_meaning},
    {"who", put_who},           {"retry", put_retry},   {"retry_after", put_retry_after},
    {"scope", put_scope},       {"advice", put_advice}, {"link", put_link},
    {"remark", put_remark},     {"source", put_source}, {"example", put_example},
    {"general", put_general},   {"key", put_key},       {NULL, NULL},
};

static const struct key provider_keys[] = {
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

static bool is_id(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!ascii_is_digit(text.at[i]) && !(text.at[i] >= 'a' && text.at[i] <= 'z') &&
            !memchr("-.", text.at[i], 2))
            return false;
    return text.size > 0;
}

static bool open_rule(struct reader *reader, struct span id)
{
    struct catalog_source *source = reader->source;
    if (!is_id(id))
        return fault(reader, "an id has lower case letters, digits, hyphens and dots", id);
    if (source->count == CATALOG_RULES_LIMIT)
        return fault(reader, "more than 4096 rules", id);
    struct source_rule *rule = ARENA_NEW(source->arena, struct source_rule);
    rule->file = reader->file;
    rule->line = reader->line;
    rule->id = id;
    rule->layer = rule->cause = rule->who = rule->retry = rule->scope = -1;
    rule->retry_after = -1;
    source->rules =
        arena_grow(source->arena, source->rules, source->count, &source->capacity, sizeof *source->rules);
    source->rules[source->count++] = rule;
    reader->rule = rule;
    return true;
}

static bool open_provider(struct reader *reader, struct span id)
{
    struct catalog_source *source = reader->source;
    if (!is_id(id))
        return fault(reader, "an id has lower case letters, digits, hyphens and dots", id);
    if (source->provider_count == CATALOG_PROVIDERS_LIMIT)
        return fault(reader, "more than 1024 providers", id);
    struct source_provider *provider = ARENA_NEW(source->arena, struct source_provider);
    provider->file = reader->file;
    provider->line = reader->line;
    provider->id = id;
    provider->kind = -1;
    source->providers = arena_grow(source->arena, source->providers, source->provider_count,
                                   &source->provider_capacity, sizeof *source->providers);
    source->providers[source->provider_count++] = provider;
    reader->provider = provider;
    return true;
}

static bool put_in_stanza(struct reader *reader, struct span name, struct span value)
{
    if (span_is(name, "rule"))
        return fault(reader, "an empty line must stand before a rule", value);
    for (const struct key *key = reader->rule ? rule_keys : provider_keys; key->name; key++)
        if (span_is(name, key->name))
            return key->put(reader, value);
    return fault_unknown(reader, reader->rule ? "unknown key" : "unknown key of a provider", NULL,
                         CAUSE_COUNT, name);
}

static bool put_pair(struct reader *reader, struct span pair)
{
    const char *colon = memchr(pair.at, ':', pair.size);
    if (!colon)
        return fault(reader, "neither `key: value' nor a comment", pair);
    struct span name = span_first(pair, (size_t)(colon - pair.at));
    struct span value = span_trim(span_skip(pair, name.size + 1));
    if (value.size == 0)
        return fault(reader, "a key without a value", name);
    if (reader->rule || reader->provider)
        return put_in_stanza(reader, name, value);
    if (span_is(name, "rule"))
        return open_rule(reader, value);
    if (span_is(name, "provider"))
        return open_provider(reader, value);
    return fault(reader, "a stanza begins with `rule: ID' or `provider: ID'", name);
}

/** Takes one line without its end off the front. */
static bool next_line(struct span *text, struct span *line)
{
    if (text->size == 0)
        return false;
    const char *end = memchr(text->at, '\n', text->size);
    *line = span_first(*text, end ? (size_t)(end - text->at) : text->size);
    *text = span_skip(*text, line->size + 1);
    if (line->size > 0 && line->at[line->size - 1] == '\r')
        line->size--;
    return true;
}

static bool is_continuation(struct span text)
{
    struct span line;
    return next_line(&text, &line) && line.size > 0 && (line.at[0] == ' ' || line.at[0] == '\t') &&
           span_trim(line).size > 0;
}

/** Joins a line with the continuation lines below it. */
static struct span with_continuations(struct reader *reader, struct span *text, struct span first,
                                      unsigned *lines)
{
    if (!is_continuation(*text))
        return first;
    size_t size = first.size;
    struct span rest = *text, line;
    while (is_continuation(rest) && next_line(&rest, &line))
        size += 1 + line.size;
    char *joined = arena_allocate(reader->source->arena, size + 1);
    memcpy(joined, first.at, first.size);
    size = first.size;
    while (is_continuation(*text) && next_line(text, &line)) {
        line = span_trim(line);
        joined[size++] = ' ';
        memcpy(joined + size, line.at, line.size);
        size += line.size;
        ++*lines;
    }
    return span_of(joined, size);
}

static bool read_line(struct reader *reader, struct span line, struct span *text, unsigned *lines)
{
    if (line.size > 0 && line.at[0] == '#')
        return true;
    if (span_trim(line).size == 0) {
        reader->rule = NULL;
        reader->provider = NULL;
        return true;
    }
    if (line.at[0] == ' ' || line.at[0] == '\t')
        return fault(reader, "a continuation without a key above it", line);
    return put_pair(reader, span_trim(with_continuations(reader, text, line, lines)));
}

bool catalog_file_read(const char *path, struct arena *arena, struct span *text, struct error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(error, "%s: cannot be opened: %s", path, strerror(errno));
    struct buffer octets = BUFFER_EMPTY;
    size_t size;
    do {
        size = fread(buffer_room(&octets, 65536), 1, 65536, file);
        buffer_grown(&octets, size);
    } while (size > 0 && octets.size <= CATALOG_FILE_LIMIT);
    bool failed = ferror(file);
    int reason = errno;
    fclose(file);
    *text = arena_copy(arena, buffer_span(&octets));
    buffer_clear(&octets);
    return !failed || error_set(error, "%s: cannot be read: %s", path, strerror(reason));
}

bool catalog_source_read(struct catalog_source *source, const char *name, struct span text,
                         struct error *error)
{
    struct reader reader = {.source = source, .file = name, .line = 0, .error = error};
    if (text.size > CATALOG_FILE_LIMIT)
        return error_set(error, "%s: a catalog file has at most 1 MiB", name);
    if (text.size > 0 && memchr(text.at, '\0', text.size))
        return error_set(error, "%s: a catalog file holds no NUL", name);
    struct span line;
    unsigned lines = 1;
    while (next_line(&text, &line)) {
        reader.line += lines;
        lines = 1;
        if (!read_line(&reader, line, &text, &lines))
            return false;
    }
    return true;
}
