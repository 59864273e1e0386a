/* Findings about names, MX records and the hosts they lead to. */
#include "diagnose/rules.h"

static struct finding *at_resolve(struct finding_list *list, enum cause id, const char *host)
{
    return finding_add_about(list, id, STAGE_RESOLVE, host);
}

/** What a failed look-up shows, as far as its id has a place for it. */
static void add_lookup(const struct record *record, struct finding_list *list, struct finding *finding,
                       const struct dns_answer *answer)
{
    if (finding_wants(finding, "type"))
        finding_text(list, finding, "type", dns_type_name(answer->type));
    if (finding_wants(finding, "ede") && answer->ede >= 0)
        finding_number(list, finding, "ede", answer->ede);
    if (finding_wants(finding, "reason"))
        finding_text(list, finding, "reason", answer->reason);
    if (finding_wants(finding, "resolver"))
        finding_text(list, finding, "resolver", record->dns_server);
}

static void add_chain(struct finding_list *list, struct finding *finding, const struct dns_answer *answer)
{
    struct span *chain = ARENA_ARRAY(list->arena, struct span, answer->alias_count + 1);
    chain[0] = span_of_string(answer->name);
    for (size_t i = 0; i < answer->alias_count; i++)
        chain[i + 1] = span_of_string(answer->aliases[i]);
    finding_spans(list, finding, "chain", chain, answer->alias_count + 1);
}

/** @param answer that failed, or NULL */
static void name_failed(const struct record *record, struct finding_list *list, enum cause id,
                        const char *name, const struct dns_answer *answer)
{
    struct finding *finding = at_resolve(list, id, NULL);
    if (finding_wants(finding, "name"))
        finding_text(list, finding, "name", name);
    if (answer && finding_wants(finding, "chain"))
        add_chain(list, finding, answer);
    else if (answer)
        add_lookup(record, list, finding, answer);
}

/** The domain's own look-up decided: null MX, NXDOMAIN, SERVFAIL and the rest. Unusable targets are told one
 * by one. */
static void route_failed(const struct record *record, struct finding_list *list)
{
    const struct route *route = &record->route;
    if (route->cause != CAUSE_OK && route->cause != CAUSE_MX_TARGET_INVALID && cause_is_finding(route->cause))
        name_failed(record, list, route->cause, route->domain, route->mx);
}

static const struct dns_answer *answer_that_failed(const struct route_host *host)
{
    if (host->a && host->a->status != DNS_FOUND && dns_status_cause(host->a->status) == host->problem)
        return host->a;
    if (host->aaaa && host->aaaa->status != DNS_FOUND &&
        dns_status_cause(host->aaaa->status) == host->problem)
        return host->aaaa;
    return host->a ? host->a : host->aaaa;
}

/** Special addresses have a rule of their own. */
static void host_problem(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->route.host_count; i++) {
        const struct route_host *host = &record->route.hosts[i];
        if (host->problem == CAUSE_OK || host->problem == CAUSE_MX_ADDRESS_SPECIAL ||
            !cause_is_finding(host->problem))
            continue;
        if (!host->is_mx) {
            name_failed(record, list, host->problem, host->name, answer_that_failed(host));
            continue;
        }
        struct finding *finding = at_resolve(list, host->problem, host->name);
        finding_text(list, finding, "target", host->name);
        finding_text(list, finding, "reason", host->reason);
    }
}

static void mx_implicit(const struct record *record, struct finding_list *list)
{
    if (record->route.kind == ROUTE_IMPLICIT)
        finding_text(list, at_resolve(list, CAUSE_MX_IMPLICIT, NULL), "name", record->route.domain);
}

static void mx_null_not_alone(const struct record *record, struct finding_list *list)
{
    const struct dns_answer *mx = record->route.mx;
    if (!record->route.null_not_alone)
        return;
    struct finding *finding = at_resolve(list, CAUSE_MX_NULL_NOT_ALONE, NULL);
    struct span *records = ARENA_ARRAY(list->arena, struct span, mx->record_count);
    for (size_t i = 0; i < mx->record_count; i++)
        records[i] = span_of_string(arena_printf(list->arena, "%u %s", mx->records[i].as.mx.preference,
                                                 mx->records[i].as.mx.exchange));
    finding_spans(list, finding, "records", records, mx->record_count);
}

