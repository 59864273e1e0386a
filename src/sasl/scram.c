#include "sasl/scram.h"

#include <limits.h>

struct span scram_attribute(struct span message, char name)
{
    struct span token;
    while (span_next_token(&message, ",", &token))
        if (token.size >= 2 && token.at[0] == name && token.at[1] == '=')
            return span_skip(token, 2);
    return (struct span){NULL, 0};
}

/** server-first-message is nonce "," salt "," iteration-count; a mandatory extension "m=" may not precede. */
static bool has_order_of_server_first(struct span message)
{
    static const char order[] = "rsi";
    struct span token;
    for (size_t i = 0; order[i]; i++)
        if (!span_next_token(&message, ",", &token) || token.size < 3 || token.at[0] != order[i] ||
            token.at[1] != '=')
            return false;
    return true;
}

static bool extends(struct span nonce, struct span ours)
{
    return ours.size > 0 && nonce.size > ours.size && memcmp(nonce.at, ours.at, ours.size) == 0;
}

enum scram_fault scram_check_server_first(struct span client_first, struct span server_first,
                                          unsigned long *iterations)
{
    unsigned long long count = 0;
    *iterations = 0;
    if (!has_order_of_server_first(server_first))
        return SCRAM_MALFORMED;
    if (!extends(scram_attribute(server_first, 'r'), scram_attribute(client_first, 'r')))
        return SCRAM_NONCE_FOREIGN;
    struct span number = scram_attribute(server_first, 'i');
    if (!span_to_number(number, ULONG_MAX, &count) || count == 0)
        return SCRAM_MALFORMED;
    *iterations = (unsigned long)count;
    return count > SCRAM_ITERATIONS_LIMIT ? SCRAM_TOO_MANY_ITERATIONS : SCRAM_SOUND;
}
