/* How many of each cause came from each provider, and what to do about the most frequent. */
#include "report/explained.h"

#include "base/memory.h"
#include "base/printable.h"
#include "report/commentary.h"
#include "report/layout.h"
#include "report/paint.h"

#include <stdlib.h>

enum {
    ADVICE_CELLS = 5, /* kinds of trouble with advice of their own */
    NAME_WIDTH = 28,  /* of the longest name in a column */
    TITLE_WIDTH = 60, /* as catalogs have them */
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
    (void)explanation;
    reporter->summary.source = reporter->settings->names_files ? source : NULL;
    summary_add(&reporter->summary, item);
    base->explained = reporter->summary.replies;
}

static void put(struct table_explained *reporter, enum paint paint, struct buffer *lines)
{
    const struct report_settings *report = reporter->settings->report;
    reporter->base.failed |= !paint_lines(report->out, paint, report->colour, buffer_span(lines));
    buffer_clear(lines);
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

/** As wide as the widest name, but what users name is not trusted with the width of all rows. */
static struct columns measure(const struct summary *summary)
{
    struct columns columns = {
        .count = strlen("count"),
        .cause = strlen("cause"),
        .title = strlen("what it means"),
        .who = strlen("who acts"),
    };
    for (size_t i = 0; i < summary->cell_count; i++) {
        const struct summary_cell *cell = summary->cells[i];
        char count[32];
        snprintf(count, sizeof count, "%llu", cell->count);
        widen(&columns.count, count, sizeof count);
        widen(&columns.cause, cause_name(cell->cause), NAME_WIDTH);
        widen(&columns.title, cell->explanation->title, TITLE_WIDTH);
        widen(&columns.who, who_words[cell->explanation->who].name, NAME_WIDTH);
        if (cell->provider) {
            widen(&columns.provider, "provider", NAME_WIDTH);
            widen(&columns.provider, cell->provider, NAME_WIDTH);
        }
    }
    return columns;
}

static size_t columns_in_all(const struct columns *columns)
{
    return columns->count + 2 + columns->cause + 2 + (columns->provider ? columns->provider + 2 : 0) +
           columns->title + (columns->who ? columns->who + 2 : 0);
}

/** Makes a column up to `excess` narrower, but no narrower than `least`. */
static void narrow(size_t *column, size_t excess, size_t least)
{
    if (*column > least)
        *column = *column - least > excess ? *column - excess : least;
}

static size_t excess_of(const struct columns *columns, size_t width)
{
    size_t all = columns_in_all(columns);
    return all > width ? all - width : 0;
}

/** Titles keep half of the width if they can: names, which are wrapped at their parts, give way first. */
static void fit(struct columns *columns, size_t width)
{
    if (excess_of(columns, width) > 0)
        columns->who = 0;
    narrow(&columns->title, excess_of(columns, width), width / 2);
    narrow(&columns->provider, excess_of(columns, width), width / 6);
    narrow(&columns->cause, excess_of(columns, width), width / 4);
    narrow(&columns->title, excess_of(columns, width), 1);
}

static void put_cells(struct table_explained *reporter, enum paint paint, const struct columns *columns,
                      const char *const texts[])
{
    struct layout_cell cells[] = {
        {.width = columns->count, .is_number = true},
        {.width = columns->cause},
        {.width = columns->provider},
        {.width = columns->title},
        {.width = columns->who},
    };
    enum { CELLS = sizeof cells / sizeof *cells };
    struct buffer shown[CELLS], row = BUFFER_EMPTY;
    for (size_t i = 0; i < CELLS; i++) {
        shown[i] = BUFFER_EMPTY;
        printable_add(&shown[i], span_of_string(texts[i]), NULL);
        cells[i].text = buffer_span(&shown[i]);
    }
    layout_row(&row, cells, CELLS, reporter->settings->report->on_terminal);
    put(reporter, paint, &row);
    for (size_t i = 0; i < CELLS; i++)
        buffer_clear(&shown[i]);
}

static void put_row(struct table_explained *reporter, const struct columns *columns,
                    const struct summary_cell *cell)
{
    char count[32];
    const struct explanation *explanation = cell->explanation;
    snprintf(count, sizeof count, "%llu", cell->count);
    put_cells(reporter, summary_is_success(cell->cause) ? PAINT_DIM : PAINT_PLAIN, columns,
              (const char *[]){count, cause_name(cell->cause), cell->provider ? cell->provider : "-",
                               explanation->title, who_words[explanation->who].name});
}

/** Off a terminal each row is one line, however wide, for programs that look for words in it. */
static void put_rows(struct table_explained *reporter)
{
    const struct report_settings *report = reporter->settings->report;
    struct columns columns = measure(&reporter->summary);
    if (report->on_terminal)
        fit(&columns, (size_t)report->width);
    put_cells(reporter, PAINT_BOLD, &columns,
              (const char *[]){"count", "cause", "provider", "what it means", "who acts"});
    for (size_t i = 0; i < reporter->summary.cell_count; i++)
        put_row(reporter, &columns, reporter->summary.cells[i]);
}

static const char *items_name(const struct summary *summary)
{
    if (summary->recipients == 0)
        return summary->items == 1 ? "line" : "lines";
    if (summary->items == 1)
        return "recipient of a message";
    return summary->recipients == summary->items ? "recipients of messages"
                                                 : "lines and recipients of messages";
}

static void put_totals(struct table_explained *reporter)
{
    const struct summary *summary = &reporter->summary;
    unsigned long long good = 0;
    for (size_t i = 0; i < summary->cell_count; i++)
        good += summary_is_success(summary->cells[i]->cause) ? summary->cells[i]->count : 0;
    struct buffer line = BUFFER_EMPTY;
    buffer_printf(&line, "%llu answer%s in %llu %s: %llu success, %llu trouble", summary->replies,
                  summary->replies == 1 ? "" : "s", summary->items, items_name(summary), good,
                  summary->replies - good);
    if (summary->unknown > 0)
        buffer_printf(&line, ", %llu of it not understood", summary->unknown);
    put(reporter, PAINT_BOLD, &line);
    buffer_add_char(&line, '\n');
    put(reporter, PAINT_PLAIN, &line);
}

static void add_example_place(struct buffer *block, const struct summary_cell *cell)
{
    if (!cell->example_source) {
        buffer_printf(block, " in line %zu", cell->example_line);
        return;
    }
    buffer_add_string(block, " in ");
    printable_add(block, span_of_string(*cell->example_source ? cell->example_source : "standard input"),
                  NULL);
    buffer_printf(block, ":%zu", cell->example_line);
}

/** "12 times from Gmail, for example in line 7, by mx.example.com:" */
static void add_lead(struct buffer *block, const struct summary_cell *cell)
{
    buffer_printf(block, "\n%llu time%s", cell->count, cell->count == 1 ? "" : "s");
    if (cell->provider) {
        buffer_add_string(block, " from ");
        printable_add(block, span_of_string(provider_name(cell)), NULL);
    }
    if (cell->count > 1)
        buffer_add_string(block, ", for example");
    add_example_place(block, cell);
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
    add_lead(&block, cell);
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
