/**
 * Catalogs of users: files in the format of the built-in one, read when the
 * program starts, which stand before it.
 *
 *     struct catalog catalog = catalog_builtin;
 *     bool ok = catalog_add_standard(&catalog, &arena, &error) &&
 *               catalog_add_files(&catalog, paths, count, &arena, &error);
 *
 * Each call adds a part that is more authoritative than those before: a rule
 * whose id one of them has replaces it, and within a layer its rules come first.
 * `like` and `words-of` may name rules of all parts; a rule that names its own
 * id means the one it replaces.
 */
#ifndef DIAGNOSE_CATALOG_USER_H
#define DIAGNOSE_CATALOG_USER_H

#include "diagnose/catalog_check.h"

/** Files of one directory; more are an error. */
enum { CATALOG_DIRECTORY_LIMIT = 256 };

/**
 * Adds the files as one part.
 * @param arena must outlive the catalog
 * @return false with "FILE:LINE: what is wrong" and what to do; the catalog is
 *         then as before
 */
bool catalog_add_files(struct catalog *, const char *const *paths, size_t count, struct arena *,
                       struct error *);

/** The same with the regular files *.txt of a directory; one that does not exist adds nothing. */
bool catalog_add_directory(struct catalog *, const char *path, struct arena *, struct error *);

/**
 * Adds the system's directory, SYSCONFDIR/smtpprobe/catalog.d, then the user's,
 * $XDG_CONFIG_HOME/smtpprobe/catalog.d or ~/.config/smtpprobe/catalog.d.
 */
bool catalog_add_standard(struct catalog *, struct arena *, struct error *);

/** What a file that was checked has. */
struct catalog_file_counts {
    size_t rules;
    size_t providers;
    size_t examples;
};

/**
 * Checks one file as if it were added: the format, what each rule must have,
 * that its words can occur, and that each example reaches its rule with the
 * whole catalog behind it. Rules without source or example are noted.
 * @return false after a fault, which the checker was told
 */
bool catalog_check_file(const struct catalog *, const char *path, const struct catalog_checker *,
                        struct catalog_file_counts *);

#endif
