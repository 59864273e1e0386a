#include "tls/internal.h"

#include "base/exit_status.h"
#include "base/memory.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEFAULT_LEVEL = 2 };

/* --- --tls-protocol --- */

static unsigned version_of_word(struct span word)
{
    static const struct {
        const char *name;
        unsigned version;
    } words[] = {
        {"tlsv1", TLS_1_0},   {"tlsv1_0", TLS_1_0}, {"tlsv1_1", TLS_1_1},
        {"tlsv1_2", TLS_1_2}, {"tlsv1_3", TLS_1_3},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is_nocase(word, words[i].name))
            return words[i].version;
    return 0;
}

/** SSL 2 and 3 can be named, as swaks has them, but nobody builds OpenSSL with them any more. */
static bool is_ssl(struct span word)
{
    return span_is_nocase(word, "sslv2") || span_is_nocase(word, "sslv3");
}

static void add_word(struct buffer *list, struct span word)
{
    if (list->size > 0)
        buffer_add_char(list, ' ');
    buffer_add(list, word);
}

bool tls_versions_parse(const char *list, unsigned *versions, struct buffer *unknown, struct error *error)
{
    struct span rest = span_of_string(list), word;
    unsigned wanted = 0, unwanted = 0;
    bool any_wanted = false, any_unwanted = false;
    while (span_next_token(&rest, ", ", &word)) {
        bool is_no = span_starts_with_nocase(word, "no_");
        struct span name = is_no ? span_skip(word, 3) : word;
        unsigned version = version_of_word(name);
        *(is_no ? &any_unwanted : &any_wanted) = true;
        *(is_no ? &unwanted : &wanted) |= version;
        if (version == 0 && !(is_no && is_ssl(name)))
            add_word(unknown, word);
    }
    if (any_wanted && any_unwanted)
        return error_set(error,
                         "--tls-protocol %s: name the versions that are wanted, or those that are not "
                         "(no_...), but not both",
                         list);
    if (any_unwanted)
        wanted = (TLS_1_2 | TLS_1_3) & ~unwanted;
    if (wanted == 0)
        return error_set(error,
                         "--tls-protocol %s: no version is left; there are tlsv1, tlsv1_1, tlsv1_2 and "
                         "tlsv1_3",
                         list);
    *versions = wanted;
    return true;
}

static const struct {
    unsigned bit;
    int version;
    uint64_t off;
} library_versions[] = {
    {TLS_1_0, TLS1_VERSION, SSL_OP_NO_TLSv1},
    {TLS_1_1, TLS1_1_VERSION, SSL_OP_NO_TLSv1_1},
    {TLS_1_2, TLS1_2_VERSION, SSL_OP_NO_TLSv1_2},
    {TLS_1_3, TLS1_3_VERSION, SSL_OP_NO_TLSv1_3},
};

/** Older versions need weaker signatures and ciphers, and servers that old know no secure renegotiation. */
static void allow_old_servers(SSL_CTX *ssl)
{
    SSL_CTX_set_security_level(ssl, 0);
    SSL_CTX_set_options(ssl, SSL_OP_LEGACY_SERVER_CONNECT);
}

static bool apply_versions(SSL_CTX *ssl, unsigned versions, struct error *error)
{
    int least = 0, greatest = 0;
    if (versions == 0)
        versions = TLS_1_2 | TLS_1_3;
    for (size_t i = 0; i < sizeof library_versions / sizeof *library_versions; i++) {
        if (!(versions & library_versions[i].bit)) {
            SSL_CTX_set_options(ssl, library_versions[i].off);
            continue;
        }
        greatest = library_versions[i].version;
        if (least == 0)
            least = greatest;
    }
    SSL_CTX_set_security_level(ssl, DEFAULT_LEVEL);
    if (versions & (TLS_1_0 | TLS_1_1))
        allow_old_servers(ssl);
    if (!SSL_CTX_set_min_proto_version(ssl, least) || !SSL_CTX_set_max_proto_version(ssl, greatest))
        return error_set_status(
            error, EXIT_LACKING,
            "--tls-protocol: the OpenSSL library of this machine cannot do these versions");
    return true;
}

/* --- --tls-cipher --- */

static void add_cipher(struct buffer *list, struct span name)
{
    if (list->size > 0)
        buffer_add_char(list, ':');
    buffer_add(list, name);
}

/** A name of the TLS registry: a suite of TLS 1.3, or else a cipher that OpenSSL calls otherwise. */
static bool add_registered(struct span word, struct buffer *list, struct buffer *suites, struct error *error)
{
    char name[128];
    snprintf(name, sizeof name, "%.*s", SPAN_ARGS(word));
    const char *ours = OPENSSL_cipher_name(name);
    if (strcmp(ours, "(NONE)") == 0)
        return error_set(
            error, "--tls-cipher: OpenSSL knows no %s; `openssl ciphers -stdname' lists the names", name);
    add_cipher(strncmp(ours, "TLS_", 4) == 0 ? suites : list, span_of_string(ours));
    return true;
}

