/* How many of each cause came from each provider, and what to do about the most frequent. */
#include "report/explained.h"

#include "base/memory.h"
#include "base/printable.h"
#include "report/commentary.h"
#include "report/paint.h"

#include <stdlib.h>

enum {
    ADVICE_CELLS = 5, /* kinds of trouble with advice of their own */
    COUNT_WIDTH = 8,
    CAUSE_LIMIT = 20,
    PROVIDER_LIMIT = 14,
};

/** As wide as the longest name in them, within the limits. */
struct columns {
    size_t cause;
    size_t provider;
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
static size_t add_cut(struct buffer *line, const char *name, size_t width)
{
    struct buffer shown = BUFFER_EMPTY;
    size_t columns = 0;
    printable_add(&shown, span_of_string(name), NULL);
    for (struct span rest = buffer_span(&shown); rest.size > 0;) {
        unsigned character;
        size_t size = printable_decode(rest, &character);
        struct span first = span_first(rest, size);
        if (columns + printable_columns(first) > width)
            break;
        columns += printable_columns(first);
        buffer_add(line, first);
        rest = span_skip(rest, size);
    }
    buffer_clear(&shown);
    return columns;
}

static void add_column(struct buffer *line, const char *name, size_t width)
{
    size_t columns = add_cut(line, name, width);
    buffer_printf(line, "%*s", (int)(width - columns + 2), "");
}

static const char *provider_name(const struct summary_cell *cell)
{
    return cell->explanation->provider_name ? cell->explanation->provider_name : cell->provider;
}

static void widen(size_t *width, const char *name, size_t limit)
{
    size_t size = strlen(name);
    if (size > *width)
        *width = size < limit ? size : limit;
}

static struct columns measure_columns(const struct summary *summary)
{
    struct columns columns = {strlen("cause"), strlen("provider")};
    for (size_t i = 0; i < summary->cell_count; i++) {
        widen(&columns.cause, cause_name(summary->cells[i]->cause), CAUSE_LIMIT);
        if (summary->cells[i]->provider)
            widen(&columns.provider, summary->cells[i]->provider, PROVIDER_LIMIT);
    }
    return columns;
}

/** With dots where it is cut. */
static void add_title(struct buffer *line, const char *title, size_t room)
{
    static const char dots[] = "...";
    bool fits = strlen(title) <= room || room < sizeof dots;
    add_cut(line, title, fits ? room : room - strlen(dots));
    if (!fits)
        buffer_add_string(line, dots);
}

static void put_row(struct table_explained *reporter, const struct summary_cell *cell,
                    const struct columns *columns)
{
    struct buffer line = BUFFER_EMPTY;
    buffer_printf(&line, "%*llu  ", COUNT_WIDTH, cell->count);
    add_column(&line, cause_name(cell->cause), columns->cause);
    add_column(&line, cell->provider ? cell->provider : "-", columns->provider);
    size_t width = (size_t)reporter->settings->report->width;
    size_t used = COUNT_WIDTH + 2 + columns->cause + 2 + columns->provider + 2;
    add_title(&line, cell->explanation->title, width > used ? width - used : 0);
    put(reporter, summary_is_success(cell->cause) ? PAINT_DIM : PAINT_PLAIN, &line);
}

static void put_rows(struct table_explained *reporter)
{
    struct columns columns = measure_columns(&reporter->summary);
    struct buffer line = BUFFER_EMPTY;
    buffer_printf(&line, "%*s  %-*s  %-*s  %s", COUNT_WIDTH, "count", (int)columns.cause, "cause",
                  (int)columns.provider, "provider", "what it means");
    put(reporter, PAINT_BOLD, &line);
    for (size_t i = 0; i < reporter->summary.cell_count; i++)
        put_row(reporter, reporter->summary.cells[i], &columns);
}

static void put_totals(struct table_explained *reporter)
{
    const struct summary *summary = &reporter->summary;
    unsigned long long good = 0;
    for (size_t i = 0; i < summary->cell_count; i++)
        good += summary_is_success(summary->cells[i]->cause) ? summary->cells[i]->count : 0;
    struct buffer line = BUFFER_EMPTY;
    buffer_printf(&line, "%llu answers in %llu lines: %llu success, %llu trouble, %llu of it not understood",
                  summary->replies, summary->items, good, summary->replies - good, summary->unknown);
    put(reporter, PAINT_BOLD, &line);
    buffer_add_char(&line, '\n');
    put(reporter, PAINT_PLAIN, &line);
}

static void put_advice(struct table_explained *reporter, const struct summary_cell *cell)
{
    const struct report_settings *report = reporter->settings->report;
    struct commentary words = {NULL, (size_t)report->width, "  # ", "  #   "};
    struct buffer block = BUFFER_EMPTY;
    struct span example = cell->example, line;
    buffer_printf(&block, "\n%llu time%s", cell->count, cell->count == 1 ? "" : "s");
    if (cell->provider) {
        buffer_add_string(&block, " from ");
        printable_add(&block, span_of_string(provider_name(cell)), NULL);
    }
    buffer_printf(&block, "%s:\n", cell->count == 1 ? "" : ", for example");
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
