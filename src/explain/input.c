#include "explain/input.h"

#include "base/memory.h"
#include "base/utf16.h"
#include "explain/bounce.h"
#include "explain/logline.h"
#include "explain/object.h"
#include "explain/scan.h"

#include <stdlib.h>

enum coding {
    CODING_OPEN, /* the first octets may be a mark */
    CODING_OCTETS,
    CODING_UTF16,
};

struct explain_input {
    enum input_form form;
    enum coding coding;
    struct utf16 utf16;
    struct buffer decoded; /* what was fed last, if it was UTF-16 */
    struct span octets;    /* fed and not yet looked at */
    bool is_finished;

    struct buffer line; /* a line that came in pieces */
    bool line_is_done;  /* it has been given out and is to be forgotten */
    bool has_line;      /* something has come of it, if only what the bound left out */
    size_t line_number; /* of the line given out last */
    struct span again;  /* a line that was looked at and is to be given out once more */
    bool has_again;

    struct buffer reply; /* `NNN-` lines that wait for the rest of their reply */
    int reply_code;
    struct enhanced_status reply_enhanced;
    size_t reply_line; /* number of the first */
    size_t reply_line_count;

    struct buffer message;
    size_t message_line;
    bool message_is_done; /* all of it is answered */
    bool after_blank;     /* the line before was empty: "From " may begin the next message */
    struct arena arena;   /* of the items of one message */
    struct explain_item *items;
    size_t item_count;

    json_t *object; /* the item's texts live in it */
    struct explain_item item;
};

struct explain_input *explain_input_new(enum input_form form)
{
    struct explain_input *input = memory_allocate(sizeof *input);
    *input = (struct explain_input){.form = form, .arena = ARENA_EMPTY, .after_blank = true};
    return input;
}

void explain_input_free(struct explain_input *input)
{
    if (!input)
        return;
    buffer_clear(&input->decoded);
    buffer_clear(&input->line);
    buffer_clear(&input->reply);
    buffer_clear(&input->message);
    arena_clear(&input->arena);
    json_decref(input->object);
    free(input);
}

/** Keeps what the bound allows of a line that is not complete, or began in octets that are gone. */
static void keep_piece(struct explain_input *input, struct span piece)
{
    size_t room = INPUT_LINE_LIMIT - input->line.size;
    input->has_line = true;
    buffer_add(&input->line, span_first(piece, room));
}

/* What the octets are */

/**
 * Programs of Windows save text as UTF-16 behind a byte order mark (RFC 2781 3.2). If its first octet comes
 * alone it is kept as the begin of a line, which it is else.
 * @return the octets behind the mark
 */
static struct span look_for_mark(struct explain_input *input, struct span octets)
{
    bool is_second = input->line.size > 0;
    unsigned char first = (unsigned char)(is_second ? input->line.data[0] : octets.at[0]);
    struct span rest = span_skip(octets, is_second ? 0 : 1);
    if (rest.size == 0 && first >= 0xfe) {
        keep_piece(input, octets);
        return rest;
    }
    input->coding = CODING_OCTETS;
    if (rest.size == 0 || first < 0xfe || (first ^ (unsigned char)rest.at[0]) != (0xfe ^ 0xff))
        return octets;
    input->coding = CODING_UTF16;
    input->utf16 = first == 0xfe ? UTF16_BIG_ENDIAN : UTF16_LITTLE_ENDIAN;
    buffer_truncate(&input->line, 0);
    input->has_line = false;
    return span_skip(rest, 1);
}

void explain_input_feed(struct explain_input *input, struct span octets)
{
    if (input->coding == CODING_OPEN && octets.size > 0)
        octets = look_for_mark(input, octets);
    if (input->coding == CODING_UTF16) {
        buffer_truncate(&input->decoded, 0);
        utf16_add(&input->utf16, octets, &input->decoded);
        octets = buffer_span(&input->decoded);
    }
    input->octets = octets;
}

void explain_input_finish(struct explain_input *input)
{
    input->is_finished = true;
}

/** At the end half a character may be left. */
static void keep_rest(struct explain_input *input)
{
    buffer_truncate(&input->decoded, 0);
    utf16_finish(&input->utf16, &input->decoded);
    if (input->decoded.size > 0)
        keep_piece(input, buffer_span(&input->decoded));
}

/* Lines */

static struct span finish_line(struct explain_input *input, struct span line)
{
    input->line_number++;
    if (line.size > 0 && line.at[line.size - 1] == '\r')
        line.size--;
    if (input->line_number == 1 && span_starts_with(line, "\xef\xbb\xbf"))
        line = span_skip(line, 3);
    return line;
}

