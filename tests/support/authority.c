#include "authority.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static void add_extension(X509 *x509, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&context);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert(extension);
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
}

static void add_raw_dns(X509 *x509, struct span octets)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *string = ASN1_IA5STRING_new();
    ASN1_STRING_set(string, octets.at, (int)octets.size);
    GENERAL_NAME_set0_value(name, GEN_DNS, string);
    sk_GENERAL_NAME_push(names, name);
    X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 0, 0);
    GENERAL_NAMES_free(names);
}

static EVP_PKEY *new_key(enum key_kind kind)
{
    switch (kind) {
    case KEY_P192:
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-192");
    case KEY_RSA_2048:
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    case KEY_RSA_1024:
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    case KEY_ED25519:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    case KEY_P256:
        break;
    }
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

static void add_extensions(X509 *x509, const struct certificate_form *form)
{
    add_extension(x509, NID_basic_constraints, form->constraints ? form->constraints : "CA:FALSE");
    if (form->raw_dns.size > 0)
        add_raw_dns(x509, form->raw_dns);
    else if (!form->san || *form->san)
        add_extension(x509, NID_subject_alt_name, form->san ? form->san : "DNS:mx.example.com");
    if (!form->usage || *form->usage)
        add_extension(x509, NID_ext_key_usage, form->usage ? form->usage : "serverAuth");
    if (form->limits)
        add_extension(x509, NID_name_constraints, form->limits);
    if (form->access)
        add_extension(x509, NID_info_access, form->access);
}

static const EVP_MD *digest_for(const EVP_PKEY *key, bool sha1)
{
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519)
        return NULL;
    return sha1 ? EVP_sha1() : EVP_sha256();
}

struct credential credential_new(const struct certificate_form *form, const struct credential *issuer)
{
    static long serial = 4096;
    struct credential made = {X509_new(), new_key(form->key)};
    const char *name = form->common_name ? form->common_name : "test";
    enum { DAY = 24 * 60 * 60 };
    assert(made.certificate && made.key);
    X509_set_version(made.certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), ++serial);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.certificate), "CN", MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
    if (!issuer)
        issuer = &made;
    X509_set_issuer_name(made.certificate, X509_get_subject_name(issuer->certificate));
    X509_gmtime_adj(X509_getm_notBefore(made.certificate), (form->from ? form->from : -1) * (long)DAY);
    X509_gmtime_adj(X509_getm_notAfter(made.certificate), (form->until ? form->until : 90) * (long)DAY);
    X509_set_pubkey(made.certificate, made.key);
    add_extensions(made.certificate, form);
    int size = X509_sign(made.certificate, issuer->key, digest_for(issuer->key, form->sha1));
    assert(size > 0);
    (void)size;
    return made;
}

void credential_clear(struct credential *credential)
{
    X509_free(credential->certificate);
    EVP_PKEY_free(credential->key);
    *credential = (struct credential){NULL, NULL};
}

void credential_save_certificate(const struct credential *credential, const char *path)
{
    FILE *file = fopen(path, "a");
    assert(file);
    PEM_write_X509(file, credential->certificate);
    fclose(file);
}

void credential_save_key(const struct credential *credential, const char *path, const char *passphrase)
{
    FILE *file = fopen(path, "w");
    assert(file);
    PEM_write_PKCS8PrivateKey(file, credential->key, *passphrase ? EVP_aes_256_cbc() : NULL, passphrase,
                              (int)strlen(passphrase), NULL, NULL);
    fclose(file);
}
