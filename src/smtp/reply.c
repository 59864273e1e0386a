#include "smtp/reply.h"

/** The code and the octet that separates it from the text. */
enum { CODE_SIZE = 3, PREFIX_SIZE = 4 };

/** RFC 5321 4.5.3.1.5, with CRLF. */
enum { RFC_LINE_LIMIT = 512 };

/** Spares small replies a second allocation. */
enum { MINIMUM_ROOM = 256 };

/* Other protocols, by their first octets. TLS is a record of type alert or
 * handshake, version 3.x. A web server that takes our EHLO for HTTP/0.9 answers
 * with nothing but a page. */
static const struct signature {
    const char *start;
    enum reply_protocol protocol;
} signatures[] = {
    {"HTTP/", PROTOCOL_HTTP}, {"<!DOCTYPE HTML", PROTOCOL_HTTP}, {"<html", PROTOCOL_HTTP},
    {"SSH-", PROTOCOL_SSH},   {"\x15\x03", PROTOCOL_TLS},        {"\x16\x03", PROTOCOL_TLS},
    {"+OK", PROTOCOL_POP3},   {"-ERR", PROTOCOL_POP3},           {"* OK", PROTOCOL_IMAP},
    {"* BYE", PROTOCOL_IMAP}, {"* PREAUTH", PROTOCOL_IMAP},
};

enum { SIGNATURE_COUNT = sizeof signatures / sizeof *signatures };

static enum reply_protocol find_signature(struct span octets)
{
    for (size_t i = 0; i < SIGNATURE_COUNT; i++)
        if (span_starts_with_nocase(octets, signatures[i].start))
            return signatures[i].protocol;
    return PROTOCOL_UNKNOWN;
}

/** Whether more octets could make a signature of these. */
static bool may_become_signature(struct span octets)
{
    for (size_t i = 0; i < SIGNATURE_COUNT; i++) {
        struct span start = span_of_string(signatures[i].start);
        if (octets.size < start.size && span_equal_nocase(octets, span_first(start, octets.size)))
            return true;
    }
    return false;
}

static bool begins_with_code(struct span octets)
{
    if (octets.size < CODE_SIZE)
        return false;
    for (size_t i = 0; i < CODE_SIZE; i++)
        if (!ascii_is_digit(octets.at[i]))
            return false;
    return true;
}

static struct span first_line(struct span octets)
{
    const char *end = octets.size > 0 ? memchr(octets.at, '\n', octets.size) : NULL;
    return end ? span_first(octets, (size_t)(end - octets.at)) : octets;
}

static bool looks_like_ftp(struct span word)
{
    return span_is_nocase(word, "FileZilla") ||
           (span_contains_nocase(word, "FTP") && !memchr(word.at, '.', word.size));
}

/**
 * FTP and LMTP greet with 220 as SMTP does; only words tell them apart. A host
 * name says nothing: mail comes from ftp.example.org as well.
 */
static enum reply_protocol guess_by_words(struct span greeting)
{
    enum reply_protocol protocol = PROTOCOL_SMTP;
    struct span rest = span_skip(greeting, PREFIX_SIZE), word;
    while (span_next_token(&rest, " \t\r,;", &word)) {
        if (span_contains_nocase(word, "SMTP"))
            return PROTOCOL_SMTP;
        if (span_is_nocase(word, "LMTP"))
            protocol = PROTOCOL_LMTP;
        else if (looks_like_ftp(word))
            protocol = PROTOCOL_FTP;
    }
    return protocol;
}

enum reply_protocol reply_guess_protocol(struct span octets)
{
    enum reply_protocol protocol = find_signature(octets);
    if (protocol == PROTOCOL_UNKNOWN && begins_with_code(octets))
        protocol = guess_by_words(first_line(octets));
    return protocol;
}

const char *reply_protocol_name(enum reply_protocol protocol)
{
    static const char *const names[] = {
        [PROTOCOL_SMTP] = "smtp", [PROTOCOL_UNKNOWN] = "unknown", [PROTOCOL_HTTP] = "http",
        [PROTOCOL_SSH] = "ssh",   [PROTOCOL_TLS] = "tls",         [PROTOCOL_POP3] = "pop3",
        [PROTOCOL_IMAP] = "imap", [PROTOCOL_FTP] = "ftp",         [PROTOCOL_LMTP] = "lmtp",
    };
    return names[protocol];
}

