#include "smtp/message.h"

#include "config.h"

#include "smtp/mailbox.h"
#include "smtp/mime.h"

enum {
    FILE_NAME_LIMIT = 255,
    UNFOLDED_LIMIT = 900, /* of a list of addresses; RFC 5322 2.1.1 allows 998 octets for the whole line */
};

enum token {
    TOKEN_FROM_ADDRESS,
    TOKEN_TO_ADDRESS,
    TOKEN_CC_ADDRESS,
    TOKEN_BCC_ADDRESS,
    TOKEN_DATE,
    TOKEN_MESSAGEID,
    TOKEN_SMTPPROBE_VERSION,
    TOKEN_SWAKS_VERSION,
    TOKEN_NEWLINE,
    TOKEN_NEW_HEADERS, /* this and the next can hold tokens themselves */
    TOKEN_BODY,
    TOKEN_NONE
};

static const char *const token_names[] = {
    [TOKEN_FROM_ADDRESS] = "FROM_ADDRESS",
    [TOKEN_TO_ADDRESS] = "TO_ADDRESS",
    [TOKEN_CC_ADDRESS] = "CC_ADDRESS",
    [TOKEN_BCC_ADDRESS] = "BCC_ADDRESS",
    [TOKEN_DATE] = "DATE",
    [TOKEN_MESSAGEID] = "MESSAGEID",
    [TOKEN_SMTPPROBE_VERSION] = "SMTPPROBE_VERSION",
    [TOKEN_SWAKS_VERSION] = "SWAKS_VERSION",
    [TOKEN_NEWLINE] = "NEWLINE",
    [TOKEN_NEW_HEADERS] = "NEW_HEADERS",
    [TOKEN_BODY] = "BODY",
};

/** A message in the making. */
struct composition {
    const struct message_plan *plan;
    struct arena arena;
    struct buffer *out;
    const char *values[TOKEN_NEW_HEADERS]; /* of the simple tokens */
    struct span template;                  /* the message with its tokens, LF line ends */
    struct message_part *parts;            /* bodies first, then attachments */
    size_t body_count;
    size_t attachment_count;
    bool *header_is_placed; /* for each of the plan's headers: stands where it replaces a field, or a later
                               one does */
};

/* Tokens */

/** The token that the text begins with, as %NAME% or ..NAME.., and its size with the delimiters. */
static enum token token_at(struct span text, size_t *size)
{
    const char *delimiter = span_starts_with(text, "%") ? "%" : span_starts_with(text, "..") ? ".." : NULL;
    if (!delimiter)
        return TOKEN_NONE;
    size_t width = strlen(delimiter);
    struct span inside = span_skip(text, width);
    for (int token = 0; token < TOKEN_NONE; token++) {
        size_t length = strlen(token_names[token]);
        if (!span_starts_with(inside, token_names[token]) ||
            !span_starts_with(span_skip(inside, length), delimiter))
            continue;
        *size = width + length + width;
        return (enum token)token;
    }
    return TOKEN_NONE;
}

/** The size of the text before the first token, which is returned as well. */
static enum token next_token(struct span text, size_t *before, size_t *size)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] != '%' && text.at[i] != '.')
            continue;
        enum token token = token_at(span_skip(text, i), size);
        if (token != TOKEN_NONE) {
            *before = i;
            return token;
        }
    }
    *before = text.size;
    *size = 0;
    return TOKEN_NONE;
}

static bool has_token(struct span text, enum token wanted)
{
    while (text.size > 0) {
        size_t before, size;
        if (next_token(text, &before, &size) == wanted)
            return true;
        text = span_skip(text, before + size);
    }
    return false;
}

/** Adds the text with the simple tokens replaced; what a token stands for is not searched again. */
static void expand(const struct composition *composition, struct span text, struct buffer *out)
{
    while (text.size > 0) {
        size_t before, size;
        enum token token = next_token(text, &before, &size);
        bool is_simple = token < TOKEN_NEW_HEADERS;
        buffer_add(out, span_first(text, is_simple ? before : before + size));
        if (is_simple)
            buffer_add_string(out, composition->values[token]);
        text = span_skip(text, before + size);
    }
}

