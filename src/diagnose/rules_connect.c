/* Findings about connections: what did not come about, or took long. */
#include "diagnose/rules.h"

#include <errno.h>
#include <sys/socket.h>

static bool is_silence(const struct attempt *attempt)
{
    return attempt->result == ATTEMPT_CONNECT_FAILED && attempt->cause == CAUSE_CONNECTION_TIMEOUT;
}

static void connection_failed(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        if (attempt->result != ATTEMPT_CONNECT_FAILED || !cause_is_finding(attempt->cause))
            continue;
        struct finding *finding = finding_add_at(list, attempt->cause, attempt, STAGE_CONNECT);
        finding_number(list, finding, "errno", attempt->error_number);
        finding_number(list, finding, "seconds", duration_in_seconds(attempt->ended - attempt->began));
    }
}

/** Counts the attempts at a host by family: how many failed to connect, how many did not. */
static void count_family(const struct record *record, size_t host, int family, size_t *failed, size_t *connected)
{
    *failed = *connected = 0;
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        if (attempt->host_index != host || attempt->address.family != family)
            continue;
        if (attempt->result == ATTEMPT_CONNECT_FAILED)
            (*failed)++;
        else
            (*connected)++;
    }
}

static void ipv6_unreachable(const struct record *record, struct finding_list *list)
{
    for (size_t host = 0; host < record->route.host_count; host++) {
        size_t failed6, connected6, failed4, connected4;
        count_family(record, host, AF_INET6, &failed6, &connected6);
        count_family(record, host, AF_INET, &failed4, &connected4);
        if (failed6 == 0 || connected6 > 0 || connected4 == 0)
            continue;
        struct finding *finding = finding_add(list, CAUSE_IPV6_UNREACHABLE);
        finding_text(list, finding, "host", record->route.hosts[host].name);
        finding_number(list, finding, "port", record->port);
    }
}

/** Silence on port 25 everywhere is more often our own network than theirs. */
static void outbound_port_blocked(const struct record *record, struct finding_list *list)
{
    size_t silent = 0;
    for (size_t i = 0; i < record->attempt_count; i++) {
        if (!is_silence(record->attempts[i]))
            return;
        silent++;
    }
    if (silent < 2 || record->port != 25)
        return;
    struct finding *finding = finding_add(list, CAUSE_OUTBOUND_PORT_BLOCKED);
    finding_number(list, finding, "port", record->port);
}

enum { SLOW_SECONDS = 5 };

static void slow(struct finding_list *list, const struct attempt *attempt, enum stage stage, duration taken)
{
    if (taken <= SECONDS(SLOW_SECONDS))
        return;
    struct finding *finding = finding_add_at(list, CAUSE_REPLY_SLOW, attempt, stage);
    finding_number(list, finding, "seconds", duration_in_seconds(taken));
}

static void reply_slow(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        if (attempt->connected != NEVER)
            slow(list, attempt, STAGE_CONNECT, attempt->connected - attempt->began);
        if (attempt->tls && attempt->tls->finished)
            slow(list, attempt, STAGE_TLS, attempt->tls->ended - attempt->tls->began);
        for (size_t j = 0; attempt_has_dialogue(attempt) && j < attempt->dialogue.exchange_count; j++) {
            const struct exchange *exchange = &attempt->dialogue.exchanges[j];
            if (exchange->reply && exchange->written != NEVER)
                slow(list, attempt, exchange->stage, exchange->reply->last - exchange->written);
        }
    }
}

finding_rule *const rules_connect[] = {connection_failed, ipv6_unreachable, outbound_port_blocked, reply_slow, NULL};
