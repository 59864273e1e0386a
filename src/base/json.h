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

/** A string that holds no secret, or JSON null for NULL. */
json_t *json_own_text(const char *text);

/** Seconds with microsecond precision; 0 for what no clock shows (no number, 1e12 and more). */
json_t *json_seconds(double seconds);

/** The tree of a document of our own, as json_writer makes them. */
json_t *json_of_own_document(struct span document);

/** jansson's own version, for --version. */
const char *json_library_version(void);

/**
 * Adds the document to `out`, without a final line end: ASCII only, all else as
 * \u escapes, DEL among them (jansson leaves it raw). Members stay in their order.
 * @param indented one document for reading, or one line for a stream
 */
void json_write(const json_t *document, bool indented, struct buffer *out);

#endif
