/*
 * The JSON report. Each function makes the object of one struct; members whose
 * value is not known are null, so that consumers find every key.
 */
#include "report/json.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "config.h"
#include "report/explanation_json.h"
#include "report/received.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

struct json_reporter {
    struct reporter base;
    const struct report_settings *settings;
    const struct record *record;
    struct arena arena;
    size_t room;     /* octets of the document that words of servers may still take */
    size_t left_out; /* lines and names for which there was none */
};

enum { ITEM_OVERHEAD = 64 }; /* octets that indentation, keys and quotes take for an item of a list */

/* --- Small values --- */

static json_t *text(const struct json_reporter *reporter, struct span span)
{
    return json_text(span, reporter->settings->secrets);
}

static json_t *string(const struct json_reporter *reporter, const char *value)
{
    return value ? text(reporter, span_of_string(value)) : json_null();
}

static json_t *strings(const struct json_reporter *reporter, const char *const *values, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, string(reporter, values[i]));
    return array;
}

static json_t *spans(const struct json_reporter *reporter, const struct span *values, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, text(reporter, values[i]));
    return array;
}

/** What an item takes of the document at most: an octet may become "\\u001b". */
static size_t cost_of(struct span item)
{
    size_t cost = ITEM_OVERHEAD;
    for (size_t i = 0; i < item.size; i++)
        cost += item.at[i] >= ' ' && item.at[i] < 0x7f && item.at[i] != '"' && item.at[i] != '\\' ? 1 : 6;
    return cost;
}

/** Takes the room for what a server said. @return false if there is none: it is counted, and left out */
static bool takes_room(struct json_reporter *reporter, struct span item)
{
    size_t cost = cost_of(item);
    bool fits = cost <= reporter->room;
    if (fits)
        reporter->room -= cost;
    else
        reporter->left_out++;
    return fits;
}

static json_t *server_spans(struct json_reporter *reporter, const struct span *values, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        if (takes_room(reporter, values[i]))
            json_array_append_new(array, text(reporter, values[i]));
    return array;
}

static json_t *number_or_null(long long number, bool is_known)
{
    return is_known ? json_integer(number) : json_null();
}

static json_t *span_between(instant from, instant to)
{
    return from != NEVER && to != NEVER ? json_seconds(duration_in_seconds(to - from)) : json_null();
}

static json_t *wall_clock(time_t time)
{
    char value[TIMESTAMP_SIZE];
    return json_own_text(timestamp_format(time, value));
}

static json_t *enhanced(struct enhanced_status status)
{
    char value[ENHANCED_STATUS_TEXT_SIZE];
    return status.class ? json_own_text(enhanced_status_format(status, value)) : json_null();
}

static json_t *cause_or_null(enum cause cause)
{
    return cause == CAUSE_OK ? json_null() : json_own_text(cause_name(cause));
}

/* --- Target and resolution --- */

static json_t *target_object(const struct json_reporter *reporter)
{
    const struct record *record = reporter->record;
    json_t *recipients = json_array();
    for (size_t i = 0; i < record->plan->recipient_count; i++)
        json_array_append_new(recipients, text(reporter, record->plan->recipients[i].text));
    json_t *object = json_object();
    json_object_set_new(object, "domain", string(reporter, record->domain));
    json_object_set_new(object, "server", string(reporter, record->server));
    json_object_set_new(object, "port", json_integer(record->port));
    json_object_set_new(object, "sender",
                        record->plan->sender ? text(reporter, record->plan->sender->text) : json_null());
    json_object_set_new(object, "recipients", recipients);
    json_object_set_new(object, "protocol", json_own_text(record->plan->lmtp ? "lmtp" : "smtp"));
    json_object_set_new(object, "started", wall_clock(record->started));
    json_object_set_new(object, "seconds", span_between(record->began, record->ended));
    return object;
}

static json_t *lookup_object(const struct json_reporter *reporter, const struct dns_answer *answer)
{
    if (!answer)
        return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "name", string(reporter, answer->name));
    json_object_set_new(object, "type", json_own_text(dns_type_name(answer->type)));
    json_object_set_new(object, "status", json_own_text(dns_status_name(answer->status)));
    json_object_set_new(object, "reason", string(reporter, answer->reason));
    json_object_set_new(object, "aliases",
                        strings(reporter, (const char *const *)answer->aliases, answer->alias_count));
    json_object_set_new(object, "authenticated",
                        json_boolean(answer->authenticated && reporter->record->dns_is_trusted));
    json_object_set_new(object, "over_tcp", json_boolean(answer->over_tcp));
    json_object_set_new(object, "ede", number_or_null(answer->ede, answer->ede >= 0));
    json_object_set_new(object, "seconds", span_between(answer->asked, answer->answered));
    return object;
}

