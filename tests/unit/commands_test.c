#include "diagnose/commands.h"

#include "check.h"

static const struct {
    const char *step, *resolvers, *expected;
} cases[] = {
    {"look it up: dig +short MX {recipient_domain}", "192.0.2.53",
     "look it up: dig @192.0.2.53 +short MX {recipient_domain}"},
    {"dig -x {our_address}", "192.0.2.53:5353", "dig @192.0.2.53 -p 5353 -x {our_address}"},
    {"delv {sender_domain} MX", "192.0.2.53:53", "delv @192.0.2.53 {sender_domain} MX"},
    {"dig MX {host}", "[2001:db8::53]:5353", "dig @2001:db8::53 -p 5353 MX {host}"},
    {"dig MX {host}", "2001:db8::53", "dig @2001:db8::53 MX {host}"},
    {"dig MX {host}", "192.0.2.53:5353, 192.0.2.54", "dig @192.0.2.53 -p 5353 MX {host}"},
    {"smtpprobe --to {recipient}", "192.0.2.53:5353",
     "smtpprobe --dns-server 192.0.2.53:5353 --to {recipient}"},
    {"smtpprobe {tls} --auth", "192.0.2.53", "smtpprobe --dns-server 192.0.2.53 {tls} --auth"},
    {"{probe} --quit-after RCPT", "192.0.2.53", "{probe} --dns-server 192.0.2.53 --quit-after RCPT"},
    {"smtpprobe -4", "[2001:db8::53]:5353", "smtpprobe --dns-server '[2001:db8::53]:5353' -4"},
    {"smtpprobe -4", "192.0.2.53, 192.0.2.54", "smtpprobe --dns-server '192.0.2.53, 192.0.2.54' -4"},
    {"dig A {host} ; dig AAAA {host}", "192.0.2.53",
     "dig @192.0.2.53 A {host} ; dig @192.0.2.53 AAAA {host}"},
    /* Another resolver is the point */
    {"compare: dig @9.9.9.9 MX {host} ; then smtpprobe --dns-server 9.9.9.9 -4", "192.0.2.53",
     "compare: dig @9.9.9.9 MX {host} ; then smtpprobe --dns-server 9.9.9.9 -4"},
    {"dig MX {host} @8.8.8.8, and dig MX {host}", "192.0.2.53",
     "dig MX {host} @8.8.8.8, and dig @192.0.2.53 MX {host}"},
    /* No resolver is asked, or it is no command */
    {"dig +trace MX {host}; dig +nssearch {host}", "192.0.2.53",
     "dig +trace MX {host}; dig +nssearch {host}"},
    {"smtpprobe explain '550 5.1.1'", "192.0.2.53", "smtpprobe explain '550 5.1.1'"},
    {"try the same dig on that machine, or ask smtpprobe again", "192.0.2.53",
     "try the same dig on that machine, or ask smtpprobe again"},
    {"prodig -x, xsmtpprobe -4", "192.0.2.53", "prodig -x, xsmtpprobe -4"},
    {"dig ", "192.0.2.53", "dig "},
    {"", "192.0.2.53", ""},
};

static void the_named_resolver_is_asked(void **state)
{
    struct arena arena = ARENA_EMPTY;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_string(cases[i].step,
                     span_of_string(commands_with_resolver(cases[i].step, cases[i].resolvers, &arena)),
                     cases[i].expected);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_named_resolver_is_asked)};
    return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
