#include "cli/options.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "base/printable.h"
#include "cli/command_line.h"
#include "cli/option_name.h"
#include "cli/option_value.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ENVIRONMENT_PREFIX "SMTPPROBE_OPT_"

/* An rc file is read whole; nobody's is larger. */
enum { RC_FILE_LIMIT = 1024 * 1024 };

/* The mentions of one source, before it is known which of them count. */
struct mention_list {
    struct option_mention *items;
    size_t count, capacity;
};

static struct option_mention *add_mention(struct mention_list *list, struct arena *arena)
{
    list->items = arena_grow(arena, list->items, list->count, &list->capacity, sizeof *list->items);
    struct option_mention *mention = &list->items[list->count++];
    *mention = (struct option_mention){.text = NULL};
    return mention;
}

/* Errors */

static void add_place(struct buffer *text, const struct option_values *values,
                      const struct option_mention *mention)
{
    if (mention->source == OPTION_FROM_FILE) {
        printable_add(text, span_of_string(values->rc_file), NULL);
        buffer_printf(text, ":%u: ", mention->place);
    }
}

static void add_name(struct buffer *text, const struct option_mention *mention)
{
    if (mention->source == OPTION_FROM_ENVIRONMENT)
        buffer_add_string(text, ENVIRONMENT_PREFIX);
    else if (mention->source != OPTION_FROM_FILE)
        buffer_add_string(text, mention->typed.size == 1 ? "-" : "--");
    if (mention->source == OPTION_IMPLIED || mention->source == OPTION_TYPED)
        buffer_add_string(text, option_table[mention->id].name);
    printable_add(text, mention->typed, NULL);
}

/* Adds the words of the command line that the mention is about, and sets the error. */
static bool set_error(const struct option_values *values, const struct option_mention *mention, int words,
                      struct buffer *text, struct error *error)
{
    int first = (int)mention->place;
    if (mention->source == OPTION_FROM_ARGUMENTS)
        command_line_point(text, values->arguments, values->argument_count, first, first + words - 1);
    error_set(error, "%s", buffer_string(text));
    buffer_clear(text);
    return false;
}

bool options_complain(const struct option_values *values, const struct option_mention *mention,
                      struct error *error, const char *format, ...)
{
    struct buffer text = BUFFER_EMPTY;
    va_list arguments;
    add_place(&text, values, mention);
    add_name(&text, mention);
    buffer_add_string(&text, ": ");
    va_start(arguments, format);
    buffer_vprintf(&text, format, arguments);
    va_end(arguments);
    return set_error(values, mention, mention->has_word_of_value ? 2 : 1, &text, error);
}

static bool complain_of_name(const struct option_values *values, const struct option_mention *mention,
                             struct error *error)
{
    struct error reason = *error;
    struct buffer text = BUFFER_EMPTY;
    add_place(&text, values, mention);
    if (mention->source == OPTION_FROM_ENVIRONMENT) {
        add_name(&text, mention);
        buffer_add_string(&text, ": ");
    }
    buffer_add_string(&text, reason.text);
    return set_error(values, mention, 1, &text, error);
}

/* One mention, from whatever source */

static const char *header_field(struct span field, struct span value, struct arena *arena)
{
    if (field.at[field.size - 1] == ':')
        field.size--;
    return arena_printf(arena, "%.*s: %.*s", SPAN_ARGS(field), SPAN_ARGS(value));
}

static bool take_value(struct option_values *values, struct option_mention *mention, struct span field,
                       struct span value, struct error *error)
{
    const struct option *option = &option_table[mention->id];
    bool takes_none = option->argument == ARGUMENT_NONE || mention->is_negation;
    /* A blank behind a name is easily left in a file, and is no value of such an option. */
    if (takes_none && value.size == 0 && mention->source == OPTION_FROM_FILE)
        value.at = NULL;
    if (value.at && takes_none)
        return options_complain(values, mention, error, "this option takes no value");
    if (!value.at && !takes_none && option->argument == ARGUMENT_REQUIRED && !option->prompt)
        return options_complain(values, mention, error,
                                "a value is missing (%s); one that begins with a dash is written --%s=VALUE",
                                option->metavar, option->name);
    if (field.size && mention->is_negation)
        mention->text = arena_copy(&values->arena, field).at;
    else if (field.size)
        mention->text = header_field(field, value, &values->arena);
    else if (value.at)
        mention->text = arena_copy(&values->arena, value).at;
    return true;
}

