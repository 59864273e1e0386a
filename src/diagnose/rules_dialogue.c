/* Findings about the dialogue: what the server said, or did not say. */
#include "diagnose/rules.h"

#include "diagnose/verdict.h"

static struct finding *at_end(struct finding_list *list, const struct attempt *attempt)
{
    const struct dialogue_end *end = &attempt->dialogue.end;
    struct finding *finding = finding_add_at(list, end->cause, attempt, end->stage);
    if (end->first.size)
        finding_span(list, finding, "first", end->first);
    return finding;
}

static void add_end_evidence(struct finding_list *list, struct finding *finding, const struct dialogue_end *end)
{
    switch (end->cause) {
    case CAUSE_NOT_SMTP:
        finding_text(list, finding, "protocol", end->detail);
        break;
    case CAUSE_REPLY_TIMEOUT:
        finding_number(list, finding, "seconds", duration_in_seconds(end->waited));
        finding_number(list, finding, "octets", (double)end->octets);
        break;
    case CAUSE_CLOSED_BY_SERVER:
    case CAUSE_CONNECTION_RESET:
        finding_text(list, finding, "after", stage_name(end->stage));
        break;
    default:
        finding_text(list, finding, "reason", end->detail);
    }
}

/** What ended a session other than a reply that refused something. */
static void ended_badly(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct dialogue_end *end = &attempt->dialogue.end;
        bool is_told_elsewhere = end->stage == STAGE_TLS || end->stage == STAGE_STARTTLS || end->stage == STAGE_AUTH;
        bool is_silence = end->ending == ENDING_TIMEOUT || end->ending == ENDING_CLOSED ||
                          end->ending == ENDING_VIOLATION;
        if (!attempt_has_dialogue(attempt) || end->ending == ENDING_DONE || end->ending == ENDING_LOCAL ||
            (is_told_elsewhere && !is_silence) || end->cause == CAUSE_UNKNOWN || !cause_is_finding(end->cause))
            continue;
        add_end_evidence(list, at_end(list, attempt), end);
    }
}

static void session_refused(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct dialogue_end *end = &attempt->dialogue.end;
        if (!attempt_has_dialogue(attempt) || end->ending != ENDING_REPLY || dialogue_has_greeted(&attempt->dialogue))
            continue;
        const struct explanation *explanation = explain_exchange(record, attempt, end->decisive, list->arena);
        struct finding *finding = finding_add_at(list, CAUSE_SESSION_REFUSED, attempt, end->stage);
        int code = attempt->dialogue.exchanges[end->decisive].reply->code;
        finding_number(list, finding, "code", code);
        finding_text(list, finding, "cause", explanation ? cause_name(explanation->cause) : NULL);
        if (code / 100 == 4)
            finding->severity = SEVERITY_WARNING;
    }
}

static unsigned deviations_of(const struct dialogue *dialogue)
{
    unsigned deviations = 0;
    for (size_t i = 0; i < dialogue->answered; i++)
        if (dialogue->exchanges[i].reply)
            deviations |= dialogue->exchanges[i].reply->deviations;
    return deviations;
}

static void reply_nonconforming(const struct record *record, struct finding_list *list)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{REPLY_BARE_LF, "bare-lf"}, {REPLY_NOT_ASCII, "not-ascii"}, {REPLY_CONTROL, "control"},
                 {REPLY_LONG_LINE, "long-line"}};
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct dialogue *dialogue = &attempt->dialogue;
        struct span found[5];
        size_t count = 0;
        if (!attempt_has_dialogue(attempt))
            continue;
        for (size_t j = 0; j < sizeof names / sizeof *names; j++)
            if (deviations_of(dialogue) & names[j].bit)
                found[count++] = span_of_string(names[j].name);
        if (dialogue->clear_capabilities.has_auth_equals || dialogue->secure_capabilities.has_auth_equals)
            found[count++] = SPAN("auth-equals");
        if (count)
            finding_spans(list, finding_add_at(list, CAUSE_REPLY_NONCONFORMING, attempt, STAGE_EHLO), "deviations",
                          found, count);
    }
}

