/**
 * The catalog packed for matching: numbers and one run of text, no pointers
 * within, so that the built-in one needs no relocation and no start-up.
 */
#ifndef DIAGNOSE_CATALOG_TABLE_H
#define DIAGNOSE_CATALOG_TABLE_H

#include "diagnose/catalog_source.h"
#include "diagnose/fragment_trie.h"

/** A run of elements in one of the arrays. */
struct catalog_run {
    uint32_t first;
    uint32_t count;
};

/** Texts are places in `text`, 0 for none; lists of texts are runs of `lists`. */
struct catalog_rule {
    uint32_t id;
    uint32_t title;
    uint32_t meaning;
    uint32_t provider;
    uint32_t software;
    struct catalog_run advice;
    struct catalog_run links;
    struct catalog_run remarks;
    struct catalog_run codes;
    struct catalog_run enhanced;
    struct catalog_run phrases; /* one of which must occur; none: no words are asked for */
    struct catalog_run barred;  /* fragments, in `members` */
    uint32_t stages;            /* bits; 0: any */
    int32_t retry_after;
    uint16_t narrowness; /* of what is asked for apart from words */
    uint8_t classes;     /* bits; 0: any */
    uint16_t conditions;
    uint8_t layer;
    uint8_t cause;
    uint8_t who;
    uint8_t retry;
    int8_t scope;
    uint8_t is_general;
};

struct catalog_codes {
    uint16_t first;
    uint16_t last;
};

struct catalog_enhanced {
    uint16_t class;
    uint16_t subject;
    struct catalog_codes detail;
};

/** In `members`: the fragment is an alternative to the one before it, and either will do. */
#define MEMBER_IS_OTHER (UINT32_C(1) << 31)

struct catalog_phrase {
    struct catalog_run members; /* fragments that must all occur, in `members` */
    uint32_t owner;             /* whose words it is: a rule, or rule_count + a provider */
    uint32_t is_choice; /* all members are alternatives: what occurs is enough, and need not be looked for */
};

struct catalog_provider {
    uint32_t id;
    uint32_t name;
    uint32_t link;
    struct catalog_run aliases; /* texts in lower case, like all that follow; in `lists` */
    struct catalog_run hosts;   /* ".google.com": all names below; "mx.example.com": this one */
    struct catalog_run domains;
    uint8_t kind;
};

/** A spelling of a look-up's key. */
struct catalog_key {
    uint32_t text; /* lower case */
    uint32_t rule;
};

/** What a name says of a provider. */
enum name_kind { NAME_OF_PROVIDER, NAME_OF_HOST, NAME_OF_DOMAIN };

struct catalog_name {
    uint32_t text;
    uint32_t hash;
    uint16_t provider;
    uint16_t kind;
};

enum {
    FRAGMENT_OPEN_LEFT = 1,
    FRAGMENT_OPEN_RIGHT = 2,
    FRAGMENT_IN_LINK = 4,
    FRAGMENT_OF_REFUSALS = 8, /* looked for in refusals only */
};

struct catalog_fragment {
    struct catalog_run keyed; /* phrases of which it is the rarest member, or an alternative to it, in
                                 `keyed`: only these are looked at if it occurs */
    uint32_t text;
    uint16_t size;
    uint8_t flags;
    uint8_t words; /* how many it has; a link counts as more */
};

/**
 * Rules that want no words are found by the codes they name: an index by basic
 * code, by enhanced code (several share a key), and those that name too many.
 */
enum {
    WORDLESS_ANY,
    WORDLESS_WITHOUT_CODE, /* name codes, and count for replies without any, too */
    WORDLESS_CODES,        /* of 200 to 599 */
    WORDLESS_ENHANCED = WORDLESS_CODES + 400,
    WORDLESS_ENHANCED_KEYS = 256,
    WORDLESS_KEYS = WORDLESS_ENHANCED + WORDLESS_ENHANCED_KEYS,
};

