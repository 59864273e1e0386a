#include "report/explanation_json.h"

static json_t *text(const char *value, const struct secret_list *secrets)
{
    return value ? json_text(span_of_string(value), secrets) : json_null();
}

static json_t *texts(const char *const *values, size_t count, const struct secret_list *secrets)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, text(values[i], secrets));
    return array;
}

void explanation_set_json(json_t *object, const struct explanation *explanation,
                          const struct secret_list *secrets)
{
    json_object_set_new(object, "cause", json_own_text(cause_name(explanation->cause)));
    json_object_set_new(object, "title", text(explanation->title, secrets));
    json_object_set_new(object, "meaning", text(explanation->meaning, secrets));
    json_object_set_new(object, "who", json_own_text(who_words[explanation->who].name));
    json_object_set_new(object, "retry", json_own_text(retry_words[explanation->retry].name));
    json_object_set_new(object, "retry_after",
                        explanation->retry_after >= 0 ? json_integer(explanation->retry_after) : json_null());
    json_object_set_new(object, "scope",
                        explanation->scope >= 0 ? json_own_text(scope_words[explanation->scope].name)
                                                : json_null());
    json_object_set_new(object, "advice", texts(explanation->advice, explanation->advice_count, secrets));
    json_object_set_new(object, "links", texts(explanation->links, explanation->link_count, secrets));
    json_object_set_new(object, "remarks", texts(explanation->remarks, explanation->remark_count, secrets));
    json_object_set_new(object, "provider", text(explanation->provider, secrets));
    json_object_set_new(object, "mailbox_provider", text(explanation->mailbox_provider, secrets));
    json_object_set_new(object, "software", text(explanation->software, secrets));
    json_object_set_new(object, "confidence", json_own_text(confidence_name(explanation->confidence)));
    json_object_set_new(object, "rule", text(explanation->rule, secrets));
    json_object_set_new(object, "known", json_boolean(explanation->known));
}
