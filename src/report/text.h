/** The text report. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/report.h"

struct reporter *text_reporter_open(const struct report_settings *, const struct record *);

#endif
