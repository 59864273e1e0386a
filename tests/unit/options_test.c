#include "check.h"
#include "command_line.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORDS = 12 };

/* One reading of all sources; each list is ended by NULL. */
struct reading {
    struct words arguments, environment;
    struct option_values values;
    struct error error;
    bool is_good;
};

static void read_all(struct reading *reading, const char *const *arguments, const char *const *environment)
{
    const char *with_program[WORDS + 2] = {"/usr/bin/smtpprobe"};
    for (size_t i = 0; arguments && arguments[i]; i++)
        with_program[i + 1] = arguments[i];
    reading->arguments = words_of(with_program);
    reading->environment = words_of(environment);
    reading->error = ERROR_NONE;
    reading->is_good = options_read(&reading->values, reading->arguments.count, reading->arguments.at,
                                    reading->environment.at, &reading->error);
}

static void clear(struct reading *reading)
{
    options_clear(&reading->values);
    words_clear(&reading->arguments);
    words_clear(&reading->environment);
}

/* Checks what counts, or with a `!` in front the beginning of the error. */
static void check_reading(const char *const *arguments, const char *const *environment, const char *expected)
{
    struct reading reading;
    struct buffer got = BUFFER_EMPTY;
    read_all(&reading, arguments, environment);
    if (reading.is_good)
        describe_options(&reading.values, &got);
    else
        buffer_printf(&got, "!%.*s", *expected == '!' ? (int)strlen(expected) - 1 : 200, reading.error.text);
    check_string(arguments && arguments[0] ? arguments[0] : "no arguments", buffer_span(&got), expected);
    buffer_clear(&got);
    clear(&reading);
}

struct line {
    const char *arguments[WORDS];
    const char *expected;
};

static void check_lines(const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_reading(lines[i].arguments, NULL, lines[i].expected);
}
#define CHECK_LINES(lines) check_lines(lines, sizeof(lines) / sizeof *(lines))

static void spelling(void **state)
{
    static const struct line lines[] = {
        {{NULL}, ""},
        {{"--to", "a@b"}, "to=a@b"},
        {{"-to", "a@b"}, "to=a@b"},
        {{"-t", "a@b"}, "to=a@b"},
        {{"--t", "a@b"}, "to=a@b"},
        {{"--to=a@b"}, "to=a@b"},
        {{"-t=a=b"}, "to=a=b"},
        {{"--serv", "x"}, "server=x"},
        {{"--no-serv"}, ""},
        {{"-tlsos"}, "tls-optional-strict"},
        {{"-S"}, "silent=1"},
        {{"-s", "x"}, "server=x"},
        {{"-4"}, "ipv4"},
        {{"--tls-on"}, "tls-on-connect"},
        {{"--no-hints", "--no-no-hints"}, ""},
        {{"--tls", "--"}, "tls"},
        {{"-h"}, "help"},
        {{"-h", "x"}, "helo=x"},
        {{"--aut"}, "!--aut: ambiguous; it may be --auth, --auth-extra,"},
        {{"--tls-v"},
         "!--tls-v: ambiguous; it may be --tls-verify, --tls-verify-ca, --tls-verify-host, "
         "--tls-verify-target"},
        {{"-Tls"}, "!--Tls: no such option; did you mean --tls?"},
        {{"--ver"}, "!--ver: ambiguous; it may be --verbose, --version"},
        {{"--tls=1"}, "!--tls: this option takes no value"},
        {{"--no-to=x"}, "!--no-to: this option takes no value"},
        {{"-=x"}, "!--: no such option"},
        {{"-"}, "!a word that belongs to no option"},
        {{"word"}, "!a word that belongs to no option"},
        {{"--tls", "--", "word"}, "!a word that belongs to no option"},
        {{"jo@example.com"}, "!a recipient is given with --to"},
        {{""}, "!a word that belongs to no option"},
    };
    (void)state;
    CHECK_LINES(lines);
}

