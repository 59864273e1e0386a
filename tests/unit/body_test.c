#include "check.h"

#include "smtp/body.h"

/** Adds the wire form of the message, given in pieces of `step` octets. */
static void stuff(struct span message, size_t step, struct buffer *wire)
{
    struct body_stuffer stuffer;
    body_stuffer_init(&stuffer);
    for (; message.size > 0; message = span_skip(message, step))
        body_stuffer_add(&stuffer, span_first(message, step), wire);
    body_stuffer_finish(&stuffer, wire);
}

static void stuff_in_two(struct span message, size_t cut, struct buffer *wire)
{
    struct body_stuffer stuffer;
    body_stuffer_init(&stuffer);
    body_stuffer_add(&stuffer, span_first(message, cut), wire);
    body_stuffer_add(&stuffer, span_skip(message, cut), wire);
    body_stuffer_finish(&stuffer, wire);
}

static void check_every_cut(const char *name, struct span message, struct span expected)
{
    for (size_t cut = 0; cut <= message.size; cut++) {
        struct buffer wire = BUFFER_EMPTY;
        stuff_in_two(message, cut, &wire);
        check_text(name, buffer_span(&wire), expected);
        buffer_clear(&wire);
    }
    struct buffer wire = BUFFER_EMPTY;
    stuff(message, 1, &wire);
    check_text(name, buffer_span(&wire), expected);
    buffer_clear(&wire);
}

static void wire_form_in_every_cut__invariant_9(void **state)
{
    static const struct {
        const char *name, *message, *wire;
    } cases[] = {
        {"empty", "", ".\r\n"},
        {"one line", "a\r\n", "a\r\n.\r\n"},
        {"final line end lacks", "a", "a\r\n.\r\n"},
        {"final CRLF stays single", "a\r\n\r\n", "a\r\n\r\n.\r\n"},
        {"bare LF", "a\nb\n", "a\r\nb\r\n.\r\n"},
        {"empty lines by bare LF", "a\n\n\nb", "a\r\n\r\n\r\nb\r\n.\r\n"},
        {"empty lines by bare CR", "a\r\r\rb", "a\r\n\r\n\r\nb\r\n.\r\n"},
        {"empty lines by CRLF", "a\r\n\r\n\r\nb", "a\r\n\r\n\r\nb\r\n.\r\n"},
        {"bare CR", "a\rb\r", "a\r\nb\r\n.\r\n"},
        {"CR CR LF", "a\r\r\n", "a\r\n\r\n.\r\n"},
        {"LF CR", "a\n\rb", "a\r\n\r\nb\r\n.\r\n"},
        {"dot alone", ".", "..\r\n.\r\n"},
        {"dot lines", ".\r\n..\r\n.a\r\n", "..\r\n...\r\n..a\r\n.\r\n"},
        {"dot within a line", "a.\r\nb.c\r\n", "a.\r\nb.c\r\n.\r\n"},
        {"dot behind bare LF", "a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"},
        {"dot behind bare CR", "a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"},
        {"smuggled end: LF . CRLF", "a\n.\r\nMAIL FROM:<>\r\n", "a\r\n..\r\nMAIL FROM:<>\r\n.\r\n"},
        {"smuggled end: CRLF . LF", "a\r\n.\nMAIL FROM:<>\r\n", "a\r\n..\r\nMAIL FROM:<>\r\n.\r\n"},
        {"smuggled end: CR . CR", "a\r.\rMAIL FROM:<>\r\n", "a\r\n..\r\nMAIL FROM:<>\r\n.\r\n"},
        {"smuggled end: CRLF . CR CRLF", "a\r\n.\r\r\nb", "a\r\n..\r\n\r\nb\r\n.\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_every_cut(cases[i].name, span_of_string(cases[i].message), span_of_string(cases[i].wire));
}

static void octets_of_any_value_pass__invariant_9(void **state)
{
    (void)state;
    check_every_cut("NUL and 8 bit", SPAN("a\0\xff\x80\r\n.\0"), SPAN("a\0\xff\x80\r\n..\0\r\n.\r\n"));
}

static void normal_form(void **state)
{
    static const struct {
        const char *message, *normal;
    } cases[] = {
        {"", ""}, {"a", "a\r\n"}, {".\n", ".\r\n"}, {"a\r\rb\n\r\n", "a\r\n\r\nb\r\n\r\n"}, {"\n", "\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer normal = BUFFER_EMPTY;
        body_normalise(span_of_string(cases[i].message), &normal);
        check_string(cases[i].normal, buffer_span(&normal), cases[i].normal);
        buffer_clear(&normal);
    }
}

/** Reads as a server does; each line must end CRLF and hold neither CR nor LF else. */
static void unstuff(struct span wire, struct buffer *message)
{
    for (;;) {
        const char *end = wire.size > 0 ? memchr(wire.at, '\n', wire.size) : NULL;
        assert_non_null(end);
        struct span line = span_first(wire, (size_t)(end - wire.at) + 1);
        assert_ptr_equal(memchr(line.at, '\r', line.size), end - 1);
        wire = span_skip(wire, line.size);
        if (span_is(line, ".\r\n"))
            break;
        buffer_add(message, line.at[0] == '.' ? span_skip(line, 1) : line);
    }
    assert_int_equal(wire.size, 0);
}

/** The same as body_normalise(), written another way: with the octet before in sight. */
static void normalise_plainly(struct span message, struct buffer *out)
{
    for (size_t i = 0; i < message.size; i++) {
        char c = message.at[i];
        bool after_cr = i > 0 && message.at[i - 1] == '\r';
        if (c == '\r')
            buffer_add_string(out, "\r\n");
        else if (c == '\n')
            buffer_add_string(out, after_cr ? "" : "\r\n");
        else
            buffer_add_char(out, c);
    }
    if (out->size > 0 && out->data[out->size - 1] != '\n')
        buffer_add_string(out, "\r\n");
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

/** Of few different octets, so that what matters is frequent. */
static struct span make_message(unsigned *seed, char *octets, size_t size)
{
    static const char choice[] = "\r\n.\r\n.a\0";
    for (size_t i = 0; i < size; i++)
        octets[i] = choice[next_random(seed) % (sizeof choice - 1)];
    return span_of(octets, size);
}

static void round_trip_of_random_messages_in_all_cuts__invariant_9(void **state)
{
    unsigned seed = 1;
    (void)state;
    for (int i = 0; i < 2000; i++) {
        char octets[40];
        struct buffer wire = BUFFER_EMPTY, got = BUFFER_EMPTY, expected = BUFFER_EMPTY, normal = BUFFER_EMPTY;
        struct span message = make_message(&seed, octets, next_random(&seed) % sizeof octets);
        stuff(message, message.size + 1, &wire);
        unstuff(buffer_span(&wire), &got);
        normalise_plainly(message, &expected);
        check_text("round trip", buffer_span(&got), buffer_span(&expected));
        body_normalise(message, &normal);
        check_text("normal form", buffer_span(&normal), buffer_span(&expected));
        check_every_cut("random message", message, buffer_span(&wire));
        buffer_clear(&wire);
        buffer_clear(&got);
        buffer_clear(&expected);
        buffer_clear(&normal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wire_form_in_every_cut__invariant_9),
        cmocka_unit_test(octets_of_any_value_pass__invariant_9),
        cmocka_unit_test(normal_form),
        cmocka_unit_test(round_trip_of_random_messages_in_all_cuts__invariant_9),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
