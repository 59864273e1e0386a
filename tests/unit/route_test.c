#include "check.h"

#include "dns/route.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>

static struct arena arena;

static int clear(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

/** Never draws anything but the first: equals then come in reverse, but for none. */
static unsigned first(unsigned bound)
{
    (void)bound;
    return 0;
}

static unsigned last(unsigned bound)
{
    return bound - 1;
}

static unsigned pseudo_random(unsigned bound)
{
    static unsigned state = 1;
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % bound;
}

/* MX */

static struct dns_answer *answer_of(enum dns_type type, enum dns_status status)
{
    struct dns_answer *answer = ARENA_NEW(&arena, struct dns_answer);
    *answer =
        (struct dns_answer){.name = arena_copy_string(&arena, "example.com"), .type = type, .status = status};
    return answer;
}

/** MX records from text such as "10 a.example,20 b.example". */
static struct dns_answer *mx_of(const char *text)
{
    struct dns_answer *answer = answer_of(DNS_MX, DNS_FOUND);
    struct span rest = span_of_string(text), one, number;
    answer->records = ARENA_ARRAY(&arena, struct dns_record, strlen(text) + 1);
    while (span_next_token(&rest, ",", &one)) {
        unsigned long long preference = 0;
        span_next_token(&one, " ", &number);
        span_to_number(number, 65535, &preference);
        struct dns_record *record = &answer->records[answer->record_count++];
        record->type = DNS_MX;
        record->as.mx.preference = (uint16_t)preference;
        record->as.mx.exchange = arena_printf(&arena, "%.*s", SPAN_ARGS(span_trim(one)));
    }
    return answer;
}

static struct route route_of(const char *text, size_t limit, unsigned (*random)(unsigned bound))
{
    struct route route;
    route_from_mx(&route, "example.com", mx_of(text), limit, random, &arena);
    return route;
}

/** "10 a.example, 20 b.example!single-label": hosts in order, with the reason of those that cannot be used.
 */
static const char *hosts_of(const struct route *route)
{
    const char *text = "";
    for (size_t i = 0; i < route->host_count; i++) {
        const struct route_host *host = &route->hosts[i];
        if (host->is_valid != (host->problem == CAUSE_OK) || !host->is_mx)
            fail_msg("%s contradicts itself", host->name);
        text = arena_printf(&arena, "%s%s%u %s%s%s%s", text, i ? ", " : "", host->preference, host->name,
                            host->reason ? "!" : "", host->reason ? host->reason : "",
                            host->is_duplicate ? " again" : "");
    }
    return text;
}

static void hosts_are_tried_by_preference(void **state)
{
    (void)state;
    struct route route = route_of("30 c.example,10 a.example,20 b.example", 5, first);
    assert_int_equal(route.kind, ROUTE_MX);
    assert_int_equal(route.cause, CAUSE_OK);
    assert_string_equal(route.domain, "example.com");
    assert_string_equal(hosts_of(&route), "10 a.example, 20 b.example, 30 c.example");
    assert_int_equal(route.hosts_left_out, 0);
    assert_false(route.null_not_alone);
}

static void equals_are_drawn_by_lot(void **state)
{
    unsigned seen[3] = {0};
    (void)state;
    struct route route = route_of("10 a.example,10 b.example,5 z.example", 5, last);
    assert_string_equal(hosts_of(&route), "5 z.example, 10 a.example, 10 b.example");
    route = route_of("10 a.example,10 b.example,5 z.example", 5, first);
    assert_string_equal(hosts_of(&route), "5 z.example, 10 b.example, 10 a.example");
    for (int i = 0; i < 3000; i++) {
        route = route_of("10 a.example,10 b.example,10 c.example", 1, pseudo_random);
        seen[route.hosts[0].name[0] - 'a']++;
    }
    for (int i = 0; i < 3; i++)
        assert_in_range(seen[i], 900, 1100);
}

static void null_mx_never_falls_back__invariant_14(void **state)
{
    static const char *const texts[] = {"0 .", "10 .", "0 .,10 ."};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct route route = route_of(texts[i], 5, first);
        CHECK(texts[i], route.kind == ROUTE_NULL);
        CHECK(texts[i], route.cause == CAUSE_DOMAIN_NO_MAIL);
        CHECK(texts[i], route.host_count == 0);
    }
}

