#include "sasl/cyrus.h"

#include "base/memory.h"
#include "sasl/digest.h"
#include "sasl/disclosure.h"
#include "sasl/scram.h"

#include <sasl/sasl.h>

#include <malloc.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CALLBACK_COUNT = 8 };

struct cyrus {
    struct authenticator interface; /* first: the engine knows only this */
    const struct auth_settings *settings;
    sasl_callback_t callbacks[CALLBACK_COUNT];
    const char *plugin;     /* the only one to load; NULL: all */
    bool is_open;           /* sasl_client_init() has succeeded */
    struct buffer excluded; /* names between blanks: see choice.h */

    /* The exchange under way */
    sasl_conn_t *connection;
    sasl_secret_t *secret;
    struct buffer name; /* on the AUTH line */
    const struct mechanism *mechanism;
    unsigned step;              /* how many messages we have sent */
    bool is_complete;           /* libsasl2 has said SASL_OK */
    bool has_failed;            /* SCRAM: the server has told us so in its last message */
    struct buffer client_first; /* SCRAM: holds our nonce */
    struct buffer shown;
    struct buffer reason;
    struct buffer ours; /* names of the mechanisms here, when none would do */
};

static struct cyrus *cyrus_of(struct authenticator *authenticator)
{
    return (struct cyrus *)authenticator;
}

static bool is_digest(const struct cyrus *cyrus)
{
    return span_is(span_of_string(cyrus->mechanism->name), "DIGEST-MD5");
}

/* Memory of the library, which holds passwords and frees them as they are */

static void *wiping_malloc(size_t size)
{
    return memory_allocate(size);
}

static void *wiping_calloc(size_t count, size_t size)
{
    return size > 0 && count > SIZE_MAX / size ? NULL : memory_allocate(count * size);
}

static void wiping_free(void *memory)
{
    if (memory)
        memory_wipe(memory, malloc_usable_size(memory));
    free(memory);
}

static void *wiping_realloc(void *memory, size_t size)
{
    void *larger = memory_allocate(size);
    if (memory) {
        size_t old = malloc_usable_size(memory);
        memcpy(larger, memory, old < size ? old : size);
        wiping_free(memory);
    }
    return larger;
}

/* Callbacks */

static int give_name(void *context, int id, const char **result, unsigned *length)
{
    const struct auth_settings *settings = ((struct cyrus *)context)->settings;
    const char *name = id == SASL_CB_USER ? settings->authzid : settings->user;
    *result = name ? name : "";
    if (length)
        *length = (unsigned)strlen(*result);
    return SASL_OK;
}

static int give_password(sasl_conn_t *connection, void *context, int id, sasl_secret_t **secret)
{
    (void)connection;
    (void)id;
    *secret = ((struct cyrus *)context)->secret;
    return SASL_OK;
}

static int give_realm(void *context, int id, const char **available, const char **result)
{
    (void)id;
    const char *realm = ((struct cyrus *)context)->settings->realm;
    *result = realm ? realm : available && *available ? *available : "";
    return SASL_OK;
}

/** Without this the library writes to syslog, which users of a diagnostic tool do not expect. */
static int keep_silent(void *context, int level, const char *message)
{
    (void)context;
    (void)level;
    (void)message;
    return SASL_OK;
}

/** Asked for each file before it is loaded. */
static int admit_plugin(void *context, const char *file, sasl_verify_type_t type)
{
    const char *wanted = ((struct cyrus *)context)->plugin;
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    if (!wanted || type != SASL_VRFY_PLUGIN)
        return SASL_OK;
    size_t length = strlen(wanted);
    return strncmp(name, wanted, length) == 0 && name[length] == '.' ? SASL_OK : SASL_CONTINUE;
}

/* sasl.h wants int (*)(void) for all of them; gcc takes the way over void (*)(void) for meant. */
#define CALLBACK(function) ((int (*)(void))(void (*)(void))(function))

static void set_callbacks(struct cyrus *cyrus)
{
    const sasl_callback_t callbacks[CALLBACK_COUNT] = {
        {SASL_CB_USER, CALLBACK(give_name), cyrus},
        {SASL_CB_AUTHNAME, CALLBACK(give_name), cyrus},
        {SASL_CB_PASS, CALLBACK(give_password), cyrus},
        {SASL_CB_GETREALM, CALLBACK(give_realm), cyrus},
        {SASL_CB_LOG, CALLBACK(keep_silent), NULL},
        {SASL_CB_VERIFYFILE, CALLBACK(admit_plugin), cyrus},
        {SASL_CB_LIST_END, NULL, NULL},
    };
    memcpy(cyrus->callbacks, callbacks, sizeof callbacks);
}

