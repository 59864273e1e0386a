/**
 * Scripted sessions: the format of the files beside this one.
 *
 *     # INVARIANTS 1: what it shows               first line: the name of the test
 *     options: tls=required pipeline to=a@example.com,b@example.com
 *     message: Subject: x\n\nHello\n
 *     S: 220 mx.example ESMTP      a line of the server, with CRLF; \r \n \0 \\ \xHH are known
 *     s: 250-half                  the same without a line end
 *     S*90: 250-X                  so many times
 *     C: EHLO client.example       a line that we must say; adjacent ones must leave in one write
 *     c: half                      the same without a line end
 *     +250ms                       time goes by (us, ms, s)
 *     close, reset                 the server ends the connection
 *     tls ok, tls verified         we must wish for TLS; the handshake succeeds
 *     tls bad CAUSE                ... or fails
 *     cancel                       a signal ends it
 *     ending: reply                then what must have come of it
 *     stage: rcpt
 *
 * All octets of adjacent S lines arrive before what we say is looked at.
 */
#ifndef TRANSCRIPTS_SCRIPT_H
#define TRANSCRIPTS_SCRIPT_H

#include "base/buffer.h"
#include "scripted_sasl.h"
#include "smtp/plan.h"

enum item_kind {
    ITEM_SERVER,
    ITEM_CLIENT,
    ITEM_PAUSE,
    ITEM_CLOSE,
    ITEM_RESET,
    ITEM_TLS_OK,
    ITEM_TLS_BAD,
    ITEM_CANCEL,
};

struct item {
    enum item_kind kind;
    int line;
    struct buffer octets;
    duration pause;
    bool is_verified;
    enum cause cause;
};

struct expectation {
    struct span key;
    struct span value;
    int line;
};

struct script {
    struct arena arena;
    struct buffer text;    /* the file */
    struct span title;
    struct plan plan;
    struct mailbox sender;
    struct span mechanisms; /* for the scripted authenticator */
    bool try_all;
    struct buffer message;
    struct item *items;
    size_t item_count, item_capacity;
    struct expectation *expectations;
    size_t expectation_count, expectation_capacity;
    size_t server_octets; /* of all ITEM_SERVER */
};

/** @return false with a message that names the line */
bool script_read(struct script *, const char *path, struct error *);
void script_clear(struct script *);

/** Adds the text with its escapes resolved. @return false if an escape is unknown. */
bool script_unescape(struct span text, struct buffer *out);

/** Adds the octets as an expectation would write them. */
void script_escape(struct span octets, struct buffer *out);

/** The value that the script expects for a key, or NULL if it has none. */
const struct span *script_expected(const struct script *, const char *key);

#endif
