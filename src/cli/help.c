#include "cli/help.h"

#include "config.h"

/* The column of the summaries, which are up to 55 wide: the last column is 79. */
enum { SUMMARY_COLUMN = 25 };

static void add_blanks(struct buffer *text, size_t count)
{
    while (count--)
        buffer_add_char(text, ' ');
}

/* A term and what it means, beside it or below if the term is too long. */
static void add_entry(struct buffer *text, const char *term, const char *meaning)
{
    size_t size = 2 + strlen(term);
    buffer_printf(text, "  %s", term);
    if (size + 1 > SUMMARY_COLUMN) {
        buffer_add_char(text, '\n');
        size = 0;
    }
    add_blanks(text, SUMMARY_COLUMN - size);
    buffer_printf(text, "%s\n", meaning);
}

static void add_option(struct buffer *text, const struct option *option)
{
    bool is_shown_off = strncmp(option->shown, "--no-", 5) == 0 && option->off;
    add_entry(text, option->shown, is_shown_off ? option->off : option->summary);
    if (option->off && !is_shown_off) {
        struct buffer term = BUFFER_EMPTY;
        buffer_printf(&term, "--no-%s", option->name);
        add_entry(text, buffer_string(&term), option->off);
        buffer_clear(&term);
    }
}

/** What a job's own screen says above and below its options. */
static const struct job_words {
    const char *usage;
    const char *more;
} job_words[JOB_COUNT] = {
    [JOB_PROBE] = {"Usage: smtpprobe --to ADDRESS [OPTION]...\n"
                   "Sends a test message and explains every reply of the mail server.\n"
                   "`smtpprobe explain --help' is about explaining replies, logs and bounces.\n",
                   NULL},
    [JOB_EXPLAIN] = {"Usage: smtpprobe explain [OPTION]... [REPLY | CODE | NUMBER | WORD | FILE]...\n"
                     "Says what a reply of a mail server means, who must act, and what to do.\n"
                     "Without words it reads replies, log lines, JSON or a bounce from standard input.\n\n"
                     "  smtpprobe explain 550 5.7.26      smtpprobe explain bounce.eml\n"
                     "  smtpprobe explain 0x800CCC78      smtpprobe explain --format table <mail.log\n",
                     "The manual is smtpprobe(1); on rules of one's own, smtpprobe-catalog(5).\n"},
};

static void add_topics(struct buffer *text)
{
    buffer_add_string(text, "The manual is smtpprobe(1). More with --help all, or --help GROUP:\n  ");
    for (unsigned i = 0; i < OPTION_GROUP_COUNT; i++)
        buffer_printf(text, "%s, ", option_groups[i].name);
    buffer_add_string(text, "exit\n");
}

static bool is_on_screen(const struct option *option, enum job job)
{
    bool is_own = job == JOB_EXPLAIN && option->group == OPTION_GROUP_EXPLAIN;
    return (option->common || is_own) && option->jobs >> job & 1;
}

static void add_screen(struct buffer *text, enum job job)
{
    buffer_printf(text, "%s\n", job_words[job].usage);
    for (unsigned i = 0; i < OPTION_COUNT; i++)
        if (is_on_screen(&option_table[i], job))
            add_option(text, &option_table[i]);
    buffer_add_char(text, '\n');
    if (job_words[job].more)
        buffer_add_string(text, job_words[job].more);
    else
        add_topics(text);
}

/* Below the summary. */
static void add_fact(struct buffer *text, const char *what, const char *fact)
{
    add_blanks(text, SUMMARY_COLUMN);
    buffer_printf(text, "%s%s\n", what, fact);
}

static void add_group(struct buffer *text, enum option_group group)
{
    buffer_printf(text, "%s:\n", option_groups[group].title);
    for (unsigned i = 0; i < OPTION_COUNT; i++)
        if (option_table[i].group == group) {
            add_option(text, &option_table[i]);
            if (*option_table[i].others)
                add_fact(text, "also ", option_table[i].others);
            if (option_table[i].default_text)
                add_fact(text, "default: ", option_table[i].default_text);
        }
}

static void add_exits(struct buffer *text)
{
    buffer_add_string(text, "Exit statuses:\n");
    for (size_t i = 0; i < exit_words_count; i++)
        buffer_printf(text, "  %-7s%s\n", exit_words[i].status, exit_words[i].meaning);
}

static void add_all(struct buffer *text)
{
    for (unsigned i = 0; i < OPTION_GROUP_COUNT; i++) {
        add_group(text, i);
        buffer_add_char(text, '\n');
    }
    add_exits(text);
}

bool help_add(struct buffer *text, enum job job, const char *topic)
{
    struct span wanted = span_of_string(topic);
    if (!topic)
        add_screen(text, job);
    else if (span_is_nocase(wanted, "all"))
        add_all(text);
    else if (span_is_nocase(wanted, "exit"))
        add_exits(text);
    else {
        unsigned group = 0;
        while (group < OPTION_GROUP_COUNT && !span_is_nocase(wanted, option_groups[group].name))
            group++;
        if (group == OPTION_GROUP_COUNT)
            return false;
        add_group(text, group);
    }
    return true;
}

void help_add_version(struct buffer *text, const struct help_library *libraries, size_t count)
{
    buffer_add_string(text, "smtpprobe " PACKAGE_VERSION "\n");
    for (size_t i = 0; i < count; i++)
        buffer_printf(text, "  %-15s%s\n", libraries[i].name, libraries[i].version);
}
