#include "smtp/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "config.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define DATE "Sun, 09 Sep 2001 01:46:40 +0000"

static struct message_plan plan_of(struct span data)
{
    return (struct message_plan){
        .from = "jo@example.org",
        .to = "user@example.com",
        .helo = "client.example.org",
        .mailer = "smtpprobe v1",
        .now = 1000000000,
        .unique = "1234.abc",
        .data = data,
    };
}

static void assert_builds(const struct message_plan *plan, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    if (!message_build(plan, &out, &error))
        fail_msg("refused: %s", error.text);
    assert_string_equal(buffer_string(&out), expected);
    buffer_clear(&out);
}

static void writes_the_default_message(void **state)
{
    struct message_plan plan = plan_of((struct span){0});
    (void)state;
    plan.cc = "c@example.net, d@example.net";
    assert_builds(&plan, "Date: " DATE "\n"
                         "To: user@example.com\n"
                         "Cc: c@example.net, d@example.net\n"
                         "From: jo@example.org\n"
                         "Subject: test " DATE "\n"
                         "Message-Id: <1234.abc@client.example.org>\n"
                         "X-Mailer: smtpprobe v1\n"
                         "\n"
                         "This is a test mailing\n");
}

static void labels_a_body_beyond_ascii(void **state)
{
    struct message_plan plan = plan_of((struct span){0});
    (void)state;
    plan.from = "";
    plan.body = SPAN("Gr\xc3\xbc\xc3\x9f"
                     "e from %FROM_ADDRESS%\n");
    assert_builds(&plan, "Date: " DATE "\n"
                         "To: user@example.com\n"
                         "From: <>\n"
                         "Subject: test " DATE "\n"
                         "Message-Id: <1234.abc@client.example.org>\n"
                         "X-Mailer: smtpprobe v1\n"
                         "MIME-Version: 1.0\n"
                         "Content-Type: text/plain; charset=utf-8\n"
                         "Content-Transfer-Encoding: 8bit\n"
                         "\n"
                         "Gr\xc3\xbc\xc3\x9f"
                         "e from <>\n\n");
    const struct message_header headers[] = {{SPAN("content-type: text/x; charset=utf-8"), false}};
    plan.headers = headers;
    plan.header_count = 1;
    plan.body = SPAN("\xff");
    assert_builds(&plan, "Date: " DATE "\n"
                         "To: user@example.com\n"
                         "From: <>\n"
                         "Subject: test " DATE "\n"
                         "Message-Id: <1234.abc@client.example.org>\n"
                         "X-Mailer: smtpprobe v1\n"
                         "content-type: text/x; charset=utf-8\n"
                         "\n"
                         "\xff\n");
}

static void replaces_tokens(void **state)
{
    static const struct {
        const char *data, *expected;
    } cases[] = {
        {"%FROM_ADDRESS% ..TO_ADDRESS..", "jo@example.org user@example.com"},
        {"%CC_ADDRESS%|..BCC_ADDRESS..", "|b@example.net"},
        {"%DATE%", DATE},
        {"%MESSAGEID% ..MESSAGEID..", "1234.abc@client.example.org 1234.abc@client.example.org"},
        {"%SWAKS_VERSION%", PACKAGE_VERSION},
        {"..SMTPPROBE_VERSION..", PACKAGE_VERSION},
        {"a%NEWLINE%b", "a\nb"},
        {"%BODY%", "text of jo@example.org"},
        {"\n%BODY% ..BODY..", "\ntext of jo@example.org text of jo@example.org"},
        {"a %DATE b% ...DATE.. .DATE. %DATE.. %date%", "a %DATE b% ." DATE " .DATE. %DATE.. %date%"},
        {"100%%DATE%%", "100%" DATE "%"},
        {"%UNKNOWN% % %% .. ....", "%UNKNOWN% % %% .. ...."},
        {"a\\nb", "a\\nb"},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct message_plan plan = plan_of(span_of_string(cases[i].data));
        plan.bcc = "b@example.net";
        if (strstr(cases[i].data, "BODY"))
            plan.body = SPAN("text of %FROM_ADDRESS%");
        assert_builds(&plan, cases[i].expected);
    }
}

static void does_not_expand_what_tokens_bring(void **state)
{
    struct message_plan plan = plan_of(SPAN("..TO_ADDRESS..\n\n%BODY%"));
    (void)state;
    plan.to = "%DATE%@x";
    plan.body = SPAN("%BODY% ..NEW_HEADERS..");
    assert_builds(&plan, "%DATE%@x\n\n%BODY% ..NEW_HEADERS..");
}

