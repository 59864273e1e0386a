/*
 * The text report: the transcript in swaks' prefixes, with our own words under
 * the replies, and the findings and the verdict at the end.
 */
#include "report/text.h"

#include "base/base64.h"
#include "base/memory.h"
#include "base/printable.h"
#include "base/timestamp.h"
#include "report/commentary.h"
#include "report/layout.h"
#include "report/paint.h"
#include "report/received.h"
#include "report/wording.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

/** Our own words: no prefix of swaks begins so, and no server text can. */
static const char note_prefix[] = "  # ";

enum line_kind {
    LINE_INFORMATION,
    LINE_ERROR,
    LINE_SENT,
    LINE_RECEIVED,
    LINE_RECEIVED_BAD,
    LINE_NOTE,
    LINE_TROUBLE, /* the title of a block that explains */
    LINE_ADVICE,  /* the rest of it */
    LINE_FINDING, /* the title of a finding */
    LINE_FINDING_DETAIL,
    LINE_VERDICT,
};

struct text_reporter {
    struct reporter base;
    const struct report_settings *settings;
    const struct record *record;
    struct arena arena; /* explanations for the live transcript */
    struct buffer line; /* scratch */
    struct buffer safe;
    size_t cursor;          /* events told so far */
    size_t octets_received; /* of lines received, as shown */
    bool saw_error;
    bool failed; /* a write did not succeed */
};

/* --- Lines --- */

static enum paint paint_of(enum line_kind kind)
{
    switch (kind) {
    case LINE_ERROR:
    case LINE_RECEIVED_BAD:
        return PAINT_RED;
    case LINE_NOTE:
        return PAINT_CYAN;
    case LINE_TROUBLE:
    case LINE_FINDING:
    case LINE_VERDICT:
        return PAINT_BOLD;
    case LINE_INFORMATION:
        return PAINT_DIM;
    case LINE_SENT:
    case LINE_RECEIVED:
    case LINE_ADVICE:
    case LINE_FINDING_DETAIL:
        break;
    }
    return PAINT_PLAIN;
}

static bool is_hidden(const struct text_reporter *reporter, enum line_kind kind)
{
    const struct report_settings *settings = reporter->settings;
    bool is_error = kind == LINE_ERROR;
    if (settings->hide_all || settings->silence == SILENCE_ALL)
        return true;
    if (kind == LINE_VERDICT)
        return false;
    if (settings->silence == SILENCE_BUT_ERRORS)
        return !is_error && kind != LINE_RECEIVED_BAD;
    if (settings->silence == SILENCE_UNTIL_ERROR && !reporter->saw_error)
        return true;
    switch (kind) {
    case LINE_INFORMATION:
        return settings->hide_information || settings->quiet;
    case LINE_SENT:
        return settings->hide_sent || settings->quiet;
    case LINE_RECEIVED:
        return settings->hide_received || settings->quiet;
    case LINE_RECEIVED_BAD:
        return settings->hide_received;
    case LINE_NOTE:
        return !settings->explain || settings->hide_received || settings->quiet;
    case LINE_TROUBLE:
    case LINE_ADVICE:
        return !settings->explain;
    case LINE_FINDING:
    case LINE_FINDING_DETAIL:
        /* Without prefixes text of the server could pose as a finding. */
        return settings->no_info_hints || settings->no_send_hints || settings->no_receive_hints;
    default:
        return false;
    }
}

static void note_failure(struct text_reporter *reporter, bool ok)
{
    reporter->failed |= !ok;
}

/** Writes whole lines that are safe to show already. */
static void put(struct text_reporter *reporter, enum line_kind kind, struct span text)
{
    if (kind == LINE_ERROR || kind == LINE_RECEIVED_BAD)
        reporter->saw_error = true;
    if (is_hidden(reporter, kind) || text.size == 0)
        return;
    FILE *file = kind == LINE_ERROR ? reporter->settings->errors : reporter->settings->out;
    note_failure(reporter, paint_lines(file, paint_of(kind), reporter->settings->colour, text));
}

