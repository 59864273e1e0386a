/**
 * The steps of a session, and what they and the engine know of each other.
 * Nobody else includes this.
 */
#ifndef SMTP_STEPS_H
#define SMTP_STEPS_H

#include "smtp/dialogue.h"

/** What comes next. Steps return it, so that no branch can forget to say. */
enum move {
    MOVE_SPOKEN,  /* say only: said, a reply is due */
    MOVE_NEXT,    /* on with the step after this one */
    MOVE_AGAIN,   /* this step speaks once more (AUTH: challenge, other mechanism) */
    MOVE_SECURE,  /* TLS now, then on from EHLO with capabilities forgotten */
    MOVE_LEAVE,   /* say what is owed and QUIT */
    MOVE_HANG_UP, /* not another word */
};

enum step_flag {
    STEP_GROUPS = 1 << 0,        /* need not be the last of a pipelined group (RFC 2920 3.1) */
    STEP_PER_RECIPIENT = 1 << 1, /* speaks as long as it is wanted */
    STEP_ANY_CODE = 1 << 2,      /* hears codes without a meaning here as well */
    STEP_ANY_REPLY = 1 << 3,     /* ... and 421 and malformed replies */
    STEP_AFTER_RCPT = 1 << 4,    /* waits for all recipients if all are required */
    STEP_MESSAGE = 1 << 5,       /* what it says is the message, which takes its time */
};

struct step {
    enum stage stage;
    bool (*wanted)(const struct dialogue *);
    enum move (*say)(struct dialogue *); /* NULL: the server speaks unasked */
    enum move (*hear)(struct dialogue *, struct exchange *);
    short success[3]; /* the codes that mean success here, and no others do (RFC 5321 4.3.2) */
    short intermediate;
    duration patience; /* what RFC 5321 4.5.3.2 allows the server; NEVER: it gives no figure */
    unsigned flags;
};

/** The engine begins at the first. */
extern const struct step steps[];

/** Where sessions go on: after the handshake, and to leave. */
extern const struct step *const step_after_tls;
extern const struct step *const step_to_leave;

/** The step behind which a stop point comes. */
const struct step *step_of_stop(enum stop_point);

/** Whether STOP_DROP_AFTER_SEND means what `step` has just said. */
bool step_is_stop(const struct dialogue *, const struct step *);

/* What steps do to the dialogue */

/** Queues a command line, without CRLF. @return MOVE_SPOKEN, or MOVE_HANG_UP if it cannot go on a line. */
__attribute__((format(printf, 2, 3))) enum move dialogue_say(struct dialogue *, const char *format, ...);

/**
 * Queues one base64 word of an AUTH exchange behind `prefix`, both without CRLF.
 * @param word what to code; an empty one is "=" behind a prefix (RFC 4954 4)
 * @param shown what the exchange shows in its place
 */
enum move dialogue_say_coded(struct dialogue *, const char *prefix, struct span word, struct span shown,
                             bool is_secret);

/** Begins the message, or ends it at once with its dot alone. */
enum move dialogue_say_body(struct dialogue *);
enum move dialogue_say_lone_dot(struct dialogue *);

/** Says how the session will have ended. The first to say so counts. */
void dialogue_decide(struct dialogue *, struct dialogue_end);

/** The exchange's reply decides. @return MOVE_LEAVE */
enum move dialogue_refused(struct dialogue *, const struct exchange *);

/** Something else than a refusal ends it, at the exchange's stage. @return MOVE_LEAVE */
enum move dialogue_failed(struct dialogue *, const struct exchange *, enum ending, enum cause,
                          const char *detail);

/** The same where nothing was asked, and so no exchange shows it. @return MOVE_LEAVE */
enum move dialogue_lacks(struct dialogue *, enum stage, enum ending, enum cause, const char *detail);

/* AUTH, in auth.c */

bool auth_wanted(const struct dialogue *);
enum move auth_say(struct dialogue *);
enum move auth_hear(struct dialogue *, struct exchange *);

#endif
