#include "diagnose/catalog_reader.h"

#include "base/buffer.h"
#include "diagnose/letters.h"

enum {
    FRAGMENT_MINIMUM = 3,
    FRAGMENT_LIMIT = 200,
    ALTERNATIVE_LIMIT = 1024,
    WRITTEN_LIMIT = 16384, /* of an alternative, the members of named groups written in */
    GROUP_LIMIT = 4096,
};

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
    fragment->is_other = false;
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

/** Takes the first member of a group off the front, which is empty at "/" and behind the last one. */
static struct span take_member(struct span *members, bool *is_last)
{
    struct span member = SPAN("");
    *is_last = !memchr(members->at, '/', members->size);
    next_part(members, '/', &member);
    return member;
}

/** Writes a group out, one text for each member. @return false after too many */
static bool write_members(struct source_texts *pending, struct span text, size_t start, struct span members,
                          unsigned *written, struct arena *arena)
{
    struct span after = span_skip(text, start + members.size + 2);
    for (bool is_last = false; !is_last;) {
        struct span member = take_member(&members, &is_last);
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

/** Whether a reference to a named group begins here, as in "[:name]" and "[a/:name/b]". */
static bool is_reference(struct span text, size_t at, struct span *name)
{
    if (text.at[at] != ':' || at == 0 || !memchr("[/", text.at[at - 1], 2))
        return false;
    struct span rest = span_skip(text, at + 1);
    size_t size = 0;
    while (size < rest.size && !memchr("/]", rest.at[size], 2))
        size++;
    *name = span_first(rest, size);
    return size < rest.size && reader_is_id(*name);
}

static const struct reader_group *find_named_group(const struct reader *reader, struct span name)
{
    for (size_t i = 0; i < reader->groups.count; i++)
        if (reader->groups.at[i].members.at && span_equal(reader->groups.at[i].name, name))
            return &reader->groups.at[i];
    return NULL;
}

/** Puts the members of named groups in the place of their names. @param text stays as it is without any */
static bool write_references(struct reader *reader, struct span *text, struct arena *scratch)
{
    struct span name, all = *text;
    for (size_t i = 0; i < all.size; i++) {
        if (!is_reference(all, i, &name))
            continue;
        const struct reader_group *group = find_named_group(reader, name);
        if (!group)
            return reader_fault(reader, "no group of this name stands above", name);
        struct span after = span_skip(all, i + 1 + name.size);
        if (i + group->members.size + after.size > WRITTEN_LIMIT)
            return reader_fault(reader, "groups make an alternative of more than 16384 octets", *text);
        all = span_of_string(arena_printf(scratch, "%.*s%.*s%.*s", (int)i, all.at, SPAN_ARGS(group->members),
                                          SPAN_ARGS(after)));
        i += group->members.size - 1;
    }
    *text = all;
    return true;
}

static bool add_alternative(struct reader *reader, struct source_phrases *phrases, struct span text)
{
    struct arena scratch = ARENA_EMPTY; /* a phrase keeps copies */
    struct source_texts all = {NULL, 0, 0};
    if (text.size > ALTERNATIVE_LIMIT)
        return reader_fault(reader, "an alternative has at most 1024 octets; part them by ` | '", text);
    bool ok = write_references(reader, &text, &scratch) &&
              write_groups(reader, find_group_of_phrases, text, &all, &scratch);
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

static bool add_barred(struct reader *reader, struct span text)
{
    struct source_rule *rule = reader->rule;
    rule->barred.fragments = arena_grow(reader->source->arena, rule->barred.fragments, rule->barred.count,
                                        &rule->barred_capacity, sizeof *rule->barred.fragments);
    return read_fragment(reader, text, &rule->barred.fragments[rule->barred.count++]);
}

/** Writes one alternative out into fragments. */
static bool write_fragments(struct reader *reader, struct span text, struct source_texts *all,
                            struct arena *scratch)
{
    if (text.size > ALTERNATIVE_LIMIT)
        return reader_fault(reader, "an alternative has at most 1024 octets; part them by ` | '", text);
    return write_references(reader, &text, scratch) && write_groups(reader, find_group, text, all, scratch);
}

bool reader_add_barred(struct reader *reader, struct span value)
{
    struct arena scratch = ARENA_EMPTY; /* a fragment keeps a copy */
    struct span part;
    bool ok = true;
    while (ok && next_part(&value, '|', &part)) {
        struct source_texts all = {NULL, 0, 0};
        ok = write_fragments(reader, part, &all, &scratch);
        for (size_t i = 0; i < all.count && ok; i++)
            ok = add_barred(reader, all.at[i]);
    }
    arena_clear(&scratch);
    return ok;
}

bool reader_put_members(struct reader *reader, struct span value)
{
    struct arena *arena = reader->source->arena;
    struct source_texts all = {NULL, 0, 0};
    struct span part;
    if (reader->group->members.at)
        return reader_fault(reader, "key given twice", value);
    while (next_part(&value, '|', &part))
        if (!write_fragments(reader, part, &all, arena))
            return false;
    struct buffer joined = BUFFER_EMPTY;
    for (size_t i = 0; i < all.count; i++)
        buffer_printf(&joined, "%s%.*s", i > 0 ? "/" : "", SPAN_ARGS(all.at[i]));
    reader->group->members = arena_copy(arena, buffer_span(&joined));
    buffer_clear(&joined);
    bool is_sound = all.count > 1 && reader->group->members.size <= WRITTEN_LIMIT &&
                    !memchr(reader->group->members.at, '&', reader->group->members.size);
    return is_sound ||
           reader_fault(reader, "a group has two fragments or more, of 16384 octets in all", part);
}
