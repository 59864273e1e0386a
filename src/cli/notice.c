#include "cli/notice.h"

#include "base/printable.h"

void notice_print(FILE *file, const char *lead, struct span text)
{
    struct buffer shown = BUFFER_EMPTY;
    buffer_add_string(&shown, lead);
    while (text.size > 0) {
        const char *end = memchr(text.at, '\n', text.size);
        size_t size = end ? (size_t)(end - text.at) : text.size;
        printable_add(&shown, span_first(text, size), NULL);
        text = span_skip(text, size);
        if (text.size > 0)
            buffer_add_char(&shown, '\n');
        text = span_skip(text, 1);
    }
    buffer_add_char(&shown, '\n');
    fwrite(shown.data, 1, shown.size, file);
    buffer_clear(&shown);
}

void notice_error(const char *text)
{
    notice_print(stderr, "*** smtpprobe: ", span_of_string(text));
}
