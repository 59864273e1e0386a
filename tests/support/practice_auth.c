#include "practice_auth.h"

#include "base/base64.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

enum { SALT_SIZE = 16, NONCE_SIZE = 18 };

struct mechanism {
    const char *name;
    bool client_is_first;
    enum login_state (*step)(struct login *, struct span response, struct buffer *challenge);
    const EVP_MD *(*digest)(void);
};

/* --- PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195) --- */

static enum login_state judge(bool is_right)
{
    return is_right ? LOGIN_DONE : LOGIN_FAILED;
}

static bool is_secret(const struct login *login, struct span given)
{
    return given.size == strlen(login->password) && CRYPTO_memcmp(given.at, login->password, given.size) == 0;
}

static enum login_state step_plain(struct login *login, struct span response, struct buffer *challenge)
{
    (void)challenge;
    const char *user = response.size ? memchr(response.at, '\0', response.size) : NULL;
    struct span rest = user ? span_skip(response, (size_t)(user + 1 - response.at)) : SPAN("");
    const char *password = rest.size ? memchr(rest.at, '\0', rest.size) : NULL;
    if (!password)
        return LOGIN_FAILED;
    struct span name = span_of(rest.at, (size_t)(password - rest.at));
    return judge(span_equal(name, span_of_string(login->user)) &&
                 is_secret(login, span_skip(rest, name.size + 1)));
}

static enum login_state step_login(struct login *login, struct span response, struct buffer *challenge)
{
    if (login->round == 0 && response.size == 0) {
        buffer_add_string(challenge, "Username:");
        return LOGIN_GOES_ON;
    }
    if (login->name.size == 0) {
        buffer_add(&login->name, response);
        buffer_add_string(challenge, "Password:");
        return login->name.size ? LOGIN_GOES_ON : LOGIN_FAILED;
    }
    return judge(span_is(buffer_span(&login->name), login->user) && is_secret(login, response));
}

static void add_hex(struct buffer *out, const unsigned char *octets, size_t size)
{
    for (size_t i = 0; i < size; i++)
        buffer_printf(out, "%02x", octets[i]);
}

static enum login_state step_cram_md5(struct login *login, struct span response, struct buffer *challenge)
{
    unsigned char octets[LOGIN_KEY_LIMIT];
    if (login->round == 0) {
        RAND_bytes(octets, NONCE_SIZE);
        buffer_add_char(&login->name, '<');
        add_hex(&login->name, octets, NONCE_SIZE);
        buffer_add_string(&login->name, "@mx1.example.com>");
        buffer_add(challenge, buffer_span(&login->name));
        return LOGIN_GOES_ON;
    }
    unsigned size = 0;
    HMAC(EVP_md5(), login->password, (int)strlen(login->password), (const unsigned char *)login->name.data,
         login->name.size, octets, &size);
    struct buffer wanted = BUFFER_EMPTY;
    buffer_printf(&wanted, "%s ", login->user);
    add_hex(&wanted, octets, size);
    bool is_right = span_equal(response, buffer_span(&wanted));
    buffer_clear(&wanted);
    return judge(is_right);
}

/* --- SCRAM (RFC 5802, RFC 7677) --- */

struct key {
    unsigned char octets[LOGIN_KEY_LIMIT];
    unsigned size;
};

static struct key keyed_hash(const struct login *login, const struct key *key, struct span text)
{
    struct key result = {.size = 0};
    HMAC(login->mechanism->digest(), key->octets, (int)key->size, (const unsigned char *)text.at, text.size,
         result.octets, &result.size);
    return result;
}

static struct key hash(const struct login *login, const struct key *key)
{
    struct key result = {.size = 0};
    EVP_Digest(key->octets, key->size, result.octets, &result.size, login->mechanism->digest(), NULL);
    return result;
}

/** A salt that belongs to the user alone, so that nothing has to be stored. */
static void make_salt(const struct login *login, unsigned char salt[SALT_SIZE])
{
    struct key digest = {.size = 0};
    EVP_Digest(login->user, strlen(login->user), digest.octets, &digest.size, EVP_sha256(), NULL);
    memcpy(salt, digest.octets, SALT_SIZE);
}

static struct key salt_password(const struct login *login)
{
    unsigned char salt[SALT_SIZE];
    struct key salted = {.size = (unsigned)EVP_MD_get_size(login->mechanism->digest())};
    make_salt(login, salt);
    PKCS5_PBKDF2_HMAC(login->password, (int)strlen(login->password), salt, SALT_SIZE, (int)login->iterations,
                      login->mechanism->digest(), (int)salted.size, salted.octets);
    return salted;
}

/** Takes the attribute `letter=value` off the front of a SCRAM message. */
static bool take_attribute(struct span *message, char letter, struct span *value)
{
    if (message->size < 2 || message->at[0] != letter || message->at[1] != '=')
        return false;
    const char *comma = memchr(message->at, ',', message->size);
    size_t size = comma ? (size_t)(comma - message->at) : message->size;
    *value = span_of(message->at + 2, size - 2);
    *message = span_skip(*message, size + (comma != NULL));
    return true;
}

