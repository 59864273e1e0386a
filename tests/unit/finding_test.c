/**
 * The rules of findings: each record of the table raises exactly what stands
 * beside it, with evidence under all keys that the vocabulary declares.
 */
#include "record_builder.h"

#include "check.h"
#include "diagnose/finding.h"
#include "diagnose/places.h"
#include "diagnose/rules.h"

#include <errno.h>

#define EHLO_TLS "250-mx1.example.com\n250 STARTTLS"
#define EHLO_BARE "250 mx1.example.com"
#define GREETING "220 mx1.example.com ESMTP"
#define TO_TLS GREETING, EHLO_TLS, "220 go ahead", "!tls"
#define TAKEN "250 sender ok", "250 recipient ok", "354 go on", "250 queued", "221 bye"
#define SOUND TO_TLS, EHLO_BARE, TAKEN

enum { SCRIPT_LIMIT = 24, FACTS_LIMIT = 6 };

struct finding_case {
    const char *name;
    void (*prepare)(
        struct record_builder *); /* before the connection, or instead of it if there is no script */
    const char *script[SCRIPT_LIMIT];
    void (*change)(struct record_builder *); /* after the connection stands, before the session */
    const char *expected;                    /* "id severity, id severity", the worst first */
    const char *facts[FACTS_LIMIT];          /* "key value" of the first finding */
};

/* --- Plans and routes --- */

static void usual(struct record_builder *builder)
{
    builder_usual_route(builder);
}

static void demanding_tls(struct record_builder *builder)
{
    builder->plan.tls = TLS_REQUIRED;
    usual(builder);
}

static void demanding_proof(struct record_builder *builder)
{
    builder->plan.tls = TLS_REQUIRED;
    builder->plan.verification_wanted = builder->record.verify_wanted = true;
    usual(builder);
}

static void tolerating_tls(struct record_builder *builder)
{
    builder->plan.tls = TLS_OPTIONAL;
    usual(builder);
}

static void declining_tls(struct record_builder *builder)
{
    builder->plan.tls = TLS_NONE;
    usual(builder);
}

static void tls_from_the_start(struct record_builder *builder)
{
    builder->plan.tls = TLS_IMPLICIT;
    builder_server(builder, "mail.example.com", 465);
    builder_resolve(builder, 0, "192.0.2.25");
}

static void clear_on_465(struct record_builder *builder)
{
    builder_server(builder, "mail.example.com", 465);
    builder_resolve(builder, 0, "192.0.2.25");
}

static void submission(struct record_builder *builder)
{
    builder_server(builder, "mail.example.com", 587);
    builder_resolve(builder, 0, "192.0.2.25");
}

static void submission_in_clear(struct record_builder *builder)
{
    builder->plan.tls = TLS_NONE;
    submission(builder);
}

static void submission_login_in_clear(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_REQUIRED, "PLAIN");
    submission_in_clear(builder);
}

static void stopping_at_first_ehlo(struct record_builder *builder)
{
    builder->plan.stop = STOP_QUIT;
    builder->plan.stop_at = STOP_AT_FIRST_EHLO;
    usual(builder);
}

static void to_two(struct record_builder *builder)
{
    builder_add_recipient(builder, "other@example.com");
    usual(builder);
}

static void pipelining(struct record_builder *builder)
{
    builder->plan.pipeline = true;
    usual(builder);
}

static void logging_in(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_REQUIRED, "PLAIN");
    submission(builder);
}

static void logging_in_to_mx(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_REQUIRED, "PLAIN");
    usual(builder);
}

static void logging_in_by_scram(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_REQUIRED, "SCRAM");
    submission(builder);
}

static void logging_in_perhaps(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_OPTIONAL, "PLAIN");
    submission(builder);
}

static void logging_in_without_tls(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_REQUIRED, "PLAIN");
    submission_in_clear(builder);
}

static void logging_in_where_tls_is_not_had(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_REQUIRED, "PLAIN");
    submission(builder);
}

/* --- Names that lead nowhere --- */

static void mx_answers(struct record_builder *builder, enum dns_status status)
{
    builder_route(builder, builder_answer(builder, "example.com", DNS_MX, status));
}

static void nxdomain(struct record_builder *builder)
{
    mx_answers(builder, DNS_NXDOMAIN);
}
static void bogus(struct record_builder *builder)
{
    mx_answers(builder, DNS_BOGUS);
}
static void no_resolver(struct record_builder *builder)
{
    mx_answers(builder, DNS_TIMEOUT);
}
static void resolver_refuses(struct record_builder *builder)
{
    mx_answers(builder, DNS_REFUSED);
}

static void servfail(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_SERVFAIL);
    mx->ede = 22;
    builder_route(builder, mx);
}

static void malformed_answer(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_MALFORMED);
    mx->reason = "a pointer that leads forward";
    builder_route(builder, mx);
}

static void alias_loop(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_LOOP);
    builder_add_alias(builder, mx, "a.example");
    builder_add_alias(builder, mx, "b.example");
    builder_route(builder, mx);
}

static void null_mx(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 0, ".");
    builder_route(builder, mx);
}

static void null_mx_among_others(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 0, ".");
    builder_add_mx(builder, mx, 10, "mx1.example.com");
    builder_route(builder, mx);
    builder_resolve(builder, 0, "192.0.2.25");
}

static void implicit(struct record_builder *builder)
{
    mx_answers(builder, DNS_NO_DATA);
    builder_resolve(builder, 0, "192.0.2.25");
}

static void implicit_without_address(struct record_builder *builder)
{
    mx_answers(builder, DNS_NO_DATA);
    builder_resolve_fails(builder, 0, DNS_NO_DATA);
}

static void server_unknown(struct record_builder *builder)
{
    builder_server(builder, "mail.example.com", 25);
    builder_resolve_fails(builder, 0, DNS_NXDOMAIN);
}

static void server_times_out(struct record_builder *builder)
{
    builder_server(builder, "mail.example.com", 25);
    builder_resolve_fails(builder, 0, DNS_TIMEOUT);
}

static void mx_is_an_address(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "192.0.2.1");
    builder_route(builder, mx);
}

static void mx_without_address(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "mx1.example.com");
    builder_route(builder, mx);
    builder_resolve_fails(builder, 0, DNS_NXDOMAIN);
}

static struct dns_answer *two_mx(struct record_builder *builder, const char *first, const char *second)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, first);
    builder_add_mx(builder, mx, 20, second);
    builder_route(builder, mx);
    return mx;
}

