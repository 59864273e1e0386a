#include "dns/message.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

enum {
    HEADER_SIZE = 12,
    NAME_LIMIT = 255, /* RFC 1035 2.3.4, with the octets of length and the root */
    LABEL_LIMIT = 63,
    HOP_LIMIT = 127, /* no name of 255 octets has more labels, so none needs more pointers */
    CLASS_IN = 1,
    TYPE_NS = 2,
    TYPE_SOA = 6,
    TYPE_OPT = 41,
    OPTION_EDE = 15,
};

enum rcode { NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, NOTAUTH = 9 };

/** A name as it is on the wire, uncompressed: labels behind their lengths, ended by the root. */
struct wire_name {
    unsigned char octets[NAME_LIMIT];
    size_t size;
};

/** Where a record stands in the message. */
struct place {
    size_t owner, data, data_size;
    uint16_t type, class;
    uint32_t ttl;
};

struct reader {
    const unsigned char *octets;
    size_t size;
    size_t at;
    const char *fault; /* the first one met */
    struct arena *arena;
    struct dns_answer *answer;
    struct place *places; /* those of the answer section, class IN */
    size_t place_count;
    bool is_authoritative, can_recurse, has_ns, has_soa;
};

/* Words */

const char *dns_type_name(enum dns_type type)
{
    switch (type) {
    case DNS_A:
        return "A";
    case DNS_CNAME:
        return "CNAME";
    case DNS_PTR:
        return "PTR";
    case DNS_MX:
        return "MX";
    case DNS_TXT:
        return "TXT";
    case DNS_AAAA:
        return "AAAA";
    case DNS_SRV:
        return "SRV";
    case DNS_TLSA:
        return "TLSA";
    }
    return "unknown";
}

static const struct {
    const char *name;
    enum cause cause;
} statuses[] = {
    [DNS_FOUND] = {"found", CAUSE_OK},
    [DNS_NO_DATA] = {"no-data", CAUSE_DOMAIN_NO_ADDRESS},
    [DNS_NXDOMAIN] = {"nxdomain", CAUSE_DOMAIN_UNKNOWN},
    [DNS_SERVFAIL] = {"servfail", CAUSE_DNS_SERVFAIL},
    [DNS_BOGUS] = {"bogus", CAUSE_DNSSEC_INVALID},
    [DNS_REFUSED] = {"refused", CAUSE_DNS_REFUSED},
    [DNS_TIMEOUT] = {"timeout", CAUSE_DNS_TIMEOUT},
    [DNS_MALFORMED] = {"malformed", CAUSE_DNS_MALFORMED},
    [DNS_LOOP] = {"loop", CAUSE_CNAME_LOOP},
    [DNS_FAILED] = {"failed", CAUSE_DNS_TIMEOUT},
};

const char *dns_status_name(enum dns_status status)
{
    return statuses[status].name;
}

enum cause dns_status_cause(enum dns_status status)
{
    return statuses[status].cause;
}

const char *dns_ede_name(int ede)
{
    static const char *const names[] = {
        "Other Error",
        "Unsupported DNSKEY Algorithm",
        "Unsupported DS Digest Type",
        "Stale Answer",
        "Forged Answer",
        "DNSSEC Indeterminate",
        "DNSSEC Bogus",
        "Signature Expired",
        "Signature Not Yet Valid",
        "DNSKEY Missing",
        "RRSIGs Missing",
        "No Zone Key Bit Set",
        "NSEC Missing",
        "Cached Error",
        "Not Ready",
        "Blocked",
        "Censored",
        "Filtered",
        "Prohibited",
        "Stale NXDomain Answer",
        "Not Authoritative",
        "Not Supported",
        "No Reachable Authority",
        "Network Error",
        "Invalid Data",
    };
    return ede >= 0 && ede < (int)(sizeof names / sizeof *names) ? names[ede] : NULL;
}

/* Names as text (RFC 1035 5.1) */

