noinst_LIBRARIES += src/libnet.a
src_libnet_a_SOURCES = \
	src/net/connection.c src/net/connection.h
src_libnet_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS)
