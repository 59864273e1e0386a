#include "diagnose/verdict.h"

#include "diagnose/catalog.h"

#include <stdint.h>

/* --- Explaining one exchange --- */

static const char *text_of(struct span span, struct arena *arena)
{
    return span.size ? arena_copy(arena, span).at : NULL;
}

/** NULL for an address literal: nothing can be looked up about it. */
static const char *domain_of(const struct mailbox *mailbox)
{
    return mailbox ? mailbox->ascii_domain : NULL;
}

static const char *greeting_of(const struct dialogue *dialogue, struct arena *arena)
{
    if (dialogue->exchange_count == 0 || !dialogue->exchanges[0].reply ||
        dialogue->exchanges[0].reply->line_count == 0)
        return NULL;
    return text_of(dialogue->exchanges[0].reply->lines[0], arena);
}

static void add_envelope(struct explain_context *context, const struct plan *plan, const struct exchange *exchange,
                         struct arena *arena)
{
    size_t index = exchange->recipient < plan->recipient_count ? exchange->recipient : 0;
    const struct mailbox *recipient = plan->recipient_count ? &plan->recipients[index] : NULL;
    context->sender = plan->sender && !plan->sender->is_null ? text_of(plan->sender->text, arena) : NULL;
    context->sender_domain = domain_of(plan->sender);
    context->recipient = recipient ? text_of(recipient->text, arena) : NULL;
    context->recipient_domain = domain_of(recipient);
    context->recipient_count = plan->recipient_count;
    context->message_size = (long long)plan->message.size;
}

struct explain_context explain_context_of(const struct record *record, const struct attempt *attempt,
                                          const struct exchange *exchange, struct arena *arena)
{
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    const struct dialogue *dialogue = &attempt->dialogue;
    const struct capability_set *offered =
        exchange->in_tls ? &dialogue->secure_capabilities : &dialogue->clear_capabilities;
    context.stage = (int)exchange->stage;
    context.host = attempt->host;
    context.greeting = greeting_of(dialogue, arena);
    context.address = attempt->address.text;
    context.port = attempt->port;
    context.our_address = attempt->local_address;
    context.helo = attempt->helo;
    context.mechanism = dialogue->notes.mechanism;
    context.user = record->auth_user;
    context.in_tls = exchange->in_tls;
    context.authenticated = dialogue->notes.authenticated;
    context.auth_offered = capability_has(offered, EXTENSION_AUTH) || offered->has_auth_equals;
    context.tls_offered = capability_has(&dialogue->clear_capabilities, EXTENSION_STARTTLS);
    context.pipelined = exchange->was_pipelined;
    context.is_consequence = exchange->is_consequence;
    context.from_mx = record->route.kind == ROUTE_MX || record->route.kind == ROUTE_IMPLICIT;
    add_envelope(&context, record->plan, exchange, arena);
    return context;
}

const struct explanation *explain_exchange(const struct record *record, const struct attempt *attempt,
                                           size_t index, struct arena *arena)
{
    const struct exchange *exchange = &attempt->dialogue.exchanges[index];
    if (!exchange->reply || exchange->reply->fault != REPLY_SOUND)
        return NULL;
    struct explain_context context = explain_context_of(record, attempt, exchange, arena);
    return catalog_explain(exchange->reply, &context, arena);
}

/* --- Exit statuses (swaks' table) --- */

enum {
    EXIT_LOCAL = 1,
    EXIT_CONNECT = 2,
    EXIT_CLOSED = 6,
    EXIT_LACKING = 10,
    EXIT_QUIT = 27,
    EXIT_AUTH = 28,
    EXIT_TLS = 29,
    EXIT_SIGNAL = 128,
};

static int exit_of_stage(enum stage stage, bool in_tls)
{
    switch (stage) {
    case STAGE_RESOLVE:
    case STAGE_CONNECT:
        return EXIT_CONNECT;
    case STAGE_BANNER:
        return 21;
    case STAGE_EHLO:
    case STAGE_HELO:
        return in_tls ? 32 : 22;
    case STAGE_STARTTLS:
    case STAGE_TLS:
    case STAGE_POLICY:
        return EXIT_TLS;
    case STAGE_AUTH:
        return EXIT_AUTH;
    case STAGE_MAIL:
        return 23;
    case STAGE_RCPT:
        return 24;
    case STAGE_DATA:
        return 25;
    case STAGE_BODY:
    case STAGE_BDAT:
        return 26;
    case STAGE_QUIT:
        return EXIT_QUIT;
    default:
        return EXIT_LOCAL;
    }
}

