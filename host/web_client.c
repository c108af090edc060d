#include "host/web_client.h"

#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/local.h"

#define TURN_MS 100

/* --- the connection -------------------------------------------------------------------------------- */

static int note_socket(void *context, curl_socket_t socket, curlsocktype purpose)
{
    struct otter_web_client *client = context;
    (void)purpose;
    client->socket = socket;
    return CURL_SOCKOPT_OK;
}

static int close_socket(void *context, curl_socket_t socket)
{
    struct otter_web_client *client = context;
    if (client->socket == socket)
        client->socket = CURL_SOCKET_BAD;
    return close(socket);
}

/* Bytes that the socket took, but the device has not acknowledged. */
static uint64_t unacknowledged(const struct otter_web_client *client)
{
    int queued = 0;
    if (client->socket == CURL_SOCKET_BAD || ioctl(client->socket, SIOCOUTQ, &queued) != 0)
        return 0;
    return (uint64_t)queued;
}

static bool set_address(struct otter_web_client *client, const struct otter_device *device)
{
    char address[INET6_ADDRSTRLEN], entry[OTTER_DEVICE_HOST_SIZE + INET6_ADDRSTRLEN + 16];
    otter_local_print_address(address, &device->address);
    snprintf(entry, sizeof(entry), "%s:%u:%s", device->host, device->port, address);
    client->address = curl_slist_append(NULL, entry);
    return client->address != NULL;
}