static void mx_cname(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->route.host_count; i++) {
        const struct route_host *host = &record->route.hosts[i];
        const struct dns_answer *answer = host->a && host->a->alias_count ? host->a : host->aaaa;
        if (host->is_mx && !host->is_duplicate && answer && answer->alias_count)
            add_chain(list, at_resolve(list, CAUSE_MX_CNAME, host->name), answer);
    }
}

/**
 * A name that the user gave with --server holds no surprise; one from the DNS
 * does, unless all around is private too.
 */
static enum severity special_severity(const struct record *record, enum address_kind kind)
{
    if (kind == ADDRESS_UNUSABLE)
        return SEVERITY_ERROR;
    bool is_expected = record->private_surroundings || record->route.kind == ROUTE_SERVER;
    return is_expected ? SEVERITY_INFO : SEVERITY_WARNING;
}

static void mx_address_special(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->route.host_count; i++) {
        const struct route_host *host = &record->route.hosts[i];
        for (size_t j = 0; j < host->address_count; j++) {
            const struct route_address *address = &host->addresses[j];
            /* An address is not led to by a name; only what cannot be tried is worth a word. */
            bool is_name = record->route.kind != ROUTE_LITERAL;
            if (address->kind == ADDRESS_PUBLIC || (!is_name && address->kind != ADDRESS_UNUSABLE))
                continue;
            struct finding *finding = at_resolve(list, CAUSE_MX_ADDRESS_SPECIAL, host->name);
            finding->severity = special_severity(record, address->kind);
            finding_text(list, finding, "address", address->text);
            finding_text(list, finding, "target", host->name);
            finding_text(list, finding, "kind", address_kind_name(address->kind));
        }
    }
}

static bool share_address(const struct route_host *a, const struct route_host *b)
{
    for (size_t i = 0; i < a->address_count; i++)
        for (size_t j = 0; j < b->address_count; j++)
            if (strcmp(a->addresses[i].text, b->addresses[j].text) == 0)
                return true;
    return false;
}

static bool are_same(const struct route_host *a, const struct route_host *b)
{
    return span_is_nocase(span_of_string(a->name), b->name) || share_address(a, b);
}

static bool has_same_before(const struct route *route, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (are_same(&route->hosts[i], &route->hosts[index]))
            return true;
    return false;
}

/** Each group of records that lead to one host is told once, at its first member. */
static void mx_duplicate(const struct record *record, struct finding_list *list)
{
    const struct route *route = &record->route;
    for (size_t i = 0; i < route->host_count; i++) {
        struct span *targets = ARENA_ARRAY(list->arena, struct span, route->host_count);
        size_t count = 0;
        targets[count++] = span_of_string(route->hosts[i].name);
        for (size_t j = i + 1; j < route->host_count; j++)
            if (are_same(&route->hosts[i], &route->hosts[j]))
                targets[count++] = span_of_string(route->hosts[j].name);
        if (count > 1 && !has_same_before(route, i))
            finding_spans(list, at_resolve(list, CAUSE_MX_DUPLICATE, NULL), "targets", targets, count);
    }
}

static void not_all_tried(struct finding_list *list, const char *host, size_t tried, size_t left_out)
{
    if (left_out == 0)
        return;
    struct finding *finding = at_resolve(list, CAUSE_MX_NOT_ALL_TRIED, host);
    finding_number(list, finding, "tried", (double)tried);
    finding_number(list, finding, "known", (double)(tried + left_out));
}

static void mx_not_all_tried(const struct record *record, struct finding_list *list)
{
    const struct route *route = &record->route;
    not_all_tried(list, NULL, route->host_count, route->hosts_left_out);
    for (size_t i = 0; i < route->host_count; i++)
        not_all_tried(list, route->hosts[i].name, route->hosts[i].address_count,
                      route->hosts[i].addresses_left_out);
}

finding_rule *const rules_dns[] = {
    route_failed,       host_problem, mx_null_not_alone, mx_implicit, mx_cname,
    mx_address_special, mx_duplicate, mx_not_all_tried,  NULL,
};
