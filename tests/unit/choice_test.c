#include "sasl/choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

enum { NAMES = 8 };

/** What of the surroundings a case has, a letter each. */
static struct auth_circumstances circumstances_of(const char *letters)
{
    return (struct auth_circumstances){
        .in_tls = strchr(letters, 't'),
        .peer_verified = strchr(letters, 'p'),
        .verification_wanted = strchr(letters, 'v'),
        .tls_was_declined = strchr(letters, 'd'),
        .has_client_certificate = strchr(letters, 'c'),
    };
}

static struct capability_set offer_of(const char *text, struct span *names)
{
    struct span rest = span_of_string(text);
    struct capability_set set = {.mechanisms = names};
    while (set.mechanism_count < NAMES && span_next_token(&rest, " ", &names[set.mechanism_count]))
        set.mechanism_count++;
    return set;
}

/** An array of C strings as --auth makes it; NULL for bare --auth. */
static const char *const *list_of(const char *text, char *storage, const char **list)
{
    size_t count = 0;
    if (!text)
        return NULL;
    strcpy(storage, text);
    for (char *rest = storage, *name; (name = strtok_r(rest, ",", &rest));)
        list[count++] = name;
    list[count] = NULL;
    return list;
}

static void chooses(void **state)
{
    static const struct {
        const char *offered, *allowed;
        const char *surroundings; /* k: Kerberos ticket; u, w: user, password are missing */
        const char *chosen; /* NULL: none; "WIRE TYPE" if they differ; "!" for LOGIN with the user first */
    } cases[] = {
        /* The strongest, in any order and case */
        {"PLAIN LOGIN", NULL, "t", "PLAIN"},
        {"LOGIN PLAIN", NULL, "t", "PLAIN"},
        {"plain login", NULL, "t", "PLAIN"},
        {"PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 DIGEST-MD5", NULL, "t", "SCRAM-SHA-256"},
        {"SCRAM-SHA-256 SCRAM-SHA-512", NULL, "t", "SCRAM-SHA-512"},
        {"NTLM CRAM-MD5 DIGEST-MD5", NULL, "t", "DIGEST-MD5"},
        {"PLAIN NTLM CRAM-MD5", NULL, "t", "CRAM-MD5"},
        {"LOGIN PLAIN NTLM", NULL, "t", "NTLM"},

        /* What libsasl2 would take and fail with */
        {"PLAIN GSSAPI", NULL, "t", "PLAIN"},
        {"PLAIN GSSAPI SCRAM-SHA-512", NULL, "tk", "GSSAPI"},
        {"PLAIN EXTERNAL", NULL, "t", "PLAIN"},
        {"PLAIN EXTERNAL", NULL, "tc", "PLAIN"},
        {"PLAIN EXTERNAL", NULL, "tcw", "EXTERNAL"},
        {"PLAIN EXTERNAL", NULL, "cw", NULL},
        {"EXTERNAL", "EXTERNAL", "", "EXTERNAL"},
        {"GSSAPI", "GSSAPI", "", "GSSAPI"},

        /* Never unless named */
        {"ANONYMOUS GSS-SPNEGO OTP SRP XOAUTH2 X-FOO", NULL, "tk", NULL},
        {"ANONYMOUS", "ANONYMOUS", "", "ANONYMOUS"},
        {"X-FOO", "X-FOO", "t", "X-FOO"},
        {"X-FOO", "X-FOO", "", NULL},
        {"SCRAM-SHA-256-PLUS", NULL, "t", NULL},

        /* INVARIANTS 6: the password in clear */
        {"PLAIN LOGIN", NULL, "", NULL},
        {"PLAIN LOGIN", NULL, "d", NULL},
        {"PLAIN LOGIN", "PLAIN", "", NULL},
        {"PLAIN LOGIN", "PLAIN", "d", "PLAIN"},
        {"PLAIN LOGIN", "LOGIN,PLAIN", "d", "LOGIN"},
        {"PLAIN LOGIN", "PLAIN", "dv", NULL},
        {"PLAIN LOGIN", "PLAIN", "tv", NULL},
        {"PLAIN LOGIN", "PLAIN", "tvp", "PLAIN"},
        {"PLAIN LOGIN", NULL, "tv", NULL},
        {"PLAIN LOGIN", NULL, "vp", NULL},
        {"PLAIN LOGIN", NULL, "tvp", "PLAIN"},
        {"PLAIN SCRAM-SHA-256", NULL, "", "SCRAM-SHA-256"},
        {"PLAIN CRAM-MD5", NULL, "tv", "CRAM-MD5"},
        {"XOAUTH2", "XOAUTH2", "", NULL},

        /* The user's order */
        {"PLAIN LOGIN CRAM-MD5", "LOGIN,PLAIN", "t", "LOGIN"},
        {"PLAIN LOGIN CRAM-MD5", "SCRAM-SHA-1,PLAIN", "t", "PLAIN"},
        {"PLAIN LOGIN CRAM-MD5", "plain", "t", "PLAIN"},
        {"PLAIN", "CRAM-MD5", "t", NULL},

        /* Other names */
        {"PLAIN LOGIN", "LOGIN-INITIAL", "t", "LOGIN!"},
        {"SPA", NULL, "t", "SPA NTLM"},
        {"MSN PLAIN", "MSN", "t", "MSN NTLM"},
        {"NTLM", "SPA", "t", NULL},
        {"X-PLAIN", NULL, "t", "X-PLAIN PLAIN"},
        {"x-plain", NULL, "t", "x-plain PLAIN"},
        {"X-PLAIN", NULL, "", NULL},
        {"X-LOGIN", "X-LOGIN", "t", "X-LOGIN LOGIN!"},

        /* Nothing to log in with */
        {"PLAIN", NULL, "tu", NULL},
        {"PLAIN", NULL, "tw", NULL},
        {"PLAIN ANONYMOUS", "PLAIN,ANONYMOUS", "tw", "ANONYMOUS"},

        /* INVARIANTS 8: a name that cannot stand in a command */
        {"X-\r\nQUIT", "X-\r\nQUIT", "t", NULL},
        {"", NULL, "t", NULL},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct span names[NAMES];
        char storage[200], found[200];
        const char *list[NAMES];
        const char *surroundings = cases[i].surroundings;
        struct auth_circumstances circumstances = circumstances_of(surroundings);
        struct capability_set offered = offer_of(cases[i].offered, names);
        struct auth_settings settings = {
            .allowed = list_of(cases[i].allowed, storage, list),
            .user = strchr(surroundings, 'u') ? NULL : "jo",
            .password = strchr(surroundings, 'w') ? (struct span){0} : SPAN("secret"),
            .alias_map = "X-PLAIN=PLAIN, X-LOGIN=LOGIN-INITIAL",
        };
        struct choice choice = {&settings, &offered, &circumstances, strchr(surroundings, 'k') != NULL, {0}};
        struct candidate chosen;
        bool has_chosen = choice_make(&choice, &chosen);
        if (!has_chosen)
            snprintf(found, sizeof found, "(none)");
        else if (span_equal(chosen.name, chosen.type))
            snprintf(found, sizeof found, "%.*s%s", SPAN_ARGS(chosen.name),
                     chosen.sends_user_first ? "!" : "");
        else
            snprintf(found, sizeof found, "%.*s %.*s%s", SPAN_ARGS(chosen.name), SPAN_ARGS(chosen.type),
                     chosen.sends_user_first ? "!" : "");
        print_message("# %s | %s | %s\n", cases[i].offered, cases[i].allowed ? cases[i].allowed : "",
                      surroundings);
        assert_string_equal(found, cases[i].chosen ? cases[i].chosen : "(none)");
    }
}

