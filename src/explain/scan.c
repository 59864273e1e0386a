#include "explain/scan.h"

bool scan_find_last(struct span text, struct span words, size_t *at)
{
    for (size_t i = text.size; i >= words.size && words.size > 0; i--)
        if (text.at[i - words.size] == words.at[0] &&
            memcmp(text.at + i - words.size, words.at, words.size) == 0) {
            *at = i - words.size;
            return true;
        }
    return false;
}

struct span scan_angle(struct span text)
{
    size_t end = scan_until(text, '>');
    if (end == text.size || text.at[0] != '<')
        return span_of(NULL, 0);
    return span_of(text.at + 1, end - 1);
}

struct span scan_strip(struct span text, const char *octets)
{
    size_t count = strlen(octets);
    while (text.size > 0 && memchr(octets, text.at[0], count))
        text = span_skip(text, 1);
    while (text.size > 0 && memchr(octets, text.at[text.size - 1], count))
        text.size--;
    return text;
}

/* Stages */

static const struct stage_word {
    struct span word;
    int stage; /* -1: says nothing, look behind it */
} stage_words_of_logs[] = {
    {LITERAL("RCPT"), STAGE_RCPT},
    {LITERAL("MAIL"), STAGE_MAIL},
    {LITERAL("end of data"), STAGE_BODY},
    {LITERAL("end-of-"), STAGE_BODY},
    {LITERAL("end of message"), STAGE_BODY},
    {LITERAL("message body"), STAGE_BODY},
    {LITERAL("message text"), STAGE_BODY},
    {LITERAL("data block"), STAGE_BODY},
    {LITERAL("the message"), STAGE_BODY},
    {LITERAL("dot"), STAGE_BODY},
    {LITERAL("DATA"), STAGE_DATA},
    {LITERAL("BDAT"), STAGE_BDAT},
    {LITERAL("EHLO"), STAGE_EHLO},
    {LITERAL("LHLO"), STAGE_EHLO},
    {LITERAL("HELO"), STAGE_HELO},
    {LITERAL("STARTTLS"), STAGE_STARTTLS},
    {LITERAL("TLS"), STAGE_TLS},
    {LITERAL("AUTH"), STAGE_AUTH},
    {LITERAL("SASL"), STAGE_AUTH},
    {LITERAL("initial server greeting"), STAGE_BANNER},
    {LITERAL("initial protocol handshake"), STAGE_EHLO},
    {LITERAL("initial connection"), STAGE_BANNER},
    {LITERAL("server greeting"), STAGE_BANNER},
    {LITERAL("greeting"), STAGE_BANNER},
    {LITERAL("CONNECT"), STAGE_BANNER},
    {LITERAL("QUIT"), STAGE_QUIT},
    {LITERAL("RSET"), STAGE_RSET},
    {LITERAL("VRFY"), STAGE_VRFY},
    {LITERAL("EXPN"), STAGE_EXPN},
    {LITERAL("NOOP"), STAGE_NOOP},
    {LITERAL("ETRN"), STAGE_ETRN},
    {LITERAL("XCLIENT"), STAGE_XCLIENT},
    {LITERAL("pipelined"), -1},
    {LITERAL("sending"), -1},
    {LITERAL("receiving"), -1},
    {LITERAL("performing"), -1},
    {LITERAL("the"), -1},
    {LITERAL("a"), -1},
};

static const struct stage_word *find_stage_word(struct span words)
{
    char first = words.size > 0 ? ascii_lower(words.at[0]) : '\0';
    for (size_t i = 0; i < sizeof stage_words_of_logs / sizeof *stage_words_of_logs; i++) {
        struct span word = stage_words_of_logs[i].word;
        if (ascii_lower(word.at[0]) != first || !span_equal_nocase(span_first(words, word.size), word))
            continue;
        if (words.size == word.size || !ascii_is_alpha(words.at[word.size]) || word.at[word.size - 1] == '-')
            return &stage_words_of_logs[i];
    }
    return NULL;
}

