/**
 * Enhanced status codes (RFC 2034, RFC 3463): class "." subject "." detail.
 */
#ifndef SMTP_ENHANCED_STATUS_H
#define SMTP_ENHANCED_STATUS_H

#include "base/span.h"

/** The class of a code of which only subject and detail are known: X.7.1, as tables print them. */
enum { ENHANCED_CLASS_ANY = 9 };

struct enhanced_status {
    unsigned short class; /* 2, 4 or 5; 0: there is none; in questions also ENHANCED_CLASS_ANY */
    unsigned short subject;
    unsigned short detail;
};

/** "5.1.1" and a NUL: the longest is "5.999.999". */
enum { ENHANCED_STATUS_TEXT_SIZE = 12 };

/**
 * Reads the code that begins `text`. It must end at the end of the text or at a
 * blank (RFC 2034 4), subject and detail have one to three digits without
 * superfluous zeros (RFC 3463 2).
 * @param used set to the octets read, with the blank behind; may be NULL.
 * @return false if the text begins with no code; *status then is all zero.
 */
bool enhanced_status_parse(struct span text, struct enhanced_status *status, size_t *used);

/** Writes "5.1.1", "X.1.1" for any class, or "" if there is none. @return `text` */
char *enhanced_status_format(struct enhanced_status, char text[ENHANCED_STATUS_TEXT_SIZE]);

static inline bool enhanced_status_equal(struct enhanced_status a, struct enhanced_status b)
{
    return a.class == b.class && a.subject == b.subject && a.detail == b.detail;
}

#endif
