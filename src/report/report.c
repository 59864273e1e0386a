#include "report/report.h"

#include "report/json.h"
#include "report/text.h"

const struct report_format report_formats[] = {
    {"text", "a transcript with explanations, findings and the verdict", text_reporter_open},
    {"json", "one JSON document with all evidence", json_reporter_open},
    {NULL, NULL, NULL},
};

bool report_save_certificates(const char *path, const struct tls_facts *facts, size_t count)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    for (size_t i = 0; i < count && i < facts->chain_count; i++)
        fwrite(facts->chain[i].pem.at, 1, facts->chain[i].pem.size, file);
    bool ok = !ferror(file);
    return fclose(file) == 0 && ok;
}

const struct report_format *report_format_find(const char *name)
{
    for (const struct report_format *format = report_formats; format->name; format++)
        if (strcmp(format->name, name) == 0)
            return format;
    return NULL;
}
