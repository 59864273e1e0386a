#include "dns/route.h"

#include "base/address.h"
#include "smtp/mailbox.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Address kinds */

struct block {
    unsigned char prefix[16];
    unsigned bits;
    enum address_kind kind;
};

/* From the special-purpose registries (RFC 6890); the first block that fits decides. */

static const struct block blocks_v4[] = {
    {{0}, 8, ADDRESS_UNUSABLE},
    {{127}, 8, ADDRESS_LOOPBACK},
    {{10}, 8, ADDRESS_PRIVATE},
    {{172, 16}, 12, ADDRESS_PRIVATE},
    {{192, 168}, 16, ADDRESS_PRIVATE},
    {{100, 64}, 10, ADDRESS_PRIVATE},
    {{169, 254}, 16, ADDRESS_PRIVATE},
    {{192, 0, 0}, 24, ADDRESS_RESERVED},
    {{192, 0, 2}, 24, ADDRESS_RESERVED},
    {{192, 88, 99}, 24, ADDRESS_RESERVED},
    {{198, 18}, 15, ADDRESS_RESERVED},
    {{198, 51, 100}, 24, ADDRESS_RESERVED},
    {{203, 0, 113}, 24, ADDRESS_RESERVED},
    {{255, 255, 255, 255}, 32, ADDRESS_UNUSABLE},
    {{224}, 4, ADDRESS_UNUSABLE},
    {{240}, 4, ADDRESS_RESERVED},
    {{0}, 0, ADDRESS_PUBLIC},
};

static const struct block blocks_v6[] = {
    {{0}, 128, ADDRESS_UNUSABLE},
    {{[15] = 1}, 128, ADDRESS_LOOPBACK},
    {{0xfc}, 7, ADDRESS_PRIVATE},
    {{0xfe, 0x80}, 10, ADDRESS_PRIVATE},
    {{0xfe, 0xc0}, 10, ADDRESS_PRIVATE},
    {{0xff}, 8, ADDRESS_UNUSABLE},
    {{0x00, 0x64, 0xff, 0x9b}, 96, ADDRESS_PUBLIC},              /* NAT64 (RFC 6052) */
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, ADDRESS_PRIVATE}, /* NAT64 within a network (RFC 8215) */
    {{0x20, 0x01, 0x00, 0x02}, 48, ADDRESS_RESERVED},            /* benchmarks */
    {{0x20, 0x01, 0x00, 0x10}, 28, ADDRESS_RESERVED},            /* ORCHID */
    {{0x20, 0x01, 0x00, 0x20}, 28, ADDRESS_RESERVED},            /* ORCHIDv2 */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, ADDRESS_RESERVED},            /* documentation */
    {{0x3f, 0xff}, 20, ADDRESS_RESERVED},                        /* documentation */
    {{0x20}, 3, ADDRESS_PUBLIC},
    {{0}, 0, ADDRESS_RESERVED},
};

static bool is_within(const unsigned char *octets, const struct block *block)
{
    size_t whole = block->bits / 8;
    unsigned rest = block->bits % 8;
    if (memcmp(octets, block->prefix, whole) != 0)
        return false;
    return rest == 0 || (octets[whole] ^ block->prefix[whole]) >> (8 - rest) == 0;
}

static enum address_kind kind_among(const struct block *blocks, const unsigned char *octets)
{
    while (!is_within(octets, blocks))
        blocks++;
    return blocks->kind;
}

enum address_kind address_kind(int family, const unsigned char *octets)
{
    static const struct block mapped = {{[10] = 0xff, [11] = 0xff}, 96, ADDRESS_RESERVED};
    if (family == AF_INET)
        return kind_among(blocks_v4, octets);
    if (!is_within(octets, &mapped))
        return kind_among(blocks_v6, octets);
    enum address_kind embedded = kind_among(blocks_v4, octets + 12);
    return embedded == ADDRESS_PUBLIC ? ADDRESS_RESERVED : embedded;
}

const char *address_kind_name(enum address_kind kind)
{
    static const char *const names[] = {
        [ADDRESS_PUBLIC] = "public",     [ADDRESS_LOOPBACK] = "loopback", [ADDRESS_PRIVATE] = "private",
        [ADDRESS_RESERVED] = "reserved", [ADDRESS_UNUSABLE] = "unusable",
    };
    return names[kind];
}

