noinst_LIBRARIES += src/libreport.a
src_libreport_a_SOURCES = \
	src/report/json.c src/report/json.h \
	src/report/layout.c src/report/layout.h \
	src/report/report.c src/report/report.h \
	src/report/text.c src/report/text.h \
	src/report/wording.c src/report/wording.h
src_libreport_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
