#include "explain/object.h"

#include "explain/logline.h"
#include "explain/scan.h"

#include <stdio.h>

bool object_begins(struct span line)
{
    line = span_trim(line);
    if (line.size < 2 || line.at[0] != '{')
        return false;
    line = span_trim(span_skip(line, 1));
    return line.size > 0 && (line.at[0] == '"' || line.at[0] == '}');
}

/* Repair */

static bool is_surrogate(struct span text, char first, char last)
{
    return text.size >= 6 && text.at[0] == '\\' && text.at[1] == 'u' && ascii_lower(text.at[2]) == 'd' &&
           ascii_lower(text.at[3]) >= first && ascii_lower(text.at[3]) <= last;
}

/** The octets of an escape that is to be copied as it is: a whole pair, or 2 for what a backslash begins. */
static size_t escape_size(struct span text)
{
    if (is_surrogate(text, '8', 'b') && is_surrogate(span_skip(text, 6), 'c', 'f'))
        return 12;
    return 2;
}

/** jansson takes neither invalid UTF-8 nor half a pair, which Python writes for such octets. */
static void repair(struct span line, struct buffer *repaired)
{
    struct buffer utf8 = BUFFER_EMPTY;
    printable_add_utf8(&utf8, line, NULL);
    struct span rest = buffer_span(&utf8);
    while (rest.size > 0) {
        size_t plain = scan_until(rest, '\\');
        buffer_add(repaired, span_first(rest, plain));
        rest = span_skip(rest, plain);
        size_t size = rest.size > 0 ? escape_size(rest) : 0;
        bool is_half = size == 2 && is_surrogate(rest, '8', 'f');
        buffer_add(repaired, is_half ? SPAN("\\ufffd") : span_first(rest, size));
        rest = span_skip(rest, is_half ? 6 : size);
    }
    buffer_clear(&utf8);
}

static json_t *load(struct span line)
{
    json_t *object = json_loadb(line.at, line.size, JSON_ALLOW_NUL, NULL);
    if (object)
        return object;
    struct buffer repaired = BUFFER_EMPTY;
    repair(line, &repaired);
    object = json_loadb(buffer_string(&repaired), repaired.size, JSON_ALLOW_NUL, NULL);
    buffer_clear(&repaired);
    return object;
}

/* Members */

static struct span member(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? span_trim(span_of(json_string_value(value), json_string_length(value)))
                                 : span_of(NULL, 0);
}

static int code_of(const json_t *object)
{
    const json_t *value = json_object_get(object, "code");
    unsigned long long code = json_is_integer(value) ? (unsigned long long)json_integer_value(value) : 0;
    span_to_number(member(object, "code"), 599, &code);
    return code >= 200 && code <= 599 ? (int)code : 0;
}

/** A code that is none of SMTP: "0x800CCC78", 100, "1xx". @param digits room for a number */
static struct span key_of(const json_t *object, char digits[24])
{
    const json_t *value = json_object_get(object, "code");
    if (!value || code_of(object) > 0)
        return span_of(NULL, 0);
    if (!json_is_integer(value))
        return member(object, "code");
    snprintf(digits, 24, "%lld", (long long)json_integer_value(value));
    return span_of_string(digits);
}

/** "5.7.1", or "X.7.1" as tables have it: then the code's class counts, and final is supposed without one. */
static struct enhanced_status enhanced_of(const json_t *object, int code)
{
    struct enhanced_status status = {0, 0, 0};
    struct span text = member(object, "enhanced");
    char copy[ENHANCED_STATUS_TEXT_SIZE];
    if (text.size == 0 || text.size >= sizeof copy)
        return status;
    memcpy(copy, text.at, text.size);
    if (ascii_lower(copy[0]) == 'x')
        copy[0] = code ? (char)('0' + code / 100) : '5';
    enhanced_status_parse(span_of(copy, text.size), &status, NULL);
    return status;
}

static int stage_of(const json_t *object)
{
    struct span name = member(object, "stage");
    int stage = name.size > 0 ? stage_of_reply(name) : -1;
    return stage < 0 ? scan_stage(name) : stage;
}

/** What the object says goes before what was found in its text. */
static void take_surroundings(const json_t *object, struct sighting *found)
{
    const struct {
        const char *key;
        struct span *place;
    } texts[] = {
        {"system", &found->provider},         {"provider", &found->provider}, {"host", &found->host},
        {"recipient", &found->recipient},     {"sender", &found->sender},     {"address", &found->address},
        {"our_address", &found->our_address}, {"helo", &found->helo},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct span text = member(object, texts[i].key);
        *texts[i].place = text.size > 0 ? text : *texts[i].place;
    }
    int stage = stage_of(object);
    found->stage = stage >= 0 ? stage : found->stage;
    json_int_t port = json_integer_value(json_object_get(object, "port"));
    if (port > 0 && port <= 65535)
        found->port = (unsigned)port;
}

static struct span wrapped_line(const json_t *object)
{
    static const char *const keys[] = {"MESSAGE", "log", "message", "msg"};
    struct span text = {NULL, 0};
    for (size_t i = 0; i < sizeof keys / sizeof *keys && text.size == 0; i++)
        text = member(object, keys[i]);
    while (text.size > 0 && memchr("\r\n", text.at[text.size - 1], 2))
        text.size--;
    return text;
}

/**
 * With the code told, the text is a reply as it stands: numbers in it are none, and "connection timed out" is
 * what the server said. Only a server that is quoted by its name says more.
 */
static void read_text(struct span text, int code, struct sighting *found)
{
    logline_read_reply(text, found);
    bool is_other = found->code > 0 && found->code != code && found->host.size == 0;
    if (code > 0 && (found->kind == ITEM_LOCAL || is_other)) {
        *found = SIGHTING_NONE;
        found->reply = text;
    }
    if (found->code == 0 && code > 0) {
        found->kind = ITEM_REPLY;
        found->code = code;
    }
}

static bool read_reply(const json_t *object, struct sighting *found)
{
    struct span text = member(object, "reply");
    int code = code_of(object);
    struct enhanced_status enhanced = enhanced_of(object, code);
    read_text(text, code, found);
    if (enhanced.class == 0)
        return found->kind != ITEM_NOTHING;
    if (found->kind == ITEM_NOTHING)
        found->kind = ITEM_REPLY;
    if (found->code == 0 || enhanced.class == found->code / 100)
        found->enhanced = enhanced;
    return true;
}

json_t *object_read(struct span line, struct explain_item *item)
{
    json_t *object = load(line);
    struct sighting found = SIGHTING_NONE;
    struct span wrapped = wrapped_line(object);
    char digits[24];
    if (!json_is_object(object)) {
        json_decref(object);
        item_init_lack(item, LACK_OBJECT);
        return NULL;
    }
    bool has_reply = read_reply(object, &found);
    if (!has_reply && wrapped.size > 0)
        logline_read(wrapped, &found);
    take_surroundings(object, &found);
    found.key = key_of(object, digits);
    item_init(item, &found);
    if (!has_reply && wrapped.size == 0 && !item->key)
        item->lack = LACK_OBJECT;
    return object;
}
