#include "diagnose/reply_key.h"

#include "diagnose/reply_octets.h"

/* No octet of a reply that has a key is one of these. */
enum { MARK_WORD = '\1', MARK_MAILBOX = '\2' };

enum {
    TOKEN_LIMIT = 320, /* as far as reply_words_read() looks at a token in one piece */
    WINDOW = 3,
};

static bool is_alphanumeric(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

/* Sets */

static uint32_t add_octet(uint32_t hash, char c)
{
    return (hash ^ (unsigned char)ascii_lower(c)) * UINT32_C(16777619);
}

static uint32_t window_of(char a, char b, char c)
{
    return add_octet(add_octet(add_octet(2166136261u, a), b), c);
}

/** The upper bits of these hashes are the better ones. */
static uint32_t slot_of(uint32_t hash, uint32_t slots)
{
    return (uint32_t)((uint64_t)hash * slots >> 32);
}

static void add_to(uint32_t *set, uint32_t slots, uint32_t hash)
{
    uint32_t slot = slot_of(hash, slots);
    set[slot / 32] |= UINT32_C(1) << slot % 32;
}

static bool is_in(const uint32_t *set, uint32_t slots, uint32_t hash)
{
    uint32_t slot = slot_of(hash, slots);
    return set[slot / 32] >> slot % 32 & 1;
}

/** What the octet at `at` is in a window: behind the word there is nothing. */
static char octet_at(struct span word, size_t at)
{
    return at < word.size ? word.at[at] : '\0';
}

/* The words of fragments */

/** A run of letters and digits in a fragment. */
struct run {
    char before; /* the octet in front, or NUL: it begins the fragment */
    struct span word;
    bool open_left; /* the reply's word may begin before it */
    bool open_right;
};

/** Every window that begins like the run; what is missing may be anything that follows in a word. */
static void add_windows(uint32_t *set, char first, char second, char third)
{
    static const char octets[] = "abcdefghijklmnopqrstuvwxyz0123456789"; /* and the NUL */
    for (size_t i = 0; i < sizeof octets && !second; i++)
        for (size_t k = 0; k < sizeof octets; k++)
            add_to(set, KEY_WINDOWS, window_of(first, octets[i], octets[k]));
    for (size_t i = 0; i < sizeof octets && second && !third; i++)
        add_to(set, KEY_WINDOWS, window_of(first, second, octets[i]));
    if (third)
        add_to(set, KEY_WINDOWS, window_of(first, second, third));
}

/** One that is open on its left may stand anywhere in a word, and its first octets are not enough to tell. */
static void add_open_left(struct reply_key_words *words, const struct run *run)
{
    if (run->word.size < WINDOW)
        memset(words->inside, 0xff, sizeof words->inside);
    else
        add_windows(words->inside, run->word.at[0], run->word.at[1], run->word.at[2]);
}

static void add_run(struct reply_key_words *words, const struct run *run)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < run->word.size; i++)
        hash = add_octet(hash, run->word.at[i]);
    if (run->open_left)
        add_open_left(words, run);
    else if (run->open_right && run->before)
        add_windows(words->begins, run->before, run->word.at[0], octet_at(run->word, 1));
    else if (run->open_right)
        add_windows(words->begins, run->word.at[0], octet_at(run->word, 1), octet_at(run->word, 2));
    else
        add_to(words->whole, KEY_WORDS, hash);
}