/* Parts */

static void add_boundary(const struct composition *composition, const char *name, const char *end,
                         struct buffer *out)
{
    buffer_printf(out, "\n--=_%s_%.40s%s\n", name, composition->plan->unique, end);
}

static void add_multipart_field(const struct composition *composition, const char *name, struct buffer *out)
{
    buffer_printf(out, "Content-Type: multipart/%s;\n boundary=\"=_%s_%.40s\"\n", name, name,
                  composition->plan->unique);
}

static void add_part(const struct message_part *part, struct buffer *out)
{
    mime_add_part_fields(out, part);
    buffer_add_char(out, '\n');
    mime_add_part_content(out, part);
}

static void add_alternatives(const struct composition *composition, struct buffer *out)
{
    for (size_t i = 0; i < composition->body_count; i++) {
        add_boundary(composition, "alternative", "", out);
        add_part(&composition->parts[i], out);
    }
    add_boundary(composition, "alternative", "--", out);
}

static void add_mixed(const struct composition *composition, struct buffer *out)
{
    add_boundary(composition, "mixed", "", out);
    if (composition->body_count > 1) {
        add_multipart_field(composition, "alternative", out);
        add_alternatives(composition, out);
    } else {
        add_part(&composition->parts[0], out);
    }
    for (size_t i = 0; i < composition->attachment_count; i++) {
        add_boundary(composition, "mixed", "", out);
        add_part(&composition->parts[composition->body_count + i], out);
    }
    add_boundary(composition, "mixed", "--", out);
}

/** What %BODY% stands for. */
static void add_body(const struct composition *composition, struct buffer *out)
{
    if (composition->attachment_count > 0)
        add_mixed(composition, out);
    else if (composition->body_count > 1)
        add_alternatives(composition, out);
    else if (composition->plan->part_count > 0)
        mime_add_part_content(out, &composition->parts[0]);
    else
        buffer_add(out, composition->parts[0].content);
}

/** The body given as text is the first alternative; the default text is there if no other body is. */
static void collect_parts(struct composition *composition)
{
    const struct message_plan *plan = composition->plan;
    composition->parts = ARENA_ARRAY(&composition->arena, struct message_part, plan->part_count + 1);
    for (size_t i = 0; i < plan->part_count; i++)
        composition->body_count += plan->parts[i].is_body;
    composition->attachment_count = plan->part_count - composition->body_count;

    size_t body = 0;
    if (plan->body.at || composition->body_count == 0) {
        struct buffer text = BUFFER_EMPTY;
        expand(composition, plan->body.at ? plan->body : SPAN("This is a test mailing"), &text);
        composition->parts[body++] = (struct message_part){
            .content = arena_copy(&composition->arena, buffer_span(&text)), .is_body = true};
        composition->body_count++;
        buffer_clear(&text);
    }
    size_t attachment = composition->body_count;
    for (size_t i = 0; i < plan->part_count; i++)
        composition->parts[plan->parts[i].is_body ? body++ : attachment++] = plan->parts[i];
}

/* Header fields */

static struct span field_name(struct span line)
{
    const char *colon = memchr(line.at, ':', line.size);
    return span_trim(span_first(line, colon ? (size_t)(colon - line.at) : 0));
}

/** ftext of RFC 5322 3.6.8. */
static bool is_field(struct span line)
{
    struct span name = field_name(line);
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.at[i] <= 0x20 || (unsigned char)name.at[i] >= 0x7f)
            return false;
    return name.size > 0;
}

static bool has_header(const struct message_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->header_count; i++)
        if (span_is_nocase(field_name(plan->headers[i].line), name))
            return true;
    return false;
}

/** The user's field that takes the place of one named so: the last of them, or NULL. */
static const struct message_header *replacement_of(const struct message_plan *plan, struct span name)
{
    for (size_t i = plan->header_count; i-- > 0;)
        if (plan->headers[i].replaces && span_equal_nocase(field_name(plan->headers[i].line), name))
            return &plan->headers[i];
    return NULL;
}

