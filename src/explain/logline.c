#include "explain/logline.h"

#include "explain/logline_formats.h"

enum {
    PREFIX_WORDS_LIMIT = 8, /* of date, host and program in front of a message */
    MESSAGE_START_LIMIT = 256,
    QUEUE_ID_LEAST = 5,
    QUEUE_ID_LIMIT = 24,
    COMMON_DATE_WORDS = 3,
    COMMON_DATE_SIZE = 16,
};

/* The prefix that syslog and its like put in front */

static bool next_word(struct span *rest, struct span *word)
{
    size_t end = scan_until(*rest, ' ');
    *word = span_of(rest->at, end);
    while (end < rest->size && rest->at[end] == ' ')
        end++;
    *rest = span_skip(*rest, end);
    return word->size > 0;
}

static bool is_month_or_day(struct span word)
{
    static const char names[] =
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun ";
    if (word.size != 3 && !(word.size == 4 && word.at[3] == ','))
        return false;
    for (size_t i = 0; i + 3 < sizeof names; i += 4)
        if (word.at[0] == names[i] && word.at[1] == names[i + 1] && word.at[2] == names[i + 2])
            return true;
    return false;
}

/** Without syslog OpenSMTPD's lines begin with the id of a session: 16 hexadecimal digits. */
static bool is_session(struct span word)
{
    for (size_t i = 0; i < word.size; i++)
        if (!ascii_is_digit(word.at[i]) && !memchr("abcdef", word.at[i], 6))
            return false;
    return word.size == 16;
}

/** "<22>", "2024-01-02T...", "12:00:00", "Jan", "[1700000000.1]" */
static bool begins_like_date(struct span line)
{
    size_t end = scan_until(span_first(line, MESSAGE_START_LIMIT), ' ');
    struct span word = span_first(line, end);
    if (word.size == 0)
        return false;
    if (word.at[0] == '<' || word.at[0] == '[')
        return word.size > 1 && ascii_is_digit(word.at[1]);
    bool is_queue_id = word.at[word.size - 1] == ':';
    return (ascii_is_digit(word.at[0]) && !is_queue_id && !is_session(word)) || is_month_or_day(word);
}

/** The program's name with its process id and a colon: "postfix/smtp[123]:". */
static bool is_tag(struct span word)
{
    return word.size > 1 && word.at[word.size - 1] == ':' &&
           (ascii_is_alpha(word.at[0]) || word.at[0] == '(');
}

/** RFC 5424: "<22>1 date host program pid id data message". */
static bool skip_rfc5424(struct span *message)
{
    struct span rest = *message, word;
    if (rest.at[0] != '<' || !next_word(&rest, &word) || word.size < 4 || word.at[word.size - 2] != '>')
        return false;
    for (int i = 0; i < 5; i++)
        if (!next_word(&rest, &word))
            return false;
    if (rest.size > 0 && rest.at[0] == '[')
        rest = span_skip(rest, scan_until(rest, ']') + 1);
    else
        next_word(&rest, &word);
    *message = span_trim(rest);
    return true;
}

/** "Jan  2 12:00:00 ", as most logs have it, is told by its form. */
static bool has_common_date(struct span line)
{
    return line.size > COMMON_DATE_SIZE && ascii_is_alpha(line.at[0]) && ascii_is_alpha(line.at[1]) &&
           ascii_is_alpha(line.at[2]) && line.at[3] == ' ' && ascii_is_digit(line.at[5]) &&
           line.at[6] == ' ' && ascii_is_digit(line.at[7]) && ascii_is_digit(line.at[8]) &&
           line.at[9] == ':' && line.at[12] == ':' && line.at[15] == ' ' && line.at[COMMON_DATE_SIZE] != ' ';
}

/** @return whether there was a prefix; the program's name is set if it is in it */
static bool skip_prefix(struct span *message, bool is_dated, struct span *program)
{
    bool is_common = has_common_date(*message);
    struct span rest = is_common ? span_skip(*message, COMMON_DATE_SIZE) : *message, word;
    *program = span_of(NULL, 0);
    if (skip_rfc5424(message))
        return true;
    for (int i = is_common ? COMMON_DATE_WORDS : 0;
         i < (is_dated ? PREFIX_WORDS_LIMIT : 2) && next_word(&rest, &word); i++)
        if (is_tag(word)) {
            *program = span_first(word, scan_until(word, '['));
            *message = rest;
            return is_dated || program->size < word.size;
        }
    return is_dated;
}

/* Replies that stand alone */

