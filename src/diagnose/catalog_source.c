#include "diagnose/catalog_source.h"

#include "base/printable.h"
#include "diagnose/catalog_reader.h"

#include <errno.h>
#include <stdio.h>

bool reader_fault(const struct reader *reader, const char *what, struct span value)
{
    return error_set(reader->error, "%s:%u: %s%s%.*s", reader->file, reader->line, what,
                     value.size ? ": " : "", (int)(value.size < 80 ? value.size : 80),
                     value.size ? value.at : "");
}

bool reader_fault_unknown(const struct reader *reader, const char *what, const struct vocabulary_word *words,
                          int count, struct span value)
{
    enum { SHORT_LIST = 12 };
    struct buffer known = BUFFER_EMPTY;
    for (int i = 0; i < count && count <= SHORT_LIST; i++)
        buffer_printf(&known, "%s%s", i > 0 ? ", " : "", words[i].name);
    reader_fault(reader, what, value);
    size_t size = strlen(reader->error->text);
    snprintf(reader->error->text + size, sizeof reader->error->text - size, " (%s%s)",
             known.size > 0 ? "use one of: " : "they are listed in smtpprobe-catalog(5)",
             buffer_string(&known));
    buffer_clear(&known);
    return false;
}

/* Stanzas */

bool reader_is_id(struct span text)
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
    if (!reader_is_id(id))
        return reader_fault(reader, "an id has lower case letters, digits, hyphens and dots", id);
    if (source->count == CATALOG_RULES_LIMIT)
        return reader_fault(reader, "more than 4096 rules", id);
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
    if (!reader_is_id(id))
        return reader_fault(reader, "an id has lower case letters, digits, hyphens and dots", id);
    if (source->provider_count == CATALOG_PROVIDERS_LIMIT)
        return reader_fault(reader, "more than 1024 providers", id);
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

static bool open_group(struct reader *reader, struct span name)
{
    if (!reader_is_id(name))
        return reader_fault(reader, "a name has lower case letters, digits, hyphens and dots", name);
    for (size_t i = 0; i < reader->groups.count; i++)
        if (span_equal(reader->groups.at[i].name, name))
            return reader_fault(reader, "a group of this name stands above", name);
    reader->group = LIST_ADD(reader->source->arena, &reader->groups);
    *reader->group = (struct reader_group){.name = name};
    return true;
}

static const struct {
    const char *name;
    bool (*open)(struct reader *, struct span value);
} stanzas[] = {{"rule", open_rule}, {"provider", open_provider}, {"group", open_group}};

static bool open_stanza(struct reader *reader, struct span name, struct span value)
{
    for (size_t i = 0; i < sizeof stanzas / sizeof *stanzas; i++)
        if (span_is(name, stanzas[i].name))
            return stanzas[i].open(reader, value);
    return reader_fault(reader, "a stanza begins with `rule: ID', `provider: ID' or `group: NAME'", name);
}

static bool is_stanza(struct span name)
{
    for (size_t i = 0; i < sizeof stanzas / sizeof *stanzas; i++)
        if (span_is(name, stanzas[i].name))
            return true;
    return false;
}

static bool fault_unknown_key(const struct reader *reader, struct span name)
{
    if (is_stanza(name))
        return reader_fault(reader, "an empty line must stand before each stanza", name);
    if (reader->group)
        return reader_fault(reader, "a group has nothing but `words'", name);
    return reader_fault_unknown(reader, reader->rule ? "unknown key" : "unknown key of a provider", NULL,
                                CAUSE_COUNT, name);
}

static bool put_in_stanza(struct reader *reader, struct span name, struct span value)
{
    for (const struct reader_key *key = reader->rule    ? reader_rule_keys
                                        : reader->group ? reader_group_keys
                                                        : reader_provider_keys;
         key->name; key++)
        if (span_is(name, key->name))
            return key->put(reader, value);
    return fault_unknown_key(reader, name);
}

static bool put_pair(struct reader *reader, struct span pair)
{
    const char *colon = memchr(pair.at, ':', pair.size);
    if (!colon)
        return reader_fault(reader, "neither `key: value' nor a comment", pair);
    struct span name = span_first(pair, (size_t)(colon - pair.at));
    struct span value = span_trim(span_skip(pair, name.size + 1));
    if (value.size == 0)
        return reader_fault(reader, "a key without a value", name);
    bool is_open = reader->rule || reader->provider || reader->group;
    return is_open ? put_in_stanza(reader, name, value) : open_stanza(reader, name, value);
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
        reader->group = NULL;
        return true;
    }
    if (line.at[0] == ' ' || line.at[0] == '\t')
        return reader_fault(reader, "a continuation without a key above it", line);
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

/** Other encodings would be shown as gibberish, and match nothing. */
static bool check_encoding(struct reader *reader, struct span text)
{
    struct span line;
    while (next_line(&text, &line)) {
        reader->line++;
        if (!printable_is_utf8(line))
            return reader_fault(reader, "not UTF-8: save the file in this encoding", line);
    }
    reader->line = 0;
    return true;
}

/** Some editors of Windows begin UTF-8 so. */
static struct span without_byte_order_mark(struct span text)
{
    return span_starts_with(text, "\xef\xbb\xbf") ? span_skip(text, 3) : text;
}

bool catalog_source_read(struct catalog_source *source, const char *name, struct span text,
                         struct error *error)
{
    struct reader reader = {.source = source, .file = name, .line = 0, .error = error};
    if (text.size > CATALOG_FILE_LIMIT)
        return error_set(error, "%s: a catalog file has at most 1 MiB", name);
    if (text.size > 0 && memchr(text.at, '\0', text.size))
        return error_set(error, "%s: a catalog file holds no NUL", name);
    if (!check_encoding(&reader, text))
        return false;
    struct span line;
    unsigned lines = 1;
    text = without_byte_order_mark(text);
    while (next_line(&text, &line)) {
        reader.line += lines;
        lines = 1;
        if (!read_line(&reader, line, &text, &lines))
            return false;
    }
    return true;
}
