/* TLS, as the virtual device pulls with it: whom its options say it trusts. */
#ifndef OTTER_SIM_TLS_H
#define OTTER_SIM_TLS_H

#include <stdbool.h>

#include "otter/tls.h"

#define TLS_FILE_SIZE   65536u /* bytes of the file of authorities, with a NUL */
#define TLS_AUTHORITIES 16u

struct tls {
    struct otter_tls connection;
    struct otter_tls_anchor authorities[TLS_AUTHORITIES];
    unsigned char buffer[OTTER_TLS_BUFFER_ANY];
    char file[TLS_FILE_SIZE]; /* where the certificates of the authorities lie */
};

/* Trusts nobody. TLS must not be moved after it. */
void tls_init(struct tls *tls);

/* Trusts every authority in a PEM file. False if there is none, or one that is not understood. */
bool tls_trust_file(struct tls *tls, const char *path);

#endif
