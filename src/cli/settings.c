#include "cli/settings.h"

#include "base/address.h"
#include "cli/local_name.h"
#include "cli/option_value.h"
#include "net/connection.h"
#include "smtp/port.h"

#include <stdlib.h>
#include <sys/socket.h>

enum { QUIT_PATIENCE_SECONDS = 3 };

/* --- Protocol (swaks' names) --- */

static const struct protocol {
    bool helo_only, lmtp, tls, tls_on_connect, auth;
} protocols[] = {
    /* SMTP */ {.helo_only = true},
    /* SSMTP */ {.tls_on_connect = true},
    /* SSMTPA */ {.tls_on_connect = true, .auth = true},
    /* SMTPS */ {.helo_only = true, .tls_on_connect = true},
    /* ESMTP */ {0},
    /* ESMTPA */ {.auth = true},
    /* ESMTPS */ {.tls = true},
    /* ESMTPSA */ {.tls = true, .auth = true},
    /* LMTP */ {.lmtp = true},
    /* LMTPA */ {.lmtp = true, .auth = true},
    /* LMTPS */ {.lmtp = true, .tls = true},
    /* LMTPSA */ {.lmtp = true, .tls = true, .auth = true},
};

static const struct protocol *protocol_of(const struct option_values *values)
{
    enum { ESMTP = 4 };
    return &protocols[options_choice(values, OPTION_PROTOCOL, ESMTP)];
}

static void set_protocol(struct settings *settings, const struct option_values *values)
{
    const struct protocol *protocol = protocol_of(values);
    settings->plan.helo_only = protocol->helo_only;
    settings->plan.lmtp = protocol->lmtp;
    if (protocol->auth)
        settings->plan.auth = AUTH_REQUIRED;
    if (protocol->tls_on_connect)
        settings->plan.tls = TLS_IMPLICIT;
    else if (protocol->tls)
        settings->plan.tls = TLS_REQUIRED;
    else if (protocol->helo_only)
        settings->plan.tls = TLS_NONE; /* HELO shows no extensions */
}

/* --- Dialogue --- */

static const struct {
    enum option_id option;
    enum stop_manner manner;
} stops[] = {
    {OPTION_QUIT_AFTER, STOP_QUIT},
    {OPTION_DROP_AFTER, STOP_DROP},
    {OPTION_DROP_AFTER_SEND, STOP_DROP_AFTER_SEND},
};

static bool set_dialogue(struct settings *settings, const struct option_values *values, struct error *error)
{
    struct plan *plan = &settings->plan;
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        if (!options_given(values, stops[i].option))
            continue;
        if (plan->stop != STOP_NOT)
            return options_complain(values, options_find(values, stops[i].option), error,
                                    "--quit-after, --drop-after and --drop-after-send exclude each other");
        plan->stop = stops[i].manner;
        plan->stop_at = options_stage(values, stops[i].option);
    }
    plan->timeout = options_duration(values, OPTION_TIMEOUT, SECONDS(30));
    plan->quit_timeout = SECONDS(QUIT_PATIENCE_SECONDS);
    if (plan->timeout != NEVER && plan->timeout < plan->quit_timeout)
        plan->quit_timeout = plan->timeout;
    plan->pipeline = options_given(values, OPTION_PIPELINE);
    plan->require_all_recipients = options_given(values, OPTION_REQUIRE_ALL_RCPTS);
    plan->smtputf8 = (enum smtputf8_policy)options_choice(values, OPTION_SMTPUTF8, SMTPUTF8_AUTO);
    return true;
}

/* --- Envelope --- */

