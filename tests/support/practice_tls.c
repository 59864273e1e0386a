#include "practice_tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdbool.h>
#include <string.h>

#define GOOD_NAMES "DNS:mx1.example.com,DNS:mx2.example.com,DNS:localhost,IP:127.0.0.1"

struct kind {
    const char *name;
    const char *alternative_names; /* NULL: the common name alone */
    const char *purpose;
    int first_day, last_day; /* from today */
    bool is_self_signed;
    bool lacks_intermediate; /* which the server then does not send */
};

static const struct kind kinds[] = {
    {"good", GOOD_NAMES, "serverAuth", -1, 60, false, false},
    {"expired", GOOD_NAMES, "serverAuth", -60, -5, false, false},
    {"not-yet-valid", GOOD_NAMES, "serverAuth", 5, 60, false, false},
    {"expires-soon", GOOD_NAMES, "serverAuth", -60, 3, false, false},
    {"other-name", "DNS:mail.example.net", "serverAuth", -1, 60, false, false},
    {"common-name-only", NULL, "serverAuth", -1, 60, false, false},
    {"partial-wildcard", "DNS:mx*.example.com", "serverAuth", -1, 60, false, false},
    {"client-only", GOOD_NAMES, "clientAuth", -1, 60, false, false},
    {"self-signed", GOOD_NAMES, "serverAuth", -1, 60, true, false},
    {"no-intermediate", GOOD_NAMES, "serverAuth", -1, 60, false, true},
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

/** A certificate and its key. */
struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

static void identity_clear(struct identity *identity)
{
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
}

static bool add_extension(X509 *certificate, X509V3_CTX *context, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
    bool is_added = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return is_added;
}

static bool set_name(X509 *certificate, const char *name)
{
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                      (const unsigned char *)name, -1, -1, 0);
}

static bool set_dates(X509 *certificate, int first_day, int last_day)
{
    return X509_time_adj_ex(X509_getm_notBefore(certificate), first_day, 0, NULL) &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), last_day, 0, NULL);
}

/** Version 3, serial number, name, key, issuer: what all certificates have. */
static bool identity_begin(struct identity *identity, const char *name, const struct identity *issuer)
{
    static long serial = 1000;
    X509 *certificate = identity->certificate = X509_new();
    identity->key = EVP_EC_gen("P-256");
    if (!certificate || !identity->key)
        return false;
    const X509 *above = issuer ? issuer->certificate : certificate;
    return X509_set_version(certificate, X509_VERSION_3) &&
           ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial) && set_name(certificate, name) &&
           X509_set_issuer_name(certificate, X509_get_subject_name(above)) &&
           X509_set_pubkey(certificate, identity->key);
}

static bool identity_sign(struct identity *identity, const struct identity *issuer)
{
    return X509_sign(identity->certificate, issuer ? issuer->key : identity->key, EVP_sha256()) > 0;
}

static bool make_authority(struct identity *authority, const char *name, const struct identity *issuer)
{
    if (!identity_begin(authority, name, issuer))
        return false;
    X509 *certificate = authority->certificate;
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer ? issuer->certificate : certificate, certificate, NULL, NULL, 0);
    return set_dates(certificate, -365, 365) &&
           add_extension(certificate, &context, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(certificate, &context, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           add_extension(certificate, &context, NID_subject_key_identifier, "hash") &&
           add_extension(certificate, &context, NID_authority_key_identifier, "keyid") &&
           identity_sign(authority, issuer);
}

static bool make_server(struct identity *server, const struct kind *kind, const struct identity *issuer)
{
    if (kind->is_self_signed)
        issuer = NULL;
    if (!identity_begin(server, "mx1.example.com", issuer))
        return false;
    X509 *certificate = server->certificate;
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer ? issuer->certificate : certificate, certificate, NULL, NULL, 0);
    return set_dates(certificate, kind->first_day, kind->last_day) &&
           add_extension(certificate, &context, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, &context, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, &context, NID_ext_key_usage, kind->purpose) &&
           (!kind->alternative_names ||
            add_extension(certificate, &context, NID_subject_alt_name, kind->alternative_names)) &&
           add_extension(certificate, &context, NID_subject_key_identifier, "hash") &&
           (!issuer || add_extension(certificate, &context, NID_authority_key_identifier, "keyid")) &&
           identity_sign(server, issuer);
}

static bool write_certificate(const char *file, X509 *certificate)
{
    FILE *stream = fopen(file, "w");
    if (!stream)
        return false;
    bool is_written = PEM_write_X509(stream, certificate);
    return fclose(stream) == 0 && is_written;
}

static SSL_CTX *make_context(const struct kind *kind, const struct identity *server, X509 *intermediate)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context && SSL_CTX_use_certificate(context, server->certificate) &&
        SSL_CTX_use_PrivateKey(context, server->key) &&
        (kind->is_self_signed || kind->lacks_intermediate || SSL_CTX_add1_chain_cert(context, intermediate)))
        return context;
    SSL_CTX_free(context);
    return NULL;
}

static const struct kind *find_kind(const char *name)
{
    for (unsigned i = 0; i < KIND_COUNT; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

SSL_CTX *practice_tls_new(const char *name, const char *ca_file)
{
    const struct kind *kind = find_kind(name);
    struct identity root = {0}, intermediate = {0}, server = {0};
    SSL_CTX *context = NULL;
    if (kind && make_authority(&root, "Practice Root CA", NULL) &&
        make_authority(&intermediate, "Practice Issuing CA", &root) &&
        make_server(&server, kind, &intermediate) &&
        (!ca_file || write_certificate(ca_file, root.certificate)))
        context = make_context(kind, &server, intermediate.certificate);
    identity_clear(&server);
    identity_clear(&intermediate);
    identity_clear(&root);
    return context;
}

void practice_tls_print_kinds(void)
{
    for (unsigned i = 0; i < KIND_COUNT; i++)
        printf(" %s", kinds[i].name);
    printf("\n");
}
