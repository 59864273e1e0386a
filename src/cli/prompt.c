#include "cli/prompt.h"

#include "cli/secret_source.h"

static bool ask(struct option_values *values, enum option_id id, struct error *error)
{
    struct buffer answer = BUFFER_EMPTY;
    struct error fault = ERROR_NONE;
    bool is_good = secret_source_prompt(option_table[id].prompt, false, &answer, &fault);
    if (is_good)
        is_good = options_answer(values, id, buffer_span(&answer), error);
    else
        options_complain(values, options_find(values, id), error,
                         "a value is missing (%s), and cannot be asked for: %s", option_table[id].metavar,
                         fault.text);
    buffer_clear(&answer);
    return is_good;
}

bool prompt_for_missing(struct option_values *values, struct error *error)
{
    for (unsigned id = 0; id < OPTION_COUNT; id++)
        if (options_wants_prompt(values, id) && id != OPTION_AUTH_USER && id != OPTION_AUTH_PASSWORD &&
            !ask(values, id, error))
            return false;
    return true;
}
