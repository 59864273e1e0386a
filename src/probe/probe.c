#include "probe/probe.h"

#include "base/address.h"
#include "base/memory.h"
#include "base/random.h"
#include "net/connection.h"
#include "smtp/port.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct probe {
    struct environment *environment;
    const struct probe_settings *settings;
    struct arena *arena;
    probe_observer *observer;
    void *observer_context;
    struct record record;

    size_t host;            /* index of the host in hand */
    size_t address;         /* ... and of its address */
    unsigned questions_due; /* address or SRV questions under way */
    struct dns_answer *answers[2];

    struct attempt *attempt; /* the one under way, or NULL */
    struct connection connection;
    bool was_introduced;
    bool try_in_clear;      /* --tls-optional: the next attempt goes without TLS */
    struct plan clear_plan; /* the plan for that */
    size_t told_written;    /* exchanges of the attempt that events exist for */
    size_t told_answered;
    bool is_over;
    ev_timer next; /* moves on outside of the callbacks of what is left behind */
    void (*next_step)(struct probe *);
};

static void try_next_host(struct probe *);
static void try_next_address(struct probe *);

/* --- Telling --- */

static size_t attempt_index(const struct probe *probe)
{
    return probe->record.attempt_count ? probe->record.attempt_count - 1 : 0;
}

static void tell(struct probe *probe, enum event_kind kind, size_t index)
{
    record_add_event(&probe->record, kind, attempt_index(probe), index, instant_now());
    probe->observer(probe->observer_context, kind == EVENT_END);
}

static void finish(struct probe *probe)
{
    if (probe->is_over)
        return;
    probe->is_over = true;
    probe->record.ended = instant_now();
    tell(probe, EVENT_END, 0);
}

/* --- What comes next, out of the way of callbacks --- */

static void on_next(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop, (void)events;
    struct probe *probe = timer->data;
    probe->next_step(probe);
}

static void go_on_with(struct probe *probe, void (*step)(struct probe *))
{
    probe->next_step = step;
    ev_timer_stop(probe->environment->loop, &probe->next);
    ev_timer_set(&probe->next, 0, 0);
    ev_timer_start(probe->environment->loop, &probe->next);
}

/* --- Submission hosts --- */

static void choose_submission_host(struct probe *probe)
{
    struct submission_hosts *submission = &probe->record.submission;
    struct dns_answer *answers[] = {submission->submissions, submission->submission};
    static const unsigned usual_ports[] = {PORT_SUBMISSIONS, PORT_SUBMISSION};
    for (size_t i = 0; i < 2 && !submission->host; i++) {
        if (!answers[i] || answers[i]->status != DNS_FOUND)
            continue;
        route_order_srv(answers[i]->records, answers[i]->record_count, random_below);
        const struct dns_srv *srv = &answers[i]->records[0].as.srv;
        /* A target of "." means: not offered (RFC 2782). */
        if (strcmp(srv->target, ".") == 0 || !domain_is_host_name(span_of_string(srv->target)))
            continue;
        submission->host = srv->target;
        submission->port = srv->port ? srv->port : usual_ports[i];
        submission->from_srv = true;
    }
    submission->was_looked_up = true;
    tell(probe, EVENT_SUBMISSION, 0);
    finish(probe);
}

static void submission_answered(struct probe *probe)
{
    if (--probe->questions_due == 0)
        choose_submission_host(probe);
}

static void submissions_answered(void *context, struct dns_answer *answer)
{
    struct probe *probe = context;
    probe->record.submission.submissions = answer;
    submission_answered(probe);
}

static void submission_plain_answered(void *context, struct dns_answer *answer)
{
    struct probe *probe = context;
    probe->record.submission.submission = answer;
    submission_answered(probe);
}

/**
 * A login was wanted at an MX, which rarely offers one: looks for the hosts that would (RFC 6186, RFC 8314).
 */