struct span reply_text(const struct reply *reply, struct arena *arena)
{
    char *text = arena_allocate(arena, reply->raw.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < reply->line_count; i++) {
        struct enhanced_status status;
        size_t used;
        enhanced_status_parse(reply->lines[i], &status, &used);
        struct span line = span_trim(span_skip(reply->lines[i], used));
        if (line.size == 0)
            continue;
        if (size > 0)
            text[size++] = ' ';
        memcpy(text + size, line.at, line.size);
        size += line.size;
    }
    return span_of(text, size);
}

void reply_parser_init(struct reply_parser *parser, struct arena *arena)
{
    *parser = (struct reply_parser){.arena = arena, .octets_left = SIZE_MAX};
}

/** Doubling keeps a reply that comes octet by octet from being copied each time. */
static void reserve(struct reply_parser *parser, size_t size)
{
    if (parser->octets_capacity - parser->octet_count >= size)
        return;
    size_t capacity = MINIMUM_ROOM + 2 * (parser->octet_count + size);
    char *octets = arena_allocate(parser->arena, capacity);
    if (parser->octet_count > 0)
        memcpy(octets, parser->octets, parser->octet_count);
    parser->octets = octets;
    parser->octets_capacity = capacity;
}

static enum reply_fault judge_code(struct reply *reply, const char *line)
{
    int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (code < 200 || code > 599)
        return REPLY_CODE_RANGE;
    if (reply->line_count > 0 && code != reply->code)
        return REPLY_CODES_DIFFER;
    reply->code = code;
    return REPLY_SOUND;
}

/**
 * Judges the newest of the first octets of a line. The text may be absent and
 * the blank with it (RFC 5321 4.2); then CR is in the fourth place and is
 * judged by the fifth octet.
 */
static enum reply_fault judge_prefix(struct reply *reply, const char *line, size_t size)
{
    char c = line[size - 1];
    if (size < CODE_SIZE)
        return ascii_is_digit(c) ? REPLY_SOUND : REPLY_NOT_DIGITS;
    if (size == CODE_SIZE)
        return ascii_is_digit(c) ? judge_code(reply, line) : REPLY_NOT_DIGITS;
    if (size == PREFIX_SIZE)
        return c == ' ' || c == '-' || c == '\r' || c == '\n' ? REPLY_SOUND : REPLY_BAD_SEPARATOR;
    return line[PREFIX_SIZE - 1] == '\r' && c != '\n' ? REPLY_BAD_SEPARATOR : REPLY_SOUND;
}

static unsigned deviations_of(const char *line, size_t size)
{
    unsigned char c = (unsigned char)line[size - 1];
    bool after_cr = size > 1 && line[size - 2] == '\r';
    unsigned deviations = size > RFC_LINE_LIMIT ? REPLY_LONG_LINE : 0;
    if (c == '\n')
        return deviations | (after_cr ? 0 : REPLY_BARE_LF);
    if (after_cr || c == 0x7f || (c < ' ' && c != '\t' && c != '\r'))
        deviations |= REPLY_CONTROL;
    if (c > 0x7f)
        deviations |= REPLY_NOT_ASCII;
    return deviations;
}

static enum reply_fault take_octet(struct reply_parser *parser, char c)
{
    struct reply *reply = &parser->reply;
    const char *line = parser->octets + parser->line_start;
    parser->octets[parser->octet_count++] = c;
    size_t size = parser->octet_count - parser->line_start;

    if (size > REPLY_LINE_LIMIT || parser->octet_count > REPLY_LIMIT ||
        reply->line_count == REPLY_LINES_LIMIT || parser->octets_left == 0)
        return REPLY_TOO_LONG;
    parser->octets_left--;
    if (c == '\0')
        return REPLY_HAS_NUL;
    enum reply_fault fault = size <= PREFIX_SIZE + 1 ? judge_prefix(reply, line, size) : REPLY_SOUND;
    if (fault == REPLY_SOUND)
        reply->deviations |= deviations_of(line, size);
    return fault;
}

/** @return whether the line that LF has just ended is the last of its reply */
static bool end_line(struct reply_parser *parser)
{
    bool is_last = parser->octets[parser->line_start + CODE_SIZE] != '-';
    parser->line_start = parser->octet_count;
    parser->reply.line_count++;
    return is_last;
}

