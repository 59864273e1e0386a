/**
 * What the files of tls/ share, and nobody else includes: here OpenSSL's types
 * meet the plain ones of channel.h and facts.h.
 */
#ifndef TLS_INTERNAL_H
#define TLS_INTERNAL_H

#include "tls/channel.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

struct tls_context {
    SSL_CTX *ssl;
    struct tls_settings settings;
    bool has_anchors; /* false: this system has no CA certificates at all */
};

/** Fills in what the certificate says of itself; all copies go to the arena. */
void certificate_describe(X509 *, time_t now, struct arena *, struct tls_certificate *);

/**
 * Verifies what the server sent, lets no fault stop it, and fills in chain,
 * untidiness and the five judgements.
 * @param store as the library prepared it for this handshake
 * @param level the least security level to hold key and signatures to
 */
void trust_judge(X509_STORE_CTX *store, const struct tls_context *, int level, struct arena *,
                 struct tls_facts *);

/** Makes all sessions of the library's context judge certificates by trust_judge(). */
void channel_prepare(SSL_CTX *);

/**
 * The first fault in the order of FINDINGS, among those that count.
 * @param authority trust, dates, purpose and strength count
 * @param host the name counts
 * @return CAUSE_OK if there is none; a judgement that could not be taken is a fault
 */
enum cause trust_first_fault(const struct tls_facts *, bool authority, bool host);

/** Whether the reference is an address; if so *text is it in plain form, without brackets or zone. */
bool reference_is_address(const char *reference, char text[46]);

/**
 * Tells from OpenSSL's error code why the session broke: cause, detail and
 * alert of the facts.
 * @param common_ground the server's hello came, so versions and ciphers are agreed upon
 */
void failure_explain(unsigned long code, bool common_ground, struct tls_facts *);

/** Words for the newest error in OpenSSL's queue, which is emptied; never NULL. */
const char *failure_library_reason(void);

#endif