/** client-first-message = gs2-header "n=" user ",r=" nonce; no channel binding here, and no other identity */
static bool read_client_first(struct login *login, struct span message, struct span *nonce)
{
    struct span user;
    if (!span_starts_with(message, "n,,") && !span_starts_with(message, "y,,"))
        return false;
    message = span_skip(message, 3);
    buffer_add(&login->transcript, message);
    return take_attribute(&message, 'n', &user) && span_equal(user, span_of_string(login->user)) &&
           take_attribute(&message, 'r', nonce) && nonce->size > 0;
}

static enum login_state scram_first(struct login *login, struct span response, struct buffer *challenge)
{
    struct span nonce;
    unsigned char octets[NONCE_SIZE], salt[SALT_SIZE];
    if (!read_client_first(login, response, &nonce))
        return LOGIN_FAILED;
    RAND_bytes(octets, sizeof octets);
    make_salt(login, salt);
    if (!login->has_wrong_nonce)
        buffer_add(&login->name, nonce);
    base64_encode(span_of((const char *)octets, sizeof octets), &login->name);
    buffer_printf(challenge, "r=%s,s=", login->name.data);
    base64_encode(span_of((const char *)salt, sizeof salt), challenge);
    buffer_printf(challenge, ",i=%lu", login->iterations);
    buffer_printf(&login->transcript, ",%s", challenge->data);
    return LOGIN_GOES_ON;
}

/** client-final-message = "c=" gs2-header ",r=" nonce ",p=" proof */
static bool read_client_final(struct login *login, struct span message, struct buffer *proof)
{
    struct span rest = message, binding, nonce, coded;
    if (!take_attribute(&rest, 'c', &binding) || !(span_is(binding, "biws") || span_is(binding, "eSws")) ||
        !take_attribute(&rest, 'r', &nonce) || !span_equal(nonce, buffer_span(&login->name)))
        return false;
    buffer_add_char(&login->transcript, ',');
    buffer_add(&login->transcript, span_of(message.at, (size_t)(rest.at - message.at) - 1));
    return take_attribute(&rest, 'p', &coded) && base64_decode(coded, proof);
}

/** ClientKey = proof XOR ClientSignature; right if its hash is the StoredKey */
static bool proof_is_right(const struct login *login, struct span proof, const struct key *salted)
{
    struct key client_key = keyed_hash(login, salted, SPAN("Client Key"));
    struct key stored = hash(login, &client_key);
    struct key signature = keyed_hash(login, &stored, buffer_span(&login->transcript));
    if (proof.size != signature.size)
        return false;
    for (unsigned i = 0; i < signature.size; i++)
        signature.octets[i] ^= (unsigned char)proof.at[i];
    struct key found = hash(login, &signature);
    return CRYPTO_memcmp(found.octets, stored.octets, stored.size) == 0;
}

static void add_server_final(const struct login *login, const struct key *salted, struct buffer *challenge)
{
    struct key server_key = keyed_hash(login, salted, SPAN("Server Key"));
    struct key signature = keyed_hash(login, &server_key, buffer_span(&login->transcript));
    signature.octets[0] ^= login->has_wrong_signature;
    buffer_add_string(challenge, "v=");
    base64_encode(span_of((const char *)signature.octets, signature.size), challenge);
}

static enum login_state scram_final(struct login *login, struct span response, struct buffer *challenge)
{
    struct buffer proof = BUFFER_EMPTY;
    struct key salted = salt_password(login);
    login->is_proven =
        read_client_final(login, response, &proof) && proof_is_right(login, buffer_span(&proof), &salted);
    buffer_clear(&proof);
    if (!login->is_proven)
        return LOGIN_FAILED;
    add_server_final(login, &salted, challenge);
    return LOGIN_GOES_ON;
}

static enum login_state step_scram(struct login *login, struct span response, struct buffer *challenge)
{
    if (login->is_proven)
        return LOGIN_DONE;
    return login->name.size == 0 ? scram_first(login, response, challenge)
                                 : scram_final(login, response, challenge);
}

/* --- all of them --- */

static const struct mechanism mechanisms[] = {
    {"PLAIN", true, step_plain, NULL},
    {"LOGIN", true, step_login, NULL},
    {"CRAM-MD5", false, step_cram_md5, NULL},
    {"SCRAM-SHA-1", true, step_scram, EVP_sha1},
    {"SCRAM-SHA-256", true, step_scram, EVP_sha256},
};
enum { MECHANISM_COUNT = sizeof mechanisms / sizeof *mechanisms };

const char *login_mechanisms(void)
{
    return "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256";
}

bool login_init(struct login *login, struct span name, const char *user, const char *password)
{
    *login = (struct login){.user = user, .password = password, .iterations = 4096};
    for (unsigned i = 0; i < MECHANISM_COUNT; i++)
        if (span_is_nocase(name, mechanisms[i].name))
            login->mechanism = &mechanisms[i];
    return login->mechanism != NULL;
}

void login_clear(struct login *login)
{
    buffer_clear(&login->name);
    buffer_clear(&login->transcript);
}

bool login_client_is_first(const struct login *login)
{
    return login->mechanism->client_is_first;
}

enum login_state login_step(struct login *login, struct span response, struct buffer *challenge)
{
    enum login_state state = LOGIN_GOES_ON;
    /* a client that was to speak first and did not is asked by an empty challenge (RFC 4954 4) */
    if (login->round > 0 || response.size > 0 || !login->mechanism->client_is_first ||
        login->mechanism->step == step_login)
        state = login->mechanism->step(login, response, challenge);
    login->round++;
    return state;
}
