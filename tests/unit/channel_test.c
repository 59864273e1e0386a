/* TLS sessions against a server in memory: how they come about, break, and end. */
#include "tls_peer.h"

#include <openssl/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static char directory[] = "/tmp/channel_test.XXXXXX";
static struct credential root, server, weak_server, client;
static char root_file[64], client_file[64], key_file[64];

static int set_up(void **state)
{
    (void)state;
    const struct certificate_form authority = {
        .common_name = "Root", .san = "", .usage = "", .constraints = "critical,CA:TRUE"};
    const struct certificate_form of_server = {.key = KEY_RSA_2048};
    const struct certificate_form of_weak_server = {.key = KEY_RSA_1024};
    const struct certificate_form of_client = {.common_name = "client", .san = "", .usage = "clientAuth"};
    root = credential_new(&authority, NULL);
    server = credential_new(&of_server, &root);
    weak_server = credential_new(&of_weak_server, &root);
    client = credential_new(&of_client, &root);
    if (!mkdtemp(directory))
        return -1;
    snprintf(root_file, sizeof root_file, "%s/root.pem", directory);
    snprintf(client_file, sizeof client_file, "%s/client.pem", directory);
    snprintf(key_file, sizeof key_file, "%s/key.pem", directory);
    credential_save_certificate(&root, root_file);
    credential_save_certificate(&client, client_file);
    credential_save_key(&client, key_file, "");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    credential_clear(&root);
    credential_clear(&server);
    credential_clear(&weak_server);
    credential_clear(&client);
    unlink(root_file);
    unlink(client_file);
    unlink(key_file);
    return rmdir(directory);
}

/* --- One session --- */

struct session {
    struct tls_context *context;
    struct channel *channel;
    struct tls_facts facts;
    struct tls_peer peer;
    struct arena arena;
    struct buffer plain;
    size_t said; /* octets of the server */
};

static struct tls_context *new_context(struct tls_settings settings)
{
    struct error error = ERROR_NONE;
    if (!settings.ca_path)
        settings.ca_path = root_file;
    struct tls_context *context = tls_context_new(&settings, &error);
    if (!context)
        fail_msg("%s", error.text);
    return context;
}

static void begin_in(struct session *session, struct tls_context *context, const char *host)
{
    memset(session, 0, sizeof *session);
    session->channel = channel_new(context, host, &session->facts, &session->arena, 1);
    assert_int_equal(channel_state(session->channel), CHANNEL_HANDSHAKE);
    assert_true(channel_outgoing(session->channel).size > 0);
    assert_int_equal(session->facts.alert, -1);
    assert_int_equal(session->facts.began, 1);
}

static void converse_in(struct session *session, struct tls_context *context, struct tls_peer_form form,
                        struct cutting cutting)
{
    begin_in(session, context, "mx.example.com");
    if (!form.own && !form.ciphers)
        form.own = &server;
    tls_peer_init(&session->peer, &form);
    session->said = tls_peer_converse(&session->peer, session->channel, cutting, &session->plain);
}

/** A client alone. */
static void begin(struct session *session, struct tls_settings settings, const char *host)
{
    struct tls_context *context = new_context(settings);
    begin_in(session, context, host);
    session->context = context;
}

/** A client and a server that say what they have to say. */
static void converse(struct session *session, struct tls_settings settings, struct tls_peer_form form,
                     struct cutting cutting)
{
    struct tls_context *context = new_context(settings);
    converse_in(session, context, form, cutting);
    session->context = context;
}

static void end(struct session *session)
{
    channel_free(session->channel);
    tls_context_free(session->context);
    tls_peer_clear(&session->peer);
    buffer_clear(&session->plain);
    arena_clear(&session->arena);
}

static enum channel_state hear(struct session *session, struct span octets)
{
    return channel_receive(session->channel, octets, &session->plain, 2);
}

static void check_failure(struct session *session, enum cause cause, int alert)
{
    assert_string_equal(cause_name(session->facts.cause), cause_name(cause));
    assert_int_equal(session->facts.alert, alert);
    assert_int_equal(channel_state(session->channel), CHANNEL_FAILED);
    assert_int_equal(channel_send(session->channel, SPAN("EHLO client.example\r\n")), 0);
}

static void check_handshake_failure(struct session *session, enum cause cause, int alert)
{
    check_failure(session, cause, alert);
    assert_false(session->facts.finished);
    assert_int_equal(session->facts.ended, 2);
}

