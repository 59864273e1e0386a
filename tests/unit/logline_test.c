#include "explain/logline.h"

#include "expected_item.h"

enum { LINE_SIZE = 4096 };

static void check_spans(const char *name, struct span line, const struct sighting *found)
{
    const struct span spans[] = {found->reply,  found->host,        found->address, found->recipient,
                                 found->sender, found->our_address, found->helo,    found->user};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        CHECK(name, spans[i].size == 0 ||
                        (spans[i].at >= line.at && spans[i].at + spans[i].size <= line.at + line.size));
}

/** Calls back for each line of the table and what is expected of it. */
static size_t for_each_line(void (*check)(const char *line, char *expectation))
{
    char line[LINE_SIZE], expectation[LINE_SIZE];
    size_t count = 0;
    FILE *file = open_test_data("loglines.txt");
    while (read_test_line(file, line, sizeof line)) {
        assert_true(read_test_line(file, expectation, sizeof expectation));
        check(line, expectation);
        count++;
    }
    fclose(file);
    return count;
}

static void check_line(const char *line, char *expectation)
{
    struct expectation expected;
    struct sighting found;
    struct explain_item item;
    logline_read(span_of_string(line), &found);
    check_spans(line, span_of_string(line), &found);
    item_init(&item, &found);
    expectation_read(expectation, &expected);
    expectation_check(line, &item, &expected);
}

static void replies_are_found_in_every_format(void **state)
{
    (void)state;
    assert_true(for_each_line(check_line) >= 150);
}

/** A copy of its own size shows the sanitizers each octet read beyond it. */
static void check_piece(const char *name, struct span piece)
{
    char *copy = malloc(piece.size + 1);
    assert_non_null(copy);
    struct span line = span_of(copy + 1, piece.size);
    memcpy(copy + 1, piece.at, piece.size);
    struct sighting found;
    logline_read(line, &found);
    check_spans(name, line, &found);
    logline_read_reply(line, &found);
    check_spans(name, line, &found);
    free(copy);
}

static void check_pieces(const char *line, char *expectation)
{
    (void)expectation;
    for (size_t cut = 0; cut < strlen(line); cut += 3) {
        check_piece(line, span_first(span_of_string(line), cut));
        check_piece(line, span_skip(span_of_string(line), cut));
    }
}

/* Invariant 19 */
static void no_cut_leads_outside_the_line(void **state)
{
    (void)state;
    for_each_line(check_pieces);
}

static void words_known_to_be_a_reply_need_no_code(void **state)
{
    (void)state;
    struct sighting found;
    logline_read_reply(SPAN(" User unknown in table "), &found);
    assert_int_equal(found.kind, ITEM_REPLY);
    assert_int_equal(found.code, 0);
    check_string("words", found.reply, "User unknown in table");
    logline_read_reply(SPAN("  "), &found);
    assert_int_equal(found.kind, ITEM_NOTHING);
}

static void blanks_of_qmail_are_read_as_such(void **state)
{
    (void)state;
    struct sighting found;
    struct explain_item item;
    logline_read(SPAN("delivery 1: failure: "
                      "192.0.2.1_does_not_like_recipient./Remote_host_said:_550_5.1.1_No_such_user/"),
                 &found);
    item_init(&item, &found);
    assert_int_equal(item.reply.line_count, 1);
    check_string("qmail", item.reply.lines[0], "5.1.1 No such user");
}

/** Exim writes the lines of a reply into one, with `\n` between them. */
static void a_reply_written_into_one_line_is_parted(void **state)
{
    (void)state;
    struct sighting found;
    struct explain_item item;
    logline_read(SPAN("550-first DOMAIN\\name\\n550-second\\n550 third"), &found);
    item_init(&item, &found);
    assert_int_equal(item.reply.line_count, 3);
    check_string("first", item.reply.lines[0], "first DOMAIN\\name");
    check_string("third", item.reply.lines[2], "third");
}

/* Invariant 15 */
static void what_an_item_keeps_is_bounded(void **state)
{
    (void)state;
    struct explain_item item;
    struct sighting found = SIGHTING_NONE;
    static char long_name[4096], lines[ITEM_LINES_LIMIT * 20];
    memset(long_name, 'a', sizeof long_name);
    for (size_t i = 0; i + 4 <= sizeof lines; i += 4)
        memcpy(lines + i, "550\n", 4);
    found.kind = ITEM_REPLY;
    found.code = 550;
    found.reply = span_of(lines, sizeof lines);
    found.host = found.address = found.recipient = found.sender = span_of(long_name, sizeof long_name);
    found.our_address = found.helo = found.provider = found.user = found.host;
    item_init(&item, &found);
    assert_int_equal(item.reply.line_count, ITEM_LINES_LIMIT);
    assert_int_equal(strlen(item.context.host), ITEM_NAME_LIMIT);
    assert_true(item.names_size <= ITEM_NAMES_SIZE);
    assert_null(item.context.user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_found_in_every_format),
        cmocka_unit_test(no_cut_leads_outside_the_line),
        cmocka_unit_test(words_known_to_be_a_reply_need_no_code),
        cmocka_unit_test(blanks_of_qmail_are_read_as_such),
        cmocka_unit_test(a_reply_written_into_one_line_is_parted),
        cmocka_unit_test(what_an_item_keeps_is_bounded),
    };
    return cmocka_run_group_tests_name("logline", tests, NULL, NULL);
}
