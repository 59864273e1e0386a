/* The five judgements of a certificate, each by itself (INVARIANTS 7). */
#include "tls_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

/* --- Who signs --- */

struct authority_form {
    char letter;
    char issuer; /* 0: itself */
    struct certificate_form form;
};

#define AUTHORITY .san = "", .usage = "", .constraints = "critical,CA:TRUE"

static const struct authority_form authority_forms[] = {
    {'r', 0, {.common_name = "Root", AUTHORITY}},
    {'i', 'r', {.common_name = "Intermediate", AUTHORITY}},
    {'j', 'i', {.common_name = "Second intermediate", AUTHORITY}},
    {'e', 'r', {.common_name = "Expired intermediate", AUTHORITY, .from = -20, .until = -10}},
    {'n', 'r', {.common_name = "No authority", .san = "", .usage = ""}},
    {'w', 'r', {.common_name = "Intermediate signed with SHA-1", AUTHORITY, .sha1 = true}},
    {'k', 'r', {.common_name = "Intermediate with a short key", AUTHORITY, .key = KEY_RSA_1024}},
    {'c', 'r', {.common_name = "Constrained", AUTHORITY, .limits = "permitted;DNS:example.net"}},
    {'m', 'r', {.common_name = "Intermediate for clients", .san = "", .usage = "clientAuth",
                .constraints = "critical,CA:TRUE"}},
    {'u', 0, {.common_name = "Unknown root", AUTHORITY}},
    {'v', 'u', {.common_name = "Unknown intermediate", AUTHORITY}},
    {'s', 0, {.common_name = "Root signed with SHA-1", AUTHORITY, .sha1 = true}},
    {'o', 0, {.common_name = "Expired root", AUTHORITY, .from = -20, .until = -10}},
    {'x', 0, {.common_name = "Stranger", AUTHORITY}},
};

enum { AUTHORITIES = sizeof authority_forms / sizeof *authority_forms };

static struct credential authorities[AUTHORITIES];
static char directory[] = "/tmp/trust_test.XXXXXX";
static char anchors[64], link_name[64];

static const struct credential *authority(char letter)
{
    for (size_t i = 0; i < AUTHORITIES; i++)
        if (authority_forms[i].letter == letter)
            return &authorities[i];
    return NULL;
}

static int make_authorities(void **state)
{
    (void)state;
    for (size_t i = 0; i < AUTHORITIES; i++)
        authorities[i] = credential_new(&authority_forms[i].form, authority(authority_forms[i].issuer));
    if (!mkdtemp(directory))
        return -1;
    snprintf(anchors, sizeof anchors, "%s/anchors.pem", directory);
    credential_save_certificate(authority('r'), anchors);
    credential_save_certificate(authority('s'), anchors);
    credential_save_certificate(authority('o'), anchors);
    /* For the system's directory of authorities, none of which knows ours. */
    snprintf(link_name, sizeof link_name, "%s/01234567.0", directory);
    credential_save_certificate(authority('x'), link_name);
    setenv("SSL_CERT_DIR", directory, 1);
    unsetenv("SSL_CERT_FILE");
    return 0;
}

static int remove_authorities(void **state)
{
    (void)state;
    for (size_t i = 0; i < AUTHORITIES; i++)
        credential_clear(&authorities[i]);
    unlink(anchors);
    unlink(link_name);
    return rmdir(directory);
}

/* --- Specimens --- */

/** A server's certificate, how it is presented, and what is to be said of it. */
struct specimen {
    const char *label;
    struct certificate_form form;
    char issuer;           /* 0: itself */
    const char *sent;      /* letters of the authorities that follow; 'l': the certificate again */
    const char *reference; /* NULL: mx.example.com */
    enum cause trust, name, dates, purpose, strength, verdict; /* CAUSE_OK is zero */
    int depth;             /* of the verdict */
    bool would_match_cn;
    bool system_anchors;   /* judged against the system's authorities instead of our root */
    const char *untidy;
};

#define MISMATCH .name = CAUSE_CERTIFICATE_HOST_MISMATCH, .verdict = CAUSE_CERTIFICATE_HOST_MISMATCH
#define FAULT(judgement, fault) .judgement = fault, .verdict = fault

