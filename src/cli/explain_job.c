#include "cli/explain_job.h"

#include "base/exit_status.h"
#include "base/memory.h"
#include "cli/command_line.h"
#include "cli/notice.h"
#include "cli/settings.h"
#include "diagnose/catalog_user.h"
#include "explain/answer.h"
#include "explain/input.h"
#include "explain/packed.h"
#include "report/catalog_list.h"
#include "report/explained.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_SIZE = 256 * 1024 };

struct explaining {
    const struct option_values *values;
    struct settings settings;
    struct explained_settings explained;
    struct explained_reporter *reporter;
    struct explain_context around; /* what the user says of all replies */
    char *chunk;
    bool lacks_input; /* something could not be read, or not to its end; the rest was */
};

/*
 * A signal ends the reading, so that a summary of what was read can still be told; the next one the program.
 */

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { ENDING_SIGNALS = sizeof ending_signals / sizeof *ending_signals };

static volatile sig_atomic_t signal_seen;

static void note_signal(int number)
{
    signal_seen = number;
}

/** What is ignored stays so: jobs in the background, nohup. */
static void watch_signals(void)
{
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESETHAND}, before;
        sigemptyset(&action.sa_mask);
        if (sigaction(ending_signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(ending_signals[i], &action, NULL);
    }
}

/** A signal must not come between the look for one and the wait. @return false if it is over */
static bool wait_for_input(int file)
{
    struct pollfd input = {.fd = file, .events = POLLIN};
    sigset_t ending, before;
    sigemptyset(&ending);
    for (size_t i = 0; i < ENDING_SIGNALS; i++)
        sigaddset(&ending, ending_signals[i]);
    sigprocmask(SIG_BLOCK, &ending, &before);
    while (!signal_seen && ppoll(&input, 1, NULL, &before) < 0 && errno == EINTR)
        ; /* stopped and continued */
    sigprocmask(SIG_SETMASK, &before, NULL);
    return !signal_seen;
}

/** There is no sense in reading on once a signal came, or nobody reads what is told. */
static bool is_over(const struct explaining *job)
{
    return signal_seen || job->reporter->failed;
}

/* Input */

static void tell_items(struct explaining *job, const char *source, struct explain_input *input)
{
    struct explain_item *item;
    while (!is_over(job) && (item = explain_input_next(input))) {
        explain_surround(item, &job->around);
        job->reporter->tell(job->reporter, source, item, NULL);
    }
}

static void feed(struct explaining *job, const char *source, struct explain_input *input, struct span octets)
{
    explain_input_feed(input, octets);
    tell_items(job, source, input);
}

static void end_input(struct explaining *job, const char *source, struct explain_input *input)
{
    explain_input_finish(input);
    tell_items(job, source, input);
    explain_input_free(input);
}

/** How the reading of one input ended. */
struct reading {
    size_t size;                      /* octets read */
    int fault;                        /* why there are not more: an errno; 0 at the end */
    const struct packed_form *packed; /* it is no text, and was left unread */
};

/** @return whether there is more; it is in the chunk then */
static bool read_chunk(struct explaining *job, int file, struct reading *reading, struct span *octets)
{
    if (is_over(job) || !wait_for_input(file))
        return false;
    ssize_t got = read(file, job->chunk, READ_SIZE);
    reading->fault = got < 0 && !signal_seen ? errno : 0;
    *octets = span_of(job->chunk, got > 0 ? (size_t)got : 0);
    if (reading->size == 0)
        reading->packed = packed_form_of(*octets);
    reading->size += octets->size;
    return octets->size > 0 && !reading->packed;
}

/** What is told is written before more is waited for: somebody may be looking at the end of a growing log. */
static struct reading read_all(struct explaining *job, int file, const char *source)
{
    struct explain_input *input = explain_input_new(INPUT_AUTO);
    struct reading reading = {.size = 0};
    struct span octets;
    while (read_chunk(job, file, &reading, &octets)) {
        feed(job, source, input, octets);
        job->reporter->failed |= fflush(job->settings.report.out) != 0;
    }
    end_input(job, source, input);
    return reading;
}

static void add_complaint(struct buffer *text, const char *name, const char *file,
                          const struct reading *reading)
{
    if (reading->packed) {
        buffer_printf(text, "%s is %s; to explain it: %s ", name, reading->packed->name,
                      reading->packed->reader);
        command_line_add_quoted(text, file);
        buffer_add_string(text, " | smtpprobe explain");
    } else if (reading->fault == EISDIR) {
        buffer_printf(text, "%s is a directory: name the files in it (or add --text, if a word is meant)",
                      name);
    } else {
        buffer_printf(text, "%s cannot be read%s: %s", name, reading->size > 0 ? " to its end" : "",
                      strerror(reading->fault));
    }
}

/** The other inputs are read nevertheless. @param file how a command names it */
static void complain_of_input(struct explaining *job, const char *name, const char *file,
                              const struct reading *reading)
{
    struct buffer text = BUFFER_EMPTY;
    add_complaint(&text, name, file, reading);
    fflush(job->settings.report.out); /* both may go to one terminal */
    notice_error(buffer_string(&text));
    buffer_clear(&text);
    job->lacks_input = true;
}