static const struct tls_settings usual = {.use_sni = true};
static const struct cutting uncut = {0, 0};

/* --- It comes about --- */

static void test_tls_1_3(void **state)
{
    (void)state;
    struct session session;
    converse(&session, usual,
             (struct tls_peer_form){.groups = "X25519", .greeting = "220 mx.example.com ESMTP\r\n"}, uncut);
    const struct tls_facts *facts = &session.facts;
    assert_int_equal(channel_state(session.channel), CHANNEL_OPEN);
    assert_true(facts->finished && facts->verified);
    assert_int_equal(facts->cause, CAUSE_OK);
    assert_string_equal(facts->version, "TLSv1.3");
    assert_string_equal(facts->cipher, "TLS_AES_256_GCM_SHA384");
    assert_string_equal(facts->group, "X25519");
    assert_string_equal(facts->offered_versions, "TLSv1.2 TLSv1.3");
    assert_int_equal(facts->cipher_bits, 256);
    assert_int_equal(facts->security_level, 2);
    assert_false(facts->client_certificate_requested || facts->client_certificate_sent);
    assert_null(facts->cipher_weakness);
    assert_string_equal(facts->sni, "mx.example.com");
    assert_string_equal(facts->reference, "mx.example.com");
    assert_string_equal(SSL_get_servername(session.peer.ssl, TLSEXT_NAMETYPE_host_name), "mx.example.com");
    assert_string_equal(buffer_string(&session.plain), "220 mx.example.com ESMTP\r\n");
    assert_true(channel_satisfies_user(session.channel));
    end(&session);
}

static void test_tls_1_2(void **state)
{
    (void)state;
    struct session session;
    struct tls_peer_form form = {.greatest = TLS1_2_VERSION,
                                 .ciphers = "ECDHE-RSA-AES128-GCM-SHA256",
                                 .groups = "P-384",
                                 .own = &server};
    converse(&session, usual, form, uncut);
    assert_string_equal(session.facts.version, "TLSv1.2");
    assert_string_equal(session.facts.cipher, "ECDHE-RSA-AES128-GCM-SHA256");
    assert_string_equal(session.facts.group, "P-384");
    assert_null(session.facts.cipher_weakness);
    end(&session);
}

static void test_finite_field(void **state)
{
    (void)state;
    struct session session;
    struct tls_peer_form form = {
        .greatest = TLS1_2_VERSION, .ciphers = "DHE-RSA-AES128-GCM-SHA256", .own = &server};
    converse(&session, (struct tls_settings){.ciphers = "DHE-RSA-AES128-GCM-SHA256"}, form, uncut);
    assert_true(session.facts.finished);
    assert_string_equal(session.facts.group, "DH 2048");
    assert_null(session.facts.cipher_weakness);
    end(&session);
}

/** An octet that is put in another TLS record for each cut must not change anything. */
static void check_equal_sessions(const struct session *whole, const struct session *cut, const char *what,
                                 size_t at)
{
    const struct tls_facts *a = &whole->facts, *b = &cut->facts;
    if (a->finished != b->finished || a->cause != b->cause || a->verdict != b->verdict ||
        strcmp(a->cipher, b->cipher) != 0 || a->chain_count != b->chain_count ||
        strcmp(a->chain[0].subject.at, b->chain[0].subject.at) != 0 || a->ended != b->ended ||
        !span_equal(buffer_span(&whole->plain), buffer_span(&cut->plain)))
        fail_msg("another session with %s %zu", what, at);
}

static void check_cuts(struct tls_peer_form form)
{
    struct session whole, cut;
    form.greeting = "220 mx.example.com ESMTP\r\n";
    converse(&whole, usual, form, uncut);
    assert_true(whole.facts.verified);
    form.context = whole.peer.context;
    for (size_t at = 1; at < whole.said; at++) {
        converse_in(&cut, whole.context, form, (struct cutting){.cut = at});
        check_equal_sessions(&whole, &cut, "a cut at", at);
        end(&cut);
    }
    for (size_t chunk = 1; chunk <= 7; chunk += 2) {
        converse_in(&cut, whole.context, form, (struct cutting){.chunk = chunk});
        check_equal_sessions(&whole, &cut, "chunks of", chunk);
        end(&cut);
    }
    end(&whole);
}

