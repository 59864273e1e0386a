#include "practice_smtp.h"

#include "practice_auth.h"
#include "practice_peer.h"

#include "base/base64.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOST "mx1.example.com"

enum { RECIPIENT_LIMIT = 100, SLOW_SECONDS = 3, CHALLENGE_LIMIT = 1000 };

/** What happens to a mailbox of example.com. */
struct recipient {
    const char *local_part;
    const char *at_rcpt; /* reply to RCPT; "%s" stands for the address; NULL: accepted */
    const char *at_body; /* reply to the message; NULL: accepted */
    unsigned delay;      /* seconds before the reply to RCPT */
};

static const struct recipient recipients[] = {
    {"user", NULL, NULL, 0},
    {"other", NULL, NULL, 0},
    {"postmaster", NULL, NULL, 0},
    {"slow", NULL, NULL, SLOW_SECONDS},
    {"forwarded", "251 2.1.5 <%s>: User not local; will forward", NULL, 0},
    {"full", "452 4.2.2 <%s>: Mailbox is full", NULL, 0},
    {"overquota", "552 5.2.2 <%s>: Mailbox is over its quota", NULL, 0},
    {"greylist", "450 4.2.0 <%s>: Recipient address rejected: Greylisted, try again in 300 seconds", NULL, 0},
    {"blocked",
     "554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using zen.spamhaus.org; "
     "https://www.spamhaus.org/query/ip/127.0.0.1",
     NULL, 0},
    {"disabled", "550 5.2.1 <%s>: This mailbox is disabled", NULL, 0},
    {"moved", "551 5.1.6 <%s>: User has moved; please try <user@example.com>", NULL, 0},
    {"busy", "421 4.3.2 " HOST " is too busy, closing", NULL, 0},
    {"spam", NULL, "554 5.7.1 Message refused: it looks like spam", 0},
    {"virus", NULL, "550 5.7.1 Message refused: a virus was found", 0},
    {"later", NULL, "451 4.3.0 Temporary trouble, try again later", 0},
};
enum { RECIPIENT_COUNT = sizeof recipients / sizeof *recipients };

static const struct recipient unknown_recipient = {
    "any other", "550 5.1.1 <%s>: Recipient address rejected: User unknown", NULL, 0};
static const struct recipient relayed_recipient = {"relayed", NULL, NULL, 0};

struct session {
    const struct practice *practice;
    struct peer peer;
    bool has_greeted, has_sender, is_authenticated;
    const struct recipient *recipients[RECIPIENT_LIMIT]; /* those that were accepted */
    size_t recipient_count;
};

/* --- Replies --- */

static void trickle(struct session *session, struct span text)
{
    while (text.size > 0 && peer_write(&session->peer, span_first(text, 1))) {
        text = span_skip(text, 1);
        sleep(1);
    }
}

/** A reply that gives away the password, as it is, in hex, and in Base64 at each alignment. */
static void echo_password(struct session *session)
{
    const char *password = session->practice->password;
    struct buffer text = BUFFER_EMPTY;
    buffer_printf(&text, "535-5.7.8 no, %s is wrong\r\n535-5.7.8 ", password);
    for (const char *c = password; *c; c++)
        buffer_printf(&text, "%02x", (unsigned char)*c);
    for (const char *lead = "xx"; *lead; lead++) {
        struct buffer plain = BUFFER_EMPTY;
        buffer_printf(&plain, "%s%s", lead, password);
        buffer_add_string(&text, "\r\n535-5.7.8 ");
        base64_encode(buffer_span(&plain), &text);
        buffer_clear(&plain);
    }
    buffer_add_string(&text, "\r\n535 5.7.8 ");
    base64_encode(span_of_string(password), &text);
    buffer_add_string(&text, "\r\n");
    peer_write(&session->peer, buffer_span(&text));
    buffer_clear(&text);
}

/** The code of a reply that is said as it stands; 0 ends the session. */
static int code_of(struct span text)
{
    return text.size >= 3 ? atoi(text.at) : 0;
}

