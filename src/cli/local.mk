# The program itself.
# Libraries in the order of the layers, the highest first.
layers = src/libreport.a src/libdiagnose.a src/libprobe.a src/libnet.a \
	src/libsasl.a src/libtls.a src/libdns.a src/libsmtp.a src/libbase.a
