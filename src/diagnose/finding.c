#include "diagnose/rules.h"

#include "diagnose/places.h"
#include "diagnose/verdict.h"

#include <stdlib.h>

/* --- Making one --- */

bool cause_is_finding(enum cause id)
{
    return cause_facts[id].use != 'C';
}

struct finding *finding_add(struct finding_list *list, enum cause id)
{
    struct finding *finding = ARENA_NEW(list->arena, struct finding);
    list->all = arena_grow(list->arena, list->all, list->count, &list->capacity, sizeof *list->all);
    list->all[list->count++] = finding;
    finding->id = id;
    finding->severity = cause_facts[id].severity;
    finding->title = cause_words[id].title ? cause_words[id].title : cause_words[id].name;
    finding->meaning = cause_facts[id].meaning;
    return finding;
}

static struct evidence *add_evidence(struct finding_list *list, struct finding *finding, const char *key)
{
    finding->evidence = arena_grow(list->arena, finding->evidence, finding->evidence_count,
                                   &finding->evidence_capacity, sizeof *finding->evidence);
    struct evidence *evidence = &finding->evidence[finding->evidence_count++];
    *evidence = (struct evidence){.key = key};
    return evidence;
}

void finding_span(struct finding_list *list, struct finding *finding, const char *key, struct span text)
{
    if (text.at)
        add_evidence(list, finding, key)->text = text;
}

void finding_text(struct finding_list *list, struct finding *finding, const char *key, const char *text)
{
    finding_span(list, finding, key, span_of_string(text));
}

void finding_number(struct finding_list *list, struct finding *finding, const char *key, double number)
{
    struct evidence *evidence = add_evidence(list, finding, key);
    evidence->kind = EVIDENCE_NUMBER;
    evidence->number = number;
}

void finding_spans(struct finding_list *list, struct finding *finding, const char *key, const struct span *spans,
                   size_t count)
{
    struct evidence *evidence = add_evidence(list, finding, key);
    evidence->kind = EVIDENCE_LIST;
    evidence->list = ARENA_ARRAY(list->arena, struct span, count ? count : 1);
    evidence->list_count = count;
    if (count)
        memcpy(evidence->list, spans, count * sizeof *spans);
}

struct finding *finding_add_at(struct finding_list *list, enum cause id, const struct attempt *attempt,
                               enum stage stage)
{
    struct finding *finding = finding_add(list, id);
    finding->attempt = attempt;
    finding->stage = stage;
    finding->has_stage = true;
    finding_text(list, finding, "host", attempt->host);
    finding_text(list, finding, "address", attempt->address.text);
    finding_number(list, finding, "port", attempt->port);
    finding_text(list, finding, "stage", stage_name(stage));
    return finding;
}

void finding_advise(struct finding_list *list, struct finding *finding, bool first, const char *step)
{
    const char **steps = ARENA_ARRAY(list->arena, const char *, finding->advice_count + 1);
    if (finding->advice_count)
        memcpy(steps + first, finding->advice, finding->advice_count * sizeof *steps);
    steps[first ? 0 : finding->advice_count] = step;
    finding->advice = steps;
    finding->advice_count++;
}

bool finding_is_there(const struct finding_list *list, enum cause id)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->all[i]->id == id)
            return true;
    return false;
}

bool record_demands_tls(const struct record *record)
{
    return record->verify_wanted || record->plan->tls == TLS_REQUIRED || record->plan->tls == TLS_IMPLICIT;
}

/* --- Advice --- */

static const char *host_in_evidence(const struct finding *finding, struct arena *arena)
{
    for (size_t i = 0; i < finding->evidence_count; i++)
        if (strcmp(finding->evidence[i].key, "host") == 0 || strcmp(finding->evidence[i].key, "target") == 0)
            return arena_copy(arena, finding->evidence[i].text).at;
    return NULL;
}