const char *route_kind_name(enum route_kind kind)
{
    static const char *const names[] = {
        [ROUTE_MX] = "mx",         [ROUTE_IMPLICIT] = "implicit", [ROUTE_NULL] = "null",
        [ROUTE_SERVER] = "server", [ROUTE_LITERAL] = "literal",   [ROUTE_NONE] = "none",
    };
    return names[kind];
}

/* MX targets */

/** Whether a name is an address in disguise: "192.0.2.1", "[192.0.2.1]", "2001:db8::1", or an all-numeric
 * last label. */
static bool looks_like_address(const char *name)
{
    unsigned char octets[16];
    const char *last = strrchr(name, '.');
    last = last ? last + 1 : name;
    return name[0] == '[' || inet_pton(AF_INET6, name, octets) == 1 ||
           (*last && last[strspn(last, "0123456789")] == '\0');
}

/** Why an MX target cannot be used, or NULL. */
static const char *target_fault(const char *name)
{
    struct span span = span_of_string(name);
    if (span_is_nocase(span, "localhost"))
        return "localhost";
    if (looks_like_address(name))
        return "ip-address";
    if (!domain_is_host_name(span))
        return "not-a-host-name";
    return strchr(name, '.') ? NULL : "single-label";
}

static bool is_null_target(const struct dns_record *record)
{
    return strcmp(record->as.mx.exchange, ".") == 0;
}

static int compare_preference(const void *a, const void *b)
{
    const struct dns_record *const *left = a, *const *right = b;
    return (int)(*left)->as.mx.preference - (int)(*right)->as.mx.preference;
}

static void shuffle(const struct dns_record **records, size_t count, unsigned (*random)(unsigned bound))
{
    for (size_t i = count; i > 1; i--) {
        size_t other = random((unsigned)i);
        const struct dns_record *moved = records[i - 1];
        records[i - 1] = records[other];
        records[other] = moved;
    }
}

/** Ascending preference, random among equals (RFC 5321 5.1). */
static void order_mx(const struct dns_record **records, size_t count, unsigned (*random)(unsigned bound))
{
    qsort(records, count, sizeof *records, compare_preference);
    for (size_t start = 0, end; start < count; start = end) {
        unsigned preference = records[start]->as.mx.preference;
        for (end = start + 1; end < count && records[end]->as.mx.preference == preference;)
            end++;
        shuffle(records + start, end - start, random);
    }
}

static bool is_listed(const struct route *route, const char *name)
{
    for (size_t i = 0; i < route->host_count; i++)
        if (span_is_nocase(span_of_string(name), route->hosts[i].name))
            return true;
    return false;
}

/** @param kept how many of its sort, usable or not, are in the route; one more is counted unless that exceeds
 * the limit */
static void add_mx_host(struct route *route, const struct dns_record *record, size_t *kept, size_t limit,
                        const char *fault)
{
    if (*kept >= limit) {
        route->hosts_left_out++;
        return;
    }
    ++*kept;
    route->hosts[route->host_count] = (struct route_host){
        .name = record->as.mx.exchange,
        .preference = record->as.mx.preference,
        .is_mx = true,
        .is_duplicate = is_listed(route, record->as.mx.exchange),
        .is_valid = !fault,
        .problem = fault ? CAUSE_MX_TARGET_INVALID : CAUSE_OK,
        .reason = fault,
    };
    route->host_count++;
}

static void add_mx_hosts(struct route *route, const struct dns_record **records, size_t count, size_t limit,
                         struct arena *arena)
{
    size_t usable = 0, unusable = 0;
    size_t most = limit < count ? limit * 2 : count * 2;
    route->hosts = ARENA_ARRAY(arena, struct route_host, most);
    for (size_t i = 0; i < count; i++) {
        const char *fault = target_fault(records[i]->as.mx.exchange);
        add_mx_host(route, records[i], fault ? &unusable : &usable, limit, fault);
    }
    route->kind = usable > 0 ? ROUTE_MX : ROUTE_NONE;
    route->cause = usable > 0 ? CAUSE_OK : CAUSE_MX_TARGET_INVALID;
}

