#include "explain/scan.h"

/** Words of trouble without a reply, by their first letter; the longest found counts. */
struct trouble {
    const char *words; /* lower case */
    int cause;
    int stage; /* -1: told by the words around */
};

static const struct trouble on_a[] = {
    {"actively refused", CAUSE_CONNECTION_REFUSED, STAGE_CONNECT},
    {NULL, 0, 0},
};
static const struct trouble on_b[] = {
    {"broken pipe", CAUSE_CONNECTION_RESET, -1},
    {NULL, 0, 0},
};
static const struct trouble on_c[] = {
    {"cannot start tls", CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {"closed connection in response to", CAUSE_CLOSED_BY_SERVER, -1},
    {"cname lookup failed temporarily", CAUSE_DNS_SERVFAIL, STAGE_RESOLVE},
    {"connection died", CAUSE_CLOSED_BY_SERVER, -1},
    {"connection refused", CAUSE_CONNECTION_REFUSED, STAGE_CONNECT},
    {"connection reset", CAUSE_CONNECTION_RESET, -1},
    {"connection timed out", CAUSE_CONNECTION_TIMEOUT, STAGE_CONNECT},
    {"connection timeout", CAUSE_CONNECTION_TIMEOUT, STAGE_CONNECT},
    {"couldn't find any host", CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {"couldn't find a mail exchanger", CAUSE_DOMAIN_NO_ADDRESS, STAGE_RESOLVE},
    {NULL, 0, 0},
};
static const struct trouble on_d[] = {
    {"dnsdomaindoesnotexist", CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {"dnsqueryfailed", CAUSE_DNS_FAILURE, STAGE_RESOLVE},
    {"does not accept mail (nullmx)", CAUSE_DOMAIN_NO_MAIL, STAGE_RESOLVE},
    {NULL, 0, 0},
};
static const struct trouble on_e[] = {
    {"establish an smtp connection", CAUSE_NETWORK, STAGE_CONNECT},
    {NULL, 0, 0},
};
static const struct trouble on_h[] = {
    {"host found but no data record", CAUSE_DOMAIN_NO_ADDRESS, STAGE_RESOLVE},
    {"host lookup did not complete", CAUSE_DNS_SERVFAIL, STAGE_RESOLVE},
    {"host name lookup failure", CAUSE_DNS_SERVFAIL, STAGE_RESOLVE},
    {"host not found", CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {"host not found, try again", CAUSE_DNS_SERVFAIL, STAGE_RESOLVE},
    {"host or domain name", CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {"host unknown", CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {NULL, 0, 0},
};
static const struct trouble on_i[] = {
    {"indicated no smtp service", CAUSE_DOMAIN_NO_MAIL, STAGE_RESOLVE},
    {"infodomainnonexistent", CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {NULL, 0, 0},
};
static const struct trouble on_l[] = {
    {"loop detected", CAUSE_LOOP, -1},
    {"loops back to me", CAUSE_LOOP, -1},
    {"loops back to myself", CAUSE_LOOP, -1},
    {"lost connection with", CAUSE_CLOSED_BY_SERVER, -1},
    {"lowest numbered mx record points to local host", CAUSE_LOOP, -1},
    {NULL, 0, 0},
};
static const struct trouble on_m[] = {
    {"mail forwarding loop", CAUSE_LOOP, -1},
    {"malformed or unexpected name server reply", CAUSE_DNS_MALFORMED, STAGE_RESOLVE},
    {NULL, 0, 0},
};
static const struct trouble on_n[] = {
    {"name server loop", CAUSE_CNAME_LOOP, STAGE_RESOLVE},
    {"name service error", CAUSE_DNS_FAILURE, STAGE_RESOLVE},
    {"network error on destination", CAUSE_NETWORK, STAGE_CONNECT},
    {"network is unreachable", CAUSE_NETWORK_UNREACHABLE, STAGE_CONNECT},
    {"no matching dane tlsa records", CAUSE_DANE_NO_MATCH, STAGE_TLS},
    {"no mechanism available", CAUSE_AUTH_NO_COMMON_MECHANISM, STAGE_AUTH},
    {"no mx found for domain", CAUSE_DOMAIN_UNKNOWN, STAGE_RESOLVE},
    {"no route to host", CAUSE_HOST_UNREACHABLE, STAGE_CONNECT},
    {"no worthy mechs found", CAUSE_AUTH_NO_COMMON_MECHANISM, STAGE_AUTH},
    {NULL, 0, 0},
};
static const struct trouble on_o[] = {
    {"operation timed out", CAUSE_CONNECTION_TIMEOUT, STAGE_CONNECT},
    {NULL, 0, 0},
};
static const struct trouble on_p[] = {
    {"protocol error", CAUSE_REPLY_MALFORMED, -1},
    {NULL, 0, 0},
};
static const struct trouble on_r[] = {
    {"remote host closed connection", CAUSE_CLOSED_BY_SERVER, -1},
    {"retry timeout exceeded", CAUSE_EXPIRED, -1},
    {NULL, 0, 0},
};
static const struct trouble on_s[] = {
    {"server certificate not trusted", CAUSE_CERTIFICATE_NOT_TRUSTED, STAGE_TLS},
    {"server certificate not verified", CAUSE_CERTIFICATE_HOST_MISMATCH, STAGE_TLS},
    {"server did not offer tls", CAUSE_STARTTLS_NOT_SUPPORTED, STAGE_STARTTLS},
    {"smtp timeout", CAUSE_REPLY_TIMEOUT, -1},
    {"socketconnectionrefused", CAUSE_CONNECTION_REFUSED, STAGE_CONNECT},
    {"sockettimedout", CAUSE_CONNECTION_TIMEOUT, STAGE_CONNECT},
    {"ssl_accept error", CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {"ssl_connect error", CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {NULL, 0, 0},
};
static const struct trouble on_t[] = {
    {"timed out while", CAUSE_REPLY_TIMEOUT, -1},
    {"tls is required, but was not offered", CAUSE_STARTTLS_NOT_SUPPORTED, STAGE_STARTTLS},
    {"tls required but not supported", CAUSE_STARTTLS_NOT_SUPPORTED, STAGE_STARTTLS},
    {"tls session: (", CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {"tls session failure", CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {"tls error on connection", CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {"tls connection closed by peer", CAUSE_TLS_HANDSHAKE_FAILED, STAGE_TLS},
    {"tlsa lookup error", CAUSE_TLSA_LOOKUP_FAILED, STAGE_RESOLVE},
    {"too many hops", CAUSE_LOOP, -1},
    {NULL, 0, 0},
};
static const struct trouble on_u[] = {
    {"unable to look up host", CAUSE_DNS_FAILURE, STAGE_RESOLVE},
    {NULL, 0, 0},
};

static const struct trouble *const by_letter[26] = {
    ['a' - 'a'] = on_a, ['b' - 'a'] = on_b, ['c' - 'a'] = on_c, ['d' - 'a'] = on_d,
    ['e' - 'a'] = on_e, ['h' - 'a'] = on_h, ['i' - 'a'] = on_i, ['l' - 'a'] = on_l,
    ['m' - 'a'] = on_m, ['n' - 'a'] = on_n, ['o' - 'a'] = on_o, ['p' - 'a'] = on_p,
    ['r' - 'a'] = on_r, ['s' - 'a'] = on_s, ['t' - 'a'] = on_t, ['u' - 'a'] = on_u,
};

/** qmail's logs have `_` for blanks; letters count in any case. */
static bool begins_with(struct span text, const char *words, size_t size)
{
    if (size > text.size)
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = text.at[i] == '_' ? ' ' : ascii_lower(text.at[i]);
        if (c != words[i] && !(words[i] == '_' && c == ' '))
            return false;
    }
    return true;
}

static const struct trouble *find_at(struct span text, size_t *size)
{
    char c = ascii_lower(text.at[0]);
    const struct trouble *found = NULL;
    if (c < 'a' || c > 'z')
        return NULL;
    for (const struct trouble *trouble = by_letter[c - 'a']; trouble && trouble->words; trouble++) {
        size_t length = strlen(trouble->words);
        if (length > *size && begins_with(text, trouble->words, length)) {
            found = trouble;
            *size = length;
        }
    }
    return found;
}

static const struct trouble *find_longest(struct span text)
{
    const struct trouble *best = NULL;
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        const struct trouble *found = find_at(span_skip(text, i), &size);
        best = found ? found : best;
        while (i + 1 < text.size && ascii_is_alpha(text.at[i]))
            i++;
    }
    return best;
}

static int stage_around(struct span text)
{
    static const char *const leads[] = {"while ", "in response to ", "after "};
    int stage = -1;
    size_t at;
    for (size_t i = 0; i < sizeof leads / sizeof *leads && stage < 0; i++)
        if (scan_find(text, span_of_string(leads[i]), &at))
            stage = scan_stage(span_skip(text, at + strlen(leads[i])));
    return stage;
}

static void read_peer(struct span text, struct sighting *found)
{
    static const char *const leads[] = {
        "connect to ",           "connection with ", "conversation with ", "host ",           "server ",
        "SSL_connect error to ", "connected to ",    "refused by ",        "timed out with ", "H="};
    size_t at;
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++)
        if (scan_find(text, span_of_string(leads[i]), &at) &&
            scan_peer(span_skip(text, at + strlen(leads[i])), found))
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
