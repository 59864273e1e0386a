#include "explain/scan.h"

/** Words of trouble without a reply, by their first letter; the longest found counts. */
struct trouble {
    struct span words; /* lower case */
    int cause;
    int stage; /* -1: told by the words around */
};

static const struct trouble on_a[] = {
    {LITERAL("actively refused"), CAUSE_CONNECTION_REFUSED, STAGE_CONNECT},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_b[] = {
    {LITERAL("broken pipe"), CAUSE_CONNECTION_RESET, -1},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_c[] = {
    {LITERAL("certificate verification failed for"), CAUSE_CERTIFICATE_NOT_TRUSTED, STAGE_TLS},
    {LITERAL("cannot start tls"), CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {LITERAL("closed connection in response to"), CAUSE_CLOSED_BY_SERVER, -1},
    {LITERAL("cname lookup failed temporarily"), CAUSE_DNS_SERVFAIL, STAGE_RESOLVE},
    {LITERAL("connection died"), CAUSE_CLOSED_BY_SERVER, -1},
    {LITERAL("connection refused"), CAUSE_CONNECTION_REFUSED, STAGE_CONNECT},
    {LITERAL("connection reset"), CAUSE_CONNECTION_RESET, -1},
    {LITERAL("connection timed out"), CAUSE_CONNECTION_TIMEOUT, STAGE_CONNECT},
    {LITERAL("connection timeout"), CAUSE_CONNECTION_TIMEOUT, STAGE_CONNECT},
    {LITERAL("couldn't find any host"), CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {LITERAL("couldn't find a mail exchanger"), CAUSE_DOMAIN_NO_ADDRESS, STAGE_RESOLVE},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_d[] = {
    {LITERAL("dnsdomaindoesnotexist"), CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {LITERAL("dnsqueryfailed"), CAUSE_DNS_FAILURE, STAGE_RESOLVE},
    {LITERAL("domain does not exist"), CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {LITERAL("does not accept mail (nullmx)"), CAUSE_DOMAIN_NO_MAIL, STAGE_RESOLVE},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_e[] = {
    {LITERAL("establish an smtp connection"), CAUSE_NETWORK, STAGE_CONNECT},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_h[] = {
    {LITERAL("host found but no data record"), CAUSE_DOMAIN_NO_ADDRESS, STAGE_RESOLVE},
    {LITERAL("host lookup did not complete"), CAUSE_DNS_SERVFAIL, STAGE_RESOLVE},
    {LITERAL("host name lookup failure"), CAUSE_DNS_SERVFAIL, STAGE_RESOLVE},
    {LITERAL("host not found"), CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {LITERAL("host not found, try again"), CAUSE_DNS_SERVFAIL, STAGE_RESOLVE},
    {LITERAL("host or domain name"), CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {LITERAL("host unknown"), CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_i[] = {
    {LITERAL("indicated no smtp service"), CAUSE_DOMAIN_NO_MAIL, STAGE_RESOLVE},
    {LITERAL("infodomainnonexistent"), CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_l[] = {
    {LITERAL("loop detected"), CAUSE_LOOP, -1},
    {LITERAL("loops back to me"), CAUSE_LOOP, -1},
    {LITERAL("loops back to myself"), CAUSE_LOOP, -1},
    {LITERAL("lost connection with"), CAUSE_CLOSED_BY_SERVER, -1},
    {LITERAL("lowest numbered mx record points to local host"), CAUSE_LOOP, -1},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_m[] = {
    {LITERAL("mail forwarding loop"), CAUSE_LOOP, -1},
    {LITERAL("malformed or unexpected name server reply"), CAUSE_DNS_MALFORMED, STAGE_RESOLVE},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_n[] = {
    {LITERAL("name server loop"), CAUSE_CNAME_LOOP, STAGE_RESOLVE},
    {LITERAL("name service error"), CAUSE_DNS_FAILURE, STAGE_RESOLVE},
    {LITERAL("network error on destination"), CAUSE_NETWORK, STAGE_CONNECT},
    {LITERAL("network is unreachable"), CAUSE_NETWORK_UNREACHABLE, STAGE_CONNECT},
    {LITERAL("no matching dane tlsa records"), CAUSE_DANE_NO_MATCH, STAGE_TLS},
    {LITERAL("no mechanism available"), CAUSE_AUTH_NO_COMMON_MECHANISM, STAGE_AUTH},
    {LITERAL("no mx found for domain"), CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {LITERAL("no route to host"), CAUSE_HOST_UNREACHABLE, STAGE_CONNECT},
    {LITERAL("no worthy mechs found"), CAUSE_AUTH_NO_COMMON_MECHANISM, STAGE_AUTH},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_o[] = {
    {LITERAL("operation timed out"), CAUSE_CONNECTION_TIMEOUT, STAGE_CONNECT},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_p[] = {
    {LITERAL("protocol error"), CAUSE_REPLY_MALFORMED, -1},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_r[] = {
    {LITERAL("read timeout"), CAUSE_REPLY_TIMEOUT, -1},
    {LITERAL("responded with code nxdomain"), CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {LITERAL("responded with code servfail"), CAUSE_DNS_SERVFAIL, STAGE_RESOLVE},
    {LITERAL("remote host closed connection"), CAUSE_CLOSED_BY_SERVER, -1},
    {LITERAL("retry timeout exceeded"), CAUSE_EXPIRED, -1},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_s[] = {
    {LITERAL("server certificate not trusted"), CAUSE_CERTIFICATE_NOT_TRUSTED, STAGE_TLS},
    {LITERAL("server certificate not verified"), CAUSE_CERTIFICATE_HOST_MISMATCH, STAGE_TLS},
    {LITERAL("server dropped connection"), CAUSE_CLOSED_BY_SERVER, STAGE_BANNER},
    {LITERAL("server did not offer tls"), CAUSE_STARTTLS_NOT_SUPPORTED, STAGE_STARTTLS},
    {LITERAL("smtp timeout"), CAUSE_REPLY_TIMEOUT, -1},
    {LITERAL("socketconnectionrefused"), CAUSE_CONNECTION_REFUSED, STAGE_CONNECT},
    {LITERAL("sockettimedout"), CAUSE_CONNECTION_TIMEOUT, STAGE_CONNECT},
    {LITERAL("ssl_accept error"), CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {LITERAL("ssl_connect error"), CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_t[] = {
    {LITERAL("temporary failure in mx lookup"), CAUSE_DNS_SERVFAIL, STAGE_RESOLVE},
    {LITERAL("timed out while"), CAUSE_REPLY_TIMEOUT, -1},
    {LITERAL("tls is required, but was not offered"), CAUSE_STARTTLS_NOT_SUPPORTED, STAGE_STARTTLS},
    {LITERAL("tls required but not supported"), CAUSE_STARTTLS_NOT_SUPPORTED, STAGE_STARTTLS},
    {LITERAL("tls session: ("), CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {LITERAL("tls session failure"), CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {LITERAL("tls error on connection"), CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {LITERAL("tls connection closed by peer"), CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {LITERAL("tlsa lookup error"), CAUSE_TLSA_LOOKUP_FAILED, STAGE_RESOLVE},
    {LITERAL("too many hops"), CAUSE_LOOP, -1},
    {{NULL, 0}, 0, 0},
};
static const struct trouble on_u[] = {
    {LITERAL("unable to look up host"), CAUSE_DNS_FAILURE, STAGE_RESOLVE},
    {{NULL, 0}, 0, 0},
};

static const struct trouble *const by_letter[26] = {
    ['a' - 'a'] = on_a, ['b' - 'a'] = on_b, ['c' - 'a'] = on_c, ['d' - 'a'] = on_d,
    ['e' - 'a'] = on_e, ['h' - 'a'] = on_h, ['i' - 'a'] = on_i, ['l' - 'a'] = on_l,
    ['m' - 'a'] = on_m, ['n' - 'a'] = on_n, ['o' - 'a'] = on_o, ['p' - 'a'] = on_p,
    ['r' - 'a'] = on_r, ['s' - 'a'] = on_s, ['t' - 'a'] = on_t, ['u' - 'a'] = on_u,
};

/** qmail's logs have `_` for blanks; letters count in any case. */
static bool begins_with(struct span text, struct span words)
{
    if (words.size > text.size)
        return false;
    for (size_t i = 1; i < words.size; i++) {
        char c = text.at[i];
        if (c != words.at[i] && ascii_lower(c) != words.at[i] && !(c == '_' && words.at[i] == ' '))
            return false;
    }
    return true;
}

/** The longest that begins here and is longer than *size. */
static const struct trouble *find_at(struct span text, size_t *size)
{
    char c = ascii_lower(text.at[0]);
    const struct trouble *found = NULL;
    if (c < 'a' || c > 'z')
        return NULL;
    for (const struct trouble *trouble = by_letter[c - 'a']; trouble && trouble->words.at; trouble++)
        if (trouble->words.size > *size && begins_with(text, trouble->words)) {
            found = trouble;
            *size = trouble->words.size;
        }
    return found;
}

static const struct trouble *find_longest(struct span text)
{
    const struct trouble *best = NULL;
    size_t size = 0, i = 0;
    if (scan_begins(
            text,
            SPAN("connect to "))) /* Postfix: the host's name may be long, the reason stands behind it */
        i = scan_until(text, ']') < text.size ? scan_until(text, ']') : 0;
    for (; i < text.size; i++) {
        const struct trouble *found = find_at(span_skip(text, i), &size);
        best = found ? found : best;
        while (i + 1 < text.size && ascii_is_alpha(text.at[i]))
            i++;
    }
    return best;
}

static int stage_around(struct span text)
{
    static const struct span leads[] = {LITERAL("while "), LITERAL("response to "), LITERAL("after ")};
    int stage = -1;
    size_t at;
    for (size_t i = 0; i < sizeof leads / sizeof *leads && stage < 0; i++)
        if (scan_find(text, leads[i], &at))
            stage = scan_stage(span_skip(text, at + leads[i].size));
    return stage;
}

/** The host stands in front of its address in brackets. */
static bool read_peer_at_bracket(struct span text, struct sighting *found)
{
    size_t at = scan_until(text, '[');
    if (at == text.size)
        return false;
    if (at > 0 && text.at[at - 1] == ' ')
        at--;
    while (at > 0 && (ascii_is_alpha(text.at[at - 1]) || ascii_is_digit(text.at[at - 1]) ||
                      memchr(".-_", text.at[at - 1], 3)))
        at--;
    return scan_peer(span_skip(text, at), found) && found->host.size > 0;
}

static void read_peer(struct span text, struct sighting *found)
{
    static const struct span leads[] = {LITERAL("connect to "),     LITERAL("host "),
                                        LITERAL("server "),         LITERAL("refused by "),
                                        LITERAL("timed out with "), LITERAL("H=")};
    size_t at;
    if (read_peer_at_bracket(text, found))
        return;
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++)
        if (scan_find(text, leads[i], &at) && scan_peer(span_skip(text, at + leads[i].size), found))
            return;
}

bool scan_trouble(struct span text, struct sighting *found)
{
    const struct trouble *trouble = find_longest(text);
    if (!trouble || trouble->cause < 0)
        return false;
    found->kind = ITEM_LOCAL;
    found->speaker = SPEAKER_LOCAL;
    found->cause = trouble->cause;
    int stage = trouble->stage < 0 || trouble->cause == CAUSE_CONNECTION_TIMEOUT ? stage_around(text) : -1;
    if (stage >= 0 &&
        trouble->cause ==
            CAUSE_CONNECTION_TIMEOUT) /* Exim: "SMTP timeout after RCPT TO: Connection timed out" */
        found->cause = CAUSE_REPLY_TIMEOUT;
    found->stage = stage >= 0 ? stage : trouble->stage;
    found->reply = span_trim(text);
    read_peer(text, found);
    return true;
}
