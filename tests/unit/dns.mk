# unit tests of src/dns

unit_tests += tests/unit/dns_message_test
tests_unit_dns_message_test_SOURCES = \
	tests/unit/dns_message_test.c tests/support/check.h tests/support/dns_packet.h
tests_unit_dns_message_test_CPPFLAGS = $(unit_cppflags)
tests_unit_dns_message_test_LDADD = src/libdns.a src/libsmtp.a src/libbase.a $(CMOCKA_LIBS)
