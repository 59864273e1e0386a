#include "explain/logline_formats.h"

enum { DATE_SIZE = 20 }; /* "2024-01-02 03:04:05 " */

static bool has_shape(struct span text, const char *shape)
{
    if (text.size < strlen(shape))
        return false;
    for (size_t i = 0; shape[i]; i++)
        if (shape[i] == '0' ? !ascii_is_digit(text.at[i]) : text.at[i] != shape[i])
            return false;
    return true;
}

static bool skip_date(struct span *rest)
{
    if (!has_shape(*rest, "0000-00-00 00:00:00"))
        return false;
    *rest = span_skip(*rest, DATE_SIZE - 1);
    if (rest->size > 0 && rest->at[0] == '.') /* log_selector = +millisec */
        *rest = span_skip(*rest, scan_until(*rest, ' '));
    *rest = span_trim(*rest);
    if (rest->size > 5 && memchr("+-", rest->at[0], 2) && rest->at[5] == ' ')
        *rest = span_skip(*rest, 6);
    return true;
}

/** "[1234] " with log_selector = +pid */
static void skip_pid(struct span *rest)
{
    size_t end = scan_until(span_first(*rest, 16), ']');
    if (rest->size > 2 && rest->at[0] == '[' && ascii_is_digit(rest->at[1]) && end < 16)
        *rest = span_trim(span_skip(*rest, end + 1));
}

/** 6-6-2 characters, since Exim 4.97 6-11-4. */
static bool skip_id(struct span *rest)
{
    size_t size = scan_until(span_first(*rest, 24), ' ');
    bool is_old = size == 16 && rest->at[6] == '-' && rest->at[13] == '-';
    bool is_new = size == 23 && rest->at[6] == '-' && rest->at[18] == '-';
    if (!is_old && !is_new)
        return false;
    for (size_t i = 0; i < size; i++)
        if (!ascii_is_alpha(rest->at[i]) && !ascii_is_digit(rest->at[i]) && rest->at[i] != '-')
            return false;
    *rest = span_trim(span_skip(*rest, size));
    return true;
}

static struct span after_colon(struct span text)
{
    size_t at = scan_until(text, ':');
    while (at < text.size && !scan_begins(span_skip(text, at), SPAN(": ")))
        at += 1 + scan_until(span_skip(text, at + 1), ':');
    return at < text.size ? span_skip(text, at + 2) : text;
}

/** Exim logs no code for what it decides itself, but whether it is final. */
static void read_own_words(struct span words, bool is_final, struct sighting *found)
{
    found->reply = span_trim(words);
    found->code = scan_code(found->reply);
    if (found->code > 0)
        found->kind = ITEM_REPLY;
    else if (!enhanced_status_parse(found->reply, &found->enhanced, NULL))
        found->enhanced = (struct enhanced_status){is_final ? 5 : 4, 0, 0};
}

/* Deliveries: "=> user@example.com R=a T=b H=host [address] C="250 ok"" */

static struct span take_recipient(struct span *rest)
{
    size_t end = scan_until(*rest, ' ');
    struct span first = span_first(*rest, end);
    *rest = span_trim(span_skip(*rest, end));
    if (rest->size > 0 && rest->at[0] == '<') { /* "local <user@example.com>" */
        struct span address = scan_angle(*rest);
        *rest = span_trim(span_skip(*rest, address.size + 2));
        first = memchr(address.at ? address.at : "", '@', address.size) ? address : first;
    }
    if (first.size > 0 && first.at[first.size - 1] == ':')
        first.size--;
    return first;
}

static void read_delivered(struct span rest, struct sighting *found)
{
    size_t at;
    found->action = ACTION_DELIVERED;
    found->recipient = take_recipient(&rest);
    if (scan_find(rest, SPAN("H="), &at))
        scan_peer(span_skip(rest, at + 2), found);
    if (scan_find(rest, SPAN(" C=\""), &at) && scan_code(span_skip(rest, at + 4))) {
        struct span reply = span_skip(rest, at + 4);
        found->kind = ITEM_REPLY;
        found->speaker = SPEAKER_REMOTE;
        found->stage = STAGE_BODY;
        found->code = scan_code(reply);
        found->reply = span_first(reply, scan_until(reply, '"'));
        return;
    }
    found->kind = ITEM_LOCAL;
    found->speaker = SPEAKER_LOCAL;
    found->cause = CAUSE_OK;
    found->reply = rest;
}

