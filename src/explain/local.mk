noinst_LIBRARIES += src/libexplain.a
src_libexplain_a_SOURCES = \
	src/explain/bounce.h \
	src/explain/input.h \
	src/explain/item.c src/explain/item.h \
	src/explain/logline.h
src_libexplain_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
