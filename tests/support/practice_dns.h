/** The DNS of the practice server: answers from a zone that is a table in practice_dns.c. */
#ifndef PRACTICE_DNS_H
#define PRACTICE_DNS_H

#include "base/buffer.h"

#include <stdint.h>

/** Ports that SRV records name. */
struct dns_ports {
    uint16_t smtp, tls;
};

/**
 * Answers one query.
 * @param over_udp the answer is cut to 512 octets (RFC 1035 4.2.1)
 * @param answer gets the answer; stays empty where there shall be none
 */
void practice_dns_answer(struct span query, bool over_udp, const struct dns_ports *, struct buffer *answer);

/** Prints the domains and what is special about them, for --help. */
void practice_dns_print_domains(void);

#endif
