/**
 * Reports as they are meant to be: records made by hand go through the text and
 * the JSON report, and what comes out is compared with the files beside this
 * one. `make golden-update' writes these anew; look at the difference before it
 * is committed.
 */
#include "record_builder.h"

#include "base/buffer.h"
#include "config.h"
#include "report/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define GREETING "220 mx1.example.com ESMTP Postfix"
#define EHLO_TLS                                                                                             \
    "250-mx1.example.com\n250-PIPELINING\n250-SIZE 10485760\n250-STARTTLS\n250 ENHANCEDSTATUSCODES"
#define EHLO_IN_TLS "250-mx1.example.com\n250-PIPELINING\n250-SIZE 10485760\n250 ENHANCEDSTATUSCODES"
#define TO_TLS GREETING, EHLO_TLS, "220 2.0.0 Ready to start TLS", "!tls"
#define SENDER_OK "250 2.1.0 Ok"
#define RECIPIENT_OK "250 2.1.5 Ok"
#define INVITED "354 End data with <CR><LF>.<CR><LF>"
#define QUEUED "250 2.0.0 Ok: queued as 4ABCDE"
#define BYE "221 2.0.0 Bye"
#define TAKEN SENDER_OK, RECIPIENT_OK, INVITED, QUEUED, BYE

static void play(struct record_builder *builder, const char *const *script)
{
    builder_connect(builder, 0, 0, MILLISECONDS(12));
    builder_session(builder, script);
}

#define PLAY(builder, ...) play(builder, (const char *const[]){__VA_ARGS__, NULL})

/* --- The records --- */

static void accepted(struct record_builder *builder)
{
    builder_usual_route(builder);
    PLAY(builder, TO_TLS, EHLO_IN_TLS, TAKEN);
}

static void recipient_unknown(struct record_builder *builder)
{
    builder_usual_route(builder);
    PLAY(builder, TO_TLS, EHLO_IN_TLS, SENDER_OK,
         "550 5.1.1 <user@example.com>: Recipient address rejected: User unknown in virtual mailbox table",
         BYE);
}

/** What provider it is shows at both refusals; of the second recipient we know whose mailboxes they are. */
static void behind_a_filter(struct record_builder *builder)
{
    builder_add_recipient(builder, "user@gmx.de");
    builder_server(builder, "us-smtp-inbound-1.mimecast.com", 25);
    builder_resolve(builder, 0, "192.0.2.25");
    PLAY(builder, "220 us-smtp-1.us.mimecast.lan ESMTP", "250-us-smtp-1.us.mimecast.lan Hello\n250 SIZE 10485760",
         SENDER_OK, "451 Internal resources are temporarily unavailable", "550 5.1.1 User unknown", BYE);
}

static void pipelined_to_three(struct record_builder *builder)
{
    builder->plan.pipeline = true;
    builder_add_recipient(builder, "other@example.com");
    builder_add_recipient(builder, "third@example.com");
    builder_usual_route(builder);
    PLAY(builder, TO_TLS, EHLO_IN_TLS,
         SENDER_OK "\n" RECIPIENT_OK "\n450 4.2.2 <other@example.com>: Mailbox is full\n" RECIPIENT_OK
                   "\n" INVITED,
         QUEUED, BYE);
}

static void logged_in(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_REQUIRED, "PLAIN");
    builder_server(builder, "mail.example.com", 587);
    builder_resolve(builder, 0, "2001:db8::25 192.0.2.25");
    PLAY(builder, TO_TLS, "250-mail.example.com\n250 AUTH PLAIN LOGIN", "235 2.7.0 Authentication successful",
         TAKEN);
}

static void password_echoed(struct record_builder *builder)
{
    builder_log_in(builder, AUTH_REQUIRED, "PLAIN");
    builder_server(builder, "mail.example.com", 587);
    builder_resolve(builder, 0, "192.0.2.25");
    PLAY(builder, TO_TLS, "250-mail.example.com\n250 AUTH PLAIN", "535 5.7.8 jo, pencil is not your password",
         BYE);
}

