/* Findings about connections: what did not come about, or took long. */
#include "diagnose/rules.h"

#include <sys/socket.h>

static bool failed_by(const struct attempt *attempt, enum cause cause)
{
    return attempt->result == ATTEMPT_CONNECT_FAILED && attempt->cause == cause;
}

static void connection_failed(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        if (attempt->result != ATTEMPT_CONNECT_FAILED || !cause_is_finding(attempt->cause))
            continue;
        struct finding *finding = finding_add_at(list, attempt->cause, attempt, STAGE_CONNECT);
        if (finding_wants(finding, "errno"))
            finding_number(list, finding, "errno", attempt->error_number);
        if (finding_wants(finding, "seconds"))
            finding_number(list, finding, "seconds", duration_in_seconds(attempt->ended - attempt->began));
        if (finding_wants(finding, "after"))
            finding_text(list, finding, "after", stage_name(STAGE_CONNECT));
    }
}

/** How the attempts at a host went, by family. */
struct tally {
    size_t failed;
    size_t without_route; /* ... of these: this machine has no way there, so that nothing was learnt of the
                             host */
    size_t connected;
};

static struct tally tally_of(const struct record *record, size_t host, int family)
{
    struct tally tally = {0};
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        if (attempt->host_index != host || attempt->address.family != family)
            continue;
        tally.failed += attempt->result == ATTEMPT_CONNECT_FAILED;
        tally.without_route += failed_by(attempt, CAUSE_NETWORK_UNREACHABLE);
        tally.connected += attempt->result != ATTEMPT_CONNECT_FAILED;
    }
    return tally;
}

static void ipv6_unreachable(const struct record *record, struct finding_list *list)
{
    for (size_t host = 0; host < record->route.host_count; host++) {
        struct tally v6 = tally_of(record, host, AF_INET6), v4 = tally_of(record, host, AF_INET);
        if (v6.failed == v6.without_route || v6.connected > 0 || v4.connected == 0)
            continue;
        struct finding *finding =
            finding_add_about(list, CAUSE_IPV6_UNREACHABLE, STAGE_CONNECT, record->route.hosts[host].name);
        finding_number(list, finding, "port", record->port);
    }
}

/**
 * Silence on port 25 at several hosts is more often our own network than
 * theirs. A family without a route from here says nothing either way.
 */
static void outbound_port_blocked(const struct record *record, struct finding_list *list)
{
    const struct attempt *first = NULL;
    bool are_several = false;
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        if (failed_by(attempt, CAUSE_NETWORK_UNREACHABLE))
            continue;
        if (!failed_by(attempt, CAUSE_CONNECTION_TIMEOUT))
            return;
        are_several |= first && first->host_index != attempt->host_index;
        first = first ? first : attempt;
    }
    if (!are_several || record->port != PORT_SMTP)
        return;
    struct finding *finding = finding_add_about(list, CAUSE_OUTBOUND_PORT_BLOCKED, STAGE_CONNECT, NULL);
    finding_number(list, finding, "port", record->port);
}

/* --- Slowness --- */

enum { SLOW_SECONDS = 5 };

/** The longest wait of each stage; a command that is repeated is told of once. */
struct waits {
    duration longest[STAGE_COUNT];
};

static void note_wait(struct waits *waits, enum stage stage, duration wait)
{
    if (wait > waits->longest[stage])
        waits->longest[stage] = wait;
}

/** What was pipelined waits for the replies before it, which is not its own slowness. */
static void note_replies(struct waits *waits, const struct dialogue *dialogue)
{
    instant previous = NEVER;
    for (size_t i = 0; i < dialogue->answered; i++) {
        const struct exchange *exchange = &dialogue->exchanges[i];
        if (!exchange->reply || exchange->written == NEVER)
            continue;
        bool was_queued = previous != NEVER && previous > exchange->written;
        note_wait(waits, exchange->stage,
                  exchange->reply->last - (was_queued ? previous : exchange->written));
        previous = exchange->reply->last;
    }
}

static void reply_slow(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        struct waits waits = {{0}};
        if (attempt->result != ATTEMPT_CONNECT_FAILED)
            note_wait(&waits, STAGE_CONNECT, attempt->connected - attempt->began);
        if (attempt->tls && attempt->tls->finished)
            note_wait(&waits, STAGE_TLS, attempt->tls->ended - attempt->tls->began);
        if (attempt_has_dialogue(attempt))
            note_replies(&waits, &attempt->dialogue);
        for (int stage = 0; stage < STAGE_COUNT; stage++)
            if (waits.longest[stage] > SECONDS(SLOW_SECONDS))
                finding_number(list, finding_add_at(list, CAUSE_REPLY_SLOW, attempt, (enum stage)stage),
                               "seconds", duration_in_seconds(waits.longest[stage]));
    }
}

finding_rule *const rules_connect[] = {connection_failed, ipv6_unreachable, outbound_port_blocked, reply_slow,
                                       NULL};
