noinst_LIBRARIES += src/libtls.a
src_libtls_a_SOURCES = \
	src/tls/channel.h \
	src/tls/facts.h
