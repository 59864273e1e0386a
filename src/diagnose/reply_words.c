#include "diagnose/reply_words.h"

#include "base/printable.h"
#include "diagnose/letters.h"
#include "diagnose/reply_octets.h"

#include <arpa/inet.h>
#include <stdint.h>

enum {
    PLAIN_LIMIT =
        2 * REPLY_WORDS_LIMIT, /* what is read of a reply: marks may be shorter than what they stand for */
    CHARACTER_SIZE = 4,
    TOKEN_LIMIT = 320, /* a longer one is cut, so that hostile text cannot cost its square in time */
};

struct text {
    char *at;
    size_t size;
    size_t limit;
};

static void put(struct text *text, struct span octets)
{
    if (octets.size > text->limit - text->size)
        return;
    memcpy(text->at + text->size, octets.at, octets.size);
    text->size += octets.size;
}

static void put_char(struct text *text, char c)
{
    if (text->size < text->limit)
        text->at[text->size++] = c;
}

static void put_blank(struct text *text)
{
    if (text->size > 0 && text->at[text->size - 1] != ' ' && text->at[text->size - 1] != '\n')
        put_char(text, ' ');
}

/* First pass: characters */

/** ASCII that means the same, or 0. */
static char plain_character(unsigned character)
{
    switch (character) {
    case 0xa0:
    case 0x2009:
    case 0x202f:
    case 0x3000:
        return ' ';
    case 0x2018:
    case 0x2019:
    case 0x201a:
    case 0xb4:
        return '\'';
    case 0x201c:
    case 0x201d:
    case 0x201e:
    case 0xab:
    case 0xbb:
        return '"';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
        return '-';
    default:
        return 0;
    }
}

/** Windows-1252, of which ISO 8859-1 is a part but for controls. */
static unsigned windows_character(unsigned char octet)
{
    static const uint16_t quotes[] = {
        [0x11] = 0x2018, [0x12] = 0x2019, [0x13] = 0x201c, [0x14] = 0x201d, [0x16] = 0x2013, [0x17] = 0x2014};
    if (octet >= 0xa0)
        return octet;
    unsigned i = octet - 0x80u;
    return i < sizeof quotes / sizeof *quotes && quotes[i] ? quotes[i] : '?';
}

static void put_plain(struct text *plain, unsigned character, struct span octets)
{
    char ascii = character < 0x80 ? (char)character : plain_character(character);
    char folded[LETTER_SIZE];
    int size = ascii ? -1 : letter_fold(character, folded);
    if (character < 0x20 || character == 0x7f || ascii == ' ')
        put_blank(plain);
    else if (ascii)
        put_char(plain, ascii);
    else
        put(plain, size >= 0 ? span_of(folded, (size_t)size) : octets);
}

/** One character from outside ASCII; @return the octets read. */
static size_t read_wide(struct text *plain, struct span rest)
{
    unsigned character;
    size_t size = printable_decode(rest, &character);
    if (size > 0) {
        put_plain(plain, character, span_first(rest, size));
        return size;
    }
    character = windows_character((unsigned char)rest.at[0]);
    char octets[2] = {(char)(0xc0 | character >> 6), (char)(0x80 | (character & 0x3f))};
    put_plain(plain, character, span_of(octets, sizeof octets));
    return 1;
}

