/* However hostile a server's side of the handshake, it is data; and however it is cut, it means the same. */
#include "fuzz.h"

#include "tls/channel.h"

struct ending {
    enum channel_state state;
    struct tls_facts facts;
    struct arena arena; /* of the facts */
};

/** Made once; even versions and ciphers of old have to be survived. */
static struct tls_context *context(void)
{
    static struct tls_context *made;
    struct tls_settings settings = {
        .versions = TLS_1_0 | TLS_1_1 | TLS_1_2 | TLS_1_3, .ciphers = "ALL:@SECLEVEL=0", .use_sni = true};
    struct error error = ERROR_NONE;
    if (!made) {
        setenv("SSL_CERT_DIR", "/nonexistent", 1);
        made = tls_context_new(&settings, &error);
    }
    FUZZ_REQUIRE(made != NULL);
    return made;
}

static void check_failure(const struct tls_facts *facts)
{
    FUZZ_REQUIRE(!facts->finished && facts->cause != CAUSE_OK && facts->ended != NEVER);
    FUZZ_REQUIRE(facts->first.size <= 64);
    FUZZ_REQUIRE((facts->cause == CAUSE_TLS_NOT_SPOKEN) == (facts->first.size > 0));
}

/** Nothing is proven by octets that do not know our key, so no session may come of them. */
static void play(struct span octets, size_t step, struct ending *ending)
{
    struct buffer plain = BUFFER_EMPTY;
    ending->arena = ARENA_EMPTY;
    struct channel *channel = channel_new(context(), "mx.example.com", &ending->facts, &ending->arena, 1);
    while (octets.size > 0) {
        channel_receive(channel, span_first(octets, step), &plain, 2);
        octets = span_skip(octets, step);
    }
    ending->state = channel_state(channel);
    FUZZ_REQUIRE(ending->state == CHANNEL_HANDSHAKE || ending->state == CHANNEL_FAILED);
    FUZZ_REQUIRE(plain.size == 0 && channel_send(channel, SPAN("QUIT\r\n")) == 0);
    channel_peer_closed(channel, false, 3);
    FUZZ_REQUIRE(channel_state(channel) == CHANNEL_FAILED);
    check_failure(&ending->facts);
    channel_free(channel);
    buffer_clear(&plain);
}

static void check_equal(const struct ending *a, const struct ending *b)
{
    FUZZ_REQUIRE(a->state == b->state && a->facts.cause == b->facts.cause &&
                 a->facts.alert == b->facts.alert);
    FUZZ_REQUIRE(a->facts.verdict == b->facts.verdict && a->facts.chain_count == b->facts.chain_count);
    for (size_t i = 0; i < a->facts.chain_count; i++)
        FUZZ_REQUIRE(span_equal(a->facts.chain[i].pem, b->facts.chain[i].pem));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span octets = span_of((const char *)data, size);
    struct ending whole, cut;
    play(octets, size ? size : 1, &whole);
    play(octets, 1 + size / 7, &cut);
    check_equal(&whole, &cut);
    arena_clear(&whole.arena);
    arena_clear(&cut.arena);
    return 0;
}