static void look_for_submission(struct probe *probe)
{
    const char *domain = probe->record.domain;
    struct resolver *resolver = environment_resolver(probe->environment);
    probe->questions_due = 2;
    resolver_ask(resolver, arena_printf(probe->arena, "_submissions._tcp.%s", domain), DNS_SRV, probe->arena,
                 submissions_answered, probe);
    resolver_ask(resolver, arena_printf(probe->arena, "_submission._tcp.%s", domain), DNS_SRV, probe->arena,
                 submission_plain_answered, probe);
}

static bool wants_submission_hosts(const struct probe *probe)
{
    enum route_kind kind = probe->record.route.kind;
    return probe->record.domain && (kind == ROUTE_MX || kind == ROUTE_IMPLICIT) && probe->attempt &&
           probe->attempt->dialogue.notes.auth_cause == CAUSE_AUTH_NOT_OFFERED;
}

/* --- Our own reverse name --- */

static void own_name_is_known(struct probe *probe)
{
    probe->record.own_name.was_looked_up = true;
    tell(probe, EVENT_OWN_NAME, 0);
    finish(probe);
}

static void own_name_answered(void *context, struct dns_answer *answer)
{
    struct probe *probe = context;
    struct own_name *own = &probe->record.own_name;
    own->forward = answer;
    for (size_t i = 0; answer->status == DNS_FOUND && i < answer->record_count; i++)
        own->is_confirmed |= strcmp(answer->records[i].as.address.text, own->address) == 0;
    own_name_is_known(probe);
}

static void own_address_answered(void *context, struct dns_answer *answer)
{
    struct probe *probe = context;
    struct own_name *own = &probe->record.own_name;
    own->reverse = answer;
    if (answer->status != DNS_FOUND) {
        own_name_is_known(probe);
        return;
    }
    own->name = answer->records[0].as.name;
    resolver_ask(environment_resolver(probe->environment), own->name,
                 address_family(own->address, NULL) == AF_INET ? DNS_A : DNS_AAAA, probe->arena,
                 own_name_answered, probe);
}

/** A server complains of our reverse name: what does the DNS say itself? */
static void look_for_own_name(struct probe *probe)
{
    struct own_name *own = &probe->record.own_name;
    own->address = probe->attempt->local_address;
    resolver_ask(environment_resolver(probe->environment), address_reverse_name(own->address, probe->arena),
                 DNS_PTR, probe->arena, own_address_answered, probe);
}

static bool speaks_of_reverse_name(const struct reply *reply)
{
    static const char *const words[] = {"ptr", "reverse", "rdns", "hostname", "host name", "dns entry"};
    for (size_t line = 0; line < reply->line_count; line++)
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (span_contains_nocase(reply->lines[line], words[i]))
                return true;
    return false;
}

static bool is_public(const char *address)
{
    unsigned char octets[16];
    int family = address_family(address, octets);
    return family && address_kind(family, octets) == ADDRESS_PUBLIC;
}

/** Behind a gateway the server sees another address than ours, of which we know nothing. */
static bool wants_own_name(const struct probe *probe)
{
    const struct attempt *attempt = probe->attempt;
    const char *local = attempt ? attempt->local_address : NULL;
    if (!local || !attempt_has_dialogue(attempt) || !(is_public(local) || probe->record.private_surroundings))
        return false;
    for (size_t i = 0; i < attempt->dialogue.exchange_count; i++) {
        const struct reply *reply = attempt->dialogue.exchanges[i].reply;
        if (reply && reply_class(reply) >= 4 && speaks_of_reverse_name(reply))
            return true;
    }
    return false;
}

/* --- The end of an attempt --- */

static bool tls_ended_badly(const struct attempt *attempt)
{
    return attempt->tls && !attempt->tls->finished;
}

/**
 * --tls-optional reconnects once in the clear after a failed handshake, never after a failed verification.
 */
static bool should_try_in_clear(const struct probe *probe)
{
    return probe->settings->plan->tls == TLS_OPTIONAL && !probe->try_in_clear &&
           tls_ended_badly(probe->attempt);
}

