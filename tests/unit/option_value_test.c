#include "check.h"

#include "base/arena.h"
#include "cli/option_value.h"

static void durations(void **state)
{
    static const struct {
        const char *text;
        duration expected; /* -1: refused */
    } cases[] = {
        {"30", SECONDS(30)},
        {"30s", SECONDS(30)},
        {"5m", MINUTES(5)},
        {"1h", MINUTES(60)},
        {"0", NEVER},
        {"0h", NEVER},
        {"8784h", SECONDS(8784LL * 3600)},
        {"8785h", -1},
        {"", -1},
        {"s", -1},
        {"-1", -1},
        {"1d", -1},
        {"1.5", -1},
        {" 1", -1},
        {"1 s", -1},
        {"1S", -1},
        {"99999999999999999999", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        duration got = -1;
        check_number(cases[i].text, "success", option_parse_duration(cases[i].text, &got),
                     cases[i].expected != -1);
        check_number(cases[i].text, "duration", (unsigned long long)got,
                     (unsigned long long)cases[i].expected);
    }
}

static void ports(void **state)
{
    static const struct {
        const char *text;
        unsigned expected; /* 0: refused */
    } cases[] = {
        {"25", 25}, {"1", 1},   {"65535", 65535},       {"0", 0}, {"65536", 0}, {"", 0},
        {"-1", 0},  {"25x", 0}, {"no-such-service", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned got = 0;
        check_number(cases[i].text, "success", option_parse_port(cases[i].text, &got),
                     cases[i].expected != 0);
        check_number(cases[i].text, "port", got, cases[i].expected);
    }
}

static void choices(void **state)
{
    int index = -1;
    (void)state;
    assert_true(option_parse_choice("text json", "JSON", &index));
    assert_int_equal(index, 1);
    assert_true(option_parse_choice("text json", "text", &index));
    assert_int_equal(index, 0);
    assert_false(option_parse_choice("text json", "jso", &index));
    assert_false(option_parse_choice("text json", "text json", &index));
    assert_false(option_parse_choice("text json", "", &index));
}

/* The words of the data and the table of stop points are the same. */
static void every_stage_has_a_stop_point(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (option_table[i].kind != KIND_STAGE)
            continue;
        struct span rest = span_of_string(option_table[i].choices), word;
        struct arena arena = ARENA_EMPTY;
        while (span_next_token(&rest, " ", &word)) {
            enum stop_point point;
            CHECK(option_table[i].name, option_parse_stage(arena_copy(&arena, word).at, &point));
        }
        arena_clear(&arena);
    }
}

static void stages(void **state)
{
    static const struct {
        const char *text;
        enum stop_point expected;
    } cases[] = {
        {"connect", STOP_AT_BANNER}, {"BANNER", STOP_AT_BANNER}, {"first-helo", STOP_AT_FIRST_EHLO},
        {"TLS", STOP_AT_STARTTLS},   {"Lhlo", STOP_AT_EHLO},     {"auth", STOP_AT_AUTH},
        {"from", STOP_AT_MAIL},      {"to", STOP_AT_RCPT},       {"data", STOP_AT_DATA},
        {"DOT", STOP_AT_BODY},
    };
    enum stop_point point;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(cases[i].text, option_parse_stage(cases[i].text, &point));
        check_number(cases[i].text, "stop point", point, cases[i].expected);
    }
    assert_false(option_parse_stage("quit", &point));
    assert_false(option_parse_stage("", &point));
}

static void hosts(void **state)
{
    static const struct {
        const char *text, *host, *port; /* host NULL: refused */
    } cases[] = {
        {"mx.example.com", "mx.example.com", ""},
        {"mx.example.com:587", "mx.example.com", "587"},
        {"mx.example.com/smtp", "mx.example.com", "smtp"},
        {"[mx.example.com]:25", "mx.example.com", "25"},
        {"[::1]", "::1", ""},
        {"[::1]:25", "::1", "25"},
        {"[::1]/25", "::1", "25"},
        {"::1", "::1", ""},
        {"::1/25", "::1", "25"},
        {"2001:db8::1:25", "2001:db8::1:25", ""},
        {"192.0.2.1:25", "192.0.2.1", "25"},
        {"", NULL, NULL},
        {":25", NULL, NULL},
        {"host:", NULL, NULL},
        {"/25", NULL, NULL},
        {"host/", NULL, NULL},
        {"[", NULL, NULL},
        {"[]", NULL, NULL},
        {"[]:25", NULL, NULL},
        {"[::1", NULL, NULL},
        {"[::1]25", NULL, NULL},
        {"[::1]:", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span host, port;
        bool is_good = option_split_host(span_of_string(cases[i].text), &host, &port);
        check_number(cases[i].text, "success", is_good, cases[i].host != NULL);
        if (is_good) {
            check_string(cases[i].text, host, cases[i].host);
            check_string(cases[i].text, port, cases[i].port);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations), cmocka_unit_test(ports),
        cmocka_unit_test(choices),   cmocka_unit_test(every_stage_has_a_stop_point),
        cmocka_unit_test(stages),    cmocka_unit_test(hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
