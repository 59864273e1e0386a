/* Findings about STARTTLS, the handshake and the certificate. */
#include "diagnose/rules.h"

#include "base/timestamp.h"
#include "diagnose/verdict.h"

enum { EXPIRES_SOON_DAYS = 14 };

/* --- STARTTLS --- */

static void add_refusal(const struct record *record, struct finding_list *list, struct finding *finding,
                        size_t index)
{
    const struct explanation *explanation =
        explain_exchange(record, finding->attempt, index, list->catalog, list->arena);
    finding_number(list, finding, "code", finding->attempt->dialogue.exchanges[index].reply->code);
    finding_text(list, finding, "cause", explanation ? cause_name(explanation->cause) : NULL);
}

static void add_marks(struct finding_list *list, struct finding *finding)
{
    const struct dialogue *dialogue = &finding->attempt->dialogue;
    struct span marks[2];
    size_t count = 0;
    if (dialogue->notes.greeting_is_masked)
        marks[count++] = SPAN("greeting of asterisks");
    if (dialogue->clear_capabilities.looks_stripped)
        marks[count++] = SPAN("XXXXXXXA in place of a keyword");
    finding_spans(list, finding, "marks", marks, count);
}

static void starttls_ended_it(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
    if (!attempt || attempt->dialogue.end.ending != ENDING_INSECURE)
        return;
    const struct dialogue_end *end = &attempt->dialogue.end;
    switch (end->cause) {
    case CAUSE_STARTTLS_NOT_SUPPORTED:
        finding_add_at(list, end->cause, attempt, STAGE_STARTTLS);
        break;
    case CAUSE_STARTTLS_STRIPPED:
        add_marks(list, finding_add_at(list, end->cause, attempt, STAGE_STARTTLS));
        break;
    case CAUSE_STARTTLS_REFUSED:
        add_refusal(record, list, finding_add_at(list, end->cause, attempt, STAGE_STARTTLS), end->decisive);
        break;
    case CAUSE_STARTTLS_INJECTION:
        finding_span(list, finding_add_at(list, end->cause, attempt, STAGE_STARTTLS), "first", end->first);
        break;
    default:
        break;
    }
}

/** Whether a whole reply to EHLO has come in clear, TLS was none of the user's dislikes, and yet it is not
 * offered. */
static bool lacks_starttls(const struct attempt *attempt)
{
    const struct dialogue *dialogue = &attempt->dialogue;
    const struct plan *plan = dialogue->plan;
    bool was_declined = plan->tls == TLS_NONE || plan->tls == TLS_IMPLICIT;
    return dialogue->clear_capabilities.domain.at && !was_declined &&
           !capability_has(&dialogue->clear_capabilities, EXTENSION_STARTTLS);
}

/** Went on in the clear, because the policy allows it: worth knowing all the same. */
static void went_on_without_starttls(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
    if (!attempt || !lacks_starttls(attempt) || finding_is_there(list, CAUSE_STARTTLS_NOT_SUPPORTED) ||
        finding_is_there(list, CAUSE_STARTTLS_STRIPPED))
        return;
    bool is_stripped =
        attempt->dialogue.clear_capabilities.looks_stripped || attempt->dialogue.notes.greeting_is_masked;
    if (is_stripped)
        add_marks(list, finding_add_at(list, CAUSE_STARTTLS_STRIPPED, attempt, STAGE_STARTTLS));
    else
        finding_add_at(list, CAUSE_STARTTLS_NOT_SUPPORTED, attempt, STAGE_STARTTLS);
}

/** --tls-optional: a refusal that was tolerated. */
static void starttls_refused_tolerated(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
    if (!attempt || !attempt->dialogue.notes.went_on_in_clear)
        return;
    for (size_t i = 0; i < attempt->dialogue.answered; i++) {
        const struct exchange *exchange = &attempt->dialogue.exchanges[i];
        if (exchange->stage != STAGE_STARTTLS || !exchange->reply || exchange->reply->code == 220)
            continue;
        struct finding *finding = finding_add_at(list, CAUSE_STARTTLS_REFUSED, attempt, STAGE_STARTTLS);
        finding->severity = SEVERITY_WARNING;
        add_refusal(record, list, finding, i);
    }
}

static void starttls_offered_twice(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
    if (attempt && attempt->dialogue.notes.starttls_offered_in_tls)
        finding_add_at(list, CAUSE_STARTTLS_OFFERED_TWICE, attempt, STAGE_EHLO);
}

/* --- The handshake --- */

static void add_handshake_evidence(struct finding_list *list, struct finding *finding,
                                   const struct tls_facts *tls)
{
    switch (finding->id) {
    case CAUSE_TLS_NOT_SPOKEN:
        finding_span(list, finding, "first", tls->first);
        break;
    case CAUSE_TLS_HANDSHAKE_FAILED:
        if (tls->alert >= 0)
            finding_number(list, finding, "alert", tls->alert);
        finding_text(list, finding, "reason", tls->detail);
        break;
    case CAUSE_TLS_NO_COMMON_VERSION:
        finding_text(list, finding, "ours", tls->offered_versions);
        finding_text(list, finding, "theirs", tls->their_version);
        break;
    case CAUSE_TLS_NO_COMMON_CIPHER:
        finding_text(list, finding, "ours", tls->offered_ciphers);
        break;
    case CAUSE_TLS_CIPHER_WEAK:
        finding_text(list, finding, "cipher", tls->detail);
        break;
    default:
        break;
    }
}

/** Silence and a close are told by the rules of the dialogue, whatever was under way. */
static bool is_silence(enum cause cause)
{
    return cause == CAUSE_REPLY_TIMEOUT || cause == CAUSE_CLOSED_BY_SERVER || cause == CAUSE_CONNECTION_RESET;
}

