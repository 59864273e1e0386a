/** The formats of logs, one reader each; see logline.h. */
#ifndef EXPLAIN_LOGLINE_FORMATS_H
#define EXPLAIN_LOGLINE_FORMATS_H

#include "explain/scan.h"

/**
 * Each reads the message of a line, without the prefix of syslog.
 * @return whether the line is of the format, with or without a reply in it; *found is set only if so.
 */
bool logline_read_delivery(struct span message,
                           struct sighting *found); /* Postfix, Sendmail: "to=<...>, ..." */
bool logline_read_listener(struct span message,
                           struct sighting *found); /* Postfix' and Sendmail's own refusals */
bool logline_read_exim(struct span message, struct sighting *found);
bool logline_read_exchange(struct span line, struct sighting *found);
bool logline_read_opensmtpd(struct span message, struct sighting *found);
bool logline_read_qmail(struct span message, struct sighting *found);

/** The words inside Postfix' "status=bounced (...)", also found in its bounces. */
void logline_read_status(struct span text, struct sighting *found);

/** What qmail says of a failed delivery, its lines parted by LF or `/`, blanks perhaps spelled `_`. */
bool logline_read_qmail_report(struct span text, struct sighting *found);

#endif
