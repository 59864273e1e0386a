#include "report/catalog_list.h"

#include "base/json.h"
#include "base/printable.h"
#include "report/commentary.h"
#include "report/paint.h"

enum { ID_WIDTH = 26 };

struct list {
    const struct explained_settings *settings;
    bool as_json;
    bool failed;
};

static void put(struct list *list, enum paint paint, struct buffer *lines)
{
    const struct report_settings *report = list->settings->report;
    list->failed |= !paint_lines(report->out, paint, report->colour, buffer_span(lines));
    buffer_clear(lines);
}

static void put_heading(struct list *list, const char *heading)
{
    struct buffer line = BUFFER_EMPTY;
    if (list->as_json)
        return;
    buffer_add_string(&line, heading);
    put(list, PAINT_BOLD, &line);
}

static void put_entry(struct list *list, const char *id, const char *text, const char *detail)
{
    struct buffer line = BUFFER_EMPTY;
    buffer_printf(&line, "  %-*s  ", ID_WIDTH, id);
    printable_add(&line, span_of_string(text), NULL);
    if (detail)
        buffer_printf(&line, " (%s)", detail);
    put(list, PAINT_PLAIN, &line);
}

static void put_object(struct list *list, json_t *object)
{
    struct buffer line = BUFFER_EMPTY;
    json_write(object, false, &line);
    put(list, PAINT_PLAIN, &line);
    json_decref(object);
}

/* Causes and providers */

static bool is_of_replies(enum cause cause)
{
    return cause_words[cause].title != NULL && cause_facts[cause].use == 'C';
}

static size_t count_rules(const struct catalog *catalog, int cause, const char *provider)
{
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct rule_summary rule;
    size_t count = 0;
    while (catalog_next_rule(catalog, &cursor, &rule))
        count += provider ? rule.provider && strcmp(rule.provider, provider) == 0 : (int)rule.cause == cause;
    return count;
}

static void list_cause(struct list *list, enum cause cause)
{
    size_t rules = count_rules(list->settings->report->catalog, (int)cause, NULL);
    char detail[32];
    if (rules == 0 || !is_of_replies(cause))
        return;
    snprintf(detail, sizeof detail, "%zu", rules);
    if (list->as_json)
        put_object(list, json_pack("{s:o, s:o, s:I}", "cause", json_own_text(cause_name(cause)), "title",
                                   json_own_text(cause_words[cause].title), "rules", (json_int_t)rules));
    else
        put_entry(list, cause_name(cause), cause_words[cause].title, detail);
}

static void list_provider(struct list *list, const struct provider_summary *provider)
{
    size_t rules = count_rules(list->settings->report->catalog, -1, provider->id);
    char detail[64];
    snprintf(detail, sizeof detail, "%s, %zu", provider_kind_name(provider->kind), rules);
    if (list->as_json)
        put_object(list, json_pack("{s:o, s:o, s:o, s:o, s:I}", "provider", json_own_text(provider->id),
                                   "name", json_own_text(provider->name), "kind",
                                   json_own_text(provider_kind_name(provider->kind)), "link",
                                   json_own_text(provider->link), "rules", (json_int_t)rules));
    else
        put_entry(list, provider->id, provider->name, detail);
}

static void list_causes(struct list *list)
{
    put_heading(list, "Causes, with the number of rules that lead to them:");
    for (unsigned cause = 0; cause < CAUSE_COUNT; cause++)
        list_cause(list, cause);
}

static void list_providers(struct list *list)
{
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct provider_summary provider;
    put_heading(list, "Providers, with the number of their own rules:");
    while (catalog_next_provider(list->settings->report->catalog, &cursor, &provider))
        list_provider(list, &provider);
}

/* Rules */

static void list_rule(struct list *list, const struct rule_summary *rule)
{
    const struct report_settings *report = list->settings->report;
    if (list->as_json) {
        put_object(list,
                   json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "rule", json_own_text(rule->id),
                             "cause", json_own_text(cause_name(rule->cause)), "title",
                             json_own_text(rule->title), "meaning", json_own_text(rule->meaning), "provider",
                             json_own_text(rule->provider), "software", json_own_text(rule->software), "key",
                             json_own_text(rule->key), "who", json_own_text(who_words[rule->who].name),
                             "retry", json_own_text(retry_words[rule->retry].name)));
        return;
    }
    put_entry(list, rule->id, rule->title, cause_name(rule->cause));
    if (!report->verbose)
        return;
    struct buffer block = BUFFER_EMPTY;
    struct commentary words = {NULL, (size_t)report->width, "", "      "};
    commentary_add_text(&block, &words, "", rule->meaning);
    put(list, PAINT_DIM, &block);
}

static void list_rules(struct list *list, int cause, const char *provider)
{
    struct catalog_cursor cursor = CATALOG_CURSOR_START;
    struct rule_summary rule;
    while (catalog_next_rule(list->settings->report->catalog, &cursor, &rule))
        if (provider ? rule.provider && strcmp(rule.provider, provider) == 0 : (int)rule.cause == cause)
            list_rule(list, &rule);
}

/** @return whether there is such a topic */
static bool list_topic(struct list *list, const char *topic)
{
    struct provider_summary provider;
    int cause = topic ? vocabulary_find(cause_words, CAUSE_COUNT, span_of_string(topic)) : -1;
    if (!topic) {
        list_causes(list);
        list_providers(list);
    } else if (strcmp(topic, "causes") == 0)
        list_causes(list);
    else if (strcmp(topic, "providers") == 0)
        list_providers(list);
    else if (cause >= 0)
        list_rules(list, cause, NULL);
    else if (catalog_provider_find(list->settings->report->catalog, span_of_string(topic), &provider))
        list_rules(list, -1, provider.id);
    else
        return false;
    return true;
}

bool catalog_list(const struct explained_settings *settings, bool as_json, const char *topic,
                  bool *is_written, struct error *error)
{
    struct list list = {settings, as_json, false};
    if (!list_topic(&list, topic))
        return error_set(error, "--list: `%s' is neither a cause nor a provider; --list alone shows both",
                         topic);
    *is_written = fflush(settings->report->out) == 0 && !list.failed;
    return true;
}
