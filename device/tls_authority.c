#include <string.h>

#include "device/tls_trust.h"

_Static_assert(sizeof(struct otter_tls_anchor) == sizeof(br_x509_trust_anchor),
               "anchors are an array of both");

int otter_tls_anchor_init(struct otter_tls_anchor *anchor, const void *der, size_t size)
{
    br_x509_trust_anchor decoded;
    if (!otter_tls_anchor_decode(&decoded, der, size))
        return OTTER_ERROR_ARGUMENT;
    memcpy(anchor, &decoded, sizeof(decoded));
    return OTTER_OK;
}

static const char *trust_authorities(struct otter_tls *tls, const char *server_name)
{
    const struct otter_port *port = tls->port;
    const uint64_t utc = port->utc != NULL ? port->utc(port->context) : 0;
    if (!otter_tls_is_name(server_name))
        return "no certificate is checked for an address: use the server's name, or pin its key";
    if (utc == 0)
        return "the time is not known: set the clock first";
    otter_tls_client_trust_anchors(otter_tls_client_of(tls), (const void *)tls->anchors, tls->anchor_count,
                                   utc);
    return NULL;
}

int otter_tls_trust_authorities(struct otter_tls *tls, const struct otter_tls_anchor *anchors, size_t count)
{
    if (tls->begun || count == 0)
        return OTTER_ERROR_ARGUMENT;
    tls->anchors = anchors;
    tls->anchor_count = count;
    tls->trust = trust_authorities;
    return OTTER_OK;
}