/** Counts a line received. @return whether it goes beyond what a report holds */
static bool is_beyond_limit(struct text_reporter *reporter, enum line_kind kind, size_t size)
{
    if (kind != LINE_RECEIVED && kind != LINE_RECEIVED_BAD)
        return false;
    size_t before = reporter->octets_received;
    if (before <= REPORT_SERVER_TEXT_LIMIT)
        reporter->octets_received += size;
    if (reporter->octets_received <= REPORT_SERVER_TEXT_LIMIT)
        return false;
    if (before <= REPORT_SERVER_TEXT_LIMIT)
        put(reporter, LINE_ERROR,
            SPAN("*** The server says more than a report holds; the rest is not shown.\n"));
    return true;
}

/** One line of text from anywhere behind a prefix. */
static void put_line(struct text_reporter *reporter, enum line_kind kind, const char *prefix,
                     struct span text)
{
    buffer_truncate(&reporter->safe, 0);
    buffer_add_string(&reporter->safe, prefix);
    printable_add(&reporter->safe, text, reporter->settings->secrets);
    buffer_add_char(&reporter->safe, '\n');
    if (!is_beyond_limit(reporter, kind, reporter->safe.size))
        put(reporter, kind, buffer_span(&reporter->safe));
}

static const char *prefix_unless(bool without, const char *prefix)
{
    return without ? "" : prefix;
}

static void put_information(struct text_reporter *reporter, const struct buffer *text)
{
    put_line(reporter, LINE_INFORMATION, prefix_unless(reporter->settings->no_info_hints, "=== "),
             buffer_span(text));
}

static void put_error(struct text_reporter *reporter, const struct buffer *text)
{
    put_line(reporter, LINE_ERROR, prefix_unless(reporter->settings->no_info_hints, "*** "),
             buffer_span(text));
}

static void put_note(struct text_reporter *reporter, struct span text)
{
    struct buffer lines = BUFFER_EMPTY;
    buffer_truncate(&reporter->safe, 0);
    printable_add(&reporter->safe, text, reporter->settings->secrets);
    layout_wrap(&lines, note_prefix, "  #   ", buffer_span(&reporter->safe),
                (size_t)reporter->settings->width);
    put(reporter, LINE_NOTE, buffer_span(&lines));
    buffer_clear(&lines);
}

static struct buffer *scratch(struct text_reporter *reporter)
{
    buffer_truncate(&reporter->line, 0);
    return &reporter->line;
}

/* --- Explanations --- */

static struct commentary own_words(const struct text_reporter *reporter)
{
    const struct report_settings *settings = reporter->settings;
    return (struct commentary){settings->secrets, (size_t)settings->width, note_prefix, "  #   "};
}

static void put_trouble(struct text_reporter *reporter, const struct explanation *explanation)
{
    struct commentary words = own_words(reporter);
    struct buffer block = BUFFER_EMPTY;
    commentary_add_title(&block, &words, explanation);
    put(reporter, LINE_TROUBLE, buffer_span(&block));
    buffer_truncate(&block, 0);
    commentary_add_body(&block, &words, explanation);
    put(reporter, LINE_ADVICE, buffer_span(&block));
    buffer_clear(&block);
}

static bool is_trouble(const struct exchange *exchange)
{
    return exchange->result == EXCHANGE_NEGATIVE || exchange->result == EXCHANGE_UNEXPECTED;
}

static void explain(struct text_reporter *reporter, const struct attempt *attempt, size_t index)
{
    const struct exchange *exchange = &attempt->dialogue.exchanges[index];
    const struct explanation *explanation =
        explain_exchange(reporter->record, attempt, index, reporter->settings->catalog, &reporter->arena);
    if (!explanation)
        return;
    if (is_trouble(exchange)) {
        put_trouble(reporter, explanation);
    } else if (exchange->stage == STAGE_EHLO) {
        struct buffer *line = scratch(reporter);
        wording_capabilities(line,
                             exchange->in_tls ? &attempt->dialogue.secure_capabilities
                                              : &attempt->dialogue.clear_capabilities,
                             exchange->in_tls);
        put_note(reporter, buffer_span(line));
    } else {
        put_note(reporter,
                 span_of_string(reporter->settings->verbose && explanation->meaning ? explanation->meaning
                                                                                    : explanation->title));
    }
}