static bool should_move_on(const struct probe *probe)
{
    const struct attempt *attempt = probe->attempt;
    if (attempt->result == ATTEMPT_CONNECT_FAILED)
        return attempt->cause != CAUSE_SOURCE_ADDRESS_UNAVAILABLE && attempt->cause != CAUSE_LOCAL_FAILURE;
    enum ending ending = attempt->dialogue.end.ending;
    return ending != ENDING_DONE && ending != ENDING_LOCAL && !dialogue_has_greeted(&attempt->dialogue);
}

static void attempt_is_over(struct probe *probe)
{
    struct attempt *attempt = probe->attempt;
    if (probe->record.local_cause) {
        finish(probe);
    } else if (should_try_in_clear(probe)) {
        attempt->moved_on = true;
        probe->try_in_clear = true;
        try_next_address(probe);
    } else if (should_move_on(probe)) {
        attempt->moved_on = true;
        probe->try_in_clear = false;
        probe->address++;
        try_next_address(probe);
    } else if (wants_submission_hosts(probe)) {
        look_for_submission(probe);
    } else if (wants_own_name(probe)) {
        look_for_own_name(probe);
    } else {
        finish(probe);
    }
}

/** Whoever waits for a ClientHello says nothing to a client that waits for a greeting. */
static void name_expected_tls(const struct attempt *attempt, struct dialogue_end *end)
{
    if (end->ending == ENDING_TIMEOUT && end->stage == STAGE_BANNER && !attempt->implicit_tls &&
        attempt->port == PORT_SUBMISSIONS && end->octets == 0)
        end->cause = CAUSE_IMPLICIT_TLS_EXPECTED;
}

static void connection_is_over(struct probe *probe)
{
    struct attempt *attempt = probe->attempt;
    attempt->ended = instant_now();
    attempt->round_trips = probe->connection.round_trips;
    if (attempt->result == ATTEMPT_CONNECTING) {
        attempt->result = ATTEMPT_CONNECT_FAILED;
        attempt->cause = probe->connection.cause;
        attempt->error_number = probe->connection.error_number;
        tell(probe, EVENT_CONNECT_FAILED, 0);
    } else {
        attempt->result = ATTEMPT_ENDED;
        name_expected_tls(attempt, &attempt->dialogue.end);
        tell(probe, EVENT_CLOSED, 0);
    }
    if (!probe->is_over)
        go_on_with(probe, attempt_is_over);
}

/* --- The dialogue --- */

static void tell_progress(struct probe *probe)
{
    const struct dialogue *dialogue = &probe->attempt->dialogue;
    /* A reply tells more of its own place when the commands before it were told first. */
    while (probe->told_written < dialogue->exchange_count || probe->told_answered < dialogue->answered) {
        bool can_tell_written = probe->told_written < dialogue->exchange_count &&
                                (dialogue->exchanges[probe->told_written].written != NEVER ||
                                 dialogue->exchanges[probe->told_written].body_is_cut ||
                                 probe->told_written < dialogue->answered);
        if (can_tell_written) {
            size_t index = probe->told_written++;
            if (dialogue->exchanges[index].has_command)
                tell(probe, EVENT_SENT, index);
        } else if (probe->told_answered < dialogue->answered) {
            tell(probe, EVENT_REPLIED, probe->told_answered++);
        } else {
            break;
        }
    }
}

static const struct plan *plan_for_attempt(struct probe *probe)
{
    if (!probe->attempt->in_clear_again)
        return probe->settings->plan;
    probe->clear_plan = *probe->settings->plan;
    probe->clear_plan.tls = TLS_NONE;
    probe->clear_plan.fell_back_to_clear = true;
    return &probe->clear_plan;
}

static void begin_dialogue(struct probe *probe)
{
    struct attempt *attempt = probe->attempt;
    dialogue_init(&attempt->dialogue, plan_for_attempt(probe), probe->settings->authenticator, attempt->helo,
                  attempt->host, probe->arena, instant_now());
    connection_converse(&probe->connection, &attempt->dialogue);
}

