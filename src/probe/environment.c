#include "probe/environment.h"

#include <stdio.h>

const char *environment_loop_version(void)
{
    static char text[16];
    snprintf(text, sizeof text, "%d.%02d", ev_version_major(), ev_version_minor());
    return text;
}

bool environment_open(struct environment *environment, struct error *error)
{
    /* Few descriptors: poll() takes fewer system calls than epoll here. */
    environment->loop = ev_loop_new(EVBACKEND_POLL | EVFLAG_NOENV);
    if (!environment->loop)
        environment->loop = ev_loop_new(EVFLAG_NOENV);
    return environment->loop || error_set(error, "libev finds no way to wait for events on this system");
}

void environment_clear(struct environment *environment)
{
    if (environment->resolver)
        resolver_free(environment->resolver);
    if (environment->tls)
        tls_context_free(environment->tls);
    if (environment->loop)
        ev_loop_destroy(environment->loop);
    environment->resolver = NULL;
    environment->tls = NULL;
    environment->loop = NULL;
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
