# Fuzz targets. Each is tests/fuzz/NAME_fuzz.c with a corpus in
# tests/fuzz/corpus/NAME/, and two lines here:
#
#     fuzz_targets += tests/fuzz/NAME_fuzz
#     tests_fuzz_NAME_fuzz_LDADD = $(fuzz_main) LIBRARIES
#
# `make check' runs each over its corpus. After `configure CC=clang
# --enable-fuzzing' they are libFuzzer programs instead, and `make fuzz-smoke'
# lets each search for FUZZ_SECONDS.

fuzz_targets =
fuzz_smtp = $(fuzz_main) src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(JANSSON_LIBS)
fuzz_explain = $(fuzz_main) src/libexplain.a src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(JANSSON_LIBS)
fuzz_base = $(fuzz_main) src/libbase.a $(JANSSON_LIBS)

fuzz_targets += tests/fuzz/base64_fuzz
tests_fuzz_base64_fuzz_LDADD = $(fuzz_base)
fuzz_targets += tests/fuzz/body_fuzz
tests_fuzz_body_fuzz_LDADD = $(fuzz_smtp)
fuzz_targets += tests/fuzz/bounce_fuzz
tests_fuzz_bounce_fuzz_LDADD = $(fuzz_explain)
fuzz_targets += tests/fuzz/capability_fuzz
tests_fuzz_capability_fuzz_LDADD = $(fuzz_smtp)
fuzz_targets += tests/fuzz/input_fuzz
tests_fuzz_input_fuzz_LDADD = $(fuzz_explain)
fuzz_targets += tests/fuzz/logline_fuzz
tests_fuzz_logline_fuzz_LDADD = $(fuzz_explain)
fuzz_targets += tests/fuzz/mailbox_fuzz
tests_fuzz_mailbox_fuzz_LDADD = $(fuzz_smtp)
fuzz_targets += tests/fuzz/message_fuzz
tests_fuzz_message_fuzz_LDADD = $(fuzz_smtp)
fuzz_targets += tests/fuzz/catalog_fuzz
tests_fuzz_catalog_fuzz_LDADD = $(fuzz_main) src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(JANSSON_LIBS)
fuzz_targets += tests/fuzz/catalog_source_fuzz
tests_fuzz_catalog_source_fuzz_LDADD = $(fuzz_main) src/libdiagnose.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(JANSSON_LIBS)
fuzz_targets += tests/fuzz/options_fuzz
tests_fuzz_options_fuzz_LDADD = $(fuzz_main) src/libcli.a src/libbase.a
fuzz_targets += tests/fuzz/dialogue_fuzz
tests_fuzz_dialogue_fuzz_SOURCES = tests/fuzz/dialogue_fuzz.c \
	tests/support/scripted_sasl.c tests/support/scripted_sasl.h
tests_fuzz_dialogue_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/support
tests_fuzz_dialogue_fuzz_LDADD = $(fuzz_smtp)
fuzz_targets += tests/fuzz/dns_message_fuzz
tests_fuzz_dns_message_fuzz_LDADD = $(fuzz_main) src/libdns.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(JANSSON_LIBS)
fuzz_targets += tests/fuzz/printable_fuzz
tests_fuzz_printable_fuzz_LDADD = $(fuzz_base)
fuzz_targets += tests/fuzz/reply_fuzz
tests_fuzz_reply_fuzz_LDADD = $(fuzz_smtp)
fuzz_targets += tests/fuzz/sasl_fuzz
tests_fuzz_sasl_fuzz_LDADD = $(fuzz_main) src/libsasl.a src/libsmtp.a src/libbase.a $(SASL_LIBS) $(IDN2_LIBS)
fuzz_targets += tests/fuzz/tls_fuzz
tests_fuzz_tls_fuzz_LDADD = $(fuzz_main) src/libtls.a src/libsmtp.a src/libbase.a $(OPENSSL_LIBS)

EXTRA_DIST += tests/fuzz/corpus tests/fuzz/check_item.h tests/fuzz/fuzz.h

FUZZ_SECONDS = 10

if FUZZING
fuzz_main = $(FUZZ_ENGINE)
noinst_PROGRAMS += $(fuzz_targets)

# What a search finds stays in the build tree: inputs that reach new code in
# tests/fuzz/found/NAME, those that fail beside it. `make clean' keeps both.
# With -j, several search side by side, once all are built.
fuzz-smoke: $(BUILT_SOURCES)
	@$(MAKE) $(AM_MAKEFLAGS) $(fuzz_targets)
	@$(MAKE) $(AM_MAKEFLAGS) $(fuzz_searches)

fuzz_searches = $(fuzz_targets:=.search)
$(fuzz_searches):
	@target=$(@:.search=); name=$${target##*/}; name=$${name%_fuzz}; \
	$(MKDIR_P) tests/fuzz/found/$$name; \
	log=tests/fuzz/found/$$name.log; \
	$$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 \
	  -artifact_prefix=tests/fuzz/found/$$name- \
	  tests/fuzz/found/$$name $(top_srcdir)/tests/fuzz/corpus/$$name >$$log 2>&1 || { cat $$log; exit 1; }; \
	echo "== $$name: $(FUZZ_SECONDS) seconds," \
	  "executions: $$($(SED) -n 's/^stat::number_of_executed_units: *//p' $$log)"
else
fuzz_main = tests/fuzz/libfuzzmain.a
check_LIBRARIES += tests/fuzz/libfuzzmain.a
tests_fuzz_libfuzzmain_a_SOURCES = tests/fuzz/main.c tests/fuzz/fuzz.h
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)

fuzz-smoke:
	@echo "fuzz-smoke needs: ./configure CC=clang --enable-fuzzing" >&2; exit 1
endif
.PHONY: fuzz-smoke $(fuzz_searches)
