#include "explain/bounce.h"

#include "base/buffer.h"
#include "expected_item.h"
#include "explain/input.h"

enum { LINE_SIZE = 4096 };

static int set_up(void **state)
{
    static struct arena arena;
    arena = ARENA_EMPTY;
    *state = &arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_clear(*state);
    return 0;
}

static struct span read_message(const char *name, struct arena *arena)
{
    char path[LINE_SIZE], octets[LINE_SIZE];
    struct buffer message = BUFFER_EMPTY;
    snprintf(path, sizeof path, "bounces/%s", name);
    FILE *file = open_test_data(path);
    for (size_t size; (size = fread(octets, 1, sizeof octets, file)) > 0;)
        buffer_add(&message, span_of(octets, size));
    fclose(file);
    struct span copy = arena_copy(arena, buffer_span(&message));
    buffer_clear(&message);
    return copy;
}

/** The lines below a message's name, until the next name. */
static void check_message(const char *name, FILE *table, struct arena *arena)
{
    struct explain_input *input = explain_input_new(INPUT_AUTO);
    const struct explain_item *item;
    char line[LINE_SIZE];
    explain_input_feed(input, read_message(name, arena));
    explain_input_finish(input);
    for (long at = ftell(table); read_test_line(table, line, sizeof line) && line[0] == ' ';
         at = ftell(table)) {
        struct expectation expected;
        item = explain_input_next(input);
        if (!item)
            fail_msg("%s: an item is missing: %s", name, line);
        expectation_read(line, &expected);
        expectation_check(name, item, &expected);
        fseek(table, at, SEEK_SET);
        assert_true(read_test_line(table, line, sizeof line));
    }
    CHECK(name, explain_input_next(input) == NULL);
    explain_input_free(input);
}

static size_t for_each_message(void (*check)(const char *name, FILE *table, struct arena *),
                               struct arena *arena)
{
    char line[LINE_SIZE];
    size_t count = 0;
    FILE *table = open_test_data("bounces/expected.txt");
    for (long at = 0; read_test_line(table, line, sizeof line); at = ftell(table)) {
        if (line[0] == ' ')
            continue;
        at = ftell(table);
        check(line, table, arena);
        fseek(table, at, SEEK_SET);
        count++;
    }
    fclose(table);
    return count;
}

static void bounces_of_every_kind_are_read(void **state)
{
    assert_true(for_each_message(check_message, *state) >= 40);
}

static void check_cuts(const char *name, FILE *table, struct arena *arena)
{
    (void)table;
    struct span message = read_message(name, arena);
    for (size_t cut = 0; cut < message.size; cut += 7) {
        struct arena own = ARENA_EMPTY;
        struct explain_item *items;
        char *copy = malloc(cut + 1);
        assert_non_null(copy);
        memcpy(copy, message.at, cut);
        CHECK(name, bounce_read(span_of(copy, cut), &own, &items) > 0);
        free(copy);
        arena_clear(&own);
    }
}

/* Invariant 19 */
static void a_message_may_end_anywhere(void **state)
{
    for_each_message(check_cuts, *state);
}

static struct span repeat(const char *text, size_t count, const char *head, struct arena *arena)
{
    struct buffer octets = BUFFER_EMPTY;
    buffer_add_string(&octets, head);
    for (size_t i = 0; i < count; i++)
        buffer_add_string(&octets, text);
    struct span copy = arena_copy(arena, buffer_span(&octets));
    buffer_clear(&octets);
    return copy;
}

static void parts_in_parts_end_somewhere(void **state)
{
    struct explain_item *items;
    struct span message = repeat("Content-Type: multipart/mixed; boundary=b\n\n--b\n", 20000,
                                 "From: MAILER-DAEMON@example.com\n", *state);
    assert_int_equal(bounce_read(message, *state, &items), 1);
    message =
        repeat("--b\nContent-Type: text/plain\n\nx\n", 20000,
               "From: MAILER-DAEMON@example.com\nContent-Type: multipart/mixed; boundary=b\n\n", *state);
    assert_int_equal(bounce_read(message, *state, &items), 1);
}

/** Of two groups for one recipient the one with a reply stays; many recipients are cut. */
static void recipients_are_bounded_and_told_once(void **state)
{
    struct buffer message = BUFFER_EMPTY;
    struct explain_item *items;
    buffer_add_string(&message, "Reporting-MTA: dns; a.example\n\n");
    for (int i = 0; i < BOUNCE_RECIPIENTS_LIMIT + 50; i++)
        buffer_printf(&message, "Final-Recipient: rfc822; u%d@example.com\nStatus: 5.1.1\n\n", i);
    assert_int_equal(bounce_read(buffer_span(&message), *state, &items), BOUNCE_RECIPIENTS_LIMIT);
    buffer_truncate(&message, 0);
    buffer_add_string(
        &message, "Reporting-MTA: dns; a.example\n\n"
                  "Final-Recipient: rfc822; u@example.com\nStatus: 5.1.1\n\n"
                  "Final-Recipient: rfc822; U@example.com\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 x\n");
    assert_int_equal(bounce_read(buffer_span(&message), *state, &items), 1);
    assert_int_equal(items[0].reply.code, 550);
    buffer_clear(&message);
}

/** What would be read over and over if blocks had no bound. */
static void hostile_text_costs_no_more_than_its_size(void **state)
{
    static const char *const lines[] = {"  a@b\nfoo\n", "<<< 550 x\n", "<a@b>: x\n",    "a@b: 550 x\n",
                                        "because:\n",   "550-x\n",     "(reason: 550\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct arena own = ARENA_EMPTY;
        struct explain_item *items;
        struct span message = repeat(lines[i], 100000, "From: MAILER-DAEMON@example.com\n\n", *state);
        assert_true(bounce_read(message, &own, &items) > 0);
        arena_clear(&own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bounces_of_every_kind_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_may_end_anywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_in_parts_end_somewhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(recipients_are_bounded_and_told_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hostile_text_costs_no_more_than_its_size, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("bounce", tests, NULL, NULL);
}
