#include "smtp/mailbox.h"

#include "base/buffer.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* 64 and 63 octets */
#define LOCAL_64 "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
#define LABEL_63 "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddd"

static struct arena arena;

static void accepts(void **state)
{
    const struct {
        const char *text, *local, *wire, *ascii_domain, *literal;
        int flags; /* 1: needs SMTPUTF8; 2: UTF-8 domain */
    } cases[] = {
        {"a@b.example", "a", "a@b.example", "b.example", NULL, 0},
        {" <a@b.example> ", "a", "a@b.example", "b.example", NULL, 0},
        {"A@B.Example.", "A", "A@B.Example", "b.example", NULL, 0},
        {"postmaster", "postmaster", "postmaster", NULL, NULL, 0},
        {"a.b+c/d=e@x", "a.b+c/d=e", "a.b+c/d=e@x", "x", NULL, 0},
        {"a@_x._y.example", "a", "a@_x._y.example", "_x._y.example", NULL, 0},
        {"\"a b\"@x", "\"a b\"", "\"a b\"@x", "x", NULL, 0},
        {"\"\"@x", "\"\"", "\"\"@x", "x", NULL, 0},
        {"\"a@b,<c>\"@x", "\"a@b,<c>\"", "\"a@b,<c>\"@x", "x", NULL, 0},
        {"\"a\\\"b\\\\\"@x", "\"a\\\"b\\\\\"", "\"a\\\"b\\\\\"@x", "x", NULL, 0},
        {"\"a\\\"@b\"@x", "\"a\\\"@b\"", "\"a\\\"@b\"@x", "x", NULL, 0},
        {"a@[192.0.2.1]", "a", "a@[192.0.2.1]", NULL, "192.0.2.1", 0},
        {"a@[IPv6:2001:DB8:0::1]", "a", "a@[IPv6:2001:DB8:0::1]", NULL, "2001:db8::1", 0},
        {"a@[ipv6:::]", "a", "a@[ipv6:::]", NULL, "::", 0},
        {"a@#16909060", "a", "a@[1.2.3.4]", NULL, "1.2.3.4", 0},
        {"a@#4294967295", "a", "a@[255.255.255.255]", NULL, "255.255.255.255", 0},
        {"a@m\xc3\xbcller.example", "a", "a@xn--mller-kva.example", "xn--mller-kva.example", NULL, 2},
        {"a@fa\xc3\x9f.example", "a", "a@xn--fa-hia.example", "xn--fa-hia.example", NULL, 2},
        {"a@M\xc3\x9cLLER.example", "a", "a@xn--mller-kva.example", "xn--mller-kva.example", NULL, 2},
        {"a@b\xe3\x80\x82"
         "example",
         "a", "a@b.example", "b.example", NULL, 2},
        {"a@xn--mller-kva.example", "a", "a@xn--mller-kva.example", "xn--mller-kva.example", NULL, 0},
        {"j\xc3\xb6@b.example", "j\xc3\xb6", "j\xc3\xb6@b.example", "b.example", NULL, 1},
        {"j\xc3\xb6@M\xc3\x9cLLER.example", "j\xc3\xb6", "j\xc3\xb6@m\xc3\xbcller.example",
         "xn--mller-kva.example", NULL, 3},
        {"\"j\xc3\xb6 x\"@b", "\"j\xc3\xb6 x\"", "\"j\xc3\xb6 x\"@b", "b", NULL, 1},
        {LOCAL_64 "@x", LOCAL_64, LOCAL_64 "@x", "x", NULL, 0},
        {"a@" LABEL_63 ".x", "a", "a@" LABEL_63 ".x", LABEL_63 ".x", NULL, 0},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct mailbox mailbox;
        struct error error = ERROR_NONE;
        print_message("# %s\n", cases[i].text);
        assert_true(mailbox_parse(&mailbox, span_of_string(cases[i].text), &arena, &error));
        assert_true(span_is(mailbox.local, cases[i].local));
        assert_true(span_is(mailbox.wire, cases[i].wire));
        if (cases[i].ascii_domain)
            assert_string_equal(mailbox.ascii_domain, cases[i].ascii_domain);
        else
            assert_null(mailbox.ascii_domain);
        if (cases[i].literal)
            assert_string_equal(mailbox.literal_address, cases[i].literal);
        assert_int_equal(mailbox.literal_family, !cases[i].literal               ? 0
                                                 : strchr(cases[i].literal, ':') ? AF_INET6
                                                                                 : AF_INET);
        assert_int_equal(mailbox.needs_smtputf8, cases[i].flags & 1);
        assert_int_equal(mailbox.has_utf8_domain, cases[i].flags >> 1);
        assert_false(mailbox.is_null);
    }
}

static void reads_the_null_path(void **state)
{
    static const char *const cases[] = {"", "<>", " <> "};
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct mailbox mailbox;
        struct error error = ERROR_NONE;
        assert_true(mailbox_parse(&mailbox, span_of_string(cases[i]), &arena, &error));
        assert_true(mailbox.is_null);
        assert_int_equal(mailbox.wire.size, 0);
    }
}

