#include "smtp/auth.h"

#include "base/base64.h"
#include "smtp/steps.h"

#include <stdint.h>

bool auth_wanted(const struct dialogue *dialogue)
{
    return dialogue->plan->auth != AUTH_NONE;
}

static enum move tolerate(struct dialogue *dialogue)
{
    dialogue->notes.auth_tolerated = true;
    return MOVE_NEXT;
}

static void note(struct dialogue *dialogue, enum cause cause, const char *reason)
{
    dialogue->notes.auth_cause = cause;
    dialogue->notes.auth_reason = reason ? arena_copy_string(dialogue->arena, reason) : NULL;
}

static enum ending ending_for(enum cause cause)
{
    switch (cause) {
    case CAUSE_AUTH_CLEARTEXT_WITHHELD:
        return ENDING_INSECURE;
    case CAUSE_AUTH_EXCHANGE_INVALID:
    case CAUSE_AUTH_SERVER_SIGNATURE:
        return ENDING_VIOLATION;
    case CAUSE_USAGE:
    case CAUSE_FEATURE_MISSING:
    case CAUSE_LOCAL_FAILURE:
        return ENDING_LOCAL;
    default:
        return ENDING_UNSUPPORTED;
    }
}

/* Beginning */

/** Nothing was tried: both optional policies let that pass. */
static enum move cannot_begin(struct dialogue *dialogue, enum cause cause, const char *reason)
{
    note(dialogue, cause, reason);
    if (dialogue->plan->auth != AUTH_REQUIRED)
        return tolerate(dialogue);
    return dialogue_lacks(dialogue, STAGE_AUTH, ending_for(cause), cause, dialogue->notes.auth_reason);
}

static enum move refused(struct dialogue *dialogue, const struct exchange *exchange)
{
    return dialogue->plan->auth == AUTH_OPTIONAL ? tolerate(dialogue) : dialogue_refused(dialogue, exchange);
}

/** A second try in clear, after TLS had failed, is nothing that the user asked for. */
static bool tls_was_declined(const struct plan *plan)
{
    return plan->tls == TLS_NONE && !plan->fell_back_to_clear;
}

/** RFC 4954 4: the server need not offer AUTH before TLS, and a good one does not. */
static enum cause cause_of_absence(const struct dialogue *dialogue)
{
    bool hides = tls_was_declined(dialogue->plan) &&
                 capability_has(dialogue_capabilities(dialogue), EXTENSION_STARTTLS);
    return hides ? CAUSE_AUTH_ONLY_AFTER_TLS : CAUSE_AUTH_NOT_OFFERED;
}

static struct auth_circumstances circumstances_of(const struct dialogue *dialogue)
{
    const struct plan *plan = dialogue->plan;
    return (struct auth_circumstances){.in_tls = dialogue->notes.in_tls,
                                       .peer_verified = dialogue->is_peer_verified,
                                       .verification_wanted = plan->verification_wanted,
                                       .tls_was_declined = tls_was_declined(plan),
                                       .has_client_certificate = plan->has_client_certificate,
                                       .host = dialogue->host};
}

/** What may be seen of the response. */
static struct span shown(const struct auth_action *action)
{
    return action->is_secret ? action->shown : action->response;
}

static enum move say_first_line(struct dialogue *dialogue)
{
    const struct auth_action *action = &dialogue->auth.action;
    dialogue->notes.mechanism = arena_copy_string(dialogue->arena, action->mechanism);
    if (!action->has_response)
        return dialogue_say(dialogue, "AUTH %s", action->mechanism);
    return dialogue_say_coded(dialogue, arena_printf(dialogue->arena, "AUTH %s", action->mechanism),
                              action->response, shown(action), action->is_secret);
}

static enum move begin(struct dialogue *dialogue)
{
    struct auth_progress *auth = &dialogue->auth;
    struct authenticator *authenticator = dialogue->authenticator;
    const struct capability_set *offered = dialogue_capabilities(dialogue);
    if (!capability_has(offered, EXTENSION_AUTH))
        return cannot_begin(dialogue, cause_of_absence(dialogue), NULL);
    if (!authenticator)
        return cannot_begin(dialogue, CAUSE_FEATURE_MISSING, "no authenticator");
    struct auth_circumstances circumstances = circumstances_of(dialogue);
    auth->action = (struct auth_action){0};
    authenticator->choose(authenticator, offered, &circumstances, &auth->action);
    if (auth->action.state != AUTH_GIVE_UP) {
        auth->is_under_way = true;
        auth->rounds = 0;
        return say_first_line(dialogue);
    }
    if (auth->refusal != SIZE_MAX)
        return refused(dialogue, &dialogue->exchanges[auth->refusal]);
    if (auth->action.ours)
        dialogue->notes.auth_ours = arena_copy_string(dialogue->arena, auth->action.ours);
    return cannot_begin(dialogue, auth->action.cause, auth->action.reason);
}