/* The library */

static void close_library(struct cyrus *cyrus)
{
    if (cyrus->is_open)
        sasl_client_done();
    cyrus->is_open = false;
}

/** Opens the library with one plugin, or all for NULL. */
static bool open_library(struct cyrus *cyrus, const char *plugin)
{
    close_library(cyrus);
    cyrus->plugin = plugin;
    sasl_set_alloc(wiping_malloc, wiping_calloc, wiping_realloc, wiping_free);
    cyrus->is_open = sasl_client_init(cyrus->callbacks) == SASL_OK;
    return cyrus->is_open;
}

/** Those that we know, strongest first, then the others. */
static void add_ranked(const char **names, struct buffer *out)
{
    size_t start = out->size;
    for (const struct mechanism *mechanism = mechanisms; mechanism->name; mechanism++)
        for (const char **name = names; *name; name++)
            if (span_is_nocase(span_of_string(*name), mechanism->name))
                buffer_printf(out, "%s%s", out->size > start ? " " : "", *name);
    for (const char **name = names; *name; name++)
        if (!mechanism_find(span_of_string(*name)))
            buffer_printf(out, "%s%s", out->size > start ? " " : "", *name);
}

static void list_mechanisms(struct cyrus *cyrus, struct buffer *out)
{
    if (!open_library(cyrus, NULL))
        return;
    const char **names = sasl_global_listmech();
    if (names)
        add_ranked(names, out);
    close_library(cyrus);
}

void cyrus_mechanisms(struct buffer *out)
{
    struct cyrus cyrus = {0};
    set_callbacks(&cyrus);
    list_mechanisms(&cyrus, out);
}

const char *cyrus_library_version(void)
{
    const char *version = NULL;
    sasl_version_info(NULL, &version, NULL, NULL, NULL, NULL);
    return version ? version : "";
}

/* Giving up */

__attribute__((format(printf, 4, 5))) static void give_up(struct cyrus *cyrus, struct auth_action *action,
                                                          enum cause cause, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_truncate(&cyrus->reason, 0);
    buffer_vprintf(&cyrus->reason, format, arguments);
    va_end(arguments);
    action->state = AUTH_GIVE_UP;
    action->cause = cause;
    action->reason = buffer_string(&cyrus->reason);
}

static const char *detail_of(const struct cyrus *cyrus, int result)
{
    return cyrus->connection ? sasl_errdetail(cyrus->connection) : sasl_errstring(result, NULL, NULL);
}

static void begin_failed(struct cyrus *cyrus, struct auth_action *action, int result)
{
    give_up(cyrus, action, CAUSE_LOCAL_FAILURE, "libsasl2 cannot begin %s: %s", buffer_string(&cyrus->name),
            detail_of(cyrus, result));
}

static void step_failed(struct cyrus *cyrus, struct auth_action *action, int result)
{
    const char *name = buffer_string(&cyrus->name);
    bool is_last_of_scram = mechanism_is_scram(cyrus->mechanism) && cyrus->step == 2;
    if (!cyrus->settings->user || !*cyrus->settings->user)
        give_up(cyrus, action, CAUSE_LOCAL_FAILURE, "%s needs the name of a user; --auth-user gives one (%s)",
                name, detail_of(cyrus, result));
    else if (result == SASL_BADSERV || is_last_of_scram)
        give_up(cyrus, action, CAUSE_AUTH_SERVER_SIGNATURE,
                "%s: the server's signature is wrong, so it does not know the password", name);
    else
        give_up(cyrus, action, CAUSE_AUTH_EXCHANGE_INVALID, "%s: libsasl2 rejects the server's challenge: %s",
                name, detail_of(cyrus, result));
}

/* The exchange */

static void forget_exchange(struct cyrus *cyrus)
{
    sasl_dispose(&cyrus->connection);
    if (cyrus->secret) {
        memory_wipe(cyrus->secret, sizeof *cyrus->secret + cyrus->secret->len);
        free(cyrus->secret);
    }
    cyrus->secret = NULL;
    cyrus->step = 0;
    cyrus->is_complete = false;
    cyrus->has_failed = false;
    buffer_wipe(&cyrus->client_first);
    buffer_wipe(&cyrus->shown);
}