static int misbehave(struct session *session, const struct mode *mode, struct span proper)
{
    struct peer *peer = &session->peer;
    switch (mode->act) {
    case ACT_SAY:
        return peer_write(peer, mode->text) ? code_of(mode->text) : 0;
    case ACT_ADD: {
        struct buffer both = BUFFER_EMPTY;
        buffer_add(&both, proper);
        buffer_add(&both, mode->text);
        bool is_written = peer_write(peer, buffer_span(&both));
        buffer_clear(&both);
        return is_written ? code_of(proper) : 0;
    }
    case ACT_TRICKLE:
        trickle(session, proper);
        return code_of(proper);
    case ACT_ECHO:
        echo_password(session);
        return 535;
    case ACT_REPEAT:
        while (peer_write(peer, mode->text))
            ;
        return 0;
    case ACT_SILENT:
        peer_ignore(peer);
        return 0;
    case ACT_RESET:
        peer_reset(peer);
        return 0;
    case ACT_CLOSE:
    case ACT_PROPER:
        break;
    }
    return 0;
}

/**
 * The one place where the server speaks, and so where a mode takes effect.
 * @return the code that was said, which may be another than that of `proper`; 0: the session is over
 */
static int say(struct session *session, enum stage stage, struct span proper)
{
    const struct mode *mode = practice_mode_at(session->practice, stage);
    if (mode)
        return misbehave(session, mode, proper);
    return peer_write(&session->peer, proper) ? code_of(proper) : 0;
}

__attribute__((format(printf, 3, 4))) static int reply(struct session *session, enum stage stage,
                                                       const char *format, ...)
{
    struct buffer text = BUFFER_EMPTY;
    va_list arguments;
    va_start(arguments, format);
    buffer_vprintf(&text, format, arguments);
    va_end(arguments);
    buffer_add_string(&text, "\r\n");
    int code = say(session, stage, buffer_span(&text));
    buffer_clear(&text);
    return code;
}

/* --- Greeting and TLS --- */

static bool is_secure(const struct session *session)
{
    return session->peer.tls != NULL;
}

static void forget_transaction(struct session *session)
{
    session->has_sender = false;
    session->recipient_count = 0;
}

static bool offers_starttls(const struct session *session)
{
    const struct practice *practice = session->practice;
    return is_secure(session) ? practice_has_trait(practice, TRAIT_STARTTLS_TWICE)
                              : !practice_has_trait(practice, TRAIT_NO_STARTTLS);
}

static bool offers_auth(const struct session *session)
{
    const struct practice *practice = session->practice;
    return (is_secure(session) || practice_has_trait(practice, TRAIT_AUTH_IN_CLEAR)) &&
           !practice_has_trait(practice, TRAIT_NO_AUTH);
}

static int greet_extended(struct session *session)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_printf(&text, "250-" HOST "\r\n250-PIPELINING\r\n250-SIZE %zu\r\n", session->practice->size_limit);
    if (offers_starttls(session))
        buffer_add_string(&text, "250-STARTTLS\r\n");
    if (offers_auth(session))
        buffer_printf(&text, "250-AUTH %s\r\n", login_mechanisms());
    buffer_add_string(&text, "250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n");
    int code = say(session, is_secure(session) ? STAGE_SECURE_EHLO : STAGE_EHLO, buffer_span(&text));
    buffer_clear(&text);
    return code;
}

static int do_ehlo(struct session *session, struct span name)
{
    if (name.size == 0)
        return reply(session, STAGE_EHLO, "501 5.5.4 Say who you are: EHLO your.host.name");
    forget_transaction(session);
    session->has_greeted = true;
    return greet_extended(session);
}

static int do_lmtp_ehlo(struct session *session, struct span name)
{
    if (session->practice->is_lmtp)
        return reply(session, STAGE_EHLO, "500 5.5.1 This is LMTP: say LHLO");
    return do_ehlo(session, name);
}

static int do_lhlo(struct session *session, struct span name)
{
    if (!session->practice->is_lmtp)
        return reply(session, STAGE_EHLO, "500 5.5.1 This is SMTP: say EHLO");
    return do_ehlo(session, name);
}

