#include "sasl/digest.h"

static const char *const single[] = {"nonce", "qop", "stale", "maxbuf", "charset", "algorithm", "cipher"};

/** Takes one directive off the front: its name, and its value whether in quotes or not. */
static bool next_directive(struct span *rest, struct span *name)
{
    while (rest->size > 0 && strchr(" \t\r\n,", rest->at[0]))
        *rest = span_skip(*rest, 1);
    size_t size = 0;
    while (size < rest->size && rest->at[size] != '=' && rest->at[size] != ',')
        size++;
    *name = span_trim(span_first(*rest, size));
    bool quoted = false;
    for (; size < rest->size && (quoted || rest->at[size] != ','); size++) {
        if (quoted && rest->at[size] == '\\')
            size++;
        else if (rest->at[size] == '"')
            quoted = !quoted;
    }
    bool found = rest->size > 0;
    *rest = span_skip(*rest, size);
    return found;
}

bool digest_has_repeats(struct span challenge)
{
    unsigned seen = 0;
    struct span name;
    while (next_directive(&challenge, &name))
        for (unsigned i = 0; i < sizeof single / sizeof *single; i++)
            if (span_is_nocase(name, single[i])) {
                if (seen >> i & 1)
                    return true;
                seen |= 1u << i;
            }
    return false;
}
