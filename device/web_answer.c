/* Answers: what is said, and how it gets to the client. */
#include <string.h>

#include "device/web_page.h"
#include "device/web_session.h"

#define LINGER_MS   1000u /* for a client of which we do not know what it still sends */
#define DROP_SIZE   256u  /* bytes of stack for what nobody needs, */
#define DROP_PASSES 16u   /* filled so often a step */

#define HTML "text/html"
#define TEXT "text/plain"
#define CORS "Access-Control-Allow-Headers: *\r\nAccess-Control-Allow-Origin: *\r\n"

/* For clients that take no gzip. */
static const char plain_page[] =
    "<!DOCTYPE html><title>Update</title>"
    "<form method=POST enctype=multipart/form-data><input type=file name=firmware accept=.bin,.bin.gz>"
    "<input type=submit value='Update Firmware'></form>"
    "<form method=POST enctype=multipart/form-data><input type=file name=filesystem accept=.bin,.bin.gz>"
    "<input type=submit value='Update FileSystem'></form>";

/* Success, failure, preflight and Basic's challenge are as existing devices have them (spec/transcripts.md,
 * section 3). */
static const struct {
    const char *status;
    const char *type;
    const char *fields;
    const char *text;
} answers[] = {
    [OTTER_WEB_ANSWER_GZIP] = {"200 OK", HTML, "Content-Encoding: gzip\r\n", NULL},
    [OTTER_WEB_ANSWER_PLAIN] = {"200 OK", HTML, "", plain_page},
    [OTTER_WEB_ANSWER_INFO] = {"200 OK", "application/json", "", NULL},
    [OTTER_WEB_ANSWER_PREFLIGHT] = {"200 OK", HTML, CORS, "y"},
    [OTTER_WEB_ANSWER_UPDATED] =
        {"200 OK", HTML, CORS,
         "<META http-equiv=\"refresh\" content=\"15;URL=/\">Update Success! Rebooting..."},
    [OTTER_WEB_ANSWER_FAILED] = {"200 OK", HTML, CORS, NULL},
    [OTTER_WEB_ANSWER_MALFORMED] = {"400 Bad Request", TEXT, "", ""},
    [OTTER_WEB_ANSWER_NO_FORM] = {"400 Bad Request", TEXT, "", "No form with a file\n"},
    [OTTER_WEB_ANSWER_UNAUTHORIZED] = {"401 Unauthorized", HTML, "", ""},
    [OTTER_WEB_ANSWER_FOREIGN] = {"403 Forbidden", TEXT, "", "Sent by another site's page\n"},
    [OTTER_WEB_ANSWER_NOT_FOUND] = {"404 Not Found", TEXT, "", NULL},
    [OTTER_WEB_ANSWER_NOT_ALLOWED] = {"405 Method Not Allowed", TEXT, "Allow: GET, HEAD, POST, OPTIONS\r\n",
                                      ""},
    [OTTER_WEB_ANSWER_TIMEOUT] = {"408 Request Timeout", TEXT, "", ""},
    [OTTER_WEB_ANSWER_NO_LENGTH] = {"411 Length Required", TEXT, "", ""},
    [OTTER_WEB_ANSWER_TOO_LARGE] = {"413 Content Too Large", TEXT, "",
                                    "Update error: ERROR[4]: Not Enough Space\n"},
    [OTTER_WEB_ANSWER_BUSY] = {"503 Service Unavailable", TEXT, "",
                               "Update error: ERROR[15]: Update already running\n"},
};

/* --- putting together --------------------------------------------------------------------------- */

/* The head takes at most ROOM bytes of text[]. */
static void compose(struct otter_web_connection *connection, enum otter_web_answer answer, size_t room,
                    const char *body, size_t size)
{
    struct otter_text text;
    otter_text_init(&text, connection->text, room);
    otter_text_add(&text, "HTTP/1.1 ");
    otter_text_add(&text, answers[answer].status);
    otter_text_add(&text, "\r\nContent-Type: ");
    otter_text_add(&text, answers[answer].type);
    otter_text_add(&text, "\r\n");
    otter_text_add(&text, answers[answer].fields);
    if (answer == OTTER_WEB_ANSWER_UNAUTHORIZED)
        otter_web_add_challenge(connection->web, connection->access == OTTER_WEB_STALE, &text);
    otter_text_add(&text, "Content-Length: ");
    otter_text_add_decimal(&text, (uint32_t)size);
    otter_text_add(&text, "\r\nConnection: close\r\n\r\n");
    otter_web_send(connection, connection->text, text.length, OTTER_WEB_DRAINING);
    if (connection->request.method != OTTER_HTTP_HEAD)
        connection->output[1] = (struct otter_web_output){.at = body, .left = (uint32_t)size};
}

