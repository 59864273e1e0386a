#include "tls/internal.h"

#include <openssl/err.h>
#include <openssl/tls1.h>

/* An alert that we received is a reason of the library with this added. */
enum { ALERT_REASONS = SSL_AD_REASON_OFFSET, ALERT_REASONS_END = SSL_AD_REASON_OFFSET + 256 };

/** What broke on our side of the handshake, in plainer words than the library's. */
static const struct {
    int reason;
    enum cause cause;
    const char *detail; /* NULL: the library's words will do */
} own_reasons[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, CAUSE_TLS_NO_COMMON_VERSION,
     "the server chose a TLS version that we do not accept"},
    {SSL_R_WRONG_SSL_VERSION, CAUSE_TLS_NO_COMMON_VERSION,
     "the server chose a TLS version that we do not accept"},
    {SSL_R_WRONG_VERSION_NUMBER, CAUSE_TLS_NO_COMMON_VERSION,
     "the server's records are of a strange TLS version"},
    {SSL_R_VERSION_TOO_LOW, CAUSE_TLS_NO_COMMON_VERSION, NULL},
    {SSL_R_VERSION_TOO_HIGH, CAUSE_TLS_NO_COMMON_VERSION, NULL},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, CAUSE_TLS_NO_COMMON_VERSION,
     "no TLS version is left that this library speaks"},
    {SSL_R_NO_CIPHERS_AVAILABLE, CAUSE_TLS_NO_COMMON_CIPHER, "no cipher is left for the TLS versions wanted"},
    {SSL_R_WRONG_CIPHER_RETURNED, CAUSE_TLS_NO_COMMON_CIPHER,
     "the server chose a cipher that we did not offer"},
    {SSL_R_UNKNOWN_CIPHER_RETURNED, CAUSE_TLS_NO_COMMON_CIPHER,
     "the server chose a cipher that is not known"},
    {SSL_R_WRONG_CURVE, CAUSE_TLS_NO_COMMON_CIPHER, "the server chose a group that we did not offer"},
    {SSL_R_WRONG_SIGNATURE_TYPE, CAUSE_TLS_NO_COMMON_CIPHER,
     "the server signs in a way that we did not offer"},
    {SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED, CAUSE_TLS_NO_COMMON_CIPHER,
     "the server signs with SHA-1 or MD5 only"},
    {SSL_R_DH_KEY_TOO_SMALL, CAUSE_TLS_CIPHER_WEAK, "the server's Diffie-Hellman key is too short"},
    {SSL_R_EE_KEY_TOO_SMALL, CAUSE_TLS_CIPHER_WEAK, "the server's key is too short"},
    {SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED, CAUSE_TLS_HANDSHAKE_FAILED,
     "the server does not know secure renegotiation (RFC 5746)"},
    {SSL_R_EXCESSIVE_MESSAGE_SIZE, CAUSE_TLS_HANDSHAKE_FAILED, "a handshake message is longer than we take"},
};

/** RFC 5246 has servers that want a certificate send 40, RFC 8446 has them send 116. */
static enum cause refusal_cause(const struct tls_facts *facts)
{
    if (!facts->client_certificate_requested)
        return CAUSE_TLS_HANDSHAKE_FAILED;
    return facts->client_certificate_sent ? CAUSE_CLIENT_CERTIFICATE_REJECTED
                                          : CAUSE_CLIENT_CERTIFICATE_REQUIRED;
}

static enum cause alert_cause(int alert, bool common_ground, const struct tls_facts *facts)
{
    switch (alert) {
    case SSL_AD_HANDSHAKE_FAILURE:
        return common_ground ? refusal_cause(facts) : CAUSE_TLS_NO_COMMON_CIPHER;
    case SSL_AD_INSUFFICIENT_SECURITY:
        return CAUSE_TLS_NO_COMMON_CIPHER;
    case SSL_AD_PROTOCOL_VERSION:
        return CAUSE_TLS_NO_COMMON_VERSION;
    case SSL_AD_INTERNAL_ERROR:
        return CAUSE_TLS_SERVER_FAULT;
    case SSL_AD_CERTIFICATE_REQUIRED:
        return CAUSE_CLIENT_CERTIFICATE_REQUIRED;
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
        return refusal_cause(facts);
    default:
        return CAUSE_TLS_HANDSHAKE_FAILED;
    }
}

static const char *library_words(unsigned long code)
{
    const char *words = code ? ERR_reason_error_string(code) : NULL;
    return words ? words : "an error of the TLS library without a name";
}

void failure_explain(unsigned long code, bool common_ground, struct tls_facts *facts)
{
    int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
    if (reason >= ALERT_REASONS && reason < ALERT_REASONS_END) {
        facts->alert = reason - ALERT_REASONS;
        facts->cause = alert_cause(facts->alert, common_ground, facts);
        facts->detail = SSL_alert_desc_string_long(facts->alert);
        return;
    }
    facts->cause = CAUSE_TLS_HANDSHAKE_FAILED;
    facts->detail = library_words(code);
    for (size_t i = 0; i < sizeof own_reasons / sizeof *own_reasons; i++) {
        if (own_reasons[i].reason == reason) {
            facts->cause = own_reasons[i].cause;
            if (own_reasons[i].detail)
                facts->detail = own_reasons[i].detail;
        }
    }
}

const char *failure_library_reason(void)
{
    const char *words = library_words(ERR_peek_last_error());
    ERR_clear_error();
    return words;
}
