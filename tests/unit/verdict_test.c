/**
 * Verdicts: outcome, stage, cause, exit status and the one line, for every way
 * in which a run can end.
 */
#include "record_builder.h"

#include "check.h"
#include "diagnose/verdict.h"

#include <errno.h>
#include <signal.h>

#define GREETING "220 mx1.example.com ESMTP"
#define EHLO_TLS "250-mx1.example.com\n250 STARTTLS"
#define EHLO_BARE "250 mx1.example.com"
#define AMID_MESSAGE GREETING, EHLO_BARE, "250 ok", "250 ok", "354 go", "!take 20"
#define EHLO_AUTH "250-mx1.example.com\n250 AUTH PLAIN"
#define TO_TLS GREETING, EHLO_TLS, "220 go ahead", "!tls"
#define BYE "221 bye"

enum { SCRIPT_LIMIT = 24 };

struct verdict_case {
    const char *name;
    void (*prepare)(struct record_builder *);
    const char *script[SCRIPT_LIMIT];
    void (*change)(struct record_builder *); /* after the connection stands, before the session */
    enum outcome outcome;
    enum stage stage;
    enum cause cause;
    int code;
    int exit_status;
    const char *title;
};

/* --- Plans --- */

static void usual(struct record_builder *builder)
{
    builder_usual_route(builder);
}

static void demanding_tls(struct record_builder *builder)
{
    builder->plan.tls = TLS_REQUIRED;
    usual(builder);
}

static void tls_from_the_start(struct record_builder *builder)
{
    builder->plan.tls = TLS_IMPLICIT;
    usual(builder);
}

static void in_clear(struct record_builder *builder)
{
    builder->plan.tls = TLS_NONE;
    usual(builder);
}

static void to_three(struct record_builder *builder)
{
    builder_add_recipient(builder, "b@example.com");
    builder_add_recipient(builder, "c@example.com");
    in_clear(builder);
}

static void to_all_of_three(struct record_builder *builder)
{
    builder->plan.require_all_recipients = true;
    to_three(builder);
}

static void pipelining_to_three(struct record_builder *builder)
{
    builder->plan.pipeline = true;
    to_three(builder);
}

static void stopping_at_rcpt(struct record_builder *builder)
{
    builder->plan.stop = STOP_QUIT;
    builder->plan.stop_at = STOP_AT_RCPT;
    in_clear(builder);
}

static void stopping_at_ehlo(struct record_builder *builder)
{
    builder->plan.stop = STOP_QUIT;
    builder->plan.stop_at = STOP_AT_EHLO;
    usual(builder);
}

static void dropping_at_banner(struct record_builder *builder)
{
    builder->plan.stop = STOP_DROP;
    builder->plan.stop_at = STOP_AT_BANNER;
    usual(builder);
}

static void logging_in(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_REQUIRED, "PLAIN");
    usual(builder);
}

static void logging_in_by_scram(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_REQUIRED, "SCRAM");
    usual(builder);
}

static void logging_in_in_clear(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_REQUIRED, "PLAIN");
    in_clear(builder);
}

static void logging_in_perhaps(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_OPTIONAL, "PLAIN");
    usual(builder);
}

static void utf8_forced(struct record_builder *builder)
{
    builder->plan.smtputf8 = SMTPUTF8_FORCE;
    in_clear(builder);
}

static void lmtp(struct record_builder *builder)
{
    builder->plan.lmtp = true;
    builder_add_recipient(builder, "b@example.com");
    in_clear(builder);
}

/* --- Before a session --- */

static void null_mx(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 0, ".");
    builder_route(builder, mx);
}

static void nxdomain(struct record_builder *builder)
{
    builder_route(builder, builder_answer(builder, "example.com", DNS_MX, DNS_NXDOMAIN));
}

static void servfail(struct record_builder *builder)
{
    builder_route(builder, builder_answer(builder, "example.com", DNS_MX, DNS_SERVFAIL));
}

static void no_address(struct record_builder *builder)
{
    builder_route(builder, builder_answer(builder, "example.com", DNS_MX, DNS_NO_DATA));
    builder_resolve_fails(builder, 0, DNS_NO_DATA);
}

static void server_unknown(struct record_builder *builder)
{
    builder->record.domain = NULL;
    builder_server(builder, "mail.example.net", 25);
    builder_resolve_fails(builder, 0, DNS_NXDOMAIN);
}

static void server_is_no_name(struct record_builder *builder)
{
    builder->record.domain = NULL;
    builder_server(builder, "no such name", 25);
}

static void two_hosts(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "mx1.example.com");
    builder_add_mx(builder, mx, 20, "mx2.example.com");
    builder_route(builder, mx);
    builder_resolve(builder, 0, "192.0.2.25 192.0.2.26");
    builder_resolve(builder, 1, "192.0.2.27");
}

static void first_host_useless(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "192.0.2.25");
    builder_add_mx(builder, mx, 20, "mx2.example.com");
    builder_route(builder, mx);
    builder_resolve_fails(builder, 1, DNS_NXDOMAIN);
}

static void refused(struct record_builder *builder)
{
    usual(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_REFUSED, ECONNREFUSED, MILLISECONDS(5));
}

