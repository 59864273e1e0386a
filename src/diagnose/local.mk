noinst_LIBRARIES += src/libdiagnose.a
src_libdiagnose_a_SOURCES = \
	src/diagnose/catalog.c src/diagnose/catalog.h \
	src/diagnose/catalog_check.c src/diagnose/catalog_check.h \
	src/diagnose/catalog_finder.c src/diagnose/catalog_finder.h \
	src/diagnose/catalog_keys.c \
	src/diagnose/catalog_lint.c \
	src/diagnose/catalog_list.c \
	src/diagnose/catalog_match.c src/diagnose/catalog_match.h \
	src/diagnose/catalog_reader.h \
	src/diagnose/catalog_source.c src/diagnose/catalog_source.h \
	src/diagnose/catalog_table.c src/diagnose/catalog_table.h \
	src/diagnose/catalog_user.c src/diagnose/catalog_user.h \
	src/diagnose/catalog_words.c \
	src/diagnose/commands.c src/diagnose/commands.h \
	src/diagnose/explainer.c src/diagnose/explainer.h \
	src/diagnose/explainer_remarks.c \
	src/diagnose/explanation.c src/diagnose/explanation.h \
	src/diagnose/finding.c src/diagnose/finding.h \
	src/diagnose/fragment_trie.c src/diagnose/fragment_trie.h \
	src/diagnose/letters.c src/diagnose/letters.h \
	src/diagnose/places.c src/diagnose/places.h \
	src/diagnose/provider.c src/diagnose/provider.h \
	src/diagnose/reply_key.c src/diagnose/reply_key.h \
	src/diagnose/reply_octets.c src/diagnose/reply_octets.h \
	src/diagnose/reply_words.c src/diagnose/reply_words.h \
	src/diagnose/rules.h \
	src/diagnose/rules_auth.c \
	src/diagnose/rules_connect.c \
	src/diagnose/rules_dialogue.c \
	src/diagnose/rules_dns.c \
	src/diagnose/rules_tls.c \
	src/diagnose/verdict.c src/diagnose/verdict.h
nodist_src_libdiagnose_a_SOURCES = src/diagnose/catalog_data.c

# The catalog compiler is a program of the machine that builds, hence outside
# automake's rules: the same sources once more, compiled in one go.
catalog_files = \
	data/catalog/americas.txt \
	data/catalog/apple.txt \
	data/catalog/asia-pacific.txt \
	data/catalog/att.txt \
	data/catalog/barracuda.txt \
	data/catalog/block-lists.txt \
	data/catalog/brevo.txt \
	data/catalog/charter.txt \
	data/catalog/cisco.txt \
	data/catalog/cloudmark.txt \
	data/catalog/comcast.txt \
	data/catalog/courier.txt \
	data/catalog/cox.txt \
	data/catalog/cyrus.txt \
	data/catalog/dovecot.txt \
	data/catalog/europe.txt \
	data/catalog/exchange.txt \
	data/catalog/exim.txt \
	data/catalog/facebook.txt \
	data/catalog/families-codes.txt \
	data/catalog/families-content.txt \
	data/catalog/families-recipients.txt \
	data/catalog/families-service.txt \
	data/catalog/families-session.txt \
	data/catalog/families.txt \
	data/catalog/firewalls.txt \
	data/catalog/fortinet.txt \
	data/catalog/forwarders.txt \
	data/catalog/french.txt \
	data/catalog/generic-terms.txt \
	data/catalog/gmail.txt \
	data/catalog/gmx.txt \
	data/catalog/godaddy.txt \
	data/catalog/greetings.txt \
	data/catalog/haraka.txt \
	data/catalog/icewarp.txt \
	data/catalog/japan.txt \
	data/catalog/language-chinese.txt \
	data/catalog/language-czech.txt \
	data/catalog/language-dutch.txt \
	data/catalog/language-finnish.txt \
	data/catalog/language-french.txt \
	data/catalog/language-german.txt \
	data/catalog/language-greek.txt \
	data/catalog/language-hungarian.txt \
	data/catalog/language-italian.txt \
	data/catalog/language-japanese.txt \
	data/catalog/language-korean.txt \
	data/catalog/language-nordic.txt \
	data/catalog/language-polish.txt \
	data/catalog/language-portuguese.txt \
	data/catalog/language-romanian.txt \
	data/catalog/language-russian.txt \
	data/catalog/language-spanish.txt \
	data/catalog/language-turkish.txt \
	data/catalog/language-ukrainian.txt \
	data/catalog/languages.txt \
	data/catalog/mailgun-http.txt \
	data/catalog/mailgun.txt \
	data/catalog/mailru.txt \
	data/catalog/messagelabs.txt \
	data/catalog/microsoft365.txt \
	data/catalog/mimecast.txt \
	data/catalog/netease.txt \
	data/catalog/opensmtpd.txt \
	data/catalog/other-filters.txt \
	data/catalog/other-senders.txt \
	data/catalog/other-software.txt \
	data/catalog/outlook-client.txt \
	data/catalog/outlook-enhanced.txt \
	data/catalog/outlook.com.txt \
	data/catalog/phrases.txt \
	data/catalog/postfix.txt \
	data/catalog/postmark.txt \
	data/catalog/proofpoint-essentials.txt \
	data/catalog/proofpoint.txt \
	data/catalog/qmail.txt \
	data/catalog/qq.txt \
	data/catalog/queue.txt \
	data/catalog/rspamd.txt \
	data/catalog/sendgrid.txt \
	data/catalog/sendmail.txt \
	data/catalog/ses.txt \
	data/catalog/sophos.txt \
	data/catalog/spam-filters.txt \
	data/catalog/sparkpost.txt \
	data/catalog/stalwart.txt \
	data/catalog/standard-basic.txt \
	data/catalog/standard-enhanced.txt \
	data/catalog/t-online.txt \
	data/catalog/topics-session.txt \
	data/catalog/topics.txt \
	data/catalog/trellix.txt \
	data/catalog/trendmicro.txt \
	data/catalog/wordings.txt \
	data/catalog/yahoo.txt \
	data/catalog/yandex.txt \
	data/catalog/zimbra.txt \
	data/catalog/zoho.txt
