#include "check.h"

#include "base/buffer.h"
#include "smtp/reply.h"

#include <stdio.h>

/** Feeds one piece after the other. @return the first reply, NULL if there is none; *taken octets went into
 * it */
static struct reply *feed(struct arena *arena, const struct span *pieces, size_t count, size_t *taken)
{
    struct reply_parser parser;
    struct reply *reply = NULL;
    reply_parser_init(&parser, arena);
    *taken = 0;
    for (size_t i = 0; i < count && !reply; i++) {
        size_t consumed;
        reply = reply_parser_feed(&parser, pieces[i], &consumed, 1);
        *taken += consumed;
    }
    return reply;
}

static struct reply *feed_whole(struct arena *arena, struct span octets, size_t *taken)
{
    return feed(arena, &octets, 1, taken);
}

static void check_same(const char *name, const struct reply *a, const struct reply *b)
{
    check_number(name, "code in another cut", b->code, a->code);
    check_number(name, "fault in another cut", b->fault, a->fault);
    check_number(name, "fault_line in another cut", b->fault_line, a->fault_line);
    check_number(name, "deviations in another cut", b->deviations, a->deviations);
    check_number(name, "protocol in another cut", b->protocol, a->protocol);
    CHECK(name, enhanced_status_equal(a->enhanced, b->enhanced));
    if (a->fault != REPLY_SOUND) {
        CHECK(name, span_equal(b->raw, span_first(a->raw, b->raw.size)));
        return;
    }
    check_text(name, b->raw, a->raw);
    check_number(name, "line_count in another cut", b->line_count, a->line_count);
    for (size_t i = 0; i < a->line_count; i++)
        check_text(name, b->lines[i], a->lines[i]);
}

static void check_same_result(const char *name, const struct reply *a, size_t taken, const struct reply *b,
                              size_t taken_by_b)
{
    CHECK(name, !a == !b);
    if (a && a->fault == REPLY_SOUND)
        check_number(name, "octets taken in another cut", taken_by_b, taken);
    if (a)
        check_same(name, a, b);
}

static void check_same_in_every_cut(const char *name, struct span octets)
{
    struct arena arena = ARENA_EMPTY;
    struct span single[256];
    size_t taken, again;
    struct reply *whole = feed_whole(&arena, octets, &taken);
    for (size_t cut = 0; cut <= octets.size; cut++) {
        struct span halves[] = {span_first(octets, cut), span_skip(octets, cut)};
        struct reply *reply = feed(&arena, halves, 2, &again);
        check_same_result(name, whole, taken, reply, again);
    }
    assert_true(octets.size <= 256);
    for (size_t i = 0; i < octets.size; i++)
        single[i] = span_of(octets.at + i, 1);
    struct reply *reply = feed(&arena, single, octets.size, &again);
    check_same_result(name, whole, taken, reply, again);
    arena_clear(&arena);
}

struct sound_case {
    const char *name;
    const char *octets;
    int code;
    size_t line_count;
    const char *text; /* of reply_text() */
    const char *enhanced;
    unsigned deviations;
};

static void check_sound(const struct sound_case *c)
{
    struct arena arena = ARENA_EMPTY;
    char enhanced[ENHANCED_STATUS_TEXT_SIZE];
    struct span octets = span_of_string(c->octets);
    size_t taken;
    struct reply *reply = feed_whole(&arena, octets, &taken);
    CHECK(c->name, reply != NULL);
    check_number(c->name, "fault", reply->fault, REPLY_SOUND);
    check_number(c->name, "code", reply->code, c->code);
    check_number(c->name, "line_count", reply->line_count, c->line_count);
    check_number(c->name, "deviations", reply->deviations, c->deviations);
    check_number(c->name, "protocol", reply->protocol, PROTOCOL_SMTP);
    check_string(c->name, reply_text(reply, &arena), c->text);
    check_string(c->name, span_of_string(enhanced_status_format(reply->enhanced, enhanced)), c->enhanced);
    check_text(c->name, reply->raw, octets);
    check_number(c->name, "octets taken", taken, octets.size);
    arena_clear(&arena);
    check_same_in_every_cut(c->name, octets);
}

