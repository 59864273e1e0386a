#include "diagnose/places.h"

#include "base/address.h"
#include "diagnose/commands.h"
#include "diagnose/explanation.h"
#include "smtp/port.h"

#include <stdio.h>

enum {
    VALUE_LIMIT = 320, /* longer values are left out: no name or address needs more */
};

enum place {
    PLACE_RECIPIENT,
    PLACE_RECIPIENT_DOMAIN,
    PLACE_SENDER,
    PLACE_SENDER_DOMAIN,
    PLACE_HOST,
    PLACE_PORT,
    PLACE_ADDRESS,
    PLACE_OUR_ADDRESS,
    PLACE_OUR_REVERSED,
    PLACE_HELO,
    PLACE_USER,
    PLACE_MECHANISM,
    PLACE_LISTED_BY,
    PLACE_CODE,
    PLACE_ENHANCED,
    PLACE_SIZE,
    PLACE_OTHER_MECHANISM, /* one to try after `mechanism` */
    PLACE_TLS,             /* the option by which TLS came about: --tls or --tls-on-connect */
    PLACE_S_CLIENT,        /* openssl's client with what leads it into TLS at the same server */
    PLACE_SERVER,          /* host and port as --server has them */
    PLACE_PROBE,           /* the program with what leads it to the same server again */
    PLACE_COUNT
};

/** Names, and what stands in for a value that is not known. */
static const struct {
    const char *name;
    const char *prose;
    const char *command;
} places[] = {
    [PLACE_RECIPIENT] = {"recipient", "the recipient", "RECIPIENT"},
    [PLACE_RECIPIENT_DOMAIN] = {"recipient_domain", "the recipient's domain", "RECIPIENT-DOMAIN"},
    [PLACE_SENDER] = {"sender", "the sender", "SENDER"},
    [PLACE_SENDER_DOMAIN] = {"sender_domain", "the sender's domain", "SENDER-DOMAIN"},
    [PLACE_HOST] = {"host", "the server", "SERVER"},
    [PLACE_PORT] = {"port", "its port", "25"},
    [PLACE_ADDRESS] = {"address", "the server's address", "SERVER-ADDRESS"},
    [PLACE_OUR_ADDRESS] = {"our_address", "the client's address", "OUR-ADDRESS"},
    [PLACE_OUR_REVERSED] = {"our_reversed", "the client's address reversed", "OUR-ADDRESS-REVERSED"},
    [PLACE_HELO] = {"helo", "the name in EHLO", "EHLO-NAME"},
    [PLACE_USER] = {"user", "this user", "USER"},
    [PLACE_MECHANISM] = {"mechanism", "this mechanism", "MECHANISM"},
    [PLACE_LISTED_BY] = {"listed_by", "the list", "BLOCK-LIST"},
    [PLACE_CODE] = {"code", "the code", "CODE"},
    [PLACE_ENHANCED] = {"enhanced", "the enhanced code", "ENHANCED-CODE"},
    [PLACE_SIZE] = {"size", "unknown size", "SIZE"},
    [PLACE_OTHER_MECHANISM] = {"other_mechanism", "PLAIN", "PLAIN"},
    [PLACE_TLS] = {"tls", "--tls", "--tls"},
    [PLACE_S_CLIENT] = {"s_client", "openssl s_client", "openssl s_client"},
    [PLACE_SERVER] = {"server", "the server", "SERVER"},
    [PLACE_PROBE] = {"probe", "smtpprobe", "smtpprobe"},
};

static enum place find_place(struct span name)
{
    int place = 0;
    while (place < PLACE_COUNT && !span_is(name, places[place].name))
        place++;
    return place;
}

bool place_is_known(struct span name)
{
    return find_place(name) < PLACE_COUNT;
}

/** Nothing for an address literal: the DNS cannot be asked about it. */
static struct span domain_of(const char *domain, const char *mailbox)
{
    const char *at = mailbox ? strrchr(mailbox, '@') : NULL;
    if (domain)
        return span_of_string(domain);
    return at && at[1] != '[' ? span_of_string(at + 1) : span_of(NULL, 0);
}

static struct span number_text(char text[ADDRESS_REVERSED_SIZE], bool is_known, long long number)
{
    if (!is_known)
        return span_of(NULL, 0);
    return span_of(text, (size_t)snprintf(text, ADDRESS_REVERSED_SIZE, "%lld", number));
}

static const char *our_address(const struct explain_context *context, const struct place_extras *extras)
{
    return context->our_address || !extras ? context->our_address : extras->client_address;
}

static const char *recipient_of(const struct explain_context *context, const struct place_extras *extras)
{
    bool is_known = context->recipient || context->recipient_domain || !extras;
    return is_known ? context->recipient : extras->recipient;
}