/* With an elliptic key, lest a thousand RSA signatures take their time. */
static void test_every_cut(void **state)
{
    struct credential own = credential_new(&(struct certificate_form){.key = KEY_P256}, &root);
    (void)state;
    check_cuts((struct tls_peer_form){.own = &own, .groups = "X25519"});
    check_cuts((struct tls_peer_form){.own = &own, .groups = "X25519", .greatest = TLS1_2_VERSION});
    credential_clear(&own);
}

static void test_much_to_send(void **state)
{
    (void)state;
    enum { SIZE = 1000 * 1000 };
    struct session session;
    struct buffer message = BUFFER_EMPTY;
    for (int i = 0; message.size < SIZE; i++)
        buffer_printf(&message, "line %d\r\n", i);
    converse(&session, usual, (struct tls_peer_form){0}, uncut);
    assert_int_equal(channel_send(session.channel, buffer_span(&message)), message.size);
    assert_int_equal(channel_send(session.channel, SPAN("")), 0);
    /* The network takes what it likes. */
    while (channel_outgoing(session.channel).size > 0) {
        struct span some = span_first(channel_outgoing(session.channel), 9999);
        BIO_write(session.peer.in, some.at, (int)some.size);
        channel_sent(session.channel, some.size);
    }
    tls_peer_converse(&session.peer, session.channel, uncut, &session.plain);
    assert_true(span_equal(buffer_span(&session.peer.heard), buffer_span(&message)));
    buffer_clear(&message);
    end(&session);
}

/* --- Whom we ask for --- */

static void check_sni(struct tls_settings settings, const char *host, const char *expected)
{
    struct session session;
    begin(&session, settings, host);
    if (expected)
        assert_string_equal(session.facts.sni, expected);
    else
        assert_null(session.facts.sni);
    struct span hello = channel_outgoing(session.channel);
    assert_int_equal(memmem(hello.at, hello.size, "example", 7) != NULL, expected != NULL);
    end(&session);
}

static void test_sni(void **state)
{
    (void)state;
    check_sni(usual, "mx.example.com", "mx.example.com");
    check_sni(usual, "mx.example.com.", "mx.example.com");
    check_sni((struct tls_settings){.use_sni = true, .sni = "other.example"}, "mx.example.com",
              "other.example");
    check_sni((struct tls_settings){.use_sni = true, .verify_target = "a.test"}, "mx.example.com",
              "mx.example.com");
    check_sni((struct tls_settings){.use_sni = false}, "mx.example.com", NULL);
    check_sni(usual, "192.0.2.1", NULL);
    check_sni(usual, "[IPv6:2001:db8::1]", NULL);
    check_sni(usual, "fe80::1%eth0", NULL);
    check_sni(usual, "", NULL);
}

/* --- What the user demands (INVARIANTS 7) --- */

