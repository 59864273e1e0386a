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

enum {
    DNS_ALIAS_LIMIT = 10,                   /* links of a CNAME chain that are followed */
    DNS_RECORD_LIMIT = 1000,                /* records kept of one answer */
    DNS_QUESTION_LIMIT = 12 + 255 + 4 + 11, /* octets that dns_question_write() may write */
    DNS_UDP_SIZE = 1232, /* what we offer to take over UDP: no fragments on any usual path */
};

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

/** "MX" and so on; "unknown" for numbers that are none of ours. */
const char *dns_type_name(enum dns_type);

/** What came of a question. Each is told apart in the reports. */
enum dns_status {
    DNS_FOUND,   /* NOERROR with records of the type asked for */
    DNS_NO_DATA, /* NOERROR without */
    DNS_NXDOMAIN,
    DNS_SERVFAIL,
    DNS_BOGUS,   /* SERVFAIL that turns into data with checking disabled: DNSSEC */
    DNS_REFUSED, /* it does not resolve for us: REFUSED, NOTIMP, FORMERR, NOTAUTH, or but a referral */
    DNS_TIMEOUT,
    DNS_MALFORMED, /* cannot be parsed, or truncated and TCP failed */
    DNS_LOOP,      /* aliases in a circle, or more than 10 links */
    DNS_FAILED,    /* our own side: no resolver can be had or reached, no legal name */
};

/** "nxdomain", "no-data", "timeout", ... for JSON and evidence. */
const char *dns_status_name(enum dns_status);

/**
 * The id of the finding for a status that ends a run, e.g. dns-servfail.
 * DNS_FAILED is dns-timeout: no answer came, and what to look at is the same,
 * the resolver and the way to it; the answer's reason says more.
 */
enum cause dns_status_cause(enum dns_status);

struct dns_mx {
    uint16_t preference;
    char *exchange;
};
struct dns_srv {
    uint16_t priority, weight, port;
    char *target;
};
struct dns_address {
    int family;
    char text[46];
    unsigned char octets[16];
};
struct dns_tlsa {
    uint8_t usage, selector, matching;
    struct span data;
};

struct dns_record {
    enum dns_type type;
    uint32_t ttl;
    union {
        struct dns_mx mx;
        struct dns_srv srv;
        struct dns_address address;
        struct dns_tlsa tlsa;
        struct span txt; /* the strings of the record, joined */
        char *name;      /* CNAME, PTR */
    } as;
};

/** Everything lives in the arena given to dns_message_read(). Names are escaped as in
 *  RFC 1035 5.1, without a final dot, and "." for the root. */
struct dns_answer {
    char *name; /* as asked */
    enum dns_type type;
    enum dns_status status;
    const char *reason; /* our own words on what was malformed or failed, or NULL */
    char **aliases;     /* the CNAME chain behind `name`, in order */
    size_t alias_count;
    struct dns_record *records; /* those of the type asked for, at the end of the chain */
    size_t record_count;
    size_t records_left_out; /* beyond DNS_RECORD_LIMIT */
    bool authenticated;      /* the AD bit came; whether it counts is the resolver's matter */
    bool truncated;          /* the TC bit came, over UDP or, against all custom, over TCP */
    bool over_tcp;
    bool is_local;        /* from the hosts file, or for being "localhost": no resolver was asked */
    unsigned rcode;       /* with the upper bits of OPT (RFC 6891 6.1.3) */
    int ede;              /* extended DNS error (RFC 8914), or -1 */
    struct span ede_text; /* its EXTRA-TEXT, octets from outside */
    instant asked, answered;
};

/** "Signature Expired": the name that RFC 8914 gives an extended error; NULL for codes it does not know. */
const char *dns_ede_name(int ede);

/** Bits of a question besides RD, which is always set. */
enum dns_question_flag {
    DNS_AD = 0x20, /* tell us whether you validated (RFC 6840 5.7) */
    DNS_CD = 0x10, /* do not validate (RFC 4035 3.2.2) */
};

/**
 * Writes a question of class IN, with an OPT record unless `udp_size` is 0.
 * @param out room for DNS_QUESTION_LIMIT octets
 * @param name escaped as in RFC 1035 5.1; a final dot may be there
 * @return how many octets, or 0 if the name is no legal one: empty labels,
 *         labels over 63 or a name over 255 octets, broken escapes
 */
size_t dns_question_write(unsigned char *out, uint16_t id, const char *name, enum dns_type, unsigned flags,
                          unsigned udp_size);

/**
 * Reads an answer to the question (name, type, class IN). Records of other
 * owners than the name and its alias chain, and of other classes, do not count.
 * @return false if it is malformed: status DNS_MALFORMED, with a reason. What
 *         the header said (rcode, authenticated, truncated) then still stands.
 */
bool dns_message_read(struct dns_answer *, struct span message, const char *name, enum dns_type,
                      struct arena *);

#endif