static int exit_of_local_cause(const struct record *record, enum cause cause)
{
    switch (cause) {
    case CAUSE_CANCELLED:
        return EXIT_SIGNAL + record->signal_number;
    case CAUSE_SOURCE_ADDRESS_UNAVAILABLE:
        return EXIT_CONNECT;
    case CAUSE_FEATURE_MISSING:
        return EXIT_LACKING;
    default:
        return EXIT_LOCAL;
    }
}

/* --- The outcome --- */

static void local_error(struct verdict *verdict, const struct record *record, enum cause cause, enum stage stage)
{
    verdict->outcome = OUTCOME_LOCAL_ERROR;
    verdict->stage = stage;
    verdict->cause = cause;
    verdict->exit_status = exit_of_local_cause(record, cause);
}

static enum cause resolution_cause(const struct route *route)
{
    if (route->cause != CAUSE_OK)
        return route->cause;
    for (size_t i = 0; i < route->host_count; i++)
        if (route->hosts[i].problem != CAUSE_OK)
            return route->hosts[i].problem;
    return CAUSE_MX_HOST_UNRESOLVABLE;
}

static void without_connection(struct verdict *verdict, const struct record *record, const struct attempt *attempt)
{
    if (attempt && (attempt->cause == CAUSE_SOURCE_ADDRESS_UNAVAILABLE || attempt->cause == CAUSE_LOCAL_FAILURE)) {
        local_error(verdict, record, attempt->cause, STAGE_CONNECT);
        return;
    }
    verdict->outcome = record->route.kind == ROUTE_NULL ? OUTCOME_NO_MAIL : OUTCOME_UNREACHABLE;
    verdict->stage = attempt ? STAGE_CONNECT : STAGE_RESOLVE;
    verdict->cause = attempt ? attempt->cause : resolution_cause(&record->route);
    verdict->exit_status = EXIT_CONNECT;
}

static enum stage last_stage(const struct dialogue *dialogue)
{
    for (size_t i = dialogue->exchange_count; i > 0; i--)
        if (dialogue->exchanges[i - 1].stage != STAGE_QUIT)
            return dialogue->exchanges[i - 1].stage;
    return STAGE_BANNER;
}

static void done(struct verdict *verdict, const struct dialogue *dialogue)
{
    verdict->outcome = OUTCOME_ACCEPTED;
    verdict->stage = last_stage(dialogue);
    verdict->cause = CAUSE_OK;
    verdict->exit_status = 0;
    if (dialogue->notes.quit_failed)
        verdict->exit_status = dialogue->notes.quit_met_close ? EXIT_CLOSED : EXIT_QUIT;
}

static bool is_tls_stage(enum stage stage)
{
    return stage == STAGE_STARTTLS || stage == STAGE_TLS;
}

static enum outcome outcome_of_ending(const struct dialogue_end *end, int code)
{
    switch (end->ending) {
    case ENDING_REPLY:
        return code / 100 == 4 ? OUTCOME_DEFERRED : OUTCOME_REFUSED;
    case ENDING_UNSUPPORTED:
        return is_tls_stage(end->stage) ? OUTCOME_INSECURE : OUTCOME_UNSUPPORTED;
    case ENDING_INSECURE:
        return OUTCOME_INSECURE;
    case ENDING_VIOLATION:
        return is_tls_stage(end->stage) ? OUTCOME_INSECURE : OUTCOME_PROTOCOL_VIOLATION;
    case ENDING_CLOSED:
    case ENDING_TIMEOUT:
        return is_tls_stage(end->stage) ? OUTCOME_INSECURE : OUTCOME_NO_ANSWER;
    default:
        return OUTCOME_LOCAL_ERROR;
    }
}

static const struct exchange *decisive_exchange(const struct dialogue *dialogue)
{
    size_t index = dialogue->end.decisive;
    return index < dialogue->exchange_count ? &dialogue->exchanges[index] : NULL;
}

static void not_done(struct verdict *verdict, const struct record *record, const struct attempt *attempt,
                     struct arena *arena)
{
    const struct dialogue *dialogue = &attempt->dialogue;
    const struct dialogue_end *end = &dialogue->end;
    const struct exchange *exchange = decisive_exchange(dialogue);
    if (exchange && exchange->reply) {
        verdict->code = exchange->reply->code;
        verdict->enhanced = exchange->reply->enhanced;
        verdict->explanation = explain_exchange(record, attempt, end->decisive, arena);
    }
    verdict->outcome = outcome_of_ending(end, verdict->code);
    verdict->stage = end->stage;
    verdict->cause = end->cause;
    if (end->ending == ENDING_REPLY && verdict->explanation)
        verdict->cause = verdict->explanation->cause;
    if (end->ending == ENDING_CLOSED && !is_tls_stage(end->stage))
        verdict->exit_status = EXIT_CLOSED;
    else if (end->ending == ENDING_LOCAL)
        verdict->exit_status = exit_of_local_cause(record, end->cause);
    else
        verdict->exit_status = exit_of_stage(end->stage, dialogue->notes.in_tls);
}

