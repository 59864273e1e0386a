#include "explain/bounce.h"

#include "explain/bounce_parts.h"
#include "explain/part.h"
#include "explain/scan.h"

enum { PLAIN_LIMIT = 256 * 1024 }; /* of what is read for people; the rest is the returned message */

/** What the parts of a message turned out to be. */
struct parts {
    struct arena *arena;
    struct part top;
    struct span plain; /* the first text for people */
    struct span html;
    struct span enclosed; /* the first message inside it */
    struct bounce_list reported;
    bool has_status; /* message/delivery-status was there */
    bool is_other;   /* a report of another kind: abuse (RFC 5965), display (RFC 8098) */
};

/* Sightings */

static struct sighting *find_recipient(const struct bounce_list *list, struct span recipient)
{
    for (size_t i = 0; i < list->count; i++)
        if (span_equal_nocase(list->at[i].recipient, recipient))
            return &list->at[i];
    return NULL;
}

/** How much is known: a reply with its code, some words, nothing. */
static int weight_of(const struct sighting *found)
{
    return found->code > 0 ? 3 : found->cause >= 0 ? 2 : found->kind != ITEM_NOTHING;
}

void bounce_add(struct bounce_list *list, const struct sighting *found)
{
    struct sighting *known = find_recipient(list, found->recipient);
    if (!known && list->count > 0 && found->recipient.size == 0)
        return;
    if (known && weight_of(found) > weight_of(known))
        *known = *found;
    else if (known && weight_of(known) == weight_of(found) && known->stage < 0)
        known->stage = found->stage;
    if (known || list->count == BOUNCE_RECIPIENTS_LIMIT)
        return;
    list->at = arena_grow(list->arena, list->at, list->count, &list->capacity, sizeof *list->at);
    list->at[list->count++] = *found;
}

/* Parts */

static struct span decoded(const struct part *part, struct arena *arena)
{
    return span_first(part_decode(part, arena), PLAIN_LIMIT);
}

static void take_part(struct parts *parts, const struct part *part)
{
    struct span type = part->type;
    if (span_is_nocase(type, "message/delivery-status") ||
        span_is_nocase(type, "message/global-delivery-status")) {
        parts->has_status = true;
        bounce_read_status(part_decode(part, parts->arena), &parts->reported);
    } else if (span_is_nocase(type, "message/feedback-report") ||
               span_is_nocase(type, "message/disposition-notification"))
        parts->is_other = true;
    else if (span_is_nocase(type, "message/rfc822"))
        parts->enclosed = parts->enclosed.size > 0 ? parts->enclosed : part_decode(part, parts->arena);
    else if (span_is_nocase(type, "text/html"))
        parts->html =
            parts->html.size > 0 ? parts->html : part_text_of_html(decoded(part, parts->arena), parts->arena);
    else if (span_is_nocase(type, "text/plain") || span_is_nocase(type, "text"))
        parts->plain = parts->plain.size > 0 ? parts->plain : decoded(part, parts->arena);
}

struct queued {
    struct span octets;
    unsigned depth;
};

/** Parts wait in a queue: no depth of nesting reaches the stack. */
static void read_parts(struct span message, struct parts *parts)
{
    struct queued queue[BOUNCE_PARTS_LIMIT] = {{message, 0}};
    size_t count = 1;
    for (size_t i = 0; i < count; i++) {
        struct part part;
        struct span octets;
        part_read(queue[i].octets, parts->arena, &part);
        if (i == 0)
            parts->top = part;
        if (part.boundary.size == 0)
            take_part(parts, &part);
        else
            while (queue[i].depth < BOUNCE_DEPTH_LIMIT && count < BOUNCE_PARTS_LIMIT &&
                   part_next(&part.body, part.boundary, &octets))
                queue[count++] = (struct queued){octets, queue[i].depth + 1};
    }
}

/* Whether it is a bounce at all */

static bool contains_any(struct span text, const char *const *words)
{
    for (; *words; words++)
        if (span_contains_nocase(text, *words))
            return true;
    return false;
}

static bool has_subject_of_bounce(const struct parts *parts)
{
    static const char *const subjects[] = {"undeliver",
                                           "delivery status notification",
                                           "delivery notification",
                                           "failure notice",
                                           "mail delivery failed",
                                           "returned mail",
                                           "delivery failure",
                                           "nondeliverable",
                                           "could not send message",
                                           "delivery fail",
                                           "non-delivery",
                                           "delayed mail",
                                           "mail system error",
                                           "returned to sender",
                                           "delivery problem",
                                           "unzustellbar",
                                           "nicht zustellbar",
                                           "non remis",
                                           "could not be delivered",
                                           "message delayed",
                                           "warning: message",
                                           "delivery error",
                                           "mail failure",
                                           "delivery has failed",
                                           "message status",
                                           "delivery report",
                                           "permanent delivery",
                                           "warning: could not",
                                           "delayed",
                                           NULL};
    return contains_any(part_field(&parts->top, "Subject", parts->arena), subjects);
}

static bool has_sender_of_bounce(const struct parts *parts)
{
    static const char *const senders[] = {"mailer-daemon", "postmaster",        "mail delivery s",
                                          "mdaemon",       "microsoftexchange", "mailerdaemon",
                                          "mail-daemon",   "maildelivery",      NULL};
    struct span path = part_field(&parts->top, "Return-Path", parts->arena);
    return contains_any(part_field(&parts->top, "From", parts->arena), senders) ||
           (span_is(path, "<>") && has_subject_of_bounce(parts));
}

