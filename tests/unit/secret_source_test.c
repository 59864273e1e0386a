#include "cli/secret_source.h"

#include "check.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static char folder[] = "/tmp/secret_source_test.XXXXXX";
static char path[sizeof folder + 16];

static void write_file(const char *text, size_t size, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, size), (ssize_t)size);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/file", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* --- The forms of an option's value --- */

static void reads_each_form(void **state)
{
    static const struct {
        const char *text, *secret;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"with blanks and @", "with blanks and @"},
        {"@@file", "@file"},
        {"@@", "@"},
        {"literal:-", "-"},
        {"literal:env:HOME", "env:HOME"},
        {"literal:", ""},
        {"env:SECRET_SOURCE_TEST", "from the environment"},
    };
    (void)state;
    setenv("SECRET_SOURCE_TEST", "from the environment", 1);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer secret = BUFFER_EMPTY;
        struct error error = ERROR_NONE;
        CHECK(cases[i].text, secret_source_read(cases[i].text, &secret, &error));
        check_string(cases[i].text, buffer_span(&secret), cases[i].secret);
        buffer_wipe(&secret);
    }
}

static void drops_one_line_end(void **state)
{
    static const struct {
        struct span content;
        const char *secret;
    } cases[] = {
        {{"secret\n", 7}, "secret"},
        {{"secret\r\n", 8}, "secret"},
        {{"secret", 6}, "secret"},
        {{"secret \n", 8}, "secret "},
        {{"secret\nmore\n", 12}, "secret"},
        {{"\n", 1}, ""},
        {{"", 0}, ""},
        {{"@x\n", 3}, "@x"},
    };
    char name[sizeof path + 1];
    (void)state;
    snprintf(name, sizeof name, "@%s", path);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer secret = BUFFER_EMPTY;
        struct error error = ERROR_NONE;
        write_file(cases[i].content.at, cases[i].content.size, 0600);
        CHECK(cases[i].secret, secret_source_read(name, &secret, &error));
        check_string("a file", buffer_span(&secret), cases[i].secret);
        buffer_wipe(&secret);
    }
}

/** Runs with a pipe that holds `text` as descriptor `fd`. */
static void reads_from_descriptor(const char *form, int fd)
{
    int ends[2], saved = dup(fd);
    char rest[16];
    struct buffer secret = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "first\nsecond\n", 13), 13);
    close(ends[1]);
    dup2(ends[0], fd);
    close(ends[0]);
    CHECK(form, secret_source_read(form, &secret, &error));
    check_string(form, buffer_span(&secret), "first");
    assert_int_equal(read(fd, rest, sizeof rest), 7); /* what follows the line stays for others */
    close(fd);
    if (saved >= 0) {
        dup2(saved, fd);
        close(saved);
    }
    buffer_wipe(&secret);
}

static void reads_a_line_of_a_descriptor(void **state)
{
    (void)state;
    reads_from_descriptor("-", STDIN_FILENO);
    reads_from_descriptor("fd:17", 17);
}

static void says_what_cannot_be_read(void **state)
{
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"@/nonexistent/file", "/nonexistent/file: No such file"},
        {"@/", "/: Is a directory"},
        {"@/dev/zero", "/dev/zero: File too large"},
        {"fd:", "fd:3"},
        {"fd:x", "fd:3"},
        {"fd:-1", "fd:3"},
        {"fd:99999999", "fd:3"},
        {"fd:731", "Bad file descriptor"},
        {"env:SECRET_SOURCE_NONE", "SECRET_SOURCE_NONE is not set"},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer secret = BUFFER_EMPTY;
        struct error error = ERROR_NONE;
        CHECK(cases[i].text, !secret_source_read(cases[i].text, &secret, &error));
        if (!strstr(error.text, cases[i].reason))
            fail_msg("%s: %s", cases[i].text, error.text);
        assert_int_equal(secret.size, 0);
        buffer_wipe(&secret);
    }
}

/* --- netrc --- */

