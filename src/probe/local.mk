noinst_LIBRARIES += src/libprobe.a
src_libprobe_a_SOURCES = \
	src/probe/record.h