static sasl_secret_t *make_secret(struct span password)
{
    sasl_secret_t *secret = memory_allocate(sizeof *secret + password.size);
    secret->len = password.size;
    if (password.size > 0)
        memcpy(secret->data, password.at, password.size);
    return secret;
}

/** Describes our next message to the engine. */
static void present(struct cyrus *cyrus, struct auth_action *action, bool is_done, const char *message,
                    unsigned length)
{
    cyrus->is_complete = is_done;
    *action = (struct auth_action){
        .state = is_done ? AUTH_COMPLETE : AUTH_CONTINUE,
        .mechanism = buffer_string(&cyrus->name),
        .has_response = message != NULL,
        .response = span_of(message, length),
        .iterations = action->iterations,
    };
    if (message)
        cyrus->step++;
    buffer_wipe(&cyrus->shown);
    action->is_secret = disclosure_add(&cyrus->shown, cyrus->mechanism, cyrus->step, action->response,
                                       cyrus->settings->mask ? cyrus->settings->mask : DISCLOSURE_MASK);
    action->shown = buffer_span(&cyrus->shown);
    if (cyrus->step == 1 && mechanism_is_scram(cyrus->mechanism)) {
        buffer_truncate(&cyrus->client_first, 0);
        buffer_add(&cyrus->client_first, action->response);
    }
}

/** No layer: TLS is what protects, and SMTP under a SASL layer is what nobody offers. */
static void set_properties(struct cyrus *cyrus)
{
    const sasl_security_properties_t without_layer = {0};
    const sasl_ssf_t tls = 256;
    sasl_setprop(cyrus->connection, SASL_SEC_PROPS, &without_layer);
    if (!cyrus->mechanism->needs_certificate)
        return;
    /* EXTERNAL begins only with these; the identity itself is the certificate's. */
    sasl_setprop(cyrus->connection, SASL_SSF_EXTERNAL, &tls);
    sasl_setprop(cyrus->connection, SASL_AUTH_EXTERNAL, "certificate");
}

/**
 * sasl_client_new() looks our own host name up, and may wait for a silent name
 * server as long as the system's resolver does, deaf to signals and deadlines.
 * Nothing that we use needs that name in full, so no server is asked meanwhile.
 */
static int make_connection_without_dns(const char *service, const char *host, struct cyrus *cyrus)
{
    bool has_resolver = res_init() == 0;
    int servers = _res.nscount;
    if (has_resolver)
        _res.nscount = 0;
    int result = sasl_client_new(service, host, NULL, NULL, cyrus->callbacks, 0, &cyrus->connection);
    if (has_resolver)
        _res.nscount = servers;
    return result;
}

/** serv-name follows the host in the digest-uri (RFC 2831 2.1.2), where libsasl2 writes the host as given. */
static int make_connection(struct cyrus *cyrus, const struct auth_circumstances *circumstances)
{
    const struct auth_settings *settings = cyrus->settings;
    const char *host = settings->host ? settings->host : circumstances->host;
    struct buffer name = BUFFER_EMPTY;
    buffer_add_string(&name, host ? host : "localhost");
    if (settings->service_name && is_digest(cyrus))
        buffer_printf(&name, "/%s", settings->service_name);
    int result = make_connection_without_dns(settings->service ? settings->service : "smtp",
                                             buffer_string(&name), cyrus);
    buffer_clear(&name);
    return result;
}

static int start(struct cyrus *cyrus, const struct candidate *candidate, const char **message,
                 unsigned *length)
{
    char type[SASL_MECHNAMEMAX + 1];
    const char *chosen;
    if (candidate->type.size > SASL_MECHNAMEMAX)
        return SASL_NOMECH;
    snprintf(type, sizeof type, "%.*s", SPAN_ARGS(candidate->type));
    int result = sasl_client_start(cyrus->connection, type, NULL, message, length, &chosen);
    if (result == SASL_CONTINUE && candidate->sends_user_first)
        result = sasl_client_step(cyrus->connection, "Username:", strlen("Username:"), NULL, message, length);
    return result;
}

