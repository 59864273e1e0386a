/**
 * Findings: facts about the server, the network or the security of the session
 * that no single reply tells. Rules over the finished record make them.
 */
#ifndef DIAGNOSE_FINDING_H
#define DIAGNOSE_FINDING_H

#include "diagnose/catalog.h"
#include "probe/record.h"

struct evidence {
    const char *key; /* as declared in data/vocabulary.txt */
    enum { EVIDENCE_TEXT, EVIDENCE_NUMBER, EVIDENCE_LIST, EVIDENCE_UNKNOWN } kind;
    struct span text; /* may come from outside: escape it */
    double number;
    struct span *list;
    size_t list_count;
};

struct finding {
    enum cause id;
    enum severity severity;
    const struct attempt *attempt; /* that it is about, or NULL */
    const char *host;              /* that it is about, or NULL */
    const char *title;
    const char *meaning;
    const char **advice; /* places filled in */
    size_t advice_count;
    struct evidence *evidence; /* every key that the vocabulary declares, and host, address, port, stage where
                                  they apply */
    size_t evidence_count;
    size_t evidence_capacity;
    size_t order; /* in which the rules found it: among equals the first comes first */
};

struct finding_list {
    struct arena *arena;
    const struct catalog *catalog; /* by which replies are read */
    struct finding **all;
    size_t count;
    size_t capacity;
};

/** Runs every rule over the record; sorts by severity, the worst first. */
void findings_make(struct finding_list *, const struct record *, const struct catalog *, struct arena *);

#endif
