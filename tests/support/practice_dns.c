#include "practice_dns.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_SOA = 6, TYPE_PTR = 12, TYPE_MX = 15, TYPE_TXT = 16, TYPE_SRV = 33, TYPE_ANY = 255 };
enum { CLASS_IN = 1 };
enum { NOERROR = 0, FORMERR = 1, SERVFAIL = 2, NXDOMAIN = 3, NOTIMP = 4, REFUSED = 5 };
enum { HEADER_SIZE = 12, UDP_LIMIT = 512, NAME_LIMIT = 255, ALIAS_LIMIT = 12, TTL = 60 };
enum { FLAG_QR = 0x8000, FLAG_AA = 0x0400, FLAG_TC = 0x0200, FLAG_RD = 0x0100, FLAG_RA = 0x0080 };

/* As in a zone file; `smtp' and `tls' stand for the ports in use. */
static const struct zone_record {
    const char *owner;
    unsigned type;
    const char *data;
} zone[] = {
    {"example.com", TYPE_MX, "20 mx2.example.com"},
    {"example.com", TYPE_MX, "10 mx1.example.com"},
    {"example.com", TYPE_TXT, "v=spf1 mx -all"},
    {"_dmarc.example.com", TYPE_TXT, "v=DMARC1; p=reject"},
    {"_submission._tcp.example.com", TYPE_SRV, "0 1 smtp mx1.example.com"},
    {"_submissions._tcp.example.com", TYPE_SRV, "0 1 tls mx1.example.com"},
    {"mx1.example.com", TYPE_A, "127.0.0.1"},
    {"mx2.example.com", TYPE_A, "127.0.0.1"},
    /* nobody listens on the second address */
    {"dead.example.com", TYPE_A, "127.0.0.2"},
    {"example.org", TYPE_MX, "10 mx1.example.com"},
    {"nomail.example.com", TYPE_MX, "0 ."},
    {"nullmx.example", TYPE_MX, "0 ."},
    {"half-null.example", TYPE_MX, "0 ."},
    {"half-null.example", TYPE_MX, "10 mx1.example.com"},
    {"first-dead.example", TYPE_MX, "10 dead.example.com"},
    {"first-dead.example", TYPE_MX, "20 mx1.example.com"},
    {"all-dead.example", TYPE_MX, "10 dead.example.com"},
    {"implicit.example", TYPE_A, "127.0.0.1"},
    {"nothing.example", TYPE_TXT, "neither MX nor address"},
    {"alias.example", TYPE_CNAME, "example.com"},
    {"mx-alias.example", TYPE_MX, "10 alias-of-mx1.example"},
    {"alias-of-mx1.example", TYPE_CNAME, "mx1.example.com"},
    {"loop.example", TYPE_CNAME, "pool.example"},
    {"pool.example", TYPE_CNAME, "loop.example"},
    {"mx-is-address.example", TYPE_MX, "10 127.0.0.1"},
    {"mx-unknown.example", TYPE_MX, "10 nowhere.example"},
    {"mx-escapes.example", TYPE_MX, "10 \033[31m\r\nRCPT.example"},
    {"mx-unusable.example", TYPE_MX, "10 unusable.example"},
    {"unusable.example", TYPE_A, "0.0.0.0"},
    {"unusable.example", TYPE_A, "224.0.0.1"},
    {"unusable.example", TYPE_A, "255.255.255.255"},
    {"truncated.example", TYPE_MX, "10 mx1.example.com"},
    {"1.0.0.127.in-addr.arpa", TYPE_PTR, "mx1.example.com"},
    /* a name that does not lead back */
    {"3.0.0.127.in-addr.arpa", TYPE_PTR, "mx1.example.com"},
};
enum { ZONE_SIZE = sizeof zone / sizeof *zone };

/* Domains for which the server itself fails. */
enum trouble {
    IS_SERVFAIL,
    IS_REFUSED,
    IS_SILENT,
    IS_TRUNCATED,
    IS_CUT,
    IS_OTHER_ID,
    IS_POINTER_LOOP,
    IS_EMPTY
};
static const struct {
    const char *owner;
    enum trouble trouble;
} troubles[] = {
    {"servfail.example", IS_SERVFAIL},
    {"refused.example", IS_REFUSED},
    {"silent.example", IS_SILENT},
    {"truncated.example", IS_TRUNCATED},
    {"cut.example", IS_CUT},
    {"other-id.example", IS_OTHER_ID},
    {"pointer-loop.example", IS_POINTER_LOOP},
    {"empty.example", IS_EMPTY},
};
enum { TROUBLE_COUNT = sizeof troubles / sizeof *troubles };

struct question {
    uint16_t id, flags;
    char name[NAME_LIMIT + 1]; /* lower case, without the last dot */
    unsigned type;
    size_t size; /* in the query, with the header before it */
};

static unsigned get16(const char *at)
{
    const unsigned char *octets = (const unsigned char *)at;
    return (unsigned)octets[0] << 8 | octets[1];
}