/*
 * Adds a mention of what was named `name`; in an rc file or the environment
 * that is spelled a little differently, which is in `draft`.
 */
static bool take(struct option_values *values, struct mention_list *said, struct option_mention draft,
                 struct span name, struct span value, struct error *error)
{
    struct option_spelling spelling;
    /* File and environment speak to all jobs, and abbreviate as the probe does. */
    if (!option_name_find(name, JOB_PROBE, &spelling, error))
        return complain_of_name(values, &draft, error);
    draft.id = spelling.id;
    draft.is_negation = spelling.is_negation;
    if (!take_value(values, &draft, spelling.field, value, error))
        return false;
    *add_mention(said, &values->arena) = draft;
    return true;
}

/* The command line */

static void wipe_word(char *word)
{
    memory_wipe(word, strlen(word));
}

static bool is_value(const char *word)
{
    return word && (word[0] != '-' || word[1] == '\0');
}

static struct span without_dashes(const char *word)
{
    word += word[0] == '-';
    word += word[0] == '-';
    return span_of_string(word);
}

/*
 * A word that makes no sense right behind a password is likely to be a part of
 * it, or one that begins with a dash: it must not be shown.
 */
static bool follows_secret(const struct mention_list *said)
{
    return said->count && option_table[said->items[said->count - 1].id].sensitive;
}

static bool complain_behind_secret(const struct option_values *values, const struct mention_list *said,
                                   int at, struct error *error)
{
    const struct option_mention *secret = &said->items[said->count - 1];
    wipe_word(values->arguments[at]);
    return options_complain(
        values, secret, error,
        "the word behind it makes no sense; quote a value that has blanks in it, and write "
        "--%s=VALUE for one that begins with a dash",
        option_table[secret->id].name);
}

static bool complain_of_word(struct option_values *values, const struct mention_list *said, int at,
                             struct error *error)
{
    const char *word = values->arguments[at];
    if (follows_secret(said))
        return complain_behind_secret(values, said, at, error);
    struct buffer text = BUFFER_EMPTY;
    buffer_add_string(&text,
                      strchr(word, '@')
                          ? "a recipient is given with --to"
                          : "a word that belongs to no option; all options begin with a dash, and replies "
                            "are explained by `smtpprobe explain'");
    command_line_point(&text, values->arguments, values->argument_count, at, at);
    error_set(error, "%s", buffer_string(&text));
    buffer_clear(&text);
    return false;
}

static bool complain_of_unknown(struct option_values *values, const struct mention_list *said,
                                const struct option_mention *draft, char *value, struct error *error)
{
    if (value)
        wipe_word(value);
    if (follows_secret(said))
        return complain_behind_secret(values, said, (int)draft->place, error);
    return complain_of_name(values, draft, error);
}

static bool serves_job(const struct option_values *values, enum option_id id, struct error *error)
{
    if (option_serves(id, values->job))
        return true;
    const char *name = option_table[id].name;
    if (values->job == JOB_PROBE)
        return error_set(error, "--%s: an option of `smtpprobe explain', which must be the first word", name);
    return error_set(error, "--%s: an option of the probe; `smtpprobe %s --help' lists those that serve here",
                     name, job_names[values->job]);
}

/* Takes the option at `*at` and its value, and moves on to the last word of both. */
static bool take_words(struct option_values *values, struct mention_list *said, int *at, struct error *error)
{
    char *word = values->arguments[*at], *next = values->arguments[*at + 1];
    char *value = strchr(word, '=');
    struct option_mention draft = {.source = OPTION_FROM_ARGUMENTS, .place = (unsigned)*at};
    struct option_spelling spelling;
    draft.typed = without_dashes(word);
    if (value)
        draft.typed.size -= strlen(value++);
    if (!option_name_find(draft.typed, values->job, &spelling, error) ||
        !serves_job(values, spelling.id, error))
        return complain_of_unknown(values, said, &draft, value, error);
    draft.id = spelling.id;
    draft.is_negation = spelling.is_negation;
    if (!value && !draft.is_negation && option_table[draft.id].argument != ARGUMENT_NONE && is_value(next)) {
        value = next;
        draft.has_word_of_value = true;
        ++*at;
    }
    bool is_taken = take_value(values, &draft, spelling.field, span_of_string(value), error);
    if (value && option_table[draft.id].sensitive)
        wipe_word(value);
    *add_mention(said, &values->arena) = draft;
    return is_taken;
}

