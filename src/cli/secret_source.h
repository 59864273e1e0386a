/**
 * Where a password comes from: the command line's forms, ~/.netrc, the terminal.
 */
#ifndef CLI_SECRET_SOURCE_H
#define CLI_SECRET_SOURCE_H

#include "base/buffer.h"
#include "base/error.h"

enum { SECRET_LIMIT = 64 * 1024 };

/**
 * Reads what --auth-password names: `-` is a line of standard input, `@FILE`
 * the first line of a file, `fd:N` of an open descriptor, `env:NAME` an
 * environment variable; `@@x` is "@x", `literal:x` is x; anything else is the
 * secret itself. One final line end is dropped.
 * @param secret wiped by its owner; unchanged on failure
 */
bool secret_source_read(const char *text, struct buffer *secret, struct error *);

/**
 * Looks for a login in the netrc file ($NETRC or ~/.netrc): the first entry for
 * `host`, or `default`. With a user given only an entry for that user counts.
 * @param user in: empty or the user; out: the login found
 * @param warning set to a text for people if others can read the file; may stay empty
 * @return whether one was found
 */
bool secret_source_netrc(const char *host, struct buffer *user, struct buffer *secret,
                         struct buffer *warning);

/** Whether there is a terminal to ask on, with this process in its foreground. */
bool secret_source_can_prompt(void);

/**
 * Asks on the terminal, without echo if `hidden`. Interrupting it ends the
 * program as usual, with the terminal as it was; stopping it (Ctrl-Z) gives the
 * echo back until the user goes on, when it asks again.
 * @return false at the end of input or without a terminal
 */
bool secret_source_prompt(const char *question, bool hidden, struct buffer *answer, struct error *);

#endif
