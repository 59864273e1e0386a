/* Compiles catalog files into the C tables behind catalog_builtin, and refuses a
 * catalog whose rules are incomplete or get in each other's way. Runs during
 * the build, on the machine that builds. */

#include "diagnose/catalog_check.h"

#include <stdio.h>
#include <stdlib.h>

static bool read_sources(struct catalog_source *source, char **names, int count, struct error *error)
{
    for (int i = 0; i < count; i++) {
        struct span text;
        if (!catalog_file_read(names[i], source->arena, &text, error) ||
            !catalog_source_read(source, names[i], text, error))
            return false;
    }
    return catalog_source_finish(source, error);
}

/** Whatever comes, something can be said of it. */
static bool check_classes(const struct catalog_table *table)
{
    unsigned covered = 0;
    for (uint32_t i = 0; i < table->rule_count; i++) {
        const struct catalog_rule *rule = &table->rules[i];
        if (rule->layer == CONFIDENCE_CLASS && !rule->stages && !rule->conditions &&
            rule->phrases.count == 0 && rule->barred.count == 0 && rule->codes.count == 0 &&
            rule->enhanced.count == 0)
            covered |= rule->classes;
    }
    if (covered != 0x3f)
        fprintf(stderr, "catalog: no rule for every reply of some class from 0 to 5\n");
    return covered == 0x3f;
}

/* Output */

static void print_text(const struct catalog_table *table)
{
    printf("static const char text[] =\n    \"");
    for (uint32_t i = 0; i + 1 < table->text_size; i++) {
        unsigned char octet = (unsigned char)table->text[i];
        if (octet == '\0')
            printf("\\0\"\n    \"");
        else if (octet == '"' || octet == '\\' || octet == '?')
            printf("\\%c", octet);
        else if (octet < 0x20 || octet >= 0x7f)
            printf("\\%03o", octet);
        else
            putchar(octet);
    }
    printf("\";\n");
}

static void print_numbers(const char *name, const uint32_t *numbers, uint32_t count)
{
    printf("\nstatic const uint32_t %s[] = {", name);
    for (uint32_t i = 0; i < count; i++)
        printf("%s%u,", i % 12 ? " " : "\n    ", numbers[i]);
    printf("%s\n};\n", count ? "" : "\n    0,");
}

static void print_run(const char *name, struct catalog_run run)
{
    if (run.count > 0)
        printf(" .%s = {%u, %u},", name, run.first, run.count);
}

static void print_rules(const struct catalog_table *table)
{
    printf("\nstatic const struct catalog_rule rules[] = {\n");
    for (uint32_t i = 0; i < table->rule_count; i++) {
        const struct catalog_rule *rule = &table->rules[i];
        printf("    {.id = %u, .title = %u, .meaning = %u, .provider = %u, .software = %u,\n    ", rule->id,
               rule->title, rule->meaning, rule->provider, rule->software);
        print_run("advice", rule->advice);
        print_run("links", rule->links);
        print_run("remarks", rule->remarks);
        print_run("codes", rule->codes);
        print_run("enhanced", rule->enhanced);
        print_run("phrases", rule->phrases);
        print_run("barred", rule->barred);
        printf("\n     .stages = %#x, .retry_after = %d, .narrowness = %u, .classes = %u, .conditions = %u, "
               ".layer = %u,",
               rule->stages, rule->retry_after, rule->narrowness, rule->classes, rule->conditions,
               rule->layer);
        printf("\n     .cause = %u, .who = %u, .retry = %u, .scope = %d, .is_general = %u},\n", rule->cause,
               rule->who, rule->retry, rule->scope, rule->is_general);
    }
    printf("};\n");
}

static void print_providers(const struct catalog_table *table)
{
    printf("\nstatic const struct catalog_provider providers[] = {\n");
    for (uint32_t i = 0; i < table->provider_count; i++) {
        const struct catalog_provider *provider = &table->providers[i];
        printf("    {.id = %u, .name = %u, .link = %u, .kind = %u,", provider->id, provider->name,
               provider->link, provider->kind);
        print_run("aliases", provider->aliases);
        print_run("hosts", provider->hosts);
        print_run("domains", provider->domains);
        printf("},\n");
    }
    printf("%s};\n", table->provider_count ? "" : "    {0},\n");
    printf("\nstatic const struct catalog_name names[] = {");
    for (uint32_t i = 0; i < table->name_slots; i++)
        printf("%s{%u, %#x, %u, %u},", i % 4 ? " " : "\n    ", table->names[i].text, table->names[i].hash,
               table->names[i].provider, table->names[i].kind);
    printf("\n};\n");
    printf("\nstatic const struct catalog_key keys[] = {\n");
    for (uint32_t i = 0; i < table->key_count; i++)
        printf("    {%u, %u},\n", table->keys[i].text, table->keys[i].rule);
    printf("%s};\n", table->key_count ? "" : "    {0},\n");
}

