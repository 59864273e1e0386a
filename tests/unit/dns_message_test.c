#include "check.h"
#include "dns_packet.h"

#include "dns/message.h"

#include <stdio.h>
#include <sys/socket.h>

static struct arena arena;
static struct packet packet;

static int clear(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static struct dns_answer read_as(const char *name, enum dns_type type)
{
    struct dns_answer answer;
    bool is_sound = dns_message_read(&answer, packet_span(&packet), name, type, &arena);
    assert_int_equal(is_sound, answer.status != DNS_MALFORMED);
    return answer;
}

/** The packet is read exactly once more for each shorter size of it, which must end in MALFORMED and no
 * overrun. */
static void check_every_cut(const char *name, enum dns_type type)
{
    for (size_t size = 0; size < packet.size; size++) {
        struct dns_answer answer;
        char *copy = malloc(size + 1); /* of its own, so that the sanitizer sees an overrun */
        memcpy(copy, packet.octets, size);
        assert_false(dns_message_read(&answer, span_of(copy, size), name, type, &arena));
        assert_int_equal(answer.status, DNS_MALFORMED);
        assert_non_null(answer.reason);
        assert_int_equal(answer.record_count, 0);
        free(copy);
    }
}

static void begin(unsigned flags, const char *name, enum dns_type type)
{
    packet_begin(&packet, 1, QR | RD | flags);
    packet_question(&packet, name, type);
}

static void mx_records_are_read_in_every_cut(void **state)
{
    (void)state;
    begin(RA | AD, "Example.COM", DNS_MX);
    packet_mx(&packet, "example.com", 10, "mx1.example.com");
    packet_mx(&packet, "EXAMPLE.com", 20, "mx2.example.net");
    packet_opt(&packet, 0, -1, "");
    struct dns_answer answer = read_as("example.com", DNS_MX);
    assert_int_equal(answer.status, DNS_FOUND);
    assert_true(answer.authenticated);
    assert_false(answer.truncated);
    assert_int_equal(answer.ede, -1);
    assert_int_equal(answer.record_count, 2);
    assert_int_equal(answer.records[0].ttl, 300);
    assert_int_equal(answer.records[0].as.mx.preference, 10);
    assert_string_equal(answer.records[0].as.mx.exchange, "mx1.example.com");
    assert_int_equal(answer.records[1].as.mx.preference, 20);
    assert_string_equal(answer.records[1].as.mx.exchange, "mx2.example.net");
    check_every_cut("example.com", DNS_MX);
}

static void compressed_names_are_read(void **state)
{
    (void)state;
    begin(RA, "example.com", DNS_MX);
    size_t owner = packet.size;
    packet_count(&packet, ANSWERS);
    packet_pointer(&packet, 12);
    packet_u16(&packet, DNS_MX);
    packet_u16(&packet, 1);
    packet_u16(&packet, 0);
    packet_u16(&packet, 60);
    packet_u16(&packet, 2 + 4 + 2);
    packet_u16(&packet, 5);
    packet_u8(&packet, 3);
    packet_add(&packet, "mx1", 3);
    packet_pointer(&packet, owner); /* a pointer to a pointer */
    struct dns_answer answer = read_as("example.com", DNS_MX);
    assert_int_equal(answer.status, DNS_FOUND);
    assert_string_equal(answer.records[0].as.mx.exchange, "mx1.example.com");
    check_every_cut("example.com", DNS_MX);
}

/** An MX answer whose exchange is what the case writes. */
static void begin_exchange(size_t *place)
{
    begin(RA, "example.com", DNS_MX);
    *place = packet_record(&packet, ANSWERS, "example.com", DNS_MX);
    packet_u16(&packet, 10);
}

static void pointers_end__invariant_14(void **state)
{
    (void)state;
    size_t place;

    begin_exchange(&place);
    packet_pointer(&packet, packet.size); /* to itself */
    packet_end_record(&packet, place);
    assert_string_equal(read_as("example.com", DNS_MX).reason,
                        "a compression pointer does not point backwards");

    begin_exchange(&place);
    size_t start = packet.size;
    packet_u8(&packet, 1);
    packet_u8(&packet, 'a');
    packet_pointer(&packet, start); /* round and round through a label */
    packet_end_record(&packet, place);
    assert_string_equal(read_as("example.com", DNS_MX).reason,
                        "a compression pointer does not point backwards");

    begin_exchange(&place);
    packet_pointer(&packet, packet.size + 2); /* forwards */
    packet_name(&packet, "x");
    packet_end_record(&packet, place);
    assert_string_equal(read_as("example.com", DNS_MX).reason,
                        "a compression pointer does not point backwards");

    begin_exchange(&place);
    packet_pointer(&packet, 3); /* into the header */
    packet_end_record(&packet, place);
    assert_string_equal(read_as("example.com", DNS_MX).reason,
                        "a compression pointer does not point backwards");
}

static void a_long_chain_of_pointers_is_refused(void **state)
{
    (void)state;
    begin(RA, "example.com", DNS_MX);
    size_t text = packet_record(&packet, ANSWERS, "other", DNS_TXT), target = 12;
    for (int i = 0; i < 200; i++) {
        size_t here = packet.size;
        packet_pointer(&packet, target);
        target = here;
    }
    packet_end_record(&packet, text);
    size_t place = packet_record(&packet, ANSWERS, "example.com", DNS_MX);
    packet_u16(&packet, 10);
    packet_pointer(&packet, target);
    packet_end_record(&packet, place);
    assert_string_equal(read_as("example.com", DNS_MX).reason,
                        "a name has more than 127 compression pointers");
}

static void label_types_and_long_names_are_refused(void **state)
{
    (void)state;
    size_t place;

    begin_exchange(&place);
    packet_u8(&packet, 0x41);
    packet_add(&packet, "", 1);
    packet_end_record(&packet, place);
    assert_string_equal(read_as("example.com", DNS_MX).reason, "a label has an unknown type");

    begin_exchange(&place);
    for (int i = 0; i < 128; i++) {
        packet_u8(&packet, 1);
        packet_u8(&packet, 'a');
    }
    packet_u8(&packet, 0);
    packet_end_record(&packet, place);
    assert_string_equal(read_as("example.com", DNS_MX).reason, "a name is longer than 255 octets");

    begin_exchange(&place);
    for (int i = 0; i < 127; i++) {
        packet_u8(&packet, 1);
        packet_u8(&packet, 'a');
    }
    packet_u8(&packet, 0);
    packet_end_record(&packet, place);
    struct dns_answer answer = read_as("example.com", DNS_MX);
    assert_int_equal(answer.status, DNS_FOUND);
    assert_int_equal(strlen(answer.records[0].as.mx.exchange), 127 + 126);
}

static void octets_in_names_are_escaped__invariant_10(void **state)
{
    (void)state;
    size_t place;
    begin_exchange(&place);
    packet_u8(&packet, 9);
    packet_add(&packet, "a.\\\0\033\r\n \xff", 9);
    packet_u8(&packet, 0);
    packet_end_record(&packet, place);
    struct dns_answer answer = read_as("example.com", DNS_MX);
    assert_string_equal(answer.records[0].as.mx.exchange, "a\\.\\\\\\000\\027\\013\\010\\032\\255");
}

static void the_root_is_a_dot(void **state)
{
    (void)state;
    begin(RA, "example.com", DNS_MX);
    packet_mx(&packet, "example.com", 0, ".");
    assert_string_equal(read_as("example.com", DNS_MX).records[0].as.mx.exchange, ".");
}

static void data_of_wrong_size_is_malformed__invariant_14(void **state)
{
    const struct {
        const char *name;
        enum dns_type type;
        struct span data;
        const char *reason;
    } cases[] = {
        {"A of 3", DNS_A, SPAN("\177\0\0"), "an address has the wrong size"},
        {"A of 5", DNS_A, SPAN("\177\0\0\1\1"), "an address has the wrong size"},
        {"AAAA of 4", DNS_AAAA, SPAN("\177\0\0\1"), "an address has the wrong size"},
        {"MX empty", DNS_MX, SPAN(""), "it ends within a record"},
        {"MX of 2", DNS_MX, SPAN("\0\12"), "it ends within a name"},
        {"MX cut", DNS_MX, SPAN("\0\12\3mx"), "it ends within a name"},
        {"MX unended", DNS_MX, SPAN("\0\12\2mx"), "it ends within a name"},
        {"MX half a pointer", DNS_MX, SPAN("\0\12\300"), "it ends within a name"},
        {"MX with a tail", DNS_MX, SPAN("\0\12\2mx\0x"), "a record is longer than its contents"},
        {"PTR empty", DNS_PTR, SPAN(""), "it ends within a name"},
        {"SRV short", DNS_SRV, SPAN("\0\1\0\2\0"), "it ends within a record"},
        {"SRV no target", DNS_SRV, SPAN("\0\1\0\2\0\3"), "it ends within a name"},
        {"TXT empty", DNS_TXT, SPAN(""), "a TXT record holds no string"},
        {"TXT overrun", DNS_TXT, SPAN("\5abcd"), "a string runs beyond its TXT record"},
        {"TLSA of 2", DNS_TLSA, SPAN("\3\1"), "it ends within a record"},
        {"CNAME with a tail", DNS_CNAME, SPAN("\1a\0x"), "a record is longer than its contents"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(RA, "example.com", cases[i].type);
        size_t place = packet_record(&packet, ANSWERS, "example.com", cases[i].type);
        packet_add(&packet, cases[i].data.at, cases[i].data.size);
        packet_end_record(&packet, place);
        packet_a(&packet, "example.com", "192.0.2.1"); /* what stands behind must not be taken for it */
        struct dns_answer answer = read_as("example.com", cases[i].type);
        CHECK(cases[i].name, answer.status == DNS_MALFORMED);
        check_string(cases[i].name, span_of_string(answer.reason), cases[i].reason);
    }
}

static void addresses_are_read(void **state)
{
    (void)state;
    begin(RA, "host.example", DNS_A);
    packet_a(&packet, "host.example", "192.0.2.25");
    struct dns_answer answer = read_as("host.example", DNS_A);
    assert_int_equal(answer.records[0].as.address.family, AF_INET);
    assert_string_equal(answer.records[0].as.address.text, "192.0.2.25");

    begin(RA, "host.example", DNS_AAAA);
    size_t place = packet_record(&packet, ANSWERS, "host.example", DNS_AAAA);
    packet_add(&packet, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x25", 16);
    packet_end_record(&packet, place);
    answer = read_as("host.example", DNS_AAAA);
    assert_int_equal(answer.records[0].as.address.family, AF_INET6);
    assert_string_equal(answer.records[0].as.address.text, "2001:db8::25");
    check_every_cut("host.example", DNS_AAAA);
}

static void strings_of_txt_are_joined(void **state)
{
    (void)state;
    begin(RA, "example.com", DNS_TXT);
    size_t place = packet_record(&packet, ANSWERS, "example.com", DNS_TXT);
    packet_add(&packet, "\7v=STSv1\0\1;\3 id", 15);
    packet_end_record(&packet, place);
    struct dns_answer answer = read_as("example.com", DNS_TXT);
    check_string("txt", answer.records[0].as.txt, "v=STSv1; id");
}

static void tlsa_and_srv_are_read(void **state)
{
    (void)state;
    begin(RA | AD, "_25._tcp.mx.example", DNS_TLSA);
    size_t place = packet_record(&packet, ANSWERS, "_25._tcp.mx.example", DNS_TLSA);
    packet_add(&packet, "\3\1\1\0\377", 5);
    packet_end_record(&packet, place);
    struct dns_answer answer = read_as("_25._tcp.mx.example", DNS_TLSA);
    const struct dns_tlsa *tlsa = &answer.records[0].as.tlsa;
    assert_int_equal(tlsa->usage, 3);
    assert_int_equal(tlsa->selector, 1);
    assert_int_equal(tlsa->matching, 1);
    check_text("tlsa", tlsa->data, SPAN("\0\377"));

    begin(RA, "_submissions._tcp.example", DNS_SRV);
    place = packet_record(&packet, ANSWERS, "_submissions._tcp.example", DNS_SRV);
    packet_u16(&packet, 1);
    packet_u16(&packet, 2);
    packet_u16(&packet, 465);
    packet_name(&packet, "mail.example");
    packet_end_record(&packet, place);
    const struct dns_srv *srv = &read_as("_submissions._tcp.example", DNS_SRV).records[0].as.srv;
    assert_int_equal(srv->priority, 1);
    assert_int_equal(srv->weight, 2);
    assert_int_equal(srv->port, 465);
    assert_string_equal(srv->target, "mail.example");
}

static void ptr_and_cname_are_read(void **state)
{
    (void)state;
    begin(RA, "25.2.0.192.in-addr.arpa", DNS_PTR);
    size_t place = packet_record(&packet, ANSWERS, "25.2.0.192.in-addr.arpa", DNS_PTR);
    packet_name(&packet, "mx.example");
    packet_end_record(&packet, place);
    assert_string_equal(read_as("25.2.0.192.in-addr.arpa", DNS_PTR).records[0].as.name, "mx.example");

    begin(RA, "www.example", DNS_CNAME);
    packet_alias(&packet, "www.example", "host.example");
    struct dns_answer answer = read_as("www.example", DNS_CNAME);
    assert_int_equal(answer.status, DNS_FOUND);
    assert_int_equal(answer.alias_count, 0);
    assert_string_equal(answer.records[0].as.name, "host.example");
}

static void aliases_are_followed_in_any_order(void **state)
{
    (void)state;
    begin(RA, "a.example", DNS_MX);
    packet_mx(&packet, "c.example", 10, "mx.example");
    packet_alias(&packet, "b.example", "c.example");
    packet_alias(&packet, "a.example", "B.example");
    struct dns_answer answer = read_as("a.example", DNS_MX);
    assert_int_equal(answer.status, DNS_FOUND);
    assert_int_equal(answer.alias_count, 2);
    assert_string_equal(answer.aliases[0], "B.example");
    assert_string_equal(answer.aliases[1], "c.example");
    assert_int_equal(answer.record_count, 1);
}

static void only_records_of_the_name_and_its_aliases_count__invariant_14(void **state)
{
    (void)state;
    begin(RA, "a.example", DNS_MX);
    packet_mx(&packet, "evil.example", 0, "mx.evil.example");
    packet_alias(&packet, "a.example", "b.example");
    packet_mx(&packet, "a.example", 1, "beside.the.alias.example");
    size_t class = packet.size + strlen("b.example") + 2 + 2;
    packet_mx(&packet, "b.example", 2, "chaos.example");
    packet_set_u16(&packet, class, 3);
    packet_a(&packet, "b.example", "192.0.2.1");
    struct dns_answer answer = read_as("a.example", DNS_MX);
    assert_int_equal(answer.status, DNS_NO_DATA);
    assert_int_equal(answer.record_count, 0);

    packet_mx(&packet, "b.example", 10, "mx.example");
    answer = read_as("a.example", DNS_MX);
    assert_int_equal(answer.record_count, 1);
    assert_string_equal(answer.records[0].as.mx.exchange, "mx.example");
}

static void begin_chain(int links)
{
    char owner[16], target[16];
    begin(RA, "n0.example", DNS_MX);
    for (int i = 0; i < links; i++) {
        snprintf(owner, sizeof owner, "n%d.example", i);
        snprintf(target, sizeof target, "n%d.example", i + 1);
        packet_alias(&packet, owner, target);
    }
    snprintf(owner, sizeof owner, "n%d.example", links);
    packet_mx(&packet, owner, 10, "mx.example");
}

static void ten_aliases_are_followed_and_no_more__invariant_14(void **state)
{
    (void)state;
    begin_chain(10);
    struct dns_answer answer = read_as("n0.example", DNS_MX);
    assert_int_equal(answer.status, DNS_FOUND);
    assert_int_equal(answer.alias_count, 10);
    begin_chain(11);
    answer = read_as("n0.example", DNS_MX);
    assert_int_equal(answer.status, DNS_LOOP);
    assert_int_equal(answer.alias_count, 11);
    assert_int_equal(answer.record_count, 0);
    assert_string_equal(answer.reason, "there are more than 10 aliases in a row");
}

static void circles_of_aliases_are_seen__invariant_14(void **state)
{
    (void)state;
    begin(RA, "a.example", DNS_MX);
    packet_alias(&packet, "a.example", "a.example");
    packet_mx(&packet, "a.example", 10, "mx.example");
    struct dns_answer answer = read_as("a.example", DNS_MX);
    assert_int_equal(answer.status, DNS_LOOP);
    assert_int_equal(answer.alias_count, 1);

    begin(RA, "a.example", DNS_MX);
    packet_alias(&packet, "a.example", "b.example");
    packet_alias(&packet, "b.example", "c.example");
    packet_alias(&packet, "c.example", "B.example");
    answer = read_as("a.example", DNS_MX);
    assert_int_equal(answer.status, DNS_LOOP);
    assert_int_equal(answer.alias_count, 3);
    assert_string_equal(answer.reason, "the aliases run in a circle");
}

static void statuses_are_told_apart(void **state)
{
    static const struct {
        const char *name;
        unsigned flags;
        enum dns_status status;
        enum cause cause;
    } cases[] = {
        {"no-data", RA, DNS_NO_DATA, CAUSE_DOMAIN_NO_ADDRESS},
        {"nxdomain", RA | 3, DNS_NXDOMAIN, CAUSE_DOMAIN_UNKNOWN},
        {"servfail", RA | 2, DNS_SERVFAIL, CAUSE_DNS_SERVFAIL},
        {"refused", 5, DNS_REFUSED, CAUSE_DNS_REFUSED},
        {"refused", 4, DNS_REFUSED, CAUSE_DNS_REFUSED},
        {"refused", 1, DNS_REFUSED, CAUSE_DNS_REFUSED},
        {"refused", 9, DNS_REFUSED, CAUSE_DNS_REFUSED},
        {"servfail", 11, DNS_SERVFAIL, CAUSE_DNS_SERVFAIL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(cases[i].flags, "example.com", DNS_MX);
        struct dns_answer answer = read_as("example.com", DNS_MX);
        CHECK(cases[i].name, answer.status == cases[i].status);
        CHECK(cases[i].name, dns_status_cause(answer.status) == cases[i].cause);
        CHECK(cases[i].name, answer.rcode == (cases[i].flags & 15));
        check_string(cases[i].name, span_of_string(dns_status_name(answer.status)), cases[i].name);
    }
}

static void nxdomain_behind_an_alias_is_nxdomain(void **state)
{
    (void)state;
    begin(RA | 3, "a.example", DNS_MX);
    packet_alias(&packet, "a.example", "b.example");
    struct dns_answer answer = read_as("a.example", DNS_MX);
    assert_int_equal(answer.status, DNS_NXDOMAIN);
    assert_int_equal(answer.alias_count, 1);
}

static void add_name_server(const char *owner)
{
    size_t place = packet_record(&packet, AUTHORITY, owner, 2);
    packet_name(&packet, "ns.example");
    packet_end_record(&packet, place);
}

static void a_referral_is_no_answer__invariant_18(void **state)
{
    (void)state;
    begin(0, "example.com", DNS_MX);
    add_name_server("com");
    struct dns_answer answer = read_as("example.com", DNS_MX);
    assert_int_equal(answer.status, DNS_REFUSED);
    assert_non_null(answer.reason);

    begin(RA, "example.com", DNS_MX); /* a resolver that adds name servers */
    add_name_server("com");
    assert_int_equal(read_as("example.com", DNS_MX).status, DNS_NO_DATA);

    begin(AA, "example.com", DNS_MX);
    add_name_server("example.com");
    assert_int_equal(read_as("example.com", DNS_MX).status, DNS_NO_DATA);
}

static void aliases_without_end_are_no_answer__invariant_18(void **state)
{
    (void)state;
    begin(AA, "a.example", DNS_MX);
    packet_alias(&packet, "a.example", "elsewhere.test");
    struct dns_answer answer = read_as("a.example", DNS_MX);
    assert_int_equal(answer.status, DNS_REFUSED);
    assert_int_equal(answer.alias_count, 1);

    begin(AA, "a.example", DNS_MX);
    packet_alias(&packet, "a.example", "b.example");
    packet_end_record(&packet, packet_record(&packet, AUTHORITY, "example", 6)); /* SOA */
    assert_int_equal(read_as("a.example", DNS_MX).status, DNS_NO_DATA);

    begin(RA, "a.example", DNS_MX);
    packet_alias(&packet, "a.example", "elsewhere.test");
    assert_int_equal(read_as("a.example", DNS_MX).status, DNS_NO_DATA);
}

static void extended_errors_are_read(void **state)
{
    (void)state;
    begin(RA | 2, "example.com", DNS_MX);
    packet_opt(&packet, 0, 7, "signature of example.com ended\033");
    struct dns_answer answer = read_as("example.com", DNS_MX);
    assert_int_equal(answer.ede, 7);
    assert_string_equal(dns_ede_name(answer.ede), "Signature Expired");
    check_string("text", answer.ede_text, "signature of example.com ended\033");
    assert_string_equal(dns_ede_name(0), "Other Error");
    assert_string_equal(dns_ede_name(24), "Invalid Data");
    assert_null(dns_ede_name(25));
    assert_null(dns_ede_name(-1));
}

static void broken_options_decide_nothing(void **state)
{
    (void)state;
    begin(RA, "example.com", DNS_MX);
    packet_mx(&packet, "example.com", 10, "mx.example");
    packet_opt(&packet, 0, 7, "");
    packet_set_u16(&packet, packet.size - 4, 200); /* its size runs beyond the record */
    struct dns_answer answer = read_as("example.com", DNS_MX);
    assert_int_equal(answer.status, DNS_FOUND);
    assert_int_equal(answer.ede, -1);
}

static void opt_extends_the_code(void **state)
{
    (void)state;
    begin(RA, "example.com", DNS_MX);
    packet_opt(&packet, 1, -1, ""); /* 16: BADVERS */
    struct dns_answer answer = read_as("example.com", DNS_MX);
    assert_int_equal(answer.rcode, 16);
    assert_int_equal(answer.status, DNS_SERVFAIL);
    assert_string_equal(answer.reason, "response code 16");
}

static void answers_to_other_questions_are_malformed__invariant_14(void **state)
{
    static const char reason[] = "it answers another question than the one asked";
    (void)state;
    begin(RA, "example.org", DNS_MX);
    assert_string_equal(read_as("example.com", DNS_MX).reason, reason);
    begin(RA, "example.com", DNS_A);
    assert_string_equal(read_as("example.com", DNS_MX).reason, reason);
    begin(RA, "example.com", DNS_MX);
    packet_set_u16(&packet, packet.size - 2, 3); /* CHAOS */
    assert_string_equal(read_as("example.com", DNS_MX).reason, reason);
    packet_begin(&packet, 1, QR | RA);
    assert_string_equal(read_as("example.com", DNS_MX).reason, "it does not hold exactly one question");
    begin(RA, "example.com", DNS_MX);
    packet_question(&packet, "example.com", DNS_MX);
    assert_string_equal(read_as("example.com", DNS_MX).reason, "it does not hold exactly one question");
    packet_begin(&packet, 1, QR | 5); /* refusals need not repeat the question */
    assert_int_equal(read_as("example.com", DNS_MX).status, DNS_REFUSED);
}

static void headers_of_other_messages_are_malformed(void **state)
{
    (void)state;
    packet_begin(&packet, 1, RD);
    packet_question(&packet, "example.com", DNS_MX);
    assert_string_equal(read_as("example.com", DNS_MX).reason, "it is a question, not an answer");
    begin(4 << 11, "example.com", DNS_MX); /* NOTIFY */
    assert_string_equal(read_as("example.com", DNS_MX).reason,
                        "it answers another kind of request than a query");
}

static void counts_without_records_are_malformed(void **state)
{
    (void)state;
    for (size_t at = 6; at < 12; at += 2) {
        begin(RA, "example.com", DNS_MX);
        packet_mx(&packet, "example.com", 10, "mx.example");
        packet_set_u16(&packet, at, 65535);
        assert_int_equal(read_as("example.com", DNS_MX).status, DNS_MALFORMED);
    }
}

static void truncation_is_known_even_if_the_cut_is_ugly(void **state)
{
    (void)state;
    begin(RA | TC, "example.com", DNS_MX);
    packet_mx(&packet, "example.com", 10, "mx.example");
    assert_true(read_as("example.com", DNS_MX).truncated);
    packet.size -= 3;
    struct dns_answer answer = read_as("example.com", DNS_MX);
    assert_int_equal(answer.status, DNS_MALFORMED);
    assert_true(answer.truncated);
}

static void records_are_bounded__invariant_15(void **state)
{
    (void)state;
    begin(RA, "a.b", DNS_MX);
    for (unsigned i = 0; i < DNS_RECORD_LIMIT + 7; i++)
        packet_mx(&packet, "a.b", i, "mx.b");
    struct dns_answer answer = read_as("a.b", DNS_MX);
    assert_int_equal(answer.record_count, DNS_RECORD_LIMIT);
    assert_int_equal(answer.records_left_out, 7);
    assert_int_equal(answer.records[DNS_RECORD_LIMIT - 1].as.mx.preference, DNS_RECORD_LIMIT - 1);
}

static void a_time_to_live_beyond_31_bits_is_zero(void **state)
{
    (void)state;
    begin(RA, "example.com", DNS_A);
    size_t ttl = packet.size + strlen("example.com") + 2 + 4;
    packet_a(&packet, "example.com", "192.0.2.1");
    packet_set_u16(&packet, ttl, 0x8000);
    assert_int_equal(read_as("example.com", DNS_A).records[0].ttl, 0);
}

static void questions_are_written_as_they_are_read(void **state)
{
    unsigned char octets[DNS_QUESTION_LIMIT];
    (void)state;
    size_t size =
        dns_question_write(octets, 0x1234, "a\\.b\\009.example.com.", DNS_MX, DNS_AD | DNS_CD, 1232);
    check_text("question", span_of((const char *)octets, size),
               SPAN("\x12\x34\x01\x30\0\1\0\0\0\0\0\1"
                    "\4a.b\11\7example\3com\0\0\17\0\1"
                    "\0\0\51\4\320\0\0\0\0\0\0"));
    size = dns_question_write(octets, 1, ".", DNS_A, 0, 0);
    check_text("root", span_of((const char *)octets, size), SPAN("\0\1\1\0\0\1\0\0\0\0\0\0\0\0\1\0\1"));
}

static void names_that_are_none_are_not_written__invariant_8(void **state)
{
    unsigned char octets[DNS_QUESTION_LIMIT];
    char long_label[66], long_name[260];
    const char *names[] = {"",      "..",     ".a",     "a..b",     "a.b..",  "a\\",
                           "a\\25", "a\\256", "a\\1x2", long_label, long_name};
    (void)state;
    memset(long_label, 'a', 64);
    long_label[64] = '\0';
    for (size_t i = 0; i < sizeof long_name; i++)
        long_name[i] = i % 2 ? '.' : 'a';
    long_name[255] = '\0'; /* 128 labels */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (dns_question_write(octets, 1, names[i], DNS_MX, 0, 1232) != 0)
            fail_msg("[%s] was taken for a name", names[i]);
    long_label[63] = '\0';
    assert_int_equal(dns_question_write(octets, 1, long_label, DNS_MX, 0, 0), 12 + 65 + 4);
    long_name[253] = '\0'; /* 127 labels: 255 octets on the wire */
    assert_int_equal(dns_question_write(octets, 1, long_name, DNS_MX, 0, 1232), DNS_QUESTION_LIMIT);
}

static void types_have_names(void **state)
{
    (void)state;
    assert_string_equal(dns_type_name(DNS_TLSA), "TLSA");
    assert_string_equal(dns_type_name((enum dns_type)65), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(mx_records_are_read_in_every_cut, clear),
        cmocka_unit_test_teardown(compressed_names_are_read, clear),
        cmocka_unit_test_teardown(pointers_end__invariant_14, clear),
        cmocka_unit_test_teardown(a_long_chain_of_pointers_is_refused, clear),
        cmocka_unit_test_teardown(label_types_and_long_names_are_refused, clear),
        cmocka_unit_test_teardown(octets_in_names_are_escaped__invariant_10, clear),
        cmocka_unit_test_teardown(the_root_is_a_dot, clear),
        cmocka_unit_test_teardown(data_of_wrong_size_is_malformed__invariant_14, clear),
        cmocka_unit_test_teardown(addresses_are_read, clear),
        cmocka_unit_test_teardown(strings_of_txt_are_joined, clear),
        cmocka_unit_test_teardown(tlsa_and_srv_are_read, clear),
        cmocka_unit_test_teardown(ptr_and_cname_are_read, clear),
        cmocka_unit_test_teardown(aliases_are_followed_in_any_order, clear),
        cmocka_unit_test_teardown(only_records_of_the_name_and_its_aliases_count__invariant_14, clear),
        cmocka_unit_test_teardown(ten_aliases_are_followed_and_no_more__invariant_14, clear),
        cmocka_unit_test_teardown(circles_of_aliases_are_seen__invariant_14, clear),
        cmocka_unit_test_teardown(statuses_are_told_apart, clear),
        cmocka_unit_test_teardown(nxdomain_behind_an_alias_is_nxdomain, clear),
        cmocka_unit_test_teardown(a_referral_is_no_answer__invariant_18, clear),
        cmocka_unit_test_teardown(aliases_without_end_are_no_answer__invariant_18, clear),
        cmocka_unit_test_teardown(extended_errors_are_read, clear),
        cmocka_unit_test_teardown(broken_options_decide_nothing, clear),
        cmocka_unit_test_teardown(opt_extends_the_code, clear),
        cmocka_unit_test_teardown(answers_to_other_questions_are_malformed__invariant_14, clear),
        cmocka_unit_test_teardown(headers_of_other_messages_are_malformed, clear),
        cmocka_unit_test_teardown(counts_without_records_are_malformed, clear),
        cmocka_unit_test_teardown(truncation_is_known_even_if_the_cut_is_ugly, clear),
        cmocka_unit_test_teardown(records_are_bounded__invariant_15, clear),
        cmocka_unit_test_teardown(a_time_to_live_beyond_31_bits_is_zero, clear),
        cmocka_unit_test_teardown(questions_are_written_as_they_are_read, clear),
        cmocka_unit_test_teardown(names_that_are_none_are_not_written__invariant_8, clear),
        cmocka_unit_test_teardown(types_have_names, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
