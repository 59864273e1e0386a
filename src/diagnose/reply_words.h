/**
 * The text of a reply made ready for matching: one line of lower case, without
 * what differs from reply to reply. The same text comes out of a reply in lines
 * and of one that a relay flattened into one.
 */
#ifndef DIAGNOSE_REPLY_WORDS_H
#define DIAGNOSE_REPLY_WORDS_H

#include "base/arena.h"
#include "smtp/enhanced_status.h"

/**
 * What is kept for matching. A refusal says what it has to say at its
 * beginning; no server is known to write more than some 1,500 octets.
 */
enum { REPLY_WORDS_LIMIT = 4096, REPLY_LINKS_LIMIT = 2048 };

/** All spans live in the arena given. */
struct reply_words {
    int code; /* 0: none that is sound */
    struct enhanced_status
        enhanced; /* where it was found, also within "(#5.1.1)"; its class may differ from the code's */
    /**
     * The words, a line end, and then each host name and URL without its scheme
     * behind a dot, each followed by a line end: ".zen.spamhaus.org\n".
     */
    struct span text;
    size_t links; /* where in `text` these begin */
    struct span address; /* the one IP address among the words; empty if there is none, or several */
};

/**
 * @param lines the text of each line without its code
 *
 * Addresses become {address}, IP addresses {ip}, host names {host}, URLs {url};
 * codes are left out; entities, typographic quotes and runs of blanks become
 * plain; octets that are no UTF-8 are taken for Windows-1252.
 */
void reply_words_read(struct reply_words *, int code, const struct span *lines, size_t line_count,
                      struct arena *);

#endif
