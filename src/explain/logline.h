/**
 * Finds the reply in one line: bare, out of a transcript, or out of the log of
 * Postfix, Exim, Sendmail, Exchange, OpenSMTPD, qmail, Courier, Dovecot or, by
 * care, of others. Pure, without allocation, linear in the size of the line.
 */
#ifndef EXPLAIN_LOGLINE_H
#define EXPLAIN_LOGLINE_H

#include "explain/item.h"

/**
 * Looks for a reply, or for words of trouble without one, and for stage, host
 * and addresses around it. Where servers quote one another the innermost remote
 * reply is taken, which is the one that decided.
 * @param line without its line end; any octets
 * @param found its spans point into the line; of kind ITEM_NOTHING if there is no reply
 */
void logline_read(struct span line, struct sighting *found);

/**
 * Reads text that is known to come from a reply or a report (Diagnostic-Code, a
 * JSON member): as logline_read(), but text without any reply counts as the words
 * of one, with the code 0. Only blanks give ITEM_NOTHING.
 */
void logline_read_reply(struct span text, struct sighting *found);

#endif
