/**
 * Reader and lint of catalog files: stanzas that say what a reply means, and
 * who the servers belong to.
 *
 *     rule: mailbox-unknown
 *     words: user unknown | no such & mailbox
 *     ...
 *
 * Stanzas are `key: value` lines; a line that begins with a blank goes on with
 * the value above it, `#` in column 0 is a comment, an empty line ends the
 * stanza. The keys (* may be repeated):
 *
 *     rule         id: lower case letters, digits, "-" and "."; opens the stanza
 *     layer        where a rule counts; else told by its keys: provider, software,
 *                  words (phrase), enhanced, codes (basic), class. A tag, which proves
 *                  who speaks, needs words or enhanced codes that the registry is far
 *                  from: with a detail of 50 or more
 *     like         id of a rule from which all texts and the answer are taken that
 *                  this one does not give itself (cause to remark below)
 *     provider     counts only for replies of this provider, which a stanza of its own declares
 *     software     whose wording it is
 *     codes        basic codes or ranges: 450 550-554
 *     class        first digits: 4 5; 0 stands for a reply without a sound code
 *     enhanced     enhanced codes: 5.1.1 X.7.1 5.7.606-649 X.7.*, where X is 4 or 5
 *     words        fragments that must all occur, joined by " & "; alternatives
 *                  are parted by " | "; "[user/mailbox] unknown" writes two of
 *                  them at once, and a member may be empty: "[/no] user";
 *                  "[:group]" stands for the words of a group
 *     words-of     id of a rule whose words this one shares
 *     not *        fragments, parted by " | ", none of which may occur
 *     general      "yes": the words say little, all other rules with words of the layer come before it
 *     stages       stages at which it counts; without them: any, also unknown
 *     when         mx submission tls clear authenticated anonymous consequence by-mx bare:
 *                  must all be known to hold (see enum catalog_condition)
 *     cause title meaning who retry retry_after scope advice * link * remark *
 *     source *     where the fact is documented
 *     example *    STAGE CODE TEXT, where STAGE may be "-": a reply that must reach this rule
 *
 * A rule with a key is a look-up: it is found by provider and key, never by a
 * reply, and needs a provider. Of what selects it may have only words, not and
 * general: they choose among rules with the same key.
 *
 *     key *        spellings parted by blanks, case ignored: 0x800CCC78
 *     example *    [PROVIDER] KEY [WORDS], as a user types it
 *
 * A stanza that opens with `provider` declares one, once:
 *
 *     provider     id
 *     name         for people
 *     kind         mailbox, filter (in front of others' mailboxes), sender, list
 *                  (a block list), program (a mail program),
 *                  standard (nobody's: what holds everywhere)
 *     aliases *    other words for the id, parted by blanks
 *     mx *         names of its servers (MX host, greeting, EHLO, certificate), parted
 *                  by blanks; with a leading dot all names below it
 *     domains *    recipient domains, parted by blanks
 *     words *      as in rules; they prove in a reply that this provider speaks
 *     link         where it explains itself
 *     source *     where the facts are documented
 *
 * A stanza that opens with `group` names words that rules further down in the same
 * file share; "[:NAME/other]" in their words, or in `not`, stands for them all.
 *
 *     group        name, made as ids are
 *     words        two fragments or more, parted by " | "
 *
 * A fragment is matched, ignoring case and accents, where its ends are ends of
 * words; "*" at an end lifts that. {address}, {ip}, {host} and {url} stand for any mail
 * address, IP address, host name and URL of the reply; their own words never
 * match, so that no refusal is misread for a local part such as "spam". Host
 * names and URLs are matched only by fragments that begin with ".", "/" or "?":
 * ".spamhaus.org" is found in zen.spamhaus.org.
 */
#ifndef DIAGNOSE_CATALOG_SOURCE_H
#define DIAGNOSE_CATALOG_SOURCE_H

#include "base/error.h"
#include "diagnose/catalog.h"

/** Bounds on one file and on all of them together. */
enum {
    CATALOG_FILE_LIMIT = 1024 * 1024,
    CATALOG_RULES_LIMIT = 4096,
    CATALOG_PROVIDERS_LIMIT = 1024,
    CATALOG_FRAGMENTS_LIMIT = 131072, /* in the words of one source, groups written out */
    CATALOG_TITLE_LIMIT = 60,
    CATALOG_MEANING_LIMIT = 300,
    CATALOG_LINE_LIMIT = 400, /* a step of advice, a link, a remark */
};

/** The layer of look-ups, behind those of enum confidence. */
enum { CATALOG_LAYER_LOOK_UP = CONFIDENCE_COUNT };

