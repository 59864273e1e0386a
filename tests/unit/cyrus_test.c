/*
 * The authenticator against libsasl2's own server side, in this process.
 */
#include "sasl/cyrus.h"
#include "sasl/disclosure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define PASSWORD "correct horse"
#define CALLBACK(function) ((int (*)(void))(void (*)(void))(function))

/* A server with one user */

static int look_up(void *context, sasl_server_params_t *params, unsigned flags, const char *user,
                   unsigned length)
{
    const struct propval *values = params->utils->prop_get(params->propctx);
    (void)context;
    (void)flags;
    if (length < 2 || strncmp(user, "jo", 2) != 0)
        return SASL_NOUSER;
    for (; values && values->name; values++)
        if (strcmp(values->name, "*" SASL_AUX_PASSWORD_PROP) == 0)
            params->utils->prop_set(params->propctx, values->name, PASSWORD, -1);
    return SASL_OK;
}

static int make_look_up(const sasl_utils_t *utils, int maximum, int *version, sasl_auxprop_plug_t **plugin,
                        const char *name)
{
    static char its_name[] = "memory";
    static sasl_auxprop_plug_t memory = {.name = its_name, .auxprop_lookup = look_up};
    (void)utils;
    (void)maximum;
    (void)name;
    *version = SASL_AUXPROP_PLUG_VERSION;
    *plugin = &memory;
    return SASL_OK;
}

static int give_option(void *context, const char *plugin, const char *option, const char **result,
                       unsigned *length)
{
    static const char *const options[][2] = {
        {"auxprop_plugin", "memory"},
        {"pwcheck_method", "auxprop"},
        {"log_level", "0"},
    };
    (void)context;
    (void)plugin;
    for (size_t i = 0; i < LENGTH(options); i++)
        if (strcmp(option, options[i][0]) == 0) {
            *result = options[i][1];
            if (length)
                *length = (unsigned)strlen(*result);
            return SASL_OK;
        }
    return SASL_FAIL;
}

static int keep_silent(void *context, int level, const char *message)
{
    (void)context;
    (void)level;
    (void)message;
    return SASL_OK;
}

static const sasl_callback_t server_callbacks[] = {
    {SASL_CB_GETOPT, CALLBACK(give_option), NULL},
    {SASL_CB_LOG, CALLBACK(keep_silent), NULL},
    {SASL_CB_LIST_END, NULL, NULL},
};

static int open_server(void **state)
{
    (void)state;
    return sasl_server_init(server_callbacks, "test") == SASL_OK &&
                   sasl_auxprop_add_plugin("memory", make_look_up) == SASL_OK
               ? 0
               : -1;
}

static int close_server(void **state)
{
    (void)state;
    sasl_server_done();
    return 0;
}

/* One session */

struct session {
    struct auth_settings settings;
    const char *offered;
    void (*tamper)(unsigned round, struct buffer *challenge); /* changes what the server says, or NULL */
    bool says_235_at_once;                                    /* the server ignores the mechanism */
    const char *allowed[3];

    /* What came of it */
    char mechanism[40];
    struct buffer shown;       /* all that may be shown, a line each */
    struct auth_action action; /* the last */
    char reason[400];
    unsigned long iterations;
    int code; /* of the server's last reply; 0 if we gave up */
};

static struct session session_of(const char *mechanism, const char *password)
{
    return (struct session){
        .settings = {.user = "jo", .password = span_of_string(password)},
        .offered = mechanism,
        .allowed = {mechanism},
    };
}

static void note(struct session *session, const struct auth_action *action)
{
    session->action = *action;
    if (action->iterations)
        session->iterations = action->iterations;
    if (action->reason)
        snprintf(session->reason, sizeof session->reason, "%s", action->reason);
    if (action->state != AUTH_GIVE_UP && action->has_response) {
        /* INVARIANTS 6: what may be shown never holds the password */
        struct span shown = action->is_secret ? action->shown : action->response;
        assert_false(span_contains_nocase(shown, PASSWORD));
        buffer_add(&session->shown, shown);
        buffer_add_char(&session->shown, '\n');
    }
}

/** The server's next word: a code, and for 334 a challenge. */
static int next_reply(int result, const char *text, unsigned length, struct buffer *challenge)
{
    buffer_truncate(challenge, 0);
    if (result == SASL_CONTINUE)
        buffer_add(challenge, span_of(text, length));
    return result == SASL_CONTINUE ? 334 : result == SASL_OK ? 235 : 535;
}