static void login_at_mx(struct record_builder *builder)
{
    struct submission_hosts *submission = &builder->record.submission;
    builder_log_in(builder, AUTH_REQUIRED, "PLAIN");
    builder_usual_route(builder);
    PLAY(builder, TO_TLS, EHLO_IN_TLS, BYE);
    submission->was_looked_up = submission->from_srv = true;
    submission->submissions = builder_answer(builder, "_submissions._tcp.example.com", DNS_SRV, DNS_NXDOMAIN);
    submission->submission = builder_answer(builder, "_submission._tcp.example.com", DNS_SRV, DNS_FOUND);
    builder_add_srv(builder, submission->submission, 587, "smtp.example.com");
    submission->host = "smtp.example.com";
    submission->port = 587;
}

static void certificate_not_proven(struct record_builder *builder)
{
    builder->plan.tls = TLS_REQUIRED;
    builder->plan.verification_wanted = builder->record.verify_wanted = true;
    builder_usual_route(builder);
    builder_connect(builder, 0, 0, MILLISECONDS(12));
    struct tls_facts *tls = builder->tls;
    tls->chain->not_after = BUILDER_STARTED - 86400;
    tls->chain->days_left = -1;
    tls->dates = (struct tls_judgement){.was_taken = true,
                                        .cause = CAUSE_CERTIFICATE_EXPIRED,
                                        .reason = "it has expired",
                                        .certificate = tls->chain};
    tls->trust = (struct tls_judgement){.was_taken = true,
                                        .cause = CAUSE_CERTIFICATE_SELF_SIGNED,
                                        .reason = "it is signed by itself",
                                        .certificate = tls->chain};
    tls->name = (struct tls_judgement){.was_taken = true,
                                       .cause = CAUSE_CERTIFICATE_HOST_MISMATCH,
                                       .reason = "it is made out to another name",
                                       .certificate = tls->chain};
    tls->chain->dns_names[0] = SPAN("localhost");
    tls->verified = false;
    tls->verdict = builder->verification = CAUSE_CERTIFICATE_EXPIRED;
    builder_session(builder, (const char *const[]){TO_TLS, NULL});
}

static void handshake_failed(struct record_builder *builder)
{
    builder_usual_route(builder);
    builder_connect(builder, 0, 0, MILLISECONDS(12));
    struct tls_facts *tls = builder->tls;
    *tls = (struct tls_facts){.cause = CAUSE_TLS_NO_COMMON_VERSION,
                              .alert = 70,
                              .detail = "protocol version",
                              .offered_versions = "TLSv1.2 TLSv1.3",
                              .sni = "mx1.example.com",
                              .reference = "mx1.example.com",
                              .security_level = 2};
    builder_session(builder, (const char *const[]){TO_TLS, NULL});
}

static void starttls_stripped(struct record_builder *builder)
{
    builder_usual_route(builder);
    PLAY(builder, "220 ********************", "250-mx1.example.com\n250 XXXXXXXA", TAKEN);
}

static void next_host(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "mx1.example.com");
    builder_add_mx(builder, mx, 20, "mx2.example.com");
    builder_route(builder, mx);
    builder_resolve(builder, 0, "2001:db8::25 192.0.2.25");
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_REFUSED, ECONNREFUSED, MILLISECONDS(5));
    builder_connect(builder, 0, 1, MILLISECONDS(12));
    builder_session(builder, (const char *const[]){"421 4.3.2 mx1.example.com Service shutting down", NULL});
    builder_resolve(builder, 1, "192.0.2.26");
    builder_connect(builder, 1, 0, MILLISECONDS(12));
    builder_session(builder, (const char *const[]){TO_TLS, EHLO_IN_TLS, TAKEN, NULL});
}

static void port_25_blocked(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 10, "mx1.example.com");
    builder_add_mx(builder, mx, 10, "mx2.example.com");
    builder_route(builder, mx);
    builder_resolve(builder, 0, "192.0.2.25");
    builder_connect_fails(builder, 0, 0, CAUSE_CONNECTION_TIMEOUT, 0, SECONDS(10));
    builder_resolve(builder, 1, "192.0.2.26");
    builder_connect_fails(builder, 1, 0, CAUSE_CONNECTION_TIMEOUT, 0, SECONDS(10));
}

