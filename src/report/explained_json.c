/* One JSON object a line, in the order of the input. */
#include "report/explained.h"

#include "base/json.h"
#include "base/memory.h"
#include "explain/answer.h"
#include "report/explanation_json.h"

#include <stdlib.h>

struct json_explained {
    struct explained_reporter base;
    const struct explained_settings *settings;
    struct arena arena;     /* of one item */
    struct buffer no_reply; /* a line without reply as it is told, behind its number */
    const char *no_reply_source;
};

static json_t *enhanced(struct enhanced_status status)
{
    char text[ENHANCED_STATUS_TEXT_SIZE];
    return status.class ? json_own_text(enhanced_status_format(status, text)) : json_null();
}

static json_t *reply_object(const struct explain_item *item)
{
    if (item->kind != ITEM_REPLY)
        return json_null();
    json_t *object = json_object(), *lines = json_array();
    for (size_t i = 0; i < item->reply.line_count; i++)
        json_array_append_new(lines, json_text(item->reply.lines[i], NULL));
    json_object_set_new(object, "code", item->reply.code ? json_integer(item->reply.code) : json_null());
    json_object_set_new(object, "enhanced", enhanced(item->reply.enhanced));
    json_object_set_new(object, "lines", lines);
    return object;
}

static void set_place(json_t *object, const char *source, const struct explain_item *item)
{
    const struct explain_context *context = &item->context;
    if (source)
        json_object_set_new(object, "file", json_own_text(source));
    json_object_set_new(object, "stage",
                        context->stage >= 0 ? json_own_text(stage_name(context->stage)) : json_null());
    json_object_set_new(object, "host", json_own_text(context->host));
    json_object_set_new(object, "recipient", json_own_text(context->recipient));
    json_object_set_new(object, "action", json_own_text(item_action_name(item->action)));
    if (item->kind == ITEM_LOCAL)
        json_object_set_new(object, "local", json_text(item->text, NULL));
}

static json_t *variants(const struct explanation *explanation)
{
    json_t *array = json_array();
    for (size_t i = 0; i < explanation->variant_count; i++) {
        json_t *object = json_object();
        explanation_set_json(object, explanation->variants[i], NULL);
        json_array_append_new(array, object);
    }
    return array;
}

static void set_lack(json_t *object, const struct explain_item *item)
{
    json_object_set_new(object, "known", json_false());
    json_object_set_new(object, "cause", json_own_text(cause_name(CAUSE_UNKNOWN)));
    json_object_set_new(object, "title", json_own_text(item_lack_title(item->lack)));
    json_object_set_new(object, "advice", json_array());
}

static void put(struct json_explained *reporter, json_t *object)
{
    struct buffer line = BUFFER_EMPTY;
    FILE *out = reporter->settings->report->out;
    json_write(object, false, &line);
    buffer_add_char(&line, '\n');
    reporter->base.failed |= fwrite(line.data, 1, line.size, out) != line.size;
    buffer_clear(&line);
}

static json_t *object_of(const char *source, const struct explain_item *item,
                         const struct explanation *explanation)
{
    json_t *object = json_object();
    json_object_set_new(object, "input", json_integer(0));
    json_object_set_new(object, "reply", reply_object(item));
    set_place(object, source, item);
    if (explanation) {
        explanation_set_json(object, explanation, NULL);
        json_object_set_new(object, "variants", variants(explanation));
    } else {
        set_lack(object, item);
    }
    return object;
}

/* Lines without a reply, most lines of a log: nothing but their number differs */

static bool is_bare_line(const struct explain_item *item)
{
    const struct explain_context *context = &item->context;
    return item->lack == LACK_REPLY && context->stage < 0 && !context->host && !context->recipient;
}

static void keep_bare_line(struct json_explained *reporter, const char *source,
                           const struct explain_item *item)
{
    struct buffer whole = BUFFER_EMPTY;
    json_t *object = object_of(source, item, NULL);
    json_write(object, false, &whole);
    json_decref(object);
    buffer_truncate(&reporter->no_reply, 0);
    buffer_add(&reporter->no_reply, span_skip(buffer_span(&whole), strlen("{\"input\":0")));
    reporter->no_reply_source = source;
    buffer_clear(&whole);
}

static void tell_bare_line(struct json_explained *reporter, const char *source,
                           const struct explain_item *item)
{
    FILE *out = reporter->settings->report->out;
    if (reporter->no_reply.size == 0 || source != reporter->no_reply_source)
        keep_bare_line(reporter, source, item);
    reporter->base.failed |=
        fprintf(out, "{\"input\":%zu%s\n", item->first_line, buffer_string(&reporter->no_reply)) < 0;
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
    json_t *object = object_of(source, item, explanation);
    base->explained += explanation != NULL;
    for (size_t line = item->first_line; line <= item->last_line && !base->failed; line++) {
        json_object_set_new(object, "input", json_integer((json_int_t)line));
        put(reporter, object);
    }
    json_decref(object);
    arena_clear(&reporter->arena);
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
