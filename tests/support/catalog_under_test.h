/** A catalog made by a test, to be the state of a group of cmocka tests. */
#ifndef SUPPORT_CATALOG_UNDER_TEST_H
#define SUPPORT_CATALOG_UNDER_TEST_H

#include "diagnose/catalog_source.h"
#include "diagnose/catalog_table.h"

struct catalog_under_test {
    struct arena arena;
    struct catalog_source source;
    struct catalog_table table;
    struct catalog catalog;
};

/** Makes the table of what was read. Fails the test that runs if the source has a fault. */
void catalog_under_test_finish(struct catalog_under_test *);

/** Of a text, of one file as it were. @return 0, as cmocka wants it */
int catalog_under_test_of_text(void **state, const char *text);

/** Of the files in data/catalog/, see catalog_files_read(). */
int catalog_under_test_of_files(void **state);

int catalog_under_test_free(void **state);

#endif