/** Nothing in a pipe is nothing to tell, but who names a file expects something in it. */
static void note_empty(const struct explaining *job, const char *name)
{
    struct buffer text = BUFFER_EMPTY;
    if (job->settings.report.quiet)
        return;
    buffer_printf(&text, "%s is empty", name);
    notice_print(stderr, "*** ", buffer_span(&text));
    buffer_clear(&text);
}

static void read_file(struct explaining *job, const char *name)
{
    struct reading reading = {.size = 0};
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        reading.fault = errno;
    else
        reading = read_all(job, file, name);
    if (reading.fault != 0 || reading.packed)
        complain_of_input(job, name, name, &reading);
    else if (reading.size == 0 && !is_over(job))
        note_empty(job, name);
    if (file >= 0)
        close(file);
}

static void read_standard_input(struct explaining *job)
{
    if (isatty(STDIN_FILENO))
        fputs("=== Reading replies, log lines or a bounce from the terminal; Ctrl-D ends it.\n",
              job->settings.report.errors);
    struct reading reading = read_all(job, STDIN_FILENO, "");
    if (reading.fault != 0 || reading.packed)
        complain_of_input(job, "standard input", "FILE", &reading);
}

/* Operands */

/**
 * What only names of files look like: who types that searches for no words, even if there is no such file.
 */
static bool looks_like_file(struct span word)
{
    static const char *const endings[] = {".log", ".eml", ".txt", ".mbox", ".msg",   ".json", ".ndjson",
                                          ".gz",  ".xz",  ".bz2", ".zst",  ".log.0", ".log.1"};
    if (memchr(word.at, ' ', word.size) || memchr(word.at, '\n', word.size))
        return false;
    if (span_starts_with(word, "/") || span_starts_with(word, "./") || span_starts_with(word, "../"))
        return true;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (span_ends_with_nocase(word, endings[i]))
            return true;
    return false;
}

static bool are_files(const struct option_values *values)
{
    struct stat facts;
    for (size_t i = 0; i < values->operand_count; i++) {
        const char *word = values->operands[i];
        if (strcmp(word, "-") != 0 && stat(word, &facts) != 0 && !looks_like_file(span_of_string(word)))
            return false;
    }
    return !options_given(values, OPTION_TEXT);
}

static void read_files(struct explaining *job)
{
    const struct option_values *values = job->values;
    for (size_t i = 0; i < values->operand_count && !is_over(job); i++)
        if (strcmp(values->operands[i], "-") == 0)
            read_standard_input(job);
        else
            read_file(job, values->operands[i]);
}

static void tell_words(struct explaining *job, struct span words)
{
    struct arena arena = ARENA_EMPTY;
    struct explain_item item;
    const struct explanation *explanation =
        explain_words(&job->settings.catalog, words, &job->around, &item, &arena);
    job->reporter->tell(job->reporter, NULL, &item, explanation);
    arena_clear(&arena);
}

static bool explain_operands(struct explaining *job, struct error *error)
{
    const struct option_values *values = job->values;
    struct buffer words = BUFFER_EMPTY;
    for (size_t i = 0; i < values->operand_count; i++) {
        buffer_add_string(&words, i > 0 ? " " : "");
        buffer_add_string(&words, values->operands[i]);
    }
    if (memchr(buffer_span(&words).at, '\n', words.size)) {
        struct explain_input *input = explain_input_new(INPUT_AUTO);
        feed(job, NULL, input, buffer_span(&words));
        end_input(job, NULL, input);
    } else {
        tell_words(job, buffer_span(&words));
    }
    bool ok = job->reporter->explained > 0;
    if (!ok)
        error_set(error, "nothing is known about `%s'; `smtpprobe explain --help' tells what may be asked",
                  buffer_string(&words));
    buffer_clear(&words);
    return ok;
}

static bool explain_input(struct explaining *job, struct error *error)
{
    const struct option_values *values = job->values;
    if (values->operand_count == 0)
        read_standard_input(job);
    else if (are_files(values))
        read_files(job);
    else
        return explain_operands(job, error);
    return true;
}

static int status_of(const struct explaining *job)
{
    if (signal_seen)
        return EXIT_SIGNAL + signal_seen;
    if (job->lacks_input)
        return EXIT_LOCAL;
    return job->reporter->explained > 0 ? EXIT_DONE : EXIT_NOTHING_EXPLAINED;
}

/* Settings */

/** Nothing is what scripts pass that do not know. */
static const char *name_given(const struct option_values *values, enum option_id option)
{
    const char *name = options_text(values, option);
    return name && *name ? name : NULL;
}

static void set_surroundings(struct explaining *job)
{
    const char *stage = options_text(job->values, OPTION_STAGE);
    job->around = EXPLAIN_CONTEXT_NONE;
    job->around.stage = stage ? stage_of_reply(span_of_string(stage)) : -1;
    job->around.host = name_given(job->values, OPTION_HOST);
    job->around.provider = name_given(job->values, OPTION_PROVIDER);
}

