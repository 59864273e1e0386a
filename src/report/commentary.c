#include "report/commentary.h"

#include "base/printable.h"
#include "report/layout.h"

#include <stdio.h>

enum {
    MARGIN_SIZE = 160,
    WHO_IN_LINE = 20, /* up to this length the one who must act stands in the line of the first step */
};

static struct buffer safe(const struct commentary *commentary, const char *text)
{
    struct buffer shown = BUFFER_EMPTY;
    printable_add(&shown, span_of_string(text), commentary->secrets);
    return shown;
}

void commentary_add_title(struct buffer *block, const struct commentary *commentary,
                          const struct explanation *explanation)
{
    struct buffer title = safe(commentary, explanation->title);
    layout_both_ends(block, commentary->title_margin, buffer_span(&title), cause_name(explanation->cause),
                     commentary->width);
    buffer_wipe(&title);
}

void commentary_add_text(struct buffer *block, const struct commentary *commentary, const char *lead,
                         const char *text)
{
    char first[MARGIN_SIZE], rest[MARGIN_SIZE];
    struct buffer shown = safe(commentary, text);
    snprintf(first, sizeof first, "%s%s", commentary->margin, lead);
    snprintf(rest, sizeof rest, "%s%s", commentary->margin, *lead ? "  " : "");
    layout_wrap(block, first, rest, buffer_span(&shown), commentary->width);
    buffer_wipe(&shown);
}

static void add_split_step(struct buffer *block, const char *first, const char *rest, struct span before,
                           struct span command, struct span after, size_t width)
{
    layout_wrap(block, first, rest, before, width);
    while (command.size > 0) {
        buffer_add_string(block, rest);
        buffer_add(block, command);
        buffer_add_char(block, '\n');
        after = span_trim(after);
        if (after.size > 0 && (after.at[0] == ';' || after.at[0] == ','))
            after = span_trim(span_skip(after, 1));
        command = span_first(after, layout_command_size(after));
        after = span_skip(after, command.size);
    }
    if (after.size > 0)
        layout_wrap(block, rest, rest, after, width);
}

static void add_step(struct buffer *block, const struct commentary *commentary, const char *first,
                     const char *rest, const char *step)
{
    struct buffer shown = safe(commentary, step);
    struct span text = buffer_span(&shown), before, after;
    struct span command = layout_find_command(text, &before, &after);
    bool fits = printable_columns(span_of_string(first)) + printable_columns(text) <= commentary->width;
    if (command.size == 0 || fits)
        layout_wrap(block, first, rest, text, commentary->width);
    else
        add_split_step(block, first, rest, before, command, after, commentary->width);
    buffer_wipe(&shown);
}

void commentary_add_steps(struct buffer *block, const struct commentary *commentary, const char *who,
                          const char *const *steps, size_t count)
{
    char first[MARGIN_SIZE], rest[MARGIN_SIZE];
    const char *margin = commentary->margin;
    int length = who ? (int)strlen(who) + 2 : 0;
    bool in_line = length > 0 && length <= WHO_IN_LINE;
    int indent = in_line ? length : who ? 2 : 0;
    if (who && !in_line && count > 0)
        buffer_printf(block, "%s%s:\n", margin, who);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 && in_line)
            snprintf(first, sizeof first, "%s%s: %zu. ", margin, who, i + 1);
        else
            snprintf(first, sizeof first, "%s%*s%zu. ", margin, indent, "", i + 1);
        snprintf(rest, sizeof rest, "%s%*s   ", margin, indent, "");
        add_step(block, commentary, first, rest, steps[i]);
    }
}

static const char *who_must_act(enum who who)
{
    const char *title = who_words[who].title ? who_words[who].title : who_words[who].name;
    return who == WHO_NOBODY ? "To do" : title;
}

/** Where a filter speaks for another, a remark names both. */
static void add_provider(struct buffer *block, const struct commentary *commentary,
                         const struct explanation *explanation)
{
    bool is_refusal = explanation->advice_count > 0;
    if (is_refusal && explanation->provider_name && !explanation->mailbox_provider_name)
        commentary_add_text(block, commentary, "Provider: ", explanation->provider_name);
}

void commentary_add_body(struct buffer *block, const struct commentary *commentary,
                         const struct explanation *explanation)
{
    if (explanation->meaning)
        commentary_add_text(block, commentary, "", explanation->meaning);
    add_provider(block, commentary, explanation);
    for (size_t i = 0; i < explanation->remark_count; i++)
        commentary_add_text(block, commentary, "Note: ", explanation->remarks[i]);
    commentary_add_steps(block, commentary, who_must_act(explanation->who), explanation->advice,
                         explanation->advice_count);
    for (size_t i = 0; i < explanation->link_count; i++)
        commentary_add_text(block, commentary, "See ", explanation->links[i]);
}
