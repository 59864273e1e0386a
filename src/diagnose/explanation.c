#include "diagnose/explanation.h"

#include "diagnose/places.h"

const char *confidence_name(enum confidence confidence)
{
    static const char *const names[] = {"tag",      "provider", "software", "phrase",
                                        "enhanced", "basic",    "class"};
    return names[confidence];
}

static void add_advice(struct explanation *explanation, const char *steps,
                       const struct explain_context *context, struct arena *arena)
{
    struct span rest = span_of_string(steps), step;
    size_t capacity = 0;
    while (span_next_token(&rest, "\n", &step)) {
        explanation->advice = arena_grow(arena, explanation->advice, explanation->advice_count, &capacity,
                                         sizeof *explanation->advice);
        explanation->advice[explanation->advice_count++] =
            places_fill(arena_copy(arena, step).at, PLACES_IN_COMMAND, context, NULL, arena);
    }
}

const struct explanation *explanation_of_cause(enum cause cause, const struct explain_context *context,
                                               struct arena *arena)
{
    const struct cause_facts *facts = &cause_facts[cause];
    struct explanation *explanation = ARENA_NEW(arena, struct explanation);
    *explanation = (struct explanation){
        .known = true,
        .confidence = CONFIDENCE_BASIC,
        .cause = cause,
        .title = cause_words[cause].title,
        .meaning = places_fill(facts->meaning, PLACES_IN_PROSE, context, NULL, arena),
        .who = facts->who,
        .retry = facts->retry,
        .retry_after = -1,
        .scope = -1,
    };
    add_advice(explanation, facts->advice, context, arena);
    return explanation;
}
