noinst_LIBRARIES += src/libdns.a
src_libdns_a_SOURCES = \
	src/dns/message.h \
	src/dns/resolver.h \
	src/dns/route.h
