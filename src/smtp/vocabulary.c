#include "smtp/vocabulary.h"

int vocabulary_find(const struct vocabulary_word *words, int count, struct span name)
{
    for (int i = 0; i < count; i++) {
        if (span_is_nocase(name, words[i].name))
            return i;
        struct span aliases = span_of_string(words[i].aliases), alias;
        while (span_next_token(&aliases, " ", &alias))
            if (span_equal_nocase(name, alias))
                return i;
    }
    return -1;
}

int stage_of_reply(struct span name)
{
    int stage = vocabulary_find(stage_words, STAGE_COUNT, name);
    return stage == STAGE_CONNECT ? STAGE_BANNER : stage;
}