/* --- Exchanges --- */

static const char *sent_prefix(const struct text_reporter *reporter, const struct exchange *exchange)
{
    return prefix_unless(reporter->settings->no_send_hints, exchange->in_tls ? " ~> " : " -> ");
}

static const char *received_prefix(const struct text_reporter *reporter, const struct exchange *exchange,
                                   bool bad)
{
    const char *prefix = exchange->in_tls ? (bad ? "<~* " : "<~  ") : (bad ? "<** " : "<-  ");
    return prefix_unless(reporter->settings->no_receive_hints, prefix);
}

static void put_hex_rows(struct text_reporter *reporter, enum line_kind kind, const char *prefix,
                         struct span octets)
{
    for (size_t at = 0; at < octets.size; at += 16) {
        struct span row = span_first(span_skip(octets, at), 16);
        struct buffer *line = scratch(reporter);
        for (size_t i = 0; i < 16; i++)
            if (i < row.size)
                buffer_printf(line, "%02x ", (unsigned char)row.at[i]);
            else
                buffer_add_string(line, "   ");
        buffer_add_char(line, ' ');
        for (size_t i = 0; i < row.size; i++)
            buffer_add_char(line, row.at[i] >= ' ' && row.at[i] < 127 ? row.at[i] : '.');
        put_line(reporter, kind, prefix, buffer_span(line));
    }
}

/** Masked as a whole, since in rows of hex no search would find an echoed password. */
static void put_hex(struct text_reporter *reporter, enum line_kind kind, const char *prefix,
                    struct span octets)
{
    struct buffer masked = BUFFER_EMPTY;
    buffer_add(&masked, octets);
    if (reporter->settings->secrets && masked.data)
        secret_list_mask(reporter->settings->secrets, masked.data, masked.size);
    put_hex_rows(reporter, kind, prefix, buffer_span(&masked));
    buffer_clear(&masked);
}

static void put_command_hex(struct text_reporter *reporter, struct span command)
{
    struct buffer octets = BUFFER_EMPTY;
    buffer_add(&octets, command);
    buffer_add(&octets, SPAN("\r\n"));
    put_hex(reporter, LINE_SENT, "  > ", buffer_span(&octets));
    buffer_wipe(&octets);
}

static void put_message(struct text_reporter *reporter, const struct exchange *exchange)
{
    const char *prefix = sent_prefix(reporter, exchange);
    /* A dot alone answers a 354 that came though nobody was left to send to. */
    struct span rest = exchange->is_consequence ? SPAN("") : reporter->record->plan->message, line;
    unsigned long left = exchange->body_is_cut ? exchange->body_lines : ULONG_MAX;
    if (reporter->settings->suppress_data) {
        buffer_printf(scratch(reporter), "%lu lines sent", exchange->body_lines);
        put_line(reporter, LINE_SENT, prefix, buffer_span(&reporter->line));
        return;
    }
    while (rest.size > 0 && left-- > 0) {
        const char *end = memchr(rest.at, '\n', rest.size);
        line = span_first(rest, end ? (size_t)(end - rest.at) : rest.size);
        rest = span_skip(rest, line.size + 1);
        if (line.size > 0 && line.at[line.size - 1] == '\r')
            line.size--;
        put_line(reporter, LINE_SENT, prefix, line);
    }
    if (!reporter->record->plan->raw_message && !exchange->body_is_cut)
        put_line(reporter, LINE_SENT, prefix, SPAN("."));
}

static void tell_message(struct text_reporter *reporter, const struct exchange *exchange)
{
    put_message(reporter, exchange);
    if (!exchange->body_is_cut)
        return;
    buffer_printf(scratch(reporter), "The message was cut off after %llu octets", exchange->body_octets);
    put_information(reporter, &reporter->line);
}

/** NUL parts the fields of PLAIN; shown as "\0". */
static struct span with_visible_nul(struct text_reporter *reporter, struct span text)
{
    struct buffer *line = scratch(reporter);
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i])
            buffer_add_char(line, text.at[i]);
        else
            buffer_add_string(line, "\\0");
    return buffer_span(line);
}

