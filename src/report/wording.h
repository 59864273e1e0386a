/**
 * Sentences made of facts: what the text report says of a route, a connection,
 * a TLS session and a server's capabilities. Text from outside in them is not
 * escaped yet.
 */
#ifndef REPORT_WORDING_H
#define REPORT_WORDING_H

#include "probe/record.h"

/** "example.com MX: 10 mx1.example.com, 20 mx2.example.com (4 ms)" */
void wording_route(struct buffer *, const struct record *);

/** "Reverse DNS of 192.0.2.1: client.example.org, which leads back to it" */
void wording_own_name(struct buffer *, const struct record *);

/** "mx1.example.com has no address (NXDOMAIN)" */
void wording_host_problem(struct buffer *, const struct route_host *);

/** "mx1.example.com [192.0.2.25]:25" */
void wording_peer(struct buffer *, const struct attempt *);

/** "12 ms", "1.5 s" */
void wording_duration(struct buffer *, duration);

/** "Connection to [192.0.2.25]:25 refused after 0 ms (Connection refused)" */
void wording_connect_failure(struct buffer *, const struct attempt *);

/**
 * "TLSv1.3 TLS_AES_256_GCM_SHA384, X25519; certificate mx1.example.com, 61 days left, trusted, name
 * matches."
 */
void wording_tls(struct buffer *, const struct tls_facts *);

/**
 * What is wrong with the certificate, a judgement at a time: nothing is added where it holds.
 * @return false behind the last
 */
bool wording_judgement(struct buffer *, const struct tls_facts *, size_t index);

/** Why a handshake did not come to its end. */
void wording_tls_failure(struct buffer *, const struct tls_facts *);

/** "Offers: messages up to 10 MiB, STARTTLS. ..." */
void wording_capabilities(struct buffer *, const struct capability_set *, bool in_tls);

/** "10 MiB", "512 KiB", "100 octets" */
void wording_size(struct buffer *, unsigned long long octets);

#endif