/** Sentences that only mail servers write. */
static bool has_text_of_bounce(struct span text)
{
    static const char *const sentences[] = {"this is the qmail-send program",
                                            "created automatically by mail delivery software",
                                            "this is the mail system at host",
                                            "transcript of session follows",
                                            "diagnostic information for administrators",
                                            "the response from the remote server was",
                                            "the response was:",
                                            "the original message was received at",
                                            "this is the mailer-daemon",
                                            "addresses had permanent fatal errors",
                                            "could not be delivered to one or more recipients",
                                            "i'm afraid i wasn't able to deliver your message",
                                            "reporting-mta:",
                                            NULL};
    return contains_any(span_first(text, 8192), sentences);
}

static bool is_bounce(const struct parts *parts, struct span text)
{
    if (parts->has_status || parts->reported.count > 0)
        return true;
    if (parts->is_other)
        return false;
    return has_sender_of_bounce(parts) || has_subject_of_bounce(parts) || has_text_of_bounce(text) ||
           part_field(&parts->top, "X-Failed-Recipients", parts->arena).size > 0;
}

/* The answer */

/** Adds to what a report says what only its words for people tell: the stage, the server, a lost reply. */
static void complete(struct sighting *reported, const struct sighting *told)
{
    if (told->code > 0 && reported->code == 0) {
        enum item_action action = reported->action;
        struct enhanced_status enhanced = reported->enhanced;
        struct span recipient = reported->recipient;
        *reported = *told;
        reported->action = action ? action : told->action;
        reported->recipient = recipient;
        reported->enhanced = enhanced.class == told->code / 100 ? enhanced : told->enhanced;
    } else if (told->kind == ITEM_LOCAL && reported->code == 0 && reported->reply.size < 12) {
        reported->kind = ITEM_LOCAL;
        reported->speaker = SPEAKER_LOCAL;
        reported->reply = told->reply;
        reported->cause = told->cause;
    }
    reported->stage = reported->stage < 0 ? told->stage : reported->stage;
    if (reported->host.size == 0)
        reported->host = told->host;
    bool is_same_host = span_equal_nocase(reported->host, told->host);
    if (reported->address.size == 0 && is_same_host)
        reported->address = told->address;
}

static void merge(struct bounce_list *reported, const struct bounce_list *told)
{
    for (size_t i = 0; i < reported->count; i++) {
        const struct sighting *same = find_recipient(told, reported->at[i].recipient);
        if (!same && reported->count == 1 && told->count == 1)
            same = &told->at[0];
        if (same)
            complete(&reported->at[i], same);
    }
}

static struct span first_address(struct span value)
{
    struct span word;
    while (span_next_token(&value, " \t,;", &word))
        if (bounce_address(word).size > 0)
            return bounce_address(word);
    return span_of(NULL, 0);
}

/** Who sent the message that came back: the bounce goes to it. */
static void name_people(const struct parts *parts, struct bounce_list *list)
{
    struct span failed = first_address(part_field(&parts->top, "X-Failed-Recipients", parts->arena));
    struct span sender = first_address(part_field(&parts->top, "To", parts->arena));
    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i].sender.size == 0)
            list->at[i].sender = sender;
        if (list->at[i].recipient.size == 0 && list->count == 1)
            list->at[i].recipient = failed;
    }
}

static size_t lacking(enum item_lack lack, struct arena *arena, struct explain_item **items)
{
    *items = ARENA_NEW(arena, struct explain_item);
    item_init_lack(*items, lack);
    return 1;
}

/** Sets *list to what the message says of recipients; @return LACK_NONE if it says anything */
static enum item_lack read_message(struct span message, struct parts *parts, struct bounce_list *list)
{
    struct arena *arena = parts->arena;
    struct bounce_list told = {.arena = arena};
    read_parts(message, parts);
    bool is_report = part_field(&parts->top, "Reporting-MTA", arena).size > 0 ||
                     part_field(&parts->top, "Final-Recipient", arena).size > 0;
    if (is_report && !parts->has_status)
        bounce_read_status(message, &parts->reported); /* the report alone, saved without its message */
    struct span text = parts->plain.size > 0 ? parts->plain : parts->html;
    if (!is_bounce(parts, text))
        return LACK_BOUNCE;
    bool is_delay =
        bounce_is_delay(part_field(&parts->top, "Subject", arena)) || bounce_is_delay(span_first(text, 2048));
    bounce_read_text(text, is_delay ? ACTION_DELAYED : ACTION_FAILED, &told);
    merge(&parts->reported, &told);
    *list = parts->reported.count > 0 ? parts->reported : told;
    name_people(parts, list);
    return list->count > 0 ? LACK_NONE : LACK_STATUS;
}

/** A bounce may come inside another message: forwarded as an attachment, or wrapped by a gateway. */
static enum item_lack read_enclosed(struct span message, struct arena *arena, struct bounce_list *list)
{
    enum item_lack lack = LACK_BOUNCE;
    for (int depth = 0; depth < BOUNCE_DEPTH_LIMIT && message.size > 0; depth++) {
        struct parts parts = {.arena = arena, .reported = {.arena = arena}};
        enum item_lack found = read_message(message, &parts, list);
        if (found == LACK_NONE)
            return found;
        lack = found == LACK_STATUS ? LACK_STATUS : lack;
        message = parts.enclosed;
    }
    return lack;
}

size_t bounce_read(struct span message, struct arena *arena, struct explain_item **items)
{
    struct bounce_list list = {.arena = arena};
    enum item_lack lack = read_enclosed(message, arena, &list);
    if (lack != LACK_NONE)
        return lacking(lack, arena, items);
    *items = ARENA_ARRAY(arena, struct explain_item, list.count);
    for (size_t i = 0; i < list.count; i++) {
        item_init(&(*items)[i], &list.at[i]);
        if (list.at[i].kind == ITEM_NOTHING)
            (*items)[i].lack = LACK_STATUS;
    }
    return list.count;
}