int scan_stage(struct span words)
{
    for (int tries = 0; tries < 4; tries++) {
        const struct stage_word *word = find_stage_word(words);
        if (!word || word->stage >= 0)
            return word ? word->stage : -1;
        words = span_trim(span_skip(words, word->word.size));
    }
    return -1;
}

/* Peers */

static bool is_host_octet(char c)
{
    return ascii_is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
}

/** Hexadecimal digits with dots or colons, and the prefix of RFC 5321 4.1.3. */
static bool is_address(struct span text)
{
    size_t marks = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        if (c == ':' || c == '.')
            marks++;
        else if (!ascii_is_digit(c) && (unsigned char)((c | 0x20) - 'a') >= 6)
            return false;
    }
    return marks > 1;
}

static struct span without_family(struct span address)
{
    bool has_family =
        address.size > 0 && ascii_is_alpha(address.at[0]) && span_starts_with_nocase(address, "IPv6:");
    return has_family ? span_skip(address, 5) : address;
}

/** `[address]:port` at the beginning. */
static bool read_address(struct span text, struct sighting *found)
{
    size_t end = scan_until(text, ']');
    if (end == text.size || text.at[0] != '[')
        return false;
    struct span address = without_family(span_of(text.at + 1, end - 1));
    if (!is_address(address))
        return false;
    found->address = address;
    text = span_skip(text, end + 1);
    size_t digits = 1;
    while (digits < text.size && digits < 6 && ascii_is_digit(text.at[digits]))
        digits++;
    unsigned long long port;
    if (text.size > 0 && text.at[0] == ':' && span_to_number(span_of(text.at + 1, digits - 1), 65535, &port))
        found->port = (unsigned)port;
    return true;
}

/** Blanks at the end stay: to walk over them for each peer would cost the square of the text. */
static struct span skip_blanks(struct span text)
{
    size_t size = 0;
    while (size < text.size && ascii_is_blank(text.at[size]))
        size++;
    return span_skip(text, size);
}

bool scan_peer(struct span text, struct sighting *found)
{
    size_t size = 0;
    while (size < text.size && is_host_octet(text.at[size]))
        size++;
    struct span host = span_first(text, size), rest = skip_blanks(span_skip(text, size));
    while (host.size > 0 && host.at[host.size - 1] == '.')
        host.size--;
    if (rest.size > 0 && rest.at[0] == '(' &&
        scan_until(rest, ')') < rest.size) /* Exim's "host (helo) [address]" */
        rest = skip_blanks(span_skip(rest, scan_until(rest, ')') + 1));
    bool has_bracket = rest.size > 0 && rest.at[0] == '[';
    if (!has_bracket && !memchr(host.size ? host.at : "", '.', host.size))
        return false;
    bool has_address = has_bracket && read_address(rest, found);
    if (is_address(host)) {
        found->address = has_address ? found->address : host;
        host.size = 0;
    }
    if (span_equal(host, SPAN("unknown")))
        host.size = 0;
    if (host.size > 0)
        found->host = host;
    return has_address || host.size > 0 || found->address.size > 0;
}

/* Replies among the words of a mail server */

static void take_peer(const struct sighting *peer, struct sighting *found)
{
    if (peer->port || !span_equal(peer->host, found->host))
        found->port = peer->port;
    found->host = peer->host;
    found->address = peer->address;
}

/** Whether the lead, whole, ends the text. */
static bool ends_with_lead(struct span text, struct span lead)
{
    if (text.size < lead.size || memcmp(text.at + text.size - lead.size, lead.at, lead.size) != 0)
        return false;
    return text.size == lead.size || !ascii_is_alphanumeric(text.at[text.size - lead.size - 1]);
}