static void tell_sent(struct text_reporter *reporter, const struct exchange *exchange)
{
    if (exchange->stage == STAGE_BODY) {
        tell_message(reporter, exchange);
        return;
    }
    bool decoded = reporter->settings->auth_plaintext && exchange->decoded.size > 0;
    struct span shown = decoded ? with_visible_nul(reporter, exchange->decoded) : exchange->command;
    put_line(reporter, LINE_SENT, sent_prefix(reporter, exchange), shown);
    if (reporter->settings->show_raw_text)
        put_command_hex(reporter, exchange->command);
}

/** --auth-plaintext: a challenge decoded. @return false if it is none, or no base64 */
static bool put_challenge(struct text_reporter *reporter, const struct exchange *exchange)
{
    const struct reply *reply = exchange->reply;
    if (!reporter->settings->auth_plaintext || exchange->stage != STAGE_AUTH || reply->code != 334)
        return false;
    struct buffer *line = scratch(reporter);
    buffer_add_string(line, "334 ");
    if (!base64_decode(span_trim(reply->lines[0]), line))
        return false;
    put_line(reporter, LINE_RECEIVED, received_prefix(reporter, exchange, false), buffer_span(line));
    return true;
}

static void put_reply_lines(struct text_reporter *reporter, const struct exchange *exchange, bool bad,
                            struct span rest)
{
    if (put_challenge(reporter, exchange))
        return;
    const char *prefix = received_prefix(reporter, exchange, bad);
    enum line_kind kind = bad ? LINE_RECEIVED_BAD : LINE_RECEIVED;
    while (rest.size > 0) {
        const char *end = memchr(rest.at, '\n', rest.size);
        struct span line = span_first(rest, end ? (size_t)(end - rest.at) : rest.size);
        rest = span_skip(rest, line.size + 1);
        if (line.size > 0 && line.at[line.size - 1] == '\r')
            line.size--;
        put_line(reporter, kind, prefix, line);
    }
}

static void tell_time_lapse(struct text_reporter *reporter, const struct exchange *exchange)
{
    const struct report_settings *settings = reporter->settings;
    if (!settings->show_time_lapse)
        return;
    instant from = exchange->written != NEVER ? exchange->written : exchange->queued;
    double seconds = duration_in_seconds(exchange->reply->last - from);
    buffer_printf(scratch(reporter),
                  settings->time_lapse_in_seconds ? "response in %.0fs" : "response in %.3fs", seconds);
    put_information(reporter, &reporter->line);
}

static void tell_replied(struct text_reporter *reporter, const struct attempt *attempt, size_t index)
{
    const struct exchange *exchange = &attempt->dialogue.exchanges[index];
    if (!exchange->reply)
        return;
    bool bad = exchange->result != EXCHANGE_POSITIVE && exchange->result != EXCHANGE_INTERMEDIATE;
    tell_time_lapse(reporter, exchange);
    struct span masked = received_masked(exchange->reply, reporter->settings->secrets, &reporter->arena);
    put_reply_lines(reporter, exchange, bad, masked);
    if (reporter->settings->show_raw_text)
        put_hex(reporter, LINE_RECEIVED, "<   ", masked);
    explain(reporter, attempt, index);
}

/* --- Events --- */

static void put_peer_line(struct text_reporter *reporter, const char *before, const struct attempt *attempt,
                          const char *after)
{
    struct buffer *line = scratch(reporter);
    buffer_add_string(line, before);
    wording_peer(line, attempt);
    buffer_add_string(line, after);
    put_information(reporter, line);
}

static void tell_resolved(struct text_reporter *reporter)
{
    const struct route *route = &reporter->record->route;
    struct buffer *line = scratch(reporter);
    wording_route(line, reporter->record);
    if (line->size == 0)
        return;
    if (route->kind == ROUTE_NULL || route->kind == ROUTE_NONE)
        put_error(reporter, line);
    else
        put_information(reporter, line);
}

