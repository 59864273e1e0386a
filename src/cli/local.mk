# Everything of the user's side but main(): testable.
noinst_LIBRARIES += src/libcli.a
src_libcli_a_SOURCES = \
	src/cli/secret_source.c src/cli/secret_source.h

# Libraries in the order of the layers, the highest first.
layers = src/libcli.a src/libreport.a src/libdiagnose.a src/libprobe.a src/libnet.a \
	src/libsasl.a src/libtls.a src/libdns.a src/libsmtp.a src/libbase.a