static void put16(struct buffer *out, unsigned number)
{
    buffer_add_char(out, (char)(number >> 8));
    buffer_add_char(out, (char)number);
}

static void put32(struct buffer *out, unsigned long number)
{
    put16(out, (unsigned)(number >> 16 & 0xffff));
    put16(out, (unsigned)(number & 0xffff));
}

static void patch16(struct buffer *out, size_t at, unsigned number)
{
    out->data[at] = (char)(number >> 8);
    out->data[at + 1] = (char)number;
}

static void put_name(struct buffer *out, const char *name)
{
    struct span rest = span_of_string(name), label;
    while (span_next_token(&rest, ".", &label)) {
        buffer_add_char(out, (char)label.size);
        buffer_add(out, label);
    }
    buffer_add_char(out, '\0');
}

/** Reads the one name of a query. @return where it ends, or 0 if it is malformed */
static size_t read_name(struct span query, char *name)
{
    size_t at = HEADER_SIZE, size = 0;
    while (at < query.size && query.at[at] != 0) {
        size_t label = (unsigned char)query.at[at++];
        if (label > 63 || label >= query.size - at || size + label + 1 > NAME_LIMIT)
            return 0;
        if (size > 0)
            name[size++] = '.';
        for (; label > 0; label--)
            name[size++] = ascii_lower(query.at[at++]);
    }
    name[size] = '\0';
    return at < query.size ? at + 1 : 0;
}

/** @return a response code; NOERROR if the question can be answered */
static int read_question(struct span query, struct question *question)
{
    question->id = (uint16_t)get16(query.at);
    question->flags = (uint16_t)get16(query.at + 2);
    if (question->flags >> 11 & 0xf)
        return NOTIMP;
    size_t end = get16(query.at + 4) == 1 ? read_name(query, question->name) : 0;
    if (end == 0 || query.size - end < 4)
        return FORMERR;
    question->type = get16(query.at + end);
    question->size = end + 4;
    return get16(query.at + end + 2) == CLASS_IN ? NOERROR : REFUSED;
}

static void put_srv(struct buffer *out, const char *data, const struct dns_ports *ports)
{
    unsigned priority, weight;
    char port[8], target[NAME_LIMIT];
    if (sscanf(data, "%u %u %7s %254s", &priority, &weight, port, target) != 4)
        return;
    put16(out, priority);
    put16(out, weight);
    put16(out, strcmp(port, "tls") == 0 ? ports->tls : ports->smtp);
    put_name(out, target);
}

static void put_data(struct buffer *out, const struct zone_record *record, const struct dns_ports *ports)
{
    struct in_addr address;
    switch (record->type) {
    case TYPE_A:
        if (inet_pton(AF_INET, record->data, &address) == 1)
            buffer_add(out, span_of((const char *)&address, sizeof address));
        break;
    case TYPE_MX:
        put16(out, (unsigned)atoi(record->data));
        put_name(out, strchr(record->data, ' ') + 1);
        break;
    case TYPE_TXT:
        buffer_add_char(out, (char)strlen(record->data));
        buffer_add_string(out, record->data);
        break;
    case TYPE_SRV:
        put_srv(out, record->data, ports);
        break;
    default:
        put_name(out, record->data);
    }
}

static void put_record_head(struct buffer *out, const char *owner, unsigned type)
{
    put_name(out, owner);
    put16(out, type);
    put16(out, CLASS_IN);
    put32(out, TTL);
    put16(out, 0); /* size of the data, filled in behind it */
}

static void put_record(struct buffer *out, const struct zone_record *record, const struct dns_ports *ports)
{
    put_record_head(out, record->owner, record->type);
    size_t start = out->size;
    put_data(out, record, ports);
    patch16(out, start - 2, (unsigned)(out->size - start));
}

/** What a negative answer has in its authority section (RFC 2308). */
static void put_soa(struct buffer *out)
{
    put_record_head(out, ".", TYPE_SOA);
    size_t start = out->size;
    put_name(out, "ns.example");
    put_name(out, "hostmaster.example");
    static const unsigned long numbers[] = {1, 3600, 600, 86400, TTL};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put32(out, numbers[i]);
    patch16(out, start - 2, (unsigned)(out->size - start));
}

static const struct zone_record *find_alias(const char *owner)
{
    for (unsigned i = 0; i < ZONE_SIZE; i++)
        if (zone[i].type == TYPE_CNAME && strcmp(zone[i].owner, owner) == 0)
            return &zone[i];
    return NULL;
}

/** Whether the name is in the zone, or one below it is. */
static bool exists(const char *name)
{
    size_t size = strlen(name);
    for (unsigned i = 0; i < ZONE_SIZE; i++) {
        size_t owner = strlen(zone[i].owner);
        if (owner >= size && strcmp(zone[i].owner + owner - size, name) == 0 &&
            (owner == size || zone[i].owner[owner - size - 1] == '.'))
            return true;
    }
    return false;
}

