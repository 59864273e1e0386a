#include "record_builder.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static const char message[] = "Subject: test\n\nThis is a test.\n";

/** What is wrong with a test itself must not look like a result. */
static void fail_builder(const char *what, const char *detail)
{
    fprintf(stderr, "record_builder: %s: %s\n", what, detail);
    abort();
}

static void tell(struct record_builder *builder, enum event_kind kind, size_t index)
{
    size_t attempt = builder->record.attempt_count ? builder->record.attempt_count - 1 : 0;
    record_add_event(&builder->record, kind, attempt, index, builder->now);
}

/* --- The plan --- */

static struct mailbox read_mailbox(struct record_builder *builder, const char *text)
{
    struct mailbox mailbox;
    struct error error = ERROR_NONE;
    if (!mailbox_parse(&mailbox, span_of_string(text), &builder->arena, &error))
        fail_builder(text, error.text);
    return mailbox;
}

void builder_init(struct record_builder *builder)
{
    *builder = (struct record_builder){.arena = ARENA_EMPTY, .now = SECONDS(1000)};
    builder->sender = read_mailbox(builder, "user@sender.example");
    builder->plan = (struct plan){.sender = &builder->sender,
                                  .recipients = builder->recipients,
                                  .message = span_of_string(message),
                                  .timeout = SECONDS(30),
                                  .quit_timeout = SECONDS(3)};
    builder->record = (struct record){.arena = &builder->arena,
                                      .plan = &builder->plan,
                                      .domain = "example.com",
                                      .port = 25,
                                      .dns_server = "192.0.2.53",
                                      .started = BUILDER_STARTED,
                                      .began = builder->now};
    builder_add_recipient(builder, "user@example.com");
}

void builder_clear(struct record_builder *builder)
{
    for (size_t i = 0; i < builder->record.attempt_count; i++)
        dialogue_clear(&builder->record.attempts[i]->dialogue);
    arena_clear(&builder->arena);
}

void builder_add_recipient(struct record_builder *builder, const char *mailbox)
{
    if (builder->plan.recipient_count == BUILDER_RECIPIENTS)
        fail_builder("too many recipients", mailbox);
    builder->recipients[builder->plan.recipient_count++] = read_mailbox(builder, mailbox);
}

void builder_log_in(struct record_builder *builder, enum auth_policy policy, const char *mechanisms)
{
    builder->plan.auth = policy;
    builder->record.auth_user = "jo";
    builder->allowed_mechanisms = mechanisms;
}

/* --- Names --- */

struct dns_answer *builder_answer(struct record_builder *builder, const char *name, enum dns_type type,
                                  enum dns_status status)
{
    struct dns_answer *answer = ARENA_NEW(&builder->arena, struct dns_answer);
    answer->name = arena_copy_string(&builder->arena, name);
    answer->type = type;
    answer->status = status;
    answer->ede = -1;
    answer->records = ARENA_ARRAY(&builder->arena, struct dns_record, BUILDER_HOSTS);
    answer->asked = builder->now;
    builder->now += MILLISECONDS(4);
    answer->answered = builder->now;
    return answer;
}

static struct dns_record *add_record(struct dns_answer *answer)
{
    if (answer->record_count == BUILDER_HOSTS)
        fail_builder("too many records", answer->name);
    answer->status = DNS_FOUND;
    struct dns_record *record = &answer->records[answer->record_count++];
    record->type = answer->type;
    return record;
}

void builder_add_mx(struct record_builder *builder, struct dns_answer *mx, unsigned preference,
                    const char *exchange)
{
    struct dns_record *record = add_record(mx);
    record->as.mx.preference = (uint16_t)preference;
    record->as.mx.exchange = arena_copy_string(&builder->arena, exchange);
}

void builder_add_srv(struct record_builder *builder, struct dns_answer *answer, unsigned port,
                     const char *target)
{
    struct dns_record *record = add_record(answer);
    record->as.srv.port = (uint16_t)port;
    record->as.srv.target = arena_copy_string(&builder->arena, target);
}

void builder_add_alias(struct record_builder *builder, struct dns_answer *answer, const char *alias)
{
    if (answer->alias_count == DNS_ALIAS_LIMIT)
        fail_builder("too many aliases", alias);
    if (!answer->aliases)
        answer->aliases = ARENA_ARRAY(&builder->arena, char *, DNS_ALIAS_LIMIT);
    answer->aliases[answer->alias_count++] = arena_copy_string(&builder->arena, alias);
}

