/* Each reply with what it means, as in the probe's transcript. */
#include "report/explained.h"

#include "base/memory.h"
#include "base/printable.h"
#include "explain/answer.h"
#include "report/commentary.h"
#include "report/layout.h"
#include "report/paint.h"

#include <stdlib.h>

struct text_explained {
    struct explained_reporter base;
    const struct explained_settings *settings;
    struct arena arena;            /* of one item */
    unsigned long long bare_lines; /* of files, without a reply */
    bool has_complained;
};

static void put(struct text_explained *reporter, enum paint paint, struct buffer *lines)
{
    const struct report_settings *report = reporter->settings->report;
    reporter->base.failed |= !paint_lines(report->out, paint, report->colour, buffer_span(lines));
    buffer_clear(lines);
}

/* Where it stood */

static void add_place(struct buffer *line, const struct text_explained *reporter, const char *source,
                      const struct explain_item *item)
{
    bool is_message = item->input.size == 0;
    if (source && reporter->settings->names_files)
        printable_add(line, span_of_string(source), NULL);
    else if (!is_message)
        buffer_add_string(line, "line");
    if (!is_message)
        buffer_printf(line, "%s%zu", source && reporter->settings->names_files ? ":" : " ", item->first_line);
}

static void add_detail(struct buffer *line, const char *lead, const char *value)
{
    if (!value)
        return;
    buffer_printf(line, "%s%s ", line->size > 0 ? ", " : "", lead);
    printable_add(line, span_of_string(value), NULL);
}

/** "line 12: at RCPT TO, from mx.example.com, for user@example.com" */
static void put_place(struct text_explained *reporter, const char *source, const struct explain_item *item)
{
    struct buffer line = BUFFER_EMPTY, details = BUFFER_EMPTY;
    const struct explain_context *context = &item->context;
    if (source)
        add_place(&line, reporter, source, item);
    add_detail(&details, "at", context->stage >= 0 ? stage_words[context->stage].title : NULL);
    add_detail(&details, item->speaker == SPEAKER_LISTENER ? "from this server, asked as" : "from",
               context->host);
    add_detail(&details, "for", context->recipient);
    add_detail(&details, "delivery", item_action_name(item->action));
    if (line.size > 0 && details.size > 0)
        buffer_add_string(&line, ": ");
    buffer_add(&line, buffer_span(&details));
    if (line.size > 0)
        put(reporter, PAINT_DIM, &line);
    buffer_clear(&line);
    buffer_clear(&details);
}

/* What was said */

static const char *prefix_of(const struct explain_item *item, const struct explanation *explanation)
{
    if (item->kind == ITEM_LOCAL)
        return "log ";
    return summary_is_success(explanation->cause) ? "<-  " : "<** ";
}

/** Codes alone were typed by the user, who needs no echo. */
static bool has_words(const struct explain_item *item)
{
    return item->reply.line_count > 1 || (item->reply.line_count == 1 && item->reply.lines[0].size > 0);
}

static void put_reply(struct text_explained *reporter, const struct explain_item *item,
                      const struct explanation *explanation)
{
    struct span rest = item->text, line;
    struct buffer shown = BUFFER_EMPTY;
    while (span_next_token(&rest, "\r\n", &line)) {
        buffer_add_string(&shown, prefix_of(item, explanation));
        printable_add(&shown, line, NULL);
        buffer_add_char(&shown, '\n');
    }
    if (shown.size > 0)
        put(reporter, summary_is_success(explanation->cause) ? PAINT_PLAIN : PAINT_RED, &shown);
    buffer_clear(&shown);
}

/* What it means */

static void put_rule(struct text_explained *reporter, const struct explanation *explanation)
{
    struct buffer line = BUFFER_EMPTY;
    if (!explanation->rule)
        return;
    buffer_printf(&line, "  #   By rule %s (%s)", explanation->rule,
                  confidence_name(explanation->confidence));
    if (explanation->software) {
        buffer_add_string(&line, ", software ");
        printable_add(&line, span_of_string(explanation->software), NULL);
    }
    put(reporter, PAINT_DIM, &line);
}

