/**
 * Reader and lint of catalog files: stanzas that say what a reply means.
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
 *                  words (phrase), enhanced, codes (basic), class
 *     like         id of a rule from which all texts and the answer are taken that
 *                  this one does not give itself (cause to remark below)
 *     provider     counts only for replies of this provider
 *     software     whose wording it is
 *     codes        basic codes or ranges: 450 550-554
 *     class        first digits: 4 5; 0 stands for a reply without a sound code
 *     enhanced     enhanced codes: 5.1.1 X.7.1 5.7.606-649 X.7.*, where X is 4 or 5
 *     words        fragments that must all occur, joined by " & "; alternatives
 *                  are parted by " | "; "[user/mailbox] unknown" writes two of
 *                  them at once
 *     words-of     id of a rule whose words this one shares
 *     not *        fragments, parted by " | ", none of which may occur
 *     general      "yes": the words say little, all other rules with words of the layer come before it
 *     stages       stages at which it counts; without them: any, also unknown
 *     when         mx submission tls clear authenticated anonymous consequence by-mx:
 *                  must all be known to hold (see enum catalog_condition)
 *     cause title meaning who retry retry_after scope advice * link * remark *
 *     source *     where the fact is documented
 *     example *    STAGE CODE TEXT, where STAGE may be "-": a reply that must reach this rule
 *
 * A fragment is matched, ignoring case, where its ends are ends of words; "*"
 * at an end lifts that. {address}, {ip}, {host} and {url} stand for any mail
 * address, IP address, host name and URL of the reply; their own words never
 * match, so that no refusal is misread for a local part such as "spam". Host
 * names and URLs are matched only by fragments that begin with ".", "/" or "?":
 * ".spamhaus.org" is found in zen.spamhaus.org.
 */
#ifndef DIAGNOSE_CATALOG_SOURCE_H
#define DIAGNOSE_CATALOG_SOURCE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

#include <stdint.h>

/** Bounds on one file and on all of them together. */
enum {
    CATALOG_FILE_LIMIT = 1024 * 1024,
    CATALOG_RULES_LIMIT = 4096,
    CATALOG_TITLE_LIMIT = 60,
    CATALOG_MEANING_LIMIT = 300,
    CATALOG_LINE_LIMIT = 400, /* a step of advice, a link, a remark */
};

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
    bool in_link; /* looked for in host names and URLs */
};

/** Fragments that must all occur. */
struct source_phrase {
    struct source_fragment *fragments;
    size_t count;
};

struct source_example {
    int stage; /* or -1 */
    int code;
    struct span text;
};

#define SOURCE_LIST(type)                                                                                    \
    struct {                                                                                                 \
        type *at;                                                                                            \
        size_t count;                                                                                        \
        size_t capacity;                                                                                     \
    }

/** Spans borrow the text of the file. Numbers are -1 where the key is missing. */
struct source_rule {
    const char *file;
    unsigned line;
    struct span id;
    struct span like;
    struct span words_of;
    int layer; /* enum confidence */
    struct span provider;
    struct span software;
    SOURCE_LIST(struct source_range) codes;
    unsigned classes; /* bit 1 << digit */
    SOURCE_LIST(struct source_enhanced) enhanced;
    SOURCE_LIST(struct source_phrase) phrases;
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
    SOURCE_LIST(struct span) advice;
    SOURCE_LIST(struct span) links;
    SOURCE_LIST(struct span) remarks;
    SOURCE_LIST(struct span) sources;
    SOURCE_LIST(struct source_example) examples;
};

struct catalog_source {
    struct arena *arena;
    struct source_rule **rules; /* sorted by id once finished */
    size_t count;
    size_t capacity;
};

#define CATALOG_SOURCE_EMPTY(arena) ((struct catalog_source){(arena), NULL, 0, 0})

/**
 * Adds the rules of one file.
 * @param name for messages; like the text it must outlive the source
 * @return false with "NAME:LINE: what is wrong"
 */
bool catalog_source_read(struct catalog_source *, const char *name, struct span text, struct error *);

/**
 * Resolves `like` and `words-of` and checks each rule for what it must have:
 * refusals need advice, every rule a source and an example. Call it once, after
 * the last file.
 */
bool catalog_source_finish(struct catalog_source *, struct error *);

#endif