/** @return whether there is another line; it lives until the next call or the next octets */
static bool take_line(struct explain_input *input, struct span *line)
{
    if (input->has_again) {
        *line = input->again;
        input->has_again = false;
        return true;
    }
    if (input->line_is_done) {
        buffer_truncate(&input->line, 0);
        input->line_is_done = input->has_line = false;
    }
    size_t size = scan_until(input->octets, '\n');
    bool is_whole = size < input->octets.size;
    struct span piece = span_first(input->octets, size);
    input->octets = span_skip(input->octets, size + 1);
    if (is_whole && !input->has_line) {
        *line = finish_line(input, span_first(piece, INPUT_LINE_LIMIT));
        return true;
    }
    if (piece.size > 0)
        keep_piece(input, piece);
    if (!is_whole && input->is_finished)
        keep_rest(input);
    if (!is_whole && !(input->is_finished && input->has_line))
        return false;
    input->line_is_done = true;
    *line = finish_line(input, buffer_span(&input->line));
    return true;
}

/** Puts the line just taken back; its number stays counted. */
static void give_back(struct explain_input *input, struct span line)
{
    input->again = line;
    input->has_again = true;
}

/* Replies of several lines */

struct reply_line {
    int code;
    bool is_last;
    struct span text; /* without the mark of a transcript */
    struct enhanced_status enhanced;
};

/** What a transcript puts in front of each line; see logline_read(). */
static struct span without_mark(struct span line)
{
    size_t size = 0;
    while (size < line.size && !ascii_is_alphanumeric(line.at[size]) && memchr("<-~* ", line.at[size], 5))
        size++;
    return size > 0 && scan_code(span_skip(line, size)) ? span_skip(line, size) : line;
}

static struct reply_line read_reply_line(struct span line)
{
    struct reply_line read = {.text = without_mark(line), .is_last = true};
    if (read.text.size == 0 || !ascii_is_digit(read.text.at[0]))
        return read;
    read.code = scan_code(read.text);
    read.is_last = read.text.size < 4 || read.text.at[3] != '-';
    enhanced_status_parse(span_skip(read.text, 4), &read.enhanced, NULL);
    return read;
}

/** A reply that was made one line of by somebody: "550-5.1.1 a 550-5.1.1 b 550 5.1.1 c". */
static bool is_flattened(struct span line)
{
    char last[] = {' ', line.at[0], line.at[1], line.at[2], ' '};
    size_t at;
    return scan_find(line, span_of(last, sizeof last), &at);
}

static void item_of_line(struct explain_input *input, size_t first, struct span whole)
{
    input->item.first_line = first;
    input->item.last_line = input->line_number;
    input->item.input = whole;
}

static struct explain_item *answer_reply(struct explain_input *input)
{
    struct sighting found = SIGHTING_NONE;
    struct span lines = buffer_span(&input->reply);
    found.kind = ITEM_REPLY;
    found.code = input->reply_code;
    found.reply = lines;
    item_init(&input->item, &found);
    item_of_line(input, input->reply_line, lines);
    input->reply_code = 0;
    return &input->item;
}

static void hold_line(struct explain_input *input, const struct reply_line *line)
{
    if (input->reply_code == 0) {
        buffer_truncate(&input->reply, 0);
        input->reply_code = line->code;
        input->reply_line = input->line_number;
        input->reply_line_count = 0;
        input->reply_enhanced = line->enhanced;
    } else
        buffer_add_char(&input->reply, '\n');
    buffer_add(&input->reply, line->text);
    input->reply_line_count++;
}

/**
 * Lines of one reply carry one code, and one enhanced code if any (RFC 2034 4).
 * Each line is answered with all of them, so that without a bound the output would grow with their square.
 */
static bool continues(const struct explain_input *input, const struct reply_line *line)
{
    bool differs = line->enhanced.class && input->reply_enhanced.class &&
                   !enhanced_status_equal(line->enhanced, input->reply_enhanced);
    return line->code == input->reply_code && !differs && input->reply_line_count < ITEM_LINES_LIMIT &&
           input->reply.size + line->text.size < INPUT_REPLY_LIMIT;
}

static struct explain_item *answer_line(struct explain_input *input, struct span line)
{
    struct sighting found;
    if (object_begins(line))
        input->object = object_read(line, &input->item);
    else {
        logline_read(line, &found);
        if (found.kind == ITEM_NOTHING) /* most lines of a log */
            item_init_lack(&input->item, LACK_REPLY);
        else
            item_init(&input->item, &found);
    }
    item_of_line(input, input->line_number, line);
    return &input->item;
}

/** @return the item that the line completes, or NULL if more lines are wanted */
static struct explain_item *read_line(struct explain_input *input, struct span line)
{
    struct reply_line read = read_reply_line(line);
    if (input->reply_code > 0) {
        if (continues(input, &read)) {
            hold_line(input, &read);
            return read.is_last ? answer_reply(input) : NULL;
        }
        give_back(input, line);
        struct explain_item *item = answer_reply(input);
        input->item.last_line = input->line_number - 1;
        return item;
    }
    if (read.code == 0 || read.is_last || is_flattened(read.text))
        return answer_line(input, line);
    hold_line(input, &read);
    return NULL;
}