static void address_refuses(struct record_builder *builder)
{
    builder_server(builder, "192.0.2.25", 2525);
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_REFUSED, ECONNREFUSED, MILLISECONDS(5));
}

static void no_host_answers(struct record_builder *builder)
{
    two_hosts(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_TIMEOUT, 0, SECONDS(10));
    builder_connect_fails(builder, 0, 1, CAUSE_CONNECTION_REFUSED, ECONNREFUSED, MILLISECONDS(5));
    builder_connect_fails(builder, 1, 0, CAUSE_HOST_UNREACHABLE, EHOSTUNREACH, MILLISECONDS(5));
}

static void source_in_use(struct record_builder *builder)
{
    usual(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_SOURCE_ADDRESS_UNAVAILABLE, EADDRINUSE, 0);
}

static void no_descriptor(struct record_builder *builder)
{
    usual(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_LOCAL_FAILURE, EMFILE, 0);
}

static void second_host_works(struct record_builder *builder)
{
    two_hosts(builder);
    builder_connect(builder, 0, 0, MILLISECONDS(12));
    builder_session(builder, (const char *const[]){"554 no", BYE, NULL});
    builder_connect_fails(builder, 0, 1, CAUSE_CONNECTION_REFUSED, ECONNREFUSED, MILLISECONDS(5));
    builder_connect(builder, 1, 0, MILLISECONDS(12));
}

static void both_hosts_refuse(struct record_builder *builder)
{
    two_hosts(builder);
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_REFUSED, ECONNREFUSED, MILLISECONDS(5));
    builder_connect(builder, 0, 1, MILLISECONDS(12));
    builder_session(builder, (const char *const[]){"421 busy", NULL});
    builder_connect_fails(builder, 1, 0, CAUSE_CONNECTION_TIMEOUT, 0, SECONDS(10));
}

static void cancelled_while_resolving(struct record_builder *builder)
{
    builder->record.local_cause = CAUSE_CANCELLED;
    builder->record.signal_number = SIGTERM;
}

static void library_failed(struct record_builder *builder)
{
    builder->record.local_cause = CAUSE_LOCAL_FAILURE;
    builder->record.local_detail = "OpenSSL cannot make a context";
}

/* --- Handshakes --- */

static void old_server(struct record_builder *builder)
{
    builder->tls->finished = false;
    builder->tls->cause = CAUSE_TLS_NO_COMMON_VERSION;
    builder->tls->detail = "the server chose a TLS version that we do not accept";
}

static void handshake_is_silent(struct record_builder *builder)
{
    builder->tls->finished = false;
    builder->tls->cause = CAUSE_REPLY_TIMEOUT;
}

static void expired_and_fatal(struct record_builder *builder)
{
    builder->tls->dates = (struct tls_judgement){.was_taken = true, .cause = CAUSE_CERTIFICATE_EXPIRED};
    builder->verification = CAUSE_CERTIFICATE_EXPIRED;
}

/* --- The table --- */