static json_t *host_object(const struct json_reporter *reporter, const struct route_host *host)
{
    json_t *addresses = json_array(), *lookups = json_array();
    for (size_t i = 0; i < host->address_count; i++) {
        json_t *address = json_object();
        json_object_set_new(address, "address", string(reporter, host->addresses[i].text));
        json_object_set_new(address, "kind", json_own_text(address_kind_name(host->addresses[i].kind)));
        json_array_append_new(addresses, address);
    }
    if (host->a)
        json_array_append_new(lookups, lookup_object(reporter, host->a));
    if (host->aaaa)
        json_array_append_new(lookups, lookup_object(reporter, host->aaaa));
    json_t *object = json_object();
    json_object_set_new(object, "name", string(reporter, host->name));
    json_object_set_new(object, "preference", json_integer(host->preference));
    json_object_set_new(object, "addresses", addresses);
    json_object_set_new(object, "addresses_left_out", json_integer((json_int_t)host->addresses_left_out));
    json_object_set_new(object, "lookups", lookups);
    json_object_set_new(object, "problem", cause_or_null(host->problem));
    json_object_set_new(object, "reason", string(reporter, host->reason));
    return object;
}

static json_t *submission_object(const struct json_reporter *reporter)
{
    const struct submission_hosts *submission = &reporter->record->submission;
    if (!submission->was_looked_up)
        return json_null();
    json_t *lookups = json_array(), *object = json_object();
    json_array_append_new(lookups, lookup_object(reporter, submission->submissions));
    json_array_append_new(lookups, lookup_object(reporter, submission->submission));
    json_object_set_new(object, "host", string(reporter, submission->host));
    json_object_set_new(object, "port", number_or_null(submission->port, submission->host != NULL));
    json_object_set_new(object, "lookups", lookups);
    return object;
}

static json_t *own_name_object(const struct json_reporter *reporter)
{
    const struct own_name *own = &reporter->record->own_name;
    if (!own->was_looked_up)
        return json_null();
    json_t *lookups = json_array(), *object = json_object();
    json_array_append_new(lookups, lookup_object(reporter, own->reverse));
    json_array_append_new(lookups, lookup_object(reporter, own->forward));
    json_object_set_new(object, "address", string(reporter, own->address));
    json_object_set_new(object, "name", string(reporter, own->name));
    json_object_set_new(object, "confirmed", json_boolean(own->is_confirmed));
    json_object_set_new(object, "lookups", lookups);
    return object;
}

static json_t *resolution_object(const struct json_reporter *reporter)
{
    const struct record *record = reporter->record;
    const struct route *route = &record->route;
    json_t *hosts = json_array(), *object = json_object();
    for (size_t i = 0; i < route->host_count; i++)
        json_array_append_new(hosts, host_object(reporter, &route->hosts[i]));
    json_object_set_new(object, "kind", json_own_text(route_kind_name(route->kind)));
    json_object_set_new(object, "dns_server", string(reporter, record->dns_server));
    json_object_set_new(object, "mx", lookup_object(reporter, route->mx));
    json_object_set_new(object, "hosts", hosts);
    json_object_set_new(object, "hosts_left_out", json_integer((json_int_t)route->hosts_left_out));
    json_object_set_new(object, "submission", submission_object(reporter));
    json_object_set_new(object, "own_name", own_name_object(reporter));
    return object;
}

/* --- TLS --- */

static json_t *judgement_object(const struct json_reporter *reporter, const struct tls_judgement *judgement)
{
    if (!judgement->was_taken)
        return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "ok", json_boolean(judgement->ok));
    json_object_set_new(object, "cause", cause_or_null(judgement->cause));
    json_object_set_new(object, "reason", string(reporter, judgement->reason));
    json_object_set_new(object, "depth", number_or_null(judgement->depth, judgement->depth >= 0));
    return object;
}

