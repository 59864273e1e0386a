#include "explain/logline_formats.h"

enum { KEY_LIMIT = 32 };

/** "550 5.1.1 ..." is behind "said: " as a rule; local trouble may hold no code at all. */
void logline_read_status(struct span text, struct sighting *found)
{
    if (scan_reply(text, found))
        return;
    found->kind = ITEM_LOCAL;
    found->speaker = SPEAKER_LOCAL;
    found->reply = span_trim(text);
    if (found->enhanced.class == 2)
        found->cause = CAUSE_OK;
}

/* "to=<a>, relay=h[1]:25, delay=1, dsn=5.1.1, status=bounced (text)", Sendmail's "..., stat=text" */

struct field {
    struct span key;
    struct span value;
};

/** The octets in front of the first ", ", or all. */
static size_t value_size(struct span rest)
{
    size_t end = scan_until(rest, ',');
    while (end < rest.size && (end + 1 == rest.size || rest.at[end + 1] != ' '))
        end += 1 + scan_until(span_skip(rest, end + 1), ',');
    return end;
}

/** Takes "key=value, " off the front; an address in <> may hold commas. Keys are short, so a loop does. */
static bool next_field(struct span *rest, struct field *field)
{
    size_t equals = 0, end = 0;
    while (equals < rest->size && equals < KEY_LIMIT && rest->at[equals] != '=')
        equals++;
    if (equals == rest->size || equals == KEY_LIMIT)
        return false;
    field->key = span_first(*rest, equals);
    *rest = span_skip(*rest, equals + 1);
    if (rest->size > 0 && rest->at[0] == '<')
        end = scan_until(*rest, '>');
    end += value_size(span_skip(*rest, end));
    field->value = span_first(*rest, end);
    *rest = span_skip(*rest, end + 2);
    return true;
}

static enum item_action action_of(struct span status)
{
    static const struct {
        struct span word;
        enum item_action action;
    } actions[] = {{LITERAL("sent"), ACTION_DELIVERED},       {LITERAL("bounced"), ACTION_FAILED},
                   {LITERAL("deferred"), ACTION_DELAYED},     {LITERAL("expired"), ACTION_FAILED},
                   {LITERAL("undeliverable"), ACTION_FAILED}, {LITERAL("deliverable"), ACTION_DELIVERED},
                   {LITERAL("SOFTBOUNCE"), ACTION_DELAYED}};
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (scan_begins(status, actions[i].word))
            return actions[i].action;
    return ACTION_NONE;
}

/** "bounced (text)"; old versions write some texts without parentheses. */
static struct span text_of_status(struct span status)
{
    struct span text = span_trim(span_skip(status, scan_until(status, ' ')));
    if (text.size > 1 && text.at[0] == '(' && text.at[text.size - 1] == ')')
        return span_of(text.at + 1, text.size - 2);
    return text;
}

/** The reply's own enhanced code counts; Postfix makes up one for replies that have none. */
static void settle_reply(struct sighting *found, struct enhanced_status told)
{
    found->enhanced = found->code == 0 ? told : (struct enhanced_status){0, 0, 0};
    if (found->kind == ITEM_REPLY)
        found->speaker = SPEAKER_REMOTE;
}

static void read_status(struct span rest, struct sighting *found)
{
    struct enhanced_status told = found->enhanced;
    found->action = action_of(rest);
    logline_read_status(text_of_status(rest), found);
    settle_reply(found, told);
}

/** Sendmail: "Sent (ok)", "Deferred: Connection refused by h", "User unknown", "Deferred: 450 4.7.1 ...". */
static void read_stat(struct span text, struct sighting *found)
{
    struct enhanced_status told = found->enhanced;
    found->action = span_starts_with(text, "Sent")       ? ACTION_DELIVERED
                    : span_starts_with(text, "Deferred") ? ACTION_DELAYED
                    : span_starts_with(text, "queued")   ? ACTION_NONE
                                                         : ACTION_FAILED;
    logline_read_status(text, found);
    settle_reply(found, told);
}

/** Sendmail's reply= holds all that the server said, commas as well. */
static struct span up_to_stat(struct span rest)
{
    size_t at;
    return scan_find(rest, SPAN(", stat="), &at) ? span_first(rest, at) : rest;
}

static bool is_key(const struct field *field, struct span name)
{
    return field->key.size == name.size && memcmp(field->key.at, name.at, name.size) == 0;
}

