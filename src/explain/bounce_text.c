#include "explain/bounce_parts.h"
#include "base/buffer.h"
#include "explain/logline_formats.h"
#include "explain/part.h"

enum { BLOCK_LIMIT = 4096 };

/** A walk over the lines of a text, with what earlier lines told of the later ones. */
struct walk {
    struct span rest;
    struct bounce_list *list;
    enum item_action action;
    struct span recipient;
    struct sighting around; /* host, address and stage of the session that is shown */
};

struct span bounce_address(struct span text)
{
    text = scan_strip(text, " \t<>,;:.\"'()[]");
    if (span_starts_with_nocase(text, "smtp:"))
        text = span_skip(text, 5);
    const char *at = text.size > 0 ? memchr(text.at, '@', text.size) : NULL;
    if (!at || at == text.at || at + 1 == text.at + text.size || text.size > ITEM_NAME_LIMIT)
        return span_of(NULL, 0);
    for (size_t i = 0; i < text.size; i++)
        if (memchr(" \t<>()=", text.at[i], 7))
            return span_of(NULL, 0);
    return text;
}

static bool contains_any(struct span text, const char *const *words)
{
    for (; *words; words++)
        if (span_contains_nocase(text, *words))
            return true;
    return false;
}

bool bounce_is_delay(struct span text)
{
    static const char *const words[] = {"delayed",
                                        "warning message only",
                                        "not yet been delivered",
                                        "not been delivered yet",
                                        "attempts will continue",
                                        "will continue to",
                                        "will keep trying",
                                        "will be retried",
                                        "will retry",
                                        "could not send message for past",
                                        "delivery incomplete",
                                        "still being retried",
                                        "do not need to resend",
                                        "temporarily deferred",
                                        NULL};
    return contains_any(text, words);
}

static void add(struct walk *walk, struct sighting *found)
{
    found->action = walk->action;
    if (found->recipient.size == 0 || walk->recipient.size > 0)
        found->recipient = walk->recipient;
    if (found->host.size == 0 && found->address.size == 0) {
        found->host = walk->around.host;
        found->address = walk->around.address;
    }
    bounce_add(walk->list, found);
}

/* Blocks: lines up to the next empty one */

static bool peek_line(const struct walk *walk, struct span *line)
{
    struct span rest = walk->rest;
    return part_next_line(&rest, line);
}

/** "<user@example.com>:", with more behind it or not */
static bool begins_recipient(struct span line)
{
    struct span address = scan_angle(line);
    return address.size > 0 && memchr(address.at, '@', address.size) != NULL;
}

/** An address alone that is not a wrapped line's rest: those are indented by four at least. */
static bool is_next_address(struct span line)
{
    return bounce_address(line).size > 0 && !span_starts_with(line, "    ");
}

/** Lengthens the text up to the next empty line or recipient. The bound keeps hostile text from being read
 * over and over. */
static struct span take_block(struct walk *walk, struct span text)
{
    struct span line;
    while (text.size < BLOCK_LIMIT && peek_line(walk, &line) && span_trim(line).size > 0 &&
           !begins_recipient(line) && !is_next_address(line)) {
        part_next_line(&walk->rest, &line);
        if (text.size == 0)
            text = line;
        text.size = (size_t)(line.at + line.size - text.at);
    }
    return text;
}

/** The words are an explanation even if they hold no reply: "Unrouteable address". */
static void add_words(struct walk *walk, struct span block)
{
    struct sighting found = SIGHTING_NONE;
    struct span text = part_unfold(block, walk->list->arena);
    if (span_starts_with(text, "(generated from ") || span_starts_with(text, "(expanded from"))
        text = span_trim(span_skip(text, scan_until(text, ')') + 1));
    text = scan_strip(text, "#");
    if (text.size == 0)
        return;
    logline_read_status(span_trim(text), &found);
    if (found.kind == ITEM_LOCAL)
        enhanced_status_parse(found.reply, &found.enhanced, NULL);
    if (found.kind == ITEM_REPLY && found.host.size == 0)
        scan_peer(text, &found);
    add(walk, &found);
}

