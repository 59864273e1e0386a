#include "diagnose/catalog.h"
#include "diagnose/places.h"

#include "diagnose/catalog_match.h"
#include "replies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct arena));
    return 0;
}

static int tear_down(void **state)
{
    arena_clear(*state);
    free(*state);
    return 0;
}

static struct explain_context at_stage(int stage)
{
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    context.stage = stage;
    return context;
}

static const struct explanation *explain_at(int stage, const char *text, struct arena *arena)
{
    struct explain_context context = at_stage(stage);
    return catalog_explain(&catalog_builtin, reply_from(text, arena), &context, arena);
}

static bool has_remark(const struct explanation *explanation, const char *words)
{
    for (size_t i = 0; i < explanation->remark_count; i++)
        if (strstr(explanation->remarks[i], words))
            return true;
    return false;
}

static bool is_refusal(const struct explanation *explanation)
{
    return explanation->cause != CAUSE_OK && explanation->cause != CAUSE_INTERMEDIATE;
}

/** What holds of every explanation. */
static void check_form(const struct explanation *explanation)
{
    assert_non_null(explanation);
    assert_in_range(strlen(explanation->title), 1, 60);
    assert_in_range(strlen(explanation->meaning), 1, 300);
    assert_null(strchr(explanation->meaning, '{'));
    assert_int_equal(explanation->advice_count > 0, is_refusal(explanation));
    for (size_t i = 0; i < explanation->advice_count; i++)
        assert_null(strchr(explanation->advice[i], '{'));
    for (size_t i = 0; i < explanation->remark_count; i++)
        assert_null(strchr(explanation->remarks[i], '{'));
}

/* Every code by every command */

static const struct {
    int code;
    const char *stages;
} codes[] = {
    {211, "help"},
    {214, "help"},
    {220, "banner starttls"},
    {221, "quit"},
    {235, "auth"},
    {250, "ehlo helo mail rcpt body bdat rset vrfy expn noop etrn"},
    {251, "rcpt vrfy etrn"},
    {252, "vrfy expn etrn"},
    {253, "etrn"},
    {334, "auth"},
    {354, "data"},
    {421,
     "banner ehlo helo starttls xclient auth mail rcpt data bdat body quit rset vrfy expn noop help etrn"},
    {422, "auth"},
    {430, "banner ehlo mail rcpt data body"},
    {432, "auth"},
    {450, "rcpt body vrfy mail ehlo banner data"},
    {451, "mail rcpt body data ehlo"},
    {452, "mail rcpt body data"},
    {453, "etrn"},
    {454, "starttls auth mail rcpt"},
    {455, "mail rcpt"},
    {458, "etrn"},
    {459, "etrn"},
    {500, "ehlo helo starttls auth mail rcpt data bdat body quit rset vrfy expn noop help etrn"},
    {501, "ehlo helo starttls auth mail rcpt data bdat body quit rset vrfy expn noop help etrn"},
    {502, "ehlo helo starttls auth mail rcpt data bdat body quit rset vrfy expn noop help etrn"},
    {503, "ehlo helo starttls auth mail rcpt data bdat body quit rset vrfy expn noop help etrn"},
    {504, "ehlo helo vrfy expn help auth"},
    {521, "banner ehlo mail rcpt"},
    {523, "auth mail"},
    {524, "auth"},
    {525, "auth rcpt"},
    {530, "auth mail rcpt data vrfy"},
    {533, "mail rcpt body"},
    {534, "auth"},
    {535, "auth"},
    {538, "auth"},
    {550, "banner ehlo helo mail rcpt data body vrfy expn"},
    {551, "rcpt vrfy"},
    {552, "mail rcpt body bdat"},
    {553, "mail rcpt vrfy"},
    {554, "banner ehlo mail rcpt data body"},
    {555, "mail rcpt"},
    {556, "rcpt"},
    {431, "mail"},
    {441, "body"},
    {442, "body"},
    {447, "body"},
    {471, "body"},
    {498, "rcpt"},
    {510, "rcpt"},
    {511, "rcpt"},
    {512, "rcpt"},
    {540, "rcpt"},
    {541, "body"},
    {557, "body"},
    {571, "rcpt body"},
    {585, "rcpt"},
    {591, "banner"},
};

