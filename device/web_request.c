/* The head of a request: what it asks for, and whether it may have it. */
#include <string.h>

#include "device/web_session.h"

#define LINE_MIN      320u  /* bytes of text[] that are left for lines, so that a Digest's answer fits */
#define PATH_KEPT     64u   /* characters of a path that is not ours */
#define HEAD_PER_STEP 512u  /* bytes */
#define FRAMING_MAX   4096u /* bytes of a form that are no file, at most */

/* --- lines -------------------------------------------------------------------------------------- */

/* "/update" and "/update/" are the same. */
enum otter_web_resource otter_web_find(const struct otter_web *web, const char *path, size_t length)
{
    const char *own = web->settings.path;
    size_t own_length = strlen(own);
    if (own[own_length - 1] == '/')
        own_length--;
    if (length < own_length || memcmp(path, own, own_length) != 0)
        return OTTER_WEB_NOTHING;
    path += own_length;
    length -= own_length;
    if (length == 0 || (length == 1 && *path == '/'))
        return OTTER_WEB_PAGE;
    return length == 5 && memcmp(path, "/info", 5) == 0 ? OTTER_WEB_INFO : OTTER_WEB_NOTHING;
}

static int take_start(struct otter_web_connection *connection, char *line)
{
    char *path;
    if (otter_http_request_start(&connection->request, line, &path) != OTTER_OK)
        return OTTER_ERROR_MALFORMED;
    const size_t length = strlen(path);
    connection->resource = (uint8_t)otter_web_find(connection->web, path, length);
    if (connection->resource == OTTER_WEB_NOTHING && length <= PATH_KEPT)
        connection->path = otter_http_head_keep(&connection->head, path, LINE_MIN);
    return OTTER_OK;
}

static int take_authorization(struct otter_web_connection *connection, char *value, bool cut)
{
    connection->access = (uint8_t)(cut ? OTTER_WEB_DENIED : otter_web_judge(connection, value));
    return OTTER_OK;
}

static int take_content_type(struct otter_web_connection *connection, char *value, bool cut)
{
    char *delimiter = cut ? NULL : otter_multipart_delimiter(value);
    if (connection->delimiter != NULL)
        return OTTER_ERROR_MALFORMED;
    if (delimiter == NULL)
        return OTTER_OK;
    connection->delimiter =
        otter_http_head_keep(&connection->head, delimiter, OTTER_WEB_PART_LINE + OTTER_WEB_INPUT_MIN);
    return connection->delimiter != NULL ? OTTER_OK : OTTER_ERROR_BUFFER;
}

static int take_host(struct otter_web_connection *connection, char *value, bool cut)
{
    if (connection->host != NULL || cut)
        return OTTER_ERROR_MALFORMED;
    connection->host =
        otter_http_head_keep(&connection->head, value, OTTER_WEB_PART_LINE + OTTER_WEB_INPUT_MIN);
    return connection->host != NULL ? OTTER_OK : OTTER_ERROR_BUFFER;
}

/* Browsers send Host first, and give both the port unless it is the standard one. */
static int take_origin(struct otter_web_connection *connection, char *value, bool cut)
{
    const char *site = strstr(value, "://");
    connection->foreign =
        cut || site == NULL || connection->host == NULL || !otter_text_is_same(site + 3, connection->host);
    return OTTER_OK;
}

static const struct {
    const char *name;
    int (*take)(struct otter_web_connection *connection, char *value, bool cut);
} fields[] = {
    {"Authorization", take_authorization},
    {"Content-Type", take_content_type},
    {"Host", take_host},
    {"Origin", take_origin},
};

static int take_line(void *context, const char *name, char *value, bool cut)
{
    struct otter_web_connection *connection = context;
    if (name == NULL)
        return take_start(connection, value);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (otter_text_is_same(name, fields[i].name))
            return fields[i].take(connection, value, cut);
    return otter_http_request_field(&connection->request, name, value, cut);
}

/* --- the decision ------------------------------------------------------------------------------- */

static bool is_post(const struct otter_web_connection *connection)
{
    return connection->request.method == OTTER_HTTP_POST;
}

static bool is_ambiguous(const struct otter_web_connection *connection)
{
    const struct otter_http_request *request = &connection->request;
    return (connection->host == NULL && request->minor > 0) ||
           (request->transfer_encoding && request->length.known);
}

static bool is_unknown(const struct otter_web_connection *connection)
{
    return connection->resource == OTTER_WEB_NOTHING;
}

static bool is_preflight(const struct otter_web_connection *connection)
{
    return connection->request.method == OTTER_HTTP_OPTIONS;
}

