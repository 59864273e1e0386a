/**
 * Finds in the words of a reply all fragments of a catalog in one walk: a trie
 * whose nodes are few, since a branch with few fragments holds these whole.
 */
#ifndef DIAGNOSE_FRAGMENT_TRIE_H
#define DIAGNOSE_FRAGMENT_TRIE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalog_table;
struct reply_words;

/** Where a fragment may begin: each kind has a root of its own, and another for what only refusals say. */
enum fragment_zone {
    ZONE_WORD_START, /* at the beginning of a word */
    ZONE_ANYWHERE,
    ZONE_LINK, /* among the links behind the words */
    ZONE_OF_REFUSALS,
    ZONE_COUNT = 2 * ZONE_OF_REFUSALS
};

enum { TRIE_ROOTS = ZONE_COUNT * 256, TRIE_NO_NODE = UINT16_MAX };

/** The bit of all octets that have none of their own. */
#define TRIE_RARE UINT64_C(1)

/** The fragments with a common beginning. */
struct trie_node {
    uint32_t ending; /* fragments that are just this beginning: the first of them */
    uint32_t first;  /* of its children; of a leaf the first of the fragments that go on */
    uint64_t octets; /* by which it is left: bits; of a leaf 0 */
    uint16_t ending_count;
    uint16_t count; /* children, or fragments */
    char octet;     /* by which it is reached */
    bool is_leaf;
};

struct fragment_trie {
    const struct trie_node *nodes; /* children stand together, in the order of their octets, rare ones last */
    const uint16_t *roots;         /* by zone, then first octet; TRIE_NO_NODE: nothing begins so */
    uint32_t node_count;
};

/** A fragment as the trie is built of it. */
struct trie_fragment {
    enum fragment_zone zone;
    const char *text;
    size_t size;
};

/** @param fragments sorted by zone, then text, a beginning before what goes on; none is empty */
void fragment_trie_build(struct fragment_trie *, const struct trie_fragment *fragments, size_t count,
                         struct arena *);

/** The fragments of a table that occur: a bit of each, and a list. */
struct fragments_found {
    uint32_t *bits;
    uint32_t *list;
    size_t count;
    size_t capacity;
};

/** @param is_success of class 2 or 3: then what only refusals say is not looked for */
void fragment_trie_find(const struct catalog_table *, const struct reply_words *, bool is_success,
                        struct fragments_found *, struct arena *);

static inline bool fragment_is_found(const struct fragments_found *found, uint32_t number)
{
    return found->bits[number / 32] >> number % 32 & 1;
}

#endif
