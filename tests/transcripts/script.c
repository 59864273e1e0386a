#include "script.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

/* Escapes */

static int hex_value(char c)
{
    if (ascii_is_digit(c))
        return c - '0';
    char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/** @return the octets of the escape that begins `text`, behind its backslash; 0 if it is unknown */
static size_t unescape_one(struct span text, struct buffer *out)
{
    static const struct {
        char letter, octet;
    } simple[] = {{'r', '\r'}, {'n', '\n'}, {'t', '\t'}, {'0', '\0'}, {'\\', '\\'}};
    for (size_t i = 0; text.size > 0 && i < sizeof simple / sizeof *simple; i++) {
        if (text.at[0] == simple[i].letter) {
            buffer_add_char(out, simple[i].octet);
            return 1;
        }
    }
    if (text.size < 3 || text.at[0] != 'x' || hex_value(text.at[1]) < 0 || hex_value(text.at[2]) < 0)
        return 0;
    buffer_add_char(out, (char)(hex_value(text.at[1]) * 16 + hex_value(text.at[2])));
    return 3;
}

bool script_unescape(struct span text, struct buffer *out)
{
    while (text.size > 0) {
        char c = text.at[0];
        text = span_skip(text, 1);
        if (c != '\\') {
            buffer_add_char(out, c);
            continue;
        }
        size_t used = unescape_one(text, out);
        if (used == 0)
            return false;
        text = span_skip(text, used);
    }
    return true;
}

void script_escape(struct span octets, struct buffer *out)
{
    for (size_t i = 0; i < octets.size; i++) {
        unsigned char c = (unsigned char)octets.at[i];
        if (c == '\r')
            buffer_add_string(out, "\\r");
        else if (c == '\n')
            buffer_add_string(out, "\\n");
        else if (c == '\\')
            buffer_add_string(out, "\\\\");
        else if (c < ' ' || c > '~')
            buffer_printf(out, "\\x%02x", c);
        else
            buffer_add_char(out, (char)c);
    }
}

/* Items */

static struct item *add_item(struct script *script, enum item_kind kind, int line)
{
    script->items = arena_grow(&script->arena, script->items, script->item_count, &script->item_capacity,
                               sizeof *script->items);
    struct item *item = &script->items[script->item_count++];
    *item = (struct item){.kind = kind, .line = line};
    return item;
}

/** Adjacent lines of one side make one item. */
static struct item *item_for_octets(struct script *script, enum item_kind kind, int line)
{
    struct item *last = script->item_count > 0 ? &script->items[script->item_count - 1] : NULL;
    return last && last->kind == kind ? last : add_item(script, kind, line);
}

static bool add_octets(struct script *script, enum item_kind kind, struct span text, const char *end,
                       unsigned long long times, int line)
{
    struct item *item = item_for_octets(script, kind, line);
    size_t before = item->octets.size;
    for (; times > 0; times--) {
        if (!script_unescape(text, &item->octets))
            return false;
        buffer_add_string(&item->octets, end);
    }
    if (kind == ITEM_SERVER)
        script->server_octets += item->octets.size - before;
    return true;
}

/** "*90: text" or ": text" behind the letter. @return the text's beginning, or false */
static bool take_repeat(struct span *rest, unsigned long long *times)
{
    *times = 1;
    if (span_starts_with(*rest, "*")) {
        size_t digits = 1;
        while (digits < rest->size && ascii_is_digit(rest->at[digits]))
            digits++;
        if (!span_to_number(span_skip(span_first(*rest, digits), 1), 1000000, times))
            return false;
        *rest = span_skip(*rest, digits);
    }
    if (!span_starts_with(*rest, ":"))
        return false;
    *rest = span_skip(*rest, 1);
    if (span_starts_with(*rest, " "))
        *rest = span_skip(*rest, 1);
    return true;
}

static bool read_octets(struct script *script, struct span line, int number)
{
    bool is_server = ascii_lower(line.at[0]) == 's';
    bool is_whole = line.at[0] == 'S' || line.at[0] == 'C';
    unsigned long long times;
    struct span rest = span_skip(line, 1);
    return take_repeat(&rest, &times) && add_octets(script, is_server ? ITEM_SERVER : ITEM_CLIENT, rest,
                                                    is_whole ? "\r\n" : "", times, number);
}

static bool read_duration(struct span text, duration *value)
{
    static const struct {
        const char *suffix;
        duration unit;
    } units[] = {{"us", MICROSECONDS(1)}, {"ms", MILLISECONDS(1)}, {"s", SECONDS(1)}};
    unsigned long long number;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t size = strlen(units[i].suffix);
        if (text.size > size && span_ends_with_nocase(text, units[i].suffix) &&
            span_to_number(span_first(text, text.size - size), 1000000, &number)) {
            *value = (duration)number * units[i].unit;
            return true;
        }
    }
    return false;
}

