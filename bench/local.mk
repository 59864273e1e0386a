# `make bench' compares smtpprobe with other clients; see bench/README.md.
bench_programs = bench/usage bench/bare_client bench/nothing
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
bench_usage_SOURCES = bench/usage.c
bench_bare_client_SOURCES = bench/bare_client.c
bench_nothing_SOURCES = bench/nothing.c
bench_nothing_LDFLAGS = $(AM_LDFLAGS) -Wl,--no-as-needed
bench_nothing_LDADD = $(OPENSSL_LIBS) $(CARES_LIBS) $(SASL_LIBS) $(EV_LIBS) $(JANSSON_LIBS) $(IDN2_LIBS)

EXTRA_DIST += bench/README.md bench/run bench/compare.py bench/explain.py bench/mail_log.py

bench: smtpprobe practice-server $(bench_programs)
	top_builddir='$(abs_top_builddir)' bash $(srcdir)/bench/run $(BENCHFLAGS)
.PHONY: bench