catalogc_sources = \
	src/base/address.c src/base/arena.c src/base/base64.c src/base/buffer.c src/base/error.c src/base/memory.c \
	src/base/printable.c src/base/secret.c src/base/span.c \
	src/smtp/enhanced_status.c src/smtp/vocabulary.c \
	src/diagnose/catalog.c src/diagnose/catalog_check.c src/diagnose/catalog_keys.c src/diagnose/catalog_lint.c \
	src/diagnose/catalog_match.c src/diagnose/catalog_source.c src/diagnose/catalog_table.c \
	src/diagnose/catalog_words.c \
	src/diagnose/commands.c \
	src/diagnose/explainer.c src/diagnose/explainer_remarks.c src/diagnose/explanation.c \
	src/diagnose/fragment_trie.c src/diagnose/letters.c src/diagnose/places.c src/diagnose/provider.c \
	src/diagnose/reply_octets.c src/diagnose/reply_words.c
catalogc_headers = \
	src/base/exit_status.h \
	src/diagnose/catalog.h src/diagnose/catalog_check.h src/diagnose/catalog_match.h \
	src/diagnose/catalog_reader.h src/diagnose/catalog_source.h src/diagnose/catalog_table.h \
	src/diagnose/commands.h src/diagnose/explainer.h \
	src/diagnose/explanation.h src/diagnose/fragment_trie.h src/diagnose/letters.h \
	src/diagnose/places.h src/diagnose/provider.h \
	src/diagnose/reply_octets.h src/diagnose/reply_words.h src/smtp/port.h src/smtp/vocabulary_ids.h

EXTRA_DIST += $(catalog_files) src/diagnose/catalogc.c
CLEANFILES += src/diagnose/catalogc src/diagnose/catalog_data.c

src/diagnose/catalogc: src/diagnose/catalogc.c $(catalogc_sources) $(catalogc_headers) src/smtp/vocabulary_data.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CCLD)set -- && for source in src/diagnose/catalogc.c $(catalogc_sources); do set -- "$$@" $(srcdir)/$$source; done && \
	  $(CC_FOR_BUILD) $(CFLAGS_FOR_BUILD) -std=gnu11 -D_GNU_SOURCE -I. -I$(srcdir)/src -Isrc -o $@ "$$@" src/smtp/vocabulary_data.c

src/diagnose/catalog_data.c: src/diagnose/catalogc $(catalog_files)
	$(AM_V_GEN)set -- && for file in $(catalog_files); do set -- "$$@" $(srcdir)/$$file; done && \
	  src/diagnose/catalogc "$$@" >$@.tmp && mv $@.tmp $@

# The manual of the format.
catalog_man_sources = scripts/catalog_man.awk man/smtpprobe-catalog.5.in data/examples/catalog.txt
EXTRA_DIST += $(catalog_man_sources)
CLEANFILES += man/smtpprobe-catalog.5
nodist_man_MANS += man/smtpprobe-catalog.5
man/smtpprobe-catalog.5: $(catalog_man_sources) data/vocabulary.txt
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)LC_ALL=C $(AWK) -f $(top_srcdir)/scripts/catalog_man.awk -v version=$(PACKAGE_VERSION) \
	  -v sysconfdir='$(sysconfdir)' -v template=$(top_srcdir)/man/smtpprobe-catalog.5.in \
	  -v example=$(top_srcdir)/data/examples/catalog.txt $(top_srcdir)/data/vocabulary.txt >$@.tmp && mv $@.tmp $@
