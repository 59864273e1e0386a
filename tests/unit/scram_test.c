#include "sasl/digest.h"
#include "sasl/disclosure.h"
#include "sasl/scram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* INVARIANTS 13: SASL bounds */
static void judges_the_first_message_of_the_server(void **state)
{
    static const struct {
        const char *message;
        enum scram_fault fault;
        unsigned long iterations;
    } cases[] = {
        {"r=abcdef,s=QSXCR+Q6sek8bf92,i=4096", SCRAM_SOUND, 4096},
        {"r=abcx,s=QQ==,i=1", SCRAM_SOUND, 1},
        {"r=abcx,s=QQ==,i=65536", SCRAM_SOUND, 65536},
        {"r=abcx,s=QQ==,i=65537", SCRAM_TOO_MANY_ITERATIONS, 65537},
        {"r=abcx,s=QQ==,i=4294967297", SCRAM_TOO_MANY_ITERATIONS, 4294967297},
        {"r=abcx,s=QQ==,i=99999999999999999999999", SCRAM_MALFORMED, 0},
        {"r=abcx,s=QQ==,i=0", SCRAM_MALFORMED, 0},
        {"r=abcx,s=QQ==,i=-1", SCRAM_MALFORMED, 0},
        {"r=abcx,s=QQ==,i= 1", SCRAM_MALFORMED, 0},
        {"r=abcx,s=QQ==,i=1x", SCRAM_MALFORMED, 0},
        {"r=abcx,s=QQ==,i=", SCRAM_MALFORMED, 0},
        {"r=abcx,s=QQ==", SCRAM_MALFORMED, 0},
        {"r=abcx,i=4096,s=QQ==", SCRAM_MALFORMED, 0},
        {"r=abcx,s=,i=4096", SCRAM_MALFORMED, 0},
        {"m=x,r=abcx,s=QQ==,i=4096", SCRAM_MALFORMED, 0},
        {"r=abcx,s=QQ==,i=4096,x=extension", SCRAM_SOUND, 4096},
        {"r=abc,s=QQ==,i=4096", SCRAM_NONCE_FOREIGN, 0},
        {"r=ab,s=QQ==,i=4096", SCRAM_NONCE_FOREIGN, 0},
        {"r=xabc,s=QQ==,i=4096", SCRAM_NONCE_FOREIGN, 0},
        {"r=ABCx,s=QQ==,i=4096", SCRAM_NONCE_FOREIGN, 0},
        {"e=other-error", SCRAM_MALFORMED, 0},
        {"", SCRAM_MALFORMED, 0},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        unsigned long iterations = 1;
        assert_int_equal(
            scram_check_server_first(SPAN("n,,n=jo,r=abc"), span_of_string(cases[i].message), &iterations),
            cases[i].fault);
        assert_int_equal(iterations, cases[i].iterations);
    }
}

static void needs_a_nonce_of_ours(void **state)
{
    unsigned long iterations;
    (void)state;
    assert_int_equal(scram_check_server_first(SPAN("n,,n=jo"), SPAN("r=x,s=QQ==,i=1"), &iterations),
                     SCRAM_NONCE_FOREIGN);
    assert_null(scram_attribute(SPAN("n,,n=jo"), 'r').at);
    assert_true(span_is(scram_attribute(SPAN("n,,n=jo,r=a=b"), 'r'), "a=b"));
}

