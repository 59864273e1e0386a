#include "cli/settings.h"

#include "base/memory.h"
#include "base/random.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* --- Contents (swaks' From-File rules) --- */

enum { CONTENT_LIMIT = 1 << 30, CONTENT_PIECE = 64 * 1024 };

struct contents {
    struct settings *settings;
    struct option_values *values;
    struct error *error;
    struct span standard_input; /* read once, shared by all who name it */
    bool read_standard_input;
};

static bool read_descriptor(int fd, struct buffer *out)
{
    for (;;) {
        ssize_t count = read(fd, buffer_room(out, CONTENT_PIECE), CONTENT_PIECE);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        buffer_grown(out, (size_t)count);
        if (count == 0)
            return true;
        if (out->size > CONTENT_LIMIT) {
            errno = EFBIG;
            return false;
        }
    }
}

/** Moves the octets into the arena, where they live as long as the settings. */
static struct span keep(struct contents *contents, struct buffer *buffer)
{
    struct span span = arena_copy(&contents->settings->arena, buffer_span(buffer));
    buffer_clear(buffer);
    return span;
}

static bool read_file(struct contents *contents, const struct option_mention *mention, const char *path,
                      struct span *out)
{
    struct buffer buffer = BUFFER_EMPTY;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && read_descriptor(fd, &buffer);
    int error_number = errno;
    if (fd >= 0)
        close(fd);
    *out = keep(contents, &buffer);
    return ok || options_complain(contents->values, mention, contents->error, "%s cannot be read: %s", path,
                                  strerror(error_number));
}

static bool read_standard_input(struct contents *contents, const struct option_mention *mention,
                                struct span *out)
{
    struct buffer buffer = BUFFER_EMPTY;
    if (!contents->read_standard_input) {
        if (!read_descriptor(STDIN_FILENO, &buffer))
            return options_complain(contents->values, mention, contents->error,
                                    "standard input cannot be read: %s", strerror(errno));
        contents->standard_input = keep(contents, &buffer);
        contents->read_standard_input = true;
    }
    *out = contents->standard_input;
    return true;
}

/** In text given on the command line "\n" begins a new line; in files everything stays as it is. */
static struct span expand_escapes(struct arena *arena, struct span text)
{
    char *octets = arena_allocate(arena, text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '\\' && i + 1 < text.size && text.at[i + 1] == 'n') {
            octets[size++] = '\n';
            i++;
        } else {
            octets[size++] = text.at[i];
        }
    }
    return span_of(octets, size);
}

static bool read_content(struct contents *contents, const struct option_mention *mention, struct span *out)
{
    const char *text = mention->text;
    if (strcmp(text, "-") == 0)
        return read_standard_input(contents, mention, out);
    if (text[0] == '@' && text[1] != '@')
        return read_file(contents, mention, text + 1, out);
    *out = expand_escapes(&contents->settings->arena, span_of_string(text[0] == '@' ? text + 1 : text));
    return true;
}

static bool content_of(struct contents *contents, enum option_id option, struct span *out)
{
    const struct option_mention *mention = options_find(contents->values, option);
    return !mention || read_content(contents, mention, out);
}

/* --- Header fields --- */

static bool is_field(struct span line)
{
    size_t name = 0;
    while (name < line.size && line.at[name] > ' ' && line.at[name] < 127 && line.at[name] != ':')
        name++;
    return name > 0 && name < line.size && line.at[name] == ':' && !memchr(line.at, '\r', line.size) &&
           !memchr(line.at, '\0', line.size);
}

static void add_header(struct settings *settings, size_t *capacity, struct span line, bool replaces)
{
    struct message_plan *message = &settings->message;
    struct message_header *all = arena_grow(&settings->arena, (void *)(uintptr_t)message->headers,
                                            message->header_count, capacity, sizeof *all);
    all[message->header_count++] = (struct message_header){line, replaces};
    message->headers = all;
}

static bool add_headers(struct contents *contents, const struct option_mention *mention, size_t *capacity)
{
    struct span text = expand_escapes(&contents->settings->arena, span_of_string(mention->text)), line;
    bool is_first = true;
    while (span_next_token(&text, "\n", &line)) {
        bool continues = !is_first && (line.at[0] == ' ' || line.at[0] == '\t');
        is_first = false;
        if (!continues && !is_field(line))
            return options_complain(contents->values, mention, contents->error,
                                    "a header field has the form `Name: value', the name without blanks");
        add_header(contents->settings, capacity, line, mention->id == OPTION_HEADER);
    }
    return true;
}