static void take_field(const struct field *field, struct sighting *found)
{
    if (is_key(field, SPAN("to")))
        found->recipient = scan_angle(field->value);
    else if (is_key(field, SPAN("relay")))
        scan_peer(field->value, found);
    else if (is_key(field, SPAN("dsn")))
        enhanced_status_parse(field->value, &found->enhanced, NULL);
    else if (is_key(field, SPAN("ctladdr")))
        found->sender = scan_angle(field->value);
}

/** The field that holds the outcome ends the list: its value goes to the end of the line. */
static void take_outcome(const struct field *field, struct span value, struct sighting *found)
{
    if (is_key(field, SPAN("status")))
        read_status(value, found);
    else if (is_key(field, SPAN("stat")))
        read_stat(value, found);
    else if (is_key(field, SPAN("reply")))
        read_stat(up_to_stat(value), found);
}

static bool begins_outcome(struct span rest)
{
    return scan_begins(rest, SPAN("stat")) || scan_begins(rest, SPAN("reply="));
}

bool logline_read_delivery(struct span message, struct sighting *found)
{
    if (!scan_begins(message, SPAN("to=")) && !scan_begins(message, SPAN("ctladdr=")))
        return false;
    struct span rest = message;
    struct field field;
    while (!begins_outcome(rest) && next_field(&rest, &field))
        take_field(&field, found);
    size_t equals = scan_until(span_first(rest, KEY_LIMIT), '=');
    field.key = span_first(rest, equals);
    take_outcome(&field, span_skip(rest, equals + 1), found);
    return true;
}

/* "reject: RCPT from host[address]: 550 5.1.1 text; from=<a> to=<b> proto=ESMTP helo=<c>" */

static struct span value_of(struct span text, struct span key)
{
    size_t at;
    return scan_find(text, key, &at) ? scan_angle(span_skip(text, at + key.size - 1)) : span_of(NULL, 0);
}

static bool ends_with(struct span text, struct span words)
{
    return text.size >= words.size && memcmp(text.at + text.size - words.size, words.at, words.size) == 0;
}

/** "from=<a> to=<b> proto=ESMTP helo=<c>" */
static void read_envelope(struct span text, struct sighting *found)
{
    for (size_t open; (open = scan_until(text, '<')) < text.size;) {
        struct span before = span_first(text, open), value = scan_angle(span_skip(text, open));
        if (ends_with(before, SPAN("from=")))
            found->sender = value;
        else if (ends_with(before, SPAN("to=")))
            found->recipient = value;
        else if (ends_with(before, SPAN("helo=")))
            found->helo = value;
        text = span_skip(text, open + 1 + value.size);
    }
}

/** The client is who a refusal of ours is about: what matters to it is its own address. */
static void read_client(struct span text, struct sighting *found)
{
    struct sighting peer = SIGHTING_NONE;
    scan_peer(text, &peer);
    found->our_address = peer.address;
}

/** "5.7.1 Spam message rejected": of milters and header checks only this is logged. */
static void read_words(struct span text, struct sighting *found)
{
    found->kind = ITEM_REPLY;
    found->speaker = SPEAKER_LISTENER;
    found->code = scan_code(text);
    found->reply = span_trim(text);
    struct sighting inner = *found;
    size_t at;
    if (scan_find(text, SPAN(" said: "), &at) && scan_reply(text, &inner) && inner.code > 0)
        *found = inner;
    else if (found->code == 0)
        enhanced_status_parse(found->reply, &found->enhanced, NULL);
}

static bool read_content_check(struct span rest, struct sighting *found)
{
    size_t at;
    found->stage = STAGE_BODY;
    if (scan_find_last(rest, SPAN(">: "), &at) || scan_find_last(rest, SPAN("]: "), &at))
        read_words(span_skip(rest, at + 3), found);
    read_envelope(rest, found);
    return true;
}

static bool is_content_check(struct span rest)
{
    static const struct span checks[] = {LITERAL("header "), LITERAL("body "), LITERAL("mime-"),
                                         LITERAL("nested-"), LITERAL("content ")};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (scan_begins(rest, checks[i]))
            return true;
    return false;
}