static void run(struct session *session)
{
    struct authenticator *client;
    struct span name = span_of_string(session->offered);
    struct capability_set offered = {.mechanisms = &name, .mechanism_count = 1};
    struct auth_circumstances circumstances = {.in_tls = true, .host = "mail.example"};
    struct auth_action action;
    struct buffer challenge = BUFFER_EMPTY;
    sasl_conn_t *server = NULL;
    const char *text = NULL;
    unsigned length = 0;

    if (!session->settings.allowed)
        session->settings.allowed = session->allowed;
    client = cyrus_authenticator_new(&session->settings);
    assert_int_equal(sasl_server_new("smtp", "mail.example", NULL, NULL, NULL, NULL, 0, &server), SASL_OK);
    client->choose(client, &offered, &circumstances, &action);
    note(session, &action);
    if (action.state != AUTH_GIVE_UP) {
        snprintf(session->mechanism, sizeof session->mechanism, "%s", action.mechanism);
        int result =
            sasl_server_start(server, action.mechanism, action.has_response ? action.response.at : NULL,
                              (unsigned)action.response.size, &text, &length);
        session->code = next_reply(result, text, length, &challenge);
    }
    for (unsigned round = 1; session->code == 334 && action.state != AUTH_GIVE_UP; round++) {
        if (session->says_235_at_once) {
            session->code = 235;
            break;
        }
        if (session->tamper)
            session->tamper(round, &challenge);
        client->respond(client, buffer_span(&challenge), &action);
        note(session, &action);
        if (action.state == AUTH_GIVE_UP) {
            session->code = 0;
            break;
        }
        assert_true(action.has_response);
        int result =
            sasl_server_step(server, action.response.at, (unsigned)action.response.size, &text, &length);
        session->code = next_reply(result, text, length, &challenge);
    }
    if (session->code) {
        client->conclude(client, session->code, &action);
        note(session, &action);
    }
    sasl_dispose(&server);
    buffer_clear(&challenge);
    cyrus_authenticator_free(client);
}

static void clear(struct session *session)
{
    buffer_clear(&session->shown);
}

/* Logins */

static const char *const all[] = {"PLAIN",       "LOGIN",         "CRAM-MD5",     "DIGEST-MD5",
                                  "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"};

static void logs_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(all); i++) {
        struct session session = session_of(all[i], PASSWORD);
        run(&session);
        print_message("# %s\n", all[i]);
        assert_string_equal(session.mechanism, all[i]);
        assert_int_equal(session.code, 235);
        assert_int_equal(session.action.state, AUTH_COMPLETE);
        assert_int_equal(session.iterations > 0, strncmp(all[i], "SCRAM", 5) == 0);
        assert_true(span_contains_nocase(buffer_span(&session.shown), DISCLOSURE_MASK));
        clear(&session);
    }
}

static void is_refused_with_a_wrong_password(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(all); i++) {
        struct session session = session_of(all[i], "wrong horse");
        run(&session);
        print_message("# %s\n", all[i]);
        assert_int_equal(session.code, 535);
        assert_int_equal(session.action.state, AUTH_GIVE_UP);
        clear(&session);
    }
}

static void sends_the_user_first_when_asked(void **state)
{
    struct session session = session_of("LOGIN", PASSWORD);
    (void)state;
    session.allowed[0] = "LOGIN-INITIAL";
    run(&session);
    assert_string_equal(session.mechanism, "LOGIN");
    assert_int_equal(session.action.state, AUTH_COMPLETE);
    assert_string_equal(buffer_string(&session.shown), "jo\n" DISCLOSURE_MASK "\n");
    clear(&session);
}

static void shows_the_parts_of_plain(void **state)
{
    struct session session = session_of("PLAIN", PASSWORD);
    (void)state;
    session.settings.authzid = "jo2";
    run(&session);
    assert_true(span_equal(buffer_span(&session.shown), SPAN("jo2\0jo\0" DISCLOSURE_MASK "\n")));
    clear(&session);
}

static void names_service_and_host_as_told(void **state)
{
    struct session session = session_of("DIGEST-MD5", PASSWORD);
    (void)state;
    session.settings.service = "submission";
    session.settings.host = "other.example";
    session.settings.service_name = "example";
    run(&session);
    assert_true(
        span_contains_nocase(buffer_span(&session.shown), "digest-uri=\"submission/other.example/example\""));
    clear(&session);
    session = session_of("DIGEST-MD5", PASSWORD);
    session.settings.realm = "a realm";
    run(&session);
    assert_true(span_contains_nocase(buffer_span(&session.shown), "digest-uri=\"smtp/mail.example\""));
    assert_true(span_contains_nocase(buffer_span(&session.shown), "realm=\"a realm\""));
    clear(&session);
}

