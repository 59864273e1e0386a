#include "check.h"

#include "report/layout.h"
#include "report/wording.h"

#include <stdlib.h>

static void text_is_wrapped_at_blanks(void **state)
{
    static const struct {
        const char *text;
        size_t width;
        const char *lines;
    } cases[] = {
        {"one two three", 80, "> one two three\n"},
        {"one two three", 9, "> one two\n- three\n"},
        {"one two three", 5, "> one\n- two\n- three\n"},
        {"a-word-longer-than-the-line b", 10, "> a-word-longer-than-the-line\n- b\n"},
        {"", 10, "> \n"},
        {"two  blanks\nand a line end", 80, "> two blanks and a line end\n"},
        {"\xc3\xa4\xc3\xb6\xc3\xbc \xc3\x9f", 7, "> \xc3\xa4\xc3\xb6\xc3\xbc \xc3\x9f\n"}, /* columns, not octets */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        layout_wrap(&out, "> ", "- ", span_of_string(cases[i].text), cases[i].width);
        check_string(cases[i].text, buffer_span(&out), cases[i].lines);
        buffer_clear(&out);
    }
}

static void both_ends_of_a_line_are_used(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    (void)state;
    layout_both_ends(&out, "# ", SPAN("No such mailbox"), "mailbox-unknown", 40);
    assert_string_equal(buffer_string(&out), "# No such mailbox        mailbox-unknown\n");
    buffer_truncate(&out, 0);
    layout_both_ends(&out, "# ", SPAN("No such mailbox"), "mailbox-unknown", 30);
    assert_string_equal(buffer_string(&out), "# No such mailbox (mailbox-unknown)\n");
    buffer_clear(&out);
}

static void rows_have_cells_side_by_side(void **state)
{
    const struct {
        const char *name;
        struct layout_cell cells[4];
        bool wraps;
        const char *rows;
    } cases[] = {
        {"all fit", {{SPAN("7"), 3, true}, {SPAN("a"), 2}, {SPAN("one two"), 9}}, true, "  7  a   one two\n"},
        {"blanks", {{SPAN("7"), 3, true}, {SPAN("a"), 2}, {SPAN("one two three"), 9}}, true,
         "  7  a   one two\n         three\n"},
        {"parts of ids", {{SPAN("tls-required"), 9}, {SPAN("mail.example"), 6}, {SPAN("x"), 4}}, true,
         "tls-       mail.   x\nrequired   exampl\n           e\n"},
        {"the blank stands at the end", {{SPAN("one two"), 3}}, true, "one\ntwo\n"},
        {"more blanks", {{SPAN("one   two"), 4}}, true, "one\ntwo\n"},
        {"too narrow", {{SPAN("\xe4\xb8\xad\xe6\x96\x87"), 1}}, true, "\xe4\xb8\xad\n\xe6\x96\x87\n"},
        {"columns, not octets",
         {{SPAN("\xc3\xa4\xc3\xb6"), 2}, {SPAN("x"), 1}}, true, "\xc3\xa4\xc3\xb6  x\n"},
        {"left out", {{SPAN("a"), 1}, {SPAN("not this"), 0}, {SPAN("b"), 1}}, true, "a  b\n"},
        {"empty", {{SPAN("a"), 1}, {SPAN(""), 3}, {SPAN("b"), 1}}, true, "a       b\n"},
        {"not wrapped", {{SPAN("one two"), 3}, {SPAN("b"), 5}, {SPAN("one two three"), 4}}, false,
         "one two  b      one two three\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        struct layout_cell cells[4];
        memcpy(cells, cases[i].cells, sizeof cells);
        layout_row(&out, cells, 4, cases[i].wraps);
        check_string(cases[i].name, buffer_span(&out), cases[i].rows);
        buffer_clear(&out);
    }
}

static void commands_are_found_in_steps(void **state)
{
    static const struct {
        const char *step, *before, *command, *after;
    } cases[] = {
        {"look it up: dig +short MX example.com", "look it up:", "dig +short MX example.com", ""},
        {"see which: dig +short x.example (127.0.0.2: listed)", "see which:", "dig +short x.example",
         " (127.0.0.2: listed)"},
        {"two: dig A a.example ; dig AAAA a.example", "two:", "dig A a.example", " ; dig AAAA a.example"},
        {"note: the list: smtpprobe --to a@b.example", "note: the list:", "smtpprobe --to a@b.example", ""},
        {"check the spelling: left of the @", NULL, "", NULL},
        {"digging: digest", NULL, "", NULL},
        {"", NULL, "", NULL},
        {":", NULL, "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span before, after;
        struct span command = layout_find_command(span_of_string(cases[i].step), &before, &after);
        check_string(cases[i].step, command, cases[i].command);
        if (command.size == 0)
            continue;
        check_string(cases[i].step, before, cases[i].before);
        check_string(cases[i].step, after, cases[i].after);
    }
}

static void sizes_and_durations_read_well(void **state)
{
    static const struct {
        unsigned long long octets;
        const char *text;
    } sizes[] = {
        {0, "0 octets"}, {1023, "1023 octets"}, {1024, "1 KiB"}, {1536, "1.5 KiB"}, {10485760, "10 MiB"},
        {10240000, "9.8 MiB"}, {~0ull, "16777216 TiB"},
    };
    static const struct {
        duration taken;
        const char *text;
    } durations[] = {
        {0, "0.0 ms"}, {MICROSECONDS(250), "0.2 ms"}, {MILLISECONDS(12), "12 ms"}, {MILLISECONDS(1500), "1.5 s"},
        {SECONDS(75), "75.0 s"}, {-5, "0.0 ms"},
    };
    struct buffer out = BUFFER_EMPTY;
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++, buffer_truncate(&out, 0)) {
        wording_size(&out, sizes[i].octets);
        check_string("size", buffer_span(&out), sizes[i].text);
    }
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++, buffer_truncate(&out, 0)) {
        wording_duration(&out, durations[i].taken);
        check_string("duration", buffer_span(&out), durations[i].text);
    }
    buffer_clear(&out);
}

