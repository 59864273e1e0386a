noinst_LIBRARIES += src/libbase.a
src_libbase_a_SOURCES = \
	src/base/address.c src/base/address.h \
	src/base/arena.c src/base/arena.h \
	src/base/base64.c src/base/base64.h \
	src/base/buffer.c src/base/buffer.h \
	src/base/error.c src/base/error.h \
	src/base/instant.c src/base/instant.h \
	src/base/json.c src/base/json.h \
	src/base/json_writer.c src/base/json_writer.h \
	src/base/memory.c src/base/memory.h \
	src/base/printable.c src/base/printable.h \
	src/base/secret.c src/base/secret.h \
	src/base/random.c src/base/random.h \
	src/base/span.c src/base/span.h \
	src/base/timestamp.c src/base/timestamp.h \
	src/base/utf16.c src/base/utf16.h
src_libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
nodist_src_libbase_a_SOURCES = src/base/exit_status.h

# The exit statuses stand with the options, beside what the help says of them.
BUILT_SOURCES += src/base/exit_status.h
CLEANFILES += src/base/exit_status.h
src/base/exit_status.h: data/options.txt scripts/options.awk scripts/options_c.awk
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(options_awk) -f $(top_srcdir)/scripts/options_c.awk -v part=exits $(options_data) >$@.tmp && \
	  mv $@.tmp $@
