#include "explain/logline_formats.h"

/* OpenSMTPD: "0123 mta delivery evpid=1 from=<a> to=<b> relay="1.2.3.4 (host)" result="PermFail" stat="550
 * ..."" */

static struct span quoted_value(struct span text, struct span key)
{
    size_t at;
    if (!scan_find(text, key, &at))
        return span_of(NULL, 0);
    text = span_skip(text, at + key.size);
    if (text.size == 0 || text.at[0] != '"')
        return span_first(text, scan_until(text, ' '));
    text = span_skip(text, 1);
    size_t end;
    if (scan_find(text, SPAN("\" "), &end) || scan_find(text, SPAN("\","), &end))
        return span_first(text, end);
    return scan_strip(text, "\"");
}

static struct span angle_value(struct span text, struct span key)
{
    size_t at;
    return scan_find(text, key, &at) ? scan_angle(span_skip(text, at + key.size - 1)) : span_of(NULL, 0);
}

/** `relay="192.0.2.1 (mx.example.com)"` */
static void read_relay(struct span relay, struct sighting *found)
{
    size_t open = scan_until(relay, '(');
    struct span host = span_skip(relay, open + 1);
    scan_peer(relay, found);
    if (host.size > 0)
        found->host = span_first(host, scan_until(host, ')'));
}

static void read_mta_delivery(struct span message, struct sighting *found)
{
    struct span result = quoted_value(message, SPAN("result="));
    struct span status = quoted_value(message, SPAN(" stat="));
    found->action = span_is(result, "Ok")         ? ACTION_DELIVERED
                    : span_is(result, "TempFail") ? ACTION_DELAYED
                                                  : ACTION_FAILED;
    found->sender = angle_value(message, SPAN("from=<"));
    found->recipient = angle_value(message, SPAN(" to=<"));
    read_relay(quoted_value(message, SPAN("relay=")), found);
    bool has_words = scan_reply(status, found);
    found->speaker = found->kind == ITEM_REPLY ? SPEAKER_REMOTE : SPEAKER_LOCAL;
    if (found->kind == ITEM_REPLY)
        return;
    found->kind = ITEM_LOCAL;
    found->reply = status;
    if (!has_words && found->action == ACTION_DELIVERED)
        found->cause = CAUSE_OK;
    if (found->action != ACTION_DELIVERED)
        found->enhanced = (struct enhanced_status){found->action == ACTION_DELAYED ? 4 : 5, 0, 0};
}

/** `smtp failed-command command="RCPT TO:<x>" result="550 Invalid recipient"` */
static void read_failed_command(struct span message, struct sighting *found)
{
    struct span command = quoted_value(message, SPAN("command="));
    struct span result = quoted_value(message, SPAN("result="));
    size_t at;
    if (!scan_reply(result, found))
        return;
    found->speaker = SPEAKER_LISTENER;
    found->stage = scan_stage(command);
    if (scan_find(command, SPAN("<"), &at))
        *(found->stage == STAGE_RCPT ? &found->recipient : &found->sender) =
            scan_angle(span_skip(command, at));
}

/** "mta error reason=Connection timeout" */
static void read_mta_error(struct span reason, struct sighting *found)
{
    if (scan_reply(reason, found))
        return;
    found->kind = ITEM_LOCAL;
    found->speaker = SPEAKER_LOCAL;
    found->reply = reason;
}

/** "smtp-out: Failed to resolve MX for [relay:example.com,smtp]: Domain does not exist" */
static bool read_failed_route(struct span message, struct sighting *found)
{
    static const struct span program = LITERAL("smtp-out: ");
    size_t end;
    if (scan_begins(message, program))
        message = span_skip(message, program.size);
    if (!scan_begins(message, SPAN("Failed to resolve MX for [")) || !scan_find(message, SPAN("]: "), &end))
        return false;
    found->stage = STAGE_RESOLVE;
    read_mta_error(span_skip(message, end + 3), found);
    return true;
}

/** Each message begins with the session's id in hexadecimal digits. */
static struct span skip_session(struct span message)
{
    size_t size = 0;
    while (size < message.size && (ascii_is_digit(message.at[size]) || memchr("abcdef", message.at[size], 6)))
        size++;
    return size > 0 && size < message.size && message.at[size] == ' ' ? span_skip(message, size + 1)
                                                                      : message;
}

bool logline_read_opensmtpd(struct span message, struct sighting *found)
{
    struct span rest = skip_session(message);
    if (scan_begins(rest, SPAN("mta delivery ")) || scan_begins(rest, SPAN("mda delivery ")) ||
        scan_begins(rest, SPAN("delivery evpid=")))
        read_mta_delivery(rest, found);
    else if (scan_begins(rest, SPAN("mta error reason=")))
        read_mta_error(span_skip(rest, 17), found);
    else if (scan_begins(rest, SPAN("smtp failed-command ")))
        read_failed_command(rest, found);
    else
        return read_failed_route(rest, found);
    return true;
}