static bool read_pause(struct script *script, struct span line, int number)
{
    struct item *item = add_item(script, ITEM_PAUSE, number);
    return read_duration(span_skip(line, 1), &item->pause);
}

static bool read_cause(struct span name, enum cause *cause)
{
    int index = vocabulary_find(cause_words, CAUSE_COUNT, name);
    *cause = index < 0 ? CAUSE_UNKNOWN : (enum cause)index;
    return index >= 0;
}

static bool read_event(struct script *script, struct span line, int number)
{
    static const struct {
        const char *word;
        enum item_kind kind;
        bool is_verified;
    } events[] = {
        {"close", ITEM_CLOSE, false},        {"reset", ITEM_RESET, false},   {"tls ok", ITEM_TLS_OK, false},
        {"tls verified", ITEM_TLS_OK, true}, {"cancel", ITEM_CANCEL, false},
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        if (span_is(line, events[i].word)) {
            add_item(script, events[i].kind, number)->is_verified = events[i].is_verified;
            return true;
        }
    }
    if (!span_starts_with(line, "tls bad "))
        return false;
    return read_cause(span_skip(line, 8), &add_item(script, ITEM_TLS_BAD, number)->cause);
}

/* Options */

struct word_value {
    const char *word;
    int value;
};

static bool find_word(const struct word_value *words, struct span word, int *value)
{
    for (; words->word; words++) {
        if (span_is(word, words->word)) {
            *value = words->value;
            return true;
        }
    }
    return false;
}

static const struct word_value tls_words[] = {
    {"opportunistic", TLS_OPPORTUNISTIC},
    {"none", TLS_NONE},
    {"required", TLS_REQUIRED},
    {"optional", TLS_OPTIONAL},
    {"strict", TLS_OPTIONAL_STRICT},
    {"implicit", TLS_IMPLICIT},
    {NULL, 0},
};

static const struct word_value auth_words[] = {
    {"required", AUTH_REQUIRED},
    {"optional", AUTH_OPTIONAL},
    {"strict", AUTH_OPTIONAL_STRICT},
    {NULL, 0},
};

static const struct word_value smtputf8_words[] = {
    {"auto", SMTPUTF8_AUTO},
    {"force", SMTPUTF8_FORCE},
    {"no", SMTPUTF8_NO},
    {NULL, 0},
};

static const struct word_value manner_words[] = {
    {"quit", STOP_QUIT},
    {"drop", STOP_DROP},
    {"send", STOP_DROP_AFTER_SEND},
    {NULL, 0},
};

static const struct word_value point_words[] = {
    {"banner", STOP_AT_BANNER},     {"first-ehlo", STOP_AT_FIRST_EHLO},
    {"starttls", STOP_AT_STARTTLS}, {"ehlo", STOP_AT_EHLO},
    {"auth", STOP_AT_AUTH},         {"mail", STOP_AT_MAIL},
    {"rcpt", STOP_AT_RCPT},         {"data", STOP_AT_DATA},
    {"body", STOP_AT_BODY},         {NULL, 0},
};

