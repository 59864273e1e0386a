/**
 * Finds the rules of many replies: as catalog_find() does, and remembers what
 * was found, since a log tells the same few things over and over.
 */
#ifndef DIAGNOSE_CATALOG_FINDER_H
#define DIAGNOSE_CATALOG_FINDER_H

#include "diagnose/catalog.h"

/** When so many answers or octets are remembered, all are forgotten. */
enum { FINDER_ANSWERS_LIMIT = 12 * 1024, FINDER_MEMORY_LIMIT = 4 * 1024 * 1024 };

struct catalog_finder;

/** @param catalog must outlive the finder */
struct catalog_finder *catalog_finder_new(const struct catalog *catalog);
void catalog_finder_free(struct catalog_finder *);

/** The same answer as catalog_find(). */
void catalog_finder_find(struct catalog_finder *, const struct reply *, const struct explain_context *,
                         struct catalog_answer *);

#endif
