#include "diagnose/fragment_trie.h"

#include "diagnose/catalog_table.h"
#include "diagnose/reply_words.h"

/**
 * Classes of octets: those that fragments are mostly made of have one of their
 * own, in the order of the octets.
 */
static const uint8_t letter_of[256] = {
    [' '] = 1,  ['!'] = 2,  ['"'] = 3,  ['#'] = 4,  ['%'] = 5,  ['\''] = 6, ['('] = 7,  [')'] = 8,
    ['*'] = 9,  ['+'] = 10, [','] = 11, ['-'] = 12, ['.'] = 13, ['/'] = 14, ['0'] = 15, ['1'] = 16,
    ['2'] = 17, ['3'] = 18, ['4'] = 19, ['5'] = 20, ['6'] = 21, ['7'] = 22, ['8'] = 23, ['9'] = 24,
    [':'] = 25, [';'] = 26, ['<'] = 27, ['='] = 28, ['>'] = 29, ['?'] = 30, ['@'] = 31, ['['] = 32,
    [']'] = 33, ['_'] = 34, ['a'] = 35, ['b'] = 36, ['c'] = 37, ['d'] = 38, ['e'] = 39, ['f'] = 40,
    ['g'] = 41, ['h'] = 42, ['i'] = 43, ['j'] = 44, ['k'] = 45, ['l'] = 46, ['m'] = 47, ['n'] = 48,
    ['o'] = 49, ['p'] = 50, ['q'] = 51, ['r'] = 52, ['s'] = 53, ['t'] = 54, ['u'] = 55, ['v'] = 56,
    ['w'] = 57, ['x'] = 58, ['y'] = 59, ['z'] = 60, ['{'] = 61, ['|'] = 62, ['}'] = 63,
};

static uint64_t bit_of(char octet)
{
    return UINT64_C(1) << letter_of[(unsigned char)octet];
}

/* Building */

/** With so few fragments comparing them beats walking on. */
enum { LEAF_FRAGMENTS = 3 };

/** What is known of a node before its children are made. */
struct draft {
    size_t first, last; /* its fragments; `last` is behind the end */
    size_t depth;       /* octets they have in common */
};

struct trie_builder {
    const struct trie_fragment *fragments;
    struct arena *arena;
    struct trie_node *nodes;
    struct draft *drafts;
    size_t count, node_capacity, draft_capacity;
};

static void add_node(struct trie_builder *builder, char octet, struct draft draft)
{
    builder->nodes = arena_grow(builder->arena, builder->nodes, builder->count, &builder->node_capacity,
                                sizeof *builder->nodes);
    builder->drafts = arena_grow(builder->arena, builder->drafts, builder->count, &builder->draft_capacity,
                                 sizeof *builder->drafts);
    builder->nodes[builder->count] = (struct trie_node){.octet = octet};
    builder->drafts[builder->count++] = draft;
}

/** The end of the run of fragments that have the same octet at this depth as the first. */
static size_t run_end(const struct trie_builder *builder, size_t first, size_t last, size_t depth)
{
    size_t end = first + 1;
    while (end < last && builder->fragments[end].text[depth] == builder->fragments[first].text[depth])
        end++;
    return end;
}

/** Those with a class of their own come first, so that their places follow from the set of them. */
static void add_children(struct trie_builder *builder, size_t parent, struct draft rest, bool are_rare)
{
    for (size_t at = rest.first, end; at < rest.last; at = end) {
        end = run_end(builder, at, rest.last, rest.depth);
        char octet = builder->fragments[at].text[rest.depth];
        if ((bit_of(octet) == TRIE_RARE) != are_rare)
            continue;
        add_node(builder, octet, (struct draft){at, end, rest.depth + 1});
        builder->nodes[parent].octets |= bit_of(octet);
        builder->nodes[parent].count++;
    }
}

static void finish_node(struct trie_builder *builder, size_t number)
{
    struct trie_node *node = &builder->nodes[number];
    struct draft rest = builder->drafts[number];
    node->ending = (uint32_t)rest.first;
    while (rest.first < rest.last && builder->fragments[rest.first].size == rest.depth)
        rest.first++;
    node->ending_count = (uint16_t)(rest.first - node->ending);
    node->is_leaf = rest.last - rest.first <= LEAF_FRAGMENTS;
    if (node->is_leaf) {
        node->first = (uint32_t)rest.first;
        node->count = (uint16_t)(rest.last - rest.first);
    } else {
        node->first = (uint32_t)builder->count;
        add_children(builder, number, rest, false);
        add_children(builder, number, rest, true);
    }
}

void fragment_trie_build(struct fragment_trie *trie, const struct trie_fragment *fragments, size_t count,
                         struct arena *arena)
{
    struct trie_builder builder = {.fragments = fragments, .arena = arena};
    uint16_t *roots = ARENA_ARRAY(arena, uint16_t, TRIE_ROOTS);
    for (size_t i = 0; i < TRIE_ROOTS; i++)
        roots[i] = TRIE_NO_NODE;
    for (size_t at = 0; at < count;) {
        size_t end = at + 1;
        while (end < count && fragments[end].zone == fragments[at].zone &&
               fragments[end].text[0] == fragments[at].text[0])
            end++;
        roots[fragments[at].zone * 256u + (unsigned char)fragments[at].text[0]] = (uint16_t)builder.count;
        add_node(&builder, fragments[at].text[0], (struct draft){at, end, 1});
        at = end;
    }
    for (size_t i = 0; i < builder.count; i++)
        finish_node(&builder, i);
    *trie = (struct fragment_trie){builder.nodes, roots, (uint32_t)builder.count};
}

