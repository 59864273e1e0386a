#include "smtp/steps.h"

#include <stdint.h>

/* Greeting */

static bool always(const struct dialogue *dialogue)
{
    (void)dialogue;
    return true;
}

/** Cisco's SMTP inspection overwrites the greeting with asterisks, but for the code and a few digits. */
static bool is_masked(struct span greeting)
{
    size_t asterisks = 0;
    for (size_t i = 0; i < greeting.size; i++)
        asterisks += greeting.at[i] == '*';
    return asterisks > 4 && 2 * asterisks > greeting.size;
}

static enum move hear_banner(struct dialogue *dialogue, struct exchange *exchange)
{
    if (exchange->result == EXCHANGE_NEGATIVE)
        return dialogue_refused(dialogue, exchange);
    dialogue->notes.greeting_is_masked = is_masked(exchange->reply->lines[0]);
    return MOVE_NEXT;
}

/** FTP and LMTP greet with 220 as well; that they know neither EHLO nor HELO gives them away. */
static enum move greeting_refused(struct dialogue *dialogue, const struct exchange *exchange)
{
    enum reply_protocol protocol = reply_guess_protocol(dialogue->exchanges[0].reply->raw);
    bool is_other = protocol == PROTOCOL_FTP || (protocol == PROTOCOL_LMTP && !dialogue->plan->lmtp);
    if (!is_other || exchange->result != EXCHANGE_NEGATIVE || reply_class(exchange->reply) != 5)
        return dialogue_refused(dialogue, exchange);
    return dialogue_failed(dialogue, exchange, ENDING_VIOLATION, CAUSE_NOT_SMTP,
                           reply_protocol_name(protocol));
}

static bool ehlo_wanted(const struct dialogue *dialogue)
{
    return !dialogue->plan->helo_only;
}

static enum move say_ehlo(struct dialogue *dialogue)
{
    return dialogue_say(dialogue, "%s %s", dialogue->plan->lmtp ? "LHLO" : "EHLO", dialogue->helo);
}

/**
 * RFC 5321 3.2 and 4.1.4 know HELO for servers without EHLO only. A 550 refuses
 * the name or the client, and HELO would hide it; in TLS it would be a downgrade.
 */
static bool falls_back(const struct dialogue *dialogue, int code)
{
    return (code == 500 || code == 502 || code == 504) && !dialogue->plan->lmtp && !dialogue->notes.in_tls;
}

static enum move hear_ehlo(struct dialogue *dialogue, struct exchange *exchange)
{
    struct dialogue_notes *notes = &dialogue->notes;
    if (exchange->result == EXCHANGE_NEGATIVE) {
        notes->used_helo = falls_back(dialogue, exchange->reply->code);
        return notes->used_helo ? MOVE_NEXT : greeting_refused(dialogue, exchange);
    }
    struct capability_set *set =
        notes->in_tls ? &dialogue->secure_capabilities : &dialogue->clear_capabilities;
    capability_set_read(set, exchange->reply, dialogue->arena);
    if (notes->in_tls && capability_has(set, EXTENSION_STARTTLS))
        notes->starttls_offered_in_tls++;
    dialogue->has_greeted = true;
    return MOVE_NEXT;
}

static bool helo_wanted(const struct dialogue *dialogue)
{
    return dialogue->plan->helo_only || dialogue->notes.used_helo;
}

static enum move say_helo(struct dialogue *dialogue)
{
    return dialogue_say(dialogue, "HELO %s", dialogue->helo);
}

static enum move hear_helo(struct dialogue *dialogue, struct exchange *exchange)
{
    if (exchange->result == EXCHANGE_NEGATIVE)
        return greeting_refused(dialogue, exchange);
    dialogue->has_greeted = true;
    return MOVE_NEXT;
}

/* TLS */

static bool tls_wanted(const struct dialogue *dialogue)
{
    enum tls_policy policy = dialogue->plan->tls;
    return policy != TLS_NONE && policy != TLS_IMPLICIT && !dialogue->notes.in_tls;
}