static void route_to_mx(struct route *route, size_t limit, unsigned (*random)(unsigned bound),
                        struct arena *arena)
{
    const struct dns_answer *mx = route->mx;
    const struct dns_record **records = ARENA_ARRAY(arena, const struct dns_record *, mx->record_count);
    size_t count = 0;
    for (size_t i = 0; i < mx->record_count; i++)
        if (!is_null_target(&mx->records[i]))
            records[count++] = &mx->records[i];
    if (count == 0) {
        /* Any preference counts (RFC 7505 3), and so does "." told twice. */
        route->kind = ROUTE_NULL;
        route->cause = CAUSE_DOMAIN_NO_MAIL;
        return;
    }
    route->null_not_alone = count < mx->record_count;
    order_mx(records, count, random);
    add_mx_hosts(route, records, count, limit, arena);
}

/** The route's one host, which is taken as the user gave it. */
static struct route_host *set_host(struct route *route, enum route_kind kind, const char *name,
                                   struct arena *arena)
{
    route->kind = kind;
    route->hosts = ARENA_NEW(arena, struct route_host);
    route->host_count = 1;
    route->hosts[0] = (struct route_host){.name = arena_copy_string(arena, name), .is_valid = true};
    if (kind != ROUTE_LITERAL && !domain_is_host_name(span_of_string(name))) {
        route->kind = ROUTE_NONE;
        route->cause = CAUSE_USAGE;
        route->hosts[0].is_valid = false;
        route->hosts[0].problem = CAUSE_USAGE;
        route->hosts[0].reason = "not-a-host-name";
    }
    return &route->hosts[0];
}

void route_from_mx(struct route *route, const char *domain, struct dns_answer *mx, size_t limit,
                   unsigned (*random)(unsigned bound), struct arena *arena)
{
    *route = (struct route){.domain = domain, .mx = mx};
    switch (mx->status) {
    case DNS_FOUND:
        route_to_mx(route, limit, random, arena);
        break;
    case DNS_NO_DATA:
        set_host(route, ROUTE_IMPLICIT, domain, arena);
        break;
    default:
        route->kind = ROUTE_NONE;
        route->cause = dns_status_cause(mx->status);
    }
}

/* One host */

/** Reads an address, bare, in brackets, or as in a mailbox. @return its family, or 0 */
static int read_literal(const char *host, char text[46])
{
    struct span span = span_of_string(host);
    int family = address_literal_parse(span, text);
    if (family)
        return family;
    if (span.size > 2 && span.at[0] == '[' && span.at[span.size - 1] == ']')
        span = span_of(span.at + 1, span.size - 2);
    if (span.size >= 46)
        return 0;
    memcpy(text, span.at, span.size);
    text[span.size] = '\0';
    return address_family(text, NULL);
}

static void set_literal(struct route_host *host, int family, const char *text, struct arena *arena)
{
    struct route_address *address = ARENA_NEW(arena, struct route_address);
    unsigned char octets[16];
    inet_pton(family, text, octets);
    address->family = family;
    address->kind = address_kind(family, octets);
    inet_ntop(family, octets, address->text, sizeof address->text);
    host->addresses = address;
    host->address_count = 1;
    if (address->kind == ADDRESS_UNUSABLE) {
        host->problem = CAUSE_MX_ADDRESS_SPECIAL;
        host->reason = address_kind_name(address->kind);
    }
}

void route_to_host(struct route *route, const char *host, struct arena *arena)
{
    char text[46];
    *route = (struct route){.domain = NULL};
    int family = read_literal(host, text);
    if (family)
        set_literal(set_host(route, ROUTE_LITERAL, text, arena), family, text, arena);
    else
        set_host(route, ROUTE_SERVER, host, arena);
}

/* Addresses of a host */

static bool has_address(const struct route_host *host, const char *text)
{
    for (size_t i = 0; i < host->address_count; i++)
        if (strcmp(host->addresses[i].text, text) == 0)
            return true;
    return false;
}

struct address_counts {
    size_t usable, unusable, limit;
};

