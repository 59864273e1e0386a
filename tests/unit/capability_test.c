#include "check.h"

#include "base/buffer.h"
#include "smtp/capability.h"

#include <stdio.h>

static int setup(void **state)
{
    static struct arena arena;
    arena = ARENA_EMPTY;
    *state = &arena;
    return 0;
}

static int teardown(void **state)
{
    arena_clear(*state);
    return 0;
}

/** What a server offers that answers EHLO with this. */
static struct capability_set read_set(struct arena *arena, struct span octets)
{
    struct reply_parser parser;
    struct capability_set set;
    size_t consumed;
    reply_parser_init(&parser, arena);
    struct reply *reply = reply_parser_feed(&parser, octets, &consumed, 1);
    assert_non_null(reply);
    capability_set_read(&set, reply, arena);
    return set;
}

static struct capability_set read_text(struct arena *arena, const char *octets)
{
    return read_set(arena, span_of_string(octets));
}

static void a_usual_reply(void **state)
{
    struct capability_set set = read_text(*state, "250-mail.example.com Hello there\r\n"
                                                  "250-PIPELINING\r\n"
                                                  "250-SIZE 10240000\r\n"
                                                  "250-STARTTLS\r\n"
                                                  "250-AUTH PLAIN LOGIN\r\n"
                                                  "250-X-ODD  a  b \r\n"
                                                  "250 SMTPUTF8\r\n");
    check_string("domain", set.domain, "mail.example.com");
    assert_int_equal(set.count, 6);
    assert_int_equal(set.known, 1u << EXTENSION_PIPELINING | 1u << EXTENSION_SIZE | 1u << EXTENSION_STARTTLS |
                                    1u << EXTENSION_AUTH | 1u << EXTENSION_SMTPUTF8);
    assert_int_equal(set.size_limit, 10240000);
    assert_int_equal(set.mechanism_count, 2);
    check_string("mechanism", set.mechanisms[1], "LOGIN");
    check_string("unknown", set.all[4].keyword, "X-ODD");
    check_string("its parameters", set.all[4].parameters, "a  b");
    check_string("SIZE", capability_parameters(&set, EXTENSION_SIZE), "10240000");
    assert_int_equal(capability_parameters(&set, EXTENSION_DSN).size, 0);
    assert_false(set.has_auth_equals);
    assert_false(set.looks_stripped);
}

/* swaks and curl take lower-case "starttls" for no offer. */
static void keywords_in_any_case__D4__invariant_18(void **state)
{
    struct capability_set set =
        read_text(*state, "250-mail.example.com\r\n250-starttls\r\n250-Size 7\r\n250 auth login Plain\r\n");
    assert_true(capability_has(&set, EXTENSION_STARTTLS));
    assert_true(capability_has(&set, EXTENSION_SIZE));
    assert_true(capability_has(&set, EXTENSION_AUTH));
    assert_int_equal(set.size_limit, 7);
    assert_true(capability_has_mechanism(&set, SPAN("PLAIN")));
    check_string("as written", set.mechanisms[0], "login");
}

/* A parser that sees the last line apart misses what stands there. */
static void the_order_plays_no_part__invariant_18(void **state)
{
    static const char *const cases[] = {
        "250-mail.example.com\r\n250-SIZE\r\n250 STARTTLS\r\n",
        "250-mail.example.com\r\n250-STARTTLS\r\n250 SIZE\r\n",
        "250-mail.example.com\r\n250-STARTTLS\r\n250-SIZE\r\n250 \r\n",
        "250-mail.example.com\r\n250-\r\n250- STARTTLS \r\n250 SIZE\r\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct capability_set set = read_text(*state, cases[i]);
        check_number(cases[i], "known", set.known, 1u << EXTENSION_SIZE | 1u << EXTENSION_STARTTLS);
        check_number(cases[i], "count", set.count, 2);
    }
}

static void the_greeting_is_no_capability(void **state)
{
    struct capability_set set = read_text(*state, "250 STARTTLS at your service\r\n");
    assert_int_equal(set.known, 0);
    assert_int_equal(set.count, 0);
    check_string("domain", set.domain, "STARTTLS");
    set = read_text(*state, "250\r\n");
    assert_int_equal(set.domain.size, 0);
}

static void every_extension_is_known_by_its_keyword(void **state)
{
    for (unsigned i = 0; i < EXTENSION_COUNT; i++) {
        char octets[100];
        snprintf(octets, sizeof octets, "250-mail.example.com\r\n250 %s parameter\r\n", extension_keyword(i));
        struct capability_set set = read_text(*state, octets);
        check_number(octets, "known", set.known, 1u << i);
        check_string(octets, capability_parameters(&set, i), "parameter");
    }
}

static void a_keyword_must_match_whole(void **state)
{
    struct capability_set set = read_text(
        *state, "250-mail.example.com\r\n250-STARTTLSX\r\n250-XSTARTTLS\r\n250-SIZE=5\r\n250 AUTHX=A\r\n");
    assert_int_equal(set.known, 0);
    assert_int_equal(set.count, 4);
    assert_false(set.has_auth_equals);
}

struct auth_case {
    const char *name;
    const char *octets;
    const char *mechanisms; /* with a blank behind each */
    bool has_equals;
};