static void every_basic_code_is_known_at_its_commands(void **state)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct span stages = span_of_string(codes[i].stages), name;
        char text[16];
        snprintf(text, sizeof text, "%d Refused", codes[i].code);
        while (span_next_token(&stages, " ", &name)) {
            const struct explanation *explanation =
                explain_at(vocabulary_find(stage_words, STAGE_COUNT, name), text, *state);
            check_form(explanation);
            assert_true(explanation->known);
            assert_int_equal(explanation->confidence, CONFIDENCE_BASIC);
            assert_int_equal(is_refusal(explanation), codes[i].code >= 400);
        }
        check_form(explain_at(-1, text, *state));
        assert_true(explain_at(-1, text, *state)->known);
    }
}

/* Every code has an answer, if only by its class. */
static void no_code_is_without_an_answer(void **state)
{
    for (int code = 200; code < 600; code++)
        for (int stage = -1; stage < STAGE_COUNT; stage++) {
            char text[16];
            snprintf(text, sizeof text, "%d x", code);
            const struct explanation *explanation = explain_at(stage, text, *state);
            check_form(explanation);
            assert_int_equal(explanation->known, explanation->confidence != CONFIDENCE_CLASS);
        }
}

/* The registry of enhanced codes, and what each is about */

static const struct {
    const char *code;
    const char *stage;
    enum cause cause;
} registered[] = {
    {"550 5.0.0", "rcpt", CAUSE_POLICY},
    {"550 5.1.0", "rcpt", CAUSE_MAILBOX_UNKNOWN},
    {"550 5.1.1", "rcpt", CAUSE_MAILBOX_UNKNOWN},
    {"550 5.1.2", "rcpt", CAUSE_DOMAIN_UNKNOWN},
    {"501 5.1.3", "rcpt", CAUSE_SYNTAX},
    {"550 5.1.4", "rcpt", CAUSE_MAILBOX_UNKNOWN},
    {"250 2.1.5", "rcpt", CAUSE_OK},
    {"551 5.1.6", "rcpt", CAUSE_MAILBOX_MOVED},
    {"501 5.1.7", "mail", CAUSE_SENDER_REJECTED},
    {"451 4.1.8", "mail", CAUSE_SENDER_REJECTED},
    {"250 2.1.9", "body", CAUSE_OK},
    {"556 5.1.10", "rcpt", CAUSE_DOMAIN_NO_MAIL},
    {"550 5.2.0", "rcpt", CAUSE_MAILBOX_DISABLED},
    {"550 5.2.1", "rcpt", CAUSE_MAILBOX_DISABLED},
    {"552 5.2.2", "rcpt", CAUSE_MAILBOX_FULL},
    {"552 5.2.3", "body", CAUSE_MESSAGE_TOO_BIG},
    {"450 4.2.4", "rcpt", CAUSE_SERVER_ERROR},
    {"451 4.3.0", "body", CAUSE_SERVER_ERROR},
    {"452 4.3.1", "mail", CAUSE_STORAGE_FULL},
    {"421 4.3.2", "banner", CAUSE_SERVER_BUSY},
    {"521 5.3.2", "banner", CAUSE_DOMAIN_NO_MAIL},
    {"554 5.3.3", "body", CAUSE_NOT_IMPLEMENTED},
    {"552 5.3.4", "mail", CAUSE_MESSAGE_TOO_BIG},
    {"451 4.3.5", "rcpt", CAUSE_SERVER_ERROR},
    {"250 2.3.6", "body", CAUSE_OK},
    {"451 4.4.0", "body", CAUSE_NETWORK},
    {"451 4.4.1", "rcpt", CAUSE_NETWORK},
    {"421 4.4.2", "data", CAUSE_NETWORK},
    {"451 4.4.3", "rcpt", CAUSE_DNS_FAILURE},
    {"550 5.4.4", "rcpt", CAUSE_DOMAIN_UNKNOWN},
    {"451 4.4.5", "body", CAUSE_SERVER_BUSY},
    {"554 5.4.6", "body", CAUSE_LOOP},
    {"554 5.4.7", "body", CAUSE_EXPIRED},
    {"554 5.5.0", "mail", CAUSE_POLICY},
    {"503 5.5.1", "mail", CAUSE_SEQUENCE},
    {"500 5.5.2", "mail", CAUSE_SYNTAX},
    {"452 4.5.3", "rcpt", CAUSE_TOO_MANY_RECIPIENTS},
    {"501 5.5.4", "mail", CAUSE_SYNTAX},
    {"501 5.5.4", "ehlo", CAUSE_HELO_REJECTED},
    {"554 5.5.5", "mail", CAUSE_NOT_IMPLEMENTED},
    {"500 5.5.6", "auth", CAUSE_SYNTAX},
    {"554 5.6.0", "body", CAUSE_CONTENT_MALFORMED},
    {"554 5.6.1", "body", CAUSE_CONTENT_BLOCKED},
    {"554 5.6.2", "body", CAUSE_NOT_IMPLEMENTED},
    {"554 5.6.3", "body", CAUSE_NOT_IMPLEMENTED},
    {"250 2.6.4", "body", CAUSE_OK},
    {"554 5.6.5", "body", CAUSE_NOT_IMPLEMENTED},
    {"554 5.6.6", "body", CAUSE_SERVER_ERROR},
    {"553 5.6.7", "rcpt", CAUSE_NOT_IMPLEMENTED},
    {"550 5.6.8", "vrfy", CAUSE_NOT_IMPLEMENTED},
    {"252 2.6.8", "vrfy", CAUSE_OK},
    {"550 5.6.9", "body", CAUSE_NOT_IMPLEMENTED},
    {"550 5.6.10", "vrfy", CAUSE_NOT_IMPLEMENTED},
    {"550 5.7.0", "body", CAUSE_POLICY},
    {"550 5.7.1", "body", CAUSE_POLICY},
    {"550 5.7.2", "rcpt", CAUSE_RECIPIENT_RESTRICTED},
    {"554 5.7.3", "body", CAUSE_NOT_IMPLEMENTED},
    {"504 5.7.4", "auth", CAUSE_AUTH_MECHANISM},
    {"554 5.7.5", "body", CAUSE_TLS_FAILED},
    {"554 5.7.6", "body", CAUSE_TLS_FAILED},
    {"554 5.7.7", "body", CAUSE_DKIM_FAIL},
    {"535 5.7.8", "auth", CAUSE_AUTH_FAILED},
    {"534 5.7.9", "auth", CAUSE_AUTH_MECHANISM},
    {"523 5.7.10", "auth", CAUSE_TLS_REQUIRED},
    {"538 5.7.11", "auth", CAUSE_TLS_REQUIRED},
    {"432 4.7.12", "auth", CAUSE_AUTH_FAILED},
    {"525 5.7.13", "auth", CAUSE_ACCOUNT_BLOCKED},
    {"554 5.7.14", "body", CAUSE_AUTH_REQUIRED},
    {"450 4.7.15", "mail", CAUSE_POLICY},
    {"552 5.7.16", "mail", CAUSE_MESSAGE_TOO_BIG},
    {"550 5.7.17", "rcpt", CAUSE_RECIPIENT_RESTRICTED},
    {"550 5.7.18", "rcpt", CAUSE_RECIPIENT_RESTRICTED},
    {"550 5.7.19", "rcpt", CAUSE_RECIPIENT_RESTRICTED},
    {"550 5.7.20", "body", CAUSE_DKIM_FAIL},
    {"550 5.7.21", "body", CAUSE_DKIM_FAIL},
    {"550 5.7.22", "body", CAUSE_DKIM_FAIL},
    {"550 5.7.23", "body", CAUSE_SPF_FAIL},
    {"451 4.7.24", "mail", CAUSE_SPF_FAIL},
    {"550 5.7.25", "body", CAUSE_RDNS_MISSING},
    {"550 5.7.26", "body", CAUSE_UNAUTHENTICATED},
    {"550 5.7.27", "mail", CAUSE_SENDER_REJECTED},
    {"550 5.7.28", "body", CAUSE_RATE_LIMITED},
    {"550 5.7.29", "body", CAUSE_UNAUTHENTICATED},
    {"550 5.7.30", "mail", CAUSE_TLS_REQUIRED},
};

