/** DNS messages made by hand, right or wrong, for tests of the reader and for the scripted resolver. */
#ifndef SUPPORT_DNS_PACKET_H
#define SUPPORT_DNS_PACKET_H

#include "base/span.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>

enum packet_flags { QR = 0x8000, AA = 0x0400, TC = 0x0200, RD = 0x0100, RA = 0x0080, AD = 0x0020 };
enum packet_section { QUESTIONS, ANSWERS, AUTHORITY, ADDITIONAL };

struct packet {
    unsigned char octets[65535];
    size_t size;
};

static inline void packet_add(struct packet *packet, const void *octets, size_t size)
{
    if (size > sizeof packet->octets - packet->size)
        abort();
    memcpy(packet->octets + packet->size, octets, size);
    packet->size += size;
}

static inline void packet_u8(struct packet *packet, unsigned number)
{
    packet_add(packet, &(unsigned char){(unsigned char)number}, 1);
}

static inline void packet_u16(struct packet *packet, unsigned number)
{
    packet_u8(packet, number >> 8);
    packet_u8(packet, number & 0xff);
}

static inline void packet_set_u16(struct packet *packet, size_t at, unsigned number)
{
    packet->octets[at] = (unsigned char)(number >> 8);
    packet->octets[at + 1] = (unsigned char)number;
}

/** A name of plain labels; "" or "." is the root. Labels of more than 63 octets are written as they are. */
static inline void packet_name(struct packet *packet, const char *name)
{
    struct span rest = span_of_string(name), label;
    while (span_next_token(&rest, ".", &label)) {
        packet_u8(packet, (unsigned)label.size);
        packet_add(packet, label.at, label.size);
    }
    packet_u8(packet, 0);
}

static inline void packet_pointer(struct packet *packet, size_t target)
{
    packet_u16(packet, 0xc000u | (unsigned)target);
}

static inline void packet_begin(struct packet *packet, unsigned id, unsigned flags_and_rcode)
{
    memset(packet->octets, 0, 12);
    packet->size = 12;
    packet_set_u16(packet, 0, id);
    packet_set_u16(packet, 2, flags_and_rcode);
}

static inline void packet_count(struct packet *packet, enum packet_section section)
{
    size_t at = 4 + 2 * (size_t)section;
    packet_set_u16(packet, at, (packet->octets[at] << 8 | packet->octets[at + 1]) + 1u);
}

static inline void packet_question(struct packet *packet, const char *name, unsigned type)
{
    packet_count(packet, QUESTIONS);
    packet_name(packet, name);
    packet_u16(packet, type);
    packet_u16(packet, 1);
}

/** All of a record but its data. @return where the size of the data stands, for packet_end_record() */
static inline size_t packet_record(struct packet *packet, enum packet_section section, const char *owner,
                                   unsigned type)
{
    packet_count(packet, section);
    packet_name(packet, owner);
    packet_u16(packet, type);
    packet_u16(packet, 1);
    packet_u16(packet, 0);
    packet_u16(packet, 300);
    packet_u16(packet, 0);
    return packet->size - 2;
}

static inline void packet_end_record(struct packet *packet, size_t place)
{
    packet_set_u16(packet, place, (unsigned)(packet->size - place - 2));
}

static inline void packet_alias(struct packet *packet, const char *owner, const char *target)
{
    size_t place = packet_record(packet, ANSWERS, owner, 5);
    packet_name(packet, target);
    packet_end_record(packet, place);
}

static inline void packet_mx(struct packet *packet, const char *owner, unsigned preference,
                             const char *exchange)
{
    size_t place = packet_record(packet, ANSWERS, owner, 15);
    packet_u16(packet, preference);
    packet_name(packet, exchange);
    packet_end_record(packet, place);
}

static inline void packet_a(struct packet *packet, const char *owner, const char *address)
{
    unsigned char octets[4];
    size_t place = packet_record(packet, ANSWERS, owner, 1);
    inet_pton(AF_INET, address, octets);
    packet_add(packet, octets, sizeof octets);
    packet_end_record(packet, place);
}

/** The OPT record; @param ede an extended error with its text, or -1 */
static inline void packet_opt(struct packet *packet, unsigned upper_rcode, int ede, const char *text)
{
    packet_count(packet, ADDITIONAL);
    packet_u8(packet, 0);
    packet_u16(packet, 41);
    packet_u16(packet, 1232);
    packet_u8(packet, upper_rcode);
    packet_u8(packet, 0);
    packet_u16(packet, 0);
    size_t place = packet->size;
    packet_u16(packet, 0);
    if (ede >= 0) {
        packet_u16(packet, 15);
        packet_u16(packet, (unsigned)(2 + strlen(text)));
        packet_u16(packet, (unsigned)ede);
        packet_add(packet, text, strlen(text));
    }
    packet_end_record(packet, place);
}

static inline struct span packet_span(const struct packet *packet)
{
    return span_of((const char *)packet->octets, packet->size);
}

#endif