static void read_undelivered(struct span rest, bool is_final, struct sighting *found)
{
    size_t end = scan_until(rest, ' ');
    bool is_bare = end > 0 && rest.at[end - 1] == ':';
    found->action = is_final ? ACTION_FAILED : ACTION_DELAYED;
    found->recipient = take_recipient(&rest);
    if (scan_begins(rest, SPAN("F=<")))
        found->sender = scan_angle(span_skip(rest, 2));
    if (scan_reply(rest, found) && found->kind == ITEM_REPLY)
        return;
    found->kind = ITEM_LOCAL;
    found->speaker = SPEAKER_LOCAL;
    read_own_words(is_bare ? rest : after_colon(rest), is_final, found);
}

/* Refusals: "H=(helo) [address] F=<a> rejected RCPT <b>: relay not permitted" */

static void read_client(struct span rest, struct sighting *found)
{
    size_t at, open;
    struct sighting peer = SIGHTING_NONE;
    if (!scan_find(rest, SPAN("H="), &at))
        return;
    struct span client = span_skip(rest, at + 2);
    scan_peer(client, &peer);
    found->our_address = peer.address;
    found->helo = peer.host;
    open = scan_until(client, '(');
    if (open < scan_until(client, '[')) {
        struct span helo = span_skip(client, open + 1);
        found->helo = span_first(helo, scan_until(helo, ')'));
    }
}

static bool read_rejected(struct span rest, struct sighting *found)
{
    size_t at, from;
    if (!scan_find(rest, SPAN("rejected "), &at) || (at > 0 && rest.at[at - 1] != ' '))
        return false;
    struct span before = span_first(rest, at), what = span_skip(rest, at + 9);
    size_t temporarily;
    bool is_final = !scan_find(before, SPAN("temporarily"), &temporarily);
    found->kind = ITEM_REPLY;
    found->speaker = SPEAKER_LISTENER;
    found->stage = scan_begins(what, SPAN("after DATA")) || scan_begins(what, SPAN("during MIME")) ||
                           scan_begins(what, SPAN("by local_scan"))
                       ? STAGE_BODY
                       : scan_stage(scan_strip(what, "\""));
    read_client(before, found);
    if (scan_find(before, SPAN("F=<"), &from))
        found->sender = scan_angle(span_skip(before, from + 2));
    size_t address = scan_until(what, '<');
    if (found->stage == STAGE_RCPT && address < 8)
        found->recipient = scan_angle(span_skip(what, address));
    struct span words = after_colon(what); /* none if our name was not verified */
    read_own_words(words.at == what.at ? span_skip(rest, at) : words, is_final, found);
    return true;
}

/** "login authenticator failed for (helo) [address]: 535 Incorrect authentication data" */
static bool read_failed_login(struct span rest, struct sighting *found)
{
    size_t at;
    if (!scan_find(rest, SPAN("authenticator failed for "), &at))
        return false;
    struct sighting peer = SIGHTING_NONE;
    scan_peer(span_skip(rest, at + 25), &peer);
    found->kind = ITEM_REPLY;
    found->speaker = SPEAKER_LISTENER;
    found->stage = STAGE_AUTH;
    found->our_address = peer.address;
    read_own_words(after_colon(rest), true, found);
    return true;
}

/** `SMTP protocol error in "AUTH LOGIN" H=(x) [address] AUTH command used when not advertised` */
static bool read_client_error(struct span rest, struct sighting *found)
{
    if (!scan_begins(rest, SPAN("SMTP protocol error in ")) &&
        !scan_begins(rest, SPAN("SMTP syntax error in ")))
        return false;
    size_t quote = scan_until(rest, '"'), end;
    found->kind = ITEM_REPLY;
    found->speaker = SPEAKER_LISTENER;
    found->stage = scan_stage(span_skip(rest, quote + 1));
    read_client(rest, found);
    read_own_words(scan_find(rest, SPAN("] "), &end) ? span_skip(rest, end + 2) : rest, true, found);
    return true;
}