static void finds_repeated_directives(void **state)
{
    static const struct {
        const char *challenge;
        bool repeats;
    } cases[] = {
        {"realm=\"a\",realm=\"b\",nonce=\"c\",qop=\"auth\",algorithm=md5-sess,charset=utf-8", false},
        {"nonce=\"c\",nonce=\"c\"", true},
        {"nonce=\"c\", Nonce = d", true},
        {"nonce=c,,nonce=d", true},
        {"nonce=\",nonce=c\"", false},
        {"nonce=\"\\\",nonce=c\"", false},
        {"nonce=\"a\\\\\",nonce=c", true},
        {"nonce=\"a,nonce=b", false},
        {"x=nonce=1,nonce=2", false},
        {"other=1,other=2", false},
        {"maxbuf=1 ,maxbuf", true},
        {"rspauth=00", false},
        {"nonce=\"\\", false},
        {",, ,", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        print_message("# %s\n", cases[i].challenge);
        assert_int_equal(digest_has_repeats(span_of_string(cases[i].challenge)), cases[i].repeats);
    }
}

/* INVARIANTS 6: secrets */
static void masks_what_is_secret(void **state)
{
    const struct {
        const char *mechanism;
        unsigned step;
        struct span message, shown;
        bool is_masked;
    } cases[] = {
        {"PLAIN", 1, SPAN("\0jo\0secret"), SPAN("\0jo\0" DISCLOSURE_MASK), true},
        {"PLAIN", 1, SPAN("al\0jo\0sec\0ret"), SPAN("al\0jo\0" DISCLOSURE_MASK), true},
        {"PLAIN", 1, SPAN("\0jo\0"), SPAN("\0jo\0" DISCLOSURE_MASK), true},
        {"PLAIN", 1, SPAN("odd"), SPAN(DISCLOSURE_MASK), true},
        {"LOGIN", 1, SPAN("jo"), SPAN("jo"), false},
        {"LOGIN", 2, SPAN("secret"), SPAN(DISCLOSURE_MASK), true},
        {"LOGIN", 3, SPAN("secret"), SPAN(DISCLOSURE_MASK), true},
        {"CRAM-MD5", 1, SPAN("jo e f012"), SPAN("jo e " DISCLOSURE_MASK), true},
        {"CRAM-MD5", 1, SPAN("f012"), SPAN(DISCLOSURE_MASK), true},
        {"DIGEST-MD5", 1, SPAN("username=\"jo\",qop=auth,response=f012,charset=utf-8"),
         SPAN("username=\"jo\",qop=auth,response=" DISCLOSURE_MASK ",charset=utf-8"), true},
        {"DIGEST-MD5", 1, SPAN("username=\"jo\",response=f012"),
         SPAN("username=\"jo\",response=" DISCLOSURE_MASK), true},
        {"DIGEST-MD5", 1, SPAN("odd"), SPAN(DISCLOSURE_MASK), true},
        {"DIGEST-MD5", 2, SPAN(""), SPAN(""), false},
        {"SCRAM-SHA-256", 1, SPAN("n,,n=jo,r=abc"), SPAN("n,,n=jo,r=abc"), false},
        {"SCRAM-SHA-256", 2, SPAN("c=biws,r=abcdef,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="),
         SPAN("c=biws,r=abcdef,p=" DISCLOSURE_MASK), true},
        {"SCRAM-SHA-256", 3, SPAN(""), SPAN(""), false},
        {"NTLM", 2, SPAN("NTLMSSP\0\3"), SPAN(DISCLOSURE_MASK), true},
        {"XOAUTH2", 1, SPAN("user=jo\1auth=Bearer x\1\1"), SPAN(DISCLOSURE_MASK), true},
        {"X-UNKNOWN", 1, SPAN("anything"), SPAN(DISCLOSURE_MASK), true},
        {"EXTERNAL", 1, SPAN("jo"), SPAN("jo"), false},
        {"ANONYMOUS", 1, SPAN("trace"), SPAN("trace"), false},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer shown = BUFFER_EMPTY;
        const struct mechanism *mechanism = mechanism_find(span_of_string(cases[i].mechanism));
        print_message("# %s %u\n", cases[i].mechanism, cases[i].step);
        assert_int_equal(disclosure_add(&shown, mechanism ? mechanism : &unknown_mechanism, cases[i].step,
                                        cases[i].message, DISCLOSURE_MASK),
                         cases[i].is_masked);
        assert_true(span_equal(buffer_span(&shown), cases[i].shown));
        buffer_clear(&shown);
    }
}

static void the_table_of_mechanisms_is_in_order(void **state)
{
    (void)state;
    for (const struct mechanism *mechanism = mechanisms; mechanism->name; mechanism++) {
        assert_ptr_equal(mechanism_find(span_of_string(mechanism->name)), mechanism);
        if (mechanism[1].name)
            assert_true(mechanism->rank > mechanism[1].rank ||
                        (mechanism->rank == 0 && mechanism[1].rank == 0));
        assert_int_equal(mechanism_is_scram(mechanism),
                         span_starts_with(span_of_string(mechanism->name), "SCRAM"));
    }
    assert_null(mechanism_find(SPAN("SCRAM-SHA-256-PLUS")));
    assert_null(mechanism_find(SPAN("")));
    assert_true(unknown_mechanism.sends_password);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_the_first_message_of_the_server),
        cmocka_unit_test(needs_a_nonce_of_ours),
        cmocka_unit_test(finds_repeated_directives),
        cmocka_unit_test(masks_what_is_secret),
        cmocka_unit_test(the_table_of_mechanisms_is_in_order),
    };
    return cmocka_run_group_tests_name("scram", tests, NULL, NULL);
}
