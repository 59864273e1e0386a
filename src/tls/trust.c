#include "tls/internal.h"

#include "base/address.h"

#include <openssl/x509v3.h>

/* --- What the library found --- */

enum { ERROR_CODES = 128, UNTIDY_LIMIT = 32 };

/** For each code of X509_V_ERR_... the least depth at which it was met, or -1. */
struct verification {
    int depth_of[ERROR_CODES];
};

/** Notes the fault and goes on, so that the first does not hide the others. */
static int record_error(int ok, X509_STORE_CTX *store)
{
    struct verification *verification = X509_STORE_CTX_get_app_data(store);
    int code = X509_STORE_CTX_get_error(store);
    int depth = X509_STORE_CTX_get_error_depth(store);
    if (ok)
        return 1;
    if (code < 0 || code >= ERROR_CODES)
        code = X509_V_ERR_UNSPECIFIED;
    int *noted = &verification->depth_of[code];
    if (*noted < 0 || depth < *noted)
        *noted = depth < 0 ? 0 : depth;
    /* Else the library takes it for the reason why no chain could be built. */
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static void verify(X509_STORE_CTX *store, struct verification *verification)
{
    for (size_t i = 0; i < ERROR_CODES; i++)
        verification->depth_of[i] = -1;
    X509_STORE_CTX_set_app_data(store, verification);
    X509_STORE_CTX_set_verify_cb(store, record_error);
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(store), 0); /* see judge_strength() */
    if (X509_verify_cert(store) <= 0)
        verification->depth_of[X509_V_ERR_UNSPECIFIED] = 0;
    X509_STORE_CTX_set_app_data(store, NULL);
}

/* --- Judgements --- */

/** What the five judgements are taken from. */
struct evidence {
    struct verification verification;
    const struct tls_context *context;
    struct tls_facts *facts;
    struct arena *arena;
    STACK_OF(X509) * sent;
    STACK_OF(X509) * path; /* from the server's own certificate towards an authority, as far as it goes */
    int level;
    time_t now;
};

static int depth_of(const struct evidence *evidence, int code)
{
    return evidence->verification.depth_of[code];
}

/** The facts of the certificate at that depth; made anew for an authority that was not sent. */
static const struct tls_certificate *certificate_at(struct evidence *evidence, int depth)
{
    X509 *wanted =
        depth >= 0 && depth < sk_X509_num(evidence->path) ? sk_X509_value(evidence->path, depth) : NULL;
    if (!wanted)
        return NULL;
    for (size_t i = 0; i < evidence->facts->chain_count; i++)
        if (X509_cmp(wanted, sk_X509_value(evidence->sent, (int)i)) == 0)
            return &evidence->facts->chain[i];
    struct tls_certificate *authority = ARENA_NEW(evidence->arena, struct tls_certificate);
    certificate_describe(wanted, evidence->now, evidence->arena, authority);
    return authority;
}

static struct tls_judgement holds(void)
{
    return (struct tls_judgement){.was_taken = true, .ok = true, .depth = -1};
}

static struct tls_judgement fails(struct evidence *evidence, int depth, enum cause cause, const char *reason)
{
    return (struct tls_judgement){.was_taken = true,
                                  .cause = cause,
                                  .reason = reason,
                                  .depth = depth,
                                  .certificate = certificate_at(evidence, depth)};
}

/** Chooses the words for the server's own certificate or for one above it. */
static const char *by_depth(int depth, const char *own, const char *above)
{
    return depth == 0 ? own : above;
}

/* --- Trust --- */

static int depth_of_missing_issuer(const struct evidence *evidence)
{
    static const int codes[] = {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                                X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (depth_of(evidence, codes[i]) >= 0)
            return depth_of(evidence, codes[i]);
    return -1;
}

static bool names_its_issuers_place(X509 *x509)
{
    AUTHORITY_INFO_ACCESS *places = X509_get_ext_d2i(x509, NID_info_access, NULL, NULL);
    bool found = false;
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(places); i++)
        found |= OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(places, i)->method) == NID_ad_ca_issuers;
    AUTHORITY_INFO_ACCESS_free(places);
    return found;
}

/**
 * An issuer was neither sent nor is it ours. Above the server's own certificate
 * that is the root, which nobody has to send. Directly above it, an
 * intermediate was forgotten, or a private authority signs without one: public
 * authorities always sign through an intermediate and name its place
 * (CA/Browser Forum baseline requirements 7.1.2.7.7), so a certificate without
 * that, held against public authorities only, comes from a private one.
 */