static unsigned draw_last(unsigned bound)
{
    return bound - 1; /* leaves equals in the order of the answer */
}

void builder_route(struct record_builder *builder, struct dns_answer *mx)
{
    route_from_mx(&builder->record.route, builder->record.domain, mx, ROUTE_MX_LIMIT, draw_last,
                  &builder->arena);
    tell(builder, EVENT_RESOLVED, 0);
}

void builder_server(struct record_builder *builder, const char *host, unsigned port)
{
    builder->record.server = host;
    builder->record.port = port;
    route_to_host(&builder->record.route, host, &builder->arena);
    tell(builder, EVENT_RESOLVED, 0);
}

static void add_address(struct dns_answer *answer, const char *text)
{
    struct dns_address *address = &add_record(answer)->as.address;
    address->family = answer->type == DNS_AAAA ? AF_INET6 : AF_INET;
    snprintf(address->text, sizeof address->text, "%s", text);
    if (inet_pton(address->family, text, address->octets) != 1)
        fail_builder("not an address", text);
}

/** Addresses for documentation are reserved, but in a test they stand for public ones. */
static void call_public(struct route_host *host)
{
    for (size_t i = 0; i < host->address_count; i++)
        if (host->addresses[i].kind == ADDRESS_RESERVED)
            host->addresses[i].kind = ADDRESS_PUBLIC;
}

void builder_resolve(struct record_builder *builder, size_t host, const char *addresses)
{
    struct route_host *found = &builder->record.route.hosts[host];
    struct dns_answer *a = builder_answer(builder, found->name, DNS_A, DNS_NO_DATA);
    struct dns_answer *aaaa = builder_answer(builder, found->name, DNS_AAAA, DNS_NO_DATA);
    struct span rest = span_of_string(addresses), address;
    while (span_next_token(&rest, " ", &address))
        add_address(memchr(address.at, ':', address.size) ? aaaa : a,
                    arena_copy(&builder->arena, address).at);
    route_host_resolved(found, a, aaaa, ROUTE_ADDRESS_LIMIT, &builder->arena);
    call_public(found);
    tell(builder, EVENT_HOST_RESOLVED, host);
}

void builder_resolve_fails(struct record_builder *builder, size_t host, enum dns_status status)
{
    struct route_host *found = &builder->record.route.hosts[host];
    struct dns_answer *a = builder_answer(builder, found->name, DNS_A, status);
    struct dns_answer *aaaa = builder_answer(builder, found->name, DNS_AAAA, status);
    route_host_resolved(found, a, aaaa, ROUTE_ADDRESS_LIMIT, &builder->arena);
    tell(builder, EVENT_HOST_RESOLVED, host);
}

void builder_usual_route(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "mx1.example.com");
    builder_route(builder, mx);
    builder_resolve(builder, 0, "192.0.2.25");
}

/* --- TLS --- */

static struct tls_certificate *leaf_for(struct record_builder *builder, const char *host)
{
    struct tls_certificate *leaf = ARENA_NEW(&builder->arena, struct tls_certificate);
    struct span *names = ARENA_ARRAY(&builder->arena, struct span, 1);
    names[0] = span_of_string(host);
    leaf->subject = span_of_string(arena_printf(&builder->arena, "CN=%s", host));
    leaf->issuer = SPAN("CN=Example Authority");
    leaf->common_name = span_of_string(host);
    leaf->dns_names = names;
    leaf->dns_name_count = 1;
    leaf->not_before = BUILDER_STARTED - 29 * 86400;
    leaf->not_after = BUILDER_STARTED + 61 * 86400;
    leaf->days_left = 61;
    memset(leaf->sha256, 'a', sizeof leaf->sha256 - 1);
    memset(leaf->spki_sha256, 'b', sizeof leaf->spki_sha256 - 1);
    leaf->serial = "01";
    leaf->key_type = "EC P-256";
    leaf->key_bits = 256;
    leaf->signature = "ecdsa-with-SHA256";
    return leaf;
}

/** A session without fault. */
static struct tls_facts *sound_session(struct record_builder *builder, const char *host)
{
    static const struct tls_judgement holds = {.was_taken = true, .ok = true, .depth = -1};
    struct tls_facts *tls = ARENA_NEW(&builder->arena, struct tls_facts);
    *tls = (struct tls_facts){
        .finished = true,
        .alert = -1,
        .version = "TLSv1.3",
        .cipher = "TLS_AES_256_GCM_SHA384",
        .cipher_bits = 256,
        .group = "X25519",
        .offered_versions = "TLSv1.2 TLSv1.3",
        .offered_ciphers = "DEFAULT@SECLEVEL=2",
        .security_level = 2,
        .sni = host,
        .reference = host,
        .chain = leaf_for(builder, host),
        .chain_count = 1,
        .trust = holds,
        .name = holds,
        .dates = holds,
        .purpose = holds,
        .strength = holds,
        .verified = true,
    };
    return tls;
}

