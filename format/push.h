/* Messages of the ArduinoOTA / espota protocol (spec/push.md; docs/PROTOCOL.md).
 *
 * Datagrams to the device: an invitation or an authentication answer. Datagrams to the uploader: an
 * answer. On TCP, the device reports counts and one result; they carry no framing. */
#ifndef OTTER_FORMAT_PUSH_H
#define OTTER_FORMAT_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/error.h"

#define OTTER_PUSH_PORT_ESP8266 8266
#define OTTER_PUSH_PORT_ESP32   3232

#define OTTER_PUSH_MD5_DIGITS    32u  /* an MD5, or a nonce, cnonce or response of the MD5 era */
#define OTTER_PUSH_SHA256_DIGITS 64u  /* a nonce, cnonce or response of the SHA-256 era */
#define OTTER_PUSH_DATAGRAM_MAX  160u /* bytes; the longest datagram of the protocol is 135 */

enum otter_push_command {
    OTTER_PUSH_SKETCH = 0,
    OTTER_PUSH_FILESYSTEM = 100,
    OTTER_PUSH_AUTHENTICATE = 200,
};

/* Codes of the device's error callback (spec/push.md, section 5). */
enum otter_push_error {
    OTTER_PUSH_ERROR_AUTH = 0,
    OTTER_PUSH_ERROR_BEGIN = 1,
    OTTER_PUSH_ERROR_CONNECT = 2,
    OTTER_PUSH_ERROR_RECEIVE = 3,
    OTTER_PUSH_ERROR_END = 4,
};

/* --- uploader to device ------------------------------------------------------------------------ */

/* A datagram to the device, decoded. Strings are terminated. */
struct otter_push_request {
    enum otter_push_command command;

    /* SKETCH, FILESYSTEM: the invitation */
    uint16_t port; /* TCP port on which the uploader listens */
    uint32_t size; /* bytes of the file */
    char md5[OTTER_PUSH_MD5_DIGITS + 1];
    /* The uploader takes the result whenever it comes, also glued to a count, so that the device need not
     * wait a second before it. On the wire a TAB before the line feed, which every deployed device trims off.
     */
    bool prompt;

    /* AUTHENTICATE */
    uint8_t digits; /* of cnonce and response each: 32 or 64 */
    char cnonce[OTTER_PUSH_SHA256_DIGITS + 1];
    char response[OTTER_PUSH_SHA256_DIGITS + 1];
};

/* Push parser of one datagram to the device; all fields are the parser's. */
struct otter_push_request_parser {
    struct otter_push_request request;
    uint8_t state;
    uint8_t digits; /* of the field being read; a number's count as one */
    uint32_t value;
    int error; /* sticky */
};

void otter_push_request_init(struct otter_push_request_parser *parser);
OTTER_MUST_CHECK int otter_push_request_feed(struct otter_push_request_parser *parser, const void *bytes,
                                             size_t size);

/* The datagram has ended: OTTER_OK and parser->request is valid, or OTTER_ERROR_MALFORMED. Accepted as by
 * deployed devices: line feed or none, white space at the end, hex digits of either case; size 0 is left to
 * the updater. */
OTTER_MUST_CHECK int otter_push_request_end(struct otter_push_request_parser *parser);

/* Writes the datagram, terminated, into OUT of SIZE bytes. Its length, or OTTER_ERROR_BUFFER. */
OTTER_MUST_CHECK int otter_push_request_encode(char *out, size_t size,
                                               const struct otter_push_request *request);

/* --- device to uploader, UDP ------------------------------------------------------------------- */

enum otter_push_answer_kind {
    OTTER_PUSH_ANSWER_OK,
    OTTER_PUSH_ANSWER_AUTH,   /* nonce */
    OTTER_PUSH_ANSWER_DENIED, /* "Authentication Failed" */
    OTTER_PUSH_ANSWER_ERROR,  /* text: what follows "ERR: ", or all of an answer that is none of the others */
};

struct otter_push_answer {
    enum otter_push_answer_kind kind;
    uint8_t digits; /* AUTH: of the nonce, 32 or 64 */
    char nonce[OTTER_PUSH_SHA256_DIGITS + 1];
    char text[129]; /* ERROR: cut to fit; printable ASCII, line ends as spaces, others as '?' */
};

struct otter_push_answer_parser {
    struct otter_push_answer answer;
    uint8_t filled; /* characters kept of the datagram */
    char kept[OTTER_PUSH_DATAGRAM_MAX + 1];
    int error;
};

void otter_push_answer_init(struct otter_push_answer_parser *parser);
OTTER_MUST_CHECK int otter_push_answer_feed(struct otter_push_answer_parser *parser, const void *bytes,
                                            size_t size);
/* OTTER_OK and parser->answer is valid; OTTER_ERROR_MALFORMED for an empty datagram or a nonce of a length
 * that does not exist. */
OTTER_MUST_CHECK int otter_push_answer_end(struct otter_push_answer_parser *parser);

/* Writes OK, AUTH or DENIED, or "ERR: " and TEXT with a line feed. Length or OTTER_ERROR_BUFFER. */
OTTER_MUST_CHECK int otter_push_answer_encode(char *out, size_t size, const struct otter_push_answer *answer);

/* --- device to uploader, TCP ------------------------------------------------------------------- */

enum otter_push_result {
    OTTER_PUSH_RESULT_NONE, /* only counts so far */
    OTTER_PUSH_RESULT_OK,
    OTTER_PUSH_RESULT_ERROR, /* text is being collected until the connection ends */
};

/* Counts and the result, in any portions, glued or split. Zero the struct to start. The result sticks:
 * nothing after OK changes it, and everything after an E is text. */
struct otter_push_result_parser {
    enum otter_push_result result;
    uint8_t state;
    uint32_t digits; /* count digits that came: a sign of life, not an amount */
    uint8_t filled;
    char text[161]; /* ERROR: terminated, cut to fit; characters as in an answer's text */
};

void otter_push_result_feed(struct otter_push_result_parser *parser, const void *bytes, size_t size);

#endif
