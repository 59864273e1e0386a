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
    const char *word;
    int stage; /* -1: says nothing, look behind it */
} stage_words_of_logs[] = {
    {"RCPT", STAGE_RCPT},
    {"MAIL", STAGE_MAIL},
    {"end of data", STAGE_BODY},
    {"end-of-", STAGE_BODY},
    {"end of message", STAGE_BODY},
    {"message body", STAGE_BODY},
    {"message text", STAGE_BODY},
    {"data block", STAGE_BODY},
    {"the message", STAGE_BODY},
    {"dot", STAGE_BODY},
    {"DATA", STAGE_DATA},
    {"BDAT", STAGE_BDAT},
    {"EHLO", STAGE_EHLO},
    {"LHLO", STAGE_EHLO},
    {"HELO", STAGE_HELO},
    {"STARTTLS", STAGE_STARTTLS},
    {"TLS", STAGE_TLS},
    {"AUTH", STAGE_AUTH},
    {"SASL", STAGE_AUTH},
    {"initial server greeting", STAGE_BANNER},
    {"initial protocol handshake", STAGE_EHLO},
    {"initial connection", STAGE_BANNER},
    {"server greeting", STAGE_BANNER},
    {"greeting", STAGE_BANNER},
    {"CONNECT", STAGE_BANNER},
    {"QUIT", STAGE_QUIT},
    {"RSET", STAGE_RSET},
    {"VRFY", STAGE_VRFY},
    {"EXPN", STAGE_EXPN},
    {"NOOP", STAGE_NOOP},
    {"ETRN", STAGE_ETRN},
    {"XCLIENT", STAGE_XCLIENT},
    {"pipelined", -1},
    {"sending", -1},
    {"receiving", -1},
    {"performing", -1},
    {"the", -1},
    {"a", -1},
};

static const struct stage_word *find_stage_word(struct span words)
{
    for (size_t i = 0; i < sizeof stage_words_of_logs / sizeof *stage_words_of_logs; i++) {
        const struct stage_word *word = &stage_words_of_logs[i];
        size_t size = strlen(word->word);
        bool is_whole = size >= words.size || !ascii_is_alpha(words.at[size]) || word->word[size - 1] == '-';
        if (is_whole && span_starts_with_nocase(words, word->word))
            return word;
    }
    return NULL;
}

int scan_stage(struct span words)
{
    for (int tries = 0; tries < 4; tries++) {
        const struct stage_word *word = find_stage_word(words);
        if (!word || word->stage >= 0)
            return word ? word->stage : -1;
        words = span_trim(span_skip(words, strlen(word->word)));
    }
    return -1;
}

/* Peers */

static bool is_host_octet(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' || c == '-' || c == '_';
}

/** Hexadecimal digits with dots or colons, and the prefix of RFC 5321 4.1.3. */
static bool is_address(struct span text)
{
    size_t marks = 0, i = 0;
    while (i < text.size && (memchr("abcdefABCDEF.:", text.at[i], 14) || ascii_is_digit(text.at[i]))) {
        marks += text.at[i] == ':' || text.at[i] == '.';
        i++;
    }
    return i > 0 && i == text.size && marks > 1;
}

static struct span without_family(struct span address)
{
    return span_starts_with_nocase(address, "IPv6:") ? span_skip(address, 5) : address;
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

bool scan_peer(struct span text, struct sighting *found)
{
    size_t size = 0;
    while (size < text.size && is_host_octet(text.at[size]))
        size++;
    struct span host = span_first(text, size), rest = span_trim(span_skip(text, size));
    while (host.size > 0 && host.at[host.size - 1] == '.')
        host.size--;
    if (rest.size > 0 && rest.at[0] == '(' &&
        scan_until(rest, ')') < rest.size) /* Exim's "host (helo) [address]" */
        rest = span_trim(span_skip(rest, scan_until(rest, ')') + 1));
    bool has_bracket = rest.size > 0 && rest.at[0] == '[';
    if (!has_bracket && !memchr(host.size ? host.at : "", '.', host.size))
        return false;
    bool has_address = has_bracket && read_address(rest, found);
    if (is_address(host)) {
        found->address = has_address ? found->address : host;
        host.size = 0;
    }
    if (span_is(host, "unknown"))
        host.size = 0;
    if (host.size > 0)
        found->host = host;
    return has_address || host.size > 0 || found->address.size > 0;
}

/* Replies among the words of a mail server */

static bool follows(struct span text, const char *word, size_t *at)
{
    if (!scan_find_last(text, span_of_string(word), at))
        return false;
    bool is_whole = *at == 0 || !(ascii_is_alpha(text.at[*at - 1]) || ascii_is_digit(text.at[*at - 1]));
    *at += strlen(word);
    return is_whole;
}

static void read_host_before(struct span before, struct sighting *found)
{
    static const char *const leads[] = {
        "host ", "server ", "H=", "connect to ", "connected to ", "talking to "};
    size_t best = 0;
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
        size_t at;
        struct sighting peer = SIGHTING_NONE;
        if (!follows(before, leads[i], &at) || at <= best || !scan_peer(span_skip(before, at), &peer))
            continue;
        best = at;
        found->port = peer.port || !span_equal(peer.host, found->host) ? peer.port : found->port;
        found->host = peer.host;
        found->address = peer.address;
    }
}

