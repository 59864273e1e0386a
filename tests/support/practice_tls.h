/**
 * Certificates of the practice server, made in memory at start: an authority, an
 * intermediate one below it, and a server certificate for mx1.example.com,
 * mx2.example.com, localhost and 127.0.0.1.
 */
#ifndef PRACTICE_TLS_H
#define PRACTICE_TLS_H

#include <openssl/ssl.h>

/**
 * @param kind "good", or what is wrong with the certificate (see the table in practice_tls.c)
 * @param ca_file where the authority's certificate is written as PEM, or NULL
 * @return NULL if the kind is unknown, the file cannot be written or OpenSSL fails
 */
SSL_CTX *practice_tls_new(const char *kind, const char *ca_file);

/** Prints the kinds, for --help. */
void practice_tls_print_kinds(void);

#endif
