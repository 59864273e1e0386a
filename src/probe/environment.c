#include "probe/environment.h"

void environment_clear(struct environment *environment)
{
    if (environment->resolver)
        resolver_free(environment->resolver);
    if (environment->tls)
        tls_context_free(environment->tls);
    environment->resolver = NULL;
    environment->tls = NULL;
}

struct resolver *environment_resolver(struct environment *environment)
{
    if (!environment->resolver)
        environment->resolver = resolver_new(environment->loop, &environment->resolver_settings);
    return environment->resolver;
}

struct tls_context *environment_tls(struct environment *environment, struct error *error)
{
    if (!environment->tls)
        environment->tls = tls_context_new(&environment->tls_settings, error);
    return environment->tls;
}
