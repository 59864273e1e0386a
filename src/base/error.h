/**
 * Our own trouble: usage, resources, libraries. A server, resolver or
 * certificate that misbehaves is never an error but evidence in the record.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/** What is wrong, and what to do about it: one or more lines, without a final line end. */
struct error {
    char text[768];
    int exit_status; /* of base/exit_status.h; EXIT_DONE counts as EXIT_LOCAL */
};

#define ERROR_NONE ((struct error){"", 0})

/**
 * Sets the text, cut at the size of the buffer.
 * @return false, so that a function can end with `return error_set(error, ...)`.
 */
__attribute__((format(printf, 2, 3))) _Bool error_set(struct error *, const char *format, ...);

/** The same with another exit status than EXIT_LOCAL. */
__attribute__((format(printf, 3, 4))) _Bool error_set_status(struct error *, int exit_status,
                                                             const char *format, ...);

#endif