static bool add_recipients(struct settings *settings, const struct option_values *values,
                           enum option_id option, struct error *error)
{
    const char *text = options_text(values, option);
    struct mailbox *list;
    size_t count;
    struct error fault = ERROR_NONE;
    if (!options_given(values, option))
        return true;
    if (!mailbox_parse_list(&list, &count, span_of_string(text), &settings->arena, &fault))
        return options_complain(values, options_find(values, option), error, "%s", fault.text);
    for (size_t i = 0; i < count; i++)
        if (list[i].is_null)
            return options_complain(
                values, options_find(values, option), error,
                "the null path <> is no recipient; a recipient has the form user@example.com");
    struct plan *plan = &settings->plan;
    struct mailbox *all = ARENA_ARRAY(&settings->arena, struct mailbox, plan->recipient_count + count);
    if (plan->recipient_count)
        memcpy(all, plan->recipients, plan->recipient_count * sizeof *all);
    memcpy(all + plan->recipient_count, list, count * sizeof *all);
    plan->recipients = all;
    plan->recipient_count += count;
    return true;
}

static bool needs_recipients(const struct settings *settings)
{
    return settings->plan.stop == STOP_NOT || settings->plan.stop_at >= STOP_AT_RCPT;
}

static bool set_recipients(struct settings *settings, const struct option_values *values, struct error *error)
{
    if (!add_recipients(settings, values, OPTION_TO, error) ||
        !add_recipients(settings, values, OPTION_CC, error) ||
        !add_recipients(settings, values, OPTION_BCC, error))
        return false;
    if (settings->plan.recipient_count == 0 && needs_recipients(settings))
        return error_set(
            error,
            "No recipient: --to user@example.com names one.\n"
            "Without a recipient the dialogue can go as far as MAIL: --quit-after MAIL --server HOST.");
    return true;
}

static bool set_greeting_name(struct settings *settings, const struct option_values *values,
                              struct error *error)
{
    struct error fault = ERROR_NONE;
    const char *name = options_text(values, OPTION_HELO);
    if (!name)
        name = local_name(&settings->arena);
    else if (!helo_name_check(span_of_string(name), &fault))
        return options_complain(values, options_find(values, OPTION_HELO), error, "%s", fault.text);
    settings->plan.helo = settings->probe.helo = name;
    settings->helo_is_known = name != NULL;
    return true;
}

static struct mailbox *parse_own_sender(struct settings *settings, const char *domain)
{
    struct mailbox *sender = ARENA_NEW(&settings->arena, struct mailbox);
    struct error ignored = ERROR_NONE;
    const char *text = arena_printf(&settings->arena, "%s@%s", settings->local_user, domain);
    /* A host or user name that cannot stand in an address, or that not every server takes. */
    if (!mailbox_parse(sender, span_of_string(text), &settings->arena, &ignored) || sender->needs_smtputf8)
        *sender = (struct mailbox){.is_null = true};
    return sender;
}

static bool set_sender(struct settings *settings, const struct option_values *values, struct error *error)
{
    const char *text = options_text(values, OPTION_FROM);
    struct error fault = ERROR_NONE;
    if (!text) {
        settings->local_user = local_user(options_given(values, OPTION_FORCE_GETPWUID), &settings->arena);
        settings->plan.sender =
            parse_own_sender(settings, settings->helo_is_known ? settings->plan.helo : "localhost");
        return true;
    }
    struct mailbox *sender = ARENA_NEW(&settings->arena, struct mailbox);
    if (!mailbox_parse(sender, span_of_string(text), &settings->arena, &fault))
        return options_complain(values, options_find(values, OPTION_FROM), error, "%s", fault.text);
    settings->plan.sender = sender;
    return true;
}

/* --- Target --- */

static unsigned default_port(const struct settings *settings)
{
    if (settings->plan.tls == TLS_IMPLICIT)
        return PORT_SUBMISSIONS;
    return settings->plan.lmtp ? PORT_LMTP : PORT_SMTP;
}