static void finds_logins_in_netrc(void **state)
{
    static const struct {
        const char *netrc, *host, *user;
        const char *login, *password; /* NULL: none */
    } cases[] = {
        {"machine a.example login jo password secret\n", "a.example", "", "jo", "secret"},
        {"machine a.example\n\tlogin jo\n\tpassword secret", "A.EXAMPLE", "", "jo", "secret"},
        {"machine a login jo password secret", "b", "", NULL, NULL},
        {"machine a login jo password one\nmachine b login al password two", "b", "", "al", "two"},
        {"machine a login jo password one\nmachine a login al password two", "a", "", "jo", "one"},
        {"machine a login jo password one\nmachine a login al password two", "a", "al", "al", "two"},
        {"machine a login jo password one", "a", "al", NULL, NULL},
        {"machine a login jo password one\ndefault login any password two", "b", "", "any", "two"},
        {"machine a login jo password one\ndefault login any password two", "a", "", "jo", "one"},
        {"machine a password secret account x login jo", "a", "", "jo", "secret"},
        {"machine a login jo password \"two words \\\" and \\\\\"", "a", "", "jo", "two words \" and \\"},
        {"machine a login \"jo\" password \"unfinished", "a", "", "jo", "unfinished"},
        {"macdef m\nmachine a login x password y\n\nmachine a login jo password secret", "a", "", "jo",
         "secret"},
        {"macdef without end\nmachine a login x password y\n", "a", "", NULL, NULL},
        {"machine a login jo", "a", "", NULL, NULL},
        {"machine a login jo password", "a", "", NULL, NULL},
        {"machine", "a", "", NULL, NULL},
        {"", "a", "", NULL, NULL},
    };
    (void)state;
    setenv("NETRC", path, 1);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer user = BUFFER_EMPTY, secret = BUFFER_EMPTY, warning = BUFFER_EMPTY;
        write_file(cases[i].netrc, strlen(cases[i].netrc), 0600);
        buffer_add_string(&user, cases[i].user);
        bool found = secret_source_netrc(cases[i].host, &user, &secret, &warning);
        check_number(cases[i].netrc, "found", found, cases[i].login != NULL);
        check_string(cases[i].netrc, buffer_span(&user), found ? cases[i].login : cases[i].user);
        check_string(cases[i].netrc, buffer_span(&secret), found ? cases[i].password : "");
        assert_int_equal(warning.size, 0);
        buffer_clear(&user);
        buffer_wipe(&secret);
        buffer_clear(&warning);
    }
}

static void warns_of_a_netrc_that_others_can_read(void **state)
{
    static const mode_t modes[] = {0640, 0604, 0644};
    static const char netrc[] = "machine a login jo password secret";
    (void)state;
    setenv("NETRC", path, 1);
    for (size_t i = 0; i < LENGTH(modes); i++) {
        struct buffer user = BUFFER_EMPTY, secret = BUFFER_EMPTY, warning = BUFFER_EMPTY;
        write_file(netrc, strlen(netrc), modes[i]);
        assert_true(secret_source_netrc("a", &user, &secret, &warning));
        assert_true(span_contains_nocase(buffer_span(&warning), path));
        assert_true(span_contains_nocase(buffer_span(&warning), "chmod 600"));
        buffer_clear(&user);
        buffer_wipe(&secret);
        buffer_clear(&warning);
    }
}

static void looks_for_netrc_at_home(void **state)
{
    static const char netrc[] = "machine a login jo password secret";
    struct buffer user = BUFFER_EMPTY, secret = BUFFER_EMPTY, warning = BUFFER_EMPTY;
    char name[sizeof path + 8];
    (void)state;
    write_file(netrc, strlen(netrc), 0600);
    snprintf(name, sizeof name, "%s/.netrc", folder);
    assert_int_equal(rename(path, name), 0);
    unsetenv("NETRC");
    setenv("HOME", folder, 1);
    assert_true(secret_source_netrc("a", &user, &secret, &warning));
    unlink(name);
    assert_false(secret_source_netrc("a", &user, &secret, &warning));
    unsetenv("HOME");
    assert_false(secret_source_netrc("a", &user, &secret, &warning));
    buffer_clear(&user);
    buffer_wipe(&secret);
    buffer_clear(&warning);
}

/* --- The terminal --- */

/** Whether the terminal echoes what is typed. */
static bool echoes(int terminal)
{
    struct termios settings;
    return tcgetattr(terminal, &settings) == 0 && settings.c_lflag & ECHO;
}

static void wait_for_echo(int terminal, bool wanted)
{
    for (int i = 0; i < 500 && echoes(terminal) != wanted; i++)
        usleep(10000);
    assert_int_equal(echoes(terminal), wanted);
}

/** As fork(), the child with a terminal of its own; without /dev/pts the test is skipped, but not if CI is set. */
static pid_t fork_with_terminal(int *terminal)
{
    pid_t child = forkpty(terminal, NULL, NULL, NULL);
    if (child < 0 && !getenv("CI"))
        skip();
    assert_true(child >= 0);
    return child;
}

/** When the leader of a session ends, Linux drops what has not come to the other side of the terminal yet. */
static _Noreturn void leave(int status)
{
    usleep(20000);
    _exit(status);
}

/** Asks and ends: with 0 if the answer was swordfish. */
static _Noreturn void ask_and_exit(bool hidden)
{
    struct buffer answer = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* SIGQUIT shall leave no file */
    signal(SIGINT, SIG_DFL);                        /* which a shell in the background ignores */
    signal(SIGQUIT, SIG_DFL);
    signal(SIGTSTP, SIG_DFL);
    bool ok = secret_source_can_prompt() && secret_source_prompt("Word", hidden, &answer, &error);
    bool is_right = ok && span_is(buffer_span(&answer), "swordfish");
    buffer_wipe(&answer);
    leave(is_right ? 0 : ok ? 1 : 2);
}

