# unit tests of src/explain

explain_libs = src/libexplain.a src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(JANSSON_LIBS)

EXTRA_DIST += tests/data

unit_tests += tests/unit/answer_test
tests_unit_answer_test_SOURCES = tests/unit/answer_test.c tests/support/check.h
tests_unit_answer_test_CPPFLAGS = $(unit_cppflags)
tests_unit_answer_test_LDADD = $(explain_libs) $(CMOCKA_LIBS)

unit_tests += tests/unit/bounce_test
tests_unit_bounce_test_SOURCES = tests/unit/bounce_test.c tests/support/check.h tests/support/expected_item.h
tests_unit_bounce_test_CPPFLAGS = $(unit_cppflags)
tests_unit_bounce_test_LDADD = $(explain_libs) $(CMOCKA_LIBS)

unit_tests += tests/unit/input_test
tests_unit_input_test_SOURCES = tests/unit/input_test.c tests/support/check.h tests/support/expected_item.h
tests_unit_input_test_CPPFLAGS = $(unit_cppflags)
tests_unit_input_test_LDADD = $(explain_libs) $(CMOCKA_LIBS)

unit_tests += tests/unit/packed_test
tests_unit_packed_test_SOURCES = tests/unit/packed_test.c tests/support/check.h
tests_unit_packed_test_CPPFLAGS = $(unit_cppflags)
tests_unit_packed_test_LDADD = $(explain_libs) $(CMOCKA_LIBS)

unit_tests += tests/unit/logline_test
tests_unit_logline_test_SOURCES = tests/unit/logline_test.c tests/support/check.h tests/support/expected_item.h
tests_unit_logline_test_CPPFLAGS = $(unit_cppflags)
tests_unit_logline_test_LDADD = $(explain_libs) $(CMOCKA_LIBS)
