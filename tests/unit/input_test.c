#include "explain/input.h"

#include "base/buffer.h"
#include "expected_item.h"

/** What items say, as text that can be compared. */
static void describe(const struct explain_item *item, struct buffer *out)
{
    buffer_printf(out, "%zu-%zu %d/%d %d", item->first_line, item->last_line, (int)item->kind,
                  (int)item->lack, item->reply.code);
    for (size_t i = 0; i < item->reply.line_count; i++) {
        buffer_add_string(out, " [");
        buffer_add(out, item->reply.lines[i]);
        buffer_add_string(out, "]");
    }
    buffer_printf(out, " %s %s\n", item->context.host ? item->context.host : "-",
                  item->context.recipient ? item->context.recipient : "-");
}

static void take_items(struct explain_input *input, struct buffer *out)
{
    const struct explain_item *item;
    while ((item = explain_input_next(input)))
        describe(item, out);
}

/** Reads the octets in two pieces and then pieces of `size`. */
static void read_cut(struct span octets, size_t first, size_t size, struct buffer *out)
{
    struct explain_input *input = explain_input_new(INPUT_AUTO);
    struct span piece = span_first(octets, first);
    while (octets.size > 0) {
        char *copy = malloc(piece.size + 1); /* octets that are gone must not be needed */
        assert_non_null(copy);
        if (piece.size > 0)
            memcpy(copy, piece.at, piece.size);
        explain_input_feed(input, span_of(copy, piece.size));
        take_items(input, out);
        free(copy);
        octets = span_skip(octets, piece.size);
        piece = span_first(octets, size);
    }
    explain_input_finish(input);
    take_items(input, out);
    explain_input_free(input);
}

static const char lines[] = "\xef\xbb\xbf"
                            "550-5.1.1 one\r\n550-5.1.1 two\r\n550 5.1.1 three\r\n"
                            "\n"
                            "Jan 12 06:25:01 mail postfix/smtp[1]: ABCDEF1234: to=<user@example.com>, "
                            "relay=mx.example.com[192.0.2.10]:25, "
                            "delay=1, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.10] said: 550 "
                            "5.1.1 No (in reply to RCPT TO command))\n"
                            "{\"reply\": \"421 4.7.0 Later\", \"host\": \"mx.example.net\"}\n"
                            "550-left alone\n"
                            "nothing here\n"
                            "550-5.7.1 a 550-5.7.1 b 550 5.7.1 c\n"
                            "550 5.1.1 another\n"
                            "452-4.2.2 first\n452 5.1.1 of another reply\n"
                            "<** 550-x\n<** 550 y\n"
                            "nul\0 and \xff 550 5.1.1 x\n"
                            "550-at the end";

static const char mailbox[] =
    "From MAILER-DAEMON Fri Jan 12 06:25:01 2024\nFrom: MAILER-DAEMON@example.org\n"
    "Subject: failure notice\n\n<a@example.com>:\nRemote host said: 550 x\n\n"
    "From MAILER-DAEMON Fri Jan 12 06:25:01 2024\nFrom: jane@example.org\n\nHello\nFrom here\n";

static void check_every_cut(struct span octets)
{
    struct buffer whole = BUFFER_EMPTY, cut = BUFFER_EMPTY;
    read_cut(octets, octets.size, octets.size, &whole);
    for (size_t first = 0; first < octets.size; first++) {
        static const size_t sizes[] = {1, 2, 64, 4096};
        buffer_truncate(&cut, 0);
        read_cut(octets, first, sizes[first % 4], &cut);
        check_text("cut", buffer_span(&cut), buffer_span(&whole));
    }
    buffer_clear(&whole);
    buffer_clear(&cut);
}

static void no_cut_of_the_input_changes_the_items(void **state)
{
    (void)state;
    check_every_cut(span_of(lines, sizeof lines - 1));
    check_every_cut(span_of(mailbox, sizeof mailbox - 1));
}

static void check_items(struct span octets, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    read_cut(octets, octets.size, 1, &out);
    check_string("items", buffer_span(&out), expected);
    buffer_clear(&out);
}