/** What stands on the terminal until its last user ends, and how that child ended. */
static int watch_to_the_end(pid_t child, int terminal, struct buffer *screen)
{
    char piece[256];
    ssize_t count;
    int status;
    while ((count = read(terminal, piece, sizeof piece)) > 0)
        buffer_add(screen, span_of(piece, (size_t)count));
    assert_int_equal(waitpid(child, &status, 0), child);
    close(terminal);
    return status;
}

static void wait_for_screen(int terminal, struct buffer *screen, const char *wanted)
{
    char octet;
    while (strcmp(buffer_string(screen), wanted) != 0 && read(terminal, &octet, 1) == 1)
        buffer_add_char(screen, octet);
    assert_string_equal(buffer_string(screen), wanted);
}

static void type(int terminal, const char *text)
{
    assert_int_equal(write(terminal, text, strlen(text)), (ssize_t)strlen(text));
}

/** Asks in a child with a terminal of its own, types `typed`; says how the child ended and what was seen. */
static int ask(bool hidden, const char *typed, struct buffer *screen)
{
    int terminal;
    pid_t child = fork_with_terminal(&terminal);
    if (child == 0)
        ask_and_exit(hidden);
    if (hidden)
        wait_for_echo(terminal, false);
    type(terminal, typed);
    if (hidden)
        wait_for_echo(terminal, true);
    return watch_to_the_end(child, terminal, screen);
}

/* INVARIANTS 6: secrets */
static void asks_without_echo(void **state)
{
    struct buffer screen = BUFFER_EMPTY;
    (void)state;
    int status = ask(true, "swordfish\n", &screen);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_string_equal(buffer_string(&screen), "Word: \r\n");
    buffer_clear(&screen);
}

static void asks_with_echo(void **state)
{
    struct buffer screen = BUFFER_EMPTY;
    (void)state;
    int status = ask(false, "swordfish\n", &screen);
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(span_contains_nocase(buffer_span(&screen), "swordfish"));
    buffer_clear(&screen);
}

static void takes_no_answer_for_none(void **state)
{
    struct buffer screen = BUFFER_EMPTY;
    (void)state;
    assert_int_equal(WEXITSTATUS(ask(true, "\n", &screen)), 2);
    assert_int_equal(WEXITSTATUS(ask(true, "\4", &screen)), 2); /* end of input */
    buffer_clear(&screen);
}

/* ask() itself requires that the terminal echoes again */
static void restores_the_terminal_on_a_signal(void **state)
{
    struct buffer screen = BUFFER_EMPTY;
    (void)state;
    int status = ask(true, "sword\3", &screen);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
    status = ask(true, "sword\x1c", &screen);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGQUIT);
    assert_false(span_contains_nocase(buffer_span(&screen), "sword"));
    buffer_clear(&screen);
}

static bool sleeps(pid_t child)
{
    char name[32], stat[256] = "";
    snprintf(name, sizeof name, "/proc/%d/stat", (int)child);
    int fd = open(name, O_RDONLY);
    ssize_t size = read(fd, stat, sizeof stat - 1);
    close(fd);
    return size > 0 && strstr(stat, ") S ");
}

static int wait_for_end(pid_t child)
{
    int status = 0;
    for (int i = 0; i < 500; i++, usleep(10000))
        if (waitpid(child, &status, WNOHANG) == child)
            return status;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return status;
}

/* INVARIANTS 16: a signal ends it, also where Ctrl-S keeps the question from being written */
static void a_signal_ends_it_while_output_stands_still(void **state)
{
    int terminal;
    (void)state;
    pid_t child = fork_with_terminal(&terminal);
    if (child == 0) {
        tcflow(STDIN_FILENO, TCOOFF);
        ask_and_exit(true);
    }
    wait_for_echo(terminal, false);
    for (int i = 0; i < 500 && !sleeps(child); i++)
        usleep(10000);
    assert_true(sleeps(child));
    kill(child, SIGTERM);
    int status = wait_for_end(child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    assert_true(echoes(terminal));
    close(terminal);
}

/* A shell in small: what it does with a job that is stopped, and checks of the terminal meanwhile. Its exit
 * status says which of them failed. */

enum { NOT_STOPPED = 10, NO_ECHO_WHILE_STOPPED, ASKS_IN_BACKGROUND, NO_ECHO_IN_BACKGROUND, CANNOT_TELL };

static void shell_expects(bool holds, int status)
{
    if (!holds)
        _exit(status);
}

static bool is_stopped_by(pid_t job, int number)
{
    int status;
    return waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status) && WSTOPSIG(status) == number;
}