static void sends_only_the_password_given(void **state)
{
    static const char *const empty[] = {"PLAIN", "LOGIN"};
    (void)state;
    for (size_t i = 0; i < LENGTH(empty); i++) {
        struct session session = session_of(empty[i], "");
        run(&session);
        assert_int_equal(session.code, 535);
        clear(&session);
    }
}

/* Bad servers */

static void spoil_signature(unsigned round, struct buffer *challenge)
{
    if (round == 2)
        challenge->data[2] = challenge->data[2] == 'A' ? 'B' : 'A';
}

static void drop_signature(unsigned round, struct buffer *challenge)
{
    if (round == 2)
        buffer_truncate(challenge, 0);
}

static void refuse_at_last(unsigned round, struct buffer *challenge)
{
    if (round != 2)
        return;
    buffer_truncate(challenge, 0);
    buffer_add_string(challenge, "e=invalid-proof");
}

/** Replaces what follows the last comma of the server's first message. */
static void set_iterations(unsigned round, struct buffer *challenge, const char *text)
{
    if (round != 1)
        return;
    while (challenge->size > 0 && challenge->data[challenge->size - 1] != ',')
        buffer_truncate(challenge, challenge->size - 1);
    buffer_add_string(challenge, text);
}

static void ask_for_none(unsigned round, struct buffer *challenge)
{
    set_iterations(round, challenge, "i=0");
}

static void ask_for_many(unsigned round, struct buffer *challenge)
{
    set_iterations(round, challenge, "i=2000000000");
}

static void ask_for_few(unsigned round, struct buffer *challenge)
{
    set_iterations(round, challenge, "i=1");
}

static void spoil_nonce(unsigned round, struct buffer *challenge)
{
    if (round == 1)
        challenge->data[2] = challenge->data[2] == 'A' ? 'B' : 'A';
}

static void say_nonsense(unsigned round, struct buffer *challenge)
{
    (void)round;
    buffer_truncate(challenge, 0);
    buffer_add_string(challenge, "nonsense");
}

static void say_nul(unsigned round, struct buffer *challenge)
{
    (void)round;
    buffer_add(challenge, SPAN("\0x"));
}

/* INVARIANTS 12 and 13 */
static void finds_bad_servers_out(void **state)
{
    static const struct {
        const char *mechanism;
        void (*tamper)(unsigned, struct buffer *);
        enum cause cause;
        unsigned long iterations;
    } cases[] = {
        {"SCRAM-SHA-1", spoil_signature, CAUSE_AUTH_SERVER_SIGNATURE, 4096},
        {"SCRAM-SHA-256", spoil_signature, CAUSE_AUTH_SERVER_SIGNATURE, 4096},
        {"SCRAM-SHA-512", spoil_signature, CAUSE_AUTH_SERVER_SIGNATURE, 4096},
        {"SCRAM-SHA-256", drop_signature, CAUSE_AUTH_SERVER_SIGNATURE, 4096},
        {"SCRAM-SHA-256", spoil_nonce, CAUSE_AUTH_SERVER_SIGNATURE, 0},
        {"SCRAM-SHA-256", ask_for_none, CAUSE_AUTH_EXCHANGE_INVALID, 0},
        {"SCRAM-SHA-256", ask_for_many, CAUSE_FEATURE_MISSING, 2000000000},
        {"SCRAM-SHA-256", say_nonsense, CAUSE_AUTH_EXCHANGE_INVALID, 0},
        {"SCRAM-SHA-256", say_nul, CAUSE_AUTH_EXCHANGE_INVALID, 0},
        {"DIGEST-MD5", say_nonsense, CAUSE_AUTH_EXCHANGE_INVALID, 0},
        {"DIGEST-MD5", say_nul, CAUSE_AUTH_EXCHANGE_INVALID, 0},
        {"DIGEST-MD5", spoil_signature, CAUSE_AUTH_EXCHANGE_INVALID, 0},
        {"NTLM", say_nonsense, CAUSE_AUTH_EXCHANGE_INVALID, 0},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct session session = session_of(cases[i].mechanism, PASSWORD);
        session.tamper = cases[i].tamper;
        run(&session);
        print_message("# %s %zu: %s\n", cases[i].mechanism, i, session.reason);
        assert_int_equal(session.action.state, AUTH_GIVE_UP);
        assert_string_equal(cause_name(session.action.cause), cause_name(cases[i].cause));
        assert_int_equal(session.iterations, cases[i].iterations);
        clear(&session);
    }
}

