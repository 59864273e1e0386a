/** Ports of mail servers, and what they tell of the server behind them. */
#ifndef SMTP_PORT_H
#define SMTP_PORT_H

#include <stdbool.h>

enum { PORT_LMTP = 24, PORT_SMTP = 25, PORT_SUBMISSIONS = 465, PORT_SUBMISSION = 587 };

/** Whether users log in at this port (RFC 8314). */
static inline bool port_is_for_submission(unsigned port)
{
    return port == PORT_SUBMISSIONS || port == PORT_SUBMISSION;
}

#endif
