#include "diagnose/explainer.h"

#include <arpa/inet.h>

/* The list that a reply names */

static struct span host_of(struct span link)
{
    size_t size = 0;
    while (size < link.size && link.at[size] != '/' && link.at[size] != '?' && link.at[size] != ':')
        size++;
    return span_first(link, size);
}

static bool next_link(struct span *links, struct span *link)
{
    if (!span_next_token(links, "\n", link))
        return false;
    *link = span_skip(*link, 1);
    return true;
}

/** The host of the link that the rule asked for, a bare name rather than a page. */
static struct span list_by_rule(const struct explainer *explainer, struct catalog_choice choice,
                                struct span links)
{
    struct span fragment, link, found = {NULL, 0};
    if (links.size == 0 || !catalog_query_link(&explainer->query, choice, &fragment))
        return found;
    const char *wanted = arena_copy(explainer->arena, span_skip(fragment, 1)).at;
    while (next_link(&links, &link)) {
        bool is_page = host_of(link).size < link.size || span_starts_with(link, "www.");
        if (span_contains_nocase(link, wanted) && (!found.at || !is_page))
            found = host_of(link);
    }
    return found;
}

/** The host behind "using", "by", "in", "on" or "at". */
static struct span list_by_words(struct span text, struct span links)
{
    static const char *const leads[] = {"using ", "by ", "in ", "on ", "at "};
    struct span link, before = {text.at, 0};
    for (size_t at = 0; at < text.size; at++) {
        before.size = at;
        struct span rest = span_skip(text, at);
        if (!span_starts_with(rest, "{host}") && !span_starts_with(rest, "{url}"))
            continue;
        if (!next_link(&links, &link))
            break;
        for (size_t i = 0; i < sizeof leads / sizeof *leads && rest.at[1] == 'h'; i++)
            if (span_ends_with_nocase(before, leads[i]))
                return host_of(link);
    }
    return span_of(NULL, 0);
}

struct span explainer_list_named(const struct explainer *explainer, struct catalog_choice choice)
{
    struct span text = explainer->query.words.text;
    struct span links = span_skip(text, explainer->query.words.links);
    struct span list = list_by_rule(explainer, choice, links);
    return list.size > 0 ? list : list_by_words(span_first(text, explainer->query.words.links), links);
}

/* The client that a reply names */

/** The address at the end of a link: "?ip=192.0.2.1", "/query/ip/192.0.2.1". */
static struct span address_in_link(struct span link)
{
    size_t start = link.size;
    while (start > 0 && (ascii_is_digit(link.at[start - 1]) || link.at[start - 1] == '.'))
        start--;
    struct span tail = span_skip(link, start);
    struct in_addr octets;
    bool is_part = start > 0 && memchr("=/?", link.at[start - 1], 3);
    if (!is_part || tail.size >= INET_ADDRSTRLEN)
        return span_of(NULL, 0);
    char text[INET_ADDRSTRLEN] = "";
    memcpy(text, tail.at, tail.size);
    return inet_pton(AF_INET, text, &octets) == 1 ? tail : span_of(NULL, 0);
}

const char *explainer_client_named(const struct explainer *explainer, struct catalog_choice choice)
{
    struct span address = explainer->query.words.address, link;
    struct span links = span_skip(explainer->query.words.text, explainer->query.words.links);
    while (address.size == 0 && next_link(&links, &link))
        address = address_in_link(link);
    if (choice.rule->scope != SCOPE_CLIENT_IP || address.size == 0 ||
        (explainer->context->address && span_is_nocase(address, explainer->context->address)))
        return NULL;
    return arena_copy(explainer->arena, address).at;
}

/* The mailbox that a reply names */

static struct span mailbox_at_front(struct span text)
{
    struct enhanced_status status;
    size_t used;
    if (enhanced_status_parse(text, &status, &used))
        text = span_trim(span_skip(text, used));
    const char *end = text.size > 0 && text.at[0] == '<' ? memchr(text.at, '>', text.size) : NULL;
    if (!end)
        return span_of(NULL, 0);
    struct span mailbox = span_of(text.at + 1, (size_t)(end - text.at) - 1);
    const char *at = memchr(mailbox.at, '@', mailbox.size);
    bool is_whole = at && at > mailbox.at && at + 1 < end;
    return is_whole ? mailbox : span_of(NULL, 0);
}

static bool is_about_recipient(const struct explainer *explainer, const struct catalog_rule *rule)
{
    return rule->scope == SCOPE_ADDRESS || rule->cause == CAUSE_RELAY_DENIED ||
           rule->cause == CAUSE_DOMAIN_UNKNOWN || rule->cause == CAUSE_DOMAIN_NO_MAIL ||
           span_contains_nocase(explainer->query.words.text, "recipient address");
}