/** Reads the octet behind a backslash: \DDD, or any other character for itself. */
static bool read_escape(const char **text, unsigned *octet)
{
    const char *at = *text;
    if (!ascii_is_digit(*at)) {
        *octet = (unsigned char)*at;
        *text = *at ? at + 1 : at;
        return *at != '\0';
    }
    if (!ascii_is_digit(at[1]) || !ascii_is_digit(at[2]))
        return false;
    *octet = (unsigned)(at[0] - '0') * 100 + (unsigned)(at[1] - '0') * 10 + (unsigned)(at[2] - '0');
    *text = at + 3;
    return *octet <= 255;
}

/** Takes one label off the text, up to its dot or the end, and adds it to the name. */
static bool add_label(struct wire_name *name, const char **text)
{
    size_t start = name->size++, size = 0;
    while (**text && **text != '.') {
        unsigned octet = (unsigned char)*(*text)++;
        if (octet == '\\' && !read_escape(text, &octet))
            return false;
        /* One octet must be left for the root. */
        if (++size > LABEL_LIMIT || name->size + 1 >= NAME_LIMIT)
            return false;
        name->octets[name->size++] = (unsigned char)octet;
    }
    name->octets[start] = (unsigned char)size;
    return size > 0;
}

static bool name_from_text(struct wire_name *name, const char *text)
{
    name->size = 0;
    if (strcmp(text, ".") == 0)
        text = "";
    else if (!*text)
        return false;
    while (*text) {
        if (name->size + 1 >= NAME_LIMIT || !add_label(name, &text))
            return false;
        if (*text == '.')
            text++;
    }
    name->octets[name->size++] = 0;
    return true;
}

static char *add_escaped(char *out, unsigned char octet)
{
    if (octet <= ' ' || octet >= 0x7f)
        return out + sprintf(out, "\\%03u", octet);
    if (octet == '.' || octet == '\\')
        *out++ = '\\';
    *out++ = (char)octet;
    return out;
}

static char *name_to_text(const struct wire_name *name, struct arena *arena)
{
    char text[NAME_LIMIT * 4 + 1], *out = text;
    for (size_t at = 0; name->octets[at] != 0; at += name->octets[at] + 1u) {
        if (at > 0)
            *out++ = '.';
        for (size_t i = 1; i <= name->octets[at]; i++)
            out = add_escaped(out, name->octets[at + i]);
    }
    if (out == text)
        *out++ = '.';
    *out = '\0';
    return arena_copy_string(arena, text);
}

/** Octets of length are at most 63 and so never taken for letters. */
static bool name_equals(const struct wire_name *a, const struct wire_name *b)
{
    return span_equal_nocase(span_of((const char *)a->octets, a->size),
                             span_of((const char *)b->octets, b->size));
}

/* Reading */

static bool fail(struct reader *reader, const char *fault)
{
    if (!reader->fault)
        reader->fault = fault;
    return false;
}

static bool read_number(struct reader *reader, size_t size, uint32_t *number)
{
    if (reader->size - reader->at < size)
        return fail(reader, "it ends within a record");
    *number = 0;
    for (size_t i = 0; i < size; i++)
        *number = *number << 8 | reader->octets[reader->at++];
    return true;
}

static bool read_u8(struct reader *reader, uint8_t *number)
{
    uint32_t wide;
    if (!read_number(reader, 1, &wide))
        return false;
    *number = (uint8_t)wide;
    return true;
}

static bool read_u16(struct reader *reader, uint16_t *number)
{
    uint32_t wide;
    if (!read_number(reader, 2, &wide))
        return false;
    *number = (uint16_t)wide;
    return true;
}

static bool read_label(struct reader *reader, size_t *at, struct wire_name *name)
{
    size_t size = reader->octets[*at];
    if (size > LABEL_LIMIT)
        return fail(reader, "a label has an unknown type");
    if (size >= reader->size - *at)
        return fail(reader, "it ends within a name");
    if (name->size + size + 1 > NAME_LIMIT)
        return fail(reader, "a name is longer than 255 octets");
    memcpy(name->octets + name->size, reader->octets + *at, size + 1);
    name->size += size + 1;
    *at += size + 1;
    return true;
}

