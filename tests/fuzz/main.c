/*
 * Runs a fuzz target without libFuzzer: over the files of its corpus as a TAP
 * test, or over the files named as arguments to look into one of them.
 */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

/** Files up to this size are also given to the target cut off at each octet. */
enum { PREFIXES_UP_TO = 2048 };

/** The copy has exactly the input's size, so that the address sanitizer sees a read beyond it. */
static void run_once(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        printf("Bail out! cannot read %s\n", path);
        exit(1);
    }
    long end = ftell(file);
    rewind(file);
    uint8_t *data = malloc((size_t)end + 1);
    if (!data || fread(data, 1, (size_t)end, file) != (size_t)end)
        abort();
    fclose(file);
    *size = (size_t)end;
    return data;
}

static void run_file(const char *path)
{
    size_t size;
    uint8_t *data = read_file(path, &size);
    for (size_t cut = 0; size <= PREFIXES_UP_TO && cut < size; cut++)
        run_once(data, cut);
    run_once(data, size);
    free(data);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int run_corpus(const char *folder)
{
    struct dirent **entries;
    int count = chdir(folder) == 0 ? scandir(".", &entries, is_visible, alphasort) : -1;
    if (count <= 0) {
        printf("Bail out! no corpus in %s\n", folder);
        return 1;
    }
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        run_file(entries[i]->d_name);
        printf("ok %d - %s\n", i + 1, entries[i]->d_name);
        fflush(stdout);
        free(entries[i]);
    }
    free(entries);
    return 0;
}

/** "tests/fuzz/reply_fuzz" has its corpus in tests/fuzz/corpus/reply. */
static int run_own_corpus(const char *program)
{
    const char *source = getenv("top_srcdir");
    const char *slash = strrchr(program, '/');
    const char *name = slash ? slash + 1 : program;
    const char *end = strstr(name, "_fuzz");
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%.*s", source ? source : ".",
             end ? (int)(end - name) : (int)strlen(name), name);
    return run_corpus(folder);
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return run_own_corpus(argv[0]);
    for (int i = 1; i < argc; i++)
        run_file(argv[i]);
    return 0;
}
