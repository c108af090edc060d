/* A virtual device's update page, and curl. */
#ifndef OTTER_TEST_WEB_H
#define OTTER_TEST_WEB_H

#include "tests/support/virtual_device.h"

#define WEB_WAIT_MS 60000 /* for the end of a curl */

#define WEB_SUCCESS                                                                                          \
    "HTTP/1.1 200 OK\r\n"                                                                                    \
    "Content-Type: text/html\r\n"                                                                            \
    "Access-Control-Allow-Headers: *\r\n"                                                                    \
    "Access-Control-Allow-Origin: *\r\n"                                                                     \
    "Content-Length: 74\r\n"                                                                                 \
    "Connection: close\r\n"                                                                                  \
    "\r\n"                                                                                                   \
    "<META http-equiv=\"refresh\" content=\"15;URL=/\">Update Success! Rebooting..."

struct web {
    struct scene scene;
    struct virtual_device device;
    uint16_t port; /* TCP */
    char url[64];  /* of the page */
    uint8_t image[20000];
    char file[PATH_MAX]; /* that image */
};

/* *STATE becomes a struct web; OPTIONS are the device's, ended by NULL. */
void web_open(void **state, const char *const options[]);
/* Fixtures of cmocka tests: without a password, with "secret" by Basic, with "secret" by Digest. */
int web_setup_free(void **state);
int web_setup_basic(void **state);
int web_setup_digest(void **state);
int web_teardown(void **state);

/* What curl receives for URL PATH of the page with ARGUMENTS, ended by NULL: head and body, or its own
 * complaint. Valid until the scene closes. */
const char *web_curl_arguments(struct web *web, const char *path, const char *const arguments[]);
#define web_curl(web, ...) web_curl_arguments(web, "", PROCESS_STRINGS(__VA_ARGS__, NULL))

/* "NAME=@FILE" for curl's -F. */
const char *web_field(char out[PATH_MAX + 32], const char *name, const char *file);

/* A plain upload of the image succeeds and ends in a restart. */
void web_update(struct web *web, const char *credentials);

/* The TCP connection of a client that the test plays itself, and what the server says until it closes. */
int web_connect(const struct web *web);
void web_say(int tcp, const char *text);
const char *web_hear(int tcp, char *out, size_t size);

#endif
