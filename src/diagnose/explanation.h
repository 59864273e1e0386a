/**
 * What a reply means at the place where it came, who must act, and how.
 */
#ifndef DIAGNOSE_EXPLANATION_H
#define DIAGNOSE_EXPLANATION_H

#include "base/arena.h"
#include "smtp/reply.h"
#include "smtp/vocabulary.h"

/** The layer of the catalog that decided, strongest first. */
enum confidence {
    CONFIDENCE_TAG,
    CONFIDENCE_PROVIDER,
    CONFIDENCE_SOFTWARE,
    CONFIDENCE_PHRASE,
    CONFIDENCE_ENHANCED,
    CONFIDENCE_BASIC,
    CONFIDENCE_CLASS,
    CONFIDENCE_COUNT
};

const char *confidence_name(enum confidence);

/** Everything lives in the arena given to catalog_explain() or in the catalog. */
struct explanation {
    bool known;              /* a rule of its own was found, not only its class */
    const char *rule;        /* id of the rule */
    enum confidence confidence;
    enum cause cause;
    const char *title;       /* at most 60 characters */
    const char *meaning;     /* at most 300, places filled in */
    enum who who;
    enum retry retry;
    long retry_after;        /* seconds; -1: not known */
    int scope;               /* enum scope, or -1 */
    const char **advice;     /* steps, places filled in; empty only for ok and intermediate */
    size_t advice_count;
    const char **links;
    size_t link_count;
    const char **remarks;    /* a code at odds with its text, a fact of ours that contradicts */
    size_t remark_count;
    const char *provider;    /* id of the provider that speaks; or NULL */
    const char *provider_name; /* for people; NULL if the catalog does not know the provider */
    const char *mailbox_provider; /* id of the one behind it, where a filter speaks for others; or NULL */
    const char *mailbox_provider_name;
    const char *software;    /* or NULL */
    const struct explanation **variants; /* what the same key or the same codes may mean as well, by id */
    size_t variant_count;
};

/** What is known around a reply. Anything may be absent (NULL, 0, -1): then it plays no part. */
struct explain_context {
    int stage;                /* enum stage, or -1 */
    const char *host;         /* MX host or server */
    const char *greeting;     /* the server's first line */
    const char *ehlo_name;    /* the server's name in its reply to EHLO */
    const char *certificate_name; /* the first name in the server's certificate; may begin "*." */
    const char *provider;     /* named by the user: id, alias or name; another name is taken as it is */
    const char *address;      /* the peer's */
    unsigned port;
    const char *our_address;  /* as the peer sees it, if known */
    const char *helo;
    const char *sender;       /* reverse-path */
    const char *recipient;    /* forward-path */
    const char *sender_domain;
    const char *recipient_domain;
    const char *mechanism;    /* of AUTH */
    const char *user;
    const char *named_resolvers; /* as --dns-server has them; commands shall ask them, too */
    int in_tls;               /* 0, 1, or -1: not known */
    int own_name_confirmed;   /* our address has a reverse name that leads back to it */
    int authenticated;
    int auth_offered;
    int tls_offered;
    int pipelined;
    long long message_size;   /* octets, or -1 */
    size_t recipient_count;
    bool is_consequence;      /* DATA or body after every recipient was refused */
    bool implicit_tls;        /* the connection began with TLS */
    bool from_mx;             /* the host was found through MX and not named by the user */
};

/**
 * What the vocabulary says of a cause, its places filled in: for what no reply
 * tells. In the arena.
 */
const struct explanation *explanation_of_cause(enum cause, const struct explain_context *, struct arena *);

#define EXPLAIN_CONTEXT_NONE                                                                                 \
    ((struct explain_context){.stage = -1, .in_tls = -1, .own_name_confirmed = -1, .authenticated = -1,      \
                              .auth_offered = -1, .tls_offered = -1, .pipelined = -1, .message_size = -1})

#endif
