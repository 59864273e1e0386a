/**
 * What is known of a TLS session and its certificates: plain data, filled in
 * tls/, read everywhere, free of OpenSSL's types.
 */
#ifndef TLS_FACTS_H
#define TLS_FACTS_H

#include "base/instant.h"
#include "base/span.h"
#include "smtp/vocabulary.h"

#include <time.h>

struct tls_certificate {
    struct span subject;      /* RFC 2253 form */
    struct span issuer;
    struct span common_name;  /* of the subject; empty if none */
    struct span *dns_names;   /* subjectAltName */
    size_t dns_name_count;
    struct span *ip_addresses;
    size_t ip_address_count;
    time_t not_before, not_after;
    long days_left;           /* negative when past */
    char sha256[65];          /* of the whole certificate, lower-case hex */
    char spki_sha256[65];     /* of its public key info */
    const char *serial;       /* hex */
    const char *key_type;     /* "RSA", "EC P-256", "Ed25519" */
    int key_bits;
    const char *signature;    /* "sha256WithRSAEncryption" */
    struct span pem;
};

/** One of the five judgements, taken each by itself so that none hides another. */
struct tls_judgement {
    bool was_taken;
    bool ok;
    enum cause cause;    /* certificate-... or validation-failure when it is not ok */
    const char *reason;  /* for people, in a few words of our own; NULL if ok */
    int depth;           /* of the certificate in question on the path upwards, 0 the server's; or -1 */
    const struct tls_certificate *certificate; /* the same: of the chain, or an authority of ours; or NULL */
};

/** All in the arena of the attempt. */
struct tls_facts {
    bool finished;            /* the handshake came to its end */
    /* Why it did not: tls-..., client-certificate-..., closed-by-server; CAUSE_OK if it did. TLS 1.3 servers
     * refuse our certificate, or its lack, after the end: then this is set although `finished` is. */
    enum cause cause;
    const char *detail;       /* library or alert text, for people; NULL if none */
    int alert;                /* the alert received, or -1 */
    struct span first;        /* tls-not-spoken: what came instead, at most 64 octets */
    const char *version;      /* "TLSv1.3" */
    const char *cipher;       /* "TLS_AES_256_GCM_SHA384" */
    int cipher_bits;
    const char *cipher_weakness; /* why today's minimum is not met ("no forward secrecy"); NULL if it is */
    const char *offered_versions; /* "TLSv1.2 TLSv1.3": what we were ready to speak */
    const char *offered_ciphers; /* as a list of OpenSSL's */
    const char *their_version;   /* that the server chose and we do not speak; NULL if not known */
    const char *group;        /* "X25519"; NULL if not known */
    const char *sni;          /* the name sent, or NULL */
    const char *reference;    /* the name or address the certificate was judged against */
    int security_level;       /* in force */
    bool client_certificate_requested;
    bool client_certificate_sent;
    struct tls_certificate *chain; /* as sent, the server's own first */
    size_t chain_count;
    const char *chain_untidy; /* wrong order, strangers or doubles: what; NULL if tidy */
    struct tls_judgement trust, name, dates, purpose, strength;
    bool would_match_cn;      /* the name fits the CN only, which does not count any more */
    bool verified;            /* all five hold */
    enum cause verdict;       /* the first fault in the order of FINDINGS 6, or CAUSE_OK */
    instant began, ended;
};

#endif
