#include "diagnose/reply_key.h"

#include "diagnose/reply_octets.h"

/* No octet of a reply that has a key is one of these. */
enum { MARK_WORD = '\1', MARK_MAILBOX = '\2' };

enum {
    TOKEN_LIMIT = 320, /* as far as reply_words_read() looks at a token in one piece */
    WINDOW = 3,
};

/* Sets */

/** Digits have the bit by which small letters differ from capitals, too. */
static uint32_t folded(char c)
{
    return (unsigned char)c | 0x20u;
}

/** Three octets, of which those in words are folded; NUL stands for what is behind the end of a word. */
static uint32_t window_of(char first, uint32_t second, uint32_t third)
{
    return (uint32_t)(unsigned char)first << 16 | second << 8 | third;
}

static uint32_t slot_of_window(uint32_t window)
{
    return (window * UINT32_C(2654435761)) >> (32 - KEY_WINDOW_BITS);
}

static void add_window(uint32_t *set, uint32_t window)
{
    uint32_t slot = slot_of_window(window);
    set[slot / 32] |= UINT32_C(1) << slot % 32;
}

/** @return 0 or 1 */
static unsigned has_window(const uint32_t *set, uint32_t window)
{
    uint32_t slot = slot_of_window(window);
    return set[slot / 32] >> slot % 32 & 1;
}

enum { WORD_HASH = 0x11c9dc5 };

static uint32_t add_to_hash(uint32_t hash, uint32_t octet)
{
    return (hash ^ octet) * UINT32_C(0x9e3779b1);
}

static uint32_t slot_of_word(uint32_t hash)
{
    return hash >> (32 - KEY_WORD_BITS);
}

/* The words of fragments */

/** A run of letters and digits in a fragment. */
struct run {
    char before; /* the octet in front, or NUL: it begins the fragment */
    struct span word;
    bool open_left; /* the reply's word may begin before it */
    bool open_right;
};

/** Where a run ends in the middle of a word, any octet of words may follow, or none. */
enum { ANY = 0x100 };

static uint32_t octet_at(struct span run, size_t at)
{
    return at < run.size ? folded(run.at[at]) : ANY;
}

static void add_windows(uint32_t *set, char first, uint32_t second, uint32_t third)
{
    static const char octets[] = "abcdefghijklmnopqrstuvwxyz0123456789"; /* and the NUL */
    size_t seconds = second == ANY ? sizeof octets : 1, thirds = third == ANY ? sizeof octets : 1;
    for (size_t i = 0; i < seconds; i++)
        for (size_t k = 0; k < thirds; k++)
            add_window(set, window_of(first, second == ANY ? (unsigned char)octets[i] : second,
                                      third == ANY ? (unsigned char)octets[k] : third));
}

static void add_run(struct reply_key_words *words, const struct run *run)
{
    uint32_t hash = WORD_HASH;
    for (size_t i = 0; i < run->word.size; i++)
        hash = add_to_hash(hash, folded(run->word.at[i]));
    char first = (char)octet_at(run->word, 0);
    uint32_t second = octet_at(run->word, 1), third = octet_at(run->word, 2);
    if (run->open_left && run->word.size < WINDOW)
        memset(words->inside, 0xff, sizeof words->inside); /* nearly everywhere */
    else if (run->open_left)
        add_windows(words->inside, first, second, third);
    else if (run->open_right && run->before)
        add_windows(words->begins, run->before, (unsigned char)first, second);
    else if (run->open_right)
        add_windows(words->begins, first, second, third);
    else
        words->whole[slot_of_word(hash) / 32] |= UINT32_C(1) << slot_of_word(hash) % 32;
}

static void add_fragment(struct reply_key_words *words, const struct catalog_table *table,
                         const struct catalog_fragment *fragment)
{
    struct span text = span_of(table->text + fragment->text, fragment->size);
    for (size_t at = 0; at < text.size; at++) {
        size_t first = at;
        while (at < text.size && ascii_is_alphanumeric(text.at[at]))
            at++;
        struct run run = {
            .before = first > 0 ? text.at[first - 1] : '\0',
            .word = span_of(text.at + first, at - first),
            .open_left = first == 0 && fragment->flags & FRAGMENT_OPEN_LEFT,
            .open_right = at == text.size && fragment->flags & FRAGMENT_OPEN_RIGHT,
        };
        if (run.word.size > 0)
            add_run(words, &run);
    }
}

