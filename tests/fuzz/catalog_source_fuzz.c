/* Any text is read as a catalog or refused with a message; what is read can be
 * packed and asked (INVARIANTS 19). */
#include "fuzz.h"

#include "diagnose/catalog_match.h"

#include <string.h>

static void look_up(const struct catalog *catalog, const struct source_rule *rule, struct arena *arena)
{
    for (size_t i = 0; i < rule->examples.count; i++) {
        struct look_up look_up;
        if (!catalog_look_up_parse(catalog, rule->examples.at[i].text, &look_up))
            continue;
        const struct explanation *found = catalog_look_up(catalog, &look_up, &EXPLAIN_CONTEXT_NONE, arena);
        FUZZ_REQUIRE(!found || (found->rule && found->title && found->meaning));
    }
}

static void ask(const struct catalog_table *table, const struct source_rule *rule, struct arena *arena)
{
    const struct catalog catalog = catalog_of_table(table);
    if (rule->layer == CATALOG_LAYER_LOOK_UP) {
        look_up(&catalog, rule, arena);
        return;
    }
    for (size_t i = 0; i < rule->examples.count; i++) {
        struct explain_context context = EXPLAIN_CONTEXT_NONE;
        context.stage = rule->examples.at[i].stage;
        struct reply reply = {
            .code = rule->examples.at[i].code, .lines = &rule->examples.at[i].text, .line_count = 1};
        struct catalog_query query;
        catalog_query_init(&query, &catalog, &reply, &context, arena);
        const struct catalog_rule *best = catalog_query_best(&query, CONFIDENCE_TAG).rule;
        FUZZ_REQUIRE(!best || (best >= table->rules && best < table->rules + table->rule_count));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_EMPTY;
    struct error error = ERROR_NONE;
    struct catalog_source source = CATALOG_SOURCE_EMPTY(&arena);
    bool ok = catalog_source_read(&source, "input", span_of((const char *)data, size), &error) &&
              catalog_source_finish(&source, &error);
    FUZZ_REQUIRE(ok == (error.text[0] == '\0'));
    if (ok) {
        struct catalog_table table;
        catalog_table_build(&table, &source, &arena);
        FUZZ_REQUIRE(table.rule_count == source.count);
        for (size_t i = 0; i < source.count && i < 64; i++)
            ask(&table, source.rules[i], &arena);
    }
    arena_clear(&arena);
    return 0;
}