static bool set_tls(struct script *script, struct span value)
{
    int number = 0;
    bool is_known = find_word(tls_words, value, &number);
    script->plan.tls = (enum tls_policy)number;
    return is_known;
}

static bool set_auth(struct script *script, struct span value)
{
    int number = 0;
    bool is_known = find_word(auth_words, value, &number);
    script->plan.auth = (enum auth_policy)number;
    return is_known;
}

static bool set_smtputf8(struct script *script, struct span value)
{
    int number = 0;
    bool is_known = find_word(smtputf8_words, value, &number);
    script->plan.smtputf8 = (enum smtputf8_policy)number;
    return is_known;
}

/** "quit:RCPT" */
static bool set_stop(struct script *script, struct span value)
{
    struct span manner;
    int number = 0, point = 0;
    if (!span_next_token(&value, ":", &manner))
        return false;
    bool is_known =
        find_word(manner_words, manner, &number) && find_word(point_words, span_skip(value, 1), &point);
    script->plan.stop = (enum stop_manner)number;
    script->plan.stop_at = (enum stop_point)point;
    return is_known;
}

static bool set_sender(struct script *script, struct span value)
{
    struct error error = ERROR_NONE;
    script->plan.sender = &script->sender;
    return mailbox_parse(&script->sender, value, &script->arena, &error);
}

static bool set_recipients(struct script *script, struct span value)
{
    struct error error = ERROR_NONE;
    struct mailbox *recipients;
    script->plan.recipient_count = 0;
    if (value.size == 0)
        return true;
    bool is_sound =
        mailbox_parse_list(&recipients, &script->plan.recipient_count, value, &script->arena, &error);
    script->plan.recipients = recipients;
    return is_sound;
}

static bool set_mechanisms(struct script *script, struct span value)
{
    script->mechanisms = value;
    return true;
}

static bool set_timeout(struct script *script, struct span value)
{
    return read_duration(value, &script->plan.timeout);
}

static const struct {
    const char *name;
    bool (*set)(struct script *, struct span value);
} valued_options[] = {
    {"tls=", set_tls},     {"auth=", set_auth},     {"smtputf8=", set_smtputf8}, {"stop=", set_stop},
    {"from=", set_sender}, {"to=", set_recipients}, {"sasl=", set_mechanisms},   {"timeout=", set_timeout},
};

static bool set_flag(struct script *script, struct span word)
{
    struct plan *plan = &script->plan;
    const struct {
        const char *word;
        bool *flag;
    } flags[] = {
        {"lmtp", &plan->lmtp},
        {"helo-only", &plan->helo_only},
        {"require-all", &plan->require_all_recipients},
        {"pipeline", &plan->pipeline},
        {"raw", &plan->raw_message},
        {"8bit", &plan->message_is_8bit},
        {"needs-smtputf8", &plan->needs_smtputf8},
        {"verify", &plan->verification_wanted},
        {"fell-back", &plan->fell_back_to_clear},
        {"try-all", &script->try_all},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (span_is(word, flags[i].word)) {
            *flags[i].flag = true;
            return true;
        }
    }
    return false;
}

static bool read_option(struct script *script, struct span word)
{
    for (size_t i = 0; i < sizeof valued_options / sizeof *valued_options; i++)
        if (span_starts_with(word, valued_options[i].name))
            return valued_options[i].set(script, span_skip(word, strlen(valued_options[i].name)));
    return set_flag(script, word);
}

static bool read_options(struct script *script, struct span rest)
{
    struct span word;
    while (span_next_token(&rest, " ", &word))
        if (!read_option(script, word))
            return false;
    return true;
}

static bool read_message(struct script *script, struct span text)
{
    buffer_truncate(&script->message, 0);
    bool is_sound = script_unescape(text, &script->message);
    script->plan.message = buffer_span(&script->message);
    return is_sound;
}

