/**
 * What a catalog can see of a reply's text, made at a glance: texts with the same
 * key are the same to it. Identifiers, which differ from reply to reply, and
 * mailboxes are marks in it ("Ok: queued as 4F3A21"), so that replies to messages
 * that were accepted have few keys.
 *
 * A word with a digit becomes a mark if no fragment of the catalog could end in
 * it, begin in it or be all of it, and if reply_words_read() takes it for the
 * same kind of thing whatever the word is. All else stays as it is.
 */
#ifndef DIAGNOSE_REPLY_KEY_H
#define DIAGNOSE_REPLY_KEY_H

#include "diagnose/catalog_table.h"
#include "smtp/reply.h"

/** Octets of a key; longer replies have none, so that reply_words_read() cuts nothing of those that have. */
enum { REPLY_KEY_LIMIT = 1024 };

/** The words that a catalog may tell apart: sets of hashes, which may hold more than they should. */
enum { KEY_WINDOW_BITS = 15, KEY_WORD_BITS = 15 };

struct reply_key_words {
    uint32_t begins[(1 << KEY_WINDOW_BITS) / 32]; /* by the octet in front and the first two, or by three */
    uint32_t inside[(1 << KEY_WINDOW_BITS) / 32]; /* by three octets anywhere */
    uint32_t whole[(1 << KEY_WORD_BITS) / 32];
};

void reply_key_words_init(struct reply_key_words *, const struct catalog *);

/** @return false if the text has no key: it is too long, or holds controls */
bool reply_key_write(const struct reply_key_words *, const struct reply *, char key[REPLY_KEY_LIMIT],
                     size_t *size);

#endif
