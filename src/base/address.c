#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>

int address_family(const char *text, unsigned char *octets)
{
    unsigned char room[16];
    if (!octets)
        octets = room;
    if (text && inet_pton(AF_INET, text, octets) == 1)
        return AF_INET;
    return text && inet_pton(AF_INET6, text, octets) == 1 ? AF_INET6 : 0;
}

void address_split(struct span text, struct span *address, struct span *port)
{
    const char *bracket = text.size ? memchr(text.at, ']', text.size) : NULL;
    const char *colon = text.size ? memchr(text.at, ':', text.size) : NULL;
    size_t size = text.size;
    if (bracket && text.at[0] == '[') {
        *address = span_of(text.at + 1, (size_t)(bracket - text.at) - 1);
        *port = span_skip(text, (size_t)(bracket - text.at) + 1);
        return;
    }
    if (colon && !memchr(colon + 1, ':', text.size - (size_t)(colon + 1 - text.at)))
        size = (size_t)(colon - text.at);
    *address = span_first(text, size);
    *port = span_skip(text, size);
}

struct span address_reversed(const char *address, char text[ADDRESS_REVERSED_SIZE])
{
    unsigned char octets[16];
    size_t used = 0;
    int family = address_family(address, octets);
    if (family == 0)
        return span_of(NULL, 0);
    if (family == AF_INET)
        return span_of(text, (size_t)snprintf(text, ADDRESS_REVERSED_SIZE, "%u.%u.%u.%u", octets[3],
                                              octets[2], octets[1], octets[0]));
    for (int i = 15; i >= 0; i--)
        used += (size_t)snprintf(text + used, ADDRESS_REVERSED_SIZE - used, "%x.%x.", octets[i] & 15u,
                                 octets[i] >> 4);
    return span_of(text, used - 1);
}

const char *address_reverse_name(const char *address, struct arena *arena)
{
    char text[ADDRESS_REVERSED_SIZE];
    struct span reversed = address_reversed(address, text);
    if (reversed.size == 0)
        return NULL;
    return arena_printf(arena, "%.*s.%s", SPAN_ARGS(reversed),
                        address_family(address, NULL) == AF_INET ? "in-addr.arpa" : "ip6.arpa");
}