static bool is_qmail(struct span block)
{
    static const char *const words[] = {"remote host said:", "(#", "giving up on", "does not like recipient",
                                        NULL};
    return contains_any(block, words);
}

static void add_qmail(struct walk *walk, struct span block)
{
    struct sighting found = SIGHTING_NONE;
    size_t at;
    if (!logline_read_qmail_report(block, &found))
        return;
    if (found.kind == ITEM_LOCAL && scan_find_last(found.reply, SPAN("(#"), &at)) {
        struct span number = span_skip(found.reply, at + 2);
        enhanced_status_parse(span_first(number, scan_until(number, ')')), &found.enhanced, NULL);
    }
    add(walk, &found);
}

/* Kinds of lines. Each reader says whether the line was of its kind. */

/**
 * Postfix, qmail, Courier, Yahoo: "<user@example.com>: host mx said: 550 ...", or the words on lines below.
 */
static bool read_angle(struct walk *walk, struct span line)
{
    struct span address = scan_angle(line), next;
    if (!begins_recipient(line))
        return false;
    size_t colon;
    struct span behind = span_skip(line, address.size + 2);
    walk->recipient = bounce_address(address);
    if (!scan_find(behind, SPAN(":"), &colon))
        return true;
    behind = span_trim(span_skip(behind, colon + 1));
    next = peek_line(walk, &next) ? span_trim(next) : span_of(NULL, 0);
    bool shows_session = scan_begins(next, SPAN(">>>")) || span_ends_with_nocase(next, "]:"); /* Courier */
    if (behind.size == 0 && (next.size == 0 || shows_session))
        return true;
    struct span block = take_block(walk, behind);
    if (is_qmail(block))
        add_qmail(walk, block);
    else
        add_words(walk, block);
    return true;
}

/** Exim, Exchange, Gmail: an address alone, perhaps with the words on the lines below. */
static bool read_address(struct walk *walk, struct span line)
{
    struct span address = bounce_address(line), next;
    if (address.size == 0)
        return false;
    walk->recipient = address;
    if (!peek_line(walk, &next) || span_trim(next).size == 0 || bounce_address(next).size > 0)
        return true;
    bool is_indented = next.at[0] == ' ' || next.at[0] == '\t';
    size_t at;
    struct span ahead = walk->rest, block = take_block(walk, span_of(NULL, 0));
    if (is_indented || scan_begins(block, SPAN("#")) || scan_find_code(block, &at))
        add_words(walk, block);
    else
        walk->rest = ahead;
    return true;
}

/** OpenSMTPD: "user@example.com: 550 5.1.1 User unknown" */
static bool read_address_and_words(struct walk *walk, struct span line)
{
    size_t colon, at;
    if (!scan_find(line, SPAN(": "), &colon))
        return false;
    struct span address = bounce_address(span_first(line, colon));
    struct sighting found = SIGHTING_NONE;
    struct span words = span_skip(line, colon + 2);
    if (address.size == 0 || (!scan_find_code(words, &at) && !scan_trouble(words, &found)))
        return false;
    walk->recipient = address;
    add_words(walk, take_block(walk, words));
    return true;
}

/** Sendmail: "    (reason: 550 5.1.1 <user@example.com>... User unknown)" */
static bool read_reason(struct walk *walk, struct span line)
{
    if (!span_starts_with(line, "(reason: "))
        return false;
    struct span words = span_skip(line, 9);
    struct span block = take_block(walk, words);
    size_t end;
    if (scan_find_last(block, SPAN(")"), &end))
        block = span_first(block, end);
    add_words(walk, block);
    return true;
}

static bool read_session_host(struct walk *walk, struct span line)
{
    size_t at;
    struct sighting peer = SIGHTING_NONE;
    if (scan_find(line, SPAN("while talking to "), &at)) {
        scan_peer(span_skip(line, at + 17), &peer);
        walk->around = peer;
        return true;
    }
    if (scan_find_last(line, SPAN(" by "), &at) && span_contains_nocase(line, "recipient domain") &&
        scan_peer(span_skip(line, at + 4), &peer)) {
        walk->around = peer;
        return true;
    }
    if (span_ends_with_nocase(line, "]:") && scan_peer(line, &peer)) /* Courier */
        walk->around = peer;
    return peer.address.size > 0;
}

