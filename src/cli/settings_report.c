#include "cli/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WIDTH_DEFAULT = 80, WIDTH_LEAST = 40, WIDTH_MOST = 120 };
enum { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* --- Where to --- */

/** A report may name recipients and servers: only its owner shall read it. */
static FILE *open_private(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file && fd >= 0)
        close(fd);
    return file;
}

static const struct option_mention *first_given(const struct option_values *values, enum option_id option,
                                                enum option_id otherwise)
{
    const struct option_mention *mention = options_find(values, option);
    return mention ? mention : options_find(values, otherwise);
}

static bool open_stream(const struct option_values *values, const struct option_mention *mention,
                        FILE **stream, bool *is_ours, struct error *error)
{
    if (!mention)
        return true;
    if (strcmp(mention->text, "&STDOUT") == 0) {
        *stream = stdout;
        return true;
    }
    if (strcmp(mention->text, "&STDERR") == 0) {
        *stream = stderr;
        return true;
    }
    *stream = open_private(mention->text);
    *is_ours = *stream != NULL;
    return *is_ours || options_complain(values, mention, error, "%s cannot be written: %s", mention->text,
                                        strerror(errno));
}

static bool set_streams(struct settings *settings, const struct option_values *values, struct error *error)
{
    struct report_settings *report = &settings->report;
    const struct option_mention *out = first_given(values, OPTION_OUTPUT_FILE_STDOUT, OPTION_OUTPUT);
    const struct option_mention *errors = first_given(values, OPTION_OUTPUT_FILE_STDERR, OPTION_OUTPUT);
    report->out = stdout;
    report->errors = stderr;
    if (!open_stream(values, out, &report->out, &settings->owns_out, error))
        return false;
    if (out && errors && strcmp(out->text, errors->text) == 0) {
        report->errors = report->out;
        return true;
    }
    return open_stream(values, errors, &report->errors, &settings->owns_errors, error);
}

bool settings_close_output(struct settings *settings)
{
    bool ok = true;
    if (settings->owns_out)
        ok &= fclose(settings->report.out) == 0;
    if (settings->owns_errors)
        ok &= fclose(settings->report.errors) == 0;
    settings->owns_out = settings->owns_errors = false;
    return ok;
}

/* --- How --- */

static bool is_colourful(const struct settings *settings, const struct option_values *values)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    switch (options_choice(values, OPTION_COLOR, COLOUR_AUTO)) {
    case COLOUR_ALWAYS:
        return true;
    case COLOUR_NEVER:
        return false;
    default:
        return isatty(fileno(settings->report.out)) && !(no_color && *no_color) &&
               !(terminal && strcmp(terminal, "dumb") == 0);
    }
}

static int width_of(FILE *file)
{
    struct winsize size;
    if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH_DEFAULT;
    if (size.ws_col < WIDTH_LEAST)
        return WIDTH_LEAST;
    return size.ws_col > WIDTH_MOST ? WIDTH_MOST : size.ws_col;
}

static enum silence silence_of(const struct option_values *values)
{
    const char *level = options_text(values, OPTION_SILENT);
    if (!options_given(values, OPTION_SILENT))
        return SILENCE_NONE;
    if (level && strcmp(level, "2") == 0)
        return SILENCE_BUT_ERRORS;
    return level && strcmp(level, "3") == 0 ? SILENCE_ALL : SILENCE_UNTIL_ERROR;
}

static void set_view(struct report_settings *report, const struct option_values *values)
{
    report->explain = !options_off(values, OPTION_EXPLAIN);
    report->verbose = options_given(values, OPTION_VERBOSE);
    report->quiet = options_given(values, OPTION_QUIET);
    report->suppress_data = options_given(values, OPTION_SUPPRESS_DATA);
    report->hide_sent = options_given(values, OPTION_HIDE_SEND);
    report->hide_received = options_given(values, OPTION_HIDE_RECEIVE);
    report->hide_information = options_given(values, OPTION_HIDE_INFORMATIONAL);
    report->hide_all = options_given(values, OPTION_HIDE_ALL);
    report->no_info_hints = options_given(values, OPTION_NO_INFO_HINTS);
    report->no_send_hints = options_given(values, OPTION_NO_SEND_HINTS);
    report->no_receive_hints = options_given(values, OPTION_NO_RECEIVE_HINTS);
    report->silence = silence_of(values);
    report->show_time_lapse = options_given(values, OPTION_SHOW_TIME_LAPSE);
    report->time_lapse_in_seconds = options_text(values, OPTION_SHOW_TIME_LAPSE) != NULL;
    report->show_raw_text = options_given(values, OPTION_SHOW_RAW_TEXT);
    report->auth_plaintext = options_given(values, OPTION_AUTH_PLAINTEXT);
    report->show_certificates = options_given(values, OPTION_TLS_GET_PEER_CERT);
    report->certificate_file = options_text(values, OPTION_TLS_GET_PEER_CERT);
    report->show_chain = options_given(values, OPTION_TLS_GET_PEER_CHAIN);
    report->chain_file = options_text(values, OPTION_TLS_GET_PEER_CHAIN);
}

bool settings_make_output(struct settings *settings, const struct option_values *values, struct error *error)
{
    struct report_settings *report = &settings->report;
    if (!set_streams(settings, values, error))
        return false;
    set_view(report, values);
    report->colour = is_colourful(settings, values);
    report->width = width_of(report->out);
    report->on_terminal = isatty(fileno(report->out));
    return true;
}

bool settings_make_report(struct settings *settings, struct option_values *values, struct error *error)
{
    const char *format = options_text(values, OPTION_FORMAT);
    settings->format = report_format_find(format ? format : "text");
    if (!settings->format)
        return options_complain(values, options_find(values, OPTION_FORMAT), error,
                                "only `smtpprobe explain' has this format");
    settings->report.secrets = &settings->secrets;
    return settings_make_output(settings, values, error) && settings_make_catalog(settings, values, error);
}
