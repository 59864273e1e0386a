#include "diagnose/rules.h"

#include "diagnose/places.h"
#include "diagnose/verdict.h"

#include <assert.h>
#include <stdlib.h>

/* --- Making one --- */

static bool is_among(const char *key, const char *keys)
{
    struct span rest = span_of_string(keys), word;
    while (span_next_token(&rest, " ", &word))
        if (span_is(word, key))
            return true;
    return false;
}

bool finding_wants(const struct finding *finding, const char *key)
{
    return is_among(key, cause_facts[finding->id].evidence);
}

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
    assert(finding_wants(finding, key) || is_among(key, "host address port stage"));
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

void finding_spans(struct finding_list *list, struct finding *finding, const char *key,
                   const struct span *spans, size_t count)
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
    finding->host = attempt->host;
    finding_text(list, finding, "host", attempt->host);
    finding_text(list, finding, "address", attempt->address.text);
    finding_number(list, finding, "port", attempt->port);
    finding_text(list, finding, "stage", stage_name(stage));
    return finding;
}

struct finding *finding_add_about(struct finding_list *list, enum cause id, enum stage stage,
                                  const char *host)
{
    struct finding *finding = finding_add(list, id);
    finding->host = host;
    finding_text(list, finding, "host", host);
    finding_text(list, finding, "stage", stage_name(stage));
    return finding;
}

static bool has_evidence(const struct finding *finding, struct span key)
{
    for (size_t i = 0; i < finding->evidence_count; i++)
        if (span_is(key, finding->evidence[i].key))
            return true;
    return false;
}

/** Consumers find every declared key, whatever could be seen this time. */
static void complete_evidence(struct finding_list *list, struct finding *finding)
{
    struct span rest = span_of_string(cause_facts[finding->id].evidence), key;
    while (span_next_token(&rest, " ", &key))
        if (!has_evidence(finding, key))
            add_evidence(list, finding, arena_copy(list->arena, key).at)->kind = EVIDENCE_UNKNOWN;
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

const struct attempt *decisive_dialogue(const struct record *record)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    return attempt && attempt_has_dialogue(attempt) ? attempt : NULL;
}

/* --- Advice --- */

static struct explain_context context_of(const struct record *record, const struct finding *finding,
                                         struct arena *arena)
{
    static const struct exchange no_exchange;
    if (finding->attempt)
        return explain_context_of(record, finding->attempt, &no_exchange, arena);
    struct attempt none = {.host = finding->host ? finding->host : record->server, .port = record->port};
    struct explain_context context = explain_context_of(record, &none, &no_exchange, arena);
    context.address = NULL;
    return context;
}

void finding_advise_filled(const struct record *record, struct finding_list *list, struct finding *finding,
                           const char *step)
{
    struct explain_context context = context_of(record, finding, list->arena);
    finding_advise(list, finding, false, places_fill(step, PLACES_IN_COMMAND, &context, NULL, list->arena));
}

/** Fills the places of the vocabulary's texts; steps that a rule gave itself stand complete. */
static void fill_texts(struct finding_list *list, const struct record *record, struct finding *finding)
{
    struct explain_context context = context_of(record, finding, list->arena);
    const struct explanation *explanation = explanation_of_cause(finding->id, &context, list->arena);
    finding->meaning = explanation->meaning;
    for (size_t i = 0; i < explanation->advice_count; i++)
        finding_advise(list, finding, false, explanation->advice[i]);
}

/* --- Severity: (a) what nobody demanded is a warning; (b) one host may fail while another works --- */

static bool depends_on_demand(enum cause id)
{
    return id == CAUSE_STARTTLS_NOT_SUPPORTED || id == CAUSE_STARTTLS_STRIPPED ||
           (id >= CAUSE_CERTIFICATE_EXPIRED && id <= CAUSE_VALIDATION_FAILURE);
}

/** Of the ids that are told without an attempt, those that concern one MX host. */
static bool is_of_one_host(enum cause id)
{
    return id == CAUSE_MX_TARGET_INVALID || id == CAUSE_MX_HOST_UNRESOLVABLE ||
           id == CAUSE_MX_ADDRESS_SPECIAL;
}

static bool some_host_works(const struct record *record)
{
    const struct attempt *attempt = decisive_dialogue(record);
    return attempt && dialogue_has_greeted(&attempt->dialogue);
}

static enum cause cause_of(const struct attempt *attempt)
{
    return attempt_has_dialogue(attempt) ? attempt->dialogue.end.cause : attempt->cause;
}

/** Whether the finding is why the run ended as it did: then it is as grave as the verdict. */
static bool decided_it(const struct record *record, const struct finding *finding)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    return attempt && finding->attempt == attempt && finding->id == cause_of(attempt);
}

static void weigh(const struct record *record, struct finding *finding)
{
    if (finding->severity != SEVERITY_ERROR || decided_it(record, finding))
        return;
    bool was_passed_over = finding->attempt ? finding->attempt->moved_on : is_of_one_host(finding->id);
    if (depends_on_demand(finding->id) && !record_demands_tls(record))
        finding->severity = SEVERITY_WARNING;
    if (was_passed_over && some_host_works(record))
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

void findings_make(struct finding_list *list, const struct record *record, const struct catalog *catalog,
                   struct arena *arena)
{
    static finding_rule *const *const all_rules[] = {rules_dns, rules_connect, rules_dialogue, rules_tls,
                                                     rules_auth};
    *list = (struct finding_list){.arena = arena, .catalog = catalog};
    for (size_t i = 0; i < sizeof all_rules / sizeof *all_rules; i++)
        for (finding_rule *const *rule = all_rules[i]; *rule; rule++)
            (*rule)(record, list);
    for (size_t i = 0; i < list->count; i++) {
        list->all[i]->order = i;
        weigh(record, list->all[i]);
        complete_evidence(list, list->all[i]);
        fill_texts(list, record, list->all[i]);
    }
    if (list->count)
        qsort(list->all, list->count, sizeof *list->all, worse_first);
}
