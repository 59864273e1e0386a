/** One line of NDJSON: a reply with what is known around it. */
#ifndef EXPLAIN_OBJECT_H
#define EXPLAIN_OBJECT_H

#include "base/json.h"
#include "explain/item.h"

/** Whether the line is meant to be an object: a brace, then a quote or a brace. Exchange's `{LED=` is none.
 */
bool object_begins(struct span line);

/**
 * Reads {"reply"?, "code"?, "enhanced"?, "stage"?, "host"?, "provider"? or "system"?, "recipient"?,
 * "sender"?, "port"?}, or the line of a log that journald, Docker and others wrap into an object ("MESSAGE",
 * "log", "message", "msg"). Octets that are not UTF-8 and halves of surrogate pairs are replaced.
 * @return the object, to be released with json_decref() when the item is done with; NULL if it is none. The
 * item says what is lacking if there is nothing to explain.
 */
json_t *object_read(struct span line, struct explain_item *);

#endif