/* Expectations */

static const char *const expectation_keys[] = {
    "ending", "stage",  "cause", "code",      "detail",      "first",
    "octets", "waited", "notes", "exchanges", "round-trips", "reason",
};

static bool read_expectation(struct script *script, struct span line, int number)
{
    const char *colon = memchr(line.at, ':', line.size);
    if (!colon)
        return false;
    struct span key = span_first(line, (size_t)(colon - line.at));
    bool is_known = false;
    for (size_t i = 0; i < sizeof expectation_keys / sizeof *expectation_keys; i++)
        is_known |= span_is(key, expectation_keys[i]);
    script->expectations = arena_grow(&script->arena, script->expectations, script->expectation_count,
                                      &script->expectation_capacity, sizeof *script->expectations);
    script->expectations[script->expectation_count++] =
        (struct expectation){key, span_trim(span_skip(line, key.size + 1)), number};
    return is_known;
}

const struct span *script_expected(const struct script *script, const char *key)
{
    for (size_t i = 0; i < script->expectation_count; i++)
        if (span_is(script->expectations[i].key, key))
            return &script->expectations[i].value;
    return NULL;
}

/* Files */

static bool is_octet_line(struct span line)
{
    return line.size > 1 && memchr("SsCc", line.at[0], 4) && (line.at[1] == ':' || line.at[1] == '*');
}

static bool read_line(struct script *script, struct span line, int number)
{
    if (line.size == 0 || line.at[0] == '#')
        return true;
    if (is_octet_line(line))
        return read_octets(script, line, number);
    if (line.at[0] == '+')
        return read_pause(script, line, number);
    if (span_starts_with(line, "options:"))
        return read_options(script, span_skip(line, 8));
    if (span_starts_with(line, "message:"))
        return read_message(script, span_trim(span_skip(line, 8)));
    return read_event(script, line, number) || read_expectation(script, line, number);
}

static bool read_lines(struct script *script, const char *path, struct error *error)
{
    struct span rest = buffer_span(&script->text);
    for (int number = 1; rest.size > 0; number++) {
        const char *end = memchr(rest.at, '\n', rest.size);
        struct span line = span_first(rest, end ? (size_t)(end - rest.at) : rest.size);
        rest = span_skip(rest, line.size + 1);
        if (number == 1 && span_starts_with(line, "# "))
            script->title = span_skip(line, 2);
        if (!read_line(script, line, number))
            return error_set(error, "%s:%d: not understood: %.*s", path, number, SPAN_ARGS(line));
    }
    return true;
}

static bool read_file(const char *path, struct buffer *out, struct error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(error, "%s: cannot be read", path);
    size_t size;
    do {
        size = fread(buffer_room(out, 4096), 1, 4096, file);
        buffer_grown(out, size);
    } while (size > 0);
    fclose(file);
    return true;
}

static void set_defaults(struct script *script)
{
    script->plan.timeout = SECONDS(30);
    script->plan.quit_timeout = SECONDS(3);
    set_sender(script, SPAN("me@client.example"));
    set_recipients(script, SPAN("you@mx.example"));
    read_message(script, SPAN("Subject: test\\n\\nHello\\n"));
}

bool script_read(struct script *script, const char *path, struct error *error)
{
    *script = (struct script){.arena = ARENA_EMPTY};
    set_defaults(script);
    if (!read_file(path, &script->text, error) || !read_lines(script, path, error))
        return false;
    if (!script->title.at)
        return error_set(error, "%s: the first line must be a comment that names the test", path);
    if (!script_expected(script, "ending") || !script_expected(script, "exchanges"))
        return error_set(error, "%s: expects no ending or no exchanges", path);
    return true;
}

void script_clear(struct script *script)
{
    for (size_t i = 0; i < script->item_count; i++)
        buffer_clear(&script->items[i].octets);
    buffer_clear(&script->message);
    buffer_clear(&script->text);
    arena_clear(&script->arena);
}
