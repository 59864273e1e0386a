noinst_LIBRARIES += src/libbase.a
src_libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/buffer.c src/base/buffer.h \
	src/base/error.c src/base/error.h \
	src/base/instant.c src/base/instant.h \
	src/base/memory.c src/base/memory.h \
	src/base/span.c src/base/span.h
