#include "report/wording.h"

#include <sys/socket.h>

void wording_duration(struct buffer *out, duration d)
{
    double seconds = duration_in_seconds(d < 0 ? 0 : d);
    if (seconds < 0.0095)
        buffer_printf(out, "%.1f ms", seconds * 1000);
    else if (seconds < 1)
        buffer_printf(out, "%.0f ms", seconds * 1000);
    else
        buffer_printf(out, "%.1f s", seconds);
}

void wording_size(struct buffer *out, unsigned long long octets)
{
    static const char *const units[] = {"octets", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)octets;
    size_t unit = 0;
    while (size >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        size /= 1024;
        unit++;
    }
    bool is_whole = size == (double)(unsigned long long)size;
    buffer_printf(out, is_whole ? "%.0f %s" : "%.1f %s", size, units[unit]);
}

static void add_time_taken(struct buffer *out, const struct dns_answer *answer)
{
    if (!answer)
        return;
    buffer_add_string(out, " (");
    wording_duration(out, answer->answered - answer->asked);
    if (answer->over_tcp)
        buffer_add_string(out, ", over TCP");
    buffer_add_char(out, ')');
}

void wording_own_name(struct buffer *out, const struct record *record)
{
    const struct own_name *own = &record->own_name;
    buffer_printf(out, "Reverse DNS of %s: ", own->address);
    if (own->is_confirmed)
        buffer_printf(out, "%s, which leads back to it", own->name);
    else if (own->name)
        buffer_printf(out, "%s, which does not lead back to it", own->name);
    else
        buffer_add_string(out, "none");
    add_time_taken(out, own->reverse);
}

static void add_aliases(struct buffer *out, const struct dns_answer *answer)
{
    for (size_t i = 0; answer && i < answer->alias_count; i++)
        buffer_printf(out, "%s%s", i ? " -> " : ", an alias of ", answer->aliases[i]);
}

static void add_hosts(struct buffer *out, const struct route *route)
{
    for (size_t i = 0; i < route->host_count; i++)
        buffer_printf(out, "%s %u %s", i ? "," : "", route->hosts[i].preference, route->hosts[i].name);
    if (route->hosts_left_out)
        buffer_printf(out, " and %zu more beyond --mx-limit", route->hosts_left_out);
}

void wording_route(struct buffer *out, const struct record *record)
{
    const struct route *route = &record->route;
    switch (route->kind) {
    case ROUTE_MX:
        buffer_add_string(out, route->domain);
        add_aliases(out, route->mx);
        buffer_add_string(out, " MX:");
        add_hosts(out, route);
        break;
    case ROUTE_IMPLICIT:
        buffer_add_string(out, route->domain);
        add_aliases(out, route->mx);
        buffer_add_string(out, " has no MX: its own address is used");
        break;
    case ROUTE_NULL:
        buffer_printf(out, "%s MX: . (null MX: the domain takes no mail)", route->domain);
        break;
    case ROUTE_NONE:
        buffer_printf(out, "%s MX: %s", route->domain,
                      route->mx && route->mx->status != DNS_FOUND ? dns_status_name(route->mx->status)
                                                                  : "none that could be used");
        if (route->mx && route->mx->reason)
            buffer_printf(out, ", %s", route->mx->reason);
        break;
    case ROUTE_SERVER:
    case ROUTE_LITERAL:
        return;
    }
    add_time_taken(out, route->mx);
}

void wording_host_problem(struct buffer *out, const struct route_host *host)
{
    buffer_printf(out, "%s cannot be used: %s", host->name, cause_words[host->problem].title);
    if (host->reason)
        buffer_printf(out, " (%s)", host->reason);
}

void wording_peer(struct buffer *out, const struct attempt *attempt)
{
    if (!span_is(span_of_string(attempt->host), attempt->address.text))
        buffer_printf(out, "%s ", attempt->host);
    buffer_printf(out, "[%s]:%u", attempt->address.text, attempt->port);
}

void wording_connect_failure(struct buffer *out, const struct attempt *attempt)
{
    buffer_add_string(out, cause_words[attempt->cause].title);
    buffer_add_string(out, ": ");
    wording_peer(out, attempt);
    buffer_add_string(out, attempt->address.family == AF_INET6 ? ", IPv6, after " : ", IPv4, after ");
    wording_duration(out, attempt->ended - attempt->began);
    if (attempt->error_number)
        buffer_printf(out, " (%s)", strerror(attempt->error_number));
}

/* --- TLS --- */

