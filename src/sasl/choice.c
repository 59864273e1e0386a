#include "sasl/choice.h"

#include "base/printable.h"

enum { SHOWN_LIMIT = 20 }; /* names of a server's list in a message */

/** Why a mechanism is not used. */
enum obstacle {
    OBSTACLE_NONE,
    OBSTACLE_EXCLUDED,
    OBSTACLE_UNNAMED,  /* used only when the user names it */
    OBSTACLE_CLEAR,    /* would send the password in clear */
    OBSTACLE_UNPROVEN, /* ... to a peer that is not proven */
    OBSTACLE_TICKET,
    OBSTACLE_CERTIFICATE,
    OBSTACLE_USER,
    OBSTACLE_PASSWORD,
    OBSTACLE_COUNT
};

/** What a name stands for: the user's --auth-map, then the names that Microsoft gave NTLM. */
static struct span type_of(const struct auth_settings *settings, struct span name)
{
    struct span map = span_of_string(settings->alias_map), pair;
    while (span_next_token(&map, ", ", &pair)) {
        const char *equals = memchr(pair.at, '=', pair.size);
        if (equals && span_equal_nocase(span_first(pair, (size_t)(equals - pair.at)), name))
            return span_skip(pair, (size_t)(equals - pair.at) + 1);
    }
    bool is_ntlm = span_is_nocase(name, "SPA") || span_is_nocase(name, "MSN");
    return is_ntlm ? SPAN("NTLM") : name;
}

static struct candidate candidate_of(const struct auth_settings *settings, struct span name)
{
    struct candidate candidate = {.name = name, .type = type_of(settings, name)};
    if (span_is_nocase(candidate.type, "LOGIN-INITIAL")) {
        candidate.sends_user_first = true;
        candidate.type = SPAN("LOGIN");
        if (span_is_nocase(name, "LOGIN-INITIAL"))
            candidate.name = SPAN("LOGIN");
    }
    const struct mechanism *mechanism = mechanism_find(candidate.type);
    candidate.mechanism = mechanism ? mechanism : &unknown_mechanism;
    if (mechanism)
        candidate.type = span_of_string(mechanism->name);
    if (span_equal_nocase(candidate.name, candidate.type))
        candidate.name = candidate.type;
    return candidate;
}

/** sasl-mech of RFC 4422 3.1, in either case and of any length. */
static bool is_mechanism_name(struct span name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!ascii_is_alpha(name.at[i]) && !ascii_is_digit(name.at[i]) && name.at[i] != '-' &&
            name.at[i] != '_')
            return false;
    return name.size > 0;
}

static bool contains_word(struct span words, struct span word)
{
    struct span each;
    while (span_next_token(&words, " ", &each))
        if (span_equal_nocase(each, word))
            return true;
    return false;
}

/** What keeps the password from going in clear. */
static enum obstacle password_obstacle(const struct auth_circumstances *circumstances, bool is_named)
{
    if (circumstances->verification_wanted && !(circumstances->in_tls && circumstances->peer_verified))
        return OBSTACLE_UNPROVEN;
    if (!circumstances->in_tls && !(is_named && circumstances->tls_was_declined))
        return OBSTACLE_CLEAR;
    return OBSTACLE_NONE;
}

/**
 * Whether a mechanism that the user did not name lacks what it takes. Somebody
 * who gives a password means it to be used, even beside a certificate.
 */
static enum obstacle unnamed_obstacle(const struct choice *choice, const struct mechanism *mechanism)
{
    if (mechanism->rank == 0)
        return OBSTACLE_UNNAMED;
    if (mechanism->needs_ticket && !choice->has_ticket)
        return OBSTACLE_TICKET;
    if (mechanism->needs_certificate &&
        !(choice->circumstances->in_tls && choice->circumstances->has_client_certificate))
        return OBSTACLE_CERTIFICATE;
    if (mechanism->needs_certificate && choice->settings->password.at)
        return OBSTACLE_UNNAMED;
    return OBSTACLE_NONE;
}

static enum obstacle obstacle_to(const struct choice *choice, const struct candidate *candidate)
{
    const struct mechanism *mechanism = candidate->mechanism;
    bool is_named = choice->settings->allowed != NULL;
    enum obstacle found = OBSTACLE_NONE;
    if (!is_mechanism_name(candidate->name) || contains_word(choice->excluded, candidate->name))
        return OBSTACLE_EXCLUDED;
    if (!is_named)
        found = unnamed_obstacle(choice, mechanism);
    if (!found && mechanism->sends_password)
        found = password_obstacle(choice->circumstances, is_named);
    if (!found && mechanism->needs_user && !choice->settings->user)
        found = OBSTACLE_USER;
    if (!found && mechanism->needs_password && !choice->settings->password.at)
        found = OBSTACLE_PASSWORD;
    return found;
}

static bool choose_named(const struct choice *choice, struct candidate *chosen)
{
    for (const char *const *name = choice->settings->allowed; *name; name++) {
        *chosen = candidate_of(choice->settings, span_of_string(*name));
        if (capability_has_mechanism(choice->offered, chosen->name) &&
            obstacle_to(choice, chosen) == OBSTACLE_NONE)
            return true;
    }
    return false;
}

static bool choose_strongest(const struct choice *choice, struct candidate *chosen)
{
    int rank = 0;
    for (size_t i = 0; i < choice->offered->mechanism_count; i++) {
        struct candidate candidate = candidate_of(choice->settings, choice->offered->mechanisms[i]);
        if (candidate.mechanism->rank <= rank || obstacle_to(choice, &candidate) != OBSTACLE_NONE)
            continue;
        rank = candidate.mechanism->rank;
        *chosen = candidate;
    }
    return rank > 0;
}