static void tell_connected(struct text_reporter *reporter, const struct attempt *attempt)
{
    struct buffer *line = scratch(reporter);
    buffer_add_string(line, "Connected in ");
    wording_duration(line, attempt->connected - attempt->began);
    if (reporter->settings->verbose)
        buffer_printf(line, " from [%s]:%u", attempt->local_address, attempt->local_port);
    buffer_add_char(line, '.');
    put_information(reporter, line);
    if (!reporter->record->lacks_own_name || attempt != reporter->record->attempts[0])
        return;
    buffer_printf(scratch(reporter),
                  "This host has no full name; its address %s stands in (--helo NAME sets one).",
                  attempt->helo);
    put_information(reporter, &reporter->line);
}

static void tell_connect_failed(struct text_reporter *reporter, const struct attempt *attempt)
{
    struct buffer *line = scratch(reporter);
    wording_connect_failure(line, attempt);
    put_error(reporter, line);
}

static void add_names(struct buffer *line, const struct tls_certificate *certificate)
{
    for (size_t i = 0; i < certificate->dns_name_count; i++) {
        buffer_add_string(line, i ? " " : ", names ");
        buffer_add(line, certificate->dns_names[i]);
    }
    for (size_t i = 0; i < certificate->ip_address_count; i++) {
        buffer_add_string(line, i ? " " : ", addresses ");
        buffer_add(line, certificate->ip_addresses[i]);
    }
}

static void tell_chain(struct text_reporter *reporter, const struct tls_facts *facts)
{
    for (size_t i = 0; i < facts->chain_count; i++) {
        const struct tls_certificate *certificate = &facts->chain[i];
        struct buffer *line = scratch(reporter);
        char until[TIMESTAMP_SIZE];
        buffer_printf(line, "Certificate %zu: ", i);
        buffer_add(line, certificate->subject);
        add_names(line, certificate);
        buffer_printf(line, "; until %s; %s", timestamp_format_date(certificate->not_after, until),
                      certificate->key_type);
        if (certificate->key_bits)
            buffer_printf(line, " %d bits", certificate->key_bits);
        buffer_printf(line, ", %s; SHA-256 %s; issued by ", certificate->signature, certificate->sha256);
        buffer_add(line, certificate->issuer);
        put_information(reporter, line);
    }
}

static void put_pem(struct text_reporter *reporter, const struct tls_facts *facts, const char *file,
                    size_t count)
{
    if (facts->chain_count == 0)
        return;
    if (file) {
        if (report_save_certificates(file, facts, count))
            return;
        buffer_printf(scratch(reporter), "The certificate cannot be written to %s: %s", file,
                      strerror(errno));
        put_error(reporter, &reporter->line);
        reporter->failed = true;
        return;
    }
    for (size_t i = 0; i < count && i < facts->chain_count; i++) {
        struct span pem = facts->chain[i].pem;
        note_failure(reporter, fwrite(pem.at, 1, pem.size, reporter->settings->out) == pem.size);
    }
}

static void put_judgements(struct text_reporter *reporter, const struct tls_facts *facts)
{
    for (size_t i = 0; wording_judgement(scratch(reporter), facts, i); i++)
        if (reporter->line.size > 0)
            put_information(reporter, &reporter->line);
    if (!facts->client_certificate_requested)
        return;
    buffer_add_string(scratch(reporter), facts->client_certificate_sent
                                             ? "A client certificate was asked for; ours was sent"
                                             : "A client certificate was asked for; none was sent");
    put_information(reporter, &reporter->line);
}

static void tell_tls(struct text_reporter *reporter, const struct attempt *attempt)
{
    const struct tls_facts *facts = attempt->tls;
    struct buffer *line = scratch(reporter);
    if (facts->finished) {
        wording_tls(line, facts);
        put_information(reporter, line);
        put_judgements(reporter, facts);
    } else {
        wording_tls_failure(line, facts);
        put_error(reporter, line);
    }
    if (reporter->settings->verbose)
        tell_chain(reporter, facts);
    if (reporter->settings->show_certificates)
        put_pem(reporter, facts, reporter->settings->certificate_file, 1);
    if (reporter->settings->show_chain)
        put_pem(reporter, facts, reporter->settings->chain_file, SIZE_MAX);
}

