/* What passes as a mailbox or a name cannot inject a command, nor be read in two ways (INVARIANTS 8). */
#include "fuzz.h"

#include "base/printable.h"
#include "smtp/mailbox.h"

static bool is_safe(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
            return false;
    return printable_is_utf8(text);
}

/** Where quotes and escapes end, < > and blanks have no place. */
static bool is_one_path(struct span wire)
{
    bool quoted = false;
    for (size_t i = 0; i < wire.size; i++) {
        char c = wire.at[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == ' ' || c == '<' || c == '>' || c == ','))
            return false;
    }
    return !quoted;
}

static void check_mailbox(const struct mailbox *mailbox, struct arena *arena)
{
    struct mailbox again;
    struct error error = ERROR_NONE;
    struct span wire = mailbox->wire;
    FUZZ_REQUIRE(mailbox->is_null == (wire.size == 0));
    FUZZ_REQUIRE(wire.size + 2 <= PATH_LIMIT);
    FUZZ_REQUIRE(mailbox->local.size <= LOCAL_PART_LIMIT);
    FUZZ_REQUIRE(is_safe(wire) && is_one_path(wire));
    FUZZ_REQUIRE(!mailbox->ascii_domain || domain_is_host_name(span_of_string(mailbox->ascii_domain)));
    FUZZ_REQUIRE(mailbox_parse(&again, wire, arena, &error));
    FUZZ_REQUIRE(span_equal(again.wire, wire));
    FUZZ_REQUIRE(again.literal_family == mailbox->literal_family);
    FUZZ_REQUIRE(mailbox->needs_smtputf8 == again.needs_smtputf8);
}

static void check_names(struct span text, struct arena *arena)
{
    struct error error = ERROR_NONE;
    char *ascii = domain_to_ascii(text, arena, &error);
    FUZZ_REQUIRE(!ascii || domain_is_host_name(span_of_string(ascii)));
    FUZZ_REQUIRE(ascii || error.text[0]);
    FUZZ_REQUIRE(!domain_is_host_name(text) || ascii);
    if (helo_name_check(text, &error))
        FUZZ_REQUIRE(is_safe(text) && !memchr(text.at, ' ', text.size) && text.size <= DOMAIN_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_of((const char *)data, size);
    struct arena arena = ARENA_EMPTY;
    struct error error = ERROR_NONE;
    struct mailbox *list;
    size_t count;
    if (mailbox_parse_list(&list, &count, text, &arena, &error))
        for (size_t i = 0; i < count; i++)
            check_mailbox(&list[i], &arena);
    else
        FUZZ_REQUIRE(error.text[0]);
    check_names(text, &arena);
    arena_clear(&arena);
    return 0;
}