/** Adds a field that the user asked for. */
static void add_header(const struct composition *composition, const struct message_header *header)
{
    struct buffer line = BUFFER_EMPTY;
    expand(composition, header->line, &line);
    mime_add_field(composition->out, buffer_span(&line));
    buffer_add_char(composition->out, '\n');
    buffer_clear(&line);
}

/** Adds the field that takes this one's place, once; false if there is none. */
static bool add_replacement(struct composition *composition, struct span name)
{
    const struct message_plan *plan = composition->plan;
    const struct message_header *header = replacement_of(plan, name);
    if (!header)
        return false;
    size_t index = (size_t)(header - plan->headers);
    if (!composition->header_is_placed[index])
        add_header(composition, header);
    composition->header_is_placed[index] = true;
    return true;
}

/** MIME fields of our own, but those that the user gives otherwise. */
static void add_mime_headers(struct composition *composition)
{
    struct buffer fields = BUFFER_EMPTY;
    buffer_add_string(&fields, "MIME-Version: 1.0\n");
    if (composition->attachment_count > 0)
        add_multipart_field(composition, "mixed", &fields);
    else if (composition->body_count > 1)
        add_multipart_field(composition, "alternative", &fields);
    else
        mime_add_part_fields(&fields, &composition->parts[0]);

    bool skipping = false;
    struct span rest = buffer_span(&fields);
    while (rest.size > 0) {
        const char *end = memchr(rest.at, '\n', rest.size);
        struct span line = span_first(rest, (size_t)(end - rest.at) + 1);
        if (line.at[0] != ' ')
            skipping = add_replacement(composition, field_name(line));
        if (!skipping)
            buffer_add(composition->out, line);
        rest = span_skip(rest, line.size);
    }
    buffer_clear(&fields);
}

/**
 * A body of plain text is labelled only where it needs it and we write the
 * header ourselves: with --data the user knows what the text is.
 */
static bool needs_mime(const struct composition *composition)
{
    const struct message_plan *plan = composition->plan;
    return plan->part_count > 0 || (!plan->data.at && message_is_8bit(composition->parts[0].content) &&
                                    !has_header(plan, "Content-Type"));
}

/** What %NEW_HEADERS% stands for: MIME fields, then the user's that have no place yet. */
static void add_new_headers(struct composition *composition)
{
    const struct message_plan *plan = composition->plan;
    if (needs_mime(composition))
        add_mime_headers(composition);
    for (size_t i = 0; i < plan->header_count; i++) {
        if (plan->headers[i].replaces)
            add_replacement(composition, field_name(plan->headers[i].line));
        else
            add_header(composition, &plan->headers[i]);
    }
}

/* The template */

/** Adds text in which all tokens count. */
static void expand_all(struct composition *composition, struct span text)
{
    while (text.size > 0) {
        size_t before, size;
        enum token token = next_token(text, &before, &size);
        buffer_add(composition->out, span_first(text, before));
        if (token == TOKEN_NEW_HEADERS)
            add_new_headers(composition);
        else if (token == TOKEN_BODY)
            add_body(composition, composition->out);
        else if (token != TOKEN_NONE)
            buffer_add_string(composition->out, composition->values[token]);
        text = span_skip(text, before + size);
    }
}

static struct span first_line(struct span text)
{
    const char *end = memchr(text.at, '\n', text.size);
    return span_first(text, end ? (size_t)(end - text.at) + 1 : text.size);
}

/**
 * Adds the header section of the template, with fields replaced.
 * @return what follows it: the empty line and the body
 */
static struct span add_header_section(struct composition *composition)
{
    struct span rest = composition->template;
    bool skipping = false;
    while (rest.size > 0) {
        struct span line = first_line(rest);
        size_t size;
        if (token_at(line, &size) == TOKEN_NEW_HEADERS) {
            add_new_headers(composition);
            rest = span_skip(rest, size);
            continue;
        }
        bool is_folded = line.at[0] == ' ' || line.at[0] == '\t';
        if (!is_folded && !is_field(line))
            break;
        if (!is_folded)
            skipping = add_replacement(composition, field_name(line));
        if (!skipping)
            expand_all(composition, line);
        rest = span_skip(rest, line.size);
    }
    return rest;
}