static enum retry retry_of(const struct verdict *verdict)
{
    if (verdict->explanation && (verdict->outcome == OUTCOME_REFUSED || verdict->outcome == OUTCOME_DEFERRED))
        return verdict->explanation->retry;
    return verdict->outcome == OUTCOME_ACCEPTED ? RETRY_NO : cause_facts[verdict->cause].retry;
}

/* --- The sentence --- */

static const char *title_of_stage(enum stage stage)
{
    return stage_words[stage].title ? stage_words[stage].title : stage_words[stage].name;
}

static const char *title_of_cause(const struct verdict *verdict)
{
    if (verdict->explanation && verdict->cause == verdict->explanation->cause)
        return verdict->explanation->title;
    return cause_words[verdict->cause].title ? cause_words[verdict->cause].title : cause_name(verdict->cause);
}

/** "No such mailbox" within a sentence: a first letter that begins an ordinary word becomes small. */
static const char *within_sentence(const char *title, struct arena *arena)
{
    char *text = arena_copy_string(arena, title);
    if (text[0] && (text[1] == ' ' || (text[1] >= 'a' && text[1] <= 'z')))
        text[0] = ascii_lower(text[0]);
    size_t size = strlen(text);
    if (size > 0 && text[size - 1] == '.')
        text[size - 1] = '\0';
    return text;
}

static const char *reply_in_brackets(const struct verdict *verdict, struct arena *arena)
{
    char enhanced[ENHANCED_STATUS_TEXT_SIZE];
    if (verdict->code == 0)
        return "";
    enhanced_status_format(verdict->enhanced, enhanced);
    return arena_printf(arena, " (%d%s%s)", verdict->code, enhanced[0] ? " " : "", enhanced);
}

static const char *sentence_of_success(const struct verdict *verdict, const struct record *record,
                                       const struct attempt *attempt, struct arena *arena)
{
    const struct dialogue_notes *notes = &attempt->dialogue.notes;
    if (record->plan->stop != STOP_NOT)
        return arena_printf(arena, "Done as asked: all went well up to %s at %s.", title_of_stage(verdict->stage),
                            attempt->host);
    if (notes->recipients_refused)
        return arena_printf(arena, "Accepted: %s took the message for %zu of %zu recipients.", attempt->host,
                            notes->recipients_accepted, record->plan->recipient_count);
    return arena_printf(arena, "Accepted: %s took the message%s.", attempt->host,
                        notes->authenticated ? " after login" : "");
}

static const char *sentence(const struct verdict *verdict, const struct record *record,
                            const struct attempt *attempt, struct arena *arena)
{
    if (verdict->outcome == OUTCOME_ACCEPTED)
        return sentence_of_success(verdict, record, attempt, arena);
    const char *outcome = outcome_words[verdict->outcome].title;
    if (!outcome)
        outcome = outcome_words[verdict->outcome].name;
    const char *cause = within_sentence(title_of_cause(verdict), arena);
    const char *place = verdict->outcome == OUTCOME_LOCAL_ERROR ? "" : title_of_stage(verdict->stage);
    const char *detail = verdict->outcome == OUTCOME_LOCAL_ERROR && record->local_detail
                             ? arena_printf(arena, " (%s)", record->local_detail) : "";
    return arena_printf(arena, "%s%s%s: %s%s%s.", outcome, place[0] ? " at " : "", place, cause,
                        reply_in_brackets(verdict, arena), detail);
}

void verdict_reach(struct verdict *verdict, const struct record *record, struct arena *arena)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    *verdict = (struct verdict){.outcome = OUTCOME_LOCAL_ERROR};
    if (record->local_cause != CAUSE_OK)
        local_error(verdict, record, record->local_cause, attempt ? STAGE_CONNECT : STAGE_RESOLVE);
    else if (!attempt || attempt->result != ATTEMPT_ENDED)
        without_connection(verdict, record, attempt);
    else if (attempt->dialogue.end.ending == ENDING_DONE)
        done(verdict, &attempt->dialogue);
    else
        not_done(verdict, record, attempt, arena);
    verdict->retry = retry_of(verdict);
    verdict->title = sentence(verdict, record, attempt, arena);
}
