/** Values of options by their kind: pure functions of the text. */
#ifndef CLI_OPTION_VALUE_H
#define CLI_OPTION_VALUE_H

#include "base/instant.h"
#include "base/span.h"
#include "cli/option_table.h"
#include "smtp/plan.h"

/** 30, 30s, 5m, 1h; 0 in any unit is NEVER; up to a year. */
bool option_parse_duration(const char *text, duration *);

/** 1 to 65535, or the name of a TCP service. */
bool option_parse_port(const char *text, unsigned *port);

/** One of the words of `choices`, whatever its case. */
bool option_parse_choice(const char *choices, const char *text, int *index);

/** A stop point by swaks' names: CONNECT=BANNER, FIRST-HELO=FIRST-EHLO=FIRST-LHLO, TLS=STARTTLS, ... */
bool option_parse_stage(const char *text, enum stop_point *);

/**
 * Takes HOST, HOST:PORT, HOST/PORT, [HOST] or [HOST]:PORT apart, without
 * looking into either part. More than one colon without brackets is an IPv6
 * address. `port` is empty if there is none.
 * @return false if brackets do not match, or one part is empty
 */
bool option_split_host(struct span text, struct span *host, struct span *port);

/**
 * Checks what the kind of an option demands of its value.
 * @return NULL, or what would be right: "a number from 1 to 100"; its memory is in `arena`
 */
struct arena;
const char *option_value_fault(const struct option *, const char *text, struct arena *arena);

#endif