/** A reply that refused EHLO proves nothing about STARTTLS. */
static enum move lacks_starttls(struct dialogue *dialogue)
{
    if (dialogue->notes.used_helo)
        return dialogue_lacks(dialogue, STAGE_STARTTLS, ENDING_INSECURE, CAUSE_EHLO_NOT_SUPPORTED,
                              "EHLO was refused, and HELO shows no STARTTLS");
    bool is_stripped = dialogue->notes.greeting_is_masked || dialogue->clear_capabilities.looks_stripped;
    return dialogue_lacks(dialogue, STAGE_STARTTLS, ENDING_INSECURE,
                          is_stripped ? CAUSE_STARTTLS_STRIPPED : CAUSE_STARTTLS_NOT_SUPPORTED,
                          dialogue->plan->helo_only ? "HELO shows no STARTTLS" : NULL);
}

static enum move say_starttls(struct dialogue *dialogue)
{
    enum tls_policy policy = dialogue->plan->tls;
    if (capability_has(dialogue_capabilities(dialogue), EXTENSION_STARTTLS)) {
        dialogue->notes.tls_was_tried = true;
        return dialogue_say(dialogue, "STARTTLS");
    }
    if (policy == TLS_REQUIRED)
        return lacks_starttls(dialogue);
    dialogue->notes.went_on_in_clear = policy != TLS_OPPORTUNISTIC;
    return MOVE_NEXT;
}

/** Whoever offers STARTTLS and then answers anything but 220 is broken or tampered with. */
static enum move hear_starttls(struct dialogue *dialogue, struct exchange *exchange)
{
    if (exchange->result == EXCHANGE_POSITIVE)
        return MOVE_SECURE;
    if (dialogue->plan->tls != TLS_OPTIONAL)
        return dialogue_failed(dialogue, exchange, ENDING_INSECURE, CAUSE_STARTTLS_REFUSED, NULL);
    dialogue->notes.went_on_in_clear = true;
    return MOVE_NEXT;
}

/* The envelope */

/** RFC 1870 6: with CRLF line ends, before dots are doubled. */
static unsigned long long message_size(const struct plan *plan)
{
    struct span message = plan->message;
    unsigned long long size = message.size;
    if (plan->raw_message || message.size == 0)
        return size;
    for (size_t i = 0; i < message.size; i++) {
        bool is_after_cr = i > 0 && message.at[i - 1] == '\r';
        bool is_before_lf = i + 1 < message.size && message.at[i + 1] == '\n';
        size += (message.at[i] == '\n' && !is_after_cr) || (message.at[i] == '\r' && !is_before_lf);
    }
    char last = message.at[message.size - 1];
    return size + (last == '\n' || last == '\r' ? 0 : 2);
}

static bool wants_smtputf8(const struct plan *plan)
{
    return plan->smtputf8 == SMTPUTF8_FORCE || (plan->smtputf8 == SMTPUTF8_AUTO && plan->needs_smtputf8);
}

static const char *size_parameter(const struct dialogue *dialogue)
{
    const struct plan *plan = dialogue->plan;
    if (plan->message.size == 0 || !capability_has(dialogue_capabilities(dialogue), EXTENSION_SIZE))
        return "";
    return arena_printf(dialogue->arena, " SIZE=%llu", message_size(plan));
}

static enum move say_mail(struct dialogue *dialogue)
{
    const struct plan *plan = dialogue->plan;
    const struct capability_set *offered = dialogue_capabilities(dialogue);
    bool is_utf8 = wants_smtputf8(plan);
    if (is_utf8 && !capability_has(offered, EXTENSION_SMTPUTF8))
        return dialogue_lacks(dialogue, STAGE_MAIL, ENDING_UNSUPPORTED, CAUSE_EXTENSION_NOT_OFFERED,
                              extension_keyword(EXTENSION_SMTPUTF8));
    bool is_8bit = plan->message_is_8bit && capability_has(offered, EXTENSION_8BITMIME);
    struct span path = plan->sender ? plan->sender->wire : span_of("", 0);
    return dialogue_say(dialogue, "MAIL FROM:<%.*s>%s%s%s", SPAN_ARGS(path), size_parameter(dialogue),
                        is_8bit ? " BODY=8BITMIME" : "", is_utf8 ? " SMTPUTF8" : "");
}

static enum move hear_mail(struct dialogue *dialogue, struct exchange *exchange)
{
    return exchange->result == EXCHANGE_POSITIVE ? MOVE_NEXT : dialogue_refused(dialogue, exchange);
}

