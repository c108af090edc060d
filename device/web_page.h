/* The update page (device/page), as it is served. */
#ifndef OTTER_DEVICE_WEB_PAGE_H
#define OTTER_DEVICE_WEB_PAGE_H

#include <stdint.h>

#define OTTER_WEB_PAGE_MAX 8192u /* bytes of flash that the page may take */

/* A gzip (RFC 1952) of one HTML document, to be sent with "Content-Encoding: gzip" and "Content-Type:
 * text/html". It stands on a 4-byte boundary, for flash that is read by words. It brings its own
 * Content-Security-Policy. It asks for its own path followed by "/info", and posts to its own path. */
extern const uint8_t otter_web_page[];
extern const uint32_t otter_web_page_size;

#endif
