# Real servers, see lib.sh: make check-integration

integration_tests += \
	tests/integration/harness.test \
	tests/integration/servers.test \
	tests/integration/mx.test \
	tests/integration/dns.test \
	tests/integration/tls.test \
	tests/integration/postfix.test \
	tests/integration/dovecot.test \
	tests/integration/exim.test \
	tests/integration/opensmtpd.test

EXTRA_DIST += $(integration_tests) \
	tests/integration/lib.sh \
	tests/integration/servers.sh \
	tests/integration/client.py \
	tests/integration/greylist.py

# The unpacked packages are kept between runs; this is what makes them anew.
clean-integration:
	rm -rf tests/integration/cache tests/integration/run-*.*
distclean-local: clean-integration
.PHONY: clean-integration
