/**
 * Who a server belongs to: the evidence, weighed.
 *
 * Strongest first: named by the user; the reply's own words; the MX host; the
 * greeting and the name in the reply to EHLO; the certificate; the recipient's
 * domain. The strongest evidence names the provider that speaks. Where that is a
 * filter and weaker evidence names one with mailboxes, these are behind it. The
 * words of a block list are quoted by others: they count where nothing else is known.
 */
#ifndef DIAGNOSE_PROVIDER_H
#define DIAGNOSE_PROVIDER_H

#include "diagnose/catalog_table.h"

/** A provider in one of a catalog's tables. */
struct provider_reference {
    const struct catalog_table *table; /* NULL: none */
    const struct catalog_provider *provider;
};

/** Finds one by id, alias or name, ignoring case; the most authoritative part decides. */
struct provider_reference provider_find(const struct catalog *, struct span name);

/** Whether the part's provider counts: no more authoritative part declares the same. */
bool provider_counts(const struct catalog *, size_t part, const struct catalog_provider *);

struct provider_summary provider_summary_of(struct provider_reference);

struct provider_pair {
    const char *speaker;        /* id, or the user's own word for what the catalog does not know; or NULL */
    const char *speaker_name;   /* or NULL */
    const char *mailboxes;      /* id of the one behind a filter, or NULL */
    const char *mailboxes_name;
};

/** Kinds of evidence, strongest first; the last is the words of a block list. */
enum provider_evidence_kind {
    EVIDENCE_USER,
    EVIDENCE_WORDS,
    EVIDENCE_HOST,
    EVIDENCE_GREETING,
    EVIDENCE_EHLO,
    EVIDENCE_CERTIFICATE,
    EVIDENCE_DOMAIN,
    EVIDENCE_QUOTED_LIST,
    EVIDENCE_KINDS
};

struct provider_evidence {
    struct provider_reference of[EVIDENCE_KINDS];
};

/** Reads all evidence but that of the words. */
void provider_evidence_read(struct provider_evidence *, const struct catalog *,
                            const struct explain_context *);

/** Adds the provider that the reply's own words prove, or none. */
void provider_evidence_add_words(struct provider_evidence *, struct provider_reference);

/**
 * Weighs the evidence.
 * @param named what the user calls the provider, or NULL
 */
void provider_detect(struct provider_pair *, const struct provider_evidence *, const char *named);

#endif
