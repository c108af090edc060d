/* Certificates in PEM files (RFC 7468). */
#ifndef OTTER_SIM_PEM_H
#define OTTER_SIM_PEM_H

#include <stddef.h>

/* Decodes the next certificate of terminated TEXT in place: its DER, of SIZE bytes, begins at the result, and
 * TEXT goes on behind it. NULL if there is none any more, or if it is damaged. */
unsigned char *pem_next_certificate(char **text, size_t *size);

#endif