static void domain_unknown(struct record_builder *builder)
{
    builder_route(builder, builder_answer(builder, "example.com", DNS_MX, DNS_NXDOMAIN));
}

static void null_mx(struct record_builder *builder)
{
    struct dns_answer *mx = builder_answer(builder, "example.com", DNS_MX, DNS_FOUND);
    builder_add_mx(builder, mx, 0, ".");
    builder_route(builder, mx);
}

static void cut_amid_message(struct record_builder *builder)
{
    builder_usual_route(builder);
    PLAY(builder, TO_TLS, EHLO_IN_TLS, SENDER_OK, RECIPIENT_OK, INVITED, "!take 20",
         "!octets 421 4.3.2 Shutting down\r\n");
}

static void silence(struct record_builder *builder)
{
    builder_usual_route(builder);
    PLAY(builder, TO_TLS, EHLO_IN_TLS, SENDER_OK, "!silence");
}

static void quit_closed(struct record_builder *builder)
{
    builder_usual_route(builder);
    PLAY(builder, TO_TLS, EHLO_IN_TLS, SENDER_OK, RECIPIENT_OK, INVITED, QUEUED, "!close");
}

/** INVARIANT 10: nothing from outside reaches the terminal or the document raw. */
static void hostile(struct record_builder *builder)
{
    builder_usual_route(builder);
    PLAY(builder, "!octets 220 \033[2J\033]0;owned\007 mx1 \xff\xfe \xe2\x80\xae ESMTP\n",
         "250-mx1.example.com\r<-  250 forged\n250 \xc2\x9b[31mHELP", SENDER_OK,
         "550 5.1.1 no such user\r\n# smtpprobe: all is well");
}

static void not_smtp(struct record_builder *builder)
{
    builder_usual_route(builder);
    PLAY(builder, "SSH-2.0-OpenSSH_9.2p1 Debian-2");
}

static void cancelled(struct record_builder *builder)
{
    builder_usual_route(builder);
    PLAY(builder, GREETING, "!cancel 2");
}

static const struct golden {
    const char *name;
    void (*build)(struct record_builder *);
} records[] = {
    {"accepted", accepted},
    {"recipient-unknown", recipient_unknown},
    {"behind-a-filter", behind_a_filter},
    {"pipelined-to-three", pipelined_to_three},
    {"logged-in", logged_in},
    {"password-echoed", password_echoed},
    {"login-at-mx", login_at_mx},
    {"certificate-not-proven", certificate_not_proven},
    {"handshake-failed", handshake_failed},
    {"starttls-stripped", starttls_stripped},
    {"next-host", next_host},
    {"port-25-blocked", port_25_blocked},
    {"domain-unknown", domain_unknown},
    {"null-mx", null_mx},
    {"silence", silence},
    {"cut-amid-message", cut_amid_message},
    {"quit-closed", quit_closed},
    {"hostile", hostile},
    {"not-smtp", not_smtp},
    {"cancelled", cancelled},
};
enum { RECORDS = sizeof records / sizeof *records };

static const struct {
    const char *name;
    const char *suffix;
} formats[] = {{"text", "txt"}, {"json", "json"}};
enum { FORMATS = sizeof formats / sizeof *formats };

/* --- Reports --- */

static void report(const struct golden *golden, const char *format, FILE *out)
{
    struct record_builder builder;
    struct finding_list findings;
    struct verdict verdict;
    struct secret_list secrets = SECRET_LIST_EMPTY;
    struct report_settings settings = {
        .out = out, .errors = out, .explain = true, .width = 80, .secrets = &secrets,
        .catalog = &catalog_builtin};
    secret_list_add(&secrets, SPAN("pencil"));
    builder_init(&builder);
    golden->build(&builder);
    builder_end(&builder);
    findings_make(&findings, &builder.record, &catalog_builtin, &builder.arena);
    verdict_reach(&verdict, &builder.record, &catalog_builtin, &builder.arena);
    struct reporter *reporter = report_format_find(format)->open(&settings, &builder.record);
    reporter->finish(reporter, &findings, &verdict);
    reporter->close(reporter);
    builder_clear(&builder);
    secret_list_clear(&secrets);
}

