/* Whatever a server asks in AUTH: no crash, no password shown, no success unproven (INVARIANTS 12). */
#include "fuzz.h"

#include "sasl/cyrus.h"

#define PASSWORD "correct horse"

static const char *const names[] = {"SCRAM-SHA-256", "SCRAM-SHA-1", "DIGEST-MD5", "CRAM-MD5",
                                    "LOGIN",         "PLAIN",       "NTLM"};

static void check(const struct auth_action *action)
{
    if (action->state == AUTH_GIVE_UP) {
        FUZZ_REQUIRE(action->reason && action->cause != CAUSE_OK);
        return;
    }
    struct span shown = action->is_secret ? action->shown : action->response;
    FUZZ_REQUIRE(!span_contains_nocase(shown, PASSWORD));
}

/** Challenges are lines; in "+" at the beginning of one our nonce is put, so that SCRAM goes on. */
static void make_challenge(struct span line, struct span nonce, struct buffer *challenge)
{
    buffer_truncate(challenge, 0);
    if (span_starts_with(line, "+")) {
        buffer_add_string(challenge, "r=");
        buffer_add(challenge, nonce);
        line = span_skip(line, 1);
    }
    buffer_add(challenge, line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *name = names[data[0] % (sizeof names / sizeof *names)];
    struct span rest = span_of((const char *)data + 1, size - 1), line, offer = span_of_string(name);
    struct auth_settings settings = {.user = "jo", .password = SPAN(PASSWORD)};
    struct capability_set offered = {.mechanisms = &offer, .mechanism_count = 1};
    struct auth_circumstances circumstances = {.in_tls = true, .host = "mail.example"};
    struct authenticator *client = cyrus_authenticator_new(&settings);
    struct buffer challenge = BUFFER_EMPTY, nonce = BUFFER_EMPTY;
    struct auth_action action;
    client->choose(client, &offered, &circumstances, &action);
    check(&action);
    const char *found =
        action.response.size ? memmem(action.response.at, action.response.size, ",r=", 3) : NULL;
    if (found)
        buffer_add(&nonce, span_skip(action.response, (size_t)(found - action.response.at) + 3));
    while (action.state == AUTH_CONTINUE && span_next_token(&rest, "\n", &line)) {
        make_challenge(line, buffer_span(&nonce), &challenge);
        client->respond(client, buffer_span(&challenge), &action);
        check(&action);
    }
    /* Nobody can prove to know the password here. */
    bool proves = span_starts_with(offer, "SCRAM") || span_is(offer, "DIGEST-MD5");
    FUZZ_REQUIRE(!proves || action.state != AUTH_COMPLETE);
    buffer_clear(&challenge);
    buffer_clear(&nonce);
    cyrus_authenticator_free(client);
    return 0;
}
