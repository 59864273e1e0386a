#include "explain/answer.h"

#include "explain/logline.h"
#include "explain/search.h"

/** Numbers of mail programs are told by their prefix, wherever they stand in a line: "(0x800CCC78)". */
static bool find_number(struct span text, struct span *number)
{
    for (const char *at; text.size > 0 && (at = memchr(text.at, '0', text.size));) {
        text = span_skip(text, (size_t)(at - text.at));
        size_t size = 2;
        if (text.size > 2 && ascii_lower(text.at[1]) == 'x') {
            while (size < text.size && memchr("0123456789abcdefABCDEF", text.at[size], 22))
                size++;
            *number = span_first(text, size);
            return size > 2;
        }
        text = span_skip(text, 1);
    }
    return false;
}

/** What is no reply: the number of a mail program, the status of a provider's own interface. */
static bool key_of(const struct explain_item *item, struct look_up *look_up, struct arena *arena)
{
    const char *provider = item->context.provider;
    *look_up = (struct look_up){.provider = {NULL, 0}};
    if (item->kind == ITEM_NOTHING && !item->key)
        return find_number(item->input, &look_up->key);
    look_up->provider = span_of_string(provider);
    look_up->words = item->text;
    if (item->key)
        look_up->key = span_of_string(item->key);
    else if (provider && item->reply.code > 0 && item->reply.enhanced.class == 0)
        look_up->key = span_of_string(arena_printf(arena, "%d", item->reply.code));
    return look_up->key.size > 0;
}

static const struct explanation *look_up_item(const struct catalog *catalog, const struct explain_item *item,
                                              struct arena *arena)
{
    struct look_up parts;
    return key_of(item, &parts, arena) ? catalog_look_up(catalog, &parts, &item->context, arena) : NULL;
}

/** Words of a mail server's own log: rules know many of them, else the cause that they were recognised by. */
static bool is_said_better_by_cause(const struct explain_item *item, bool known, enum confidence confidence)
{
    return item->kind == ITEM_LOCAL && item->cause >= 0 && (!known || confidence > CONFIDENCE_PHRASE);
}

const struct explanation *explain_item(const struct catalog *catalog, const struct explain_item *item,
                                       struct arena *arena)
{
    const struct explanation *explanation = look_up_item(catalog, item, arena);
    if (explanation || item->kind == ITEM_NOTHING)
        return explanation;
    explanation = catalog_explain(catalog, &item->reply, &item->context, arena);
    return is_said_better_by_cause(item, explanation->known, explanation->confidence)
               ? explanation_of_cause(item->cause, &item->context, arena)
               : explanation;
}

static struct catalog_answer brief(const struct explanation *explanation)
{
    return (struct catalog_answer){
        .known = explanation->known,
        .confidence = explanation->confidence,
        .cause = explanation->cause,
        .rule = explanation->rule,
        .title = explanation->title,
        .provider = explanation->provider,
        .mailbox_provider = explanation->mailbox_provider,
    };
}

bool explain_item_briefly(const struct catalog *catalog, struct catalog_finder *finder,
                          const struct explain_item *item, struct arena *scratch,
                          struct catalog_answer *answer)
{
    const struct explanation *look_up = look_up_item(catalog, item, scratch);
    if (look_up) {
        *answer = brief(look_up);
        return true;
    }
    if (item->kind == ITEM_NOTHING)
        return false;
    catalog_finder_find(finder, &item->reply, &item->context, answer);
    if (is_said_better_by_cause(item, answer->known, answer->confidence))
        *answer = brief(explanation_of_cause(item->cause, &item->context, scratch));
    return true;
}

void explain_surround(struct explain_item *item, const struct explain_context *around)
{
    struct explain_context *context = &item->context;
    if (context->stage < 0)
        context->stage = around->stage;
    if (!context->host)
        context->host = around->host;
    if (!context->provider)
        context->provider = around->provider;
}

/* Words that a person types */

static void make_item(struct explain_item *item, const struct sighting *found, struct span words,
                      const struct explain_context *around)
{
    item_init(item, found);
    item->input = words;
    item->first_line = item->last_line = 1;
    explain_surround(item, around);
}

/** "gmail 550 5.7.1" is a reply of Gmail's. */
static struct span without_provider(const struct catalog *catalog, struct span words, struct sighting *found)
{
    struct look_up parts;
    if (!catalog_look_up_parse(catalog, words, &parts) || parts.provider.size == 0)
        return words;
    found->provider = parts.provider;
    return span_of(parts.key.at, (size_t)(words.at + words.size - parts.key.at));
}

static bool is_smtp_code(struct span key)
{
    unsigned long long code;
    return key.size == 3 && span_to_number(key, 599, &code) && code >= 200;
}

/** Codes are those of replies, unless a provider is named that has an interface with such codes. */
static const struct explanation *look_up(const struct catalog *catalog, struct span words,
                                         const struct explain_context *around, struct arena *arena)
{
    struct look_up parts;
    if (!catalog_look_up_parse(catalog, words, &parts))
        return NULL;
    if (parts.provider.size == 0 && around->provider)
        parts.provider = span_of_string(around->provider);
    if (parts.provider.size == 0 && is_smtp_code(parts.key))
        return NULL;
    return catalog_look_up(catalog, &parts, around, arena);
}

const struct explanation *explain_words(const struct catalog *catalog, struct span words,
                                        const struct explain_context *around, struct explain_item *item,
                                        struct arena *arena)
{
    struct sighting found = SIGHTING_NONE, provider = SIGHTING_NONE;
    words = span_trim(words);
    struct span rest = without_provider(catalog, words, &provider);
    logline_read(rest, &found);
    found.provider = provider.provider.size > 0 ? provider.provider : found.provider;
    make_item(item, &found, words, around);
    const struct explanation *explanation = look_up(catalog, words, around, arena);
    if (!explanation && item->kind != ITEM_NOTHING)
        explanation = explain_item(catalog, item, arena);
    if (!explanation)
        explanation = look_up_item(catalog, item, arena);
    if (!explanation)
        explanation = search_cause(words, &item->context, arena);
    if (explanation)
        return explanation;
    found = provider;
    logline_read_reply(rest, &found);
    found.provider = provider.provider;
    make_item(item, &found, words, around);
    explanation = item->kind == ITEM_NOTHING ? NULL : explain_item(catalog, item, arena);
    if (!explanation || explanation->confidence > CONFIDENCE_PHRASE)
        explanation = search_words(catalog, words, &item->context, arena);
    if (!explanation) {
        item_init_lack(item, LACK_REPLY);
        item->first_line = item->last_line = 1;
    }
    return explanation;
}
