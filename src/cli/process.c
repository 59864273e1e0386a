#include "cli/process.h"

#include "base/exit_status.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static void open_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        /* open() gives the lowest free descriptor, which is the one that was found closed. */
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) < 0)
            _exit(EXIT_LOCAL);
}

void process_prepare(void)
{
    struct rlimit none = {0, 0};
    open_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a write beyond `ulimit -f' fails then, which is told */
    setrlimit(RLIMIT_CORE, &none);
}
