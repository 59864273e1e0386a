/*
 * usage COMMAND...: runs a command with its standard streams on /dev/null and
 * prints what it used: status, CPU microseconds (user and system together:
 * kernels tell them apart by ticks only), peak memory in KiB, wall microseconds.
 *
 * A small program does this since a large one would be counted itself: after
 * exec(2), Linux keeps the peak of the memory that the forked process had, and
 * fork(2) costs the child page faults in proportion to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long microseconds(struct timeval time)
{
    return time.tv_sec * 1000000LL + time.tv_usec;
}

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
    posix_spawn_file_actions_t actions;
    struct rusage used;
    pid_t child;
    int status;
    if (argc < 2) {
        fputs("Usage: usage COMMAND [ARGUMENT]...\n", stderr);
        return 64;
    }
    posix_spawn_file_actions_init(&actions);
    for (int stream = 0; stream <= 2; stream++)
        posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0);
    long long began = now();
    int error = posix_spawnp(&child, argv[1], &actions, NULL, argv + 1, environ);
    if (error) {
        fprintf(stderr, "usage: %s: %s\n", argv[1], strerror(error));
        return 127;
    }
    while (wait4(child, &status, 0, &used) < 0)
        if (errno != EINTR)
            return 1;
    printf("%d %lld %ld %lld\n", WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
           microseconds(used.ru_utime) + microseconds(used.ru_stime), used.ru_maxrss, now() - began);
    return 0;
}