bool choice_make(const struct choice *choice, struct candidate *chosen)
{
    return choice->settings->allowed ? choose_named(choice, chosen) : choose_strongest(choice, chosen);
}

bool choice_may_go_on(const struct auth_settings *settings, int code)
{
    if (code == 504 || code == 534 || code == 538)
        return true;
    if (code < 500)
        return false;
    return settings->try_all || (settings->allowed && code != 535);
}

/* Explanations */

/** What stood in the way, with the first mechanism that it stopped. */
struct survey {
    struct candidate examples[OBSTACLE_COUNT];
    bool found[OBSTACLE_COUNT];
    const char *package;         /* would bring a mechanism that is offered */
    struct candidate unpackaged; /* the mechanism that it brings */
    bool has_only_bound;         /* all that is offered are -PLUS variants */
};

static bool is_wanted(const struct auth_settings *settings, const struct candidate *candidate)
{
    if (!settings->allowed)
        return true;
    for (const char *const *name = settings->allowed; *name; name++)
        if (span_equal_nocase(candidate_of(settings, span_of_string(*name)).name, candidate->name))
            return true;
    return false;
}

static void survey_candidate(struct survey *survey, const struct choice *choice, struct span ours,
                             const struct candidate *candidate)
{
    const struct mechanism *mechanism = candidate->mechanism;
    enum obstacle found = obstacle_to(choice, candidate);
    bool is_usable = mechanism->rank > 0 || choice->settings->allowed;
    if (mechanism == &unknown_mechanism && found == OBSTACLE_UNNAMED)
        return;
    if (!survey->found[found])
        survey->examples[found] = *candidate;
    survey->found[found] = true;
    if (!survey->package && mechanism->package && is_usable && !contains_word(ours, candidate->type)) {
        survey->package = mechanism->package;
        survey->unpackaged = *candidate;
    }
}

static void survey_offer(struct survey *survey, const struct choice *choice, struct span ours)
{
    survey->has_only_bound = choice->offered->mechanism_count > 0;
    for (size_t i = 0; i < choice->offered->mechanism_count; i++) {
        struct span name = choice->offered->mechanisms[i];
        struct candidate candidate = candidate_of(choice->settings, name);
        survey->has_only_bound &= span_ends_with_nocase(name, "-PLUS");
        if (is_wanted(choice->settings, &candidate))
            survey_candidate(survey, choice, ours, &candidate);
    }
}

static void add_offered(const struct choice *choice, struct buffer *reason)
{
    size_t count = choice->offered->mechanism_count;
    buffer_add_string(reason, count > 0 ? "the server offers" : "the server offers no mechanism");
    for (size_t i = 0; i < count && i < SHOWN_LIMIT; i++) {
        buffer_add_char(reason, ' ');
        printable_add(reason, choice->offered->mechanisms[i], NULL);
    }
    if (count > SHOWN_LIMIT)
        buffer_printf(reason, " and %zu more", count - SHOWN_LIMIT);
}

static void add_allowed(const struct auth_settings *settings, struct buffer *reason)
{
    if (!settings->allowed)
        return;
    buffer_add_string(reason, "; --auth allows");
    for (const char *const *name = settings->allowed; *name; name++)
        buffer_printf(reason, " %s", *name);
}

static void add_ours(struct span ours, struct buffer *reason)
{
    buffer_add_string(reason, "; this machine has ");
    if (ours.size > 0)
        buffer_add(reason, ours);
    else
        buffer_add_string(reason, "none");
}

static void add_remedies(const struct survey *survey, struct buffer *reason)
{
    static const struct {
        enum obstacle obstacle;
        const char *remedy;
    } remedies[] = {
        {OBSTACLE_TICKET, "needs a Kerberos ticket: run kinit"},
        {OBSTACLE_CERTIFICATE, "needs a client certificate: --tls-cert and --tls-key"},
        {OBSTACLE_USER, "needs --auth-user"},
        {OBSTACLE_PASSWORD, "needs --auth-password"},
        {OBSTACLE_UNNAMED, "is used only when named with --auth"},
    };
    if (survey->package)
        buffer_printf(reason, "; %s comes with a package: apt-get install %s",
                      survey->unpackaged.mechanism->name, survey->package);
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
        if (survey->found[remedies[i].obstacle]) {
            buffer_add_string(reason, "; ");
            printable_add(reason, survey->examples[remedies[i].obstacle].name, NULL);
            buffer_printf(reason, " %s", remedies[i].remedy);
        }
    if (survey->has_only_bound)
        buffer_add_string(reason, "; mechanisms with channel binding (-PLUS) are not supported by smtpprobe");
}

enum cause choice_explain(const struct choice *choice, struct span ours, struct buffer *reason)
{
    struct survey survey = {0};
    survey_offer(&survey, choice, ours);
    add_offered(choice, reason);
    if (survey.found[OBSTACLE_UNPROVEN]) {
        buffer_add_string(reason, "; a password in clear goes only to a server whose certificate was proven, "
                                  "as --tls-verify demands");
        return CAUSE_AUTH_CLEARTEXT_WITHHELD;
    }
    if (survey.found[OBSTACLE_CLEAR]) {
        buffer_add_string(reason, "; without TLS the password could be read on the way, so it was not sent");
        return CAUSE_AUTH_CLEARTEXT_WITHHELD;
    }
    add_allowed(choice->settings, reason);
    add_ours(ours, reason);
    add_remedies(&survey, reason);
    return CAUSE_AUTH_NO_COMMON_MECHANISM;
}