/** In text reports bare --tls-get-peer-cert and --tls-get-peer-chain show them among the lines. */
static bool wants_pem(const struct report_settings *settings, bool is_leaf)
{
    return (settings->show_chain && !settings->chain_file) ||
           (is_leaf && settings->show_certificates && !settings->certificate_file);
}

static json_t *certificate_object(struct json_reporter *reporter, const struct tls_certificate *certificate,
                                  bool is_leaf)
{
    json_t *object = json_object();
    json_object_set_new(object, "subject", text(reporter, certificate->subject));
    json_object_set_new(object, "issuer", text(reporter, certificate->issuer));
    json_object_set_new(object, "common_name",
                        certificate->common_name.size ? text(reporter, certificate->common_name)
                                                      : json_null());
    json_object_set_new(object, "dns_names",
                        server_spans(reporter, certificate->dns_names, certificate->dns_name_count));
    json_object_set_new(object, "ip_addresses",
                        server_spans(reporter, certificate->ip_addresses, certificate->ip_address_count));
    json_object_set_new(object, "not_before", wall_clock(certificate->not_before));
    json_object_set_new(object, "not_after", wall_clock(certificate->not_after));
    json_object_set_new(object, "days_left", json_integer(certificate->days_left));
    json_object_set_new(object, "sha256", json_own_text(certificate->sha256));
    json_object_set_new(object, "spki_sha256", json_own_text(certificate->spki_sha256));
    json_object_set_new(object, "serial", string(reporter, certificate->serial));
    json_object_set_new(object, "key_type", string(reporter, certificate->key_type));
    json_object_set_new(object, "key_bits", json_integer(certificate->key_bits));
    json_object_set_new(object, "signature", string(reporter, certificate->signature));
    json_object_set_new(object, "pem",
                        wants_pem(reporter->settings, is_leaf) ? text(reporter, certificate->pem)
                                                               : json_null());
    return object;
}

static json_t *tls_object(struct json_reporter *reporter, const struct tls_facts *facts)
{
    if (!facts)
        return json_null();
    json_t *chain = json_array(), *object = json_object();
    for (size_t i = 0; i < facts->chain_count; i++)
        json_array_append_new(chain, certificate_object(reporter, &facts->chain[i], i == 0));
    json_object_set_new(object, "finished", json_boolean(facts->finished));
    json_object_set_new(object, "cause", cause_or_null(facts->cause));
    json_object_set_new(object, "detail", string(reporter, facts->detail));
    json_object_set_new(object, "alert", number_or_null(facts->alert, facts->alert >= 0));
    json_object_set_new(object, "version", string(reporter, facts->version));
    json_object_set_new(object, "cipher", string(reporter, facts->cipher));
    json_object_set_new(object, "cipher_bits", number_or_null(facts->cipher_bits, facts->cipher_bits > 0));
    json_object_set_new(object, "group", string(reporter, facts->group));
    json_object_set_new(object, "sni", string(reporter, facts->sni));
    json_object_set_new(object, "reference", string(reporter, facts->reference));
    json_object_set_new(object, "security_level", json_integer(facts->security_level));
    json_object_set_new(object, "client_certificate_requested",
                        json_boolean(facts->client_certificate_requested));
    json_object_set_new(object, "client_certificate_sent", json_boolean(facts->client_certificate_sent));
    json_object_set_new(object, "trust", judgement_object(reporter, &facts->trust));
    json_object_set_new(object, "name", judgement_object(reporter, &facts->name));
    json_object_set_new(object, "dates", judgement_object(reporter, &facts->dates));
    json_object_set_new(object, "purpose", judgement_object(reporter, &facts->purpose));
    json_object_set_new(object, "strength", judgement_object(reporter, &facts->strength));
    json_object_set_new(object, "verified", json_boolean(facts->verified));
    json_object_set_new(object, "chain", chain);
    json_object_set_new(object, "seconds", span_between(facts->began, facts->ended));
    return object;
}

/* --- Attempts --- */

static const char *attempt_result_name(enum attempt_result result)
{
    switch (result) {
    case ATTEMPT_CONNECT_FAILED:
        return "connect-failed";
    case ATTEMPT_ENDED:
        return "ended";
    case ATTEMPT_CONNECTING:
    case ATTEMPT_UNDER_WAY:
        break;
    }
    return "cut-short";
}

