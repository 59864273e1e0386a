noinst_LIBRARIES += src/libsasl.a
src_libsasl_a_SOURCES = \
	src/sasl/choice.c src/sasl/choice.h \
	src/sasl/cyrus.c src/sasl/cyrus.h \
	src/sasl/digest.c src/sasl/digest.h \
	src/sasl/disclosure.c src/sasl/disclosure.h \
	src/sasl/mechanism.c src/sasl/mechanism.h \
	src/sasl/scram.c src/sasl/scram.h
src_libsasl_a_CPPFLAGS = $(AM_CPPFLAGS) $(SASL_CFLAGS)
