noinst_LIBRARIES += src/libdiagnose.a
src_libdiagnose_a_SOURCES = \
	src/diagnose/verdict.c \
	src/diagnose/catalog.h \
	src/diagnose/explanation.h \
	src/diagnose/finding.h \
	src/diagnose/verdict.h