static const char *sender_of(const struct explain_context *context, const struct place_extras *extras)
{
    bool is_known = context->sender || context->sender_domain || !extras;
    return is_known ? context->sender : extras->sender;
}

/** The value, perhaps in `room`; empty if it is not known. */
static struct span value_of(enum place place, const struct explain_context *context,
                            const struct place_extras *extras, char room[ADDRESS_REVERSED_SIZE])
{
    switch (place) {
    case PLACE_RECIPIENT:
        return span_of_string(recipient_of(context, extras));
    case PLACE_RECIPIENT_DOMAIN:
        return domain_of(context->recipient_domain, recipient_of(context, extras));
    case PLACE_SENDER:
        return span_of_string(sender_of(context, extras));
    case PLACE_SENDER_DOMAIN:
        return domain_of(context->sender_domain, sender_of(context, extras));
    case PLACE_HOST:
        return span_of_string(context->host ? context->host : context->address);
    case PLACE_PORT:
        return number_text(room, context->port != 0, context->port);
    case PLACE_ADDRESS:
        return span_of_string(context->address);
    case PLACE_OUR_ADDRESS:
        return span_of_string(our_address(context, extras));
    case PLACE_OUR_REVERSED:
        return address_reversed(our_address(context, extras), room);
    case PLACE_HELO:
        return span_of_string(context->helo);
    case PLACE_USER:
        return span_of_string(context->user);
    case PLACE_MECHANISM:
        return span_of_string(context->mechanism);
    case PLACE_LISTED_BY:
        return extras ? extras->listed_by : span_of(NULL, 0);
    case PLACE_CODE:
        return number_text(room, extras && extras->code > 0, extras ? extras->code : 0);
    case PLACE_ENHANCED:
        return span_of_string(extras ? extras->enhanced : NULL);
    case PLACE_SIZE:
        return number_text(room, context->message_size >= 0, context->message_size);
    case PLACE_OTHER_MECHANISM:
        return span_is_nocase(span_of_string(context->mechanism), "PLAIN") ? SPAN("LOGIN") : SPAN("PLAIN");
    case PLACE_TLS:
        return context->implicit_tls ? SPAN("--tls-on-connect") : SPAN("--tls");
    case PLACE_S_CLIENT:
    case PLACE_SERVER:
    case PLACE_PROBE:
    case PLACE_COUNT:
        break;
    }
    return span_of(NULL, 0);
}

static bool is_harmless(struct span value)
{
    for (size_t i = 0; i < value.size; i++)
        if (!ascii_is_alpha(value.at[i]) && !ascii_is_digit(value.at[i]) &&
            !memchr("@._+=:/%,-", value.at[i], 10))
            return false;
    return value.at[0] != '-';
}

struct writer {
    char *at; /* NULL: only measure */
    size_t size;
};

static void write_span(struct writer *writer, struct span text)
{
    if (writer->at && text.size > 0)
        memcpy(writer->at + writer->size, text.at, text.size);
    writer->size += text.size;
}

/** Names come from DNS, replies and users: what is pasted into a shell must stay one word. */
static void write_value(struct writer *writer, struct span value, enum place_manner manner)
{
    bool quoted = manner == PLACES_IN_COMMAND && !is_harmless(value);
    if (quoted)
        write_span(writer, SPAN("'"));
    for (size_t i = 0; i < value.size; i++) {
        unsigned char octet = (unsigned char)value.at[i];
        if (quoted && octet == '\'')
            write_span(writer, SPAN("'\\''"));
        else
            write_span(writer, octet < 0x20 || octet == 0x7f ? SPAN("?") : span_of(value.at + i, 1));
    }
    if (quoted)
        write_span(writer, SPAN("'"));
}

struct filler {
    enum place_manner manner;
    const struct explain_context *context;
    const struct place_extras *extras;
    bool names_tls; /* the text has a TLS option of its own */
};

static bool starts_sentence(const struct writer *writer)
{
    size_t size = writer->size;
    return size == 0 ||
           (writer->at && size > 2 && writer->at[size - 1] == ' ' && writer->at[size - 2] == '.');
}

static void write_stand_in(struct writer *writer, enum place place, enum place_manner manner)
{
    bool raise = manner == PLACES_IN_PROSE && starts_sentence(writer);
    size_t start = writer->size;
    write_span(writer,
               span_of_string(manner == PLACES_IN_PROSE ? places[place].prose : places[place].command));
    if (raise && writer->at)
        writer->at[start] = ascii_upper(writer->at[start]);
}

static void write_number(struct writer *writer, const char *before, unsigned number)
{
    char text[24];
    write_span(writer, span_of(text, (size_t)snprintf(text, sizeof text, "%s%u", before, number)));
}