static bool is_only_h(const struct option_values *values, int first)
{
    return values->argument_count == first + 1 && strcmp(values->arguments[first], "-h") == 0;
}

/** @return where the options begin */
static int choose_job(struct option_values *values)
{
    values->operands = ARENA_ARRAY(&values->arena, char *, (size_t)values->argument_count + 1);
    for (unsigned job = JOB_PROBE + 1; job < JOB_COUNT && values->argument_count > 1; job++)
        if (strcmp(values->arguments[1], job_names[job]) == 0) {
            values->job = job;
            return 2;
        }
    return 1;
}

static bool take_operand(struct option_values *values, struct mention_list *said, int at, struct error *error)
{
    if (values->job == JOB_PROBE)
        return complain_of_word(values, said, at, error);
    values->operands[values->operand_count++] = values->arguments[at];
    return true;
}

static bool take_rest(struct option_values *values, struct mention_list *said, int at, struct error *error)
{
    for (; at < values->argument_count; at++)
        if (!take_operand(values, said, at, error))
            return false;
    return true;
}

static bool read_arguments(struct option_values *values, struct mention_list *said, struct error *error)
{
    int first = choose_job(values);
    if (is_only_h(values, first)) {
        *add_mention(said, &values->arena) = (struct option_mention){
            .id = OPTION_HELP, .source = OPTION_FROM_ARGUMENTS, .place = (unsigned)first, .typed = SPAN("h")};
        return true;
    }
    for (int at = first; at < values->argument_count; at++) {
        char *word = values->arguments[at];
        if (strcmp(word, "--") == 0)
            return take_rest(values, said, at + 1, error);
        bool ok =
            is_value(word) ? take_operand(values, said, at, error) : take_words(values, said, &at, error);
        if (!ok)
            return false;
    }
    return true;
}

/* The environment */

static const char *find_variable(char *const *environment, const char *name)
{
    size_t size = strlen(name);
    for (; *environment; environment++)
        if (strncmp(*environment, name, size) == 0 && (*environment)[size] == '=')
            return *environment + size + 1;
    return NULL;
}

