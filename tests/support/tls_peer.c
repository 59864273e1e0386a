#include "tls_peer.h"

#include <assert.h>
#include <openssl/err.h>
#include <stdio.h>

static int accept_any(int ok, X509_STORE_CTX *store)
{
    (void)store;
    return ok;
}

static void apply(SSL_CTX *context, const struct tls_peer_form *form)
{
    /* As lax as can be: what is refused is to be refused by the client. */
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, form->least ? form->least : TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, form->greatest);
    SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_dh_auto(context, 1);
    if (form->own) {
        SSL_CTX_use_certificate(context, form->own->certificate);
        SSL_CTX_use_PrivateKey(context, form->own->key);
    }
    for (size_t i = 0; i < sizeof form->chain / sizeof *form->chain && form->chain[i]; i++)
        SSL_CTX_add1_chain_cert(context, form->chain[i]);
    if (form->ciphers)
        SSL_CTX_set_cipher_list(context, form->ciphers);
    if (form->suites)
        SSL_CTX_set_ciphersuites(context, form->suites);
    if (form->groups) {
        char groups[64];
        snprintf(groups, sizeof groups, "%s", form->groups);
        SSL_CTX_set1_groups_list(context, groups);
    }
    if (form->client != CLIENT_NOT_ASKED)
        SSL_CTX_set_verify(context,
                           form->client == CLIENT_REQUIRED ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                                                           : SSL_VERIFY_PEER,
                           accept_any);
    if (form->client_authority)
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), form->client_authority);
}

void tls_peer_init(struct tls_peer *peer, const struct tls_peer_form *form)
{
    *peer = (struct tls_peer){.context = form->context, .greeting = form->greeting};
    if (peer->context) {
        SSL_CTX_up_ref(peer->context);
    } else {
        peer->context = SSL_CTX_new(TLS_server_method());
        apply(peer->context, form);
    }
    ERR_clear_error();
    peer->ssl = SSL_new(peer->context);
    peer->in = BIO_new(BIO_s_mem());
    peer->out = BIO_new(BIO_s_mem());
    SSL_set_bio(peer->ssl, peer->in, peer->out);
    SSL_set_accept_state(peer->ssl);
}

void tls_peer_clear(struct tls_peer *peer)
{
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->context);
    buffer_clear(&peer->heard);
}

static void serve(struct tls_peer *peer)
{
    char octets[4096];
    ERR_clear_error();
    if (peer->is_broken)
        return;
    if (!SSL_is_init_finished(peer->ssl)) {
        int result = SSL_do_handshake(peer->ssl);
        peer->is_broken = result != 1 && SSL_get_error(peer->ssl, result) != SSL_ERROR_WANT_READ;
        if (result != 1)
            return;
    }
    if (peer->greeting) {
        SSL_write(peer->ssl, peer->greeting, (int)strlen(peer->greeting));
        peer->greeting = NULL;
    }
    for (int count; (count = SSL_read(peer->ssl, octets, sizeof octets)) > 0;)
        buffer_add(&peer->heard, span_of(octets, (size_t)count));
    ERR_clear_error();
}

static void deliver(struct channel *channel, struct span octets, struct cutting cutting, size_t *said,
                    struct buffer *plain)
{
    while (octets.size > 0) {
        size_t size = cutting.chunk ? cutting.chunk : octets.size;
        if (cutting.cut > *said && cutting.cut - *said < size)
            size = cutting.cut - *said;
        struct span chunk = span_first(octets, size);
        channel_receive(channel, chunk, plain, 2);
        *said += chunk.size;
        octets = span_skip(octets, chunk.size);
    }
}

size_t tls_peer_converse(struct tls_peer *peer, struct channel *channel, struct cutting cutting,
                         struct buffer *plain)
{
    size_t said = 0;
    for (bool busy = true; busy;) {
        struct span ours = channel_outgoing(channel);
        busy = ours.size > 0;
        if (ours.size > 0) {
            BIO_write(peer->in, ours.at, (int)ours.size);
            channel_sent(channel, ours.size);
        }
        serve(peer);
        char *data = NULL;
        long size = BIO_get_mem_data(peer->out, &data);
        if (size > 0) {
            busy = true;
            struct buffer copy = BUFFER_EMPTY;
            buffer_add(&copy, span_of(data, (size_t)size));
            int reset = BIO_reset(peer->out);
            assert(reset == 1);
            (void)reset;
            deliver(channel, buffer_span(&copy), cutting, &said, plain);
            buffer_clear(&copy);
        }
    }
    return said;
}