/** "mx.example.com:25", "[2001:db8::1]:25", or the host alone. */
static void write_host_and_port(struct writer *writer, const struct filler *filler)
{
    char room[ADDRESS_REVERSED_SIZE];
    struct span host = value_of(PLACE_HOST, filler->context, filler->extras, room);
    bool is_v6 = host.size > 0 && memchr(host.at, ':', host.size);
    if (host.size == 0 || host.size > VALUE_LIMIT) {
        write_stand_in(writer, PLACE_SERVER, filler->manner);
        return;
    }
    write_span(writer, span_of_string(is_v6 ? "'[" : ""));
    write_value(writer, host, is_v6 ? PLACES_IN_PROSE : filler->manner);
    write_span(writer, span_of_string(is_v6 ? "]" : ""));
    if (filler->context->port != 0)
        write_number(writer, ":", filler->context->port);
    write_span(writer, span_of_string(is_v6 ? "'" : ""));
}

/** Whoever connects without TLS to a port that speaks it from the start waits for a greeting in vain. */
static void write_implicit_tls(struct writer *writer, const struct filler *filler)
{
    if (filler->context->implicit_tls && !filler->names_tls && filler->manner == PLACES_IN_COMMAND)
        write_span(writer, SPAN(" --tls-on-connect"));
}

static void write_server(struct writer *writer, const struct filler *filler)
{
    write_host_and_port(writer, filler);
    write_implicit_tls(writer, filler);
}

/** An address is no server name (RFC 6066 3). */
static void write_s_client(struct writer *writer, const struct filler *filler)
{
    const struct explain_context *context = filler->context;
    write_span(writer, SPAN("openssl s_client"));
    if (!context->implicit_tls)
        write_span(writer, SPAN(" -starttls smtp"));
    write_span(writer, SPAN(" -connect "));
    write_host_and_port(writer, filler);
    if (context->host && !(context->address && strcmp(context->host, context->address) == 0)) {
        write_span(writer, SPAN(" -servername "));
        write_value(writer, span_of_string(context->host), filler->manner);
    }
}

static void write_probe(struct writer *writer, const struct filler *filler)
{
    const struct explain_context *context = filler->context;
    write_span(writer, SPAN("smtpprobe"));
    if (context->host && !context->from_mx) {
        write_span(writer, SPAN(" --server "));
        write_host_and_port(writer, filler);
    } else if (context->port != 0 && context->port != PORT_SMTP) {
        write_number(writer, " --port ", context->port);
    }
    write_implicit_tls(writer, filler);
}

static void write_place(struct writer *writer, enum place place, const struct filler *filler)
{
    char room[ADDRESS_REVERSED_SIZE];
    if (place == PLACE_SERVER) {
        write_server(writer, filler);
        return;
    }
    if (place == PLACE_S_CLIENT) {
        write_s_client(writer, filler);
        return;
    }
    if (place == PLACE_PROBE) {
        write_probe(writer, filler);
        return;
    }
    struct span value = value_of(place, filler->context, filler->extras, room);
    if (place == PLACE_TLS) /* our own words, and an option is what it shall be */
        write_span(writer, value);
    else if (value.size > 0 && value.size <= VALUE_LIMIT)
        write_value(writer, value, filler->manner);
    else
        write_stand_in(writer, place, filler->manner);
}

static void write_text(struct writer *writer, struct span text, const struct filler *filler)
{
    while (text.size > 0) {
        const char *open = memchr(text.at, '{', text.size);
        size_t before = open ? (size_t)(open - text.at) : text.size;
        write_span(writer, span_first(text, before));
        text = span_skip(text, before);
        const char *close = text.size > 0 ? memchr(text.at, '}', text.size) : NULL;
        size_t taken = close ? (size_t)(close - text.at) + 1 : text.size;
        enum place place = close ? find_place(span_of(text.at + 1, taken - 2)) : PLACE_COUNT;
        if (place < PLACE_COUNT)
            write_place(writer, place, filler);
        else
            write_span(writer, span_first(text, taken));
        text = span_skip(text, taken);
    }
}

static bool names_tls(const char *text)
{
    static const char *const options[] = {"{tls}", "--tls ", "--tls-on-connect", "--no-tls "};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strstr(text, options[i]))
            return true;
    return false;
}

const char *places_fill(const char *text, enum place_manner manner, const struct explain_context *context,
                        const struct place_extras *extras, struct arena *arena)
{
    if (manner == PLACES_IN_COMMAND && context->named_resolvers)
        text = commands_with_resolver(text, context->named_resolvers, arena);
    if (!strchr(text, '{'))
        return arena_copy_string(arena, text);
    struct filler filler = {manner, context, extras, names_tls(text)};
    struct writer measure = {NULL, 0};
    write_text(&measure, span_of_string(text), &filler);
    struct writer writer = {arena_allocate(arena, measure.size + 1), 0};
    write_text(&writer, span_of_string(text), &filler);
    return writer.at;
}
