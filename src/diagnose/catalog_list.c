/* The catalog as lists: what it has, for people who look through it. */

#include "diagnose/catalog_match.h"

/** The first key of a look-up, in the order of keys. */
static const char *key_of(const struct catalog_table *table, uint32_t rule)
{
    for (uint32_t i = 0; i < table->key_count; i++)
        if (table->keys[i].rule == rule)
            return catalog_text(table, table->keys[i].text);
    return NULL;
}

static struct rule_summary summary_of(const struct catalog_table *table, uint32_t number)
{
    const struct catalog_rule *rule = &table->rules[number];
    bool is_look_up = rule->layer == CATALOG_LAYER_LOOK_UP;
    return (struct rule_summary){
        .id = catalog_text(table, rule->id),
        .title = catalog_text(table, rule->title),
        .meaning = catalog_text(table, rule->meaning),
        .provider = catalog_text(table, rule->provider),
        .software = catalog_text(table, rule->software),
        .key = is_look_up ? key_of(table, number) : NULL,
        .layer = is_look_up ? CONFIDENCE_PROVIDER : rule->layer,
        .cause = rule->cause,
        .who = rule->who,
        .retry = rule->retry,
    };
}

bool catalog_next_rule(const struct catalog *catalog, struct catalog_cursor *cursor,
                       struct rule_summary *summary)
{
    struct catalog_choice choice;
    if (!catalog_next_choice(catalog, cursor, &choice))
        return false;
    *summary = summary_of(choice.table, (uint32_t)(choice.rule - choice.table->rules));
    return true;
}

bool catalog_next_provider(const struct catalog *catalog, struct catalog_cursor *cursor,
                           struct provider_summary *summary)
{
    for (; cursor->part < catalog->part_count; cursor->part++, cursor->next = 0) {
        const struct catalog_table *table = catalog->parts[cursor->part].table;
        while (cursor->next < table->provider_count) {
            const struct catalog_provider *provider = &table->providers[cursor->next++];
            if (!provider_counts(catalog, cursor->part, provider))
                continue;
            *summary = provider_summary_of((struct provider_reference){table, provider});
            return true;
        }
    }
    return false;
}

bool catalog_provider_find(const struct catalog *catalog, struct span name, struct provider_summary *summary)
{
    struct provider_reference found = provider_find(catalog, name);
    if (found.table)
        *summary = provider_summary_of(found);
    return found.table != NULL;
}
