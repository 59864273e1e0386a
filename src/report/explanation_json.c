#include "report/explanation_json.h"

static void write_text(struct json_writer *out, const char *key, const char *value)
{
    json_writer_key(out, key);
    if (value)
        json_writer_text(out, span_of_string(value));
    else
        json_writer_literal(out, "null");
}

static void write_texts(struct json_writer *out, const char *key, const char *const *values, size_t count)
{
    json_writer_key(out, key);
    json_writer_begin(out, '[');
    for (size_t i = 0; i < count; i++)
        json_writer_text(out, span_of_string(values[i]));
    json_writer_end(out, ']');
}

static void write_retry(struct json_writer *out, const struct explanation *explanation)
{
    json_writer_own_member(out, "retry", retry_words[explanation->retry].name);
    json_writer_key(out, "retry_after");
    if (explanation->retry_after >= 0)
        json_writer_number(out, explanation->retry_after);
    else
        json_writer_literal(out, "null");
}

void explanation_write_json(struct json_writer *out, const struct explanation *explanation)
{
    json_writer_own_member(out, "cause", cause_name(explanation->cause));
    write_text(out, "title", explanation->title);
    write_text(out, "meaning", explanation->meaning);
    json_writer_own_member(out, "who", who_words[explanation->who].name);
    write_retry(out, explanation);
    json_writer_own_member(out, "scope",
                           explanation->scope >= 0 ? scope_words[explanation->scope].name : NULL);
    write_texts(out, "advice", explanation->advice, explanation->advice_count);
    write_texts(out, "links", explanation->links, explanation->link_count);
    write_texts(out, "remarks", explanation->remarks, explanation->remark_count);
    write_text(out, "provider", explanation->provider);
    write_text(out, "mailbox_provider", explanation->mailbox_provider);
    write_text(out, "software", explanation->software);
    json_writer_own_member(out, "confidence", confidence_name(explanation->confidence));
    write_text(out, "rule", explanation->rule);
    json_writer_key(out, "known");
    json_writer_literal(out, explanation->known ? "true" : "false");
}