static void add_fragment(struct reply_key_words *words, const struct catalog_table *table,
                         const struct catalog_fragment *fragment)
{
    struct span text = span_of(table->text + fragment->text, fragment->size);
    for (size_t at = 0; at < text.size; at++) {
        size_t first = at;
        while (at < text.size && is_alphanumeric(text.at[at]))
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

/** @param before the octet in front; a host name that is kept as a link has a dot there as well */
static bool may_be_told_apart(const struct reply_key_words *words, char before, struct span word)
{
    char first = word.at[0], second = octet_at(word, 1), third = octet_at(word, 2);
    if (is_in(words->begins, KEY_WINDOWS, window_of(before, first, second)) ||
        is_in(words->begins, KEY_WINDOWS, window_of('.', first, second)) ||
        is_in(words->begins, KEY_WINDOWS, window_of(first, second, third)))
        return true;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < word.size; i++) {
        hash = add_octet(hash, word.at[i]);
        if (i + WINDOW <= word.size &&
            is_in(words->inside, KEY_WINDOWS, window_of(word.at[i], word.at[i + 1], word.at[i + 2])))
            return true;
    }
    return is_in(words->whole, KEY_WORDS, hash);
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
        if (!is_alphanumeric(text.at[i]) && text.at[i] != '.' && text.at[i] != '-' && text.at[i] != '_')
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

static bool is_to_be_marked(const struct reply_key_words *words, const struct piece *piece, size_t first,
                            size_t end, bool has_digit)
{
    if (!has_digit || end > piece->tail || (piece->may_be_host && is_beside_dot(piece, first, end)))
        return false;
    return !may_be_told_apart(words, first > 0 ? piece->text.at[first - 1] : piece->before,
                              span_of(piece->text.at + first, end - first));
}

/** @return the octets written */
static size_t write_words(const struct reply_key_words *words, const struct piece *piece, char *key)
{
    struct span text = piece->text;
    size_t size = 0;
    for (size_t at = 0; at < text.size;) {
        size_t first = at;
        bool has_digit = false;
        for (; at < text.size && is_alphanumeric(text.at[at]); at++)
            has_digit |= ascii_is_digit(text.at[at]);
        if (is_to_be_marked(words, piece, first, at, has_digit)) {
            key[size++] = MARK_WORD;
        } else {
            memcpy(key + size, text.at + first, at - first);
            size += at - first;
        }
        if (at < text.size)
            key[size++] = text.at[at++];
    }
    return size;
}

/** Whether the token is a mailbox, whatever it is part of. */
static bool is_mailbox(struct span text)
{
    const char *at = memchr(text.at, '@', text.size);
    return at && at + 1 < text.at + text.size && is_alphanumeric(at[1]);
}

/** Writes a piece that has a digit or "@". */
static size_t write_piece(const struct reply_key_words *words, struct piece *piece, unsigned octets,
                          char *key)
{
    struct span text = piece->text;
    bool has_slash = octets & OCTET_JOINER;
    if (!has_slash && is_alphanumeric(text.at[0]) && !begins_with_code(text)) {
        if (octets & OCTET_AT && is_mailbox(text)) {
            key[0] = MARK_MAILBOX;
            return 1;
        }
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
    const char *token; /* where the piece's token begins */
    bool is_joined;    /* until the next blank all stays as it is: a URL, an IPv6 address, an entity */
};

/** Whether a colon is followed by more than a blank, as in URLs and IPv6 addresses. */
static bool is_inner_colon(struct span rest)
{
    return rest.size > 1 && rest.at[0] == ':' && rest.at[1] != ' ';
}

/** Takes a piece off the front; @return false if the reply has no key. */
static bool add_piece(struct writer *writer, struct span *rest, char before)
{
    char *key = writer->key + writer->size;
    size_t size = 0;
    unsigned octets = 0, octet;
    for (; size < rest->size; size++, octets |= octet) {
        octet = reply_octet(rest->at[size]);
        if (octet & (OCTET_SEPARATOR | OCTET_EQUALS))
            break;
        key[size] = rest->at[size];
    }
    struct piece piece = {span_first(*rest, size), before, size, false};
    *rest = span_skip(*rest, size);
    if ((size_t)(piece.text.at + size - writer->token) >= TOKEN_LIMIT)
        return false;
    for (size_t i = 0; i < size && octets & OCTET_UNPLAIN; i++)
        if ((unsigned char)key[i] < ' ')
            return false;
    writer->is_joined |= octets & OCTET_UNPLAIN || is_inner_colon(*rest);
    if (!writer->is_joined && octets & (OCTET_DIGIT | OCTET_AT))
        size = write_piece(writer->words, &piece, octets, key);
    writer->size += size;
    return true;
}

/** Takes "=" or a separator off the front; @return false if the reply has no key. */
static bool add_separator(struct writer *writer, struct span *rest)
{
    if (rest->at[0] == '\n')
        return false;
    if (rest->at[0] == ' ')
        writer->is_joined = false;
    writer->is_joined |= is_inner_colon(*rest);
    writer->key[writer->size++] = rest->at[0];
    if (rest->at[0] != '=')
        writer->token = rest->at + 1;
    *rest = span_skip(*rest, 1);
    return true;
}

static bool add_line(struct writer *writer, struct span rest)
{
    char before = ' ';
    writer->token = rest.at;
    writer->is_joined = false;
    while (rest.size > 0) {
        bool is_piece = !(reply_octet(rest.at[0]) & (OCTET_SEPARATOR | OCTET_EQUALS));
        const char *last = rest.at;
        if (!(is_piece ? add_piece(writer, &rest, before) : add_separator(writer, &rest)))
            return false;
        before = *last == '{' ? '(' : *last == '}' ? ')' : *last;
    }
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