/* clang-format off */
static const struct verdict_case cases[] = {
    /* local-error */
    {"a signal while resolving", cancelled_while_resolving, {0}, NULL, OUTCOME_LOCAL_ERROR, STAGE_RESOLVE,
     CAUSE_CANCELLED, 0, 128 + SIGTERM, "Trouble on our own side: stopped by a signal (signal 15, Terminated)."},
    {"a signal while waiting", in_clear, {GREETING, EHLO_BARE, "250 ok", "!cancel 2"}, NULL, OUTCOME_LOCAL_ERROR,
     STAGE_RCPT, CAUSE_CANCELLED, 0, 128 + SIGINT,
     "Trouble on our own side at RCPT TO: stopped by a signal (signal 2, Interrupt)."},
    {"a signal when all was done", in_clear,
     {GREETING, EHLO_BARE, "250 ok", "250 ok", "354 go", "250 queued", "!cancel 2"}, NULL, OUTCOME_LOCAL_ERROR,
     STAGE_QUIT, CAUSE_CANCELLED, 0, 128 + SIGINT,
     "Trouble on our own side at QUIT: stopped by a signal (signal 2, Interrupt); the message had been accepted by "
     "then."},
    {"a library that fails", library_failed, {0}, NULL, OUTCOME_LOCAL_ERROR, STAGE_RESOLVE, CAUSE_LOCAL_FAILURE, 0, 1,
     "Trouble on our own side: something on this machine failed (OpenSSL cannot make a context)."},
    {"a source port in use", source_in_use, {0}, NULL, OUTCOME_LOCAL_ERROR, STAGE_CONNECT,
     CAUSE_SOURCE_ADDRESS_UNAVAILABLE, 0, 2,
     "Trouble on our own side: the source address or port cannot be used (Address already in use)."},
    {"no descriptor left", no_descriptor, {0}, NULL, OUTCOME_LOCAL_ERROR, STAGE_CONNECT, CAUSE_LOCAL_FAILURE, 0, 1,
     "Trouble on our own side: something on this machine failed (Too many open files)."},
    {"a server that is no name", server_is_no_name, {0}, NULL, OUTCOME_LOCAL_ERROR, STAGE_USAGE, CAUSE_USAGE, 0, 1,
     "Trouble on our own side: the command line or an option is not right."},

    /* no-mail, unreachable */
    {"null MX", null_mx, {0}, NULL, OUTCOME_NO_MAIL, STAGE_RESOLVE, CAUSE_DOMAIN_NO_MAIL, 0, 2,
     "No mail wanted: the domain takes no mail (example.com)."},
    {"no such domain", nxdomain, {0}, NULL, OUTCOME_UNREACHABLE, STAGE_RESOLVE, CAUSE_DOMAIN_UNKNOWN, 0, 2,
     "Unreachable: the domain does not exist (example.com)."},
    {"SERVFAIL", servfail, {0}, NULL, OUTCOME_UNREACHABLE, STAGE_RESOLVE, CAUSE_DNS_SERVFAIL, 0, 2,
     "Unreachable: the DNS look-up failed (SERVFAIL) (example.com)."},
    {"no address", no_address, {0}, NULL, OUTCOME_UNREACHABLE, STAGE_RESOLVE, CAUSE_DOMAIN_NO_ADDRESS, 0, 2,
     "Unreachable: the name has no address to connect to (example.com)."},
    {"no such server", server_unknown, {0}, NULL, OUTCOME_UNREACHABLE, STAGE_RESOLVE, CAUSE_DOMAIN_UNKNOWN, 0, 2,
     "Unreachable: the domain does not exist (mail.example.net)."},
    {"no usable MX", first_host_useless, {0}, NULL, OUTCOME_UNREACHABLE, STAGE_RESOLVE, CAUSE_MX_TARGET_INVALID, 0, 2,
     "Unreachable: an MX record names no usable host (example.com)."},
    {"connection refused", refused, {0}, NULL, OUTCOME_UNREACHABLE, STAGE_CONNECT, CAUSE_CONNECTION_REFUSED, 0, 2,
     "Unreachable: connection refused (mx1.example.com [192.0.2.25]:25)."},
    {"an address refuses", address_refuses, {0}, NULL, OUTCOME_UNREACHABLE, STAGE_CONNECT, CAUSE_CONNECTION_REFUSED,
     0, 2, "Unreachable: connection refused ([192.0.2.25]:2525)."},
    {"no host answers: the last try at the most preferred decides", no_host_answers, {0}, NULL, OUTCOME_UNREACHABLE,
     STAGE_CONNECT, CAUSE_CONNECTION_REFUSED, 0, 2,
     "Unreachable: connection refused (mx1.example.com [192.0.2.26]:25)."},
    {"no host greets: the last try at the most preferred decides", both_hosts_refuse, {0}, NULL, OUTCOME_DEFERRED,
     STAGE_BANNER, CAUSE_SERVER_BUSY, 421, 21, NULL},
    {"the second host works", second_host_works,
     {TO_TLS, EHLO_BARE, "250 ok", "250 ok", "354 go", "250 queued", BYE}, NULL, OUTCOME_ACCEPTED, STAGE_BODY, CAUSE_OK,
     0, 0, "Accepted: mx2.example.com took the message."},

    /* insecure */
    {"TLS demanded, not offered", demanding_tls, {GREETING, EHLO_BARE, BYE}, NULL, OUTCOME_INSECURE, STAGE_STARTTLS,
     CAUSE_STARTTLS_NOT_SUPPORTED, 0, 29, "Not secure at STARTTLS: STARTTLS is not offered."},
    {"TLS demanded, refused for now", demanding_tls, {GREETING, EHLO_TLS, "454 4.7.0 no", BYE}, NULL,
     OUTCOME_INSECURE, STAGE_STARTTLS, CAUSE_STARTTLS_REFUSED, 454, 29,
     "Not secure at STARTTLS: STARTTLS is offered, but refused (454 4.7.0)."},
    {"TLS demanded, refused for good", demanding_tls, {GREETING, EHLO_TLS, "502 no", BYE}, NULL, OUTCOME_INSECURE,
     STAGE_STARTTLS, CAUSE_STARTTLS_REFUSED, 502, 29, NULL},
    {"TLS demanded, answered by another success", demanding_tls, {GREETING, EHLO_TLS, "250 ok", BYE}, NULL,
     OUTCOME_INSECURE, STAGE_STARTTLS, CAUSE_STARTTLS_REFUSED, 250, 29, NULL},
    {"close during STARTTLS", demanding_tls, {GREETING, EHLO_TLS, "!close"}, NULL, OUTCOME_INSECURE, STAGE_STARTTLS,
     CAUSE_CLOSED_BY_SERVER, 0, 29, "Not secure at STARTTLS: the server closed the connection without a reply."},
    {"silence during STARTTLS", demanding_tls, {GREETING, EHLO_TLS, "!silence"}, NULL, OUTCOME_INSECURE,
     STAGE_STARTTLS, CAUSE_REPLY_TIMEOUT, 0, 29,
     "Not secure at STARTTLS: the reply did not come in time (waited 30 s)."},
    {"nonsense during STARTTLS", demanding_tls, {GREETING, EHLO_TLS, "what"}, NULL, OUTCOME_INSECURE, STAGE_STARTTLS,
     CAUSE_REPLY_MALFORMED, 0, 29, NULL},
    {"octets behind 220", usual, {GREETING, EHLO_TLS, "220 go\n250 evil"}, NULL, OUTCOME_INSECURE, STAGE_STARTTLS,
     CAUSE_STARTTLS_INJECTION, 220, 29, "Not secure at STARTTLS: unprotected octets follow the reply to STARTTLS."},
    {"EHLO refused, TLS demanded", demanding_tls, {GREETING, "502 no", "250 mx1", BYE}, NULL, OUTCOME_INSECURE,
     STAGE_STARTTLS, CAUSE_EHLO_NOT_SUPPORTED, 0, 29, "Not secure at STARTTLS: EHLO is refused; only HELO works."},
    {"handshake fails", usual, {TO_TLS}, old_server, OUTCOME_INSECURE, STAGE_TLS, CAUSE_TLS_NO_COMMON_VERSION, 0, 29,
     "Not secure at the TLS handshake: no TLS version in common (the server chose a TLS version that we do not "
     "accept)."},
    {"handshake is silent", tls_from_the_start, {"!tls"}, handshake_is_silent, OUTCOME_INSECURE, STAGE_TLS,
     CAUSE_REPLY_TIMEOUT, 0, 29, "Not secure at the TLS handshake: the reply did not come in time."},
    {"identity not proven", demanding_tls, {TO_TLS}, expired_and_fatal, OUTCOME_INSECURE, STAGE_TLS,
     CAUSE_CERTIFICATE_EXPIRED, 0, 29, "Not secure at the TLS handshake: the certificate has expired."},
    {"a password withheld", logging_in, {GREETING, EHLO_AUTH, BYE}, NULL, OUTCOME_INSECURE, STAGE_AUTH,
     CAUSE_AUTH_CLEARTEXT_WITHHELD, 0, 28,
     "Not secure at login (AUTH): the password was not sent over an unprotected connection."},

    /* deferred, refused */
    {"421 as greeting", usual, {"421 4.3.2 shutting down"}, NULL, OUTCOME_DEFERRED, STAGE_BANNER, CAUSE_SERVER_BUSY,
     421, 21, NULL},
    {"421 to STARTTLS is a deferral", demanding_tls, {GREETING, EHLO_TLS, "421 4.3.2 shutting down"}, NULL,
     OUTCOME_DEFERRED, STAGE_STARTTLS, CAUSE_SERVER_BUSY, 421, 29, NULL},
    {"421 at RCPT", in_clear, {GREETING, EHLO_BARE, "250 ok", "421 4.3.2 shutting down"}, NULL, OUTCOME_DEFERRED,
     STAGE_RCPT, CAUSE_SERVER_BUSY, 421, 24, NULL},
    {"421 amid the message", in_clear, {AMID_MESSAGE, "!octets 421 4.3.2 Bye\r\n"}, NULL, OUTCOME_DEFERRED,
     STAGE_BODY, CAUSE_SERVER_BUSY, 421, 26, NULL},
    {"5xx amid the message", in_clear, {AMID_MESSAGE, "!octets 552 5.3.4 Too big\r\n"}, NULL, OUTCOME_REFUSED,
     STAGE_BODY, CAUSE_MESSAGE_TOO_BIG, 552, 26,
     "Refused amid the message, after 20 octets: the message is too big for the server (552 5.3.4)."},
    {"close amid the message", in_clear, {AMID_MESSAGE, "!close"}, NULL, OUTCOME_NO_ANSWER, STAGE_BODY,
     CAUSE_CLOSED_BY_SERVER, 0, 6,
     "No answer amid the message, after 20 octets: the server closed the connection without a reply."},
    {"the server takes no more of the message", in_clear, {AMID_MESSAGE, "!silence"}, NULL, OUTCOME_NO_ANSWER,
     STAGE_BODY, CAUSE_REPLY_TIMEOUT, 0, 26,
     "No answer amid the message, after 20 octets: the reply did not come in time (no progress in sending, waited "
     "30 s)."},
    {"the server takes nothing of the message", in_clear,
     {GREETING, EHLO_BARE, "250 ok", "250 ok", "354 go", "!take 0", "!silence"}, NULL, OUTCOME_NO_ANSWER,
     STAGE_BODY, CAUSE_REPLY_TIMEOUT, 0, 26,
     "No answer at the message: the reply did not come in time (no progress in sending, waited 30 s)."},
    {"5xx greeting", usual, {"554 no", BYE}, NULL, OUTCOME_REFUSED, STAGE_BANNER, CAUSE_IP_BLOCKLISTED, 554, 21, NULL},
    {"EHLO refused for its name", usual, {GREETING, "550 bad name", BYE}, NULL, OUTCOME_REFUSED, STAGE_EHLO,
     CAUSE_HELO_REJECTED, 550, 22, NULL},
    {"HELO refused", usual, {GREETING, "502 no", "550 no", BYE}, NULL, OUTCOME_REFUSED, STAGE_HELO,
     CAUSE_HELO_REJECTED, 550, 22, NULL},
    {"EHLO refused inside TLS", usual, {TO_TLS, "550 no", BYE}, NULL, OUTCOME_REFUSED, STAGE_EHLO,
     CAUSE_HELO_REJECTED, 550, 32, NULL},
    {"EHLO refused with TLS from the start", tls_from_the_start, {"!tls", GREETING, "550 no", BYE}, NULL,
     OUTCOME_REFUSED, STAGE_EHLO, CAUSE_HELO_REJECTED, 550, 22, NULL},
    {"login refused", logging_in, {TO_TLS, EHLO_AUTH, "535 5.7.8 no", BYE}, NULL, OUTCOME_REFUSED, STAGE_AUTH,
     CAUSE_AUTH_FAILED, 535, 28, NULL},
    {"login deferred", logging_in, {TO_TLS, EHLO_AUTH, "454 4.7.0 later", BYE}, NULL, OUTCOME_DEFERRED, STAGE_AUTH,
     CAUSE_SERVER_ERROR, 454, 28, NULL},
    {"MAIL refused", in_clear, {GREETING, EHLO_BARE, "550 5.1.8 no", BYE}, NULL, OUTCOME_REFUSED, STAGE_MAIL,
     CAUSE_SENDER_REJECTED, 550, 23, NULL},
    {"RCPT refused", in_clear, {GREETING, EHLO_BARE, "250 ok", "550 5.1.1 no such user", BYE}, NULL, OUTCOME_REFUSED,
     STAGE_RCPT, CAUSE_MAILBOX_UNKNOWN, 550, 24, "Refused at RCPT TO: no such mailbox (550 5.1.1)."},
    {"RCPT deferred", in_clear, {GREETING, EHLO_BARE, "250 ok", "450 4.2.2 mailbox full", BYE}, NULL,
     OUTCOME_DEFERRED, STAGE_RCPT, CAUSE_MAILBOX_FULL, 450, 24, NULL},
    {"RCPT refused, then closed", in_clear, {GREETING, EHLO_BARE, "250 ok", "550 5.1.1 no such user", "!close"}, NULL,
     OUTCOME_REFUSED, STAGE_RCPT, CAUSE_MAILBOX_UNKNOWN, 550, 24, NULL},
    {"none of three: the first that may pass later decides", to_three,
     {GREETING, EHLO_BARE, "250 ok", "550 5.1.1 no such user", "450 4.2.2 mailbox full", "550 5.1.1 no such user", BYE},
     NULL, OUTCOME_DEFERRED, STAGE_RCPT, CAUSE_MAILBOX_FULL, 450, 24, NULL},
    {"none of three: else the first", to_three,
     {GREETING, EHLO_BARE, "250 ok", "550 5.1.1 no such user", "552 5.2.2 mailbox full", "550 5.1.1 no such user", BYE},
     NULL, OUTCOME_REFUSED, STAGE_RCPT, CAUSE_MAILBOX_UNKNOWN, 550, 24, NULL},
    {"a refused DATA is a consequence", pipelining_to_three,
     {GREETING, "250-mx1\n250 PIPELINING",
      "250 ok\n550 5.1.1 no such user\n550 5.1.1 no such user\n550 5.1.1 no such user\n554 no recipients", BYE},
     NULL, OUTCOME_REFUSED, STAGE_RCPT, CAUSE_MAILBOX_UNKNOWN, 550, 24, NULL},
    {"two of three are enough", to_three,
     {GREETING, EHLO_BARE, "250 ok", "250 ok", "550 5.1.1 no such user", "250 ok", "354 go", "250 queued", BYE}, NULL,
     OUTCOME_ACCEPTED, STAGE_BODY, CAUSE_OK, 0, 0,
     "Accepted: mx1.example.com took the message for 2 of 3 recipients."},
    {"two of three are not enough if all are wanted", to_all_of_three,
     {GREETING, EHLO_BARE, "250 ok", "250 ok", "550 5.1.1 no such user", "250 ok", BYE}, NULL, OUTCOME_REFUSED,
     STAGE_RCPT, CAUSE_MAILBOX_UNKNOWN, 550, 24, NULL},
    {"DATA refused", in_clear, {GREETING, EHLO_BARE, "250 ok", "250 ok", "451 4.3.0 later", BYE}, NULL,
     OUTCOME_DEFERRED, STAGE_DATA, CAUSE_SERVER_ERROR, 451, 25, NULL},
    {"message refused", in_clear, {GREETING, EHLO_BARE, "250 ok", "250 ok", "354 go", "554 5.7.1 spam", BYE}, NULL,
     OUTCOME_REFUSED, STAGE_BODY, CAUSE_CONTENT_SPAM, 554, 26, NULL},
    {"LMTP: one delivery of two is enough", lmtp,
     {GREETING, EHLO_BARE, "250 ok", "250 ok", "250 ok", "354 go", "250 done\n550 5.1.1 no such user", BYE}, NULL,
     OUTCOME_ACCEPTED, STAGE_BODY, CAUSE_OK, 0, 0, NULL},
    {"LMTP: no delivery", lmtp,
     {GREETING, EHLO_BARE, "250 ok", "250 ok", "250 ok", "354 go", "550 5.1.1 no such user\n452 4.2.2 mailbox full",
      BYE},
     NULL, OUTCOME_DEFERRED, STAGE_BODY, CAUSE_MAILBOX_FULL, 452, 26, NULL},

    /* unsupported */
    {"no AUTH", logging_in, {TO_TLS, EHLO_BARE, BYE}, NULL, OUTCOME_UNSUPPORTED, STAGE_AUTH, CAUSE_AUTH_NOT_OFFERED, 0,
     28, "Not supported at login (AUTH): the server offers no login."},
    {"no AUTH before TLS", logging_in_in_clear, {GREETING, EHLO_TLS, BYE}, NULL, OUTCOME_UNSUPPORTED, STAGE_AUTH,
     CAUSE_AUTH_ONLY_AFTER_TLS, 0, 28, "Not supported at login (AUTH): the server offers a login only inside TLS."},
    {"no mechanism in common", logging_in, {TO_TLS, "250-mx1\n250 AUTH XOAUTH2", BYE}, NULL, OUTCOME_UNSUPPORTED,
     STAGE_AUTH, CAUSE_AUTH_NO_COMMON_MECHANISM, 0, 28, "Not supported at login (AUTH): no login mechanism in common."},
    {"no SMTPUTF8", utf8_forced, {GREETING, EHLO_BARE, BYE}, NULL, OUTCOME_UNSUPPORTED, STAGE_MAIL,
     CAUSE_EXTENSION_NOT_OFFERED, 0, 23,
     "Not supported at MAIL FROM: the server lacks an extension that is needed (SMTPUTF8)."},

    /* protocol-violation */
    {"another protocol", usual, {"SSH-2.0-OpenSSH_9.2"}, NULL, OUTCOME_PROTOCOL_VIOLATION, STAGE_BANNER,
     CAUSE_NOT_SMTP, 0, 21, "Protocol violation at the greeting: the peer does not speak SMTP (ssh)."},
    {"TLS where clear text was due", usual, {"\x15\x03\x01"}, NULL, OUTCOME_PROTOCOL_VIOLATION, STAGE_BANNER,
     CAUSE_IMPLICIT_TLS_EXPECTED, 0, 21, NULL},
    {"a malformed reply", usual, {GREETING, "25O mx1"}, NULL, OUTCOME_PROTOCOL_VIOLATION, STAGE_EHLO,
     CAUSE_REPLY_MALFORMED, 0, 22,
     "Protocol violation at EHLO: the reply is not valid SMTP (line 1 does not begin with three digits)."},
    {"250 to DATA", in_clear, {GREETING, EHLO_BARE, "250 ok", "250 ok", "250 ok"}, NULL, OUTCOME_PROTOCOL_VIOLATION,
     STAGE_DATA, CAUSE_REPLY_CODE_UNEXPECTED, 250, 25,
     "Protocol violation at DATA: the reply's code has no meaning at this place (got 250 where 354 was due)."},
    {"a reply too many", usual, {"!octets 220 mx1\r\n250 mx1\r\n"}, NULL, OUTCOME_PROTOCOL_VIOLATION, STAGE_EHLO,
     CAUSE_UNSOLICITED_REPLY, 250, 22, "Protocol violation at EHLO: a reply came before its command."},
    {"235 that the mechanism does not agree with", logging_in_by_scram,
     {TO_TLS, "250-mx1\n250 AUTH SCRAM", "235 ok", BYE}, NULL, OUTCOME_PROTOCOL_VIOLATION, STAGE_AUTH,
     CAUSE_AUTH_EXCHANGE_INVALID, 235, 28, NULL},
    {"a server that does not know the password", logging_in_by_scram,
     {TO_TLS, "250-mx1\n250 AUTH SCRAM", "334 cj1hYmNkZWY=", "334 dj1iYWQ=", "501 ok", BYE}, NULL,
     OUTCOME_PROTOCOL_VIOLATION, STAGE_AUTH, CAUSE_AUTH_SERVER_SIGNATURE, 334, 28, NULL},

    /* no-answer */
    {"silence instead of the greeting", usual, {"!silence"}, NULL, OUTCOME_NO_ANSWER, STAGE_BANNER,
     CAUSE_REPLY_TIMEOUT, 0, 21, "No answer at the greeting: the reply did not come in time (waited 30 s)."},
    {"close instead of the greeting", usual, {"!close"}, NULL, OUTCOME_NO_ANSWER, STAGE_BANNER,
     CAUSE_CLOSED_BY_SERVER, 0, 6, "No answer at the greeting: the server closed the connection without a reply."},
    {"reset at MAIL", in_clear, {GREETING, EHLO_BARE, "!reset"}, NULL, OUTCOME_NO_ANSWER, STAGE_MAIL,
     CAUSE_CONNECTION_RESET, 0, 6, "No answer at MAIL FROM: the connection was reset."},
    {"silence at AUTH", logging_in, {TO_TLS, EHLO_AUTH, "!silence"}, NULL, OUTCOME_NO_ANSWER, STAGE_AUTH,
     CAUSE_REPLY_TIMEOUT, 0, 28, NULL},
    {"silence at DATA", in_clear, {GREETING, EHLO_BARE, "250 ok", "250 ok", "!silence"}, NULL, OUTCOME_NO_ANSWER,
     STAGE_DATA, CAUSE_REPLY_TIMEOUT, 0, 25, NULL},
    {"silence after the message", in_clear, {GREETING, EHLO_BARE, "250 ok", "250 ok", "354 go", "!silence"}, NULL,
     OUTCOME_NO_ANSWER, STAGE_BODY, CAUSE_REPLY_TIMEOUT, 0, 26, NULL},
    {"close after the message", in_clear, {GREETING, EHLO_BARE, "250 ok", "250 ok", "354 go", "!close"}, NULL,
     OUTCOME_NO_ANSWER, STAGE_BODY, CAUSE_CLOSED_BY_SERVER, 0, 6, NULL},

    /* accepted */
    {"all went well", usual, {TO_TLS, EHLO_BARE, "250 ok", "250 ok", "354 go", "250 queued", BYE}, NULL,
     OUTCOME_ACCEPTED, STAGE_BODY, CAUSE_OK, 0, 0, "Accepted: mx1.example.com took the message."},
    {"after login", logging_in, {TO_TLS, EHLO_AUTH, "235 ok", "250 ok", "250 ok", "354 go", "250 queued", BYE}, NULL,
     OUTCOME_ACCEPTED, STAGE_BODY, CAUSE_OK, 0, 0, "Accepted: mx1.example.com took the message after login."},
    {"without a login that was optional", logging_in_perhaps,
     {TO_TLS, EHLO_BARE, "250 ok", "250 ok", "354 go", "250 queued", BYE}, NULL, OUTCOME_ACCEPTED, STAGE_BODY, CAUSE_OK,
     0, 0, "Accepted: mx1.example.com took the message without the login."},
    {"in clear where nothing else is offered", usual,
     {GREETING, EHLO_BARE, "250 ok", "250 ok", "354 go", "250 queued", BYE}, NULL, OUTCOME_ACCEPTED, STAGE_BODY,
     CAUSE_OK, 0, 0, NULL},
    {"stopped at RCPT as asked", stopping_at_rcpt, {GREETING, EHLO_BARE, "250 ok", "250 ok", BYE}, NULL,
     OUTCOME_ACCEPTED, STAGE_RCPT, CAUSE_OK, 0, 0, "Done as asked: all went well up to RCPT TO at mx1.example.com."},
    {"stopped at RCPT, but refused there", stopping_at_rcpt,
     {GREETING, EHLO_BARE, "250 ok", "550 5.1.1 no such user", BYE}, NULL, OUTCOME_REFUSED, STAGE_RCPT,
     CAUSE_MAILBOX_UNKNOWN, 550, 24, NULL},
    {"stopped at EHLO as asked", stopping_at_ehlo, {TO_TLS, EHLO_BARE, BYE}, NULL, OUTCOME_ACCEPTED, STAGE_EHLO,
     CAUSE_OK, 0, 0, "Done as asked: all went well up to EHLO at mx1.example.com."},
    {"dropped at the greeting as asked", dropping_at_banner, {GREETING}, NULL, OUTCOME_ACCEPTED, STAGE_BANNER,
     CAUSE_OK, 0, 0, "Done as asked: all went well up to the greeting at mx1.example.com."},
    {"QUIT met with close", in_clear, {GREETING, EHLO_BARE, "250 ok", "250 ok", "354 go", "250 queued", "!close"},
     NULL, OUTCOME_ACCEPTED, STAGE_BODY, CAUSE_OK, 0, 6,
     "Accepted: mx1.example.com took the message; it closed the connection instead of answering QUIT."},
    {"QUIT met with silence", in_clear, {GREETING, EHLO_BARE, "250 ok", "250 ok", "354 go", "250 queued", "!silence"},
     NULL, OUTCOME_ACCEPTED, STAGE_BODY, CAUSE_OK, 0, 27,
     "Accepted: mx1.example.com took the message; only QUIT was not answered as it should be."},
    {"QUIT refused", in_clear, {GREETING, EHLO_BARE, "250 ok", "250 ok", "354 go", "250 queued", "502 no"}, NULL,
     OUTCOME_ACCEPTED, STAGE_BODY, CAUSE_OK, 0, 27, NULL},
};
/* clang-format on */
enum { CASES = sizeof cases / sizeof *cases };

