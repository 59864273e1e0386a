#include "explain/scan.h"

#include <stdint.h>

enum { CODE_SIZE = 3 };

/** How much speaks for a number being the code of a reply. */
enum rank {
    RANK_NONE,
    RANK_WORDS,    /* only the words around it */
    RANK_ENHANCED, /* an enhanced code of its class follows */
    RANK_QUOTED,   /* a server is quoted with it */
};

static bool is_code(const char *at)
{
    return (at[0] == '2' || at[0] == '4' || at[0] == '5') && ascii_is_digit(at[1]) && ascii_is_digit(at[2]);
}

/** The only ones of their class (RFC 5321 4.2.1, RFC 4954); amid other text too rare to be looked for. */
static bool is_intermediate(const char *at)
{
    return memcmp(at, "334", CODE_SIZE) == 0 || memcmp(at, "354", CODE_SIZE) == 0;
}

/* AT&T writes "521< 192.0.2.1 >_is_blocked". */
int scan_code(struct span text)
{
    if (text.size < CODE_SIZE || !(is_code(text.at) || is_intermediate(text.at)))
        return 0;
    if (text.size > CODE_SIZE && text.at[CODE_SIZE] != ' ' && !memchr("-_\t\r\n<", text.at[CODE_SIZE], 6))
        return 0;
    return (text.at[0] - '0') * 100 + (text.at[1] - '0') * 10 + (text.at[2] - '0');
}

/** An enhanced code of the class, with whatever may follow it in the wild: "5.1.1:", "5.7.1[27]". */
static bool has_enhanced(struct span text, char class)
{
    size_t dots = 0, i = 1;
    if (text.size > 0 && memchr("#(<[", text.at[0], 4))
        text = span_skip(text, 1);
    if (text.size < 5 || text.at[0] != class || text.at[1] != '.' || !ascii_is_digit(text.at[2]))
        return false;
    while (i < text.size && (text.at[i] == '.' || ascii_is_digit(text.at[i])))
        dots += text.at[i++] == '.';
    return dots == 2 || (dots == 3 && text.at[i - 1] == '.');
}

/** The last word of the text, in letters alone. */
static struct span last_word(struct span text)
{
    size_t end = text.size, start;
    while (end > 0 && text.at[end - 1] == ' ')
        end--;
    for (start = end; start > 0 && ascii_is_alpha(text.at[start - 1]);)
        start--;
    return span_of(text.at + start, end - start);
}

static bool is_any(struct span word, const char *const *words)
{
    for (; *words; words++)
        if (span_is_nocase(word, *words))
            return true;
    return false;
}

static struct span without_quotes(struct span before)
{
    while (before.size > 0 && memchr(" \t_\r\n\"'`(<[", before.at[before.size - 1], 11))
        before.size--;
    return before;
}

/** Whether the words in front introduce what another server said. */
static bool is_introduced(struct span before)
{
    static const char *const verbs[] = {"said",     "me",       "with",  "was", "replied",
                                        "answered", "returned", "reply", NULL};
    bool has_quote = before.size > 0 && memchr("\"'`", before.at[before.size - 1], 3);
    before = without_quotes(before);
    if (before.size < 2)
        return false;
    char last = before.at[before.size - 1];
    if (last == '>')
        return before.at[before.size - 2] == '-';
    if (last != ':')
        return has_quote && span_is_nocase(last_word(before), "returned");
    before = without_quotes(span_first(before, before.size - 1));
    last = before.size > 0 ? before.at[before.size - 1] : '\0';
    return last == ']' || last == '>' || is_any(last_word(before), verbs);
}

