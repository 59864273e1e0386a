#include "report/report.h"

#include "report/json.h"
#include "report/text.h"

const struct report_format report_formats[] = {
    {"text", "a transcript with explanations, findings and the verdict", text_reporter_open},
    {"json", "one JSON document with all evidence", json_reporter_open},
    {NULL, NULL, NULL},
};

const struct report_format *report_format_find(const char *name)
{
    for (const struct report_format *format = report_formats; format->name; format++)
        if (strcmp(format->name, name) == 0)
            return format;
    return NULL;
}