static bool rcpt_wanted(const struct dialogue *dialogue)
{
    return dialogue->next_recipient < dialogue->plan->recipient_count;
}

static enum move say_rcpt(struct dialogue *dialogue)
{
    const struct mailbox *recipient = &dialogue->plan->recipients[dialogue->next_recipient];
    enum move move = dialogue_say(dialogue, "RCPT TO:<%.*s>", SPAN_ARGS(recipient->wire));
    dialogue->next_recipient++;
    return move;
}

/**
 * Of several refusals the first that may pass later decides, else the first: a
 * delivery that can still succeed is not lost (RFC 5321 4.2.1).
 */
static const struct exchange *decisive_refusal(const struct dialogue *dialogue, enum stage stage)
{
    const struct exchange *first = NULL;
    for (size_t i = 0; i < dialogue->answered; i++) {
        const struct exchange *exchange = &dialogue->exchanges[i];
        if (exchange->stage != stage || exchange->result != EXCHANGE_NEGATIVE)
            continue;
        if (reply_class(exchange->reply) == 4)
            return exchange;
        if (!first)
            first = exchange;
    }
    return first;
}

/** Whether so many refusals among so many replies are too many. */
static bool has_failed(const struct plan *plan, size_t accepted, size_t refused)
{
    return accepted == 0 || (refused > 0 && plan->require_all_recipients);
}

static enum move hear_rcpt(struct dialogue *dialogue, struct exchange *exchange)
{
    struct dialogue_notes *notes = &dialogue->notes;
    bool is_accepted = exchange->result == EXCHANGE_POSITIVE;
    exchange->is_consequence = dialogue->has_decided;
    notes->recipients_accepted += is_accepted;
    notes->recipients_refused += !is_accepted && !dialogue->has_decided;
    bool is_last = notes->recipients_accepted + notes->recipients_refused == dialogue->plan->recipient_count;
    if (!is_last || !has_failed(dialogue->plan, notes->recipients_accepted, notes->recipients_refused))
        return MOVE_NEXT;
    return dialogue_refused(dialogue, decisive_refusal(dialogue, STAGE_RCPT));
}

/* The message */

static enum move say_data(struct dialogue *dialogue)
{
    return dialogue_say(dialogue, "DATA");
}

static bool data_wanted(const struct dialogue *dialogue)
{
    return dialogue->plan->recipient_count > 0;
}

/**
 * RFC 2920 3.1: a server may invite the message though it has refused every
 * recipient of the group; the dot alone answers that. If it has refused MAIL and
 * yet taken recipients, the dot would deliver an empty message.
 */
static enum move hear_data(struct dialogue *dialogue, struct exchange *exchange)
{
    exchange->is_consequence = dialogue->has_decided;
    if (exchange->result != EXCHANGE_INTERMEDIATE)
        return dialogue_refused(dialogue, exchange);
    if (dialogue->has_decided && dialogue->notes.recipients_accepted > 0)
        return MOVE_HANG_UP;
    dialogue->is_invited = true;
    return dialogue->has_decided ? MOVE_LEAVE : MOVE_NEXT;
}

static bool body_wanted(const struct dialogue *dialogue)
{
    return dialogue->is_invited;
}

static enum move say_body(struct dialogue *dialogue)
{
    return dialogue->has_decided ? dialogue_say_lone_dot(dialogue) : dialogue_say_body(dialogue);
}

/** RFC 2033 4.2: a recipient that RCPT accepted may still be refused. */
static enum move hear_delivery(struct dialogue *dialogue, const struct exchange *exchange)
{
    struct dialogue_notes *notes = &dialogue->notes;
    size_t due = 0, accepted = 0, refused = 0;
    for (size_t i = dialogue->body.exchange;
         i < dialogue->exchange_count && dialogue->exchanges[i].stage == STAGE_BODY; i++) {
        bool is_answered = i < dialogue->answered;
        due++;
        accepted += is_answered && dialogue->exchanges[i].result == EXCHANGE_POSITIVE;
        refused += is_answered && dialogue->exchanges[i].result == EXCHANGE_NEGATIVE;
    }
    if (exchange->result == EXCHANGE_NEGATIVE) {
        notes->recipients_accepted--;
        notes->recipients_refused++;
    }
    if (accepted + refused < due || !has_failed(dialogue->plan, accepted, refused))
        return MOVE_NEXT;
    return dialogue_refused(dialogue, decisive_refusal(dialogue, STAGE_BODY));
}

