# unit tests of src/smtp

unit_tests += tests/unit/mailbox_test
tests_unit_mailbox_test_SOURCES = tests/unit/mailbox_test.c
tests_unit_mailbox_test_CPPFLAGS = $(unit_cppflags)
tests_unit_mailbox_test_LDADD = src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/message_test
tests_unit_message_test_SOURCES = tests/unit/message_test.c
tests_unit_message_test_CPPFLAGS = $(unit_cppflags)
tests_unit_message_test_LDADD = src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/reply_test
tests_unit_reply_test_SOURCES = tests/unit/reply_test.c tests/support/check.h
tests_unit_reply_test_CPPFLAGS = $(unit_cppflags)
tests_unit_reply_test_LDADD = src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/body_test
tests_unit_body_test_SOURCES = tests/unit/body_test.c tests/support/check.h
tests_unit_body_test_CPPFLAGS = $(unit_cppflags)
tests_unit_body_test_LDADD = src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/capability_test
tests_unit_capability_test_SOURCES = tests/unit/capability_test.c tests/support/check.h
tests_unit_capability_test_CPPFLAGS = $(unit_cppflags)
tests_unit_capability_test_LDADD = src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/enhanced_status_test
tests_unit_enhanced_status_test_SOURCES = tests/unit/enhanced_status_test.c tests/support/check.h
tests_unit_enhanced_status_test_CPPFLAGS = $(unit_cppflags)
tests_unit_enhanced_status_test_LDADD = src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/dialogue_test
tests_unit_dialogue_test_SOURCES = tests/unit/dialogue_test.c
tests_unit_dialogue_test_CPPFLAGS = $(unit_cppflags)
tests_unit_dialogue_test_LDADD = src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)