static void each_line_belongs_to_one_item(void **state)
{
    (void)state;
    check_items(span_of(lines, sizeof lines - 1), "1-3 1/0 550 [5.1.1 one] [5.1.1 two] [5.1.1 three] - -\n"
                                                  "4-4 0/1 0 - -\n"
                                                  "5-5 1/0 550 [5.1.1 No] mx.example.com user@example.com\n"
                                                  "6-6 1/0 421 [4.7.0 Later] mx.example.net -\n"
                                                  "7-7 1/0 550 [left alone] - -\n"
                                                  "8-8 0/1 0 - -\n"
                                                  "9-9 1/0 550 [5.7.1 a 550-5.7.1 b 550 5.7.1 c] - -\n"
                                                  "10-10 1/0 550 [5.1.1 another] - -\n"
                                                  "11-11 1/0 452 [4.2.2 first] - -\n"
                                                  "12-12 1/0 452 [5.1.1 of another reply] - -\n"
                                                  "13-14 1/0 550 [x] [y] - -\n"
                                                  "15-15 1/0 550 [5.1.1 x] - -\n"
                                                  "16-16 1/0 550 [at the end] - -\n");
}

static void a_mailbox_file_holds_several_messages(void **state)
{
    (void)state;
    check_items(span_of(mailbox, sizeof mailbox - 1), "1-1 1/0 550 [x] - a@example.com\n"
                                                      "8-8 0/3 0 - -\n");
}

/** The text as Windows saves it. */
static void encode(const char *text, bool is_big_endian, struct buffer *out)
{
    buffer_truncate(out, 0);
    buffer_add(out, is_big_endian ? SPAN("\xfe\xff") : SPAN("\xff\xfe"));
    for (; *text; text++) {
        buffer_add(out, is_big_endian ? SPAN("\0") : span_of(text, 1));
        buffer_add(out, is_big_endian ? span_of(text, 1) : SPAN("\0"));
    }
}

static void utf16_is_read_behind_its_mark(void **state)
{
    static const char log[] = "550-5.1.1 one\r\n550 5.1.1 two\r\n\r\n"
                              "{\"reply\": \"421 4.7.0 Later\", \"host\": \"mx.example.net\"}\r\n451 last";
    static const char items[] = "1-2 1/0 550 [5.1.1 one] [5.1.1 two] - -\n"
                                "3-3 0/1 0 - -\n"
                                "4-4 1/0 421 [4.7.0 Later] mx.example.net -\n"
                                "5-5 1/0 451 [last] - -\n";
    static const char message[] = "Return-Path: <>\r\nSubject: failure notice\r\n\r\n"
                                  "<a@example.com>:\r\nRemote host said: 550 x\r\n";
    (void)state;
    for (int is_big_endian = 0; is_big_endian < 2; is_big_endian++) {
        struct buffer octets = BUFFER_EMPTY;
        encode(log, is_big_endian, &octets);
        check_items(buffer_span(&octets), items);
        check_every_cut(buffer_span(&octets));
        encode(message, is_big_endian, &octets);
        check_items(buffer_span(&octets), "1-1 1/0 550 [x] - a@example.com\n");
        encode("550 half a unit", is_big_endian, &octets);
        buffer_truncate(&octets, octets.size - 1);
        check_items(buffer_span(&octets), "1-1 1/0 550 [half a uni\xef\xbf\xbd] - -\n");
        check_every_cut(buffer_span(&octets));
        buffer_clear(&octets);
    }
    check_items(SPAN("\xff\xfe"), "");
    check_items(SPAN("\xfe"), "1-1 0/1 0 - -\n");
    check_items(SPAN("\xff\n550 x\n"), "1-1 0/1 0 - -\n2-2 1/0 550 [x] - -\n");
    check_items(SPAN("\xfe\xfe\n550 x"), "1-1 0/1 0 - -\n2-2 1/0 550 [x] - -\n");
    check_items(SPAN("\n\xff\xfe"), "1-1 0/1 0 - -\n2-2 0/1 0 - -\n");
    check_every_cut(SPAN("\xff\n550 x\n"));
}

static void a_line_is_answered_when_it_is_there(void **state)
{
    (void)state;
    struct explain_input *input = explain_input_new(INPUT_AUTO);
    explain_input_feed(input, SPAN("550 one\n550-t"));
    assert_non_null(explain_input_next(input));
    assert_null(explain_input_next(input));
    explain_input_feed(input, SPAN("wo\n550 three\n"));
    const struct explain_item *item = explain_input_next(input);
    assert_non_null(item);
    assert_int_equal(item->first_line, 2);
    assert_int_equal(item->last_line, 3);
    assert_null(explain_input_next(input));
    explain_input_finish(input);
    assert_null(explain_input_next(input));
    explain_input_free(input);
}