/** Adds the records asked for, behind the aliases that lead to them. @return how many */
static unsigned put_answers(struct buffer *out, const char **name, unsigned type,
                            const struct dns_ports *ports)
{
    unsigned count = 0;
    const struct zone_record *alias;
    while (type != TYPE_CNAME && count < ALIAS_LIMIT && (alias = find_alias(*name))) {
        put_record(out, alias, ports);
        *name = alias->data;
        count++;
    }
    for (unsigned i = 0; i < ZONE_SIZE; i++)
        if ((type == zone[i].type || type == TYPE_ANY) && strcmp(zone[i].owner, *name) == 0) {
            put_record(out, &zone[i], ports);
            count++;
        }
    return count;
}

static void put_header(struct buffer *out, const struct question *question, unsigned flags)
{
    put16(out, question->id);
    put16(out, FLAG_QR | FLAG_AA | FLAG_RA | (question->flags & FLAG_RD) | flags);
    put16(out, question->size > 0);
    put16(out, 0);
    put32(out, 0);
}

static void answer_from_zone(struct question *question, const struct dns_ports *ports, struct buffer *answer)
{
    const char *name = question->name;
    unsigned count = put_answers(answer, &name, question->type, ports);
    patch16(answer, 6, count);
    if (!exists(name))
        patch16(answer, 2, get16(answer->data + 2) | NXDOMAIN);
    if (count == 0) {
        put_soa(answer);
        patch16(answer, 8, 1);
    }
}

static void truncate_answer(struct buffer *answer, size_t size)
{
    buffer_truncate(answer, size);
    patch16(answer, 2, get16(answer->data + 2) | FLAG_TC);
    patch16(answer, 6, 0);
    patch16(answer, 8, 0);
}

/** An MX whose host is a compression pointer to itself (RFC 9267 2). */
static void put_pointer_loop(struct buffer *answer, const char *owner)
{
    put_record_head(answer, owner, TYPE_MX);
    patch16(answer, answer->size - 2, 4);
    put16(answer, 10);
    put16(answer, 0xc000 | (unsigned)answer->size);
    patch16(answer, 6, 1);
}

static void make_trouble(enum trouble trouble, const struct question *question, bool over_udp,
                         struct buffer *answer)
{
    switch (trouble) {
    case IS_SERVFAIL:
    case IS_REFUSED:
        buffer_truncate(answer, question->size);
        patch16(answer, 2,
                (get16(answer->data + 2) & 0xfff0) | (trouble == IS_SERVFAIL ? SERVFAIL : REFUSED));
        patch16(answer, 6, 0);
        patch16(answer, 8, 0);
        break;
    case IS_TRUNCATED:
        if (over_udp)
            truncate_answer(answer, question->size);
        break;
    case IS_CUT:
        buffer_truncate(answer, answer->size - 5);
        break;
    case IS_OTHER_ID:
        patch16(answer, 0, question->id ^ 0x5555u);
        break;
    case IS_POINTER_LOOP:
        buffer_truncate(answer, question->size);
        patch16(answer, 2, get16(answer->data + 2) & 0xfff0);
        patch16(answer, 8, 0);
        put_pointer_loop(answer, question->name);
        break;
    case IS_EMPTY:
        buffer_truncate(answer, HEADER_SIZE);
        patch16(answer, 4, 0);
        patch16(answer, 8, 0);
        break;
    case IS_SILENT:
        buffer_truncate(answer, 0);
    }
}

void practice_dns_answer(struct span query, bool over_udp, const struct dns_ports *ports,
                         struct buffer *answer)
{
    if (query.size < HEADER_SIZE || get16(query.at + 2) & FLAG_QR)
        return;
    struct question question = {0};
    int code = read_question(query, &question);
    put_header(answer, &question, (unsigned)code);
    if (code != NOERROR) {
        patch16(answer, 4, 0);
        return;
    }
    buffer_add(answer, span_of(query.at + HEADER_SIZE, question.size - HEADER_SIZE));
    answer_from_zone(&question, ports, answer);
    for (unsigned i = 0; i < TROUBLE_COUNT; i++)
        if (strcmp(question.name, troubles[i].owner) == 0)
            make_trouble(troubles[i].trouble, &question, over_udp, answer);
    if (over_udp && answer->size > UDP_LIMIT)
        truncate_answer(answer, question.size);
}

void practice_dns_print_domains(void)
{
    static const char *const types[] = {
        [TYPE_A] = "A", [TYPE_CNAME] = "CNAME", [TYPE_PTR] = "PTR", [TYPE_MX] = "MX", [TYPE_TXT] = "TXT", [TYPE_SRV] = "SRV"};
    for (unsigned i = 0; i < ZONE_SIZE; i++) {
        printf("  %-30s %-5s ", zone[i].owner, types[zone[i].type]);
        for (const char *c = zone[i].data; *c; c++)
            if (*c >= ' ')
                printf("%c", *c);
            else
                printf("\\%03o", *c);
        printf("\n");
    }
    printf("and with answers that are faulty:");
    for (unsigned i = 0; i < TROUBLE_COUNT; i++)
        printf(" %s", troubles[i].owner);
    printf("\n");
}
