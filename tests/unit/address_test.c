#include "base/address.h"
#include "check.h"

#include <sys/socket.h>

static const struct {
    const char *text;
    int family;
    const char *reverse_name; /* NULL: none */
} addresses[] = {
    {"192.0.2.1", AF_INET, "1.2.0.192.in-addr.arpa"},
    {"2001:db8::a1", AF_INET6, "1.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
    {"::ffff:192.0.2.1", AF_INET6,
     "1.0.2.0.0.0.0.c.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa"},
    {"192.0.2", 0, NULL},
    {"192.0.2.256", 0, NULL},
    {"[192.0.2.1]", 0, NULL},
    {"192.0.2.1 ", 0, NULL},
    {"eth0", 0, NULL},
    {"mx.example.com", 0, NULL},
    {"", 0, NULL},
    {NULL, 0, NULL},
};

static void addresses_are_told_and_reversed(void **state)
{
    struct arena arena = ARENA_EMPTY;
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        const char *text = addresses[i].text, *name = text ? text : "NULL";
        const char *reverse = address_reverse_name(text, &arena);
        check_number(name, "family", (unsigned)address_family(text, NULL), (unsigned)addresses[i].family);
        CHECK(name, (reverse != NULL) == (addresses[i].reverse_name != NULL));
        if (reverse)
            check_string(name, span_of_string(reverse), addresses[i].reverse_name);
    }
    arena_clear(&arena);
}

static void addresses_are_split_from_ports(void **state)
{
    static const struct {
        const char *text, *address, *port;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1", ""},
        {"192.0.2.1:53", "192.0.2.1", ":53"},
        {"192.0.2.1:", "192.0.2.1", ":"},
        {"2001:db8::1", "2001:db8::1", ""},
        {"[2001:db8::1]", "2001:db8::1", ""},
        {"[2001:db8::1]:53", "2001:db8::1", ":53"},
        {"[2001:db8::1]53", "2001:db8::1", "53"},
        {"[2001:db8::1", "[2001:db8::1", ""},
        {"[]", "", ""},
        {":", "", ":"},
        {"", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span address, port;
        address_split(span_of_string(cases[i].text), &address, &port);
        check_string(cases[i].text, address, cases[i].address);
        check_string(cases[i].text, port, cases[i].port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_told_and_reversed),
        cmocka_unit_test(addresses_are_split_from_ports),
    };
    return cmocka_run_group_tests_name("addresses", tests, NULL, NULL);
}