/* --- Connections --- */

static struct attempt *begin_attempt(struct record_builder *builder, size_t host, size_t address)
{
    const struct route_host *found = &builder->record.route.hosts[host];
    struct attempt *attempt = record_add_attempt(&builder->record);
    attempt->host_index = host;
    attempt->host = found->name;
    attempt->address = found->addresses[address];
    attempt->port = builder->record.port;
    attempt->implicit_tls = builder->plan.tls == TLS_IMPLICIT;
    attempt->began = builder->now;
    builder->attempt = attempt;
    builder->told_written = builder->told_answered = 0;
    builder->tls = sound_session(builder, found->name);
    tell(builder, EVENT_CONNECTING, 0);
    return attempt;
}

void builder_connect_fails(struct record_builder *builder, size_t host, size_t address, enum cause cause,
                           int error_number, duration after)
{
    struct attempt *attempt = begin_attempt(builder, host, address);
    builder->now += after;
    attempt->ended = builder->now;
    attempt->result = ATTEMPT_CONNECT_FAILED;
    attempt->cause = cause;
    attempt->error_number = error_number;
    attempt->moved_on = true;
    tell(builder, EVENT_CONNECT_FAILED, 0);
}

static void begin_dialogue(struct record_builder *builder)
{
    struct attempt *attempt = builder->attempt;
    struct authenticator *authenticator = NULL;
    if (builder->allowed_mechanisms) {
        scripted_sasl_init(&builder->sasl, span_of_string(builder->allowed_mechanisms), false);
        authenticator = &builder->sasl.authenticator;
    }
    dialogue_init(&attempt->dialogue, &builder->plan, authenticator, attempt->helo, attempt->host,
                  &builder->arena, builder->now);
}

void builder_connect(struct record_builder *builder, size_t host, size_t address, duration after)
{
    struct attempt *attempt = begin_attempt(builder, host, address);
    builder->now += after;
    attempt->connected = builder->now;
    attempt->result = ATTEMPT_UNDER_WAY;
    attempt->local_address = "198.51.100.7";
    attempt->local_port = 40000;
    attempt->helo = "client.sender.example";
    attempt->round_trips = 1;
    tell(builder, EVENT_CONNECTED, 0);
    if (!attempt->implicit_tls)
        begin_dialogue(builder);
}

/* --- Sessions --- */

/** The same order of events that the probe has. */
static void tell_progress(struct record_builder *builder)
{
    const struct dialogue *dialogue = &builder->attempt->dialogue;
    while (builder->told_written < dialogue->exchange_count || builder->told_answered < dialogue->answered) {
        bool can_tell_written = builder->told_written < dialogue->exchange_count &&
                                (dialogue->exchanges[builder->told_written].written != NEVER ||
                                 dialogue->exchanges[builder->told_written].body_is_cut ||
                                 builder->told_written < dialogue->answered);
        if (can_tell_written) {
            const struct exchange *exchange = &dialogue->exchanges[builder->told_written++];
            if (exchange->has_command || exchange->stage == STAGE_BODY)
                tell(builder, EVENT_SENT, builder->told_written - 1);
        } else if (builder->told_answered < dialogue->answered) {
            tell(builder, EVENT_REPLIED, builder->told_answered++);
        } else {
            break;
        }
    }
}

static void speak(struct record_builder *builder)
{
    struct dialogue *dialogue = &builder->attempt->dialogue;
    while (attempt_has_dialogue(builder->attempt) && dialogue_wish(dialogue) == WISH_WRITE) {
        struct span octets = dialogue_outgoing(dialogue);
        if (builder->takes_little) {
            octets = span_first(octets, builder->takes);
            builder->takes -= octets.size;
        }
        if (octets.size == 0)
            break;
        dialogue_sent(dialogue, octets.size, builder->now);
        tell_progress(builder);
    }
}

static void hear(struct record_builder *builder, struct span octets)
{
    builder->now += MILLISECONDS(10);
    builder->attempt->round_trips++;
    dialogue_receive(&builder->attempt->dialogue, octets, builder->now);
    tell_progress(builder);
}

