/**
 * A word on the terminal when something takes longer than a second: what is
 * being waited for, and since when. Never in a pipe.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/buffer.h"
#include "probe/environment.h"
#include "probe/record.h"

struct progress {
    struct ev_loop *loop;
    struct ev_timer timer;
    const struct record *record;
    instant since;        /* when something was seen last */
    bool is_shown;
    bool is_wanted;
};

/** Does nothing if standard error is no terminal. */
void progress_begin(struct progress *, struct ev_loop *, const struct record *);

/** Something was seen: takes the line away, before anything else is written. */
void progress_note(struct progress *);

void progress_end(struct progress *);

/** "the reply to RCPT TO": what the record shows to be under way. */
void progress_describe(struct buffer *, const struct record *);

#endif
