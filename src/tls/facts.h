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

/** One of the five judgements, taken each by itself so that none hides another. */
struct tls_judgement {
    bool was_taken;
    bool ok;
    enum cause cause;    /* certificate-... when it is not ok */
    const char *reason;  /* for people, in a few words; NULL if ok */
    int depth;           /* of the certificate in question, or -1 */
};

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

/** All in the arena of the attempt. */
struct tls_facts {
    bool was_tried;
    bool finished;            /* the handshake came to its end */
    enum cause cause;         /* why it did not: tls-..., client-certificate-..., closed-by-server; CAUSE_OK if it did */
    const char *detail;       /* library or alert text, for people; NULL if none */
    int alert;                /* the alert received, or -1 */
    struct span first;        /* tls-not-spoken: what came instead, at most 64 octets */
    const char *version;      /* "TLSv1.3" */
    const char *cipher;       /* "TLS_AES_256_GCM_SHA384" */
    int cipher_bits;
    const char *group;        /* "X25519"; NULL if not known */
    bool resumed;
    bool has_forward_secrecy;
    bool extended_master_secret;
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
