# Every test speaks TAP, so that `make check' counts cases and not programs.

AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	LC_ALL=C.UTF-8; export LC_ALL; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir;
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
TEST_EXTENSIONS = .test
TEST_LOG_DRIVER = $(LOG_DRIVER)
TEST_LOG_COMPILER = bash

unit_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/support $(CMOCKA_CFLAGS)

dist_check_SCRIPTS += tests/unit/layers.test
TESTS += tests/unit/layers.test

include tests/support/local.mk
include tests/unit/base.mk
include tests/unit/smtp.mk
include tests/unit/dns.mk
include tests/unit/tls.mk
include tests/unit/sasl.mk
include tests/unit/net.mk
include tests/unit/diagnose.mk
include tests/unit/explain.mk
include tests/unit/report.mk
include tests/unit/cli.mk
include tests/transcripts/local.mk
include tests/golden/local.mk
include tests/fuzz/local.mk
include tests/integration/local.mk

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif

# Real servers, unpacked into the build tree: minutes, not seconds.
check-integration: all $(check_PROGRAMS)
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(integration_tests)' TEST_SUITE_LOG=integration-suite.log
.PHONY: check-integration
