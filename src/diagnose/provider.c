#include "diagnose/provider.h"

#include "smtp/mailbox.h"

const char *provider_kind_name(enum provider_kind kind)
{
    static const char *const names[] = {"mailbox", "filter", "sender", "list", "program", "standard"};
    return names[kind];
}

/* Names */

/** Of several parts that know the name, the most authoritative decides. */
static struct provider_reference find_hashed(const struct catalog *catalog, enum name_kind kind,
                                             struct span name, uint32_t hash)
{
    for (size_t part = 0; part < catalog->part_count; part++) {
        const struct catalog_table *table = catalog->parts[part].table;
        if (!catalog_name_may_exist(table, hash))
            continue;
        const struct catalog_provider *provider = catalog_name_find(table, kind, name, hash);
        if (provider && provider_counts(catalog, part, provider))
            return (struct provider_reference){table, provider};
    }
    return (struct provider_reference){NULL, NULL};
}

static struct provider_reference find(const struct catalog *catalog, enum name_kind kind, struct span name)
{
    return find_hashed(catalog, kind, name, catalog_name_hash(name));
}

struct provider_reference provider_find(const struct catalog *catalog, struct span name)
{
    return find(catalog, NAME_OF_PROVIDER, name);
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

/** The whole name counts before what it is below, and there the more labels the better: the last found. */
static struct provider_reference find_host(const struct catalog *catalog, struct span host)
{
    struct provider_reference best = {NULL, NULL};
    uint32_t hash = CATALOG_NAME_HASH_OF_NOTHING;
    if (host.size > DOMAIN_LIMIT) /* a greeting is as long as a server likes */
        return best;
    for (size_t at = host.size; at-- > 0;) {
        hash = catalog_name_hash_before(host.at[at], hash);
        if (at > 0 && host.at[at] != '.')
            continue;
        struct provider_reference found = find_hashed(catalog, NAME_OF_HOST, span_skip(host, at), hash);
        if (found.table)
            best = found;
    }
    return best;
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
    return find(catalog, NAME_OF_DOMAIN, span_of_string(domain));
}

/* The judgement */

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

void provider_evidence_read(struct provider_evidence *evidence, const struct catalog *catalog,
                            const struct explain_context *context)
{
    const struct provider_reference none = {NULL, NULL};
    *evidence = (struct provider_evidence){{
        [EVIDENCE_USER] = provider_find(catalog, span_of_string(context->provider)),
        [EVIDENCE_WORDS] = none,
        [EVIDENCE_HOST] = by_host(catalog, context->host),
        [EVIDENCE_GREETING] = by_greeting(catalog, context->greeting),
        [EVIDENCE_EHLO] = by_host(catalog, context->ehlo_name),
        [EVIDENCE_CERTIFICATE] = by_certificate(catalog, context->certificate_name),
        [EVIDENCE_DOMAIN] = by_domain(catalog, context),
        [EVIDENCE_QUOTED_LIST] = none,
    }};
}

void provider_evidence_add_words(struct provider_evidence *evidence, struct provider_reference by_words)
{
    bool quotes_list = by_words.table && by_words.provider->kind == PROVIDER_LIST;
    evidence->of[quotes_list ? EVIDENCE_QUOTED_LIST : EVIDENCE_WORDS] = by_words;
}

void provider_detect(struct provider_pair *pair, const struct provider_evidence *evidence, const char *named)
{
    *pair = (struct provider_pair){NULL};
    size_t speaker = 0;
    while (speaker < EVIDENCE_KINDS && !evidence->of[speaker].table)
        speaker++;
    if (named && named[0] && speaker != EVIDENCE_USER) {
        pair->speaker = named;
    } else if (speaker < EVIDENCE_KINDS) {
        struct provider_summary found = provider_summary_of(evidence->of[speaker]);
        pair->speaker = found.id;
        pair->speaker_name = found.name;
        name_mailboxes(pair, evidence->of, speaker);
    }
}
