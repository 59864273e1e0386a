#include "cli/settings.h"

#include "cli/secret_source.h"
#include "sasl/mechanism.h"

/* --- Policy and mechanisms --- */

static const struct {
    enum option_id option;
    enum auth_policy policy;
} policies[] = {
    {OPTION_AUTH, AUTH_REQUIRED},
    {OPTION_AUTH_OPTIONAL, AUTH_OPTIONAL},
    {OPTION_AUTH_OPTIONAL_STRICT, AUTH_OPTIONAL_STRICT},
};

static bool set_mechanisms(struct settings *settings, const char *list)
{
    struct span rest = span_of_string(list), word;
    size_t count = 0, capacity = 0;
    char **names = NULL;
    while (span_next_token(&rest, ", ", &word)) {
        names = arena_grow(&settings->arena, names, count, &capacity, sizeof *names);
        char *name = arena_printf(&settings->arena, "%.*s", SPAN_ARGS(word));
        for (char *c = name; *c; c++)
            *c = ascii_upper(*c);
        names[count++] = name;
    }
    names = arena_grow(&settings->arena, names, count, &capacity, sizeof *names);
    if (count > 0) {
        names[count] = NULL;
        settings->auth.allowed = (const char *const *)names;
    }
    return count > 0;
}

static bool is_mechanism_list(const char *list)
{
    for (const char *c = list; *c; c++)
        if (!ascii_is_alpha(*c) && !ascii_is_digit(*c) && !strchr("-_, ", *c))
            return false;
    return true;
}

static bool set_policy(struct settings *settings, const struct option_values *values, struct error *error)
{
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        const char *list = options_text(values, policies[i].option);
        if (!options_given(values, policies[i].option))
            continue;
        settings->plan.auth = policies[i].policy;
        if (list && (!is_mechanism_list(list) || !set_mechanisms(settings, list)))
            return options_complain(values, options_find(values, policies[i].option), error,
                                    "mechanisms are words such as PLAIN or SCRAM-SHA-256, joined by commas");
    }
    return true;
}

/* --- Extras --- */

static bool set_extra(struct settings *settings, const char *key, const char *value)
{
    struct auth_settings *auth = &settings->auth;
    const struct {
        const char *key;
        const char **place;
    } keys[] = {
        {"realm", &auth->realm},     {"domain", &auth->realm},
        {"authzid", &auth->authzid}, {"dmd5-serv-type", &auth->service},
        {"dmd5-host", &auth->host},  {"dmd5-serv-name", &auth->service_name},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i].key) == 0) {
            *keys[i].place = value;
            return true;
        }
    return false;
}

static bool set_extras(struct settings *settings, const struct option_values *values, struct error *error)
{
    struct span rest = span_of_string(options_text(values, OPTION_AUTH_EXTRA)), pair;
    while (span_next_token(&rest, ",", &pair)) {
        char *key = arena_printf(&settings->arena, "%.*s", SPAN_ARGS(pair));
        char *equals = strchr(key, '=');
        if (equals)
            *equals = '\0';
        if (!equals || !set_extra(settings, key, equals + 1))
            return options_complain(
                values, options_find(values, OPTION_AUTH_EXTRA), error,
                "realm=, authzid=, dmd5-serv-type=, dmd5-host= and dmd5-serv-name= are known");
    }
    return true;
}

static bool set_alias_map(struct settings *settings, const struct option_values *values, struct error *error)
{
    const char *map = options_text(values, OPTION_AUTH_MAP);
    struct span rest = span_of_string(map), pair;
    while (span_next_token(&rest, ",", &pair)) {
        const char *equals = memchr(pair.at, '=', pair.size);
        if (!equals || equals == pair.at || equals + 1 == pair.at + pair.size)
            return options_complain(values, options_find(values, OPTION_AUTH_MAP), error,
                                    "ALIAS=MECHANISM is wanted, as in X-PLAIN=PLAIN");
    }
    settings->auth.alias_map = map;
    return true;
}

/** INVARIANT: a password in the clear is never our choice, and never goes without a word. */
static void warn_of_clear_password(struct settings *settings)
{
    for (const char *const *name = settings->auth.allowed; name && *name; name++) {
        const struct mechanism *mechanism = mechanism_find(span_of_string(*name));
        if (mechanism && mechanism->sends_password)
            buffer_printf(
                &settings->warnings,
                "--no-tls and --auth %s: the password goes over the network readable by everybody on the "
                "way, if the server offers %s.\n",
                *name, *name);
    }
}

