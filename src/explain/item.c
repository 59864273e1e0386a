#include "explain/item.h"

enum { CODE_SIZE = 3 };

/** A NUL-terminated copy; @return NULL if no room is left. */
static const char *copy_name(struct explain_item *item, struct span name)
{
    name = span_first(name, ITEM_NAME_LIMIT);
    if (name.size >= ITEM_NAMES_SIZE - item->names_size)
        return NULL;
    char *copy = item->names + item->names_size;
    memcpy(copy, name.at, name.size);
    copy[name.size] = '\0';
    item->names_size += name.size + 1;
    return copy;
}

/** Most are empty. */
static inline const char *add_name(struct explain_item *item, struct span name)
{
    return name.size > 0 ? copy_name(item, name) : NULL;
}

static const char *domain_of(const char *mailbox)
{
    const char *at = mailbox ? strrchr(mailbox, '@') : NULL;
    return at && at[1] ? at + 1 : NULL;
}

static void fill_context(struct explain_item *item, const struct sighting *sighting)
{
    struct explain_context *context = &item->context;
    *context = EXPLAIN_CONTEXT_NONE;
    context->stage = sighting->stage;
    context->port = sighting->port;
    context->host = add_name(item, sighting->host);
    context->address = add_name(item, sighting->address);
    context->recipient = add_name(item, sighting->recipient);
    context->sender = add_name(item, sighting->sender);
    context->our_address = add_name(item, sighting->our_address);
    context->helo = add_name(item, sighting->helo);
    context->provider = add_name(item, sighting->provider);
    context->user = add_name(item, sighting->user);
    item->key = add_name(item, sighting->key);
    context->recipient_domain = domain_of(context->recipient);
    context->sender_domain = domain_of(context->sender);
}

/** Whether the text begins with the code and what may part it from the words. */
static bool begins_with_code(struct span text, int code)
{
    if (code == 0 || text.size < CODE_SIZE || text.at[0] != '0' + code / 100 ||
        text.at[1] != '0' + code / 10 % 10 || text.at[2] != '0' + code % 10)
        return false;
    return text.size == CODE_SIZE || text.at[CODE_SIZE] == ' ' ||
           memchr("-_\r\n\t:,;\"')]<", text.at[CODE_SIZE], 13) != NULL;
}

/** Where a line ends and how many octets part it from the next: LF, or Exim's `\n` in front of a code. */
static size_t line_end(struct span text, int code, size_t *separator)
{
    const char *line_feed = memchr(text.at, '\n', text.size);
    size_t end = line_feed ? (size_t)(line_feed - text.at) : text.size;
    *separator = 2;
    for (const char *at = text.at; (at = memchr(at, '\\', (size_t)(text.at + end - at))); at++) {
        size_t i = (size_t)(at - text.at);
        if (i + 1 < end && at[1] == 'n' && begins_with_code(span_skip(text, i + 2), code))
            return i;
    }
    *separator = line_feed ? 1 : 0;
    return end;
}

static struct span without_cr(struct span line)
{
    return span_first(line, line.size > 0 && line.at[line.size - 1] == '\r' ? line.size - 1 : line.size);
}

/** The words behind the code; programs print it as `550: text`, Python as `550, b'text'`. */
static struct span behind_code(struct span line)
{
    line = span_skip(line, CODE_SIZE);
    bool is_tuple = line.size > 0 && line.at[0] == ',';
    if (line.size > 0 && line.at[0] != '<')
        line = span_trim(span_skip(line, 1));
    if (is_tuple && span_starts_with(line, "b"))
        line = span_skip(line, 1);
    return is_tuple && line.size > 0 && memchr("'\"", line.at[0], 2) ? span_skip(line, 1) : line;
}

static void split_lines(struct explain_item *item)
{
    struct reply *reply = &item->reply;
    struct span rest = reply->raw;
    reply->lines = item->lines;
    while (rest.size > 0 && reply->line_count < ITEM_LINES_LIMIT) {
        size_t separator, size = line_end(rest, reply->code, &separator);
        bool is_last = reply->line_count == ITEM_LINES_LIMIT - 1;
        struct span line = without_cr(is_last ? rest : span_first(rest, size));
        rest = span_skip(rest, size + separator);
        item->lines[reply->line_count++] = begins_with_code(line, reply->code) ? behind_code(line) : line;
    }
}

/** As reply_parser does: that of the last line which has one of the reply's class. */
static struct enhanced_status enhanced_of(const struct reply *reply)
{
    struct enhanced_status status = {0, 0, 0};
    for (size_t i = reply->line_count; i-- > 0;)
        if (enhanced_status_parse(reply->lines[i], &status, NULL) &&
            (reply->code == 0 || status.class == reply_class(reply)))
            return status;
    return (struct enhanced_status){0, 0, 0};
}

/** qmail logs replies with '_' for blanks and '/' for line ends; which were its own cannot be told. */
static struct span without_underscores(struct explain_item *item, struct span text)
{
    text = span_first(text, ITEM_PLAIN_SIZE);
    for (size_t i = 0; i < text.size; i++)
        item->plain[i] = text.at[i] == '_' ? ' ' : text.at[i];
    return span_of(item->plain, text.size);
}

static void clear(struct explain_item *item)
{
    item->lack = LACK_NONE;
    item->reply = (struct reply){0};
    item->text = item->input = span_of(NULL, 0);
    item->first_line = item->last_line = 0;
    item->names_size = 0;
}

void item_init(struct explain_item *item, const struct sighting *sighting)
{
    clear(item);
    item->kind = sighting->kind;
    item->lack = sighting->kind == ITEM_NOTHING ? LACK_REPLY : LACK_NONE;
    item->speaker = sighting->speaker;
    item->action = sighting->action;
    item->cause = sighting->cause;
    item->text = sighting->reply;
    item->reply.raw = sighting->underscored ? without_underscores(item, sighting->reply) : sighting->reply;
    item->reply.code = sighting->code;
    split_lines(item);
    struct enhanced_status enhanced = enhanced_of(&item->reply);
    item->reply.enhanced = enhanced.class ? enhanced : sighting->enhanced;
    fill_context(item, sighting);
}

void item_init_lack(struct explain_item *item, enum item_lack lack)
{
    clear(item);
    item->kind = ITEM_NOTHING;
    item->speaker = SPEAKER_UNKNOWN;
    item->action = ACTION_NONE;
    item->cause = -1;
    item->key = NULL;
    item->context = EXPLAIN_CONTEXT_NONE;
    item->lack = lack;
}

const char *item_lack_title(enum item_lack lack)
{
    static const char *const titles[] = {
        [LACK_REPLY] = "No reply of a mail server in this line",
        [LACK_OBJECT] = "Not an object with \"reply\", \"code\" or \"enhanced\"",
        [LACK_BOUNCE] = "This message is no report on a delivery",
        [LACK_STATUS] = "This report gives neither a reply nor a status",
    };
    return titles[lack];
}

const char *item_action_name(enum item_action action)
{
    static const char *const names[] = {
        [ACTION_FAILED] = "failed",   [ACTION_DELAYED] = "delayed",   [ACTION_DELIVERED] = "delivered",
        [ACTION_RELAYED] = "relayed", [ACTION_EXPANDED] = "expanded",
    };
    return names[action];
}