static void introduce(struct probe *probe)
{
    struct attempt *attempt = probe->attempt;
    char text[INET6_ADDRSTRLEN] = "";
    int family = connection_local_address(&probe->connection, text, &attempt->local_port);
    attempt->local_address = arena_copy_string(probe->arena, text);
    attempt->helo = probe->settings->helo;
    if (!attempt->helo)
        attempt->helo = arena_printf(probe->arena, family == AF_INET6 ? "[IPv6:%s]" : "[%s]", text);
    if (!probe->was_introduced && probe->settings->introduce)
        probe->settings->introduce(probe->settings->introduce_context, attempt->helo);
    probe->was_introduced = true;
}

static void begin_handshake(struct probe *probe)
{
    struct attempt *attempt = probe->attempt;
    struct error error = ERROR_NONE;
    struct tls_context *context = environment_tls(probe->environment, &error);
    if (!context) {
        probe->record.local_cause = CAUSE_LOCAL_FAILURE;
        probe->record.local_detail = arena_copy_string(probe->arena, error.text);
        if (attempt->implicit_tls)
            begin_dialogue(probe);
        dialogue_cancel(&attempt->dialogue, CAUSE_LOCAL_FAILURE, instant_now());
        return;
    }
    attempt->tls = ARENA_NEW(probe->arena, struct tls_facts);
    tell(probe, EVENT_TLS_STARTED, 0);
    connection_secure(&probe->connection,
                      channel_new(context, attempt->host, attempt->tls, probe->arena, instant_now()));
}

static void handshake_ended(struct probe *probe)
{
    struct attempt *attempt = probe->attempt;
    struct tls_facts *facts = attempt->tls;
    tell(probe, EVENT_TLS_DONE, 0);
    if (attempt->implicit_tls)
        begin_dialogue(probe);
    if (!facts->finished)
        dialogue_insecure(&attempt->dialogue, facts->cause, facts->detail, instant_now());
    else if (!channel_satisfies_user(probe->connection.channel))
        dialogue_insecure(&attempt->dialogue, channel_user_verdict(probe->connection.channel), NULL,
                          instant_now());
    else if (attempt->implicit_tls)
        dialogue_starts_secured(&attempt->dialogue, facts->verified);
    else
        dialogue_secured(&attempt->dialogue, facts->verified, instant_now());
}

/** With TLS 1.3 a server judges our certificate, or its absence, when for us the handshake is long done. */
static void tls_broke(struct probe *probe)
{
    const struct tls_facts *facts = probe->attempt->tls;
    if (facts->cause == CAUSE_CLIENT_CERTIFICATE_REQUIRED ||
        facts->cause == CAUSE_CLIENT_CERTIFICATE_REJECTED)
        dialogue_insecure(&probe->attempt->dialogue, facts->cause, facts->detail, instant_now());
}

static void established(struct probe *probe)
{
    struct attempt *attempt = probe->attempt;
    attempt->connected = instant_now();
    attempt->result = ATTEMPT_UNDER_WAY;
    introduce(probe);
    tell(probe, EVENT_CONNECTED, 0);
    if (attempt->implicit_tls)
        begin_handshake(probe);
    else
        begin_dialogue(probe);
}

static void on_connection(void *context, enum connection_event event)
{
    struct probe *probe = context;
    switch (event) {
    case CONNECTION_ESTABLISHED:
        established(probe);
        break;
    case CONNECTION_WANTS_TLS:
        tell_progress(probe);
        begin_handshake(probe);
        break;
    case CONNECTION_TLS_ENDED:
        handshake_ended(probe);
        break;
    case CONNECTION_TLS_BROKE:
        tls_broke(probe);
        break;
    case CONNECTION_PROGRESS:
        tell_progress(probe);
        break;
    case CONNECTION_CLOSED:
        if (probe->attempt->result == ATTEMPT_UNDER_WAY)
            tell_progress(probe);
        connection_is_over(probe);
        break;
    }
}

