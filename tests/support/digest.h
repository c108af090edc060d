/* Digests as hex, and the responses of the push protocol's two authentication eras, written from
 * spec/push.md for the test peers: not the code that otter itself answers with. */
#ifndef OTTER_TEST_DIGEST_H
#define OTTER_TEST_DIGEST_H

#include <stddef.h>

enum digest_era {
    DIGEST_ERA_MD5,          /* all ESP8266, ESP32 before 3.3.1 */
    DIGEST_ERA_SHA256,       /* ESP32 since */
    DIGEST_ERA_SHA256_OF_MD5 /* the same, on a device that stored an MD5 hash */
};

void digest_md5(char out[33], const void *bytes, size_t size);
void digest_sha256(char out[65], const void *bytes, size_t size);

/* The response to NONCE: 32 or 64 digits. */
void digest_response(char out[65], enum digest_era era, const char *password, const char *nonce,
                     const char *cnonce);

#endif
