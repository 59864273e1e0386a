#include "dns/hosts.h"

#include <arpa/inet.h>
#include <sys/socket.h>

static struct span without_final_dot(const char *name)
{
    struct span span = span_of_string(name);
    if (span.size > 1 && span.at[span.size - 1] == '.')
        span.size--;
    return span;
}

static void begin(struct dns_answer *answer, const char *name, enum dns_type type, struct arena *arena)
{
    *answer = (struct dns_answer){.name = arena_copy_string(arena, name),
                                  .type = type,
                                  .status = DNS_NO_DATA,
                                  .ede = -1,
                                  .is_local = true};
}

/** @return whether the text is an address of either family */
static bool read_address(struct span text, struct dns_address *address)
{
    char copy[sizeof address->text];
    if (text.size >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    address->family = strchr(copy, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(address->family, copy, address->octets) != 1)
        return false;
    inet_ntop(address->family, address->octets, address->text, sizeof address->text);
    return true;
}

static void add(struct dns_answer *answer, const struct dns_address *address, size_t *capacity,
                struct arena *arena)
{
    if (address->family != (answer->type == DNS_A ? AF_INET : AF_INET6))
        return;
    if (answer->record_count == DNS_RECORD_LIMIT) {
        answer->records_left_out++;
        return;
    }
    answer->records =
        arena_grow(arena, answer->records, answer->record_count, capacity, sizeof *answer->records);
    answer->records[answer->record_count++] =
        (struct dns_record){.type = answer->type, .as.address = *address};
    answer->status = DNS_FOUND;
}

/** Whether the line lists the name; its address is then set. */
static bool read_line(struct span line, struct span name, struct dns_address *address)
{
    const char *comment = line.size ? memchr(line.at, '#', line.size) : NULL;
    struct span rest = comment ? span_first(line, (size_t)(comment - line.at)) : line, token;
    if (!span_next_token(&rest, " \t\r", &token) || !read_address(token, address))
        return false;
    while (span_next_token(&rest, " \t\r", &token))
        if (span_equal_nocase(token, name))
            return true;
    return false;
}

bool hosts_find(struct dns_answer *answer, struct span file, const char *name, enum dns_type type,
                struct arena *arena)
{
    struct span wanted = without_final_dot(name), line;
    size_t capacity = 0;
    bool is_listed = false;
    while (span_next_token(&file, "\n", &line)) {
        struct dns_address address;
        if (!read_line(line, wanted, &address))
            continue;
        if (!is_listed)
            begin(answer, name, type, arena);
        is_listed = true;
        add(answer, &address, &capacity, arena);
    }
    return is_listed;
}

bool hosts_find_loopback(struct dns_answer *answer, const char *name, enum dns_type type, struct arena *arena)
{
    struct span span = without_final_dot(name);
    struct dns_address address;
    size_t capacity = 0;
    if ((type != DNS_A && type != DNS_AAAA) ||
        !(span_is_nocase(span, "localhost") || span_ends_with_nocase(span, ".localhost")))
        return false;
    begin(answer, name, type, arena);
    read_address(type == DNS_A ? SPAN("127.0.0.1") : SPAN("::1"), &address);
    add(answer, &address, &capacity, arena);
    return true;
}
