/** One SMTP or LMTP session of the practice server. */
#ifndef PRACTICE_SMTP_H
#define PRACTICE_SMTP_H

#include "practice.h"

/**
 * Serves one client to the end, and closes the socket.
 * @param on_tls_port the client begins with a TLS handshake
 */
void practice_serve(const struct practice *, int socket, bool on_tls_port);

/** Prints what the server answers for which recipient, for --help. */
void practice_print_recipients(void);

#endif
