/* Findings about the dialogue: what the server said, or did not say. */
#include "diagnose/rules.h"

#include "diagnose/verdict.h"

/** The last stage that was answered, or what there was before any. */
static const char *last_done(const struct attempt *attempt)
{
    const struct dialogue *dialogue = &attempt->dialogue;
    const struct exchange *last = dialogue->answered ? &dialogue->exchanges[dialogue->answered - 1] : NULL;
    bool is_tls_newer = attempt->tls && attempt->tls->finished && (!last || last->stage == STAGE_STARTTLS);
    return stage_name(is_tls_newer ? STAGE_TLS : last ? last->stage : STAGE_CONNECT);
}

/** A handshake that came to nothing has measured its time itself. */
static duration time_waited(const struct attempt *attempt)
{
    const struct dialogue_end *end = &attempt->dialogue.end;
    bool is_handshake = end->waited == 0 && attempt->tls;
    return is_handshake ? attempt->tls->ended - attempt->tls->began : end->waited;
}

static void add_fault(struct finding_list *list, struct finding *finding)
{
    const struct dialogue *dialogue = &finding->attempt->dialogue;
    size_t decisive = dialogue->end.decisive;
    if (decisive < dialogue->exchange_count && dialogue->exchanges[decisive].reply)
        finding_number(list, finding, "line", (double)dialogue->exchanges[decisive].reply->fault_line);
    finding_text(list, finding, "reason", dialogue->end.detail);
}

static bool may_await_tls(const struct attempt *attempt)
{
    const struct dialogue_end *end = &attempt->dialogue.end;
    return end->stage == STAGE_BANNER && end->octets == 0 && !attempt->implicit_tls &&
           attempt->port != PORT_SMTP;
}

static void add_end_evidence(const struct record *record, struct finding_list *list, struct finding *finding)
{
    const struct attempt *attempt = finding->attempt;
    const struct dialogue_end *end = &attempt->dialogue.end;
    switch (end->cause) {
    case CAUSE_NOT_SMTP:
        finding_text(list, finding, "protocol", end->detail);
        finding_span(list, finding, "first", end->first);
        break;
    case CAUSE_UNSOLICITED_REPLY:
        finding_span(list, finding, "first", end->first);
        break;
    case CAUSE_REPLY_MALFORMED:
        add_fault(list, finding);
        break;
    case CAUSE_REPLY_TIMEOUT:
        finding_number(list, finding, "seconds", duration_in_seconds(time_waited(attempt)));
        finding_number(list, finding, "octets", (double)end->octets);
        if (may_await_tls(attempt))
            finding_advise_filled(
                record, list, finding,
                "If the port speaks TLS from the start, it waits for us to begin: smtpprobe "
                "--tls-on-connect --server {server} --quit-after EHLO");
        break;
    case CAUSE_CLOSED_BY_SERVER:
    case CAUSE_CONNECTION_RESET:
        finding_text(list, finding, "after", last_done(attempt));
        break;
    default:
        break;
    }
}

/** The ids that this file tells of; those of TLS and of logging in have rules of their own. */
static bool is_of_dialogue(enum cause cause)
{
    switch (cause) {
    case CAUSE_CONNECTION_RESET:
    case CAUSE_CLOSED_BY_SERVER:
    case CAUSE_REPLY_TIMEOUT:
    case CAUSE_NOT_SMTP:
    case CAUSE_IMPLICIT_TLS_EXPECTED:
    case CAUSE_REPLY_MALFORMED:
    case CAUSE_UNSOLICITED_REPLY:
        return true;
    default:
        return false;
    }
}

/** What ended a session other than a reply that refused something. */
static void ended_badly(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct dialogue_end *end = &attempt->dialogue.end;
        if (attempt_has_dialogue(attempt) && is_of_dialogue(end->cause))
            add_end_evidence(record, list, finding_add_at(list, end->cause, attempt, end->stage));
    }
}

static void session_refused(const struct record *record, struct finding_list *list)
{
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct dialogue_end *end = &attempt->dialogue.end;
        if (!attempt_has_dialogue(attempt) || end->ending != ENDING_REPLY ||
            dialogue_has_greeted(&attempt->dialogue))
            continue;
        const struct explanation *explanation =
            explain_exchange(record, attempt, end->decisive, list->catalog, list->arena);
        struct finding *finding = finding_add_at(list, CAUSE_SESSION_REFUSED, attempt, end->stage);
        int code = attempt->dialogue.exchanges[end->decisive].reply->code;
        finding_number(list, finding, "code", code);
        finding_text(list, finding, "cause", explanation ? cause_name(explanation->cause) : NULL);
        if (code / 100 == 4)
            finding->severity = SEVERITY_WARNING;
    }
}

/** @param stage set to that of the first reply in question */
static unsigned deviations_of(const struct dialogue *dialogue, enum stage *stage)
{
    unsigned deviations = 0;
    for (size_t i = 0; i < dialogue->answered; i++) {
        const struct exchange *exchange = &dialogue->exchanges[i];
        if (exchange->reply && exchange->reply->deviations && deviations == 0)
            *stage = exchange->stage;
        deviations |= exchange->reply ? exchange->reply->deviations : 0;
    }
    return deviations;
}

