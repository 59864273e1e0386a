/**
 * Commands in steps of advice. What they are to prove was seen with the
 * resolver that the user named: so they have to ask the same.
 */
#ifndef DIAGNOSE_COMMANDS_H
#define DIAGNOSE_COMMANDS_H

#include "base/arena.h"

/**
 * The step with the resolver in its commands: "dig @192.0.2.53 -p 5353 MX ...",
 * "smtpprobe --dns-server 192.0.2.53:5353 --to ...". Commands that name a
 * resolver, or ask none, stay as they are. To be called before the step's
 * places are filled: values are not searched for commands.
 * @param resolvers as --dns-server has them
 */
const char *commands_with_resolver(const char *step, const char *resolvers, struct arena *);

#endif