void explainer_name_mailbox(struct explainer *explainer, struct catalog_choice choice,
                            const struct reply *reply)
{
    struct span mailbox = reply->line_count > 0 ? mailbox_at_front(reply->lines[0]) : span_of(NULL, 0);
    if (mailbox.size == 0)
        return;
    const char *name = arena_copy(explainer->arena, mailbox).at;
    if (choice.rule->cause == CAUSE_SENDER_REJECTED ||
        span_contains_nocase(explainer->query.words.text, "sender address"))
        explainer->extras.sender = name;
    else if (is_about_recipient(explainer, choice.rule))
        explainer->extras.recipient = name;
}

/* The explanation */

const char *explainer_fill(const struct explainer *explainer, const char *text, enum place_manner manner)
{
    return places_fill(text, manner, explainer->context, &explainer->extras, explainer->arena);
}

/** With room for `spare` more. */
static const char **fill_list(const struct explainer *explainer, const struct catalog_table *table,
                              struct catalog_run run, size_t spare, size_t *count)
{
    const char **texts = ARENA_ARRAY(explainer->arena, const char *, run.count + spare + 1);
    for (uint32_t i = 0; i < run.count; i++)
        texts[i] = explainer_fill(explainer, catalog_list_text(table, run, i), PLACES_IN_COMMAND);
    *count = run.count;
    return texts;
}

/** Long names would break the bound on meanings: then it is told without them. */
static const char *fill_meaning(const struct explainer *explainer, const char *text)
{
    const char *meaning = explainer_fill(explainer, text, PLACES_IN_PROSE);
    if (strlen(meaning) <= CATALOG_MEANING_LIMIT)
        return meaning;
    return places_fill(text, PLACES_IN_PROSE, &EXPLAIN_CONTEXT_NONE, NULL, explainer->arena);
}

/** What the greeting gives away, by the rules for greetings. */
static const char *software_of(const struct catalog *catalog, const struct explain_context *context,
                               struct arena *arena)
{
    if (!context->greeting)
        return NULL;
    struct explain_context at_banner = EXPLAIN_CONTEXT_NONE;
    at_banner.stage = STAGE_BANNER;
    struct span line = span_of_string(context->greeting);
    struct reply greeting = {.code = 220, .lines = &line, .line_count = 1};
    struct catalog_query query;
    catalog_query_init(&query, catalog, &greeting, &at_banner, arena);
    struct catalog_choice choice = catalog_query_best(&query, CONFIDENCE_SOFTWARE);
    return choice.rule ? catalog_text(choice.table, choice.rule->software) : NULL;
}

static const char *enhanced_text(struct enhanced_status status, struct arena *arena)
{
    if (status.class == 0)
        return NULL;
    return enhanced_status_format(status, arena_allocate(arena, ENHANCED_STATUS_TEXT_SIZE));
}

void explainer_init(struct explainer *explainer, const struct catalog *catalog, const struct reply *reply,
                    const struct explain_context *context, struct arena *arena)
{
    *explainer = (struct explainer){.arena = arena, .context = context};
    catalog_query_init(&explainer->query, catalog, reply, context, arena);
    explainer->extras.code = reply->code;
    explainer->extras.enhanced = enhanced_text(explainer->query.words.enhanced, arena);
    explainer->software = software_of(catalog, context, arena);
}

struct explanation *explainer_tell(const struct explainer *explainer, struct catalog_choice choice)
{
    const struct catalog_table *table = choice.table;
    const struct catalog_rule *rule = choice.rule;
    struct provider_pair providers = catalog_query_providers(&explainer->query, choice);
    struct explanation *explanation = ARENA_NEW(explainer->arena, struct explanation);
    *explanation = (struct explanation){
        .known = rule->layer != CONFIDENCE_CLASS,
        .rule = catalog_text(table, rule->id),
        .confidence = catalog_confidence(rule),
        .cause = rule->cause,
        .title = catalog_text(table, rule->title),
        .meaning = fill_meaning(explainer, table->text + rule->meaning),
        .who = rule->who,
        .retry = rule->retry,
        .retry_after = rule->retry_after,
        .scope = rule->scope,
        .provider = providers.speaker,
        .provider_name = providers.speaker_name,
        .mailbox_provider = providers.mailboxes,
        .mailbox_provider_name = providers.mailboxes_name,
        .software = explainer->software ? explainer->software : catalog_text(table, rule->software),
    };
    explanation->advice = fill_list(explainer, table, rule->advice, 0, &explanation->advice_count);
    explanation->links = fill_list(explainer, table, rule->links, 0, &explanation->link_count);
    explanation->remarks =
        fill_list(explainer, table, rule->remarks, EXPLAINER_REMARKS_ROOM, &explanation->remark_count);
    return explanation;
}