/**
 * Follows the compression pointer at `*at`. It has to point before all that
 * was read of this name, so that no chain of pointers comes round to itself.
 */
static bool follow_pointer(struct reader *reader, size_t *at, size_t *floor)
{
    if (reader->size - *at < 2)
        return fail(reader, "it ends within a name");
    size_t target = (reader->octets[*at] & 0x3fu) << 8 | reader->octets[*at + 1];
    if (target < HEADER_SIZE || target >= *floor)
        return fail(reader, "a compression pointer does not point backwards");
    *at = *floor = target;
    return true;
}

static bool read_name(struct reader *reader, struct wire_name *name)
{
    size_t at = reader->at, floor = at, end = 0;
    unsigned hops = 0;
    name->size = 0;
    for (;;) {
        if (at >= reader->size)
            return fail(reader, "it ends within a name");
        unsigned char first = reader->octets[at];
        if (first >= 0xc0) {
            if (end == 0)
                end = at + 2;
            if (++hops > HOP_LIMIT)
                return fail(reader, "a name has more than 127 compression pointers");
            if (!follow_pointer(reader, &at, &floor))
                return false;
            continue;
        }
        if (!read_label(reader, &at, name))
            return false;
        if (first == 0)
            break;
    }
    reader->at = end ? end : at;
    return true;
}

static bool read_header(struct reader *reader, uint16_t counts[4])
{
    uint16_t id, flags;
    if (!read_u16(reader, &id) || !read_u16(reader, &flags))
        return fail(reader, "it is shorter than a header");
    for (int i = 0; i < 4; i++)
        if (!read_u16(reader, &counts[i]))
            return false;
    struct dns_answer *answer = reader->answer;
    answer->rcode = flags & 0x0f;
    answer->authenticated = flags & 0x0020;
    answer->truncated = flags & 0x0200;
    reader->is_authoritative = flags & 0x0400;
    reader->can_recurse = flags & 0x0080;
    if (!(flags & 0x8000))
        return fail(reader, "it is a question, not an answer");
    return flags & 0x7800 ? fail(reader, "it answers another kind of request than a query") : true;
}

/** Servers that refuse may leave the question out; nobody else may. */
static bool read_question(struct reader *reader, unsigned count, const struct wire_name *asked)
{
    unsigned rcode = reader->answer->rcode;
    if (count == 0 && rcode != NOERROR && rcode != NXDOMAIN)
        return true;
    if (count != 1)
        return fail(reader, "it does not hold exactly one question");
    struct wire_name name;
    uint16_t type, class;
    if (!read_name(reader, &name) || !read_u16(reader, &type) || !read_u16(reader, &class))
        return false;
    if (!name_equals(&name, asked) || type != reader->answer->type || class != CLASS_IN)
        return fail(reader, "it answers another question than the one asked");
    return true;
}

static bool read_place(struct reader *reader, struct place *place)
{
    struct wire_name owner;
    uint16_t size;
    place->owner = reader->at;
    if (!read_name(reader, &owner) || !read_u16(reader, &place->type) || !read_u16(reader, &place->class) ||
        !read_number(reader, 4, &place->ttl) || !read_u16(reader, &size))
        return false;
    if (reader->size - reader->at < size)
        return fail(reader, "it ends within a record");
    if (place->ttl > INT32_MAX)
        place->ttl = 0; /* RFC 2181 8 */
    place->data = reader->at;
    place->data_size = size;
    reader->at += size;
    return true;
}

static bool read_answer_section(struct reader *reader, unsigned count)
{
    /* The count is the peer's word; a record takes 11 octets at least. */
    size_t most = (reader->size - reader->at) / 11;
    reader->places = ARENA_ARRAY(reader->arena, struct place, (count < most ? count : most) + 1);
    for (unsigned i = 0; i < count; i++) {
        struct place *place = &reader->places[reader->place_count];
        if (!read_place(reader, place))
            return false;
        if (place->class == CLASS_IN)
            reader->place_count++;
    }
    return true;
}

