#include "explain/logline_formats.h"

enum {
    COLUMNS_LIMIT = 32,
    PROTOCOL_REMOTE = 5, /* columns of the protocol logs */
    PROTOCOL_EVENT = 6,
    PROTOCOL_DATA = 7,
    PROTOCOL_CONTEXT = 8,
    TRACKING_SERVER = 4, /* columns of message tracking */
    TRACKING_EVENT = 8,
    TRACKING_RECIPIENT = 11, /* since Exchange 2013 one later */
};

/** "2024-01-02T03:04:05.678Z," */
static bool begins_with_date(struct span line)
{
    if (line.size < 20 || !ascii_is_digit(line.at[0]) || line.at[4] != '-' || line.at[10] != 'T')
        return false;
    size_t comma = scan_until(span_first(line, 40), ',');
    return comma >= 19 && comma < 40 && comma < line.size;
}

/** One column off the front; quotes are doubled inside quotes (RFC 4180 2). */
static struct span take_column(struct span *rest)
{
    size_t end = 0;
    bool is_quoted = rest->size > 0 && rest->at[0] == '"';
    if (is_quoted)
        do {
            end++;
            end += scan_until(span_skip(*rest, end), '"') + 1;
        } while (end < rest->size && rest->at[end] == '"');
    end += scan_until(span_skip(*rest, end < rest->size ? end : rest->size), ',');
    struct span column = span_first(*rest, end);
    *rest = span_skip(*rest, end + 1);
    return is_quoted && column.size > 1 ? span_of(column.at + 1, column.size - 2) : column;
}

static size_t split(struct span line, struct span columns[COLUMNS_LIMIT])
{
    size_t count = 0;
    while (line.size > 0 && count < COLUMNS_LIMIT)
        columns[count++] = take_column(&line);
    return count;
}

/** "192.0.2.1:25" or "[2001:db8::1]:25" */
static struct span read_endpoint(struct span endpoint, unsigned *port)
{
    size_t colon;
    unsigned long long number;
    if (!scan_find_last(endpoint, SPAN(":"), &colon) ||
        !span_to_number(span_skip(endpoint, colon + 1), 65535, &number))
        return span_of(NULL, 0);
    *port = (unsigned)number;
    return scan_strip(span_first(endpoint, colon), "[]");
}

/**
 * `<` is what the other side sent: of a sender its replies. `>` is what we sent: of a receiver its replies.
 */
static void read_protocol(const struct span *columns, size_t count, struct sighting *found)
{
    unsigned port = 0;
    struct span data = columns[PROTOCOL_DATA];
    struct span remote = read_endpoint(columns[PROTOCOL_REMOTE], &port);
    char event = columns[PROTOCOL_EVENT].at[0];
    if (event == '*') {
        if (scan_trouble(data.size == 0 && count > PROTOCOL_CONTEXT ? columns[PROTOCOL_CONTEXT] : data,
                         found))
            found->address = remote;
        return;
    }
    if (!scan_code(data) || (event != '<' && event != '>'))
        return;
    scan_reply(data, found);
    found->speaker = event == '<' ? SPEAKER_REMOTE : SPEAKER_LISTENER;
    if (event == '>') {
        found->our_address = remote;
        return;
    }
    found->address = remote;
    found->port = port;
}

static struct span value_of(struct span text, struct span key)
{
    size_t at;
    if (!scan_find(text, key, &at))
        return span_of(NULL, 0);
    text = span_skip(text, at + key.size);
    return span_trim(span_first(text, scan_until(text, '}')));
}

/** "{LED=550 5.1.1 User unknown};{MSG=};{FQDN=mx.example.com};{IP=192.0.2.1};{LRT=}" */
static bool read_last_error(struct span text, struct sighting *found)
{
    struct span error = value_of(text, SPAN("{LED="));
    if (error.size == 0 || !scan_reply(error, found))
        return false;
    struct span host = value_of(text, SPAN("{FQDN=")), address = value_of(text, SPAN("{IP="));
    found->host = host.size > 0 ? host : found->host;
    found->address = address.size > 0 ? address : found->address;
    found->speaker = host.size > 0 || address.size > 0 ? SPEAKER_REMOTE : SPEAKER_LOCAL;
    return true;
}

static void read_tracking(const struct span *columns, size_t count, struct sighting *found)
{
    size_t at = TRACKING_RECIPIENT;
    bool has_mailbox = columns[at].size > 0 && memchr(columns[at].at, '@', columns[at].size);
    if (!has_mailbox || (columns[at].at[0] == '<'))
        at++;
    if (at + 1 >= count)
        return;
    struct span status = columns[at + 1];
    if (!read_last_error(status, found) && !(status.size > 0 && scan_reply(status, found)))
        return;
    found->recipient = span_first(columns[at], scan_until(columns[at], ';'));
    if (found->host.size == 0 && span_starts_with(columns[TRACKING_EVENT], "SEND"))
        found->host = columns[TRACKING_SERVER];
    if (columns[TRACKING_EVENT].size > 0 && found->speaker == SPEAKER_UNKNOWN)
        found->speaker = span_starts_with(columns[TRACKING_EVENT], "SEND") ? SPEAKER_REMOTE : SPEAKER_LOCAL;
}

bool logline_read_exchange(struct span line, struct sighting *found)
{
    struct span columns[COLUMNS_LIMIT];
    size_t at;
    if (!begins_with_date(line)) {
        bool is_status =
            memchr("{[\"'", line.at[0], 4) && scan_find(span_first(line, 64), SPAN("{LED="), &at);
        return is_status && read_last_error(line, found);
    }
    size_t count = split(line, columns);
    if (count > PROTOCOL_DATA && columns[PROTOCOL_EVENT].size == 1 &&
        memchr("+-<>*", columns[PROTOCOL_EVENT].at[0], 5))
        read_protocol(columns, count, found);
    else if (count > TRACKING_RECIPIENT + 1)
        read_tracking(columns, count, found);
    return true;
}
