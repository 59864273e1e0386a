/* Replies as reports may show them. */
#include "report/received.h"

#include "check.h"
#include "replies.h"

static const struct {
    const char *name, *reply, *masked;
} cases[] = {
    {"nothing to hide", "535-5.7.8 No\n535 5.7.8 Never", "535-5.7.8 No\r\n535 5.7.8 Never\r\n"},
    {"in one line", "535-x open sesame\n535 y", "535-x ***********\r\n535 y\r\n"},
    {"over two lines", "535-x open se\n535 same y", "535-x *******\r\n535 **** y\r\n"},
    {"behind enhanced codes", "535-5.7.8 x open se\n535 5.7.8 same", "535-5.7.8 x *******\r\n535 5.7.8 ****\r\n"},
    {"folded at the blank", "535-x open\n535 sesame y", "535-x ****\r\n535 ****** y\r\n"},
    {"over three lines", "535-open\n535- ses\n535 ame", "535-****\r\n535-****\r\n535 ***\r\n"},
    {"base64, folded", "501-b3Blb\n501-iBzZXN\n501 hbWU= x", "501-*****\r\n501-******\r\n501 ****= x\r\n"},
    {"with an empty line between", "535-open ses\n535-\n535 ame", "535-********\r\n535-\r\n535 ***\r\n"},
};

static void secrets_are_masked_across_lines__invariant_6(void **state)
{
    struct secret_list secrets = SECRET_LIST_EMPTY;
    (void)state;
    secret_list_add(&secrets, SPAN("open sesame"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = ARENA_EMPTY;
        const struct reply *reply = reply_from(cases[i].reply, &arena);
        struct span masked = received_masked(reply, &secrets, &arena);
        check_string(cases[i].name, masked, cases[i].masked);
        for (size_t line = 0; line < reply->line_count; line++)
            CHECK(cases[i].name, received_line(reply, masked, line).size == reply->lines[line].size);
        arena_clear(&arena);
    }
    secret_list_clear(&secrets);
}

static void without_secrets_nothing_is_copied(void **state)
{
    struct arena arena = ARENA_EMPTY;
    const struct reply *reply = reply_from("250 open sesame", &arena);
    (void)state;
    assert_ptr_equal(received_masked(reply, NULL, &arena).at, reply->raw.at);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_masked_across_lines__invariant_6),
        cmocka_unit_test(without_secrets_nothing_is_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
