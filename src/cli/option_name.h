/** Finds the option that a spelling means. */
#ifndef CLI_OPTION_NAME_H
#define CLI_OPTION_NAME_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"
#include "cli/option_table.h"

struct option_spelling {
    enum option_id id;
    bool is_negation;  /* --no-NAME */
    struct span field; /* of --h-FIELD; otherwise empty */
};

/**
 * Looks a name up, without dashes in front and without a value behind: as it
 * stands, behind "no-", as --h-FIELD, or as the beginning of names of one
 * option only. Only a whole name may be that of an option of other jobs.
 * @return false with the reason; it begins with the name and dashes
 */
bool option_name_find(struct span typed, enum job, struct option_spelling *, struct error *);

/** Whether the option serves the job. */
bool option_serves(enum option_id, enum job);

/**
 * The name of an option of this job that is most likely meant, in `arena` and without dashes, or NULL if
 * none is near: one wrong, missing, superfluous or swapped character for names
 * up to 4, two up to 8, three for longer ones.
 */
const char *option_name_nearest(struct span typed, enum job, struct arena *arena);

#endif