static enum move hear_body(struct dialogue *dialogue, struct exchange *exchange)
{
    if (exchange->is_consequence)
        return MOVE_NEXT;
    if (dialogue->plan->lmtp)
        return hear_delivery(dialogue, exchange);
    return exchange->result == EXCHANGE_POSITIVE ? MOVE_NEXT : dialogue_refused(dialogue, exchange);
}

/* Leaving */

static enum move say_quit(struct dialogue *dialogue)
{
    return dialogue_say(dialogue, "QUIT");
}

static enum move hear_quit(struct dialogue *dialogue, struct exchange *exchange)
{
    dialogue->notes.quit_failed = exchange->result != EXCHANGE_POSITIVE && !dialogue->has_decided;
    return MOVE_HANG_UP;
}

/* The table, in the order of RFC 5321 */

enum { BANNER, EHLO, HELO, STARTTLS, AUTH, MAIL, RCPT, DATA, BODY, QUIT };

/* clang-format off */
const struct step steps[] = {
    /* stage         wanted       say           hear           success    more  patience     flags */
    {STAGE_BANNER,   always,      NULL,         hear_banner,   {220},        0, MINUTES(5),  0},
    {STAGE_EHLO,     ehlo_wanted, say_ehlo,     hear_ehlo,     {250},        0, NEVER,       0},
    {STAGE_HELO,     helo_wanted, say_helo,     hear_helo,     {250},        0, NEVER,       0},
    {STAGE_STARTTLS, tls_wanted,  say_starttls, hear_starttls, {220},        0, NEVER,       STEP_ANY_CODE},
    {STAGE_AUTH,     auth_wanted, auth_say,     auth_hear,     {235},      334, NEVER,       0},
    {STAGE_MAIL,     always,      say_mail,     hear_mail,     {250},        0, MINUTES(5),  STEP_GROUPS},
    {STAGE_RCPT,     rcpt_wanted, say_rcpt,     hear_rcpt,     {250, 251, 252}, 0, MINUTES(5),
     STEP_GROUPS | STEP_PER_RECIPIENT},
    {STAGE_DATA,     data_wanted, say_data,     hear_data,     {0},        354, MINUTES(2),  STEP_AFTER_RCPT},
    {STAGE_BODY,     body_wanted, say_body,     hear_body,     {250},        0, MINUTES(10),
     STEP_GROUPS | STEP_MESSAGE},
    {STAGE_QUIT,     always,      say_quit,     hear_quit,     {221},        0, NEVER,       STEP_ANY_REPLY},
};
/* clang-format on */

const struct step *const step_after_tls = &steps[EHLO];
const struct step *const step_to_leave = &steps[BODY]; /* wanted only if we owe a message */

const struct step *step_of_stop(enum stop_point point)
{
    static const int places[] = {
        [STOP_AT_BANNER] = BANNER, [STOP_AT_FIRST_EHLO] = HELO, [STOP_AT_STARTTLS] = STARTTLS,
        [STOP_AT_EHLO] = STARTTLS, /* inside TLS the table passes it by, and the greeting was the last */
        [STOP_AT_AUTH] = AUTH,     [STOP_AT_MAIL] = MAIL,       [STOP_AT_RCPT] = RCPT,
        [STOP_AT_DATA] = DATA,     [STOP_AT_BODY] = BODY,
    };
    return &steps[places[point]];
}

bool step_is_stop(const struct dialogue *dialogue, const struct step *step)
{
    const struct plan *plan = dialogue->plan;
    bool is_greeting = step->stage == STAGE_EHLO || step->stage == STAGE_HELO;
    if (plan->stop != STOP_DROP_AFTER_SEND)
        return false;
    if (plan->stop_at == STOP_AT_FIRST_EHLO)
        return is_greeting;
    if (plan->stop_at == STOP_AT_EHLO) /* the last greeting, as far as can be known before its reply */
        return is_greeting && (dialogue->notes.in_tls || plan->tls == TLS_NONE);
    return step == step_of_stop(plan->stop_at);
}
