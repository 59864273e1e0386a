# What the user says: options, settings, help.  Everything but main.c is a
# library, so that tests and fuzz targets can link it.
noinst_LIBRARIES += src/libcli.a
src_libcli_a_SOURCES = \
	src/cli/command_line.c src/cli/command_line.h \
	src/cli/local_name.c src/cli/local_name.h \
	src/cli/option_name.c src/cli/option_name.h \
	src/cli/option_table.h \
	src/cli/option_value.c src/cli/option_value.h \
	src/cli/options.c src/cli/options.h \
	src/cli/process.c src/cli/process.h \
	src/cli/progress.c src/cli/progress.h \
	src/cli/secret_source.c src/cli/secret_source.h \
	src/cli/settings.c src/cli/settings.h \
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
# Libraries in the order of the layers, the highest first.
layers = src/libcli.a src/libreport.a src/libdiagnose.a src/libprobe.a src/libnet.a \
	src/libsasl.a src/libtls.a src/libdns.a src/libsmtp.a src/libbase.a
