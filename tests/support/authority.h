/** Certificates made up by tests, good ones and bad ones. */
#ifndef AUTHORITY_H
#define AUTHORITY_H

#include "base/span.h"

#include <openssl/x509.h>

enum key_kind { KEY_P256, KEY_P192, KEY_RSA_2048, KEY_RSA_1024, KEY_ED25519 };

/** What a certificate says; zero is the usual for each member. */
struct certificate_form {
    const char *common_name; /* NULL: "test" */
    const char *san;         /* "DNS:a,IP:b", as in openssl.cnf; NULL: "DNS:mx.example.com"; "": none */
    struct span raw_dns;     /* a dNSName with these octets instead */
    const char *usage;       /* extendedKeyUsage; NULL: "serverAuth"; "": none */
    const char *constraints; /* basicConstraints; NULL: "CA:FALSE" */
    const char *limits;      /* nameConstraints */
    const char *access;      /* authorityInfoAccess */
    int from, until;         /* days from now; 0: -1 and 90 */
    enum key_kind key;
    bool sha1; /* its signature */
};

struct credential {
    X509 *certificate;
    EVP_PKEY *key;
};

/** @param issuer NULL: signed by itself */
struct credential credential_new(const struct certificate_form *, const struct credential *issuer);
void credential_clear(struct credential *);

/** Writes PEM files; an empty passphrase is none. */
void credential_save_certificate(const struct credential *, const char *path);
void credential_save_key(const struct credential *, const char *path, const char *passphrase);

#endif