static void check_demand(struct tls_settings settings, enum cause verdict)
{
    struct session session;
    converse(&session, settings, (struct tls_peer_form){.greeting = "220 hello\r\n"}, uncut);
    assert_true(session.facts.finished);
    assert_string_equal(cause_name(channel_user_verdict(session.channel)), cause_name(verdict));
    assert_int_equal(channel_satisfies_user(session.channel), verdict == CAUSE_OK);
    size_t taken = channel_send(session.channel, SPAN("EHLO client\r\n"));
    tls_peer_converse(&session.peer, session.channel, uncut, &session.plain);
    assert_int_equal(taken, verdict == CAUSE_OK ? 13 : 0);
    assert_string_equal(buffer_string(&session.peer.heard), verdict == CAUSE_OK ? "EHLO client\r\n" : "");
    assert_string_equal(buffer_string(&session.plain), verdict == CAUSE_OK ? "220 hello\r\n" : "");
    channel_close(session.channel);
    tls_peer_converse(&session.peer, session.channel, uncut, &session.plain);
    assert_int_equal(SSL_get_shutdown(session.peer.ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
    end(&session);
}

static void test_invariant_7_unproven_peer_gets_nothing(void **state)
{
    (void)state;
    check_demand((struct tls_settings){.verify_ca = true, .verify_host = true}, CAUSE_OK);
    check_demand((struct tls_settings){.verify_ca = true, .ca_path = client_file},
                 CAUSE_CERTIFICATE_CHAIN_INCOMPLETE);
    check_demand((struct tls_settings){.verify_host = true, .ca_path = client_file}, CAUSE_OK);
    check_demand((struct tls_settings){.ca_path = client_file}, CAUSE_OK);
    check_demand((struct tls_settings){.verify_host = true, .verify_target = "other.test"},
                 CAUSE_CERTIFICATE_HOST_MISMATCH);
    check_demand((struct tls_settings){.verify_ca = true, .verify_target = "other.test"}, CAUSE_OK);
    check_demand(
        (struct tls_settings){
            .verify_ca = true, .verify_host = true, .verify_target = "other.test", .ca_path = client_file},
        CAUSE_CERTIFICATE_CHAIN_INCOMPLETE);
}

static void test_anonymous_server_proves_nothing(void **state)
{
    (void)state;
    struct session session;
    struct tls_settings settings = {
        .versions = TLS_1_2, .ciphers = "ADH-AES128-SHA256:@SECLEVEL=0", .verify_host = true};
    converse(&session, settings, (struct tls_peer_form){.ciphers = "ADH-AES128-SHA256"}, uncut);
    assert_true(session.facts.finished);
    assert_false(session.facts.trust.was_taken || session.facts.verified);
    assert_int_equal(session.facts.verdict, CAUSE_VALIDATION_FAILURE);
    assert_int_equal(session.facts.security_level, 0);
    assert_non_null(strstr(session.facts.cipher_weakness, "anonymous"));
    assert_false(channel_satisfies_user(session.channel));
    assert_int_equal(channel_send(session.channel, SPAN("EHLO client\r\n")), 0);
    end(&session);
}

/* --- Old and weak --- */

static void test_old_version(void **state)
{
    (void)state;
    struct session session;
    struct tls_peer_form old = {.greatest = TLS1_VERSION};
    converse(&session, usual, old, uncut);
    check_handshake_failure(&session, CAUSE_TLS_NO_COMMON_VERSION, 70);
    end(&session);
    converse(&session, (struct tls_settings){.versions = TLS_1_0 | TLS_1_2}, old, uncut);
    assert_true(session.facts.finished);
    assert_string_equal(session.facts.version, "TLSv1");
    assert_string_equal(session.facts.offered_versions, "TLSv1 TLSv1.2");
    assert_int_equal(session.facts.security_level, 0);
    end(&session);
}

static void test_newer_server(void **state)
{
    (void)state;
    struct session session;
    converse(&session, (struct tls_settings){.versions = TLS_1_2},
             (struct tls_peer_form){.least = TLS1_3_VERSION}, uncut);
    check_handshake_failure(&session, CAUSE_TLS_NO_COMMON_VERSION, 70);
    end(&session);
}

static void test_version_that_the_server_chose(void **state)
{
    (void)state;
    struct session session;
    char hello[5 + 4 + 38 + 32] = "\x16\x03\x01\x00\x4a\x02\x00\x00\x46\x03\x01";
    hello[11 + 32] = 32; /* the session id, after 32 random octets */
    memcpy(hello + 11 + 33 + 32, "\x00\x2f\x00", 3);
    begin(&session, usual, "mx.example.com");
    hear(&session, span_of(hello, sizeof hello));
    check_handshake_failure(&session, CAUSE_TLS_NO_COMMON_VERSION, -1);
    assert_string_equal(session.facts.their_version, "TLSv1");
    end(&session);
}

static void test_no_common_cipher(void **state)
{
    (void)state;
    struct session session;
    struct tls_peer_form form = {.greatest = TLS1_2_VERSION, .ciphers = "AES256-SHA256", .own = &server};
    converse(&session, (struct tls_settings){.ciphers = "ECDHE-RSA-AES128-GCM-SHA256"}, form, uncut);
    check_handshake_failure(&session, CAUSE_TLS_NO_COMMON_CIPHER, 40);
    end(&session);
    form = (struct tls_peer_form){.suites = "TLS_AES_128_GCM_SHA256", .least = TLS1_3_VERSION};
    converse(&session, (struct tls_settings){.ciphers = "TLS_CHACHA20_POLY1305_SHA256"}, form, uncut);
    check_handshake_failure(&session, CAUSE_TLS_NO_COMMON_CIPHER, 40);
    end(&session);
}

static void test_suite_of_tls_1_3(void **state)
{
    (void)state;
    struct session session;
    converse(&session, (struct tls_settings){.ciphers = "AES128-SHA:TLS_CHACHA20_POLY1305_SHA256"},
             (struct tls_peer_form){0}, uncut);
    assert_string_equal(session.facts.cipher, "TLS_CHACHA20_POLY1305_SHA256");
    end(&session);
}

static void check_weakness(const char *cipher, enum key_kind key, const char *weakness)
{
    struct session session;
    char list[64];
    snprintf(list, sizeof list, "%s:@SECLEVEL=0", cipher);
    struct tls_peer_form form = {
        .greatest = TLS1_2_VERSION, .ciphers = cipher, .own = key == KEY_RSA_1024 ? &weak_server : &server};
    converse(&session, (struct tls_settings){.ciphers = list}, form, uncut);
    assert_true(session.facts.finished);
    assert_non_null(session.facts.cipher_weakness);
    assert_non_null(strstr(session.facts.cipher_weakness, weakness));
    end(&session);
}

static void test_weak_ciphers(void **state)
{
    (void)state;
    check_weakness("AES128-SHA256", KEY_RSA_2048, "no forward secrecy");
    check_weakness("NULL-SHA256", KEY_RSA_2048, "no encryption");
    check_weakness("DHE-RSA-AES128-SHA256", KEY_RSA_1024, "less than 2048 bits");
}

static void test_short_dh_is_refused(void **state)
{
    (void)state;
    struct session session;
    struct tls_peer_form form = {
        .greatest = TLS1_2_VERSION, .ciphers = "DHE-RSA-AES128-SHA256", .own = &weak_server};
    converse(&session, (struct tls_settings){.ciphers = "DHE-RSA-AES128-SHA256"}, form, uncut);
    check_handshake_failure(&session, CAUSE_TLS_CIPHER_WEAK, -1);
    assert_non_null(strstr(session.facts.detail, "Diffie-Hellman"));
    /* ... and the server is told why. */
    assert_true(session.peer.is_broken);
    end(&session);
}

/* --- Our own certificate --- */

static void check_client_certificate(int version, enum client_certificate_policy policy, bool have,
                                     bool trusted, enum cause cause, int alert)
{
    struct session session;
    struct tls_settings settings = {.certificate = have ? client_file : NULL, .key = have ? key_file : NULL};
    struct tls_peer_form form = {.greatest = version,
                                 .least = version,
                                 .client = policy,
                                 .client_authority = trusted ? root.certificate : NULL};
    bool late = version == TLS1_3_VERSION;
    converse(&session, settings, form, uncut);
    assert_int_equal(session.facts.client_certificate_requested, policy != CLIENT_NOT_ASKED);
    assert_int_equal(session.facts.client_certificate_sent, have && policy != CLIENT_NOT_ASKED);
    /* However it ends, the server's certificate was seen and judged. */
    assert_true(session.facts.trust.was_taken);
    assert_int_equal(session.facts.finished, cause == CAUSE_OK || late);
    if (cause != CAUSE_OK)
        check_failure(&session, cause, alert);
    else
        assert_int_equal(channel_state(session.channel), CHANNEL_OPEN);
    end(&session);
}

static void test_client_certificate(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 2; i++) {
        int v = versions[i];
        check_client_certificate(v, CLIENT_NOT_ASKED, true, true, CAUSE_OK, -1);
        check_client_certificate(v, CLIENT_ASKED, false, true, CAUSE_OK, -1);
        check_client_certificate(v, CLIENT_ASKED, true, true, CAUSE_OK, -1);
        check_client_certificate(v, CLIENT_REQUIRED, true, true, CAUSE_OK, -1);
        check_client_certificate(v, CLIENT_REQUIRED, false, true, CAUSE_CLIENT_CERTIFICATE_REQUIRED,
                                 v == TLS1_3_VERSION ? 116 : 40);
        check_client_certificate(v, CLIENT_REQUIRED, true, false, CAUSE_CLIENT_CERTIFICATE_REJECTED, 48);
    }
}

static void test_close_after_unanswered_request(void **state)
{
    (void)state;
    struct session session;
    converse(&session, usual, (struct tls_peer_form){.client = CLIENT_ASKED}, uncut);
    channel_peer_closed(session.channel, false, 3);
    check_failure(&session, CAUSE_CLIENT_CERTIFICATE_REQUIRED, -1);
    assert_true(session.facts.finished);
    end(&session);
    /* A server that has spoken did not miss the certificate. */
    converse(&session, usual, (struct tls_peer_form){.client = CLIENT_ASKED, .greeting = "220 hello\r\n"},
             uncut);
    channel_peer_closed(session.channel, false, 3);
    assert_int_equal(channel_state(session.channel), CHANNEL_CLOSED);
    assert_int_equal(session.facts.cause, CAUSE_OK);
    end(&session);
}

/* --- It breaks --- */

static void test_alerts(void **state)
{
    (void)state;
    static const struct {
        int alert;
        enum cause cause;
    } alerts[] = {
        {40, CAUSE_TLS_NO_COMMON_CIPHER},  {70, CAUSE_TLS_NO_COMMON_VERSION},
        {71, CAUSE_TLS_NO_COMMON_CIPHER},  {80, CAUSE_TLS_SERVER_FAULT},
        {112, CAUSE_TLS_HANDSHAKE_FAILED}, {116, CAUSE_CLIENT_CERTIFICATE_REQUIRED},
        {48, CAUSE_TLS_HANDSHAKE_FAILED},  {10, CAUSE_TLS_HANDSHAKE_FAILED},
        {250, CAUSE_TLS_HANDSHAKE_FAILED},
    };
    for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++) {
        struct session session;
        char record[7] = {0x15, 3, 3, 0, 2, 2, (char)alerts[i].alert};
        begin(&session, usual, "mx.example.com");
        hear(&session, span_of(record, sizeof record));
        check_handshake_failure(&session, alerts[i].cause, alerts[i].alert);
        assert_non_null(session.facts.detail);
        end(&session);
    }
}

