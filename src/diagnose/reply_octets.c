#include "diagnose/reply_octets.h"

/* In the table: */
enum {
    A = OCTET_AT,
    D = OCTET_DIGIT,
    E = OCTET_JOINER | OCTET_TRAILER | OCTET_EQUALS, /* "=" */
    J = OCTET_JOINER | OCTET_TRAILER,                /* "/" */
    L = OCTET_SEPARATOR | OCTET_UNPLAIN,             /* line end */
    P = OCTET_DOT | OCTET_TRAILER,                   /* period */
    S = OCTET_SEPARATOR,
    T = OCTET_TRAILER,
    U = OCTET_UNPLAIN,
};

/* clang-format off */
const unsigned char reply_octets[256] = {
    U, U, U, U, U, U, U, U, U, U, L, U, U, U, U, U, /* 0x00 */
    U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0x10 */
    S, T, S, S, 0, 0, U, S, S, S, 0, 0, S, 0, P, J, /* 0x20 */
    D, D, D, D, D, D, D, D, D, D, S, S, S, E, S, T, /* 0x30 */
    A, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x40 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, S, S, S, 0, 0, /* 0x50 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x60 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, S, S, S, 0, U, /* 0x70 */
    U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0x80 */
    U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0x90 */
    U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xa0 */
    U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xb0 */
    U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xc0 */
    U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xd0 */
    U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xe0 */
    U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* 0xf0 */
};
/* clang-format on */
