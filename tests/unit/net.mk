# unit tests of src/net and src/probe, against servers in processes of their own
mail_server_sources = tests/support/mail_server.c tests/support/mail_server.h \
	tests/support/authority.c tests/support/authority.h

unit_tests += tests/unit/connection_test
tests_unit_connection_test_SOURCES = tests/unit/connection_test.c tests/support/check.h $(mail_server_sources)
tests_unit_connection_test_CPPFLAGS = $(unit_cppflags) $(OPENSSL_CFLAGS)
tests_unit_connection_test_LDADD = src/libnet.a src/libtls.a src/libsmtp.a src/libbase.a \
	$(OPENSSL_LIBS) $(EV_LIBS) $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/probe_test
tests_unit_probe_test_SOURCES = tests/unit/probe_test.c tests/support/check.h $(mail_server_sources) \
	tests/support/dns_packet.h tests/support/dns_responder.c tests/support/dns_responder.h
tests_unit_probe_test_CPPFLAGS = $(unit_cppflags) $(OPENSSL_CFLAGS)
tests_unit_probe_test_LDADD = src/libprobe.a src/libnet.a src/libtls.a src/libdns.a src/libsmtp.a src/libbase.a \
	$(OPENSSL_LIBS) $(CARES_LIBS) $(EV_LIBS) $(IDN2_LIBS) $(CMOCKA_LIBS)
