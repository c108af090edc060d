/* What the files of TLS share. */
#ifndef OTTER_DEVICE_TLS_TRUST_H
#define OTTER_DEVICE_TLS_TRUST_H

#include "crypto/tls_client.h"
#include "otter/tls.h"

struct otter_tls_client *otter_tls_client_of(struct otter_tls *tls);

/* True if SERVER_NAME is a name; false for a literal address and for nothing at all. */
bool otter_tls_is_name(const char *server_name);

#endif