static void tells_a_wrong_digest_of_the_server(void **state)
{
    struct auth_settings settings = {.user = "jo", .password = SPAN(PASSWORD)};
    struct span name = SPAN("DIGEST-MD5");
    struct capability_set offered = {.mechanisms = &name, .mechanism_count = 1};
    struct auth_circumstances circumstances = {.in_tls = true, .host = "mail.example"};
    struct authenticator *client = cyrus_authenticator_new(&settings);
    struct auth_action action;
    (void)state;
    client->choose(client, &offered, &circumstances, &action);
    assert_int_equal(action.state, AUTH_CONTINUE);
    assert_false(action.has_response);
    client->respond(client, SPAN("realm=\"x\",nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\",algorithm=md5-sess"),
                    &action);
    assert_int_equal(action.state, AUTH_CONTINUE);
    client->respond(client, SPAN("rspauth=00000000000000000000000000000000"), &action);
    assert_int_equal(action.state, AUTH_GIVE_UP);
    assert_int_equal(action.cause, CAUSE_AUTH_SERVER_SIGNATURE);
    cyrus_authenticator_free(client);
}

static void works_with_few_iterations_and_tells_them(void **state)
{
    struct session session = session_of("SCRAM-SHA-256", PASSWORD);
    (void)state;
    session.tamper = ask_for_few;
    run(&session);
    assert_int_equal(session.iterations, 1);
    assert_int_equal(session.code, 535); /* since the server itself has counted otherwise */
    clear(&session);
}

static void lets_a_refusing_server_say_why(void **state)
{
    struct session session = session_of("SCRAM-SHA-256", PASSWORD);
    (void)state;
    session.tamper = refuse_at_last;
    run(&session);
    /* The server that was tampered with has said 235 in the end: that counts for nothing. */
    assert_int_equal(session.code, 235);
    assert_int_equal(session.action.state, AUTH_GIVE_UP);
    assert_int_equal(session.action.cause, CAUSE_AUTH_EXCHANGE_INVALID);
    clear(&session);
}

/* INVARIANTS 12: 235 counts only when the mechanism agrees */
static void success_ahead_of_time_is_none(void **state)
{
    static const char *const cases[] = {"LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"};
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct session session = session_of(cases[i], PASSWORD);
        session.says_235_at_once = true;
        run(&session);
        assert_int_equal(session.action.state, AUTH_GIVE_UP);
        assert_int_equal(session.action.cause, CAUSE_AUTH_EXCHANGE_INVALID);
        assert_non_null(strstr(session.reason, "235 before"));
        clear(&session);
    }
}

static void questions_after_the_end_are_refused(void **state)
{
    static const struct {
        const char *mechanism;
        size_t challenges; /* that are in order */
    } cases[] = {{"PLAIN", 0}, {"LOGIN", 2}, {"CRAM-MD5", 1}};
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct auth_settings settings = {.user = "jo", .password = SPAN(PASSWORD)};
        struct span name = span_of_string(cases[i].mechanism);
        struct capability_set offered = {.mechanisms = &name, .mechanism_count = 1};
        struct auth_circumstances circumstances = {.in_tls = true};
        struct authenticator *client = cyrus_authenticator_new(&settings);
        struct auth_action action;
        client->choose(client, &offered, &circumstances, &action);
        for (size_t k = 0; k < cases[i].challenges; k++) {
            assert_int_equal(action.state, AUTH_CONTINUE);
            client->respond(client, SPAN("anything"), &action);
        }
        assert_int_equal(action.state, AUTH_COMPLETE);
        client->respond(client, SPAN("more"), &action);
        assert_int_equal(action.state, AUTH_GIVE_UP);
        assert_int_equal(action.cause, CAUSE_AUTH_EXCHANGE_INVALID);
        cyrus_authenticator_free(client);
    }
}

/* Choice and library */

static void tries_each_mechanism_once(void **state)
{
    struct auth_settings settings = {.user = "jo", .password = SPAN(PASSWORD), .try_all = true};
    struct span names[] = {SPAN("PLAIN"), SPAN("GSSAPI-NONE"), SPAN("CRAM-MD5"), SPAN("SRP")};
    struct capability_set offered = {.mechanisms = names, .mechanism_count = LENGTH(names)};
    struct auth_circumstances circumstances = {.in_tls = true};
    struct authenticator *client = cyrus_authenticator_new(&settings);
    static const char *const order[] = {"CRAM-MD5", "PLAIN"};
    struct auth_action action;
    (void)state;
    for (size_t i = 0; i < LENGTH(order); i++) {
        client->choose(client, &offered, &circumstances, &action);
        assert_string_equal(action.mechanism, order[i]);
        client->conclude(client, 535, &action);
        assert_int_equal(action.state, AUTH_CONTINUE);
        client->reset(client);
    }
    client->choose(client, &offered, &circumstances, &action);
    assert_int_equal(action.state, AUTH_GIVE_UP);
    assert_int_equal(action.cause, CAUSE_AUTH_NO_COMMON_MECHANISM);
    cyrus_authenticator_free(client);
}