static void first_mx_useless(struct record_builder *builder)
{
    two_mx(builder, "mx1.example.com", "mx2.example.com");
    builder_resolve_fails(builder, 0, DNS_NO_DATA);
    builder_resolve(builder, 1, "192.0.2.26");
    builder_connect(builder, 1, 0, MILLISECONDS(12));
}

static void mx_twice(struct record_builder *builder)
{
    two_mx(builder, "mx1.example.com", "MX1.example.com");
    builder_resolve(builder, 0, "192.0.2.25");
}

static void mx_sharing_an_address(struct record_builder *builder)
{
    two_mx(builder, "mx1.example.com", "mx2.example.com");
    builder_resolve(builder, 0, "192.0.2.25 192.0.2.26");
    builder_resolve(builder, 1, "192.0.2.26");
}

static void three_mx_at_one_address(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "mx1.example.com");
    builder_add_mx(builder, mx, 20, "mx2.example.com");
    builder_add_mx(builder, mx, 30, "mx3.example.com");
    builder_route(builder, mx);
    for (size_t i = 0; i < 3; i++)
        builder_resolve(builder, i, "192.0.2.25");
}

static void mx_is_an_alias(struct record_builder *builder)
{
    usual(builder);
    builder_add_alias(builder, builder->record.route.hosts[0].a, "real.example.net");
}

static void many_mx(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    for (unsigned i = 1; i <= 7; i++)
        builder_add_mx(builder, mx, i, arena_printf(&builder->arena, "mx%u.example.com", i));
    builder_route(builder, mx);
    builder_resolve(builder, 0, "192.0.2.25");
}

static void many_addresses(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "mx1.example.com");
    builder_route(builder, mx);
    builder_resolve(builder, 0, "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5");
}

static void mx_at_private_address(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "mx1.example.com");
    builder_route(builder, mx);
    builder_resolve(builder, 0, "10.0.0.1");
}

static void mx_at_private_address_at_home(struct record_builder *builder)
{
    builder->record.private_surroundings = true;
    mx_at_private_address(builder);
}

static void mx_at_no_address(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "mx1.example.com");
    builder_route(builder, mx);
    builder_resolve(builder, 0, "0.0.0.0");
}

static void server_at_private_address(struct record_builder *builder)
{
    builder_server(builder, "intern.example.com", 25);
    builder_resolve(builder, 0, "10.0.0.1");
}

static void literal_private(struct record_builder *builder)
{
    builder_server(builder, "127.0.0.1", 25);
}

static void literal_unusable(struct record_builder *builder)
{
    builder_server(builder, "0.0.0.0", 25);
}

/* --- Connections that fail --- */

static void refused(struct record_builder *builder)
{
    usual(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_REFUSED, ECONNREFUSED, MILLISECONDS(5));
}

static void silent(struct record_builder *builder)
{
    usual(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_TIMEOUT, 0, SECONDS(10));
}

static void unreachable(struct record_builder *builder)
{
    usual(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_HOST_UNREACHABLE, EHOSTUNREACH, MILLISECONDS(5));
}

static void without_route(struct record_builder *builder)
{
    usual(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_NETWORK_UNREACHABLE, ENETUNREACH, MILLISECONDS(1));
}

static void reset_while_connecting(struct record_builder *builder)
{
    usual(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_RESET, ECONNRESET, MILLISECONDS(1));
}

static void dual_stack(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "mx1.example.com");
    builder_route(builder, mx);
    builder_resolve(builder, 0, "192.0.2.25 2001:db8::25");
}

static void ipv6_refused(struct record_builder *builder)
{
    dual_stack(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_REFUSED, ECONNREFUSED, MILLISECONDS(5));
    builder_connect(builder, 0, 1, MILLISECONDS(12));
}

static void ipv6_not_here(struct record_builder *builder)
{
    dual_stack(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_NETWORK_UNREACHABLE, ENETUNREACH, MILLISECONDS(1));
    builder_connect(builder, 0, 1, MILLISECONDS(12));
}

static void two_silent_hosts(struct record_builder *builder)
{
    two_mx(builder, "mx1.example.com", "mx2.example.com");
    builder_resolve(builder, 0, "192.0.2.25 2001:db8::25");
    builder_resolve(builder, 1, "192.0.2.26");
    builder_connect_fails(builder, 0, 0, CAUSE_NETWORK_UNREACHABLE, ENETUNREACH, MILLISECONDS(1));
    builder_connect_fails(builder, 0, 1, CAUSE_CONNECTION_TIMEOUT, 0, SECONDS(10));
    builder_connect_fails(builder, 1, 0, CAUSE_CONNECTION_TIMEOUT, 0, SECONDS(10));
}

static void two_silent_addresses(struct record_builder *builder)
{
    many_addresses(builder);
    builder->record.route.hosts[0].addresses_left_out = 0;
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_TIMEOUT, 0, SECONDS(10));
    builder_connect_fails(builder, 0, 1, CAUSE_CONNECTION_TIMEOUT, 0, SECONDS(10));
}

static void first_host_refuses_connection(struct record_builder *builder)
{
    two_mx(builder, "mx1.example.com", "mx2.example.com");
    builder_resolve(builder, 0, "192.0.2.25");
    builder_resolve(builder, 1, "192.0.2.26");
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_REFUSED, ECONNREFUSED, MILLISECONDS(5));
    builder_connect(builder, 1, 0, MILLISECONDS(12));
}

static void first_host_says(struct record_builder *builder, const char *const *script)
{
    two_mx(builder, "mx1.example.com", "mx2.example.com");
    builder_resolve(builder, 0, "192.0.2.25");
    builder_resolve(builder, 1, "192.0.2.26");
    builder_connect(builder, 0, 0, MILLISECONDS(12));
    builder_session(builder, script);
    builder_connect(builder, 1, 0, MILLISECONDS(12));
}

static void first_host_refuses_session(struct record_builder *builder)
{
    first_host_says(builder, (const char *const[]){"554 no", "221 bye", NULL});
}

static void first_host_is_something_else(struct record_builder *builder)
{
    first_host_says(builder, (const char *const[]){"SSH-2.0-OpenSSH_9.2", NULL});
}

static void slow_to_connect(struct record_builder *builder)
{
    usual(builder);
    builder_connect(builder, 0, 0, SECONDS(6));
}

/* --- What the handshake shows --- */