static struct explain_context context_of(const struct record *record, const struct finding *finding,
                                         struct arena *arena)
{
    const struct attempt *attempt = finding->attempt ? finding->attempt : record_decisive_attempt(record);
    static const struct exchange no_exchange;
    if (attempt)
        return explain_context_of(record, attempt, &no_exchange, arena);
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    const struct mailbox *recipient = record->plan->recipient_count ? &record->plan->recipients[0] : NULL;
    context.recipient = recipient ? arena_copy(arena, recipient->text).at : NULL;
    context.recipient_domain = record->domain;
    context.host = host_in_evidence(finding, arena);
    if (!context.host)
        context.host = record->server;
    context.port = record->port;
    return context;
}

/** Fills the places of the vocabulary's texts; steps that a rule gave itself stand complete. */
static void fill_texts(struct finding_list *list, const struct record *record, struct finding *finding)
{
    struct explain_context context = context_of(record, finding, list->arena);
    struct span rest = span_of_string(cause_facts[finding->id].advice), step;
    if (finding->meaning)
        finding->meaning = places_fill(finding->meaning, PLACES_IN_PROSE, &context, NULL, list->arena);
    while (span_next_token(&rest, "\n", &step))
        finding_advise(list, finding, false,
                       places_fill(arena_copy(list->arena, step).at, PLACES_IN_COMMAND, &context, NULL, list->arena));
}

/* --- Severity: rule (a), what nobody demanded is a warning; rule (b), one host may fail while another works --- */

static bool depends_on_demand(enum cause id)
{
    return id == CAUSE_STARTTLS_NOT_SUPPORTED || id == CAUSE_STARTTLS_STRIPPED ||
           (id >= CAUSE_CERTIFICATE_EXPIRED && id <= CAUSE_VALIDATION_FAILURE);
}

static bool is_of_one_host(enum cause id)
{
    switch (id) {
    case CAUSE_CONNECTION_REFUSED:
    case CAUSE_CONNECTION_TIMEOUT:
    case CAUSE_HOST_UNREACHABLE:
    case CAUSE_NETWORK_UNREACHABLE:
    case CAUSE_CONNECTION_RESET:
    case CAUSE_CLOSED_BY_SERVER:
    case CAUSE_REPLY_TIMEOUT:
    case CAUSE_SESSION_REFUSED:
    case CAUSE_MX_TARGET_INVALID:
    case CAUSE_MX_HOST_UNRESOLVABLE:
        return true;
    default:
        return false;
    }
}

static bool some_host_works(const struct record *record)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    return attempt && attempt_has_dialogue(attempt) && dialogue_has_greeted(&attempt->dialogue);
}

static void weigh(const struct record *record, struct finding *finding, enum cause decisive)
{
    if (finding->severity != SEVERITY_ERROR || finding->id == decisive)
        return;
    if (depends_on_demand(finding->id) && !record_demands_tls(record))
        finding->severity = SEVERITY_WARNING;
    if (is_of_one_host(finding->id) && some_host_works(record))
        finding->severity = SEVERITY_WARNING;
}

/* --- All of them --- */

static int worse_first(const void *left, const void *right)
{
    const struct finding *a = *(struct finding *const *)left, *b = *(struct finding *const *)right;
    if (a->severity != b->severity)
        return a->severity < b->severity ? 1 : -1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static enum cause decisive_cause(const struct record *record)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    if (!attempt)
        return CAUSE_OK;
    return attempt_has_dialogue(attempt) ? attempt->dialogue.end.cause : attempt->cause;
}

void findings_make(struct finding_list *list, const struct record *record, struct arena *arena)
{
    static finding_rule *const *const all_rules[] = {rules_dns, rules_connect, rules_dialogue, rules_tls, rules_auth};
    *list = (struct finding_list){.arena = arena};
    for (size_t i = 0; i < sizeof all_rules / sizeof *all_rules; i++)
        for (finding_rule *const *rule = all_rules[i]; *rule; rule++)
            (*rule)(record, list);
    for (size_t i = 0; i < list->count; i++) {
        list->all[i]->order = i;
        weigh(record, list->all[i], decisive_cause(record));
        fill_texts(list, record, list->all[i]);
    }
    if (list->count)
        qsort(list->all, list->count, sizeof *list->all, worse_first);
}