static void tidies_the_users_data(void **state)
{
    static const struct {
        const char *data, *expected;
        bool keep_from_line, raw;
    } cases[] = {
        {"A: b\r\n\r\nc\r\n", "A: b\n\nc\n", false, false},
        {"A: b\n\nc\n.\n", "A: b\n\nc\n", false, false},
        {"A: b\r\n\r\nc\r\n.\r\n", "A: b\n\nc\n", false, false},
        {"A: b\n\nc\n.", "A: b\n\nc\n", false, false},
        {"A: b\n\nc\n..", "A: b\n\nc\n..", false, false},
        {"A: b\n\nc.\n", "A: b\n\nc.\n", false, false},
        {"A: b\n\n.\n.c\n", "A: b\n\n.\n.c\n", false, false},
        {".", "", false, false},
        {"", "", false, false},
        {"From jo Sat\nA: b\n", "A: b\n", false, false},
        {"From jo Sat\nA: b\n", "From jo Sat\nA: b\n", true, false},
        {"From jo Sat", "", false, false},
        {"From: jo\n", "From: jo\n", false, false},
        {"From jo\r\n%DATE%\r\n.\r\n", "From jo\r\n%DATE%\r\n.\r\n", false, true},
        {"bare \r stays", "bare \r stays", false, false},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct message_plan plan = plan_of(span_of_string(cases[i].data));
        plan.keep_from_line = cases[i].keep_from_line;
        plan.raw = cases[i].raw;
        assert_builds(&plan, cases[i].expected);
    }
}

static void places_header_fields(void **state)
{
    static const struct {
        const char *data;
        const char *headers[3]; /* "=" before one that replaces */
        const char *expected;
    } cases[] = {
        {"A: b\n\nc", {"X: 1"}, "A: b\nX: 1\n\nc"},
        {"A: b\n%NEW_HEADERS%\nc", {"X: 1", "Y: 2"}, "A: b\nX: 1\nY: 2\n\nc"},
        {"A: b\n%NEW_HEADERS%\nc", {NULL}, "A: b\n\nc"},
        {"%NEW_HEADERS%A: b\n\nc", {"X: 1", "=a: 2"}, "X: 1\na: 2\n\nc"},
        {"A: b\n\n..NEW_HEADERS..", {"X: 1"}, "A: b\n\nX: 1\n"},
        {"A: b", {"X: 1"}, "A: b\nX: 1\n"},
        {"A: b", {"=A: 1"}, "A: 1\n"},
        {"no header here", {"X: 1"}, "X: 1\n\nno header here"},
        {"", {"X: 1"}, "X: 1\n"},
        {"Message-Id: <1>\nA: b\n\nc", {"=Message-ID: <2>"}, "Message-ID: <2>\nA: b\n\nc"},
        {"A: b\n folded\nC: d\n\ne", {"=a: 1"}, "a: 1\nC: d\n\ne"},
        {"A: b\nC: d\nA: e\n\nf", {"=A: 1"}, "A: 1\nC: d\n\nf"},
        {"A: b\n\nA: in the body", {"=A: 1"}, "A: 1\n\nA: in the body"},
        {"A: b\n\nc", {"=A: 1", "=a: 2"}, "a: 2\n\nc"},
        {"A: b\n\nc", {"=X: 1"}, "A: b\nX: 1\n\nc"},
        {"A: b\n\nc", {"A: 1", "A: 2"}, "A: b\nA: 1\nA: 2\n\nc"},
        {"A: b\n\nc", {"X: at %DATE%"}, "A: b\nX: at " DATE "\n\nc"},
        {"A: b\n\nc", {"X: folded\n line"}, "A: b\nX: folded\n line\n\nc"},
        {"A : b\n\nc", {"=A: 1"}, "A: 1\n\nc"},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct message_header headers[3];
        size_t count = 0;
        for (; count < 3 && cases[i].headers[count]; count++) {
            bool replaces = cases[i].headers[count][0] == '=';
            headers[count] =
                (struct message_header){span_of_string(cases[i].headers[count] + replaces), replaces};
        }
        struct message_plan plan = plan_of(span_of_string(cases[i].data));
        plan.headers = headers;
        plan.header_count = count;
        assert_builds(&plan, cases[i].expected);
    }
}