/* --- Running a case --- */

static void play(struct record_builder *builder, const struct verdict_case *item)
{
    builder_init(builder);
    item->prepare(builder);
    bool is_connected = builder->attempt && builder->attempt->result == ATTEMPT_UNDER_WAY;
    if (item->script[0] && !is_connected)
        builder_connect(builder, 0, 0, MILLISECONDS(12));
    if (item->change)
        item->change(builder);
    if (item->script[0])
        builder_session(builder, item->script);
    builder_end(builder);
}

static void check_verdict(const struct verdict_case *item, const struct verdict *verdict)
{
    check_string(item->name, span_of_string(outcome_words[verdict->outcome].name),
                 outcome_words[item->outcome].name);
    check_string(item->name, span_of_string(stage_name(verdict->stage)), stage_name(item->stage));
    check_string(item->name, span_of_string(cause_name(verdict->cause)), cause_name(item->cause));
    check_number(item->name, "code", (unsigned)verdict->code, (unsigned)item->code);
    check_number(item->name, "exit status", (unsigned)verdict->exit_status, (unsigned)item->exit_status);
    if (item->title)
        check_string(item->name, span_of_string(verdict->title), item->title);
}

/** INVARIANT 17: 0 only when all that was asked for was done. */
static void check_invariants(const char *name, const struct verdict *verdict)
{
    CHECK(name, verdict->exit_status != 0 || verdict->outcome == OUTCOME_ACCEPTED);
    CHECK(name, (verdict->outcome == OUTCOME_ACCEPTED) == (verdict->cause == CAUSE_OK));
    CHECK(name, verdict->outcome != OUTCOME_DEFERRED || verdict->code / 100 == 4);
    CHECK(name, verdict->outcome != OUTCOME_REFUSED || verdict->code / 100 == 5);
    CHECK(name, verdict->title[0] >= 'A' && verdict->title[0] <= 'Z');
    CHECK(name, span_ends_with_nocase(span_of_string(verdict->title), "."));
    CHECK(name, !strstr(verdict->title, "..") && !strstr(verdict->title, "(null)"));
}

