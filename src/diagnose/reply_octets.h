/** What the octets of a reply may be part of, for all who take replies apart. */
#ifndef DIAGNOSE_REPLY_OCTETS_H
#define DIAGNOSE_REPLY_OCTETS_H

enum {
    OCTET_SEPARATOR = 1 << 0, /* parts tokens, and belongs to none */
    OCTET_DOT = 1 << 1,
    OCTET_AT = 1 << 2,
    OCTET_JOINER = 1 << 3,  /* "=" and "/" hold words together */
    OCTET_TRAILER = 1 << 4, /* may end a sentence or a name */
    OCTET_DIGIT = 1 << 5,
    OCTET_EQUALS = 1 << 6,  /* a joiner that belongs to no URL's host */
    OCTET_UNPLAIN = 1 << 7, /* "&", controls and what is no ASCII: may stand for something else */

    OCTET_OF_WORDS = OCTET_DIGIT | OCTET_UNPLAIN, /* what may be in a plain word, once it is read */
};

extern const unsigned char reply_octets[256];

/** The bits of an octet; those of a token are the sum of all of its octets'. */
static inline unsigned reply_octet(char c)
{
    return reply_octets[(unsigned char)c];
}

#endif