static void does_not_try_twice(void **state)
{
    static const char *const order[] = {"SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"};
    struct span names[NAMES];
    char excluded[200] = "";
    struct capability_set offered = offer_of("LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1", names);
    struct auth_circumstances circumstances = circumstances_of("t");
    struct auth_settings settings = {.user = "jo", .password = SPAN("secret")};
    struct choice choice = {&settings, &offered, &circumstances, false, {0}};
    struct candidate chosen;
    (void)state;
    for (size_t i = 0; i < LENGTH(order); i++) {
        assert_true(choice_make(&choice, &chosen));
        assert_true(span_is(chosen.name, order[i]));
        strcat(strcat(excluded, " "), order[i]);
        choice.excluded = span_of_string(excluded);
    }
    assert_false(choice_make(&choice, &chosen));
}

static void goes_on_only_when_that_costs_no_login(void **state)
{
    static const char *const list[] = {"PLAIN", "LOGIN", NULL};
    static const struct {
        int code;
        bool bare, listed;
    } cases[] = {
        {504, true, true},   {534, true, true},   {538, true, true},   {535, false, false},
        {500, false, true},  {501, false, true},  {530, false, true},  {454, false, false},
        {421, false, false}, {250, false, false}, {334, false, false},
    };
    struct auth_settings bare = {.user = "jo"}, listed = {.allowed = list};
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        bare.try_all = listed.try_all = false;
        assert_int_equal(choice_may_go_on(&bare, cases[i].code), cases[i].bare);
        assert_int_equal(choice_may_go_on(&listed, cases[i].code), cases[i].listed);
        bare.try_all = listed.try_all = true;
        assert_int_equal(choice_may_go_on(&bare, cases[i].code), cases[i].code >= 500);
        assert_int_equal(choice_may_go_on(&listed, cases[i].code), cases[i].code >= 500);
    }
}