static bool read_authority_section(struct reader *reader, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct place place;
        if (!read_place(reader, &place))
            return false;
        reader->has_ns |= place.type == TYPE_NS;
        reader->has_soa |= place.type == TYPE_SOA;
    }
    return true;
}

/** Options of EDNS (RFC 6891 6.1.2). They tell us more, and decide nothing: a broken one ends the reading. */
static void read_options(struct reader *reader, struct span options)
{
    const unsigned char *octets = (const unsigned char *)options.at;
    size_t at = 0;
    while (options.size - at >= 4) {
        unsigned code = (unsigned)octets[at] << 8 | octets[at + 1];
        size_t size = (size_t)octets[at + 2] << 8 | octets[at + 3];
        at += 4;
        if (size > options.size - at)
            return;
        if (code == OPTION_EDE && size >= 2 && reader->answer->ede < 0) {
            reader->answer->ede = octets[at] << 8 | octets[at + 1];
            reader->answer->ede_text = arena_copy(reader->arena, span_of(options.at + at + 2, size - 2));
        }
        at += size;
    }
}

static bool read_additional_section(struct reader *reader, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct place place;
        if (!read_place(reader, &place))
            return false;
        if (place.type != TYPE_OPT)
            continue;
        /* The upper octet of the TTL extends the code of the header. */
        reader->answer->rcode |= reader->octets[place.data - 6] << 4;
        read_options(reader, span_of((const char *)reader->octets + place.data, place.data_size));
    }
    return true;
}

static bool read_sections(struct reader *reader, const struct wire_name *asked)
{
    uint16_t counts[4];
    return read_header(reader, counts) && read_question(reader, counts[0], asked) &&
           read_answer_section(reader, counts[1]) && read_authority_section(reader, counts[2]) &&
           read_additional_section(reader, counts[3]);
}

/* Records */

/** A reader of one record's data, so that nothing in it can reach beyond; names may point back into the
 * message. */
static struct reader data_reader(const struct reader *reader, const struct place *place)
{
    struct reader data = *reader;
    data.at = place->data;
    data.size = place->data + place->data_size;
    return data;
}

static bool read_target(struct reader *data, char **text)
{
    struct wire_name name;
    if (!read_name(data, &name))
        return false;
    *text = name_to_text(&name, data->arena);
    return true;
}

static bool read_address(struct reader *data, int family, struct dns_address *address)
{
    size_t size = family == AF_INET ? 4 : 16;
    if (data->size - data->at != size)
        return fail(data, "an address has the wrong size");
    address->family = family;
    memcpy(address->octets, data->octets + data->at, size);
    inet_ntop(family, address->octets, address->text, sizeof address->text);
    data->at += size;
    return true;
}

/** Joins the strings of a TXT record, as SPF and MTA-STS want it. */
static bool read_strings(struct reader *data, struct span *txt)
{
    if (data->at == data->size)
        return fail(data, "a TXT record holds no string");
    char *out = arena_allocate(data->arena, data->size - data->at);
    size_t total = 0;
    while (data->at < data->size) {
        uint8_t size = data->octets[data->at++];
        if (size > data->size - data->at)
            return fail(data, "a string runs beyond its TXT record");
        memcpy(out + total, data->octets + data->at, size);
        total += size;
        data->at += size;
    }
    *txt = span_of(out, total);
    return true;
}

static bool read_tlsa(struct reader *data, struct dns_tlsa *tlsa)
{
    if (!read_u8(data, &tlsa->usage) || !read_u8(data, &tlsa->selector) || !read_u8(data, &tlsa->matching))
        return false;
    tlsa->data =
        arena_copy(data->arena, span_of((const char *)data->octets + data->at, data->size - data->at));
    data->at = data->size;
    return true;
}

