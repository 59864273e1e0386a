#include "diagnose/catalog.h"

#include "diagnose/catalog_match.h"
#include "diagnose/places.h"

#include <assert.h>

enum {
    REMARKS_ROOM = 16,
    TINY_MESSAGE = 16 * 1024,  /* a probe's own message, not one that a filter learns from */
    SMALL_MESSAGE = 64 * 1024, /* no server's limit is lower (RFC 5321 4.5.3.1.7) */
};

/** One explanation in the making. */
struct explainer {
    struct arena *arena;
    const struct explain_context *context;
    struct catalog_query query;
    const struct catalog_rule *rule;
    struct place_extras extras;
    struct explanation *explanation;
};

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
static struct span list_by_rule(const struct explainer *explainer, struct span links)
{
    struct span fragment, link, found = {NULL, 0};
    if (!catalog_query_link(&explainer->query, explainer->rule, &fragment))
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

static struct span list_named(const struct explainer *explainer)
{
    struct span text = explainer->query.words.text;
    struct span links = span_skip(text, explainer->query.words.links);
    struct span list = list_by_rule(explainer, links);
    return list.size > 0 ? list : list_by_words(span_first(text, explainer->query.words.links), links);
}

/* Remarks */

static const char *fill(const struct explainer *explainer, const char *text, enum place_manner manner)
{
    return places_fill(text, manner, explainer->context, &explainer->extras, explainer->arena);
}

static void add_remark(struct explainer *explainer, const char *text)
{
    struct explanation *explanation = explainer->explanation;
    if (explanation->remark_count < REMARKS_ROOM)
        explanation->remarks[explanation->remark_count++] = fill(explainer, text, PLACES_IN_COMMAND);
}

static bool in_tls(const struct explain_context *context)
{
    return context->in_tls == 1;
}

static bool tls_is_not_offered(const struct explain_context *context)
{
    return context->in_tls == 0 && context->tls_offered == 0;
}

static bool is_authenticated(const struct explain_context *context)
{
    return context->authenticated == 1;
}

static bool auth_is_not_offered(const struct explain_context *context)
{
    return context->authenticated == 0 && context->auth_offered == 0;
}

static bool message_is_tiny(const struct explain_context *context)
{
    return context->message_size >= 0 && context->message_size <= TINY_MESSAGE;
}

static bool message_is_small(const struct explain_context *context)
{
    return context->message_size >= 0 && context->message_size <= SMALL_MESSAGE;
}

static bool has_one_recipient(const struct explain_context *context)
{
    return context->recipient_count == 1;
}

static bool is_pipelined(const struct explain_context *context)
{
    return context->pipelined == 1;
}

/** What we know ourselves and the reply does not fit. */
static const struct fact {
    enum cause cause;
    bool (*holds)(const struct explain_context *);
    const char *remark;
} facts[] = {
    {CAUSE_TLS_REQUIRED, in_tls,
     "This session is in TLS already, so the demand does not fit: the server may mean TLS on another leg, a "
     "newer "
     "version, or a verified certificate."},
    {CAUSE_TLS_REQUIRED, tls_is_not_offered,
     "The server demands TLS and does not offer STARTTLS here: something between may have removed it."},
    {CAUSE_AUTH_REQUIRED, is_authenticated,
     "The login succeeded before (235), so the demand does not fit: this account may not be allowed to do "
     "it."},
    {CAUSE_AUTH_REQUIRED, auth_is_not_offered,
     "The server offered no AUTH at this point: it may come only after STARTTLS, or on port 587 or 465."},
    {CAUSE_RELAY_DENIED, is_authenticated,
     "The login succeeded before (235): this account may not be allowed to send to other domains."},
    {CAUSE_MESSAGE_TOO_BIG, message_is_small,
     "The message had only {size} octets, so a size limit does not fit: the mailbox's quota or the server's "
     "disk "
     "may be meant."},
    {CAUSE_TOO_MANY_RECIPIENTS, has_one_recipient,
     "There was only one recipient: the limit seems to count earlier messages too."},
    {CAUSE_SEQUENCE, is_pipelined, "Commands were sent in groups; try again without --pipeline."},
    {CAUSE_CONTENT_SPAM, message_is_tiny,
     "This was about a small test message: it says little about the verdict on real mail."},
    {CAUSE_CONTENT_BLOCKED, message_is_tiny,
     "This was about a small test message: it says little about the verdict on real mail."},
};

static void remark_facts(struct explainer *explainer)
{
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (facts[i].cause == explainer->explanation->cause && facts[i].holds(explainer->context))
            add_remark(explainer, facts[i].remark);
}

static bool speaks_of(const struct explainer *explainer, const char *const *words, size_t count)
{
    struct span text = span_first(explainer->query.words.text, explainer->query.words.links);
    for (size_t i = 0; i < count; i++)
        if (span_contains_nocase(text, words[i]))
            return true;
    return false;
}

/** The basic code decides what servers do; the rest is told (RFC 3463 2, RFC 5321 4.2.1). */
static void remark_conflicts(struct explainer *explainer)
{
    static const char *const temporary[] = {"temporar", "try again", "try later", "retry later",
                                            "later retry"};
    static const char *const final[] = {"permanent"};
    int class = explainer->extras.code / 100;
    if (class < 4)
        return;
    unsigned enhanced_class = explainer->query.words.enhanced.class;
    if (enhanced_class && enhanced_class != (unsigned)class)
        add_remark(explainer,
                   class == 4
                       ? "{code} is temporary, {enhanced} is final: mail servers go by {code} and try again."
                       : "{code} is final, {enhanced} is temporary: mail servers go by {code} and give up.");
    else if (class == 5 && speaks_of(explainer, temporary, sizeof temporary / sizeof *temporary))
        add_remark(
            explainer,
            "The code {code} is final while the text sounds temporary: mail servers will not try again "
            "by themselves, a later try may pass.");
    else if (class == 4 && speaks_of(explainer, final, 1))
        add_remark(explainer,
                   "The code {code} is temporary while the text sounds final: mail servers will try again.");
}

/** A temporary code is tried again whatever the text says. */
static void settle_retry(struct explainer *explainer)
{
    struct explanation *explanation = explainer->explanation;
    if (explainer->extras.code / 100 != 4 || explanation->retry != RETRY_NO)
        return;
    explanation->retry = RETRY_LATER;
    add_remark(
        explainer,
        "Such a refusal is final as a rule, but {code} is temporary: mail servers will try again for days.");
}

/** X.Y.0 means "other", X.7.1 stands for any refusal: they contradict nothing. */
static bool says_little(struct enhanced_status status, enum cause cause)
{
    return status.detail == 0 || (status.subject == 7 && status.detail == 1) || cause == CAUSE_UNKNOWN ||
           cause == CAUSE_POLICY || cause == CAUSE_SERVER_ERROR;
}

/** An enhanced code that means something else than the text, which was trusted more. */
static void remark_enhanced(struct explainer *explainer)
{
    struct explanation *explanation = explainer->explanation;
    struct enhanced_status status = explainer->query.words.enhanced;
    if (explanation->confidence >= CONFIDENCE_ENHANCED || status.class < 4)
        return;
    const struct catalog_rule *other = catalog_query_best(&explainer->query, CONFIDENCE_ENHANCED);
    if (other->layer != CONFIDENCE_ENHANCED || (enum cause)other->cause == explanation->cause ||
        says_little(status, other->cause))
        return;
    if (explanation->remark_count < REMARKS_ROOM)
        explanation->remarks[explanation->remark_count++] = arena_printf(
            explainer->arena, "%s alone would mean: %s. The text says otherwise and was followed.",
            explainer->extras.enhanced, catalog_text(explainer->query.table, other->title));
}

static void add_remarks(struct explainer *explainer)
{
    const struct catalog_table *table = explainer->query.table;
    struct catalog_run own = explainer->rule->remarks;
    explainer->explanation->remarks = ARENA_ARRAY(explainer->arena, const char *, REMARKS_ROOM);
    for (uint32_t i = 0; i < own.count; i++)
        add_remark(explainer, table->text + table->lists[own.first + i]);
    remark_conflicts(explainer);
    settle_retry(explainer);
    remark_enhanced(explainer);
    remark_facts(explainer);
}

/* The explanation */

static const char **fill_list(const struct explainer *explainer, struct catalog_run run, size_t *count)
{
    const struct catalog_table *table = explainer->query.table;
    const char **texts = ARENA_ARRAY(explainer->arena, const char *, run.count + 1);
    for (uint32_t i = 0; i < run.count; i++)
        texts[i] = fill(explainer, table->text + table->lists[run.first + i], PLACES_IN_COMMAND);
    *count = run.count;
    return texts;
}

/** Long names would break the bound on meanings: then it is told without them. */
static const char *fill_meaning(const struct explainer *explainer, const char *text)
{
    const char *meaning = fill(explainer, text, PLACES_IN_PROSE);
    if (strlen(meaning) <= CATALOG_MEANING_LIMIT)
        return meaning;
    return places_fill(text, PLACES_IN_PROSE, &EXPLAIN_CONTEXT_NONE, NULL, explainer->arena);
}

/** What the greeting gives away, by the rules for greetings. */
static const char *software_of(const struct explain_context *context, struct arena *arena)
{
    if (!context->greeting)
        return NULL;
    struct explain_context at_banner = EXPLAIN_CONTEXT_NONE;
    at_banner.stage = STAGE_BANNER;
    struct span line = span_of_string(context->greeting);
    struct reply greeting = {.code = 220, .lines = &line, .line_count = 1};
    struct catalog_query query;
    catalog_query_init(&query, &catalog_builtin, &greeting, &at_banner, arena);
    const struct catalog_rule *rule = catalog_query_best(&query, CONFIDENCE_SOFTWARE);
    return rule ? catalog_text(&catalog_builtin, rule->software) : NULL;
}

static const char *enhanced_text(struct enhanced_status status, struct arena *arena)
{
    if (status.class == 0)
        return NULL;
    return enhanced_status_format(status, arena_allocate(arena, ENHANCED_STATUS_TEXT_SIZE));
}

static void answer(struct explainer *explainer)
{
    const struct catalog_table *table = explainer->query.table;
    const struct catalog_rule *rule = explainer->rule;
    struct explanation *explanation = explainer->explanation;
    *explanation = (struct explanation){
        .known = rule->layer < CONFIDENCE_CLASS,
        .rule = catalog_text(table, rule->id),
        .confidence = rule->conditions & CONDITION_CONSEQUENCE ? CONFIDENCE_BASIC : rule->layer,
        .cause = rule->cause,
        .title = catalog_text(table, rule->title),
        .meaning = fill_meaning(explainer, table->text + rule->meaning),
        .who = rule->who,
        .retry = rule->retry,
        .retry_after = rule->retry_after,
        .scope = rule->scope,
        .provider = catalog_text(table, rule->provider),
        .software = software_of(explainer->context, explainer->arena),
    };
    explanation->advice = fill_list(explainer, rule->advice, &explanation->advice_count);
    explanation->links = fill_list(explainer, rule->links, &explanation->link_count);
    if (!explanation->provider)
        explanation->provider = explainer->context->provider;
    if (!explanation->software)
        explanation->software = catalog_text(table, rule->software);
}

const struct explanation *catalog_explain(const struct reply *reply, const struct explain_context *context,
                                          struct arena *arena)
{
    struct explainer explainer = {
        .arena = arena, .context = context, .explanation = ARENA_NEW(arena, struct explanation)};
    catalog_query_init(&explainer.query, &catalog_builtin, reply, context, arena);
    explainer.rule = catalog_query_best(&explainer.query, CONFIDENCE_TAG);
    assert(explainer.rule); /* the catalog is not built without a rule for each class */
    explainer.extras =
        (struct place_extras){reply->code, enhanced_text(explainer.query.words.enhanced, arena), {NULL, 0}};
    explainer.extras.listed_by = list_named(&explainer);
    answer(&explainer);
    add_remarks(&explainer);
    return explainer.explanation;
}
