/**
 * DNS answers (RFC 1035 4), read with bounds checks and nothing else: no
 * network, no resolver library.
 */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include "base/arena.h"
#include "base/instant.h"
#include "base/span.h"
#include "smtp/vocabulary.h"

#include <stdint.h>

enum dns_type {
    DNS_A = 1,
    DNS_CNAME = 5,
    DNS_PTR = 12,
    DNS_MX = 15,
    DNS_TXT = 16,
    DNS_AAAA = 28,
    DNS_SRV = 33,
    DNS_TLSA = 52,
};

/** "MX" and so on; "TYPE65" for others. The text lives until the next call for an unknown type. */
const char *dns_type_name(enum dns_type);

/** What came of a question. Each is told apart in the reports. */
enum dns_status {
    DNS_FOUND,     /* NOERROR with records of the type asked for */
    DNS_NO_DATA,   /* NOERROR without */
    DNS_NXDOMAIN,
    DNS_SERVFAIL,
    DNS_BOGUS,     /* SERVFAIL that turns into data with checking disabled: DNSSEC */
    DNS_REFUSED,   /* REFUSED or NOTIMP */
    DNS_TIMEOUT,
    DNS_MALFORMED, /* cannot be parsed, or truncated and TCP failed */
    DNS_LOOP,      /* aliases in a circle, or more than 10 links */
    DNS_FAILED,    /* our own side: no resolver, no memory, cancelled */
};

/** "nxdomain", "no-data", "timeout", ... for JSON and evidence. */
const char *dns_status_name(enum dns_status);

/** The id in FINDINGS for a status that ends a run, e.g. dns-servfail. */
enum cause dns_status_cause(enum dns_status);

struct dns_mx { uint16_t preference; char *exchange; };
struct dns_srv { uint16_t priority, weight, port; char *target; };
struct dns_address { int family; char text[46]; unsigned char octets[16]; };
struct dns_tlsa { uint8_t usage, selector, matching; struct span data; };

struct dns_record {
    enum dns_type type;
    uint32_t ttl;
    union {
        struct dns_mx mx;
        struct dns_srv srv;
        struct dns_address address;
        struct dns_tlsa tlsa;
        struct span txt;   /* the strings of the record, joined */
        char *name;        /* CNAME, PTR */
    } as;
};

/** Everything lives in the arena given to dns_message_read(). Names are escaped as in
 *  RFC 1035 5.1, without a final dot, and "." for the root. */
struct dns_answer {
    char *name;                  /* as asked */
    enum dns_type type;
    enum dns_status status;
    const char *reason;          /* what was malformed or failed, or NULL */
    char **aliases;              /* the CNAME chain behind `name`, in order */
    size_t alias_count;
    struct dns_record *records;  /* those of the type asked for, at the end of the chain */
    size_t record_count;
    bool authenticated;          /* the AD bit came; whether it counts is the resolver's matter */
    bool truncated;
    bool over_tcp;
    int ede;                     /* extended DNS error (RFC 8914), or -1 */
    instant asked, answered;
};

/**
 * Reads an answer to the question (name, type, class IN). Records of other
 * owners than the name and its alias chain, and of other classes, do not count.
 * @return false if it is malformed: status DNS_MALFORMED, with a reason.
 */
bool dns_message_read(struct dns_answer *, struct span message, const char *name, enum dns_type, struct arena *);

#endif
