/** The state of the process that everything else relies on. */
#ifndef CLI_PROCESS_H
#define CLI_PROCESS_H

/**
 * Makes the process safe to work in: descriptors 0 to 2 are open (a socket must
 * never become standard output), SIGPIPE shows as an error of write(), and no
 * core file can hold a password.
 */
void process_prepare(void);

#endif
