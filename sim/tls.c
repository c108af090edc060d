#include "sim/tls.h"

#include <stdio.h>

#include "sim/pem.h"

void tls_init(struct tls *tls)
{
    (void)!otter_tls_init(&tls->connection, tls->buffer, sizeof tls->buffer); /* it is large enough */
}

static bool read_file(struct tls *tls, const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    const size_t size = fread(tls->file, 1, sizeof tls->file, file);
    const bool whole = !ferror(file) && size < sizeof tls->file;
    fclose(file);
    tls->file[whole ? size : 0] = '\0';
    return whole;
}

bool tls_trust_file(struct tls *tls, const char *path)
{
    size_t count = 0, size;
    if (!read_file(tls, path))
        return false;
    char *text = tls->file;
    for (unsigned char *der; (der = pem_next_certificate(&text, &size)) != NULL; count++)
        if (count == TLS_AUTHORITIES ||
            otter_tls_anchor_init(&tls->authorities[count], der, size) != OTTER_OK)
            return false;
    return otter_tls_trust_authorities(&tls->connection, tls->authorities, count) == OTTER_OK;
}