static void passes_over_what_this_machine_lacks(void **state)
{
    static const char *const allowed[] = {"SRP", "X-NONE", "PLAIN", NULL};
    struct auth_settings settings = {.allowed = allowed, .user = "jo", .password = SPAN(PASSWORD)};
    struct span names[] = {SPAN("X-NONE"), SPAN("SRP"), SPAN("PLAIN")};
    struct capability_set offered = {.mechanisms = names, .mechanism_count = LENGTH(names)};
    struct auth_circumstances circumstances = {.in_tls = true};
    struct authenticator *client = cyrus_authenticator_new(&settings);
    struct auth_action action;
    (void)state;
    client->choose(client, &offered, &circumstances, &action);
    assert_int_equal(action.state, AUTH_COMPLETE);
    assert_string_equal(action.mechanism, "PLAIN");
    assert_null(action.reason);
    cyrus_authenticator_free(client);
}

static void external_needs_no_password(void **state)
{
    static const char *const allowed[] = {"EXTERNAL", NULL};
    struct auth_settings settings = {.allowed = allowed};
    struct span name = SPAN("EXTERNAL");
    struct capability_set offered = {.mechanisms = &name, .mechanism_count = 1};
    struct auth_circumstances circumstances = {.in_tls = true, .has_client_certificate = true};
    struct authenticator *client = cyrus_authenticator_new(&settings);
    struct auth_action action;
    (void)state;
    client->choose(client, &offered, &circumstances, &action);
    print_message("# %s\n", action.reason ? action.reason : "");
    assert_int_equal(action.state, AUTH_COMPLETE);
    assert_true(action.has_response); /* empty: "=" on the AUTH line */
    assert_int_equal(action.response.size, 0);
    cyrus_authenticator_free(client);
}

static void lists_what_this_machine_has(void **state)
{
    struct buffer list = BUFFER_EMPTY;
    (void)state;
    buffer_add_string(&list, "has: ");
    cyrus_mechanisms(&list);
    print_message("# %s\n", buffer_string(&list));
    const char *scram = strstr(buffer_string(&list), " SCRAM-SHA-256 ");
    assert_non_null(scram);
    assert_non_null(strstr(scram, " PLAIN"));
    assert_non_null(strstr(buffer_string(&list), "EXTERNAL"));
    buffer_clear(&list);
    assert_int_equal(strncmp(cyrus_library_version(), "2.", 2), 0);
}

static void nothing_begun_is_nothing_to_answer(void **state)
{
    struct auth_settings settings = {.user = "jo"};
    struct authenticator *client = cyrus_authenticator_new(&settings);
    struct auth_action action;
    (void)state;
    client->respond(client, SPAN("x"), &action);
    assert_int_equal(action.state, AUTH_GIVE_UP);
    client->conclude(client, 235, &action);
    assert_int_equal(action.state, AUTH_GIVE_UP);
    client->reset(client);
    cyrus_authenticator_free(client);
    cyrus_authenticator_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_in),
        cmocka_unit_test(is_refused_with_a_wrong_password),
        cmocka_unit_test(sends_the_user_first_when_asked),
        cmocka_unit_test(shows_the_parts_of_plain),
        cmocka_unit_test(names_service_and_host_as_told),
        cmocka_unit_test(sends_only_the_password_given),
        cmocka_unit_test(finds_bad_servers_out),
        cmocka_unit_test(tells_a_wrong_digest_of_the_server),
        cmocka_unit_test(works_with_few_iterations_and_tells_them),
        cmocka_unit_test(lets_a_refusing_server_say_why),
        cmocka_unit_test(success_ahead_of_time_is_none),
        cmocka_unit_test(questions_after_the_end_are_refused),
        cmocka_unit_test(tries_each_mechanism_once),
        cmocka_unit_test(passes_over_what_this_machine_lacks),
        cmocka_unit_test(external_needs_no_password),
        cmocka_unit_test(lists_what_this_machine_has),
        cmocka_unit_test(nothing_begun_is_nothing_to_answer),
    };
    return cmocka_run_group_tests_name("cyrus", tests, open_server, close_server);
}