/** The last host named by one of the leads: one walk from the end. */
static void read_host_before(struct span before, struct sighting *found)
{
    static const struct span leads[] = {
        LITERAL("host "),       LITERAL("server "),       LITERAL("H="),
        LITERAL("connect to "), LITERAL("connected to "), LITERAL("talking to ")};
    for (size_t at = before.size; at > 1; at--) {
        if (before.at[at - 1] != ' ' && before.at[at - 1] != '=')
            continue;
        for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
            struct sighting peer = SIGHTING_NONE;
            if (ends_with_lead(span_first(before, at), leads[i]) && scan_peer(span_skip(before, at), &peer)) {
                take_peer(&peer, found);
                return;
            }
        }
    }
}

static void read_stage_before(struct span before, struct sighting *found)
{
    static const struct span leads[] = {LITERAL("after "), LITERAL("in reply to "), LITERAL("response to "),
                                        LITERAL("while ")};
    static const struct {
        struct span words;
        int stage;
    } hints[] = {{LITERAL("refused to talk to me"), STAGE_BANNER},
                 {LITERAL("authentication failed"), STAGE_AUTH},
                 {LITERAL("RCPT TO"), STAGE_RCPT},
                 {LITERAL("MAIL FROM"), STAGE_MAIL}};
    size_t at;
    for (size_t i = 0; i < sizeof leads / sizeof *leads && found->stage < 0; i++)
        if (scan_find_last(before, leads[i], &at))
            found->stage = scan_stage(span_skip(before, at + leads[i].size));
    for (size_t i = 0; i < sizeof hints / sizeof *hints && found->stage < 0; i++)
        if (scan_find_last(before, hints[i].words, &at))
            found->stage = hints[i].stage;
}

/** Exim names the recipient with the command: "after RCPT TO:<user@example.com>:", Courier as addr=. */
static void read_recipient_before(struct span before, struct sighting *found)
{
    static const struct span leads[] = {LITERAL("RCPT TO:<"), LITERAL(",addr=<"), LITERAL("to=<")};
    size_t at;
    for (size_t i = 0; i < sizeof leads / sizeof *leads && found->recipient.size == 0; i++)
        if (scan_find_last(before, leads[i], &at))
            found->recipient = scan_angle(span_skip(before, at + leads[i].size - 1));
}

/** "host H[A] said: " is all that Postfix has in front of most replies. */
static bool read_short_quotation(struct span before, struct sighting *found)
{
    struct span host = span_skip(before, 5);
    struct span verb = span_skip(host, scan_until(host, ' '));
    bool is_greeting = span_equal(verb, SPAN(" refused to talk to me: "));
    struct sighting peer = SIGHTING_NONE;
    if (!scan_begins(before, SPAN("host ")) || !(is_greeting || span_equal(verb, SPAN(" said: "))))
        return false;
    if (!scan_peer(host, &peer))
        return false;
    take_peer(&peer, found);
    found->stage = is_greeting ? STAGE_BANNER : found->stage;
    return true;
}

static void read_before(struct span before, struct sighting *found)
{
    if (before.size < 4 || read_short_quotation(before, found))
        return;
    read_host_before(before, found);
    read_stage_before(before, found);
    read_recipient_before(before, found);
}

/** Whether nothing but the end of a quotation, or of another stage, follows the stage in parentheses. */
static bool ends_behind(struct span stage)
{
    struct span rest = span_skip(stage, scan_until(stage, ')') + 1);
    while (rest.size > 0 && memchr(" )", rest.at[0], 2))
        rest = span_skip(rest, 1);
    return rest.size == 0 || rest.at[0] == ';' || scan_begins(rest, SPAN("(in reply to "));
}