static void fail_handshake(struct record_builder *builder, enum cause cause, const char *detail)
{
    builder->tls->finished = false;
    builder->tls->cause = cause;
    builder->tls->detail = detail;
    builder->tls->chain_count = 0;
    builder->tls->version = builder->tls->cipher = NULL;
}

static void alert_112(struct record_builder *builder)
{
    fail_handshake(builder, CAUSE_TLS_HANDSHAKE_FAILED, "unrecognized name");
    builder->tls->alert = 112;
}

static void no_tls_there(struct record_builder *builder)
{
    fail_handshake(builder, CAUSE_TLS_NOT_SPOKEN, NULL);
    builder->tls->first = SPAN("220 mail.example.com ESMTP\r\n");
}

static void old_server(struct record_builder *builder)
{
    fail_handshake(builder, CAUSE_TLS_NO_COMMON_VERSION, "the server chose a version that we do not accept");
    builder->tls->their_version = "TLSv1";
}

static void no_cipher(struct record_builder *builder)
{
    fail_handshake(builder, CAUSE_TLS_NO_COMMON_CIPHER, "handshake failure");
}

static void server_fault(struct record_builder *builder)
{
    fail_handshake(builder, CAUSE_TLS_SERVER_FAULT, "internal error");
}

static void short_dh_key(struct record_builder *builder)
{
    fail_handshake(builder, CAUSE_TLS_CIPHER_WEAK, "the server's Diffie-Hellman key is too short");
}

static void certificate_wanted(struct record_builder *builder)
{
    fail_handshake(builder, CAUSE_CLIENT_CERTIFICATE_REQUIRED, "handshake failure");
}

static void certificate_refused(struct record_builder *builder)
{
    fail_handshake(builder, CAUSE_CLIENT_CERTIFICATE_REJECTED, "unknown CA");
}

static void certificate_wanted_later(struct record_builder *builder)
{
    builder->tls->cause = CAUSE_CLIENT_CERTIFICATE_REQUIRED;
    builder->tls->detail = "certificate required";
}

static void handshake_is_silent(struct record_builder *builder)
{
    fail_handshake(builder, CAUSE_REPLY_TIMEOUT, NULL);
}

static void handshake_is_closed(struct record_builder *builder)
{
    fail_handshake(builder, CAUSE_CLOSED_BY_SERVER, NULL);
}

static void tls_1_0(struct record_builder *builder)
{
    builder->tls->version = "TLSv1";
}

static void static_rsa(struct record_builder *builder)
{
    builder->tls->cipher = "AES128-SHA";
    builder->tls->cipher_weakness = "no forward secrecy";
}

static struct tls_judgement fault(struct record_builder *builder, enum cause cause, const char *reason)
{
    builder->tls->verified = false;
    builder->tls->verdict = cause;
    return (struct tls_judgement){
        .was_taken = true, .cause = cause, .reason = reason, .certificate = builder->tls->chain};
}

static void expired(struct record_builder *builder)
{
    builder->tls->dates = fault(builder, CAUSE_CERTIFICATE_EXPIRED, "it has expired");
    builder->tls->chain->not_after = BUILDER_STARTED - 86400;
    builder->tls->chain->days_left = -1;
}

static void expired_and_fatal(struct record_builder *builder)
{
    expired(builder);
    builder->verification = CAUSE_CERTIFICATE_EXPIRED;
}

static void not_begun(struct record_builder *builder)
{
    builder->tls->dates = fault(builder, CAUSE_CERTIFICATE_NOT_YET_VALID, "it is not valid yet");
    builder->tls->chain->not_before = BUILDER_STARTED + 86400;
}

static void ending_soon(struct record_builder *builder)
{
    builder->tls->chain->not_after = BUILDER_STARTED + 5 * 86400;
    builder->tls->chain->days_left = 5;
}

static void other_name(struct record_builder *builder)
{
    builder->tls->name = fault(builder, CAUSE_CERTIFICATE_HOST_MISMATCH, "it is made out to others");
    builder->tls->reference = "mail.example.com";
    builder->tls->chain->common_name = SPAN("mail.example.com");
    builder->tls->would_match_cn = true;
}

static void untrusted(struct record_builder *builder)
{
    builder->tls->trust = fault(builder, CAUSE_CERTIFICATE_NOT_TRUSTED, "its authority is not known here");
}

static void self_signed(struct record_builder *builder)
{
    builder->tls->trust = fault(builder, CAUSE_CERTIFICATE_SELF_SIGNED, "it signed itself");
}

static void incomplete(struct record_builder *builder)
{
    builder->tls->trust = fault(builder, CAUSE_CERTIFICATE_CHAIN_INCOMPLETE, "its issuer was not sent");
}

static void broken_signature(struct record_builder *builder)
{
    builder->tls->trust = fault(builder, CAUSE_VALIDATION_FAILURE, "its signature is broken");
}

static void weak_key(struct record_builder *builder)
{
    builder->tls->strength = fault(builder, CAUSE_CERTIFICATE_WEAK, "its key is short");
    builder->tls->chain->key_type = "RSA";
    builder->tls->chain->key_bits = 1024;
}

static void for_clients(struct record_builder *builder)
{
    builder->tls->purpose = fault(builder, CAUSE_CERTIFICATE_PURPOSE, "clientAuth");
}

static void untidy(struct record_builder *builder)
{
    builder->tls->chain_untidy = "a certificate was sent twice";
}

static void all_at_once(struct record_builder *builder)
{
    other_name(builder);
    self_signed(builder);
    expired(builder);
}

static void anonymous(struct record_builder *builder)
{
    builder->tls->chain_count = 0;
    builder->tls->trust = builder->tls->name = builder->tls->dates = builder->tls->purpose =
        builder->tls->strength = (struct tls_judgement){0};
    builder->tls->verified = false;
    builder->verification = CAUSE_VALIDATION_FAILURE;
}

/* --- Afterwards --- */

static void few_rounds(struct record_builder *builder)
{
    builder->attempt->dialogue.notes.scram_iterations = 1000;
}

static void srv_says_no(struct record_builder *builder)
{
    struct submission_hosts *submission = &builder->record.submission;
    submission->was_looked_up = true;
    submission->submissions = builder_answer(builder, "_submissions._tcp.example.com", DNS_SRV, DNS_NXDOMAIN);
    submission->submission = builder_answer(builder, "_submission._tcp.example.com", DNS_SRV, DNS_FOUND);
    builder_add_srv(builder, submission->submission, 0, ".");
}

