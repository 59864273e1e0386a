#include "diagnose/verdict.h"

#include "base/exit_status.h"

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

static void add_envelope(struct explain_context *context, const struct plan *plan,
                         const struct exchange *exchange, struct arena *arena)
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

/** The name in the last reply to EHLO, which the server need not repeat inside TLS. */
static const char *ehlo_name_of(const struct dialogue *dialogue, struct arena *arena)
{
    struct span secure = dialogue->secure_capabilities.domain;
    return text_of(secure.size ? secure : dialogue->clear_capabilities.domain, arena);
}

static const char *certificate_name_of(const struct tls_facts *tls, struct arena *arena)
{
    if (!tls || tls->chain_count == 0)
        return NULL;
    const struct tls_certificate *own = &tls->chain[0];
    return text_of(own->dns_name_count > 0 ? own->dns_names[0] : own->common_name, arena);
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
    context.ehlo_name = ehlo_name_of(dialogue, arena);
    context.certificate_name = certificate_name_of(attempt->tls, arena);
    context.address = attempt->address.text;
    context.port = attempt->port;
    context.our_address = attempt->local_address;
    context.helo = attempt->helo;
    context.mechanism = dialogue->notes.mechanism;
    context.user = record->auth_user;
    context.named_resolvers = record->named_resolvers;
    context.in_tls = exchange->in_tls;
    context.own_name_confirmed = record->own_name.was_looked_up ? record->own_name.is_confirmed : -1;
    context.authenticated = dialogue->notes.authenticated;
    context.auth_offered = capability_has(offered, EXTENSION_AUTH) || offered->has_auth_equals;
    context.implicit_tls = attempt->implicit_tls;
    context.tls_offered = capability_has(&dialogue->clear_capabilities, EXTENSION_STARTTLS);
    context.pipelined = exchange->was_pipelined;
    context.is_consequence = exchange->is_consequence;
    context.from_mx = record->route.kind == ROUTE_MX || record->route.kind == ROUTE_IMPLICIT;
    add_envelope(&context, record->plan, exchange, arena);
    return context;
}

const struct explanation *explain_exchange(const struct record *record, const struct attempt *attempt,
                                           size_t index, const struct catalog *catalog, struct arena *arena)
{
    const struct exchange *exchange = &attempt->dialogue.exchanges[index];
    if (!exchange->reply || exchange->reply->fault != REPLY_SOUND)
        return NULL;
    struct explain_context context = explain_context_of(record, attempt, exchange, arena);
    if (exchange->result != EXCHANGE_UNEXPECTED)
        return catalog_explain(catalog, exchange->reply, &context, arena);
    /* What a code means elsewhere would mislead where it has no place; a finding may tell what it is here. */
    const struct dialogue_end *end = &attempt->dialogue.end;
    bool is_finding =
        end->ending == ENDING_VIOLATION && end->decisive == index && cause_facts[end->cause].use == 'B';
    return is_finding ? NULL : explanation_of_cause(CAUSE_REPLY_CODE_UNEXPECTED, &context, arena);
}

/* --- Exit statuses: those of swaks --- */

