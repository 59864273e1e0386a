/**
 * The program's one wrapper around jansson: text from outside becomes members
 * that are always valid UTF-8 with secrets masked, and documents are written
 * so that terminals see no control characters.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/printable.h"

#include <jansson.h>

/** A string of octets from outside; see printable_add_utf8(). Never NULL. */
json_t *json_text(struct span text, const struct secret_list *secrets);

/** A string of our own, or JSON null for NULL. */
json_t *json_own_text(const char *text);

/** Seconds with microsecond precision. */
json_t *json_seconds(double seconds);

/**
 * Adds the document to `out`: UTF-8, non-ASCII as \u escapes, DEL escaped as
 * well (jansson leaves it raw).
 * @param indented one document for reading, or one line for a stream
 */
void json_write(const json_t *document, bool indented, struct buffer *out);

#endif
