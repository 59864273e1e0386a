#include "diagnose/catalog_user.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static bool read_files(struct catalog_source *source, const char *const *paths, size_t count,
                       struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct span text;
        if (!catalog_file_read(paths[i], source->arena, &text, error) ||
            !catalog_source_read(source, paths[i], text, error))
            return false;
    }
    return catalog_source_finish(source, error);
}

/** Which rules of the part do not count any more, now that the source stands before it. */
static const uint32_t *replaced_by(const struct catalog_source *source, const struct catalog_part *part,
                                   struct arena *arena)
{
    const struct catalog_table *table = part->table;
    size_t words = table->rule_count / 32 + 1;
    uint32_t *replaced = ARENA_ARRAY(arena, uint32_t, words);
    if (part->replaced)
        memcpy(replaced, part->replaced, words * sizeof *replaced);
    for (uint32_t i = 0; i < table->rule_count; i++)
        if (catalog_source_find(source, span_of_string(table->text + table->rules[i].id)))
            replaced[i / 32] |= UINT32_C(1) << i % 32;
    return replaced;
}

static void put_in_front(struct catalog *catalog, const struct catalog_source *source, struct arena *arena)
{
    struct catalog_table *table = ARENA_NEW(arena, struct catalog_table);
    catalog_table_build(table, source, arena);
    for (size_t i = catalog->part_count++; i > 0; i--) {
        catalog->parts[i].table = catalog->parts[i - 1].table;
        catalog->parts[i].replaced = replaced_by(source, &catalog->parts[i - 1], arena);
    }
    catalog->parts[0] = (struct catalog_part){table, NULL};
}

/** Rules of classes are the last resort: without them a reply would go without an answer. */
static bool keeps_classes(const struct catalog *catalog, const struct catalog_source *source,
                          struct error *error)
{
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct rule_summary summary;
    while (catalog_next_rule(catalog, &cursor, &summary)) {
        const struct source_rule *rule = catalog_source_find(source, span_of_string(summary.id));
        if (rule && summary.layer == CONFIDENCE_CLASS)
            return error_set(
                error, "%s:%u: rule %s is the last resort and cannot be replaced: give yours another id",
                rule->file, rule->line, summary.id);
    }
    return true;
}

static bool add_source(struct catalog *catalog, struct catalog_source *source, const char *const *paths,
                       size_t count, struct error *error)
{
    source->base = catalog;
    source->is_draft = true;
    if (catalog->part_count == CATALOG_PARTS_LIMIT)
        return error_set(error, "more than %d catalogs: give all files at once", CATALOG_PARTS_LIMIT - 1);
    if (!read_files(source, paths, count, error) || !keeps_classes(catalog, source, error))
        return false;
    put_in_front(catalog, source, source->arena);
    return true;
}

bool catalog_add_files(struct catalog *catalog, const char *const *paths, size_t count, struct arena *arena,
                       struct error *error)
{
    struct catalog_source source = CATALOG_SOURCE_EMPTY(arena);
    return count == 0 || add_source(catalog, &source, paths, count, error);
}

/* Directories */

struct paths {
    const char **at;
    size_t count;
    size_t capacity;
};

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** Editors and packagers leave other files there: "10-mine.txt~", "10-mine.txt.dpkg-old". */
static bool is_catalog_file(const char *name, const char *path)
{
    struct stat status;
    return name[0] != '.' && span_ends_with_nocase(span_of_string(name), ".txt") &&
           stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool list_files(struct paths *paths, DIR *directory, const char *directory_path, struct arena *arena,
                       struct error *error)
{
    const struct dirent *entry;
    while ((entry = readdir(directory))) {
        const char *path = arena_printf(arena, "%s/%s", directory_path, entry->d_name);
        if (!is_catalog_file(entry->d_name, path))
            continue;
        if (paths->count == CATALOG_DIRECTORY_LIMIT)
            return error_set(error, "%s: more than %d catalog files: join some of them", directory_path,
                             CATALOG_DIRECTORY_LIMIT);
        paths->at = arena_grow(arena, paths->at, paths->count, &paths->capacity, sizeof *paths->at);
        paths->at[paths->count++] = path;
    }
    return true;
}

bool catalog_add_directory(struct catalog *catalog, const char *path, struct arena *arena,
                           struct error *error)
{
    struct paths paths = {NULL, 0, 0};
    DIR *directory = opendir(path);
    if (!directory)
        return errno == ENOENT || errno == ENOTDIR ||
               error_set(error, "%s: cannot be opened: %s", path, strerror(errno));
    bool ok = list_files(&paths, directory, path, arena, error);
    closedir(directory);
    if (paths.count > 0)
        qsort(paths.at, paths.count, sizeof *paths.at, compare_paths);
    return ok && catalog_add_files(catalog, paths.at, paths.count, arena, error);
}

/** NULL if neither variable says where. A relative XDG_CONFIG_HOME does not count (XDG base directories). */
static const char *user_directory(struct arena *arena)
{
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (xdg && xdg[0] == '/')
        return arena_printf(arena, "%s/smtpprobe/catalog.d", xdg);
    return home && home[0] ? arena_printf(arena, "%s/.config/smtpprobe/catalog.d", home) : NULL;
}

bool catalog_add_standard(struct catalog *catalog, struct arena *arena, struct error *error)
{
    const char *own = user_directory(arena);
    return catalog_add_directory(catalog, SYSCONFDIR "/smtpprobe/catalog.d", arena, error) &&
           (!own || catalog_add_directory(catalog, own, arena, error));
}

/* Checking */

static void note(const struct catalog_checker *checker, const struct source_rule *rule, const char *what,
                 struct arena *arena)
{
    checker->note(checker->context, arena_printf(arena, "%s:%u: rule %.*s %s", rule->file, rule->line,
                                                 SPAN_ARGS(rule->id), what));
}

static void count_and_note(const struct catalog_checker *checker, const struct catalog_source *source,
                           struct catalog_file_counts *counts)
{
    *counts = (struct catalog_file_counts){source->count, source->provider_count, 0};
    for (size_t i = 0; i < source->count; i++) {
        const struct source_rule *rule = source->rules[i];
        counts->examples += rule->examples.count;
        if (rule->sources.count == 0)
            note(checker, rule, "has no source: say where the fact is documented", source->arena);
        if (rule->examples.count == 0)
            note(checker, rule, "has no example: nothing proves that a reply reaches it", source->arena);
    }
}

bool catalog_check_file(const struct catalog *catalog, const char *path,
                        const struct catalog_checker *checker, struct catalog_file_counts *counts)
{
    struct arena arena = ARENA_EMPTY;
    struct error error = ERROR_NONE;
    struct catalog whole = *catalog;
    struct catalog_source source = CATALOG_SOURCE_EMPTY(&arena);
    bool ok = add_source(&whole, &source, &path, 1, &error);
    *counts = (struct catalog_file_counts){0, 0, 0};
    if (ok) {
        count_and_note(checker, &source, counts);
        ok = catalog_check_fragments(checker, whole.parts[0].table);
        ok = catalog_check_examples(checker, &whole, &source) && ok;
    } else {
        checker->complain(checker->context, error.text);
    }
    arena_clear(&arena);
    return ok;
}