static void handshake_failed(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct tls_facts *tls = attempt->tls;
        if (!tls || tls->cause == CAUSE_OK || is_silence(tls->cause) || !cause_is_finding(tls->cause))
            continue;
        struct finding *finding = finding_add_at(list, tls->cause, attempt, STAGE_TLS);
        finding->severity = record->plan->tls == TLS_OPTIONAL ? SEVERITY_WARNING : SEVERITY_ERROR;
        add_handshake_evidence(list, finding, tls);
    }
}

static const struct tls_facts *session_of(const struct attempt *attempt)
{
    return attempt->tls && attempt->tls->finished ? attempt->tls : NULL;
}

static bool is_old(const char *version)
{
    return strcmp(version, "TLSv1.2") != 0 && strcmp(version, "TLSv1.3") != 0;
}

static void tls_version_old(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct tls_facts *tls = session_of(attempt);
        if (!tls || !is_old(tls->version))
            continue;
        struct finding *finding = finding_add_at(list, CAUSE_TLS_VERSION_OLD, attempt, STAGE_TLS);
        finding_text(list, finding, "version", tls->version);
        if (port_is_for_submission(attempt->port))
            finding->severity = SEVERITY_ERROR;
    }
}

static void tls_cipher_weak(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct tls_facts *tls = session_of(attempt);
        if (!tls || !tls->cipher_weakness)
            continue;
        struct finding *finding = finding_add_at(list, CAUSE_TLS_CIPHER_WEAK, attempt, STAGE_TLS);
        finding_text(list, finding, "cipher",
                     arena_printf(list->arena, "%s (%s)", tls->cipher, tls->cipher_weakness));
    }
}

/* --- The certificate --- */

static const char *utc_date(struct arena *arena, time_t time)
{
    char text[TIMESTAMP_SIZE];
    return arena_copy_string(arena, timestamp_format(time, text));
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
static const struct tls_certificate *certificate_of(const struct tls_facts *tls,
                                                    const struct tls_judgement *judgement)
{
    return judgement->certificate ? judgement->certificate : &tls->chain[0];
}

static const char *key_of(const struct tls_certificate *certificate, struct arena *arena)
{
    if (certificate->key_bits == 0)
        return certificate->key_type;
    return arena_printf(arena, "%s, %d bits", certificate->key_type, certificate->key_bits);
}

static void add_certificate_evidence(struct finding_list *list, struct finding *finding,
                                     const struct tls_facts *tls, const struct tls_judgement *judgement)
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
        finding_text(list, finding, "key", key_of(certificate, list->arena));
        finding_text(list, finding, "signature", certificate->signature);
        break;
    case CAUSE_CERTIFICATE_PURPOSE:
        finding_text(list, finding, "usage", judgement->reason);
        break;
    default:
        finding_text(list, finding, "reason", judgement->reason);
    }
    if (finding_wants(finding, "depth") && judgement->depth >= 0)
        finding_number(list, finding, "depth", judgement->depth);
}

/** A session without a certificate has nothing to judge; where proof was demanded that ended it. */
static void nothing_to_judge(struct finding_list *list, const struct attempt *attempt)
{
    if (attempt->dialogue.end.cause == CAUSE_VALIDATION_FAILURE)
        finding_text(list, finding_add_at(list, CAUSE_VALIDATION_FAILURE, attempt, STAGE_TLS), "reason",
                     "the server showed no certificate");
}

/** Each is taken by itself, and all that fail are told. */
static void judgements(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct tls_facts *tls = session_of(attempt);
        if (!tls)
            continue;
        if (tls->chain_count == 0) {
            nothing_to_judge(list, attempt);
            continue;
        }
        const struct tls_judgement *const all[] = {&tls->dates, &tls->strength, &tls->purpose, &tls->trust,
                                                   &tls->name};
        for (size_t j = 0; j < sizeof all / sizeof *all; j++)
            if (all[j]->was_taken && !all[j]->ok)
                add_certificate_evidence(list, finding_add_at(list, all[j]->cause, attempt, STAGE_TLS), tls,
                                         all[j]);
    }
}

/** The one of the chain that ends first, if that is soon; what has ended is told already. */
static const struct tls_certificate *soonest_to_end(const struct tls_facts *tls)
{
    const struct tls_certificate *soonest = NULL;
    for (size_t i = 0; i < tls->chain_count; i++) {
        const struct tls_certificate *certificate = &tls->chain[i];
        if (certificate->days_left >= 0 && certificate->days_left < EXPIRES_SOON_DAYS &&
            (!soonest || certificate->not_after < soonest->not_after))
            soonest = certificate;
    }
    return soonest;
}

static void certificate_expires_soon(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct tls_certificate *certificate = session_of(attempt) ? soonest_to_end(attempt->tls) : NULL;
        if (!certificate)
            continue;
        struct finding *finding = finding_add_at(list, CAUSE_CERTIFICATE_EXPIRES_SOON, attempt, STAGE_TLS);
        finding_text(list, finding, "not_after", utc_date(list->arena, certificate->not_after));
        finding_number(list, finding, "days", (double)certificate->days_left);
    }
}

static void certificate_chain_untidy(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        if (session_of(attempt) && attempt->tls->chain_untidy)
            finding_text(list, finding_add_at(list, CAUSE_CERTIFICATE_CHAIN_UNTIDY, attempt, STAGE_TLS),
                         "what", attempt->tls->chain_untidy);
    }
}

finding_rule *const rules_tls[] = {
    starttls_ended_it,
    went_on_without_starttls,
    starttls_refused_tolerated,
    starttls_offered_twice,
    handshake_failed,
    tls_version_old,
    tls_cipher_weak,
    judgements,
    certificate_expires_soon,
    certificate_chain_untidy,
    NULL,
};