static void check_not_spoken(struct span octets, size_t chunk)
{
    struct session session;
    begin(&session, usual, "mx.example.com");
    while (octets.size > 0 && channel_state(session.channel) == CHANNEL_HANDSHAKE) {
        hear(&session, span_first(octets, chunk));
        octets = span_skip(octets, chunk);
    }
    check_handshake_failure(&session, CAUSE_TLS_NOT_SPOKEN, -1);
    assert_true(session.facts.first.size > 0 && session.facts.first.size <= 64);
    if (chunk > 64)
        assert_int_equal(session.facts.first.at[0] == '2', session.facts.first.size > 3);
    assert_int_equal(session.plain.size, 0);
    end(&session);
}

static void test_no_tls(void **state)
{
    (void)state;
    static const struct span texts[] = {
        {"220 mx.example.com ESMTP\r\n", 26},
        {"220-mx.example.com a greeting that is rather longer than what is kept of it\r\n", 77},
        {"\n", 1},
        {"\0\0\0", 3},
        {"\x16S", 2},
        {"\x15\x02", 2},
        {"\x80\x0b", 2},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        check_not_spoken(texts[i], 1);
        check_not_spoken(texts[i], 1000);
    }
}

static void test_garbage_in_records(void **state)
{
    (void)state;
    struct session session;
    begin(&session, usual, "mx.example.com");
    hear(&session, SPAN("\x16\x03\x03\x00\x08garbage!"));
    check_handshake_failure(&session, CAUSE_TLS_HANDSHAKE_FAILED, -1);
    assert_non_null(session.facts.detail);
    assert_int_equal(hear(&session, SPAN("more")), CHANNEL_FAILED);
    end(&session);
}

