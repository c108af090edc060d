#include "format/http_request.h"

#include <string.h>

#include "format/http_field.h"
#include "format/text.h"

static const char *const methods[] = {
    [OTTER_HTTP_OTHER] = "",    [OTTER_HTTP_GET] = "GET",         [OTTER_HTTP_HEAD] = "HEAD",
    [OTTER_HTTP_POST] = "POST", [OTTER_HTTP_OPTIONS] = "OPTIONS",
};

#define METHODS (sizeof(methods) / sizeof(methods[0]))

const char *otter_http_method_name(enum otter_http_method method)
{
    return methods[method];
}

/* --- the request line --------------------------------------------------------------------------- */

static uint8_t find_method(const char *name)
{
    for (size_t i = 0; i < METHODS; i++)
        if (strcmp(methods[i], name) == 0)
            return (uint8_t)i;
    return OTTER_HTTP_OTHER;
}

/* Ends the word at TEXT: what follows the space behind it, or NULL. */
static char *split(char *text)
{
    char *space = strchr(text, ' ');
    if (space == NULL || space == text)
        return NULL;
    *space = '\0';
    return space + 1;
}

/* Proxies are told the scheme and the authority, too (RFC 9112, section 3.2.2). */
static char *path_of(char *target)
{
    static const char scheme[] = "http://";
    if (strncmp(target, scheme, sizeof(scheme) - 1) == 0)
        target += sizeof(scheme) - 1 + strcspn(target + sizeof(scheme) - 1, "/");
    target[strcspn(target, "?#")] = '\0';
    return target;
}

int otter_http_request_start(struct otter_http_request *request, char *line, char **path)
{
    static const char protocol[] = "HTTP/1.";
    char *target = split(line);
    const char *version = target != NULL ? split(target) : NULL;
    if (version == NULL || strncmp(version, protocol, sizeof(protocol) - 1) != 0)
        return OTTER_ERROR_MALFORMED;
    const char *minor = version + sizeof(protocol) - 1;
    if (minor[0] < '0' || minor[0] > '9' || minor[1] != '\0')
        return OTTER_ERROR_MALFORMED;
    request->method = find_method(line);
    request->minor = (uint8_t)(minor[0] - '0');
    *path = path_of(target);
    return OTTER_OK;
}

/* --- fields ------------------------------------------------------------------------------------- */

static bool is_zero(const char *quality)
{
    return quality[strspn(quality, "0.")] == '\0';
}

/* The client takes gzip if it names it and does not give it the quality 0. */
static int take_accept_encoding(struct otter_http_request *request, char *value)
{
    struct otter_http_parameter word;
    bool is_gzip = false;
    while (otter_http_parameter_next(&value, &word) > 0) {
        if (is_gzip && otter_text_is_same(word.name, "q"))
            request->accepts_gzip = !is_zero(word.value);
        is_gzip = otter_text_is_same(word.name, "gzip");
        request->accepts_gzip |= is_gzip;
    }
    return OTTER_OK;
}

static int take_content_length(struct otter_http_request *request, char *value)
{
    return otter_http_length_take(&request->length, value);
}

static int take_expect(struct otter_http_request *request, char *value)
{
    request->expects_continue = otter_text_is_same(value, "100-continue");
    return OTTER_OK;
}

static int take_transfer_encoding(struct otter_http_request *request, char *value)
{
    (void)value;
    request->transfer_encoding = true;
    return OTTER_OK;
}

static const struct {
    const char *name;
    int (*take)(struct otter_http_request *request, char *value);
} fields[] = {
    {"Accept-Encoding", take_accept_encoding},
    {"Content-Length", take_content_length},
    {"Expect", take_expect},
    {"Transfer-Encoding", take_transfer_encoding},
};

/* Only Accept-Encoding can be long and still make sense. */
int otter_http_request_field(struct otter_http_request *request, const char *name, char *value, bool cut)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (otter_text_is_same(fields[i].name, name))
            return cut && i > 0 ? OTTER_ERROR_MALFORMED : fields[i].take(request, value);
    return OTTER_OK;
}