static void hear_reply(struct record_builder *builder, const char *text)
{
    struct buffer octets = BUFFER_EMPTY;
    for (; *text; text++)
        buffer_add_string(&octets, *text == '\n' ? "\r\n" : (char[]){*text, '\0'});
    buffer_add_string(&octets, "\r\n");
    hear(builder, buffer_span(&octets));
    buffer_clear(&octets);
}

static void shake_hands(struct record_builder *builder)
{
    struct attempt *attempt = builder->attempt;
    struct dialogue *dialogue = &attempt->dialogue;
    struct tls_facts *tls = builder->tls;
    attempt->tls = tls;
    tls->began = builder->now;
    tell(builder, EVENT_TLS_STARTED, 0);
    builder->now += MILLISECONDS(30);
    tls->ended = builder->now;
    tell(builder, EVENT_TLS_DONE, 0);
    if (attempt->implicit_tls)
        begin_dialogue(builder);
    if (!tls->finished)
        dialogue_insecure(dialogue, tls->cause, tls->detail, builder->now);
    else if (builder->verification != CAUSE_OK)
        dialogue_insecure(dialogue, builder->verification, NULL, builder->now);
    else if (attempt->implicit_tls)
        dialogue_starts_secured(dialogue, tls->verified);
    else
        dialogue_secured(dialogue, tls->verified, builder->now);
}

static void cancel(struct record_builder *builder, int signal_number)
{
    builder->record.local_cause = CAUSE_CANCELLED;
    builder->record.signal_number = signal_number;
    dialogue_cancel(&builder->attempt->dialogue, CAUSE_CANCELLED, builder->now);
}

static void obey(struct record_builder *builder, struct span order, const char *argument)
{
    struct dialogue *dialogue = &builder->attempt->dialogue;
    if (span_is(order, "!octets")) {
        hear(builder, span_of_string(argument));
    } else if (span_is(order, "!take")) {
        builder->takes_little = true;
        builder->takes = (size_t)atol(argument);
        speak(builder);
    } else if (span_is(order, "!wait")) {
        builder->now += MILLISECONDS(atol(argument));
    } else if (span_is(order, "!tls")) {
        shake_hands(builder);
    } else if (span_is(order, "!broke")) {
        dialogue_insecure(dialogue, builder->tls->cause, builder->tls->detail, builder->now);
    } else if (span_is(order, "!close") || span_is(order, "!reset")) {
        dialogue_peer_closed(dialogue, span_is(order, "!reset") ? CLOSING_RESET : CLOSING_EOF, builder->now);
    } else if (span_is(order, "!silence")) {
        builder->now = dialogue_deadline(dialogue);
        dialogue_expired(dialogue, builder->now);
    } else if (span_is(order, "!cancel")) {
        cancel(builder, atoi(argument));
    } else {
        fail_builder("unknown order", order.at);
    }
}

/** Only what a record of the probe would hold when a connection is over. */
static void close_attempt(struct record_builder *builder)
{
    struct attempt *attempt = builder->attempt;
    enum ending ending = attempt->dialogue.end.ending;
    tell_progress(builder);
    attempt->ended = builder->now;
    attempt->result = ATTEMPT_ENDED;
    attempt->moved_on =
        ending != ENDING_DONE && ending != ENDING_LOCAL && !dialogue_has_greeted(&attempt->dialogue);
    tell(builder, EVENT_CLOSED, 0);
}

void builder_session(struct record_builder *builder, const char *const *script)
{
    struct dialogue *dialogue = &builder->attempt->dialogue;
    for (; *script; script++) {
        struct span rest = span_of_string(*script), order;
        bool is_early = span_starts_with(rest, "!octets") || span_starts_with(rest, "!take");
        if (!is_early)
            speak(builder);
        if (attempt_has_dialogue(builder->attempt) && dialogue_wish(dialogue) == WISH_CLOSE)
            fail_builder("the session is over before", *script);
        if (**script != '!')
            hear_reply(builder, *script);
        else if (span_next_token(&rest, " ", &order))
            obey(builder, order, rest.size ? *script + order.size + 1 : "");
    }
    speak(builder);
    if (dialogue_wish(dialogue) != WISH_CLOSE)
        fail_builder("the session is not over", builder->attempt->host);
    close_attempt(builder);
}

void builder_end(struct record_builder *builder)
{
    builder->record.ended = builder->now;
    tell(builder, EVENT_END, 0);
}