/* INVARIANTS 8: no injection */
static void refuses_with_the_reason(void **state)
{
    const struct {
        struct span text;
        const char *reason;
    } cases[] = {
        {SPAN("a\r\nDATA@b"), "control character (0x0d) at position 2"},
        {SPAN("a@b\n"), "control character (0x0a)"},
        {SPAN("a@b\0.example"), "control character (0x00)"},
        {SPAN("\"a\0\"@b"), "control character (0x00)"},
        {SPAN("\"a\r\n\"@b"), "control character (0x0d)"},
        {SPAN("a\x7f@b"), "control character (0x7f)"},
        {SPAN("a\xc2\x85@b"), "control character (0x85)"},
        {SPAN("a\t@b"), "control character (0x09)"},
        {SPAN("a\xff@b"), "octet 0xff at position 2 is not UTF-8"},
        {SPAN("a\xed\xa0\x80@b"), "not UTF-8"},
        {SPAN("a\xc0\xaf@b"), "not UTF-8"},
        {SPAN("a b@c"), "only in quotes"},
        {SPAN("a>b@c"), "only in quotes"},
        {SPAN("a\"b@c"), "only in quotes"},
        {SPAN("a,b@c"), "only in quotes"},
        {SPAN("a@b c"), "no domain name"},
        {SPAN("a@b> RCPT TO:<c"), "no domain name"},
        {SPAN("<a@b> SIZE=1"), "not closed"},
        {SPAN("<a@b"), "not closed"},
        {SPAN("<"), "not closed"},
        {SPAN(">"), "without a name"},
        {SPAN("Jo <a@b>"), "without a name"},
        {SPAN("\"a@b"), "never closed"},
        {SPAN("\"a\\\""), "never closed"},
        {SPAN("\"a\\"), "never closed"},
        {SPAN("\""), "never closed"},
        {SPAN("\"a\"b@c"), "only @ can follow"},
        {SPAN("\"a\\\xc3\xbc\"@b"), "backslash"},
        {SPAN("@b"), "nothing stands before the @"},
        {SPAN("@a,@b:c@d"), "source routes"},
        {SPAN("a@"), "nothing stands behind the @"},
        {SPAN(".a@b"), "dot"},
        {SPAN("a.@b"), "dot"},
        {SPAN("a..b@c"), "dot"},
        {SPAN("a@b@c"), "no domain name"},
        {SPAN("a@.b"), "dot at the beginning"},
        {SPAN("a@b..c"), "two in a row"},
        {SPAN("a@b.."), "two in a row"},
        {SPAN("a@."), "dot"},
        {SPAN("a@-b"), "hyphen"},
        {SPAN("a@b-.c"), "hyphen"},
        {SPAN("a@b/c"), "no domain name"},
        {SPAN("a@192.0.2.1"), "needs brackets: [192.0.2.1]"},
        {SPAN("a@[192.0.2.256]"), "no address literal"},
        {SPAN("a@[192.0.2.1"), "no address literal"},
        {SPAN("a@[2001:db8::1]"), "no address literal"},
        {SPAN("a@[IPv6:192.0.2.1]"), "no address literal"},
        {SPAN("a@[IPv6:fe80::1%eth0]"), "no address literal"},
        {SPAN("a@[]"), "no address literal"},
        {SPAN("a@#4294967296"), "no address literal"},
        {SPAN("a@#-1"), "no address literal"},
        {SPAN("a@#"), "no address literal"},
        {SPAN("a@b\xef\xbc\xa0"
              "c"),
         "no domain name"}, /* full-width @ */
        {SPAN("a@b\xef\xbc\x9e\xef\xbc\x9c"
              "c"),
         "no"},                                       /* full-width > and < */
        {SPAN("a@\xe2\x9d\xa4.example"), "IDNA2008"}, /* a heart */
        {SPAN("a@\xe2\x80\x8d.example"), "IDNA2008"}, /* a joiner alone */
        {SPAN("a@\xe3\x80\x82"), "no"},               /* an ideographic full stop alone */
        {SPAN("a" LOCAL_64 "@x"), "65 octets"},
        {SPAN("a@a" LABEL_63), "63 octets"},
        {SPAN("a@" LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63), "253 octets"},
        {SPAN(LOCAL_64 "@" LABEL_63 "." LABEL_63 "." LABEL_63), "256 are allowed"},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct mailbox mailbox;
        struct error error = ERROR_NONE;
        assert_false(mailbox_parse(&mailbox, cases[i].text, &arena, &error));
        print_message("# %s\n", error.text);
        assert_non_null(strstr(error.text, cases[i].reason));
        for (const char *c = error.text; *c; c++)
            assert_false(((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f);
    }
}

static void splits_lists(void **state)
{
    const struct {
        const char *text;
        size_t count;
        const char *wires[3];
    } cases[] = {
        {"a@b", 1, {"a@b"}},
        {"a@b,c@d", 2, {"a@b", "c@d"}},
        {" a@b , <c@d> ,e", 3, {"a@b", "c@d", "e"}},
        {"\"a,b\"@c,d@e", 2, {"\"a,b\"@c", "d@e"}},
        {"\"a\\\",b\"@c,d@e", 2, {"\"a\\\",b\"@c", "d@e"}},
        {"<\"a>,b\"@c>,d@e", 2, {"\"a>,b\"@c", "d@e"}},
        {"a@b,,c@d,", 2, {"a@b", "c@d"}},
        {"<>", 1, {""}},
        {"", 0, {NULL}},
        {" , ", 0, {NULL}},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct mailbox *list;
        size_t count;
        struct error error = ERROR_NONE;
        print_message("# %s\n", cases[i].text);
        assert_true(mailbox_parse_list(&list, &count, span_of_string(cases[i].text), &arena, &error));
        assert_int_equal(count, cases[i].count);
        for (size_t k = 0; k < count; k++)
            assert_true(span_is(list[k].wire, cases[i].wires[k]));
    }
}

static void names_the_bad_element_of_a_list(void **state)
{
    struct mailbox *list;
    size_t count;
    struct error error = ERROR_NONE;
    (void)state;
    assert_false(mailbox_parse_list(&list, &count, SPAN("a@b,c d@e,f@g"), &arena, &error));
    assert_non_null(strstr(error.text, "\"c d@e\""));
    assert_false(mailbox_parse_list(&list, &count, SPAN("a@b,\"c@d,e@f\\"), &arena, &error));
    assert_non_null(strstr(error.text, "never closed"));
}

static void takes_many_recipients(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct mailbox *list;
    size_t count;
    struct error error = ERROR_NONE;
    (void)state;
    for (int i = 0; i < 1000; i++)
        buffer_printf(&text, "user%d@example.com,", i);
    assert_true(mailbox_parse_list(&list, &count, buffer_span(&text), &arena, &error));
    assert_int_equal(count, 1000);
    assert_true(span_is(list[999].wire, "user999@example.com"));
    buffer_clear(&text);
}

static void judges_host_names(void **state)
{
    const struct {
        struct span name;
        bool is_host_name;
    } cases[] = {
        {SPAN("mx1.example.com"), true},
        {SPAN("mx1.example.com."), true},
        {SPAN("localhost"), true},
        {SPAN("_smtp._tls.x"), true},
        {SPAN("xn--mller-kva.de"), true},
        {SPAN("1.2.3.4"), true},
        {SPAN(LABEL_63 "." LABEL_63 "." LABEL_63
                       ".aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddd"),
         true},
        {SPAN(LABEL_63 "." LABEL_63 "." LABEL_63
                       ".aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddd"),
         false},
        {SPAN(""), false},
        {SPAN("."), false},
        {SPAN("a..b"), false},
        {SPAN("a.b.."), false},
        {SPAN(".a"), false},
        {SPAN("-a"), false},
        {SPAN("a-.b"), false},
        {SPAN("a b"), false},
        {SPAN("a\0b"), false},
        {SPAN("a\x1b[31m"), false},
        {SPAN("a\r\nQUIT"), false},
        {SPAN("a\\.b"), false},
        {SPAN("*.b"), false},
        {SPAN("m\xc3\xbcller.de"), false},
        {SPAN("a" LABEL_63), false},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++)
        assert_int_equal(domain_is_host_name(cases[i].name), cases[i].is_host_name);
}

static void judges_names_for_ehlo(void **state)
{
    const struct {
        struct span name;
        const char *reason; /* NULL: accepted */
    } cases[] = {
        {SPAN("client.example.org"), NULL},
        {SPAN("WIN_PC"), NULL},
        {SPAN("[192.0.2.1]"), NULL},
        {SPAN("[IPv6:2001:db8::1]"), NULL},
        {SPAN("192.0.2.1"), NULL},
        {SPAN(""), "empty"},
        {SPAN("a b"), "no name for EHLO"},
        {SPAN("a\r\nMAIL FROM:<>"), "no name for EHLO"},
        {SPAN("a\0b"), "no name for EHLO"},
        {SPAN("a."), "ends with a dot"},
        {SPAN("[1.2.3]"), "no address literal"},
        {SPAN("[IPv6:::1\r\n]"), "no address literal"},
        {SPAN("#16909060"), "no name for EHLO"},
        {SPAN("m\xc3\xbcller.de"), "xn--"},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct error error = ERROR_NONE;
        bool accepted = helo_name_check(cases[i].name, &error);
        print_message("# %s\n", error.text);
        assert_int_equal(accepted, !cases[i].reason);
        if (cases[i].reason)
            assert_non_null(strstr(error.text, cases[i].reason));
    }
}

static int clear(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(accepts, clear),
        cmocka_unit_test_teardown(reads_the_null_path, clear),
        cmocka_unit_test_teardown(refuses_with_the_reason, clear),
        cmocka_unit_test_teardown(splits_lists, clear),
        cmocka_unit_test_teardown(names_the_bad_element_of_a_list, clear),
        cmocka_unit_test_teardown(takes_many_recipients, clear),
        cmocka_unit_test_teardown(judges_host_names, clear),
        cmocka_unit_test_teardown(judges_names_for_ehlo, clear),
    };
    return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
