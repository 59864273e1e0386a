# unit tests of src/sasl

unit_tests += tests/unit/choice_test
tests_unit_choice_test_SOURCES = tests/unit/choice_test.c
tests_unit_choice_test_CPPFLAGS = $(unit_cppflags)
tests_unit_choice_test_LDADD = src/libsasl.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/cyrus_test
tests_unit_cyrus_test_SOURCES = tests/unit/cyrus_test.c
tests_unit_cyrus_test_CPPFLAGS = $(unit_cppflags) $(SASL_CFLAGS)
tests_unit_cyrus_test_LDADD = src/libsasl.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(SASL_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/scram_test
tests_unit_scram_test_SOURCES = tests/unit/scram_test.c
tests_unit_scram_test_CPPFLAGS = $(unit_cppflags)
tests_unit_scram_test_LDADD = src/libsasl.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)