static void read_stage_before(struct span before, struct sighting *found)
{
    static const char *const leads[] = {"after ", "in reply to ", "in response to ", "response to ",
                                        "while "};
    size_t at;
    for (size_t i = 0; i < sizeof leads / sizeof *leads && found->stage < 0; i++)
        if (scan_find_last(before, span_of_string(leads[i]), &at))
            found->stage = scan_stage(span_skip(before, at + strlen(leads[i])));
    if (found->stage >= 0)
        return;
    if (scan_find(before, SPAN("refused to talk to me"), &at))
        found->stage = STAGE_BANNER;
    else if (scan_find(before, SPAN("authentication failed"), &at))
        found->stage = STAGE_AUTH;
    else if (scan_find(before, SPAN("RCPT TO"), &at))
        found->stage = STAGE_RCPT;
    else if (scan_find(before, SPAN("MAIL FROM"), &at))
        found->stage = STAGE_MAIL;
}

/** Exim names the recipient with the command: "after RCPT TO:<user@example.com>:", Courier as addr=. */
static void read_recipient_before(struct span before, struct sighting *found)
{
    static const char *const leads[] = {"RCPT TO:<", ",addr=<", "to=<"};
    size_t at;
    for (size_t i = 0; i < sizeof leads / sizeof *leads && found->recipient.size == 0; i++)
        if (scan_find_last(before, span_of_string(leads[i]), &at))
            found->recipient = scan_angle(span_skip(before, at + strlen(leads[i]) - 1));
}

/** Postfix says behind the reply what it answered: "(in reply to RCPT TO command)". */
static struct span cut_stage_behind(struct span reply, struct sighting *found)
{
    size_t at;
    if (!scan_find(reply, SPAN("(in reply to "), &at))
        return reply;
    int stage = scan_stage(span_skip(reply, at + 13));
    if (stage >= 0)
        found->stage = stage;
    return span_first(reply, at);
}

/** Drops the quote that closes what a quote in front of the code opened, and what follows it. */
static struct span cut_quote(struct span text, size_t at, struct span reply)
{
    char open = at > 0 ? text.at[at - 1] : '\0';
    if (open == '\'' && at > 1 && text.at[at - 2] == 'b')
        return span_first(reply, scan_until(reply, '\''));
    size_t end;
    if (open != '"' && open != '\'' && open != '`') {
        bool is_odd =
            scan_find_last(reply, SPAN("\""), &end) && end == reply.size - 1 && scan_until(reply, '"') == end;
        return is_odd ? span_first(reply, end) : reply;
    }
    if (scan_find_last(reply, span_of(open == '`' ? "'" : &text.at[at - 1], 1), &end))
        return span_first(reply, end);
    return reply;
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

bool scan_reply(struct span text, struct sighting *found)
{
    size_t at;
    if (!scan_find_code(text, &at))
        return scan_trouble(text, found);
    struct span before = span_first(text, at), reply = span_skip(text, at);
    read_host_before(before, found);
    read_stage_before(before, found);
    read_recipient_before(before, found);
    reply = cut_quote(text, at, cut_stage_behind(reply, found));
    found->kind = ITEM_REPLY;
    found->speaker = before.size > 0 ? SPEAKER_REMOTE : found->speaker;
    found->code = (reply.at[0] - '0') * 100 + (reply.at[1] - '0') * 10 + (reply.at[2] - '0');
    bool has_words = span_trim(before).size > 12 && ends_with_code(reply);
    found->reply = span_trim(has_words ? span_first(text, at + 3) : reply);
    return true;
}
