noinst_LIBRARIES += src/libsasl.a
src_libsasl_a_SOURCES = \
	src/sasl/cyrus.h \
	src/sasl/mechanism.h