static void auth_lines(void **state)
{
    static const struct auth_case cases[] = {
        {"usual", "250-h\r\n250 AUTH PLAIN LOGIN\r\n", "PLAIN LOGIN ", false},
        {"old form alone", "250-h\r\n250 AUTH=LOGIN\r\n", "LOGIN ", true},
        {"old form, several", "250-h\r\n250 AUTH=LOGIN PLAIN\r\n", "LOGIN PLAIN ", true},
        {"old form in lower case", "250-h\r\n250 auth=login\r\n", "login ", true},
        {"both forms", "250-h\r\n250-AUTH LOGIN PLAIN\r\n250 AUTH=LOGIN PLAIN\r\n", "LOGIN PLAIN ", true},
        {"both forms that differ", "250-h\r\n250-AUTH=LOGIN\r\n250 AUTH CRAM-MD5 login\r\n",
         "LOGIN CRAM-MD5 ", true},
        {"two lines", "250-h\r\n250-AUTH PLAIN\r\n250 AUTH GSSAPI\r\n", "PLAIN GSSAPI ", false},
        {"doubles", "250-h\r\n250 AUTH PLAIN plain PLAIN\r\n", "PLAIN ", false},
        {"none", "250-h\r\n250 AUTH\r\n", "", false},
        {"none in the old form", "250-h\r\n250 AUTH=\r\n", "", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer list = BUFFER_EMPTY;
        struct capability_set set = read_text(*state, cases[i].octets);
        for (size_t j = 0; j < set.mechanism_count; j++) {
            buffer_add(&list, set.mechanisms[j]);
            buffer_add_char(&list, ' ');
        }
        check_string(cases[i].name, buffer_span(&list), cases[i].mechanisms);
        check_number(cases[i].name, "has_auth_equals", set.has_auth_equals, cases[i].has_equals);
        CHECK(cases[i].name, capability_has(&set, EXTENSION_AUTH));
        buffer_clear(&list);
    }
}

static void size_limits(void **state)
{
    static const struct {
        const char *line;
        unsigned long long limit;
    } cases[] = {
        {"SIZE 35882577", 35882577},
        {"SIZE 0", 0},
        {"SIZE", 0},
        {"SIZE -1", 0},
        {"SIZE 10M", 0},
        {"SIZE 1 2", 0},
        {"SIZE 18446744073709551615", ~0ull},
        {"SIZE 18446744073709551616", 0},
        {"SIZE 99999999999999999999999999", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char octets[100];
        snprintf(octets, sizeof octets, "250-h\r\n250 %s\r\n", cases[i].line);
        struct capability_set set = read_text(*state, octets);
        check_number(cases[i].line, "size_limit", set.size_limit, cases[i].limit);
        CHECK(cases[i].line, capability_has(&set, EXTENSION_SIZE));
    }
}

static void keywords_overwritten_by_a_device(void **state)
{
    static const struct {
        const char *keyword;
        bool looks_stripped;
    } cases[] = {
        {"XXXXXXXA", true}, {"XXXXXXXX", true}, {"XXXB", true},      {"XXX", true},   {"XX", false},
        {"XXA", false},     {"XXXAB", false},   {"XXX-EXCH", false}, {"XXX1", false}, {"XCLIENT", false},
        {"AXXXX", false},   {"X-EXPS", false},  {"XEXCH50", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char octets[100];
        snprintf(octets, sizeof octets, "250-h\r\n250-%s\r\n250 SIZE\r\n", cases[i].keyword);
        struct capability_set set = read_text(*state, octets);
        check_number(cases[i].keyword, "looks_stripped", set.looks_stripped, cases[i].looks_stripped);
    }
}

/* msmtp refuses such a list. */
static void a_hundred_lines__invariant_18(void **state)
{
    struct buffer octets = BUFFER_EMPTY;
    buffer_add_string(&octets, "250-mail.example.com\r\n");
    for (int i = 0; i < 99; i++)
        buffer_printf(&octets, "250-X-EXTENSION-%d with some parameters\r\n", i);
    buffer_add_string(&octets, "250 STARTTLS\r\n");
    struct capability_set set = read_set(*state, buffer_span(&octets));
    assert_int_equal(set.count, 100);
    assert_true(capability_has(&set, EXTENSION_STARTTLS));
    buffer_clear(&octets);
}

static void mechanisms_are_bounded__invariant_15(void **state)
{
    struct buffer octets = BUFFER_EMPTY;
    buffer_add_string(&octets, "250-mail.example.com\r\n250-AUTH");
    for (int i = 0; i < 5000; i++)
        buffer_printf(&octets, " M%d", i);
    buffer_add_string(&octets, "\r\n250 AUTH=PLAIN\r\n");
    struct capability_set set = read_set(*state, buffer_span(&octets));
    assert_int_equal(set.mechanism_count, CAPABILITY_MECHANISM_LIMIT);
    check_string("first", set.mechanisms[0], "M0");
    buffer_clear(&octets);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_usual_reply),
        TEST(keywords_in_any_case__D4__invariant_18),
        TEST(the_order_plays_no_part__invariant_18),
        TEST(the_greeting_is_no_capability),
        TEST(every_extension_is_known_by_its_keyword),
        TEST(a_keyword_must_match_whole),
        TEST(auth_lines),
        TEST(size_limits),
        TEST(keywords_overwritten_by_a_device),
        TEST(a_hundred_lines__invariant_18),
        TEST(mechanisms_are_bounded__invariant_15),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