/** Postfix says behind the reply what it answered: "(in reply to RCPT TO command)". */
static struct span cut_stage_behind(struct span reply, struct sighting *found)
{
    static const struct span lead = LITERAL("(in reply to ");
    for (size_t at = scan_until(reply, '('); at < reply.size;
         at += 1 + scan_until(span_skip(reply, at + 1), '(')) {
        struct span rest = span_skip(reply, at);
        if (!scan_begins(rest, lead))
            continue;
        int stage = scan_stage(span_skip(rest, lead.size));
        found->stage = stage >= 0 ? stage : found->stage;
        return ends_behind(rest) ? span_first(reply, at) : reply;
    }
    return reply;
}

static bool opens(struct span text, size_t at, char open, char close)
{
    return text.at[at] == open && (open != close || (at > 0 && memchr(" (=[", text.at[at - 1], 4)));
}

static bool closes(struct span text, size_t at, char close)
{
    return text.at[at] == close &&
           (close == ')' || at + 1 == text.size || memchr(" ,;:)}]", text.at[at + 1], 7));
}

/** Up to what closes a quote or bracket that was opened in front of the text; what is quoted inside stays. */
static struct span up_to_closing(struct span text, char open, char close)
{
    size_t depth = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (opens(text, i, open, close))
            depth++;
        else if (closes(text, i, close) && depth-- == 0)
            return span_first(text, i);
    }
    return text;
}

/** A quote or parenthesis at the end that nothing in the text opens: of the program that wrote it around. */
static struct span without_odd_end(struct span reply)
{
    if (reply.size == 0)
        return reply;
    size_t last = reply.size - 1;
    bool is_odd = (reply.at[last] == '"' && scan_until(reply, '"') == last) ||
                  (reply.at[last] == ')' && scan_until(reply, '(') == reply.size);
    return is_odd ? span_first(reply, last) : reply;
}

static struct span cut_quote(struct span text, size_t at, struct span reply)
{
    char open = at > 0 ? text.at[at - 1] : '\0';
    if (open == '\'' && at > 1 && text.at[at - 2] == 'b') /* b'550 ...' of Python */
        return span_first(reply, scan_until(reply, '\''));
    if (open == '(')
        return up_to_closing(reply, '(', ')');
    if (open == '"' || open == '\'')
        return up_to_closing(reply, open, open);
    return open == '`' ? up_to_closing(reply, '`', '\'') : without_odd_end(span_trim(reply));
}

/** Whether the words stand in front of the code: "mailbox unavailable [SMTP error code 550]". */
static bool ends_with_code(struct span reply)
{
    struct span rest = span_skip(span_first(reply, scan_until(reply, '\n')), 3);
    for (size_t i = 0; i < rest.size; i++)
        if (!memchr(" \t\r.,;:)]}'\"", rest.at[i], 12))
            return false;
    return true;
}

/**
 * Exim adds to what the server said that it was the last try: "452 Mailbox is full: retry timeout exceeded".
 */
static struct span cut_last_try(struct span reply)
{
    struct span tail = SPAN(": retry timeout exceeded");
    bool has_tail = reply.size > tail.size && scan_begins(span_skip(reply, reply.size - tail.size), tail);
    return span_first(reply, reply.size - (has_tail ? tail.size : 0));
}

void scan_reply_at(struct span text, size_t at, struct sighting *found)
{
    struct span before = span_first(text, at), reply = span_skip(text, at);
    read_before(before, found);
    reply = cut_quote(text, at, cut_stage_behind(reply, found));
    found->kind = ITEM_REPLY;
    found->speaker = before.size > 0 ? SPEAKER_REMOTE : found->speaker;
    found->code = (reply.at[0] - '0') * 100 + (reply.at[1] - '0') * 10 + (reply.at[2] - '0');
    bool has_words = before.size > 12 && ends_with_code(reply);
    found->reply = cut_last_try(span_trim(has_words ? span_first(text, at + 3) : reply));
}

bool scan_reply(struct span text, struct sighting *found)
{
    size_t at;
    if (!scan_find_code(text, &at))
        return scan_trouble(text, found);
    scan_reply_at(text, at, found);
    return true;
}
