#include "check.h"

#include "base/json.h"
#include "base/json_writer.h"

/** The value alone as a document; the value is released. */
static void check_written(const char *name, json_t *value, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    CHECK(name, value != NULL);
    json_write(value, false, &out);
    check_string(name, buffer_span(&out), expected);
    json_decref(value);
    buffer_clear(&out);
}

/** The same without a tree. */
static void check_streamed(const char *name, struct span text, const struct secret_list *secrets,
                           const char *expected)
{
    struct json_writer writer = {.secrets = secrets};
    json_writer_text(&writer, text);
    check_string(name, buffer_span(&writer.out), expected);
    json_writer_clear(&writer);
}

static void text_is_always_a_member__invariant_11(void **state)
{
    const struct {
        const char *name;
        struct span text;
        const char *written;
    } cases[] = {
        {"nothing", SPAN(""), "\"\""},
        {"ASCII", SPAN("250 Ok"), "\"250 Ok\""},
        {"quotes", SPAN("a\"\\/b"), "\"a\\\"\\\\/b\""},
        {"NUL", SPAN("a\0b"), "\"a\\u0000b\""},
        {"escape and line end", SPAN("\x1b\r\n"), "\"\\u001B\\r\\n\""},
        {"DEL, which jansson leaves raw",
         SPAN("\x7f"
              "a\x7f"),
         "\"\\u007fa\\u007f\""},
        {"C1", SPAN("\xc2\x9b"), "\"\\u009B\""},
        {"UTF-8", SPAN("\xc3\xa4"), "\"\\u00E4\""},
        {"beyond the first plane", SPAN("\xf0\x9f\x91\x8d"), "\"\\uD83D\\uDC4D\""},
        {"override", SPAN("\xe2\x80\xae"), "\"\\u202E\""},
        {"no UTF-8, for which jansson has no value", SPAN("f\xfcr"), "\"f\\uFFFDr\""},
        {"surrogate", SPAN("\xed\xa0\x80"), "\"\\uFFFD\\uFFFD\\uFFFD\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_written(cases[i].name, json_text(cases[i].text, NULL), cases[i].written);
        check_streamed(cases[i].name, cases[i].text, NULL, cases[i].written);
    }
    check_streamed("empty span", span_of(NULL, 0), NULL, "\"\"");
    check_written("empty span", json_text(span_of(NULL, 0), NULL), "\"\"");
}

static void secrets_are_masked__invariant_6(void **state)
{
    struct secret_list secrets = SECRET_LIST_EMPTY;
    (void)state;
    secret_list_add(&secrets, SPAN("hunter22"));
    check_written("secret", json_text(SPAN("<hunter22>"), &secrets), "\"<********>\"");
    check_streamed("secret", SPAN("<hunter22>"), &secrets, "\"<********>\"");
    secret_list_clear(&secrets);
}

/** Every octet and character, plain and beside others: the writer and jansson agree. */
static void a_stream_looks_like_a_tree(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 0x11000; c++) {
        const char octets[] = {'a',
                               (char)(0xf0 | c >> 18),
                               (char)(0x80 | (c >> 12 & 0x3f)),
                               (char)(0x80 | (c >> 6 & 0x3f)),
                               (char)(0x80 | (c & 0x3f)),
                               (char)(c >> 8),
                               (char)c,
                               'z'};
        const char three[] = {(char)(0xe0 | c >> 12), octets[3], octets[4]};
        struct span texts[] = {span_of(octets, sizeof octets), span_of(three, sizeof three)};
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            struct buffer tree = BUFFER_EMPTY;
            json_t *value = json_text(texts[i], NULL);
            json_write(value, false, &tree);
            check_streamed("character", texts[i], NULL, buffer_string(&tree));
            json_decref(value);
            buffer_clear(&tree);
        }
    }
}