static int do_helo(struct session *session, struct span name)
{
    if (session->practice->is_lmtp || name.size == 0)
        return reply(session, STAGE_HELO, "501 5.5.4 Say who you are: HELO your.host.name");
    forget_transaction(session);
    session->has_greeted = true;
    return reply(session, STAGE_HELO, "250 " HOST);
}

static bool handshake(struct session *session)
{
    const struct mode *mode = practice_mode_at(session->practice, STAGE_TLS);
    if (mode) {
        misbehave(session, mode, SPAN(""));
        return false;
    }
    /* everything that was known about the client is forgotten (RFC 3207 4.2) */
    session->has_greeted = false;
    forget_transaction(session);
    return peer_secure(&session->peer, session->practice->tls);
}

static int do_starttls(struct session *session, struct span argument)
{
    if (argument.size > 0)
        return reply(session, STAGE_STARTTLS, "501 5.5.4 STARTTLS takes no argument");
    if (is_secure(session) || !offers_starttls(session))
        return reply(session, STAGE_STARTTLS, "503 5.5.1 STARTTLS is not possible here");
    int code = reply(session, STAGE_STARTTLS, "220 2.0.0 Ready to start TLS");
    if (code == 220 && !handshake(session))
        return 0;
    return code;
}

/* --- AUTH (RFC 4954) --- */

static int say_challenge(struct session *session, struct span challenge)
{
    struct buffer coded = BUFFER_EMPTY;
    base64_encode(challenge, &coded);
    int code = reply(session, STAGE_CHALLENGE, "334 %s", buffer_string(&coded));
    buffer_clear(&coded);
    return code;
}

static int end_login(struct session *session, enum login_state state)
{
    if (state != LOGIN_DONE)
        return reply(session, STAGE_AUTH, "535 5.7.8 Authentication failed");
    int code = reply(session, STAGE_AUTH, "235 2.7.0 Authentication successful");
    session->is_authenticated = code == 235;
    return code;
}

/** Sends the challenge and reads the next response. @return 334, or the code that ended the exchange */
static int exchange(struct session *session, struct span challenge, struct buffer *response)
{
    struct span line;
    int code = say_challenge(session, challenge);
    buffer_truncate(response, 0);
    if (code != 334)
        return code;
    if (!peer_read_line(&session->peer, &line))
        return 0;
    line = peer_strip(line);
    if (span_is(line, "*"))
        return reply(session, STAGE_AUTH, "501 5.7.0 Authentication cancelled");
    return base64_decode(line, response) ? 334 : reply(session, STAGE_AUTH, "501 5.5.2 This is not Base64");
}

static int converse(struct session *session, struct login *login, struct buffer *response)
{
    struct buffer challenge = BUFFER_EMPTY;
    bool is_endless = practice_has_trait(session->practice, TRAIT_ENDLESS_CHALLENGE);
    int code = 334;
    while (code == 334) {
        buffer_truncate(&challenge, 0);
        enum login_state state = login_step(login, buffer_span(response), &challenge);
        if (state != LOGIN_GOES_ON && !(is_endless && login->round < CHALLENGE_LIMIT)) {
            code = end_login(session, state);
            break;
        }
        code = exchange(session, buffer_span(&challenge), response);
    }
    buffer_clear(&challenge);
    return code;
}

/** "=" is an initial response that is empty. */
static bool read_initial(struct span coded, struct buffer *response)
{
    return span_is(coded, "=") || base64_decode(coded, response);
}

static void set_faults(struct login *login, const struct practice *practice)
{
    login->has_wrong_nonce = practice_has_trait(practice, TRAIT_WRONG_NONCE);
    login->has_wrong_signature = practice_has_trait(practice, TRAIT_WRONG_SIGNATURE);
    if (practice_has_trait(practice, TRAIT_MANY_ITERATIONS))
        login->iterations = 2000000000;
    if (practice_has_trait(practice, TRAIT_NO_ITERATIONS))
        login->iterations = 0;
}

