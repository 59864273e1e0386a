/**
 * What the user asked for: the options of one rc file, the environment and the
 * command line, in this order, so that the later one wins.
 *
 * Spelling: one dash or two; case counts; short names are not bundled; a
 * beginning that fits one option only is enough; --NAME=VALUE or --NAME VALUE.
 * The next word is a value unless it begins with a dash (a dash alone is one).
 * --no-NAME forgets what was said before, wherever it was said.
 *
 * The first word may choose a job ("explain"). Options that do not serve it are
 * an error on the command line; in the file and the environment, which speak to
 * all jobs, they are passed over.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/instant.h"
#include "base/span.h"
#include "cli/option_table.h"
#include "smtp/plan.h"

enum option_source {
    OPTION_FROM_FILE,
    OPTION_FROM_ENVIRONMENT,
    OPTION_FROM_ARGUMENTS,
    OPTION_IMPLIED, /* by another option, see `implies` in data/options.txt */
    OPTION_TYPED,   /* at a prompt */
};

/** One option as it was named once. */
struct option_mention {
    enum option_id id;
    enum option_source source;
    unsigned place;         /* index in argv, or line of the rc file */
    unsigned previous;      /* mention of the same option that counted before, plus one */
    bool is_negation;       /* --no-NAME */
    bool is_forgotten;      /* superseded by a later mention */
    bool has_word_of_value; /* its value is the next word of argv */
    struct span typed;      /* the name as it was written, in the memory of its source */
    const char *text;       /* the value, in the arena; NULL: named without one */
};

struct option_values {
    struct arena arena; /* all texts, wiped by options_clear() */
    struct option_mention *mentions;
    size_t count, capacity;
    unsigned last[OPTION_COUNT]; /* the mention that counts, plus one */
    const char *rc_file;         /* that was read, or NULL */
    char **arguments;            /* argv, for error messages */
    int argument_count;
    enum job job;                /* that the first word chose; the probe has none */
    char **operands;             /* words that belong to no option, for jobs that take some; in `arguments` */
    size_t operand_count;
};

#define OPTION_VALUES_EMPTY ((struct option_values){.arena = {NULL}})

/**
 * Reads all sources. Values of sensitive options are wiped from `arguments` and
 * `environment` as soon as they have been copied; both must outlive `values`.
 * Values of kind port, number, duration, choice and stage are checked, so that
 * the functions below need no errors; choices are given in the table's case.
 * @return false with the reason: a misspelled option, a missing or wrong value,
 *     an rc file that cannot be read
 */
bool options_read(struct option_values *values, int argument_count, char **arguments, char **environment,
                  struct error *);

/** Overwrites and releases everything. */
void options_clear(struct option_values *);

/** The mention that counts, or NULL if there is none (or a later --no-NAME). */
const struct option_mention *options_find(const struct option_values *, enum option_id);

/** Whether the option holds: named or implied, and not taken back. */
bool options_given(const struct option_values *, enum option_id);

/** Whether --no-NAME was the last word on it: turns off what is on by itself (--no-tls, --no-explain). */
bool options_off(const struct option_values *, enum option_id);

/** The value; NULL without one. For options with a `bare` value that one stands for none. */
const char *options_text(const struct option_values *, enum option_id);

/**
 * All mentions that count, in the order in which they were made; those of one
 * option, or with OPTION_COUNT those of all.
 * @param previous NULL to begin
 * @return NULL at the end
 */
const struct option_mention *options_next(const struct option_values *, enum option_id,
                                          const struct option_mention *previous);

/** Values by kind; `otherwise` if the option has none. */
duration options_duration(const struct option_values *, enum option_id, duration otherwise);
unsigned options_number(const struct option_values *, enum option_id, unsigned otherwise); /* also of ports */
int options_choice(const struct option_values *, enum option_id,
                   int otherwise); /* its index among the choices */
enum stop_point options_stage(const struct option_values *, enum option_id);

/** Whether the option was named without its value, which is now to be asked for (option_table[id].prompt). */
bool options_wants_prompt(const struct option_values *, enum option_id);

/**
 * Gives an option the value that the user typed at a prompt; one that was not
 * named (no --to at all) counts as named from then on.
 */
bool options_answer(struct option_values *, enum option_id, struct span typed, struct error *);

/**
 * Sets an error about the value of an option: names where it was said, and for
 * the command line shows it there.
 * @return false
 */
__attribute__((format(printf, 4, 5))) bool options_complain(const struct option_values *,
                                                            const struct option_mention *, struct error *,
                                                            const char *format, ...);

#endif
