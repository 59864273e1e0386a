/* One JSON object a line, in the order of the input. */
#include "report/explained.h"

#include "base/memory.h"
#include "explain/answer.h"
#include "report/explanation_json.h"

#include <stdlib.h>

struct json_explained {
    struct explained_reporter base;
    const struct explained_settings *settings;
    struct arena arena;        /* of one item */
    struct json_writer writer; /* of one item: all but the number of its line, which stands in front */
    struct buffer no_reply;    /* the same of a line without reply */
    const char *no_reply_source;
};

/* What was read */

static void write_enhanced(struct json_writer *out, struct enhanced_status status)
{
    char text[ENHANCED_STATUS_TEXT_SIZE];
    json_writer_own_member(out, "enhanced", status.class ? enhanced_status_format(status, text) : NULL);
}

static void write_reply(struct json_writer *out, const struct explain_item *item)
{
    json_writer_key(out, "reply");
    if (item->kind != ITEM_REPLY) {
        json_writer_literal(out, "null");
        return;
    }
    json_writer_begin(out, '{');
    json_writer_key(out, "code");
    if (item->reply.code)
        json_writer_number(out, item->reply.code);
    else
        json_writer_literal(out, "null");
    write_enhanced(out, item->reply.enhanced);
    json_writer_key(out, "lines");
    json_writer_begin(out, '[');
    for (size_t i = 0; i < item->reply.line_count; i++)
        json_writer_text(out, item->reply.lines[i]);
    json_writer_end(out, ']');
    json_writer_end(out, '}');
}

static void write_place(struct json_writer *out, const char *source, const struct explain_item *item)
{
    const struct explain_context *context = &item->context;
    if (source)
        json_writer_own_member(out, "file", source);
    json_writer_own_member(out, "stage", context->stage >= 0 ? stage_name(context->stage) : NULL);
    json_writer_own_member(out, "host", context->host);
    json_writer_own_member(out, "recipient", context->recipient);
    json_writer_own_member(out, "action", item_action_name(item->action));
    if (item->kind == ITEM_LOCAL) {
        json_writer_key(out, "local");
        json_writer_text(out, item->text);
    }
}

/* What is said of it */

static void write_variants(struct json_writer *out, const struct explanation *explanation)
{
    json_writer_key(out, "variants");
    json_writer_begin(out, '[');
    for (size_t i = 0; i < explanation->variant_count; i++) {
        json_writer_begin(out, '{');
        explanation_write_json(out, explanation->variants[i]);
        json_writer_end(out, '}');
    }
    json_writer_end(out, ']');
}

static void write_lack(struct json_writer *out, const struct explain_item *item)
{
    json_writer_key(out, "known");
    json_writer_literal(out, "false");
    json_writer_own_member(out, "cause", cause_name(CAUSE_UNKNOWN));
    json_writer_own_member(out, "title", item_lack_title(item->lack));
    json_writer_key(out, "advice");
    json_writer_begin(out, '[');
    json_writer_end(out, ']');
}

/** The object of an item without what it begins with, the number of its line. */
static struct span write_item(struct json_writer *out, const char *source, const struct explain_item *item,
                              const struct explanation *explanation)
{
    buffer_truncate(&out->out, 0);
    out->wants_comma = true;
    write_reply(out, item);
    write_place(out, source, item);
    if (explanation) {
        explanation_write_json(out, explanation);
        write_variants(out, explanation);
    } else {
        write_lack(out, item);
    }
    json_writer_end(out, '}');
    buffer_add_char(&out->out, '\n');
    return buffer_span(&out->out);
}

static void put(struct json_explained *reporter, size_t line, struct span rest)
{
    FILE *out = reporter->settings->report->out;
    reporter->base.failed |=
        fprintf(out, "{\"input\":%zu", line) < 0 || fwrite(rest.at, 1, rest.size, out) != rest.size;
}

/* Lines without a reply, most lines of a log: nothing but their number differs */

static bool is_bare_line(const struct explain_item *item)
{
    const struct explain_context *context = &item->context;
    return item->lack == LACK_REPLY && context->stage < 0 && !context->host && !context->recipient;
}

static void tell_bare_line(struct json_explained *reporter, const char *source,
                           const struct explain_item *item)
{
    if (reporter->no_reply.size == 0 || source != reporter->no_reply_source) {
        buffer_truncate(&reporter->no_reply, 0);
        buffer_add(&reporter->no_reply, write_item(&reporter->writer, source, item, NULL));
        reporter->no_reply_source = source;
    }
    put(reporter, item->first_line, buffer_span(&reporter->no_reply));
}

/** Each line of a reply in several lines gets the answer of the whole. */
static void tell(struct explained_reporter *base, const char *source, const struct explain_item *item,
                 const struct explanation *explanation)
{
    struct json_explained *reporter = (struct json_explained *)base;
    source = reporter->settings->names_files ? source : NULL;
    if (!explanation)
        explanation = explain_item(reporter->settings->report->catalog, item, &reporter->arena);
    if (!explanation && is_bare_line(item)) {
        tell_bare_line(reporter, source, item);
        return;
    }
    struct span rest = write_item(&reporter->writer, source, item, explanation);
    base->explained += explanation != NULL;
    for (size_t line = item->first_line; line <= item->last_line && !base->failed; line++)
        put(reporter, line, rest);
    arena_reset(&reporter->arena);
}

static bool finish(struct explained_reporter *base)
{
    struct json_explained *reporter = (struct json_explained *)base;
    return fflush(reporter->settings->report->out) == 0 && !reporter->base.failed;
}

static void close_reporter(struct explained_reporter *base)
{
    struct json_explained *reporter = (struct json_explained *)base;
    arena_clear(&reporter->arena);
    json_writer_clear(&reporter->writer);
    buffer_clear(&reporter->no_reply);
    free(reporter);
}

struct explained_reporter *explained_json_open(const struct explained_settings *settings)
{
    struct json_explained *reporter = memory_allocate(sizeof *reporter);
    reporter->base = (struct explained_reporter){tell, finish, close_reporter, 0, false};
    reporter->settings = settings;
    return &reporter->base;
}
