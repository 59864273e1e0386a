#include "explain/packed.h"

#include "explain/scan.h"

static const struct packed_form forms[] = {
    {LITERAL("\x1f\x8b\x08"), "compressed by gzip", "zcat"},
    {LITERAL("\x1f\x9d\x90"), "compressed by compress", "zcat"},
    {LITERAL("\xfd\x37zXZ\0"), "compressed by xz", "xzcat"},
    {LITERAL("\x28\xb5\x2f\xfd"), "compressed by zstd", "zstdcat"},
    {LITERAL("\x04\x22\x4d\x18"), "compressed by lz4", "lz4cat"},
    {LITERAL("PK\x03\x04"), "an archive of zip", "unzip -p"},
    {LITERAL("LPKSHHRH"), "a journal of systemd", "journalctl --file"},
    {LITERAL("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "a message in Outlook's own form (it can save text)",
     "msgconvert --outfile -"},
};
static const struct packed_form bzip2 = {LITERAL("BZh"), "compressed by bzip2", "bzcat"};

/** "BZh" alone could be text: its digit is a size, and a block or the end follows it. */
static bool is_bzip2(struct span octets)
{
    struct span block = span_skip(octets, bzip2.mark.size + 1);
    return span_equal(span_first(octets, bzip2.mark.size), bzip2.mark) &&
           (span_starts_with(block, "1AY&SY") || span_starts_with(block, "\x17rE8P\x90"));
}

const struct packed_form *packed_form_of(struct span octets)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (span_equal(span_first(octets, forms[i].mark.size), forms[i].mark))
            return &forms[i];
    return is_bzip2(octets) ? &bzip2 : NULL;
}
