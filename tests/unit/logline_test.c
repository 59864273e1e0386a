#include "explain/logline.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_SIZE = 4096 };

/** What a line of the table expects; NULL: not looked at. */
struct expectation {
    char *kind;
    int code;
    char *enhanced, *stage, *host, *address, *port, *recipient, *sender, *client, *helo, *cause, *speaker,
        *action, *text;
};

static void split_expectation(char *line, struct expectation *expected)
{
    const struct {
        const char *key;
        char **value;
    } keys[] = {
        {"enhanced=", &expected->enhanced}, {"stage=", &expected->stage},
        {"host=", &expected->host},         {"address=", &expected->address},
        {"port=", &expected->port},         {"recipient=", &expected->recipient},
        {"sender=", &expected->sender},     {"client=", &expected->client},
        {"helo=", &expected->helo},         {"cause=", &expected->cause},
        {"speaker=", &expected->speaker},   {"action=", &expected->action},
    };
    expected->text = strstr(line, " text=");
    if (expected->text) {
        *expected->text = '\0';
        expected->text += 6;
    }
    expected->kind = strtok(line, " ");
    for (char *word; (word = strtok(NULL, " "));) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (strncmp(word, keys[i].key, strlen(keys[i].key)) == 0) {
                *keys[i].value = word + strlen(keys[i].key);
                is_known = true;
            }
        if (!is_known) {
            expected->code = atoi(word);
            assert_true(ascii_is_digit(word[0]));
        }
    }
}

static void check_optional(const char *line, struct span got, const char *expected)
{
    if (expected)
        check_string(line, got, expected);
}

static void check_name(const char *line, const char *got, const char *expected)
{
    check_string(line, span_of_string(got), expected ? expected : "");
}

static const char *speaker_name(enum item_speaker speaker)
{
    static const char *const names[] = {"unknown", "remote", "local", "listener"};
    return names[speaker];
}

static void check_inside(const char *line, struct span whole, struct span part)
{
    CHECK(line, part.size == 0 || (part.at >= whole.at && part.at + part.size <= whole.at + whole.size));
}

static void check_spans(const char *name, struct span line, const struct sighting *found)
{
    const struct span spans[] = {found->reply,  found->host,        found->address, found->recipient,
                                 found->sender, found->our_address, found->helo,    found->user};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        check_inside(name, line, spans[i]);
}

static void check_sighting(const char *line, const struct sighting *found, const struct expectation *expected)
{
    static const char *const kinds[] = {"none", "reply", "local"};
    char port[8] = "";
    static struct explain_item item;
    item_init(&item, found);
    char enhanced[ENHANCED_STATUS_TEXT_SIZE];
    check_name(line, kinds[found->kind], expected->kind);
    check_number(line, "code", (unsigned)item.reply.code, (unsigned)expected->code);
    check_name(line, enhanced_status_format(item.reply.enhanced, enhanced), expected->enhanced);
    check_name(line, found->stage < 0 ? "" : stage_name(found->stage), expected->stage);
    check_name(line, found->cause < 0 ? "" : cause_name(found->cause), expected->cause);
    check_string(line, found->host, expected->host ? expected->host : "");
    snprintf(port, sizeof port, "%u", found->port);
    check_optional(line, span_of_string(port), expected->port);
    check_optional(line, found->address, expected->address);
    check_optional(line, found->recipient, expected->recipient);
    check_optional(line, found->sender, expected->sender);
    check_optional(line, found->our_address, expected->client);
    check_optional(line, found->helo, expected->helo);
    check_optional(line, found->reply, expected->text);
    check_optional(line, span_of_string(speaker_name(found->speaker)), expected->speaker);
    check_optional(line, span_of_string(item_action_name(found->action)), expected->action);
}

static FILE *open_table(void)
{
    char path[LINE_SIZE];
    snprintf(path, sizeof path, "%s/tests/data/loglines.txt",
             getenv("top_srcdir") ? getenv("top_srcdir") : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

/** Calls back for each line of the table and what is expected of it. */
static size_t for_each_line(void (*check)(char *line, char *expectation))
{
    char line[LINE_SIZE], expectation[LINE_SIZE];
    size_t count = 0;
    FILE *file = open_table();
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0' || strncmp(line, "# ", 2) == 0)
            continue;
        assert_non_null(fgets(expectation, sizeof expectation, file));
        expectation[strcspn(expectation, "\n")] = '\0';
        check(line, expectation);
        count++;
    }
    fclose(file);
    return count;
}

static void check_line(char *line, char *expectation)
{
    struct expectation expected = {.kind = NULL};
    struct sighting found;
    logline_read(span_of_string(line), &found);
    check_spans(line, span_of_string(line), &found);
    split_expectation(expectation, &expected);
    check_sighting(line, &found, &expected);
}

static void replies_are_found_in_every_format(void **state)
{
    (void)state;
    assert_true(for_each_line(check_line) >= 150);
}

/** Each cut of a line is a line of its own that must not be read beyond its end. */
static void check_cuts(char *line, char *expectation)
{
    (void)expectation;
    size_t size = strlen(line);
    for (size_t cut = 0; cut < size; cut += 3) {
        char *copy = malloc(size - cut + 1);
        assert_non_null(copy);
        memcpy(copy, line, size - cut);
        struct sighting found;
        logline_read(span_of(copy, size - cut), &found);
        check_spans(line, span_of(copy, size - cut), &found);
        memcpy(copy, line + cut, size - cut);
        logline_read_reply(span_of(copy, size - cut), &found);
        check_spans(line, span_of(copy, size - cut), &found);
        free(copy);
    }
}

static void no_cut_leads_outside_the_line(void **state)
{
    (void)state;
    for_each_line(check_cuts);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_found_in_every_format),
        cmocka_unit_test(no_cut_leads_outside_the_line),
        cmocka_unit_test(words_known_to_be_a_reply_need_no_code),
    };
    return cmocka_run_group_tests_name("logline", tests, NULL, NULL);
}
