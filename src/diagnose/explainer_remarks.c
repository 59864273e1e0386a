/* What is said beside the rule: codes at odds with one another or with the text,
 * facts of ours that the reply does not fit. */

#include "diagnose/explainer.h"

enum {
    TINY_MESSAGE = 16 * 1024,  /* a probe's own message, not one that a filter learns from */
    SMALL_MESSAGE = 64 * 1024, /* no server's limit is lower (RFC 5321 4.5.3.1.7) */
};

static void add_remark(const struct explainer *explainer, struct explanation *explanation, const char *text)
{
    if (explanation->remark_count < EXPLAINER_REMARKS_ROOM)
        explanation->remarks[explanation->remark_count++] =
            explainer_fill(explainer, text, PLACES_IN_COMMAND);
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

static bool own_name_is_confirmed(const struct explain_context *context)
{
    return context->own_name_confirmed == 1;
}

static bool own_name_is_missing(const struct explain_context *context)
{
    return context->own_name_confirmed == 0;
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
    {CAUSE_RDNS_MISSING, own_name_is_confirmed,
     "Asked from here, {our_address} has a reverse name that leads back to it, so the complaint does not "
     "fit: the "
     "server's resolver may be at fault or late, or it sees another address than this one."},
    {CAUSE_RDNS_MISSING, own_name_is_missing,
     "Asked from here, too, {our_address} has no reverse name that leads back to it: the complaint is "
     "right."},
    {CAUSE_TOO_MANY_RECIPIENTS, has_one_recipient,
     "There was only one recipient: the limit seems to count earlier messages too."},
    {CAUSE_SEQUENCE, is_pipelined, "Commands were sent in groups; try again without --pipeline."},
    {CAUSE_CONTENT_SPAM, message_is_tiny,
     "This was about a small test message: it says little about the verdict on real mail."},
    {CAUSE_CONTENT_BLOCKED, message_is_tiny,
     "This was about a small test message: it says little about the verdict on real mail."},
};

static void remark_facts(const struct explainer *explainer, struct explanation *explanation)
{
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (facts[i].cause == explanation->cause && facts[i].holds(explainer->context))
            add_remark(explainer, explanation, facts[i].remark);
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
static void remark_conflicts(const struct explainer *explainer, struct explanation *explanation)
{
    static const char *const temporary[] = {"temporar", "try again", "try later", "retry later",
                                            "later retry"};
    static const char *const final[] = {"permanent"};
    int class = explainer->extras.code / 100;
    if (class < 4)
        return;
    unsigned enhanced_class = explainer->query.words.enhanced.class;
    if (enhanced_class && enhanced_class != ENHANCED_CLASS_ANY && enhanced_class != (unsigned)class)
        add_remark(explainer, explanation,
                   class == 4
                       ? "{code} is temporary, {enhanced} is final: mail servers go by {code} and try again."
                       : "{code} is final, {enhanced} is temporary: mail servers go by {code} and give up.");
    else if (class == 5 && speaks_of(explainer, temporary, sizeof temporary / sizeof *temporary))
        add_remark(
            explainer, explanation,
            "The code {code} is final while the text sounds temporary: mail servers will not try again "
            "by themselves, a later try may pass.");
    else if (class == 4 && speaks_of(explainer, final, 1))
        add_remark(explainer, explanation,
                   "The code {code} is temporary while the text sounds final: mail servers will try again.");
}

/** A temporary code is tried again whatever the text says. */
static void settle_retry(const struct explainer *explainer, struct explanation *explanation)
{
    if (explainer->extras.code / 100 != 4 || explanation->retry != RETRY_NO)
        return;
    explanation->retry = RETRY_LATER;
    add_remark(
        explainer, explanation,
        "Such a refusal is final as a rule, but {code} is temporary: mail servers will try again for days.");
}

/** X.Y.0 means "other", X.7.1 stands for any refusal: they contradict nothing. */
static bool says_little(struct enhanced_status status, enum cause cause)
{
    return status.detail == 0 || (status.subject == 7 && status.detail == 1) || cause == CAUSE_UNKNOWN ||
           cause == CAUSE_POLICY || cause == CAUSE_SERVER_ERROR;
}

/**
 * An enhanced code that means something else than the text, which was trusted
 * more. A rule that asks for the code knows what it means there, and one with
 * remarks of its own has said what there is to say.
 */
static void remark_enhanced(const struct explainer *explainer, struct catalog_choice decided,
                            struct explanation *explanation)
{
    struct enhanced_status status = explainer->query.words.enhanced;
    bool tells_itself = decided.rule->enhanced.count > 0 || decided.rule->remarks.count > 0;
    if (explanation->confidence >= CONFIDENCE_ENHANCED || status.class < 4 || tells_itself)
        return;
    struct catalog_choice other = catalog_query_best(&explainer->query, CONFIDENCE_ENHANCED);
    if (!other.rule || other.rule->layer != CONFIDENCE_ENHANCED ||
        (enum cause)other.rule->cause == explanation->cause || says_little(status, other.rule->cause))
        return;
    if (explanation->remark_count < EXPLAINER_REMARKS_ROOM)
        explanation->remarks[explanation->remark_count++] = arena_printf(
            explainer->arena, "%s alone would mean: %s. The text says otherwise and was followed.",
            explainer->extras.enhanced, catalog_text(other.table, other.rule->title));
}

/** A filter answers for mailboxes that are elsewhere: whoever must act may be there. */
static void remark_filter(const struct explainer *explainer, struct explanation *explanation)
{
    if (!explanation->mailbox_provider_name || explanation->advice_count == 0 ||
        explanation->remark_count == EXPLAINER_REMARKS_ROOM)
        return;
    const char *text =
        arena_printf(explainer->arena, "%s filters the mail of {recipient_domain}; the mailboxes are at %s.",
                     explanation->provider_name, explanation->mailbox_provider_name);
    explanation->remarks[explanation->remark_count++] = explainer_fill(explainer, text, PLACES_IN_PROSE);
}

void explainer_add_remarks(const struct explainer *explainer, struct catalog_choice decided,
                           struct explanation *explanation)
{
    remark_conflicts(explainer, explanation);
    settle_retry(explainer, explanation);
    remark_enhanced(explainer, decided, explanation);
    remark_facts(explainer, explanation);
    remark_filter(explainer, explanation);
}