static json_t *attempt_timings(const struct attempt *attempt)
{
    json_t *object = json_object();
    json_object_set_new(object, "connect", span_between(attempt->began, attempt->connected));
    json_object_set_new(object, "total", span_between(attempt->began, attempt->ended));
    return object;
}

static json_t *capability_array(struct json_reporter *reporter, const struct capability_set *set)
{
    if (!set)
        return json_null();
    json_t *array = json_array();
    for (size_t i = 0; i < set->count; i++) {
        if (!takes_room(reporter, set->all[i].keyword) || !takes_room(reporter, set->all[i].parameters))
            continue;
        json_t *object = json_object();
        json_object_set_new(object, "keyword", text(reporter, set->all[i].keyword));
        json_object_set_new(object, "parameters", text(reporter, set->all[i].parameters));
        json_array_append_new(array, object);
    }
    return array;
}

static enum cause cause_of_attempt(struct json_reporter *reporter, const struct attempt *attempt)
{
    const struct dialogue_end *end = &attempt->dialogue.end;
    if (!attempt->dialogue.plan)
        return attempt->cause;
    if (end->ending != ENDING_REPLY)
        return end->cause;
    const struct explanation *explanation = explain_exchange(reporter->record, attempt, end->decisive,
                                                             reporter->settings->catalog, &reporter->arena);
    return explanation ? explanation->cause : end->cause;
}

static json_t *attempt_object(struct json_reporter *reporter, const struct attempt *attempt)
{
    bool has_dialogue = attempt->dialogue.plan != NULL;
    json_t *object = json_object();
    json_object_set_new(object, "host", string(reporter, attempt->host));
    json_object_set_new(object, "address", string(reporter, attempt->address.text));
    json_object_set_new(object, "family",
                        json_own_text(attempt->address.family == AF_INET6 ? "ipv6" : "ipv4"));
    json_object_set_new(object, "port", json_integer(attempt->port));
    json_object_set_new(object, "local_address", string(reporter, attempt->local_address));
    json_object_set_new(object, "helo", string(reporter, attempt->helo));
    json_object_set_new(object, "result", json_own_text(attempt_result_name(attempt->result)));
    json_object_set_new(object, "cause", cause_or_null(cause_of_attempt(reporter, attempt)));
    json_object_set_new(object, "errno", number_or_null(attempt->error_number, attempt->error_number != 0));
    json_object_set_new(object, "error",
                        attempt->error_number ? json_own_text(strerror(attempt->error_number)) : json_null());
    json_object_set_new(object, "moved_on", json_boolean(attempt->moved_on));
    json_object_set_new(object, "in_clear_again", json_boolean(attempt->in_clear_again));
    json_object_set_new(object, "round_trips", json_integer(attempt->round_trips));
    json_object_set_new(
        object, "capabilities",
        capability_array(reporter, has_dialogue ? dialogue_capabilities(&attempt->dialogue) : NULL));
    json_object_set_new(object, "authenticated",
                        json_boolean(has_dialogue && attempt->dialogue.notes.authenticated));
    json_object_set_new(object, "mechanism",
                        string(reporter, has_dialogue ? attempt->dialogue.notes.mechanism : NULL));
    json_object_set_new(object, "tls", tls_object(reporter, attempt->tls));
    json_object_set_new(object, "timings", attempt_timings(attempt));
    return object;
}

/* --- Exchanges --- */

static json_t *explanation_object(const struct json_reporter *reporter, const struct explanation *explanation)
{
    if (!explanation)
        return json_null();
    struct json_writer writer = {.secrets = reporter->settings->secrets};
    json_writer_begin(&writer, '{');
    explanation_write_json(&writer, explanation);
    json_writer_end(&writer, '}');
    json_t *object = json_of_own_document(buffer_span(&writer.out));
    json_writer_clear(&writer);
    return object;
}

static json_t *reply_lines(struct json_reporter *reporter, const struct reply *reply, struct span masked)
{
    json_t *array = json_array();
    for (size_t i = 0; i < reply->line_count; i++) {
        struct span line = received_line(reply, masked, i);
        if (takes_room(reporter, line))
            json_array_append_new(array, text(reporter, line));
    }
    return array;
}