/* --- The table --- */

/* clang-format off */
static const struct finding_case cases[] = {
    {"a sound session raises none", usual, {SOUND}, NULL, ""},
    {"a sound session with TLS demanded raises none", demanding_proof, {SOUND}, NULL, ""},
    {"a sound session with TLS from the start raises none", tls_from_the_start,
     {"!tls", GREETING, "250-mail\n250 AUTH PLAIN", "530 log in first", "221 bye"}, NULL, ""},
    {"a sound login raises none", logging_in,
     {TO_TLS, "250-mail\n250 AUTH PLAIN", "235 ok", TAKEN}, NULL, ""},
    {"a refused recipient is told by its reply alone", usual,
     {TO_TLS, EHLO_BARE, "250 ok", "550 5.1.1 no such user", "221 bye"}, NULL, ""},

    {"NXDOMAIN", nxdomain, {0}, NULL, "domain-unknown error", {"name example.com", "stage resolve"}},
    {"null MX", null_mx, {0}, NULL, "domain-no-mail info", {"name example.com"}},
    {"neither MX nor address", implicit_without_address, {0}, NULL, "domain-no-address error, mx-implicit notice",
     {"name example.com"}},
    {"SERVFAIL", servfail, {0}, NULL, "dns-servfail error", {"name example.com", "type MX", "ede 22"}},
    {"bogus", bogus, {0}, NULL, "dnssec-invalid error", {"name example.com", "type MX", "ede ?"}},
    {"no answer of the resolver", no_resolver, {0}, NULL, "dns-timeout error",
     {"name example.com", "type MX", "resolver 192.0.2.53"}},
    {"REFUSED", resolver_refuses, {0}, NULL, "dns-refused error", {"type MX", "resolver 192.0.2.53"}},
    {"malformed answer", malformed_answer, {0}, NULL, "dns-malformed error",
     {"type MX", "reason a pointer that leads forward"}},
    {"aliases in a circle", alias_loop, {0}, NULL, "cname-loop error", {"chain example.com a.example b.example"}},
    {"a server that does not exist", server_unknown, {0}, NULL, "domain-unknown error", {"name mail.example.com"}},
    {"no answer for a server", server_times_out, {0}, NULL, "dns-timeout error",
     {"name mail.example.com", "type A", "resolver 192.0.2.53"}},
    {"no MX", implicit, {SOUND}, NULL, "mx-implicit notice", {"name example.com"}},
    {"null MX among others", null_mx_among_others, {SOUND}, NULL, "mx-null-not-alone error",
     {"records 0 . 10 mx1.example.com"}},
    {"an MX that is an alias", mx_is_an_alias, {SOUND}, NULL, "mx-cname warning",
     {"host mx1.example.com", "chain mx1.example.com real.example.net"}},
    {"an MX that is an address", mx_is_an_address, {0}, NULL, "mx-target-invalid error",
     {"target 192.0.2.1", "reason ip-address"}},
    {"an MX without address", mx_without_address, {0}, NULL, "mx-host-unresolvable error",
     {"target mx1.example.com", "reason nxdomain"}},
    {"a spare may lack its address", first_mx_useless, {SOUND}, NULL, "mx-host-unresolvable warning",
     {"target mx1.example.com", "reason no-address"}},
    {"the same MX twice", mx_twice, {SOUND}, NULL, "mx-duplicate warning",
     {"targets mx1.example.com MX1.example.com"}},
    {"two MX at one address", mx_sharing_an_address, {SOUND}, NULL, "mx-duplicate warning",
     {"targets mx1.example.com mx2.example.com"}},
    {"three MX at one address are told together", three_mx_at_one_address, {SOUND}, NULL, "mx-duplicate warning",
     {"targets mx1.example.com mx2.example.com mx3.example.com"}},
    {"more MX than are tried", many_mx, {SOUND}, NULL, "mx-not-all-tried notice", {"tried 5", "known 7"}},
    {"more addresses than are tried", many_addresses, {SOUND}, NULL, "mx-not-all-tried notice",
     {"host mx1.example.com", "tried 4", "known 5"}},
    {"an MX at a private address", mx_at_private_address, {SOUND}, NULL, "mx-address-special warning",
     {"target mx1.example.com", "address 10.0.0.1", "kind private"}},
    {"the same among private ones", mx_at_private_address_at_home, {SOUND}, NULL, "mx-address-special info",
     {"kind private"}},
    {"a server at a private address", server_at_private_address, {SOUND}, NULL, "mx-address-special info",
     {"kind private"}},
    {"an MX at 0.0.0.0", mx_at_no_address, {0}, NULL, "mx-address-special error", {"kind unusable"}},
    {"an address is no surprise", literal_private, {SOUND}, NULL, ""},
    {"but one that cannot be tried is", literal_unusable, {0}, NULL, "mx-address-special error", {"kind unusable"}},

    {"connection refused", refused, {0}, NULL, "connection-refused error",
     {"host mx1.example.com", "address 192.0.2.25", "port 25", "stage connect", "errno 111", "seconds 0.005"}},
    {"no answer to SYN", silent, {0}, NULL, "connection-timeout error", {"seconds 10"}},
    {"host unreachable", unreachable, {0}, NULL, "host-unreachable error", {"errno 113"}},
    {"network unreachable", without_route, {0}, NULL, "network-unreachable error", {"errno 101"}},
    {"reset while connecting", reset_while_connecting, {0}, NULL, "connection-reset error", {"after connect"}},
    {"IPv6 refused, IPv4 not", ipv6_refused, {SOUND}, NULL, "connection-refused warning, ipv6-unreachable warning",
     {"address 2001:db8::25"}},
    {"no IPv6 here is not the server's fault", ipv6_not_here, {SOUND}, NULL, "network-unreachable warning"},
    {"silence at all hosts", two_silent_hosts, {0}, NULL,
     "network-unreachable error, connection-timeout error, connection-timeout error, outbound-port-blocked warning"},
    {"silence at one host says nothing of our network", two_silent_addresses, {0}, NULL,
     "connection-timeout error, connection-timeout error"},
    {"a spare host may refuse", first_host_refuses_connection, {SOUND}, NULL, "connection-refused warning",
     {"host mx1.example.com"}},
    {"a spare host may refuse the session", first_host_refuses_session, {SOUND}, NULL, "session-refused warning",
     {"code 554"}},
    {"a spare host may be something else", first_host_is_something_else, {SOUND}, NULL, "not-smtp warning",
     {"protocol ssh"}},

    {"reset instead of a reply", usual, {GREETING, "!reset"}, NULL, "connection-reset error",
     {"after banner", "stage ehlo"}},
    {"close instead of the greeting", usual, {"!close"}, NULL, "closed-by-server error",
     {"after connect", "stage banner"}},
    {"close after a handshake", usual, {TO_TLS, "!close"}, NULL, "closed-by-server error",
     {"after tls", "stage ehlo"}},
    {"close instead of the answer to STARTTLS", usual, {GREETING, EHLO_TLS, "!close"}, NULL, "closed-by-server error",
     {"after ehlo", "stage starttls"}},
    {"silence", usual, {"!silence"}, NULL, "reply-timeout error", {"seconds 30", "octets 0"}},
    {"silence where TLS is spoken from the start", clear_on_465, {"\x15\x03\x01"}, NULL,
     "implicit-tls-expected error", {"port 465"}},
    {"a 5xx greeting", usual, {"554 no service", "221 bye"}, NULL, "session-refused error",
     {"code 554", "stage banner"}},
    {"a 4xx greeting", usual, {"421 too busy"}, NULL, "session-refused warning", {"code 421"}},
    {"another protocol", usual, {"* OK IMAP4rev1 ready"}, NULL, "not-smtp error",
     {"protocol imap", "first * OK IMAP4rev1 ready\r\n"}},
    {"a reply without a code", usual, {GREETING, "25O mx1"}, NULL, "reply-malformed error",
     {"line 1", "reason line 1 does not begin with three digits"}},
    {"a reply before its command", usual, {"!octets 220 mx1\r\n250 mx1\r\n"}, NULL, "unsolicited-reply error",
     {"first 250 mx1\r\n"}},
    {"odd line ends and octets", usual,
     {"!octets 220 mx1 caf\xc3\xa9\n", EHLO_TLS, "220 go ahead", "!tls", EHLO_BARE, TAKEN}, NULL,
     "reply-nonconforming notice", {"deviations bare-lf not-ascii", "stage banner"}},
    {"AUTH=", usual, {TO_TLS, "250-mx1\n250 AUTH=PLAIN", TAKEN}, NULL,
     "reply-nonconforming notice, auth-on-mx notice"},
    {"EHLO refused", usual, {GREETING, "502 no", "250 mx1", TAKEN}, NULL, "ehlo-not-supported warning",
     {"stage ehlo"}},
    {"EHLO refused where TLS is demanded", demanding_tls, {GREETING, "502 no", "250 mx1", "221 bye"}, NULL,
     "ehlo-not-supported error"},
    {"QUIT met with close", usual, {TO_TLS, EHLO_BARE, "250 ok", "250 ok", "354 go on", "250 queued", "!close"}, NULL,
     "quit-unanswered notice", {"stage quit"}},
    {"some recipients refused", to_two,
     {TO_TLS, EHLO_BARE, "250 ok", "250 ok", "550 no", "354 go on", "250 queued", "221 bye"}, NULL,
     "recipients-partly-refused warning", {"accepted user@example.com", "refused other@example.com"}},
    {"XCLIENT", usual, {TO_TLS, "250-mx1\n250 XCLIENT NAME ADDR", TAKEN}, NULL,
     "xclient-offered warning, capabilities-changed info"},
    {"a slow greeting", usual, {"!wait 6000", SOUND}, NULL, "reply-slow notice", {"seconds 6.01", "stage banner"}},
    {"a slow connection", slow_to_connect, {SOUND}, NULL, "reply-slow notice", {"seconds 6", "stage connect"}},
    {"one slow reply of a group", pipelining,
     {TO_TLS, "250-mx1\n250 PIPELINING", "!wait 7000", TAKEN}, NULL, "reply-slow notice, capabilities-changed info",
     {"seconds 7.01", "stage mail"}},

    {"no STARTTLS", usual, {GREETING, EHLO_BARE, TAKEN}, NULL, "starttls-not-supported warning", {"stage starttls"}},
    {"no STARTTLS where it is demanded", demanding_tls, {GREETING, EHLO_BARE, "221 bye"}, NULL,
     "starttls-not-supported error"},
    {"no STARTTLS where it is not wanted", declining_tls, {GREETING, EHLO_BARE, TAKEN}, NULL, ""},
    {"STARTTLS not reached is not missing", stopping_at_first_ehlo, {GREETING, EHLO_TLS, "221 bye"}, NULL, ""},
    {"STARTTLS masked", usual, {"220 ****************", "250-mx1\n250 XXXXXXXA", TAKEN}, NULL,
     "starttls-stripped warning", {"marks greeting of asterisks XXXXXXXA in place of a keyword"}},
    {"STARTTLS masked where it is demanded", demanding_tls, {GREETING, "250-mx1\n250 XXXXXXXA", "221 bye"}, NULL,
     "starttls-stripped error", {"marks XXXXXXXA in place of a keyword"}},
    {"STARTTLS refused", usual, {GREETING, EHLO_TLS, "454 4.7.0 TLS not available", "221 bye"}, NULL,
     "starttls-refused error", {"code 454", "cause tls-failed"}},
    {"STARTTLS refused, but optional", tolerating_tls, {GREETING, EHLO_TLS, "454 no", TAKEN}, NULL,
     "starttls-refused warning", {"code 454"}},
    {"octets behind 220", usual, {GREETING, EHLO_TLS, "220 go\n250 evil"}, NULL, "starttls-injection error",
     {"first 250 evil\r\n"}},
    {"STARTTLS inside TLS", usual, {TO_TLS, EHLO_TLS, TAKEN}, NULL, "starttls-offered-twice warning"},
    {"other extensions inside TLS", usual,
     {GREETING, "250-mx1\n250-SIZE 1000\n250 STARTTLS", "220 go ahead", "!tls", "250-mx1\n250 DSN", TAKEN}, NULL,
     "capabilities-changed info", {"gone SIZE", "new DSN"}},

    {"an alert", usual, {TO_TLS}, alert_112, "tls-handshake-failed error",
     {"alert 112", "reason unrecognized name", "stage tls"}},
    {"a handshake that may fail", tolerating_tls, {TO_TLS}, alert_112, "tls-handshake-failed warning"},
    {"no TLS at all", tls_from_the_start, {"!tls"}, no_tls_there, "tls-not-spoken error",
     {"first 220 mail.example.com ESMTP\r\n"}},
    {"an old server", usual, {TO_TLS}, old_server, "tls-no-common-version error",
     {"ours TLSv1.2 TLSv1.3", "theirs TLSv1"}},
    {"no cipher in common", usual, {TO_TLS}, no_cipher, "tls-no-common-cipher error", {"ours DEFAULT@SECLEVEL=2"}},
    {"alert 80", usual, {TO_TLS}, server_fault, "tls-server-fault error"},
    {"a short DH key", usual, {TO_TLS}, short_dh_key, "tls-cipher-weak error",
     {"cipher the server's Diffie-Hellman key is too short"}},
    {"a client certificate is wanted", usual, {TO_TLS}, certificate_wanted, "client-certificate-required error"},
    {"our certificate is refused", usual, {TO_TLS}, certificate_refused, "client-certificate-rejected error"},
    {"a client certificate is wanted, but said later", usual, {TO_TLS, "!broke"}, certificate_wanted_later,
     "client-certificate-required error"},
    {"silence in the handshake", usual, {TO_TLS}, handshake_is_silent, "reply-timeout error",
     {"seconds 0.03", "stage tls"}},
    {"close in the handshake", usual, {TO_TLS}, handshake_is_closed, "closed-by-server error",
     {"after starttls", "stage tls"}},
    {"TLS 1.0", usual, {SOUND}, tls_1_0, "tls-version-old warning", {"version TLSv1"}},
    {"TLS 1.0 for users", submission, {TO_TLS, EHLO_BARE, "530 log in", "221 bye"}, tls_1_0, "tls-version-old error"},
    {"no forward secrecy", usual, {SOUND}, static_rsa, "tls-cipher-weak warning",
     {"cipher AES128-SHA (no forward secrecy)"}},

    {"expired", usual, {SOUND}, expired, "certificate-expired warning", {"not_after 2025-12-31T00:00:00Z", "depth 0"}},
    {"expired, with TLS demanded", demanding_tls, {SOUND}, expired, "certificate-expired error"},
    {"expired, with proof demanded", demanding_proof, {TO_TLS}, expired_and_fatal, "certificate-expired error"},
    {"not yet valid", usual, {SOUND}, not_begun, "certificate-not-yet-valid warning",
     {"not_before 2026-01-02T00:00:00Z", "depth 0"}},
    {"ends soon", usual, {SOUND}, ending_soon, "certificate-expires-soon warning",
     {"not_after 2026-01-06T00:00:00Z", "days 5"}},
    {"another name", usual, {SOUND}, other_name, "certificate-host-mismatch warning",
     {"wanted mail.example.com", "names mx1.example.com", "cn mail.example.com"}},
    {"untrusted", usual, {SOUND}, untrusted, "certificate-not-trusted warning", {"issuer CN=Example Authority"}},
    {"self-signed", usual, {SOUND}, self_signed, "certificate-self-signed warning", {"subject CN=mx1.example.com"}},
    {"incomplete", usual, {SOUND}, incomplete, "certificate-chain-incomplete warning",
     {"issuer CN=Example Authority"}},
    {"broken signature", usual, {SOUND}, broken_signature, "validation-failure warning",
     {"reason its signature is broken", "depth 0"}},
    {"weak key", usual, {SOUND}, weak_key, "certificate-weak warning",
     {"key RSA, 1024 bits", "signature ecdsa-with-SHA256"}},
    {"for clients", usual, {SOUND}, for_clients, "certificate-purpose warning", {"usage clientAuth"}},
    {"untidy", usual, {SOUND}, untidy, "certificate-chain-untidy notice", {"what a certificate was sent twice"}},
    {"no fault hides another", demanding_tls, {SOUND}, all_at_once,
     "certificate-expired error, certificate-self-signed error, certificate-host-mismatch error"},
    {"no certificate where proof is demanded", demanding_proof, {TO_TLS}, anonymous, "validation-failure error",
     {"reason the server showed no certificate", "depth ?"}},

    {"no AUTH", logging_in, {TO_TLS, EHLO_BARE, "221 bye"}, NULL, "auth-not-offered error", {"stage auth"}},
    {"no AUTH, but optional", logging_in_perhaps, {TO_TLS, EHLO_BARE, "250 ok", "530 log in", "221 bye"}, NULL,
     "auth-not-offered warning"},
    {"no AUTH before TLS", logging_in_without_tls, {GREETING, EHLO_TLS, "221 bye"}, NULL, "auth-only-after-tls error"},
    {"no mechanism in common", logging_in, {TO_TLS, "250-mail\n250 AUTH XOAUTH2", "221 bye"}, NULL,
     "auth-no-common-mechanism error", {"offered XOAUTH2"}},
    {"a password withheld", logging_in_where_tls_is_not_had, {GREETING, "250-mail\n250 AUTH PLAIN", "221 bye"}, NULL,
     "auth-cleartext-withheld error, auth-offered-in-clear error, starttls-not-supported warning",
     {"offered PLAIN"}},
    {"a challenge that is none", logging_in_by_scram,
     {TO_TLS, "250-mail\n250 AUTH SCRAM PLAIN", "334 !!!", "501 cancelled", "221 bye"}, NULL,
     "auth-exchange-invalid error", {"mechanism SCRAM", "reason a challenge that is not base64"}},
    {"a wrong server signature", logging_in_by_scram,
     {TO_TLS, "250-mail\n250 AUTH SCRAM PLAIN", "334 cj1hYmNkZWY=", "334 dj1iYWQ=", "501 cancelled", "221 bye"},
     NULL, "auth-server-signature error", {"mechanism SCRAM"}},
    {"235 too early", logging_in_by_scram, {TO_TLS, "250-mail\n250 AUTH SCRAM PLAIN", "235 ok", "221 bye"}, NULL,
     "auth-exchange-invalid error", {"mechanism SCRAM"}},
    {"passwords in clear", usual,
     {GREETING, "250-mx1\n250-STARTTLS\n250 AUTH LOGIN", "220 go", "!tls", EHLO_BARE, TAKEN},
     NULL, "auth-offered-in-clear error", {"stage ehlo"}},
    {"a login at an MX", logging_in_to_mx, {TO_TLS, "250-mx1\n250 AUTH PLAIN", "235 ok", TAKEN}, NULL,
     "auth-on-mx notice"},
    {"weak mechanisms", submission, {TO_TLS, "250-mail\n250 AUTH CRAM-MD5 NTLM", "530 log in", "221 bye"}, NULL,
     "auth-mechanisms-weak notice", {"offered CRAM-MD5 NTLM", "iterations ?"}},
    {"few rounds of SCRAM", submission, {TO_TLS, "250-mail\n250 AUTH SCRAM-SHA-256", "530 log in", "221 bye"},
     few_rounds, "auth-mechanisms-weak notice", {"offered SCRAM-SHA-256", "iterations 1000"}},
    {"a submission port that wants no login", submission, {SOUND}, NULL, "submission-without-auth error",
     {"port 587", "stage rcpt"}},
    {"a submission port in clear", submission_in_clear, {GREETING, EHLO_TLS, "250 ok", "530 log in", "221 bye"}, NULL,
     "submission-tls-optional warning", {"stage mail"}},
    {"a login in clear", submission_login_in_clear, {GREETING, "250-mail\n250 AUTH PLAIN", "235 ok", TAKEN}, NULL,
     "auth-offered-in-clear error, submission-tls-optional warning"},
    {"SRV says no", logging_in_to_mx, {TO_TLS, EHLO_BARE, "221 bye"}, srv_says_no,
     "auth-not-offered error, submission-not-offered info"},
};
/* clang-format on */
enum { CASES = sizeof cases / sizeof *cases };

