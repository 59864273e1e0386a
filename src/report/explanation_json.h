/** An explanation as a JSON object, the same in every document. */
#ifndef REPORT_EXPLANATION_JSON_H
#define REPORT_EXPLANATION_JSON_H

#include "base/json_writer.h"
#include "diagnose/explanation.h"

/** Writes the members of the object: cause, title, meaning, ... known. */
void explanation_write_json(struct json_writer *, const struct explanation *);

#endif
