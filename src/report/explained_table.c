/* How many of each cause came from each provider, and what to do about the most frequent. */
#include "report/explained.h"

#include "base/memory.h"
#include "base/printable.h"
#include "report/commentary.h"
#include "report/paint.h"

#include <stdlib.h>

enum {
    ADVICE_CELLS = 5, /* kinds of trouble with advice of their own */
    NAME_WIDTH = 28,  /* of the longest name in a column */
};

/** As wide as what stands in them; 0: left out. */
struct columns {
    size_t count, cause, provider, title, who;
};

struct table_explained {
    struct explained_reporter base;
    const struct explained_settings *settings;
    struct summary summary;
};

static void tell(struct explained_reporter *base, const char *source, const struct explain_item *item,
                 const struct explanation *explanation)
{
    struct table_explained *reporter = (struct table_explained *)base;
    (void)source, (void)explanation;
    summary_add(&reporter->summary, item);
    base->explained = reporter->summary.replies;
}

static void put(struct table_explained *reporter, enum paint paint, struct buffer *lines)
{
    const struct report_settings *report = reporter->settings->report;
    reporter->base.failed |= !paint_lines(report->out, paint, report->colour, buffer_span(lines));
    buffer_clear(lines);
}

/** As much of the text as the columns hold, in whole characters. @return the columns taken */
static size_t add_first(struct buffer *line, struct span rest, size_t width)
{
    size_t columns = 0;
    while (rest.size > 0) {
        unsigned character;
        struct span first = span_first(rest, printable_decode(rest, &character));
        if (columns + printable_columns(first) > width)
            break;
        columns += printable_columns(first);
        buffer_add(line, first);
        rest = span_skip(rest, first.size);
    }
    return columns;
}

/** The text, or as many of its words as the columns hold, with dots for the others. */
static size_t add_cut(struct buffer *line, const char *text, size_t width)
{
    struct buffer shown = BUFFER_EMPTY, words = BUFFER_EMPTY;
    printable_add(&shown, span_of_string(text), NULL);
    size_t columns = printable_columns(buffer_span(&shown));
    if (columns <= width || width < 4) {
        columns = add_first(line, buffer_span(&shown), width);
    } else {
        add_first(&words, buffer_span(&shown), width - 2); /* a blank may be the last */
        const char *blank = memrchr(words.data, ' ', words.size);
        struct span kept = span_first(buffer_span(&words), blank ? (size_t)(blank - words.data) : words.size);
        columns = add_first(line, kept, width - 3) + 3;
        buffer_add_string(line, "...");
    }
    buffer_clear(&shown);
    buffer_clear(&words);
    return columns;
}

static void add_column(struct buffer *line, const char *name, size_t width)
{
    if (width == 0)
        return;
    size_t columns = add_cut(line, name, width);
    buffer_printf(line, "%*s", (int)(width - columns + 2), "");
}

static const char *provider_name(const struct summary_cell *cell)
{
    return cell->explanation->provider_name ? cell->explanation->provider_name : cell->provider;
}

static void widen(size_t *column, const char *name, size_t limit)
{
    struct buffer shown = BUFFER_EMPTY;
    printable_add(&shown, span_of_string(name), NULL);
    size_t columns = printable_columns(buffer_span(&shown));
    if (columns > *column)
        *column = columns < limit ? columns : limit;
    buffer_clear(&shown);
}

/** Titles have what is left of the width; who must act is told if there is room for it behind all of them. */
static struct columns measure(const struct summary *summary, size_t width)
{
    struct columns columns = {.count = strlen("count"), .cause = strlen("cause")};
    for (size_t i = 0; i < summary->cell_count; i++) {
        const struct summary_cell *cell = summary->cells[i];
        char count[32];
        snprintf(count, sizeof count, "%llu", cell->count);
        widen(&columns.count, count, sizeof count);
        widen(&columns.cause, cause_name(cell->cause), NAME_WIDTH);
        widen(&columns.title, cell->explanation->title, width);
        widen(&columns.who, who_words[cell->explanation->who].name, NAME_WIDTH);
        if (cell->provider) {
            widen(&columns.provider, "provider", NAME_WIDTH);
            widen(&columns.provider, cell->provider, NAME_WIDTH);
        }
    }
    size_t used = columns.count + 2 + columns.cause + 2 + (columns.provider ? columns.provider + 2 : 0);
    size_t left = width > used ? width - used : 0;
    if (columns.title + 2 + columns.who > left)
        columns.who = 0;
    if (columns.title > left)
        columns.title = left;
    return columns;
}

