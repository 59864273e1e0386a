#include "diagnose/provider.h"

const char *provider_kind_name(enum provider_kind kind)
{
    static const char *const names[] = {"mailbox", "filter", "sender", "list", "program", "standard"};
    return names[kind];
}

/* Names */

/** In the first `parts` parts. */
static struct provider_reference find_within(const struct catalog *catalog, size_t parts, enum name_kind kind,
                                             struct span name)
{
    for (size_t part = 0; part < parts; part++) {
        const struct catalog_table *table = catalog->parts[part].table;
        const struct catalog_provider *provider = catalog_name_find(table, kind, name);
        if (provider && provider_counts(catalog, part, provider))
            return (struct provider_reference){table, provider};
    }
    return (struct provider_reference){NULL, NULL};
}

struct provider_reference provider_find(const struct catalog *catalog, struct span name)
{
    return find_within(catalog, catalog->part_count, NAME_OF_PROVIDER, name);
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

/** The whole name first, then what is below fewer and fewer labels. */
static struct provider_reference find_host(const struct catalog *catalog, struct span host)
{
    struct provider_reference found = find_within(catalog, catalog->part_count, NAME_OF_HOST, host);
    for (size_t at = 0; at < host.size && !found.table; at++)
        if (host.at[at] == '.')
            found = find_within(catalog, catalog->part_count, NAME_OF_HOST, span_skip(host, at));
    return found;
}

static struct provider_reference by_host(const struct catalog *catalog, const char *host)
{
    struct span name = span_of_string(host);
    while (name.size > 0 && name.at[name.size - 1] == '.')
        name.size--;
    return find_host(catalog, name);
}

/** Servers put their name first (RFC 5321 4.2); behind it a greeting is free text. */
static struct provider_reference by_greeting(const struct catalog *catalog, const char *greeting)
{
    struct span rest = span_of_string(greeting), name;
    if (!span_next_token(&rest, " \t", &name))
        return (struct provider_reference){NULL, NULL};
    return find_host(catalog, name);
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
    return find_within(catalog, catalog->part_count, NAME_OF_DOMAIN, span_of_string(domain));
}

/* The judgement */

enum { EVIDENCE_KINDS = 8 };

/** Whether mailboxes may be behind the first. */
static bool stands_behind(struct provider_reference first, struct provider_reference second)
{
    return second.table && second.provider != first.provider && second.provider->kind == PROVIDER_MAILBOX;
}

static void name_mailboxes(struct provider_pair *pair, const struct provider_reference *evidence,
                           size_t speaker)
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
