#include "base/error.h"

#include "base/exit_status.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 3, 0))) static void set(struct error *error, int exit_status,
                                                      const char *format, va_list arguments)
{
    error->exit_status = exit_status;
    vsnprintf(error->text, sizeof error->text, format, arguments);
}

_Bool error_set(struct error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set(error, EXIT_LOCAL, format, arguments);
    va_end(arguments);
    return 0;
}

_Bool error_set_status(struct error *error, int exit_status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set(error, exit_status, format, arguments);
    va_end(arguments);
    return 0;
}