/** Findings that need more than one probe does: other look-ups, other connections, other commands. */
static const char for_surveys[] =
    "dnssec-insecure ptr-not-confirmed greeting-name-mismatch submission-srv-broken addresses-differ "
    "not-established "
    "accepts-any-recipient postmaster-refused vrfy-answers starttls-command-injection auth-token-rejected "
    "open-relay-suspected spf-missing spf-invalid spf-allows-all dmarc-missing dmarc-invalid "
    "dmarc-not-enforced "
    "dane-ok dane-not-published dane-required dane-no-match dane-partial tlsa-invalid tlsa-record-unusable "
    "tlsa-key-type-missing tlsa-rollover-risk tlsa-lookup-failed sts-ok sts-not-published sts-record-invalid "
    "sts-record-missing sts-policy-fetch-error sts-webpki-invalid sts-policy-invalid sts-max-age-short "
    "sts-not-enforced sts-mx-mismatch tlsrpt-not-published tlsrpt-record-invalid";

static bool is_among(const char *word, const char *words)
{
    struct span rest = span_of_string(words), token;
    while (span_next_token(&rest, " ", &token))
        if (span_is(token, word))
            return true;
    return false;
}

/* --- Running a case --- */

static void play(struct record_builder *builder, const struct finding_case *item)
{
    builder_init(builder);
    item->prepare(builder);
    bool is_connected = builder->attempt && builder->attempt->result == ATTEMPT_UNDER_WAY;
    if (item->script[0] && !is_connected)
        builder_connect(builder, 0, 0, MILLISECONDS(12));
    bool is_for_later = item->change == few_rounds || item->change == srv_says_no;
    if (item->change && !is_for_later)
        item->change(builder);
    if (item->script[0])
        builder_session(builder, item->script);
    if (is_for_later)
        item->change(builder);
    builder_end(builder);
}

