#include "cli/option_name.h"

#include "base/buffer.h"
#include "cli/command_line.h"

#include <limits.h>

/* How many names a message about an ambiguous one lists. */
enum { CANDIDATES_SHOWN = 8 };

/* Nothing longer is near any name. */
enum { LONGEST_TYPED = 40 };

bool option_serves(enum option_id id, enum job job)
{
    return option_table[id].jobs >> job & 1;
}

static int compare_name(struct span typed, const char *name)
{
    int order = strncmp(typed.at, name, typed.size);
    return order ? order : name[typed.size] ? -1 : 0;
}

/* The first name that is not before `typed`, so that names beginning with it follow. */
static const struct option_name *lower_bound(struct span typed)
{
    size_t low = 0, high = option_name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_name(typed, option_names[middle].name) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return &option_names[low];
}

static bool find_exact(struct span typed, enum option_id *id)
{
    const struct option_name *found = lower_bound(typed);
    if (found == option_names + option_name_count || !span_is(typed, found->name))
        return false;
    *id = found->id;
    return true;
}

static bool find_field(struct span typed, struct option_spelling *spelling)
{
    for (size_t i = 0; i < option_field_prefix_count; i++) {
        const struct option_name *prefix = &option_field_prefixes[i];
        size_t size = strlen(prefix->name);
        if (span_starts_with(typed, prefix->name) && typed.size > size) {
            spelling->id = prefix->id;
            spelling->field = span_skip(typed, size);
            return true;
        }
    }
    return false;
}

static bool find_whole(struct span typed, struct option_spelling *spelling)
{
    return find_exact(typed, &spelling->id) || find_field(typed, spelling);
}

static const struct option_foreign *find_foreign(struct span typed)
{
    for (size_t i = 0; i < option_foreign_count; i++)
        if (span_is(typed, option_foreign[i].name))
            return &option_foreign[i];
    return NULL;
}

/* The names that begin as typed: one meaning is enough, several are listed. */
struct candidates {
    struct option_spelling meaning;
    size_t names;
    bool is_ambiguous;
    struct buffer list;
};

static void add_candidate(struct candidates *found, const char *name, struct option_spelling meaning)
{
    if (!found->names)
        found->meaning = meaning;
    else if (found->meaning.id != meaning.id || found->meaning.is_negation != meaning.is_negation)
        found->is_ambiguous = true;
    if (found->names < CANDIDATES_SHOWN)
        buffer_printf(&found->list, "%s--%s%s", found->names ? ", " : "", meaning.is_negation ? "no-" : "",
                      name);
    else if (found->names == CANDIDATES_SHOWN)
        buffer_add_string(&found->list, ", ...");
    found->names++;
}

static void add_candidates(struct candidates *found, struct span typed, enum job job, bool is_negation)
{
    const struct option_name *end = option_names + option_name_count;
    for (const struct option_name *name = lower_bound(typed); name < end; name++) {
        if (strncmp(name->name, typed.at, typed.size) != 0)
            return;
        if (option_serves(name->id, job))
            add_candidate(found, name->name,
                          (struct option_spelling){.id = name->id, .is_negation = is_negation});
    }
}

static bool set_unknown(struct span typed, enum job job, struct error *error)
{
    struct arena arena = ARENA_EMPTY;
    struct buffer shown = BUFFER_EMPTY;
    command_line_add_shortened(&shown, typed);
    const char *nearest = option_name_nearest(typed, job, &arena);
    if (nearest)
        error_set(error, "--%s: no such option; did you mean --%s?", buffer_string(&shown), nearest);
    else
        error_set(error, "--%s: no such option; `%s' lists them", buffer_string(&shown),
                  job == JOB_PROBE ? "--help all" : "explain --help");
    buffer_clear(&shown);
    arena_clear(&arena);
    return false;
}

static bool find_beginning(struct span typed, enum job job, struct option_spelling *spelling,
                           struct error *error)
{
    struct candidates found = {.list = BUFFER_EMPTY};
    if (typed.size > 0)
        add_candidates(&found, typed, job, false);
    if (span_starts_with(typed, "no-") && typed.size > 3)
        add_candidates(&found, span_skip(typed, 3), job, true);
    bool is_found = found.names && !found.is_ambiguous;
    if (is_found)
        *spelling = found.meaning;
    else if (found.names)
        error_set(error, "--%.*s: ambiguous; it may be %s", SPAN_ARGS(typed), buffer_string(&found.list));
    else
        set_unknown(typed, job, error);
    buffer_clear(&found.list);
    return is_found;
}

bool option_name_find(struct span typed, enum job job, struct option_spelling *spelling, struct error *error)
{
    *spelling = (struct option_spelling){.id = OPTION_COUNT};
    if (find_whole(typed, spelling))
        return true;
    if (span_starts_with(typed, "no-") && find_whole(span_skip(typed, 3), spelling)) {
        spelling->is_negation = true;
        return true;
    }
    const struct option_foreign *foreign = find_foreign(typed);
    if (foreign && job == JOB_PROBE)
        return error_set(error, "--%s: %s", foreign->name, foreign->text);
    return find_beginning(typed, job, spelling, error);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/*
 * Optimal string alignment: insertions, deletions, substitutions, and swaps of
 * neighbours, which typing fingers make most of all.
 */
static unsigned edit_distance(struct span a, struct span b)
{
    unsigned rows[3][LONGEST_TYPED + 1];
    for (unsigned j = 0; j <= b.size; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= a.size; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= b.size; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a.at[i - 1] != b.at[j - 1]));
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[a.size % 3][b.size];
}

struct nearest {
    const char *name;
    unsigned score;
    bool is_negation;
};

/* Of names at the same distance a canonical one, and one that begins alike, is likelier. */
static void look_for_nearest(struct span typed, enum job job, bool is_negation, struct nearest *best)
{
    unsigned allowed = typed.size <= 4 ? 1 : typed.size <= 8 ? 2 : 3;
    for (size_t i = 0; i < option_name_count; i++) {
        struct span name = span_of_string(option_names[i].name);
        bool is_alias = !span_is(name, option_table[option_names[i].id].name);
        /* Nearly everything is near to an alias of two letters; of the short canonical names, --to is worth
         * it. */
        if (!option_serves(option_names[i].id, job) || (name.size < 3 && (is_alias || typed.size < 3)) ||
            name.size > LONGEST_TYPED)
            continue;
        unsigned distance = edit_distance(typed, name);
        unsigned score = 4 * distance + 2 * (typed.at[0] != name.at[0]) + is_alias;
        if (distance <= allowed && score < best->score)
            *best = (struct nearest){option_names[i].name, score, is_negation};
    }
}

const char *option_name_nearest(struct span typed, enum job job, struct arena *arena)
{
    struct nearest best = {NULL, UINT_MAX, false};
    if (typed.size < 2 || typed.size > LONGEST_TYPED)
        return NULL;
    look_for_nearest(typed, job, false, &best);
    if (span_starts_with(typed, "no-") && typed.size > 4)
        look_for_nearest(span_skip(typed, 3), job, true, &best);
    return best.name ? arena_printf(arena, "%s%s", best.is_negation ? "no-" : "", best.name) : NULL;
}
