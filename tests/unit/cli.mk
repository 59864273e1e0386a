# unit tests of src/cli

unit_tests += tests/unit/options_test
tests_unit_options_test_SOURCES = tests/unit/options_test.c tests/support/check.h tests/support/command_line.h
tests_unit_options_test_CPPFLAGS = $(unit_cppflags)
tests_unit_options_test_LDADD = src/libcli.a src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/option_value_test
tests_unit_option_value_test_SOURCES = tests/unit/option_value_test.c tests/support/check.h
tests_unit_option_value_test_CPPFLAGS = $(unit_cppflags)
tests_unit_option_value_test_LDADD = src/libcli.a src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/help_test
tests_unit_help_test_SOURCES = tests/unit/help_test.c tests/support/check.h
tests_unit_help_test_CPPFLAGS = $(unit_cppflags)
tests_unit_help_test_LDADD = src/libcli.a src/libbase.a $(CMOCKA_LIBS)

dist_check_SCRIPTS += tests/unit/options_docs.test
TESTS += tests/unit/options_docs.test

unit_tests += tests/unit/secret_source_test
tests_unit_secret_source_test_SOURCES = tests/unit/secret_source_test.c tests/support/check.h
tests_unit_secret_source_test_CPPFLAGS = $(unit_cppflags)
tests_unit_secret_source_test_LDADD = src/libcli.a src/libbase.a $(CMOCKA_LIBS)