static struct buffer summary(const struct finding_list *list)
{
    struct buffer text = BUFFER_EMPTY;
    for (size_t i = 0; i < list->count; i++)
        buffer_printf(&text, "%s%s %s", i ? ", " : "", cause_name(list->all[i]->id),
                      severity_words[list->all[i]->severity].name);
    return text;
}

static void add_value(struct buffer *text, const struct evidence *evidence)
{
    switch (evidence->kind) {
    case EVIDENCE_UNKNOWN:
        buffer_add_char(text, '?');
        break;
    case EVIDENCE_TEXT:
        buffer_add(text, evidence->text);
        break;
    case EVIDENCE_NUMBER:
        buffer_printf(text, "%g", evidence->number);
        break;
    case EVIDENCE_LIST:
        for (size_t i = 0; i < evidence->list_count; i++) {
            buffer_add_string(text, i ? " " : "");
            buffer_add(text, evidence->list[i]);
        }
        break;
    }
}

static const struct evidence *find_evidence(const struct finding *finding, struct span key)
{
    for (size_t i = 0; i < finding->evidence_count; i++)
        if (span_is(key, finding->evidence[i].key))
            return &finding->evidence[i];
    return NULL;
}

static void check_fact(const char *name, const struct finding *finding, const char *fact)
{
    struct span key = span_first(span_of_string(fact), strcspn(fact, " "));
    const struct evidence *evidence = find_evidence(finding, key);
    struct buffer value = BUFFER_EMPTY;
    if (!evidence)
        fail_msg("%s: no evidence %.*s", name, SPAN_ARGS(key));
    add_value(&value, evidence);
    check_string(name, buffer_span(&value), fact + key.size + 1);
    buffer_clear(&value);
}