/** A deciding id that may be a finding stands among the findings too, as grave as the verdict. */
static void check_finding(const char *name, const struct record_builder *builder,
                          const struct verdict *verdict)
{
    struct finding_list list;
    struct arena arena = ARENA_EMPTY;
    bool is_told = cause_facts[verdict->cause].use == 'C';
    findings_make(&list, &builder->record, &catalog_builtin, &arena);
    for (size_t i = 0; i < list.count; i++)
        is_told |=
            list.all[i]->id == verdict->cause && (list.all[i]->severity == SEVERITY_ERROR ||
                                                  cause_facts[verdict->cause].severity == SEVERITY_INFO);
    arena_clear(&arena);
    CHECK(name, is_told);
}

static void test_every_end_has_its_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct record_builder builder;
        struct verdict verdict;
        play(&builder, &cases[i]);
        verdict_reach(&verdict, &builder.record, &catalog_builtin, &builder.arena);
        check_verdict(&cases[i], &verdict);
        check_invariants(cases[i].name, &verdict);
        check_finding(cases[i].name, &builder, &verdict);
        builder_clear(&builder);
    }
}

/** Each outcome that a probe can have is reached by some record of the table. */
static void test_every_outcome_of_a_probe_is_reached(void **state)
{
    (void)state;
    static const enum outcome outcomes[] = {
        OUTCOME_LOCAL_ERROR, OUTCOME_NO_MAIL,  OUTCOME_UNREACHABLE, OUTCOME_INSECURE,
        OUTCOME_DEFERRED,    OUTCOME_REFUSED,  OUTCOME_UNSUPPORTED, OUTCOME_PROTOCOL_VIOLATION,
        OUTCOME_NO_ANSWER,   OUTCOME_ACCEPTED,
    };
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        bool is_reached = false;
        for (size_t j = 0; j < CASES; j++)
            is_reached |= cases[j].outcome == outcomes[i];
        CHECK(outcome_words[outcomes[i]].name, is_reached);
    }
}

