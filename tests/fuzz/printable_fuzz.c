/* Whatever comes in, what goes out is inert UTF-8 (INVARIANTS 10) without the secret (INVARIANTS 6). */
#include "fuzz.h"

#include "base/printable.h"

static bool steers(unsigned c)
{
    return (c < 0x20 && c != '\t') || (c >= 0x7f && c <= 0x9f) || c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void check_inert(struct span text)
{
    while (text.size > 0) {
        unsigned character;
        size_t size = printable_decode(text, &character);
        FUZZ_REQUIRE(size > 0);
        FUZZ_REQUIRE(!steers(character));
        text = span_skip(text, size);
    }
}

static bool contains(struct span text, struct span part)
{
    for (; text.size >= part.size; text = span_skip(text, 1))
        if (span_equal(span_first(text, part.size), part))
            return true;
    return false;
}

/** The first octets of the input are the secret, the rest is the text that may hold it. */
static void check_masking(struct span input)
{
    struct secret_list secrets = SECRET_LIST_EMPTY;
    struct span secret = span_first(input, 8), text = span_skip(input, 8);
    struct buffer copy = BUFFER_EMPTY;
    if (text.size == 0 || memchr(secret.at, '*', secret.size))
        return;
    secret_list_add(&secrets, secret);
    buffer_add(&copy, text);
    bool masked = secret_list_mask(&secrets, copy.data, copy.size);
    FUZZ_REQUIRE(copy.size == text.size);
    FUZZ_REQUIRE(!contains(buffer_span(&copy), secret));
    FUZZ_REQUIRE(masked || span_equal(buffer_span(&copy), text));
    buffer_clear(&copy);
    secret_list_clear(&secrets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_of((const char *)data, size);
    struct buffer out = BUFFER_EMPTY;
    printable_add(&out, input, NULL);
    check_inert(buffer_span(&out));
    printable_columns(input);
    buffer_truncate(&out, 0);
    bool replaced = printable_add_utf8(&out, input, NULL);
    FUZZ_REQUIRE(printable_is_utf8(buffer_span(&out)));
    FUZZ_REQUIRE(replaced == !printable_is_utf8(input));
    FUZZ_REQUIRE(replaced || span_equal(buffer_span(&out), input));
    buffer_clear(&out);
    check_masking(input);
    return 0;
}
