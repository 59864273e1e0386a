# unit tests of src/tls
tls_peer_sources = tests/support/authority.c tests/support/authority.h \
	tests/support/tls_peer.c tests/support/tls_peer.h
tls_test_libraries = src/libtls.a src/libsmtp.a src/libbase.a $(OPENSSL_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/trust_test
tests_unit_trust_test_SOURCES = tests/unit/trust_test.c $(tls_peer_sources)
tests_unit_trust_test_CPPFLAGS = $(unit_cppflags) $(OPENSSL_CFLAGS)
tests_unit_trust_test_LDADD = $(tls_test_libraries)

unit_tests += tests/unit/channel_test
tests_unit_channel_test_SOURCES = tests/unit/channel_test.c $(tls_peer_sources)
tests_unit_channel_test_CPPFLAGS = $(unit_cppflags) $(OPENSSL_CFLAGS)
tests_unit_channel_test_LDADD = $(tls_test_libraries)

unit_tests += tests/unit/tls_context_test
tests_unit_tls_context_test_SOURCES = tests/unit/tls_context_test.c \
	tests/support/authority.c tests/support/authority.h
tests_unit_tls_context_test_CPPFLAGS = $(unit_cppflags) $(OPENSSL_CFLAGS)
tests_unit_tls_context_test_LDADD = $(tls_test_libraries)