/* --- User and password --- */

static bool has_controls(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
            return true;
    return false;
}

/** INVARIANT: nothing of a login has a control character, though base64 would carry it: servers log names. */
static bool check_words(const struct option_values *values, struct error *error)
{
    static const enum option_id words[] = {OPTION_AUTH_USER, OPTION_AUTH_EXTRA, OPTION_AUTH_MAP};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (has_controls(span_of_string(options_text(values, words[i]))))
            return options_complain(values, options_find(values, words[i]), error,
                                    "a control character, such as a line end, cannot stand there");
    return true;
}

/** Whether anything that may be chosen needs a user, or a password. */
static void what_is_needed(const struct auth_settings *auth, bool *user, bool *password)
{
    *user = *password = auth->allowed == NULL;
    for (const char *const *name = auth->allowed; name && *name; name++) {
        const struct mechanism *mechanism = mechanism_find(span_of_string(*name));
        *user |= !mechanism || mechanism->needs_user;
        *password |= !mechanism || mechanism->needs_password;
    }
}

static bool ask(const char *what, bool hidden, const char *remedy, struct buffer *answer, struct error *error)
{
    struct error fault = ERROR_NONE;
    return secret_source_prompt(what, hidden, answer, &fault) ||
           error_set(error, "No %s: %s.\n%s", hidden ? "password" : "user", fault.text, remedy);
}

static const char *netrc_host(const struct settings *settings)
{
    if (settings->probe.server)
        return settings->probe.server;
    return settings->probe.domain ? settings->probe.domain : settings->probe.literal;
}

static bool get_user(struct settings *settings, struct option_values *values, struct buffer *user,
                     bool is_needed, struct error *error)
{
    const char *given = options_text(values, OPTION_AUTH_USER);
    bool has_password = options_text(values, OPTION_AUTH_PASSWORD) != NULL;
    struct buffer unused = BUFFER_EMPTY;
    if (given)
        buffer_add_string(user, strcmp(given, "<>") == 0 ? "" : given);
    if (is_needed && !(given && has_password))
        secret_source_netrc(netrc_host(settings), user, has_password ? &unused : &settings->password,
                            &settings->warnings);
    buffer_wipe(&unused);
    if (has_controls(buffer_span(user)))
        return error_set(error, "The user name in the netrc file has a control character in it.");
    if (given || user->size > 0 || !is_needed)
        return true;
    return ask("Username", false, "--auth-user USER gives one; ~/.netrc is read too.", user, error);
}

static bool get_password(struct settings *settings, struct option_values *values, bool is_needed,
                         struct error *error)
{
    const char *given = options_text(values, OPTION_AUTH_PASSWORD);
    struct error fault = ERROR_NONE;
    if (given)
        return secret_source_read(given, &settings->password, &fault) ||
               options_complain(values, options_find(values, OPTION_AUTH_PASSWORD), error, "%s", fault.text);
    if (!is_needed || settings->password.size > 0)
        return true;
    return ask("Password", true, "--auth-password @FILE, env:NAME or fd:N gives one; ~/.netrc is read too.",
               &settings->password, error);
}

bool settings_make_login(struct settings *settings, struct option_values *values, struct error *error)
{
    bool needs_user, needs_password;
    struct buffer user = BUFFER_EMPTY;
    settings->auth.try_all = options_given(values, OPTION_AUTH_TRY_ALL);
    settings->auth.mask = options_text(values, OPTION_AUTH_HIDE_PASSWORD);
    if (!check_words(values, error) || !set_policy(settings, values, error) ||
        !set_extras(settings, values, error) || !set_alias_map(settings, values, error))
        return false;
    if (settings->plan.auth == AUTH_NONE)
        return true;
    if (settings->plan.tls == TLS_NONE)
        warn_of_clear_password(settings);
    what_is_needed(&settings->auth, &needs_user, &needs_password);
    bool ok = get_user(settings, values, &user, needs_user, error) &&
              get_password(settings, values, needs_password, error);
    settings->auth.user = arena_copy_string(&settings->arena, buffer_string(&user));
    buffer_clear(&user);
    if (!ok)
        return false;
    settings->probe.auth_user = settings->auth.user;
    settings->auth.password = buffer_span(&settings->password);
    if (settings->password.size > 0)
        secret_list_add(&settings->secrets, buffer_span(&settings->password));
    settings->probe.authenticator = cyrus_authenticator_new(&settings->auth);
    return true;
}