/** An entity of HTML, as mail gateways with web roots leave them; @return the octets read, or 0. */
static size_t read_entity(struct text *plain, struct span rest)
{
    static const struct {
        const char *name;
        char meaning;
    } entities[] = {{"&lt;", '<'},  {"&gt;", '>'},   {"&quot;", '"'},
                    {"&amp;", '&'}, {"&#39;", '\''}, {"&nbsp;", ' '}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (span_starts_with_nocase(rest, entities[i].name)) {
            put_plain(plain, (unsigned char)entities[i].meaning, span_of(NULL, 0));
            return strlen(entities[i].name);
        }
    return 0;
}

static void read_characters(struct text *plain, struct span line)
{
    while (line.size > 0 && plain->size < plain->limit - CHARACTER_SIZE) {
        size_t read = line.at[0] == '&' ? read_entity(plain, line) : 0;
        if (read == 0 && (unsigned char)line.at[0] >= 0x80)
            read = read_wide(plain, line);
        if (read == 0) {
            put_plain(plain, (unsigned char)line.at[0], span_of(NULL, 0));
            read = 1;
        }
        line = span_skip(line, read);
    }
}

/* Second pass: tokens */

struct scan {
    struct reply_words *words;
    struct text text;
    struct text links;
    bool at_start;     /* of a line, or behind a repeated code */
    int enhanced_rank; /* of words->enhanced; 0: none yet */
    bool has_address;  /* of IP: words->address, or several that differ */
    bool has_origin;   /* words->address follows the word "from", whatever else there is */
};

static bool is_separator(char c)
{
    return reply_octet(c) & OCTET_SEPARATOR;
}

static void put_lower(struct text *text, struct span token)
{
    if (token.size > text->limit - text->size)
        token.size = text->limit - text->size;
    char *to = text->at + text->size;
    for (size_t i = 0; i < token.size; i++)
        to[i] = ascii_lower(token.at[i]);
    text->size += token.size;
}

static void add_link(struct scan *scan, struct span link)
{
    if (link.size + 2 > scan->links.limit - scan->links.size)
        return;
    put_char(&scan->links, '.');
    put_lower(&scan->links, link);
    put_char(&scan->links, '\n');
}

static void mark(struct scan *scan, const char *mark)
{
    put(&scan->text, span_of_string(mark));
    scan->at_start = false;
}

static bool is_code(const struct scan *scan, struct span token)
{
    if (token.size < 3 || (token.size > 3 && token.at[3] != '-'))
        return false;
    int number = 0;
    for (size_t i = 0; i < 3; i++) {
        if (!ascii_is_digit(token.at[i]))
            return false;
        number = 10 * number + (token.at[i] - '0');
    }
    return number == scan->words->code;
}

/** Code of the form 5.1.1; the class is looked at later. */
static bool read_enhanced(struct span token, struct enhanced_status *status)
{
    size_t used;
    return enhanced_status_parse(token, status, &used) && used == token.size;
}

/** Prefers codes at the start of lines, then those of the reply's class, then the last. */
static void keep_enhanced(struct scan *scan, struct enhanced_status status)
{
    int class = scan->words->code / 100;
    bool is_failure = status.class > 2;
    if (class && is_failure != (class > 3))
        return;
    int rank = 1 + (status.class == class) + 2 * scan->at_start;
    if (rank < scan->enhanced_rank)
        return;
    scan->enhanced_rank = rank;
    scan->words->enhanced = status;
}

static bool is_ip(int family, struct span token)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char octets[16];
    if (token.size >= sizeof text)
        return false;
    memcpy(text, token.at, token.size);
    text[token.size] = '\0';
    return inet_pton(family, text, octets) == 1;
}

/** A block list's word for "your query was refused", which servers quote as if it were a listing. */
static bool is_list_error(struct span token)
{
    return span_starts_with_nocase(token, "127.255.255.");
}

static bool is_behind_from(const struct text *text)
{
    struct span before = span_of(text->at, text->size);
    return span_ends_with_nocase(before, "from ") || span_ends_with_nocase(before, "from [") ||
           span_ends_with_nocase(before, "from (");
}

/** Yahoo's "Messages from 192.0.2.1 deferred - 4.16.55.1" holds one address and a number of its own. */
static void mark_ip(struct scan *scan, struct span address)
{
    bool is_origin = is_behind_from(&scan->text);
    mark(scan, "{ip}");
    if (span_starts_with_nocase(address, "127.") || scan->has_origin) /* 127: what a block list answered */
        return;
    scan->has_origin = is_origin;
    if (!scan->has_address || is_origin)
        scan->words->address = address;
    else if (!span_equal_nocase(scan->words->address, address))
        scan->words->address = span_of(NULL, 0);
    scan->has_address = true;
}

static bool is_mailbox(struct span token)
{
    const char *at = memchr(token.at, '@', token.size);
    return at && at > token.at && at < token.at + token.size - 1;
}

/** "rejected.See" is the joint of two sentences and no host name. */
static bool is_sentence_joint(struct span token, size_t dot)
{
    return dot > 0 && dot + 1 < token.size && token.at[dot - 1] >= 'a' && token.at[dot - 1] <= 'z' &&
           token.at[dot + 1] >= 'A' && token.at[dot + 1] <= 'Z';
}

static bool is_host(struct span token)
{
    size_t label = 0, dots = 0;
    for (size_t i = 0; i < token.size; i++) {
        char c = token.at[i];
        if (c == '.') {
            if (i == label || is_sentence_joint(token, i))
                return false;
            label = i + 1;
            dots++;
        } else if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' && c != '_')
            return false;
    }
    return dots > 0 && token.size - label >= 2 && ascii_is_alpha(token.at[label]);
}

static size_t find_any(struct span text, const char *wanted)
{
    size_t i = 0, count = strlen(wanted);
    while (i < text.size && !memchr(wanted, text.at[i], count))
        i++;
    return i;
}

static bool take_host(struct scan *scan, struct span token)
{
    size_t host = find_any(token, "/?");
    if (!is_host(span_first(token, host)))
        return false;
    add_link(scan, token);
    mark(scan, host < token.size ? "{url}" : "{host}");
    return true;
}