static struct specimen specimens[] = {
    {"good", {0}, 'i', "i"},
    {"good, signed by the root", {0}, 'r', ""},
    {"good, the root sent along", {0}, 'i', "ir"},
    {"good, two intermediates", {0}, 'j', "ji"},
    {"good, RSA", {.key = KEY_RSA_2048}, 'i', "i"},
    {"good, Ed25519", {.key = KEY_ED25519}, 'i', "i"},
    {"good, no extended key usage", {.usage = ""}, 'i', "i"},

    {"expired", {.from = -20, .until = -1}, 'i', "i", FAULT(dates, CAUSE_CERTIFICATE_EXPIRED)},
    {"not yet valid", {.from = 1}, 'i', "i", FAULT(dates, CAUSE_CERTIFICATE_NOT_YET_VALID)},
    {"intermediate expired", {0}, 'e', "e", FAULT(dates, CAUSE_CERTIFICATE_EXPIRED), .depth = 1},

    {"an authority of ours expired, not sent", {0}, 'o', "", FAULT(dates, CAUSE_CERTIFICATE_EXPIRED), .depth = 1},

    {"other name", {.san = "DNS:other.example.com"}, 'i', "i", MISMATCH},
    {"common name only", {.common_name = "mx.example.com", .san = ""}, 'i', "i", MISMATCH, .would_match_cn = true},
    {"common name beside another SAN", {.common_name = "mx.example.com", .san = "DNS:other.example.com"}, 'i', "i",
     MISMATCH, .would_match_cn = true},
    {"no name at all", {.san = ""}, 'i', "i", MISMATCH},
    {"capital letters", {.san = "DNS:MX.Example.COM"}, 'i', "i"},
    {"reference with the root's dot", {0}, 'i', "i", "mx.example.com."},
    {"reference with a leading dot", {0}, 'i', "i", ".example.com", MISMATCH},
    {"wildcard", {.san = "DNS:*.example.com"}, 'i', "i"},
    {"wildcard is one label", {.san = "DNS:*.example.com"}, 'i', "i", "a.b.example.com", MISMATCH},
    {"wildcard is not none", {.san = "DNS:*.example.com"}, 'i', "i", "example.com", MISMATCH},
    {"wildcard within a label", {.san = "DNS:m*.example.com"}, 'i', "i", MISMATCH},
    {"wildcard not left", {.san = "DNS:mx.*.com"}, 'i', "i", MISMATCH},
    {"address", {.san = "IP:192.0.2.1"}, 'i', "i", "192.0.2.1"},
    {"address in brackets", {.san = "IP:192.0.2.1"}, 'i', "i", "[192.0.2.1]"},
    {"IPv6 address", {.san = "IP:2001:db8::1"}, 'i', "i", "2001:DB8:0::1"},
    {"IPv6 literal", {.san = "IP:2001:db8::1"}, 'i', "i", "[IPv6:2001:db8::1]"},
    {"other address", {.san = "IP:192.0.2.2"}, 'i', "i", "192.0.2.1", MISMATCH},
    {"address as a dNSName", {.san = "DNS:192.0.2.1"}, 'i', "i", "192.0.2.1", MISMATCH},
    {"address as a common name", {.common_name = "192.0.2.1", .san = ""}, 'i', "i", "192.0.2.1", MISMATCH,
     .would_match_cn = true},
    {"address, but the name is wanted", {.san = "IP:192.0.2.1"}, 'i', "i", MISMATCH},
    {"NUL within a dNSName", {.raw_dns = {"mx.example.com\0.evil.test", 24}}, 'i', "i", MISMATCH},
    {"NUL at the end of a dNSName", {.raw_dns = {"mx.example.com\0", 15}}, 'i', "i", MISMATCH},

