/**
 * The server's side of SASL, with OpenSSL's digests and not with libsasl2, so that
 * the client under test meets another implementation than its own.
 */
#ifndef PRACTICE_AUTH_H
#define PRACTICE_AUTH_H

#include "base/buffer.h"

enum { LOGIN_KEY_LIMIT = 64 /* octets of the longest digest */ };

enum login_state {
    LOGIN_GOES_ON, /* a challenge is to be sent, maybe an empty one */
    LOGIN_DONE,
    LOGIN_FAILED,
};

struct mechanism;

/** One exchange. */
struct login {
    const struct mechanism *mechanism;
    const char *user, *password;
    unsigned long iterations; /* of SCRAM */
    bool has_wrong_nonce;     /* for tests: faults of the server, which a SCRAM client must find */
    bool has_wrong_signature;
    unsigned round;
    bool is_proven;           /* SCRAM: only the empty last response is missing */
    struct buffer name;       /* LOGIN: the user that was named; CRAM-MD5: the challenge; SCRAM: the nonce */
    struct buffer transcript; /* SCRAM: the AuthMessage so far (RFC 5802 3) */
};

/** Names of all mechanisms, separated by blanks, as EHLO lists them. */
const char *login_mechanisms(void);

/** @return false if there is no such mechanism */
bool login_init(struct login *, struct span mechanism, const char *user, const char *password);
void login_clear(struct login *);

/**
 * Takes a response (the first one may be the initial response, or empty) and gives the next challenge.
 * Neither is in Base64.
 */
enum login_state login_step(struct login *, struct span response, struct buffer *challenge);

/** Whether this mechanism's client speaks first, so that an initial response makes sense. */
bool login_client_is_first(const struct login *);

#endif