static void values(void **state)
{
    static const struct line lines[] = {
        {{"--data", "-"}, "data=-"},
        {{"--from", ""}, "from="},
        {{"--from="}, "from="},
        {{"--from", "<>"}, "from=<>"},
        {{"--auth", "--tls"}, "auth tls"},
        {{"--auth", "PLAIN", "--tls"}, "auth=PLAIN tls"},
        {{"--auth="}, "auth="},
        {{"--to", "--tls"}, "to tls"},
        {{"--to"}, "to"},
        {{"--to", "a", "--to", "b"}, "to=b"},
        {{"--timeout", "5m"}, "timeout=5m"},
        {{"--auth-hide-password"}, "auth-hide-password=PROVIDED_BUT_REMOVED"},
        {{"-ahp", ""}, "auth-hide-password="},
        {{"--quit", "rcpt"}, "quit-after=RCPT"},
        {{"--add-header", "A: b", "-ah", "C: d"}, "add-header=A: b add-header=C: d"},
        {{"--attach", "@a", "--attach-type", "x/y", "--attach", "@b"}, "attach=@a attach-type=x/y attach=@b"},
        {{"--h-Subject", "hi", "--header-X-A=b"}, "header=Subject: hi header=X-A: b"},
        {{"--h-From:", "me"}, "header=From: me"},
        {{"--quit-after"}, "!--quit-after: a value is missing (STAGE)"},
        {{"--quit-after", "--tls"}, "!--quit-after: a value is missing (STAGE)"},
        {{"--h-Subject"}, "!--h-Subject: a value is missing (FIELD)"},
        {{"--timeout", "5d"},
         "!--timeout: wants a time such as 30, 30s, 5m or 1h, or 0 for no limit, not `5d'"},
        {{"--quit", "XCLIENT"}, "!--quit: wants CONNECT, BANNER,"},
        {{"--quit", "DATA"}, "!--quit: wants CONNECT, BANNER,"},
        {{"--drop", "DATA"}, "drop-after=DATA"},
        {{"--format", "xml"}, "!--format: wants text, json or table, not `xml'"},
        {{"--port", "0"}, "!--port: wants a port from 1 to 65535"},
        {{"--mx-limit", "0"}, "!--mx-limit: wants a number from 1 to 100, not `0'"},
        {{"--server", "[::1"}, "!--server: wants HOST, HOST:PORT, [HOST]:PORT or HOST/PORT"},
        {{"--timeout", "5d", "--timeout", "5s"}, "timeout=5s"},
    };
    (void)state;
    CHECK_LINES(lines);
}

static void negation(void **state)
{
    static const struct line lines[] = {
        {{"--to", "a", "--no-to"}, ""},
        {{"--to", "a", "-no-t"}, ""},
        {{"--to", "a", "--no-t", "--to", "b"}, "to=b"},
        {{"--ah", "a: b", "--no-add-header", "-ah", "c: d"}, "add-header=c: d"},
        {{"--h-A", "1", "--h-B", "2", "--no-h-a"}, "header=B: 2"},
        {{"--h-A", "1", "--h-B", "2", "--no-header"}, ""},
        {{"--no-h-A", "--h-A", "1"}, "header=A: 1"},
        {{"--no-tls"}, "no-tls"},
        {{"--no-explain"}, "no-explain"},
        {{"--no-explain", "--explain"}, "explain"},
        {{"--no-color"}, "color=never"},
        {{"--color"}, "color=always"},
        {{"--smtputf8"}, "smtputf8=force"},
        {{"--no-smtputf8"}, "smtputf8=no"},
        {{"--json", "--no-json"}, ""},
        {{"--format", "JSON"}, "format=json"},
        {{"--json"}, "format=json"},
        {{"--json", "--format", "text"}, "format=text"},
        {{"--no-tlsos", "--tls"}, "tls"},
    };
    (void)state;
    CHECK_LINES(lines);
}

