#include "format/http_response.h"

#include <string.h>

#include "format/text.h"

/* --- the start line ----------------------------------------------------------------------------- */

/* "HTTP/1.1 200 OK" */
static int take_status(struct otter_http_response *response, char *line)
{
    enum { STATUS = 9, REASON = STATUS + 3 };
    uint32_t status = 0;
    if (strlen(line) < REASON || strncmp(line, "HTTP/1.", 7) != 0 || line[STATUS - 1] != ' ' ||
        (line[REASON] != ' ' && line[REASON] != '\0'))
        return OTTER_ERROR_MALFORMED;
    line[REASON] = '\0';
    if (!otter_decimal_decode(&status, line + STATUS) || status < 100)
        return OTTER_ERROR_MALFORMED;
    response->status = (uint16_t)status;
    return OTTER_OK;
}

/* --- fields ------------------------------------------------------------------------------------- */

static int take_length(struct otter_http_response *response, char *value, bool cut)
{
    if (cut || response->length_is == OTTER_HTTP_UNSOUND ||
        otter_http_length_take(&response->length, value) != OTTER_OK)
        response->length_is = OTTER_HTTP_UNSOUND;
    else
        response->length_is = OTTER_HTTP_SOUND;
    return OTTER_OK;
}

static int take_coding(struct otter_http_response *response, char *value, bool cut)
{
    const bool plain = !cut && otter_text_is_same(value, "identity");
    const bool chunked = !cut && otter_text_is_same(value, "chunked");
    if (!plain)
        response->coding =
            chunked && response->coding != OTTER_HTTP_CODED ? OTTER_HTTP_CHUNKED : OTTER_HTTP_CODED;
    return OTTER_OK;
}

static int take_md5(struct otter_http_response *response, char *value, bool cut)
{
    const size_t digits = sizeof(response->md5) - 1;
    const bool sound = response->md5_is == OTTER_HTTP_ABSENT && !cut && strlen(value) == digits &&
                       otter_hex_is(value, digits);
    response->md5_is = sound ? OTTER_HTTP_SOUND : OTTER_HTTP_UNSOUND;
    if (sound)
        memcpy(response->md5, value, sizeof(response->md5));
    return OTTER_OK;
}

static int take_version(struct otter_http_response *response, char *value, bool cut)
{
    (void)cut; /* the beginning will do */
    strncpy(response->version, value, sizeof(response->version) - 1);
    return OTTER_OK;
}

/* A weak tag says too little for joining parts of a file (RFC 9110, section 13.1.5). */
static int take_etag(struct otter_http_response *response, char *value, bool cut)
{
    const size_t length = strlen(value);
    if (response->status != 200 && response->status != 206) /* it names something else */
        return OTTER_OK;
    const bool sound =
        !cut && length >= 2 && length < sizeof(response->etag) && value[0] == '"' && value[length - 1] == '"';
    if (!sound)
        value[0] = '\0';
    response->etag_is = strcmp(response->etag, value) == 0 ? OTTER_HTTP_ETAG_SAME : OTTER_HTTP_ETAG_OTHER;
    memcpy(response->etag, value, sound ? length + 1 : 1);
    return OTTER_OK;
}

/* Cuts TEXT at C; what comes behind it, NULL if there is no C. */
static char *split(char *text, char c)
{
    char *at = text != NULL ? strchr(text, c) : NULL;
    if (at != NULL)
        *at++ = '\0';
    return at;
}

/* "bytes 1000-1999/2000" (RFC 9110, section 14.4) */
static int take_range(struct otter_http_response *response, char *value, bool cut)
{
    char *first = split(value, ' ');
    char *last = split(first, '-');
    char *total = split(last, '/');
    uint32_t end = 0;
    const bool sound =
        response->range_is == OTTER_HTTP_ABSENT && !cut && total != NULL &&
        otter_text_is_same(value, "bytes") && otter_decimal_decode(&response->range_start, first) &&
        otter_decimal_decode(&end, last) && otter_decimal_decode(&response->range_total, total) &&
        response->range_start <= end && end < response->range_total;
    response->range_end = end + 1;
    response->range_is = sound ? OTTER_HTTP_SOUND : OTTER_HTTP_UNSOUND;
    return OTTER_OK;
}

static bool is_redirection(uint16_t status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static int take_location(struct otter_http_response *response, char *value, bool cut)
{
    const bool secure = response->url->secure;
    if (!is_redirection(response->status))
        return OTTER_OK;
    if (cut || response->move != OTTER_HTTP_STAYS || otter_url_follow(response->url, value) != OTTER_OK)
        response->move = OTTER_HTTP_STRAYS;
    else if (secure && !response->url->secure)
        response->move = OTTER_HTTP_DESCENDS;
    else
        response->move = response->url->elsewhere ? OTTER_HTTP_LEAVES : OTTER_HTTP_MOVES;
    return OTTER_OK;
}

static const struct field {
    const char *name;
    int (*take)(struct otter_http_response *response, char *value, bool cut);
} fields[] = {
    {"Content-Length", take_length},
    {"Transfer-Encoding", take_coding},
    {"x-MD5", take_md5},
    {"x-version", take_version},
    {"ETag", take_etag},
    {"Content-Range", take_range},
    {"Location", take_location},
};

static int take(void *context, const char *name, char *value, bool cut)
{
    struct otter_http_response *response = context;
    if (name == NULL)
        return take_status(response, value);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (otter_text_is_same(name, fields[i].name))
            return fields[i].take(response, value, cut);
    return OTTER_OK;
}

/* --- the head ----------------------------------------------------------------------------------- */

static bool is_interim(const struct otter_http_response *response)
{
    return otter_http_response_is_complete(response) && response->status < 200;
}

void otter_http_response_init(struct otter_http_response *response, char *line, uint16_t size,
                              struct otter_url *url)
{
    memset(response, 0, offsetof(struct otter_http_response, etag));
    response->url = url;
    otter_http_head_init(&response->head, line, size, false, take, response);
}

int otter_http_response_feed(struct otter_http_response *response, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    size_t done = 0;
    while (done < size && !otter_http_response_is_complete(response)) {
        const int count = otter_http_head_feed(&response->head, from + done, size - done);
        if (count < 0)
            return count;
        done += (size_t)count;
        if (is_interim(response))
            otter_http_response_init(response, response->head.line, response->head.size, response->url);
    }
    return (int)done;
}
