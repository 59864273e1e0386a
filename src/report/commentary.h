/**
 * Our own words in a text report: what a reply means, who must act and how,
 * escaped and wrapped behind a margin that no server's text can imitate.
 */
#ifndef REPORT_COMMENTARY_H
#define REPORT_COMMENTARY_H

#include "base/secret.h"
#include "diagnose/explanation.h"

struct commentary {
    const struct secret_list *secrets; /* or NULL */
    size_t width;                      /* columns */
    const char *title_margin;
    const char *margin; /* of the lines below the title */
};

/** The title with the cause at the other end of the line. */
void commentary_add_title(struct buffer *, const struct commentary *, const struct explanation *);

/** Meaning, remarks, steps and links. */
void commentary_add_body(struct buffer *, const struct commentary *, const struct explanation *);

/** A paragraph; @param lead stands in front of its first line, behind the margin */
void commentary_add_text(struct buffer *, const struct commentary *, const char *lead, const char *text);

/**
 * Numbered steps. A command that would not fit behind its text gets a line of
 * its own, unbroken, so that it can be pasted.
 * @param who is to take them; NULL: not said
 */
void commentary_add_steps(struct buffer *, const struct commentary *, const char *who,
                          const char *const *steps, size_t count);

#endif
