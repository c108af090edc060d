/* Requests to a device's web server, by libcurl: one at a time, watched while they run. */
#ifndef OTTER_HOST_WEB_CLIENT_H
#define OTTER_HOST_WEB_CLIENT_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/device.h"

#define OTTER_WEB_BODY_MAX 4096u /* bytes of an answer that are kept */

enum otter_web_end {
    OTTER_WEB_ANSWERED,      /* with whatever status */
    OTTER_WEB_LOCAL,         /* this computer failed */
    OTTER_WEB_NO_CONNECTION, /* none could be made */
    OTTER_WEB_UNTRUSTED,     /* TLS: the certificate is not that of the device */
    OTTER_WEB_BROKEN,        /* the connection ended, or what came is no HTTP */
    OTTER_WEB_SILENT,        /* nothing moved for too long */
    OTTER_WEB_STOPPED,       /* by the watcher */
};

/* One file as a form sends it (multipart/form-data). */
struct otter_web_file {
    const char *field;
    const char *name;
    const uint8_t *bytes;
    uint32_t size;
};

struct otter_web_request {
    const char *url;
    const struct otter_web_file *file; /* NULL: a GET */
    uint32_t connect_ms;
    uint32_t idle_ms;   /* while nothing is taken by the device that should be */
    uint32_t answer_ms; /* from there to the answer */
    /* Called at least every 100 ms with the bytes of the file that the device has acknowledged; false ends
     * the request. */
    bool (*watch)(void *context, uint32_t acknowledged);
    void *context;
};

struct otter_web_answer {
    enum otter_web_end end;
    int status;                        /* of HTTP; 0: none came */
    char text[CURL_ERROR_SIZE];        /* what went wrong, unless answered */
    char body[OTTER_WEB_BODY_MAX + 1]; /* terminated; also what came before a connection broke */
    size_t length;                     /* of body */
};

struct otter_web_client {
    CURL *easy;
    CURLM *multi;
    struct curl_slist *address; /* of the host, as it was resolved */
    unsigned long scheme;       /* of authentication: what the device asked for; 0: nothing yet */
    curl_socket_t socket;       /* CURL_SOCKET_BAD: none open */
};

/* DEVICE has been resolved; its name counts in the URLs. CACERT: a file of certificates to trust in place of
 * the system's; NULL: the system's. False: out of memory, or no such file. Zero CLIENT to start; closing it
 * is always allowed. */
bool otter_web_client_open(struct otter_web_client *client, const struct otter_device *device,
                           const char *cacert);
void otter_web_client_close(struct otter_web_client *client);

/* Credentials for all further requests; copied. */
void otter_web_client_authenticate(struct otter_web_client *client, const char *user, const char *password);

/* Blocks until the request has ended. */
void otter_web_client_perform(struct otter_web_client *client, const struct otter_web_request *request,
                              struct otter_web_answer *answer);

#endif