/** Words behind a number that make it an amount. */
static bool is_amount(struct span after)
{
    static const char *const units[] = {
        "bytes",  "octets",    "byte",      "messages", "message", "recipients", "ms",          "seconds",
        "sec",    "secs",      "s",         "minutes",  "hours",   "days",       "kb",          "mb",
        "gb",     "kib",       "mib",       "k",        "m",       "times",      "connections", "connection",
        "lines",  "users",     "files",     "errors",   "items",   "entries",    "of",          "mails",
        "emails", "addresses", "processes", "requests", "per",     "in",         "at",          NULL};
    size_t size = 0;
    while (size < after.size && ascii_is_alpha(after.at[size]))
        size++;
    return is_any(span_first(after, size), units);
}

/** Whether what stands in front lets the number be a code although no enhanced code follows. */
static bool is_announced(struct span before)
{
    static const char *const words[] = {"smtpmsg", "code",   "status",   "reply", "response", "error", "said",
                                        "stat",    "result", "reject",   "led",   "c",        "diag",  "got",
                                        "msg",     "answer", "rejected", "with",  "returned", NULL};
    if (before.size == 0)
        return true;
    char last = before.at[before.size - 1];
    if (last == '=')
        return is_any(last_word(span_first(before, before.size - 1)), words);
    if (memchr("\"'`([{>,;", last, 9)) {
        struct span rest = without_quotes(before);
        return rest.size == before.size || rest.size == 0 || rest.at[rest.size - 1] != '=' ||
               is_any(last_word(span_first(rest, rest.size - 1)), words);
    }
    if (last != ' ' && last != '\t' && last != '\n')
        return false;
    struct span rest = span_trim(before);
    while (rest.size > 0 && rest.at[rest.size - 1] == '\n')
        rest = span_trim(span_first(rest, rest.size - 1));
    if (rest.size == 0 || last == '\n' || memchr(":<>-*|~;", rest.at[rest.size - 1], 8))
        return true;
    if (rest.at[rest.size - 1] == '=')
        rest = span_trim(span_first(rest, rest.size - 1));
    return is_any(last_word(rest), words);
}

/** What a reply may begin with behind its code: a letter, a bracket, a sign; no further number. */
static bool is_text(struct span after)
{
    return after.size > 0 && !ascii_is_digit(after.at[0]) && !memchr("|+*/.:", after.at[0], 6) &&
           !is_amount(after);
}

static enum rank rank_without_text(struct span before, struct span rest)
{
    if (rest.size > 1 && rest.at[0] == ',' && before.size > 0 && before.at[before.size - 1] == '(')
        return RANK_WORDS; /* (550, b'5.1.1 User unknown') of Python */
    if (rest.size > 0 && !memchr("\"')];,:\r\n", rest.at[0], 9))
        return RANK_NONE;
    while (before.size > 0 && memchr(" =", before.at[before.size - 1], 2))
        before.size--;
    bool says_code = span_is_nocase(last_word(before), "code") || span_is_nocase(last_word(before), "said");
    return before.size == 0 || says_code ? RANK_WORDS : RANK_NONE;
}

/** One walk over a text for its codes. */
struct code_search {
    struct span text;
    size_t quotation; /* see bare_quotation_size() */
    struct word_search {
        size_t looked; /* as far as words were looked for */
        bool is_found;
    } http, verdict;
};

/**
 * Whether one of the words stands in front of a code; codes come in their order, and no word holds a digit.
 * Nothing is looked at twice, so that a text full of codes cannot cost its square in time.
 */
static bool has_before(struct word_search *search, struct span text, size_t at, const char *const *words)
{
    struct span rest = span_skip(span_first(text, at), search->looked);
    for (; *words && !search->is_found; words++)
        search->is_found = span_contains_nocase(rest, *words);
    search->looked = at;
    return search->is_found;
}

/** HTTP has codes of the same form. */
static bool is_of_http(struct code_search *search, size_t at)
{
    static const char *const words[] = {"http", NULL};
    return has_before(&search->http, search->text, at, words);
}

/** Whether the words in front are the verdict and what is quoted only its reason: a server asked the sender's
 * own one, or Exchange tried in vain for a day or names what it took the other's answer for. */
