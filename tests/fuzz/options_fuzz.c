/*
 * The input is an rc file, an environment and a command line, a word a line,
 * with a line "--" between them. Whatever they say, reading ends with values
 * that can be asked for, or with a reason; a password given is wiped.
 */
#include "fuzz.h"

#include "base/memory.h"
#include "cli/options.h"

#include <string.h>

enum { WORDS = 64 };

struct words {
    char *at[WORDS + 3];
    int count;
};

static void add_word(struct words *words, struct span text)
{
    char *word = memory_allocate(text.size + 1);
    if (text.size)
        memcpy(word, text.at, text.size);
    word[text.size] = '\0';
    words->at[words->count++] = word;
    words->at[words->count] = NULL;
}

static void clear_words(struct words *words)
{
    while (words->count)
        free(words->at[--words->count]);
}

static struct span take_section(struct span *input)
{
    const char *end = input->size ? memmem(input->at, input->size, "\n--\n", 4) : NULL;
    struct span section = span_first(*input, end ? (size_t)(end - input->at) : input->size);
    *input = span_skip(*input, section.size + 4);
    return section;
}

static void take_words(struct span section, struct words *words)
{
    while (section.size && words->count < WORDS) {
        const char *end = memchr(section.at, '\n', section.size);
        struct span line = span_first(section, end ? (size_t)(end - section.at) : section.size);
        section = span_skip(section, line.size + 1);
        add_word(words, line);
    }
}

/* The last --config wins, so that no file is read that the input names. */
static void add_file(struct words *words, FILE *file)
{
    char path[32];
    add_word(words, SPAN("--config"));
    snprintf(path, sizeof path, "/dev/fd/%d", fileno(file));
    add_word(words, span_of_string(path));
}

static void ask(const struct option_values *values, struct error *error)
{
    const struct option_mention *mention = NULL;
    while ((mention = options_next(values, OPTION_COUNT, mention))) {
        const struct option *option = &option_table[mention->id];
        FUZZ_REQUIRE(options_given(values, mention->id) && !options_off(values, mention->id));
        FUZZ_REQUIRE(mention->text || option->argument != ARGUMENT_REQUIRED || option->prompt);
        FUZZ_REQUIRE(!mention->text || option->argument != ARGUMENT_NONE);
        if (option->sensitive && mention->has_word_of_value)
            FUZZ_REQUIRE(values->arguments[mention->place + 1][0] == '\0');
        options_complain(values, mention, error, "is asked for");
        FUZZ_REQUIRE(error->text[0]);
    }
    for (unsigned id = 0; id < OPTION_COUNT; id++)
        FUZZ_REQUIRE(!options_wants_prompt(values, id) || option_table[id].prompt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_of((const char *)data, size);
    struct words arguments = {.count = 0}, environment = {.count = 0};
    struct option_values values;
    struct error error = ERROR_NONE;
    FILE *file = tmpfile();
    FUZZ_REQUIRE(file);
    struct span contents = take_section(&input);
    FUZZ_REQUIRE(fwrite(contents.at, 1, contents.size, file) == contents.size && fflush(file) == 0);
    take_words(take_section(&input), &environment);
    add_word(&arguments, SPAN("smtpprobe"));
    take_words(input, &arguments);
    add_file(&arguments, file);
    bool is_good = options_read(&values, arguments.count, arguments.at, environment.at, &error);
    FUZZ_REQUIRE(is_good == (error.text[0] == '\0'));
    if (is_good)
        ask(&values, &error);
    options_clear(&values);
    clear_words(&arguments);
    clear_words(&environment);
    fclose(file);
    return 0;
}