/** "H=(x) [address] sender verify fail for <a>: Unrouteable address" */
static bool read_failed_verify(struct span rest, struct sighting *found)
{
    size_t at;
    if (!scan_find(rest, SPAN("sender verify fail for <"), &at))
        return false;
    found->kind = ITEM_LOCAL;
    found->speaker = SPEAKER_LISTENER;
    found->stage = STAGE_MAIL;
    found->sender = scan_angle(span_skip(rest, at + 23));
    found->reply = span_skip(rest, at);
    found->enhanced = (struct enhanced_status){5, 0, 0};
    read_client(rest, found);
    return true;
}

/** "TLS error on connection from host [address] (SSL_accept): ..." */
static bool read_failed_handshake(struct span rest, struct sighting *found)
{
    struct sighting peer = SIGHTING_NONE;
    if (!scan_begins(rest, SPAN("TLS error on connection from ")))
        return false;
    scan_peer(span_skip(rest, 29), &peer);
    found->kind = ITEM_LOCAL;
    found->speaker = SPEAKER_LISTENER;
    found->stage = STAGE_TLS;
    found->cause = CAUSE_TLS_HANDSHAKE_FAILED;
    found->our_address = peer.address;
    found->reply = rest;
    return true;
}

static bool is_routine(struct span rest)
{
    static const struct span starts[] = {LITERAL("<= "),  LITERAL("Completed"),        LITERAL("DKIM"),
                                         LITERAL("*> "),  LITERAL("Unfrozen"),         LITERAL("Frozen"),
                                         LITERAL("cwd="), LITERAL("Message is frozen")};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (scan_begins(rest, starts[i]))
            return true;
    return false;
}

/** A try at one host that failed: "H=host [address]: SMTP error from ...", "host [address]: Connection
 * refused". */
static void read_notice(struct span rest, struct sighting *found)
{
    struct sighting peer = SIGHTING_NONE;
    if (read_rejected(rest, found) || read_failed_login(rest, found) || read_client_error(rest, found) ||
        read_failed_verify(rest, found) || read_failed_handshake(rest, found) || !scan_reply(rest, found))
        return;
    if (found->kind == ITEM_LOCAL && found->host.size == 0 && scan_peer(rest, &peer)) {
        found->host = peer.host;
        found->address = peer.address;
        found->port = peer.port;
    }
}

static bool begins_like_notice(struct span rest)
{
    static const struct span starts[] = {LITERAL("H="),
                                         LITERAL("SMTP "),
                                         LITERAL("TLS "),
                                         LITERAL("rejected "),
                                         LITERAL("temporarily rejected "),
                                         LITERAL("no host name"),
                                         LITERAL("unexpected disconnection"),
                                         LITERAL("Start queue"),
                                         LITERAL("End queue")};
    size_t at;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (scan_begins(rest, starts[i]))
            return true;
    return scan_find(rest, SPAN("authenticator failed for "), &at);
}

bool logline_read_exim(struct span message, struct sighting *found)
{
    struct span rest = message;
    bool is_dated = skip_date(&rest);
    skip_pid(&rest);
    bool has_id = skip_id(&rest);
    if (!has_id && !scan_begins(rest, SPAN("H=")) && !(is_dated && begins_like_notice(rest)))
        return false;
    if (is_routine(rest))
        return true;
    if (scan_begins(rest, SPAN("=> ")) || scan_begins(rest, SPAN("-> ")) || scan_begins(rest, SPAN(">> ")))
        read_delivered(span_skip(rest, 3), found);
    else if (scan_begins(rest, SPAN("** ")) || scan_begins(rest, SPAN("== ")))
        read_undelivered(span_skip(rest, 3), rest.at[0] == '*', found);
    else
        read_notice(rest, found);
    return true;
}