static void objects_give_a_reply_and_what_is_around_it(void **state)
{
    static const struct {
        const char *object, *expected;
    } cases[] = {
        {"{\"reply\":\"550 5.1.1 "
         "x\",\"stage\":\"rcpt\",\"host\":\"mx.example.com\",\"recipient\":\"a@b.example\"}",
         "reply 550 enhanced=5.1.1 stage=rcpt host=mx.example.com recipient=a@b.example"},
        {"{\"reply\":\"550-5.1.1 x\\r\\n550 5.1.1 y\"}", "reply 550 enhanced=5.1.1 lines=2"},
        {"{\"code\":421}", "reply 421"},
        {"{\"code\":\"421\",\"enhanced\":\"X.7.1\"}", "reply 421 enhanced=4.7.1"},
        {"{\"code\":550,\"enhanced\":\"5.7.1\",\"reply\":\"Blocked\"}",
         "reply 550 enhanced=5.7.1 text=Blocked"},
        {"{\"enhanced\":\"X.7.26\"}", "reply 0 enhanced=5.7.26"},
        {"{\"reply\":\"User unknown\"}", "reply 0 text=User unknown"},
        {"{\"code\":451,\"reply\":\"Connection timed out\"}", "reply 451 text=Connection timed out"},
        {"{\"code\":550,\"reply\":\"Rejected; see error 500 for more\"}",
         "reply 550 text=Rejected; see error 500 for more"},
        {"{\"code\":554,\"reply\":\"host mx.example.com[192.0.2.1] said: 550 5.1.1 x\"}",
         "reply 550 enhanced=5.1.1 host=mx.example.com"},
        {"{\"reply\":\"550 x\",\"stage\":\"RCPT TO\"}", "reply 550 stage=rcpt"},
        {"{\"reply\":\"550 x\",\"stage\":\"eom\"}", "reply 550 stage=body"},
        {"{\"reply\":\"550 x\",\"stage\":\"no such\"}", "reply 550"},
        {"{\"reply\":\"550 \\u0000 \\ud83d x\"}", "reply 550"},
        {"{\"reply\":\"550 caf\xe9\"}", "reply 550 text=550 caf\xef\xbf\xbd"},
        {"  {\"reply\":\"550 x\"}", "reply 550"},
        {"{\"MESSAGE\":\"connect to a.example[192.0.2.1]:25: Connection refused\"}",
         "local stage=connect host=a.example cause=connection-refused"},
        {"{\"log\":\"550 x\\n\",\"stream\":\"stdout\"}", "reply 550 text=550 x"},
        {"{\"message\":\"hello\"}", "none lack=reply"},
        {"{\"code\":99}", "none lack=reply"},
        {"{\"code\":-550}", "none lack=reply"},
        {"{\"code\":[550]}", "none lack=object"},
        {"{\"reply\":\"\"}", "none lack=object"},
        {"{\"x\":1}", "none lack=object"},
        {"{}", "none lack=object"},
        {"{\"reply\":\"550", "none lack=object"},
        {"{\"reply\":\"550\"} x", "none lack=object"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expectation[200];
        struct expectation expected;
        struct explain_input *input = explain_input_new(INPUT_AUTO);
        explain_input_feed(input, span_of_string(cases[i].object));
        explain_input_finish(input);
        const struct explain_item *item = explain_input_next(input);
        assert_non_null(item);
        snprintf(expectation, sizeof expectation, "%s", cases[i].expected);
        expectation_read(expectation, &expected);
        expectation_check(cases[i].object, item, &expected);
        assert_null(explain_input_next(input));
        explain_input_free(input);
    }
}

static void a_provider_has_two_keys(void **state)
{
    static const char *const objects[] = {"{\"code\":550,\"provider\":\"gmail\"}\n",
                                          "{\"code\":550,\"system\":\"gmail\"}\n",
                                          "{\"code\":550,\"system\":\"x\",\"provider\":\"gmail\"}\n"};
    (void)state;
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        struct explain_input *input = explain_input_new(INPUT_LINES);
        explain_input_feed(input, span_of_string(objects[i]));
        const struct explain_item *item = explain_input_next(input);
        assert_non_null(item);
        assert_string_equal(item->context.provider, "gmail");
        explain_input_free(input);
    }
}

