#include "diagnose/catalog_finder.h"

#include "base/memory.h"
#include "diagnose/catalog_match.h"
#include "diagnose/reply_key.h"

#include <stdlib.h>

enum { SLOTS = 1 << 14, NAMES_SLOTS = 512, NAMES_LIMIT = 120 };

/** All that an answer depends on besides the text. Without padding: it is compared as octets. */
struct surroundings {
    const struct catalog_provider *evidence[EVIDENCE_KINDS];
    int32_t code;
    int16_t stage;
    uint16_t conditions;
    struct enhanced_status enhanced;
    uint16_t text_size;
};

_Static_assert(sizeof(struct surroundings) ==
                   EVIDENCE_KINDS * sizeof(void *) + 4 + 2 + 2 + sizeof(struct enhanced_status) + 2,
               "what pads a struct would tell equals apart");

struct key {
    struct surroundings around;
    char text[REPLY_KEY_LIMIT];
};

struct memory {
    struct catalog_answer answer;
    char key[]; /* as much of a struct key as its text takes */
};

/** Small, since with many answers it is the place where processors wait for memory. */
struct slot {
    uint32_t hash;
    uint32_t key_size;
    const struct memory *memory; /* NULL: free */
};

/** A host and a domain: logs name the same few, and it takes many steps to tell whose they are. */
struct names {
    size_t size; /* 0: none */
    char text[NAMES_LIMIT];
};

struct known_names {
    struct names names;
    const struct catalog_provider *evidence[EVIDENCE_KINDS];
};

struct catalog_finder {
    const struct catalog *catalog;
    struct reply_key_words words;
    struct arena scratch;
    struct arena arena; /* of what is remembered */
    size_t count, used;
    struct slot slots[SLOTS];
    struct known_names names[NAMES_SLOTS];
};

struct catalog_finder *catalog_finder_new(const struct catalog *catalog)
{
    struct catalog_finder *finder = memory_allocate(sizeof *finder);
    finder->catalog = catalog;
    reply_key_words_init(&finder->words, catalog);
    return finder;
}

void catalog_finder_free(struct catalog_finder *finder)
{
    if (!finder)
        return;
    arena_clear(&finder->scratch);
    arena_clear(&finder->arena);
    free(finder);
}

static uint64_t mix(uint64_t hash, uint64_t octets)
{
    hash = (hash ^ octets) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/** Two at a time, which processors multiply side by side. */
static uint64_t hash_of(const char *at, size_t size)
{
    uint64_t hash = size, other = 0, octets[2];
    for (; size >= sizeof octets; size -= sizeof octets, at += sizeof octets) {
        memcpy(octets, at, sizeof octets);
        hash = mix(hash, octets[0]);
        other = mix(other, octets[1]);
    }
    octets[0] = octets[1] = 0;
    memcpy(octets, at, size);
    return mix(mix(mix(hash, other), octets[0]), octets[1]);
}

/* Evidence */

/** @return false if there is more evidence than host and domain, or no room for them */
static bool read_names(const struct explain_context *context, struct names *names)
{
    struct span host = span_of_string(context->host), domain = span_of_string(context->recipient_domain);
    bool is_all = !context->greeting && !context->ehlo_name && !context->certificate_name &&
                  (context->recipient_domain || !context->recipient);
    if (!is_all || host.size + 1 + domain.size > NAMES_LIMIT)
        return false;
    if (host.size > 0)
        memcpy(names->text, host.at, host.size);
    names->text[host.size] = '\0';
    if (domain.size > 0)
        memcpy(names->text + host.size + 1, domain.at, domain.size);
    names->size = host.size + 1 + domain.size;
    return true;
}

static void read_evidence(const struct catalog *catalog, const struct explain_context *context,
                          const struct catalog_provider *providers[EVIDENCE_KINDS])
{
    struct provider_evidence evidence;
    provider_evidence_read(&evidence, catalog, context);
    for (size_t i = 0; i < EVIDENCE_KINDS; i++)
        providers[i] = evidence.of[i].provider;
}

static void recall_evidence(struct catalog_finder *finder, const struct explain_context *context,
                            const struct catalog_provider *providers[EVIDENCE_KINDS])
{
    struct names names;
    if (!read_names(context, &names)) {
        read_evidence(finder->catalog, context, providers);
        return;
    }
    struct known_names *known = &finder->names[hash_of(names.text, names.size) % NAMES_SLOTS];
    if (known->names.size != names.size || memcmp(known->names.text, names.text, names.size) != 0) {
        known->names = names;
        read_evidence(finder->catalog, context, known->evidence);
    }
    memcpy(providers, known->evidence, sizeof known->evidence);
}

/* Keys */

static size_t key_size(const struct key *key)
{
    return sizeof key->around + key->around.text_size;
}

/** @return false if the answer cannot be remembered: it may have the user's own word in it, or has no key. */
static bool make_key(struct catalog_finder *finder, const struct reply *reply,
                     const struct explain_context *context, struct key *key)
{
    size_t size;
    if ((context->provider && context->provider[0]) ||
        !reply_key_write(&finder->words, reply, key->text, &size))
        return false;
    recall_evidence(finder, context, key->around.evidence);
    key->around.code = reply->code;
    key->around.stage = (int16_t)context->stage;
    key->around.conditions = (uint16_t)catalog_conditions_of(context);
    key->around.enhanced = reply->enhanced;
    key->around.text_size = (uint16_t)size;
    return true;
}

/* Answers */

/** The slot that holds the key, or the free one where it belongs. */
static struct slot *find_slot(struct catalog_finder *finder, const struct key *key, uint32_t hash)
{
    size_t size = key_size(key);
    for (size_t i = hash % SLOTS;; i = (i + 1) % SLOTS) {
        struct slot *slot = &finder->slots[i];
        if (!slot->memory ||
            (slot->hash == hash && slot->key_size == size && memcmp(slot->memory->key, key, size) == 0))
            return slot;
    }
}

static void forget_all(struct catalog_finder *finder)
{
    memset(finder->slots, 0, sizeof finder->slots);
    arena_reset(&finder->arena);
    finder->count = finder->used = 0;
}

static void remember(struct catalog_finder *finder, const struct key *key, uint32_t hash,
                     const struct catalog_answer *answer)
{
    size_t size = sizeof(struct memory) + key_size(key);
    if (finder->count >= FINDER_ANSWERS_LIMIT || finder->used + size > FINDER_MEMORY_LIMIT)
        forget_all(finder);
    struct memory *memory = arena_allocate(&finder->arena, size);
    memory->answer = *answer;
    memcpy(memory->key, key, key_size(key));
    *find_slot(finder, key, hash) = (struct slot){hash, (uint32_t)key_size(key), memory};
    finder->count++;
    finder->used += size;
}

void catalog_finder_find(struct catalog_finder *finder, const struct reply *reply,
                         const struct explain_context *context, struct catalog_answer *answer)
{
    struct key key;
    bool has_key = make_key(finder, reply, context, &key);
    uint32_t hash = has_key ? (uint32_t)hash_of((const char *)&key, key_size(&key)) : 0;
    const struct memory *known = has_key ? find_slot(finder, &key, hash)->memory : NULL;
    if (known) {
        *answer = known->answer;
        return;
    }
    catalog_find(finder->catalog, reply, context, &finder->scratch, answer);
    arena_reset(&finder->scratch);
    if (has_key)
        remember(finder, &key, hash, answer);
}
