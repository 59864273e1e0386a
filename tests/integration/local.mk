# The practice server, see practice.sh.  The first ones are quick, and so part of make check.
practice_tests = tests/integration/explain.test tests/integration/practice.test tests/integration/economy.test tests/integration/telling.test
hostile_tests = \
	tests/integration/hostile_tls.test \
	tests/integration/hostile_login.test \
	tests/integration/hostile_text.test \
	tests/integration/hostile_pace.test
TESTS += $(practice_tests)

# Real servers, see lib.sh: make check-integration
integration_tests += $(hostile_tests) \
	tests/integration/harness.test \
	tests/integration/servers.test \
	tests/integration/mx.test \
	tests/integration/dns.test \
	tests/integration/tls.test \
	tests/integration/postfix.test \
	tests/integration/dovecot.test \
	tests/integration/exim.test \
	tests/integration/opensmtpd.test \
	tests/integration/explain_servers.test

EXTRA_DIST += $(practice_tests) $(integration_tests) \
	tests/integration/lib.sh \
	tests/integration/servers.sh \
	tests/integration/practice.sh \
	tests/integration/valid_reports.py \
	tests/integration/client.py \
	tests/integration/greylist.py

# The unpacked packages are kept between runs; this is what makes them anew.
clean-integration:
	rm -rf tests/integration/cache tests/integration/run-*.*
distclean-local: clean-integration
.PHONY: clean-integration
