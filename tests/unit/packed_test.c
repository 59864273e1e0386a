#include "explain/packed.h"

#include "check.h"

static void packed_files_are_known_by_their_first_octets(void **state)
{
    const struct {
        struct span octets;
        const char *reader;
    } cases[] = {
        {SPAN("\x1f\x8b\x08\x08\x11\x22\x33\x44\0\x03mail.log"), "zcat"},
        {SPAN("\x1f\x8b\x08"), "zcat"},
        {SPAN("\x1f\x9d\x90\x35"), "zcat"},
        {SPAN("\xfd\x37zXZ\0\0\x04"), "xzcat"},
        {SPAN("BZh91AY&SY\x8b"), "bzcat"},
        {SPAN("BZh9\x17rE8P\x90\0\0\0\0"), "bzcat"},
        {SPAN("\x28\xb5\x2f\xfd\x04"), "zstdcat"},
        {SPAN("\x04\x22\x4d\x18\x64"), "lz4cat"},
        {SPAN("PK\x03\x04\x14\0"), "unzip -p"},
        {SPAN("LPKSHHRH\0\0"), "journalctl --file"},
        {SPAN("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"), "msgconvert --outfile -"},
        {SPAN(""), NULL},
        {SPAN("\x1f\x8b"), NULL},
        {SPAN("BZh9 is what it says"), NULL},
        {SPAN("BZh"), NULL},
        {SPAN("PK 550 5.1.1 User unknown"), NULL},
        {SPAN("\xff\xfe"
              "5\0"),
         NULL},
        {SPAN("550 5.1.1 \x1f\x8b\x08"), NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct packed_form *form = packed_form_of(cases[i].octets);
        check_string(cases[i].octets.at, span_of_string(form ? form->reader : ""),
                     cases[i].reader ? cases[i].reader : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_files_are_known_by_their_first_octets),
    };
    return cmocka_run_group_tests_name("packed", tests, NULL, NULL);
}