static enum retry retry_of(const struct verdict_case *item)
{
    struct record_builder builder;
    struct verdict verdict;
    play(&builder, item);
    verdict_reach(&verdict, &builder.record, &catalog_builtin, &builder.arena);
    builder_clear(&builder);
    return verdict.retry;
}

static void test_whether_to_try_again(void **state)
{
    (void)state;
    static const struct {
        struct verdict_case item;
        enum retry retry;
    } tries[] = {
        {{.prepare = in_clear, .script = {GREETING, EHLO_BARE, "250 ok", "550 5.1.1 no such user", BYE}},
         RETRY_NO},
        {{.prepare = in_clear, .script = {GREETING, EHLO_BARE, "250 ok", "450 4.2.2 mailbox full", BYE}},
         RETRY_LATER},
        {{.prepare = in_clear, .script = {"!silence"}}, RETRY_LATER},
        {{.prepare = demanding_tls, .script = {GREETING, EHLO_BARE, BYE}}, RETRY_AFTER_CHANGE},
        {{.prepare = logging_in, .script = {TO_TLS, EHLO_BARE, BYE}}, RETRY_OTHER_ROUTE},
        {{.prepare = in_clear,
          .script = {GREETING, EHLO_BARE, "250 ok", "250 ok", "354 go", "250 done", BYE}},
         RETRY_NO},
        {{.prepare = null_mx}, RETRY_NO},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        assert_int_equal(retry_of(&tries[i].item), tries[i].retry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_end_has_its_verdict),
        cmocka_unit_test(test_every_outcome_of_a_probe_is_reached),
        cmocka_unit_test(test_whether_to_try_again),
    };
    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