/** Takes HOST[:PORT] apart; the host becomes an address or a name in A-labels. */
static bool read_host(struct settings *settings, const struct option_values *values, enum option_id option,
                      const char **host, unsigned *port, struct error *error)
{
    const struct option_mention *mention = options_find(values, option);
    struct span name, port_text;
    struct error fault = ERROR_NONE;
    if (!option_split_host(span_of_string(options_text(values, option)), &name, &port_text))
        return options_complain(values, mention, error, "HOST, HOST:PORT or [HOST]:PORT is wanted");
    if (port_text.size > 0 && !option_parse_port(arena_copy(&settings->arena, port_text).at, port))
        return options_complain(values, mention, error,
                                "the port must be a number from 1 to 65535 or a service's name");
    *host = arena_copy(&settings->arena, name).at;
    if (address_family(*host, NULL))
        return true;
    *host = domain_to_ascii(name, &settings->arena, &fault);
    return *host || options_complain(values, mention, error, "%s", fault.text);
}

static bool set_server(struct settings *settings, const struct option_values *values, struct error *error)
{
    struct probe_settings *probe = &settings->probe;
    probe->port = default_port(settings);
    if (options_given(values, OPTION_SERVER) &&
        !read_host(settings, values, OPTION_SERVER, &probe->server, &probe->port, error))
        return false;
    probe->port = options_number(values, OPTION_PORT, probe->port);
    return true;
}

/** @param domain set to that of --copy-routing; untouched without the option */
static bool read_routing(struct settings *settings, const struct option_values *values, const char **domain,
                         struct error *error)
{
    struct error fault = ERROR_NONE;
    if (!options_given(values, OPTION_COPY_ROUTING))
        return true;
    struct span text = span_of_string(options_text(values, OPTION_COPY_ROUTING));
    const char *at = memrchr(text.at, '@', text.size);
    if (at)
        text = span_skip(text, (size_t)(at - text.at) + 1);
    *domain = domain_to_ascii(text, &settings->arena, &fault);
    return *domain ||
           options_complain(values, options_find(values, OPTION_COPY_ROUTING), error, "%s", fault.text);
}

static bool set_route(struct settings *settings, const struct option_values *values, struct error *error)
{
    const struct plan *plan = &settings->plan;
    struct probe_settings *probe = &settings->probe;
    const char *routing = NULL;
    if (!read_routing(settings, values, &routing, error))
        return false;
    if (probe->server && routing)
        buffer_printf(&settings->warnings, "--copy-routing %s is not used: --server says where to connect.\n",
                      routing);
    probe->domain = probe->server ? NULL : routing;
    if (probe->server || routing)
        return true;
    if (plan->recipient_count == 0)
        return error_set(
            error, "No target: --to user@example.com, --server HOST or --copy-routing DOMAIN names one.");
    if (plan->recipients[0].literal_address)
        probe->literal = plan->recipients[0].literal_address;
    else if (plan->recipients[0].ascii_domain)
        probe->domain = plan->recipients[0].ascii_domain;
    else
        return options_complain(values, options_find(values, OPTION_TO), error,
                                "an address without a domain leads to no server; --server HOST names one");
    return true;
}

/**
 * The target that was given as an address, if it is one of the other family, so that nothing could be tried.
 */
static const char *target_of_other_family(const struct probe_settings *probe)
{
    const char *target = probe->server ? probe->server : probe->literal;
    int family = target ? address_family(target, NULL) : 0;
    return probe->family && family && family != probe->family ? target : NULL;
}

static bool set_family(struct settings *settings, const struct option_values *values, struct error *error)
{
    bool v4 = options_given(values, OPTION_IPV4), v6 = options_given(values, OPTION_IPV6);
    if (v4 && v6)
        return options_complain(values, options_find(values, OPTION_IPV6), error,
                                "-4 and -6 exclude each other; without them both families are used");
    settings->probe.family = v4 ? AF_INET : v6 ? AF_INET6 : 0;
    const char *other = target_of_other_family(&settings->probe);
    return !other || options_complain(values, options_find(values, v4 ? OPTION_IPV4 : OPTION_IPV6), error,
                                      "%s is no address of this family", other);
}

