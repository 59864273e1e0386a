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
    struct arena arena; /* of one item */
};

static json_t *string(const char *value)
{
    return value ? json_text(span_of_string(value), NULL) : json_null();
}

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
        json_object_set_new(object, "file", string(source));
    json_object_set_new(object, "stage",
                        context->stage >= 0 ? json_own_text(stage_name(context->stage)) : json_null());
    json_object_set_new(object, "host", string(context->host));
    json_object_set_new(object, "recipient", string(context->recipient));
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

/** Each line of a reply in several lines gets the answer of the whole. */
static void tell(struct explained_reporter *base, const char *source, const struct explain_item *item,
                 const struct explanation *explanation)
{
    struct json_explained *reporter = (struct json_explained *)base;
    if (!explanation)
        explanation = explain_item(reporter->settings->report->catalog, item, &reporter->arena);
    json_t *object = json_object();
    json_object_set_new(object, "input", json_null());
    json_object_set_new(object, "reply", reply_object(item));
    set_place(object, reporter->settings->names_files ? source : NULL, item);
    if (explanation) {
        explanation_set_json(object, explanation, NULL);
        json_object_set_new(object, "variants", variants(explanation));
        base->explained++;
    } else {
        set_lack(object, item);
    }
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
    arena_clear(&((struct json_explained *)base)->arena);
    free(base);
}

struct explained_reporter *explained_json_open(const struct explained_settings *settings)
{
    struct json_explained *reporter = memory_allocate(sizeof *reporter);
    reporter->base = (struct explained_reporter){tell, finish, close_reporter, 0, false};
    reporter->settings = settings;
    return &reporter->base;
}