    {"signed by itself", {0}, 0, "", FAULT(trust, CAUSE_CERTIFICATE_SELF_SIGNED)},
    {"signed by itself, an authority sent along", {0}, 0, "i", FAULT(trust, CAUSE_CERTIFICATE_SELF_SIGNED),
     .untidy = "a certificate is sent that is no part of the chain"},
    {"intermediate missing", {0}, 'i', "", FAULT(trust, CAUSE_CERTIFICATE_CHAIN_INCOMPLETE)},
    {"first of two intermediates missing", {0}, 'j', "i", FAULT(trust, CAUSE_CERTIFICATE_CHAIN_INCOMPLETE),
     .untidy = "a certificate is sent that is no part of the chain"},
    {"unknown root", {0}, 'v', "v", FAULT(trust, CAUSE_CERTIFICATE_NOT_TRUSTED), .depth = 1},
    {"unknown root sent along", {0}, 'v', "vu", FAULT(trust, CAUSE_CERTIFICATE_NOT_TRUSTED), .depth = 2},
    {"unknown root that signs without intermediate", {0}, 'u', "u", FAULT(trust, CAUSE_CERTIFICATE_NOT_TRUSTED),
     .depth = 1},
    {"private authority against the public ones", {0}, 'u', "", FAULT(trust, CAUSE_CERTIFICATE_NOT_TRUSTED),
     .system_anchors = true},
    {"public authority, intermediate missing", {.access = "caIssuers;URI:http://ca.example.com/i.der"}, 'v', "",
     FAULT(trust, CAUSE_CERTIFICATE_CHAIN_INCOMPLETE), .system_anchors = true},
    {"issuer is no authority", {0}, 'n', "n", FAULT(trust, CAUSE_VALIDATION_FAILURE), .depth = 1},
    {"name constraints violated", {0}, 'c', "c", FAULT(trust, CAUSE_VALIDATION_FAILURE)},

    {"for clients only", {.usage = "clientAuth"}, 'i', "i", FAULT(purpose, CAUSE_CERTIFICATE_PURPOSE)},
    {"intermediate for clients only", {0}, 'm', "m", FAULT(purpose, CAUSE_CERTIFICATE_PURPOSE), .depth = 1},

    {"RSA of 1024 bits", {.key = KEY_RSA_1024}, 'i', "i", FAULT(strength, CAUSE_CERTIFICATE_WEAK)},
    {"SHA-1 signature", {.sha1 = true}, 'i', "i", FAULT(strength, CAUSE_CERTIFICATE_WEAK)},
    {"SHA-1 signature on the intermediate", {0}, 'w', "w", FAULT(strength, CAUSE_CERTIFICATE_WEAK), .depth = 1},
    {"short key of the intermediate", {0}, 'k', "k", FAULT(strength, CAUSE_CERTIFICATE_WEAK), .depth = 1},
    {"SHA-1 signature of a root on itself", {0}, 's', "s"},

    {"doubles", {0}, 'i', "ii", .untidy = "a certificate is sent twice"},
    {"its own certificate twice", {0}, 'i', "li", .untidy = "a certificate is sent twice"},
    {"wrong order", {0}, 'j', "ij", .untidy = "the certificates are in the wrong order"},
    {"a stranger", {0}, 'i', "ix", .untidy = "a certificate is sent that is no part of the chain"},

    {"everything at once", {.common_name = "mx.example.com", .san = "DNS:other.example.com", .usage = "clientAuth",
                            .from = -20, .until = -1, .key = KEY_RSA_1024, .sha1 = true}, 0, "",
     .trust = CAUSE_CERTIFICATE_SELF_SIGNED, .name = CAUSE_CERTIFICATE_HOST_MISMATCH,
     .dates = CAUSE_CERTIFICATE_EXPIRED, .purpose = CAUSE_CERTIFICATE_PURPOSE, .strength = CAUSE_CERTIFICATE_WEAK,
     .verdict = CAUSE_CERTIFICATE_EXPIRED, .would_match_cn = true},
    {"everything, and the issuer missing", {.san = "DNS:other.example.com", .usage = "clientAuth", .from = 2,
                                            .sha1 = true}, 'i', "",
     .trust = CAUSE_CERTIFICATE_CHAIN_INCOMPLETE, .name = CAUSE_CERTIFICATE_HOST_MISMATCH,
     .dates = CAUSE_CERTIFICATE_NOT_YET_VALID, .purpose = CAUSE_CERTIFICATE_PURPOSE,
     .strength = CAUSE_CERTIFICATE_WEAK, .verdict = CAUSE_CERTIFICATE_NOT_YET_VALID},
};