/* Messages */

/** Fields that messages and reports begin with; those that people cite line by line are not among them. */
static const struct span first_fields[] = {
    LITERAL("Return-Path"),
    LITERAL("Delivered-To"),
    LITERAL("Received"),
    LITERAL("X-Original-To"),
    LITERAL("Envelope-To"),
    LITERAL("Message-ID"),
    LITERAL("MIME-Version"),
    LITERAL("Content-Type"),
    LITERAL("Date"),
    LITERAL("From"),
    LITERAL("To"),
    LITERAL("Subject"),
    LITERAL("Reply-To"),
    LITERAL("Sender"),
    LITERAL("Cc"),
    LITERAL("DKIM-Signature"),
    LITERAL("ARC-Seal"),
    LITERAL("ARC-Authentication-Results"),
    LITERAL("Delivery-Date"),
    LITERAL("Authentication-Results"),
    LITERAL("Received-SPF"),
    LITERAL("Reporting-MTA"),
    LITERAL("Final-Recipient"),
    LITERAL("Original-Envelope-Id"),
    LITERAL("Auto-Submitted"),
    LITERAL("X-Failed-Recipients"),
    LITERAL("Errors-To"),
    LITERAL("Precedence"),
    LITERAL("Importance"),
    LITERAL("Thread-Topic"),
    LITERAL("X-Priority"),
    LITERAL("X-Mailer"),
    LITERAL("X-Received"),
    LITERAL("X-Google-Smtp-Source"),
    LITERAL("X-MS-Exchange-Organization-SCL"),
    LITERAL("X-Spam-Status"),
    LITERAL("X-Spam-Flag"),
    LITERAL("X-Spam-Checker-Version"),
    LITERAL("X-Mozilla-Status"),
    LITERAL("X-Gm-Message-State"),
    LITERAL("X-Apparently-To"),
    LITERAL("X-Account-Key"),
    LITERAL("X-UIDL"),
    LITERAL("List-Id"),
};

static bool begins_message(struct span line)
{
    struct span name = span_first(line, scan_until(span_first(line, 64), ':'));
    if (scan_begins(line, SPAN("From ")))
        return true;
    if (name.size == line.size || name.size == 64)
        return false;
    for (size_t i = 0; i < sizeof first_fields / sizeof *first_fields; i++)
        if (span_equal_nocase(name, first_fields[i])) /* some log what they "received: 550 ..." */
            return !scan_code(span_trim(span_skip(line, name.size + 1)));
    return false;
}

static struct explain_item *next_of_message(struct explain_input *input)
{
    struct explain_item *item = input->items++;
    input->item_count--;
    item->first_line = item->last_line = input->message_line;
    return item;
}

static struct explain_item *answer_message(struct explain_input *input)
{
    arena_clear(&input->arena);
    input->item_count = bounce_read(buffer_span(&input->message), &input->arena, &input->items);
    input->message_is_done = true;
    return next_of_message(input);
}

/** A mailbox file has a "From " line in front of each message, behind an empty line. */
static struct explain_item *read_message_line(struct explain_input *input, struct span line)
{
    if (input->after_blank && span_starts_with(line, "From ") && input->message.size > 0) {
        give_back(input, line);
        return answer_message(input);
    }
    if (input->message.size == 0)
        input->message_line = input->line_number;
    input->after_blank = line.size == 0;
    if (input->message.size + line.size < INPUT_MESSAGE_LIMIT) {
        buffer_add(&input->message, line);
        buffer_add_char(&input->message, '\n');
    }
    return NULL;
}

/* The stream */

static struct explain_item *read_any(struct explain_input *input, struct span line)
{
    if (input->form == INPUT_AUTO && line.size > 0)
        input->form = begins_message(line) ? INPUT_MESSAGE : INPUT_LINES;
    return input->form == INPUT_MESSAGE ? read_message_line(input, line) : read_line(input, line);
}

static struct explain_item *last_item(struct explain_input *input)
{
    if (input->reply_code > 0)
        return answer_reply(input);
    return input->message.size > 0 ? answer_message(input) : NULL;
}

struct explain_item *explain_input_next(struct explain_input *input)
{
    struct span line;
    if (input->item_count > 0)
        return next_of_message(input);
    if (input->message_is_done)
        buffer_truncate(&input->message, 0);
    input->message_is_done = false;
    json_decref(input->object);
    input->object = NULL;
    while (take_line(input, &line)) {
        struct explain_item *item = read_any(input, line);
        if (item)
            return item;
    }
    return input->is_finished ? last_item(input) : NULL;
}