/** Lines have an item each that cites them; a message has one for each recipient. */
static enum input_form form_of(const char *text)
{
    struct explain_input *input = explain_input_new(INPUT_AUTO);
    explain_input_feed(input, span_of_string(text));
    explain_input_finish(input);
    const struct explain_item *item = explain_input_next(input);
    assert_non_null(item);
    enum input_form form = item->input.size > 0 ? INPUT_LINES : INPUT_MESSAGE;
    explain_input_free(input);
    return form;
}

static void a_message_is_known_by_its_first_line(void **state)
{
    (void)state;
    assert_int_equal(form_of("From MAILER-DAEMON Fri Jan 12\n"), INPUT_MESSAGE);
    assert_int_equal(form_of("Return-Path: <>\n"), INPUT_MESSAGE);
    assert_int_equal(form_of("received: from a by b\n"), INPUT_MESSAGE);
    assert_int_equal(form_of("Reporting-MTA: dns; a\n"), INPUT_MESSAGE);
    assert_int_equal(form_of("RECEIVED: 550 5.1.1 x\n"), INPUT_LINES);
    assert_int_equal(form_of("Diagnostic-Code: smtp; 550 x\n"), INPUT_LINES);
    assert_int_equal(form_of("Jan 12 06:25:01 mail postfix/smtp[1]: x\n"), INPUT_LINES);
    assert_int_equal(form_of("550 From: x\n"), INPUT_LINES);
    check_items(SPAN("\n\nReturn-Path: <>\n"), "1-1 0/1 0 - -\n2-2 0/1 0 - -\n3-3 0/3 0 - -\n");
}

/** @return the items that the octets, given many times, add up to */
static size_t count_items(const char *octets, size_t times, enum input_form form)
{
    struct explain_input *input = explain_input_new(form);
    size_t count = 0;
    for (size_t i = 0; i < times; i++) {
        explain_input_feed(input, span_of_string(octets));
        while (explain_input_next(input))
            count++;
    }
    explain_input_finish(input);
    while (explain_input_next(input))
        count++;
    explain_input_free(input);
    return count;
}

/* Invariant 15 */
static void input_without_end_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(count_items("550 no line end ", 1000000, INPUT_AUTO), 1);
    assert_in_range(count_items("550-\n", 100000, INPUT_AUTO), 100000 / ITEM_LINES_LIMIT, 10000);
    assert_int_equal(count_items("Subject: header without end\n", 1000000, INPUT_AUTO), 1);
    assert_int_equal(count_items("\n", 1000, INPUT_AUTO), 1000);
}

static void a_long_line_is_cut(void **state)
{
    (void)state;
    struct buffer line = BUFFER_EMPTY, whole = BUFFER_EMPTY;
    buffer_add_string(&line, "550 ");
    while (line.size < INPUT_LINE_LIMIT + 100)
        buffer_add_string(&line, "x");
    buffer_add_string(&line, "\n550 next\n");
    struct explain_input *input = explain_input_new(INPUT_AUTO);
    explain_input_feed(input, buffer_span(&line));
    const struct explain_item *item = explain_input_next(input);
    assert_non_null(item);
    assert_int_equal(item->input.size, INPUT_LINE_LIMIT);
    item = explain_input_next(input);
    assert_non_null(item);
    check_string("next", item->text, "550 next");
    explain_input_free(input);
    buffer_clear(&line);
    buffer_clear(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_cut_of_the_input_changes_the_items),
        cmocka_unit_test(each_line_belongs_to_one_item),
        cmocka_unit_test(a_mailbox_file_holds_several_messages),
        cmocka_unit_test(utf16_is_read_behind_its_mark),
        cmocka_unit_test(a_line_is_answered_when_it_is_there),
        cmocka_unit_test(objects_give_a_reply_and_what_is_around_it),
        cmocka_unit_test(a_provider_has_two_keys),
        cmocka_unit_test(a_message_is_known_by_its_first_line),
        cmocka_unit_test(input_without_end_is_bounded),
        cmocka_unit_test(a_long_line_is_cut),
    };
    return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