static inline unsigned wordless_key_of_code(unsigned code)
{
    return code >= 200 && code < 600 ? WORDLESS_CODES + code - 200 : WORDLESS_WITHOUT_CODE;
}

static inline unsigned wordless_key_of_enhanced(unsigned subject, unsigned detail)
{
    return WORDLESS_ENHANCED + (subject * 64 + detail) % WORDLESS_ENHANCED_KEYS;
}

struct catalog_table {
    const char *text; /* NUL-terminated strings; the first is empty */
    const uint32_t *lists;
    const struct catalog_rule *rules;         /* by layer, then id; look-ups are the last */
    const struct catalog_provider *providers; /* by id */
    const struct catalog_name
        *names;                     /* slots of a hash table, found with catalog_name_find(); text 0: free */
    const struct catalog_key *keys; /* by text, then rule */
    const struct catalog_codes *codes;
    const struct catalog_enhanced *enhanced;
    const struct catalog_phrase *phrases;
    const uint32_t *members;
    const uint32_t *keyed;                    /* phrases by fragment */
    const struct catalog_fragment *fragments; /* each once, in the order of the trie */
    struct fragment_trie trie;                /* that finds them */
    const uint32_t *wordless;                 /* rules of replies without words, by key */
    const struct catalog_run *wordless_runs;  /* WORDLESS_KEYS */
    uint32_t text_size, list_count, rule_count, look_up_count, provider_count, key_count, code_count,
        enhanced_count, phrase_count, member_count, keyed_count, fragment_count, wordless_count,
        name_slots; /* a power of two */
};

/** How many of the rules are for replies: the first ones. */
static inline uint32_t catalog_reply_rule_count(const struct catalog_table *table)
{
    return table->rule_count - table->look_up_count;
}

/** A text of the table, NULL for none. */
static inline const char *catalog_text(const struct catalog_table *table, uint32_t place)
{
    return place ? table->text + place : NULL;
}

/** The text at `index` of a run of `lists`. */
static inline const char *catalog_list_text(const struct catalog_table *table, struct catalog_run run,
                                            uint32_t index)
{
    return table->text + table->lists[run.first + index];
}

/** What a packed rule gives to others that are like it or share its words: its texts, answer and phrases. */
struct source_rule *catalog_table_unpack(const struct catalog_table *, const struct catalog_rule *,
                                         struct arena *);

/* Names are hashed from their end, so that one walk over a host name gives the hashes of all that it is
 * below. */

enum { CATALOG_NAME_HASH_OF_NOTHING = 0x11c9dc5 };

/** The hash of a name from that of what follows its first octet. */
static inline uint32_t catalog_name_hash_before(char first, uint32_t hash)
{
    return (hash ^ ((unsigned char)first | 0x20u)) * UINT32_C(16777619); /* near enough to lower case */
}

static inline uint32_t catalog_name_hash(struct span name)
{
    uint32_t hash = CATALOG_NAME_HASH_OF_NOTHING;
    while (name.size > 0)
        hash = catalog_name_hash_before(name.at[--name.size], hash);
    return hash;
}

/** Whether there may be a name with this hash: mostly not. */
static inline bool catalog_name_may_exist(const struct catalog_table *table, uint32_t hash)
{
    return table->names[hash & (table->name_slots - 1)].text != 0;
}

/**
 * The provider that has this name, alias, host (".example.com": all hosts below)
 * or domain, ignoring case; of several the first.
 * @param hash of the name
 * @return NULL if there is none
 */
const struct catalog_provider *catalog_name_find(const struct catalog_table *, enum name_kind,
                                                 struct span name, uint32_t hash);

/** Packs a finished source. Everything lives in the arena. */
void catalog_table_build(struct catalog_table *, const struct catalog_source *, struct arena *);

/** The catalog that is this table alone. */
static inline struct catalog catalog_of_table(const struct catalog_table *table)
{
    return (struct catalog){.parts = {{table, NULL}}, .part_count = 1};
}

/** The table behind catalog_builtin. */
extern const struct catalog_table catalog_builtin_table;

#endif