/** What was sent: ">>> RCPT To:<user@example.com>", MDaemon's "--> RCPT To:<user@example.com>" */
static bool read_sent(struct walk *walk, struct span line)
{
    size_t at;
    if (!scan_find(line, SPAN(">>> "), &at) && !scan_find(line, SPAN("--> "), &at))
        return false;
    struct span command = span_skip(line, at + 4);
    int stage = scan_stage(command);
    walk->around.stage = stage >= 0 ? stage : walk->around.stage;
    if (span_is(span_trim(command), "."))
        walk->around.stage = STAGE_BODY;
    size_t open = scan_until(command, '<');
    if (stage == STAGE_RCPT && open < command.size)
        walk->recipient = bounce_address(scan_angle(span_skip(command, open)));
    return true;
}

/** Some show replies with the arrow of commands. */
static bool find_heard(struct span line, struct span *reply)
{
    size_t at;
    if (!scan_find(line, SPAN("<<< "), &at) && !scan_find(line, SPAN("<-- "), &at) &&
        !scan_find(line, SPAN(">>> "), &at))
        return false;
    *reply = span_trim(span_skip(line, at + 4));
    return line.at[at] == '<' || scan_code(*reply) > 0;
}

/** The further lines of a reply whose first one is given. */
static struct span take_heard(struct walk *walk, struct span reply)
{
    struct buffer lines = BUFFER_EMPTY;
    struct span next;
    int code = scan_code(reply);
    buffer_add(&lines, reply);
    while (lines.size < BLOCK_LIMIT && peek_line(walk, &next) && find_heard(next, &reply) &&
           scan_code(reply) == code) {
        part_next_line(&walk->rest, &next);
        buffer_add_char(&lines, '\n');
        buffer_add(&lines, reply);
    }
    struct span copy = arena_copy(walk->list->arena, buffer_span(&lines));
    buffer_clear(&lines);
    return copy;
}

/** What came back: "<<< 550 5.1.1 User unknown"; only refusals count. */
static bool read_heard(struct walk *walk, struct span line)
{
    struct span reply;
    if (!find_heard(line, &reply))
        return false;
    struct sighting found = walk->around;
    found.code = scan_code(reply);
    if (found.code < 400)
        return true;
    found.kind = ITEM_REPLY;
    found.speaker = SPEAKER_REMOTE;
    found.reply = take_heard(walk, reply);
    add(walk, &found);
    return true;
}

/** Domino: "because:", the words behind it or below. */
static bool read_because(struct walk *walk, struct span line)
{
    static const char *const words[] = {
        "because:", "for the following reason:", "for the following reasons:", "reason:", "error message:",
        NULL};
    struct span behind = {NULL, 0}, next;
    for (size_t i = 0; words[i] && !behind.at; i++)
        if (span_starts_with_nocase(line, words[i]))
            behind = span_trim(span_skip(line, strlen(words[i])));
    if (!behind.at)
        return false;
    while (behind.size == 0 && peek_line(walk, &next) && span_trim(next).size == 0)
        part_next_line(&walk->rest, &next);
    add_words(walk, take_block(walk, behind));
    return true;
}

/** "Your message to user@example.com couldn't be delivered": the recipient of what follows. */
static bool read_mention(struct walk *walk, struct span line)
{
    struct span word, rest = line;
    if (!span_contains_nocase(line, "deliver") && !span_starts_with_nocase(line, "to:") &&
        !span_contains_nocase(line, "recipient"))
        return false;
    while (walk->list->count == 0 && span_next_token(&rest, " \t", &word)) {
        struct span address = bounce_address(word);
        walk->recipient = address.size > 0 ? address : walk->recipient;
    }
    return false;
}

