noinst_LIBRARIES += src/libreport.a
src_libreport_a_SOURCES = \
	src/report/catalog_list.c src/report/catalog_list.h \
	src/report/commentary.c src/report/commentary.h \
	src/report/explained.c src/report/explained.h \
	src/report/explained_json.c \
	src/report/explained_table.c \
	src/report/explained_text.c \
	src/report/explanation_json.c src/report/explanation_json.h \
	src/report/json.c src/report/json.h \
	src/report/layout.c src/report/layout.h \
	src/report/paint.c src/report/paint.h \
	src/report/received.c src/report/received.h \
	src/report/report.c src/report/report.h \
	src/report/text.c src/report/text.h \
	src/report/wording.c src/report/wording.h
src_libreport_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)

# The schema of each document, with its enums from the vocabulary
schemas = data/schema/explain.json data/schema/probe.json
schemadir = $(pkgdatadir)/schema
nodist_schema_DATA = $(schemas)
CLEANFILES += $(schemas)
EXTRA_DIST += data/schema/explain.json.in data/schema/probe.json.in
make_schema = $(vocabulary) -v part=sed $(top_srcdir)/data/vocabulary.txt >$@.sed && \
	$(SED) -f $@.sed $(top_srcdir)/$@.in >$@.tmp && rm -f $@.sed && mv $@.tmp $@
data/schema/explain.json: data/schema/explain.json.in data/vocabulary.txt scripts/vocabulary.awk
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(make_schema)
data/schema/probe.json: data/schema/probe.json.in data/vocabulary.txt scripts/vocabulary.awk
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(make_schema)