static int compare_variables(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct span with_dashes(struct span name, struct arena *arena)
{
    char *copy = arena_allocate(arena, name.size + 1);
    for (size_t i = 0; i < name.size; i++)
        copy[i] = name.at[i] == '_' ? '-' : name.at[i];
    return span_of(copy, name.size);
}

/* The empty value cannot be told from an absent one here, so "<>" stands for it. */
static struct span variable_value(const char *text)
{
    return !*text ? span_of(NULL, 0) : strcmp(text, "<>") == 0 ? SPAN("") : span_of_string(text);
}

static bool take_variable(struct option_values *values, struct mention_list *said, char *variable,
                          struct error *error)
{
    struct option_mention draft = {.source = OPTION_FROM_ENVIRONMENT};
    char *name = variable + strlen(ENVIRONMENT_PREFIX), *value = strchr(name, '=');
    draft.typed = span_of(name, (size_t)(value - name));
    if (!take(values, said, draft, with_dashes(draft.typed, &values->arena), variable_value(++value), error))
        return false;
    if (option_table[said->items[said->count - 1].id].sensitive)
        wipe_word(value);
    return true;
}

static bool read_environment(struct option_values *values, struct mention_list *said, char **environment,
                             struct error *error)
{
    char **variables = NULL;
    size_t count = 0, capacity = 0;
    for (; *environment; environment++)
        if (span_starts_with(span_of_string(*environment), ENVIRONMENT_PREFIX) && strchr(*environment, '=')) {
            variables = arena_grow(&values->arena, variables, count, &capacity, sizeof *variables);
            variables[count++] = *environment;
        }
    if (count > 1)
        qsort(variables, count, sizeof *variables, compare_variables);
    for (size_t i = 0; i < count; i++)
        if (!take_variable(values, said, variables[i], error))
            return false;
    return true;
}

/* The rc file */

static bool read_whole(const char *path, struct buffer *contents)
{
    FILE *file = fopen(path, "re");
    size_t size = 1;
    if (!file)
        return false;
    while (size > 0 && contents->size <= RC_FILE_LIMIT) {
        size = fread(buffer_room(contents, BUFSIZ), 1, BUFSIZ, file);
        buffer_grown(contents, size);
    }
    if (contents->size > RC_FILE_LIMIT)
        errno = EFBIG;
    bool is_read = contents->size <= RC_FILE_LIMIT && !ferror(file);
    int reason = errno;
    fclose(file);
    errno = reason;
    return is_read;
}

static bool take_line(struct option_values *values, struct mention_list *said, struct span line,
                      unsigned number, struct error *error)
{
    struct option_mention draft = {.source = OPTION_FROM_FILE, .place = number};
    struct span value = {NULL, 0};
    for (int dashes = 0; dashes < 2 && line.size && *line.at == '-'; dashes++)
        line = span_skip(line, 1);
    size_t size = 0;
    while (size < line.size && !memchr(" \t=", line.at[size], 3))
        size++;
    draft.typed = span_first(line, size);
    if (size < line.size)
        value = span_skip(line, size + 1);
    if (span_is(value, "<>"))
        value = SPAN("");
    if (!take(values, said, draft, draft.typed, value, error))
        return false;
    if (said->items[said->count - 1].id == OPTION_CONFIG)
        return options_complain(values, &draft, error, "a file of options cannot name another one");
    return true;
}

static bool take_lines(struct option_values *values, struct mention_list *said, struct span text,
                       struct error *error)
{
    for (unsigned number = 1; text.size > 0; number++) {
        const char *end = memchr(text.at, '\n', text.size);
        struct span line = span_first(text, end ? (size_t)(end - text.at) : text.size);
        text = span_skip(text, line.size + 1);
        if (line.size && line.at[line.size - 1] == '\r')
            line.size--;
        if (memchr(line.at, '\0', line.size))
            return error_set(error, "%s:%u: a NUL octet; this is no file of options", values->rc_file,
                             number);
        if (!span_trim(line).size || *line.at == '#')
            continue;
        if (!take_line(values, said, line, number, error))
            return false;
    }
    return true;
}

/* @param is_demanded otherwise the file may be missing, or out of reach (another user's $HOME) */
static bool read_file(struct option_values *values, struct mention_list *said, const char *path,
                      bool is_demanded, struct error *error)
{
    struct buffer contents = BUFFER_EMPTY;
    bool is_read = read_whole(path, &contents), is_good = true;
    if (is_read) {
        values->rc_file = path;
        is_good = take_lines(values, said, arena_copy(&values->arena, buffer_span(&contents)), error);
    } else if (is_demanded || (errno != ENOENT && errno != ENOTDIR && errno != EACCES)) {
        is_good = error_set(error, "cannot read the options in %s: %s", path, strerror(errno));
    }
    buffer_wipe(&contents);
    return is_good;
}

/* The last mention of --config in a list, or NULL. */
static const struct option_mention *find_config(const struct mention_list *said)
{
    for (size_t i = said->count; i-- > 0;)
        if (said->items[i].id == OPTION_CONFIG)
            return &said->items[i];
    return NULL;
}

static bool read_default_file(struct option_values *values, struct mention_list *said,
                              char *const *environment, struct error *error)
{
    const char *home = find_variable(environment, "HOME"),
               *xdg = find_variable(environment, "XDG_CONFIG_HOME");
    if (home && *home &&
        !read_file(values, said, arena_printf(&values->arena, "%s/.smtpproberc", home), false, error))
        return false;
    if (values->rc_file || !xdg || !*xdg)
        return true;
    return read_file(values, said, arena_printf(&values->arena, "%s/smtpprobe/rc", xdg), false, error);
}

static bool read_rc_file(struct option_values *values, struct mention_list *said,
                         const struct option_mention *config, char *const *environment, struct error *error)
{
    if (!config || config->is_negation)
        return read_default_file(values, said, environment, error);
    return !config->text || read_file(values, said, config->text, true, error);
}

/* Which of the mentions count */

static void forget_last(struct option_values *values, enum option_id id)
{
    struct option_mention *mention = &values->mentions[values->last[id] - 1];
    mention->is_forgotten = true;
    values->last[id] = mention->previous;
}

static void forget(struct option_values *values, enum option_id id)
{
    while (values->last[id])
        forget_last(values, id);
}

/* --no-h-NAME forgets the fields of that name only. */
static void forget_field(struct option_values *values, enum option_id id, const char *field)
{
    size_t size = strlen(field);
    for (unsigned at = values->last[id]; at; at = values->mentions[at - 1].previous) {
        struct option_mention *mention = &values->mentions[at - 1];
        struct span text = span_of_string(mention->text);
        if (span_starts_with_nocase(text, field) && text.at[size] == ':')
            mention->is_forgotten = true;
    }
}

static void forget_family(struct option_values *values, enum option_id id)
{
    enum option_family family = option_table[id].family;
    for (unsigned i = 0; family != OPTION_FAMILY_NONE && i < OPTION_COUNT; i++)
        if (option_table[i].family == family)
            forget(values, i);
}

/* Another spelling of an option, and values that stand for none, become what they mean. */
static void normalise(struct option_mention *mention)
{
    const struct option *option = &option_table[mention->id];
    if (option->means != mention->id) {
        mention->id = option->means;
        if (!mention->is_negation)
            mention->text = option->means_value;
        option = &option_table[mention->id];
    }
    if (mention->is_negation && option->negated_value) {
        mention->is_negation = false;
        mention->text = option->negated_value;
    } else if (!mention->is_negation && !mention->text) {
        mention->text = option->bare_value;
    }
}

/* Lets the mention at the end of values->mentions count, which may take others back. */
static void settle(struct option_values *values, size_t at)
{
    struct option_mention *mention = &values->mentions[at];
    normalise(mention);
    const struct option *option = &option_table[mention->id];
    if (mention->is_negation && mention->text) {
        forget_field(values, mention->id, mention->text);
        mention->is_forgotten = true;
        return;
    }
    if (!option->repeatable || mention->is_negation ||
        (values->last[mention->id] && values->mentions[values->last[mention->id] - 1].is_negation))
        forget(values, mention->id);
    if (!mention->is_negation || option->on)
        forget_family(values, mention->id);
    mention->previous = values->last[mention->id];
    values->last[mention->id] = (unsigned)at + 1;
}

static void append(struct option_values *values, struct option_mention mention)
{
    values->mentions = arena_grow(&values->arena, values->mentions, values->count, &values->capacity,
                                  sizeof *values->mentions);
    values->mentions[values->count] = mention;
    settle(values, values->count++);
}

static void append_list(struct option_values *values, const struct mention_list *said)
{
    for (size_t i = 0; i < said->count; i++)
        if (option_serves(said->items[i].id, values->job))
            append(values, said->items[i]);
}

static bool is_family_named(const struct option_values *values, enum option_id id)
{
    enum option_family family = option_table[id].family;
    if (values->last[id])
        return true;
    for (unsigned i = 0; family != OPTION_FAMILY_NONE && i < OPTION_COUNT; i++)
        if (option_table[i].family == family && values->last[i])
            return true;
    return false;
}

static void imply(struct option_values *values, const struct option_implied *implied)
{
    for (; implied && implied->id != OPTION_COUNT; implied++) {
        if (!implied->is_negation && is_family_named(values, implied->id))
            continue;
        append(values, (struct option_mention){
                           .id = implied->id, .source = OPTION_IMPLIED, .is_negation = implied->is_negation});
    }
}

/* What is implied may imply more, so the list is followed while it grows. */
static void imply_all(struct option_values *values)
{
    for (size_t i = 0; i < values->count; i++)
        if (!values->mentions[i].is_forgotten && !values->mentions[i].is_negation)
            imply(values, option_table[values->mentions[i].id].implied);
}

/* Choices are given back as they stand in the table. */
static const char *in_own_case(const struct option *option, const char *text, struct arena *arena)
{
    struct span rest = span_of_string(option->choices), choice;
    if (option->kind == KIND_CHOICE || option->kind == KIND_STAGE)
        while (span_next_token(&rest, " ", &choice))
            if (span_is_nocase(choice, text))
                return arena_copy(arena, choice).at;
    return text;
}

static bool check_value(struct option_values *values, struct option_mention *mention, struct error *error)
{
    const struct option *option = &option_table[mention->id];
    if (!mention->text || mention->is_negation)
        return true;
    const char *right = option_value_fault(option, mention->text, &values->arena);
    if (!right) {
        mention->text = in_own_case(option, mention->text, &values->arena);
        return true;
    }
    struct buffer shown = BUFFER_EMPTY;
    command_line_add_shortened(&shown, span_of_string(mention->text));
    options_complain(values, mention, error, "wants %s, not `%s'", right, buffer_string(&shown));
    buffer_clear(&shown);
    return false;
}

static bool check_values(struct option_values *values, struct error *error)
{
    for (size_t i = 0; i < values->count; i++)
        if (!values->mentions[i].is_forgotten && !check_value(values, &values->mentions[i], error))
            return false;
    return true;
}

bool options_read(struct option_values *values, int argument_count, char **arguments, char **environment,
                  struct error *error)
{
    struct mention_list in_file = {NULL}, in_environment = {NULL}, in_arguments = {NULL};
    *values = OPTION_VALUES_EMPTY;
    values->arguments = arguments;
    values->argument_count = argument_count;
    if (!read_arguments(values, &in_arguments, error) ||
        !read_environment(values, &in_environment, environment, error))
        return false;
    const struct option_mention *config = find_config(&in_arguments);
    if (!config)
        config = find_config(&in_environment);
    if (!read_rc_file(values, &in_file, config, environment, error))
        return false;
    values->capacity = 8 + in_file.count + in_environment.count + in_arguments.count;
    values->mentions = ARENA_ARRAY(&values->arena, struct option_mention, values->capacity);
    append_list(values, &in_file);
    append_list(values, &in_environment);
    append_list(values, &in_arguments);
    imply_all(values);
    return check_values(values, error);
}

void options_clear(struct option_values *values)
{
    arena_clear(&values->arena);
    *values = OPTION_VALUES_EMPTY;
}

/* Asking */

const struct option_mention *options_find(const struct option_values *values, enum option_id id)
{
    unsigned last = values->last[id];
    while (last && values->mentions[last - 1].is_forgotten)
        last = values->mentions[last - 1].previous;
    return last && !values->mentions[last - 1].is_negation ? &values->mentions[last - 1] : NULL;
}

bool options_given(const struct option_values *values, enum option_id id)
{
    return options_find(values, id) != NULL;
}

bool options_off(const struct option_values *values, enum option_id id)
{
    unsigned last = values->last[id];
    return last && values->mentions[last - 1].is_negation;
}

const char *options_text(const struct option_values *values, enum option_id id)
{
    const struct option_mention *mention = options_find(values, id);
    return mention ? mention->text : NULL;
}

const struct option_mention *options_next(const struct option_values *values, enum option_id id,
                                          const struct option_mention *previous)
{
    const struct option_mention *mention = previous ? previous + 1 : values->mentions;
    for (; mention < values->mentions + values->count; mention++)
        if (!mention->is_forgotten && !mention->is_negation && (id == OPTION_COUNT || mention->id == id))
            return mention;
    return NULL;
}

duration options_duration(const struct option_values *values, enum option_id id, duration otherwise)
{
    const char *text = options_text(values, id);
    if (text)
        option_parse_duration(text, &otherwise);
    return otherwise;
}

unsigned options_number(const struct option_values *values, enum option_id id, unsigned otherwise)
{
    const char *text = options_text(values, id);
    unsigned long long number;
    if (!text)
        return otherwise;
    if (option_table[id].kind == KIND_PORT)
        option_parse_port(text, &otherwise);
    else if (span_to_number(span_of_string(text), option_table[id].maximum, &number))
        otherwise = (unsigned)number;
    return otherwise;
}

int options_choice(const struct option_values *values, enum option_id id, int otherwise)
{
    const char *text = options_text(values, id);
    if (text)
        option_parse_choice(option_table[id].choices, text, &otherwise);
    return otherwise;
}

enum stop_point options_stage(const struct option_values *values, enum option_id id)
{
    enum stop_point point = STOP_AT_BODY;
    const char *text = options_text(values, id);
    if (text)
        option_parse_stage(text, &point);
    return point;
}

bool options_wants_prompt(const struct option_values *values, enum option_id id)
{
    const struct option_mention *mention = options_find(values, id);
    return mention && !mention->text && option_table[id].argument == ARGUMENT_REQUIRED;
}

bool options_answer(struct option_values *values, enum option_id id, struct span typed, struct error *error)
{
    const char *text = arena_copy(&values->arena, typed).at;
    append(values, (struct option_mention){.id = id, .source = OPTION_TYPED, .text = text});
    return check_value(values, &values->mentions[values->count - 1], error);
}