/** @return SASL_NOMECH if this machine does not have it */
static int begin(struct cyrus *cyrus, const struct candidate *candidate,
                 const struct auth_circumstances *circumstances, struct auth_action *action)
{
    const char *message = NULL;
    unsigned length = 0;
    forget_exchange(cyrus);
    cyrus->mechanism = candidate->mechanism;
    cyrus->secret = make_secret(cyrus->settings->password);
    buffer_truncate(&cyrus->name, 0);
    buffer_add(&cyrus->name, candidate->name);
    if (!open_library(cyrus, candidate->mechanism->plugin))
        return SASL_NOMECH;
    int result = make_connection(cyrus, circumstances);
    if (result != SASL_OK)
        return result;
    set_properties(cyrus);
    result = start(cyrus, candidate, &message, &length);
    if (result == SASL_OK || result == SASL_CONTINUE)
        present(cyrus, action, result == SASL_OK, message, length);
    return result;
}

/** Whether Kerberos has a credential cache; those that are no files are taken at their word. */
static bool has_ticket(void)
{
    const char *name = getenv("KRB5CCNAME");
    char path[64];
    snprintf(path, sizeof path, "/tmp/krb5cc_%lu", (unsigned long)getuid());
    if (!name || !*name)
        return access(path, R_OK) == 0;
    if (strncmp(name, "FILE:", strlen("FILE:")) == 0)
        name += strlen("FILE:");
    else if (*name != '/')
        return true;
    return access(name, R_OK) == 0;
}

static void explain_lack(struct cyrus *cyrus, const struct choice *choice, struct auth_action *action)
{
    forget_exchange(cyrus);
    buffer_truncate(&cyrus->ours, 0);
    list_mechanisms(cyrus, &cyrus->ours);
    buffer_truncate(&cyrus->reason, 0);
    action->state = AUTH_GIVE_UP;
    action->cause = choice_explain(choice, buffer_span(&cyrus->ours), &cyrus->reason);
    action->reason = buffer_string(&cyrus->reason);
    action->ours = buffer_string(&cyrus->ours);
}

/** A mechanism that fails before anything was sent, as with an expired ticket, costs nothing: go on. */
static void choose(struct authenticator *authenticator, const struct capability_set *offered,
                   const struct auth_circumstances *circumstances, struct auth_action *action)
{
    struct cyrus *cyrus = cyrus_of(authenticator);
    struct choice choice = {cyrus->settings, offered, circumstances, has_ticket(),
                            buffer_span(&cyrus->excluded)};
    struct candidate candidate;
    *action = (struct auth_action){0};
    while (choice_make(&choice, &candidate)) {
        int result = begin(cyrus, &candidate, circumstances, action);
        buffer_add_char(&cyrus->excluded, ' ');
        buffer_add(&cyrus->excluded, candidate.name);
        choice.excluded = buffer_span(&cyrus->excluded);
        if (result == SASL_OK || result == SASL_CONTINUE)
            return;
        if (result != SASL_NOMECH)
            begin_failed(cyrus, action, result);
    }
    if (action->state != AUTH_GIVE_UP)
        explain_lack(cyrus, &choice, action);
}

/** Judges the server's first message. @return whether it may go to libsasl2 */
static bool check_scram(struct cyrus *cyrus, struct span challenge, struct auth_action *action)
{
    const char *name = cyrus->mechanism->name;
    switch (scram_check_server_first(buffer_span(&cyrus->client_first), challenge, &action->iterations)) {
    case SCRAM_SOUND:
        return true;
    case SCRAM_MALFORMED:
        give_up(cyrus, action, CAUSE_AUTH_EXCHANGE_INVALID,
                "%s: the server's message has no nonce, salt and positive iteration count, in this order",
                name);
        return false;
    case SCRAM_NONCE_FOREIGN:
        give_up(cyrus, action, CAUSE_AUTH_SERVER_SIGNATURE,
                "%s: the server's nonce does not continue ours, so it answers somebody else", name);
        return false;
    case SCRAM_TOO_MANY_ITERATIONS:
        give_up(cyrus, action, CAUSE_FEATURE_MISSING,
                "%s: the server wants %lu iterations; libsasl2, and so smtpprobe, does %d at most", name,
                action->iterations, SCRAM_ITERATIONS_LIMIT);
        return false;
    }
    return false;
}