/** What the surroundings must be for a rule to count: bits. */
enum catalog_condition {
    CONDITION_MX = 1 << 0,         /* port 25, or a host found through MX */
    CONDITION_SUBMISSION = 1 << 1, /* port 587 or 465 */
    CONDITION_TLS = 1 << 2,
    CONDITION_CLEAR = 1 << 3,
    CONDITION_AUTHENTICATED = 1 << 4,
    CONDITION_ANONYMOUS = 1 << 5,
    CONDITION_CONSEQUENCE = 1 << 6, /* every recipient was refused before */
    CONDITION_BY_MX = 1 << 7,       /* DNS named the host, not the user */
    CONDITION_BARE = 1 << 8,        /* a code alone: neither text nor stage is known */
};

struct source_range {
    unsigned first;
    unsigned last;
};

struct source_enhanced {
    unsigned class; /* 2, 4, 5; 0: 4 or 5 */
    unsigned subject;
    struct source_range detail;
};

struct source_fragment {
    struct span text; /* lower case */
    bool open_left;   /* may begin within a word */
    bool open_right;
    bool in_link;  /* looked for in host names and URLs */
    bool is_other; /* an alternative to the one before it in the phrase */
};

/** Fragments that must all occur, but for those that are alternatives: of these any. */
struct source_phrase {
    struct source_fragment *fragments;
    size_t count;
};

struct source_example {
    int stage; /* or -1 */
    int code;
    struct span text; /* of a look-up all that a user types */
    unsigned line;
};

#define SOURCE_LIST_OF(type)                                                                                 \
    {                                                                                                        \
        type *at;                                                                                            \
        size_t count;                                                                                        \
        size_t capacity;                                                                                     \
    }
#define SOURCE_LIST(type) struct SOURCE_LIST_OF(type)

/** Texts and phrases, in lists that rules and providers share functions for. */
struct source_texts SOURCE_LIST_OF(struct span);
struct source_phrases SOURCE_LIST_OF(struct source_phrase);

/** Spans borrow the text of the file. Numbers are -1 where the key is missing. */
struct source_rule {
    const char *file;
    unsigned line;
    struct span id;
    struct span like;
    struct span words_of;
    int layer;                /* enum confidence, or CATALOG_LAYER_LOOK_UP */
    struct source_texts keys; /* lower case */
    struct span provider;
    struct span software;
    SOURCE_LIST(struct source_range) codes;
    unsigned classes; /* bit 1 << digit */
    SOURCE_LIST(struct source_enhanced) enhanced;
    struct source_phrases phrases;
    struct source_phrase barred;
    size_t barred_capacity;
    bool is_general;
    uint32_t stages; /* bit 1 << enum stage */
    unsigned conditions;
    int cause;
    struct span title;
    struct span meaning;
    int who;
    int retry;
    long retry_after;
    int scope;
    struct source_texts advice;
    struct source_texts links;
    struct source_texts remarks;
    struct source_texts sources;
    SOURCE_LIST(struct source_example) examples;
};

struct source_provider {
    const char *file;
    unsigned line;
    struct span id;
    struct span name;
    struct span link;
    int kind;
    struct source_texts aliases;
    struct source_texts hosts;
    struct source_texts domains;
    struct source_phrases phrases;
    struct source_texts sources;
};

struct catalog_source {
    struct arena *arena;
    const struct catalog *base; /* whose rules may be named by `like` and `words-of`, and whose providers are
                                   known; or NULL */
    bool is_draft;              /* rules may lack source and example, and providers a source */
    size_t fragment_count;      /* in words, those shared counted again */
    struct source_rule **rules; /* sorted by id once finished */
    size_t count;
    size_t capacity;
    struct source_provider **providers; /* sorted by id once finished */
    size_t provider_count;
    size_t provider_capacity;
};

#define CATALOG_SOURCE_EMPTY(source_arena) ((struct catalog_source){.arena = (source_arena)})

/** Reads a file as a whole into the arena. @return false with "NAME: what is wrong" */
bool catalog_file_read(const char *path, struct arena *, struct span *text, struct error *);

/**
 * Adds the rules of one file.
 * @param name for messages; like the text it must outlive the source
 * @return false with "NAME:LINE: what is wrong"
 */
bool catalog_source_read(struct catalog_source *, const char *name, struct span text, struct error *);

/**
 * Resolves `like` and `words-of` and checks each rule for what it must have:
 * refusals need advice, every rule a source and an example, and its provider a
 * stanza. Call it once, after the last file.
 */
bool catalog_source_finish(struct catalog_source *, struct error *);

/** The rule of this id in a finished source, or NULL. */
const struct source_rule *catalog_source_find(const struct catalog_source *, struct span id);

#endif
