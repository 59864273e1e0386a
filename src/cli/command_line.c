#include "cli/command_line.h"

#include "base/printable.h"

enum { WIDTH = 76, LONGEST_WORD = 40 };

static bool needs_quotes(const char *word)
{
    return !*word || strpbrk(word, " \t\n\"'\\$&|;<>()*?`!#~[]{}");
}

static void add_quoted(struct buffer *text, const char *word)
{
    buffer_add_char(text, '\'');
    for (; *word; word++)
        if (*word == '\'')
            buffer_add_string(text, "'\\''");
        else
            buffer_add_char(text, *word == '\t' ? ' ' : *word);
    buffer_add_char(text, '\'');
}

void command_line_add_shortened(struct buffer *text, struct span word)
{
    struct buffer shown = BUFFER_EMPTY;
    struct span character, rest;
    size_t columns = 0;
    printable_add(&shown, word, NULL);
    for (rest = buffer_span(&shown); rest.size && columns < LONGEST_WORD;
         rest = span_skip(rest, character.size)) {
        unsigned value;
        character = span_first(rest, printable_decode(rest, &value));
        columns += printable_columns(character);
        buffer_add(text, character);
    }
    if (rest.size)
        buffer_add_string(text, "...");
    buffer_clear(&shown);
}

void command_line_add_quoted(struct buffer *text, const char *word)
{
    if (needs_quotes(word))
        add_quoted(text, word);
    else
        buffer_add_string(text, word);
}

static void add_word_quoted(struct buffer *text, const char *word)
{
    struct buffer quoted = BUFFER_EMPTY;
    command_line_add_quoted(&quoted, word);
    command_line_add_shortened(text, buffer_span(&quoted));
    buffer_clear(&quoted);
}

/* @return the columns that the word takes */
static size_t add_word(struct buffer *line, const char *word)
{
    size_t before = line->size;
    add_word_quoted(line, word);
    return printable_columns(span_skip(buffer_span(line), before));
}

static size_t word_columns(const char *word)
{
    struct buffer shown = BUFFER_EMPTY;
    size_t columns = add_word(&shown, word);
    buffer_clear(&shown);
    return columns;
}

static void add_repeated(struct buffer *line, char c, size_t count)
{
    while (count--)
        buffer_add_char(line, c);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The first word that still fits in front of those that are pointed at. */
static int first_that_fits(char *const *arguments, int first, int last, size_t used)
{
    for (int i = first; i <= last; i++)
        used += 1 + word_columns(arguments[i]);
    int from = first;
    while (from > 1 && (used += 1 + word_columns(arguments[from - 1])) <= WIDTH)
        from--;
    return from;
}

void command_line_point(struct buffer *text, char *const *arguments, int argument_count, int first, int last)
{
    if (first < 1 || last < first || last >= argument_count)
        return;
    const char *program = base_name(arguments[0]);
    size_t column = 2;
    buffer_add_string(text, "\n  ");
    column += add_word(text, program);
    int from = first_that_fits(arguments, first, last, column + strlen(" ..."));
    if (from > 1) {
        buffer_add_string(text, " ...");
        column += 4;
    }
    for (int i = from; i < first; i++) {
        buffer_add_char(text, ' ');
        column += 1 + add_word(text, arguments[i]);
    }
    size_t marked = 0;
    for (int i = first; i <= last; i++) {
        buffer_add_char(text, ' ');
        marked += (i > first) + add_word(text, arguments[i]);
    }
    buffer_add_char(text, '\n');
    add_repeated(text, ' ', column + 1);
    buffer_add_char(text, '^');
    add_repeated(text, '~', marked ? marked - 1 : 0);
}