bool otter_web_client_open(struct otter_web_client *client, const struct otter_device *device,
                           const char *cacert)
{
    *client = (struct otter_web_client){.socket = CURL_SOCKET_BAD};
    client->multi = curl_multi_init();
    client->easy = curl_easy_init();
    if (client->multi == NULL || client->easy == NULL || !set_address(client, device))
        return false;
    if (cacert != NULL &&
        (access(cacert, R_OK) != 0 || curl_easy_setopt(client->easy, CURLOPT_CAINFO, cacert) != CURLE_OK))
        return false;
    curl_easy_setopt(client->easy, CURLOPT_RESOLVE, client->address);
    curl_easy_setopt(client->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(client->easy, CURLOPT_PROXY, ""); /* devices are near */
    curl_easy_setopt(client->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(client->easy, CURLOPT_SOCKOPTFUNCTION, note_socket);
    curl_easy_setopt(client->easy, CURLOPT_SOCKOPTDATA, client);
    curl_easy_setopt(client->easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(client->easy, CURLOPT_CLOSESOCKETDATA, client);
    return true;
}

void otter_web_client_close(struct otter_web_client *client)
{
    curl_easy_cleanup(client->easy);
    curl_multi_cleanup(client->multi);
    curl_slist_free_all(client->address);
    *client = (struct otter_web_client){.socket = CURL_SOCKET_BAD};
}

void otter_web_client_authenticate(struct otter_web_client *client, const char *user, const char *password)
{
    curl_easy_setopt(client->easy, CURLOPT_USERNAME, user);
    curl_easy_setopt(client->easy, CURLOPT_PASSWORD, password);
}

/* --- a request ------------------------------------------------------------------------------------- */

/* How far the running request is. */
struct course {
    const struct otter_web_request *request;
    struct otter_web_answer *answer;
    uint64_t moved;        /* ms: when bytes moved last */
    uint32_t acknowledged; /* bytes of the file */
    curl_off_t received;
};

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct otter_web_answer *answer = context;
    size_t room = OTTER_WEB_BODY_MAX - answer->length;
    size_t kept = size * count < room ? size * count : room;
    memcpy(answer->body + answer->length, bytes, kept);
    answer->length += kept;
    answer->body[answer->length] = '\0';
    return size * count;
}

static curl_mime *make_form(CURL *easy, const struct otter_web_file *file)
{
    curl_mime *form = curl_mime_init(easy);
    curl_mimepart *part = curl_mime_addpart(form);
    if (part == NULL || curl_mime_name(part, file->field) != CURLE_OK ||
        curl_mime_filename(part, file->name) != CURLE_OK ||
        curl_mime_type(part, "application/octet-stream") != CURLE_OK ||
        curl_mime_data(part, (const char *)file->bytes, file->size) != CURLE_OK) {
        curl_mime_free(form);
        return NULL;
    }
    return form;
}

/* The bytes of the file are counted as the last ones of the form. */
static void look(const struct otter_web_client *client, struct course *course)
{
    const struct otter_web_file *file = course->request->file;
    curl_off_t sent = 0, received = 0;
    curl_easy_getinfo(client->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    curl_easy_getinfo(client->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
    uint64_t queued = unacknowledged(client);
    uint64_t arrived = (uint64_t)sent > queued ? (uint64_t)sent - queued : 0;
    uint32_t acknowledged = file == NULL ? 0 : arrived < file->size ? (uint32_t)arrived : file->size;
    if (acknowledged != course->acknowledged || received != course->received)
        course->moved = otter_clock_ms();
    course->acknowledged = acknowledged;
    course->received = received;
}

static bool has_patience(const struct course *course)
{
    const struct otter_web_request *request = course->request;
    bool sending = request->file != NULL && course->acknowledged < request->file->size;
    return otter_clock_ms() - course->moved < (sending ? request->idle_ms : request->answer_ms);
}

static enum otter_web_end end_of(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return OTTER_WEB_ANSWERED;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_SSL_CACERT_BADFILE:
        return OTTER_WEB_LOCAL;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT: /* only connecting has a time of curl's */
        return OTTER_WEB_NO_CONNECTION;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
        return OTTER_WEB_UNTRUSTED;
    default:
        return OTTER_WEB_BROKEN;
    }
}

static void finish(struct otter_web_client *client, struct otter_web_answer *answer)
{
    int left;
    long status = 0, schemes = 0;
    const CURLMsg *message = curl_multi_info_read(client->multi, &left);
    CURLcode code = message != NULL ? message->data.result : CURLE_FAILED_INIT;
    answer->end = end_of(code);
    if (answer->text[0] == '\0')
        snprintf(answer->text, sizeof(answer->text), "%s", curl_easy_strerror(code));
    curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(client->easy, CURLINFO_HTTPAUTH_AVAIL, &schemes);
    answer->status = (int)status;
    if (schemes != 0)
        client->scheme = (unsigned long)schemes & CURLAUTH_DIGEST ? CURLAUTH_DIGEST : CURLAUTH_BASIC;
}

/* The connection may have ended between two looks, after everything was sent. */
static void tell_the_last(const struct otter_web_client *client, const struct otter_web_request *request)
{
    curl_off_t sent = 0;
    curl_easy_getinfo(client->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    if (request->file != NULL && sent >= (curl_off_t)request->file->size)
        request->watch(request->context, request->file->size);
}

static void run(struct otter_web_client *client, struct course *course)
{
    int running = 1;
    for (;;) {
        if (curl_multi_perform(client->multi, &running) != CURLM_OK || running == 0)
            break;
        look(client, course);
        if (!course->request->watch(course->request->context, course->acknowledged)) {
            course->answer->end = OTTER_WEB_STOPPED;
            return;
        }
        if (!has_patience(course)) {
            course->answer->end = OTTER_WEB_SILENT;
            return;
        }
        curl_multi_poll(client->multi, NULL, 0, TURN_MS, NULL);
    }
    finish(client, course->answer);
    tell_the_last(client, course->request);
}

static void prepare(struct otter_web_client *client, const struct otter_web_request *request,
                    struct otter_web_answer *answer, struct curl_slist *headers, curl_mime *form)
{
    CURL *easy = client->easy;
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms);
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, client->scheme != 0 ? client->scheme : CURLAUTH_ANY);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, answer->text);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    if (form != NULL)
        curl_easy_setopt(easy, CURLOPT_MIMEPOST, form);
    else
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
}

void otter_web_client_perform(struct otter_web_client *client, const struct otter_web_request *request,
                              struct otter_web_answer *answer)
{
    struct course course = {.request = request, .answer = answer, .moved = otter_clock_ms()};
    *answer = (struct otter_web_answer){.end = OTTER_WEB_LOCAL};
    curl_mime *form = request->file != NULL ? make_form(client->easy, request->file) : NULL;
    /* Devices of the Arduino core never say 100, which curl would wait for. */
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    prepare(client, request, answer, headers, form);
    if (headers != NULL && (form != NULL || request->file == NULL) &&
        curl_multi_add_handle(client->multi, client->easy) == CURLM_OK)
        run(client, &course);
    curl_multi_remove_handle(client->multi, client->easy);
    curl_easy_setopt(client->easy, CURLOPT_MIMEPOST, NULL);
    curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(client->easy, CURLOPT_ERRORBUFFER, NULL);
    curl_mime_free(form);
    curl_slist_free_all(headers);
}
