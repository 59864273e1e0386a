# unit tests of src/report

unit_tests += tests/unit/layout_test
tests_unit_layout_test_SOURCES = tests/unit/layout_test.c
tests_unit_layout_test_CPPFLAGS = $(unit_cppflags)
tests_unit_layout_test_LDADD = src/libreport.a src/libdiagnose.a src/libprobe.a src/libdns.a src/libsmtp.a \
	src/libbase.a $(CARES_LIBS) $(EV_LIBS) $(JANSSON_LIBS) $(IDN2_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/received_test
tests_unit_received_test_SOURCES = tests/unit/received_test.c
tests_unit_received_test_CPPFLAGS = $(unit_cppflags)
tests_unit_received_test_LDADD = src/libreport.a src/libsmtp.a src/libbase.a $(IDN2_LIBS) $(CMOCKA_LIBS)
