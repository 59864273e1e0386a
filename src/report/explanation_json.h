/** An explanation as a JSON object, the same in every document. */
#ifndef REPORT_EXPLANATION_JSON_H
#define REPORT_EXPLANATION_JSON_H

#include "base/json.h"
#include "diagnose/explanation.h"

/** Sets cause, title, meaning, ... known in the object. @param secrets or NULL */
void explanation_set_json(json_t *object, const struct explanation *, const struct secret_list *secrets);

#endif
