#include "catalog_files.h"

#include "check.h"

#include <glob.h>
#include <stdlib.h>

void catalog_files_read(struct catalog_source *source, struct arena *arena, bool backward)
{
    const char *root = getenv("top_srcdir");
    glob_t paths;
    struct error error = ERROR_NONE;
    if (glob(arena_printf(arena, "%s/data/catalog/*.txt", root ? root : "."), 0, NULL, &paths) != 0)
        fail_msg("no catalog files: set top_srcdir");
    *source = CATALOG_SOURCE_EMPTY(arena);
    for (size_t i = 0; i < paths.gl_pathc; i++) {
        const char *path = arena_copy_string(arena, paths.gl_pathv[backward ? paths.gl_pathc - 1 - i : i]);
        struct span text;
        if (!catalog_file_read(path, arena, &text, &error) ||
            !catalog_source_read(source, path, text, &error))
            fail_msg("%s", error.text);
    }
    globfree(&paths);
}