/** A name that is not known is no obstacle, but changes nothing: mostly it is misspelt. */
static void warn_of_provider(const struct explaining *job)
{
    const struct report_settings *report = job->explained.report;
    const char *name = job->around.provider;
    struct provider_summary found;
    if (!name || catalog_provider_find(report->catalog, span_of_string(name), &found))
        return;
    struct buffer text = BUFFER_EMPTY;
    buffer_printf(&text, "--provider: `%s' is not known; `smtpprobe explain --list' shows which are", name);
    notice_print(stderr, "*** ", buffer_span(&text)); /* --output may be a file of JSON */
    buffer_clear(&text);
}

/** Not all could be written. @return false with a message, unless who reads it has seen enough, as head(1) */
static bool bear_loss(const struct explaining *job, struct error *error)
{
    struct pollfd output = {.fd = fileno(job->settings.report.out), .events = POLLOUT};
    if (poll(&output, 1, 0) == 1 && (output.revents & POLLERR))
        return true;
    return error_set(error, "the report could not be written in full (is the disk full?)");
}

static bool explain_all(struct explaining *job, int *status, struct error *error)
{
    const char *name = options_text(job->values, OPTION_FORMAT);
    const struct explained_format *format = explained_format_find(name ? name : "text");
    set_surroundings(job);
    warn_of_provider(job);
    watch_signals();
    job->reporter = format->open(&job->explained);
    job->chunk = memory_allocate(READ_SIZE);
    bool ok = explain_input(job, error);
    bool is_written = job->reporter->finish(job->reporter);
    *status = status_of(job);
    if (ok && !is_written && !signal_seen) {
        *status = EXIT_LOCAL;
        ok = bear_loss(job, error);
    }
    job->reporter->close(job->reporter);
    free(job->chunk);
    return ok;
}

/** @param taken how many words belong to the option itself */
static bool has_no_operand_left(const struct explaining *job, size_t taken, const char *option,
                                struct error *error)
{
    return job->values->operand_count <= taken ||
           error_set(error, "%s explains nothing: leave out `%s', or the option", option,
                     job->values->operands[taken]);
}

static bool list_rules(const struct explaining *job, int *status, struct error *error)
{
    const char *format = options_text(job->values, OPTION_FORMAT);
    bool as_json = format && strcmp(format, "json") == 0;
    const char *topic = options_text(job->values, OPTION_LIST);
    size_t taken = 0;
    if (!topic && job->values->operand_count > 0)
        topic = job->values->operands[taken++];
    bool is_written = false;
    bool ok = has_no_operand_left(job, taken, "--list", error) &&
              catalog_list(&job->explained, as_json, topic, &is_written, error);
    *status = is_written ? EXIT_DONE : EXIT_LOCAL;
    return ok && (is_written || bear_loss(job, error));
}

/* Checking catalogs */

static void print_fault(void *context, const char *text)
{
    const struct explaining *job = context;
    notice_print(job->settings.report.errors, "*** ", span_of_string(text));
}

static void print_note(void *context, const char *text)
{
    const struct explaining *job = context;
    notice_print(job->settings.report.out, "=== ", span_of_string(text));
}

static void note_counts(struct explaining *job, const char *path, const struct catalog_file_counts *counts)
{
    print_note(job,
               arena_printf(&job->settings.arena, "%s: %zu rules, %zu providers, %zu examples, all in order",
                            path, counts->rules, counts->providers, counts->examples));
}

static bool check_catalogs(struct explaining *job, int *status, struct error *error)
{
    const struct catalog_checker checker = {print_fault, print_note, job};
    const struct option_mention *mention = NULL;
    bool ok = true;
    if (!has_no_operand_left(job, 0, "--check-catalog", error))
        return false;
    while ((mention = options_next(job->values, OPTION_CHECK_CATALOG, mention))) {
        struct catalog_file_counts counts;
        bool is_good = catalog_check_file(&job->settings.catalog, mention->text, &checker, &counts);
        if (is_good)
            note_counts(job, mention->text, &counts);
        ok &= is_good;
    }
    *status = ok ? EXIT_DONE : EXIT_LOCAL;
    return ok || error_set(error, "the catalog has faults; smtpprobe-catalog(5) describes the format");
}

bool explain_job_run(struct option_values *values, int *status, struct error *error)
{
    struct explaining job = {.values = values};
    *status = EXIT_LOCAL;
    bool ok = settings_make_output(&job.settings, values, error) &&
              settings_make_catalog(&job.settings, values, error);
    if (ok) {
        job.explained = (struct explained_settings){&job.settings.report, values->operand_count > 1};
        if (options_given(values, OPTION_LIST))
            ok = list_rules(&job, status, error);
        else if (options_given(values, OPTION_CHECK_CATALOG))
            ok = check_catalogs(&job, status, error);
        else
            ok = explain_all(&job, status, error);
    }
    if (!settings_close_output(&job.settings) && ok) {
        *status = EXIT_LOCAL;
        ok = error_set(error, "the output could not be written in full");
    }
    settings_clear(&job.settings);
    return ok;
}