static struct tls_judgement judge_missing_issuer(struct evidence *evidence, int depth)
{
    bool is_private =
        !evidence->context->settings.ca_path && !names_its_issuers_place(sk_X509_value(evidence->path, 0));
    if (!evidence->context->has_anchors)
        return fails(evidence, depth, CAUSE_CERTIFICATE_NOT_TRUSTED,
                     "this machine has no CA certificates (Debian: install ca-certificates)");
    if (depth == 0 && !is_private)
        return fails(evidence, depth, CAUSE_CERTIFICATE_CHAIN_INCOMPLETE,
                     "the certificate of its issuer was not sent and is none of the trusted ones");
    return fails(evidence, depth, CAUSE_CERTIFICATE_NOT_TRUSTED,
                 "it was issued by an authority that is not trusted here");
}

/** Errors that another judgement looks at. */
static bool is_of_other_judgement(int code)
{
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
    case X509_V_ERR_INVALID_PURPOSE:
        return true;
    default:
        return false;
    }
}

static struct tls_judgement judge_other_errors(struct evidence *evidence)
{
    for (int code = 1; code < ERROR_CODES; code++)
        if (depth_of(evidence, code) >= 0 && !is_of_other_judgement(code))
            return fails(evidence, depth_of(evidence, code), CAUSE_VALIDATION_FAILURE,
                         X509_verify_cert_error_string(code));
    return holds();
}