void reply_key_words_init(struct reply_key_words *words, const struct catalog *catalog)
{
    memset(words, 0, sizeof *words);
    for (size_t part = 0; part < catalog->part_count; part++) {
        const struct catalog_table *table = catalog->parts[part].table;
        for (uint32_t i = 0; i < table->fragment_count; i++)
            add_fragment(words, table, &table->fragments[i]);
    }
}

/* Pieces of a reply: what "=" or a separator parts */

struct piece {
    struct span text;
    char before;      /* the octet in front; a blank where there is none */
    size_t tail;      /* behind this place words stay as they are: the last label of a host name */
    bool may_be_host; /* then letters around its dots matter */
};

/** "550" or "550-": the reply's own code is left out of its words. */
static bool begins_with_code(struct span text)
{
    return text.size >= 3 && ascii_is_digit(text.at[0]) && ascii_is_digit(text.at[1]) &&
           ascii_is_digit(text.at[2]) && (text.size == 3 || text.at[3] == '-');
}

/** Octets that occur in numbers and host names, and how many dots are among them. */
static bool is_dotted(struct span text, size_t *dots)
{
    *dots = 0;
    for (size_t i = 0; i < text.size; i++) {
        *dots += text.at[i] == '.';
        if (!ascii_is_alphanumeric(text.at[i]) && text.at[i] != '.' && text.at[i] != '-' && text.at[i] != '_')
            return false;
    }
    return true;
}

/**
 * Finds out what the piece is taken for. With a letter behind its last dot that
 * may be a host name, with a digit there it is none; but one with more dots may
 * be an IP address or an enhanced code.
 * @return false if all of it matters
 */
static bool classify_dotted(struct piece *piece)
{
    struct span text = piece->text;
    size_t dots, label = text.size;
    if (text.at[text.size - 1] == '.') /* the end of a sentence */
        text.size = label = text.size - 1;
    while (label > 0 && text.at[label - 1] != '.')
        label--;
    if (label == 0)
        return true;
    if (!is_dotted(text, &dots) || label == text.size)
        return false;
    piece->may_be_host = ascii_is_alpha(text.at[label]);
    piece->tail = piece->may_be_host ? label : piece->text.size;
    return piece->may_be_host || (dots == 1 && ascii_is_digit(text.at[label]));
}

/** Letters on both sides of a dot may be the joint of two sentences, which is no host name. */
static bool is_beside_dot(const struct piece *piece, size_t first, size_t end)
{
    struct span text = piece->text;
    return (first > 0 && text.at[first - 1] == '.' && !ascii_is_digit(text.at[first])) ||
           (end < text.size && text.at[end] == '.' && !ascii_is_digit(text.at[end - 1]));
}

/** Takes a run of letters and digits off the front. */
static struct span read_word(struct span rest, bool *has_digit)
{
    size_t size = 0;
    *has_digit = false;
    for (; size < rest.size && ascii_is_alphanumeric(rest.at[size]); size++)
        *has_digit |= rest.at[size] < 'A';
    return span_of(rest.at, size);
}

/** Whether the word may be one of the catalog's, or hold a fragment that may stand anywhere in a word. */
static bool may_be_known(const struct reply_key_words *words, struct span word)
{
    uint32_t hash = WORD_HASH, window = 0, fragments = 0;
    for (size_t i = 0; i < word.size; i++) {
        uint32_t octet = folded(word.at[i]);
        window = (window << 8 | octet) & 0xffffff;
        fragments |= has_window(words->inside, window);
        hash = add_to_hash(hash, octet);
    }
    uint32_t slot = slot_of_word(hash);
    return fragments || words->whole[slot / 32] >> slot % 32 & 1;
}