static void put_row(struct table_explained *reporter, const struct columns *columns,
                    const struct summary_cell *cell)
{
    struct buffer line = BUFFER_EMPTY;
    const struct explanation *explanation = cell->explanation;
    buffer_printf(&line, "%*llu  ", (int)columns->count, cell->count);
    add_column(&line, cause_name(cell->cause), columns->cause);
    add_column(&line, cell->provider ? cell->provider : "-", columns->provider);
    if (columns->who > 0) {
        add_column(&line, explanation->title, columns->title);
        buffer_add_string(&line, who_words[explanation->who].name);
    } else {
        add_cut(&line, explanation->title, columns->title);
    }
    put(reporter, summary_is_success(cell->cause) ? PAINT_DIM : PAINT_PLAIN, &line);
}

static void put_rows(struct table_explained *reporter)
{
    struct columns columns = measure(&reporter->summary, (size_t)reporter->settings->report->width);
    struct buffer line = BUFFER_EMPTY;
    buffer_printf(&line, "%*s  ", (int)columns.count, "count");
    add_column(&line, "cause", columns.cause);
    add_column(&line, "provider", columns.provider);
    add_column(&line, "what it means", columns.who > 0 ? columns.title : strlen("what it means"));
    if (columns.who > 0)
        buffer_add_string(&line, "who acts");
    while (line.data[line.size - 1] == ' ')
        line.size--;
    put(reporter, PAINT_BOLD, &line);
    for (size_t i = 0; i < reporter->summary.cell_count; i++)
        put_row(reporter, &columns, reporter->summary.cells[i]);
}

static void put_totals(struct table_explained *reporter)
{
    const struct summary *summary = &reporter->summary;
    unsigned long long good = 0;
    for (size_t i = 0; i < summary->cell_count; i++)
        good += summary_is_success(summary->cells[i]->cause) ? summary->cells[i]->count : 0;
    struct buffer line = BUFFER_EMPTY;
    buffer_printf(&line, "%llu answers in %llu lines: %llu success, %llu trouble", summary->replies,
                  summary->items, good, summary->replies - good);
    if (summary->unknown > 0)
        buffer_printf(&line, ", %llu of it not understood", summary->unknown);
    put(reporter, PAINT_BOLD, &line);
    buffer_add_char(&line, '\n');
    put(reporter, PAINT_PLAIN, &line);
}

/** "12 times from Gmail, for example in line 7, by mx.example.com:" */
static void add_lead(struct buffer *block, const struct summary_cell *cell, bool has_several_inputs)
{
    buffer_printf(block, "\n%llu time%s", cell->count, cell->count == 1 ? "" : "s");
    if (cell->provider) {
        buffer_add_string(block, " from ");
        printable_add(block, span_of_string(provider_name(cell)), NULL);
    }
    if (cell->count > 1)
        buffer_add_string(block, ", for example");
    if (!has_several_inputs)
        buffer_printf(block, " in line %zu", cell->example_line);
    if (cell->example_host.size > 0) {
        buffer_add_string(block, ", by ");
        printable_add(block, cell->example_host, NULL);
    }
    buffer_add_string(block, ":\n");
}

static void put_advice(struct table_explained *reporter, const struct summary_cell *cell)
{
    const struct report_settings *report = reporter->settings->report;
    struct commentary words = {NULL, (size_t)report->width, "  # ", "  #   "};
    struct buffer block = BUFFER_EMPTY;
    struct span example = cell->example, line;
    add_lead(&block, cell, reporter->settings->names_files);
    while (span_next_token(&example, "\r\n", &line)) {
        buffer_add_string(&block, "<** ");
        printable_add(&block, line, NULL);
        buffer_add_char(&block, '\n');
    }
    put(reporter, PAINT_PLAIN, &block);
    commentary_add_title(&block, &words, cell->explanation);
    put(reporter, PAINT_BOLD, &block);
    commentary_add_body(&block, &words, cell->explanation);
    put(reporter, PAINT_PLAIN, &block);
}

static void put_all_advice(struct table_explained *reporter)
{
    size_t told = 0;
    for (size_t i = 0; i < reporter->summary.cell_count && told < ADVICE_CELLS; i++) {
        const struct summary_cell *cell = reporter->summary.cells[i];
        if (summary_is_success(cell->cause) || reporter->settings->report->quiet)
            break;
        put_advice(reporter, cell);
        told++;
    }
}

static bool finish(struct explained_reporter *base)
{
    struct table_explained *reporter = (struct table_explained *)base;
    summary_finish(&reporter->summary);
    put_totals(reporter);
    if (reporter->summary.cell_count > 0)
        put_rows(reporter);
    put_all_advice(reporter);
    return fflush(reporter->settings->report->out) == 0 && !reporter->base.failed;
}

static void close_reporter(struct explained_reporter *base)
{
    summary_clear(&((struct table_explained *)base)->summary);
    free(base);
}

struct explained_reporter *explained_table_open(const struct explained_settings *settings)
{
    struct table_explained *reporter = memory_allocate(sizeof *reporter);
    reporter->base = (struct explained_reporter){tell, finish, close_reporter, 0, false};
    reporter->settings = settings;
    summary_init(&reporter->summary, settings->report->catalog);
    return &reporter->base;
}