static void sound_replies_in_every_cut__invariant_4(void **state)
{
    static const struct sound_case cases[] = {
        {"one line", "220 mail.example.com ESMTP\r\n", 220, 1, "mail.example.com ESMTP", "", 0},
        {"blank without text", "250 \r\n", 250, 1, "", "", 0},
        {"several lines", "250-a\r\n250-b\r\n250 c\r\n", 250, 3, "a b c", "", 0},
        {"empty lines between", "250-a\r\n250-\r\n250 \r\n", 250, 3, "a", "", 0},
        {"last line without text", "250-a\r\n250\r\n", 250, 2, "a", "", 0},
        {"lowest code", "200 a\r\n", 200, 1, "a", "", 0},
        {"highest code", "599 a\r\n", 599, 1, "a", "", 0},
        {"unknown code", "573 a\r\n", 573, 1, "a", "", 0},
        {"blanks around the text", "250   a  \r\n", 250, 1, "a", "", 0},
        {"tab in the text", "250 a\tb\r\n", 250, 1, "a\tb", "", 0},
        {"enhanced code", "550 5.1.1 No such user\r\n", 550, 1, "No such user", "5.1.1", 0},
        {"enhanced code on each line", "550-5.1.1 No\r\n550 5.1.1 such user\r\n", 550, 2, "No such user",
         "5.1.1", 0},
        {"the last enhanced code counts", "550-5.1.1 a\r\n550 5.7.1 b\r\n", 550, 2, "a b", "5.7.1", 0},
        {"enhanced code on the first line only", "550-5.1.1 a\r\n550 b\r\n", 550, 2, "a b", "5.1.1", 0},
        {"enhanced code alone", "250 2.0.0\r\n", 250, 1, "", "2.0.0", 0},
        {"enhanced code of another class", "450 5.1.1 a\r\n", 450, 1, "a", "", 0},
        {"an address is no enhanced code", "250 2.0.0.1 a\r\n", 250, 1, "2.0.0.1 a", "", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_sound(&cases[i]);
}

/* The whole line is a code and an end (RFC 5321 4.2): swaks waits for more until its timeout. */
static void a_line_of_just_250_is_a_reply__D1__invariant_18(void **state)
{
    static const struct sound_case cases[] = {
        {"just 250", "250\r\n", 250, 1, "", "", 0},
        {"just 354 with a bare LF", "354\n", 354, 1, "", "", REPLY_BARE_LF},
    };
    (void)state;
    check_sound(&cases[0]);
    check_sound(&cases[1]);
}

static void deviations_are_noted__invariant_4(void **state)
{
    static const struct sound_case cases[] = {
        {"bare LF", "250 a\n", 250, 1, "a", "", REPLY_BARE_LF},
        {"bare LF on one line of two", "250-a\n250 b\r\n", 250, 2, "a b", "", REPLY_BARE_LF},
        {"UTF-8", "250 \xc3\xa9\r\n", 250, 1, "\xc3\xa9", "", REPLY_NOT_ASCII},
        {"Latin 1", "250 \xe9\r\n", 250, 1, "\xe9", "", REPLY_NOT_ASCII},
        {"escape", "250 a\x1b[2J\r\n", 250, 1, "a\x1b[2J", "", REPLY_CONTROL},
        {"DEL", "250 a\x7f\r\n", 250, 1, "a\x7f", "", REPLY_CONTROL},
        {"CR within a line", "250 a\rb\r\n", 250, 1, "a\rb", "", REPLY_CONTROL},
        {"CR before CRLF", "250 a\r\r\n", 250, 1, "a\r", "", REPLY_CONTROL},
        {"CR behind the blank", "250 \ra\r\n", 250, 1, "\ra", "", REPLY_CONTROL},
        {"all at once", "250 \x01\xff\n", 250, 1, "\x01\xff", "",
         REPLY_BARE_LF | REPLY_NOT_ASCII | REPLY_CONTROL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_sound(&cases[i]);
}

struct fault_case {
    const char *name;
    struct span octets;
    enum reply_fault fault;
    size_t fault_line;
    enum reply_protocol protocol;
};

static void check_fault(const struct fault_case *c)
{
    struct arena arena = ARENA_EMPTY;
    size_t taken;
    struct reply *reply = feed_whole(&arena, c->octets, &taken);
    CHECK(c->name, reply != NULL);
    check_number(c->name, "fault", reply->fault, c->fault);
    check_number(c->name, "fault_line", reply->fault_line, c->fault_line);
    check_number(c->name, "protocol", reply->protocol, c->protocol);
    check_number(c->name, "code", reply->code, 0);
    check_number(c->name, "octets taken", taken, c->octets.size);
    check_text(c->name, reply->raw, c->octets);
    arena_clear(&arena);
    check_same_in_every_cut(c->name, c->octets);
}

static void a_code_in_doubt_is_a_fault_in_every_cut__invariant_4(void **state)
{
    const struct fault_case cases[] = {
        {"text", SPAN("hello\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_UNKNOWN},
        {"empty line", SPAN("\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_UNKNOWN},
        {"bare LF alone", SPAN("\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_UNKNOWN},
        {"two digits", SPAN("25\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_UNKNOWN},
        {"leading blank", SPAN(" 250 ok\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_UNKNOWN},
        {"sign", SPAN("+25 ok\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_UNKNOWN},
        {"minus", SPAN("-250 ok\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_UNKNOWN},
        {"letter among digits", SPAN("2x0 ok\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_UNKNOWN},
        {"full-width digit",
         SPAN("\xef\xbc\x92"
              "50 ok\r\n"),
         REPLY_NOT_DIGITS, 1, PROTOCOL_UNKNOWN},
        {"four digits", SPAN("2500 ok\r\n"), REPLY_BAD_SEPARATOR, 1, PROTOCOL_SMTP},
        {"underscore", SPAN("250_ok\r\n"), REPLY_BAD_SEPARATOR, 1, PROTOCOL_SMTP},
        {"tab for the blank", SPAN("250\tok\r\n"), REPLY_BAD_SEPARATOR, 1, PROTOCOL_SMTP},
        {"CR for the blank", SPAN("250\rok\r\n"), REPLY_BAD_SEPARATOR, 1, PROTOCOL_SMTP},
        {"CR CR LF behind the code", SPAN("250\r\r\n"), REPLY_BAD_SEPARATOR, 1, PROTOCOL_SMTP},
        {"1xx", SPAN("150 ok\r\n"), REPLY_CODE_RANGE, 1, PROTOCOL_SMTP},
        {"199", SPAN("199 ok\r\n"), REPLY_CODE_RANGE, 1, PROTOCOL_SMTP},
        {"600", SPAN("600 ok\r\n"), REPLY_CODE_RANGE, 1, PROTOCOL_SMTP},
        {"000", SPAN("000 ok\r\n"), REPLY_CODE_RANGE, 1, PROTOCOL_SMTP},
        {"codes differ", SPAN("250-a\r\n550 b\r\n"), REPLY_CODES_DIFFER, 2, PROTOCOL_SMTP},
        {"codes differ in the last digit", SPAN("250-a\r\n250-b\r\n251 c\r\n"), REPLY_CODES_DIFFER, 3,
         PROTOCOL_SMTP},
        {"second line out of range", SPAN("250-a\r\n650 b\r\n"), REPLY_CODE_RANGE, 2, PROTOCOL_SMTP},
        {"second line without a code", SPAN("250-a\r\nb\r\n"), REPLY_NOT_DIGITS, 2, PROTOCOL_SMTP},
        {"second line empty", SPAN("250-a\r\n\r\n250 b\r\n"), REPLY_NOT_DIGITS, 2, PROTOCOL_SMTP},
        {"second line with another separator", SPAN("250-a\r\n250:b\r\n"), REPLY_BAD_SEPARATOR, 2,
         PROTOCOL_SMTP},
        {"NUL in the text", SPAN("250 a\0b\r\n"), REPLY_HAS_NUL, 1, PROTOCOL_SMTP},
        {"NUL in the code", SPAN("25\0 ok\r\n"), REPLY_HAS_NUL, 1, PROTOCOL_UNKNOWN},
        {"NUL behind the code", SPAN("250\0ok\r\n"), REPLY_HAS_NUL, 1, PROTOCOL_SMTP},
        {"NUL first",
         SPAN("\0"
              "250 ok\r\n"),
         REPLY_HAS_NUL, 1, PROTOCOL_UNKNOWN},
        {"NUL in the second line", SPAN("250-a\r\n250 \0\r\n"), REPLY_HAS_NUL, 2, PROTOCOL_SMTP},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_fault(&cases[i]);
}

static void other_protocols_are_recognised_in_every_cut__invariant_4(void **state)
{
    const struct fault_case cases[] = {
        {"HTTP", SPAN("HTTP/1.1 400 Bad Request\r\nServer: web\r\n\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_HTTP},
        {"a page alone", SPAN("<!doctype html>\n<title>400</title>\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_HTTP},
        {"a page of old", SPAN("<HTML><head>\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_HTTP},
        {"SSH", SPAN("SSH-2.0-OpenSSH_9.2p1\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_SSH},
        {"TLS alert", SPAN("\x15\x03\x01\x00\x02\x02\x46"), REPLY_NOT_DIGITS, 1, PROTOCOL_TLS},
        {"TLS handshake", SPAN("\x16\x03\x03\x00\x2e"), REPLY_NOT_DIGITS, 1, PROTOCOL_TLS},
        {"POP3", SPAN("+OK Dovecot ready.\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_POP3},
        {"POP3 refusing", SPAN("-ERR Unknown command\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_POP3},
        {"IMAP", SPAN("* OK [CAPABILITY IMAP4rev1] ready\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_IMAP},
        {"IMAP refusing", SPAN("* BYE go away\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_IMAP},
        {"IMAP authenticated", SPAN("* PREAUTH hello\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_IMAP},
        {"an asterisk is no IMAP", SPAN("* hello\r\n"), REPLY_NOT_DIGITS, 1, PROTOCOL_UNKNOWN},
        {"FTP with lines of text", SPAN("220-Welcome to FTP\r\n be nice\r\n220 go\r\n"), REPLY_NOT_DIGITS, 2,
         PROTOCOL_FTP},
        {"words behind the fault do not count", SPAN("220_Welcome to FTP\r\n"), REPLY_BAD_SEPARATOR, 1,
         PROTOCOL_SMTP},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_fault(&cases[i]);
}

static void greetings_are_told_apart(void **state)
{
    static const struct {
        const char *greeting;
        enum reply_protocol protocol;
    } cases[] = {
        {"220 mail.example.com ESMTP Postfix\r\n", PROTOCOL_SMTP},
        {"220 mail.example.com\r\n", PROTOCOL_SMTP},
        {"220\r\n", PROTOCOL_SMTP},
        {"220 ftp.example.com ESMTP ready\r\n", PROTOCOL_SMTP},
        {"220 ftp ESMTP ready\r\n", PROTOCOL_SMTP},
        {"220 ftp.example.com ready\r\n", PROTOCOL_SMTP},
        {"220 lmtp.example.com ready\r\n", PROTOCOL_SMTP},
        {"220 ProFTPD Server ready.\r\n", PROTOCOL_FTP},
        {"220 (vsFTPd 3.0.3)\r\n", PROTOCOL_FTP},
        {"220-FileZilla Server 1.8.0\r\n220 Please visit\r\n", PROTOCOL_FTP},
        {"220 mail.example.com LMTP ready\r\n", PROTOCOL_LMTP},
        {"220 mail.example.com ready\r\n220 FTP\r\n", PROTOCOL_SMTP},
        {"* OK ready\r\n", PROTOCOL_IMAP},
        {"SSH", PROTOCOL_UNKNOWN},
        {"", PROTOCOL_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_string(
            cases[i].greeting,
            span_of_string(reply_protocol_name(reply_guess_protocol(span_of_string(cases[i].greeting)))),
            reply_protocol_name(cases[i].protocol));
}

static void lines_from_a_fault_on_are_kept_whole(void **state)
{
    struct arena arena = ARENA_EMPTY;
    size_t taken;
    (void)state;
    struct reply *reply = feed_whole(&arena, SPAN("250-a\r\n550 b\r\nend"), &taken);
    assert_int_equal(reply->line_count, 3);
    check_string("sound", reply->lines[0], "a");
    check_string("faulty", reply->lines[1], "550 b");
    check_string("behind", reply->lines[2], "end");
    arena_clear(&arena);
}

static void what_follows_a_reply_is_left_alone__invariant_1(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct reply_parser parser;
    struct span octets = SPAN("220 go ahead\r\n250-injected\r\n250 x\r\n");
    size_t consumed;
    (void)state;
    reply_parser_init(&parser, &arena);
    struct reply *first = reply_parser_feed(&parser, octets, &consumed, 1);
    check_number("first", "consumed", consumed, 14);
    check_number("first", "code", first->code, 220);
    check_string("first", first->raw, "220 go ahead\r\n");
    assert_false(reply_parser_is_partial(&parser));
    struct reply *second = reply_parser_feed(&parser, span_skip(octets, consumed), &consumed, 2);
    check_number("second", "code", second->code, 250);
    check_string("second", second->raw, "250-injected\r\n250 x\r\n");
    check_string("first, still", first->raw, "220 go ahead\r\n");
    check_string("first, still", first->lines[0], "go ahead");
    arena_clear(&arena);
}

static void a_fault_leaves_the_parser_ready(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct reply_parser parser;
    size_t consumed;
    (void)state;
    reply_parser_init(&parser, &arena);
    struct reply *faulty = reply_parser_feed(&parser, SPAN("250-a\r\n550 b\r\n"), &consumed, 1);
    assert_int_equal(faulty->fault, REPLY_CODES_DIFFER);
    struct reply *next = reply_parser_feed(&parser, SPAN("221-a\r\n221 b\r\n"), &consumed, 2);
    assert_int_equal(next->fault, REPLY_SOUND);
    assert_int_equal(next->code, 221);
    assert_int_equal(next->line_count, 2);
    arena_clear(&arena);
}

static void first_and_last_octet_have_their_instants(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct reply_parser parser;
    size_t consumed;
    (void)state;
    reply_parser_init(&parser, &arena);
    assert_null(reply_parser_feed(&parser, SPAN(""), &consumed, 5));
    assert_null(reply_parser_feed(&parser, SPAN("250-a\r\n"), &consumed, 10));
    assert_null(reply_parser_feed(&parser, SPAN("250 "), &consumed, 20));
    assert_true(reply_parser_is_partial(&parser));
    check_string("partial", reply_parser_partial(&parser), "250-a\r\n250 ");
    struct reply *reply = reply_parser_feed(&parser, SPAN("b\r\n"), &consumed, 30);
    assert_int_equal(reply->first, 10);
    assert_int_equal(reply->last, 30);
    reply = reply_parser_feed(&parser, SPAN("250 c\r\n"), &consumed, 40);
    assert_int_equal(reply->first, 40);
    arena_clear(&arena);
}

static void all_replies_together_have_a_bound__invariant_15(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct reply_parser parser;
    size_t consumed;
    (void)state;
    reply_parser_init(&parser, &arena);
    parser.octets_left = 16;
    for (int i = 0; i < 2; i++)
        assert_int_equal(reply_parser_feed(&parser, SPAN("250 ab\r\n"), &consumed, 0)->fault, REPLY_SOUND);
    assert_int_equal(reply_parser_feed(&parser, SPAN("250 ab\r\n"), &consumed, 0)->fault, REPLY_TOO_LONG);
    arena_clear(&arena);
}

/* Silence after "SS" must show as a reply that does not end, not as a wrong guess. */
static void the_mark_of_a_protocol_is_awaited(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct reply_parser parser;
    size_t consumed;
    (void)state;
    reply_parser_init(&parser, &arena);
    assert_null(reply_parser_feed(&parser, SPAN("SS"), &consumed, 1));
    assert_int_equal(consumed, 2);
    check_string("held", reply_parser_partial(&parser), "SS");
    struct reply *reply = reply_parser_feed(&parser, SPAN("X"), &consumed, 2);
    assert_int_equal(reply->protocol, PROTOCOL_UNKNOWN);
    check_string("raw", reply->raw, "SSX");
    arena_clear(&arena);
}

/** `count` lines of `size` octets each, line end included; the last one ends the reply. */
static struct buffer make_reply(size_t count, size_t size)
{
    struct buffer octets = BUFFER_EMPTY;
    for (size_t i = 0; i < count; i++) {
        buffer_add_string(&octets, i + 1 < count ? "250-" : "250 ");
        memset(buffer_room(&octets, size - 6), 'x', size - 6);
        buffer_grown(&octets, size - 6);
        buffer_add(&octets, SPAN("\r\n"));
    }
    return octets;
}

static void reply_bounds__invariant_15(void **state)
{
    static const struct {
        const char *name;
        size_t count, size;
        enum reply_fault fault;
        size_t fault_line;
        unsigned deviations;
    } cases[] = {
        {"512 octets", 1, 512, REPLY_SOUND, 0, 0},
        {"513 octets", 1, 513, REPLY_SOUND, 0, REPLY_LONG_LINE},
        {"100 lines of 2000 octets", 100, 2000, REPLY_SOUND, 0, REPLY_LONG_LINE},
        {"the longest line", 1, REPLY_LINE_LIMIT, REPLY_SOUND, 0, REPLY_LONG_LINE},
        {"a longer one", 1, REPLY_LINE_LIMIT + 1, REPLY_TOO_LONG, 1, REPLY_LONG_LINE},
        {"the most lines", REPLY_LINES_LIMIT, 64, REPLY_SOUND, 0, 0},
        {"one more", REPLY_LINES_LIMIT + 1, 64, REPLY_TOO_LONG, REPLY_LINES_LIMIT + 1, 0},
        {"the longest reply", REPLY_LIMIT / 512, 512, REPLY_SOUND, 0, 0},
        {"a longer one", REPLY_LIMIT / 512 + 1, 512, REPLY_TOO_LONG, REPLY_LIMIT / 512 + 1, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = ARENA_EMPTY;
        struct buffer octets = make_reply(cases[i].count, cases[i].size);
        size_t taken;
        struct reply *reply = feed_whole(&arena, buffer_span(&octets), &taken);
        CHECK(cases[i].name, reply != NULL);
        check_number(cases[i].name, "fault", reply->fault, cases[i].fault);
        check_number(cases[i].name, "fault_line", reply->fault_line, cases[i].fault_line);
        check_number(cases[i].name, "deviations", reply->deviations, cases[i].deviations);
        if (reply->fault == REPLY_SOUND)
            check_number(cases[i].name, "line_count", reply->line_count, cases[i].count);
        CHECK(cases[i].name, reply->raw.size <= REPLY_LIMIT + 1);
        CHECK(cases[i].name, reply->line_count <= REPLY_LINES_LIMIT);
        buffer_clear(&octets);
        arena_clear(&arena);
    }
}

static void evidence_behind_a_fault_is_bounded__invariant_15(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct buffer flood = BUFFER_EMPTY;
    size_t taken;
    (void)state;
    memset(buffer_room(&flood, 2 * REPLY_LIMIT), '\n', 2 * REPLY_LIMIT);
    buffer_grown(&flood, 2 * REPLY_LIMIT);
    struct reply *reply = feed_whole(&arena, buffer_span(&flood), &taken);
    assert_int_equal(reply->fault, REPLY_NOT_DIGITS);
    assert_int_equal(taken, 2 * REPLY_LIMIT);
    assert_int_equal(reply->raw.size, REPLY_LIMIT);
    assert_int_equal(reply->line_count, REPLY_LINES_LIMIT);
    buffer_clear(&flood);
    arena_clear(&arena);
}

/* Were it copied with each octet, 256 KiB would be copied 256 Ki times. */
static void a_reply_octet_by_octet_is_copied_seldom__invariant_15(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct reply_parser parser;
    struct reply *reply = NULL;
    struct buffer octets = make_reply(REPLY_LIMIT / 512, 512);
    size_t moves = 0;
    (void)state;
    reply_parser_init(&parser, &arena);
    for (size_t i = 0; i < octets.size; i++) {
        size_t consumed;
        const char *before = parser.octets;
        assert_null(reply);
        reply = reply_parser_feed(&parser, span_of(octets.data + i, 1), &consumed, 1);
        assert_int_equal(consumed, 1);
        moves += !reply && parser.octets != before;
    }
    assert_non_null(reply);
    check_text("octet by octet", reply->raw, buffer_span(&octets));
    assert_in_range(moves, 1, 16);
    buffer_clear(&octets);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_replies_in_every_cut__invariant_4),
        cmocka_unit_test(a_line_of_just_250_is_a_reply__D1__invariant_18),
        cmocka_unit_test(deviations_are_noted__invariant_4),
        cmocka_unit_test(a_code_in_doubt_is_a_fault_in_every_cut__invariant_4),
        cmocka_unit_test(other_protocols_are_recognised_in_every_cut__invariant_4),
        cmocka_unit_test(greetings_are_told_apart),
        cmocka_unit_test(lines_from_a_fault_on_are_kept_whole),
        cmocka_unit_test(what_follows_a_reply_is_left_alone__invariant_1),
        cmocka_unit_test(a_fault_leaves_the_parser_ready),
        cmocka_unit_test(first_and_last_octet_have_their_instants),
        cmocka_unit_test(all_replies_together_have_a_bound__invariant_15),
        cmocka_unit_test(the_mark_of_a_protocol_is_awaited),
        cmocka_unit_test(reply_bounds__invariant_15),
        cmocka_unit_test(evidence_behind_a_fault_is_bounded__invariant_15),
        cmocka_unit_test(a_reply_octet_by_octet_is_copied_seldom__invariant_15),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
