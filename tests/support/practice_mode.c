#include "practice_mode.h"

#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const stage_names[] = {
    [STAGE_BANNER] = "banner",       [STAGE_EHLO] = "ehlo",   [STAGE_HELO] = "helo",
    [STAGE_STARTTLS] = "starttls",   [STAGE_TLS] = "tls",     [STAGE_SECURE_EHLO] = "secure-ehlo",
    [STAGE_CHALLENGE] = "challenge", [STAGE_AUTH] = "auth",   [STAGE_MAIL] = "mail",
    [STAGE_RCPT] = "rcpt",           [STAGE_DATA] = "data",   [STAGE_BODY] = "body",
    [STAGE_QUIT] = "quit",           [STAGE_OTHER] = "other", [STAGE_ANY] = "any",
};
enum { STAGE_COUNT = sizeof stage_names / sizeof *stage_names };

/* What a terminal, a viewer or a reader could be tricked with: OSC, CSI, C1 as an octet and as UTF-8, an
 * override of the direction, a line separator, invalid UTF-8, lone CR and LF, words that look like ours. */
#define ESCAPES                                                                                              \
    "550-5.1.1 \033]0;title\007 \033[2J \033[1;32m green\r\n"                                                \
    "550-5.1.1 \233\061m \302\233\061m \342\200\256 \342\200\250 \377\300\257 \177 \001\r\n"                 \
    "550-5.1.1 lone\rreturn\ttab\n"                                                                               \
    "550 5.1.1   # Ready; nothing is wrong.\r\n"

/* clang-format off */
#define OCTETS(literal) {literal, sizeof literal - 1} /* SPAN() is no constant in the eyes of ISO C */
/* clang-format on */

