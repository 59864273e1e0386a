#include "diagnose/provider.h"

const char *provider_kind_name(enum provider_kind kind)
{
    static const char *const names[] = {"mailbox", "filter", "sender", "list", "program"};
    return names[kind];
}

/* Names */

static bool is_named(const struct catalog_table *table, const struct catalog_provider *provider,
                     struct span name)
{
    if (span_is_nocase(name, table->text + provider->id) || span_is_nocase(name, table->text + provider->name))
        return true;
    for (uint32_t i = 0; i < provider->aliases.count; i++)
        if (span_is_nocase(name, catalog_list_text(table, provider->aliases, i)))
            return true;
    return false;
}

/** In the first `parts` parts. */
static struct provider_reference find_within(const struct catalog *catalog, size_t parts, struct span name)
{
    for (size_t part = 0; part < parts; part++) {
        const struct catalog_table *table = catalog->parts[part].table;
        for (uint32_t i = 0; i < table->provider_count; i++)
            if (is_named(table, &table->providers[i], name))
                return (struct provider_reference){table, &table->providers[i]};
    }
    return (struct provider_reference){NULL, NULL};
}

struct provider_reference provider_find(const struct catalog *catalog, struct span name)
{
    return find_within(catalog, name.size > 0 ? catalog->part_count : 0, name);
}

static bool has_id(const struct catalog_table *table, const char *id)
{
    for (uint32_t i = 0; i < table->provider_count; i++)
        if (strcmp(table->text + table->providers[i].id, id) == 0)
            return true;
    return false;
}

bool provider_counts(const struct catalog *catalog, size_t part, const struct catalog_provider *provider)
{
    const char *id = catalog->parts[part].table->text + provider->id;
    for (size_t i = 0; i < part; i++)
        if (has_id(catalog->parts[i].table, id))
            return false;
    return true;
}

struct provider_summary provider_summary_of(struct provider_reference found)
{
    return (struct provider_summary){
        .id = catalog_text(found.table, found.provider->id),
        .name = catalog_text(found.table, found.provider->name),
        .link = catalog_text(found.table, found.provider->link),
        .kind = found.provider->kind,
    };
}

/* Hosts and domains */

/** How well a host's name fits: the longest suffix wins; 0 if none fits. */
static size_t fit_of_host(const struct catalog_table *table, const struct catalog_provider *provider,
                          struct span host)
{
    size_t best = 0;
    for (uint32_t i = 0; i < provider->hosts.count; i++) {
        const char *name = catalog_list_text(table, provider->hosts, i);
        size_t size = strlen(name);
        bool fits = name[0] == '.' ? span_ends_with_nocase(host, name) : span_is_nocase(host, name);
        if (fits && size > best)
            best = size;
    }
    return best;
}

static size_t fit_of_domain(const struct catalog_table *table, const struct catalog_provider *provider,
                            struct span domain)
{
    for (uint32_t i = 0; i < provider->domains.count; i++)
        if (span_is_nocase(domain, catalog_list_text(table, provider->domains, i)))
            return domain.size;
    return 0;
}

typedef size_t provider_fit(const struct catalog_table *, const struct catalog_provider *, struct span);

static struct provider_reference find_fitting(const struct catalog *catalog, provider_fit *fit,
                                              struct span name)
{
    struct provider_reference best = {NULL, NULL};
    size_t best_fit = 0;
    for (size_t part = 0; part < catalog->part_count && name.size > 0; part++) {
        const struct catalog_table *table = catalog->parts[part].table;
        for (uint32_t i = 0; i < table->provider_count; i++) {
            size_t fits = fit(table, &table->providers[i], name);
            if (fits > best_fit && provider_counts(catalog, part, &table->providers[i])) {
                best = (struct provider_reference){table, &table->providers[i]};
                best_fit = fits;
            }
        }
    }
    return best;
}

static struct provider_reference by_host(const struct catalog *catalog, const char *host)
{
    struct span name = span_of_string(host);
    while (name.size > 0 && name.at[name.size - 1] == '.')
        name.size--;
    return find_fitting(catalog, fit_of_host, name);
}

/** Servers put their name first (RFC 5321 4.2); behind it a greeting is free text. */
static struct provider_reference by_greeting(const struct catalog *catalog, const char *greeting)
{
    struct span rest = span_of_string(greeting), name;
    if (!span_next_token(&rest, " \t", &name))
        return (struct provider_reference){NULL, NULL};
    return find_fitting(catalog, fit_of_host, name);
}

/** "*.example.com" proves as much as a host below it. */
static struct provider_reference by_certificate(const struct catalog *catalog, const char *name)
{
    bool is_wildcard = name && name[0] == '*';
    return by_host(catalog, is_wildcard ? name + 1 : name);
}

static struct provider_reference by_domain(const struct catalog *catalog,
                                           const struct explain_context *context)
{
    const char *at = context->recipient ? strrchr(context->recipient, '@') : NULL;
    const char *domain = context->recipient_domain ? context->recipient_domain : at ? at + 1 : NULL;
    return find_fitting(catalog, fit_of_domain, span_of_string(domain));
}

/* The judgement */

enum { EVIDENCE_KINDS = 8 };

/** Whether mailboxes may be behind the first. */
static bool stands_behind(struct provider_reference first, struct provider_reference second)
{
    return second.table && second.provider != first.provider && second.provider->kind == PROVIDER_MAILBOX;
}

static void name_mailboxes(struct provider_pair *pair, const struct provider_reference *evidence, size_t speaker)
{
    if (evidence[speaker].provider->kind != PROVIDER_FILTER)
        return;
    for (size_t i = speaker + 1; i < EVIDENCE_KINDS; i++)
        if (stands_behind(evidence[speaker], evidence[i])) {
            struct provider_summary behind = provider_summary_of(evidence[i]);
            pair->mailboxes = behind.id;
            pair->mailboxes_name = behind.name;
            return;
        }
}

void provider_detect(struct provider_pair *pair, const struct catalog *catalog,
                     const struct explain_context *context, struct provider_reference by_words)
{
    const struct provider_reference none = {NULL, NULL};
    bool quotes_list = by_words.table && by_words.provider->kind == PROVIDER_LIST;
    const struct provider_reference evidence[EVIDENCE_KINDS] = {
        provider_find(catalog, span_of_string(context->provider)),
        quotes_list ? none : by_words,
        by_host(catalog, context->host),
        by_greeting(catalog, context->greeting),
        by_host(catalog, context->ehlo_name),
        by_certificate(catalog, context->certificate_name),
        by_domain(catalog, context),
        quotes_list ? by_words : none,
    };
    *pair = (struct provider_pair){NULL};
    size_t speaker = 0;
    while (speaker < EVIDENCE_KINDS && !evidence[speaker].table)
        speaker++;
    if (context->provider && context->provider[0] && speaker > 0) {
        pair->speaker = context->provider;
    } else if (speaker < EVIDENCE_KINDS) {
        struct provider_summary found = provider_summary_of(evidence[speaker]);
        pair->speaker = found.id;
        pair->speaker_name = found.name;
        name_mailboxes(pair, evidence, speaker);
    }
}