/* qmail: "delivery 1:
 * failure: 1.2.3.4_does_not_like_recipient./Remote_host_said:_550_x/Giving_up_on_1.2.3.4./" */

/** Compares with blanks spelled either way. */
static bool find_words(struct span text, const char *words, size_t *at)
{
    size_t size = strlen(words);
    for (size_t i = 0; i + size <= text.size; i++) {
        size_t k = 0;
        while (k < size && (text.at[i + k] == words[k] || (words[k] == ' ' && text.at[i + k] == '_')))
            k++;
        if (k == size) {
            *at = i;
            return true;
        }
    }
    return false;
}

static int stage_in_report(struct span text)
{
    static const struct {
        const char *words;
        int stage;
    } stages[] = {
        {"does not like recipient", STAGE_RCPT}, {"sender was rejected", STAGE_MAIL},
        {"greeting failed", STAGE_BANNER},       {"my name was rejected", STAGE_HELO},
        {"failed on DATA command", STAGE_DATA},  {"failed after I sent the message", STAGE_BODY},
        {"accepted message", STAGE_BODY},        {"but authentication was rejected", STAGE_AUTH},
        {"TLS connect failed", STAGE_TLS},       {"TLS not available", STAGE_STARTTLS},
    };
    size_t at;
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (find_words(text, stages[i].words, &at))
            return stages[i].stage;
    return -1;
}

/** The server's address stands in front of "does not like", behind "Connected to". */
static void read_server(struct span text, struct sighting *found)
{
    size_t at, end = 0;
    struct span start =
        find_words(text, "Connected to ", &at) ||
                find_words(text, "User and password not set, continuing without authentication.", &at)
            ? span_skip(text, at + 13)
            : text;
    while (end < start.size && (ascii_is_digit(start.at[end]) || memchr(".:abcdef", start.at[end], 8)))
        end++;
    if (end >= 7 && end < start.size && memchr("_ ", start.at[end], 2))
        found->address = span_first(start, end);
}

static struct span up_to_giving_up(struct span reply)
{
    size_t at;
    if (find_words(reply, "/Giving up on ", &at) || find_words(reply, "\nGiving up on ", &at) ||
        find_words(reply, "Giving up on ", &at))
        reply = span_first(reply, at);
    return scan_strip(reply, "/_ \r\n");
}

bool logline_read_qmail_report(struct span text, struct sighting *found)
{
    size_t at;
    found->underscored = !memchr(text.at ? text.at : "", ' ', text.size);
    found->stage = stage_in_report(text);
    read_server(text, found);
    if (find_words(text, "emote host said: ", &at) && scan_code(span_skip(text, at + 17))) {
        found->kind = ITEM_REPLY;
        found->speaker = SPEAKER_REMOTE;
        found->code = scan_code(span_skip(text, at + 17));
        found->reply = up_to_giving_up(span_skip(text, at + 17));
        return true;
    }
    int stage = found->stage;
    if (!scan_trouble(text, found)) {
        found->kind = ITEM_LOCAL;
        found->speaker = SPEAKER_LOCAL;
    }
    found->stage = found->stage < 0 ? stage : found->stage;
    found->reply = scan_strip(text, "/_ \r\n");
    return found->reply.size > 0;
}

/** qmail gives its own verdicts a number at the end: "(#5.1.1)". */
static void read_number(struct sighting *found)
{
    size_t at;
    struct span text = found->reply;
    if (found->kind != ITEM_LOCAL || !scan_find_last(text, SPAN("(#"), &at))
        return;
    text = span_skip(text, at + 2);
    enhanced_status_parse(span_first(text, scan_until(text, ')')), &found->enhanced, NULL);
}

/** A date of multilog ("@4000..."), or of splogger behind the prefix of syslog ("1705040701.123456"). */
static struct span skip_stamp(struct span message)
{
    bool is_stamp = message.size > 0 && (message.at[0] == '@' || ascii_is_digit(message.at[0]));
    return is_stamp ? span_skip(message, scan_until(message, ' ') + 1) : message;
}

bool logline_read_qmail(struct span message, struct sighting *found)
{
    static const struct {
        struct span word;
        enum item_action action;
    } results[] = {{LITERAL("success: "), ACTION_DELIVERED},
                   {LITERAL("failure: "), ACTION_FAILED},
                   {LITERAL("deferral: "), ACTION_DELAYED}};
    struct span rest = skip_stamp(message);
    if (!scan_begins(rest, SPAN("delivery ")))
        return false;
    rest = span_trim(span_skip(rest, scan_until(rest, ':') + 1));
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (scan_begins(rest, results[i].word)) {
            found->action = results[i].action;
            logline_read_qmail_report(span_skip(rest, results[i].word.size), found);
            read_number(found);
            if (found->kind == ITEM_LOCAL && found->action == ACTION_DELIVERED)
                found->cause = CAUSE_OK;
            return true;
        }
    return false;
}
