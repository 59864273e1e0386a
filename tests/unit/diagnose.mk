# unit tests of src/diagnose

dist_check_SCRIPTS += tests/unit/catalog_docs.test
TESTS += tests/unit/catalog_docs.test

catalog_under_test = tests/support/catalog_files.c tests/support/catalog_files.h \
	tests/support/catalog_under_test.c tests/support/catalog_under_test.h tests/support/check.h

unit_tests += tests/unit/catalog_test
tests_unit_catalog_test_SOURCES = tests/unit/catalog_test.c tests/support/replies.h
tests_unit_catalog_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/catalog_examples_test
tests_unit_catalog_examples_test_SOURCES = tests/unit/catalog_examples_test.c $(catalog_under_test)
tests_unit_catalog_examples_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_examples_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/catalog_replies_test
tests_unit_catalog_replies_test_SOURCES = tests/unit/catalog_replies_test.c tests/support/replies.h
tests_unit_catalog_replies_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_replies_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/catalog_source_test
tests_unit_catalog_source_test_SOURCES = tests/unit/catalog_source_test.c tests/support/check.h
tests_unit_catalog_source_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_source_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

# Records made by hand, and what is needed to judge them
record_builder = tests/support/record_builder.c tests/support/record_builder.h \
	tests/support/scripted_sasl.c tests/support/scripted_sasl.h
diagnose_libs = src/libdiagnose.a src/libprobe.a src/libsasl.a src/libdns.a src/libsmtp.a src/libbase.a $(IDN2_LIBS)

unit_tests += tests/unit/finding_test
tests_unit_finding_test_SOURCES = tests/unit/finding_test.c tests/support/check.h $(record_builder)
tests_unit_finding_test_CPPFLAGS = $(unit_cppflags)
tests_unit_finding_test_LDADD = $(diagnose_libs) $(CMOCKA_LIBS)

unit_tests += tests/unit/verdict_test
tests_unit_verdict_test_SOURCES = tests/unit/verdict_test.c tests/support/check.h $(record_builder)
tests_unit_verdict_test_CPPFLAGS = $(unit_cppflags)
tests_unit_verdict_test_LDADD = $(diagnose_libs) $(CMOCKA_LIBS)

unit_tests += tests/unit/provider_test
tests_unit_provider_test_SOURCES = tests/unit/provider_test.c $(catalog_under_test)
tests_unit_provider_test_CPPFLAGS = $(unit_cppflags)
tests_unit_provider_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/published_test
tests_unit_published_test_SOURCES = tests/unit/published_test.c tests/support/check.h
tests_unit_published_test_CPPFLAGS = $(unit_cppflags)
tests_unit_published_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += $(wildcard $(top_srcdir)/tests/data/*.tsv)

unit_tests += tests/unit/letters_test
tests_unit_letters_test_SOURCES = tests/unit/letters_test.c
tests_unit_letters_test_CPPFLAGS = $(unit_cppflags)
tests_unit_letters_test_LDADD = src/libdiagnose.a src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/catalog_user_test
tests_unit_catalog_user_test_SOURCES = tests/unit/catalog_user_test.c tests/support/check.h
tests_unit_catalog_user_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_user_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/catalog_look_up_test
tests_unit_catalog_look_up_test_SOURCES = tests/unit/catalog_look_up_test.c $(catalog_under_test)
tests_unit_catalog_look_up_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_look_up_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/catalog_languages_test
tests_unit_catalog_languages_test_SOURCES = tests/unit/catalog_languages_test.c tests/support/replies.h
tests_unit_catalog_languages_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_languages_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/catalog_finder_test
tests_unit_catalog_finder_test_SOURCES = tests/unit/catalog_finder_test.c \
	tests/support/catalog_files.c tests/support/catalog_files.h tests/support/check.h
tests_unit_catalog_finder_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_finder_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/catalog_match_test
tests_unit_catalog_match_test_SOURCES = tests/unit/catalog_match_test.c $(catalog_under_test)
tests_unit_catalog_match_test_CPPFLAGS = $(unit_cppflags)
tests_unit_catalog_match_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/commands_test
tests_unit_commands_test_SOURCES = tests/unit/commands_test.c tests/support/check.h
tests_unit_commands_test_CPPFLAGS = $(unit_cppflags)
tests_unit_commands_test_LDADD = src/libdiagnose.a src/libsmtp.a src/libbase.a $(CMOCKA_LIBS)