/* --- Addresses and hosts --- */

static void open_attempt(struct probe *probe, const struct route_host *host)
{
    const struct probe_settings *settings = probe->settings;
    struct attempt *attempt = record_add_attempt(&probe->record);
    attempt->host_index = probe->host;
    attempt->host = host->name;
    attempt->address = host->addresses[probe->address];
    attempt->port = settings->port;
    attempt->implicit_tls = settings->plan->tls == TLS_IMPLICIT;
    attempt->in_clear_again = probe->try_in_clear;
    attempt->began = instant_now();
    probe->attempt = attempt;
    probe->told_written = probe->told_answered = 0;
    if (settings->authenticator)
        settings->authenticator->reset(settings->authenticator);
    tell(probe, EVENT_CONNECTING, 0);

    connection_clear(&probe->connection);
    struct connection_target target = {
        .family = attempt->address.family,
        .address = attempt->address.text,
        .port = attempt->port,
        .local_address = settings->local_address,
        .local_port = settings->local_port,
        .timeout = settings->plan->timeout,
    };
    connection_open(&probe->connection, probe->environment->loop, &target, on_connection, probe);
}

static void try_next_address(struct probe *probe)
{
    const struct route_host *host = &probe->record.route.hosts[probe->host];
    while (probe->address < host->address_count && host->addresses[probe->address].kind == ADDRESS_UNUSABLE)
        probe->address++;
    if (probe->address < host->address_count) {
        open_attempt(probe, host);
        return;
    }
    probe->host++;
    try_next_host(probe);
}

static void host_is_resolved(struct probe *probe)
{
    tell(probe, EVENT_HOST_RESOLVED, probe->host);
    probe->address = 0;
    try_next_address(probe);
}

static void addresses_answered(struct probe *probe)
{
    if (--probe->questions_due > 0)
        return;
    struct route_host *host = &probe->record.route.hosts[probe->host];
    route_host_resolved(host, probe->answers[0], probe->answers[1], probe->settings->address_limit,
                        probe->arena);
    go_on_with(probe, host_is_resolved);
}

static void a_answered(void *context, struct dns_answer *answer)
{
    struct probe *probe = context;
    probe->answers[0] = answer;
    addresses_answered(probe);
}

static void aaaa_answered(void *context, struct dns_answer *answer)
{
    struct probe *probe = context;
    probe->answers[1] = answer;
    addresses_answered(probe);
}

static void resolve_host(struct probe *probe, const struct route_host *host)
{
    int family = probe->settings->family;
    struct resolver *resolver = environment_resolver(probe->environment);
    probe->answers[0] = probe->answers[1] = NULL;
    /* One more than asked, so that an answer given at once does not seem to be the last. */
    probe->questions_due = 1 + (family != AF_INET6) + (family != AF_INET);
    /* Mail servers take MX hosts from DNS alone; a host that the user names may stand in the hosts file. */
    resolver_asker *ask = probe->record.route.kind == ROUTE_SERVER ? resolver_ask_host : resolver_ask;
    if (family != AF_INET6)
        ask(resolver, host->name, DNS_A, probe->arena, a_answered, probe);
    if (family != AF_INET)
        ask(resolver, host->name, DNS_AAAA, probe->arena, aaaa_answered, probe);
    addresses_answered(probe);
}

static void try_next_host(struct probe *probe)
{
    struct route *route = &probe->record.route;
    while (probe->host < route->host_count && !route->hosts[probe->host].is_valid)
        probe->host++;
    if (probe->host >= route->host_count) {
        finish(probe);
        return;
    }
    struct route_host *host = &route->hosts[probe->host];
    if (host->address_count > 0)
        host_is_resolved(probe);
    else
        resolve_host(probe, host);
}