/** Whether a fragment may begin with the word's first octets. A host name is kept as a link behind a dot. */
static bool may_begin(const struct reply_key_words *words, char before, struct span word)
{
    uint32_t first = folded(word.at[0]), second = word.size > 1 ? folded(word.at[1]) : '\0',
             third = word.size > 2 ? folded(word.at[2]) : '\0';
    return has_window(words->begins, window_of(before, first, second)) ||
           has_window(words->begins, window_of('.', first, second)) ||
           has_window(words->begins, window_of((char)first, second, third));
}

/** @return the octets written */
static size_t write_words(const struct reply_key_words *words, const struct piece *piece, char *key)
{
    struct span text = piece->text;
    size_t size = 0;
    for (size_t at = 0; at < text.size;) {
        bool has_digit;
        struct span word = read_word(span_of(text.at + at, text.size - at), &has_digit);
        size_t end = at + word.size;
        char before = at > 0 ? text.at[at - 1] : piece->before;
        if (has_digit && end <= piece->tail && !(piece->may_be_host && is_beside_dot(piece, at, end)) &&
            !may_begin(words, before, word) && !may_be_known(words, word)) {
            key[size++] = MARK_WORD;
        } else {
            memcpy(key + size, word.at, word.size);
            size += word.size;
        }
        if (end < text.size)
            key[size++] = text.at[end];
        at = end + 1;
    }
    return size;
}

/** Whether the token is a mailbox, whatever it is part of. */
static bool is_mailbox(struct span text)
{
    const char *at = memchr(text.at, '@', text.size);
    return at && at + 1 < text.at + text.size && ascii_is_alphanumeric(at[1]);
}

/** What may end a sentence behind the mailbox stays, as it does among the words. */
static size_t write_mailbox(struct span text, char *key)
{
    size_t end = text.size;
    while (reply_octet(text.at[end - 1]) & OCTET_TRAILER)
        end--;
    key[0] = MARK_MAILBOX;
    memcpy(key + 1, text.at + end, text.size - end);
    return 1 + text.size - end;
}

/** Writes a piece that has a digit or "@". */
static size_t write_piece(const struct reply_key_words *words, struct piece *piece, unsigned octets,
                          char *key)
{
    struct span text = piece->text;
    bool has_slash = octets & OCTET_JOINER;
    if (!has_slash && ascii_is_alphanumeric(text.at[0]) && !begins_with_code(text)) {
        if (octets & OCTET_AT && is_mailbox(text))
            return write_mailbox(text, key);
        if (!(octets & OCTET_AT) && (!(octets & OCTET_DOT) || classify_dotted(piece)))
            return write_words(words, piece, key);
    }
    memcpy(key, text.at, text.size);
    return text.size;
}

/* Lines */

struct writer {
    const struct reply_key_words *words;
    char *key;
    size_t size;
    struct span line;
    size_t written; /* octets of the line that are in the key, as they are or as marks */
    size_t unplain; /* the end of the last piece with an octet that is not plain */
    size_t colon;   /* where the first inner colon is, or the line's size */
};

static void add_octets(struct writer *writer, size_t end)
{
    if (end == writer->written)
        return;
    memcpy(writer->key + writer->size, writer->line.at + writer->written, end - writer->written);
    writer->size += end - writer->written;
    writer->written = end;
}

/** Whether some token is too long to be looked at in one piece. */
static bool has_long_token(struct span line)
{
    size_t size = 0;
    for (size_t i = 0; i < line.size && size < TOKEN_LIMIT; i++)
        size = reply_octet(line.at[i]) & OCTET_SEPARATOR ? 0 : size + 1;
    return size >= TOKEN_LIMIT;
}

/**
 * The next place with a digit, "@" or what is not plain: nothing else makes a key
 * differ from the text. Four octets at a time, since most are none of these.
 */
static size_t next_special(struct span line, size_t at)
{
    enum { SPECIAL = OCTET_DIGIT | OCTET_AT | OCTET_UNPLAIN };
    for (const char *four = line.at + at; line.size - at >= 4; at += 4, four += 4)
        if ((reply_octet(four[0]) | reply_octet(four[1]) | reply_octet(four[2]) | reply_octet(four[3])) &
            SPECIAL)
            break;
    while (at < line.size && !(reply_octet(line.at[at]) & SPECIAL))
        at++;
    return at;
}