static bool ends_with_newline(const struct buffer *text)
{
    return text->size == 0 || text->data[text->size - 1] == '\n';
}

/** Adds the new fields at the end of a header section that does not say where they belong. */
static void append_new_headers(struct composition *composition, struct span rest)
{
    struct buffer *out = composition->out;
    size_t before = out->size;
    if (!ends_with_newline(out))
        buffer_add_char(out, '\n');
    size_t start = out->size;
    add_new_headers(composition);
    if (out->size == start)
        buffer_truncate(out, before);
    else if (rest.size > 0 && rest.at[0] != '\n')
        buffer_add_char(out, '\n');
}

static void compose(struct composition *composition)
{
    struct span rest = add_header_section(composition);
    if (!has_token(composition->template, TOKEN_NEW_HEADERS))
        append_new_headers(composition, rest);
    expand_all(composition, rest);
}

/** Copies the user's data with LF line ends; a CR by itself is the wire form's matter (body.h). */
static struct span normalise(struct span data, struct arena *arena)
{
    char *copy = arena_allocate(arena, data.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < data.size; i++)
        if (data.at[i] != '\r' || i + 1 == data.size || data.at[i + 1] != '\n')
            copy[size++] = data.at[i];
    return span_of(copy, size);
}

/** A message copied out of a session ends with the dot that ended it there. */
static struct span without_final_dot(struct span data)
{
    size_t size = data.size;
    if (size > 0 && data.at[size - 1] == '\n')
        size--;
    bool is_alone = size > 0 && data.at[size - 1] == '.' && (size == 1 || data.at[size - 2] == '\n');
    return is_alone ? span_first(data, size - 1) : data;
}

static struct span user_template(const struct message_plan *plan, struct arena *arena)
{
    struct span data = without_final_dot(normalise(plan->data, arena));
    if (!plan->keep_from_line && span_starts_with(data, "From "))
        data = span_skip(data, first_line(data).size);
    return data;
}

static struct span default_template(const struct message_plan *plan, struct arena *arena)
{
    return span_of_string(arena_printf(arena,
                                       "Date: %%DATE%%\n"
                                       "To: %%TO_ADDRESS%%\n"
                                       "%s"
                                       "From: %%FROM_ADDRESS%%\n"
                                       "Subject: test %%DATE%%\n"
                                       "Message-Id: <%%MESSAGEID%%>\n"
                                       "X-Mailer: %s\n"
                                       "%%NEW_HEADERS%%\n"
                                       "%%BODY%%\n",
                                       plan->cc ? "Cc: %CC_ADDRESS%\n" : "", plan->mailer));
}

/* Set-up and checks */

/**
 * A list of addresses as header fields show it. If A-labels can stand in for
 * characters beyond ASCII they do, so that the header demands SMTPUTF8 only
 * where an address does; a long list is folded.
 */
static const char *address_list(const char *list, struct arena *arena)
{
    struct span text = span_of_string(list);
    struct mailbox *mailboxes;
    size_t count;
    struct error ignored = ERROR_NONE;
    if ((!message_is_8bit(text) && text.size <= UNFOLDED_LIMIT) ||
        !mailbox_parse_list(&mailboxes, &count, text, arena, &ignored))
        return list;
    struct buffer joined = BUFFER_EMPTY;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_string(&joined, text.size > UNFOLDED_LIMIT ? ",\n " : ", ");
        buffer_add(&joined, mailboxes[i].wire);
    }
    const char *copy = arena_copy_string(arena, buffer_string(&joined));
    buffer_clear(&joined);
    return copy;
}

static void set_values(struct composition *composition)
{
    const struct message_plan *plan = composition->plan;
    struct arena *arena = &composition->arena;
    const char **values = composition->values;
    values[TOKEN_FROM_ADDRESS] = *plan->from ? address_list(plan->from, arena) : "<>";
    values[TOKEN_TO_ADDRESS] = address_list(plan->to, arena);
    values[TOKEN_CC_ADDRESS] = plan->cc ? address_list(plan->cc, arena) : "";
    values[TOKEN_BCC_ADDRESS] = plan->bcc ? address_list(plan->bcc, arena) : "";
    values[TOKEN_DATE] = message_date(plan->now, arena);
    values[TOKEN_MESSAGEID] = arena_printf(arena, "%s@%s", plan->unique, plan->helo);
    values[TOKEN_SMTPPROBE_VERSION] = PACKAGE_VERSION;
    values[TOKEN_SWAKS_VERSION] = PACKAGE_VERSION;
    values[TOKEN_NEWLINE] = "\n";
}

