/** What the program says about itself. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buffer.h"
#include "cli/option_table.h"

/**
 * Adds the help: without a topic what fits one screen of 24 lines and 80
 * columns, on the job; else a group of options, "exit" or "all", in any case.
 * @return false if there is no such topic
 */
bool help_add(struct buffer *, enum job, const char *topic);

struct help_library {
    const char *name;
    const char *version;
};

/** Adds the program's version and those of the libraries that it runs with. */
void help_add_version(struct buffer *, const struct help_library *, size_t count);

#endif