static void every_registered_enhanced_code_is_known(void **state)
{
    for (size_t i = 0; i < sizeof registered / sizeof *registered; i++) {
        int stage = vocabulary_find(stage_words, STAGE_COUNT, span_of_string(registered[i].stage));
        char text[40];
        snprintf(text, sizeof text, "%s Refused", registered[i].code);
        const struct explanation *explanation = explain_at(stage, text, *state);
        check_form(explanation);
        if (explanation->cause != registered[i].cause || explanation->confidence != CONFIDENCE_ENHANCED)
            fail_msg("%s at %s: %s by %s", text, registered[i].stage, cause_name(explanation->cause),
                     explanation->rule);
    }
}

static void an_enhanced_code_is_found_wherever_it_sits(void **state)
{
    static const char *const texts[] = {"550 5.7.23 Refused",
                                        "550 Refused (#5.7.23)",
                                        "550 Error: 5.7.23 Refused",
                                        "550 #5.7.23 Refused",
                                        "550-Refused\n550 5.7.23 Refused",
                                        "550-5.7.23 Refused\n550-5.7.23 Refused\n550 5.7.23 Refused",
                                        "550 5.7.23 Refused 550-5.7.23 Refused 550 5.7.23 Refused"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_string_equal(explain_at(STAGE_BODY, texts[i], *state)->rule, "enhanced.7.23");
}

static void an_unregistered_enhanced_code_is_told_by_its_subject(void **state)
{
    assert_string_equal(explain_at(STAGE_BODY, "550 5.7.99 x", *state)->rule, "enhanced.7.other");
    assert_string_equal(explain_at(STAGE_MAIL, "550 5.1.77 x", *state)->rule, "enhanced.1.other.mail");
}

/* Places */

static void places_are_filled_with_what_is_known(void **state)
{
    struct explain_context context = at_stage(STAGE_RCPT);
    context.recipient = "user@example.com";
    context.host = "mx1.example.com";
    const struct explanation *explanation =
        catalog_explain(&catalog_builtin, reply_from("550 5.1.1 Refused", *state), &context, *state);
    assert_string_equal(explanation->meaning,
                        "mx1.example.com does not know user@example.com: there is no mailbox for "
                        "the part left of the @. Sending again will not help.");
    assert_string_equal(explanation->advice[1],
                        "see whether the whole domain refuses: smtpprobe --server mx1.example.com --to "
                        "postmaster@example.com --quit-after RCPT");
    explanation = explain_at(STAGE_RCPT, "550 5.1.1 Refused", *state);
    assert_non_null(strstr(explanation->advice[1], "postmaster@RECIPIENT-DOMAIN"));
    assert_non_null(strstr(explanation->meaning, "The server does not know the recipient: "));
}

static void commands_lead_to_the_same_server(void **state)
{
    static const struct {
        const char *host;
        unsigned port;
        bool from_mx;
        const char *command;
    } cases[] = {
        {"mx1.example.com", 25, true, "smtpprobe --to a@b.example"},
        {"mx1.example.com", 2525, true, "smtpprobe --port 2525 --to a@b.example"},
        {"mx1.example.com", 587, false, "smtpprobe --server mx1.example.com:587 --to a@b.example"},
        {"2001:db8::1", 25, false, "smtpprobe --server '[2001:db8::1]:25' --to a@b.example"},
        {"a;b", 25, false, "smtpprobe --server 'a;b':25 --to a@b.example"},
        {NULL, 0, false, "smtpprobe --to a@b.example"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct explain_context context = EXPLAIN_CONTEXT_NONE;
        context.host = cases[i].host;
        context.port = cases[i].port;
        context.from_mx = cases[i].from_mx;
        assert_string_equal(
            places_fill("{probe} --to a@b.example", PLACES_IN_COMMAND, &context, NULL, *state),
            cases[i].command);
    }
}

static void what_is_pasted_into_a_shell_stays_one_word(void **state)
{
    struct explain_context context = at_stage(STAGE_RCPT);
    context.recipient = "a'$(reboot)@example.com";
    context.recipient_domain = "example.com;reboot";
    const struct explanation *explanation =
        catalog_explain(&catalog_builtin, reply_from("552 5.2.2 Full", *state), &context, *state);
    assert_non_null(strstr(explanation->advice[2], "--to 'a'\\''$(reboot)@example.com'"));
    explanation =
        catalog_explain(&catalog_builtin, reply_from("550 5.1.1 Refused", *state), &context, *state);
    assert_non_null(strstr(explanation->advice[2], "MX 'example.com;reboot'"));
}

static void names_too_long_do_not_break_the_bounds(void **state)
{
    char name[320];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct explain_context context = at_stage(STAGE_RCPT);
    context.recipient = context.recipient_domain = context.host = context.helo = context.sender = name;
    check_form(catalog_explain(&catalog_builtin, reply_from("550 5.1.1 Refused", *state), &context, *state));
}

static void the_mailbox_that_a_refusal_begins_with_stands_in_for_ours(void **state)
{
    static const struct {
        const char *reply;
        const char *words; /* in the meaning or a step */
    } cases[] = {
        {"550 5.1.1 <user@example.com>: Recipient address rejected: User unknown", "postmaster@example.com "},
        {"550 5.1.1 <user@example.com>... User unknown", "postmaster@example.com "},
        {"554 5.7.1 <user@example.com>: Relay access denied", "MX example.com"},
        {"450 4.1.8 <jo@example.org>: Sender address rejected: Domain not found", "MX example.org"},
        {"550 5.1.1 <>: Recipient address rejected: User unknown", "postmaster@RECIPIENT-DOMAIN "},
        {"550 5.1.1 <user@example.com: Recipient address rejected: User unknown", "postmaster@RECIPIENT-DOMAIN "},
        {"550 5.1.1 User unknown; write to <help@example.com>", "postmaster@RECIPIENT-DOMAIN "},
        {"550 5.1.1 <u@$(x)>: Recipient address rejected: User unknown", "postmaster@'$(x)' "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct explanation *explanation = catalog_explain(
            &catalog_builtin, reply_from(cases[i].reply, *state), &EXPLAIN_CONTEXT_NONE, *state);
        bool found = false;
        for (size_t step = 0; step < explanation->advice_count; step++)
            found |= strstr(explanation->advice[step], cases[i].words) != NULL;
        if (!found)
            fail_msg("%s: no step with %s", cases[i].reply, cases[i].words);
    }
    struct explain_context context = at_stage(STAGE_RCPT);
    context.recipient = "other@example.net";
    const struct explanation *explanation =
        catalog_explain(&catalog_builtin, reply_from(cases[0].reply, *state), &context, *state);
    assert_non_null(strstr(explanation->meaning, "other@example.net"));
}

static void the_reversed_address_is_that_of_block_lists(void **state)
{
    struct explain_context context = at_stage(STAGE_BANNER);
    context.our_address = "192.0.2.1";
    const struct explanation *explanation =
        catalog_explain(&catalog_builtin, reply_from("554 Refused", *state), &context, *state);
    assert_non_null(strstr(explanation->advice[0], "dig +short 1.2.0.192.zen.spamhaus.org"));
    context.our_address = "2001:db8::1";
    explanation = catalog_explain(&catalog_builtin, reply_from("554 Refused", *state), &context, *state);
    assert_non_null(strstr(explanation->advice[0],
                           " 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen"));
}

static void the_client_that_a_refusal_names_stands_in_for_our_address(void **state)
{
    static const struct {
        const char *reply;
        const char *address; /* reversed, in a command; or NULL: not known */
    } cases[] = {
        {"554 Client host [192.0.2.1] blocked using zen.spamhaus.org", "1.2.0.192."},
        {"554 Blocked, see https://www.spamhaus.org/query/ip/192.0.2.1", "1.2.0.192."},
        {"554 192.0.2.1 is listed in zen.spamhaus.org: 127.0.0.2", "1.2.0.192."},
        {"554 2001:db8::1 is listed in zen.spamhaus.org", ".8.b.d.0.1.0.0.2."},
        {"554 192.0.2.1 says: 192.0.2.2 is listed in zen.spamhaus.org", NULL},
        {"554 Mail from 192.0.2.1 refused by 192.0.2.2: listed in zen.spamhaus.org", "1.2.0.192."},
        {"554 mx.example.com [198.51.100.25]: you are listed in zen.spamhaus.org", NULL},
        {"554 Listed, see https://www.spamhaus.org/query/ip/192.0.2.1.999", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct explain_context context = at_stage(STAGE_BANNER);
        context.address = "198.51.100.25";
        const struct explanation *explanation =
            catalog_explain(&catalog_builtin, reply_from(cases[i].reply, *state), &context, *state);
        assert_int_equal(explanation->cause, CAUSE_IP_BLOCKLISTED);
        assert_non_null(
            strstr(explanation->advice[0], cases[i].address ? cases[i].address : "OUR-ADDRESS-REVERSED"));
        context.our_address = "203.0.113.7";
        explanation = catalog_explain(&catalog_builtin, reply_from(cases[i].reply, *state), &context, *state);
        assert_non_null(strstr(explanation->advice[0], "7.113.0.203."));
    }
}

/* What we know ourselves */

static void a_code_at_odds_with_the_rest_is_remarked(void **state)
{
    assert_true(has_remark(explain_at(STAGE_BODY, "451 5.7.23 Refused", *state),
                           "451 is temporary, 5.7.23 is final"));
    assert_true(has_remark(explain_at(STAGE_BODY, "550 4.7.28 Refused", *state),
                           "550 is final, 4.7.28 is temporary"));
    assert_true(has_remark(explain_at(STAGE_RCPT, "550 Try again later", *state), "sounds temporary"));
    const struct explanation *explanation = explain_at(STAGE_RCPT, "450 4.1.1 Refused", *state);
    assert_int_equal(explanation->retry, RETRY_LATER);
    assert_true(has_remark(explanation, "450 is temporary"));
    assert_int_equal(explain_at(STAGE_RCPT, "550 5.1.1 Refused", *state)->remark_count, 0);
}

static void a_consequence_points_to_its_cause(void **state)
{
    struct explain_context context = at_stage(STAGE_DATA);
    const struct reply *reply = reply_from("554 5.5.1 Error: no valid recipients", *state);
    context.is_consequence = true;
    const struct explanation *explanation = catalog_explain(&catalog_builtin, reply, &context, *state);
    assert_string_equal(explanation->rule, "consequence.no-recipient");
    assert_int_equal(explanation->confidence, CONFIDENCE_BASIC);
}

static void one_code_for_two_wants_is_told_apart_by_the_session(void **state)
{
    struct explain_context context = at_stage(STAGE_MAIL);
    const struct reply *reply = reply_from("530 Refused", *state);
    context.in_tls = 0;
    assert_int_equal(catalog_explain(&catalog_builtin, reply, &context, *state)->cause, CAUSE_TLS_REQUIRED);
    context.in_tls = 1;
    assert_int_equal(catalog_explain(&catalog_builtin, reply, &context, *state)->cause, CAUSE_AUTH_REQUIRED);
}

static void what_we_know_contradicts_the_claim(void **state)
{
    struct explain_context context = at_stage(STAGE_BODY);
    context.message_size = 700;
    assert_true(
        has_remark(catalog_explain(&catalog_builtin, reply_from("552 5.3.4 x", *state), &context, *state),
                   "only 700 octets"));
    context = at_stage(STAGE_MAIL);
    context.in_tls = context.authenticated = 1;
    assert_true(
        has_remark(catalog_explain(&catalog_builtin, reply_from("523 5.7.10 x", *state), &context, *state),
                   "in TLS already"));
    assert_true(
        has_remark(catalog_explain(&catalog_builtin, reply_from("530 5.7.0 x", *state), &context, *state),
                   "login succeeded"));
}

static void a_reply_without_a_code_is_still_explained(void **state)
{
    struct explain_context context = EXPLAIN_CONTEXT_NONE;
    struct reply reply = {.code = 0};
    assert_string_equal(catalog_explain(&catalog_builtin, &reply, &context, *state)->rule, "class.0");
    reply.enhanced = (struct enhanced_status){5, 7, 26};
    assert_string_equal(catalog_explain(&catalog_builtin, &reply, &context, *state)->rule, "enhanced.7.26");
}

/* Hostile text costs no more than its beginning. */
static void a_reply_of_any_size_is_matched_by_its_beginning(void **state)
{
    static const char *const pieces[] = {"a=", "user@", "x.", "&lt;",    "550-",
                                         " ",  "\xff",  "1:", "http://", "aaaa"};
    struct explain_context context = at_stage(STAGE_RCPT);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t size = strlen(pieces[i]), count = REPLY_LIMIT / size;
        char *text = arena_allocate(*state, size * count);
        for (size_t k = 0; k < count; k++)
            memcpy(text + k * size, pieces[i], size);
        struct span line = span_of(text, size * count);
        struct reply reply = {.code = 550, .lines = &line, .line_count = 1};
        check_form(catalog_explain(&catalog_builtin, &reply, &context, *state));
        struct reply_words words;
        reply_words_read(&words, 550, &line, 1, *state);
        assert_in_range(words.text.size, 1, REPLY_WORDS_LIMIT + 1 + REPLY_LINKS_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_basic_code_is_known_at_its_commands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_code_is_without_an_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_registered_enhanced_code_is_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_enhanced_code_is_found_wherever_it_sits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unregistered_enhanced_code_is_told_by_its_subject, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(places_are_filled_with_what_is_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(commands_lead_to_the_same_server, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_pasted_into_a_shell_stays_one_word, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_too_long_do_not_break_the_bounds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_client_that_a_refusal_names_stands_in_for_our_address, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_mailbox_that_a_refusal_begins_with_stands_in_for_ours, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_reversed_address_is_that_of_block_lists, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_code_at_odds_with_the_rest_is_remarked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_consequence_points_to_its_cause, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_code_for_two_wants_is_told_apart_by_the_session, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_we_know_contradicts_the_claim, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reply_without_a_code_is_still_explained, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reply_of_any_size_is_matched_by_its_beginning, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
