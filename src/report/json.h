/** The JSON report: one document, described by data/schema/probe.json.in. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "report/report.h"

struct reporter *json_reporter_open(const struct report_settings *, const struct record *);

#endif