static int do_auth(struct session *session, struct span argument)
{
    struct span name, coded;
    struct login login;
    if (!session->has_greeted || session->is_authenticated || session->has_sender)
        return reply(session, STAGE_AUTH, "503 5.5.1 AUTH is not possible now");
    if (!offers_auth(session))
        return is_secure(session)
                   ? reply(session, STAGE_AUTH, "502 5.5.1 AUTH is not offered")
                   : reply(session, STAGE_AUTH, "538 5.7.11 Encryption required: STARTTLS first");
    if (!span_next_token(&argument, " ", &name) ||
        !login_init(&login, name, session->practice->user, session->practice->password))
        return reply(session, STAGE_AUTH, "504 5.5.4 Unrecognized authentication mechanism");
    set_faults(&login, session->practice);
    struct buffer response = BUFFER_EMPTY;
    int code = span_next_token(&argument, " ", &coded) && !read_initial(coded, &response)
                   ? reply(session, STAGE_AUTH, "501 5.5.2 This is not Base64")
                   : converse(session, &login, &response);
    buffer_clear(&response);
    login_clear(&login);
    return code;
}

/* --- Mail transactions --- */

/** Takes `keyword<path>` off the front of an argument. */
static bool take_path(struct span *argument, const char *keyword, struct span *path)
{
    if (!span_starts_with_nocase(*argument, keyword))
        return false;
    struct span rest = span_trim(span_skip(*argument, strlen(keyword)));
    const char *end = rest.size > 0 && rest.at[0] == '<' ? memchr(rest.at, '>', rest.size) : NULL;
    if (!end)
        return false;
    *path = span_of(rest.at + 1, (size_t)(end - rest.at) - 1);
    *argument = span_skip(rest, path->size + 2);
    return true;
}

/** Checks the parameters of MAIL. @return the reply to a bad one, or NULL */
static const char *refuse_parameters(const struct session *session, struct span parameters)
{
    static const char *const known[] = {"BODY=7BIT", "BODY=8BITMIME", "SMTPUTF8", "AUTH=<>"};
    struct span parameter;
    while (span_next_token(&parameters, " ", &parameter)) {
        unsigned long long size;
        bool is_known = span_starts_with_nocase(parameter, "AUTH=");
        for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
            is_known = is_known || span_is_nocase(parameter, known[i]);
        if (span_starts_with_nocase(parameter, "SIZE=") &&
            span_to_number(span_skip(parameter, 5), ~0ull, &size)) {
            is_known = true;
            if (size > session->practice->size_limit)
                return "552 5.3.4 Message is larger than the limit";
        }
        if (!is_known)
            return "555 5.5.4 Unsupported parameter";
    }
    return NULL;
}

static int do_mail(struct session *session, struct span argument)
{
    struct span path;
    if (!session->has_greeted || session->has_sender)
        return reply(session, STAGE_MAIL, "503 5.5.1 MAIL comes after EHLO and once");
    if (!take_path(&argument, "FROM:", &path))
        return reply(session, STAGE_MAIL, "501 5.1.7 Bad sender address syntax");
    const char *refusal = refuse_parameters(session, argument);
    if (refusal)
        return reply(session, STAGE_MAIL, "%s", refusal);
    int code = reply(session, STAGE_MAIL, "250 2.1.0 Ok");
    session->has_sender = code == 250;
    return code;
}

static bool is_local_domain(struct span domain)
{
    return span_is_nocase(domain, "example.com") || span_ends_with_nocase(domain, ".example") ||
           span_is_nocase(domain, "[127.0.0.1]");
}

static const struct recipient *find_recipient(const struct session *session, struct span path)
{
    const char *at = path.size ? memrchr(path.at, '@', path.size) : NULL;
    struct span local_part = at ? span_of(path.at, (size_t)(at - path.at)) : path;
    if (!at)
        return span_is_nocase(path, "postmaster") ? &recipients[2] : &unknown_recipient;
    if (!is_local_domain(span_skip(path, local_part.size + 1)))
        return session->is_authenticated ? &relayed_recipient : NULL;
    for (unsigned i = 0; i < RECIPIENT_COUNT; i++)
        if (span_is_nocase(local_part, recipients[i].local_part))
            return &recipients[i];
    return &unknown_recipient;
}

