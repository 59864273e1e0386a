noinst_LIBRARIES += src/libtls.a
src_libtls_a_SOURCES = \
	src/tls/certificate.c \
	src/tls/channel.c src/tls/channel.h \
	src/tls/context.c \
	src/tls/facts.h \
	src/tls/failure.c \
	src/tls/internal.h \
	src/tls/trust.c
src_libtls_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS)