static void print_codes(const struct catalog_table *table)
{
    printf("\nstatic const struct catalog_codes codes[] = {\n");
    for (uint32_t i = 0; i < table->code_count; i++)
        printf("    {%u, %u},\n", table->codes[i].first, table->codes[i].last);
    printf("};\n\nstatic const struct catalog_enhanced enhanced[] = {\n");
    for (uint32_t i = 0; i < table->enhanced_count; i++) {
        const struct catalog_enhanced *code = &table->enhanced[i];
        printf("    {%u, %u, {%u, %u}},\n", code->class, code->subject, code->detail.first,
               code->detail.last);
    }
    printf("};\n");
}

static void print_words(const struct catalog_table *table)
{
    printf("\nstatic const struct catalog_phrase phrases[] = {\n");
    for (uint32_t i = 0; i < table->phrase_count; i++) {
        const struct catalog_phrase *phrase = &table->phrases[i];
        printf("    {{%u, %u}, %u, %u},\n", phrase->members.first, phrase->members.count, phrase->owner,
               phrase->is_choice);
    }
    printf("};\n\nstatic const struct catalog_fragment fragments[] = {\n");
    for (uint32_t i = 0; i < table->fragment_count; i++) {
        const struct catalog_fragment *fragment = &table->fragments[i];
        printf("    {{%u, %u}, %u, %u, %u, %u},\n", fragment->keyed.first, fragment->keyed.count,
               fragment->text, fragment->size, fragment->flags, fragment->words);
    }
    printf("};\n");
}

static void print_trie(const struct fragment_trie *trie)
{
    printf("\nstatic const struct trie_node nodes[] = {\n");
    for (uint32_t i = 0; i < trie->node_count; i++) {
        const struct trie_node *node = &trie->nodes[i];
        printf("    {%u, %u, %#llx, %u, %u, %d, %d},\n", node->ending, node->first,
               (unsigned long long)node->octets, node->ending_count, node->count, node->octet, node->is_leaf);
    }
    printf("};\n\nstatic const uint16_t roots[] = {");
    for (uint32_t i = 0; i < TRIE_ROOTS; i++)
        printf("%s%u,", i % 16 ? " " : "\n    ", trie->roots[i]);
    printf("\n};\n");
}

static void print_wordless(const struct catalog_table *table)
{
    print_numbers("wordless", table->wordless, table->wordless_count);
    printf("\nstatic const struct catalog_run wordless_runs[] = {");
    for (uint32_t i = 0; i < WORDLESS_KEYS; i++)
        printf("%s{%u, %u},", i % 8 ? " " : "\n    ", table->wordless_runs[i].first,
               table->wordless_runs[i].count);
    printf("\n};\n");
}

static void print_table(const struct catalog_table *table)
{
    printf("/* Made from data/catalog/ by catalogc. */\n#include \"diagnose/catalog_table.h\"\n\n");
    print_text(table);
    print_numbers("lists", table->lists, table->list_count);
    print_numbers("members", table->members, table->member_count);
    print_numbers("keyed", table->keyed, table->keyed_count);
    print_codes(table);
    print_words(table);
    print_trie(&table->trie);
    print_wordless(table);
    print_rules(table);
    print_providers(table);
    printf("\nconst struct catalog_table catalog_builtin_table = {\n"
           "    .text = text, .lists = lists, .rules = rules, .providers = providers, .keys = keys,\n"
           "    .codes = codes, .enhanced = enhanced,\n"
           "    .phrases = phrases, .members = members, .keyed = keyed, .fragments = fragments,\n"
           "    .trie = {nodes, roots, %u}, .wordless = wordless, .wordless_runs = wordless_runs,\n"
           "    .wordless_count = %u, .names = names, .name_slots = %u,\n",
           table->trie.node_count, table->wordless_count, table->name_slots);
    printf("    .text_size = %u, .list_count = %u, .rule_count = %u, .look_up_count = %u,\n",
           table->text_size, table->list_count, table->rule_count, table->look_up_count);
    printf("    .provider_count = %u, .key_count = %u, .code_count = %u,\n", table->provider_count,
           table->key_count, table->code_count);
    printf("    .enhanced_count = %u, .phrase_count = %u, .member_count = %u, .keyed_count = %u,\n",
           table->enhanced_count, table->phrase_count, table->member_count, table->keyed_count);
    printf("    .fragment_count = %u,\n};\n", table->fragment_count);
    printf("\nconst struct catalog catalog_builtin = {{{&catalog_builtin_table, NULL}}, 1};\n");
}

static void complain(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "%s\n", text);
}

static bool check(const struct catalog_table *table, const struct catalog_source *source)
{
    const struct catalog_checker checker = {.complain = complain};
    const struct catalog catalog = catalog_of_table(table);
    return check_classes(table) && catalog_check_fragments(&checker, table) &&
           catalog_check_examples(&checker, &catalog, source);
}

int main(int count, char **arguments)
{
    struct arena arena = ARENA_EMPTY;
    struct catalog_source source = CATALOG_SOURCE_EMPTY(&arena);
    struct error error = ERROR_NONE;
    bool ok = read_sources(&source, arguments + 1, count - 1, &error);
    if (!ok)
        fprintf(stderr, "%s\n", error.text);
    struct catalog_table table;
    if (ok) {
        catalog_table_build(&table, &source, &arena);
        ok = check(&table, &source);
    }
    if (ok)
        print_table(&table);
    arena_clear(&arena);
    return ok && fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
