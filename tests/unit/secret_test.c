#include "check.h"

#include "base/base64.h"
#include "base/secret.h"

static void forms_are_masked__invariant_6(void **state)
{
    static const struct {
        const char *name, *text, *masked;
        bool found;
    } cases[] = {
        {"plain", "hunter22", "********", true},
        {"plain, within", "no hunter22!", "no ********!", true},
        {"twice", "hunter22 hunter22", "******** ********", true},
        {"glued", "hunter22hunter22", "****************", true},
        {"other case", "Hunter22", "Hunter22", false},
        {"a part", "hunter2", "hunter2", false},
        {"hexadecimal", "x68756e7465723232x", "x****************x", true},
        {"hexadecimal in capitals", "68756E7465723232", "****************", true},
        {"nothing", "", "", false},
        {"short text", "hi", "hi", false},
    };
    struct secret_list secrets = SECRET_LIST_EMPTY;
    (void)state;
    secret_list_add(&secrets, SPAN("hunter22"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer text = BUFFER_EMPTY;
        buffer_add_string(&text, cases[i].text);
        check_number(cases[i].name, "found", secret_list_mask(&secrets, text.data, text.size),
                     cases[i].found);
        check_string(cases[i].name, buffer_span(&text), cases[i].masked);
        buffer_clear(&text);
    }
    secret_list_clear(&secrets);
    assert_null(secrets.patterns);
    assert_int_equal(secrets.count, 0);
}

static void base64_at_every_alignment__invariant_6(void **state)
{
    static const struct span befores[] = {{"", 0}, {"\0", 1}, {"u\0", 2}, {"\0u\0", 3}, {"user", 4}};
    static const struct span afters[] = {{"", 0}, {"x", 1}, {"xy", 2}, {"xyz", 3}};
    static const char *const secret_texts[] = {"hunter", "hunter2", "hunter22", "correct horse"};
    (void)state;
    for (size_t i = 0; i < 5 * 4 * 4; i++) {
        struct secret_list secrets = SECRET_LIST_EMPTY;
        struct buffer octets = BUFFER_EMPTY, text = BUFFER_EMPTY;
        struct span before = befores[i / 16], after = afters[i / 4 % 4];
        struct span secret = span_of_string(secret_texts[i % 4]);
        secret_list_add(&secrets, secret);
        buffer_add(&octets, before);
        buffer_add(&octets, secret);
        buffer_add(&octets, after);
        base64_encode(buffer_span(&octets), &text);
        size_t size = text.size;
        CHECK(secret_texts[i % 4], secret_list_mask(&secrets, text.data, text.size));
        check_number(secret_texts[i % 4], "size", text.size, size);
        /* Every character that has a bit of the secret is gone, and no other. */
        for (size_t at = 0; at < text.size; at++) {
            size_t first_bit = 6 * at, end_bit = 6 * at + 6;
            bool has_bits = end_bit > 8 * before.size && first_bit < 8 * (before.size + secret.size);
            check_number(buffer_string(&text), "masked", text.data[at] == '*', has_bits);
        }
        buffer_clear(&octets);
        buffer_clear(&text);
        secret_list_clear(&secrets);
    }
}

static void short_secrets_are_not_searched__invariant_6(void **state)
{
    struct secret_list secrets = SECRET_LIST_EMPTY;
    char text[] = "12345 MTIzNDU= 123456";
    (void)state;
    secret_list_add(&secrets, SPAN("12345"));
    secret_list_add(&secrets, SPAN(""));
    assert_false(secret_list_mask(&secrets, text, sizeof text - 1));
    secret_list_add(&secrets, SPAN("123456"));
    assert_true(secret_list_mask(&secrets, text, sizeof text - 1));
    assert_string_equal(text, "12345 MTIzNDU= ******");
    secret_list_clear(&secrets);
}

/* Were the first match overwritten at once, the second would no longer be seen. */
static void overlapping_secrets_are_masked_whole__invariant_6(void **state)
{
    struct secret_list secrets = SECRET_LIST_EMPTY;
    char text[] = "<password1234>", repeated[] = "<abababab>";
    (void)state;
    secret_list_add(&secrets, SPAN("password"));
    secret_list_add(&secrets, SPAN("word1234"));
    secret_list_add(&secrets, SPAN("ababab"));
    assert_true(secret_list_mask(&secrets, text, sizeof text - 1));
    assert_string_equal(text, "<************>");
    assert_true(secret_list_mask(&secrets, repeated, sizeof repeated - 1));
    assert_string_equal(repeated, "<********>");
    secret_list_clear(&secrets);
}

static void octets_of_any_value(void **state)
{
    struct secret_list secrets = SECRET_LIST_EMPTY;
    char text[] = "a\0b\0\xff\xfe\0c";
    (void)state;
    secret_list_add(&secrets, SPAN("b\0\xff\xfe\0c"));
    assert_true(secret_list_mask(&secrets, text, sizeof text - 1));
    assert_memory_equal(text, "a\0******", sizeof text);
    secret_list_clear(&secrets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_masked__invariant_6),
        cmocka_unit_test(base64_at_every_alignment__invariant_6),
        cmocka_unit_test(short_secrets_are_not_searched__invariant_6),
        cmocka_unit_test(overlapping_secrets_are_masked_whole__invariant_6),
        cmocka_unit_test(octets_of_any_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