static void tell_closed(struct text_reporter *reporter, const struct attempt *attempt)
{
    enum ending ending = attempt->dialogue.end.ending;
    struct buffer *line = scratch(reporter);
    if (ending == ENDING_CLOSED || ending == ENDING_TIMEOUT) {
        buffer_add_string(line, cause_words[attempt->dialogue.end.cause].title);
        if (ending == ENDING_TIMEOUT) {
            buffer_add_string(line, " after ");
            wording_duration(line, attempt->dialogue.end.waited);
        }
        put_error(reporter, line);
    } else if (attempt->dialogue.plan && attempt->dialogue.plan->stop >= STOP_DROP && ending == ENDING_DONE) {
        buffer_add_string(line, "Dropping connection");
        put_information(reporter, line);
    } else {
        buffer_add_string(line, "Connection closed");
        put_information(reporter, line);
    }
}

static void tell_event(struct text_reporter *reporter, const struct event *event)
{
    const struct record *record = reporter->record;
    const struct attempt *attempt = record->attempt_count ? record->attempts[event->attempt] : NULL;
    switch (event->kind) {
    case EVENT_RESOLVED:
        tell_resolved(reporter);
        break;
    case EVENT_HOST_RESOLVED:
        if (record->route.hosts[event->index].problem) {
            wording_host_problem(scratch(reporter), &record->route.hosts[event->index]);
            put_error(reporter, &reporter->line);
        }
        break;
    case EVENT_CONNECTING:
        put_peer_line(reporter, attempt->in_clear_again ? "Trying once more without TLS " : "Trying ",
                      attempt, "...");
        break;
    case EVENT_CONNECTED:
        tell_connected(reporter, attempt);
        break;
    case EVENT_CONNECT_FAILED:
        tell_connect_failed(reporter, attempt);
        break;
    case EVENT_TLS_DONE:
        tell_tls(reporter, attempt);
        break;
    case EVENT_SENT:
        tell_sent(reporter, &attempt->dialogue.exchanges[event->index]);
        break;
    case EVENT_REPLIED:
        tell_replied(reporter, attempt, event->index);
        break;
    case EVENT_CLOSED:
        tell_closed(reporter, attempt);
        break;
    case EVENT_OWN_NAME:
        wording_own_name(scratch(reporter), reporter->record);
        put_information(reporter, &reporter->line);
        break;
    case EVENT_RESOLVING:
    case EVENT_TLS_STARTED:
    case EVENT_SUBMISSION:
    case EVENT_END:
        break;
    }
}

static void text_follow(struct reporter *base)
{
    struct text_reporter *reporter = (struct text_reporter *)base;
    while (reporter->cursor < reporter->record->event_count)
        tell_event(reporter, &reporter->record->events[reporter->cursor++]);
    /* The transcript is live: what was seen is shown before we wait again. */
    note_failure(reporter, fflush(reporter->settings->out) == 0);
}

/* --- The end --- */

static bool is_worth_telling(const struct text_reporter *reporter, const struct finding *finding)
{
    if (reporter->settings->verbose)
        return true;
    return reporter->settings->quiet ? finding->severity >= SEVERITY_WARNING
                                     : finding->severity >= SEVERITY_NOTICE;
}

static void add_number(struct buffer *line, double number)
{
    bool is_whole = number == (double)(long long)number;
    buffer_printf(line, is_whole ? "%.0f" : "%.3f", number);
}

static void add_value(struct buffer *line, const struct evidence *evidence)
{
    switch (evidence->kind) {
    case EVIDENCE_TEXT:
        buffer_add(line, evidence->text);
        break;
    case EVIDENCE_NUMBER:
        add_number(line, evidence->number);
        break;
    case EVIDENCE_LIST:
        for (size_t i = 0; i < evidence->list_count; i++) {
            buffer_add_string(line, i ? ", " : "");
            buffer_add(line, evidence->list[i]);
        }
        break;
    case EVIDENCE_UNKNOWN:
        break;
    }
}