/** All that a server says up to a point, and then the end of the connection. */
static void check_truncation(struct span octets, bool was_reset)
{
    struct session session;
    begin(&session, usual, "mx.example.com");
    if (octets.size > 0)
        hear(&session, octets);
    assert_int_equal(channel_state(session.channel), CHANNEL_HANDSHAKE);
    channel_peer_closed(session.channel, was_reset, 2);
    check_handshake_failure(&session, was_reset ? CAUSE_CONNECTION_RESET : CAUSE_CLOSED_BY_SERVER, -1);
    end(&session);
}

static void test_closed_in_handshake(void **state)
{
    (void)state;
    check_truncation(SPAN(""), false);
    check_truncation(SPAN(""), true);
    check_truncation(SPAN("\x16"), false);
    check_truncation(SPAN("\x16\x03\x03\x00\x7a\x02"), false);
}

static void test_patience(void **state)
{
    (void)state;
    struct session session;
    begin(&session, usual, "mx.example.com");
    channel_expired(session.channel, 2);
    check_handshake_failure(&session, CAUSE_REPLY_TIMEOUT, -1);
    end(&session);
    converse(&session, usual, (struct tls_peer_form){0}, uncut);
    channel_expired(session.channel, 3);
    assert_int_equal(channel_state(session.channel), CHANNEL_OPEN);
    end(&session);
}

