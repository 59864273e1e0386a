#include "cli/secret_source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* A signal must not leave the terminal without echo: it is noted, the terminal restored, and the signal
 * raised again. Those of a job have a place of their own: who ends a stopped job sends SIGTERM and then
 * SIGCONT. */
static volatile sig_atomic_t ending_signal;
static volatile sig_atomic_t job_signal;

static void note_ending(int number)
{
    ending_signal = number;
}

static void note_job(int number)
{
    job_signal = number;
}

static bool is_interrupted(void)
{
    return ending_signal || job_signal;
}

/* --- The forms of an option's value --- */

/**
 * @param waiting the signal mask to wait with, since what comes just before read() would not end it; or NULL
 * @return false if a signal came
 */
static bool wait_for(int fd, short event, const sigset_t *waiting)
{
    struct pollfd file = {.fd = fd, .events = event};
    while (!is_interrupted())
        if (!waiting || ppoll(&file, 1, NULL, waiting) >= 0 || errno != EINTR)
            return true;
    return false;
}

static ssize_t read_octet(int fd, const sigset_t *waiting, char *octet)
{
    while (wait_for(fd, POLLIN, waiting)) {
        ssize_t count = read(fd, octet, 1);
        if (count >= 0 || errno != EINTR)
            return count;
    }
    return -1;
}

/** Reads an octet at a time, so that what follows the line stays for others. */
static bool read_line(int fd, const sigset_t *waiting, struct buffer *line)
{
    char c;
    ssize_t count;
    while ((count = read_octet(fd, waiting, &c)) != 0) {
        if (count < 0)
            return false;
        if (c == '\n')
            break;
        buffer_add_char(line, c);
        if (line->size > SECRET_LIMIT) {
            errno = EFBIG;
            return false;
        }
    }
    if (line->size > 0 && line->data[line->size - 1] == '\r')
        buffer_truncate(line, line->size - 1);
    return true;
}

static bool read_secret_line(int fd, const char *name, struct buffer *secret, struct error *error)
{
    struct buffer line = BUFFER_EMPTY;
    bool ok = read_line(fd, NULL, &line);
    int error_number = errno;
    if (ok)
        buffer_add(secret, buffer_span(&line));
    buffer_wipe(&line);
    return ok || error_set(error, "the password cannot be read from %s: %s", name, strerror(error_number));
}

static bool read_file(const char *path, struct buffer *secret, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(error, "the password cannot be read from %s: %s", path, strerror(errno));
    bool ok = read_secret_line(fd, path, secret, error);
    close(fd);
    return ok;
}

static bool read_descriptor(const char *number, struct buffer *secret, struct error *error)
{
    unsigned long long fd;
    if (!span_to_number(span_of_string(number), 65535, &fd))
        return error_set(error, "fd:N wants the number of an open descriptor, as in fd:3");
    return read_secret_line((int)fd, "that descriptor", secret, error);
}

static bool read_environment(const char *name, struct buffer *secret, struct error *error)
{
    const char *value = getenv(name);
    if (!value)
        return error_set(error, "the environment variable %s is not set", name);
    buffer_add_string(secret, value);
    return true;
}

bool secret_source_read(const char *text, struct buffer *secret, struct error *error)
{
    struct span span = span_of_string(text);
    if (strcmp(text, "-") == 0)
        return read_secret_line(STDIN_FILENO, "standard input", secret, error);
    if (span_starts_with(span, "@@"))
        buffer_add_string(secret, text + 1);
    else if (span_starts_with(span, "@"))
        return read_file(text + 1, secret, error);
    else if (span_starts_with(span, "fd:"))
        return read_descriptor(text + 3, secret, error);
    else if (span_starts_with(span, "env:"))
        return read_environment(text + 4, secret, error);
    else
        buffer_add_string(secret, span_starts_with(span, "literal:") ? text + 8 : text);
    return true;
}

/* --- netrc --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/** The next token; one in double quotes may hold blanks, with \ before a quote. */
static bool next_token(struct span *rest, struct buffer *token)
{
    buffer_truncate(token, 0);
    while (rest->size > 0 && is_blank(rest->at[0]))
        *rest = span_skip(*rest, 1);
    if (rest->size == 0)
        return false;
    bool quoted = rest->at[0] == '"';
    if (quoted)
        *rest = span_skip(*rest, 1);
    while (rest->size > 0 && (quoted ? rest->at[0] != '"' : !is_blank(rest->at[0]))) {
        if (quoted && rest->at[0] == '\\' && rest->size > 1)
            *rest = span_skip(*rest, 1);
        buffer_add_char(token, rest->at[0]);
        *rest = span_skip(*rest, 1);
    }
    if (quoted)
        *rest = span_skip(*rest, 1);
    return true;
}

