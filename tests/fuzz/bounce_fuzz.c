/* Any message gives at least one item, within the bounds (INVARIANTS 15, 19). */
#include "check_item.h"

#include "explain/bounce.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_EMPTY;
    struct explain_item *items;
    size_t count = bounce_read(span_of((const char *)data, size), &arena, &items);
    FUZZ_REQUIRE(count >= 1 && count <= BOUNCE_RECIPIENTS_LIMIT);
    for (size_t i = 0; i < count; i++)
        check_item(&items[i]);
    arena_clear(&arena);
    return 0;
}