void otter_web_begin_body(struct otter_web_connection *connection, struct otter_text *text)
{
    otter_text_init(text, connection->text + OTTER_WEB_BODY, sizeof(connection->text) - OTTER_WEB_BODY);
}

void otter_web_answer_body(struct otter_web_connection *connection, enum otter_web_answer answer, size_t size)
{
    compose(connection, answer, OTTER_WEB_BODY, connection->text + OTTER_WEB_BODY, size);
}

static void answer_not_found(struct otter_web_connection *connection)
{
    struct otter_text text;
    otter_web_begin_body(connection, &text);
    otter_text_add(&text, "Not found: ");
    otter_text_add(&text, connection->path != NULL ? connection->path : "");
    otter_web_answer_body(connection, OTTER_WEB_ANSWER_NOT_FOUND, text.length);
}

void otter_web_answer(struct otter_web_connection *connection, enum otter_web_answer answer)
{
    const char *body = answers[answer].text;
    if (answer == OTTER_WEB_ANSWER_NOT_FOUND)
        answer_not_found(connection);
    else if (answer == OTTER_WEB_ANSWER_GZIP)
        compose(connection, answer, sizeof(connection->text), (const char *)otter_web_page,
                otter_web_page_size);
    else
        compose(connection, answer, sizeof(connection->text), body, strlen(body));
}

/* --- on the way --------------------------------------------------------------------------------- */

void otter_web_send(struct otter_web_connection *connection, const char *text, size_t size,
                    enum otter_web_state next)
{
    connection->output[0] = (struct otter_web_output){.at = text, .left = (uint32_t)size};
    connection->output[1] = (struct otter_web_output){.left = 0};
    connection->next = (uint8_t)next;
    otter_web_enter(connection, OTTER_WEB_SENDING, connection->web->settings.body_timeout_ms);
}

/* What the client may still send is known only if its head was understood. */
static void enter_next(struct otter_web_connection *connection)
{
    const bool unknown = connection->next == OTTER_WEB_DRAINING && connection->body_left == UINT32_MAX;
    otter_web_enter(connection, (enum otter_web_state)connection->next,
                    unknown ? LINGER_MS : connection->web->settings.body_timeout_ms);
}

uint32_t otter_web_sending(struct otter_web_connection *connection)
{
    const struct otter_port *port = connection->web->port;
    struct otter_web_output *output = &connection->output[connection->output[0].left == 0];
    if (output->left == 0) {
        enter_next(connection);
        return 0;
    }
    const int count = port->network.tcp_write(port->context, connection->tcp, output->at, output->left);
    if (count == 0 && otter_web_left(connection) > 0)
        return otter_web_poll(connection);
    if (count <= 0) {
        otter_web_close(connection);
        return 0;
    }
    output->at += count;
    output->left -= (uint32_t)count;
    connection->since = connection->web->now_ms;
    return 0;
}

bool otter_web_drop(struct otter_web_connection *connection)
{
    for (unsigned pass = 0; pass < DROP_PASSES; pass++) {
        char bytes[DROP_SIZE];
        const int count = otter_web_read(connection, bytes, sizeof(bytes));
        if (count <= 0)
            return false;
        const uint32_t left = connection->body_left;
        if (left != UINT32_MAX)
            connection->body_left = left > (uint32_t)count ? left - (uint32_t)count : 0;
    }
    return true;
}

/* A client that sends a form may look for the answer only behind it. What is left unread when the connection
 * is closed would reset it, and take the answer away from the client. */
uint32_t otter_web_draining(struct otter_web_connection *connection)
{
    const struct otter_port *port = connection->web->port;
    const bool more = otter_web_drop(connection);
    const int delivered = port->network.tcp_flushed(port->context, connection->tcp);
    if (connection->input_end != 0 || delivered < 0 || otter_web_left(connection) == 0 ||
        (delivered > 0 && connection->body_left == 0)) {
        otter_web_hang_up(connection);
        return 0;
    }
    return more ? 0 : otter_web_poll(connection);
}
