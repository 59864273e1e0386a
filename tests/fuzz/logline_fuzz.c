/* Whatever a line holds, what is found in it lies inside it (INVARIANTS 19). */
#include "check_item.h"

#include "explain/logline.h"

#include <string.h>

static void check_inside(struct span line, struct span part)
{
    FUZZ_REQUIRE(part.size == 0 || (part.at >= line.at && part.at + part.size <= line.at + line.size));
}

static void check_sighting(struct span line, const struct sighting *found)
{
    static struct explain_item item;
    const struct span parts[] = {found->reply,     found->host,     found->address,
                                 found->recipient, found->sender,   found->our_address,
                                 found->helo,      found->provider, found->user};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        check_inside(line, parts[i]);
    item_init(&item, found);
    check_item(&item);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1); /* never NULL for an empty line, and its end is the block's */
    if (!copy)
        return 0;
    struct span line = span_of(copy + 1, size);
    if (size > 0)
        memcpy(copy + 1, data, size);
    struct sighting found;
    logline_read(line, &found);
    check_sighting(line, &found);
    logline_read_reply(line, &found);
    check_sighting(line, &found);
    free(copy);
    return 0;
}