static struct tls_judgement judge_trust(struct evidence *evidence)
{
    static const int rejections[] = {X509_V_ERR_CERT_UNTRUSTED, X509_V_ERR_CERT_REJECTED};
    int depth = depth_of(evidence, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
    if (depth >= 0)
        return fails(evidence, depth, CAUSE_CERTIFICATE_SELF_SIGNED,
                     "it is signed by itself and not trusted here");
    depth = depth_of_missing_issuer(evidence);
    if (depth >= 0)
        return judge_missing_issuer(evidence, depth);
    depth = depth_of(evidence, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
    if (depth >= 0)
        return fails(evidence, depth, CAUSE_CERTIFICATE_NOT_TRUSTED,
                     "the authority at the end of its chain is not trusted here");
    for (size_t i = 0; i < sizeof rejections / sizeof *rejections; i++) {
        depth = depth_of(evidence, rejections[i]);
        if (depth >= 0)
            return fails(evidence, depth, CAUSE_CERTIFICATE_NOT_TRUSTED,
                         "an authority of its chain is marked as not to be trusted here");
    }
    return judge_other_errors(evidence);
}

/* --- Dates --- */

static struct tls_judgement judge_dates(struct evidence *evidence)
{
    int expired = -1, unborn = -1, unreadable = -1;
    for (int i = sk_X509_num(evidence->path) - 1; i >= 0; i--) {
        const X509 *x509 = sk_X509_value(evidence->path, i);
        int began = ASN1_TIME_cmp_time_t(X509_get0_notBefore(x509), evidence->now);
        int ends = ASN1_TIME_cmp_time_t(X509_get0_notAfter(x509), evidence->now);
        if (began == -2 || ends == -2)
            unreadable = i;
        else if (ends < 0)
            expired = i;
        else if (began > 0)
            unborn = i;
    }
    if (expired >= 0)
        return fails(evidence, expired, CAUSE_CERTIFICATE_EXPIRED,
                     by_depth(expired, "it has expired", "a certificate above it has expired"));
    if (unborn >= 0)
        return fails(evidence, unborn, CAUSE_CERTIFICATE_NOT_YET_VALID,
                     by_depth(unborn, "it is not valid yet", "a certificate above it is not valid yet"));
    if (unreadable >= 0)
        return fails(evidence, unreadable, CAUSE_VALIDATION_FAILURE, "its dates cannot be read");
    return holds();
}

/* --- Purpose --- */

/** That an issuer is no authority at all belongs to trust, though the library says wrong purpose too. */
static bool serves_purpose(X509 *x509, int depth)
{
    if (depth == 0)
        return X509_check_purpose(x509, X509_PURPOSE_SSL_SERVER, 0) == 1;
    return X509_check_ca(x509) == 0 || X509_check_purpose(x509, X509_PURPOSE_SSL_SERVER, 1) == 1;
}

static struct tls_judgement judge_purpose(struct evidence *evidence)
{
    for (int i = 0; i < sk_X509_num(evidence->path); i++)
        if (!serves_purpose(sk_X509_value(evidence->path, i), i))
            return fails(evidence, i, CAUSE_CERTIFICATE_PURPOSE,
                         by_depth(i, "its key usage does not allow TLS servers",
                                  "a certificate above it may not vouch for TLS servers"));
    return holds();
}

/* --- Strength --- */

/** Bits that each of OpenSSL's security levels asks for (SSL_CTX_set_security_level). */
static int bits_of_level(int level)
{
    static const int bits[] = {0, 80, 112, 128, 192, 256};
    return bits[level < 0 ? 0 : level > 5 ? 5 : level];
}

static bool key_is_weak(const X509 *x509, int bits)
{
    const EVP_PKEY *key = X509_get0_pubkey(x509);
    return !key || EVP_PKEY_get_security_bits(key) < bits;
}

static bool signature_is_weak(X509 *x509, int bits)
{
    int strength = 0;
    return !X509_get_signature_info(x509, NULL, NULL, &strength, NULL) || strength < bits;
}

/**
 * Not from the library's errors: it looks at no signature of the last
 * certificate that it found, and with an issuer missing that is the server's own.
 */
static struct tls_judgement judge_strength(struct evidence *evidence)
{
    int bits = bits_of_level(evidence->level);
    for (int i = 0; i < sk_X509_num(evidence->path); i++) {
        X509 *x509 = sk_X509_value(evidence->path, i);
        bool is_anchor = i == sk_X509_num(evidence->path) - 1 && evidence->facts->trust.ok;
        if (key_is_weak(x509, bits))
            return fails(
                evidence, i, CAUSE_CERTIFICATE_WEAK,
                by_depth(i, "its key is too short", "the key of a certificate above it is too short"));
        /* Nobody relies on the signature that a certificate makes on itself. */
        if (!is_anchor && !(X509_get_extension_flags(x509) & EXFLAG_SS) && signature_is_weak(x509, bits))
            return fails(evidence, i, CAUSE_CERTIFICATE_WEAK,
                         by_depth(i, "it is signed with a broken digest such as SHA-1",
                                  "a certificate above it is signed with a broken digest such as SHA-1"));
    }
    return holds();
}

/* --- Name --- */

bool reference_is_address(const char *reference, char text[46])
{
    struct span plain = span_of_string(reference);
    if (plain.size >= 2 && plain.at[0] == '[' && plain.at[plain.size - 1] == ']')
        plain = span_of(plain.at + 1, plain.size - 2);
    if (span_starts_with_nocase(plain, "IPv6:"))
        plain = span_skip(plain, 5);
    const char *zone = plain.size ? memchr(plain.at, '%', plain.size) : NULL;
    if (zone)
        plain.size = (size_t)(zone - plain.at);
    if (plain.size == 0 || plain.size >= 46)
        return false;
    memcpy(text, plain.at, plain.size);
    text[plain.size] = '\0';
    return address_family(text, NULL) != 0;
}

/** SAN only, a wildcard only as the whole left label (RFC 9525 6.3). */
static bool name_fits(X509 *x509, const char *name, unsigned common_name_flag)
{
    size_t size = strlen(name);
    unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | common_name_flag;
    if (size > 0 && name[size - 1] == '.')
        size--;
    /* To OpenSSL a leading dot means any name of that domain. */
    if (size == 0 || name[0] == '.')
        return false;
    return X509_check_host(x509, name, size, flags, NULL) == 1;
}

static struct tls_judgement judge_name(struct evidence *evidence, X509 *own)
{
    struct tls_facts *facts = evidence->facts;
    const struct tls_certificate *certificate = &facts->chain[0];
    char address[46];
    if (reference_is_address(facts->reference, address)) {
        if (X509_check_ip_asc(own, address, 0) == 1)
            return holds();
        facts->would_match_cn = span_is(certificate->common_name, address);
    } else {
        if (name_fits(own, facts->reference, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
            return holds();
        facts->would_match_cn = name_fits(own, facts->reference, X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT);
    }
    const char *reason = "none of its names is the server's";
    if (facts->would_match_cn)
        reason = "only its common name is the server's, which does not count any more";
    else if (certificate->dns_name_count + certificate->ip_address_count == 0)
        reason = "it has no subject alternative name";
    return fails(evidence, 0, CAUSE_CERTIFICATE_HOST_MISMATCH, reason);
}

/* --- The chain as sent --- */

static bool has_doubles(STACK_OF(X509) * sent)
{
    for (int i = 0; i < sk_X509_num(sent); i++)
        for (int j = i + 1; j < sk_X509_num(sent); j++)
            if (X509_cmp(sk_X509_value(sent, i), sk_X509_value(sent, j)) == 0)
                return true;
    return false;
}

static bool is_in_order(STACK_OF(X509) * sent)
{
    for (int i = 1; i < sk_X509_num(sent); i++)
        if (X509_check_issued(sk_X509_value(sent, i), sk_X509_value(sent, i - 1)) != X509_V_OK)
            return false;
    return true;
}

/** Whether some certificate issued none that leads down to the server's own. */
static bool has_strangers(STACK_OF(X509) * sent)
{
    bool belongs[UNTIDY_LIMIT] = {true};
    int count = sk_X509_num(sent), known = 1;
    for (bool grows = true; grows;) {
        grows = false;
        for (int i = 1; i < count; i++)
            for (int j = 0; j < count && !belongs[i]; j++)
                if (belongs[j] &&
                    X509_check_issued(sk_X509_value(sent, i), sk_X509_value(sent, j)) == X509_V_OK) {
                    belongs[i] = grows = true;
                    known++;
                }
    }
    return known < count;
}

static const char *untidiness(STACK_OF(X509) * sent)
{
    if (sk_X509_num(sent) > UNTIDY_LIMIT)
        return "far more certificates than any chain needs";
    if (has_doubles(sent))
        return "a certificate is sent twice";
    if (is_in_order(sent))
        return NULL;
    return has_strangers(sent) ? "a certificate is sent that is no part of the chain"
                               : "the certificates are in the wrong order";
}

/* --- All together --- */

static void describe_chain(struct evidence *evidence)
{
    struct tls_facts *facts = evidence->facts;
    facts->chain_count = (size_t)sk_X509_num(evidence->sent);
    facts->chain = ARENA_ARRAY(evidence->arena, struct tls_certificate, facts->chain_count);
    for (size_t i = 0; i < facts->chain_count; i++)
        certificate_describe(sk_X509_value(evidence->sent, (int)i), evidence->now, evidence->arena,
                             &facts->chain[i]);
    facts->chain_untidy = untidiness(evidence->sent);
}

void trust_judge(X509_STORE_CTX *store, const struct tls_context *context, int level, struct arena *arena,
                 struct tls_facts *facts)
{
    struct evidence evidence = {
        .context = context, .facts = facts, .arena = arena, .level = level, .now = time(NULL)};
    verify(store, &evidence.verification);
    evidence.sent = X509_STORE_CTX_get0_untrusted(store);
    evidence.path = X509_STORE_CTX_get0_chain(store);
    if (sk_X509_num(evidence.sent) < 1 || sk_X509_num(evidence.path) < 1)
        return;
    describe_chain(&evidence);
    facts->trust = judge_trust(&evidence);
    facts->dates = judge_dates(&evidence);
    facts->purpose = judge_purpose(&evidence);
    facts->strength = judge_strength(&evidence);
    facts->name = judge_name(&evidence, sk_X509_value(evidence.sent, 0));
    facts->verdict = trust_first_fault(facts, true, true);
    facts->verified = facts->verdict == CAUSE_OK;
}

static bool is_fault(const struct tls_judgement *judgement, enum cause cause)
{
    if (!judgement->was_taken)
        return cause == CAUSE_VALIDATION_FAILURE;
    return !judgement->ok && judgement->cause == cause;
}

enum cause trust_first_fault(const struct tls_facts *facts, bool authority, bool host)
{
    static const enum cause order[] = {
        CAUSE_CERTIFICATE_EXPIRED,     CAUSE_CERTIFICATE_NOT_YET_VALID, CAUSE_CERTIFICATE_WEAK,
        CAUSE_CERTIFICATE_PURPOSE,     CAUSE_CERTIFICATE_SELF_SIGNED,   CAUSE_CERTIFICATE_CHAIN_INCOMPLETE,
        CAUSE_CERTIFICATE_NOT_TRUSTED, CAUSE_VALIDATION_FAILURE,        CAUSE_CERTIFICATE_HOST_MISMATCH,
    };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (authority && (is_fault(&facts->trust, order[i]) || is_fault(&facts->dates, order[i]) ||
                          is_fault(&facts->purpose, order[i]) || is_fault(&facts->strength, order[i])))
            return order[i];
        if (host && is_fault(&facts->name, order[i]))
            return order[i];
    }
    return CAUSE_OK;
}
