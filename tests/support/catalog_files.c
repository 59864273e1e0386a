#include "catalog_files.h"

#include "base/buffer.h"
#include "check.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

static struct span read_file(const char *path, struct arena *arena)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be opened", path);
    struct buffer text = BUFFER_EMPTY;
    size_t size;
    while ((size = fread(buffer_room(&text, 65536), 1, 65536, file)) > 0)
        buffer_grown(&text, size);
    fclose(file);
    struct span copy = arena_copy(arena, buffer_span(&text));
    buffer_clear(&text);
    return copy;
}

void catalog_files_read(struct catalog_source *source, struct arena *arena, bool backward)
{
    const char *root = getenv("top_srcdir");
    glob_t paths;
    struct error error = ERROR_NONE;
    if (glob(arena_printf(arena, "%s/data/catalog/*.txt", root ? root : "."), 0, NULL, &paths) != 0)
        fail_msg("no catalog files: set top_srcdir");
    *source = CATALOG_SOURCE_EMPTY(arena);
    for (size_t i = 0; i < paths.gl_pathc; i++) {
        const char *path =
            arena_copy_string(arena, paths.gl_pathv[backward ? paths.gl_pathc - 1 - i : i]);
        if (!catalog_source_read(source, path, read_file(path, arena), &error))
            fail_msg("%s", error.text);
    }
    globfree(&paths);
}
