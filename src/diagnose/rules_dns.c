/* Findings about names, MX records and the hosts they lead to. */
#include "diagnose/rules.h"

static struct finding *about_name(struct finding_list *list, enum cause id, const char *name)
{
    struct finding *finding = finding_add(list, id);
    finding_text(list, finding, "name", name);
    finding_text(list, finding, "stage", stage_name(STAGE_RESOLVE));
    finding->stage = STAGE_RESOLVE;
    finding->has_stage = true;
    return finding;
}

static void add_lookup(const struct record *record, struct finding_list *list, struct finding *finding,
                       const struct dns_answer *answer)
{
    finding_text(list, finding, "type", dns_type_name(answer->type));
    if (answer->ede >= 0)
        finding_number(list, finding, "ede", answer->ede);
    finding_text(list, finding, "reason", answer->reason);
    finding_text(list, finding, "resolver", record->dns_server);
}

/**
 * The domain's own look-up decided: null MX, NXDOMAIN, SERVFAIL and the rest.
 * Targets that cannot be used are told one by one.
 */
static void route_failed(const struct record *record, struct finding_list *list)
{
    const struct route *route = &record->route;
    if (route->cause == CAUSE_OK || route->cause == CAUSE_MX_TARGET_INVALID || !cause_is_finding(route->cause))
        return;
    struct finding *finding = about_name(list, route->cause, route->domain);
    if (route->mx)
        add_lookup(record, list, finding, route->mx);
}

static void mx_implicit(const struct record *record, struct finding_list *list)
{
    if (record->route.kind == ROUTE_IMPLICIT)
        about_name(list, CAUSE_MX_IMPLICIT, record->route.domain);
}

static void mx_null_not_alone(const struct record *record, struct finding_list *list)
{
    const struct dns_answer *mx = record->route.mx;
    if (!record->route.null_not_alone)
        return;
    struct finding *finding = finding_add(list, CAUSE_MX_NULL_NOT_ALONE);
    struct span *records = ARENA_ARRAY(list->arena, struct span, mx->record_count);
    for (size_t i = 0; i < mx->record_count; i++)
        records[i] = span_of_string(arena_printf(list->arena, "%u %s", mx->records[i].as.mx.preference,
                                                 mx->records[i].as.mx.exchange));
    finding_spans(list, finding, "records", records, mx->record_count);
}

static void spans_of_aliases(struct finding_list *list, struct finding *finding, const struct dns_answer *answer)
{
    struct span *chain = ARENA_ARRAY(list->arena, struct span, answer->alias_count + 1);
    chain[0] = span_of_string(answer->name);
    for (size_t i = 0; i < answer->alias_count; i++)
        chain[i + 1] = span_of_string(answer->aliases[i]);
    finding_spans(list, finding, "chain", chain, answer->alias_count + 1);
}

static void mx_cname(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->route.host_count && record->route.kind == ROUTE_MX; i++) {
        const struct route_host *host = &record->route.hosts[i];
        const struct dns_answer *answer = host->a && host->a->alias_count ? host->a : host->aaaa;
        if (answer && answer->alias_count)
            spans_of_aliases(list, finding_add(list, CAUSE_MX_CNAME), answer);
    }
}

/** Whether the host's name, and not the user, leads to its addresses. */
static bool is_led_by_dns(const struct record *record, const struct route_host *host)
{
    return record->route.kind != ROUTE_LITERAL && !span_is(span_of_string(record->server), host->name);
}

static const struct dns_answer *lookup_with(const struct route_host *host, enum cause cause)
{
    if (host->a && dns_status_cause(host->a->status) == cause)
        return host->a;
    return host->aaaa && dns_status_cause(host->aaaa->status) == cause ? host->aaaa : NULL;
}

static void tell_host_problem(const struct record *record, struct finding_list *list,
                              const struct route_host *host)
{
    const struct dns_answer *answer = host->is_mx ? NULL : lookup_with(host, host->problem);
    if (answer) {
        add_lookup(record, list, about_name(list, host->problem, host->name), answer);
        return;
    }
    struct finding *finding = finding_add(list, host->problem);
    finding_text(list, finding, "host", host->name);
    finding_text(list, finding, "target", host->name);
    finding_text(list, finding, "reason", host->reason);
}

static void host_problem(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->route.host_count; i++) {
        const struct route_host *host = &record->route.hosts[i];
        bool is_told_by_address = host->problem == CAUSE_MX_ADDRESS_SPECIAL && is_led_by_dns(record, host);
        if (host->problem != CAUSE_OK && cause_is_finding(host->problem) && !is_told_by_address)
            tell_host_problem(record, list, host);
    }
}

static enum severity special_severity(const struct record *record, enum address_kind kind)
{
    if (kind == ADDRESS_UNUSABLE)
        return SEVERITY_ERROR;
    return record->private_surroundings ? SEVERITY_INFO : SEVERITY_WARNING;
}

static void mx_address_special(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->route.host_count; i++) {
        const struct route_host *host = &record->route.hosts[i];
        for (size_t j = 0; is_led_by_dns(record, host) && j < host->address_count; j++) {
            const struct route_address *address = &host->addresses[j];
            if (address->kind == ADDRESS_PUBLIC)
                continue;
            struct finding *finding = finding_add(list, CAUSE_MX_ADDRESS_SPECIAL);
            finding->severity = special_severity(record, address->kind);
            finding_text(list, finding, "target", host->name);
            finding_text(list, finding, "address", address->text);
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

static void mx_duplicate(const struct record *record, struct finding_list *list)
{
    const struct route *route = &record->route;
    for (size_t i = 0; i < route->host_count && route->kind == ROUTE_MX; i++)
        for (size_t j = i + 1; j < route->host_count; j++) {
            const struct route_host *a = &route->hosts[i], *b = &route->hosts[j];
            if (!span_equal_nocase(span_of_string(a->name), span_of_string(b->name)) && !share_address(a, b))
                continue;
            struct span targets[] = {span_of_string(a->name), span_of_string(b->name)};
            finding_spans(list, finding_add(list, CAUSE_MX_DUPLICATE), "targets", targets, 2);
        }
}

static void not_all_tried(struct finding_list *list, const char *host, size_t tried, size_t left_out)
{
    if (left_out == 0)
        return;
    struct finding *finding = finding_add(list, CAUSE_MX_NOT_ALL_TRIED);
    finding_text(list, finding, "host", host);
    finding_number(list, finding, "tried", (double)tried);
    finding_number(list, finding, "known", (double)(tried + left_out));
}

static void mx_not_all_tried(const struct record *record, struct finding_list *list)
{
    const struct route *route = &record->route;
    not_all_tried(list, NULL, route->host_count, route->hosts_left_out);
    for (size_t i = 0; i < route->host_count; i++)
        not_all_tried(list, route->hosts[i].name, route->hosts[i].address_count, route->hosts[i].addresses_left_out);
}

finding_rule *const rules_dns[] = {
    route_failed, host_problem, mx_null_not_alone, mx_implicit, mx_cname, mx_address_special, mx_duplicate,
    mx_not_all_tried, NULL,
};
