/**
 * The words of the reports: stages, outcomes, causes and the rest, as declared
 * once in data/vocabulary.txt. The enums are generated: STAGE_RCPT,
 * OUTCOME_REFUSED, CAUSE_MAILBOX_UNKNOWN and so on; CAUSE_OK is zero.
 */
#ifndef SMTP_VOCABULARY_H
#define SMTP_VOCABULARY_H

#include "base/span.h"
#include "smtp/vocabulary_ids.h"

struct vocabulary_word {
    const char *name;
    const char *aliases; /* words between blanks, or NULL */
    const char *title;   /* for people; NULL: the name will do */
};

extern const struct vocabulary_word stage_words[];
extern const struct vocabulary_word outcome_words[];
extern const struct vocabulary_word severity_words[];
extern const struct vocabulary_word who_words[];
extern const struct vocabulary_word retry_words[];
extern const struct vocabulary_word scope_words[];
extern const struct vocabulary_word cause_words[];

/** What stands behind a cause that is not decided by the text of a reply. */
struct cause_facts {
    enum severity severity; /* the default; see the rules of findings */
    const char *evidence;   /* keys between blanks that a finding of this id carries, or NULL */
    const char *meaning;
    const char *advice;     /* steps, one a line; places such as {host} are filled in later */
    enum who who;
    enum retry retry;
    char use;               /* 'C' cause of a verdict, 'F' finding, 'B' both */
    const char *tlsrpt;     /* RFC 8460 4.3 result type, or NULL if TLS reports have none */
};

/** Indexed by enum cause. */
extern const struct cause_facts cause_facts[];

/**
 * Finds a word by name or alias, ignoring case.
 * @return its index, which is the enum's value, or -1.
 */
int vocabulary_find(const struct vocabulary_word *words, int count, struct span name);

/**
 * The stage at which a reply came, as people and logs name it, in any case:
 * "connect" is the greeting, since nothing replies before.
 * @return enum stage, or -1
 */
int stage_of_reply(struct span name);

static inline const char *stage_name(enum stage stage)
{
    return stage_words[stage].name;
}

static inline const char *cause_name(enum cause cause)
{
    return cause_words[cause].name;
}

#endif
