#include "smtp/mailbox.h"

#include "base/buffer.h"
#include "base/printable.h"

#include <idn2.h>

#include <arpa/inet.h>
#include <stdarg.h>

enum {
    LABEL_LIMIT = 63, /* RFC 1035 2.3.4 */
    NAME_LIMIT = 253, /* the most that 255 octets in DNS can hold when written as text */
    EXCERPT_LIMIT = 100,
};

/** What is being read, so that a message can show it and the place of the fault. */
struct source {
    struct span text;
    struct error *error;
};

/** Says what is wrong with `text`; what the user typed may hold anything, so it is made printable. */
__attribute__((format(printf, 3, 4))) static bool fault(struct error *error, struct span text,
                                                        const char *format, ...)
{
    struct buffer message = BUFFER_EMPTY;
    buffer_add_char(&message, '"');
    printable_add(&message, span_first(text, EXCERPT_LIMIT), NULL);
    buffer_add_string(&message, text.size > EXCERPT_LIMIT ? "...\": " : "\": ");
    va_list arguments;
    va_start(arguments, format);
    buffer_vprintf(&message, format, arguments);
    va_end(arguments);
    error_set(error, "%s", buffer_string(&message));
    buffer_clear(&message);
    return false;
}

/** Where `at` stands in the source, counted from 1. */
static size_t position(const struct source *source, const char *at)
{
    return (size_t)(at - source->text.at) + 1;
}

/* Domains */