static void explains_why_there_is_none(void **state)
{
    static const struct {
        const char *offered, *allowed, *surroundings, *ours;
        enum cause cause;
        const char *reason;
    } cases[] = {
        {"PLAIN LOGIN", NULL, "", "PLAIN LOGIN", CAUSE_AUTH_CLEARTEXT_WITHHELD,
         "the server offers PLAIN LOGIN; without TLS the password could be read on the way, so it was not "
         "sent"},
        {"PLAIN GSSAPI", NULL, "", "PLAIN", CAUSE_AUTH_CLEARTEXT_WITHHELD, "without TLS"},
        {"PLAIN", NULL, "tv", "PLAIN", CAUSE_AUTH_CLEARTEXT_WITHHELD, "certificate was proven"},
        {"SCRAM-SHA-256", NULL, "t", "EXTERNAL", CAUSE_AUTH_NO_COMMON_MECHANISM,
         "the server offers SCRAM-SHA-256; this machine has EXTERNAL; SCRAM-SHA-256 comes with a package: "
         "apt-get install libsasl2-modules"},
        {"GSSAPI", NULL, "t", "PLAIN", CAUSE_AUTH_NO_COMMON_MECHANISM,
         "GSSAPI needs a Kerberos ticket: run kinit"},
        {"GSSAPI", NULL, "t", "PLAIN", CAUSE_AUTH_NO_COMMON_MECHANISM, "install libsasl2-modules-gssapi-mit"},
        {"PLAIN LOGIN", "CRAM-MD5,SCRAM-SHA-1", "t", "PLAIN LOGIN", CAUSE_AUTH_NO_COMMON_MECHANISM,
         "the server offers PLAIN LOGIN; --auth allows CRAM-MD5 SCRAM-SHA-1; this machine has PLAIN LOGIN"},
        {"EXTERNAL", NULL, "tw", "EXTERNAL", CAUSE_AUTH_NO_COMMON_MECHANISM,
         "EXTERNAL needs a client certificate"},
        {"PLAIN", NULL, "tw", "PLAIN", CAUSE_AUTH_NO_COMMON_MECHANISM, "PLAIN needs --auth-password"},
        {"PLAIN", NULL, "tu", "PLAIN", CAUSE_AUTH_NO_COMMON_MECHANISM, "PLAIN needs --auth-user"},
        {"ANONYMOUS", NULL, "t", "ANONYMOUS", CAUSE_AUTH_NO_COMMON_MECHANISM,
         "ANONYMOUS is used only when named"},
        {"SCRAM-SHA-256-PLUS", NULL, "t", "SCRAM-SHA-256", CAUSE_AUTH_NO_COMMON_MECHANISM,
         "this machine has SCRAM-SHA-256; mechanisms with channel binding (-PLUS) are not"},
        {"X-\x1b[31m", NULL, "t", "PLAIN", CAUSE_AUTH_NO_COMMON_MECHANISM, "offers X-\\x1B[31m;"},
        {"", NULL, "t", "", CAUSE_AUTH_NO_COMMON_MECHANISM, "offers no mechanism; this machine has none"},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct span names[NAMES];
        char storage[200];
        const char *list[NAMES];
        struct buffer reason = BUFFER_EMPTY;
        const char *surroundings = cases[i].surroundings;
        struct auth_circumstances circumstances = circumstances_of(surroundings);
        struct capability_set offered = offer_of(cases[i].offered, names);
        struct auth_settings settings = {
            .allowed = list_of(cases[i].allowed, storage, list),
            .user = strchr(surroundings, 'u') ? NULL : "jo",
            .password = strchr(surroundings, 'w') ? (struct span){0} : SPAN("secret"),
        };
        struct choice choice = {&settings, &offered, &circumstances, false, {0}};
        assert_int_equal(choice_explain(&choice, span_of_string(cases[i].ours), &reason), cases[i].cause);
        print_message("# %s\n", buffer_string(&reason));
        assert_non_null(strstr(buffer_string(&reason), cases[i].reason));
        buffer_clear(&reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses),
        cmocka_unit_test(does_not_try_twice),
        cmocka_unit_test(goes_on_only_when_that_costs_no_login),
        cmocka_unit_test(explains_why_there_is_none),
    };
    return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
