# What the user says: options, settings, help.  Everything but main.c is a
# library, so that tests and fuzz targets can link it.
noinst_LIBRARIES += src/libcli.a
src_libcli_a_SOURCES = \
	src/cli/command_line.c src/cli/command_line.h \
	src/cli/explain_job.c src/cli/explain_job.h \
	src/cli/help.c src/cli/help.h \
	src/cli/local_name.c src/cli/local_name.h \
	src/cli/notice.c src/cli/notice.h \
	src/cli/option_name.c src/cli/option_name.h \
	src/cli/option_table.h \
	src/cli/option_value.c src/cli/option_value.h \
	src/cli/options.c src/cli/options.h \
	src/cli/process.c src/cli/process.h \
	src/cli/progress.c src/cli/progress.h \
	src/cli/prompt.c src/cli/prompt.h \
	src/cli/secret_source.c src/cli/secret_source.h \
	src/cli/settings.c src/cli/settings.h \
	src/cli/settings_catalog.c \
	src/cli/settings_login.c \
	src/cli/settings_message.c \
	src/cli/settings_report.c
src_libcli_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
nodist_src_libcli_a_SOURCES = \
	src/cli/options_data.c src/cli/options_ids.h

BUILT_SOURCES += src/cli/options_ids.h
CLEANFILES += src/cli/options_ids.h src/cli/options_data.c
EXTRA_DIST += data/options.txt scripts/options.awk scripts/options_c.awk

options_data = $(top_srcdir)/data/options.txt
options_awk = LC_ALL=C $(AWK) -f $(top_srcdir)/scripts/options.awk
src/cli/options_ids.h: data/options.txt scripts/options.awk scripts/options_c.awk
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(options_awk) -f $(top_srcdir)/scripts/options_c.awk -v part=ids $(options_data) >$@.tmp && \
	  mv $@.tmp $@
src/cli/options_data.c: data/options.txt scripts/options.awk scripts/options_c.awk
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(options_awk) -f $(top_srcdir)/scripts/options_c.awk -v part=table $(options_data) >$@.tmp && \
	  mv $@.tmp $@

# The program itself.

# What else is made from the options: the manual and the completions.

options_templates = man/smtpprobe.1.in completions/smtpprobe.bash.in completions/smtpprobe.zsh.in \
	completions/smtpprobe.fish.in
options_scripts = scripts/options_template.awk scripts/options_man.awk scripts/options_bash.awk \
	scripts/options_zsh.awk scripts/options_fish.awk
options_sources = data/options.txt scripts/options.awk scripts/options_template.awk
options_template = $(options_awk) -f $(top_srcdir)/scripts/options_template.awk
options_made = man/smtpprobe.1 completions/smtpprobe completions/_smtpprobe completions/smtpprobe.fish
EXTRA_DIST += $(options_templates) $(options_scripts)
CLEANFILES += $(options_made)
nodist_man_MANS += man/smtpprobe.1
nodist_bashcomp_DATA = completions/smtpprobe
nodist_zshcomp_DATA = completions/_smtpprobe
nodist_fishcomp_DATA = completions/smtpprobe.fish

man/smtpprobe.1: $(options_sources) scripts/options_man.awk man/smtpprobe.1.in
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(options_template) -f $(top_srcdir)/scripts/options_man.awk -v version=$(PACKAGE_VERSION) \
	  -v template=$(top_srcdir)/man/smtpprobe.1.in $(options_data) >$@.tmp && mv $@.tmp $@
completions/smtpprobe: $(options_sources) scripts/options_bash.awk completions/smtpprobe.bash.in
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(options_template) -f $(top_srcdir)/scripts/options_bash.awk \
	  -v template=$(top_srcdir)/completions/smtpprobe.bash.in $(options_data) >$@.tmp && mv $@.tmp $@
completions/_smtpprobe: $(options_sources) scripts/options_zsh.awk completions/smtpprobe.zsh.in
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(options_template) -f $(top_srcdir)/scripts/options_zsh.awk \
	  -v template=$(top_srcdir)/completions/smtpprobe.zsh.in $(options_data) >$@.tmp && mv $@.tmp $@
completions/smtpprobe.fish: $(options_sources) scripts/options_fish.awk completions/smtpprobe.fish.in
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(options_template) -f $(top_srcdir)/scripts/options_fish.awk \
	  -v template=$(top_srcdir)/completions/smtpprobe.fish.in $(options_data) >$@.tmp && mv $@.tmp $@

# Libraries in the order of the layers, the highest first.
layers = src/libcli.a src/libreport.a src/libexplain.a src/libdiagnose.a src/libprobe.a src/libnet.a \
	src/libsasl.a src/libtls.a src/libdns.a src/libsmtp.a src/libbase.a

bin_PROGRAMS += smtpprobe
smtpprobe_SOURCES = src/cli/main.c
smtpprobe_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(JANSSON_CFLAGS)
smtpprobe_LDADD = $(layers) $(OPENSSL_LIBS) $(CARES_LIBS) $(SASL_LIBS) $(EV_LIBS) $(JANSSON_LIBS) $(IDN2_LIBS)