/** One field, perhaps folded, that cannot end the header. */
static bool check_header(struct span line, struct error *error)
{
    if (!is_field(line))
        return error_set(
            error, "a header field has the form \"Name: text\", with a name of visible ASCII characters");
    for (size_t i = 0; i < line.size; i++) {
        char c = line.at[i];
        bool folds = c == '\n' && i + 1 < line.size && (line.at[i + 1] == ' ' || line.at[i + 1] == '\t');
        if (c == '\0' || c == '\r' || (c == '\n' && !folds))
            return error_set(error,
                             "the header field %.*s holds a line end or NUL; give each field by itself",
                             SPAN_ARGS(field_name(line)));
    }
    return true;
}

static bool check_part(const struct message_part *part, struct error *error)
{
    for (const char *c = part->type; c && *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
            return error_set(error, "the type of an attachment is visible ASCII, such as application/pdf");
    if (part->type && !strchr(part->type, '/'))
        return error_set(error, "\"%s\" is no type for an attachment; it has a slash, as in application/pdf",
                         part->type);
    if (part->name && strlen(part->name) > FILE_NAME_LIMIT)
        return error_set(error, "the name of an attachment has more than %d octets", FILE_NAME_LIMIT);
    return true;
}

static bool check(const struct composition *composition, struct error *error)
{
    const struct message_plan *plan = composition->plan;
    for (size_t i = 0; i < plan->header_count; i++)
        if (!check_header(plan->headers[i].line, error))
            return false;
    for (size_t i = 0; i < plan->part_count; i++)
        if (!check_part(&plan->parts[i], error))
            return false;
    if ((plan->body.at || plan->part_count > 0) && !has_token(composition->template, TOKEN_BODY))
        return error_set(error,
                         "the data leave no place for a body or attachments; put %%BODY%% where they belong, "
                         "or leave --data away");
    return true;
}

bool message_build(const struct message_plan *plan, struct buffer *out, struct error *error)
{
    if (plan->raw && plan->data.at) {
        buffer_add(out, plan->data);
        return true;
    }
    struct composition composition = {.plan = plan, .arena = ARENA_EMPTY, .out = out};
    struct arena *arena = &composition.arena;
    composition.template = plan->data.at ? user_template(plan, arena) : default_template(plan, arena);
    composition.header_is_placed = ARENA_ARRAY(arena, bool, plan->header_count);
    bool is_sound = check(&composition, error);
    if (is_sound) {
        set_values(&composition);
        collect_parts(&composition);
        compose(&composition);
    }
    arena_clear(arena);
    return is_sound;
}

bool message_is_8bit(struct span message)
{
    return !span_is_ascii(message);
}

bool message_has_utf8_header(struct span message)
{
    while (message.size > 0) {
        struct span line = first_line(message);
        if (line.at[0] == '\n' || span_is(line, "\r\n"))
            return false;
        if (message_is_8bit(line))
            return true;
        message = span_skip(message, line.size);
    }
    return false;
}

char *message_date(time_t now, struct arena *arena)
{
    /* Not strftime(), whose names of days and months follow the locale. */
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm local = {0};
    localtime_r(&now, &local);
    long offset = local.tm_gmtoff / 60;
    long distance = offset < 0 ? -offset : offset;
    return arena_printf(arena, "%s, %02d %s %04d %02d:%02d:%02d %c%02ld%02ld", days[local.tm_wday],
                        local.tm_mday, months[local.tm_mon], local.tm_year + 1900, local.tm_hour,
                        local.tm_min, local.tm_sec, offset < 0 ? '-' : '+', distance / 60, distance % 60);
}