/** The address to connect from fixes the family, as -4 and -6 do. */
static bool set_source_family(struct settings *settings, const struct option_values *values,
                              struct error *error)
{
    struct probe_settings *probe = &settings->probe;
    const struct option_mention *mention = options_find(values, OPTION_LOCAL_INTERFACE);
    int family = address_family(probe->local_address, NULL);
    if (family == 0)
        return options_complain(values, mention, error,
                                "an IP address of this machine is wanted; `ip address' lists them");
    if (probe->family && probe->family != family)
        return options_complain(values, mention, error,
                                "the address is not of the family that -4 or -6 asks for");
    probe->family = family;
    const char *other = target_of_other_family(probe);
    return !other || options_complain(values, mention, error,
                                      "%s, where to connect, is no address of this family", other);
}

static bool set_source(struct settings *settings, const struct option_values *values, struct error *error)
{
    struct probe_settings *probe = &settings->probe;
    if (options_given(values, OPTION_LOCAL_INTERFACE) &&
        !(read_host(settings, values, OPTION_LOCAL_INTERFACE, &probe->local_address, &probe->local_port,
                    error) &&
          set_source_family(settings, values, error)))
        return false;
    probe->local_port = options_number(values, OPTION_LOCAL_PORT, probe->local_port);
    return true;
}

static bool set_target(struct settings *settings, const struct option_values *values, struct error *error)
{
    struct error fault = ERROR_NONE;
    settings->resolver.server = options_text(values, OPTION_DNS_SERVER);
    settings->resolver.timeout = settings->plan.timeout;
    if (settings->resolver.server && !resolver_check_server(settings->resolver.server, &fault))
        return options_complain(values, options_find(values, OPTION_DNS_SERVER), error, "%s", fault.text);
    settings->probe.mx_limit = options_number(values, OPTION_MX_LIMIT, ROUTE_MX_LIMIT);
    settings->probe.address_limit = options_number(values, OPTION_ADDRESS_LIMIT, ROUTE_ADDRESS_LIMIT);
    return set_server(settings, values, error) && set_route(settings, values, error) &&
           set_family(settings, values, error) && set_source(settings, values, error);
}

/* --- TLS --- */

static const struct {
    enum option_id option;
    enum tls_policy policy;
} tls_policies[] = {
    {OPTION_TLS, TLS_REQUIRED},
    {OPTION_TLS_OPTIONAL, TLS_OPTIONAL},
    {OPTION_TLS_OPTIONAL_STRICT, TLS_OPTIONAL_STRICT},
    {OPTION_TLS_ON_CONNECT, TLS_IMPLICIT},
};

/** TLS from the first octet, as --protocol SSMTP has it, fulfils --tls, which --tls-verify implies. */
static void set_tls_policy(struct settings *settings, const struct option_values *values)
{
    bool is_implicit = settings->plan.tls == TLS_IMPLICIT;
    if (options_off(values, OPTION_TLS))
        settings->plan.tls = TLS_NONE;
    for (size_t i = 0; i < sizeof tls_policies / sizeof *tls_policies; i++)
        if (options_given(values, tls_policies[i].option) &&
            !(is_implicit && tls_policies[i].policy == TLS_REQUIRED))
            settings->plan.tls = tls_policies[i].policy;
}

static bool set_tls_versions(struct settings *settings, const struct option_values *values,
                             struct error *error)
{
    const char *list = options_text(values, OPTION_TLS_PROTOCOL);
    struct buffer unknown = BUFFER_EMPTY;
    struct error fault = ERROR_NONE;
    if (!list)
        return true;
    bool ok = tls_versions_parse(list, &settings->tls.versions, &unknown, &fault);
    if (ok && unknown.size > 0)
        buffer_printf(&settings->warnings, "--tls-protocol: unknown, and left out: %s\n",
                      buffer_string(&unknown));
    buffer_clear(&unknown);
    return ok || options_complain(values, options_find(values, OPTION_TLS_PROTOCOL), error, "%s", fault.text);
}