/** What transcripts put in front of a line from the server: "<-  ", "<~* ", "<<< ", "S: ", "SMTP<< ". */
static struct span skip_transcript_mark(struct span line)
{
    struct span rest = line;
    if (span_starts_with_nocase(rest, "SMTP<"))
        rest = span_skip(rest, 4);
    if (span_starts_with(rest, "S:"))
        rest = span_skip(rest, 2);
    else
        while (rest.size > 0 && memchr("<-~*", rest.at[0], 4))
            rest = span_skip(rest, 1);
    rest = span_trim(rest);
    return scan_code(rest) ? rest : line;
}

/** The type in front of a Diagnostic-Code (RFC 3464 2.3.6). */
static struct span skip_type(struct span line)
{
    size_t end = scan_until(span_first(line, 16), ';');
    bool is_type = span_starts_with_nocase(line, "smtp") || span_starts_with_nocase(line, "x-");
    return is_type && end < 16 && end < line.size ? span_trim(span_skip(line, end + 1)) : line;
}

/** "X.7.1", as tables have it; it is no text of a reply. */
static bool read_any_class(struct span text, struct sighting *found)
{
    char copy[ENHANCED_STATUS_TEXT_SIZE];
    if (!span_starts_with_nocase(text, "x.") || text.size > sizeof copy)
        return false;
    memcpy(copy, text.at, text.size);
    copy[0] = '5';
    if (!enhanced_status_parse(span_of(copy, text.size), &found->enhanced, NULL))
        return false;
    found->enhanced.class = ENHANCED_CLASS_ANY;
    found->kind = ITEM_REPLY;
    return true;
}

static bool read_enhanced_alone(struct span line, struct sighting *found)
{
    struct span text = span_trim(scan_strip(line, "#()<>[]"));
    if (!enhanced_status_parse(text, &found->enhanced, NULL))
        return read_any_class(text, found);
    found->kind = ITEM_REPLY;
    found->reply = line;
    return true;
}

/** Whether a reply that stands alone can begin so; spares all other lines the closer look. */
static bool may_be_bare(struct span line)
{
    if (ascii_is_digit(line.at[0])) /* many a queue id does */
        return scan_code(line) || (line.size > 1 && line.at[1] == '.');
    if (ascii_is_alpha(line.at[0]))
        return ascii_lower(line.at[0]) == 's' || ascii_lower(line.at[0]) == 'x';
    return memchr("<-~*#([", line.at[0], 7);
}

/** One reply may wrap another: "550 5.0.350 Remote server returned an error -> 550 5.1.1 User unknown". */
static bool read_bare(struct span line, struct sighting *found)
{
    if (line.size == 0 || !may_be_bare(line))
        return false;
    line = skip_type(skip_transcript_mark(line));
    int code = scan_code(line);
    if (code == 0)
        return read_enhanced_alone(line, found);
    if (code / 100 == 3) { /* quotes nobody, and needs no search */
        found->kind = ITEM_REPLY;
        found->code = code;
        found->reply = line;
        return true;
    }
    scan_reply(line, found);
    return true;
}

/* All other lines */

/** "3F2A1B:" of Postfix or Sendmail, also "NOQUEUE:". */
static struct span skip_queue_id(struct span message)
{
    struct span start = span_first(message, QUEUE_ID_LIMIT);
    size_t size = 0;
    bool has_capital = false;
    for (; size < start.size && ascii_is_alphanumeric(start.at[size]); size++)
        has_capital |= start.at[size] < 'a';
    bool is_id = has_capital && size >= QUEUE_ID_LEAST && scan_begins(span_skip(message, size), SPAN(": "));
    return is_id ? span_skip(message, size + 2) : message;
}

/** The bulk of a log: nothing in such lines is a reply. */
static bool is_routine(struct span message)
{
    static const struct span starts[] = {
        LITERAL("connect from "),
        LITERAL("disconnect from "),
        LITERAL("removed"),
        LITERAL("client="),
        LITERAL("message-id="),
        LITERAL("statistics: "),
        LITERAL("uid="),
        LITERAL("CONNECT from "),
        LITERAL("DISCONNECT "),
        LITERAL("PASS "),
        LITERAL("cache "),
        LITERAL("Anonymous TLS connection "),
        LITERAL("Trusted TLS connection "),
        LITERAL("Untrusted TLS connection "),
        LITERAL("Verified TLS connection "),
        LITERAL("sender non-delivery notification"),
        LITERAL("STARTTLS="),
        LITERAL("AUTH="),
        LITERAL("new msg "),
        LITERAL("info msg "),
        LITERAL("warning: hostname "),
    };
    if (message.size == 0)
        return true;
    if (message.at[0] == 't') /* "to=" of most lines begins none of them */
        return false;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (starts[i].at[0] == message.at[0] && scan_begins(message, starts[i]))
            return true;
    return false;
}

