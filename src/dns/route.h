/**
 * From answers to the ordered list of hosts that may take the mail
 * (RFC 5321 5.1, RFC 7505). Pure: questions are asked elsewhere.
 */
#ifndef DNS_ROUTE_H
#define DNS_ROUTE_H

#include "dns/message.h"

enum { ROUTE_MX_LIMIT = 5, ROUTE_ADDRESS_LIMIT = 4, ROUTE_ALIAS_LIMIT = DNS_ALIAS_LIMIT };

enum route_kind {
    ROUTE_MX,       /* from MX records */
    ROUTE_IMPLICIT, /* no MX: the domain itself */
    ROUTE_NULL,     /* the domain takes no mail (RFC 7505 3) */
    ROUTE_SERVER,   /* --server: a host given by the user */
    ROUTE_LITERAL,  /* an address literal */
    ROUTE_NONE,     /* no host could be had: `cause`; hosts may hold MX targets that cannot be used */
};

/** What kind of address one is; all but public is reported. */
enum address_kind {
    ADDRESS_PUBLIC,
    ADDRESS_LOOPBACK,
    ADDRESS_PRIVATE,  /* RFC 1918, RFC 4193, RFC 6598, link-local and site-local */
    ADDRESS_RESERVED, /* documentation and other ranges that are not routed */
    ADDRESS_UNUSABLE, /* 0.0.0.0/8, multicast, broadcast, ::, not tried */
};

struct route_address {
    int family;
    char text[46];
    enum address_kind kind;
};

struct route_host {
    char *name; /* LDH, or the address for ROUTE_LITERAL */
    unsigned preference;
    bool is_mx;         /* named by an MX record, and not by the user or by being the domain itself */
    bool is_duplicate;  /* a host before it has the same name, whatever its preference */
    bool is_valid;      /* false: not a host name that can be used; `problem` says why */
    enum cause problem; /* CAUSE_OK, or why it cannot be tried: see route_from_mx(), route_host_resolved() */
    const char *reason; /* for `problem`, or NULL */
    bool was_looked_up;
    struct dns_answer *a, *aaaa;     /* NULL if not asked */
    struct route_address *addresses; /* in the order of trying: as DNS gave them, families taking turns */
    size_t address_count;
    size_t addresses_left_out; /* usable ones beyond the limit, and unusable ones beyond the same number */
};

struct route {
    enum route_kind kind;
    const char *domain;       /* that was routed; NULL with ROUTE_SERVER */
    struct dns_answer *mx;    /* NULL if not asked */
    struct route_host *hosts; /* ascending preference, random among equals */
    size_t host_count;
    size_t hosts_left_out; /* valid ones beyond the limit, and invalid ones beyond the same number */
    bool null_not_alone;   /* "." stands beside other MX records */
    enum cause cause;      /* ROUTE_NULL, ROUTE_NONE: why */
};

/**
 * Reads the answer to the MX question for `domain`.
 * NOERROR without MX gives ROUTE_IMPLICIT; NXDOMAIN, SERVFAIL and the rest give
 * ROUTE_NONE, since they must not fall back to the address (RFC 5321 5.1).
 *
 * MX targets that are no usable host names have the problem mx-target-invalid,
 * with the reason ip-address, localhost, single-label or not-a-host-name. If
 * there are no others the route is ROUTE_NONE with that cause.
 * @param limit of hosts to try, at least 1
 * @param random draws among hosts of equal preference: returns 0 .. bound-1
 */
void route_from_mx(struct route *, const char *domain, struct dns_answer *mx, size_t limit,
                   unsigned (*random)(unsigned bound), struct arena *);

/**
 * A route of one host (ROUTE_SERVER), or one address (ROUTE_LITERAL): bare, in
 * brackets, or as in a mailbox. What is neither gives ROUTE_NONE, cause usage.
 */
void route_to_host(struct route *, const char *host, struct arena *);

/**
 * Fills in a host's addresses from the answers, either of which may be NULL.
 * IPv6 goes first (RFC 6724 2.1, 10.3), then the families take turns.
 *
 * Without a usable address sets the host's problem. For an MX host it is
 * mx-host-unresolvable with the reason nxdomain, no-address or the id of the
 * cause (dns-servfail); for others that cause itself (domain-unknown,
 * domain-no-address, dns-servfail). If all addresses are unusable it is
 * mx-address-special, with the kind as reason.
 * @param limit of addresses to try, at least 1
 */
void route_host_resolved(struct route_host *, struct dns_answer *a, struct dns_answer *aaaa, size_t limit,
                         struct arena *);

/** An IPv4 address within IPv6 (::ffff:0:0/96) is judged as what it embeds, but is never public. */
enum address_kind address_kind(int family, const unsigned char *octets);

const char *address_kind_name(enum address_kind);
const char *route_kind_name(enum route_kind);

/** SRV records by priority, then drawn by weight (RFC 2782). Sorts in place. */
void route_order_srv(struct dns_record *records, size_t count, unsigned (*random)(unsigned bound));

#endif
