/**
 * Mailboxes, paths and domains (RFC 5321 4.1.2, 4.1.3; RFC 6531 3.3), checked
 * before anything is sent: what passes here cannot inject a command.
 */
#ifndef SMTP_MAILBOX_H
#define SMTP_MAILBOX_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

enum {
    LOCAL_PART_LIMIT = 64, /* RFC 5321 4.5.3.1.1 */
    DOMAIN_LIMIT = 255,    /* RFC 5321 4.5.3.1.2 */
    PATH_LIMIT = 256,      /* RFC 5321 4.5.3.1.3, with the angle brackets */
};

/** Everything lives in the arena given to mailbox_parse(). */
struct mailbox {
    bool is_null;          /* the null reverse-path <> */
    struct span text;      /* as given, without angle brackets */
    struct span local;     /* local part as written, with quotes if quoted */
    struct span domain;    /* as written, may be UTF-8; literal with brackets */
    struct span wire;      /* what goes between < and >: see mailbox_parse() */
    char *ascii_domain;    /* A-labels (IDNA2008), lower case; NULL for a literal or without a domain */
    int literal_family;    /* AF_INET or AF_INET6 for a literal, else 0 */
    char *literal_address; /* the address as text, else NULL */
    bool needs_smtputf8;   /* the local part is not ASCII (RFC 6531 3.2) */
    bool has_utf8_domain;  /* the domain is not ASCII: A-labels can stand in for it */
};

/**
 * Reads one mailbox, with or without angle brackets: local@domain,
 * "quoted local"@domain, local@[192.0.2.1], local@[IPv6:2001:db8::1],
 * local@#16909060, local alone ("postmaster"), or the null path "<>" or "".
 *
 * `wire` holds the domain in A-labels, unless the local part needs SMTPUTF8:
 * then both parts stay UTF-8. A final dot is left out, and #16909060 becomes
 * [1.2.3.4], since RFC 5321 no longer knows the other form. Blanks around the
 * whole do not count.
 * @return false with a message that names the fault and its place: NUL or
 *         controls, unbalanced quotes, limits, dots, invalid UTF-8, IDNA errors.
 */
bool mailbox_parse(struct mailbox *, struct span text, struct arena *, struct error *);

/**
 * Splits a comma-separated list, not at commas within quotes or angle brackets,
 * and parses each. Empty elements are skipped.
 * @param count set to the number of mailboxes in *list
 * @return false with a message about the first that is none
 */
bool mailbox_parse_list(struct mailbox **list, size_t *count, struct span text, struct arena *,
                        struct error *);

/**
 * Checks a domain name and turns it into A-labels (IDNA2008, UTS 46
 * non-transitional), lower case, without a final dot. Underscores are allowed
 * in labels, since names in DNS carry them.
 * @return NULL with a message if it is no domain name.
 */
char *domain_to_ascii(struct span domain, struct arena *, struct error *);

/**
 * Whether `name` is a host name of LDH labels (underscore tolerated), as DNS
 * may give us one to use; with or without a final dot. The text of an IPv4
 * address is one by this measure.
 */
bool domain_is_host_name(struct span name);

/**
 * Reads an address literal with its brackets (RFC 5321 4.1.3), or #NUMBER.
 * @param address room for INET6_ADDRSTRLEN octets
 * @return AF_INET, AF_INET6, or 0 if it is none.
 */
int address_literal_parse(struct span literal, char *address);

/**
 * Whether text can stand as a Domain or address literal in EHLO; the message
 * says why not. An address without brackets passes: it reads as a Domain, and
 * what a server says of it is worth a probe.
 */
bool helo_name_check(struct span name, struct error *);

/** libidn2's own version, for --version. */
const char *idn_library_version(void);

#endif