/** The octets as they came, where `lines` cannot hold them. */
static void set_raw(json_t *object, struct span masked)
{
    struct buffer coded = BUFFER_EMPTY;
    base64_encode(masked, &coded);
    json_object_set_new(object, "raw", json_own_text(buffer_string(&coded)));
    buffer_clear(&coded);
}

static json_t *reply_object(struct json_reporter *reporter, const struct reply *reply)
{
    if (!reply)
        return json_null();
    struct span masked = received_masked(reply, reporter->settings->secrets, &reporter->arena);
    json_t *object = json_object();
    json_object_set_new(object, "code", number_or_null(reply->code, reply->code != 0));
    json_object_set_new(object, "enhanced", enhanced(reply->enhanced));
    json_object_set_new(object, "lines", reply_lines(reporter, reply, masked));
    if ((!printable_is_utf8(reply->raw) || reply->fault != REPLY_SOUND) && takes_room(reporter, reply->raw))
        set_raw(object, masked);
    return object;
}

static json_t *exchange_timings(const struct exchange *exchange)
{
    json_t *object = json_object();
    const struct reply *reply = exchange->reply;
    instant from = exchange->written != NEVER ? exchange->written : exchange->queued;
    json_object_set_new(object, "queued_to_written", span_between(exchange->queued, exchange->written));
    json_object_set_new(object, "first_octet", reply ? span_between(from, reply->first) : json_null());
    json_object_set_new(object, "last_octet", reply ? span_between(from, reply->last) : json_null());
    return object;
}

static json_t *exchange_object(struct json_reporter *reporter, const struct attempt *attempt,
                               size_t attempt_index, size_t index)
{
    const struct exchange *exchange = &attempt->dialogue.exchanges[index];
    json_t *object = json_object();
    json_object_set_new(object, "attempt", json_integer((json_int_t)attempt_index));
    json_object_set_new(object, "stage", json_own_text(stage_name(exchange->stage)));
    json_object_set_new(object, "command",
                        exchange->has_command ? text(reporter, exchange->command) : json_null());
    json_object_set_new(object, "in_tls", json_boolean(exchange->in_tls));
    json_object_set_new(object, "pipelined", json_boolean(exchange->was_pipelined));
    if (exchange->stage == STAGE_BODY) {
        json_object_set_new(object, "octets", json_integer((json_int_t)exchange->body_octets));
        json_object_set_new(object, "complete", json_boolean(exchange->written != NEVER));
    }
    json_object_set_new(object, "reply", reply_object(reporter, exchange->reply));
    const struct explanation *explanation =
        explain_exchange(reporter->record, attempt, index, reporter->settings->catalog, &reporter->arena);
    json_object_set_new(object, "explanation", explanation_object(reporter, explanation));
    json_object_set_new(object, "timings", exchange_timings(exchange));
    return object;
}

static void add_exchanges(struct json_reporter *reporter, json_t *array, size_t attempt_index)
{
    const struct attempt *attempt = reporter->record->attempts[attempt_index];
    for (size_t i = 0; i < attempt->dialogue.exchange_count; i++)
        json_array_append_new(array, exchange_object(reporter, attempt, attempt_index, i));
}

/* --- Findings and verdict --- */

static json_t *evidence_value(const struct json_reporter *reporter, const struct evidence *evidence)
{
    switch (evidence->kind) {
    case EVIDENCE_NUMBER:
        return evidence->number == (double)(json_int_t)evidence->number
                   ? json_integer((json_int_t)evidence->number)
                   : json_seconds(evidence->number);
    case EVIDENCE_LIST:
        return spans(reporter, evidence->list, evidence->list_count);
    case EVIDENCE_UNKNOWN:
        return json_null();
    case EVIDENCE_TEXT:
        break;
    }
    return text(reporter, evidence->text);
}

static json_t *finding_object(const struct json_reporter *reporter, const struct finding *finding)
{
    json_t *evidence = json_object(), *object = json_object();
    for (size_t i = 0; i < finding->evidence_count; i++)
        json_object_set_new(evidence, finding->evidence[i].key,
                            evidence_value(reporter, &finding->evidence[i]));
    json_object_set_new(object, "id", json_own_text(cause_name(finding->id)));
    json_object_set_new(object, "severity", json_own_text(severity_words[finding->severity].name));
    json_object_set_new(object, "title", string(reporter, finding->title));
    json_object_set_new(object, "meaning", string(reporter, finding->meaning));
    json_object_set_new(object, "evidence", evidence);
    json_object_set_new(object, "advice", strings(reporter, finding->advice, finding->advice_count));
    return object;
}

