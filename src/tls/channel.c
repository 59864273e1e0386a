#include "tls/internal.h"

#include "base/memory.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <limits.h>
#include <stdlib.h>

enum { FIRST_LIMIT = 64, READ_SIZE = 4096, JUDGING_LEVEL = 2 };

struct channel {
    struct tls_context *context;
    SSL *ssl;      /* owns both BIOs */
    BIO *incoming; /* cipher octets from the network */
    BIO *outgoing; /* for the network */
    struct tls_facts *facts;
    struct arena *arena;
    enum channel_state state;
    size_t received; /* cipher octets of the handshake */
    char first[FIRST_LIMIT];
    bool server_hello_seen;
    bool own_certificate_due; /* our answer to the server's request has left */
    bool plain_seen;
};

/* --- How it ends --- */

static enum channel_state end_handshake(struct channel *channel, enum channel_state state, instant now)
{
    channel->state = state;
    channel->facts->ended = now;
    return state;
}

static enum channel_state fail(struct channel *channel, enum cause cause, const char *detail, instant now)
{
    channel->facts->cause = cause;
    channel->facts->detail = detail;
    if (channel->state == CHANNEL_HANDSHAKE)
        channel->facts->ended = now;
    return channel->state = CHANNEL_FAILED;
}

/** What the server chose stands in its hello at a fixed place (RFC 8446 4.1.3), if that came in one piece. */
static const char *version_of_hello(const char *octets, size_t size)
{
    static const char *const names[] = {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"};
    if (size < 11 || octets[0] != 0x16 || octets[5] != 0x02 || octets[9] != 0x03)
        return NULL;
    return octets[10] >= 0 && octets[10] < 4 ? names[(int)octets[10]] : NULL;
}

static enum channel_state fail_by_library(struct channel *channel, instant now)
{
    struct tls_facts *facts = channel->facts;
    failure_explain(ERR_peek_error(), channel->server_hello_seen, facts);
    ERR_clear_error();
    if (facts->cause == CAUSE_TLS_NO_COMMON_VERSION)
        facts->their_version = version_of_hello(
            channel->first, channel->received < FIRST_LIMIT ? channel->received : FIRST_LIMIT);
    return fail(channel, facts->cause, facts->detail, now);
}

/** The server asked for a certificate, got none, and now it has closed without a word. */
static bool wanted_certificate(const struct channel *channel)
{
    return channel->own_certificate_due && !channel->facts->client_certificate_sent && !channel->plain_seen;
}

/** The end that the server made, with close_notify or without. */
static enum channel_state closed_by_server(struct channel *channel, bool was_reset, instant now)
{
    if (wanted_certificate(channel))
        return fail(channel, CAUSE_CLIENT_CERTIFICATE_REQUIRED,
                    "the server asked for a client certificate, got none, and closed", now);
    if (channel->state == CHANNEL_HANDSHAKE)
        return fail(channel, was_reset ? CAUSE_CONNECTION_RESET : CAUSE_CLOSED_BY_SERVER, NULL, now);
    return channel->state = CHANNEL_CLOSED;
}

/* --- What the library tells on the way --- */

enum { COMPRESSED_CERTIFICATE = 25 }; /* RFC 8879; OpenSSL 3.2 and newer */

/**
 * Whether a Certificate message has a certificate. Without, the 4 octets of its header are followed by empty
 * lists of 3 octets (TLS 1.2, RFC 5246 7.4.6) or of 1 and 3 (TLS 1.3, RFC 8446 4.4.2).
 */
static bool has_certificate(const unsigned char *octets, size_t size)
{
    enum { HEADER = 4, EMPTY_LISTS = 4 };
    if (*octets != COMPRESSED_CERTIFICATE)
        return size > HEADER + EMPTY_LISTS;
    /* the algorithm in 2 octets, the size as it was in 3, and then the compressed lists (RFC 8879 4) */
    return size >= HEADER + 5 && (octets[6] << 16 | octets[7] << 8 | octets[8]) > EMPTY_LISTS;
}

static void note_message(int is_ours, int version, int type, const void *octets, size_t size, SSL *ssl,
                         void *context)
{
    (void)version, (void)ssl;
    struct channel *channel = context;
    if (type != SSL3_RT_HANDSHAKE || size == 0)
        return;
    int kind = *(const unsigned char *)octets;
    if (!is_ours && kind == SSL3_MT_SERVER_HELLO)
        channel->server_hello_seen = true;
    if (!is_ours && kind == SSL3_MT_CERTIFICATE_REQUEST)
        channel->facts->client_certificate_requested = true;
    if (is_ours && (kind == SSL3_MT_CERTIFICATE || kind == COMPRESSED_CERTIFICATE)) {
        channel->own_certificate_due = true;
        channel->facts->client_certificate_sent = has_certificate(octets, size);
    }
}

/**
 * Takes the place of the library's verification, which would end the handshake:
 * whatever the certificate is like, the session comes about and can be shown;
 * what it may be used for is decided by channel_satisfies_user().
 */
static int judge(X509_STORE_CTX *store, void *context)
{
    (void)context;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct channel *channel = SSL_get_app_data(ssl);
    int level = SSL_get_security_level(ssl);
    trust_judge(store, channel->context, level > JUDGING_LEVEL ? level : JUDGING_LEVEL, channel->arena,
                channel->facts);
    ERR_clear_error();
    return 1;
}

/* --- Facts of the session --- */

/** NIDs of groups that only a provider knows (such as X25519MLKEM768) have this bit, and no OBJ_ name. */
enum { NID_OF_PROVIDER = 0x1000000 };

static const char *describe_group(SSL *ssl, struct arena *arena)
{
    int nid = (int)SSL_get_negotiated_group(ssl);
    const char *name = NULL;
    if (nid & NID_OF_PROVIDER)
        name = SSL_group_to_name(ssl, nid);
    else if (nid != NID_undef)
        name = EC_curve_nid2nist(nid) ? EC_curve_nid2nist(nid) : OBJ_nid2sn(nid);
    return name ? arena_copy_string(arena, name) : NULL;
}

/** Finite-field Diffie-Hellman of TLS 1.2, where the server makes up the group. */
static int dh_bits(SSL *ssl)
{
    EVP_PKEY *key = NULL;
    int bits = 0;
    if (SSL_get_peer_tmp_key(ssl, &key) == 1 && EVP_PKEY_get_base_id(key) == EVP_PKEY_DH)
        bits = EVP_PKEY_get_bits(key);
    EVP_PKEY_free(key);
    return bits;
}

static bool has_forward_secrecy(const SSL_CIPHER *cipher)
{
    int exchange = SSL_CIPHER_get_kx_nid(cipher);
    return exchange == NID_kx_any || exchange == NID_kx_ecdhe || exchange == NID_kx_dhe;
}

/** RFC 9325 4.1 and 4.2. */
static const char *cipher_weakness(const SSL_CIPHER *cipher, int dh)
{
    int kind = SSL_CIPHER_get_cipher_nid(cipher);
    if (kind == NID_undef)
        return "no encryption";
    if (SSL_CIPHER_get_auth_nid(cipher) == NID_auth_null)
        return "anonymous: nothing proves who the server is";
    if (kind == NID_rc4)
        return "RC4, which is broken";
    if (SSL_CIPHER_get_bits(cipher, NULL) < 112 || kind == NID_des_ede3_cbc)
        return "fewer than 112 bits of strength, or blocks of 64 bits";
    if (!has_forward_secrecy(cipher))
        return "no forward secrecy";
    return dh > 0 && dh < 2048 ? "a Diffie-Hellman key of less than 2048 bits" : NULL;
}

static void describe_session(struct channel *channel)
{
    struct tls_facts *facts = channel->facts;
    const SSL_CIPHER *cipher = SSL_get_current_cipher(channel->ssl);
    int dh = dh_bits(channel->ssl);
    facts->version = SSL_get_version(channel->ssl);
    facts->cipher = SSL_CIPHER_get_name(cipher);
    facts->cipher_bits = SSL_CIPHER_get_bits(cipher, NULL);
    facts->cipher_weakness = cipher_weakness(cipher, dh);
    facts->group = describe_group(channel->ssl, channel->arena);
    if (!facts->group && dh > 0)
        facts->group = arena_printf(channel->arena, "DH %d", dh);
    if (!facts->trust.was_taken) /* an anonymous cipher: there is no certificate */
        facts->verdict = trust_first_fault(facts, true, true);
}

/* --- Life --- */

static const char *offered_versions(SSL *ssl, struct arena *arena)
{
    static const struct {
        int version;
        uint64_t off;
        const char *name;
    } versions[] = {
        {TLS1_VERSION, SSL_OP_NO_TLSv1, "TLSv1"},
        {TLS1_1_VERSION, SSL_OP_NO_TLSv1_1, "TLSv1.1"},
        {TLS1_2_VERSION, SSL_OP_NO_TLSv1_2, "TLSv1.2"},
        {TLS1_3_VERSION, SSL_OP_NO_TLSv1_3, "TLSv1.3"},
    };
    const char *list = "";
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (versions[i].version >= SSL_get_min_proto_version(ssl) &&
            versions[i].version <= SSL_get_max_proto_version(ssl) &&
            !(SSL_get_options(ssl) & versions[i].off))
            list = arena_printf(arena, "%s%s%s", list, *list ? " " : "", versions[i].name);
    return list;
}

/** SNI is for names only, without the root's dot (RFC 6066 3). */
static void name_server(struct channel *channel, const char *host)
{
    const struct tls_settings *settings = &channel->context->settings;
    const char *wanted = settings->sni ? settings->sni : host;
    struct span plain = span_of_string(wanted);
    char address[46];
    if (plain.size > 0 && plain.at[plain.size - 1] == '.')
        plain.size--;
    if (!settings->use_sni || plain.size == 0 || reference_is_address(wanted, address))
        return;
    char *name = arena_printf(channel->arena, "%.*s", SPAN_ARGS(plain));
    if (SSL_set_tlsext_host_name(channel->ssl, name))
        channel->facts->sni = name;
}

static bool set_up(struct channel *channel)
{
    channel->ssl = SSL_new(channel->context->ssl);
    channel->incoming = BIO_new(BIO_s_mem());
    channel->outgoing = BIO_new(BIO_s_mem());
    if (!channel->ssl || !channel->incoming || !channel->outgoing) {
        BIO_free(channel->incoming);
        BIO_free(channel->outgoing);
        channel->incoming = channel->outgoing = NULL;
        return false;
    }
    SSL_set_bio(channel->ssl, channel->incoming, channel->outgoing);
    SSL_set_app_data(channel->ssl, channel);
    SSL_set_msg_callback(channel->ssl, note_message);
    SSL_set_msg_callback_arg(channel->ssl, channel);
    SSL_set_connect_state(channel->ssl);
    return true;
}

static enum channel_state shake_hands(struct channel *channel, instant now)
{
    ERR_clear_error();
    int result = SSL_do_handshake(channel->ssl);
    if (result == 1) {
        describe_session(channel);
        channel->facts->finished = true;
        return end_handshake(channel, CHANNEL_OPEN, now);
    }
    switch (SSL_get_error(channel->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return CHANNEL_HANDSHAKE;
    case SSL_ERROR_ZERO_RETURN:
        return closed_by_server(channel, false, now);
    default:
        return fail_by_library(channel, now);
    }
}

struct channel *channel_new(struct tls_context *context, const char *host, struct tls_facts *facts,
                            struct arena *arena, instant now)
{
    struct channel *channel = memory_allocate(sizeof *channel);
    const char *reference = context->settings.verify_target ? context->settings.verify_target : host;
    *channel = (struct channel){.context = context, .facts = facts, .arena = arena};
    *facts = (struct tls_facts){.alert = -1, .began = now};
    facts->reference = arena_copy_string(arena, reference);
    if (!set_up(channel)) {
        fail(channel, CAUSE_TLS_HANDSHAKE_FAILED, failure_library_reason(), now);
        return channel;
    }
    facts->security_level = SSL_get_security_level(channel->ssl);
    facts->offered_versions = offered_versions(channel->ssl, arena);
    facts->offered_ciphers = context->settings.ciphers
                                 ? context->settings.ciphers
                                 : arena_printf(arena, "DEFAULT@SECLEVEL=%d", facts->security_level);
    name_server(channel, host);
    shake_hands(channel, now);
    return channel;
}

void channel_free(struct channel *channel)
{
    if (!channel)
        return;
    SSL_free(channel->ssl);
    free(channel);
}

enum channel_state channel_state(const struct channel *channel)
{
    return channel->state;
}

/* --- Octets --- */

/** Keeps the first octets. @return whether they can be a TLS record: alert or handshake, version 3.x. */
static bool begins_like_tls(struct channel *channel, struct span cipher)
{
    if (channel->received < FIRST_LIMIT)
        memcpy(channel->first + channel->received, cipher.at,
               span_first(cipher, FIRST_LIMIT - channel->received).size);
    size_t size = channel->received + cipher.size;
    bool is_record = channel->first[0] == SSL3_RT_ALERT || channel->first[0] == SSL3_RT_HANDSHAKE;
    return is_record && (size < 2 || channel->first[1] == SSL3_VERSION_MAJOR);
}

static enum channel_state not_tls(struct channel *channel, size_t size, instant now)
{
    channel->facts->first =
        arena_copy(channel->arena, span_first(span_of(channel->first, size), FIRST_LIMIT));
    return fail(channel, CAUSE_TLS_NOT_SPOKEN, "what came is no TLS record", now);
}

static enum channel_state receive_handshake(struct channel *channel, struct span *cipher, instant now)
{
    struct span taken = span_first(*cipher, TLS_HANDSHAKE_LIMIT - channel->received);
    if (taken.size == 0)
        return fail(channel, CAUSE_TLS_HANDSHAKE_FAILED, "the server's handshake is longer than we take",
                    now);
    if (!begins_like_tls(channel, taken))
        return not_tls(channel, channel->received + taken.size, now);
    channel->received += taken.size;
    *cipher = span_skip(*cipher, taken.size);
    BIO_write(channel->incoming, taken.at, (int)taken.size);
    return shake_hands(channel, now);
}

/** What an unproven server says is not even looked at where the user demands proof. */
static void keep_plain(struct channel *channel, struct buffer *plain, size_t size)
{
    channel->plain_seen = true;
    buffer_grown(plain, channel_satisfies_user(channel) ? size : 0);
}

static enum channel_state read_plain(struct channel *channel, struct buffer *plain, instant now)
{
    for (;;) {
        size_t size = 0;
        ERR_clear_error();
        int result = SSL_read_ex(channel->ssl, buffer_room(plain, READ_SIZE), READ_SIZE, &size);
        if (result == 1) {
            keep_plain(channel, plain, size);
            continue;
        }
        switch (SSL_get_error(channel->ssl, result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return channel->state;
        case SSL_ERROR_ZERO_RETURN:
            return closed_by_server(channel, false, now);
        default:
            return fail_by_library(channel, now);
        }
    }
}

enum channel_state channel_receive(struct channel *channel, struct span cipher, struct buffer *plain,
                                   instant now)
{
    while (channel->state == CHANNEL_HANDSHAKE && cipher.size > 0)
        receive_handshake(channel, &cipher, now);
    while (channel->state == CHANNEL_OPEN && cipher.size > 0) {
        struct span taken = span_first(cipher, INT_MAX);
        BIO_write(channel->incoming, taken.at, (int)taken.size);
        cipher = span_skip(cipher, taken.size);
    }
    return channel->state == CHANNEL_OPEN ? read_plain(channel, plain, now) : channel->state;
}

void channel_peer_closed(struct channel *channel, bool was_reset, instant now)
{
    if (channel->state == CHANNEL_HANDSHAKE || channel->state == CHANNEL_OPEN)
        closed_by_server(channel, was_reset, now);
}

void channel_expired(struct channel *channel, instant now)
{
    if (channel->state == CHANNEL_HANDSHAKE)
        fail(channel, CAUSE_REPLY_TIMEOUT, NULL, now);
}

size_t channel_send(struct channel *channel, struct span plain)
{
    size_t size = 0;
    if (channel->state != CHANNEL_OPEN || plain.size == 0 || !channel_satisfies_user(channel))
        return 0;
    ERR_clear_error();
    /* Memory is never full: all or nothing. */
    if (!SSL_write_ex(channel->ssl, plain.at, plain.size, &size)) {
        fail_by_library(channel, NEVER);
        return 0;
    }
    return size;
}

void channel_close(struct channel *channel)
{
    if (channel->state != CHANNEL_OPEN && channel->state != CHANNEL_CLOSED)
        return;
    ERR_clear_error();
    SSL_shutdown(channel->ssl);
    ERR_clear_error();
}

struct span channel_outgoing(struct channel *channel)
{
    char *data = NULL;
    long size = channel->outgoing ? BIO_get_mem_data(channel->outgoing, &data) : 0;
    return span_of(data, size > 0 ? (size_t)size : 0);
}

void channel_sent(struct channel *channel, size_t octets)
{
    char sent[READ_SIZE];
    while (octets > 0) {
        int count = BIO_read(channel->outgoing, sent, (int)(octets < sizeof sent ? octets : sizeof sent));
        if (count <= 0)
            return;
        octets -= (size_t)count;
    }
}

/* --- What the user asked for --- */

enum cause channel_user_verdict(const struct channel *channel)
{
    const struct tls_settings *settings = &channel->context->settings;
    return trust_first_fault(channel->facts, settings->verify_ca, settings->verify_host);
}

bool channel_satisfies_user(const struct channel *channel)
{
    return channel_user_verdict(channel) == CAUSE_OK;
}

void channel_prepare(SSL_CTX *ssl)
{
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(ssl, judge, NULL);
}
