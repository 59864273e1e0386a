/* Findings about STARTTLS, the handshake and the certificate. */
#include "diagnose/rules.h"

#include "diagnose/verdict.h"

enum { EXPIRES_SOON_DAYS = 14 };

/* --- STARTTLS --- */

static void add_first(struct finding_list *list, struct finding *finding, const struct dialogue_end *end)
{
    if (end->first.size)
        finding_span(list, finding, "first", end->first);
}

static void add_refusal(const struct record *record, struct finding_list *list, struct finding *finding,
                        const struct attempt *attempt, size_t index)
{
    const struct explanation *explanation = explain_exchange(record, attempt, index, list->arena);
    finding_number(list, finding, "code", attempt->dialogue.exchanges[index].reply->code);
    finding_text(list, finding, "cause", explanation ? cause_name(explanation->cause) : NULL);
}

static void starttls_ended_it(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    if (!attempt || !attempt_has_dialogue(attempt) || attempt->dialogue.end.stage != STAGE_STARTTLS)
        return;
    const struct dialogue_end *end = &attempt->dialogue.end;
    if (end->ending != ENDING_INSECURE || !cause_is_finding(end->cause))
        return;
    struct finding *finding = finding_add_at(list, end->cause, attempt, STAGE_STARTTLS);
    add_first(list, finding, end);
    if (end->cause == CAUSE_STARTTLS_REFUSED)
        add_refusal(record, list, finding, attempt, end->decisive);
    finding_text(list, finding, "reason", end->detail);
}

/** Went on in the clear, because the policy allows it: worth knowing all the same. */
static void no_starttls(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    if (!attempt || !attempt_has_dialogue(attempt) || !attempt->dialogue.clear_capabilities.domain.at ||
        attempt->dialogue.notes.in_tls || attempt->dialogue.notes.tls_was_tried ||
        record->plan->tls == TLS_NONE || attempt->in_clear_again || finding_is_there(list, CAUSE_STARTTLS_NOT_SUPPORTED) ||
        finding_is_there(list, CAUSE_STARTTLS_STRIPPED))
        return;
    bool stripped = attempt->dialogue.clear_capabilities.looks_stripped || attempt->dialogue.notes.greeting_is_masked;
    struct finding *finding = finding_add_at(
        list, stripped ? CAUSE_STARTTLS_STRIPPED : CAUSE_STARTTLS_NOT_SUPPORTED, attempt, STAGE_STARTTLS);
    if (stripped)
        finding_text(list, finding, "marks", attempt->dialogue.notes.greeting_is_masked ? "greeting of asterisks"
                                                                                        : "XXXXXXXA");
}

/** --tls-optional: a refusal that was tolerated. */
static void starttls_refused_tolerated(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    if (!attempt || !attempt->dialogue.notes.went_on_in_clear)
        return;
    for (size_t i = 0; i < attempt->dialogue.answered; i++) {
        const struct exchange *exchange = &attempt->dialogue.exchanges[i];
        if (exchange->stage != STAGE_STARTTLS || !exchange->reply || exchange->reply->code == 220)
            continue;
        struct finding *finding = finding_add_at(list, CAUSE_STARTTLS_REFUSED, attempt, STAGE_STARTTLS);
        finding->severity = SEVERITY_WARNING;
        add_refusal(record, list, finding, attempt, i);
    }
}

static void starttls_offered_twice(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    if (attempt && attempt->dialogue.notes.starttls_offered_in_tls)
        finding_add_at(list, CAUSE_STARTTLS_OFFERED_TWICE, attempt, STAGE_EHLO);
}

/* --- The handshake --- */

static void add_handshake_evidence(struct finding_list *list, struct finding *finding, const struct tls_facts *tls)
{
    if (tls->alert >= 0)
        finding_number(list, finding, "alert", tls->alert);
    finding_text(list, finding, "reason", tls->detail);
    if (tls->first.size)
        finding_span(list, finding, "first", tls->first);
    if (tls->cause == CAUSE_TLS_NO_COMMON_VERSION) {
        finding_text(list, finding, "ours", tls->offered_versions);
        finding_text(list, finding, "theirs", tls->their_version);
    }
    if (tls->cause == CAUSE_TLS_NO_COMMON_CIPHER)
        finding_text(list, finding, "ours", tls->offered_ciphers);
}

static void handshake_failed(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct tls_facts *tls = attempt->tls;
        bool is_told = attempt->dialogue.end.ending == ENDING_CLOSED || attempt->dialogue.end.ending == ENDING_TIMEOUT;
        if (!tls || tls->finished || tls->cause == CAUSE_OK || is_told || !cause_is_finding(tls->cause))
            continue;
        struct finding *finding = finding_add_at(list, tls->cause, attempt, STAGE_TLS);
        add_handshake_evidence(list, finding, tls);
        if (record->plan->tls == TLS_OPTIONAL)
            finding->severity = SEVERITY_WARNING;
    }
}

static const struct attempt *attempt_in_tls(const struct record *record)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    return attempt && attempt->tls && attempt->tls->finished ? attempt : NULL;
}

static bool is_submission_port(unsigned port)
{
    return port == 465 || port == 587;
}

