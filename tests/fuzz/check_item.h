/** What holds for every item that explain's readers give, whatever they read. */
#ifndef FUZZ_CHECK_ITEM_H
#define FUZZ_CHECK_ITEM_H

#include "explain/item.h"
#include "fuzz.h"

static inline void check_item(const struct explain_item *item)
{
    const struct reply *reply = &item->reply;
    FUZZ_REQUIRE(reply->code == 0 || (reply->code >= 200 && reply->code <= 599));
    FUZZ_REQUIRE((item->kind == ITEM_NOTHING) == (item->lack != LACK_NONE));
    FUZZ_REQUIRE(item->lack == LACK_NONE || item_lack_title(item->lack));
    FUZZ_REQUIRE(item->kind == ITEM_REPLY || reply->code == 0);
    FUZZ_REQUIRE(item->context.stage >= -1 && item->context.stage < STAGE_COUNT);
    FUZZ_REQUIRE(item->cause >= -1 && item->cause < CAUSE_COUNT);
    FUZZ_REQUIRE(item->context.port <= 65535);
    FUZZ_REQUIRE(reply->line_count <= ITEM_LINES_LIMIT);
    FUZZ_REQUIRE(item->names_size <= ITEM_NAMES_SIZE);
    for (size_t i = 0; i < reply->line_count; i++) {
        const struct span *line = &reply->lines[i];
        FUZZ_REQUIRE(line->at >= reply->raw.at && line->at + line->size <= reply->raw.at + reply->raw.size);
    }
}

#endif
