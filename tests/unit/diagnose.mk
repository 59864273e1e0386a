# unit tests of src/diagnose

unit_tests += tests/unit/catalog_test
tests_unit_catalog_test_SOURCES = tests/unit/catalog_test.c tests/support/replies.h
tests_unit_catalog_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/catalog_replies_test
tests_unit_catalog_replies_test_SOURCES = tests/unit/catalog_replies_test.c tests/support/replies.h
tests_unit_catalog_replies_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_replies_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/catalog_source_test
tests_unit_catalog_source_test_SOURCES = tests/unit/catalog_source_test.c tests/support/check.h
tests_unit_catalog_source_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_source_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)