/** Host, address and port in the usual form; then whatever else the finding rests on. */
static void add_evidence(struct buffer *block, struct text_reporter *reporter, const struct finding *finding)
{
    struct buffer *line = scratch(reporter);
    for (size_t i = 0; i < finding->evidence_count; i++) {
        const struct evidence *evidence = &finding->evidence[i];
        bool is_empty = evidence->kind == EVIDENCE_UNKNOWN ||
                        (evidence->kind == EVIDENCE_LIST && evidence->list_count == 0);
        if (is_empty || strcmp(evidence->key, "stage") == 0)
            continue;
        buffer_printf(line, "%s%s ", line->size ? "; " : "", evidence->key);
        add_value(line, evidence);
    }
    if (line->size == 0)
        return;
    buffer_truncate(&reporter->safe, 0);
    printable_add(&reporter->safe, buffer_span(line), reporter->settings->secrets);
    layout_wrap(block, "    ", "    ", buffer_span(&reporter->safe), (size_t)reporter->settings->width);
}

/** @param is_repeated one of the same id was just told: then only what is different */
static void put_finding(struct text_reporter *reporter, const struct finding *finding, bool is_repeated)
{
    struct buffer block = BUFFER_EMPTY, title = BUFFER_EMPTY;
    struct commentary words = own_words(reporter);
    words.margin = "    ";
    const char *severity = severity_words[finding->severity].title;
    buffer_truncate(&reporter->safe, 0);
    buffer_printf(&title, "%s: %s", severity ? severity : severity_words[finding->severity].name,
                  finding->title);
    printable_add(&reporter->safe, buffer_span(&title), reporter->settings->secrets);
    layout_both_ends(&block, "", buffer_span(&reporter->safe), cause_name(finding->id),
                     (size_t)reporter->settings->width);
    put(reporter, LINE_FINDING, buffer_span(&block));
    buffer_truncate(&block, 0);
    add_evidence(&block, reporter, finding);
    if (finding->meaning && !is_repeated)
        commentary_add_text(&block, &words, "", finding->meaning);
    if (!is_repeated)
        commentary_add_steps(&block, &words, NULL, finding->advice, finding->advice_count);
    put(reporter, LINE_FINDING_DETAIL, buffer_span(&block));
    buffer_clear(&block);
    buffer_clear(&title);
}

static void put_verdict(struct text_reporter *reporter, const struct verdict *verdict)
{
    struct buffer *line = scratch(reporter);
    buffer_add_string(line, verdict->title);
    buffer_printf(line, " Exit status %d.", verdict->exit_status);
    put_line(reporter, LINE_VERDICT, "", buffer_span(line));
}

static bool text_finish(struct reporter *base, const struct finding_list *findings,
                        const struct verdict *verdict)
{
    struct text_reporter *reporter = (struct text_reporter *)base;
    text_follow(base);
    put(reporter, LINE_FINDING, SPAN("\n"));
    enum cause last = CAUSE_OK;
    for (size_t i = 0; i < findings->count; i++) {
        if (!is_worth_telling(reporter, findings->all[i]))
            continue;
        put_finding(reporter, findings->all[i], findings->all[i]->id == last);
        put(reporter, LINE_FINDING, SPAN("\n"));
        last = findings->all[i]->id;
    }
    if (verdict->is_untold) {
        put_trouble(reporter, verdict->explanation);
        put(reporter, LINE_TROUBLE, SPAN("\n"));
    }
    put_verdict(reporter, verdict);
    note_failure(reporter, fflush(reporter->settings->out) == 0);
    return !reporter->failed;
}

static void text_close(struct reporter *base)
{
    struct text_reporter *reporter = (struct text_reporter *)base;
    buffer_wipe(&reporter->line);
    buffer_wipe(&reporter->safe);
    arena_clear(&reporter->arena);
    free(reporter);
}

struct reporter *text_reporter_open(const struct report_settings *settings, const struct record *record)
{
    struct text_reporter *reporter = memory_allocate(sizeof *reporter);
    reporter->base = (struct reporter){text_follow, text_finish, text_close};
    reporter->settings = settings;
    reporter->record = record;
    return &reporter->base;
}
