#include "check.h"

#include "dns/hosts.h"

#include <sys/socket.h>

static struct arena arena;

static int clear(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static const char file[] = "# 192.0.2.9 commented\n"
                           "127.0.0.1\tlocalhost\n"
                           "192.0.2.1 mail.example mail # 192.0.2.8 other\r\n"
                           "2001:DB8::1   mail\n"
                           "  192.0.2.2 MAIL\n"
                           "not-an-address mail\n"
                           "192.0.2 mail\n"
                           "192.0.2.3\n"
                           "\n"
                           "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb mail\n"
                           "192.0.2.4 last.example";

static void names_are_found(void **state)
{
    static const struct {
        const char *name;
        enum dns_type type;
        const char *addresses; /* NULL: not listed; "": not of this family */
    } cases[] = {
        {"mail", DNS_A, "192.0.2.1 192.0.2.2"},
        {"Mail.", DNS_A, "192.0.2.1 192.0.2.2"},
        {"mail", DNS_AAAA, "2001:db8::1"},
        {"mail.example", DNS_A, "192.0.2.1"},
        {"mail.example", DNS_AAAA, ""},
        {"last.example", DNS_A, "192.0.2.4"},
        {"commented", DNS_A, NULL},
        {"other", DNS_A, NULL},
        {"192.0.2.1", DNS_A, NULL},
        {"mai", DNS_A, NULL},
        {"", DNS_A, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dns_answer answer;
        bool is_listed = hosts_find(&answer, span_of_string(file), cases[i].name, cases[i].type, &arena);
        CHECK(cases[i].name, is_listed == (cases[i].addresses != NULL));
        if (!is_listed)
            continue;
        const char *got = "";
        for (size_t j = 0; j < answer.record_count; j++)
            got = arena_printf(&arena, "%s%s%s", got, j ? " " : "", answer.records[j].as.address.text);
        check_string(cases[i].name, span_of_string(got), cases[i].addresses);
        CHECK(cases[i].name, answer.status == (*cases[i].addresses ? DNS_FOUND : DNS_NO_DATA));
        CHECK(cases[i].name, answer.is_local);
        check_string(cases[i].name, span_of_string(answer.name), cases[i].name);
    }
}

static void an_empty_file_lists_nothing(void **state)
{
    struct dns_answer answer;
    (void)state;
    assert_false(hosts_find(&answer, span_of(NULL, 0), "mail", DNS_A, &arena));
}

static void records_are_bounded__invariant_15(void **state)
{
    struct dns_answer answer;
    const char *line = "192.0.2.1 a\n";
    size_t size = strlen(line), count = DNS_RECORD_LIMIT + 3;
    char *text = arena_allocate(&arena, size * count);
    (void)state;
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * size, line, size);
    assert_true(hosts_find(&answer, span_of(text, size * count), "a", DNS_A, &arena));
    assert_int_equal(answer.record_count, DNS_RECORD_LIMIT);
    assert_int_equal(answer.records_left_out, 3);
}

static void localhost_is_loopback(void **state)
{
    struct dns_answer answer;
    (void)state;
    assert_true(hosts_find_loopback(&answer, "localhost", DNS_A, &arena));
    assert_int_equal(answer.records[0].as.address.family, AF_INET);
    assert_memory_equal(answer.records[0].as.address.octets, "\177\0\0\1", 4);
    assert_true(hosts_find_loopback(&answer, "mail.LOCALHOST.", DNS_AAAA, &arena));
    assert_string_equal(answer.records[0].as.address.text, "::1");
    assert_false(hosts_find_loopback(&answer, "localhost", DNS_MX, &arena));
    assert_false(hosts_find_loopback(&answer, "notlocalhost", DNS_A, &arena));
    assert_false(hosts_find_loopback(&answer, "localhost.example", DNS_A, &arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(names_are_found, clear),
        cmocka_unit_test_teardown(an_empty_file_lists_nothing, clear),
        cmocka_unit_test_teardown(records_are_bounded__invariant_15, clear),
        cmocka_unit_test_teardown(localhost_is_loopback, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
