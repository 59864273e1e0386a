/** Small readers that the parts of this folder share. None allocates; all are linear in what they read. */
#ifndef EXPLAIN_SCAN_H
#define EXPLAIN_SCAN_H

#include "explain/item.h"

/** A span in the initialiser of a static table, where SPAN() is none that the standard allows. */
#define LITERAL(words)                                                                                       \
    {                                                                                                        \
        words, sizeof words - 1                                                                              \
    }

/** Finds the first occurrence of `words`, case counts. @return whether there is one; *at is set if so */
static inline bool scan_find(struct span text, struct span words, size_t *at)
{
    const char *found = text.size > 0 ? memmem(text.at, text.size, words.at, words.size) : NULL;
    if (found)
        *at = (size_t)(found - text.at);
    return found != NULL;
}

/** Whether the text begins with the words. Inline: for words known at compile time it is a few instructions.
 */
static inline bool scan_begins(struct span text, struct span words)
{
    return text.size >= words.size && memcmp(text.at, words.at, words.size) == 0;
}

/** The same for the last occurrence. For short texts. */
bool scan_find_last(struct span text, struct span words, size_t *at);

/** Where the octet stands first, or the text's size. */
static inline size_t scan_until(struct span text, char octet)
{
    const char *found = text.size > 0 ? memchr(text.at, octet, text.size) : NULL;
    return found ? (size_t)(found - text.at) : text.size;
}

/** What stands between the first octet, which must be `<`, and its `>`; empty if there is none. */
struct span scan_angle(struct span text);

/** The text without blanks, quotes and brackets of the kind given at both ends. */
struct span scan_strip(struct span text, const char *octets);

/** The code that begins the text, followed by a blank, `-`, `_` or the end; 0 if it begins with none. */
int scan_code(struct span text);

/**
 * Finds the code of the reply that decides: the last one that a server is quoted
 * with ("host x said: 550"), else the first with an enhanced code behind it, else
 * the first that words around it show to be one. Dates, sizes, ports, process
 * ids, addresses and queue ids are none.
 */
bool scan_find_code(struct span text, size_t *at);

/** The stage that the words begin with name ("RCPT TO", "end of DATA", "EHLO"), in any case; or -1. */
int scan_stage(struct span words);

/** Reads `host[address]:port`, `host [address]`, `[address]` or a bare host name. @return whether it is one
 */
bool scan_peer(struct span text, struct sighting *found);

/** Words that a mail server has for trouble of its own, with the cause and the stage that they tell. */
bool scan_trouble(struct span text, struct sighting *found);

/** Reads the reply whose code stands at `at`, with the words around it, as scan_reply() does. */
void scan_reply_at(struct span text, size_t at, struct sighting *found);

/**
 * Reads the reply somewhere in words that a mail server wrote around it: code,
 * stage, host; failing that, trouble. Either way `reply` is set.
 * @return false if there is neither; *found is then unchanged
 */
bool scan_reply(struct span text, struct sighting *found);

#endif
