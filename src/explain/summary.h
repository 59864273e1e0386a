/**
 * Counts what a log tells: how many of each cause, per provider, with one reply
 * of each as an example. Memory grows with the kinds of answers, not with the
 * lines.
 */
#ifndef EXPLAIN_SUMMARY_H
#define EXPLAIN_SUMMARY_H

#include "diagnose/catalog_finder.h"
#include "explain/item.h"

#include <stdint.h>

/** Beyond so many providers, which only users can name at will, all others count as unknown. */
enum {
    SUMMARY_PROVIDERS_LIMIT = 2048,
    SUMMARY_PROVIDER_SLOTS = 4 * SUMMARY_PROVIDERS_LIMIT, /* a power of two */
    SUMMARY_EXAMPLE_LIMIT = 1024,
};

/** One cause at one provider. */
struct summary_cell {
    enum cause cause;
    const char *provider; /* id, or NULL: not known */
    unsigned long long count;
    const struct explanation *explanation; /* of the first one */
    struct span example;                   /* its text, cut to SUMMARY_EXAMPLE_LIMIT */
    struct span example_host;              /* may be empty */
    const char *example_source;            /* summary.source then */
    size_t example_line;                   /* where it stands in it */
};

struct summary_provider {
    const char *id;
    struct summary_cell *cells[CAUSE_COUNT];
};

struct summary {
    const struct catalog *catalog;
    struct catalog_finder *finder;
    struct arena arena;   /* of all that is kept */
    struct arena scratch; /* of one item */
    struct summary_provider *providers;
    size_t provider_count, provider_capacity;
    size_t last;                            /* provider counted last */
    uint16_t slots[SUMMARY_PROVIDER_SLOTS]; /* a hash table: where a provider stands; 0: free */
    struct summary_cell **cells;
    size_t cell_count, cell_capacity;
    const char *source; /* of what is added next: set by the caller, whose it is; NULL if there is but one */
    unsigned long long items;      /* lines, or recipients of a message */
    unsigned long long recipients; /* of these, those of messages */
    unsigned long long replies;    /* items with an answer */
    unsigned long long unknown;    /* of these, those without a rule of their own */
};

void summary_init(struct summary *, const struct catalog *);
void summary_clear(struct summary *);

/** Counts an item. */
void summary_add(struct summary *, const struct explain_item *);

/** Sorts the cells: trouble before success, then by count, cause and provider. */
void summary_finish(struct summary *);

/** Whether the cause is no trouble: it was accepted, or the server waits for more. */
bool summary_is_success(enum cause);

#endif
