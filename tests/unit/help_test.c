#include "check.h"

#include "cli/help.h"
#include "cli/option_table.h"

static struct buffer help_on(const char *topic)
{
    struct buffer text = BUFFER_EMPTY;
    CHECK(topic ? topic : "help", help_add(&text, JOB_PROBE, topic));
    return text;
}

static size_t check_width(const char *topic, struct span text)
{
    struct span line;
    size_t lines = 0;
    for (; text.size > 0; lines++) {
        const char *end = memchr(text.at, '\n', text.size);
        assert_non_null(end);
        line = span_first(text, (size_t)(end - text.at));
        CHECK(topic, line.size <= 80 && !span_ends_with_nocase(line, " "));
        text = span_skip(text, line.size + 1);
    }
    return lines;
}

static void help_fits_one_screen(void **state)
{
    struct buffer text = help_on(NULL);
    (void)state;
    assert_true(check_width("help", buffer_span(&text)) <= 24);
    assert_non_null(strstr(buffer_string(&text), "--help all"));
    assert_non_null(strstr(buffer_string(&text), "--help GROUP"));
    buffer_clear(&text);
}

static void help_on_explain_fits_one_screen(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    (void)state;
    assert_true(help_add(&text, JOB_EXPLAIN, NULL));
    assert_true(check_width("explain", buffer_span(&text)) <= 24);
    for (unsigned i = 0; i < OPTION_COUNT; i++)
        if (option_table[i].group == OPTION_GROUP_EXPLAIN)
            CHECK(option_table[i].name, strstr(buffer_string(&text), option_table[i].summary));
    assert_non_null(strstr(buffer_string(&text), "--json"));
    assert_null(strstr(buffer_string(&text), "--to"));
    buffer_clear(&text);
}

static void each_group_has_its_options(void **state)
{
    (void)state;
    for (unsigned group = 0; group < OPTION_GROUP_COUNT; group++) {
        struct buffer text = help_on(option_groups[group].name);
        check_width(option_groups[group].name, buffer_span(&text));
        for (unsigned i = 0; i < OPTION_COUNT; i++)
            check_number(option_table[i].name, option_groups[group].name,
                         strstr(buffer_string(&text), option_table[i].summary) != NULL ||
                             (option_table[i].off && strstr(buffer_string(&text), option_table[i].off)),
                         option_table[i].group == group);
        buffer_clear(&text);
    }
}

static void help_all_names_every_option(void **state)
{
    struct buffer text = help_on("ALL");
    (void)state;
    check_width("all", buffer_span(&text));
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        CHECK(option_table[i].name, strstr(buffer_string(&text), option_table[i].shown));
        CHECK(option_table[i].name, strstr(buffer_string(&text), option_table[i].others));
    }
    for (size_t i = 0; i < exit_words_count; i++)
        CHECK(exit_words[i].status, strstr(buffer_string(&text), exit_words[i].meaning));
    buffer_clear(&text);
}

static void unknown_topics_are_refused(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    (void)state;
    assert_false(help_add(&text, JOB_PROBE, "tl"));
    assert_false(help_add(&text, JOB_PROBE, ""));
    assert_int_equal(text.size, 0);
}

/* The choices of --help are what help_add() takes. */
static void every_choice_is_a_topic(void **state)
{
    struct span rest = span_of_string(option_table[OPTION_HELP].choices), word;
    (void)state;
    while (span_next_token(&rest, " ", &word)) {
        char topic[32] = "";
        memcpy(topic, word.at, word.size);
        struct buffer text = help_on(topic);
        buffer_clear(&text);
    }
}

static void version_names_the_libraries(void **state)
{
    const struct help_library libraries[] = {{"OpenSSL", "3.0.1"}, {"c-ares", "1.18.1"}};
    struct buffer text = BUFFER_EMPTY;
    (void)state;
    help_add_version(&text, libraries, 2);
    assert_memory_equal(buffer_string(&text), "smtpprobe ", 10);
    assert_non_null(strstr(buffer_string(&text), "OpenSSL        3.0.1\n"));
    assert_non_null(strstr(buffer_string(&text), "c-ares         1.18.1\n"));
    buffer_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_fits_one_screen), cmocka_unit_test(help_on_explain_fits_one_screen),        cmocka_unit_test(each_group_has_its_options),
        cmocka_unit_test(help_all_names_every_option), cmocka_unit_test(unknown_topics_are_refused),
        cmocka_unit_test(every_choice_is_a_topic),     cmocka_unit_test(version_names_the_libraries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