static void reply_nonconforming(const struct record *record, struct finding_list *list)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{REPLY_BARE_LF, "bare-lf"},
                 {REPLY_NOT_ASCII, "not-ascii"},
                 {REPLY_CONTROL, "control"},
                 {REPLY_LONG_LINE, "long-line"}};
    enum { NAMES = sizeof names / sizeof *names };
    for (size_t i = 0; i < record->attempt_count; i++) {
        const struct attempt *attempt = record->attempts[i];
        const struct dialogue *dialogue = &attempt->dialogue;
        enum stage stage = STAGE_EHLO;
        unsigned deviations = attempt_has_dialogue(attempt) ? deviations_of(dialogue, &stage) : 0;
        struct span found[NAMES + 1];
        size_t count = 0;
        for (size_t j = 0; j < NAMES; j++)
            if (deviations & names[j].bit)
                found[count++] = span_of_string(names[j].name);
        if (dialogue->clear_capabilities.has_auth_equals || dialogue->secure_capabilities.has_auth_equals)
            found[count++] = SPAN("auth-equals");
        if (count)
            finding_spans(list, finding_add_at(list, CAUSE_REPLY_NONCONFORMING, attempt, stage), "deviations",
                          found, count);
    }
}

static void ehlo_not_supported(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
    if (!attempt || !attempt->dialogue.notes.used_helo)
        return;
    struct finding *finding = finding_add_at(list, CAUSE_EHLO_NOT_SUPPORTED, attempt, STAGE_EHLO);
    if (attempt->dialogue.end.cause == CAUSE_EHLO_NOT_SUPPORTED)
        finding->severity = SEVERITY_ERROR;
}

static void quit_unanswered(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
    if (attempt && attempt->dialogue.notes.quit_failed)
        finding_add_at(list, CAUSE_QUIT_UNANSWERED, attempt, STAGE_QUIT);
}

/** The last word on a recipient: in LMTP the reply after the message. */
static enum exchange_result fate_of(const struct dialogue *dialogue, size_t recipient)
{
    enum exchange_result result = EXCHANGE_UNANSWERED;
    for (size_t i = 0; i < dialogue->answered; i++) {
        const struct exchange *exchange = &dialogue->exchanges[i];
        bool is_about_one =
            exchange->stage == STAGE_RCPT || (exchange->stage == STAGE_BODY && dialogue->plan->lmtp);
        if (is_about_one && exchange->recipient == recipient)
            result = exchange->result;
    }
    return result;
}

static void list_recipients(const struct record *record, const struct dialogue *dialogue,
                            struct finding_list *list, struct finding *finding, const char *key,
                            enum exchange_result result)
{
    struct span *found = ARENA_ARRAY(list->arena, struct span, record->plan->recipient_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < record->plan->recipient_count; i++)
        if (fate_of(dialogue, i) == result)
            found[count++] = record->plan->recipients[i].text;
    finding_spans(list, finding, key, found, count);
}

static void recipients_partly_refused(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
    if (!attempt || !attempt->dialogue.notes.recipients_accepted ||
        !attempt->dialogue.notes.recipients_refused)
        return;
    struct finding *finding = finding_add_at(list, CAUSE_RECIPIENTS_PARTLY_REFUSED, attempt, STAGE_RCPT);
    list_recipients(record, &attempt->dialogue, list, finding, "accepted", EXCHANGE_POSITIVE);
    list_recipients(record, &attempt->dialogue, list, finding, "refused", EXCHANGE_NEGATIVE);
}

static void xclient_offered(const struct record *record, struct finding_list *list)
{
    const struct attempt *attempt = decisive_dialogue(record);
    if (!attempt)
        return;
    const struct capability_set *set = dialogue_capabilities(&attempt->dialogue);
    if (capability_has(set, EXTENSION_XCLIENT) || capability_has(set, EXTENSION_XFORWARD))
        finding_add_at(list, CAUSE_XCLIENT_OFFERED, attempt, STAGE_EHLO);
}

static size_t keywords_missing(const struct capability_set *of, const struct capability_set *in,
                               struct span *found)
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
    const struct attempt *attempt = decisive_dialogue(record);
    if (!attempt || !attempt->dialogue.notes.tls_was_tried || !attempt->dialogue.secure_capabilities.count)
        return;
    const struct capability_set *before = &attempt->dialogue.clear_capabilities;
    const struct capability_set *after = &attempt->dialogue.secure_capabilities;
    struct span *gone = ARENA_ARRAY(list->arena, struct span, before->count + 1);
    struct span *new = ARENA_ARRAY(list->arena, struct span, after->count + 1);
    size_t gone_count = keywords_missing(before, after, gone),
           new_count = keywords_missing(after, before, new);
    if (gone_count + new_count == 0)
        return;
    struct finding *finding = finding_add_at(list, CAUSE_CAPABILITIES_CHANGED, attempt, STAGE_EHLO);
    finding_spans(list, finding, "gone", gone, gone_count);
    finding_spans(list, finding, "new", new, new_count);
}

finding_rule *const rules_dialogue[] = {
    ended_badly,        session_refused,      reply_nonconforming,
    ehlo_not_supported, quit_unanswered,      recipients_partly_refused,
    xclient_offered,    capabilities_changed, NULL,
};
