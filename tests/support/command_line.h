/** Command lines, environments and rc files for tests of the options. */
#ifndef SUPPORT_COMMAND_LINE_H
#define SUPPORT_COMMAND_LINE_H

#include "base/buffer.h"
#include "base/memory.h"
#include "cli/options.h"

#include <stdlib.h>

/** Words that a program may overwrite, as argv is, ended by NULL. */
struct words {
    char **at;
    int count;
};

static inline struct words words_of(const char *const *texts)
{
    struct words words = {NULL, 0};
    while (texts && texts[words.count])
        words.count++;
    words.at = memory_allocate(((size_t)words.count + 1) * sizeof *words.at);
    for (int i = 0; i < words.count; i++)
        words.at[i] = memory_copy_string(texts[i]);
    words.at[words.count] = NULL;
    return words;
}

static inline void words_clear(struct words *words)
{
    for (int i = 0; i < words->count; i++)
        free(words->at[i]);
    free(words->at);
}

/**
 * Adds what counts, in order: name or name=value, "no-" for what is off,
 * parentheses around what is implied.
 */
static inline void describe_options(const struct option_values *values, struct buffer *text)
{
    for (size_t i = 0; i < values->count; i++) {
        const struct option_mention *mention = &values->mentions[i];
        if (mention->is_forgotten || (mention->is_negation && !option_table[mention->id].on))
            continue;
        bool is_implied = mention->source == OPTION_IMPLIED;
        buffer_printf(text, "%s%s%s%s", text->size ? " " : "", is_implied ? "(" : "",
                      mention->is_negation ? "no-" : "", option_table[mention->id].name);
        if (mention->text)
            buffer_printf(text, "=%s", mention->text);
        buffer_add_string(text, is_implied ? ")" : "");
    }
}

#endif
