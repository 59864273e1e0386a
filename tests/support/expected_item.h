/** What is to be found in a piece of input, written as one line of words; see tests/data/loglines.txt. */
#ifndef SUPPORT_EXPECTED_ITEM_H
#define SUPPORT_EXPECTED_ITEM_H

#include "check.h"
#include "explain/item.h"

#include <stdio.h>
#include <stdlib.h>

/** NULL: not named. */
struct expectation {
    const char *kind, *code, *enhanced, *stage, *host, *cause; /* must not be found if they are not named */
    const char *address, *port, *recipient, *sender, *client, *helo, *speaker, *action, *lack, *lines, *text;
};

/** Splits the line in place. */
static inline void expectation_read(char *line, struct expectation *expected)
{
    const struct {
        const char *key;
        const char **value;
    } keys[] = {
        {"enhanced=", &expected->enhanced},   {"stage=", &expected->stage},
        {"host=", &expected->host},           {"cause=", &expected->cause},
        {"address=", &expected->address},     {"port=", &expected->port},
        {"recipient=", &expected->recipient}, {"sender=", &expected->sender},
        {"client=", &expected->client},       {"helo=", &expected->helo},
        {"speaker=", &expected->speaker},     {"action=", &expected->action},
        {"lack=", &expected->lack},           {"lines=", &expected->lines},
    };
    *expected = (struct expectation){NULL};
    char *text = strstr(line, " text=");
    if (text) {
        *text = '\0';
        expected->text = text + 6;
    }
    expected->kind = strtok(line, " ");
    for (char *word; (word = strtok(NULL, " "));) {
        const char **value = &expected->code;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (strncmp(word, keys[i].key, strlen(keys[i].key)) == 0) {
                value = keys[i].value;
                word += strlen(keys[i].key);
            }
        *value = word;
    }
}

/** Compares with what is named; "" for what must not be found. */
static inline void expectation_compare(const char *name, const char *what, const char *got,
                                       const char *expected)
{
    if (expected && strcmp(got ? got : "", expected) != 0)
        fail_msg("%s: %s is [%s] where [%s] was expected", name, what, got ? got : "", expected);
}

static inline void expectation_compare_number(const char *name, const char *what, size_t got,
                                              const char *expected)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", got);
    expectation_compare(name, what, text, expected);
}

static inline void expectation_check(const char *name, const struct explain_item *item,
                                     const struct expectation *expected)
{
    static const char *const kinds[] = {"none", "reply", "local"};
    static const char *const speakers[] = {"unknown", "remote", "local", "listener"};
    static const char *const lacks[] = {"", "reply", "object", "bounce", "status"};
    const struct explain_context *context = &item->context;
    char enhanced[ENHANCED_STATUS_TEXT_SIZE];
    enhanced_status_format(item->reply.enhanced, enhanced);
    const char *stage = context->stage < 0 ? "" : stage_name(context->stage);
    const char *cause = item->cause < 0 ? "" : cause_name(item->cause);
    expectation_compare(name, "kind", kinds[item->kind], expected->kind);
    expectation_compare_number(name, "code", (size_t)item->reply.code, expected->code ? expected->code : "0");
    expectation_compare(name, "enhanced", enhanced, expected->enhanced ? expected->enhanced : "");
    expectation_compare(name, "stage", stage, expected->stage ? expected->stage : "");
    expectation_compare(name, "host", context->host, expected->host ? expected->host : "");
    expectation_compare(name, "cause", cause, expected->cause ? expected->cause : "");
    expectation_compare(name, "address", context->address, expected->address);
    expectation_compare_number(name, "port", context->port, expected->port);
    expectation_compare(name, "recipient", context->recipient, expected->recipient);
    expectation_compare(name, "sender", context->sender, expected->sender);
    expectation_compare(name, "client", context->our_address, expected->client);
    expectation_compare(name, "helo", context->helo, expected->helo);
    expectation_compare(name, "speaker", speakers[item->speaker], expected->speaker);
    expectation_compare(name, "action", item_action_name(item->action), expected->action);
    expectation_compare(name, "lack", lacks[item->lack], expected->lack);
    expectation_compare_number(name, "lines", item->reply.line_count, expected->lines);
    if (expected->text)
        check_string(name, item->text, expected->text);
}

/** Opens a file of tests/data; the build says where that is. */
static inline FILE *open_test_data(const char *name)
{
    char path[8192];
    const char *top = getenv("top_srcdir");
    snprintf(path, sizeof path, "%s/tests/data/%s", top ? top : ".", name);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("cannot open %s", path);
    return file;
}

/** Reads a line without its end, comments and empty lines left out. @return false at the end */
static inline bool read_test_line(FILE *file, char *line, int size)
{
    do {
        if (!fgets(line, size, file))
            return false;
        line[strcspn(line, "\n")] = '\0';
    } while (line[0] == '\0' || strncmp(line, "# ", 2) == 0);
    return true;
}

#endif
