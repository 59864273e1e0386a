/* Findings about logging in and submission. */
#include "diagnose/rules.h"

#include "sasl/scram.h"

static const struct attempt *attempt_with_dialogue(const struct record *record)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    return attempt && attempt_has_dialogue(attempt) ? attempt : NULL;
}

static const char *mechanisms_of(const struct capability_set *set, struct arena *arena)
{
    struct buffer list = BUFFER_EMPTY;
    for (size_t i = 0; i < set->mechanism_count; i++) {
        if (i)
            buffer_add_char(&list, ' ');
        buffer_add(&list, set->mechanisms[i]);
    }
    const char *copy = arena_copy_string(arena, buffer_string(&list));
    buffer_clear(&list);
    return copy;
}

/** The command that would show the login at the place where it belongs. */
static const char *submission_command(const struct record *record, struct arena *arena)
{
    const struct submission_hosts *submission = &record->submission;
    const struct mailbox *to = record->plan->recipient_count ? &record->plan->recipients[0] : NULL;
    const char *recipient = to ? arena_copy(arena, to->text).at : "user@example.com";
    const char *host = submission->host ? submission->host : arena_printf(arena, "mail.%s", record->domain);
    unsigned port = submission->host ? submission->port : 587;
    const char *tls = port == 465 ? "--tls-on-connect" : "--tls";
    const char *user = record->auth_user && *record->auth_user ? record->auth_user : "USER";
    return arena_printf(arena, "smtpprobe --server %s:%u %s --auth --auth-user %s --to %s", host, port, tls, user,
                        recipient);
}

static void advise_submission(const struct record *record, struct finding_list *list, struct finding *finding)
{
    const struct submission_hosts *submission = &record->submission;
    if (!submission->was_looked_up)
        return;
    const char *where =
        submission->host
            ? arena_printf(list->arena, "%s names %s port %u for its users (SRV); log in there:", record->domain,
                           submission->host, submission->port)
            : arena_printf(list->arena,
                           "%s publishes no submission host (SRV); its users' settings name one, often on port 587 or "
                           "465; try there:", record->domain);
    finding_advise(list, finding, false, arena_printf(list->arena, "%s %s", where,
                                                      submission_command(record, list->arena)));
}

static void add_auth_evidence(const struct record *record, struct finding_list *list, struct finding *finding,
                              const struct attempt *attempt)
{
    const struct dialogue_notes *notes = &attempt->dialogue.notes;
    switch (notes->auth_cause) {
    case CAUSE_AUTH_NOT_OFFERED:
        advise_submission(record, list, finding);
        break;
    case CAUSE_AUTH_NO_COMMON_MECHANISM:
    case CAUSE_AUTH_CLEARTEXT_WITHHELD:
        finding_text(list, finding, "offered", mechanisms_of(dialogue_capabilities(&attempt->dialogue), list->arena));
        finding_text(list, finding, "ours", notes->auth_reason);
        break;
    default:
        finding_text(list, finding, "mechanism", notes->mechanism);
        finding_text(list, finding, "reason", notes->auth_reason);
    }
}

/** Why the login did not come about, short of a reply that refused it. */
static void auth_not_possible(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = attempt_with_dialogue(record);
    if (!attempt || attempt->dialogue.notes.auth_cause == CAUSE_OK ||
        !cause_is_finding(attempt->dialogue.notes.auth_cause))
        return;
    struct finding *finding = finding_add_at(list, attempt->dialogue.notes.auth_cause, attempt, STAGE_AUTH);
    add_auth_evidence(record, list, finding, attempt);
    if (attempt->dialogue.notes.auth_tolerated)
        finding->severity = SEVERITY_WARNING;
}

static void auth_offered_in_clear(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = attempt_with_dialogue(record);
    if (!attempt || attempt->implicit_tls)
        return;
    const struct capability_set *set = &attempt->dialogue.clear_capabilities;
    if (capability_has_mechanism(set, SPAN("PLAIN")) || capability_has_mechanism(set, SPAN("LOGIN")))
        finding_add_at(list, CAUSE_AUTH_OFFERED_IN_CLEAR, attempt, STAGE_EHLO);
}