/** @param kind of all its characters: most words need no closer look */
static void take_plain_token(struct scan *scan, struct span token, unsigned kind)
{
    struct enhanced_status status;
    bool has_dot = kind & OCTET_DOT, begins_with_digit = ascii_is_digit(token.at[0]);
    if (kind & OCTET_AT && is_mailbox(token))
        mark(scan, "{address}");
    else if (has_dot && begins_with_digit && read_enhanced(token, &status))
        keep_enhanced(scan, status);
    else if (has_dot && begins_with_digit && is_ip(AF_INET, token) && !is_list_error(token))
        mark_ip(scan, token);
    else if (!has_dot || !take_host(scan, token))
        put_lower(&scan->text, token);
    scan->at_start = false;
}

static size_t take_trailing(struct scan *scan, struct span rest)
{
    size_t size = 0;
    while (size < rest.size && reply_octet(rest.at[size]) & OCTET_TRAILER)
        put_char(&scan->text, rest.at[size++]);
    return size;
}

/** The part in front of the first "=" or "/", unless these belong to an address or URL. */
static struct span first_part(struct span token)
{
    size_t part = find_any(token, "=/");
    bool is_joined = part > 0 && part < token.size && !is_mailbox(token) &&
                     !is_host(span_first(token, find_any(token, "/?")));
    return is_joined ? span_first(token, part) : token;
}

/** Takes a token off the front: a repeated code, a word, or the first of several that "=" or "/" join. */
static size_t take_token(struct scan *scan, struct span rest)
{
    size_t size = 0;
    unsigned kind = 0;
    for (; size < rest.size && size < TOKEN_LIMIT && !is_separator(rest.at[size]); size++)
        kind |= reply_octet(rest.at[size]);
    struct span token = span_first(rest, size);
    if (is_code(scan, token)) {
        scan->at_start = true;
        return size > 4 ? 4 : size;
    }
    while (token.size > 1 && reply_octet(token.at[token.size - 1]) & OCTET_TRAILER)
        token.size--;
    if (kind & OCTET_JOINER)
        token = first_part(token);
    take_plain_token(scan, token, kind);
    return token.size + take_trailing(scan, span_first(span_skip(rest, token.size), size - token.size));
}

static size_t scheme_size(struct span rest)
{
    if (ascii_lower(rest.at[0]) != 'h')
        return 0;
    return span_starts_with_nocase(rest, "http://") ? 7 : span_starts_with_nocase(rest, "https://") ? 8 : 0;
}

static size_t take_url(struct scan *scan, struct span rest, size_t scheme)
{
    struct span url = span_first(rest, find_any(rest, " \n<>\"'()[]{}|"));
    while (url.size > 0 && memchr(".,;:!?", url.at[url.size - 1], 6))
        url.size--;
    if (url.size <= scheme)
        return 0;
    add_link(scan, span_skip(url, scheme));
    mark(scan, "{url}");
    return url.size;
}