static void encodes_header_fields(void **state)
{
    const struct {
        struct span line;
        const char *expected;
    } cases[] = {
        {SPAN("Subject: plain  text"), "Subject: plain  text"},
        {SPAN("Subject: Gr\xc3\xbc\xc3\x9f"
              "e"),
         "Subject: =?utf-8?B?R3LDvMOfZQ==?="},
        {SPAN("Subject: a \xc3\xbc \xc3\xb6 b"), "Subject: a =?utf-8?B?w7wgw7Y=?= b"},
        {SPAN("From: \"J\xc3\xb6 v. M\" <j@x>"), "From: =?utf-8?B?SsO2IHYuIE0=?= <j@x>"},
        {SPAN("To: j\xc3\xb6@x, \xc3\xbc <a@b>"), "To: j\xc3\xb6@x, =?utf-8?B?w7w=?= <a@b>"},
        {SPAN("Subject: \xff"), "Subject: =?unknown-8bit?B?/w==?="},
        {SPAN("Subject: \xc3\xbc"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xbc\xc3\xbc"),
         "Subject: =?utf-8?B?w7xhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=?=\n "
         "=?utf-8?B?w7zDvA==?="},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char expected[200];
        struct message_header header = {cases[i].line, false};
        struct message_plan plan = plan_of(SPAN("A: b\n\n"));
        plan.headers = &header;
        plan.header_count = 1;
        snprintf(expected, sizeof expected, "A: b\n%s\n\n", cases[i].expected);
        assert_builds(&plan, expected);
    }
}

static void shows_addresses_in_a_labels(void **state)
{
    struct message_plan plan = plan_of(SPAN("%FROM_ADDRESS% %TO_ADDRESS%"));
    (void)state;
    plan.from = "j\xc3\xb6@m\xc3\xbc.example";
    plan.to = "a@m\xc3\xbc.example,b@x";
    assert_builds(&plan, "j\xc3\xb6@m\xc3\xbc.example a@xn--m-eha.example, b@x");
}

static void folds_long_lists(void **state)
{
    struct message_plan plan = plan_of(SPAN("To: %TO_ADDRESS%\n"));
    struct buffer to = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    (void)state;
    for (int i = 0; i < 100; i++)
        buffer_printf(&to, "%suser%d@example.com", i ? "," : "", i);
    plan.to = buffer_string(&to);
    assert_true(message_build(&plan, &out, &error));
    assert_true(span_starts_with(buffer_span(&out), "To: user0@example.com,\n user1@example.com,\n user2@"));
    assert_true(span_ends_with_nocase(buffer_span(&out), ",\n user99@example.com\n"));
    buffer_clear(&to);
    buffer_clear(&out);
}

static void attaches_files(void **state)
{
    const struct message_part parts[] = {
        {SPAN("0123456789012345678901234567890123456789012345678901234567890"), "application/pdf", "a.pdf",
         false},
        {SPAN(""), NULL, NULL, false},
        {SPAN("x"), "text/plain", "\xc3\xbc \".txt", false},
    };
    struct message_plan plan = plan_of(SPAN("A: b\n%NEW_HEADERS%\n%BODY%"));
    (void)state;
    plan.parts = parts;
    plan.part_count = LENGTH(parts);
    assert_builds(&plan, "A: b\n"
                         "MIME-Version: 1.0\n"
                         "Content-Type: multipart/mixed;\n boundary=\"=_mixed_1234.abc\"\n"
                         "\n"
                         "\n--=_mixed_1234.abc\n"
                         "Content-Type: text/plain; charset=utf-8\n"
                         "\n"
                         "This is a test mailing\n"
                         "\n--=_mixed_1234.abc\n"
                         "Content-Type: application/pdf\n"
                         "Content-Disposition: attachment;\n filename=\"a.pdf\"\n"
                         "Content-Transfer-Encoding: base64\n"
                         "\n"
                         "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2\n"
                         "Nzg5MA==\n"
                         "\n--=_mixed_1234.abc\n"
                         "Content-Type: application/octet-stream\n"
                         "Content-Disposition: attachment\n"
                         "Content-Transfer-Encoding: base64\n"
                         "\n"
                         "\n--=_mixed_1234.abc\n"
                         "Content-Type: text/plain; charset=utf-8\n"
                         "Content-Disposition: attachment;\n filename*=utf-8''%C3%BC%20%22.txt\n"
                         "Content-Transfer-Encoding: base64\n"
                         "\n"
                         "eA==\n"
                         "\n--=_mixed_1234.abc--\n");
}

static void offers_alternatives(void **state)
{
    const struct message_part parts[] = {
        {SPAN("<p>\xc3\xbc</p>"), "text/html", NULL, true},
        {SPAN("f"), NULL, "f", false},
    };
    struct message_plan plan = plan_of(SPAN("%NEW_HEADERS%\n%BODY%"));
    (void)state;
    plan.body = SPAN("plain\n");
    plan.parts = parts;
    plan.part_count = 2;
    assert_builds(&plan, "MIME-Version: 1.0\n"
                         "Content-Type: multipart/mixed;\n boundary=\"=_mixed_1234.abc\"\n"
                         "\n"
                         "\n--=_mixed_1234.abc\n"
                         "Content-Type: multipart/alternative;\n boundary=\"=_alternative_1234.abc\"\n"
                         "\n--=_alternative_1234.abc\n"
                         "Content-Type: text/plain; charset=utf-8\n"
                         "\n"
                         "plain\n"
                         "\n--=_alternative_1234.abc\n"
                         "Content-Type: text/html; charset=utf-8\n"
                         "Content-Transfer-Encoding: 8bit\n"
                         "\n"
                         "<p>\xc3\xbc</p>\n"
                         "\n--=_alternative_1234.abc--\n"
                         "\n--=_mixed_1234.abc\n"
                         "Content-Type: application/octet-stream\n"
                         "Content-Disposition: attachment;\n filename=\"f\"\n"
                         "Content-Transfer-Encoding: base64\n"
                         "\n"
                         "Zg==\n"
                         "\n--=_mixed_1234.abc--\n");
    plan.part_count = 1;
    assert_builds(&plan, "MIME-Version: 1.0\n"
                         "Content-Type: multipart/alternative;\n boundary=\"=_alternative_1234.abc\"\n"
                         "\n"
                         "\n--=_alternative_1234.abc\n"
                         "Content-Type: text/plain; charset=utf-8\n"
                         "\n"
                         "plain\n"
                         "\n--=_alternative_1234.abc\n"
                         "Content-Type: text/html; charset=utf-8\n"
                         "Content-Transfer-Encoding: 8bit\n"
                         "\n"
                         "<p>\xc3\xbc</p>\n"
                         "\n--=_alternative_1234.abc--\n");
}

static void a_single_body_part_is_the_message(void **state)
{
    const struct message_part parts[] = {
        {SPAN("<p>"), "text/html; charset=us-ascii", NULL, true},
        {SPAN("a\0b"), NULL, NULL, true},
        {SPAN("a\rb"), "text/plain", NULL, true},
    };
    const struct message_header mime = {SPAN("mime-version: 1.0 (mine)"), true};
    static const char *const expected[] = {
        "Content-Type: text/html; charset=us-ascii\n\n<p>\n",
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nYQBi\n",
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nYQ1i\n",
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(parts); i++) {
        char whole[200];
        struct message_plan plan = plan_of(SPAN("%NEW_HEADERS%\n%BODY%"));
        plan.headers = &mime;
        plan.header_count = 1;
        plan.parts = &parts[i];
        plan.part_count = 1;
        snprintf(whole, sizeof whole, "mime-version: 1.0 (mine)\n%s", expected[i]);
        assert_builds(&plan, whole);
    }
}

static void long_lines_become_base64(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    (void)state;
    for (int size = 998; size <= 999; size++) {
        struct buffer out = BUFFER_EMPTY;
        struct error error = ERROR_NONE;
        while (text.size < (size_t)size)
            buffer_add_char(&text, 'x');
        struct message_part part = {buffer_span(&text), NULL, NULL, true};
        struct message_plan plan = plan_of((struct span){0});
        plan.parts = &part;
        plan.part_count = 1;
        assert_true(message_build(&plan, &out, &error));
        assert_int_equal(span_contains_nocase(buffer_span(&out), "base64"), size > 998);
        buffer_clear(&out);
    }
    buffer_clear(&text);
}

/* INVARIANTS 8: no injection, here of header fields */
static void refuses_with_the_reason(void **state)
{
    const struct {
        struct span header;
        struct message_part part;
        const char *data, *body, *reason;
    } cases[] = {
        {SPAN("Subject"), {{0}}, NULL, NULL, "\"Name: text\""},
        {SPAN(": x"), {{0}}, NULL, NULL, "\"Name: text\""},
        {SPAN("A b: x"), {{0}}, NULL, NULL, "\"Name: text\""},
        {SPAN("\xc3\xbc: x"), {{0}}, NULL, NULL, "\"Name: text\""},
        {SPAN("A: x\r\nB: y"), {{0}}, NULL, NULL, "field A holds a line end"},
        {SPAN("A: x\nB: y"), {{0}}, NULL, NULL, "line end"},
        {SPAN("A: x\n"), {{0}}, NULL, NULL, "line end"},
        {SPAN("A: x\n\n"), {{0}}, NULL, NULL, "line end"},
        {SPAN("A: x\0"), {{0}}, NULL, NULL, "NUL"},
        {SPAN("A: x"), {SPAN("x"), "pdf", NULL, false}, NULL, NULL, "has a slash"},
        {SPAN("A: x"), {SPAN("x"), "a/b\nX: y", NULL, false}, NULL, NULL, "visible ASCII"},
        {SPAN("A: x"), {SPAN("x"), NULL, NULL, false}, "A: b\n\nc", NULL, "%BODY%"},
        {SPAN("A: x"), {{0}}, "A: b\n\nc", "text", "%BODY%"},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct error error = ERROR_NONE;
        struct message_header header = {cases[i].header, false};
        struct message_plan plan = plan_of(span_of_string(cases[i].data));
        plan.headers = &header;
        plan.header_count = 1;
        plan.parts = &cases[i].part;
        plan.part_count = cases[i].part.content.at != NULL;
        plan.body = span_of_string(cases[i].body);
        assert_false(message_build(&plan, &out, &error));
        assert_non_null(strstr(error.text, cases[i].reason));
        assert_int_equal(out.size, 0);
        buffer_clear(&out);
    }
}

static void knows_what_a_message_needs(void **state)
{
    const struct {
        struct span message;
        bool is_8bit, has_utf8_header;
    } cases[] = {
        {SPAN(""), false, false},
        {SPAN("A: b\n\nc\n"), false, false},
        {SPAN("A: b\n\n\xc3\xbc\n"), true, false},
        {SPAN("A: b\r\n\r\n\xc3\xbc\n"), true, false},
        {SPAN("A: \xc3\xbc\n\nc\n"), true, true},
        {SPAN("A: b\nC: d\xc3\xbc"), true, true},
        {SPAN("\n\xc3\xbc"), true, false},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        assert_int_equal(message_is_8bit(cases[i].message), cases[i].is_8bit);
        assert_int_equal(message_has_utf8_header(cases[i].message), cases[i].has_utf8_header);
    }
}

static void writes_dates(void **state)
{
    static const struct {
        const char *zone, *expected;
    } cases[] = {
        {"UTC0", DATE},
        {"XXX-05:30", "Sun, 09 Sep 2001 07:16:40 +0530"},
        {"XXX+03:30", "Sat, 08 Sep 2001 22:16:40 -0330"},
        {"XXX+00:30", "Sun, 09 Sep 2001 01:16:40 -0030"},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct arena arena = ARENA_EMPTY;
        setenv("TZ", cases[i].zone, 1);
        tzset();
        assert_string_equal(message_date(1000000000, &arena), cases[i].expected);
        arena_clear(&arena);
    }
}

static int use_utc(void **state)
{
    (void)state;
    setenv("TZ", "UTC0", 1);
    tzset();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_default_message),
        cmocka_unit_test(labels_a_body_beyond_ascii),
        cmocka_unit_test(replaces_tokens),
        cmocka_unit_test(does_not_expand_what_tokens_bring),
        cmocka_unit_test(tidies_the_users_data),
        cmocka_unit_test(places_header_fields),
        cmocka_unit_test(encodes_header_fields),
        cmocka_unit_test(shows_addresses_in_a_labels),
        cmocka_unit_test(folds_long_lists),
        cmocka_unit_test(attaches_files),
        cmocka_unit_test(offers_alternatives),
        cmocka_unit_test(a_single_body_part_is_the_message),
        cmocka_unit_test(long_lines_become_base64),
        cmocka_unit_test(refuses_with_the_reason),
        cmocka_unit_test(knows_what_a_message_needs),
        cmocka_unit_test(writes_dates),
    };
    return cmocka_run_group_tests_name("message", tests, use_utc, NULL);
}