/** swaks tells the second greeting, inside TLS, from the first; with TLS from the start there is but one. */
static enum exit_status exit_of_stage(enum stage stage, const struct dialogue_notes *notes)
{
    switch (stage) {
    case STAGE_RESOLVE:
    case STAGE_CONNECT:
        return EXIT_CONNECT;
    case STAGE_BANNER:
        return EXIT_BANNER;
    case STAGE_EHLO:
    case STAGE_HELO:
        return notes->tls_was_tried && notes->in_tls ? EXIT_EHLO_IN_TLS : EXIT_EHLO;
    case STAGE_STARTTLS:
    case STAGE_TLS:
    case STAGE_POLICY:
        return EXIT_TLS;
    case STAGE_AUTH:
        return EXIT_AUTH;
    case STAGE_MAIL:
        return EXIT_MAIL;
    case STAGE_RCPT:
        return EXIT_RCPT;
    case STAGE_DATA:
        return EXIT_DATA;
    case STAGE_BODY:
    case STAGE_BDAT:
        return EXIT_BODY;
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

static void local_error(struct verdict *verdict, const struct record *record, enum cause cause,
                        enum stage stage)
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

static bool is_local(enum cause cause)
{
    return cause == CAUSE_SOURCE_ADDRESS_UNAVAILABLE || cause == CAUSE_LOCAL_FAILURE || cause == CAUSE_USAGE;
}

static void without_connection(struct verdict *verdict, const struct record *record,
                               const struct attempt *attempt)
{
    enum cause cause = attempt ? attempt->cause : resolution_cause(&record->route);
    if (is_local(cause)) {
        local_error(verdict, record, cause, cause == CAUSE_USAGE ? STAGE_USAGE : STAGE_CONNECT);
        return;
    }
    verdict->outcome = record->route.kind == ROUTE_NULL ? OUTCOME_NO_MAIL : OUTCOME_UNREACHABLE;
    verdict->stage = attempt ? STAGE_CONNECT : STAGE_RESOLVE;
    verdict->cause = cause;
    verdict->exit_status = EXIT_CONNECT;
}

static void done(struct verdict *verdict, const struct dialogue *dialogue)
{
    verdict->outcome = OUTCOME_ACCEPTED;
    verdict->stage = dialogue->end.stage;
    verdict->cause = CAUSE_OK;
    verdict->exit_status = EXIT_DONE;
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

/** A cause that neither a reply nor a finding tells gets its explanation from the vocabulary. */
static void explain_untold(struct verdict *verdict, const struct record *record,
                           const struct attempt *attempt, struct arena *arena)
{
    static const struct exchange no_exchange;
    if (verdict->explanation || cause_facts[verdict->cause].use != 'C' || verdict->cause == CAUSE_CANCELLED)
        return;
    struct explain_context context = explain_context_of(record, attempt, &no_exchange, arena);
    verdict->explanation = explanation_of_cause(verdict->cause, &context, arena);
    verdict->is_untold = true;
}

static void not_done(struct verdict *verdict, const struct record *record, const struct attempt *attempt,
                     const struct catalog *catalog, struct arena *arena)
{
    const struct dialogue *dialogue = &attempt->dialogue;
    const struct dialogue_end *end = &dialogue->end;
    const struct exchange *exchange = decisive_exchange(dialogue);
    if (exchange && exchange->reply) {
        verdict->code = exchange->reply->code;
        verdict->enhanced = exchange->reply->enhanced;
        verdict->explanation = explain_exchange(record, attempt, end->decisive, catalog, arena);
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
        verdict->exit_status = exit_of_stage(end->stage, &dialogue->notes);
    explain_untold(verdict, record, attempt, arena);
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

static bool has_word(const char *name, struct span word)
{
    struct span rest = span_of_string(name), part;
    while (span_next_token(&rest, " /(),'", &part))
        if (span_equal_nocase(part, word))
            return true;
    return false;
}

/** Titles about a provider or a program are likely to begin with its name. */
static bool begins_with_name(const struct explanation *explanation, const char *title)
{
    struct span word = span_first(span_of_string(title), strcspn(title, " ':,"));
    return explanation && (has_word(explanation->provider_name, word) ||
                           has_word(explanation->provider, word) || has_word(explanation->software, word));
}

/** "No such mailbox" within a sentence: a first letter that begins an ordinary word becomes small. */
static const char *within_sentence(const struct explanation *explanation, const char *title,
                                   struct arena *arena)
{
    char *text = arena_copy_string(arena, title);
    bool is_word = text[0] && (text[1] == ' ' || (text[1] >= 'a' && text[1] <= 'z'));
    if (is_word && !begins_with_name(explanation, title))
        text[0] = ascii_lower(text[0]);
    size_t size = strlen(text);
    if (size > 0 && text[size - 1] == '.')
        text[size - 1] = '\0';
    return text;
}

static const char *reply_text_of(const struct verdict *verdict, struct arena *arena)
{
    char enhanced[ENHANCED_STATUS_TEXT_SIZE];
    enhanced_status_format(verdict->enhanced, enhanced);
    return arena_printf(arena, "%d%s%s", verdict->code, enhanced[0] ? " " : "", enhanced);
}

static const char *detail_of_signal(const struct record *record, struct arena *arena)
{
    return arena_printf(arena, "signal %d, %s", record->signal_number, strsignal(record->signal_number));
}

static const char *peer_of(const struct attempt *attempt, struct arena *arena)
{
    bool has_name = !span_is(span_of_string(attempt->host), attempt->address.text);
    return arena_printf(arena, "%s%s[%s]:%u", has_name ? attempt->host : "", has_name ? " " : "",
                        attempt->address.text, attempt->port);
}

static const char *detail_of_our_side(const struct record *record, const struct attempt *attempt)
{
    if (record->local_detail)
        return record->local_detail;
    if (attempt && attempt->error_number)
        return strerror(attempt->error_number);
    return attempt ? attempt->dialogue.end.detail : NULL;
}

/** Whether the detail of an end adds to the cause's title. A list of mechanisms and remedies is too much for
 * a line. */
static bool is_worth_a_detail(enum cause cause)
{
    switch (cause) {
    case CAUSE_AUTH_NO_COMMON_MECHANISM:
    case CAUSE_AUTH_CLEARTEXT_WITHHELD:
    case CAUSE_EHLO_NOT_SUPPORTED:
    case CAUSE_STARTTLS_INJECTION:
    case CAUSE_UNSOLICITED_REPLY:
        return false;
    default:
        return true;
    }
}

static const char *detail_of_end(const struct verdict *verdict, const struct dialogue_end *end,
                                 struct arena *arena)
{
    if (!is_worth_a_detail(verdict->cause))
        return NULL;
    if (end->ending == ENDING_TIMEOUT)
        return arena_printf(arena, "%s%swaited %.0f s", end->detail ? end->detail : "",
                            end->detail ? ", " : "", duration_in_seconds(end->waited));
    if (end->detail)
        return end->detail;
    return verdict->code ? reply_text_of(verdict, arena) : NULL;
}

/** The one fact that a reader wants next: which server, which reply, how long. NULL if there is none. */
static const char *detail_of(const struct verdict *verdict, const struct record *record,
                             const struct attempt *attempt, struct arena *arena)
{
    if (verdict->cause == CAUSE_CANCELLED)
        return detail_of_signal(record, arena);
    if (verdict->outcome == OUTCOME_LOCAL_ERROR)
        return detail_of_our_side(record, attempt);
    if (verdict->stage == STAGE_RESOLVE)
        return record->domain ? record->domain : record->server;
    if (verdict->stage == STAGE_CONNECT)
        return peer_of(attempt, arena);
    return detail_of_end(verdict, &attempt->dialogue.end, arena);
}

static const char *remark_on_quit(const struct dialogue_notes *notes)
{
    if (!notes->quit_failed)
        return "";
    return notes->quit_met_close ? "; it closed the connection instead of answering QUIT"
                                 : "; only QUIT was not answered as it should be";
}

static const char *sentence_of_success(const struct verdict *verdict, const struct record *record,
                                       const struct attempt *attempt, struct arena *arena)
{
    const struct dialogue_notes *notes = &attempt->dialogue.notes;
    const char *quit = remark_on_quit(notes);
    const char *some = "";
    if (notes->recipients_refused)
        some = arena_printf(arena, " for %zu of %zu recipients", notes->recipients_accepted,
                            record->plan->recipient_count);
    if (verdict->stage != STAGE_BODY || record->plan->stop != STOP_NOT)
        return arena_printf(arena, "Done as asked: %s up to %s%s at %s%s.",
                            notes->auth_tolerated ? "without the login, all else went well" : "all went well",
                            title_of_stage(verdict->stage), some, attempt->host, quit);
    return arena_printf(arena, "Accepted: %s took the message%s%s%s.", attempt->host, some,
                        notes->authenticated    ? " after login"
                        : notes->auth_tolerated ? " without the login"
                                                : "",
                        quit);
}

/** Whoever is interrupted now must not send again. */
static bool message_was_taken(const struct attempt *attempt)
{
    for (size_t i = 0; attempt && i < attempt->dialogue.answered; i++)
        if (attempt->dialogue.exchanges[i].stage == STAGE_BODY &&
            attempt->dialogue.exchanges[i].result == EXCHANGE_POSITIVE)
            return true;
    return false;
}

/** The message that the session ended amid, or NULL. */
static const struct exchange *cut_message(const struct attempt *attempt)
{
    for (size_t i = 0; attempt && i < attempt->dialogue.exchange_count; i++)
        if (attempt->dialogue.exchanges[i].body_is_cut)
            return &attempt->dialogue.exchanges[i];
    return NULL;
}

/** "Refused at RCPT TO": but before a session there is no place that the words do not name already. */
static const char *heading(const struct verdict *verdict, const struct attempt *attempt, struct arena *arena)
{
    const struct exchange *cut = cut_message(attempt);
    const char *outcome = outcome_words[verdict->outcome].title;
    bool has_place = verdict->outcome != OUTCOME_NO_MAIL && verdict->stage != STAGE_CONNECT &&
                     verdict->stage != STAGE_USAGE && verdict->stage != STAGE_RESOLVE;
    if (!has_place)
        return outcome;
    if (cut && verdict->stage == STAGE_BODY)
        return arena_printf(arena, "%s amid %s, after %llu octets", outcome, title_of_stage(STAGE_BODY),
                            cut->body_octets);
    return arena_printf(arena, "%s at %s", outcome, title_of_stage(verdict->stage));
}

static const char *sentence(const struct verdict *verdict, const struct record *record,
                            const struct attempt *attempt, struct arena *arena)
{
    if (verdict->outcome == OUTCOME_ACCEPTED)
        return sentence_of_success(verdict, record, attempt, arena);
    const char *detail = detail_of(verdict, record, attempt, arena);
    return arena_printf(arena, "%s: %s%s%s%s%s.", heading(verdict, attempt, arena),
                        within_sentence(verdict->explanation, title_of_cause(verdict), arena),
                        detail ? " (" : "", detail ? detail : "", detail ? ")" : "",
                        message_was_taken(attempt) ? "; the message had been accepted by then" : "");
}

static enum stage stage_of_interruption(const struct attempt *attempt)
{
    if (!attempt)
        return STAGE_RESOLVE;
    bool is_known = attempt_has_dialogue(attempt) && attempt->dialogue.end.ending != ENDING_NOT_YET;
    return is_known ? attempt->dialogue.end.stage : STAGE_CONNECT;
}

void verdict_reach(struct verdict *verdict, const struct record *record, const struct catalog *catalog,
                   struct arena *arena)
{
    const struct attempt *attempt = record_decisive_attempt(record);
    *verdict = (struct verdict){.outcome = OUTCOME_LOCAL_ERROR};
    if (record->local_cause != CAUSE_OK)
        local_error(verdict, record, record->local_cause, stage_of_interruption(attempt));
    else if (!attempt || attempt->result != ATTEMPT_ENDED)
        without_connection(verdict, record, attempt);
    else if (attempt->dialogue.end.ending == ENDING_DONE)
        done(verdict, &attempt->dialogue);
    else
        not_done(verdict, record, attempt, catalog, arena);
    verdict->retry = retry_of(verdict);
    verdict->title = sentence(verdict, record, attempt, arena);
}