/** A reply that stands by itself, or in a sentence: "Remote Server returned '550 5.1.1 ...'". */
static bool read_reply(struct walk *walk, struct span line)
{
    size_t at;
    struct span text = scan_strip(line, "# ");
    bool is_bare = scan_code(text) >= 400;
    if (!is_bare && (!scan_find_code(text, &at) || text.at[at] == '2'))
        return false;
    if (!is_bare && walk->list->count > 0)
        return false;
    struct sighting found = SIGHTING_NONE;
    struct span block = take_block(walk, text);
    if (!scan_reply(scan_strip(part_unfold(block, walk->list->arena), "# "), &found) || found.code < 400)
        return true;
    found.stage = found.stage < 0 ? walk->around.stage : found.stage;
    add(walk, &found);
    return true;
}

/** From here on it is the message that was returned: a line of dashes or the like says so. */
static bool ends_text(struct span line)
{
    static const char *const words[] = {"copy of the message",  "copy of your message",
                                        "copy of the original", "original message",
                                        "message header",       "headers follow",
                                        "unsent message",       "header of the original",
                                        "forwarded message",    "returned message",
                                        "returned mail --",     "message contents follow",
                                        "full headers of the",  NULL};
    line = span_trim(line);
    if (line.size == 0 || span_starts_with_nocase(line, "the original message was"))
        return false;
    bool is_rule = memchr("-=*_>", line.at[0], 5) || line.at[line.size - 1] == ':';
    return (is_rule || span_starts_with_nocase(line, "original message")) && contains_any(line, words);
}

/** Sentences that give the reason where nothing else does. */
static bool gives_reason(struct span line)
{
    static const char *const words[] = {
        "unknown",       "no such",     "not recognized", "not exist", "n'existe",      "not listed",
        "quota",         "full",        "no longer",      "disabled",  "inactive",      "not found",
        "maximum",       "too large",   "too big",        "exceed",    "responding",    "respond",
        "not reachable", "unavailable", "spam",           "virus",     "blocked",       "rejected",
        "refused",       "denied",      "not accept",     "invalid",   "not permitted", NULL};
    bool introduces =
        line.size > 0 && line.at[line.size - 1] == ':' && !span_contains_nocase(line, "because");
    return line.size < 400 && !introduces && contains_any(line, words);
}

static void take_address_in(struct walk *walk, struct span line)
{
    struct span word;
    while (walk->recipient.size == 0 && span_next_token(&line, " \t", &word))
        walk->recipient = bounce_address(word);
}

/** What is left if no line had the form of a reply: the recipient, and a sentence that gives a reason. */
static void add_sentence(struct walk *walk, struct span text)
{
    struct sighting found = SIGHTING_NONE;
    struct span line;
    while (part_next_line(&text, &line) && !ends_text(line) && found.kind == ITEM_NOTHING)
        if (gives_reason(line) && bounce_address(line).size == 0) {
            found.kind = ITEM_LOCAL;
            found.speaker = SPEAKER_LOCAL;
            found.reply = span_trim(line);
            take_address_in(walk, line);
        }
    if (found.kind != ITEM_NOTHING || walk->recipient.size > 0)
        add(walk, &found);
}

static void read_lines(struct walk *walk)
{
    static bool (*const readers[])(struct walk *, struct span) = {
        read_session_host,      read_heard,   read_sent,    read_reason, read_angle, read_address,
        read_address_and_words, read_because, read_mention, read_reply,
    };
    struct span line;
    while (part_next_line(&walk->rest, &line) && !ends_text(line)) {
        struct span trimmed = span_trim(line);
        for (size_t i = 0; trimmed.size > 0 && i < sizeof readers / sizeof *readers; i++)
            if (readers[i](walk, trimmed))
                break;
    }
}

void bounce_read_text(struct span text, enum item_action action, struct bounce_list *list)
{
    struct walk walk = {.rest = text, .list = list, .action = action, .around = SIGHTING_NONE};
    read_lines(&walk);
    if (list->count == 0)
        add_sentence(&walk, text);
}
