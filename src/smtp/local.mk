noinst_LIBRARIES += src/libsmtp.a
src_libsmtp_a_SOURCES = \
	src/smtp/auth.c src/smtp/auth.h \
	src/smtp/body.c src/smtp/body.h \
	src/smtp/capability.c src/smtp/capability.h \
	src/smtp/dialogue.c src/smtp/dialogue.h \
	src/smtp/enhanced_status.c src/smtp/enhanced_status.h \
	src/smtp/mailbox.c src/smtp/mailbox.h \
	src/smtp/message.c src/smtp/message.h \
	src/smtp/mime.c src/smtp/mime.h \
	src/smtp/reply.c src/smtp/reply.h \
	src/smtp/exchange.h src/smtp/plan.h src/smtp/port.h \
	src/smtp/steps.c src/smtp/steps.h \
	src/smtp/vocabulary.c src/smtp/vocabulary.h
nodist_src_libsmtp_a_SOURCES = \
	src/smtp/vocabulary_data.c src/smtp/vocabulary_ids.h
src_libsmtp_a_CPPFLAGS = $(AM_CPPFLAGS) $(IDN2_CFLAGS)

BUILT_SOURCES += src/smtp/vocabulary_ids.h
CLEANFILES += src/smtp/vocabulary_ids.h src/smtp/vocabulary_data.c
EXTRA_DIST += data/vocabulary.txt scripts/vocabulary.awk

vocabulary = LC_ALL=C $(AWK) -f $(top_srcdir)/scripts/vocabulary.awk
src/smtp/vocabulary_ids.h: data/vocabulary.txt scripts/vocabulary.awk
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(vocabulary) -v part=ids $(top_srcdir)/data/vocabulary.txt >$@.tmp && mv $@.tmp $@
src/smtp/vocabulary_data.c: data/vocabulary.txt scripts/vocabulary.awk
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN){ echo '#include "smtp/vocabulary.h"'; \
	  $(vocabulary) -v part=names $(top_srcdir)/data/vocabulary.txt; } >$@.tmp && mv $@.tmp $@
