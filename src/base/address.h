/** Internet addresses as text. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include "base/arena.h"

/** Room for an IPv6 address backwards: 32 nibbles, each with a dot. */
enum { ADDRESS_REVERSED_SIZE = 64 + 1 };

/** AF_INET or AF_INET6; 0 if the text is no address. @param octets room for 16, or NULL */
int address_family(const char *text, unsigned char *octets);

/**
 * Splits "[ADDRESS]:PORT", "ADDRESS:PORT" with one colon, or "ADDRESS".
 * @param port with the colon; empty if there is none, and anything else if the text is of another form
 */
void address_split(struct span text, struct span *address, struct span *port);

/**
 * The address as block lists and the reverse trees of the DNS have it:
 * 1.2.0.192 for 192.0.2.1, nibble by nibble for IPv6.
 * @return a span of `text`; empty if it is no address
 */
struct span address_reversed(const char *address, char text[ADDRESS_REVERSED_SIZE]);

/** The owner of the address's PTR record (RFC 1035 3.5, RFC 3596 2.5), in the arena; NULL if it is none. */
const char *address_reverse_name(const char *address, struct arena *arena);

#endif