/** A name to ask for, or to look for in a certificate: an address, or a name, in A-labels then. */
static bool read_tls_name(struct settings *settings, const struct option_values *values,
                          enum option_id option, const char **name, struct error *error)
{
    struct error fault = ERROR_NONE;
    *name = options_text(values, option);
    if (!*name || address_family(*name, NULL))
        return true;
    *name = domain_to_ascii(span_of_string(*name), &settings->arena, &fault);
    return *name || options_complain(values, options_find(values, option), error, "%s", fault.text);
}

static bool set_tls(struct settings *settings, const struct option_values *values, struct error *error)
{
    struct tls_settings *tls = &settings->tls;
    set_tls_policy(settings, values);
    tls->ciphers = options_text(values, OPTION_TLS_CIPHER);
    tls->verify_ca = options_given(values, OPTION_TLS_VERIFY) || options_given(values, OPTION_TLS_VERIFY_CA);
    tls->verify_host =
        options_given(values, OPTION_TLS_VERIFY) || options_given(values, OPTION_TLS_VERIFY_HOST);
    tls->ca_path = options_text(values, OPTION_TLS_CA_PATH);
    tls->use_sni = !options_off(values, OPTION_TLS_SNI);
    tls->certificate = options_text(values, OPTION_TLS_CERT);
    tls->key = options_text(values, OPTION_TLS_KEY);
    tls->chain = options_text(values, OPTION_TLS_CHAIN);
    if (!tls->certificate != !tls->key)
        return error_set(
            error, "--tls-cert and --tls-key need each other: one holds the certificate, the other its key.");
    if (tls->chain && !tls->certificate)
        return error_set(error, "--tls-chain goes with --tls-cert and --tls-key.");
    settings->plan.has_client_certificate = tls->certificate != NULL;
    settings->plan.verification_wanted = settings->probe.verify_wanted = tls->verify_ca || tls->verify_host;
    if (settings->plan.verification_wanted && settings->plan.tls == TLS_NONE)
        return error_set(
            error,
            "--no-tls and --tls-verify contradict each other: there is nothing to verify without TLS.");
    return read_tls_name(settings, values, OPTION_TLS_VERIFY_TARGET, &tls->verify_target, error) &&
           read_tls_name(settings, values, OPTION_TLS_SNI, &tls->sni, error) &&
           set_tls_versions(settings, values, error);
}

/* --- All of it --- */

static void introduce(void *context, const char *helo)
{
    struct settings *settings = context;
    struct error ignored = ERROR_NONE;
    if (settings->helo_is_known)
        return;
    if (settings->local_user)
        settings->plan.sender = parse_own_sender(settings, helo);
    settings_build_message(settings, helo, &ignored);
}

bool settings_make(struct settings *settings, struct option_values *values, struct error *error)
{
    *settings = (struct settings){.arena = ARENA_EMPTY};
    settings->probe.plan = &settings->plan;
    settings->probe.introduce = introduce;
    settings->probe.introduce_context = settings;
    set_protocol(settings, values);
    return set_dialogue(settings, values, error) && set_tls(settings, values, error) &&
           set_greeting_name(settings, values, error) && set_recipients(settings, values, error) &&
           set_sender(settings, values, error) && set_target(settings, values, error) &&
           settings_make_message(settings, values, error) && settings_make_login(settings, values, error) &&
           settings_make_report(settings, values, error);
}

void settings_clear(struct settings *settings)
{
    settings_close_output(settings);
    if (settings->probe.authenticator)
        cyrus_authenticator_free(settings->probe.authenticator);
    secret_list_clear(&settings->secrets);
    buffer_wipe(&settings->password);
    buffer_clear(&settings->message_text);
    buffer_clear(&settings->warnings);
    arena_clear(&settings->arena);
}
