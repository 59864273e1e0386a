/* Whatever a resolver sends, the answer keeps its bounds, and the route made of it holds only names that can
 * be asked (INVARIANTS 14, 15). The first octet is the type asked for, the rest the message. */
#include "fuzz.h"

#include "base/random.h"
#include "dns/route.h"

static const char name[] = "example.com";

/** A name that was read is one that could be asked, printable, and bounded. */
static void check_name(const char *text)
{
    unsigned char question[DNS_QUESTION_LIMIT];
    FUZZ_REQUIRE(dns_question_write(question, 1, text, DNS_A, 0, DNS_UDP_SIZE) > 0);
    for (; *text; text++)
        FUZZ_REQUIRE(*text > ' ' && *text < 0x7f);
}

static void check_record(const struct dns_record *record)
{
    size_t touched = 0;
    switch (record->type) {
    case DNS_MX:
        check_name(record->as.mx.exchange);
        break;
    case DNS_SRV:
        check_name(record->as.srv.target);
        break;
    case DNS_CNAME:
    case DNS_PTR:
        check_name(record->as.name);
        break;
    case DNS_TXT:
    case DNS_TLSA: {
        struct span data = record->type == DNS_TXT ? record->as.txt : record->as.tlsa.data;
        for (size_t i = 0; i < data.size; i++)
            touched += (unsigned char)data.at[i];
        FUZZ_REQUIRE(touched <= 255 * data.size);
        break;
    }
    case DNS_A:
    case DNS_AAAA:
        FUZZ_REQUIRE(strlen(record->as.address.text) < sizeof record->as.address.text);
        break;
    }
}

static void check_answer(const struct dns_answer *answer, bool is_sound)
{
    FUZZ_REQUIRE(is_sound == (answer->status != DNS_MALFORMED));
    FUZZ_REQUIRE(is_sound || answer->reason);
    FUZZ_REQUIRE((answer->record_count > 0) == (answer->status == DNS_FOUND));
    FUZZ_REQUIRE(answer->record_count <= DNS_RECORD_LIMIT && answer->alias_count <= DNS_ALIAS_LIMIT + 1);
    FUZZ_REQUIRE(answer->alias_count <= DNS_ALIAS_LIMIT || answer->status == DNS_LOOP);
    for (size_t i = 0; i < answer->alias_count; i++)
        check_name(answer->aliases[i]);
    for (size_t i = 0; i < answer->record_count; i++) {
        FUZZ_REQUIRE(answer->records[i].type == answer->type);
        check_record(&answer->records[i]);
    }
}

static void check_route(struct dns_answer *answer, struct arena *arena)
{
    struct route route;
    route_from_mx(&route, name, answer, ROUTE_MX_LIMIT, random_below, arena);
    FUZZ_REQUIRE(route.host_count <= 2 * ROUTE_MX_LIMIT);
    FUZZ_REQUIRE(route.kind == ROUTE_NULL || route.kind == ROUTE_NONE || route.host_count > 0);
    for (size_t i = 0; i < route.host_count; i++)
        FUZZ_REQUIRE(!route.hosts[i].is_valid || !strpbrk(route.hosts[i].name, "\\ \r\n<>@[]"));
}

static void check_host(struct dns_answer *answer, struct arena *arena)
{
    struct route_host host = {.name = answer->name, .is_valid = true};
    bool is_a = answer->type == DNS_A;
    route_host_resolved(&host, is_a ? answer : NULL, is_a ? NULL : answer, ROUTE_ADDRESS_LIMIT, arena);
    FUZZ_REQUIRE(host.address_count <= 2 * ROUTE_ADDRESS_LIMIT);
    FUZZ_REQUIRE(host.address_count > 0 || host.problem != CAUSE_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_EMPTY;
    struct dns_answer answer;
    if (size == 0)
        return 0;
    enum dns_type type = (enum dns_type)data[0];
    bool is_sound = dns_message_read(&answer, span_of((const char *)data + 1, size - 1), name, type, &arena);
    check_answer(&answer, is_sound);
    if (type == DNS_MX)
        check_route(&answer, &arena);
    if (type == DNS_A || type == DNS_AAAA)
        check_host(&answer, &arena);
    if (type == DNS_SRV)
        route_order_srv(answer.records, answer.record_count, random_below);
    arena_clear(&arena);
    return 0;
}
