#include "scripted_sasl.h"

#define USER "jo"
#define PASSWORD "pencil"
#define MASK "******"

enum { NO_MECHANISM = -1 };

typedef void respond_function(struct scripted_sasl *, struct span challenge, struct auth_action *);

struct scripted_mechanism {
    const char *name;
    bool sends_password;
    bool has_initial;
    bool is_done_at_once;
    struct span initial;
    struct span shown;
    respond_function *respond;
};

static void give_up(struct auth_action *action, enum cause cause, const char *reason)
{
    action->state = AUTH_GIVE_UP;
    action->cause = cause;
    action->reason = reason;
}

static void answer(struct auth_action *action, enum auth_state state, struct span response)
{
    action->state = state;
    action->has_response = true;
    action->response = response;
}

static void respond_nothing_more(struct scripted_sasl *sasl, struct span challenge,
                                 struct auth_action *action)
{
    (void)sasl;
    (void)challenge;
    give_up(action, CAUSE_AUTH_EXCHANGE_INVALID, "a challenge too many");
}

static void respond_login(struct scripted_sasl *sasl, struct span challenge, struct auth_action *action)
{
    (void)challenge;
    if (sasl->round == 1) {
        answer(action, AUTH_CONTINUE, SPAN(USER));
    } else if (sasl->round == 2) {
        answer(action, AUTH_COMPLETE, SPAN(PASSWORD));
        action->is_secret = true;
        action->shown = SPAN(MASK);
    } else {
        give_up(action, CAUSE_AUTH_EXCHANGE_INVALID, "a challenge too many");
    }
}

static void respond_empty(struct scripted_sasl *sasl, struct span challenge, struct auth_action *action)
{
    (void)sasl;
    (void)challenge;
    answer(action, AUTH_COMPLETE, SPAN(""));
}

static void respond_scram(struct scripted_sasl *sasl, struct span challenge, struct auth_action *action)
{
    if (sasl->round == 1 && span_starts_with(challenge, "r=abc"))
        answer(action, AUTH_CONTINUE, SPAN("c=biws,p=proof"));
    else if (sasl->round == 2 && span_is(challenge, "v=good"))
        answer(action, AUTH_COMPLETE, SPAN(""));
    else if (sasl->round == 2)
        give_up(action, CAUSE_AUTH_SERVER_SIGNATURE, "wrong server signature");
    else
        give_up(action, CAUSE_AUTH_EXCHANGE_INVALID, "wrong nonce");
}

static void respond_endless(struct scripted_sasl *sasl, struct span challenge, struct auth_action *action)
{
    (void)sasl;
    (void)challenge;
    answer(action, AUTH_CONTINUE, SPAN("on"));
}

static const struct scripted_mechanism mechanisms[] = {
    {"PLAIN",
     true,
     true,
     true,
     {"\0" USER "\0" PASSWORD, 10},
     {"\0" USER "\0" MASK, 10},
     respond_nothing_more},
    {"LOGIN", true, false, false, {"", 0}, {"", 0}, respond_login},
    {"EMPTY", false, true, false, {"", 0}, {"", 0}, respond_empty},
    {"SCRAM", false, true, false, {"n,,n=" USER ",r=abc", 13}, {"", 0}, respond_scram},
    {"ENDLESS", false, false, false, {"", 0}, {"", 0}, respond_endless},
    {"BROKEN", false, false, false, {"", 0}, {"", 0}, respond_nothing_more},
};

enum { MECHANISM_COUNT = sizeof mechanisms / sizeof *mechanisms };

static int find_mechanism(struct span name)
{
    for (int i = 0; i < MECHANISM_COUNT; i++)
        if (span_is_nocase(name, mechanisms[i].name))
            return i;
    return NO_MECHANISM;
}

static void begin(struct scripted_sasl *sasl, int index, struct auth_action *action)
{
    const struct scripted_mechanism *mechanism = &mechanisms[index];
    sasl->current = index;
    sasl->tried |= 1u << index;
    sasl->round = 0;
    sasl->satisfied = mechanism->is_done_at_once;
    action->state = sasl->satisfied ? AUTH_COMPLETE : AUTH_CONTINUE;
    action->mechanism = mechanism->name;
    action->has_response = mechanism->has_initial;
    action->response = mechanism->initial;
    action->is_secret = mechanism->sends_password && mechanism->has_initial;
    action->shown = mechanism->shown;
}

static void choose(struct authenticator *authenticator, const struct capability_set *offered,
                   const struct auth_circumstances *circumstances, struct auth_action *action)
{
    struct scripted_sasl *sasl = (struct scripted_sasl *)authenticator;
    struct span rest = sasl->allowed, name;
    bool is_withheld = false;
    while (span_next_token(&rest, ",", &name)) {
        int index = find_mechanism(name);
        if (index == NO_MECHANISM || sasl->tried >> index & 1 || !capability_has_mechanism(offered, name))
            continue;
        if (!mechanisms[index].sends_password || circumstances->in_tls || circumstances->tls_was_declined) {
            begin(sasl, index, action);
            return;
        }
        is_withheld = true;
    }
    give_up(action, is_withheld ? CAUSE_AUTH_CLEARTEXT_WITHHELD : CAUSE_AUTH_NO_COMMON_MECHANISM, NULL);
}

static void respond(struct authenticator *authenticator, struct span challenge, struct auth_action *action)
{
    struct scripted_sasl *sasl = (struct scripted_sasl *)authenticator;
    sasl->round++;
    mechanisms[sasl->current].respond(sasl, challenge, action);
    sasl->satisfied = action->state == AUTH_COMPLETE;
}

static void conclude(struct authenticator *authenticator, int code, struct auth_action *action)
{
    struct scripted_sasl *sasl = (struct scripted_sasl *)authenticator;
    if (code == 235 && sasl->satisfied)
        action->state = AUTH_COMPLETE;
    else if (code == 235)
        give_up(action, CAUSE_AUTH_EXCHANGE_INVALID, "235 before the mechanism was done");
    else if (sasl->try_all || code == 504 || code == 534 || code == 538)
        action->state = AUTH_CONTINUE;
    else
        give_up(action, CAUSE_UNKNOWN, NULL);
}

static void reset(struct authenticator *authenticator)
{
    struct scripted_sasl *sasl = (struct scripted_sasl *)authenticator;
    sasl->current = NO_MECHANISM;
    sasl->satisfied = false;
}

void scripted_sasl_init(struct scripted_sasl *sasl, struct span allowed, bool try_all)
{
    *sasl = (struct scripted_sasl){
        .authenticator = {choose, respond, conclude, reset},
        .allowed = allowed,
        .try_all = try_all,
        .current = NO_MECHANISM,
    };
}