static void add_address(struct route_host *host, const struct dns_address *address,
                        struct address_counts *counts)
{
    enum address_kind kind = address_kind(address->family, address->octets);
    size_t *kept = kind == ADDRESS_UNUSABLE ? &counts->unusable : &counts->usable;
    if (has_address(host, address->text))
        return;
    if (*kept >= counts->limit) {
        host->addresses_left_out++;
        return;
    }
    ++*kept;
    struct route_address *added = &host->addresses[host->address_count++];
    added->family = address->family;
    added->kind = kind;
    memcpy(added->text, address->text, sizeof added->text);
}

static size_t record_count(const struct dns_answer *answer)
{
    return answer && answer->status == DNS_FOUND ? answer->record_count : 0;
}

/**
 * The status that explains best why there is no address. What went wrong goes
 * before NXDOMAIN, which some balancers answer for AAAA of a name that has an A
 * (RFC 4074 4.2).
 */
static enum dns_status worst_status(const struct dns_answer *a, const struct dns_answer *aaaa)
{
    const struct dns_answer *answers[] = {a, aaaa};
    enum dns_status worst = DNS_NO_DATA;
    for (int i = 0; i < 2; i++)
        if (answers[i] && answers[i]->status > worst)
            worst = answers[i]->status;
    return worst;
}

static void set_problem(struct route_host *host, enum dns_status status)
{
    enum cause cause = dns_status_cause(status);
    host->problem = host->is_mx ? CAUSE_MX_HOST_UNRESOLVABLE : cause;
    if (status == DNS_NO_DATA)
        host->reason = "no-address";
    else
        host->reason = status == DNS_NXDOMAIN ? "nxdomain" : cause_name(cause);
}

void route_host_resolved(struct route_host *host, struct dns_answer *a, struct dns_answer *aaaa, size_t limit,
                         struct arena *arena)
{
    size_t a_count = record_count(a), aaaa_count = record_count(aaaa);
    size_t most = limit < a_count + aaaa_count ? limit * 2 : a_count + aaaa_count;
    struct address_counts counts = {.limit = limit};
    host->was_looked_up = true;
    host->a = a;
    host->aaaa = aaaa;
    host->addresses = ARENA_ARRAY(arena, struct route_address, most);
    for (size_t i = 0; i < a_count || i < aaaa_count; i++) {
        if (i < aaaa_count)
            add_address(host, &aaaa->records[i].as.address, &counts);
        if (i < a_count)
            add_address(host, &a->records[i].as.address, &counts);
    }
    if (counts.usable > 0)
        return;
    if (counts.unusable > 0) {
        host->problem = CAUSE_MX_ADDRESS_SPECIAL;
        host->reason = address_kind_name(ADDRESS_UNUSABLE);
    } else {
        set_problem(host, worst_status(a, aaaa));
    }
}

/* SRV */

/** Lower priorities first, and weightless records before others, as the draw wants them (RFC 2782). */
static int compare_srv(const void *a, const void *b)
{
    const struct dns_srv *left = &((const struct dns_record *)a)->as.srv;
    const struct dns_srv *right = &((const struct dns_record *)b)->as.srv;
    if (left->priority != right->priority)
        return (int)left->priority - (int)right->priority;
    return (left->weight > 0) - (right->weight > 0);
}

static void move_to_front(struct dns_record *records, size_t index)
{
    struct dns_record chosen = records[index];
    memmove(records + 1, records, index * sizeof *records);
    records[0] = chosen;
}

/** Puts the records of one priority in the order in which they are to be tried. */
static void draw_by_weight(struct dns_record *records, size_t count, unsigned (*random)(unsigned bound))
{
    for (; count > 1; records++, count--) {
        unsigned total = 0, sum = 0;
        for (size_t i = 0; i < count; i++)
            total += records[i].as.srv.weight;
        unsigned drawn = random(total + 1);
        size_t chosen = 0;
        while ((sum += records[chosen].as.srv.weight) < drawn)
            chosen++;
        move_to_front(records, chosen);
    }
}

void route_order_srv(struct dns_record *records, size_t count, unsigned (*random)(unsigned bound))
{
    if (count < 2)
        return;
    qsort(records, count, sizeof *records, compare_srv);
    for (size_t start = 0, end; start < count; start = end) {
        unsigned priority = records[start].as.srv.priority;
        for (end = start + 1; end < count && records[end].as.srv.priority == priority;)
            end++;
        draw_by_weight(records + start, end - start, random);
    }
}
