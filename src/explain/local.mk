noinst_LIBRARIES += src/libexplain.a
src_libexplain_a_SOURCES = \
	src/explain/answer.c src/explain/answer.h \
	src/explain/bounce.c src/explain/bounce.h \
	src/explain/bounce_parts.h \
	src/explain/bounce_status.c \
	src/explain/bounce_text.c \
	src/explain/input.c src/explain/input.h \
	src/explain/item.c src/explain/item.h \
	src/explain/logline.c src/explain/logline.h \
	src/explain/logline_exchange.c \
	src/explain/logline_exim.c \
	src/explain/logline_formats.h \
	src/explain/logline_others.c \
	src/explain/logline_postfix.c \
	src/explain/object.c src/explain/object.h \
	src/explain/packed.c src/explain/packed.h \
	src/explain/part.c src/explain/part.h \
	src/explain/scan.c src/explain/scan.h \
	src/explain/scan_code.c \
	src/explain/scan_trouble.c \
	src/explain/search.c src/explain/search.h \
	src/explain/summary.c src/explain/summary.h
src_libexplain_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
