/** The job of `smtpprobe explain'. */
#ifndef CLI_EXPLAIN_JOB_H
#define CLI_EXPLAIN_JOB_H

#include "cli/options.h"

/**
 * Explains what the operands say, the files that they name, or standard input;
 * or lists or checks rules, if asked for.
 * @param status the exit status, also if it returns false
 * @return false with a message for the user
 */
bool explain_job_run(struct option_values *, int *status, struct error *);

#endif