static json_t *verdict_object(const struct json_reporter *reporter, const struct verdict *verdict)
{
    json_t *object = json_object();
    json_object_set_new(object, "outcome", json_own_text(outcome_words[verdict->outcome].name));
    json_object_set_new(object, "stage", json_own_text(stage_name(verdict->stage)));
    json_object_set_new(object, "cause", json_own_text(cause_name(verdict->cause)));
    json_object_set_new(object, "title", string(reporter, verdict->title));
    json_object_set_new(object, "code", number_or_null(verdict->code, verdict->code != 0));
    json_object_set_new(object, "enhanced", enhanced(verdict->enhanced));
    json_object_set_new(object, "retry", json_own_text(retry_words[verdict->retry].name));
    json_object_set_new(object, "exit_status", json_integer(verdict->exit_status));
    return object;
}

/* --- The document --- */

static json_t *make_document(struct json_reporter *reporter, const struct finding_list *findings,
                             const struct verdict *verdict)
{
    json_t *attempts = json_array(), *exchanges = json_array(), *found = json_array(),
           *document = json_object();
    for (size_t i = 0; i < reporter->record->attempt_count; i++) {
        json_array_append_new(attempts, attempt_object(reporter, reporter->record->attempts[i]));
        add_exchanges(reporter, exchanges, i);
    }
    for (size_t i = 0; i < findings->count; i++)
        json_array_append_new(found, finding_object(reporter, findings->all[i]));
    json_object_set_new(document, "schema", json_own_text("smtpprobe.probe/1"));
    json_object_set_new(document, "version", json_own_text(PACKAGE_VERSION));
    json_object_set_new(document, "target", target_object(reporter));
    json_object_set_new(document, "resolution", resolution_object(reporter));
    json_object_set_new(document, "attempts", attempts);
    json_object_set_new(document, "exchanges", exchanges);
    json_object_set_new(document, "findings", found);
    json_object_set_new(document, "verdict", verdict_object(reporter, verdict));
    if (reporter->left_out > 0)
        json_object_set_new(document, "left_out", json_integer((json_int_t)reporter->left_out));
    return document;
}

static bool save_certificates(const struct json_reporter *reporter, const char *path, size_t count)
{
    bool ok = true;
    for (size_t i = 0; path && i < reporter->record->attempt_count; i++) {
        const struct tls_facts *facts = reporter->record->attempts[i]->tls;
        if (facts && facts->chain_count > 0)
            ok &= report_save_certificates(path, facts, count);
    }
    if (!ok)
        fprintf(reporter->settings->errors, "*** The certificate cannot be written to %s: %s\n", path,
                strerror(errno));
    return ok;
}

static void json_follow(struct reporter *base)
{
    (void)base; /* the document is made at the end */
}

static bool json_finish(struct reporter *base, const struct finding_list *findings,
                        const struct verdict *verdict)
{
    struct json_reporter *reporter = (struct json_reporter *)base;
    struct buffer out = BUFFER_EMPTY;
    json_t *document = make_document(reporter, findings, verdict);
    json_write(document, true, &out);
    buffer_add_char(&out, '\n');
    json_decref(document);
    FILE *file = reporter->settings->out;
    bool ok = fwrite(out.data, 1, out.size, file) == out.size && fflush(file) == 0;
    ok &= save_certificates(reporter, reporter->settings->certificate_file, 1);
    ok &= save_certificates(reporter, reporter->settings->chain_file, SIZE_MAX);
    buffer_wipe(&out);
    return ok;
}

static void json_close(struct reporter *base)
{
    struct json_reporter *reporter = (struct json_reporter *)base;
    arena_clear(&reporter->arena);
    free(reporter);
}

struct reporter *json_reporter_open(const struct report_settings *settings, const struct record *record)
{
    struct json_reporter *reporter = memory_allocate(sizeof *reporter);
    reporter->base = (struct reporter){json_follow, json_finish, json_close};
    reporter->settings = settings;
    reporter->record = record;
    reporter->room = REPORT_SERVER_TEXT_LIMIT;
    return &reporter->base;
}