static bool is_label_octet(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

/** What is wrong with one label, or NULL. */
static const char *label_fault(struct span label)
{
    if (label.size == 0)
        return "a dot at the beginning, or two in a row";
    if (label.size > LABEL_LIMIT)
        return "the part between two dots has more than 63 octets (RFC 1035 2.3.4)";
    if (label.at[0] == '-' || label.at[label.size - 1] == '-')
        return "the part between two dots begins or ends with a hyphen (RFC 5321 4.1.2)";
    for (size_t i = 0; i < label.size; i++)
        if (!is_label_octet(label.at[i]))
            return "only letters, digits, hyphens and dots can stand in a domain name";
    return NULL;
}

/** What is wrong with a name of LDH labels without a final dot, or NULL. */
static const char *name_fault(struct span name)
{
    if (name.size > NAME_LIMIT)
        return "a name in DNS has at most 253 octets (RFC 1035 2.3.4)";
    for (struct span rest = name;;) {
        const char *dot = memchr(rest.at, '.', rest.size);
        size_t size = dot ? (size_t)(dot - rest.at) : rest.size;
        const char *found = label_fault(span_first(rest, size));
        if (found || !dot)
            return found;
        rest = span_skip(rest, size + 1);
    }
}

static struct span without_final_dot(struct span name)
{
    if (name.size > 1 && name.at[name.size - 1] == '.')
        name.size--;
    return name;
}

bool domain_is_host_name(struct span name)
{
    name = without_final_dot(name);
    return name.size > 0 && !name_fault(name);
}

/** The A-labels of a domain with characters beyond ASCII; NULL with a message. */
static char *idna_to_ascii(struct span domain, struct arena *arena, struct error *error)
{
    if (domain.size > DOMAIN_LIMIT || memchr(domain.at, '\0', domain.size)) {
        fault(error, domain, "no domain name: it is longer than 255 octets or holds a NUL");
        return NULL;
    }
    char *labels = NULL;
    int status = idn2_to_ascii_8z(arena_copy(arena, domain).at, &labels, IDN2_NONTRANSITIONAL);
    if (status != IDN2_OK) {
        fault(error, domain, "not a valid internationalised domain name (IDNA2008): %s",
              idn2_strerror(status));
        return NULL;
    }
    char *copy = arena_copy_string(arena, labels);
    idn2_free(labels);
    return copy;
}

char *domain_to_ascii(struct span domain, struct arena *arena, struct error *error)
{
    if (domain.size == 0) {
        error_set(error, "the domain name is empty");
        return NULL;
    }
    struct span name = domain;
    if (!span_is_ascii(domain)) {
        name = span_of_string(idna_to_ascii(domain, arena, error));
        if (!name.at)
            return NULL;
    }
    name = without_final_dot(name);
    /* Also after IDNA, whose mappings turn full-width forms of @, space or < into the ASCII ones. */
    const char *found = name.size > 0 ? name_fault(name) : "nothing is left of it";
    if (found) {
        fault(error, domain, "no domain name: %s", found);
        return NULL;
    }
    char *ascii = arena_allocate(arena, name.size + 1);
    for (size_t i = 0; i < name.size; i++)
        ascii[i] = ascii_lower(name.at[i]);
    return ascii;
}

/** The U-labels of a domain; NULL if libidn2 cannot. */
static char *idna_to_unicode(const char *ascii, struct arena *arena)
{
    char *labels = NULL;
    if (idn2_to_unicode_8z8z(ascii, &labels, 0) != IDN2_OK)
        return NULL;
    char *copy = arena_copy_string(arena, labels);
    idn2_free(labels);
    return copy;
}

/* Address literals */

/** Reads an address as text and writes it in its usual form. */
static int address_parse(int family, struct span text, char *address)
{
    char string[INET6_ADDRSTRLEN];
    unsigned char octets[sizeof(struct in6_addr)];
    if (text.size == 0 || text.size >= sizeof string || memchr(text.at, '\0', text.size))
        return 0;
    memcpy(string, text.at, text.size);
    string[text.size] = '\0';
    if (inet_pton(family, string, octets) != 1)
        return 0;
    return inet_ntop(family, octets, address, INET6_ADDRSTRLEN) ? family : 0;
}

/** The form of RFC 821: #16909060 is 1.2.3.4. */
static int address_number_parse(struct span digits, char *address)
{
    unsigned long long number;
    if (!span_to_number(digits, UINT32_MAX, &number))
        return 0;
    struct in_addr octets = {htonl((uint32_t)number)};
    return inet_ntop(AF_INET, &octets, address, INET6_ADDRSTRLEN) ? AF_INET : 0;
}

int address_literal_parse(struct span literal, char *address)
{
    if (literal.size < 2)
        return 0;
    if (literal.at[0] == '#')
        return address_number_parse(span_skip(literal, 1), address);
    if (literal.at[0] != '[' || literal.at[literal.size - 1] != ']')
        return 0;
    struct span content = span_of(literal.at + 1, literal.size - 2);
    if (span_starts_with_nocase(content, "IPv6:"))
        return address_parse(AF_INET6, span_skip(content, strlen("IPv6:")), address);
    return address_parse(AF_INET, content, address);
}

bool helo_name_check(struct span name, struct error *error)
{
    char address[INET6_ADDRSTRLEN];
    if (name.size == 0)
        return error_set(error, "the name for EHLO is empty");
    if (name.at[0] == '[')
        return address_literal_parse(name, address) != 0 ||
               fault(error, name, "no address literal for EHLO: write [192.0.2.1] or [IPv6:2001:db8::1]");
    if (!span_is_ascii(name))
        return fault(error, name, "EHLO takes only ASCII: write the domain in its xn-- form");
    const char *found = name_fault(name);
    if (found && name.at[name.size - 1] == '.')
        found = "it ends with a dot";
    return !found || fault(error, name, "no name for EHLO: %s", found);
}

/* Mailboxes */

/**
 * No octet that could end a command or confuse a terminal, wherever it stands:
 * controls of ASCII and of Latin-1 (C1), and what is not UTF-8.
 */
static bool check_characters(const struct source *source)
{
    for (struct span rest = source->text; rest.size > 0;) {
        unsigned character = 0;
        size_t size = printable_decode(rest, &character);
        if (size == 0)
            return fault(source->error, source->text,
                         "octet 0x%02x at position %zu is not UTF-8; addresses are ASCII or UTF-8 (RFC 6531)",
                         (unsigned char)rest.at[0], position(source, rest.at));
        if (character < 0x20 || (character >= 0x7f && character < 0xa0))
            return fault(source->error, source->text,
                         "a control character (0x%02x) at position %zu; an address cannot hold one",
                         character, position(source, rest.at));
        rest = span_skip(rest, size);
    }
    return true;
}

static bool strip_brackets(const struct source *source, struct span *text)
{
    *text = source->text;
    if (text->size == 0)
        return true;
    bool opens = text->at[0] == '<';
    bool closes = text->at[text->size - 1] == '>';
    if (closes && !opens)
        return fault(source->error, *text, "give only the address, without a name before it");
    if (opens && (!closes || text->size == 1))
        return fault(source->error, *text, "the bracket < is not closed at the end");
    if (opens)
        *text = span_of(text->at + 1, text->size - 2);
    return true;
}

/** The size of the quoted string at the beginning, with its quotes; 0 if it is not closed. */
static size_t quoted_string_size(struct span text)
{
    for (size_t i = 1; i < text.size; i++) {
        if (text.at[i] == '"')
            return i + 1;
        if (text.at[i] == '\\')
            i++;
    }
    return 0;
}

/** Cuts the text at the @ that ends the local part. */
static bool split(struct mailbox *mailbox, const struct source *source)
{
    struct span text = mailbox->text;
    const char *at;
    if (text.at[0] == '"') {
        size_t size = quoted_string_size(text);
        if (size == 0)
            return fault(source->error, source->text, "the quotation mark at the beginning is never closed");
        if (size < text.size && text.at[size] != '@')
            return fault(source->error, source->text, "only @ can follow a quoted local part (position %zu)",
                         position(source, source->text.at) + size);
        at = size < text.size ? text.at + size : NULL;
    } else {
        at = memchr(text.at, '@', text.size);
    }
    mailbox->local = at ? span_first(text, (size_t)(at - text.at)) : text;
    mailbox->domain = at ? span_skip(text, mailbox->local.size + 1) : span_of("", 0);
    if (at && mailbox->domain.size == 0)
        return fault(source->error, source->text, "nothing stands behind the @");
    return true;
}

/** atext of RFC 5322 3.2.3; what is not ASCII belongs to it by RFC 6531 3.3. */
static bool is_atext(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || (unsigned char)c > 0x7f ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool check_dot_string(struct span local, const struct source *source)
{
    for (size_t i = 0; i < local.size; i++) {
        char c = local.at[i];
        if (c == '.' && (i == 0 || i + 1 == local.size || local.at[i - 1] == '.'))
            return fault(source->error, source->text,
                         "a local part cannot begin or end with a dot or have two in a row, "
                         "unless it is in quotes: \"local..part\"@domain");
        if (c != '.' && !is_atext(c))
            return fault(source->error, source->text,
                         "'%c' can stand left of the @ only in quotes: \"local part\"@domain", c);
    }
    return true;
}

/** quoted-pairSMTP takes only ASCII behind the backslash, also in RFC 6531. */
static bool check_quoted_string(struct span local, const struct source *source)
{
    for (size_t i = 1; i + 1 < local.size; i++)
        if (local.at[i] == '\\' && (unsigned char)local.at[++i] > 0x7f)
            return fault(source->error, source->text,
                         "a backslash can only stand before an ASCII character (RFC 5321 4.1.2)");
    return true;
}

static bool check_local_part(struct mailbox *mailbox, const struct source *source)
{
    struct span local = mailbox->local;
    if (local.size == 0)
        return fault(source->error, source->text,
                     memchr(source->text.at, ':', source->text.size)
                         ? "source routes are obsolete (RFC 5321 F.2): give only the address behind the colon"
                         : "nothing stands before the @");
    if (local.size > LOCAL_PART_LIMIT)
        return fault(source->error, source->text,
                     "the local part has %zu octets; %d are allowed (RFC 5321 4.5.3.1.1)", local.size,
                     LOCAL_PART_LIMIT);
    mailbox->needs_smtputf8 = !span_is_ascii(local);
    return local.at[0] == '"' ? check_quoted_string(local, source) : check_dot_string(local, source);
}

static bool read_literal(struct mailbox *mailbox, const struct source *source, struct arena *arena)
{
    mailbox->literal_address = arena_allocate(arena, INET6_ADDRSTRLEN);
    mailbox->literal_family = address_literal_parse(mailbox->domain, mailbox->literal_address);
    return mailbox->literal_family != 0 ||
           fault(source->error, source->text,
                 "no address literal behind the @: write [192.0.2.1] or [IPv6:2001:db8::1]");
}

static bool read_domain(struct mailbox *mailbox, const struct source *source, struct arena *arena)
{
    struct span domain = mailbox->domain;
    char address[INET6_ADDRSTRLEN];
    if (domain.size == 0)
        return true;
    if (domain.at[0] == '[' || domain.at[0] == '#')
        return read_literal(mailbox, source, arena);
    if (address_parse(AF_INET, domain, address))
        return fault(source->error, source->text, "an address in place of a domain needs brackets: [%s]",
                     address);
    mailbox->has_utf8_domain = !span_is_ascii(domain);
    mailbox->ascii_domain = domain_to_ascii(domain, arena, source->error);
    return mailbox->ascii_domain;
}

/** The domain as a command carries it. */
static struct span wire_domain(const struct mailbox *mailbox, struct arena *arena)
{
    /* RFC 5321 no longer knows #NUMBER, so that the server gets what it can read. */
    if (mailbox->literal_family && mailbox->domain.at[0] == '#')
        return span_of_string(arena_printf(arena, "[%s]", mailbox->literal_address));
    if (mailbox->literal_family)
        return mailbox->domain;
    if (!mailbox->has_utf8_domain)
        return without_final_dot(mailbox->domain);
    /* Back from A-labels, since RFC 6531 3.3 wants true U-labels and not what was mapped to them. */
    char *unicode = mailbox->needs_smtputf8 ? idna_to_unicode(mailbox->ascii_domain, arena) : NULL;
    return span_of_string(unicode ? unicode : mailbox->ascii_domain);
}

static bool compose_wire(struct mailbox *mailbox, const struct source *source, struct arena *arena)
{
    mailbox->wire = mailbox->local;
    if (mailbox->domain.size > 0) {
        struct span domain = wire_domain(mailbox, arena);
        mailbox->wire =
            span_of_string(arena_printf(arena, "%.*s@%.*s", SPAN_ARGS(mailbox->local), SPAN_ARGS(domain)));
    }
    size_t size = mailbox->wire.size + strlen("<>");
    return size <= PATH_LIMIT ||
           fault(source->error, source->text,
                 "the address has %zu octets with < and >; %d are allowed (RFC 5321 4.5.3.1.3)", size,
                 PATH_LIMIT);
}

bool mailbox_parse(struct mailbox *mailbox, struct span text, struct arena *arena, struct error *error)
{
    *mailbox = (struct mailbox){.wire = SPAN("")};
    struct source source = {arena_copy(arena, span_trim(text)), error};
    if (!check_characters(&source) || !strip_brackets(&source, &mailbox->text))
        return false;
    if (mailbox->text.size == 0) {
        mailbox->is_null = true;
        return true;
    }
    return split(mailbox, &source) && check_local_part(mailbox, &source) &&
           read_domain(mailbox, &source, arena) && compose_wire(mailbox, &source, arena);
}

/** The size of the list's first element: up to a comma outside of quotes and angle brackets. */
static size_t element_size(struct span list)
{
    bool quoted = false, bracketed = false;
    size_t i = 0;
    for (; i < list.size; i++) {
        char c = list.at[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '<' || c == '>'))
            bracketed = c == '<';
        else if (c == ',' && !quoted && !bracketed)
            break;
    }
    return i < list.size ? i : list.size;
}

bool mailbox_parse_list(struct mailbox **list, size_t *count, struct span text, struct arena *arena,
                        struct error *error)
{
    size_t capacity = 0;
    *list = NULL;
    *count = 0;
    while (text.size > 0) {
        size_t size = element_size(text);
        struct span element = span_trim(span_first(text, size));
        text = span_skip(text, size + 1);
        if (element.size == 0)
            continue;
        *list = arena_grow(arena, *list, *count, &capacity, sizeof **list);
        if (!mailbox_parse(&(*list)[*count], element, arena, error))
            return false;
        ++*count;
    }
    return true;
}

const char *idn_library_version(void)
{
    return idn2_check_version(NULL);
}
