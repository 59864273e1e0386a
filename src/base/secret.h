/**
 * Secrets that no report may show, in whatever form a server echoes them:
 * plain, hexadecimal, or base64 at any alignment.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/buffer.h"

/** Shorter secrets are not searched for in server text, since they would match by chance. */
enum { SECRET_SEARCH_MINIMUM = 6 };

struct secret_pattern {
    struct buffer text;
    bool shares_before; /* base64: the character before a match has bits of the secret, too */
    bool shares_after;  /* ... the one behind it */
};

struct secret_list {
    struct secret_pattern *patterns; /* all forms of all secrets */
    size_t count;
};

#define SECRET_LIST_EMPTY ((struct secret_list){NULL, 0})

/** Registers a secret and derives the forms to look for. One below SECRET_SEARCH_MINIMUM is left out. */
void secret_list_add(struct secret_list *, struct span secret);

/** Wipes and releases all. */
void secret_list_clear(struct secret_list *);

/**
 * Replaces each form of each secret by '*' octets, in place, so that sizes and
 * the structure of the text stay. Hexadecimal is found in either case, plain
 * text in its own case. Of base64 the characters at both ends that hold bits of
 * the secret and of its surroundings go as well.
 * @return whether anything was masked
 */
bool secret_list_mask(const struct secret_list *, char *text, size_t size);

#endif