/** OpenSSL has one list for TLS 1.3 and one for what is older; users have one option. */
static bool split_ciphers(const char *text, struct buffer *list, struct buffer *suites, struct error *error)
{
    struct span rest = span_of_string(text), word;
    while (span_next_token(&rest, ":, ", &word)) {
        if (span_starts_with(word, "TLS_")) {
            if (!add_registered(word, list, suites, error))
                return false;
        } else {
            /* "@SECLEVEL=0" alone means no cipher at all to the library. */
            if (list->size == 0 && word.at[0] == '@')
                buffer_add_string(list, "DEFAULT");
            add_cipher(list, word);
        }
    }
    return true;
}

static bool apply_ciphers(SSL_CTX *ssl, const char *text, struct error *error)
{
    struct buffer list = BUFFER_EMPTY, suites = BUFFER_EMPTY;
    bool ok = split_ciphers(text, &list, &suites, error);
    if (ok && list.size + suites.size == 0)
        ok = error_set(error, "--tls-cipher: the list is empty");
    if (ok && list.size > 0 && !SSL_CTX_set_cipher_list(ssl, buffer_string(&list)))
        ok = error_set(error,
                       "--tls-cipher %s: no cipher fits (%s); `openssl ciphers' tells what a list means",
                       text, failure_library_reason());
    if (ok && suites.size > 0 && !SSL_CTX_set_ciphersuites(ssl, buffer_string(&suites)))
        ok = error_set(error, "--tls-cipher %s: %s", text, failure_library_reason());
    buffer_clear(&list);
    buffer_clear(&suites);
    return ok;
}

/* --- Authorities --- */

/** "5ad8a5d6.0": a link that OpenSSL finds by the hash of the subject. */
static bool is_hash_link(const char *name)
{
    return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] >= '0' && name[9] <= '9';
}

static bool holds_certificate(const char *path)
{
    BIO *file = BIO_new_file(path, "r");
    X509 *x509 = file ? PEM_read_bio_X509_AUX(file, NULL, NULL, NULL) : NULL;
    bool found = x509 != NULL;
    X509_free(x509);
    BIO_free(file);
    ERR_clear_error();
    return found;
}

/** @return 1 if the directory serves, 0 if it has no hash link that does, -1 (errno) if it cannot be read */
static int directory_serves(const char *path, bool look_inside)
{
    DIR *directory = opendir(path);
    bool found = false;
    if (!directory)
        return -1;
    for (struct dirent *entry; !found && (entry = readdir(directory));) {
        char link[PATH_MAX];
        if (!is_hash_link(entry->d_name))
            continue;
        snprintf(link, sizeof link, "%s/%s", path, entry->d_name);
        found = !look_inside || holds_certificate(link);
    }
    closedir(directory);
    return found;
}

/** @return how many certificates the file gave; -1 if it cannot be read or is damaged, with errno or 0 */
static int load_file(X509_STORE *store, const char *path)
{
    errno = 0;
    BIO *file = BIO_new_file(path, "r");
    int count = 0;
    if (!file)
        return -1;
    for (X509 *x509; (x509 = PEM_read_bio_X509_AUX(file, NULL, NULL, NULL)); count++) {
        X509_STORE_add_cert(store, x509);
        X509_free(x509);
    }
    BIO_free(file);
    errno = 0;
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        count = -1;
    ERR_clear_error();
    return count;
}

static bool use_file(X509_STORE *store, const char *what, const char *path, struct error *error)
{
    int count = load_file(store, path);
    if (count > 0)
        return true;
    if (errno)
        return error_set(error, "%s %s: %s", what, path, strerror(errno));
    return error_set(error, "%s %s: %s", what, path,
                     count == 0 ? "there is no certificate in PEM form in this file"
                                : "a certificate in this file is damaged");
}

static bool use_directory(X509_STORE *store, const char *path, struct error *error)
{
    int serves = directory_serves(path, true);
    if (serves < 0)
        return error_set(error, "--tls-ca-path %s: %s", path, strerror(errno));
    if (serves == 0)
        return error_set(error,
                         "--tls-ca-path %s: no certificate can be found in this directory by the hash of "
                         "its name; if there are some, `openssl rehash %s' makes the links",
                         path, path);
    if (!X509_STORE_load_path(store, path))
        return error_set(error, "--tls-ca-path %s: %s", path, failure_library_reason());
    return true;
}