static void null_mx_beside_others_is_noticed(void **state)
{
    (void)state;
    struct route route = route_of("0 .,10 a.example", 5, first);
    assert_int_equal(route.kind, ROUTE_MX);
    assert_true(route.null_not_alone);
    assert_string_equal(hosts_of(&route), "10 a.example");
}

static void only_no_data_means_the_domain_itself__invariant_14(void **state)
{
    static const struct {
        enum dns_status status;
        enum route_kind kind;
        enum cause cause;
    } cases[] = {
        {DNS_NO_DATA, ROUTE_IMPLICIT, CAUSE_OK},          {DNS_NXDOMAIN, ROUTE_NONE, CAUSE_DOMAIN_UNKNOWN},
        {DNS_SERVFAIL, ROUTE_NONE, CAUSE_DNS_SERVFAIL},   {DNS_BOGUS, ROUTE_NONE, CAUSE_DNSSEC_INVALID},
        {DNS_REFUSED, ROUTE_NONE, CAUSE_DNS_REFUSED},     {DNS_TIMEOUT, ROUTE_NONE, CAUSE_DNS_TIMEOUT},
        {DNS_MALFORMED, ROUTE_NONE, CAUSE_DNS_MALFORMED}, {DNS_LOOP, ROUTE_NONE, CAUSE_CNAME_LOOP},
        {DNS_FAILED, ROUTE_NONE, CAUSE_DNS_TIMEOUT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct route route;
        route_from_mx(&route, "example.com", answer_of(DNS_MX, cases[i].status), 5, first, &arena);
        const char *name = dns_status_name(cases[i].status);
        CHECK(name, route.kind == cases[i].kind);
        CHECK(name, route.cause == cases[i].cause);
        CHECK(name, route.host_count == (cases[i].kind == ROUTE_IMPLICIT));
    }
}

static void the_domain_itself_is_taken_as_it_is(void **state)
{
    struct route route;
    (void)state;
    route_from_mx(&route, "localhost", answer_of(DNS_MX, DNS_NO_DATA), 5, first, &arena);
    assert_int_equal(route.kind, ROUTE_IMPLICIT);
    assert_string_equal(route.hosts[0].name, "localhost");
    assert_true(route.hosts[0].is_valid);
    assert_false(route.hosts[0].is_mx);
}

static void targets_that_are_no_hosts_are_refused__invariant_14(void **state)
{
    static const struct {
        const char *target, *reason;
    } cases[] = {
        {"192.0.2.1", "ip-address"},
        {"[192.0.2.1]", "ip-address"},
        {"2001:db8::1", "ip-address"},
        {"mail.1", "ip-address"},
        {"localhost", "localhost"},
        {"LOCALHOST", "localhost"},
        {"mail", "single-label"},
        {"a\\032b.example", "not-a-host-name"},
        {"a\\013\\010QUIT.example", "not-a-host-name"},
        {"-a.example", "not-a-host-name"},
        {"a@b.example", "not-a-host-name"},
        {"mail_1.example", NULL},
        {"xn--bcher-kva.example", NULL},
        {"1.2.3.4.example", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct route route =
            route_of(arena_printf(&arena, "10 %s,20 good.example", cases[i].target), 5, first);
        const struct route_host *host = &route.hosts[0];
        CHECK(cases[i].target, route.kind == ROUTE_MX);
        CHECK(cases[i].target, route.host_count == 2);
        CHECK(cases[i].target, host->is_valid == !cases[i].reason);
        CHECK(cases[i].target, host->problem == (cases[i].reason ? CAUSE_MX_TARGET_INVALID : CAUSE_OK));
        check_string(cases[i].target, span_of_string(host->reason), cases[i].reason);
        CHECK(cases[i].target, route.hosts[1].is_valid);
    }
    struct route route = route_of("10 192.0.2.1,20 mail", 5, first);
    assert_int_equal(route.kind, ROUTE_NONE);
    assert_int_equal(route.cause, CAUSE_MX_TARGET_INVALID);
    assert_int_equal(route.host_count, 2);
}

static void hosts_are_bounded_and_the_rest_counted__invariant_14(void **state)
{
    (void)state;
    struct route route = route_of("1 a.e,2 b.e,3 c.e,4 d.e,5 e.e,6 f.e,7 g.e", ROUTE_MX_LIMIT, first);
    assert_string_equal(hosts_of(&route), "1 a.e, 2 b.e, 3 c.e, 4 d.e, 5 e.e");
    assert_int_equal(route.hosts_left_out, 2);
    route = route_of("1 a,2 b,3 c,4 d.e,5 e.e,6 f.e", 2, first); /* those not tried take nobody's place */
    assert_string_equal(hosts_of(&route), "1 a!single-label, 2 b!single-label, 4 d.e, 5 e.e");
    assert_int_equal(route.hosts_left_out, 2);
}

static void duplicates_are_kept_and_noticed(void **state)
{
    (void)state;
    struct route route = route_of("10 a.example,20 b.example,30 A.Example", 5, first);
    assert_string_equal(hosts_of(&route), "10 a.example, 20 b.example, 30 A.Example again");
}

/* Hosts named by the user */

static void servers_and_literals_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        enum route_kind kind;
        const char *name;
        enum address_kind address;
    } cases[] = {
        {"mail.example", ROUTE_SERVER, "mail.example", 0},
        {"mail", ROUTE_SERVER, "mail", 0},
        {"127.0.0.1", ROUTE_LITERAL, "127.0.0.1", ADDRESS_LOOPBACK},
        {"[192.168.1.1]", ROUTE_LITERAL, "192.168.1.1", ADDRESS_PRIVATE},
        {"[IPv6:2a00::1]", ROUTE_LITERAL, "2a00::1", ADDRESS_PUBLIC},
        {"[2001:db8::1]", ROUTE_LITERAL, "2001:db8::1", ADDRESS_RESERVED},
        {"::1", ROUTE_LITERAL, "::1", ADDRESS_LOOPBACK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct route route;
        route_to_host(&route, cases[i].text, &arena);
        CHECK(cases[i].text, route.kind == cases[i].kind);
        CHECK(cases[i].text, route.host_count == 1);
        CHECK(cases[i].text, route.hosts[0].is_valid);
        CHECK(cases[i].text, route.domain == NULL);
        check_string(cases[i].text, span_of_string(route.hosts[0].name), cases[i].name);
        CHECK(cases[i].text, route.hosts[0].address_count == (cases[i].kind == ROUTE_LITERAL));
        if (cases[i].kind == ROUTE_LITERAL) {
            check_string(cases[i].text, span_of_string(route.hosts[0].addresses[0].text), cases[i].name);
            CHECK(cases[i].text, route.hosts[0].addresses[0].kind == cases[i].address);
        }
    }
}

static void what_is_neither_gives_no_route__invariant_8(void **state)
{
    static const char *const texts[] = {"",
                                        "a b",
                                        "[mail.example]",
                                        "a\r\nQUIT",
                                        "[",
                                        "[]",
                                        "..",
                                        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct route route;
        route_to_host(&route, texts[i], &arena);
        CHECK(texts[i], route.kind == ROUTE_NONE);
        CHECK(texts[i], route.cause == CAUSE_USAGE);
        CHECK(texts[i], !route.hosts[0].is_valid);
    }
    struct route route;
    route_to_host(&route, "0.0.0.0", &arena);
    assert_int_equal(route.hosts[0].problem, CAUSE_MX_ADDRESS_SPECIAL);
    assert_string_equal(route.hosts[0].reason, "unusable");
}

/* Addresses */

static struct dns_answer *addresses_of(enum dns_type type, const char *text)
{
    struct dns_answer *answer = answer_of(type, DNS_FOUND);
    struct span rest = span_of_string(text), one;
    answer->records = ARENA_ARRAY(&arena, struct dns_record, strlen(text));
    while (span_next_token(&rest, " ", &one)) {
        struct dns_address *address = &answer->records[answer->record_count++].as.address;
        address->family = type == DNS_A ? AF_INET : AF_INET6;
        memcpy(address->text, one.at, one.size);
        assert_int_equal(inet_pton(address->family, address->text, address->octets), 1);
    }
    return answer;
}

static const char *addresses_in_order(const struct route_host *host)
{
    const char *text = "";
    for (size_t i = 0; i < host->address_count; i++)
        text = arena_printf(&arena, "%s%s%s", text, i ? " " : "", host->addresses[i].text);
    return text;
}

static struct route_host resolved(struct dns_answer *a, struct dns_answer *aaaa, size_t limit, bool is_mx)
{
    struct route_host host = {
        .name = arena_copy_string(&arena, "mx.example"), .is_mx = is_mx, .is_valid = true};
    route_host_resolved(&host, a, aaaa, limit, &arena);
    assert_true(host.was_looked_up);
    assert_ptr_equal(host.a, a);
    assert_ptr_equal(host.aaaa, aaaa);
    return host;
}

static void families_take_turns(void **state)
{
    (void)state;
    struct route_host host = resolved(addresses_of(DNS_A, "9.0.0.1 9.0.0.2 9.0.0.3"),
                                      addresses_of(DNS_AAAA, "2a00::1 2a00::2"), 10, true);
    assert_string_equal(addresses_in_order(&host), "2a00::1 9.0.0.1 2a00::2 9.0.0.2 9.0.0.3");
    assert_int_equal(host.problem, CAUSE_OK);
    host = resolved(addresses_of(DNS_A, "9.0.0.1"), NULL, 10, true);
    assert_string_equal(addresses_in_order(&host), "9.0.0.1");
    host = resolved(NULL, addresses_of(DNS_AAAA, "2a00::1"), 10, true);
    assert_string_equal(addresses_in_order(&host), "2a00::1");
}

static void addresses_are_bounded_and_the_rest_counted__invariant_14(void **state)
{
    (void)state;
    struct route_host host = resolved(addresses_of(DNS_A, "9.0.0.1 9.0.0.2 9.0.0.2 9.0.0.3 9.0.0.4 9.0.0.5"),
                                      addresses_of(DNS_AAAA, "2a00::1"), ROUTE_ADDRESS_LIMIT, true);
    assert_string_equal(addresses_in_order(&host), "2a00::1 9.0.0.1 9.0.0.2 9.0.0.3");
    assert_int_equal(host.addresses_left_out, 2);
}

static void unusable_addresses_take_nobodys_place__invariant_14(void **state)
{
    (void)state;
    struct route_host host =
        resolved(addresses_of(DNS_A, "0.0.0.0 224.0.0.1 9.0.0.1 9.0.0.2 9.0.0.3"), NULL, 2, true);
    assert_string_equal(addresses_in_order(&host), "0.0.0.0 224.0.0.1 9.0.0.1 9.0.0.2");
    assert_int_equal(host.addresses[0].kind, ADDRESS_UNUSABLE);
    assert_int_equal(host.addresses[2].kind, ADDRESS_PUBLIC);
    assert_int_equal(host.addresses_left_out, 1);
    assert_int_equal(host.problem, CAUSE_OK);
    host = resolved(addresses_of(DNS_A, "255.255.255.255"), addresses_of(DNS_AAAA, "ff02::1"), 4, true);
    assert_int_equal(host.problem, CAUSE_MX_ADDRESS_SPECIAL);
    assert_string_equal(host.reason, "unusable");
}

static void hosts_without_address_say_why(void **state)
{
    static const struct {
        enum dns_status a, aaaa;
        const char *reason;
        enum cause cause; /* of a host that no MX names */
    } cases[] = {
        {DNS_NXDOMAIN, DNS_NXDOMAIN, "nxdomain", CAUSE_DOMAIN_UNKNOWN},
        {DNS_NO_DATA, DNS_NO_DATA, "no-address", CAUSE_DOMAIN_NO_ADDRESS},
        {DNS_NO_DATA, DNS_NXDOMAIN, "nxdomain", CAUSE_DOMAIN_UNKNOWN},
        {DNS_NO_DATA, DNS_SERVFAIL, "dns-servfail", CAUSE_DNS_SERVFAIL},
        {DNS_TIMEOUT, DNS_NO_DATA, "dns-timeout", CAUSE_DNS_TIMEOUT},
        {DNS_BOGUS, DNS_BOGUS, "dnssec-invalid", CAUSE_DNSSEC_INVALID},
        {DNS_LOOP, DNS_LOOP, "cname-loop", CAUSE_CNAME_LOOP},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int is_mx = 0; is_mx < 2; is_mx++) {
            struct route_host host =
                resolved(answer_of(DNS_A, cases[i].a), answer_of(DNS_AAAA, cases[i].aaaa), 4, is_mx);
            CHECK(cases[i].reason, host.address_count == 0);
            CHECK(cases[i].reason, host.problem == (is_mx ? CAUSE_MX_HOST_UNRESOLVABLE : cases[i].cause));
            check_string(cases[i].reason, span_of_string(host.reason), cases[i].reason);
        }
}

static void one_family_suffices(void **state)
{
    (void)state;
    struct route_host host =
        resolved(addresses_of(DNS_A, "9.0.0.1"), answer_of(DNS_AAAA, DNS_SERVFAIL), 4, true);
    assert_int_equal(host.problem, CAUSE_OK);
    assert_int_equal(host.address_count, 1);
}

static void kinds_of_addresses(void **state)
{
    static const struct {
        const char *text;
        enum address_kind kind;
    } cases[] = {
        {"0.0.0.0", ADDRESS_UNUSABLE},
        {"0.1.2.3", ADDRESS_UNUSABLE},
        {"1.0.0.0", ADDRESS_PUBLIC},
        {"9.255.255.255", ADDRESS_PUBLIC},
        {"10.0.0.1", ADDRESS_PRIVATE},
        {"11.0.0.0", ADDRESS_PUBLIC},
        {"100.63.255.255", ADDRESS_PUBLIC},
        {"100.64.0.0", ADDRESS_PRIVATE},
        {"100.127.255.255", ADDRESS_PRIVATE},
        {"100.128.0.0", ADDRESS_PUBLIC},
        {"127.255.0.1", ADDRESS_LOOPBACK},
        {"169.254.1.1", ADDRESS_PRIVATE},
        {"172.15.255.255", ADDRESS_PUBLIC},
        {"172.16.0.0", ADDRESS_PRIVATE},
        {"172.31.255.255", ADDRESS_PRIVATE},
        {"172.32.0.0", ADDRESS_PUBLIC},
        {"192.0.0.8", ADDRESS_RESERVED},
        {"192.0.1.0", ADDRESS_PUBLIC},
        {"192.0.2.1", ADDRESS_RESERVED},
        {"192.88.99.1", ADDRESS_RESERVED},
        {"192.168.0.1", ADDRESS_PRIVATE},
        {"198.17.0.0", ADDRESS_PUBLIC},
        {"198.19.255.255", ADDRESS_RESERVED},
        {"198.51.100.1", ADDRESS_RESERVED},
        {"203.0.113.1", ADDRESS_RESERVED},
        {"223.255.255.255", ADDRESS_PUBLIC},
        {"224.0.0.1", ADDRESS_UNUSABLE},
        {"239.255.255.255", ADDRESS_UNUSABLE},
        {"240.0.0.1", ADDRESS_RESERVED},
        {"255.255.255.255", ADDRESS_UNUSABLE},
        {"::", ADDRESS_UNUSABLE},
        {"::1", ADDRESS_LOOPBACK},
        {"::2", ADDRESS_RESERVED},
        {"::ffff:127.0.0.1", ADDRESS_LOOPBACK},
        {"::ffff:10.0.0.1", ADDRESS_PRIVATE},
        {"::ffff:9.9.9.9", ADDRESS_RESERVED},
        {"::ffff:0.0.0.0", ADDRESS_UNUSABLE},
        {"64:ff9b::909:909", ADDRESS_PUBLIC},
        {"64:ff9b:1::1", ADDRESS_PRIVATE},
        {"100::1", ADDRESS_RESERVED},
        {"2001:2::1", ADDRESS_RESERVED},
        {"2001:20::1", ADDRESS_RESERVED},
        {"2001:db8::1", ADDRESS_RESERVED},
        {"2001:4860::1", ADDRESS_PUBLIC},
        {"3fff::1", ADDRESS_RESERVED},
        {"3fff:1000::1", ADDRESS_PUBLIC},
        {"4000::1", ADDRESS_RESERVED},
        {"fc00::1", ADDRESS_PRIVATE},
        {"fdff::1", ADDRESS_PRIVATE},
        {"fe80::1", ADDRESS_PRIVATE},
        {"fec0::1", ADDRESS_PRIVATE},
        {"ff02::1", ADDRESS_UNUSABLE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char octets[16];
        int family = strchr(cases[i].text, ':') ? AF_INET6 : AF_INET;
        assert_int_equal(inet_pton(family, cases[i].text, octets), 1);
        if (address_kind(family, octets) != cases[i].kind)
            fail_msg("%s is %s", cases[i].text, address_kind_name(address_kind(family, octets)));
    }
}

static void kinds_have_names(void **state)
{
    static const char *const routes[] = {"mx", "implicit", "null", "server", "literal", "none"};
    static const char *const addresses[] = {"public", "loopback", "private", "reserved", "unusable"};
    (void)state;
    for (int i = 0; i < 6; i++)
        assert_string_equal(route_kind_name((enum route_kind)i), routes[i]);
    for (int i = 0; i < 5; i++)
        assert_string_equal(address_kind_name((enum address_kind)i), addresses[i]);
}

/* SRV */

static struct dns_record srv(uint16_t priority, uint16_t weight, uint16_t port)
{
    return (struct dns_record){.type = DNS_SRV, .as.srv = {priority, weight, port, NULL}};
}

static void srv_goes_by_priority(void **state)
{
    struct dns_record records[] = {srv(20, 100, 3), srv(10, 0, 1), srv(15, 5, 2)};
    (void)state;
    route_order_srv(records, 3, pseudo_random);
    for (int i = 0; i < 3; i++)
        assert_int_equal(records[i].as.srv.port, i + 1);
    route_order_srv(NULL, 0, pseudo_random);
}

static void srv_is_drawn_by_weight(void **state)
{
    unsigned heavy = 0, weightless = 0;
    (void)state;
    for (int i = 0; i < 4000; i++) {
        struct dns_record records[] = {srv(1, 30, 3), srv(1, 0, 0), srv(1, 10, 1)};
        route_order_srv(records, 3, pseudo_random);
        heavy += records[0].as.srv.port == 3;
        weightless += records[0].as.srv.port == 0;
    }
    assert_in_range(heavy, 2750, 3100);   /* 30 of 41 */
    assert_in_range(weightless, 50, 150); /* 1 of 41: "a very small chance" */
}

static void srv_draws_stay_within_their_priority(void **state)
{
    struct dns_record records[] = {srv(2, 65535, 2), srv(1, 65535, 1), srv(2, 65535, 2), srv(1, 65535, 1)};
    (void)state;
    route_order_srv(records, 4, last);
    assert_int_equal(records[0].as.srv.port, 1);
    assert_int_equal(records[1].as.srv.port, 1);
    assert_int_equal(records[2].as.srv.port, 2);
    assert_int_equal(records[3].as.srv.port, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(hosts_are_tried_by_preference, clear),
        cmocka_unit_test_teardown(equals_are_drawn_by_lot, clear),
        cmocka_unit_test_teardown(null_mx_never_falls_back__invariant_14, clear),
        cmocka_unit_test_teardown(null_mx_beside_others_is_noticed, clear),
        cmocka_unit_test_teardown(only_no_data_means_the_domain_itself__invariant_14, clear),
        cmocka_unit_test_teardown(the_domain_itself_is_taken_as_it_is, clear),
        cmocka_unit_test_teardown(targets_that_are_no_hosts_are_refused__invariant_14, clear),
        cmocka_unit_test_teardown(hosts_are_bounded_and_the_rest_counted__invariant_14, clear),
        cmocka_unit_test_teardown(duplicates_are_kept_and_noticed, clear),
        cmocka_unit_test_teardown(servers_and_literals_are_told_apart, clear),
        cmocka_unit_test_teardown(what_is_neither_gives_no_route__invariant_8, clear),
        cmocka_unit_test_teardown(families_take_turns, clear),
        cmocka_unit_test_teardown(addresses_are_bounded_and_the_rest_counted__invariant_14, clear),
        cmocka_unit_test_teardown(unusable_addresses_take_nobodys_place__invariant_14, clear),
        cmocka_unit_test_teardown(hosts_without_address_say_why, clear),
        cmocka_unit_test_teardown(one_family_suffices, clear),
        cmocka_unit_test_teardown(kinds_of_addresses, clear),
        cmocka_unit_test_teardown(kinds_have_names, clear),
        cmocka_unit_test_teardown(srv_goes_by_priority, clear),
        cmocka_unit_test_teardown(srv_is_drawn_by_weight, clear),
        cmocka_unit_test_teardown(srv_draws_stay_within_their_priority, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