/** The piece around a place. @return the bits of all of its octets */
static unsigned find_piece(struct span line, size_t at, size_t *first, size_t *end)
{
    unsigned octets = 0, octet;
    for (*end = at; *end < line.size; ++*end, octets |= octet) {
        octet = reply_octet(line.at[*end]);
        if (octet & (OCTET_SEPARATOR | OCTET_EQUALS))
            break;
    }
    for (*first = at; *first > 0; --*first, octets |= octet) {
        octet = reply_octet(line.at[*first - 1]);
        if (octet & (OCTET_SEPARATOR | OCTET_EQUALS))
            break;
    }
    return octets;
}

static bool has_control(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] < ' ')
            return true;
    return false;
}

/**
 * Finds a colon with more than a blank behind it, as in URLs and IPv6 addresses. @return its place, or end
 */
static size_t find_inner_colon(struct span line, size_t at, size_t end)
{
    for (const char *colon; at < end && (colon = memchr(line.at + at, ':', end - at)); at++) {
        at = (size_t)(colon - line.at);
        if (at + 1 < line.size && colon[1] != ' ')
            return at;
    }
    return end;
}

/**
 * Whether the piece is part of a URL, an IPv6 address or the like: behind an
 * inner colon or an octet that is not plain all stays as it is until the next
 * blank.
 */
static bool is_joined(const struct writer *writer, size_t first, size_t end)
{
    struct span line = writer->line;
    if (writer->unplain == 0 && writer->colon > end)
        return false;
    const char *blank = memrchr(line.at, ' ', first);
    size_t start = blank ? (size_t)(blank - line.at) + 1 : 0;
    end = end < line.size ? end + 1 : end;
    return writer->unplain > start || find_inner_colon(line, start, end) < end;
}

/** What reply_words_read() makes of the octet in front of a piece. */
static char octet_before(struct span line, size_t at)
{
    char before = at > 0 ? line.at[at - 1] : ' ';
    return before == '{' ? '(' : before == '}' ? ')' : before;
}

/** Adds the piece around a place. @return false if the reply has no key */
static bool add_piece(struct writer *writer, size_t at, size_t *end)
{
    size_t first;
    unsigned octets = find_piece(writer->line, at, &first, end);
    struct span text = span_of(writer->line.at + first, *end - first);
    if (octets & OCTET_UNPLAIN) {
        writer->unplain = *end;
        return !has_control(text);
    }
    if (is_joined(writer, first, *end))
        return true;
    add_octets(writer, first);
    struct piece piece = {text, octet_before(writer->line, first), text.size, false};
    writer->size += write_piece(writer->words, &piece, octets, writer->key + writer->size);
    writer->written = *end;
    return true;
}

static bool add_line(struct writer *writer, struct span line)
{
    if (line.size >= TOKEN_LIMIT && has_long_token(line))
        return false;
    writer->line = line;
    writer->written = writer->unplain = 0;
    writer->colon = find_inner_colon(line, 0, line.size);
    for (size_t at = 0, end; (at = next_special(line, at)) < line.size; at = end)
        if (line.at[at] == '\n' || !add_piece(writer, at, &end))
            return false;
    add_octets(writer, line.size);
    return true;
}

bool reply_key_write(const struct reply_key_words *words, const struct reply *reply,
                     char key[REPLY_KEY_LIMIT], size_t *size)
{
    struct writer writer = {.words = words, .key = key};
    size_t room = REPLY_KEY_LIMIT; /* for the text as it is: then nothing of its words is cut */
    for (size_t i = 0; i < reply->line_count; i++) {
        if (reply->lines[i].size >= room || !add_line(&writer, reply->lines[i]))
            return false;
        room -= reply->lines[i].size + 1;
        key[writer.size++] = '\n';
    }
    *size = writer.size;
    return true;
}