/** INVARIANT of the vocabulary: exactly the keys declared, and those that say where. */
static void check_keys(const char *name, const struct finding *finding)
{
    const char *declared = cause_facts[finding->id].evidence;
    struct span rest = span_of_string(declared), key;
    while (span_next_token(&rest, " ", &key))
        if (!find_evidence(finding, key))
            fail_msg("%s: %s lacks evidence %.*s", name, cause_name(finding->id), SPAN_ARGS(key));
    for (size_t i = 0; i < finding->evidence_count; i++) {
        const char *given = finding->evidence[i].key;
        CHECK(name, is_among(given, declared) || is_among(given, "host address port stage"));
        CHECK(name, find_evidence(finding, span_of_string(given)) == &finding->evidence[i]);
    }
    CHECK(name, find_evidence(finding, SPAN("stage")));
}

static void check_texts(const char *name, const struct finding *finding)
{
    CHECK(name, finding->title && finding->meaning);
    CHECK(name, finding->advice_count > 0);
    CHECK(name, !strchr(finding->meaning, '{'));
    for (size_t i = 0; i < finding->advice_count; i++)
        CHECK(name, !strchr(finding->advice[i], '{'));
}

static void check_case(const struct finding_case *item, bool raised[CAUSE_COUNT])
{
    struct record_builder builder;
    struct finding_list list;
    play(&builder, item);
    findings_make(&list, &builder.record, &catalog_builtin, &builder.arena);
    struct buffer text = summary(&list);
    check_string(item->name, buffer_span(&text), item->expected);
    for (size_t i = 0; i < list.count; i++) {
        raised[list.all[i]->id] = true;
        check_keys(item->name, list.all[i]);
        check_texts(item->name, list.all[i]);
    }
    for (size_t i = 0; i < FACTS_LIMIT && item->facts[i]; i++)
        check_fact(item->name, list.all[0], item->facts[i]);
    buffer_clear(&text);
    builder_clear(&builder);
}