static bool set_headers(struct contents *contents)
{
    size_t capacity = 0;
    const struct option_mention *mention = NULL;
    while ((mention = options_next(contents->values, OPTION_COUNT, mention)))
        if ((mention->id == OPTION_HEADER || mention->id == OPTION_ADD_HEADER) && mention->text &&
            !add_headers(contents, mention, &capacity))
            return false;
    return true;
}

/* --- Parts --- */

/** A type or file name becomes part of a header field. */
static bool check_part_word(struct contents *contents, const struct option_mention *mention)
{
    for (const char *c = mention->text; c && *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            return options_complain(contents->values, mention, contents->error,
                                    "control characters cannot stand in a header field");
    return true;
}

static const char *file_name_of(const struct option_mention *mention)
{
    const char *slash = strrchr(mention->text, '/');
    if (mention->text[0] != '@' || mention->text[1] == '@')
        return NULL;
    return slash ? slash + 1 : mention->text + 1;
}

struct part_words {
    const char *type, *name;
    bool has_name;
};

static bool add_part(struct contents *contents, const struct option_mention *mention,
                     struct part_words *words, size_t *capacity)
{
    struct message_plan *message = &contents->settings->message;
    struct message_part part = {
        .type = words->type,
        .name = words->has_name ? words->name : file_name_of(mention),
        .is_body = mention->id == OPTION_ATTACH_BODY,
    };
    if (!read_content(contents, mention, &part.content))
        return false;
    if (part.is_body) {
        part.name = NULL;
        words->type = NULL; /* swaks forgets the type after each part of the body */
    }
    words->has_name = false;
    struct message_part *all = arena_grow(&contents->settings->arena, (void *)(uintptr_t)message->parts,
                                          message->part_count, capacity, sizeof *all);
    all[message->part_count++] = part;
    message->parts = all;
    return true;
}

static bool set_parts(struct contents *contents)
{
    struct part_words words = {NULL, NULL, false};
    size_t capacity = 0;
    const struct option_mention *mention = NULL;
    while ((mention = options_next(contents->values, OPTION_COUNT, mention))) {
        bool is_part = mention->id == OPTION_ATTACH || mention->id == OPTION_ATTACH_BODY;
        bool is_word = mention->id == OPTION_ATTACH_TYPE || mention->id == OPTION_ATTACH_NAME;
        if (is_word && !check_part_word(contents, mention))
            return false;
        if (mention->id == OPTION_ATTACH_TYPE) {
            words.type = mention->text;
        } else if (mention->id == OPTION_ATTACH_NAME) {
            words.name = mention->text;
            words.has_name = true;
        } else if (is_part && !add_part(contents, mention, &words, &capacity)) {
            return false;
        }
    }
    return true;
}

/* --- The message --- */

bool settings_build_message(struct settings *settings, const char *helo, struct error *error)
{
    struct plan *plan = &settings->plan;
    settings->message.from = plan->sender->is_null ? "" : arena_copy(&settings->arena, plan->sender->text).at;
    settings->message.helo = helo;
    buffer_truncate(&settings->message_text, 0);
    if (!message_build(&settings->message, &settings->message_text, error))
        return false;
    plan->message = buffer_span(&settings->message_text);
    plan->message_is_8bit = message_is_8bit(plan->message);
    plan->needs_smtputf8 = plan->sender->needs_smtputf8 || message_has_utf8_header(plan->message);
    for (size_t i = 0; i < plan->recipient_count; i++)
        plan->needs_smtputf8 |= plan->recipients[i].needs_smtputf8;
    return true;
}

bool settings_make_message(struct settings *settings, struct option_values *values, struct error *error)
{
    struct message_plan *message = &settings->message;
    struct contents contents = {.settings = settings, .values = values, .error = error};
    const char *to = options_text(values, OPTION_TO);
    message->to = to ? to : "";
    message->cc = options_text(values, OPTION_CC);
    message->bcc = options_text(values, OPTION_BCC);
    message->mailer = "smtpprobe v" PACKAGE_VERSION;
    message->now = time(NULL);
    message->unique = arena_printf(&settings->arena, "%lld.%016llx", (long long)message->now,
                                   (unsigned long long)random_number());
    message->raw = settings->plan.raw_message = options_given(values, OPTION_NO_DATA_FIXUP);
    message->keep_from_line = options_given(values, OPTION_NO_STRIP_FROM);
    return content_of(&contents, OPTION_DATA, &message->data) &&
           content_of(&contents, OPTION_BODY, &message->body) && set_headers(&contents) &&
           set_parts(&contents) &&
           settings_build_message(settings, settings->helo_is_known ? settings->plan.helo : "localhost",
                                  error);
}
