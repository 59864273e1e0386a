/*
 * smtpprobe: an SMTP client diagnostic probe that explains itself.
 *
 *   cli/options    the command line, environment and rc file
 *   cli/settings   ... turned into a plan, a target, TLS and login
 *   probe/probe    resolves, connects, converses; fills the record
 *     dns/  tls/  sasl/  net/   names, handshakes, mechanisms, sockets
 *     smtp/dialogue, steps      the session itself, without I/O
 *   diagnose/      what the record means: explanations, findings, verdict
 *   report/        how it is told
 *
 * main() only wires them together.
 */
#include "base/exit_status.h"
#include "base/json.h"
#include "cli/explain_job.h"
#include "cli/help.h"
#include "cli/notice.h"
#include "cli/process.h"
#include "cli/progress.h"
#include "cli/prompt.h"
#include "cli/settings.h"
#include "diagnose/verdict.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { ENDING_SIGNALS = sizeof ending_signals / sizeof *ending_signals };

/** One run of the probe with all that belongs to it. */
struct run {
    struct settings *settings;
    struct environment environment;
    struct arena arena;
    struct probe *probe;
    struct reporter *reporter;
    struct progress progress;
    struct ev_signal signals[ENDING_SIGNALS];
    bool is_over;
};

static void print_warnings(const struct buffer *warnings)
{
    struct span rest = buffer_span(warnings), line;
    while (span_next_token(&rest, "\n", &line))
        notice_print(stderr, "*** ", line);
}

static void complain_of_output(void)
{
    struct error error;
    error_set(&error, "the report could not be written in full (is the disk full, or the reader gone?)");
    notice_error(error.text);
}

static int exit_status_of(const struct error *error)
{
    return error->exit_status ? error->exit_status : EXIT_LOCAL;
}

/* --- The probe --- */

static void observe(void *context, bool is_over)
{
    struct run *run = context;
    progress_note(&run->progress);
    run->reporter->follow(run->reporter);
    if (is_over) {
        run->is_over = true;
        ev_break(run->environment.loop, EVBREAK_ALL);
    }
}

static void on_signal(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
    (void)loop, (void)events;
    struct run *run = watcher->data;
    probe_cancel(run->probe, watcher->signum);
}

static void watch_signals(struct run *run)
{
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        ev_signal_init(&run->signals[i], on_signal, ending_signals[i]);
        run->signals[i].data = run;
        ev_signal_start(run->environment.loop, &run->signals[i]);
    }
}

static int conclude(struct run *run)
{
    const struct record *record = probe_record(run->probe);
    struct finding_list findings;
    struct verdict verdict;
    progress_end(&run->progress);
    findings_make(&findings, record, run->settings->report.catalog, &run->arena);
    verdict_reach(&verdict, record, run->settings->report.catalog, &run->arena);
    bool ok = run->reporter->finish(run->reporter, &findings, &verdict);
    ok &= settings_close_output(run->settings);
    if (ok)
        return verdict.exit_status;
    complain_of_output();
    return verdict.exit_status ? verdict.exit_status : EXIT_LOCAL;
}

/** What the user demands of TLS in so many words is checked before anything is sent. */
static bool prepare_tls(struct run *run, struct error *error)
{
    const struct tls_settings *tls = &run->settings->tls;
    bool names_files = tls->ciphers || tls->ca_path || tls->certificate;
    return !names_files || run->settings->plan.tls == TLS_NONE || environment_tls(&run->environment, error);
}

static int run_probe(struct settings *settings)
{
    struct run run = {.settings = settings, .arena = ARENA_EMPTY};
    struct error error = ERROR_NONE;
    int status;
    run.environment.resolver_settings = settings->resolver;
    run.environment.tls_settings = settings->tls;
    if (!environment_open(&run.environment, &error) || !prepare_tls(&run, &error)) {
        notice_error(error.text);
        status = exit_status_of(&error);
    } else {
        run.probe = probe_new(&run.environment, &settings->probe, &run.arena, observe, &run);
        run.reporter = settings->format->open(&settings->report, probe_record(run.probe));
        progress_begin(&run.progress, run.environment.loop, probe_record(run.probe));
        watch_signals(&run);
        probe_start(run.probe);
        if (!run.is_over)
            ev_run(run.environment.loop, 0);
        status = conclude(&run);
        run.reporter->close(run.reporter);
        probe_free(run.probe);
    }
    environment_clear(&run.environment);
    arena_clear(&run.arena);
    return status;
}

/* --- Jobs that ask no server --- */

static int print(struct span text, FILE *file)
{
    if (fwrite(text.at, 1, text.size, file) == text.size && fflush(file) == 0)
        return EXIT_DONE;
    complain_of_output();
    return EXIT_LOCAL;
}

static void add_versions(struct buffer *text)
{
    const struct help_library libraries[] = {
        {"OpenSSL", tls_library_version()},      {"c-ares", resolver_library_version()},
        {"Cyrus SASL", cyrus_library_version()}, {"libev", environment_loop_version()},
        {"jansson", json_library_version()},     {"libidn2", idn_library_version()},
    };
    help_add_version(text, libraries, sizeof libraries / sizeof *libraries);
}

static void add_support(struct buffer *text)
{
    add_versions(text);
    buffer_printf(text, "TLS versions: %s\n", tls_library_protocols());
    buffer_add_string(text, "SASL mechanisms: ");
    cyrus_mechanisms(text);
    buffer_add_string(text, "\nReport formats:");
    for (const struct report_format *format = report_formats; format->name; format++)
        buffer_printf(text, " %s", format->name);
    buffer_add_char(text, '\n');
}

/** --help, --version and --support. @return whether one of them was asked for */
static bool answers_at_once(const struct option_values *values, int *status)
{
    struct buffer text = BUFFER_EMPTY;
    if (options_given(values, OPTION_HELP))
        help_add(&text, values->job, options_text(values, OPTION_HELP));
    else if (options_given(values, OPTION_VERSION))
        add_versions(&text);
    else if (options_given(values, OPTION_SUPPORT))
        add_support(&text);
    else
        return false;
    *status = print(buffer_span(&text), stdout);
    buffer_clear(&text);
    return true;
}

static int run_explain(struct option_values *values)
{
    struct error error = ERROR_NONE;
    int status;
    if (!explain_job_run(values, &status, &error))
        notice_error(error.text);
    return status;
}

static int run_with(struct option_values *values)
{
    struct settings settings;
    struct error error = ERROR_NONE;
    int status;
    if (answers_at_once(values, &status))
        return status;
    if (values->job == JOB_EXPLAIN)
        return run_explain(values);
    if (!prompt_for_missing(values, &error)) {
        notice_error(error.text);
        return exit_status_of(&error);
    }
    bool ok = settings_make(&settings, values, &error);
    print_warnings(&settings.warnings);
    if (!ok) {
        notice_error(error.text);
        status = exit_status_of(&error);
    } else if (options_given(values, OPTION_DUMP_MAIL)) {
        status = print(settings.plan.message, settings.report.out);
    } else {
        status = run_probe(&settings);
    }
    settings_clear(&settings);
    return status;
}

int main(int argument_count, char **arguments, char **environment)
{
    struct option_values values = OPTION_VALUES_EMPTY;
    struct error error = ERROR_NONE;
    int status;
    process_prepare();
    if (options_read(&values, argument_count, arguments, environment, &error)) {
        status = run_with(&values);
    } else {
        notice_error(error.text);
        status = exit_status_of(&error);
    }
    options_clear(&values);
    return status;
}