static void capabilities_are_told_in_a_sentence(void **state)
{
    static const struct {
        const char *reply;
        bool in_tls;
        const char *text;
    } cases[] = {
        {"250-mx\r\n250-SIZE 10485760\r\n250 STARTTLS\r\n", false,
         "Offers: messages up to 10 MiB, STARTTLS. No login before TLS, as it should be."},
        {"250-mx\r\n250 AUTH PLAIN LOGIN\r\n", true, "Offers: login (PLAIN LOGIN)."},
        {"250-mx\r\n250 PIPELINING\r\n", false,
         "Offers: pipelining. No STARTTLS: what follows can be read on the way."},
        {"250 mx\r\n", false, "Greets us and offers no extension."},
        {"250-mx\r\n250-X-ONE\r\n250 X-TWO\r\n", true, "Offers: 2 extensions."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = ARENA_EMPTY;
        struct reply_parser parser;
        struct capability_set set;
        struct buffer out = BUFFER_EMPTY;
        size_t consumed;
        reply_parser_init(&parser, &arena);
        capability_set_read(&set, reply_parser_feed(&parser, span_of_string(cases[i].reply), &consumed, 1), &arena);
        wording_capabilities(&out, &set, cases[i].in_tls);
        check_string(cases[i].reply, buffer_span(&out), cases[i].text);
        buffer_clear(&out);
        arena_clear(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_wrapped_at_blanks),
        cmocka_unit_test(both_ends_of_a_line_are_used),
        cmocka_unit_test(rows_have_cells_side_by_side),
        cmocka_unit_test(commands_are_found_in_steps),
        cmocka_unit_test(sizes_and_durations_read_well),
        cmocka_unit_test(capabilities_are_told_in_a_sentence),
    };
    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