/** The queue manager: all is routine but the end of patience. */
static bool read_queue_manager(struct span message, struct sighting *found)
{
    size_t at;
    if (!scan_begins(message, SPAN("from=<")))
        return false;
    if (scan_find(message, SPAN("status=expired"), &at)) {
        found->kind = ITEM_LOCAL;
        found->speaker = SPEAKER_LOCAL;
        found->cause = CAUSE_EXPIRED;
        found->action = ACTION_FAILED;
        found->sender = scan_angle(span_skip(message, 5));
        found->reply = span_skip(message, at);
    }
    return true;
}

/** Formats that Postfix does not have. */
static bool read_others(struct span message, struct sighting *found)
{
    return logline_read_exim(message, found) || logline_read_opensmtpd(message, found) ||
           logline_read_qmail(message, found);
}

/**
 * Dovecot says in its own words why a message could not be stored; what LMTP answered is in the other log.
 */
static bool read_dovecot(struct span message, struct span program, struct sighting *found)
{
    size_t at;
    if (!scan_begins(program, SPAN("dovecot")) || !scan_find(message, SPAN("save failed to "), &at))
        return false;
    found->kind = ITEM_LOCAL;
    found->speaker = SPEAKER_LOCAL;
    found->stage = STAGE_BODY;
    found->reply = span_skip(message, at);
    return true;
}

/** "postfix/smtp", "postfix-out/submission/smtpd" */
static bool is_postfix(struct span program)
{
    return scan_until(program, '/') < program.size;
}

static bool read_formats(struct span message, struct span program, struct sighting *found)
{
    struct span rest = skip_queue_id(message);
    return is_routine(rest) || logline_read_delivery(rest, found) || read_queue_manager(rest, found) ||
           logline_read_listener(rest, found) || (!is_postfix(program) && read_others(message, found));
}

/** Trouble that Postfix logs outside of deliveries. */
static bool tells_trouble(struct span message)
{
    return scan_begins(message, SPAN("connect to ")) || scan_begins(message, SPAN("lost connection with ")) ||
           scan_begins(message, SPAN("conversation with ")) ||
           scan_begins(message, SPAN("SSL_connect error ")) ||
           scan_begins(message, SPAN("certificate verification failed for ")) ||
           scan_begins(message, SPAN("warning: SASL authentication failure"));
}

/** .NET drops the code: "... The server response was: 5.7.57 Client not authenticated to send mail." */
static bool read_server_response(struct span message, struct sighting *found)
{
    struct span start = SPAN("server response was: ");
    size_t at;
    return scan_find(message, start, &at) && read_bare(span_skip(message, at + start.size), found);
}

/** Words of trouble mean something without a frame only if they are the line, or from a mail server. */
static bool read_generic(struct span message, bool may_be_trouble, struct sighting *found)
{
    size_t at;
    struct span rest = skip_queue_id(message);
    if (scan_find_code(rest, &at)) {
        scan_reply_at(rest, at, found);
        return true;
    }
    return (may_be_trouble || tells_trouble(rest)) && scan_trouble(rest, found);
}

static bool read_behind_prefix(struct span message, struct span program, struct sighting *found)
{
    return read_bare(message, found) || read_formats(message, program, found) ||
           read_dovecot(message, program, found);
}

/** Lines that have no prefix, or one of their own. */
static bool read_unprefixed(struct span whole, struct sighting *found, bool *is_dated)
{
    if (read_bare(whole, found) || logline_read_exchange(whole, found))
        return true;
    if (ascii_is_digit(whole.at[0]) && logline_read_exim(whole, found))
        return true;
    *is_dated = begins_like_date(whole);
    return !*is_dated && read_formats(whole, SPAN(""), found);
}

void logline_read(struct span line, struct sighting *found)
{
    struct span whole = span_trim(line), message = whole, program;
    *found = SIGHTING_NONE;
    bool is_dated = has_common_date(whole);
    if (whole.size == 0 || (!is_dated && read_unprefixed(whole, found, &is_dated)))
        return;
    bool has_prefix = skip_prefix(&message, is_dated, &program);
    if (message.at != whole.at && read_behind_prefix(message, program, found))
        return;
    if (!read_generic(message, !has_prefix, found) && !is_postfix(program))
        read_server_response(message, found);
}

void logline_read_reply(struct span text, struct sighting *found)
{
    text = span_trim(skip_type(span_trim(text)));
    logline_read(text, found);
    if (found->kind != ITEM_NOTHING || text.size == 0)
        return;
    found->kind = ITEM_REPLY;
    found->reply = text;
}