static void test_record_that_was_tampered_with(void **state)
{
    (void)state;
    struct session session;
    converse(&session, usual, (struct tls_peer_form){0}, uncut);
    hear(&session, SPAN("\x17\x03\x03\x00\x20"
                        "0123456789abcdef0123456789abcdef"));
    check_failure(&session, CAUSE_TLS_HANDSHAKE_FAILED, -1);
    assert_true(session.facts.finished);
    assert_int_equal(session.plain.size, 0);
    end(&session);
}

/* --- It ends --- */

static void test_close_notify(void **state)
{
    (void)state;
    struct session session;
    converse(&session, usual, (struct tls_peer_form){0}, uncut);
    SSL_shutdown(session.peer.ssl);
    tls_peer_converse(&session.peer, session.channel, uncut, &session.plain);
    assert_int_equal(channel_state(session.channel), CHANNEL_CLOSED);
    assert_int_equal(session.facts.cause, CAUSE_OK);
    assert_int_equal(channel_send(session.channel, SPAN("QUIT\r\n")), 0);
    channel_close(session.channel);
    assert_true(channel_outgoing(session.channel).size > 0);
    end(&session);
}

static void test_close_in_handshake_says_nothing(void **state)
{
    (void)state;
    struct session session;
    begin(&session, usual, "mx.example.com");
    size_t hello = channel_outgoing(session.channel).size;
    channel_close(session.channel);
    assert_int_equal(channel_outgoing(session.channel).size, hello);
    end(&session);
}

static void test_renegotiation_is_refused(void **state)
{
    (void)state;
    struct session session;
    converse(&session, usual, (struct tls_peer_form){.greatest = TLS1_2_VERSION}, uncut);
    SSL_renegotiate(session.peer.ssl);
    SSL_do_handshake(session.peer.ssl);
    char *request = NULL;
    long size = BIO_get_mem_data(session.peer.out, &request);
    assert_true(size > 0);
    assert_int_equal(hear(&session, span_of(request, (size_t)size)), CHANNEL_OPEN);
    /* The answer is one alert. */
    struct span answer = channel_outgoing(session.channel);
    assert_true(answer.size > 5);
    assert_int_equal(answer.at[0], 0x15);
    assert_int_equal(answer.size, 5 + (unsigned char)answer.at[4]);
    end(&session);
}

/* --- Bounds (INVARIANTS 15) --- */

static void test_invariant_15_handshake_is_bounded(void **state)
{
    (void)state;
    /* Hello requests, which a client ignores (RFC 5246 7.4.1.1), without end. */
    enum { SIZE = 4096 };
    char record[5 + SIZE] = {0x16, 3, 3, SIZE >> 8, SIZE & 0xff};
    struct session session;
    size_t sent = 0;
    begin(&session, usual, "mx.example.com");
    while (channel_state(session.channel) == CHANNEL_HANDSHAKE && sent < 2 * TLS_HANDSHAKE_LIMIT) {
        hear(&session, span_of(record, sizeof record));
        sent += sizeof record;
    }
    check_handshake_failure(&session, CAUSE_TLS_HANDSHAKE_FAILED, -1);
    assert_true(sent >= TLS_HANDSHAKE_LIMIT && sent < TLS_HANDSHAKE_LIMIT + sizeof record);
    assert_string_equal(session.facts.detail, "the server's handshake is longer than we take");
    end(&session);
}

static void test_invariant_15_chain_is_bounded(void **state)
{
    (void)state;
    static char name[20000];
    memset(name, 'a', sizeof name);
    struct session session;
    struct credential large =
        credential_new(&(struct certificate_form){.raw_dns = {name, sizeof name}}, &root);
    struct tls_peer_form form = {.own = &large};
    for (size_t i = 0; i < 5; i++)
        form.chain[i] = large.certificate;
    converse(&session, usual, form, uncut);
    check_handshake_failure(&session, CAUSE_TLS_HANDSHAKE_FAILED, -1);
    assert_non_null(strstr(session.facts.detail, "longer than we take"));
    end(&session);
    form.chain[3] = NULL;
    converse(&session, usual, form, uncut);
    assert_true(session.facts.finished);
    assert_int_equal(session.facts.chain_count, 4);
    end(&session);
    credential_clear(&large);
}

/* --- What is told of a certificate --- */

