/** A TLS server in memory, to be set against a channel. */
#ifndef TLS_PEER_H
#define TLS_PEER_H

#include "authority.h"
#include "base/buffer.h"
#include "tls/channel.h"

#include <openssl/ssl.h>

enum client_certificate_policy { CLIENT_NOT_ASKED, CLIENT_ASKED, CLIENT_REQUIRED };

/** Zero is the usual for each member. */
struct tls_peer_form {
    const struct credential *own; /* NULL: none, for anonymous ciphers */
    X509 *chain[8];               /* sent after it */
    int least, greatest;          /* versions, as in OpenSSL */
    const char *ciphers;          /* up to TLS 1.2 */
    const char *suites;           /* of TLS 1.3 */
    const char *groups;
    enum client_certificate_policy client;
    X509 *client_authority;
    const char *greeting; /* said as soon as the handshake is done */
    SSL_CTX *context;     /* of an earlier peer, which has all of the above but the greeting */
};

struct tls_peer {
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out;
    const char *greeting;
    bool is_broken;      /* its handshake failed */
    struct buffer heard; /* plain octets of the client */
};

void tls_peer_init(struct tls_peer *, const struct tls_peer_form *);
void tls_peer_clear(struct tls_peer *);

/** How the server's octets are cut on their way to the client. */
struct cutting {
    size_t chunk; /* 0: not at all */
    size_t cut;   /* at this octet of all that the server says; 0: nowhere */
};

/** Lets both talk until neither has anything to say. @return how many octets the server sent */
size_t tls_peer_converse(struct tls_peer *, struct channel *, struct cutting, struct buffer *plain);

#endif
