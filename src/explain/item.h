/**
 * What was found in one piece of input (a line, a JSON object, a recipient of a
 * bounce): a reply with its surroundings, or the reason why there is none.
 */
#ifndef EXPLAIN_ITEM_H
#define EXPLAIN_ITEM_H

#include "diagnose/explanation.h"

/** Bounds on what an item keeps; more is cut. */
enum {
    ITEM_LINES_LIMIT = 64,  /* lines of a reply; the last holds the rest */
    ITEM_NAME_LIMIT = 320,  /* octets of a host, an address and the like */
    ITEM_NAMES_SIZE = 2048, /* octets of all names together */
    ITEM_PLAIN_SIZE = 4096, /* octets of a reply that had to be decoded */
};

enum item_kind {
    ITEM_NOTHING, /* no reply in it; see `lack` */
    ITEM_REPLY,   /* what a server said; the code is 0 where only an enhanced code or words are known */
    ITEM_LOCAL,   /* no reply: what a mail server says of its own work ("Connection refused", "delivered to
                     mailbox"); its words are the reply's lines, the code is 0 */
};

/** Who said it. */
enum item_speaker {
    SPEAKER_UNKNOWN,
    SPEAKER_REMOTE,   /* a remote server, to the server that wrote the log or the bounce */
    SPEAKER_LOCAL,    /* the server that wrote the log or the bounce, of its own work (ITEM_LOCAL) */
    SPEAKER_LISTENER, /* the server that wrote the log, to a client of its own, which is `our_address` then */
};

/** Why there is no reply. */
enum item_lack {
    LACK_NONE,
    LACK_REPLY,  /* a line without one */
    LACK_OBJECT, /* a line that begins like a JSON object and is none, or has no key that is known */
    LACK_BOUNCE, /* a message that reports on no delivery */
    LACK_STATUS, /* a report on a delivery without reply or status */
};

/** What a report says was done (RFC 3464 2.3.3). */
enum item_action {
    ACTION_NONE,
    ACTION_FAILED,
    ACTION_DELAYED,
    ACTION_DELIVERED,
    ACTION_RELAYED,
    ACTION_EXPANDED,
};

/** The same as spans into the input; what is not known is empty, 0 or -1. */
struct sighting {
    enum item_kind kind;
    enum item_speaker speaker;
    enum item_action action;
    int code;
    struct enhanced_status enhanced; /* counts if the reply has none of its own; 5.0.0 or 4.0.0 where a log
                                        tells only whether it was final */
    int stage;                       /* enum stage, or -1 */
    int cause;                       /* enum cause where no reply has to be read for it, or -1 */
    bool underscored;                /* the reply has `_` for blanks (logs of qmail) */
    struct span reply; /* code and text, or the words; lines are parted by LF or by `\n` spelled out */
    struct span host;
    struct span address;
    struct span recipient;
    struct span sender;
    struct span our_address;
    struct span helo;
    struct span provider;
    struct span user;
    struct span key; /* what stands for a code and is none of SMTP: a mail program's number, an HTTP status */
    unsigned port;
};

#define SIGHTING_NONE ((struct sighting){.stage = -1, .cause = -1})

/**
 * Spans point into the input and live as long as it does; the strings of the
 * context and a decoded reply live in the item, which therefore is not to be copied.
 */
struct explain_item {
    enum item_kind kind;
    enum item_speaker speaker;
    enum item_lack lack;
    enum item_action action;
    int cause;          /* enum cause if that is clear without the catalog (explanation_of_cause()), or -1 */
    struct reply reply; /* code, enhanced, lines, raw; no times */
    struct explain_context context;
    const char *key;   /* to be looked up, or NULL; see struct sighting */
    struct span text;  /* the part of the input that is the reply */
    struct span input; /* the whole line, lines or object; empty for messages */
    size_t first_line; /* numbers of the input lines, from 1; of a message the line it begins at, twice */
    size_t last_line;
    struct span lines[ITEM_LINES_LIMIT];
    size_t names_size;
    char names[ITEM_NAMES_SIZE];
    char plain[ITEM_PLAIN_SIZE];
};

/** Makes an item of what was seen. Line numbers and `input` are the caller's to set. */
void item_init(struct explain_item *, const struct sighting *);

/** Makes an item without reply. */
void item_init_lack(struct explain_item *, enum item_lack);

/** A title for people: "No reply of a mail server in this line"; NULL for LACK_NONE. */
const char *item_lack_title(enum item_lack);

/** "failed" and so on, as in RFC 3464; NULL for ACTION_NONE. */
const char *item_action_name(enum item_action);

#endif