/* --- Each of them --- */

static void check_judgement(const struct specimen *specimen, const char *what, const struct tls_judgement *judgement,
                            enum cause expected)
{
    if (!judgement->was_taken || judgement->cause != expected || judgement->ok != (expected == CAUSE_OK) ||
        !judgement->reason != judgement->ok || (judgement->depth >= 0) == judgement->ok ||
        !judgement->certificate != judgement->ok)
        fail_msg("%s: %s is %s (%s), expected %s", specimen->label, what, cause_name(judgement->cause),
                 judgement->reason ? judgement->reason : "no reason", cause_name(expected));
}

static void check_facts(const struct specimen *specimen, const struct tls_facts *facts)
{
    const struct tls_judgement *all[] = {&facts->trust, &facts->name, &facts->dates, &facts->purpose,
                                         &facts->strength};
    if (!facts->finished)
        fail_msg("%s: the handshake failed: %s %s", specimen->label, cause_name(facts->cause), facts->detail);
    check_judgement(specimen, "trust", &facts->trust, specimen->trust);
    check_judgement(specimen, "name", &facts->name, specimen->name);
    check_judgement(specimen, "dates", &facts->dates, specimen->dates);
    check_judgement(specimen, "purpose", &facts->purpose, specimen->purpose);
    check_judgement(specimen, "strength", &facts->strength, specimen->strength);
    assert_int_equal(facts->verdict, specimen->verdict);
    assert_int_equal(facts->verified, specimen->verdict == CAUSE_OK);
    assert_int_equal(facts->would_match_cn, specimen->would_match_cn);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!all[i]->ok && all[i]->cause == specimen->verdict && all[i]->depth != specimen->depth)
            fail_msg("%s: depth %d, expected %d", specimen->label, all[i]->depth, specimen->depth);
    if (!facts->chain_untidy != !specimen->untidy ||
        (specimen->untidy && strcmp(facts->chain_untidy, specimen->untidy) != 0))
        fail_msg("%s: the chain is %s", specimen->label, facts->chain_untidy ? facts->chain_untidy : "tidy");
}

static void test_specimen(void **state)
{
    const struct specimen *specimen = *state;
    struct credential own = credential_new(&specimen->form, authority(specimen->issuer));
    struct tls_peer_form form = {.own = &own};
    size_t count = 0;
    for (const char *letter = specimen->sent; *letter; letter++)
        form.chain[count++] = *letter == 'l' ? own.certificate : authority(*letter)->certificate;
    struct tls_settings settings = {.ca_path = specimen->system_anchors ? NULL : anchors};
    struct error error = ERROR_NONE;
    struct tls_context *context = tls_context_new(&settings, &error);
    assert_non_null(context);

    struct tls_peer peer;
    struct arena arena = ARENA_EMPTY;
    struct buffer plain = BUFFER_EMPTY;
    struct tls_facts facts;
    tls_peer_init(&peer, &form);
    struct channel *channel =
        channel_new(context, specimen->reference ? specimen->reference : "mx.example.com", &facts, &arena, 1);
    tls_peer_converse(&peer, channel, (struct cutting){0, 0}, &plain);
    check_facts(specimen, &facts);
    assert_int_equal(facts.chain_count, count + 1);

    channel_free(channel);
    tls_peer_clear(&peer);
    tls_context_free(context);
    credential_clear(&own);
    buffer_clear(&plain);
    arena_clear(&arena);
}

int main(void)
{
    enum { SPECIMENS = sizeof specimens / sizeof *specimens };
    struct CMUnitTest tests[SPECIMENS] = {0};
    for (size_t i = 0; i < SPECIMENS; i++)
        tests[i] = (struct CMUnitTest){specimens[i].label, test_specimen, NULL, NULL, &specimens[i]};
    return cmocka_run_group_tests_name("trust", tests, make_authorities, remove_authorities);
}
