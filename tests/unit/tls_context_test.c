/* What users can get wrong about TLS, and what they are told. */
#include "authority.h"
#include "tls/channel.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char directory[] = "/tmp/tls_context_test.XXXXXX";
static struct credential root, client, short_client;

/** A path in our directory; good until the next 16 calls. */
static const char *path(const char *name)
{
    static char paths[16][128];
    static size_t next;
    char *made = paths[next++ % 16];
    snprintf(made, sizeof paths[0], "%s/%s", directory, name);
    return made;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(path(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    char link[32];
    /* There must be no terminal to ask for a passphrase. */
    if (!freopen("/dev/null", "r", stdin) || !mkdtemp(directory))
        return -1;
    root = credential_new(
        &(struct certificate_form){
            .common_name = "Root", .san = "", .usage = "", .constraints = "critical,CA:TRUE"},
        NULL);
    client = credential_new(&(struct certificate_form){.usage = "clientAuth"}, &root);
    short_client =
        credential_new(&(struct certificate_form){.usage = "clientAuth", .key = KEY_RSA_1024}, &root);
    credential_save_certificate(&root, path("root.pem"));
    credential_save_certificate(&client, path("client.pem"));
    credential_save_certificate(&root, path("client.pem"));
    credential_save_certificate(&short_client, path("short.pem"));
    credential_save_key(&client, path("client.key"), "");
    credential_save_key(&client, path("locked.key"), "secret");
    credential_save_key(&root, path("other.key"), "");
    credential_save_key(&short_client, path("short.key"), "");
    write_file("empty.pem", "");
    write_file("text.pem", "Not a certificate.\n");
    write_file("damaged.pem", "-----BEGIN CERTIFICATE-----\nMIIB!!!!\n-----END CERTIFICATE-----\n");
    mkdir(path("unlinked"), 0700);
    mkdir(path("linked"), 0700);
    mkdir(path("dangling"), 0700);
    credential_save_certificate(&root, path("unlinked/root.pem"));
    snprintf(link, sizeof link, "linked/%08lx.0", X509_subject_name_hash(root.certificate));
    credential_save_certificate(&root, path(link));
    write_file("dangling/01234567.0", "nothing\n");
    return 0;
}

static void remove_tree(const char *name)
{
    DIR *open = opendir(name);
    char inner[512];
    for (struct dirent *entry; open && (entry = readdir(open));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%s", name, entry->d_name);
        remove_tree(inner);
    }
    if (open)
        closedir(open);
    remove(name);
}

static int tear_down(void **state)
{
    (void)state;
    credential_clear(&root);
    credential_clear(&client);
    credential_clear(&short_client);
    remove_tree(directory);
    return 0;
}

/* --- --tls-protocol --- */

static void check_versions(const char *list, unsigned expected, const char *expected_unknown)
{
    struct buffer unknown = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    unsigned versions = 0;
    if (tls_versions_parse(list, &versions, &unknown, &error) != (expected != 0))
        fail_msg("%s: %s", list, error.text);
    assert_int_equal(versions, expected);
    assert_string_equal(buffer_string(&unknown), expected_unknown);
    if (expected == 0)
        assert_non_null(strstr(error.text, "--tls-protocol"));
    buffer_clear(&unknown);
}

static void test_versions(void **state)
{
    (void)state;
    check_versions("tlsv1_2", TLS_1_2, "");
    check_versions("tlsv1_2,tlsv1_3", TLS_1_2 | TLS_1_3, "");
    check_versions("TLSv1, TLSv1_1", TLS_1_0 | TLS_1_1, "");
    check_versions("no_tlsv1_2", TLS_1_3, "");
    check_versions("no_sslv3,no_tlsv1", TLS_1_2 | TLS_1_3, "");
    check_versions("tlsv1_2,tlsv9,quic", TLS_1_2, "tlsv9 quic");
    check_versions("sslv3,tlsv1_2", TLS_1_2, "sslv3");
    check_versions("no_tlsv9", TLS_1_2 | TLS_1_3, "no_tlsv9");
    check_versions("tlsv1_2,no_tlsv1_3", 0, "");
    check_versions("no_tlsv1_2,no_tlsv1_3", 0, "");
    check_versions("sslv3", 0, "sslv3");
    check_versions("", 0, "");
}

/* --- Settings that fail or do not --- */

/** @param says parts that the message has, each ended by '|'; NULL: no error */
static void check_settings(struct tls_settings settings, const char *says)
{
    struct error error = ERROR_NONE;
    struct tls_context *context = tls_context_new(&settings, &error);
    if (!context != (says != NULL))
        fail_msg("%s", context ? "no error" : error.text);
    tls_context_free(context);
    struct span rest = span_of_string(says), part;
    while (span_next_token(&rest, "|", &part))
        if (!memmem(error.text, strlen(error.text), part.at, part.size))
            fail_msg("\"%s\" lacks \"%.*s\"", error.text, SPAN_ARGS(part));
}

static void test_ciphers(void **state)
{
    (void)state;
    check_settings((struct tls_settings){.ciphers = "HIGH:!aNULL"}, NULL);
    check_settings((struct tls_settings){.ciphers = "@SECLEVEL=0"}, NULL);
    check_settings((struct tls_settings){.ciphers = "TLS_AES_128_GCM_SHA256, AES128-SHA"}, NULL);
    check_settings((struct tls_settings){.ciphers = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}, NULL);
    check_settings((struct tls_settings){.ciphers = "NO-SUCH-CIPHER"},
                   "--tls-cipher|NO-SUCH-CIPHER|no cipher match");
    check_settings((struct tls_settings){.ciphers = "AES128-SHA:TLS_NO_SUCH_SUITE"},
                   "--tls-cipher|TLS_NO_SUCH_SUITE");
    check_settings((struct tls_settings){.ciphers = ""}, "--tls-cipher|empty");
    check_settings((struct tls_settings){.ciphers = " : "}, "--tls-cipher|empty");
}

static void test_authorities(void **state)
{
    (void)state;
    check_settings((struct tls_settings){.ca_path = path("root.pem")}, NULL);
    check_settings((struct tls_settings){.ca_path = path("linked")}, NULL);
    check_settings((struct tls_settings){.ca_path = path("none.pem")}, "--tls-ca-path|none.pem|No such file");
    check_settings((struct tls_settings){.ca_path = path("empty.pem")}, "--tls-ca-path|no certificate");
    check_settings((struct tls_settings){.ca_path = path("text.pem")}, "--tls-ca-path|no certificate");
    check_settings((struct tls_settings){.ca_path = path("client.key")}, "--tls-ca-path|no certificate");
    check_settings((struct tls_settings){.ca_path = path("damaged.pem")}, "--tls-ca-path|damaged");
    check_settings((struct tls_settings){.ca_path = path("unlinked")}, "--tls-ca-path|openssl rehash");
    check_settings((struct tls_settings){.ca_path = path("dangling")}, "--tls-ca-path|openssl rehash");
    check_settings((struct tls_settings){.ca_path = "/dev/null"}, "--tls-ca-path|/dev/null|no certificate");
}

static void test_authorities_of_the_environment(void **state)
{
    (void)state;
    setenv("SSL_CERT_FILE", path("root.pem"), 1);
    check_settings((struct tls_settings){0}, NULL);
    setenv("SSL_CERT_FILE", path("none.pem"), 1);
    check_settings((struct tls_settings){0}, "SSL_CERT_FILE|none.pem|No such file");
    check_settings((struct tls_settings){.ca_path = path("root.pem")}, NULL);
    unsetenv("SSL_CERT_FILE");
}

/* To read the bundle costs more than all the rest, and the links beside it lead to the same. */
static void test_bundle_beside_links_is_left_alone(void **state)
{
    (void)state;
    const char *damaged = "-----BEGIN CERTIFICATE-----\nMIIB!!!!\n-----END CERTIFICATE-----\n";
    write_file("linked/ca-certificates.crt", damaged);
    write_file("linked/other.crt", damaged);
    write_file("unlinked/ca-certificates.crt", damaged);
    setenv("SSL_CERT_DIR", path("linked"), 1);
    setenv("SSL_CERT_FILE", path("linked/ca-certificates.crt"), 1);
    check_settings((struct tls_settings){0}, NULL);
    setenv("SSL_CERT_FILE", path("linked/other.crt"), 1);
    check_settings((struct tls_settings){0}, "SSL_CERT_FILE|damaged");
    setenv("SSL_CERT_FILE", path("unlinked/ca-certificates.crt"), 1);
    check_settings((struct tls_settings){0}, "SSL_CERT_FILE|damaged");
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
}

static void test_own_certificate(void **state)
{
    (void)state;
    struct tls_settings settings = {.certificate = path("client.pem"), .key = path("client.key")};
    check_settings(settings, NULL);
    settings.chain = path("root.pem");
    check_settings(settings, NULL);
    settings.chain = path("none.pem");
    check_settings(settings, "--tls-chain|none.pem|No such file");
    settings.chain = path("text.pem");
    check_settings(settings, "--tls-chain|text.pem|no certificate");
}

static void test_own_certificate_alone(void **state)
{
    (void)state;
    check_settings((struct tls_settings){.certificate = path("client.pem")}, "--tls-cert needs --tls-key");
    check_settings((struct tls_settings){.key = path("client.key")}, "--tls-key needs --tls-cert");
    check_settings((struct tls_settings){.chain = path("root.pem")}, "--tls-chain needs");
}

static void test_bad_certificate_or_key(void **state)
{
    (void)state;
    const char *certificate = path("client.pem"), *key = path("client.key");
    check_settings((struct tls_settings){.certificate = path("none.pem"), .key = key},
                   "--tls-cert|No such file");
    check_settings((struct tls_settings){.certificate = path("text.pem"), .key = key},
                   "--tls-cert|no certificate");
    check_settings((struct tls_settings){.certificate = certificate, .key = path("none.key")},
                   "--tls-key|No such file");
}

static void test_bad_key(void **state)
{
    (void)state;
    const char *certificate = path("client.pem");
    check_settings((struct tls_settings){.certificate = certificate, .key = path("root.pem")},
                   "--tls-key|no private key");
    check_settings((struct tls_settings){.certificate = certificate, .key = path("other.key")},
                   "--tls-key|other.key|does not belong|--tls-cert|client.pem");
    check_settings((struct tls_settings){.certificate = certificate, .key = path("locked.key")},
                   "--tls-key|encrypted|openssl pkey");
}

static void test_short_key_of_our_own(void **state)
{
    (void)state;
    struct tls_settings settings = {.certificate = path("short.pem"), .key = path("short.key")};
    check_settings(settings, "--tls-cert|short.pem|too small|security level 2|@SECLEVEL=0");
    settings.ciphers = "@SECLEVEL=0";
    check_settings(settings, NULL);
}

static void test_library_version(void **state)
{
    (void)state;
    assert_int_equal(strncmp(tls_library_version(), "OpenSSL 3", 9), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_ciphers),
        cmocka_unit_test(test_authorities),
        cmocka_unit_test(test_authorities_of_the_environment),
        cmocka_unit_test(test_bundle_beside_links_is_left_alone),
        cmocka_unit_test(test_own_certificate),
        cmocka_unit_test(test_own_certificate_alone),
        cmocka_unit_test(test_bad_certificate_or_key),
        cmocka_unit_test(test_bad_key),
        cmocka_unit_test(test_short_key_of_our_own),
        cmocka_unit_test(test_library_version),
    };
    return cmocka_run_group_tests_name("tls context", tests, set_up, tear_down);
}
