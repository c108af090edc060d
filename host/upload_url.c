#include "host/upload_url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_DEFAULT "/update"
#define PATH_INFO    "/info"

/* An address as curl takes it: with a scheme, and an IPv6 address in brackets. */
static bool complete(char *out, size_t size, const char *text)
{
    size_t authority = strcspn(text, "/");
    bool whole = strstr(text, "://") != NULL;
    if (authority == 0 || (!whole && text[authority - 1] == ':'))
        return false;
    const char *colon = memchr(text, ':', authority);
    bool bare_v6 = colon != NULL && text[0] != '[' && memchr(text, '@', authority) == NULL &&
                   memchr(colon + 1, ':', authority - (size_t)(colon + 1 - text)) != NULL;
    int length = whole     ? snprintf(out, size, "%s", text)
                 : bare_v6 ? snprintf(out, size, "http://[%.*s]%s", (int)authority, text, text + authority)
                           : snprintf(out, size, "http://%s", text);
    return (size_t)length < size;
}

/* Copies a part of PARTS; false if it does not fit, or is missing although it is needed. */
static bool take(char *out, size_t size, CURLU *parts, CURLUPart part, unsigned flags, bool needed)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(parts, part, &text, flags);
    int length = snprintf(out, size, "%s", code == CURLUE_OK ? text : "");
    curl_free(text);
    return (code == CURLUE_OK || !needed) && (size_t)length < size;
}

static bool is_scheme_known(CURLU *parts)
{
    char scheme[8];
    return take(scheme, sizeof(scheme), parts, CURLUPART_SCHEME, 0, true) &&
           (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
}

/* Sets the path, without the slashes that end it, with SUFFIX behind it. */
static bool set_path(CURLU *parts, const char *path, const char *suffix)
{
    char text[OTTER_UPLOAD_URL_SIZE];
    int length = (int)strlen(path);
    while (length > 0 && path[length - 1] == '/')
        length--;
    if (length == 0) {
        path = PATH_DEFAULT;
        length = (int)strlen(PATH_DEFAULT);
    }
    length = snprintf(text, sizeof(text), "%.*s%s", length, path, suffix);
    return (size_t)length < sizeof(text) && curl_url_set(parts, CURLUPART_PATH, text, 0) == CURLUE_OK;
}

static bool take_addresses(struct otter_upload_url *url, CURLU *parts)
{
    char path[OTTER_UPLOAD_URL_SIZE];
    curl_url_set(parts, CURLUPART_USER, NULL, 0);
    curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(parts, CURLUPART_QUERY, NULL, 0);
    curl_url_set(parts, CURLUPART_FRAGMENT, NULL, 0);
    return take(path, sizeof(path), parts, CURLUPART_PATH, 0, true) && set_path(parts, path, PATH_INFO) &&
           take(url->info, sizeof(url->info), parts, CURLUPART_URL, 0, true) && set_path(parts, path, "") &&
           take(url->page, sizeof(url->page), parts, CURLUPART_URL, 0, true);
}

static bool take_host(struct otter_upload_url *url, CURLU *parts)
{
    char host[OTTER_DEVICE_HOST_SIZE], zone[32], port[8], shown[8];
    if (!take(host, sizeof(host), parts, CURLUPART_HOST, 0, true) ||
        !take(zone, sizeof(zone), parts, CURLUPART_ZONEID, 0, false) ||
        !take(port, sizeof(port), parts, CURLUPART_PORT, CURLU_DEFAULT_PORT, true) ||
        !take(shown, sizeof(shown), parts, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT, false))
        return false;
    url->device.port = (uint16_t)strtoul(port, NULL, 10);
    snprintf(url->name, sizeof(url->name), "%s%s%s", host, shown[0] != '\0' ? ":" : "", shown);
    url->device.name = url->name;
    host[strcspn(host, "]")] = '\0';
    const char *bare = host[0] == '[' ? host + 1 : host;
    int length = snprintf(url->device.host, sizeof(url->device.host), "%s%s%s", bare,
                          zone[0] != '\0' ? "%" : "", zone);
    struct in_addr v4;
    url->named = host[0] != '[' && inet_pton(AF_INET, host, &v4) != 1;
    return length > 0 && (size_t)length < sizeof(url->device.host);
}

bool otter_upload_url_parse(struct otter_upload_url *url, const char *text)
{
    char whole[OTTER_UPLOAD_URL_SIZE];
    *url = (struct otter_upload_url){0};
    CURLU *parts = curl_url();
    bool right =
        parts != NULL && complete(whole, sizeof(whole), text) &&
        curl_url_set(parts, CURLUPART_URL, whole, 0) == CURLUE_OK && is_scheme_known(parts) &&
        take(url->user, sizeof(url->user), parts, CURLUPART_USER, CURLU_URLDECODE, false) &&
        take(url->password, sizeof(url->password), parts, CURLUPART_PASSWORD, CURLU_URLDECODE, false) &&
        take_addresses(url, parts) && take_host(url, parts);
    curl_url_cleanup(parts);
    return right;
}