static bool came_by_mx(const struct record *record)
{
    return record->route.kind == ROUTE_MX || record->route.kind == ROUTE_IMPLICIT;
}

static void auth_on_mx(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = attempt_with_dialogue(record);
    if (!attempt || !came_by_mx(record) || attempt->port != 25)
        return;
    if (dialogue_capabilities(&attempt->dialogue)->mechanism_count)
        finding_add_at(list, CAUSE_AUTH_ON_MX, attempt, STAGE_EHLO);
}

static bool is_strong(struct span mechanism)
{
    return span_starts_with_nocase(mechanism, "SCRAM-") || span_starts_with_nocase(mechanism, "GS") ||
           span_is_nocase(mechanism, "EXTERNAL") || span_is_nocase(mechanism, "OAUTHBEARER") ||
           span_is_nocase(mechanism, "XOAUTH2") || span_is_nocase(mechanism, "PLAIN") ||
           span_is_nocase(mechanism, "LOGIN");
}

static bool offers_strong(const struct capability_set *set)
{
    for (size_t i = 0; i < set->mechanism_count; i++)
        if (is_strong(set->mechanisms[i]))
            return true;
    return false;
}

/**
 * PLAIN and LOGIN inside TLS are no weakness of the mechanism: CRAM-MD5 and its
 * like are what is meant, and SCRAM with fewer rounds than RFC 7677 4 advises.
 */
static void auth_mechanisms_weak(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = attempt_with_dialogue(record);
    const struct capability_set *set = attempt ? dialogue_capabilities(&attempt->dialogue) : NULL;
    if (!set || set->mechanism_count == 0)
        return;
    unsigned long iterations = attempt->dialogue.notes.scram_iterations;
    bool has_few_rounds = iterations > 0 && iterations < SCRAM_ITERATIONS_ADVISED;
    if (offers_strong(set) && !has_few_rounds)
        return;
    struct finding *finding = finding_add_at(list, CAUSE_AUTH_MECHANISMS_WEAK, attempt, STAGE_EHLO);
    finding_text(list, finding, "offered", mechanisms_of(set, list->arena));
    if (has_few_rounds)
        finding_number(list, finding, "iterations", (double)iterations);
}

static bool is_submission_port(unsigned port)
{
    return port == 465 || port == 587;
}

static bool accepted_before_login(const struct dialogue *dialogue, enum stage stage, bool in_clear_only)
{
    for (size_t i = 0; i < dialogue->answered && !dialogue->notes.authenticated; i++) {
        const struct exchange *exchange = &dialogue->exchanges[i];
        if (exchange->stage == stage && exchange->result == EXCHANGE_POSITIVE && !(in_clear_only && exchange->in_tls))
            return true;
    }
    return false;
}

static void submission_without_auth(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = attempt_with_dialogue(record);
    if (attempt && is_submission_port(attempt->port) &&
        accepted_before_login(&attempt->dialogue, STAGE_RCPT, false))
        finding_add_at(list, CAUSE_SUBMISSION_WITHOUT_AUTH, attempt, STAGE_RCPT);
}

static void submission_tls_optional(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = attempt_with_dialogue(record);
    if (attempt && attempt->port == 587 && accepted_before_login(&attempt->dialogue, STAGE_MAIL, true))
        finding_add_at(list, CAUSE_SUBMISSION_TLS_OPTIONAL, attempt, STAGE_MAIL);
}

static void submission_not_offered(const struct record *record, struct finding_list *list)
{
    const struct dns_answer *answers[] = {record->submission.submissions, record->submission.submission};
    for (size_t i = 0; i < 2; i++) {
        const struct dns_answer *answer = answers[i];
        if (!answer || answer->status != DNS_FOUND || strcmp(answer->records[0].as.srv.target, ".") != 0)
            continue;
        struct finding *finding = finding_add(list, CAUSE_SUBMISSION_NOT_OFFERED);
        finding_text(list, finding, "reason", arena_printf(list->arena, "SRV %s has the target \".\"", answer->name));
    }
}

finding_rule *const rules_auth[] = {
    auth_not_possible, auth_offered_in_clear, auth_on_mx, auth_mechanisms_weak, submission_without_auth,
    submission_tls_optional, submission_not_offered, NULL,
};