/* Walking */

struct walk {
    const struct catalog_table *table;
    const char *text;
    size_t end; /* of the zone */
    struct fragments_found *found;
    struct arena *arena;
};

/** Braces belong to marks, whose names are no words of the reply. */
static const bool is_word[256] = {
    ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true, ['6'] = true,
    ['7'] = true, ['8'] = true, ['9'] = true, ['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true,
    ['e'] = true, ['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true, ['k'] = true,
    ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true, ['p'] = true, ['q'] = true, ['r'] = true,
    ['s'] = true, ['t'] = true, ['u'] = true, ['v'] = true, ['w'] = true, ['x'] = true, ['y'] = true,
    ['z'] = true, ['{'] = true, ['}'] = true,
};

/** Whether two neighbours belong to one word, so that a fragment cannot end between them. */
static bool is_joint(const struct walk *walk, size_t at)
{
    return at > 0 && at < walk->end && is_word[(unsigned char)walk->text[at - 1]] &&
           is_word[(unsigned char)walk->text[at]];
}

static void note(const struct walk *walk, uint32_t number, size_t end)
{
    struct fragments_found *found = walk->found;
    bool ends_well = walk->table->fragments[number].flags & FRAGMENT_OPEN_RIGHT || !is_joint(walk, end);
    if (!ends_well || fragment_is_found(found, number))
        return;
    found->bits[number / 32] |= UINT32_C(1) << number % 32;
    found->list = arena_grow(walk->arena, found->list, found->count, &found->capacity, sizeof *found->list);
    found->list[found->count++] = number;
}

/** @param depth octets that are known to be the same */
static void compare_leaf(const struct walk *walk, const struct trie_node *leaf, size_t at, size_t depth)
{
    for (uint32_t i = leaf->first; i < leaf->first + leaf->count; i++) {
        const struct catalog_fragment *fragment = &walk->table->fragments[i];
        if (fragment->size <= walk->end - at &&
            memcmp(walk->text + at + depth, walk->table->text + fragment->text + depth,
                   fragment->size - depth) == 0)
            note(walk, i, at + fragment->size);
    }
}

/** How many bits are set; few compilers may count on an instruction for that. */
static unsigned count_bits(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)(bits * UINT64_C(0x0101010101010101) >> 56);
}

static const struct trie_node *child(const struct fragment_trie *trie, const struct trie_node *node,
                                     char octet)
{
    uint64_t bit = bit_of(octet);
    if (!(node->octets & bit))
        return NULL;
    const struct trie_node *children = &trie->nodes[node->first], *end = children + node->count;
    if (bit != TRIE_RARE)
        return children + count_bits(node->octets & (bit - 1) & ~TRIE_RARE);
    const struct trie_node *candidate = children + count_bits(node->octets & ~TRIE_RARE);
    while (candidate < end && candidate->octet != octet)
        candidate++;
    return candidate < end ? candidate : NULL;
}

static void walk_from(const struct walk *walk, enum fragment_zone zone, size_t at)
{
    const struct fragment_trie *trie = &walk->table->trie;
    uint16_t root = trie->roots[zone * 256u + (unsigned char)walk->text[at]];
    const struct trie_node *node = root == TRIE_NO_NODE ? NULL : &trie->nodes[root];
    for (size_t depth = 1; node; depth++) {
        for (uint32_t i = 0; i < node->ending_count; i++)
            note(walk, node->ending + i, at + depth);
        if (node->is_leaf) {
            compare_leaf(walk, node, at, depth);
            return;
        }
        node = at + depth < walk->end ? child(trie, node, walk->text[at + depth]) : NULL;
    }
}

/** Fragments of the words, the first of these zones, and of the links. */
static void walk_words(struct walk *walk, size_t links, enum fragment_zone zone)
{
    const uint16_t *anywhere = &walk->table->trie.roots[(zone + ZONE_ANYWHERE) * 256u];
    walk->end = links;
    for (size_t at = 0; at < walk->end; at++) {
        if (!is_joint(walk, at))
            walk_from(walk, zone + ZONE_WORD_START, at);
        if (anywhere[(unsigned char)walk->text[at]] != TRIE_NO_NODE)
            walk_from(walk, zone + ZONE_ANYWHERE, at);
    }
}

static void walk_links(struct walk *walk, struct span text, size_t links, enum fragment_zone zone)
{
    walk->end = text.size;
    for (size_t at = links; at < walk->end; at++)
        if (!is_joint(walk, at))
            walk_from(walk, zone + ZONE_LINK, at);
}

void fragment_trie_find(const struct catalog_table *table, const struct reply_words *words, bool is_success,
                        struct fragments_found *found, struct arena *arena)
{
    struct walk walk = {table, words->text.at, 0, found, arena};
    *found = (struct fragments_found){.count = 0};
    found->bits = ARENA_ARRAY(arena, uint32_t, table->fragment_count / 32 + 1);
    walk_words(&walk, words->links, 0);
    walk_links(&walk, words->text, words->links, 0);
    if (is_success)
        return;
    walk_words(&walk, words->links, ZONE_OF_REFUSALS);
    walk_links(&walk, words->text, words->links, ZONE_OF_REFUSALS);
}