/** Puts the address where the reply has its "%s". */
static int refuse_recipient(struct session *session, const char *refusal, struct span path)
{
    const char *place = strstr(refusal, "%s");
    if (!place)
        return reply(session, STAGE_RCPT, "%s", refusal);
    return reply(session, STAGE_RCPT, "%.*s%.*s%s", (int)(place - refusal), refusal, SPAN_ARGS(path),
                 place + 2);
}

static int do_rcpt(struct session *session, struct span argument)
{
    struct span path;
    if (!session->has_sender)
        return reply(session, STAGE_RCPT, "503 5.5.1 RCPT comes after MAIL");
    if (!take_path(&argument, "TO:", &path) || path.size == 0)
        return reply(session, STAGE_RCPT, "501 5.1.3 Bad recipient address syntax");
    if (session->recipient_count == RECIPIENT_LIMIT)
        return reply(session, STAGE_RCPT, "452 4.5.3 Too many recipients");
    const struct recipient *recipient = find_recipient(session, path);
    if (!recipient)
        return reply(session, STAGE_RCPT, "554 5.7.1 <%.*s>: Relay access denied", SPAN_ARGS(path));
    sleep(recipient->delay);
    int code = recipient->at_rcpt ? refuse_recipient(session, recipient->at_rcpt, path)
                                  : reply(session, STAGE_RCPT, "250 2.1.5 Ok");
    if (code / 100 == 2)
        session->recipients[session->recipient_count++] = recipient;
    return code == 421 ? 0 : code;
}

/**
 * Reads the message up to its end, CRLF "." CRLF and nothing else (RFC 5321 4.1.1.4), without the dots
 * that the client added. What is beyond the limit is read and dropped.
 * @return false if the client is gone
 */
static bool read_message(struct session *session, struct buffer *message, bool *is_too_big)
{
    struct span line;
    bool at_start = true; /* behind a CRLF, where dots count */
    *is_too_big = false;
    while (peer_read_line(&session->peer, &line)) {
        if (at_start && span_is(line, ".\r\n"))
            return true;
        if (at_start && span_starts_with(line, "."))
            line = span_skip(line, 1);
        at_start = span_ends_with_nocase(line, "\r\n") || (at_start && line.size == 0);
        *is_too_big = *is_too_big || message->size + line.size > session->practice->size_limit;
        if (!*is_too_big)
            buffer_add(message, line);
    }
    return false;
}

/** @return whether the message was stored, or need not be */
static bool store(const struct practice *practice, const struct buffer *message)
{
    if (!practice->store)
        return true;
    struct buffer file = BUFFER_EMPTY;
    buffer_printf(&file, "%s/message-XXXXXX", practice->store);
    int descriptor = mkstemp(file.data);
    buffer_clear(&file);
    if (descriptor < 0)
        return false;
    bool is_stored = write(descriptor, buffer_string(message), message->size) == (ssize_t)message->size;
    return close(descriptor) == 0 && is_stored;
}

static const char *judge_message(const struct recipient *recipient, bool is_too_big, bool is_stored)
{
    if (is_too_big)
        return "552 5.3.4 Message is larger than the limit";
    if (recipient->at_body)
        return recipient->at_body;
    return is_stored ? "250 2.0.0 Ok: message taken" : "452 4.3.1 The message could not be stored";
}

/** One reply for all recipients, the worst one; with LMTP each has its own (RFC 2033 4.2). */
static int reply_to_message(struct session *session, bool is_too_big, bool is_stored)
{
    const char *worst = NULL;
    int code = 0;
    for (size_t i = 0; i < session->recipient_count; i++) {
        const char *text = judge_message(session->recipients[i], is_too_big, is_stored);
        if (session->practice->is_lmtp && (code = reply(session, STAGE_BODY, "%s", text)) == 0)
            return 0;
        if (!worst || text[0] > worst[0])
            worst = text;
    }
    return session->practice->is_lmtp ? code : reply(session, STAGE_BODY, "%s", worst);
}

static bool is_refused(const struct session *session)
{
    for (size_t i = 0; i < session->recipient_count; i++)
        if (!session->recipients[i]->at_body)
            return false;
    return true;
}