/** A macro definition goes on to the next empty line. */
static void skip_macro(struct span *rest)
{
    const char *end = memmem(rest->at, rest->size, "\n\n", 2);
    *rest = end ? span_skip(*rest, (size_t)(end - rest->at)) : span_skip(*rest, rest->size);
}

struct netrc_entry {
    bool fits;
    struct buffer login, password;
};

static bool entry_serves(const struct netrc_entry *entry, const struct buffer *user)
{
    return entry->fits && entry->password.size > 0 &&
           (user->size == 0 || span_equal(buffer_span(&entry->login), buffer_span(user)));
}

static bool find_entry(struct span text, const char *host, const struct buffer *user,
                       struct netrc_entry *entry)
{
    struct buffer word = BUFFER_EMPTY;
    bool found = false;
    while (!found && next_token(&text, &word)) {
        struct span name = buffer_span(&word);
        bool begins = span_is(name, "machine"), is_default = span_is(name, "default");
        if ((begins || is_default) && entry_serves(entry, user)) {
            found = true;
        } else if (begins || is_default) {
            entry->fits =
                is_default || (next_token(&text, &word) && span_is_nocase(buffer_span(&word), host));
            buffer_wipe(&entry->login);
            buffer_wipe(&entry->password);
        } else if (span_is(name, "login")) {
            next_token(&text, &entry->login);
        } else if (span_is(name, "password")) {
            next_token(&text, &entry->password);
        } else if (span_is(name, "account")) {
            next_token(&text, &word);
        } else if (span_is(name, "macdef")) {
            skip_macro(&text);
        }
    }
    buffer_wipe(&word);
    return found || entry_serves(entry, user);
}

static int open_netrc(struct buffer *path)
{
    const char *file = getenv("NETRC"), *home = getenv("HOME");
    if (file && *file)
        buffer_add_string(path, file);
    else if (home)
        buffer_printf(path, "%s/.netrc", home);
    return path->size > 0 ? open(path->data, O_RDONLY | O_CLOEXEC) : -1;
}

static void warn_if_readable(int fd, const struct buffer *path, struct buffer *warning)
{
    struct stat status;
    if (fstat(fd, &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)))
        buffer_printf(warning, "%s can be read by others; `chmod 600 %s' keeps its passwords to you.\n",
                      path->data, path->data);
}

static bool read_whole(int fd, struct buffer *text)
{
    enum { PIECE = 4096, LIMIT = 1 << 20 };
    ssize_t count;
    while ((count = read(fd, buffer_room(text, PIECE), PIECE)) > 0 && text->size < LIMIT)
        buffer_grown(text, (size_t)count);
    return count == 0;
}

bool secret_source_netrc(const char *host, struct buffer *user, struct buffer *secret, struct buffer *warning)
{
    struct buffer path = BUFFER_EMPTY, text = BUFFER_EMPTY;
    struct netrc_entry entry = {false, BUFFER_EMPTY, BUFFER_EMPTY};
    int fd = open_netrc(&path);
    bool found = fd >= 0 && read_whole(fd, &text) && find_entry(buffer_span(&text), host, user, &entry);
    if (found) {
        warn_if_readable(fd, &path, warning);
        buffer_truncate(user, 0);
        buffer_add(user, buffer_span(&entry.login));
        buffer_add(secret, buffer_span(&entry.password));
    }
    if (fd >= 0)
        close(fd);
    buffer_wipe(&entry.login);
    buffer_wipe(&entry.password);
    buffer_wipe(&text);
    buffer_clear(&path);
    return found;
}

/* --- The terminal --- */

/** A process in the background, as `timeout` makes one, would be stopped when it asks, and hang unseen. */
static int open_terminal(void)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0 && tcgetpgrp(fd) != getpgrp()) {
        close(fd);
        return -1;
    }
    return fd;
}