static void put_variants(struct text_explained *reporter, const struct commentary *words,
                         const struct explanation *explanation)
{
    struct buffer block = BUFFER_EMPTY;
    if (explanation->variant_count == 0)
        return;
    commentary_add_text(&block, words, "", "It may also be one of these; words of the reply tell which:");
    for (size_t i = 0; i < explanation->variant_count; i++) {
        const struct explanation *variant = explanation->variants[i];
        commentary_add_text(
            &block, words, "- ",
            arena_printf(&reporter->arena, "%s (%s)", variant->title, cause_name(variant->cause)));
    }
    put(reporter, PAINT_PLAIN, &block);
}

static void put_explanation(struct text_explained *reporter, const struct explanation *explanation)
{
    const struct report_settings *report = reporter->settings->report;
    struct commentary words = {NULL, (size_t)report->width, "  # ", "  #   "};
    bool is_success = summary_is_success(explanation->cause) && explanation->advice_count == 0;
    struct buffer block = BUFFER_EMPTY;
    commentary_add_title(&block, &words, explanation);
    put(reporter, is_success ? PAINT_CYAN : PAINT_BOLD, &block);
    if (report->quiet || (is_success && !report->verbose && explanation->variant_count == 0))
        return;
    commentary_add_body(&block, &words, explanation);
    put(reporter, PAINT_PLAIN, &block);
    put_variants(reporter, &words, explanation);
    if (report->verbose)
        put_rule(reporter, explanation);
}

/* A line without a reply is none of the user's concern; an object or a message that holds none is. */
static void complain(struct text_explained *reporter, const char *source, const struct explain_item *item)
{
    if (item->lack == LACK_REPLY && source)
        reporter->bare_lines++;
    if (item->lack == LACK_NONE || item->lack == LACK_REPLY)
        return;
    struct buffer place = BUFFER_EMPTY;
    reporter->has_complained = true;
    if (source)
        printable_add(&place, span_of_string(*source ? source : "standard input"), NULL);
    if (item->input.size > 0)
        buffer_printf(&place, ":%zu", item->first_line);
    fprintf(reporter->settings->report->errors, "*** %s%s%s.\n", buffer_string(&place), source ? ": " : "",
            item_lack_title(item->lack));
    buffer_clear(&place);
}

static void tell(struct explained_reporter *base, const char *source, const struct explain_item *item,
                 const struct explanation *explanation)
{
    struct text_explained *reporter = (struct text_explained *)base;
    const struct report_settings *report = reporter->settings->report;
    if (!explanation)
        explanation = explain_item(reporter->settings->report->catalog, item, &reporter->arena);
    if (!explanation) {
        complain(reporter, source, item);
        return;
    }
    bool is_hidden = report->quiet && summary_is_success(explanation->cause);
    if (!is_hidden) {
        if (base->explained > 0 && !report->quiet)
            reporter->base.failed |= fputc('\n', report->out) == EOF;
        put_place(reporter, source, item);
        if (source || has_words(item))
            put_reply(reporter, item, explanation);
        put_explanation(reporter, explanation);
    }
    base->explained++;
    arena_clear(&reporter->arena);
}

/** Silence would leave it open whether all is well, or this is no log. */
static void complain_of_silence(const struct text_explained *reporter)
{
    const struct report_settings *report = reporter->settings->report;
    if (reporter->base.explained == 0 && reporter->bare_lines > 0 && !reporter->has_complained &&
        !report->quiet)
        fprintf(report->errors, "*** No reply of a mail server in %llu line%s.\n", reporter->bare_lines,
                reporter->bare_lines == 1 ? "" : "s");
}

static bool finish(struct explained_reporter *base)
{
    struct text_explained *reporter = (struct text_explained *)base;
    complain_of_silence(reporter);
    return fflush(reporter->settings->report->out) == 0 && !reporter->base.failed;
}

static void close_reporter(struct explained_reporter *base)
{
    arena_clear(&((struct text_explained *)base)->arena);
    free(base);
}

struct explained_reporter *explained_text_open(const struct explained_settings *settings)
{
    struct text_explained *reporter = memory_allocate(sizeof *reporter);
    reporter->base = (struct explained_reporter){tell, finish, close_reporter, 0, false};
    reporter->settings = settings;
    return &reporter->base;
}