static void families_and_implications(void **state)
{
    static const struct line lines[] = {
        {{"--tls", "--tls-optional"}, "tls-optional"},
        {{"--tls-optional", "--no-tls"}, "no-tls"},
        {{"--no-tls", "-tlsc"}, "tls-on-connect"},
        {{"--tls", "--no-tls-optional"}, "tls"},
        {{"--auth", "PLAIN", "-ao"}, "auth-optional"},
        {{"--verbose", "--quiet"}, "quiet"},
        {{"--tls-verify"}, "tls-verify (tls) (tls-verify-ca) (tls-verify-host)"},
        {{"--tls-verify-ca", "-tlso"}, "tls-verify-ca tls-optional"},
        {{"--tls-verify", "--no-tls"}, "tls-verify no-tls (tls-verify-ca) (tls-verify-host)"},
        {{"--tls-verify", "--no-tls-verify"}, ""},
        {{"-au", "jo"}, "auth-user=jo (auth)"},
        {{"-au", "jo", "--auth", "LOGIN"}, "auth-user=jo auth=LOGIN"},
        {{"-au", "jo", "-ao"}, "auth-user=jo auth-optional"},
        {{"-nrh"}, "no-receive-hints (no-explain)"},
        {{"--explain", "-nrh"}, "no-receive-hints (no-explain)"},
        {{"-nth"}, "no-hints (no-info-hints) (no-send-hints) (no-receive-hints) (no-explain)"},
    };
    (void)state;
    CHECK_LINES(lines);
}

static void foreign_options_are_named_so(void **state)
{
    static const struct line lines[] = {
        {{"--proxy", "x"}, "!--proxy: the PROXY protocol is not supported"},
        {{"--pipe=cat"}, "!--pipe: talking to a program through a pipe is not supported"},
        {{"--dump"}, "!--dump: not supported; --dump-mail"},
        {{"-xclient-name", "x"}, "!--xclient-name: XCLIENT is not supported"},
        {{"-g"}, "!--g: removed from swaks too"},
    };
    (void)state;
    CHECK_LINES(lines);
}

static void misspellings_are_recognised(void **state)
{
    static const struct line lines[] = {
        {{"--sevrer", "x"}, "!--sevrer: no such option; did you mean --server?"},
        {{"--tsl"}, "!--tsl: no such option; did you mean --tls?"},
        {{"--too"}, "!--too: no such option; did you mean --to?"},
        {{"--auth-pasword=x"}, "!--auth-pasword: no such option; did you mean --auth-password?"},
        {{"--tls_verify"}, "!--tls_verify: no such option; did you mean --tls-verify?"},
        {{"--no-explian"}, "!--no-explian: no such option; did you mean --no-explain?"},
        {{"--xyzzy"}, "!--xyzzy: no such option; `--help all' lists them"},
        {{"--qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"},
         "!--qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq...: no such"},
        {{"--\x1b[31m"}, "!--\\x1B[31m: no such option"},
    };
    (void)state;
    CHECK_LINES(lines);
}

static void the_place_is_underlined(void **state)
{
    static const struct line lines[] = {
        {{"--to", "a b", "--tsl", "--json"},
         "!--tsl: no such option; did you mean --tls?\n"
         "  smtpprobe --to 'a b' --tsl\n"
         "                       ^~~~~"},
        {{"--tls", "--timeout", "x"},
         "!--timeout: wants a time such as 30, 30s, 5m or 1h, or 0 for no limit, not `x'\n"
         "  smtpprobe --tls --timeout x\n"
         "                  ^~~~~~~~~~~"},
        {{"--tls", "--timeout=x"},
         "!--timeout: wants a time such as 30, 30s, 5m or 1h, or 0 for no limit, not `x'\n"
         "  smtpprobe --tls --timeout=x\n"
         "                  ^~~~~~~~~~~"},
        {{"--from", "aaaaaaaaaaaaaaaaaaaaaaaaa@example.com", "--to", "b@example.com", "word"},
         "!a word that belongs to no option; all options begin with a dash, and replies are explained by "
         "`smtpprobe explain'\n"
         "  smtpprobe ... --to b@example.com word\n"
         "                                   ^~~~"},
        {{"--helo", "j\303\266", "--x1"},
         "!--x1: no such option; `--help all' lists them\n"
         "  smtpprobe --helo j\303\266 --x1\n"
         "                      ^~~~"},
    };
    (void)state;
    CHECK_LINES(lines);
}