static void test_certificate_facts(void **state)
{
    (void)state;
    struct session session;
    struct credential own = credential_new(
        &(struct certificate_form){.common_name = "Mail \"exchange\", 1\xc3\xbc",
                                   .until = 10,
                                   .san = "DNS:mx.example.com,IP:192.0.2.1,IP:2001:db8::1,DNS:b.example.com"},
        &root);
    converse(&session, usual, (struct tls_peer_form){.own = &own}, uncut);
    const struct tls_certificate *certificate = &session.facts.chain[0];
    assert_string_equal(certificate->subject.at, "CN=Mail \\\"exchange\\\"\\, 1\xc3\xbc");
    assert_string_equal(certificate->issuer.at, "CN=Root");
    assert_string_equal(certificate->common_name.at, "Mail \"exchange\", 1\xc3\xbc");
    assert_int_equal(certificate->dns_name_count, 2);
    assert_string_equal(certificate->dns_names[0].at, "mx.example.com");
    assert_string_equal(certificate->dns_names[1].at, "b.example.com");
    assert_int_equal(certificate->ip_address_count, 2);
    assert_string_equal(certificate->ip_addresses[0].at, "192.0.2.1");
    assert_string_equal(certificate->ip_addresses[1].at, "2001:db8::1");
    assert_true(certificate->days_left == 9 || certificate->days_left == 10);
    assert_int_equal(certificate->not_after - certificate->not_before, 11 * 86400);
    assert_string_equal(certificate->key_type, "EC P-256");
    assert_int_equal(certificate->key_bits, 256);
    assert_string_equal(certificate->signature, "ecdsa-with-SHA256");
    assert_int_equal(strlen(certificate->serial), 4);
    assert_int_equal(strspn(certificate->sha256, "0123456789abcdef"), 64);
    assert_int_equal(strspn(certificate->spki_sha256, "0123456789abcdef"), 64);
    assert_true(span_starts_with(certificate->pem, "-----BEGIN CERTIFICATE-----\n"));
    end(&session);
    credential_clear(&own);
}

static void test_days_left_are_rounded_down(void **state)
{
    (void)state;
    struct session session;
    struct credential own = credential_new(&(struct certificate_form){.from = -9, .until = -2}, &root);
    X509_gmtime_adj(X509_getm_notAfter(own.certificate), -3600);
    X509_sign(own.certificate, root.key, EVP_sha256());
    converse(&session, usual, (struct tls_peer_form){.own = &own}, uncut);
    assert_int_equal(session.facts.chain[0].days_left, -1);
    assert_int_equal(session.facts.verdict, CAUSE_CERTIFICATE_EXPIRED);
    end(&session);
    credential_clear(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls_1_3),
        cmocka_unit_test(test_tls_1_2),
        cmocka_unit_test(test_finite_field),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_much_to_send),
        cmocka_unit_test(test_sni),
        cmocka_unit_test(test_invariant_7_unproven_peer_gets_nothing),
        cmocka_unit_test(test_anonymous_server_proves_nothing),
        cmocka_unit_test(test_old_version),
        cmocka_unit_test(test_newer_server),
        cmocka_unit_test(test_version_that_the_server_chose),
        cmocka_unit_test(test_no_common_cipher),
        cmocka_unit_test(test_suite_of_tls_1_3),
        cmocka_unit_test(test_weak_ciphers),
        cmocka_unit_test(test_short_dh_is_refused),
        cmocka_unit_test(test_client_certificate),
        cmocka_unit_test(test_close_after_unanswered_request),
        cmocka_unit_test(test_alerts),
        cmocka_unit_test(test_no_tls),
        cmocka_unit_test(test_garbage_in_records),
        cmocka_unit_test(test_closed_in_handshake),
        cmocka_unit_test(test_patience),
        cmocka_unit_test(test_record_that_was_tampered_with),
        cmocka_unit_test(test_close_notify),
        cmocka_unit_test(test_close_in_handshake_says_nothing),
        cmocka_unit_test(test_renegotiation_is_refused),
        cmocka_unit_test(test_invariant_15_handshake_is_bounded),
        cmocka_unit_test(test_invariant_15_chain_is_bounded),
        cmocka_unit_test(test_certificate_facts),
        cmocka_unit_test(test_days_left_are_rounded_down),
    };
    return cmocka_run_group_tests_name("channel", tests, set_up, tear_down);
}
