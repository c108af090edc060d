/* URLs: what is taken is whole, safe to send, and means the same when it is written down and read again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct otter_url *url)
{
    struct otter_url again;
    char text[2 * OTTER_URL_SIZE];
    const char *host = otter_url_host(url), *path = otter_url_path(url);
    if (path[0] != '/' || host[0] == '\0' || strlen(host) + strlen(path) + 2 > OTTER_URL_SIZE)
        abort();
    for (const char *c = path; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            abort();
    snprintf(text, sizeof text, strpbrk(host, ":%") ? "%s://[%s]:%u%s" : "%s://%s:%u%s",
             url->secure ? "https" : "http", host, (unsigned)url->port, path);
    if (otter_url_parse(&again, text) != OTTER_OK || again.secure != url->secure || again.port != url->port ||
        strcmp(host, otter_url_host(&again)) != 0 || strcmp(path, otter_url_path(&again)) != 0)
        abort();
}

/* A URL, and in the next line a reference. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct otter_url url;
    char credentials[64];
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    char *reference = strchr(text, '\n');
    if (reference != NULL)
        *reference++ = '\0';
    if (otter_url_parse(&url, text) == OTTER_OK) {
        check(&url);
        if (otter_url_credentials(credentials, sizeof credentials, text) >= (int)sizeof credentials)
            abort();
        if (reference != NULL && otter_url_follow(&url, reference) == OTTER_OK)
            check(&url);
    }
    free(text);
    return 0;
}
