#include "diagnose/commands.h"

#include "base/address.h"
#include "base/buffer.h"

static const struct command {
    const char *name;
    bool is_ours;
    const char
        *exceptions; /* with one of these it names a resolver, or asks the servers of the domain itself */
} commands[] = {
    {"dig ", false, "@ +trace +nssearch"},
    {"delv ", false, "@"},
    {"smtpprobe ", true, "--dns-server"},
    {"{probe} ", true, "--dns-server"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

/** What the step goes on with behind the command is no part of it. */
static struct span command_alone(struct span text)
{
    size_t size = 0;
    while (size < text.size && !memchr(";,(", text.at[size], 3))
        size++;
    return span_first(text, size);
}

static bool is_exception(const struct command *command, struct span text)
{
    struct span rest = span_of_string(command->exceptions), word;
    while (span_next_token(&rest, " ", &word))
        if (memmem(text.at, text.size, word.at, word.size))
            return true;
    return false;
}

/** An option, a type or a place follows; other words make prose: "the same dig on that machine". */
static bool has_arguments(struct span arguments)
{
    char first = arguments.size > 0 ? arguments.at[0] : '\0';
    return (first >= 'A' && first <= 'Z') || (first && strchr("+-_{", first));
}

static const struct command *command_that_begins(struct span text)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (span_starts_with(text, commands[i].name) &&
            has_arguments(span_skip(text, strlen(commands[i].name))) &&
            !is_exception(&commands[i], command_alone(text)))
            return &commands[i];
    return NULL;
}

static void add_our_option(struct buffer *out, struct span resolvers)
{
    bool is_word = !memchr(resolvers.at, '[', resolvers.size) && !memchr(resolvers.at, ' ', resolvers.size);
    const char *quote = is_word ? "" : "'";
    buffer_printf(out, "--dns-server %s%.*s%s ", quote, SPAN_ARGS(resolvers), quote);
}

/** dig and delv ask one server. */
static void add_their_option(struct buffer *out, struct span resolvers)
{
    struct span first, address, port;
    span_next_token(&resolvers, ", ", &first);
    address_split(first, &address, &port);
    buffer_printf(out, "@%.*s ", SPAN_ARGS(address));
    if (port.size > 1 && !span_is(port, ":53"))
        buffer_printf(out, "-p %.*s ", SPAN_ARGS(span_skip(port, 1)));
}

const char *commands_with_resolver(const char *step, const char *resolvers, struct arena *arena)
{
    struct buffer out = BUFFER_EMPTY;
    struct span rest = span_of_string(step), named = span_of_string(resolvers);
    bool at_word = true;
    while (rest.size > 0) {
        const struct command *command = at_word ? command_that_begins(rest) : NULL;
        size_t taken = command ? strlen(command->name) : 1;
        buffer_add(&out, span_first(rest, taken));
        if (command && command->is_ours)
            add_our_option(&out, named);
        else if (command)
            add_their_option(&out, named);
        at_word = rest.at[taken - 1] == ' ';
        rest = span_skip(rest, taken);
    }
    const char *result = arena_copy(arena, buffer_span(&out)).at;
    buffer_clear(&out);
    return result;
}
