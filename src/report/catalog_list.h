/** Lists what the catalog knows. */
#ifndef REPORT_CATALOG_LIST_H
#define REPORT_CATALOG_LIST_H

#include "base/error.h"
#include "report/explained.h"

/**
 * Lists causes and providers with how many rules they have, or the rules of one
 * of them: a line each, or an object each in JSON.
 * @param topic a cause or a provider (id, alias or name), "causes" or "providers"; NULL for both of these
 * @param is_written set to whether all could be written
 * @return false with a message if there is no such topic
 */
bool catalog_list(const struct explained_settings *, bool as_json, const char *topic, bool *is_written,
                  struct error *);

#endif
