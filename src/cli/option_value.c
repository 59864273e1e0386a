#include "cli/option_value.h"

#include "base/arena.h"

#include <arpa/inet.h>
#include <netdb.h>

static unsigned long long seconds_in(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    default:
        return 0;
    }
}

bool option_parse_duration(const char *text, duration *parsed)
{
    const unsigned long long year = 366ULL * 24 * 3600;
    struct span digits = span_of_string(text);
    unsigned long long unit = 1, number;
    if (digits.size && !ascii_is_digit(digits.at[digits.size - 1])) {
        unit = seconds_in(digits.at[digits.size - 1]);
        digits.size--;
    }
    if (!unit || !span_to_number(digits, year / unit, &number))
        return false;
    *parsed = SECONDS(number * unit);
    return true;
}

bool option_parse_port(const char *text, unsigned *port)
{
    unsigned long long number;
    if (span_to_number(span_of_string(text), 65535, &number)) {
        *port = (unsigned)number;
        return number > 0;
    }
    if (!ascii_is_alpha(text[0]))
        return false;
    const struct servent *service = getservbyname(text, "tcp");
    if (service)
        *port = ntohs((uint16_t)service->s_port);
    return service != NULL;
}

bool option_parse_choice(const char *choices, const char *text, int *index)
{
    struct span rest = span_of_string(choices), choice;
    for (int i = 0; span_next_token(&rest, " ", &choice); i++)
        if (span_is_nocase(choice, text)) {
            *index = i;
            return true;
        }
    return false;
}

static const struct {
    const char *name;
    enum stop_point point;
} stop_names[] = {
    {"CONNECT", STOP_AT_BANNER},
    {"BANNER", STOP_AT_BANNER},
    {"FIRST-HELO", STOP_AT_FIRST_EHLO},
    {"FIRST-EHLO", STOP_AT_FIRST_EHLO},
    {"FIRST-LHLO", STOP_AT_FIRST_EHLO},
    {"STARTTLS", STOP_AT_STARTTLS},
    {"TLS", STOP_AT_STARTTLS},
    {"HELO", STOP_AT_EHLO},
    {"EHLO", STOP_AT_EHLO},
    {"LHLO", STOP_AT_EHLO},
    {"AUTH", STOP_AT_AUTH},
    {"MAIL", STOP_AT_MAIL},
    {"FROM", STOP_AT_MAIL},
    {"RCPT", STOP_AT_RCPT},
    {"TO", STOP_AT_RCPT},
    {"DATA", STOP_AT_DATA},
    {"DOT", STOP_AT_BODY},
};

bool option_parse_stage(const char *text, enum stop_point *point)
{
    for (size_t i = 0; i < sizeof stop_names / sizeof *stop_names; i++)
        if (span_is_nocase(span_of_string(stop_names[i].name), text)) {
            *point = stop_names[i].point;
            return true;
        }
    return false;
}

static bool split_bracketed(struct span text, struct span *host, struct span *port)
{
    const char *close = memchr(text.at, ']', text.size);
    if (!close)
        return false;
    *host = span_of(text.at + 1, (size_t)(close - text.at) - 1);
    struct span rest = span_skip(text, host->size + 2);
    *port = span_skip(rest, 1);
    return host->size && (!rest.size || (port->size && (*rest.at == ':' || *rest.at == '/')));
}

bool option_split_host(struct span text, struct span *host, struct span *port)
{
    *host = text;
    *port = span_of(NULL, 0);
    if (!text.size)
        return false;
    if (*text.at == '[')
        return split_bracketed(text, host, port);
    const char *separator = memchr(text.at, '/', text.size);
    if (!separator) {
        separator = memchr(text.at, ':', text.size);
        size_t behind = separator ? (size_t)(text.at + text.size - separator) - 1 : 0;
        if (!separator || memchr(separator + 1, ':', behind))
            return true;
    }
    *host = span_first(text, (size_t)(separator - text.at));
    *port = span_skip(text, host->size + 1);
    return host->size && port->size;
}

static const char *list_choices(const char *choices, struct arena *arena)
{
    struct span rest = span_of_string(choices), choice;
    const char *list = "";
    while (span_next_token(&rest, " ", &choice))
        list = arena_printf(arena, "%s%s%.*s", list,
                            !*list      ? ""
                            : rest.size ? ", "
                                        : " or ",
                            SPAN_ARGS(choice));
    return list;
}

static const char *number_fault(const struct option *option, const char *text, struct arena *arena)
{
    unsigned long long number;
    if (span_to_number(span_of_string(text), option->maximum, &number) && number >= option->minimum)
        return NULL;
    return arena_printf(arena, "a number from %u to %u", option->minimum, option->maximum);
}

const char *option_value_fault(const struct option *option, const char *text, struct arena *arena)
{
    duration period;
    unsigned port;
    int index;
    struct span host, service;
    switch (option->kind) {
    case KIND_DURATION:
        return option_parse_duration(text, &period) ? NULL
                                                    : "a time such as 30, 30s, 5m or 1h, or 0 for no limit";
    case KIND_PORT:
        return option_parse_port(text, &port) ? NULL : "a port from 1 to 65535, or the name of a service";
    case KIND_NUMBER:
        return number_fault(option, text, arena);
    case KIND_CHOICE:
    case KIND_STAGE:
        return option_parse_choice(option->choices, text, &index) ? NULL
                                                                  : list_choices(option->choices, arena);
    case KIND_HOST:
    case KIND_ADDRESS:
        return option_split_host(span_of_string(text), &host, &service)
                   ? NULL
                   : "HOST, HOST:PORT, [HOST]:PORT or HOST/PORT";
    case KIND_FILE:
        return *text ? NULL : "the name of a file";
    default:
        return NULL;
    }
}
