/* Strict base64 has one text for each run of octets: what is accepted codes back to itself. */
#include "fuzz.h"

#include "base/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_of((const char *)data, size);
    struct buffer octets = BUFFER_EMPTY, text = BUFFER_EMPTY;
    if (base64_decode(input, &octets)) {
        base64_encode(buffer_span(&octets), &text);
        FUZZ_REQUIRE(span_equal(buffer_span(&text), input));
    }
    buffer_truncate(&octets, 0);
    buffer_truncate(&text, 0);
    base64_encode(input, &text);
    FUZZ_REQUIRE(base64_decode(buffer_span(&text), &octets));
    FUZZ_REQUIRE(span_equal(buffer_span(&octets), input));
    buffer_clear(&octets);
    buffer_clear(&text);
    return 0;
}