static void route_is_known(struct probe *probe)
{
    struct record *record = &probe->record;
    if (probe->environment->resolver) {
        record->dns_server = resolver_server(probe->environment->resolver);
        record->dns_is_trusted = resolver_is_trusted(probe->environment->resolver);
        record->private_surroundings |= resolver_is_private(probe->environment->resolver);
    }
    tell(probe, EVENT_RESOLVED, 0);
    if (record->route.kind == ROUTE_NULL || record->route.kind == ROUTE_NONE)
        finish(probe);
    else
        try_next_host(probe);
}

static void mx_answered(void *context, struct dns_answer *answer)
{
    struct probe *probe = context;
    route_from_mx(&probe->record.route, probe->record.domain, answer, probe->settings->mx_limit, random_below,
                  probe->arena);
    go_on_with(probe, route_is_known);
}

/* --- For the owner --- */

struct probe *probe_new(struct environment *environment, const struct probe_settings *settings,
                        struct arena *arena, probe_observer *observer, void *context)
{
    struct probe *probe = memory_allocate(sizeof *probe);
    probe->environment = environment;
    probe->settings = settings;
    probe->arena = arena;
    probe->observer = observer;
    probe->observer_context = context;
    probe->connection.fd = -1;
    ev_timer_init(&probe->next, on_next, 0, 0);
    probe->next.data = probe;
    probe->record = (struct record){
        .arena = arena,
        .plan = settings->plan,
        .domain = settings->domain,
        .server = settings->server,
        .named_resolvers = environment->resolver_settings.server,
        .port = settings->port,
        .verify_wanted = settings->verify_wanted,
        .lacks_own_name = settings->helo == NULL,
        .auth_user = settings->auth_user,
        .started = time(NULL),
        .began = instant_now(),
    };
    return probe;
}

void probe_free(struct probe *probe)
{
    if (!probe)
        return;
    ev_timer_stop(probe->environment->loop, &probe->next);
    if (probe->environment->resolver)
        resolver_cancel(probe->environment->resolver);
    connection_clear(&probe->connection);
    for (size_t i = 0; i < probe->record.attempt_count; i++)
        dialogue_clear(&probe->record.attempts[i]->dialogue);
    free(probe);
}

static bool leads_to_private_address(const struct route *route)
{
    enum address_kind kind =
        route->hosts[0].address_count ? route->hosts[0].addresses[0].kind : ADDRESS_PUBLIC;
    return kind == ADDRESS_LOOPBACK || kind == ADDRESS_PRIVATE;
}

void probe_start(struct probe *probe)
{
    const struct probe_settings *settings = probe->settings;
    struct record *record = &probe->record;
    if (settings->server || settings->literal) {
        const char *host = settings->server ? settings->server : settings->literal;
        route_to_host(&record->route, host, probe->arena);
        record->private_surroundings = leads_to_private_address(&record->route);
        route_is_known(probe);
        return;
    }
    tell(probe, EVENT_RESOLVING, 0);
    resolver_ask(environment_resolver(probe->environment), settings->domain, DNS_MX, probe->arena,
                 mx_answered, probe);
}

static void cancel_attempt(struct probe *probe)
{
    struct attempt *attempt = probe->attempt;
    if (attempt->result == ATTEMPT_CONNECTING) {
        probe->connection.cause = CAUSE_CANCELLED;
        return;
    }
    /* A handshake before the greeting comes before the dialogue. */
    if (!attempt->dialogue.plan)
        begin_dialogue(probe);
    dialogue_cancel(&attempt->dialogue, CAUSE_CANCELLED, instant_now());
}

void probe_cancel(struct probe *probe, int signal_number)
{
    if (probe->is_over)
        return;
    probe->record.local_cause = CAUSE_CANCELLED;
    probe->record.signal_number = signal_number;
    ev_timer_stop(probe->environment->loop, &probe->next);
    if (probe->environment->resolver)
        resolver_cancel(probe->environment->resolver);
    if (probe->connection.fd >= 0) {
        probe->is_over = true; /* nothing shall follow the close */
        cancel_attempt(probe);
        connection_close(&probe->connection);
        probe->is_over = false;
    }
    finish(probe);
}

const struct record *probe_record(const struct probe *probe)
{
    return &probe->record;
}