/** What has come behind a fault is evidence, as far as the bounds allow. */
static void keep_rest(struct reply_parser *parser, struct span rest)
{
    size_t room = parser->octet_count < REPLY_LIMIT ? REPLY_LIMIT - parser->octet_count : 0;
    rest = span_first(rest, room);
    if (rest.size > 0)
        memcpy(parser->octets + parser->octet_count, rest.at, rest.size);
    parser->octet_count += rest.size;
}

/**
 * Whether a fault in the first line should wait for more: with "SS" at hand, the
 * verdict would else depend on how the network cut "SSH-2.0".
 */
static bool is_undecided(const struct reply_parser *parser)
{
    return may_become_signature(reply_parser_partial(parser));
}

/** Behind a fault only what every cut of the octets shows at that point may count. */
static enum reply_protocol protocol_of_faulty(const struct reply *reply)
{
    if (reply->fault_line > 1)
        return reply_guess_protocol(reply->raw);
    if (begins_with_code(reply->raw))
        return PROTOCOL_SMTP;
    return find_signature(reply->raw);
}

static size_t count_lines(struct span raw)
{
    size_t count = 0;
    while (raw.size > 0 && count < REPLY_LINES_LIMIT) {
        raw = span_skip(raw, first_line(raw).size + 1);
        count++;
    }
    return count;
}

static struct span without_cr(struct span line)
{
    return span_first(line, line.size > 0 && line.at[line.size - 1] == '\r' ? line.size - 1 : line.size);
}

/** Lines from a fault on are kept whole, since what would be their code is in doubt. */
static void split_lines(struct reply *reply, struct arena *arena)
{
    size_t sound = reply->line_count;
    struct span rest = reply->raw;
    reply->line_count = count_lines(rest);
    reply->lines = ARENA_ARRAY(arena, struct span, reply->line_count);
    for (size_t i = 0; i < reply->line_count; i++) {
        struct span line = first_line(rest);
        rest = span_skip(rest, line.size + 1);
        line = without_cr(line);
        reply->lines[i] = i < sound ? span_skip(line, PREFIX_SIZE) : line;
    }
}

static void find_enhanced_status(struct reply *reply)
{
    for (size_t i = reply->line_count; i-- > 0;) {
        struct enhanced_status status;
        if (enhanced_status_parse(reply->lines[i], &status, NULL) && status.class == reply_class(reply)) {
            reply->enhanced = status;
            return;
        }
    }
}

/** Makes ready for the next reply, which goes into what is left of the room. */
static void start_next(struct reply_parser *parser)
{
    parser->reply = (struct reply){0};
    parser->octets += parser->octet_count;
    parser->octets_capacity -= parser->octet_count;
    parser->octet_count = 0;
    parser->line_start = 0;
}

static struct reply *finish(struct reply_parser *parser, instant now)
{
    struct reply *reply = ARENA_NEW(parser->arena, struct reply);
    *reply = parser->reply;
    reply->raw = reply_parser_partial(parser);
    reply->last = now;
    if (reply->fault != REPLY_SOUND) {
        reply->code = 0;
        reply->fault_line = reply->line_count + 1;
        reply->protocol = protocol_of_faulty(reply);
    }
    split_lines(reply, parser->arena);
    find_enhanced_status(reply);
    start_next(parser);
    return reply;
}

struct reply *reply_parser_feed(struct reply_parser *parser, struct span octets, size_t *consumed,
                                instant now)
{
    struct reply *reply = &parser->reply;
    *consumed = 0;
    if (octets.size == 0)
        return NULL;
    if (parser->octet_count == 0)
        reply->first = now;
    reserve(parser, span_first(octets, REPLY_LIMIT + 1).size);
    while (reply->fault == REPLY_SOUND && *consumed < octets.size) {
        char c = octets.at[(*consumed)++];
        reply->fault = take_octet(parser, c);
        if (reply->fault == REPLY_SOUND && c == '\n' && end_line(parser))
            return finish(parser, now);
    }
    if (reply->fault == REPLY_SOUND)
        return NULL;
    keep_rest(parser, span_skip(octets, *consumed));
    *consumed = octets.size;
    return is_undecided(parser) ? NULL : finish(parser, now);
}
