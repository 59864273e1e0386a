/* Findings about logging in and submission. */
#include "diagnose/rules.h"

#include "sasl/scram.h"

static void add_offered(struct finding_list *list, struct finding *finding)
{
    const struct capability_set *set = dialogue_capabilities(&finding->attempt->dialogue);
    finding_spans(list, finding, "offered", set->mechanisms, set->mechanism_count);
}

/* --- Where to log in instead --- */

/** A step that ends in the command for the login at the place where it belongs. */
static void advise_login(const struct record *record, struct finding_list *list, struct finding *finding,
                         const char *words, const char *host, unsigned port)
{
    finding_advise_filled(
        record, list, finding,
        arena_printf(list->arena, "%s smtpprobe --server %s:%u %s --auth --auth-user {user} --to {recipient}",
                     words, host, port, port == PORT_SUBMISSIONS ? "--tls-on-connect" : "--tls"));
}

/** Without an SRV record all that can be named is what is usual. */
static void advise_usual_hosts(const struct record *record, struct finding_list *list,
                               struct finding *finding)
{
    const char *guess = arena_printf(list->arena, "mail.%s", record->domain);
    finding_advise(list, finding, false,
                   arena_printf(list->arena,
                                "%s names no submission host in the DNS (no SRV record). The settings that "
                                "its users were given do; what follows is a guess.",
                                record->domain));
    advise_login(record, list, finding, "Try the usual name on port 587:", guess, PORT_SUBMISSION);
    advise_login(record, list, finding, "Or on port 465, with TLS from the start:", guess, PORT_SUBMISSIONS);
}

static void advise_submission(const struct record *record, struct finding_list *list, struct finding *finding)
{
    const struct submission_hosts *submission = &record->submission;
    if (!submission->was_looked_up)
        return;
    if (!submission->from_srv) {
        advise_usual_hosts(record, list, finding);
        return;
    }
    advise_login(record, list, finding,
                 arena_printf(list->arena, "%s names %s, port %u, for its users (SRV record). Log in there:",
                              record->domain, submission->host, submission->port),
                 submission->host, submission->port);
}

/* --- What became of the login --- */

/** The authenticator's own words know best what would help. */
static void advise_by_reason(struct finding_list *list, struct finding *finding, const char *reason)
{
    if (reason)
        finding_advise(list, finding, false,
                       arena_printf(list->arena, "What stands in the way: %s.", reason));
}

static void add_auth_evidence(const struct record *record, struct finding_list *list, struct finding *finding)
{
    const struct dialogue_notes *notes = &finding->attempt->dialogue.notes;
    switch (finding->id) {
    case CAUSE_AUTH_NOT_OFFERED:
        advise_submission(record, list, finding);
        break;
    case CAUSE_AUTH_NO_COMMON_MECHANISM:
        add_offered(list, finding);
        finding_text(list, finding, "ours", notes->auth_ours);
        advise_by_reason(list, finding, notes->auth_reason);
        break;
    case CAUSE_AUTH_CLEARTEXT_WITHHELD:
        add_offered(list, finding);
        advise_by_reason(list, finding, notes->auth_reason);
        break;
    case CAUSE_AUTH_EXCHANGE_INVALID:
        finding_text(list, finding, "mechanism", notes->mechanism);
        finding_text(list, finding, "reason", notes->auth_reason);
        break;
    case CAUSE_AUTH_SERVER_SIGNATURE:
        finding_text(list, finding, "mechanism", notes->mechanism);
        break;
    default:
        break;
    }
}

/** Why the login did not come about, short of a reply that refused it. */
static void auth_not_possible(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
    if (!attempt || attempt->dialogue.notes.auth_cause == CAUSE_OK ||
        !cause_is_finding(attempt->dialogue.notes.auth_cause))
        return;
    struct finding *finding = finding_add_at(list, attempt->dialogue.notes.auth_cause, attempt, STAGE_AUTH);
    add_auth_evidence(record, list, finding);
    if (attempt->dialogue.notes.auth_tolerated)
        finding->severity = SEVERITY_WARNING;
}

/* --- What is offered --- */

static void auth_offered_in_clear(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
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
    const struct attempt *attempt = decisive_dialogue(record);
    if (!attempt || !came_by_mx(record) || attempt->port != PORT_SMTP)
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
    const struct attempt *attempt = decisive_dialogue(record);
    const struct capability_set *set = attempt ? dialogue_capabilities(&attempt->dialogue) : NULL;
    if (!set || set->mechanism_count == 0)
        return;
    unsigned long iterations = attempt->dialogue.notes.scram_iterations;
    bool has_few_rounds = iterations > 0 && iterations < SCRAM_ITERATIONS_ADVISED;
    if (offers_strong(set) && !has_few_rounds)
        return;
    struct finding *finding = finding_add_at(list, CAUSE_AUTH_MECHANISMS_WEAK, attempt, STAGE_EHLO);
    add_offered(list, finding);
    if (has_few_rounds)
        finding_number(list, finding, "iterations", (double)iterations);
}

/* --- Submission --- */

static bool was_accepted(const struct dialogue *dialogue, enum stage stage, bool in_clear_only)
{
    for (size_t i = 0; i < dialogue->answered; i++) {
        const struct exchange *exchange = &dialogue->exchanges[i];
        if (exchange->stage == stage && exchange->result == EXCHANGE_POSITIVE &&
            !(in_clear_only && exchange->in_tls))
            return true;
    }
    return false;
}

static void submission_without_auth(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
    if (attempt && port_is_for_submission(attempt->port) && !attempt->dialogue.notes.authenticated &&
        was_accepted(&attempt->dialogue, STAGE_RCPT, false))
        finding_add_at(list, CAUSE_SUBMISSION_WITHOUT_AUTH, attempt, STAGE_RCPT);
}

/** RFC 8314 3.3: MAIL and, worse, a login in clear. */
static void submission_tls_optional(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
    if (!attempt || attempt->port != PORT_SUBMISSION)
        return;
    if (was_accepted(&attempt->dialogue, STAGE_AUTH, true))
        finding_add_at(list, CAUSE_SUBMISSION_TLS_OPTIONAL, attempt, STAGE_AUTH);
    else if (was_accepted(&attempt->dialogue, STAGE_MAIL, true))
        finding_add_at(list, CAUSE_SUBMISSION_TLS_OPTIONAL, attempt, STAGE_MAIL);
}

/** RFC 2782: a target of "." says that the service decidedly is not there. */
static void submission_not_offered(const struct record *record, struct finding_list *list)
{
    const struct dns_answer *answers[] = {record->submission.submissions, record->submission.submission};
    for (size_t i = 0; i < 2 && !record->submission.from_srv; i++) {
        const struct dns_answer *answer = answers[i];
        if (!answer || answer->status != DNS_FOUND || strcmp(answer->records[0].as.srv.target, ".") != 0)
            continue;
        struct finding *finding = finding_add_about(list, CAUSE_SUBMISSION_NOT_OFFERED, STAGE_RESOLVE, NULL);
        finding_text(list, finding, "reason",
                     arena_printf(list->arena, "SRV %s has the target \".\"", answer->name));
        return;
    }
}

finding_rule *const rules_auth[] = {
    auth_not_possible,
    auth_offered_in_clear,
    auth_on_mx,
    auth_mechanisms_weak,
    submission_without_auth,
    submission_tls_optional,
    submission_not_offered,
    NULL,
};
