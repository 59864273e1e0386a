#include "explain/bounce.h"
#include "explain/bounce_parts.h"
#include "explain/logline.h"
#include "explain/part.h"
#include "explain/scan.h"

/** The value behind its type: "rfc822; user@example.com" (RFC 3464 2.1.2). */
static struct span behind_type(struct span value)
{
    size_t end = scan_until(value, ';');
    return span_trim(end < value.size ? span_skip(value, end + 1) : value);
}

static struct span typed_field(const struct part *group, const char *name, struct arena *arena)
{
    return behind_type(part_without_comments(part_field(group, name, arena), arena));
}

static enum item_action read_action(const struct part *group, struct arena *arena)
{
    struct span action = part_without_comments(part_field(group, "Action", arena), arena);
    for (enum item_action i = ACTION_FAILED; i <= ACTION_EXPANDED; i++)
        if (span_starts_with_nocase(action, item_action_name(i)))
            return i;
    return ACTION_NONE;
}

/** "dns; mx.example.com (192.0.2.1, the server for the domain example.com.)" */
static void read_remote(struct span value, struct sighting *found)
{
    struct span remote = behind_type(value);
    size_t open = scan_until(remote, '(');
    struct sighting peer = SIGHTING_NONE;
    if (!scan_peer(span_first(remote, open), &peer))
        return;
    struct span address = span_skip(remote, open + 1);
    size_t end = 0;
    while (end < address.size && !memchr(",) ", address.at[end], 3))
        end++;
    bool has_dot = end > 0 && (memchr(address.at, '.', end) || memchr(address.at, ':', end));
    found->host = peer.host.size > 0 ? peer.host : found->host;
    if (peer.address.size > 0)
        found->address = peer.address;
    else if (has_dot && ascii_is_digit(address.at[0]))
        found->address = span_first(address, end);
}

/** "5.1.1", also as "5.1.1 (unknown user)"; X.0.0 says nothing that the reply's class does not. */
static struct enhanced_status read_enhanced(const struct part *group, struct arena *arena, struct span *text)
{
    struct enhanced_status status;
    *text = part_without_comments(part_field(group, "Status", arena), arena);
    enhanced_status_parse(*text, &status, NULL);
    return status;
}

static struct span diagnosis_of(const struct part *group, struct arena *arena)
{
    static const char *const names[] = {"Diagnostic-Code", "X-SMTP-Diagnostic", "SMTP-Remote-Reply"};
    struct span value = {NULL, 0};
    for (size_t i = 0; i < sizeof names / sizeof *names && value.size == 0; i++)
        value = part_field(group, names[i], arena);
    return value;
}

/** The first address that the group names for the recipient: what the sender wrote, if it says that. */
static struct span recipient_of(const struct part *group, struct arena *arena)
{
    static const char *const names[] = {"Original-Recipient", "Final-Recipient", "X-Actual-Recipient"};
    struct span address = {NULL, 0};
    for (size_t i = 0; i < sizeof names / sizeof *names && address.size == 0; i++)
        address = bounce_address(typed_field(group, names[i], arena));
    return address;
}

static void read_group(struct span fields, struct bounce_list *list)
{
    struct part group = {.headers = fields};
    struct span status, diagnosis = diagnosis_of(&group, list->arena);
    struct sighting found = SIGHTING_NONE;
    struct enhanced_status enhanced = read_enhanced(&group, list->arena, &status);
    if (diagnosis.size == 0 && enhanced.class == 0) /* "553 Message too big" where a status belongs */
        diagnosis = status;
    logline_read_reply(diagnosis, &found);
    if (found.kind == ITEM_NOTHING && enhanced.class > 0) {
        found.kind = ITEM_REPLY;
        found.reply = status;
    }
    bool says_more = enhanced.subject > 0 || enhanced.detail > 0 || found.code == 0;
    if (says_more && (found.code == 0 || found.code / 100 == enhanced.class))
        found.enhanced = enhanced;
    found.recipient = recipient_of(&group, list->arena);
    found.action = read_action(&group, list->arena);
    bool is_remote = found.kind == ITEM_REPLY && span_starts_with_nocase(diagnosis, "smtp");
    found.speaker = is_remote ? SPEAKER_REMOTE : found.speaker;
    if (found.host.size == 0)
        read_remote(part_field(&group, "Remote-MTA", list->arena), &found);
    if (found.recipient.size > 0 || found.kind != ITEM_NOTHING)
        bounce_add(list, &found);
}

static bool is_of_recipient(struct span line)
{
    static const char *const names[] = {"Final-Recipient:", "Original-Recipient:", "Action:",    "Status:",
                                        "Diagnostic-Code:", "X-Actual-Recipient:", "Remote-MTA:"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_starts_with_nocase(line, names[i]))
            return true;
    return false;
}

/**
 * Groups are parted by empty lines; some write one for all, where a second Final-Recipient begins the next.
 */
void bounce_read_status(struct span status, struct bounce_list *list)
{
    struct span rest = status, line, group = {status.at, 0};
    bool has_recipient = false, is_wanted = false;
    for (struct span at = rest; list->count < BOUNCE_RECIPIENTS_LIMIT && part_next_line(&rest, &line);
         at = rest) {
        bool is_next = has_recipient && span_starts_with_nocase(line, "Final-Recipient:");
        if (line.size == 0 || is_next) {
            if (is_wanted)
                read_group(group, list);
            group = span_of(line.size == 0 ? rest.at : at.at, 0);
            has_recipient = is_wanted = false;
        }
        if (line.size > 0)
            group.size = (size_t)(rest.at - group.at);
        has_recipient |= span_starts_with_nocase(line, "Final-Recipient:");
        is_wanted |= is_of_recipient(line);
    }
    if (is_wanted)
        read_group(group, list);
}