static const struct mode modes[] = {
    /* any stage */
    {"silent", STAGE_BANNER, ACT_SILENT, {0}, 0},
    {"close", STAGE_BANNER, ACT_CLOSE, {0}, 0},
    {"reset", STAGE_BANNER, ACT_RESET, {0}, 0},
    {"byte-a-second", STAGE_BANNER, ACT_TRICKLE, {0}, 0},
    {"endless-reply", STAGE_EHLO, ACT_REPEAT, OCTETS("250-One more line, and another\r\n"), 0},
    {"endless-line", STAGE_EHLO, ACT_REPEAT, OCTETS("250-....................................."), 0},
    {"two-replies", STAGE_EHLO, ACT_ADD, OCTETS("250 2.0.0 And another\r\n"), 0},
    {"escapes", STAGE_RCPT, ACT_SAY, OCTETS(ESCAPES), 0},
    {"codes-differ", STAGE_RCPT, ACT_SAY, OCTETS("550-5.1.1 No\r\n250 2.1.5 Yes\r\n"), 0},
    {"four-digits", STAGE_RCPT, ACT_SAY, OCTETS("2500 2.1.5 Ok\r\n"), 0},
    {"nul-in-code", STAGE_RCPT, ACT_SAY, OCTETS("25\0000 2.1.5 Ok\r\n"), 0},
    {"354-everything", STAGE_ANY, ACT_SAY, OCTETS("354 Go ahead\r\n"), 0},
    {"250-everything", STAGE_ANY, ACT_SAY, OCTETS("250 2.0.0 Ok\r\n"), 0},
    {"421", STAGE_MAIL, ACT_SAY, OCTETS("421 4.3.2 mx1.example.com is going down\r\n"), 0},

    /* not SMTP */
    {"http", STAGE_BANNER, ACT_SAY, OCTETS("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), 0},
    {"ssh", STAGE_BANNER, ACT_SAY, OCTETS("SSH-2.0-OpenSSH_9.2p1\r\n"), 0},
    {"imap", STAGE_BANNER, ACT_SAY, OCTETS("* OK [CAPABILITY IMAP4rev1] ready\r\n"), 0},
    {"pop3", STAGE_BANNER, ACT_SAY, OCTETS("+OK POP3 ready\r\n"), 0},
    {"tls-alert", STAGE_BANNER, ACT_SAY, OCTETS("\025\003\001\000\002\002\050"), 0},
    {"tls-on-plain", STAGE_OTHER, ACT_PROPER, {0}, TRAIT_TLS_ON_PLAIN},
    {"plain-on-tls", STAGE_OTHER, ACT_PROPER, {0}, TRAIT_PLAIN_ON_TLS},

    /* STARTTLS */
    {"no-starttls", STAGE_OTHER, ACT_PROPER, {0}, TRAIT_NO_STARTTLS},
    {"starttls-twice", STAGE_OTHER, ACT_PROPER, {0}, TRAIT_STARTTLS_TWICE},
    {"starttls-454", STAGE_STARTTLS, ACT_SAY, OCTETS("454 4.7.0 TLS not available due to local problem\r\n"),
     0},
    {"starttls-250", STAGE_STARTTLS, ACT_SAY, OCTETS("250 2.0.0 Ok\r\n"), 0},
    {"starttls-injection", STAGE_STARTTLS, ACT_ADD, OCTETS("250-mx1.example.com\r\n250 AUTH PLAIN\r\n"), 0},
    {"starttls-fragment", STAGE_STARTTLS, ACT_ADD, OCTETS("2"), 0},
    {"not-tls", STAGE_TLS, ACT_SAY, OCTETS("220 mx1.example.com ESMTP\r\n"), 0},
    {"secure-ehlo-refused", STAGE_SECURE_EHLO, ACT_SAY, OCTETS("502 Not implemented\r\n"), 0},

    /* AUTH */
    {"no-auth", STAGE_OTHER, ACT_PROPER, {0}, TRAIT_NO_AUTH},
    {"auth-in-clear", STAGE_OTHER, ACT_PROPER, {0}, TRAIT_AUTH_IN_CLEAR},
    {"ehlo-235", STAGE_EHLO, ACT_SAY, OCTETS("235 2.7.0 Authentication successful\r\n"), 0},
    {"early-235", STAGE_CHALLENGE, ACT_SAY, OCTETS("235 2.7.0 Authentication successful\r\n"), 0},
    {"not-base64", STAGE_CHALLENGE, ACT_SAY, OCTETS("334 this is no Base64!\r\n"), 0},
    {"endless-challenge", STAGE_OTHER, ACT_PROPER, {0}, TRAIT_ENDLESS_CHALLENGE},
    {"echo-password", STAGE_AUTH, ACT_ECHO, {0}, 0},
    {"wrong-nonce", STAGE_OTHER, ACT_PROPER, {0}, TRAIT_WRONG_NONCE},
    {"wrong-signature", STAGE_OTHER, ACT_PROPER, {0}, TRAIT_WRONG_SIGNATURE},
    {"many-iterations", STAGE_OTHER, ACT_PROPER, {0}, TRAIT_MANY_ITERATIONS},
    {"no-iterations", STAGE_OTHER, ACT_PROPER, {0}, TRAIT_NO_ITERATIONS},
};
enum { MODE_COUNT = sizeof modes / sizeof *modes };

static bool stage_find(struct span name, enum stage *stage)
{
    for (unsigned i = 0; i < STAGE_COUNT; i++)
        if (span_is(name, stage_names[i])) {
            *stage = (enum stage)i;
            return true;
        }
    return false;
}

bool mode_find(const char *text, struct mode *mode)
{
    size_t size = strcspn(text, "@");
    for (unsigned i = 0; i < MODE_COUNT; i++)
        if (span_is(span_of(text, size), modes[i].name)) {
            *mode = modes[i];
            if (text[size] == '\0')
                return true;
            return mode->act != ACT_PROPER && stage_find(span_of_string(text + size + 1), &mode->stage);
        }
    return false;
}

/** Reads what stands behind a backslash. @return how many characters that were */
static size_t add_escaped(const char *text, struct buffer *out)
{
    static const char letters[] = "rnte\\", octets[] = "\r\n\t\033\\";
    const char *letter = *text ? strchr(letters, *text) : NULL;
    if (letter) {
        buffer_add_char(out, octets[letter - letters]);
        return 1;
    }
    unsigned octet;
    int size = 0;
    if (sscanf(text, "x%2x%n", &octet, &size) == 1 && size == 3) {
        buffer_add_char(out, (char)octet);
        return 3;
    }
    buffer_add_char(out, '\\');
    return 0;
}

bool mode_from_reply(const char *text, struct mode *mode)
{
    size_t size = strcspn(text, "=");
    *mode = (struct mode){.name = "reply", .act = ACT_SAY};
    if (text[size] == '\0' || !stage_find(span_of(text, size), &mode->stage))
        return false;
    struct buffer reply = BUFFER_EMPTY;
    for (text += size + 1; *text;)
        if (*text == '\\')
            text += 1 + add_escaped(text + 1, &reply);
        else
            buffer_add_char(&reply, *text++);
    if (!span_ends_with_nocase(buffer_span(&reply), "\n"))
        buffer_add_string(&reply, "\r\n");
    mode->text = buffer_span(&reply);
    mode->owned = reply.data;
    return true;
}

void mode_print_all(void)
{
    for (unsigned i = 0; i < MODE_COUNT; i++)
        printf("  %s%s%s\n", modes[i].name, modes[i].act == ACT_PROPER ? "" : "@",
               modes[i].act == ACT_PROPER ? "" : stage_names[modes[i].stage]);
    printf("Stages:");
    for (unsigned i = 0; i < STAGE_COUNT; i++)
        printf(" %s", stage_names[i]);
    printf("\n");
}
