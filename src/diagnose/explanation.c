#include "diagnose/explanation.h"

const char *confidence_name(enum confidence confidence)
{
    static const char *const names[] = {"tag",      "provider", "software", "phrase",
                                        "enhanced", "basic",    "class"};
    return names[confidence];
}
