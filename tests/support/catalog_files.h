/** The catalog files of the source tree, read at run time. */
#ifndef SUPPORT_CATALOG_FILES_H
#define SUPPORT_CATALOG_FILES_H

#include "diagnose/catalog_source.h"

/**
 * Reads every file of data/catalog/, unfinished, in the order of their names or
 * against it. Fails the test that runs if one cannot be read.
 */
void catalog_files_read(struct catalog_source *, struct arena *, bool backward);

#endif