static bool is_not_allowed(const struct otter_web_connection *connection)
{
    const uint8_t method = connection->request.method;
    return method == OTTER_HTTP_OTHER || (is_post(connection) && connection->resource != OTTER_WEB_PAGE);
}

static bool is_unauthorized(const struct otter_web_connection *connection)
{
    return connection->access != OTTER_WEB_GRANTED && !otter_web_is_open(connection->web);
}

static bool is_foreign(const struct otter_web_connection *connection)
{
    return is_post(connection) && connection->foreign && !connection->web->settings.cross_site;
}

static bool has_no_length(const struct otter_web_connection *connection)
{
    return is_post(connection) && !connection->request.length.known;
}

static bool is_too_large(const struct otter_web_connection *connection)
{
    return is_post(connection) &&
           connection->request.length.bytes > connection->web->port->flash.size + FRAMING_MAX;
}

static bool is_no_form(const struct otter_web_connection *connection)
{
    return is_post(connection) && connection->delimiter == NULL;
}

static bool is_busy(const struct otter_web_connection *connection)
{
    const struct otter_web *web = connection->web;
    return is_post(connection) && (web->uploader != NULL || otter_updater_is_running(web->updater));
}

/* The first that applies is the answer; if none does, the client may have what it asks for. */
static const struct {
    bool (*applies)(const struct otter_web_connection *connection);
    enum otter_web_answer answer;
} decision[] = {
    {is_ambiguous, OTTER_WEB_ANSWER_MALFORMED},  {is_unknown, OTTER_WEB_ANSWER_NOT_FOUND},
    {is_preflight, OTTER_WEB_ANSWER_PREFLIGHT},  {is_not_allowed, OTTER_WEB_ANSWER_NOT_ALLOWED},
    {is_foreign, OTTER_WEB_ANSWER_FOREIGN},      {is_unauthorized, OTTER_WEB_ANSWER_UNAUTHORIZED},
    {has_no_length, OTTER_WEB_ANSWER_NO_LENGTH}, {is_too_large, OTTER_WEB_ANSWER_TOO_LARGE},
    {is_no_form, OTTER_WEB_ANSWER_NO_FORM},      {is_busy, OTTER_WEB_ANSWER_BUSY},
};

static void serve(struct otter_web_connection *connection)
{
    if (is_post(connection))
        otter_web_upload(connection);
    else if (connection->resource == OTTER_WEB_INFO)
        otter_web_tell(connection);
    else
        otter_web_answer(connection,
                         connection->request.accepts_gzip ? OTTER_WEB_ANSWER_GZIP : OTTER_WEB_ANSWER_PLAIN);
}

static void decide(struct otter_web_connection *connection)
{
    const struct otter_http_request *request = &connection->request;
    connection->body_left = request->transfer_encoding ? UINT32_MAX : request->length.bytes;
    for (size_t i = 0; i < sizeof(decision) / sizeof(decision[0]); i++) {
        if (decision[i].applies(connection)) {
            otter_web_answer(connection, decision[i].answer);
            return;
        }
    }
    serve(connection);
}

/* --- bytes -------------------------------------------------------------------------------------- */

void otter_web_expect(struct otter_web_connection *connection)
{
    *connection = (struct otter_web_connection){
        .web = connection->web, .tcp = connection->tcp, .from = connection->from};
    otter_http_head_init(&connection->head, connection->text, sizeof(connection->text), false, take_line,
                         connection);
}

/* The head came to nothing: who knows what follows it. */
static void refuse(struct otter_web_connection *connection, enum otter_web_answer answer)
{
    connection->body_left = UINT32_MAX;
    otter_web_answer(connection, answer);
}

/* The head is incomplete, and nothing more comes for now. */
static uint32_t wait_for_more(struct otter_web_connection *connection)
{
    const uint32_t left = otter_web_left(connection);
    if (connection->input_end == 0 && left > 0)
        return left;
    if (connection->input_end != 0 || connection->head.bytes == 0)
        otter_web_close(connection);
    else
        refuse(connection, OTTER_WEB_ANSWER_TIMEOUT);
    return 0;
}

/* Byte by byte, so that what follows the head is still there for others to read. */
uint32_t otter_web_reading(struct otter_web_connection *connection)
{
    for (unsigned i = 0; i < HEAD_PER_STEP; i++) {
        char byte;
        if (otter_web_read(connection, &byte, 1) <= 0)
            return wait_for_more(connection);
        if (otter_http_head_feed(&connection->head, &byte, 1) < 0) {
            refuse(connection, OTTER_WEB_ANSWER_MALFORMED);
            return 0;
        }
        if (otter_http_head_is_complete(&connection->head)) {
            decide(connection);
            return 0;
        }
    }
    return otter_web_left(connection) > 0 ? 0 : wait_for_more(connection);
}