bool secret_source_can_prompt(void)
{
    int fd = open_terminal();
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/** @param waiting see wait_for(): output may stand still, as after Ctrl-S */
static void write_all(int fd, const sigset_t *waiting, const char *text)
{
    size_t size = strlen(text);
    while (size > 0 && wait_for(fd, POLLOUT, waiting)) {
        ssize_t count = write(fd, text, size);
        if (count <= 0)
            return;
        text += count;
        size -= (size_t)count;
    }
}

static const struct {
    int number;
    void (*note)(int);
} watched[] = {
    {SIGHUP, note_ending},  {SIGINT, note_ending}, {SIGQUIT, note_ending},
    {SIGTERM, note_ending}, {SIGTSTP, note_job},   {SIGCONT, note_job},
};
enum { WATCHED = sizeof watched / sizeof *watched };

static void catch_signals(struct sigaction *saved)
{
    ending_signal = job_signal = 0;
    for (size_t i = 0; i < WATCHED; i++) {
        struct sigaction action = {.sa_handler = watched[i].note}; /* no SA_RESTART: the read shall end */
        sigaction(watched[i].number, NULL, &saved[i]);
        if (saved[i].sa_handler != SIG_IGN)
            sigaction(watched[i].number, &action, NULL);
    }
}

/** With SIGTSTP the process stops in here, until the user takes it up again. */
static void release_signals(const struct sigaction *saved)
{
    for (size_t i = 0; i < WATCHED; i++)
        sigaction(watched[i].number, &saved[i], NULL);
    if (ending_signal)
        raise(ending_signal);
    if (job_signal)
        raise(job_signal);
}

/**
 * In the background this stops the process (SIGTTOU): the terminal's settings are then those of another.
 * TCSAFLUSH would wait for output, which may stand still.
 */
static bool set_terminal(int fd, const struct termios *settings)
{
    int status;
    do {
        tcflush(fd, TCIFLUSH);
        status = tcsetattr(fd, TCSANOW, settings);
    } while (status < 0 && errno == EINTR && !ending_signal);
    return status == 0;
}

static bool ask(int fd, const char *question, const sigset_t *waiting, struct buffer *answer)
{
    write_all(fd, waiting, question);
    write_all(fd, waiting, ": ");
    return read_line(fd, waiting, answer);
}

/** Asks with the signals let in only while it waits. */
static bool ask_watchfully(int fd, const char *question, struct buffer *answer)
{
    sigset_t blocked, usual;
    sigemptyset(&blocked);
    for (size_t i = 0; i < WATCHED; i++)
        sigaddset(&blocked, watched[i].number);
    sigprocmask(SIG_BLOCK, &blocked, &usual);
    bool ok = ask(fd, question, &usual, answer);
    sigprocmask(SIG_SETMASK, &usual, NULL);
    return ok;
}

/** In place of the one that was typed and not seen; who is about to end does not wait for output. */
static void put_line_end(int fd)
{
    struct pollfd output = {.fd = fd, .events = POLLOUT};
    if (poll(&output, 1, 0) == 1 && output.revents & POLLOUT) {
        ssize_t ignored = write(fd, "\n", 1);
        (void)ignored;
    }
}

static bool ask_without_echo(int fd, const char *question, const struct termios *usual, struct buffer *answer)
{
    struct termios quiet = *usual;
    struct sigaction actions[WATCHED];
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    catch_signals(actions);
    bool is_quiet = set_terminal(fd, &quiet) && !is_interrupted();
    bool ok = is_quiet && ask_watchfully(fd, question, answer);
    set_terminal(fd, usual);
    if (is_quiet)
        put_line_end(fd);
    if (!ok || ending_signal)
        buffer_wipe(answer);
    release_signals(actions);
    return ok;
}

/** Who stopped the process may have typed something else meanwhile: so the question is put again. */
static bool ask_hidden(int fd, const char *question, struct buffer *answer)
{
    struct termios usual;
    bool ok;
    if (tcgetattr(fd, &usual) != 0)
        return ask(fd, question, NULL, answer);
    do
        ok = ask_without_echo(fd, question, &usual, answer);
    while (!ok && job_signal && !ending_signal);
    ending_signal = job_signal = 0;
    return ok;
}

bool secret_source_prompt(const char *question, bool hidden, struct buffer *answer, struct error *error)
{
    int fd = open_terminal();
    if (fd < 0)
        return error_set(error, "there is no terminal to ask on, or this process is in its background");
    bool ok = hidden ? ask_hidden(fd, question, answer) : ask(fd, question, NULL, answer);
    close(fd);
    return (ok && answer->size > 0) || error_set(error, "nothing was entered");
}
