/** Asks on the terminal for values that were left out. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "cli/options.h"

/**
 * Asks for each value that an option needs and was named without, but for user
 * and password: these may come from the netrc file once the host is known.
 * @return false if there is no terminal, at the end of input, or if the answer
 *     will not do
 */
bool prompt_for_missing(struct option_values *, struct error *);

#endif
