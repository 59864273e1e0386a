#include "sasl/mechanism.h"

/* clang-format off */
#define SCRAM(hash, its_rank)                                                                      \
    {.name = "SCRAM-" hash, .rank = its_rank, .needs_user = true, .needs_password = true,          \
     .proves_server = true, .is_text = true, .plugin = "libscram", .package = "libsasl2-modules"}

const struct mechanism mechanisms[] = {
    {.name = "GSSAPI", .rank = 100, .needs_ticket = true, .proves_server = true,
     .plugin = "libgssapiv2", .package = "libsasl2-modules-gssapi-mit"},
    {.name = "EXTERNAL", .rank = 95, .needs_certificate = true},
    SCRAM("SHA-512", 90),
    SCRAM("SHA-384", 85),
    SCRAM("SHA-256", 80),
    SCRAM("SHA-224", 75),
    SCRAM("SHA-1", 70),
    {.name = "DIGEST-MD5", .rank = 60, .needs_user = true, .needs_password = true, .proves_server = true,
     .is_weak = true, .is_text = true, .plugin = "libdigestmd5", .package = "libsasl2-modules"},
    {.name = "CRAM-MD5", .rank = 50, .needs_user = true, .needs_password = true,
     .is_weak = true, .is_text = true, .plugin = "libcrammd5", .package = "libsasl2-modules"},
    {.name = "NTLM", .rank = 40, .needs_user = true, .needs_password = true,
     .is_weak = true, .plugin = "libntlm", .package = "libsasl2-modules"},
    {.name = "PLAIN", .rank = 30, .sends_password = true, .needs_user = true, .needs_password = true,
     .plugin = "libplain", .package = "libsasl2-modules"},
    {.name = "LOGIN", .rank = 20, .sends_password = true, .needs_user = true, .needs_password = true,
     .plugin = "liblogin", .package = "libsasl2-modules"},
    {.name = "ANONYMOUS", .plugin = "libanonymous", .package = "libsasl2-modules"},
    {.name = "GSS-SPNEGO", .needs_ticket = true, .proves_server = true,
     .plugin = "libgssapiv2", .package = "libsasl2-modules-gssapi-mit"},
    {.name = "GS2-KRB5", .needs_ticket = true, .proves_server = true,
     .plugin = "libgs2", .package = "libsasl2-modules-gssapi-mit"},
    {.name = "GS2-IAKERB", .needs_ticket = true, .proves_server = true,
     .plugin = "libgs2", .package = "libsasl2-modules-gssapi-mit"},
    {.name = "OTP", .needs_user = true, .needs_password = true,
     .plugin = "libotp", .package = "libsasl2-modules-otp"},
    {.name = "XOAUTH2", .sends_password = true, .needs_user = true, .needs_password = true,
     .plugin = "libkdexoauth2", .package = "libsasl2-modules-kdexoauth2"},
    {.name = "OAUTHBEARER", .sends_password = true, .needs_user = true, .needs_password = true},
    {.name = "SRP", .needs_user = true, .needs_password = true, .proves_server = true, .plugin = "libsrp"},
    {.name = NULL},
};
/* clang-format on */

const struct mechanism unknown_mechanism = {.name = "", .sends_password = true};

const struct mechanism *mechanism_find(struct span name)
{
    for (const struct mechanism *mechanism = mechanisms; mechanism->name; mechanism++)
        if (span_is_nocase(name, mechanism->name))
            return mechanism;
    return NULL;
}

bool mechanism_is_scram(const struct mechanism *mechanism)
{
    return span_starts_with(span_of_string(mechanism->name), "SCRAM-");
}
