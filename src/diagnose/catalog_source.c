#include "diagnose/catalog_source.h"

#include "base/printable.h"
#include "diagnose/catalog_reader.h"
#include "diagnose/letters.h"

#include <errno.h>
#include <stdio.h>

enum { FRAGMENT_MINIMUM = 3, FRAGMENT_LIMIT = 200, ALTERNATIVE_LIMIT = 1024, GROUP_LIMIT = 4096 };

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
        return reader_fault(reader, "a fragment has 3 to 200 octets", text);
    fragment->in_link = memchr("./?", text.at[0], 3) != NULL;
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

/** The first group of which a member is more than one fragment: "[quota & full/over quota]". */
static bool find_group_of_phrases(struct span text, size_t *start, struct span *members)
{
    for (size_t from = 0; find_group(span_skip(text, from), start, members); from = *start + 1) {
        *start += from;
        if (memchr(members->at, '&', members->size))
            return true;
    }
    return false;
}

/** Writes a group out, one text for each member. @return false after too many */
static bool write_members(struct source_texts *pending, struct span text, size_t start, struct span members,
                          unsigned *written, struct arena *arena)
{
    struct span after = span_skip(text, start + members.size + 2), member;
    while (next_part(&members, '/', &member)) {
        const char *joined = arena_printf(arena, "%.*s%.*s%.*s", (int)start, text.at, SPAN_ARGS(member),
                                          SPAN_ARGS(member.size > 0 ? after : span_trim(after)));
        *LIST_ADD(arena, pending) = span_of_string(joined);
        if (++*written > GROUP_LIMIT)
            return false;
    }
    return true;
}

/** Writes all groups out that `find` finds: "[/no] [user/mailbox] here" is "user here", "no user here" ... */
static bool write_groups(struct reader *reader, bool (*find)(struct span, size_t *, struct span *),
                         struct span text, struct source_texts *all, struct arena *scratch)
{
    struct source_texts pending = {NULL, 0, 0};
    unsigned written = 0;
    *LIST_ADD(scratch, &pending) = text;
    while (pending.count > 0) {
        struct span next = pending.at[--pending.count], members;
        size_t start;
        if (!find(next, &start, &members))
            *LIST_ADD(scratch, all) = next;
        else if (!write_members(&pending, next, start, members, &written, scratch))
            return reader_fault(reader, "too many combinations; write several alternatives", text);
    }
    return true;
}

static bool add_fragment(struct reader *reader, struct source_phrase *phrase, size_t *capacity,
                         struct span text)
{
    if (reader->source->fragment_count++ == CATALOG_FRAGMENTS_LIMIT)
        return reader_fault(reader, "more than 131072 fragments in all", text);
    phrase->fragments = arena_grow(reader->source->arena, phrase->fragments, phrase->count, capacity,
                                   sizeof *phrase->fragments);
    return read_fragment(reader, text, &phrase->fragments[phrase->count++]);
}

/** What groups write at the same place between "&" are alternatives of one phrase. */
static bool read_phrase(struct reader *reader, struct span text, struct source_phrase *phrase,
                        struct arena *scratch)
{
    struct span part;
    size_t capacity = 0;
    while (next_part(&text, '&', &part)) {
        struct source_texts all = {NULL, 0, 0};
        if (!write_groups(reader, find_group, part, &all, scratch))
            return false;
        for (size_t i = 0; i < all.count; i++) {
            if (!add_fragment(reader, phrase, &capacity, span_trim(all.at[i])))
                return false;
            phrase->fragments[phrase->count - 1].is_other = i > 0;
        }
    }
    return phrase->count > 0 || reader_fault(reader, "an empty alternative", text);
}

static bool add_alternative(struct reader *reader, struct source_phrases *phrases, struct span text)
{
    struct arena scratch = ARENA_EMPTY; /* a phrase keeps copies */
    struct source_texts all = {NULL, 0, 0};
    if (text.size > ALTERNATIVE_LIMIT)
        return reader_fault(reader, "an alternative has at most 1024 octets; part them by ` | '", text);
    bool ok = write_groups(reader, find_group_of_phrases, text, &all, &scratch);
    for (size_t i = 0; i < all.count && ok; i++) {
        struct source_phrase *phrase = LIST_ADD(reader->source->arena, phrases);
        ok = read_phrase(reader, all.at[i], phrase, &scratch);
    }
    arena_clear(&scratch);
    return ok;
}

bool reader_add_phrases(struct reader *reader, struct source_phrases *phrases, struct span value)
{
    struct span part;
    while (next_part(&value, '|', &part))
        if (!add_alternative(reader, phrases, part))
            return false;
    return true;
}

bool reader_add_barred(struct reader *reader, struct span value)
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

/* Stanzas */

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
    if (!is_id(id))
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

static bool put_in_stanza(struct reader *reader, struct span name, struct span value)
{
    if (span_is(name, "rule"))
        return reader_fault(reader, "an empty line must stand before a rule", value);
    for (const struct reader_key *key = reader->rule ? reader_rule_keys : reader_provider_keys; key->name;
         key++)
        if (span_is(name, key->name))
            return key->put(reader, value);
    return reader_fault_unknown(reader, reader->rule ? "unknown key" : "unknown key of a provider", NULL,
                                CAUSE_COUNT, name);
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
    if (reader->rule || reader->provider)
        return put_in_stanza(reader, name, value);
    if (span_is(name, "rule"))
        return open_rule(reader, value);
    if (span_is(name, "provider"))
        return open_provider(reader, value);
    return reader_fault(reader, "a stanza begins with `rule: ID' or `provider: ID'", name);
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