static void ehlo_not_supported(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    bool is_told = finding_is_there(list, CAUSE_EHLO_NOT_SUPPORTED);
    if (attempt && attempt->dialogue.notes.used_helo && !is_told)
        finding_add_at(list, CAUSE_EHLO_NOT_SUPPORTED, attempt, STAGE_EHLO);
}

static void quit_unanswered(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    if (attempt && attempt->dialogue.notes.quit_failed)
        finding_add_at(list, CAUSE_QUIT_UNANSWERED, attempt, STAGE_QUIT);
}

static void list_recipients(const struct record *record, const struct dialogue *dialogue, struct finding_list *list,
                            struct finding *finding, const char *key, enum exchange_result result)
{
    struct span *found = ARENA_ARRAY(list->arena, struct span, record->plan->recipient_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < dialogue->answered; i++) {
        const struct exchange *exchange = &dialogue->exchanges[i];
        if (exchange->stage == STAGE_RCPT && exchange->result == result && count < record->plan->recipient_count)
            found[count++] = record->plan->recipients[exchange->recipient].text;
    }
    finding_spans(list, finding, key, found, count);
}

static void recipients_partly_refused(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    if (!attempt || !attempt->dialogue.notes.recipients_accepted || !attempt->dialogue.notes.recipients_refused)
        return;
    struct finding *finding = finding_add_at(list, CAUSE_RECIPIENTS_PARTLY_REFUSED, attempt, STAGE_RCPT);
    list_recipients(record, &attempt->dialogue, list, finding, "accepted", EXCHANGE_POSITIVE);
    list_recipients(record, &attempt->dialogue, list, finding, "refused", EXCHANGE_NEGATIVE);
}

static void xclient_offered(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    if (!attempt || !attempt_has_dialogue(attempt))
        return;
    const struct capability_set *set = dialogue_capabilities(&attempt->dialogue);
    if (capability_has(set, EXTENSION_XCLIENT) || capability_has(set, EXTENSION_XFORWARD))
        finding_add_at(list, CAUSE_XCLIENT_OFFERED, attempt, STAGE_EHLO);
}

static size_t keywords_missing(const struct capability_set *of, const struct capability_set *in, struct span *found)
{
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++) {
        bool there = span_is_nocase(of->all[i].keyword, "STARTTLS") ||
                     span_starts_with_nocase(of->all[i].keyword, "AUTH");
        for (size_t j = 0; j < in->count && !there; j++)
            there = span_equal_nocase(of->all[i].keyword, in->all[j].keyword);
        if (!there)
            found[count++] = of->all[i].keyword;
    }
    return count;
}

static void capabilities_changed(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    if (!attempt || !attempt->dialogue.notes.tls_was_tried || !attempt->dialogue.secure_capabilities.count)
        return;
    const struct capability_set *before = &attempt->dialogue.clear_capabilities;
    const struct capability_set *after = &attempt->dialogue.secure_capabilities;
    struct span *gone = ARENA_ARRAY(list->arena, struct span, before->count + 1);
    struct span *new = ARENA_ARRAY(list->arena, struct span, after->count + 1);
    size_t gone_count = keywords_missing(before, after, gone), new_count = keywords_missing(after, before, new);
    if (gone_count + new_count == 0)
        return;
    struct finding *finding = finding_add_at(list, CAUSE_CAPABILITIES_CHANGED, attempt, STAGE_EHLO);
    finding_spans(list, finding, "gone", gone, gone_count);
    finding_spans(list, finding, "new", new, new_count);
}

finding_rule *const rules_dialogue[] = {
    ended_badly, session_refused, reply_nonconforming, ehlo_not_supported, quit_unanswered,
    recipients_partly_refused, xclient_offered, capabilities_changed, NULL,
};