static void documents_come_as_they_are_written(void **state)
{
    struct json_writer writer = JSON_WRITER_EMPTY;
    (void)state;
    json_writer_begin(&writer, '{');
    json_writer_key(&writer, "z");
    json_writer_begin(&writer, '[');
    json_writer_number(&writer, -7);
    json_writer_own_text(&writer, "a\xff");
    json_writer_begin(&writer, '{');
    json_writer_end(&writer, '}');
    json_writer_own_text(&writer, NULL);
    json_writer_end(&writer, ']');
    json_writer_own_member(&writer, "o", "own");
    json_writer_key(&writer, "a");
    json_writer_literal(&writer, "true");
    json_writer_key(&writer, "n");
    json_writer_text(&writer, SPAN("\0"));
    json_writer_end(&writer, '}');
    const char *expected = "{\"z\":[-7,\"a\\uFFFD\",{},null],\"o\":\"own\",\"a\":true,\"n\":\"\\u0000\"}";
    check_string("document", buffer_span(&writer.out), expected);
    check_written("its tree", json_of_own_document(buffer_span(&writer.out)), expected);
    json_writer_clear(&writer);
}

static void text_of_our_own(void **state)
{
    (void)state;
    check_written("text", json_own_text("refused"), "\"refused\"");
    check_written("none", json_own_text(NULL), "null");
    check_written("from an argument", json_own_text("\xff"), "\"\\uFFFD\"");
}

static void seconds(void **state)
{
    volatile double zero = 0;
    (void)state;
    check_written("0", json_seconds(0), "0.0");
    check_written("0.1", json_seconds(0.1), "0.1");
    check_written("rounded", json_seconds(0.1234567), "0.123457");
    check_written("rounded up", json_seconds(1.9999999), "2.0");
    check_written("negative", json_seconds(-0.5), "-0.5");
    check_written("many", json_seconds(86400.000001), "86400.000001");
    check_written("no number", json_seconds(zero / zero), "0.0");
    check_written("infinite", json_seconds(1 / zero), "0.0");
    check_written("too many", json_seconds(1e300), "0.0");
}

static json_t *make_document(void)
{
    json_t *document = json_object();
    json_object_set_new(document, "z", json_integer(1));
    json_object_set_new(document, "a", json_text(SPAN("b\x7f"), NULL));
    return document;
}

static void documents_in_both_forms__invariant_11(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    json_t *document = make_document();
    (void)state;
    buffer_add_string(&out, ">");
    json_write(document, false, &out);
    assert_string_equal(buffer_string(&out), ">{\"z\":1,\"a\":\"b\\u007f\"}");
    buffer_truncate(&out, 0);
    json_write(document, true, &out);
    assert_string_equal(buffer_string(&out), "{\n  \"z\": 1,\n  \"a\": \"b\\u007f\"\n}");
    json_decref(document);
    buffer_clear(&out);
}

static void what_is_written_can_be_read__invariant_11(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    char octets[255];
    (void)state;
    for (int i = 0; i < 255; i++)
        octets[i] = (char)(i + 1);
    json_t *value = json_text(span_of(octets, sizeof octets), NULL);
    json_write(value, false, &out);
    for (size_t i = 0; i < out.size; i++)
        assert_in_range(out.data[i], ' ', '~');
    json_t *again = json_loadb(out.data, out.size, JSON_DECODE_ANY, NULL);
    assert_non_null(again);
    assert_true(json_equal(value, again));
    json_decref(value);
    json_decref(again);
    buffer_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_always_a_member__invariant_11),
        cmocka_unit_test(secrets_are_masked__invariant_6),
        cmocka_unit_test(a_stream_looks_like_a_tree),
        cmocka_unit_test(documents_come_as_they_are_written),
        cmocka_unit_test(text_of_our_own),
        cmocka_unit_test(seconds),
        cmocka_unit_test(documents_in_both_forms__invariant_11),
        cmocka_unit_test(what_is_written_can_be_read__invariant_11),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