static bool is_verdict(struct code_search *search, size_t at)
{
    static const char *const words[] = {"sender address rejected", "sender verify",    "callout",
                                        "message expired",         "detected as spam", NULL};
    return has_before(&search->verdict, search->text, at, words);
}

/** The size of "host H[A] said: ", which is all that Postfix has in front of most replies, or 0. */
static size_t bare_quotation_size(struct span text)
{
    struct span start = SPAN("host "), verb = SPAN(" said: ");
    size_t host = scan_until(span_skip(text, start.size), ' ');
    bool is_quotation = scan_begins(text, start) && scan_begins(span_skip(text, start.size + host), verb);
    return is_quotation ? start.size + host + verb.size : 0;
}

/** @param at where a word begins */
static enum rank rank_of(struct code_search *search, size_t at)
{
    struct span text = search->text, before = span_first(text, at), rest = span_skip(text, at + CODE_SIZE);
    if (at == 0 && scan_code(text))
        return RANK_ENHANCED;
    if (at > 0 && text.at[at - 1] != ' ' && memchr(".-/@#+$%&:\\", text.at[at - 1], 11)) {
        bool is_joined = memchr(":-\\#", text.at[at - 1], 4) && rest.size > 1 &&
                         has_enhanced(span_skip(rest, 1), text.at[at]);
        if (is_joined &&
            text.at[at - 1] == ':') /* Barracuda: "permanent failure (user@example.com:550 5.1.1 ...)" */
            return RANK_QUOTED;
        return is_joined ? RANK_ENHANCED : RANK_NONE;
    }
    if (rest.size == 0 || (rest.at[0] != ' ' && !memchr("-_\t", rest.at[0], 3))) {
        enum rank rank = rank_without_text(before, rest);
        return rank != RANK_NONE && is_of_http(search, at) ? RANK_NONE : rank;
    }
    rest = span_skip(rest, 1);
    if (is_introduced(before) && (search->quotation == at || !is_verdict(search, at)))
        return RANK_QUOTED;
    if (has_enhanced(rest, text.at[at]))
        return RANK_ENHANCED;
    return is_announced(before) && is_text(rest) && !is_of_http(search, at) ? RANK_WORDS : RANK_NONE;
}

static size_t skip_words(struct span text, size_t at)
{
    while (at < text.size && ascii_is_alphanumeric(text.at[at]))
        at++;
    return at;
}

static size_t skip_between_words(struct span text, size_t at)
{
    while (at < text.size && !ascii_is_alphanumeric(text.at[at]))
        at++;
    return at;
}

/**
 * How much of the text may introduce a quotation: all behind it holds none of the octets of is_introduced().
 */
static size_t introducing_size(struct span text)
{
    static const char octets[] = ":>\"'`";
    size_t size = 0;
    for (const char *octet = octets; *octet; octet++) {
        const char *last = memrchr(text.at + size, *octet, text.size - size);
        size = last ? (size_t)(last - text.at) + 1 : size;
    }
    return size;
}

bool scan_find_code(struct span text, size_t *at)
{
    struct code_search search = {.text = text, .quotation = bare_quotation_size(text)};
    enum rank best = RANK_NONE;
    size_t interesting = SIZE_MAX;
    for (size_t i = skip_between_words(text, search.quotation); i + CODE_SIZE <= text.size;
         i = skip_between_words(text, i)) {
        if (is_code(text.at + i)) {
            enum rank rank = rank_of(&search, i);
            bool is_success = text.at[i] == '2' && best != RANK_NONE;
            if (rank > best || (rank == RANK_QUOTED && !is_success)) {
                best = rank;
                *at = i;
            }
            if (best >= RANK_ENHANCED && interesting == SIZE_MAX) /* then only a quotation counts */
                interesting = introducing_size(text);
        }
        i = skip_words(text, i);
        if (i >= interesting)
            break;
    }
    return best != RANK_NONE;
}
