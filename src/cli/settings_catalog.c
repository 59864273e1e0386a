#include "cli/settings.h"

#include "diagnose/catalog_user.h"

/** The files that an option names, in their order. */
static const char **paths_of(struct settings *settings, const struct option_values *values, size_t *count)
{
    const struct option_mention *mention = NULL;
    const char **paths = ARENA_ARRAY(&settings->arena, const char *, values->count + 1);
    *count = 0;
    while ((mention = options_next(values, OPTION_CATALOG, mention)))
        paths[(*count)++] = mention->text;
    return paths;
}

bool settings_make_catalog(struct settings *settings, const struct option_values *values, struct error *error)
{
    size_t count;
    const char **paths = paths_of(settings, values, &count);
    settings->catalog = catalog_builtin;
    settings->report.catalog = &settings->catalog;
    return catalog_add_standard(&settings->catalog, &settings->arena, error) &&
           (count == 0 || catalog_add_files(&settings->catalog, paths, count, &settings->arena, error));
}
