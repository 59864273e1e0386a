/**
 * Files that hold replies in a form that only other programs read. They are told
 * apart by their first octets: a log that was rotated is mostly compressed.
 */
#ifndef EXPLAIN_PACKED_H
#define EXPLAIN_PACKED_H

#include "base/span.h"

struct packed_form {
    struct span mark;   /* what such files begin with */
    const char *name;   /* "compressed by gzip" */
    const char *reader; /* the command that makes text of the file whose name follows it */
};

/**
 * @param octets the first ones of the input; of fewer than 16 less may be known
 * @return NULL if they are none of these forms
 */
const struct packed_form *packed_form_of(struct span octets);

#endif
