# Records through all reporters, compared with files, and these with the schema

check_PROGRAMS += tests/golden/reports
TESTS += tests/golden/reports
tests_golden_reports_SOURCES = tests/golden/reports.c $(record_builder)
tests_golden_reports_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/support
tests_golden_reports_LDADD = src/libreport.a $(diagnose_libs) $(JANSSON_LIBS)

dist_check_SCRIPTS += tests/golden/schema.test
TESTS += tests/golden/schema.test
EXTRA_DIST += tests/golden/schema.py $(wildcard $(top_srcdir)/tests/golden/*.txt $(top_srcdir)/tests/golden/*.json)

# Read the difference before you commit it.
golden-update: tests/golden/reports
	top_srcdir='$(abs_top_srcdir)' LC_ALL=C.UTF-8 tests/golden/reports$(EXEEXT) --update
.PHONY: golden-update
