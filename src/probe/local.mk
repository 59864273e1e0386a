noinst_LIBRARIES += src/libprobe.a
src_libprobe_a_SOURCES = \
	src/probe/environment.c src/probe/environment.h \
	src/probe/probe.c src/probe/probe.h \
	src/probe/record.c src/probe/record.h
src_libprobe_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS)