static void test_each_record_raises_what_it_shows(void **state)
{
    (void)state;
    bool raised[CAUSE_COUNT] = {false};
    for (size_t i = 0; i < CASES; i++)
        check_case(&cases[i], raised);
}

static void test_every_rule_is_raised_by_a_record(void **state)
{
    (void)state;
    bool raised[CAUSE_COUNT] = {false};
    for (size_t i = 0; i < CASES; i++)
        check_case(&cases[i], raised);
    for (int id = 0; id < CAUSE_COUNT; id++)
        if (cause_is_finding((enum cause)id) &&
            raised[id] == is_among(cause_name((enum cause)id), for_surveys))
            fail_msg("%s is %s", cause_name((enum cause)id),
                     raised[id] ? "raised after all" : "raised by no record");
}

/* --- The vocabulary --- */

static void check_places(const char *name, const char *text)
{
    for (const char *open = text; open && (open = strchr(open, '{')); open++) {
        const char *close = strchr(open, '}');
        CHECK(name, close && place_is_known(span_of(open + 1, (size_t)(close - open - 1))));
    }
}

static void test_places_in_the_vocabulary_are_known(void **state)
{
    (void)state;
    for (int id = 0; id < CAUSE_COUNT; id++) {
        check_places(cause_name((enum cause)id), cause_facts[id].meaning);
        check_places(cause_name((enum cause)id), cause_facts[id].advice);
        CHECK(cause_name((enum cause)id), cause_words[id].title && cause_facts[id].meaning);
    }
}

/** FINDINGS 9: every id of TLS that reports may carry has its result type. */
static void test_tls_ids_have_result_types(void **state)
{
    (void)state;
    for (int id = CAUSE_STARTTLS_NOT_SUPPORTED; id <= CAUSE_VALIDATION_FAILURE; id++) {
        bool is_exempt = id == CAUSE_STARTTLS_COMMAND_INJECTION || id == CAUSE_STARTTLS_OFFERED_TWICE ||
                         id == CAUSE_CAPABILITIES_CHANGED || id == CAUSE_CERTIFICATE_EXPIRES_SOON ||
                         id == CAUSE_CERTIFICATE_CHAIN_UNTIDY;
        CHECK(cause_name((enum cause)id), is_exempt == !cause_facts[id].tlsrpt);
    }
    assert_string_equal(cause_facts[CAUSE_CERTIFICATE_SELF_SIGNED].tlsrpt, "certificate-not-trusted");
    assert_string_equal(cause_facts[CAUSE_STARTTLS_STRIPPED].tlsrpt, "starttls-not-supported");
    assert_string_equal(cause_facts[CAUSE_DANE_NO_MATCH].tlsrpt, "validation-failure");
}

/* --- Advice about submission --- */

static const char *const no_auth[] = {TO_TLS, EHLO_BARE, "221 bye", NULL};

static void look_for_submission(struct record_builder *builder, bool has_srv)
{
    struct submission_hosts *submission = &builder->record.submission;
    submission->was_looked_up = true;
    submission->submissions = builder_answer(builder, "_submissions._tcp.example.com", DNS_SRV, DNS_NXDOMAIN);
    submission->submission = builder_answer(builder, "_submission._tcp.example.com", DNS_SRV, DNS_NXDOMAIN);
    if (!has_srv)
        return;
    builder_add_srv(builder, submission->submission, 587, "smtp.example.com");
    submission->host = "smtp.example.com";
    submission->port = 587;
    submission->from_srv = true;
}

static void check_submission_advice(const char *user, bool has_srv, size_t step, const char *expected)
{
    struct record_builder builder;
    struct finding_list list;
    builder_init(&builder);
    logging_in_to_mx(&builder);
    builder.record.auth_user = user;
    builder_connect(&builder, 0, 0, MILLISECONDS(12));
    builder_session(&builder, no_auth);
    look_for_submission(&builder, has_srv);
    builder_end(&builder);
    findings_make(&list, &builder.record, &catalog_builtin, &builder.arena);
    assert_int_equal(list.all[0]->id, CAUSE_AUTH_NOT_OFFERED);
    assert_true(list.all[0]->advice_count > step);
    assert_string_equal(list.all[0]->advice[step], expected);
    builder_clear(&builder);
}

static void test_a_login_at_an_mx_is_sent_to_the_submission_host(void **state)
{
    (void)state;
    check_submission_advice(
        "jo", true, 0,
        "example.com names smtp.example.com, port 587, for its users (SRV record). Log in there: "
        "smtpprobe --server smtp.example.com:587 --tls --auth --auth-user jo --to "
        "user@example.com");
    check_submission_advice("jo", false, 1,
                            "Try the usual name on port 587: smtpprobe --server mail.example.com:587 --tls "
                            "--auth --auth-user jo --to user@example.com");
    check_submission_advice(
        "jo", false, 2,
        "Or on port 465, with TLS from the start: smtpprobe --server mail.example.com:465 "
        "--tls-on-connect --auth --auth-user jo --to user@example.com");
}

/** What is pasted into a shell stays one word, whatever the user is called. */
static void test_commands_are_quoted_for_a_shell(void **state)
{
    (void)state;
    check_submission_advice(
        "o'neil; rm x", true, 0,
        "example.com names smtp.example.com, port 587, for its users (SRV record). Log in there: "
        "smtpprobe --server smtp.example.com:587 --tls --auth --auth-user "
        "'o'\\''neil; rm x' --to user@example.com");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_record_raises_what_it_shows),
        cmocka_unit_test(test_every_rule_is_raised_by_a_record),
        cmocka_unit_test(test_places_in_the_vocabulary_are_known),
        cmocka_unit_test(test_tls_ids_have_result_types),
        cmocka_unit_test(test_a_login_at_an_mx_is_sent_to_the_submission_host),
        cmocka_unit_test(test_commands_are_quoted_for_a_shell),
    };
    return cmocka_run_group_tests_name("finding", tests, NULL, NULL);
}