static pid_t start_job(int told)
{
    pid_t job = fork();
    if (job == 0) {
        close(told);
        setpgid(0, 0);
        while (tcgetpgrp(STDIN_FILENO) != getpid())
            usleep(1000);
        ask_and_exit(true);
    }
    setpgid(job, job);
    signal(SIGTTOU, SIG_IGN);
    tcsetpgrp(STDIN_FILENO, job);
    return job;
}

/** @param stop the signal that will stop the job */
static _Noreturn void run_shell(int stop, int told)
{
    struct termios usual;
    int status;
    tcgetattr(STDIN_FILENO, &usual);
    alarm(30); /* rather than to wait for ever */
    pid_t job = start_job(told);
    shell_expects(is_stopped_by(job, stop), NOT_STOPPED);
    tcsetpgrp(STDIN_FILENO, getpgrp());
    shell_expects(stop == SIGSTOP || echoes(STDIN_FILENO), NO_ECHO_WHILE_STOPPED);
    tcsetattr(STDIN_FILENO, TCSANOW, &usual);
    kill(-job, SIGCONT); /* `bg' */
    shell_expects(is_stopped_by(job, SIGTTOU), ASKS_IN_BACKGROUND);
    shell_expects(echoes(STDIN_FILENO), NO_ECHO_IN_BACKGROUND);
    tcsetpgrp(STDIN_FILENO, job); /* `fg' */
    kill(-job, SIGCONT);
    shell_expects(write(told, "", 1) == 1, CANNOT_TELL);
    waitpid(job, &status, 0);
    leave(WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

/* INVARIANTS 6: secrets */
static void restores_the_terminal_while_stopped(void **state)
{
    static const int stops[] = {SIGTSTP, SIGSTOP};
    (void)state;
    for (size_t i = 0; i < LENGTH(stops); i++) {
        struct buffer screen = BUFFER_EMPTY;
        int terminal, told[2];
        char none;
        assert_int_equal(pipe(told), 0);
        pid_t shell = fork_with_terminal(&terminal);
        if (shell == 0)
            run_shell(stops[i], told[1]);
        close(told[1]);
        wait_for_screen(terminal, &screen, "Word: ");
        if (stops[i] == SIGTSTP)
            type(terminal, "sword\x1a");
        else
            kill(-tcgetpgrp(terminal), stops[i]);
        assert_int_equal(read(told[0], &none, 1), 1);
        wait_for_screen(terminal, &screen, "Word: \r\nWord: ");
        assert_false(echoes(terminal));
        type(terminal, "swordfish\n");
        int status = watch_to_the_end(shell, terminal, &screen);
        assert_true(WIFEXITED(status));
        check_number(strsignal(stops[i]), "status", (unsigned)WEXITSTATUS(status), 0);
        assert_string_equal(buffer_string(&screen), "Word: \r\nWord: \r\n");
        close(told[0]);
        buffer_clear(&screen);
    }
}

/** The status of a child that must not ask: 0 if it did not, and said why. */
static int status_of_refusal(void)
{
    struct buffer answer = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    bool asks = secret_source_can_prompt() || secret_source_prompt("Word", true, &answer, &error);
    return asks || !strstr(error.text, "no terminal");
}

static void does_not_ask_without_a_terminal(void **state)
{
    int status;
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setsid();
        _exit(status_of_refusal());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void does_not_ask_in_the_background(void **state)
{
    int terminal, status;
    (void)state;
    pid_t child = fork_with_terminal(&terminal);
    if (child == 0) {
        pid_t grandchild = fork();
        if (grandchild == 0) {
            setpgid(0, 0);
            _exit(status_of_refusal());
        }
        bool has_ended = waitpid(grandchild, &status, WUNTRACED) == grandchild && WIFEXITED(status);
        _exit(has_ended ? WEXITSTATUS(status) : 3);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 0);
    close(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_form),
        cmocka_unit_test(drops_one_line_end),
        cmocka_unit_test(reads_a_line_of_a_descriptor),
        cmocka_unit_test(says_what_cannot_be_read),
        cmocka_unit_test(finds_logins_in_netrc),
        cmocka_unit_test(warns_of_a_netrc_that_others_can_read),
        cmocka_unit_test(looks_for_netrc_at_home),
        cmocka_unit_test(asks_without_echo),
        cmocka_unit_test(asks_with_echo),
        cmocka_unit_test(takes_no_answer_for_none),
        cmocka_unit_test(restores_the_terminal_on_a_signal),
        cmocka_unit_test(a_signal_ends_it_while_output_stands_still),
        cmocka_unit_test(restores_the_terminal_while_stopped),
        cmocka_unit_test(does_not_ask_without_a_terminal),
        cmocka_unit_test(does_not_ask_in_the_background),
    };
    return cmocka_run_group_tests_name("secret_source", tests, make_folder, remove_folder);
}