enum move auth_say(struct dialogue *dialogue)
{
    const struct auth_action *action = &dialogue->auth.action;
    if (!dialogue->auth.is_under_way)
        return begin(dialogue);
    if (dialogue->auth.is_cancelled)
        return dialogue_say(dialogue, "*");
    return dialogue_say_coded(dialogue, "", action->response, shown(action), action->is_secret);
}

/* Challenges */

/** RFC 4954 4: "*" ends the exchange, and the server answers it with 501. */
static enum move cancel(struct dialogue *dialogue, const struct exchange *exchange, enum cause cause,
                        const char *reason)
{
    dialogue->auth.is_cancelled = true;
    note(dialogue, cause, reason);
    if (dialogue->plan->auth != AUTH_OPTIONAL)
        dialogue_failed(dialogue, exchange, ending_for(cause), cause, dialogue->notes.auth_reason);
    return MOVE_AGAIN;
}

/** @return what is wrong with the challenge, or NULL */
static const char *read_challenge(const struct dialogue *dialogue, const struct reply *reply,
                                  struct buffer *challenge)
{
    if (dialogue->auth.rounds > AUTH_ROUNDS_LIMIT)
        return "the server goes on asking";
    if (reply->line_count != 1)
        return "a challenge of several lines";
    if (!base64_decode(reply->lines[0], challenge))
        return "a challenge that is not base64";
    return challenge->size > AUTH_CHALLENGE_LIMIT ? "a challenge beyond 64 KiB" : NULL;
}

static enum move hear_challenge(struct dialogue *dialogue, const struct exchange *exchange)
{
    struct auth_progress *auth = &dialogue->auth;
    struct authenticator *authenticator = dialogue->authenticator;
    struct buffer challenge = BUFFER_EMPTY;
    auth->rounds++;
    const char *fault = read_challenge(dialogue, exchange->reply, &challenge);
    if (!fault) {
        auth->action = (struct auth_action){0};
        authenticator->respond(authenticator, buffer_span(&challenge), &auth->action);
        if (auth->action.iterations)
            dialogue->notes.scram_iterations = auth->action.iterations;
    }
    buffer_wipe(&challenge);
    if (fault)
        return cancel(dialogue, exchange, CAUSE_AUTH_EXCHANGE_INVALID, fault);
    if (auth->action.state == AUTH_GIVE_UP)
        return cancel(dialogue, exchange, auth->action.cause, auth->action.reason);
    return MOVE_AGAIN;
}

/* Ending */

/** Whatever the server says to "*" but a refusal makes no sense. */
static enum move hear_cancelled(struct dialogue *dialogue, const struct exchange *exchange)
{
    if (exchange->result == EXCHANGE_NEGATIVE)
        return dialogue->plan->auth == AUTH_OPTIONAL ? tolerate(dialogue) : MOVE_LEAVE;
    dialogue_failed(dialogue, exchange, ENDING_VIOLATION, CAUSE_AUTH_EXCHANGE_INVALID,
                    "the server goes on though the exchange was cancelled");
    return MOVE_HANG_UP;
}

/**
 * A server that says 235 without having proven what its mechanism proves does
 * not know the password: no policy lets that pass.
 */
static enum move hear_success(struct dialogue *dialogue, const struct exchange *exchange)
{
    const struct auth_action *action = &dialogue->auth.action;
    if (action->state == AUTH_COMPLETE) {
        dialogue->notes.authenticated = true;
        return MOVE_NEXT;
    }
    note(dialogue, action->cause, action->reason);
    return dialogue_failed(dialogue, exchange, ENDING_VIOLATION, action->cause, dialogue->notes.auth_reason);
}

static enum move hear_refusal(struct dialogue *dialogue, const struct exchange *exchange)
{
    if (dialogue->auth.action.state != AUTH_CONTINUE)
        return refused(dialogue, exchange);
    dialogue->auth.refusal = (size_t)(exchange - dialogue->exchanges);
    return MOVE_AGAIN;
}

enum move auth_hear(struct dialogue *dialogue, struct exchange *exchange)
{
    struct auth_progress *auth = &dialogue->auth;
    struct authenticator *authenticator = dialogue->authenticator;
    if (exchange->result == EXCHANGE_INTERMEDIATE && !auth->is_cancelled)
        return hear_challenge(dialogue, exchange);
    auth->action = (struct auth_action){0};
    auth->is_under_way = false;
    authenticator->conclude(authenticator, exchange->reply->code, &auth->action);
    exchange->is_consequence = auth->is_cancelled && exchange->result == EXCHANGE_NEGATIVE;
    if (auth->is_cancelled)
        return hear_cancelled(dialogue, exchange);
    return exchange->result == EXCHANGE_POSITIVE ? hear_success(dialogue, exchange)
                                                 : hear_refusal(dialogue, exchange);
}
