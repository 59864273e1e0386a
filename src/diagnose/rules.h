/**
 * The rules of findings, and what they share. A rule is one short function that
 * looks at the finished record and adds what it finds; it belongs into the
 * array at the end of its file.
 */
#ifndef DIAGNOSE_RULES_H
#define DIAGNOSE_RULES_H

#include "diagnose/finding.h"
#include "smtp/port.h"

typedef void finding_rule(const struct record *, struct finding_list *);

/* Each ended by NULL */
extern finding_rule *const rules_dns[];
extern finding_rule *const rules_connect[];
extern finding_rule *const rules_dialogue[];
extern finding_rule *const rules_tls[];
extern finding_rule *const rules_auth[];

/** A new finding with the texts and the severity of the vocabulary. */
struct finding *finding_add(struct finding_list *, enum cause id);

/** The same at an attempt: host, address, port and stage become evidence. */
struct finding *finding_add_at(struct finding_list *, enum cause id, const struct attempt *, enum stage);

/** The same without an attempt: stage and host, if not NULL, become evidence. */
struct finding *finding_add_about(struct finding_list *, enum cause id, enum stage, const char *host);

/** Whether the vocabulary declares this key of evidence for the finding's id. */
bool finding_wants(const struct finding *, const char *key);

/*
 * Evidence; the keys are those that data/vocabulary.txt declares for the id.
 * Text of NULL is left out here; what is missing in the end becomes "unknown".
 */
void finding_text(struct finding_list *, struct finding *, const char *key, const char *text);
void finding_span(struct finding_list *, struct finding *, const char *key, struct span text);
void finding_number(struct finding_list *, struct finding *, const char *key, double number);
void finding_spans(struct finding_list *, struct finding *, const char *key, const struct span *list,
                   size_t count);

/** One more step of advice, in front of the others if `first`. */
void finding_advise(struct finding_list *, struct finding *, bool first, const char *step);

/** The same behind the others, with the places of the step filled in: "... smtpprobe --server {server}". */
void finding_advise_filled(const struct record *, struct finding_list *, struct finding *, const char *step);

/** Whether a finding of this id is there already. */
bool finding_is_there(const struct finding_list *, enum cause id);

/** The id's use: whether it may be a finding at all ('F' or 'B'). */
bool cause_is_finding(enum cause id);

/** The decisive attempt if its dialogue has begun, else NULL. */
const struct attempt *decisive_dialogue(const struct record *);

/** Whether the user's options demand TLS. */
bool record_demands_tls(const struct record *);

#endif