static bool read_data(struct reader *data, struct dns_record *record)
{
    switch (record->type) {
    case DNS_A:
        return read_address(data, AF_INET, &record->as.address);
    case DNS_AAAA:
        return read_address(data, AF_INET6, &record->as.address);
    case DNS_CNAME:
    case DNS_PTR:
        return read_target(data, &record->as.name);
    case DNS_MX:
        return read_u16(data, &record->as.mx.preference) && read_target(data, &record->as.mx.exchange);
    case DNS_TXT:
        return read_strings(data, &record->as.txt);
    case DNS_SRV:
        return read_u16(data, &record->as.srv.priority) && read_u16(data, &record->as.srv.weight) &&
               read_u16(data, &record->as.srv.port) && read_target(data, &record->as.srv.target);
    case DNS_TLSA:
        return read_tlsa(data, &record->as.tlsa);
    }
    return fail(data, "records of this type cannot be read");
}

static bool read_record(struct reader *reader, const struct place *place, struct dns_record *record)
{
    struct reader data = data_reader(reader, place);
    record->type = (enum dns_type)place->type;
    record->ttl = place->ttl;
    if (!read_data(&data, record))
        return fail(reader, data.fault);
    return data.at == data.size ? true : fail(reader, "a record is longer than its contents");
}

static bool is_owned_by(struct reader *reader, const struct place *place, const struct wire_name *name)
{
    struct wire_name owner;
    reader->at = place->owner;
    return read_name(reader, &owner) && name_equals(&owner, name);
}

static const struct place *find_alias(struct reader *reader, const struct wire_name *name)
{
    for (size_t i = 0; i < reader->place_count; i++)
        if (reader->places[i].type == DNS_CNAME && is_owned_by(reader, &reader->places[i], name))
            return &reader->places[i];
    return NULL;
}

static bool read_alias(struct reader *reader, const struct place *place, struct wire_name *target)
{
    struct reader data = data_reader(reader, place);
    if (!read_name(&data, target))
        return fail(reader, data.fault);
    return data.at == data.size ? true : fail(reader, "a record is longer than its contents");
}

static void end_in_loop(struct dns_answer *answer, const char *reason)
{
    answer->status = DNS_LOOP;
    answer->reason = reason;
}

/**
 * Follows the aliases from `chain[0]`, in whatever order they stand in the
 * answer. At the end chain[alias_count] is the name whose records count,
 * unless the status has become DNS_LOOP.
 */
static bool follow_aliases(struct reader *reader, struct wire_name chain[DNS_ALIAS_LIMIT + 2])
{
    struct dns_answer *answer = reader->answer;
    const struct place *alias;
    answer->aliases = ARENA_ARRAY(reader->arena, char *, DNS_ALIAS_LIMIT + 1);
    while ((alias = find_alias(reader, &chain[answer->alias_count]))) {
        struct wire_name *target = &chain[answer->alias_count + 1];
        if (!read_alias(reader, alias, target))
            return false;
        answer->aliases[answer->alias_count++] = name_to_text(target, reader->arena);
        for (size_t i = 0; i < answer->alias_count; i++)
            if (name_equals(&chain[i], target)) {
                end_in_loop(answer, "the aliases run in a circle");
                return true;
            }
        if (answer->alias_count > DNS_ALIAS_LIMIT) {
            end_in_loop(answer, "there are more than 10 aliases in a row");
            return true;
        }
    }
    return true;
}

static bool collect_records(struct reader *reader, const struct wire_name *owner)
{
    struct dns_answer *answer = reader->answer;
    size_t capacity = 0;
    for (size_t i = 0; i < reader->place_count; i++) {
        const struct place *place = &reader->places[i];
        if (place->type != answer->type || !is_owned_by(reader, place, owner))
            continue;
        if (answer->record_count == DNS_RECORD_LIMIT) {
            answer->records_left_out++;
            continue;
        }
        answer->records = arena_grow(reader->arena, answer->records, answer->record_count, &capacity,
                                     sizeof *answer->records);
        if (!read_record(reader, place, &answer->records[answer->record_count]))
            return false;
        answer->record_count++;
    }
    return true;
}

