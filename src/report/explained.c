#include "report/explained.h"

const struct explained_format explained_formats[] = {
    {"text", "each reply with its explanation", explained_text_open},
    {"json", "one JSON object a line", explained_json_open},
    {"table", "how many of each cause, with advice for the most frequent", explained_table_open},
    {NULL, NULL, NULL},
};

const struct explained_format *explained_format_find(const char *name)
{
    for (const struct explained_format *format = explained_formats; format->name; format++)
        if (strcmp(format->name, name) == 0)
            return format;
    return NULL;
}
