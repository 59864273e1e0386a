#include "cli/local_name.h"

#include "base/span.h"
#include "smtp/mailbox.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

enum { HOST_NAME_SIZE = 256 };

static bool is_qualified(struct span name)
{
    return memchr(name.at, '.', name.size) && domain_is_host_name(name);
}

/** The first full name in a line of the hosts file that names `host`. */
static bool find_in_line(struct span line, struct span host, struct span *full)
{
    struct span word;
    bool names_host = false, found = false;
    const char *comment = memchr(line.at, '#', line.size);
    if (comment)
        line.size = (size_t)(comment - line.at);
    if (!span_next_token(&line, " \t\r\n", &word))
        return false;
    while (span_next_token(&line, " \t\r\n", &word)) {
        names_host |= span_equal_nocase(word, host);
        if (!found && is_qualified(word)) {
            *full = word;
            found = true;
        }
    }
    return names_host && found;
}

/* Not getaddrinfo(): it would load the name service modules, which takes longer than a whole probe on
 * loopback, and might ask the DNS. */
static const char *name_in_hosts_file(struct span host, struct arena *arena)
{
    char line[1024];
    struct span full;
    const char *name = NULL;
    FILE *file = fopen("/etc/hosts", "re");
    while (file && !name && fgets(line, sizeof line, file))
        if (find_in_line(span_of_string(line), host, &full))
            name = arena_copy(arena, full).at;
    if (file)
        fclose(file);
    return name;
}

const char *local_name(struct arena *arena)
{
    char host[HOST_NAME_SIZE];
    if (gethostname(host, sizeof host) != 0)
        return NULL;
    host[sizeof host - 1] = '\0';
    struct span name = span_of_string(host);
    return is_qualified(name) ? arena_copy(arena, name).at : name_in_hosts_file(name, arena);
}

const char *local_user(bool from_system, struct arena *arena)
{
    const char *name = from_system ? NULL : getenv("LOGNAME");
    if (!name || !*name) {
        const struct passwd *entry = getpwuid(getuid());
        name = entry ? entry->pw_name : "root";
    }
    return arena_copy_string(arena, name);
}