/** What a code other than NOERROR and NXDOMAIN says. */
static void set_error_status(struct dns_answer *answer, struct arena *arena)
{
    switch (answer->rcode) {
    case SERVFAIL:
        answer->status = DNS_SERVFAIL;
        return;
    case REFUSED:
        answer->status = DNS_REFUSED;
        answer->reason = "REFUSED";
        return;
    case NOTIMP:
        answer->status = DNS_REFUSED;
        answer->reason = "NOTIMP";
        return;
    case FORMERR:
        answer->status = DNS_REFUSED;
        answer->reason = "FORMERR";
        return;
    case NOTAUTH:
        answer->status = DNS_REFUSED;
        answer->reason = "NOTAUTH";
        return;
    default:
        answer->status = DNS_SERVFAIL;
        answer->reason = arena_printf(arena, "response code %u", answer->rcode);
    }
}

/**
 * Why an answer without data says nothing about the name, or NULL: a server
 * that is no resolver points elsewhere, or ends where the aliases leave its zones.
 * With an SOA record it does mean that there is no data (RFC 2308 2.2).
 */
static const char *unresolved(const struct reader *reader)
{
    if (reader->can_recurse || reader->has_soa)
        return NULL;
    if (reader->answer->alias_count > 0)
        return "it is no resolver: it does not follow the aliases to their end";
    return !reader->is_authoritative && reader->has_ns
               ? "it is no resolver: it only refers to other name servers"
               : NULL;
}

static bool interpret(struct reader *reader, const struct wire_name *asked)
{
    struct dns_answer *answer = reader->answer;
    struct wire_name chain[DNS_ALIAS_LIMIT + 2];
    chain[0] = *asked;
    if (answer->rcode != NOERROR && answer->rcode != NXDOMAIN) {
        set_error_status(answer, reader->arena);
        return true;
    }
    answer->status = answer->rcode == NXDOMAIN ? DNS_NXDOMAIN : DNS_NO_DATA;
    if (answer->type != DNS_CNAME && !follow_aliases(reader, chain))
        return false;
    if (answer->status != DNS_NO_DATA)
        return true;
    if (!collect_records(reader, &chain[answer->alias_count]))
        return false;
    if (answer->record_count > 0) {
        answer->status = DNS_FOUND;
    } else if (unresolved(reader)) {
        answer->status = DNS_REFUSED;
        answer->reason = unresolved(reader);
    }
    return true;
}

bool dns_message_read(struct dns_answer *answer, struct span message, const char *name, enum dns_type type,
                      struct arena *arena)
{
    *answer = (struct dns_answer){.name = arena_copy_string(arena, name), .type = type, .ede = -1};
    struct reader reader = {
        .octets = (const unsigned char *)message.at, .size = message.size, .arena = arena, .answer = answer};
    struct wire_name asked;
    if (!name_from_text(&asked, name))
        fail(&reader, "the name asked for is no legal one");
    else if (read_sections(&reader, &asked) && interpret(&reader, &asked))
        return true;
    answer->status = DNS_MALFORMED;
    answer->reason = reader.fault;
    answer->records = NULL;
    answer->record_count = answer->records_left_out = answer->alias_count = 0;
    return false;
}

/* Writing */

static unsigned char *put_u16(unsigned char *out, unsigned number)
{
    *out++ = (unsigned char)(number >> 8);
    *out++ = (unsigned char)number;
    return out;
}

size_t dns_question_write(unsigned char *out, uint16_t id, const char *name, enum dns_type type,
                          unsigned flags, unsigned udp_size)
{
    struct wire_name wire;
    if (!name_from_text(&wire, name))
        return 0;
    unsigned char *at = put_u16(out, id);
    at = put_u16(at, 0x0100 | flags);
    at = put_u16(at, 1);
    at = put_u16(at, 0);
    at = put_u16(at, 0);
    at = put_u16(at, udp_size > 0);
    memcpy(at, wire.octets, wire.size);
    at = put_u16(at + wire.size, type);
    at = put_u16(at, CLASS_IN);
    if (udp_size > 0) {
        *at++ = 0;
        at = put_u16(at, TYPE_OPT);
        at = put_u16(at, udp_size);
        memset(at, 0, 6); /* extended code, version, flags; no options */
        at += 6;
    }
    return (size_t)(at - out);
}
