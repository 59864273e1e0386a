/** The hosts file (hosts(5)) of this machine. Pure: the file is read elsewhere. */
#ifndef DNS_HOSTS_H
#define DNS_HOSTS_H

#include "dns/message.h"

/**
 * Looks up a name, ignoring case, and gives what the file says the form of a
 * DNS answer: DNS_FOUND with all addresses of the type, in the file's order, or
 * DNS_NO_DATA if the name has addresses of the other family only.
 * @param type DNS_A or DNS_AAAA
 * @return false if the file does not list the name; the answer is then unchanged.
 */
bool hosts_find(struct dns_answer *, struct span file, const char *name, enum dns_type type, struct arena *);

/** The loopback addresses for "localhost" and names below it (RFC 6761 6.3). @return false for other names
 * and types. */
bool hosts_find_loopback(struct dns_answer *, const char *name, enum dns_type type, struct arena *);

#endif