static bool use_authorities_of_user(X509_STORE *store, const char *path, struct error *error)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return error_set(error, "--tls-ca-path %s: %s", path, strerror(errno));
    /* Who names an intermediate, or the server's own certificate, means to trust it. */
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    return S_ISDIR(status.st_mode) ? use_directory(store, path, error)
                                   : use_file(store, "--tls-ca-path", path, error);
}

/**
 * Whether the file is the bundle that update-ca-certificates(8) makes of the
 * same certificates as the links of the directory. Directories are compared as
 * such, since OpenSSL's default one is a link to the other on Debian.
 */
static bool is_bundle_of(const char *directory, const char *file)
{
    static const char bundle[] = "/ca-certificates.crt";
    struct stat a, b;
    char beside[PATH_MAX + sizeof bundle];
    if (!file || !span_ends_with_nocase(span_of_string(file), bundle))
        return false;
    snprintf(beside, sizeof beside, "%s%s", directory, bundle);
    return stat(file, &a) == 0 && stat(beside, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/**
 * Whether one of the directories, joined with colons, holds hash links.
 * @param covers_file the file is the bundle of one of these
 */
static bool any_directory_serves(const char *list, const char *file, bool *covers_file)
{
    struct span rest = span_of_string(list), word;
    char path[PATH_MAX];
    bool serves = false;
    *covers_file = false;
    while (span_next_token(&rest, ":", &word)) {
        snprintf(path, sizeof path, "%.*s", SPAN_ARGS(word));
        if (directory_serves(path, false) <= 0)
            continue;
        serves = true;
        *covers_file |= is_bundle_of(path, file);
    }
    return serves;
}

/**
 * As OpenSSL would with its default paths, the environment included, but for
 * the bundle: to read that costs more than all the rest of a session, so it is
 * left alone where a directory has links to the same certificates, though the
 * environment names it.
 */
static bool use_authorities_of_system(X509_STORE *store, bool *found, struct error *error)
{
    const char *file = getenv(X509_get_default_cert_file_env());
    const char *directories = getenv(X509_get_default_cert_dir_env());
    if (!directories)
        directories = X509_get_default_cert_dir();
    bool covers_file;
    bool serves = any_directory_serves(directories, file, &covers_file);
    if (file && !covers_file && !use_file(store, X509_get_default_cert_file_env(), file, error))
        return false;
    if (serves)
        *found = X509_STORE_load_path(store, directories);
    else if (!file)
        *found = load_file(store, X509_get_default_cert_file()) > 0;
    *found |= file != NULL;
    return true;
}

/* --- Our own certificate --- */

/** For OpenSSL's callback. */
struct passphrase {
    const char *file;
    bool was_missing;
};

static int ask_passphrase(char *text, int size, int is_writing, void *context)
{
    struct passphrase *passphrase = context;
    char prompt[256];
    (void)is_writing;
    if (!isatty(STDIN_FILENO)) {
        passphrase->was_missing = true;
        return -1;
    }
    snprintf(prompt, sizeof prompt, "Passphrase of %s: ", passphrase->file);
    return EVP_read_pw_string(text, size, prompt, 0) == 0 ? (int)strlen(text) : -1;
}

static bool explain_key(const struct passphrase *passphrase, struct error *error)
{
    if (passphrase->was_missing) {
        ERR_clear_error();
        return error_set(error,
                         "--tls-key %s: the key is encrypted, and there is no terminal to ask for the "
                         "passphrase; run from a terminal, or decrypt it: openssl pkey -in %s",
                         passphrase->file, passphrase->file);
    }
    if (ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_OSSL_DECODER) {
        ERR_clear_error();
        return error_set(error, "--tls-key %s: there is no private key in PEM form in this file",
                         passphrase->file);
    }
    return error_set(error, "--tls-key %s: the key cannot be read: %s", passphrase->file,
                     failure_library_reason());
}

static bool use_key(SSL_CTX *ssl, const struct tls_settings *settings, struct error *error)
{
    struct passphrase passphrase = {settings->key, false};
    BIO *file = BIO_new_file(settings->key, "r");
    if (!file)
        return error_set(error, "--tls-key %s: %s", settings->key, strerror(errno));
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, ask_passphrase, &passphrase);
    BIO_free(file);
    if (!key)
        return explain_key(&passphrase, error);
    bool ok = X509_check_private_key(SSL_CTX_get0_certificate(ssl), key) == 1;
    if (!ok)
        error_set(error, "--tls-key %s: this key does not belong to the certificate of --tls-cert %s",
                  settings->key, settings->certificate);
    else if (!SSL_CTX_use_PrivateKey(ssl, key))
        ok = error_set(error, "--tls-key %s: %s", settings->key, failure_library_reason());
    ERR_clear_error();
    EVP_PKEY_free(key);
    return ok;
}

static bool use_certificate(SSL_CTX *ssl, const char *path, struct error *error)
{
    if (access(path, R_OK) != 0)
        return error_set(error, "--tls-cert %s: %s", path, strerror(errno));
    if (SSL_CTX_use_certificate_chain_file(ssl, path))
        return true;
    switch (ERR_GET_REASON(ERR_peek_error())) {
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_CA_KEY_TOO_SMALL:
    case SSL_R_CA_MD_TOO_WEAK:
        return error_set(error, "--tls-cert %s: %s for security level %d; --tls-cipher @SECLEVEL=0 lowers it",
                         path, failure_library_reason(), SSL_CTX_get_security_level(ssl));
    case PEM_R_NO_START_LINE:
        ERR_clear_error();
        return error_set(error, "--tls-cert %s: there is no certificate in PEM form in this file", path);
    default:
        return error_set(error, "--tls-cert %s: %s", path, failure_library_reason());
    }
}

static bool use_chain(SSL_CTX *ssl, const char *path, struct error *error)
{
    BIO *file = BIO_new_file(path, "r");
    int count = 0;
    if (!file)
        return error_set(error, "--tls-chain %s: %s", path, strerror(errno));
    for (X509 *x509; (x509 = PEM_read_bio_X509(file, NULL, NULL, NULL)); count++) {
        if (!SSL_CTX_add0_chain_cert(ssl, x509)) {
            X509_free(x509);
            BIO_free(file);
            return error_set(error, "--tls-chain %s: %s", path, failure_library_reason());
        }
    }
    BIO_free(file);
    ERR_clear_error();
    if (count == 0)
        return error_set(error, "--tls-chain %s: there is no certificate in PEM form in this file", path);
    return true;
}

static bool use_own_certificate(SSL_CTX *ssl, const struct tls_settings *settings, struct error *error)
{
    if (!settings->certificate != !settings->key)
        return error_set(error, "%s needs %s as well", settings->key ? "--tls-key" : "--tls-cert",
                         settings->key ? "--tls-cert" : "--tls-key");
    if (settings->chain && !settings->certificate)
        return error_set(error, "--tls-chain needs --tls-cert and --tls-key as well");
    if (!settings->certificate)
        return true;
    return use_certificate(ssl, settings->certificate, error) && use_key(ssl, settings, error) &&
           (!settings->chain || use_chain(ssl, settings->chain, error));
}

/* --- All together --- */

static bool set_up(struct tls_context *context, struct error *error)
{
    const struct tls_settings *settings = &context->settings;
    SSL_CTX *ssl = context->ssl;
    X509_STORE *store = SSL_CTX_get_cert_store(ssl);
    SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(ssl, TLS_CHAIN_LIMIT);
    channel_prepare(ssl);
    context->has_anchors = true;
    return apply_versions(ssl, settings->versions, error) &&
           (!settings->ciphers || apply_ciphers(ssl, settings->ciphers, error)) &&
           (settings->ca_path ? use_authorities_of_user(store, settings->ca_path, error)
                              : use_authorities_of_system(store, &context->has_anchors, error)) &&
           use_own_certificate(ssl, settings, error);
}

struct tls_context *tls_context_new(const struct tls_settings *settings, struct error *error)
{
    struct tls_context *context = memory_allocate(sizeof *context);
    *context = (struct tls_context){.settings = *settings};
    /* Without openssl.cnf: what is offered is what the options say, on every machine alike, while such files
     * may set levels and versions behind the user's back; and start-up is shorter. At exit the system takes
     * back the library's memory faster than the library does. */
    if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL))
        context->ssl = SSL_CTX_new(TLS_client_method());
    if (!context->ssl) {
        error_set_status(error, EXIT_LACKING, "OpenSSL cannot be used: %s", failure_library_reason());
    } else if (set_up(context, error)) {
        ERR_clear_error();
        return context;
    }
    tls_context_free(context);
    return NULL;
}

void tls_context_free(struct tls_context *context)
{
    if (!context)
        return;
    SSL_CTX_free(context->ssl);
    free(context);
}

const char *tls_library_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

const char *tls_library_protocols(void)
{
    return ""
#ifndef OPENSSL_NO_TLS1
           "TLSv1 "
#endif
#ifndef OPENSSL_NO_TLS1_1
           "TLSv1.1 "
#endif
#ifndef OPENSSL_NO_TLS1_2
           "TLSv1.2 "
#endif
#ifndef OPENSSL_NO_TLS1_3
           "TLSv1.3"
#endif
        ;
}