static void tls_version_old(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = attempt_in_tls(record);
    if (!attempt || strcmp(attempt->tls->version, "TLSv1.2") == 0 || strcmp(attempt->tls->version, "TLSv1.3") == 0)
        return;
    struct finding *finding = finding_add_at(list, CAUSE_TLS_VERSION_OLD, attempt, STAGE_TLS);
    finding_text(list, finding, "version", attempt->tls->version);
    if (is_submission_port(attempt->port))
        finding->severity = SEVERITY_ERROR;
}

static void tls_cipher_weak(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = attempt_in_tls(record);
    if (!attempt || !attempt->tls->cipher_weakness)
        return;
    struct finding *finding = finding_add_at(list, CAUSE_TLS_CIPHER_WEAK, attempt, STAGE_TLS);
    finding_text(list, finding, "cipher", attempt->tls->cipher);
}

/* --- The certificate --- */

static const char *utc_date(struct arena *arena, time_t time)
{
    char text[32];
    struct tm tm;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &tm));
    return arena_copy_string(arena, text);
}

static void add_names(struct finding_list *list, struct finding *finding, const struct tls_facts *tls)
{
    const struct tls_certificate *leaf = &tls->chain[0];
    size_t count = leaf->dns_name_count + leaf->ip_address_count;
    struct span *names = ARENA_ARRAY(list->arena, struct span, count + 1);
    if (leaf->dns_name_count)
        memcpy(names, leaf->dns_names, leaf->dns_name_count * sizeof *names);
    if (leaf->ip_address_count)
        memcpy(names + leaf->dns_name_count, leaf->ip_addresses, leaf->ip_address_count * sizeof *names);
    finding_text(list, finding, "wanted", tls->reference);
    finding_spans(list, finding, "names", names, count);
    if (tls->would_match_cn)
        finding_span(list, finding, "cn", leaf->common_name);
}

/** Its depth would not do: what is sent need not be in order, and an authority is not sent at all. */
static const struct tls_certificate *certificate_of(const struct tls_facts *tls, const struct tls_judgement *judgement)
{
    return judgement->certificate ? judgement->certificate : &tls->chain[0];
}

static void add_certificate_evidence(struct finding_list *list, struct finding *finding, const struct tls_facts *tls,
                                     const struct tls_judgement *judgement)
{
    const struct tls_certificate *certificate = certificate_of(tls, judgement);
    switch (judgement->cause) {
    case CAUSE_CERTIFICATE_EXPIRED:
        finding_text(list, finding, "not_after", utc_date(list->arena, certificate->not_after));
        break;
    case CAUSE_CERTIFICATE_NOT_YET_VALID:
        finding_text(list, finding, "not_before", utc_date(list->arena, certificate->not_before));
        break;
    case CAUSE_CERTIFICATE_HOST_MISMATCH:
        add_names(list, finding, tls);
        break;
    case CAUSE_CERTIFICATE_NOT_TRUSTED:
    case CAUSE_CERTIFICATE_CHAIN_INCOMPLETE:
        finding_span(list, finding, "issuer", certificate->issuer);
        break;
    case CAUSE_CERTIFICATE_SELF_SIGNED:
        finding_span(list, finding, "subject", certificate->subject);
        break;
    case CAUSE_CERTIFICATE_WEAK:
        finding_text(list, finding, "key",
                     arena_printf(list->arena, "%s %d", certificate->key_type, certificate->key_bits));
        finding_text(list, finding, "signature", certificate->signature);
        break;
    case CAUSE_CERTIFICATE_PURPOSE:
        finding_text(list, finding, "usage", judgement->reason);
        break;
    default:
        finding_text(list, finding, "reason", judgement->reason);
    }
    if (judgement->depth >= 0)
        finding_number(list, finding, "depth", judgement->depth);
}

static void judgements(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = attempt_in_tls(record);
    if (!attempt || attempt->tls->chain_count == 0)
        return;
    const struct tls_facts *tls = attempt->tls;
    const struct tls_judgement *const all[] = {&tls->dates, &tls->strength, &tls->purpose, &tls->trust, &tls->name};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->was_taken && !all[i]->ok)
            add_certificate_evidence(list, finding_add_at(list, all[i]->cause, attempt, STAGE_TLS), tls, all[i]);
}

static void certificate_expires_soon(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = attempt_in_tls(record);
    for (size_t i = 0; attempt && i < attempt->tls->chain_count; i++) {
        const struct tls_certificate *certificate = &attempt->tls->chain[i];
        if (certificate->days_left < 0 || certificate->days_left >= EXPIRES_SOON_DAYS)
            continue;
        struct finding *finding = finding_add_at(list, CAUSE_CERTIFICATE_EXPIRES_SOON, attempt, STAGE_TLS);
        finding_text(list, finding, "not_after", utc_date(list->arena, certificate->not_after));
        finding_number(list, finding, "days", (double)certificate->days_left);
    }
}

static void certificate_chain_untidy(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = attempt_in_tls(record);
    if (attempt && attempt->tls->chain_untidy)
        finding_text(list, finding_add_at(list, CAUSE_CERTIFICATE_CHAIN_UNTIDY, attempt, STAGE_TLS), "what",
                     attempt->tls->chain_untidy);
}

finding_rule *const rules_tls[] = {
    starttls_ended_it, no_starttls, starttls_refused_tolerated, starttls_offered_twice, handshake_failed,
    tls_version_old, tls_cipher_weak, judgements, certificate_expires_soon, certificate_chain_untidy, NULL,
};