static bool read_reject(struct span rest, struct sighting *found)
{
    size_t from = scan_until(rest, ' '), close, end;
    if (is_content_check(rest))
        return read_content_check(rest, found);
    struct span client = span_skip(rest, from + 6);
    close = scan_until(client, ']');
    if (!scan_begins(span_skip(rest, from), SPAN(" from ")) || close == client.size)
        return true;
    found->stage = scan_stage(rest);
    read_client(client, found);
    rest = span_skip(client, close + 1);
    rest = span_skip(rest, scan_until(rest, ' ') + 1);
    if (!scan_find_last(rest, SPAN("; from=<"), &end) && !scan_find_last(rest, SPAN("; proto="), &end))
        end = rest.size;
    read_words(span_first(rest, end), found);
    read_envelope(span_skip(rest, end), found);
    return true;
}

/* Sendmail: "ruleset=check_rcpt, arg1=<a>, relay=host [address], reject=550 5.7.1 ..." */

static int stage_of_ruleset(struct span rest)
{
    size_t at;
    if (span_starts_with(rest, "check_rcpt") || scan_find(rest, SPAN("Milter: to="), &at))
        return STAGE_RCPT;
    if (span_starts_with(rest, "check_mail") || scan_find(rest, SPAN("Milter: from="), &at))
        return STAGE_MAIL;
    if (span_starts_with(rest, "check_relay") || scan_find(rest, SPAN("Milter: connect"), &at))
        return STAGE_BANNER;
    bool is_body = span_starts_with(rest, "check_eom") || scan_find(rest, SPAN("Milter: data"), &at);
    return is_body ? STAGE_BODY : -1;
}

static bool read_sendmail_reject(struct span rest, struct sighting *found)
{
    size_t at;
    if (!scan_find(rest, SPAN("reject="), &at))
        return true;
    found->stage = stage_of_ruleset(rest);
    read_words(span_skip(rest, at + 7), found);
    if (scan_find(rest, SPAN("relay="), &at))
        read_client(span_skip(rest, at + 6), found);
    found->recipient = value_of(rest, SPAN("to=<"));
    if (found->stage == STAGE_RCPT && found->recipient.size == 0)
        found->recipient = value_of(rest, SPAN("arg1=<"));
    return true;
}

/** "proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject; from=<a> to=<b>": of a filter behind smtpd */
static bool read_proxy_reject(struct span rest, struct sighting *found)
{
    size_t end, colon = scan_until(rest, ':');
    found->stage = scan_stage(rest);
    rest = span_skip(rest, colon + 2);
    if (!scan_find_last(rest, SPAN("; from=<"), &end))
        end = rest.size;
    if (end > 0)
        read_words(span_first(rest, end), found);
    read_envelope(span_skip(rest, end), found);
    return true;
}

/** "warning: host[address]: SASL LOGIN authentication failed: ..." */
static bool read_failed_login(struct span rest, struct sighting *found)
{
    size_t at;
    if (!scan_find(rest, SPAN("]: SASL "), &at) || !scan_find(rest, SPAN(" authentication failed"), &at))
        return false;
    found->kind = ITEM_LOCAL;
    found->speaker = SPEAKER_LISTENER;
    found->stage = STAGE_AUTH;
    found->cause = CAUSE_AUTH_FAILED;
    found->reply = rest;
    read_client(rest, found);
    return true;
}

/** "SSL_accept error from host[address]: -1" */
static bool read_failed_handshake(struct span rest, struct sighting *found)
{
    found->kind = ITEM_LOCAL;
    found->speaker = SPEAKER_LISTENER;
    found->stage = STAGE_TLS;
    found->cause = CAUSE_TLS_HANDSHAKE_FAILED;
    found->reply = rest;
    read_client(rest, found);
    return true;
}

bool logline_read_listener(struct span message, struct sighting *found)
{
    static const struct {
        struct span start;
        bool (*read)(struct span rest, struct sighting *found);
    } starts[] = {
        {LITERAL("reject: "), read_reject},
        {LITERAL("reject_warning: "), read_reject},
        {LITERAL("milter-reject: "), read_reject},
        {LITERAL("ruleset="), read_sendmail_reject},
        {LITERAL("proxy-reject: "), read_proxy_reject},
        {LITERAL("Milter: "), read_sendmail_reject},
        {LITERAL("warning: "), read_failed_login},
        {LITERAL("SSL_accept error from "), read_failed_handshake},
    };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (scan_begins(message, starts[i].start)) {
            bool is_milter = starts[i].start.at[0] == 'M';
            return starts[i].read(is_milter ? message : span_skip(message, starts[i].start.size), found);
        }
    return false;
}
