#include "explain/summary.h"

#include "diagnose/catalog_table.h"
#include "explain/answer.h"

#include <stdlib.h>

void summary_clear(struct summary *summary)
{
    catalog_finder_free(summary->finder);
    arena_clear(&summary->arena);
    arena_clear(&summary->scratch);
}

bool summary_is_success(enum cause cause)
{
    return cause == CAUSE_OK || cause == CAUSE_INTERMEDIATE;
}

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static const char *kept(struct summary *summary, const char *text)
{
    return text ? arena_copy_string(&summary->arena, text) : NULL;
}

static size_t add_provider(struct summary *summary, const char *id)
{
    summary->providers = arena_grow(&summary->arena, summary->providers, summary->provider_count,
                                    &summary->provider_capacity, sizeof *summary->providers);
    summary->providers[summary->provider_count] = (struct summary_provider){.id = kept(summary, id)};
    return summary->provider_count++;
}

/** The slot that leads to the provider, or a free one: whatever the names, most of them are. */
static uint16_t *slot_of(struct summary *summary, const char *id)
{
    size_t at = catalog_name_hash(span_of_string(id)) % SUMMARY_PROVIDER_SLOTS;
    while (summary->slots[at] && strcmp(summary->providers[summary->slots[at]].id, id) != 0)
        at = (at + 1) % SUMMARY_PROVIDER_SLOTS;
    return &summary->slots[at];
}

static struct summary_provider *provider_of(struct summary *summary, const char *id)
{
    if (!id)
        return &summary->providers[0];
    if (is_same(summary->providers[summary->last].id, id))
        return &summary->providers[summary->last];
    uint16_t *slot = slot_of(summary, id);
    if (!*slot && summary->provider_count == SUMMARY_PROVIDERS_LIMIT)
        return &summary->providers[0];
    if (!*slot)
        *slot = (uint16_t)add_provider(summary, id);
    summary->last = *slot;
    return &summary->providers[summary->last];
}

void summary_init(struct summary *summary, const struct catalog *catalog)
{
    *summary = (struct summary){.catalog = catalog, .arena = ARENA_EMPTY, .scratch = ARENA_EMPTY};
    summary->finder = catalog_finder_new(catalog);
    add_provider(summary, NULL); /* the first one stands for all that are not known */
}

static struct span kept_text(struct summary *summary, struct span text)
{
    return arena_copy(&summary->arena, span_first(text, SUMMARY_EXAMPLE_LIMIT));
}

static struct summary_cell *new_cell(struct summary *summary, const struct summary_provider *provider,
                                     enum cause cause, const struct explain_item *item)
{
    struct summary_cell *cell = ARENA_NEW(&summary->arena, struct summary_cell);
    struct explanation *explanation = ARENA_NEW(&summary->arena, struct explanation);
    *explanation = *explain_item(summary->catalog, item, &summary->arena);
    explanation->provider = provider->id; /* the item's own memory does not last */
    *cell = (struct summary_cell){
        .cause = cause,
        .provider = provider->id,
        .explanation = explanation,
        .example = kept_text(summary, item->text),
        .example_host = kept_text(summary, span_of_string(item->context.host)),
        .example_source = summary->source,
        .example_line = item->first_line,
    };
    summary->cells = arena_grow(&summary->arena, summary->cells, summary->cell_count, &summary->cell_capacity,
                                sizeof *summary->cells);
    summary->cells[summary->cell_count++] = cell;
    return cell;
}

static void count(struct summary *summary, const struct explain_item *item,
                  const struct catalog_answer *answer)
{
    struct summary_provider *provider = provider_of(summary, answer->provider);
    struct summary_cell **cell = &provider->cells[answer->cause];
    if (!*cell)
        *cell = new_cell(summary, provider, answer->cause, item);
    (*cell)->count++;
    summary->replies++;
    summary->unknown += !answer->known;
}

/** Messages cite no line, and an empty line is never more than one without reply. */
static bool is_of_message(const struct explain_item *item)
{
    return item->input.size == 0 && item->lack != LACK_REPLY;
}

void summary_add(struct summary *summary, const struct explain_item *item)
{
    struct catalog_answer answer;
    summary->items++;
    summary->recipients += is_of_message(item);
    if (explain_item_briefly(summary->catalog, summary->finder, item, &summary->scratch, &answer))
        count(summary, item, &answer);
    arena_reset(&summary->scratch);
}

static int compare_cells(const void *a, const void *b)
{
    const struct summary_cell *one = *(struct summary_cell *const *)a,
                              *other = *(struct summary_cell *const *)b;
    int order = summary_is_success(one->cause) - summary_is_success(other->cause);
    if (order == 0 && one->count != other->count)
        order = one->count < other->count ? 1 : -1;
    if (order == 0)
        order = strcmp(cause_name(one->cause), cause_name(other->cause));
    return order ? order : strcmp(one->provider ? one->provider : "", other->provider ? other->provider : "");
}

void summary_finish(struct summary *summary)
{
    if (summary->cell_count > 1)
        qsort(summary->cells, summary->cell_count, sizeof *summary->cells, compare_cells);
}