/** @return whether the challenge may go to libsasl2 */
static bool check_challenge(struct cyrus *cyrus, struct span challenge, struct auth_action *action)
{
    const char *fault = NULL;
    if (!cyrus->connection || cyrus->is_complete || cyrus->has_failed)
        fault = "the server asks for more though the exchange is complete";
    else if (cyrus->mechanism->is_text && challenge.size > 0 && memchr(challenge.at, '\0', challenge.size))
        fault = "a NUL in the challenge";
    else if (is_digest(cyrus) && digest_has_repeats(challenge))
        fault = "a directive that may come once comes twice (RFC 2831 2.1.1)";
    if (fault)
        give_up(cyrus, action, CAUSE_AUTH_EXCHANGE_INVALID, "%s: %s", buffer_string(&cyrus->name), fault);
    else if (mechanism_is_scram(cyrus->mechanism) && cyrus->step == 1)
        return check_scram(cyrus, challenge, action);
    return !fault;
}

/**
 * Whether the server's last message of SCRAM says that it refuses. Then an
 * empty answer lets it end with a reply of its own, which says more.
 */
static bool is_refusal_of_scram(const struct cyrus *cyrus, struct span challenge)
{
    return mechanism_is_scram(cyrus->mechanism) && cyrus->step == 2 && span_starts_with(challenge, "e=");
}

/**
 * libsasl2 asks for a realm only where it has a choice. A realm of the user's
 * is added to those that the server offers.
 */
static void add_realm(const struct cyrus *cyrus, struct buffer *challenge)
{
    const char *realm = cyrus->settings->realm;
    if (!realm || cyrus->step > 0 || !is_digest(cyrus))
        return;
    buffer_add_string(challenge, ",realm=\"");
    for (; *realm; realm++) {
        if (*realm == '"' || *realm == '\\')
            buffer_add_char(challenge, '\\');
        buffer_add_char(challenge, *realm);
    }
    buffer_add_char(challenge, '"');
}

/** One step of libsasl2, which is given a C string, since plugins take challenges for one here and there. */
static void step(struct cyrus *cyrus, struct span challenge, struct auth_action *action)
{
    struct buffer text = BUFFER_EMPTY;
    const char *message = NULL;
    unsigned length = 0;
    buffer_add(&text, challenge);
    add_realm(cyrus, &text);
    int result = sasl_client_step(cyrus->connection, buffer_string(&text), (unsigned)text.size, NULL,
                                  &message, &length);
    buffer_wipe(&text);
    if (result == SASL_OK || result == SASL_CONTINUE)
        present(cyrus, action, result == SASL_OK, message ? message : "", length);
    else
        step_failed(cyrus, action, result);
}

static void respond(struct authenticator *authenticator, struct span challenge, struct auth_action *action)
{
    struct cyrus *cyrus = cyrus_of(authenticator);
    *action = (struct auth_action){0};
    if (!check_challenge(cyrus, challenge, action))
        return;
    if (is_refusal_of_scram(cyrus, challenge)) {
        cyrus->has_failed = true;
        present(cyrus, action, false, "", 0);
        return;
    }
    step(cyrus, challenge, action);
}

static void conclude(struct authenticator *authenticator, int code, struct auth_action *action)
{
    struct cyrus *cyrus = cyrus_of(authenticator);
    bool is_complete = cyrus->is_complete;
    *action = (struct auth_action){.mechanism = buffer_string(&cyrus->name)};
    forget_exchange(cyrus);
    if (code != 235)
        action->state = choice_may_go_on(cyrus->settings, code) ? AUTH_CONTINUE : AUTH_GIVE_UP;
    else if (is_complete)
        action->state = AUTH_COMPLETE;
    else
        give_up(cyrus, action, CAUSE_AUTH_EXCHANGE_INVALID,
                "the server says 235 before %s is complete; it has proven nothing",
                buffer_string(&cyrus->name));
}

static void reset(struct authenticator *authenticator)
{
    forget_exchange(cyrus_of(authenticator));
}

struct authenticator *cyrus_authenticator_new(const struct auth_settings *settings)
{
    struct cyrus *cyrus = memory_allocate(sizeof *cyrus);
    cyrus->interface = (struct authenticator){choose, respond, conclude, reset};
    cyrus->settings = settings;
    set_callbacks(cyrus);
    return &cyrus->interface;
}

void cyrus_authenticator_free(struct authenticator *authenticator)
{
    if (!authenticator)
        return;
    struct cyrus *cyrus = cyrus_of(authenticator);
    forget_exchange(cyrus);
    close_library(cyrus);
    buffer_clear(&cyrus->excluded);
    buffer_clear(&cyrus->name);
    buffer_clear(&cyrus->reason);
    buffer_clear(&cyrus->ours);
    free(cyrus);
}