static void add_leaf(struct buffer *out, const struct tls_certificate *leaf)
{
    struct span name = leaf->dns_name_count ? leaf->dns_names[0] : leaf->common_name;
    buffer_add_string(out, "; certificate ");
    if (name.size)
        buffer_add(out, name);
    else
        buffer_add_string(out, "without a name");
    if (leaf->dns_name_count > 1)
        buffer_printf(out, " and %zu more", leaf->dns_name_count - 1);
    if (leaf->days_left >= 0)
        buffer_printf(out, ", %ld day%s left", leaf->days_left, leaf->days_left == 1 ? "" : "s");
}

void wording_tls(struct buffer *out, const struct tls_facts *facts)
{
    buffer_printf(out, "%s %s", facts->version, facts->cipher);
    if (facts->group)
        buffer_printf(out, ", %s", facts->group);
    if (facts->chain_count)
        add_leaf(out, &facts->chain[0]);
    if (facts->verified)
        buffer_add_string(out, ", trusted, name matches");
    buffer_add_char(out, '.');
    if (facts->security_level < 2)
        buffer_printf(out, " Security level lowered to %d, as asked.", facts->security_level);
}

bool wording_judgement(struct buffer *out, const struct tls_facts *facts, size_t index)
{
    const struct {
        const struct tls_judgement *judgement;
        const char *text;
    } all[] = {
        {&facts->dates, "its dates do not hold"},
        {&facts->trust, "not trusted"},
        {&facts->name, "the name does not match"},
        {&facts->purpose, "not made for servers"},
        {&facts->strength, "weak"},
    };
    if (index >= sizeof all / sizeof *all)
        return false;
    const struct tls_judgement *judgement = all[index].judgement;
    if (judgement->was_taken && !judgement->ok)
        buffer_printf(out, "Certificate: %s%s%s", all[index].text, judgement->reason ? ", " : "",
                      judgement->reason ? judgement->reason : "");
    return true;
}

void wording_tls_failure(struct buffer *out, const struct tls_facts *facts)
{
    buffer_printf(out, "TLS handshake failed: %s", cause_words[facts->cause].title);
    if (facts->detail)
        buffer_printf(out, " (%s)", facts->detail);
}

/* --- Capabilities --- */

static void add_item(struct buffer *out, bool *first, const char *text)
{
    buffer_printf(out, "%s%s", *first ? "" : ", ", text);
    *first = false;
}

static void add_mechanisms(struct buffer *out, const struct capability_set *set)
{
    buffer_add_string(out, " (");
    for (size_t i = 0; i < set->mechanism_count; i++) {
        if (i)
            buffer_add_char(out, ' ');
        buffer_add(out, set->mechanisms[i]);
    }
    buffer_add_char(out, ')');
}

void wording_capabilities(struct buffer *out, const struct capability_set *set, bool in_tls)
{
    static const struct {
        enum extension extension;
        const char *text;
    } items[] = {
        {EXTENSION_STARTTLS, "STARTTLS"},     {EXTENSION_PIPELINING, "pipelining"},
        {EXTENSION_8BITMIME, "8-bit text"},   {EXTENSION_SMTPUTF8, "UTF-8 addresses"},
        {EXTENSION_DSN, "delivery status"},   {EXTENSION_CHUNKING, "chunking"},
        {EXTENSION_REQUIRETLS, "REQUIRETLS"}, {EXTENSION_XCLIENT, "XCLIENT"},
    };
    bool first = true, has_auth = capability_has(set, EXTENSION_AUTH) || set->has_auth_equals;
    if (set->count == 0) {
        buffer_add_string(out, "Greets us and offers no extension.");
        return;
    }
    buffer_add_string(out, "Offers: ");
    if (set->size_limit) {
        buffer_add_string(out, "messages up to ");
        wording_size(out, set->size_limit);
        first = false;
    }
    if (has_auth) {
        add_item(out, &first, "login");
        add_mechanisms(out, set);
    }
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (capability_has(set, items[i].extension))
            add_item(out, &first, items[i].text);
    if (first)
        buffer_printf(out, set->count == 1 ? "%zu extension" : "%zu extensions", set->count);
    buffer_add_char(out, '.');
    if (!in_tls && !has_auth && capability_has(set, EXTENSION_STARTTLS))
        buffer_add_string(out, " No login before TLS, as it should be.");
    else if (!in_tls && !capability_has(set, EXTENSION_STARTTLS))
        buffer_add_string(out, " No STARTTLS: what follows can be read on the way.");
}
