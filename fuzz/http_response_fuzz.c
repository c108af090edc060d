/* HTTP responses with their bodies: any portions give what the whole gives, and where a redirection leads is
 * safe to ask for. */
#include <stdlib.h>
#include <string.h>

#include "format/http_body.h"
#include "format/http_response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    struct otter_http_response response;
    struct otter_url url;
    struct otter_http_body body;
    char line[64];
    bool in_body;
    size_t taken;   /* bytes of the message */
    size_t content; /* bytes of the body's content */
    int result;
};

static int take(void *context, const void *bytes, size_t size)
{
    struct reading *reading = context;
    (void)bytes;
    reading->content += size;
    return 0;
}

static void begin_body(struct reading *reading)
{
    const struct otter_http_response *response = &reading->response;
    reading->in_body = true;
    if (response->coding == OTTER_HTTP_CHUNKED)
        otter_http_body_init_chunked(&reading->body, take, reading);
    else
        otter_http_body_init(&reading->body,
                             response->length_is == OTTER_HTTP_SOUND ? response->length.bytes : UINT32_MAX,
                             take, reading);
}

static void feed(struct reading *reading, const uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size && reading->result >= 0; done += (size_t)reading->result) {
        reading->result = reading->in_body
                              ? otter_http_body_feed(&reading->body, bytes + done, size - done)
                              : otter_http_response_feed(&reading->response, bytes + done, size - done);
        if (reading->result > (int)(size - done))
            abort();
        if (reading->result > 0)
            reading->taken += (size_t)reading->result;
        if (!reading->in_body && reading->result >= 0 && otter_http_response_is_complete(&reading->response))
            begin_body(reading);
        else if (reading->result == 0)
            return;
    }
}

static void read_all(struct reading *reading, const uint8_t *data, size_t size, size_t portion)
{
    memset(reading, 0, sizeof(*reading));
    if (otter_url_parse(&reading->url, "https://example.org/a/b?c") != OTTER_OK)
        abort();
    otter_http_response_init(&reading->response, reading->line, sizeof(reading->line), &reading->url);
    for (size_t at = 0; at < size && reading->result >= 0; at += portion)
        feed(reading, data + at, size - at < portion ? size - at : portion);
}

static bool is_same(const struct reading *left, const struct reading *right)
{
    const struct otter_http_response *a = &left->response, *b = &right->response;
    if ((left->result < 0) != (right->result < 0) || left->in_body != right->in_body)
        return false;
    if (left->result < 0)
        return left->result == right->result;
    return left->taken == right->taken && left->content == right->content && a->status == b->status &&
           a->coding == b->coding && a->move == b->move && a->md5_is == b->md5_is &&
           a->length_is == b->length_is && a->range_is == b->range_is && strcmp(a->etag, b->etag) == 0 &&
           strcmp(a->version, b->version) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading whole, bytes, portions;
    read_all(&whole, data, size, size + 1);
    read_all(&bytes, data, size, 1);
    read_all(&portions, data, size, 7);
    if (!is_same(&whole, &bytes) || !is_same(&whole, &portions))
        abort();
    if (whole.in_body && whole.response.move != OTTER_HTTP_STRAYS)
        for (const char *c = otter_url_path(&whole.url); *c != '\0'; c++)
            if (*c <= ' ' || *c > '~')
                abort();
    return 0;
}
