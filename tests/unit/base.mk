# unit tests of src/base

unit_tests += tests/unit/address_test
tests_unit_address_test_SOURCES = tests/unit/address_test.c tests/support/check.h
tests_unit_address_test_CPPFLAGS = $(unit_cppflags)
tests_unit_address_test_LDADD = src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/arena_test
tests_unit_arena_test_SOURCES = tests/unit/arena_test.c tests/support/check.h
tests_unit_arena_test_CPPFLAGS = $(unit_cppflags)
tests_unit_arena_test_LDADD = src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/base64_test
tests_unit_base64_test_SOURCES = tests/unit/base64_test.c tests/support/check.h
tests_unit_base64_test_CPPFLAGS = $(unit_cppflags)
tests_unit_base64_test_LDADD = src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/buffer_test
tests_unit_buffer_test_SOURCES = tests/unit/buffer_test.c tests/support/check.h
tests_unit_buffer_test_CPPFLAGS = $(unit_cppflags)
tests_unit_buffer_test_LDADD = src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/error_test
tests_unit_error_test_SOURCES = tests/unit/error_test.c tests/support/check.h
tests_unit_error_test_CPPFLAGS = $(unit_cppflags)
tests_unit_error_test_LDADD = src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/instant_test
tests_unit_instant_test_SOURCES = tests/unit/instant_test.c tests/support/check.h
tests_unit_instant_test_CPPFLAGS = $(unit_cppflags)
tests_unit_instant_test_LDADD = src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/json_test
tests_unit_json_test_SOURCES = tests/unit/json_test.c tests/support/check.h
tests_unit_json_test_CPPFLAGS = $(unit_cppflags) $(JANSSON_CFLAGS)
tests_unit_json_test_LDADD = src/libbase.a $(JANSSON_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/memory_test
tests_unit_memory_test_SOURCES = tests/unit/memory_test.c tests/support/check.h
tests_unit_memory_test_CPPFLAGS = $(unit_cppflags)
tests_unit_memory_test_LDADD = src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/printable_test
tests_unit_printable_test_SOURCES = tests/unit/printable_test.c tests/support/check.h
tests_unit_printable_test_CPPFLAGS = $(unit_cppflags)
tests_unit_printable_test_LDADD = src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/secret_test
tests_unit_secret_test_SOURCES = tests/unit/secret_test.c tests/support/check.h
tests_unit_secret_test_CPPFLAGS = $(unit_cppflags)
tests_unit_secret_test_LDADD = src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/span_test
tests_unit_span_test_SOURCES = tests/unit/span_test.c tests/support/check.h
tests_unit_span_test_CPPFLAGS = $(unit_cppflags)
tests_unit_span_test_LDADD = src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/timestamp_test
tests_unit_timestamp_test_SOURCES = tests/unit/timestamp_test.c tests/support/check.h
tests_unit_timestamp_test_CPPFLAGS = $(unit_cppflags)
tests_unit_timestamp_test_LDADD = src/libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/utf16_test
tests_unit_utf16_test_SOURCES = tests/unit/utf16_test.c tests/support/check.h
tests_unit_utf16_test_CPPFLAGS = $(unit_cppflags)
tests_unit_utf16_test_LDADD = src/libbase.a $(CMOCKA_LIBS)
