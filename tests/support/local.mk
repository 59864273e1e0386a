# The practice server: quickstart and tests talk to it.
noinst_PROGRAMS += practice-server
practice_server_SOURCES = \
	tests/support/practice.c tests/support/practice.h \
	tests/support/practice_auth.c tests/support/practice_auth.h \
	tests/support/practice_dns.c tests/support/practice_dns.h \
	tests/support/practice_mode.c tests/support/practice_mode.h \
	tests/support/practice_peer.c tests/support/practice_peer.h \
	tests/support/practice_smtp.c tests/support/practice_smtp.h \
	tests/support/practice_tls.c tests/support/practice_tls.h
practice_server_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS)
practice_server_LDADD = src/libbase.a $(OPENSSL_LIBS)