static int do_data(struct session *session, struct span argument)
{
    if (argument.size > 0)
        return reply(session, STAGE_DATA, "501 5.5.4 DATA takes no argument");
    if (session->recipient_count == 0)
        return session->has_sender ? reply(session, STAGE_DATA, "554 5.5.1 No valid recipients")
                                   : reply(session, STAGE_DATA, "503 5.5.1 DATA comes after RCPT");
    int code = reply(session, STAGE_DATA, "354 End data with <CR><LF>.<CR><LF>");
    if (code != 354)
        return code;
    struct buffer message = BUFFER_EMPTY;
    bool is_too_big;
    code = 0;
    if (read_message(session, &message, &is_too_big)) {
        bool is_stored = is_too_big || is_refused(session) || store(session->practice, &message);
        code = reply_to_message(session, is_too_big, is_stored);
    }
    buffer_clear(&message);
    forget_transaction(session);
    return code;
}

/* --- The rest --- */

static int do_rset(struct session *session, struct span argument)
{
    (void)argument;
    forget_transaction(session);
    return reply(session, STAGE_OTHER, "250 2.0.0 Ok");
}

static int do_noop(struct session *session, struct span argument)
{
    (void)argument;
    return reply(session, STAGE_OTHER, "250 2.0.0 Ok");
}

static int do_vrfy(struct session *session, struct span argument)
{
    (void)argument;
    return reply(session, STAGE_OTHER, "252 2.0.0 Send some mail, and see");
}

static int do_quit(struct session *session, struct span argument)
{
    (void)argument;
    reply(session, STAGE_QUIT, "221 2.0.0 Bye");
    return 0;
}

static const struct command {
    const char *verb;
    int (*run)(struct session *,
               struct span argument); /* returns the code that was said; 0 ends the session */
} commands[] = {
    {"EHLO", do_lmtp_ehlo}, {"HELO", do_helo}, {"LHLO", do_lhlo}, {"STARTTLS", do_starttls},
    {"AUTH", do_auth},      {"MAIL", do_mail}, {"RCPT", do_rcpt}, {"DATA", do_data},
    {"RSET", do_rset},      {"NOOP", do_noop}, {"VRFY", do_vrfy}, {"QUIT", do_quit},
};

static int obey(struct session *session, struct span line)
{
    struct span rest = line, verb = SPAN("");
    span_next_token(&rest, " ", &verb);
    for (unsigned i = 0; i < sizeof commands / sizeof *commands; i++)
        if (span_is_nocase(verb, commands[i].verb))
            return commands[i].run(session, span_trim(rest));
    return reply(session, STAGE_OTHER, "500 5.5.2 Unknown command");
}

/** Where TLS is at once. @return false if it failed */
static bool begin(struct session *session, bool on_tls_port)
{
    const struct practice *practice = session->practice;
    bool is_tls = practice_has_trait(practice, on_tls_port ? TRAIT_PLAIN_ON_TLS : TRAIT_TLS_ON_PLAIN)
                      ? !on_tls_port
                      : on_tls_port;
    return !is_tls || handshake(session);
}

void practice_serve(const struct practice *practice, int socket, bool on_tls_port)
{
    struct session session = {.practice = practice};
    struct span line;
    peer_init(&session.peer, socket, practice->log);
    if (begin(&session, on_tls_port) && reply(&session, STAGE_BANNER, "220 " HOST " %s practice server",
                                              practice->is_lmtp ? "LMTP" : "ESMTP"))
        while (peer_read_line(&session.peer, &line) && obey(&session, peer_strip(line)))
            ;
    peer_clear(&session.peer);
}

void practice_print_recipients(void)
{
    for (unsigned i = 0; i < RECIPIENT_COUNT; i++)
        printf("  %-12s %s%s\n", recipients[i].local_part,
               recipients[i].at_rcpt   ? recipients[i].at_rcpt
               : recipients[i].at_body ? recipients[i].at_body
                                       : "accepted",
               recipients[i].delay ? ", slowly" : "");
    printf("  %-12s %s\n", unknown_recipient.local_part, unknown_recipient.at_rcpt);
}
