#include "smtp/capability.h"

static const char *const keywords[EXTENSION_COUNT] = {
    [EXTENSION_8BITMIME] = "8BITMIME",                       /* RFC 6152 */
    [EXTENSION_AUTH] = "AUTH",                               /* RFC 4954 */
    [EXTENSION_BINARYMIME] = "BINARYMIME",                   /* RFC 3030 */
    [EXTENSION_CHUNKING] = "CHUNKING",                       /* RFC 3030 */
    [EXTENSION_DELIVERBY] = "DELIVERBY",                     /* RFC 2852 */
    [EXTENSION_DSN] = "DSN",                                 /* RFC 3461 */
    [EXTENSION_ENHANCEDSTATUSCODES] = "ENHANCEDSTATUSCODES", /* RFC 2034 */
    [EXTENSION_ETRN] = "ETRN",                               /* RFC 1985 */
    [EXTENSION_LIMITS] = "LIMITS",                           /* RFC 9422 */
    [EXTENSION_PIPELINING] = "PIPELINING",                   /* RFC 2920 */
    [EXTENSION_PRDR] = "PRDR",                               /* draft-hall-prdr */
    [EXTENSION_REQUIRETLS] = "REQUIRETLS",                   /* RFC 8689 */
    [EXTENSION_SIZE] = "SIZE",                               /* RFC 1870 */
    [EXTENSION_SMTPUTF8] = "SMTPUTF8",                       /* RFC 6531 */
    [EXTENSION_STARTTLS] = "STARTTLS",                       /* RFC 3207 */
    [EXTENSION_VRFY] = "VRFY",                               /* RFC 5321 4.1.1.1 */
    [EXTENSION_XCLIENT] = "XCLIENT",                         /* Postfix */
    [EXTENSION_XFORWARD] = "XFORWARD",                       /* Postfix */
};

const char *extension_keyword(enum extension extension)
{
    return keywords[extension];
}

static unsigned known_bit(struct span keyword)
{
    for (unsigned i = 0; i < EXTENSION_COUNT; i++)
        if (span_is_nocase(keyword, keywords[i]))
            return 1u << i;
    return 0;
}

/**
 * Whether a device has overwritten the keyword: Cisco firewalls with SMTP
 * inspection turn STARTTLS into XXXXXXXA, and shorter ones into XXXB and so on.
 */
static bool looks_masked(struct span keyword)
{
    size_t count = 0;
    while (count < keyword.size && keyword.at[count] == 'X')
        count++;
    size_t rest = keyword.size - count;
    return count >= 3 && (rest == 0 || (rest == 1 && ascii_is_alpha(keyword.at[count])));
}

static void add_mechanisms(struct capability_set *set, struct span list, struct arena *arena)
{
    struct span mechanism;
    if (!set->mechanisms)
        set->mechanisms = ARENA_ARRAY(arena, struct span, CAPABILITY_MECHANISM_LIMIT);
    while (set->mechanism_count < CAPABILITY_MECHANISM_LIMIT && span_next_token(&list, " \t=", &mechanism))
        if (!capability_has_mechanism(set, mechanism))
            set->mechanisms[set->mechanism_count++] = mechanism;
}

/** "AUTH=LOGIN PLAIN", from before RFC 2554, still comes from servers that cater for old clients. */
static void split_auth_equals(struct capability_set *set, struct capability *capability, struct span line)
{
    const size_t size = sizeof "AUTH" - 1;
    if (!span_starts_with_nocase(line, "AUTH="))
        return;
    capability->keyword = span_first(line, size);
    capability->parameters = span_trim(span_skip(line, size + 1));
    set->has_auth_equals = true;
}

static void read_line(struct capability_set *set, struct span line, struct arena *arena)
{
    struct capability capability;
    struct span rest = line = span_trim(line);
    if (!span_next_token(&rest, " \t", &capability.keyword))
        return;
    capability.parameters = span_trim(rest);
    split_auth_equals(set, &capability, line);
    unsigned bit = known_bit(capability.keyword);
    if (bit == 1u << EXTENSION_AUTH)
        add_mechanisms(set, capability.parameters, arena);
    if (bit == 1u << EXTENSION_SIZE)
        span_to_number(capability.parameters, ~0ull, &set->size_limit);
    set->known |= bit;
    set->looks_stripped |= looks_masked(capability.keyword);
    set->all[set->count++] = capability;
}

void capability_set_read(struct capability_set *set, const struct reply *reply, struct arena *arena)
{
    *set = (struct capability_set){0};
    if (reply->line_count == 0)
        return;
    struct span greeting = reply->lines[0];
    span_next_token(&greeting, " \t", &set->domain);
    set->all = ARENA_ARRAY(arena, struct capability, reply->line_count);
    for (size_t i = 1; i < reply->line_count; i++)
        read_line(set, reply->lines[i], arena);
}

struct span capability_parameters(const struct capability_set *set, enum extension extension)
{
    for (size_t i = 0; i < set->count; i++)
        if (span_is_nocase(set->all[i].keyword, keywords[extension]))
            return set->all[i].parameters;
    return span_of(NULL, 0);
}

bool capability_has_mechanism(const struct capability_set *set, struct span mechanism)
{
    for (size_t i = 0; i < set->mechanism_count; i++)
        if (span_equal_nocase(set->mechanisms[i], mechanism))
            return true;
    return false;
}
