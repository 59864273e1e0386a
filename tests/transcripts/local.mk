check_PROGRAMS += tests/transcripts/runner
TESTS += tests/transcripts/runner
tests_transcripts_runner_SOURCES = tests/transcripts/runner.c \
	tests/transcripts/script.c tests/transcripts/script.h \
	tests/support/scripted_sasl.c tests/support/scripted_sasl.h
tests_transcripts_runner_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/support
tests_transcripts_runner_LDADD = src/libsmtp.a src/libbase.a $(IDN2_LIBS)

EXTRA_DIST += $(wildcard $(top_srcdir)/tests/transcripts/*.txt)