/* INVARIANTS 6: a password is wiped from argv at once, and no error shows it. */
static void secrets_are_wiped_and_never_shown(void **state)
{
    static const struct {
        const char *arguments[WORDS];
        const char *variable;
        bool is_good;
    } cases[] = {
        {{"--auth-password", "hunter2"}, NULL, true},
        {{"-ap=hunter2"}, NULL, true},
        {{"--auth-password", "hunter2", "--auth-password", "hunter2"}, NULL, true},
        {{NULL}, "SMTPPROBE_OPT_auth_password=hunter2", true},
        {{"--auth-password", "hunter2", "--bogus"}, NULL, false},
        {{"--bogus", "--auth-password", "hunter2"}, NULL, false},
        {{"--auth-pasword=hunter2"}, NULL, false},
        {{"--auth-pasword", "hunter2"}, NULL, false},
        {{"-ap", "x", "hunter2"}, NULL, false},
        {{"-ap", "-hunter2"}, NULL, false},
        {{"-ap", "-hunter2=hunter2"}, NULL, false},
        {{"-ap", "hunter2", "--timeout", "x"}, NULL, false},
        {{"--timeout", "x", "-ap", "hunter2"}, NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *environment[] = {cases[i].variable, NULL};
        struct reading reading;
        read_all(&reading, cases[i].arguments, environment);
        check_number("reading", "success", reading.is_good, cases[i].is_good);
        CHECK("error", !strstr(reading.error.text, "hunter2"));
        if (reading.is_good) {
            assert_string_equal(options_text(&reading.values, OPTION_AUTH_PASSWORD), "hunter2");
            for (int j = 0; j < reading.arguments.count; j++)
                CHECK("argv", !strstr(reading.arguments.at[j], "hunter2"));
            for (int j = 0; j < reading.environment.count; j++)
                CHECK("environment", !strstr(reading.environment.at[j], "hunter2"));
        }
        clear(&reading);
    }
}

static void environment(void **state)
{
    static const struct {
        const char *environment[WORDS];
        const char *arguments[WORDS];
        const char *expected;
    } cases[] = {
        {{"SMTPPROBE_OPT_to=a"}, {NULL}, "to=a"},
        {{"SMTPPROBE_OPT_tls="}, {NULL}, "tls"},
        {{"SMTPPROBE_OPT_tls_on_connect="}, {NULL}, "tls-on-connect"},
        {{"SMTPPROBE_OPT_from=<>"}, {NULL}, "from="},
        {{"SMTPPROBE_OPT_auth="}, {NULL}, "auth"},
        {{"SMTPPROBE_OPT_no_tls="}, {NULL}, "no-tls"},
        {{"SMTPPROBE_OPT_to=a", "SMTPPROBE_OPT_t=b"}, {NULL}, "to=a"},
        {{"SMTPPROBE_OPT_to=a"}, {"--to", "b"}, "to=b"},
        {{"SMTPPROBE_OPT_to=a"}, {"--no-to"}, ""},
        {{"SMTPPROBE_OPT_h_X=a"}, {NULL}, "header=X: a"},
        {{"SMTPPROBE_OPT_to", "SMTPPROBE_OPTIONS=x", "PATH=/bin"}, {NULL}, ""},
        {{"SMTPPROBE_OPT_tls=1"}, {NULL}, "!SMTPPROBE_OPT_tls: this option takes no value"},
        {{"SMTPPROBE_OPT_timout=1"},
         {NULL},
         "!SMTPPROBE_OPT_timout: --timout: no such option; did you mean --timeout?"},
        {{"SMTPPROBE_OPT_timeout=x"}, {NULL}, "!SMTPPROBE_OPT_timeout: wants a time"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_reading(cases[i].arguments, cases[i].environment, cases[i].expected);
}

/* A directory of its own, with files to be read. */
static char *home;

static void write_file(const char *name, struct span contents)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%s/%s", home, name);
    FILE *file = fopen(buffer_string(&path), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(contents.at, 1, contents.size, file), contents.size);
    assert_int_equal(fclose(file), 0);
    buffer_clear(&path);
}

static int make_home(void **state)
{
    (void)state;
    home = memory_copy_string("/tmp/options_test.XXXXXX");
    return mkdtemp(home) ? chdir(home) : -1;
}

static int remove_home(void **state)
{
    (void)state;
    unlink(".smtpproberc");
    unlink("other");
    unlink("smtpprobe/rc");
    rmdir("smtpprobe");
    int result = chdir("/") || rmdir(home);
    free(home);
    return result;
}

static void check_file(struct span contents, const char *expected)
{
    struct buffer variable = BUFFER_EMPTY;
    buffer_printf(&variable, "HOME=%s", home);
    const char *const none[] = {NULL}, *variables[] = {buffer_string(&variable), NULL};
    write_file(".smtpproberc", contents);
    check_reading(none, variables, expected);
    buffer_clear(&variable);
}

static void rc_file(void **state)
{
    static const struct {
        const char *contents, *expected;
    } cases[] = {
        {"", ""},
        {"to a@b", "to=a@b"},
        {"--to a@b\n-tls\n", "to=a@b tls"},
        {"# to a\n\n   \nto b\r\n", "to=b"},
        {"h-Subject  two  blanks \"kept\" # so\n", "header=Subject:  two  blanks \"kept\" # so"},
        {"auth\n", "auth"},
        {"auth \n", "auth="},
        {"tls \n", "tls"},
        {"from <>\n", "from="},
        {"auth=PLAIN\n", "auth=PLAIN"},
        {"to\ta\n", "to=a"},
        {"server\n", "server"},
        {"no-tls\n", "no-tls"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_file(span_of_string(cases[i].contents), cases[i].expected);
}

static void check_file_error(struct span contents, const char *fault)
{
    struct buffer expected = BUFFER_EMPTY;
    buffer_printf(&expected, "!%s/.smtpproberc:%s", home, fault);
    check_file(contents, buffer_string(&expected));
    buffer_clear(&expected);
}

static void errors_in_an_rc_file_have_a_line(void **state)
{
    (void)state;
    check_file_error(SPAN("tls\n\nfoo bar\n"), "3: --foo: no such option");
    check_file_error(SPAN("timeout x\n"), "1: timeout: wants a time such as");
    check_file_error(SPAN("quit-after\n"), "1: quit-after: a value is missing");
    check_file_error(SPAN(" to a\n"), "1: --: no such option");
    check_file_error(SPAN("config x\n"), "1: config: a file of options cannot name another one");
    check_file_error(SPAN("tls\nto a\0b\n"), "2: a NUL octet");
}

static void one_rc_file_is_read(void **state)
{
    struct buffer in_home = BUFFER_EMPTY, in_xdg = BUFFER_EMPTY;
    buffer_printf(&in_home, "HOME=%s", home);
    buffer_printf(&in_xdg, "XDG_CONFIG_HOME=%s", home);
    const char *both[] = {buffer_string(&in_home), buffer_string(&in_xdg), NULL};
    const char *with_variable[] = {buffer_string(&in_home), "SMTPPROBE_OPT_config=other", NULL};
    const char *with_empty[] = {buffer_string(&in_home), "SMTPPROBE_OPT_config=", NULL};
    const char *const none[] = {NULL}, *const bare[] = {"--config", "--tls", NULL};
    const char *const other[] = {"--config", "other", NULL}, *const missing[] = {"--config", "nowhere", NULL};
    const char *const last[] = {"--config", "nowhere", "--config", "other", NULL};
    const char *const taken_back[] = {"--config", "nowhere", "--no-config", NULL};
    (void)state;
    assert_int_equal(mkdir("smtpprobe", 0700), 0);
    unlink(".smtpproberc");
    write_file("smtpprobe/rc", SPAN("to xdg"));
    write_file("other", SPAN("to other"));
    check_reading(none, both, "to=xdg");
    write_file(".smtpproberc", SPAN("to home"));
    check_reading(none, both, "to=home");
    check_reading(bare, both, "config tls");
    check_reading(other, both, "to=other config=other");
    check_reading(last, both, "to=other config=other");
    check_reading(taken_back, both, "to=home");
    check_reading(none, with_variable, "to=other config=other");
    check_reading(none, with_empty, "config");
    check_reading(bare, with_variable, "config tls");
    check_reading(missing, both, "!cannot read the options in nowhere: No such file or directory");
    buffer_clear(&in_home);
    buffer_clear(&in_xdg);
}

static void later_sources_win(void **state)
{
    struct buffer in_home = BUFFER_EMPTY;
    buffer_printf(&in_home, "HOME=%s", home);
    const char *variables[] = {buffer_string(&in_home), "SMTPPROBE_OPT_port=2", "SMTPPROBE_OPT_h_B=2", NULL};
    const char *const arguments[] = {"--timeout", "3", "--h-C", "3", NULL};
    (void)state;
    write_file(".smtpproberc", SPAN("timeout 1\nport 1\nto 1\nh-A 1\n"));
    check_reading(arguments, variables, "to=1 header=A: 1 header=B: 2 port=2 timeout=3 header=C: 3");
    buffer_clear(&in_home);
}

static void values_by_kind(void **state)
{
    const char *const arguments[] = {"--timeout", "5m",     "--port", "587",        "--mx-limit",
                                     "7",         "--quit", "tls",    "--smtputf8", NULL};
    struct reading reading;
    const struct option_values *got = &reading.values;
    (void)state;
    read_all(&reading, arguments, NULL);
    assert_true(reading.is_good);
    assert_true(options_duration(got, OPTION_TIMEOUT, 1) == MINUTES(5));
    assert_int_equal(options_number(got, OPTION_PORT, 1), 587);
    assert_int_equal(options_number(got, OPTION_MX_LIMIT, 1), 7);
    assert_int_equal(options_number(got, OPTION_ADDRESS_LIMIT, 4), 4);
    assert_int_equal(options_stage(got, OPTION_QUIT_AFTER), STOP_AT_STARTTLS);
    assert_int_equal(options_choice(got, OPTION_SMTPUTF8, 0), SMTPUTF8_FORCE);
    assert_int_equal(options_choice(got, OPTION_FORMAT, 9), 9);
    assert_null(options_text(got, OPTION_TO));
    assert_false(options_given(got, OPTION_TLS));
    assert_false(options_off(got, OPTION_TLS));
    clear(&reading);
}

static void prompts_are_answered(void **state)
{
    const char *const arguments[] = {"--to", "--auth", "--timeout", NULL};
    struct reading reading;
    (void)state;
    read_all(&reading, arguments, NULL);
    assert_true(reading.is_good);
    assert_true(options_wants_prompt(&reading.values, OPTION_TO));
    assert_false(options_wants_prompt(&reading.values, OPTION_AUTH));
    assert_false(options_wants_prompt(&reading.values, OPTION_FROM));
    assert_true(options_answer(&reading.values, OPTION_TO, SPAN("jo@x"), &reading.error));
    assert_string_equal(options_text(&reading.values, OPTION_TO), "jo@x");
    assert_false(options_wants_prompt(&reading.values, OPTION_TO));
    assert_true(options_answer(&reading.values, OPTION_AUTH_USER, SPAN("jo"), &reading.error));
    assert_string_equal(options_text(&reading.values, OPTION_AUTH_USER), "jo");
    assert_false(options_answer(&reading.values, OPTION_TIMEOUT, SPAN("soon"), &reading.error));
    assert_memory_equal(reading.error.text, "--timeout: wants a time", 23);
    clear(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spelling),
        cmocka_unit_test(values),
        cmocka_unit_test(negation),
        cmocka_unit_test(families_and_implications),
        cmocka_unit_test(foreign_options_are_named_so),
        cmocka_unit_test(misspellings_are_recognised),
        cmocka_unit_test(the_place_is_underlined),
        cmocka_unit_test(secrets_are_wiped_and_never_shown),
        cmocka_unit_test(environment),
        cmocka_unit_test(rc_file),
        cmocka_unit_test(errors_in_an_rc_file_have_a_line),
        cmocka_unit_test(one_rc_file_is_read),
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(values_by_kind),
        cmocka_unit_test(prompts_are_answered),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
