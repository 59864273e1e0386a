/** Who and where we are: the defaults of --helo and --from. */
#ifndef CLI_LOCAL_NAME_H
#define CLI_LOCAL_NAME_H

#include "base/arena.h"

/**
 * This host's fully qualified name: the host name if it has a dot, else the
 * full form that the hosts file gives it.
 * @return NULL if there is none that could stand in EHLO
 */
const char *local_name(struct arena *);

/** The user's login name: $LOGNAME unless `from_system`, else that of the real user id; "root" for none. */
const char *local_user(bool from_system, struct arena *);

#endif
