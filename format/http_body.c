#include "format/http_body.h"

#include "format/text.h"

#define SIZE_DIGITS 8u /* hex, of a chunk's size: 32 bits */

enum {
    CONTENT,      /* of a body with a length */
    SIZE,         /* the digits of a chunk's size */
    EXTENSION,    /* the rest of that line */
    CHUNK,        /* the content of a chunk */
    CHUNK_END,    /* CR LF behind it */
    TRAILER,      /* at the beginning of a line behind the last chunk */
    TRAILER_LINE, /* within such a line */
    END,
};

/* --- framing of chunks -------------------------------------------------------------------------- */

static int extension_take(struct otter_http_body *body, char c)
{
    if (c == '\n')
        body->state = body->remaining > 0 ? CHUNK : TRAILER;
    return OTTER_OK;
}

static int size_take(struct otter_http_body *body, char c)
{
    const int value = otter_hex_value(c);
    if (value >= 0) {
        body->remaining = body->remaining * 16 + (uint32_t)value;
        return body->digits++ < SIZE_DIGITS ? OTTER_OK : OTTER_ERROR_MALFORMED;
    }
    if (body->digits == 0 || (c != '\r' && c != '\n' && c != ';' && c != ' ' && c != '\t'))
        return OTTER_ERROR_MALFORMED;
    body->state = EXTENSION;
    return extension_take(body, c);
}

static int chunk_end_take(struct otter_http_body *body, char c)
{
    if (c == '\n') {
        body->state = SIZE;
        body->digits = 0;
        return OTTER_OK;
    }
    return c == '\r' ? OTTER_OK : OTTER_ERROR_MALFORMED;
}

static int trailer_take(struct otter_http_body *body, char c)
{
    if (c == '\n')
        body->state = END;
    else if (c != '\r')
        body->state = TRAILER_LINE;
    return OTTER_OK;
}

static int trailer_line_take(struct otter_http_body *body, char c)
{
    if (c == '\n')
        body->state = TRAILER;
    return OTTER_OK;
}

static int (*const states[])(struct otter_http_body *body, char c) = {
    [SIZE] = size_take,       [EXTENSION] = extension_take,       [CHUNK_END] = chunk_end_take,
    [TRAILER] = trailer_take, [TRAILER_LINE] = trailer_line_take,
};

static int take_framing(struct otter_http_body *body, char c)
{
    const bool is_trailer = body->state == TRAILER || body->state == TRAILER_LINE;
    if (++body->overhead > (is_trailer ? OTTER_HTTP_TRAILER_MAX : OTTER_HTTP_CHUNK_HEAD_MAX))
        return OTTER_ERROR_BUFFER;
    return states[body->state](body, c);
}

/* --- content ------------------------------------------------------------------------------------ */

static bool is_content(const struct otter_http_body *body)
{
    return body->state == CONTENT || body->state == CHUNK;
}

static size_t take_content(struct otter_http_body *body, const void *bytes, size_t size)
{
    const size_t part = size < body->remaining ? size : body->remaining;
    body->error = body->take(body->context, bytes, part);
    body->remaining -= (uint32_t)part;
    body->overhead = 0;
    if (body->remaining == 0)
        body->state = body->state == CONTENT ? END : CHUNK_END;
    return part;
}

/* --- the body ----------------------------------------------------------------------------------- */

void otter_http_body_init(struct otter_http_body *body, uint32_t length, otter_http_content *take,
                          void *context)
{
    *body = (struct otter_http_body){
        .take = take, .context = context, .remaining = length, .state = length > 0 ? CONTENT : END};
}

void otter_http_body_init_chunked(struct otter_http_body *body, otter_http_content *take, void *context)
{
    *body = (struct otter_http_body){.take = take, .context = context, .state = SIZE};
}

int otter_http_body_feed(struct otter_http_body *body, const void *bytes, size_t size)
{
    const char *from = bytes;
    size_t done = 0;
    while (done < size && body->error == OTTER_OK && body->state != END) {
        if (is_content(body))
            done += take_content(body, from + done, size - done);
        else
            body->error = take_framing(body, from[done++]);
    }
    return body->error != OTTER_OK ? body->error : (int)done;
}

bool otter_http_body_is_complete(const struct otter_http_body *body)
{
    return body->state == END && body->error == OTTER_OK;
}