static bool is_hex_digit(char c)
{
    return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

/** Its groups are parted by what else is a separator. */
static size_t take_ipv6(struct scan *scan, struct span rest)
{
    size_t size = 0, first_group = 0;
    while (first_group < rest.size && first_group < 5 && is_hex_digit(rest.at[first_group]))
        first_group++;
    if (first_group == rest.size || first_group == 5 || rest.at[first_group] != ':')
        return 0;
    while (size < rest.size && size < INET6_ADDRSTRLEN &&
           (is_hex_digit(rest.at[size]) || rest.at[size] == ':' || rest.at[size] == '.'))
        size++;
    while (size > 2 && !is_ip(AF_INET6, span_first(rest, size)) && memchr(":.", rest.at[size - 1], 2))
        size--;
    if (size < 3 || !memchr(rest.at, ':', size) || !is_ip(AF_INET6, span_first(rest, size)))
        return 0;
    mark_ip(scan, span_first(rest, size));
    return size;
}

/** A URL or IPv6 address at the beginning, which hold separators; @return its size or 0. */
static size_t take_special(struct scan *scan, struct span rest)
{
    size_t scheme = scheme_size(rest);
    return scheme > 0 ? take_url(scan, rest, scheme) : take_ipv6(scan, rest);
}

static void take_separator(struct scan *scan, char c)
{
    if (c == ' ' || c == '\n')
        put_blank(&scan->text);
    else
        put_char(&scan->text, c == '{' ? '(' : c == '}' ? ')' : c);
    scan->at_start = scan->at_start || c == '\n';
}

/**
 * Most tokens are words and nothing else: these are copied while they are read.
 * @return the octets read; 0 if the token wants a closer look
 */
static size_t take_word(struct scan *scan, struct span rest)
{
    struct text *text = &scan->text;
    size_t limit = rest.size < TOKEN_LIMIT ? rest.size : TOKEN_LIMIT, size = 0;
    if (text->limit - text->size < limit)
        limit = text->limit - text->size;
    while (size < limit && !(reply_octet(rest.at[size]) & ~(unsigned)OCTET_OF_WORDS)) {
        text->at[text->size + size] = ascii_lower(rest.at[size]);
        size++;
    }
    bool is_whole =
        size == rest.size || (size < limit && is_separator(rest.at[size]) && rest.at[size] != ':');
    if (!is_whole || ascii_is_digit(rest.at[0]))
        return 0;
    text->size += size;
    scan->at_start = false;
    return size;
}

static void scan_tokens(struct scan *scan, struct span plain)
{
    while (plain.size > 0) {
        size_t taken = 1;
        if (is_separator(plain.at[0]))
            take_separator(scan, plain.at[0]);
        else if ((taken = take_word(scan, plain)) == 0 && (taken = take_special(scan, plain)) == 0)
            taken = take_token(scan, plain);
        plain = span_skip(plain, taken);
    }
}

/** Windows-1252 may double in size, entities and blanks shrink. */
static struct text read_plain(const struct span *lines, size_t line_count, struct arena *arena)
{
    size_t wanted = CHARACTER_SIZE + 1;
    for (size_t i = 0; i < line_count && wanted < PLAIN_LIMIT; i++)
        wanted += 2 * lines[i].size + 1;
    struct text plain = {arena_allocate(arena, wanted), 0, wanted < PLAIN_LIMIT ? wanted : PLAIN_LIMIT};
    for (size_t i = 0; i < line_count && plain.size < plain.limit - CHARACTER_SIZE; i++) {
        if (i > 0)
            put_char(&plain, '\n');
        read_characters(&plain, lines[i]);
    }
    return plain;
}

/** Whether eight octets are printable ASCII but "&". */
static bool are_eight_plain(const char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t octets, amp, rubout;
    memcpy(&octets, at, sizeof octets);
    amp = octets ^ ones * '&';
    rubout = octets ^ ones * 0x7f;
    uint64_t is_control = (octets - ones * 0x20) & ~octets, is_amp = (amp - ones) & ~amp;
    return !((octets | is_control | is_amp | ((rubout - ones) & ~rubout)) & tops);
}

static bool is_plain_line(struct span line)
{
    size_t at = 0;
    for (; at + 8 <= line.size; at += 8)
        if (!are_eight_plain(line.at + at))
            return false;
    for (; at < line.size; at++)
        if (line.at[at] < ' ' || line.at[at] == 0x7f || line.at[at] == '&')
            return false;
    return true;
}

/** Whether the first pass would change nothing but runs of blanks, as with nearly all replies. */
static bool are_plain(const struct span *lines, size_t line_count, size_t *total)
{
    *total = line_count;
    for (size_t i = 0; i < line_count; i++) {
        *total += lines[i].size;
        if (*total >= PLAIN_LIMIT / 2 || !is_plain_line(lines[i]))
            return false;
    }
    return true;
}

static void begin_scan(struct scan *scan, struct reply_words *words, size_t size, struct arena *arena)
{
    size_t text = 4 * size + 16 < REPLY_WORDS_LIMIT ? 4 * size + 16 : REPLY_WORDS_LIMIT;
    size_t links = 2 * size < REPLY_LINKS_LIMIT ? 2 * size : REPLY_LINKS_LIMIT;
    char *room = arena_allocate(arena, text + 1 + links);
    *scan = (struct scan){words, {room, 0, text}, {room + text + 1, 0, links}, true, 0, false, false};
}

/** The links move up to the text. */
static void end_scan(struct scan *scan)
{
    struct text *text = &scan->text;
    while (text->size > 0 && text->at[text->size - 1] == ' ')
        text->size--;
    text->at[text->size] = '\n';
    scan->words->links = text->size + 1;
    memmove(text->at + scan->words->links, scan->links.at, scan->links.size);
    scan->words->text = span_of(text->at, scan->words->links + scan->links.size);
}

void reply_words_read(struct reply_words *words, int code, const struct span *lines, size_t line_count,
                      struct arena *arena)
{
    struct scan scan;
    size_t total;
    *words = (struct reply_words){.code = code};
    if (are_plain(lines, line_count, &total)) {
        begin_scan(&scan, words, total, arena);
        for (size_t i = 0; i < line_count; i++) {
            if (i > 0)
                take_separator(&scan, '\n');
            scan_tokens(&scan, lines[i]);
        }
    } else {
        struct text plain = read_plain(lines, line_count, arena);
        begin_scan(&scan, words, plain.size, arena);
        scan_tokens(&scan, span_of(plain.at, plain.size));
    }
    end_scan(&scan);
}
