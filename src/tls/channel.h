/**
 * A TLS client session between two streams of octets, with no socket of its
 * own: cipher octets on one side, plain ones on the other (memory BIOs).
 */
#ifndef TLS_CHANNEL_H
#define TLS_CHANNEL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "tls/facts.h"

/** Handshake bounds: INVARIANTS 15. */
enum { TLS_HANDSHAKE_LIMIT = 300 * 1024, TLS_CHAIN_LIMIT = 100 * 1024 };

enum tls_version { TLS_1_0 = 1 << 0, TLS_1_1 = 1 << 1, TLS_1_2 = 1 << 2, TLS_1_3 = 1 << 3 };

/**
 * What the user asked for. Strings must outlive the context.
 *
 * The handshake itself runs at OpenSSL's security level 2, or at 0 where
 * `versions` has TLS 1.0 or 1.1, or as `ciphers` says; certificates are held to
 * level 2 in any case.
 */
struct tls_settings {
    unsigned versions;        /* bits of enum tls_version; 0: 1.2 and 1.3 */
    const char *ciphers;      /* OpenSSL cipher list for up to 1.2 and names of 1.3 suites, or NULL; the kind
                                 that it leaves out keeps its default; "@SECLEVEL=n" may be all of it */
    bool verify_ca;           /* failures are fatal: trust, dates, purpose, strength */
    bool verify_host;         /* failures are fatal: name */
    const char *verify_target;/* the name or address to match instead of the host, or NULL */
    const char *ca_path;      /* file or directory, or NULL: the system's */
    bool use_sni;
    const char *sni;          /* instead of the host, or NULL */
    const char *certificate;  /* files of our own certificate, key and chain, or NULL */
    const char *key;
    const char *chain;
};

/** Shared by all channels, which it must outlive; reads the files that the settings name. */
struct tls_context;

/**
 * Costs nothing that is not wanted: the system's hashed CA directory is read on
 * demand, its bundle file only where no directory serves; openssl.cnf is not
 * read at all. The environment's SSL_CERT_FILE and SSL_CERT_DIR count, as with
 * OpenSSL's own programs.
 * @return NULL with a message that names the option and the file at fault
 *         (exit status 1; 10 for what the library lacks).
 */
struct tls_context *tls_context_new(const struct tls_settings *, struct error *);
void tls_context_free(struct tls_context *);

/**
 * Reads --tls-protocol: "tlsv1_2,tlsv1_3" or "no_tlsv1_2,..." (of 1.2 and 1.3).
 * Unknown words are added to `unknown`, joined with blanks.
 * @return false with a message if nothing is left or forms are mixed
 */
bool tls_versions_parse(const char *list, unsigned *versions, struct buffer *unknown, struct error *);

enum channel_state {
    CHANNEL_HANDSHAKE,
    CHANNEL_OPEN,
    CHANNEL_CLOSED,   /* the peer sent close_notify */
    CHANNEL_FAILED,   /* facts say why */
};

struct channel;

/**
 * @param host the server's name or address: SNI (names only) and reference
 *        identity, unless the settings name others
 * @param facts filled in as the handshake goes on; lives in the arena
 */
struct channel *channel_new(struct tls_context *, const char *host, struct tls_facts *facts,
                            struct arena *, instant now);
void channel_free(struct channel *);

enum channel_state channel_state(const struct channel *);

/**
 * Cipher octets from the network; plain ones are added to `plain`. Drives the
 * handshake. What a server says whom channel_satisfies_user() does not accept
 * is dropped.
 */
enum channel_state channel_receive(struct channel *, struct span cipher, struct buffer *plain, instant now);

/**
 * The network's end without close_notify: a handshake under way fails with
 * closed-by-server or connection-reset; a server that asked for a certificate,
 * got none and has said nothing since is taken to want one.
 */
void channel_peer_closed(struct channel *, bool was_reset, instant now);

/** Our patience with the handshake is at its end: it fails with reply-timeout. */
void channel_expired(struct channel *, instant now);

/**
 * Plain octets to be sent.
 * @return the number taken: all of them once the channel is open and satisfies the user, else 0
 */
size_t channel_send(struct channel *, struct span plain);

/** Adds close_notify to the outgoing octets, if a handshake was finished and nothing broke since. */
void channel_close(struct channel *);

/** Cipher octets for the network; valid until the next call of this channel. */
struct span channel_outgoing(struct channel *);
void channel_sent(struct channel *, size_t octets);

/** Whether the user's --tls-verify options hold for this session (true if none was given). */
bool channel_satisfies_user(const struct channel *);

/** The first fault, in the order of the vocabulary, that the user's options make fatal; CAUSE_OK if none. */
enum cause channel_user_verdict(const struct channel *);

/** The versions that this OpenSSL can speak, between blanks: "TLSv1.2 TLSv1.3". */
const char *tls_library_protocols(void);

/** OpenSSL's own version, for --version. */
const char *tls_library_version(void);

#endif