/** A release must not change what is golden. */
static void add_without_version(struct buffer *text, const char *from)
{
    static const char version[] = "\"version\": \"" PACKAGE_VERSION "\"";
    const char *place = strstr(from, version);
    if (place) {
        buffer_add(text, span_of(from, (size_t)(place - from)));
        buffer_add_string(text, "\"version\": \"0\"");
        from = place + strlen(version);
    }
    buffer_add_string(text, from);
}

static struct buffer make_report(const struct golden *golden, const char *format)
{
    struct buffer text = BUFFER_EMPTY;
    char *octets = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&octets, &size);
    report(golden, format, out);
    fclose(out);
    add_without_version(&text, octets);
    free(octets);
    return text;
}

/* --- Files --- */

static void name_file(char *path, size_t size, const struct golden *golden, const char *suffix)
{
    const char *source = getenv("top_srcdir");
    snprintf(path, size, "%s/tests/golden/%s.%s", source ? source : ".", golden->name, suffix);
}

static struct buffer read_file(const char *path)
{
    struct buffer text = BUFFER_EMPTY;
    char octets[4096];
    size_t size;
    FILE *file = fopen(path, "r");
    while (file && (size = fread(octets, 1, sizeof octets, file)) > 0)
        buffer_add(&text, span_of(octets, size));
    if (file)
        fclose(file);
    return text;
}

static bool write_file(const char *path, struct span text)
{
    FILE *file = fopen(path, "w");
    bool ok = file && fwrite(text.at, 1, text.size, file) == text.size;
    if (file)
        ok &= fclose(file) == 0;
    if (!ok)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return ok;
}

static struct span next_line(struct span *rest)
{
    const char *end = rest->size ? memchr(rest->at, '\n', rest->size) : NULL;
    struct span line = span_first(*rest, end ? (size_t)(end - rest->at) : rest->size);
    *rest = span_skip(*rest, line.size + 1);
    return line;
}

/** The first line that differs tells more than that some do. */
static void show_difference(struct span wanted, struct span got)
{
    for (size_t number = 1; wanted.size || got.size; number++) {
        struct span a = next_line(&wanted), b = next_line(&got);
        if (span_equal(a, b))
            continue;
        printf("# line %zu, wanted: %.*s\n# line %zu, got:    %.*s\n", number, SPAN_ARGS(a), number,
               SPAN_ARGS(b));
        return;
    }
}

static bool compare(const struct golden *golden, size_t format)
{
    char path[4096];
    name_file(path, sizeof path, golden, formats[format].suffix);
    struct buffer wanted = read_file(path), got = make_report(golden, formats[format].name);
    bool is_equal = span_equal(buffer_span(&wanted), buffer_span(&got));
    if (!is_equal)
        show_difference(buffer_span(&wanted), buffer_span(&got));
    buffer_clear(&wanted);
    buffer_clear(&got);
    return is_equal;
}

static bool update(const struct golden *golden, size_t format)
{
    char path[4096];
    name_file(path, sizeof path, golden, formats[format].suffix);
    struct buffer got = make_report(golden, formats[format].name);
    bool ok = write_file(path, buffer_span(&got));
    buffer_clear(&got);
    return ok;
}

int main(int count, char **arguments)
{
    bool is_update = count > 1 && strcmp(arguments[1], "--update") == 0, all_ok = true;
    int number = 0;
    printf("1..%d\n", RECORDS * FORMATS);
    for (size_t i = 0; i < RECORDS; i++)
        for (size_t j = 0; j < FORMATS; j++) {
            bool ok = is_update ? update(&records[i], j) : compare(&records[i], j);
            printf("%sok %d - %s as %s\n", ok ? "" : "not ", ++number, records[i].name, formats[j].name);
            all_ok &= ok;
        }
    return all_ok ? 0 : 1;
}
