noinst_LIBRARIES += src/libdns.a
src_libdns_a_SOURCES = \
	src/dns/hosts.c src/dns/hosts.h \
	src/dns/message.c src/dns/message.h \
	src/dns/resolver.c src/dns/resolver.h \
	src/dns/route.c src/dns/route.h
src_libdns_a_CPPFLAGS = $(AM_CPPFLAGS) $(CARES_CFLAGS)
