# unit tests of src/dns

unit_tests += tests/unit/dns_message_test
tests_unit_dns_message_test_SOURCES = \
	tests/unit/dns_message_test.c tests/support/check.h tests/support/dns_packet.h
tests_unit_dns_message_test_CPPFLAGS = $(unit_cppflags)
tests_unit_dns_message_test_LDADD = src/libdns.a src/libsmtp.a src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/resolver_test
tests_unit_resolver_test_SOURCES = tests/unit/resolver_test.c tests/support/check.h \
	tests/support/dns_packet.h tests/support/dns_responder.c tests/support/dns_responder.h
tests_unit_resolver_test_CPPFLAGS = $(unit_cppflags)
tests_unit_resolver_test_LDADD = src/libdns.a src/libsmtp.a src/libbase.a \
	$(IDN2_LIBS) $(CARES_LIBS) $(EV_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/route_test
tests_unit_route_test_SOURCES = tests/unit/route_test.c tests/support/check.h
tests_unit_route_test_CPPFLAGS = $(unit_cppflags)
tests_unit_route_test_LDADD = src/libdns.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/hosts_test
tests_unit_hosts_test_SOURCES = tests/unit/hosts_test.c tests/support/check.h
tests_unit_hosts_test_CPPFLAGS = $(unit_cppflags)
tests_unit_hosts_test_LDADD = src/libdns.a src/libsmtp.a src/libbase.a $(CMOCKA_LIBS)
