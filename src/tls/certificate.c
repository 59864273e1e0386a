#include "tls/internal.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

enum { SECONDS_A_DAY = 24 * 60 * 60 };

static struct span take_memory(BIO *memory, struct arena *arena)
{
    char *data = NULL;
    long size = BIO_get_mem_data(memory, &data);
    struct span copy = arena_copy(arena, span_of(data, size > 0 ? (size_t)size : 0));
    BIO_free(memory);
    return copy;
}

static struct span describe_name(const X509_NAME *name, struct arena *arena)
{
    BIO *memory = BIO_new(BIO_s_mem());
    if (!memory)
        return SPAN("");
    /* UTF-8 as it is: what is not fit for a terminal is dealt with at output. */
    X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return take_memory(memory, arena);
}

/** The most specific of the common names, which is the last. */
static struct span describe_common_name(const X509_NAME *name, struct arena *arena)
{
    int at = -1;
    for (int next; (next = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;)
        at = next;
    if (at < 0)
        return SPAN("");
    unsigned char *utf8 = NULL;
    int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0)
        return SPAN("");
    struct span copy = arena_copy(arena, span_of((const char *)utf8, (size_t)size));
    OPENSSL_free(utf8);
    return copy;
}

static struct span describe_address(const ASN1_OCTET_STRING *octets, struct arena *arena)
{
    char text[INET6_ADDRSTRLEN];
    int size = ASN1_STRING_length(octets);
    int family = size == 4 ? AF_INET : AF_INET6;
    if ((size != 4 && size != 16) || !inet_ntop(family, ASN1_STRING_get0_data(octets), text, sizeof text))
        return SPAN("(not an address)");
    return arena_copy(arena, span_of_string(text));
}

static void describe_alternative_names(const X509 *x509, struct arena *arena,
                                       struct tls_certificate *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    size_t count = names ? (size_t)sk_GENERAL_NAME_num(names) : 0;
    if (count > 0) {
        certificate->dns_names = ARENA_ARRAY(arena, struct span, count);
        certificate->ip_addresses = ARENA_ARRAY(arena, struct span, count);
    }
    for (size_t i = 0; i < count; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, (int)i);
        if (name->type == GEN_DNS)
            certificate->dns_names[certificate->dns_name_count++] =
                arena_copy(arena, span_of((const char *)ASN1_STRING_get0_data(name->d.dNSName),
                                          (size_t)ASN1_STRING_length(name->d.dNSName)));
        else if (name->type == GEN_IPADD)
            certificate->ip_addresses[certificate->ip_address_count++] =
                describe_address(name->d.iPAddress, arena);
    }
    GENERAL_NAMES_free(names);
}

static time_t seconds_of(const ASN1_TIME *time)
{
    struct tm tm;
    return ASN1_TIME_to_tm(time, &tm) ? timegm(&tm) : 0;
}

static long whole_days(time_t seconds)
{
    long days = (long)(seconds / SECONDS_A_DAY);
    return seconds % SECONDS_A_DAY < 0 ? days - 1 : days;
}

static void describe_digest(const unsigned char *data, size_t size, char hex[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (!EVP_Digest(data, size, digest, &length, EVP_sha256(), NULL))
        return;
    for (unsigned i = 0; i < length && i < 32; i++) {
        hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
}

static void describe_digests(X509 *x509, struct tls_certificate *certificate)
{
    unsigned char *der = NULL;
    int size = i2d_X509(x509, &der);
    if (size > 0)
        describe_digest(der, (size_t)size, certificate->sha256);
    OPENSSL_free(der);
    der = NULL;
    size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der);
    if (size > 0)
        describe_digest(der, (size_t)size, certificate->spki_sha256);
    OPENSSL_free(der);
}

static const char *describe_serial(const X509 *x509, struct arena *arena)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
    char *hex = number ? BN_bn2hex(number) : NULL;
    const char *copy = arena_copy_string(arena, hex ? hex : "");
    OPENSSL_free(hex);
    BN_free(number);
    return copy;
}

static const char *describe_signature(const X509 *x509, struct arena *arena)
{
    int nid = X509_get_signature_nid(x509);
    if (nid != NID_undef)
        return OBJ_nid2ln(nid);
    const X509_ALGOR *algorithm;
    const ASN1_OBJECT *object;
    char oid[128] = "unknown";
    X509_get0_signature(NULL, &algorithm, x509);
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    OBJ_obj2txt(oid, sizeof oid, object, 1);
    return arena_copy_string(arena, oid);
}

static const char *describe_curve(const EVP_PKEY *key, struct arena *arena)
{
    char name[64];
    size_t size;
    if (!EVP_PKEY_get_group_name(key, name, sizeof name, &size))
        return "EC";
    const char *nist = EC_curve_nid2nist(OBJ_sn2nid(name));
    return arena_printf(arena, "EC %s", nist ? nist : name);
}

static const char *describe_key_type(const EVP_PKEY *key, struct arena *arena)
{
    switch (key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE) {
    case EVP_PKEY_RSA:
        return "RSA";
    case EVP_PKEY_RSA_PSS:
        return "RSA-PSS";
    case EVP_PKEY_DSA:
        return "DSA";
    case EVP_PKEY_EC:
        return describe_curve(key, arena);
    case EVP_PKEY_ED25519:
        return "Ed25519";
    case EVP_PKEY_ED448:
        return "Ed448";
    case EVP_PKEY_NONE:
        return "unknown";
    default: {
        const char *name = EVP_PKEY_get0_type_name(key);
        return name ? arena_copy_string(arena, name) : "unknown";
    }
    }
}

static struct span describe_pem(X509 *x509, struct arena *arena)
{
    BIO *memory = BIO_new(BIO_s_mem());
    if (!memory)
        return SPAN("");
    PEM_write_bio_X509(memory, x509);
    return take_memory(memory, arena);
}

void certificate_describe(X509 *x509, time_t now, struct arena *arena, struct tls_certificate *certificate)
{
    const EVP_PKEY *key = X509_get0_pubkey(x509);
    *certificate = (struct tls_certificate){
        .subject = describe_name(X509_get_subject_name(x509), arena),
        .issuer = describe_name(X509_get_issuer_name(x509), arena),
        .common_name = describe_common_name(X509_get_subject_name(x509), arena),
        .not_before = seconds_of(X509_get0_notBefore(x509)),
        .not_after = seconds_of(X509_get0_notAfter(x509)),
        .serial = describe_serial(x509, arena),
        .key_type = describe_key_type(key, arena),
        .key_bits = key ? EVP_PKEY_get_bits(key) : 0,
        .signature = describe_signature(x509, arena),
        .pem = describe_pem(x509, arena),
    };
    certificate->days_left = whole_days(certificate->not_after - now);
    describe_alternative_names(x509, arena, certificate);
    describe_digests(x509, certificate);
}
