/* The request of the pull client, as ESPhttpUpdate sends it (spec/pull.md, section 1). */
#include <string.h>

#include "device/pull_session.h"
#include "format/base64.h"
#include "format/text.h"
#include "otter/boot.h"

#define MAC_SIZE     6u
#define BASE64_SIZE  (OTTER_PULL_CREDENTIALS_SIZE / 3 * 4 + 1)
#define SCRATCH_SIZE BASE64_SIZE /* the longest value that has to be made */

/* Values within the request: '<' and a letter. */
#define REQUEST                                                                                              \
    "GET <p HTTP/1.0\n"                                                                                      \
    "Host: <[<h<]<:\n"                                                                                       \
    "User-Agent: ESP8266-http-Update\n"                                                                      \
    "Authorization: Basic <a\n"                                                                              \
    "Connection: close\n"                                                                                    \
    "<xChip-ID: <i\n"                                                                                        \
    "<xSTA-MAC: <s\n"                                                                                        \
    "<xAP-MAC: <w\n"                                                                                         \
    "<xfree-space: <f\n"                                                                                     \
    "<xsketch-size: <k\n"                                                                                    \
    "<xsketch-md5: <5\n"                                                                                     \
    "<xchip-size: <c\n"                                                                                      \
    "<xsdk-version: <d\n"                                                                                    \
    "<xmode: <m\n"                                                                                           \
    "<xversion: <v\n"                                                                                        \
    "x-otter-taken-back: <t\n"                                                                               \
    "Range: bytes=<r-\n"                                                                                     \
    "If-Range: <e\n"                                                                                         \
    "Content-Length: 0\n"                                                                                    \
    "\n"

/* --- values ------------------------------------------------------------------------------------- */

static const char *print_number(char *out, uint32_t number)
{
    struct otter_text text;
    otter_text_init(&text, out, SCRATCH_SIZE);
    otter_text_add_decimal(&text, number);
    return out;
}

/* "18:FE:AA:AA:AA:AA" */
static const char *print_mac(char *out, const uint8_t mac[MAC_SIZE])
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < MAC_SIZE; i++) {
        out[3 * i] = digits[mac[i] >> 4];
        out[3 * i + 1] = digits[mac[i] & 15];
        out[3 * i + 2] = ':';
    }
    out[3 * MAC_SIZE - 1] = '\0';
    return out;
}

static const char *print_chip_id(char *out, const struct otter_pull_settings *settings)
{
    const uint8_t *mac = settings->mac;
    return print_number(out, settings->chip_id != 0
                                 ? settings->chip_id
                                 : (uint32_t)mac[3] << 16 | (uint32_t)mac[4] << 8 | mac[5]);
}

static const char *print_access_point_mac(char *out, const struct otter_pull_settings *settings)
{
    static const uint8_t none[MAC_SIZE];
    const bool is_set = memcmp(settings->access_point_mac, none, MAC_SIZE) != 0;
    return print_mac(out, is_set ? settings->access_point_mac : settings->mac);
}

int otter_pull_print_credentials(const struct otter_pull *pull, char *out, size_t size)
{
    const struct otter_pull_settings *settings = &pull->settings;
    struct otter_text text;
    if (settings->user == NULL)
        return otter_url_credentials(out, size, pull->target);
    otter_text_init(&text, out, size);
    otter_text_add(&text, settings->user);
    otter_text_add(&text, ":");
    otter_text_add(&text, settings->password != NULL ? settings->password : "");
    return otter_text_end(&text);
}

static const char *print_authorization(char *out, const struct otter_pull *pull)
{
    char credentials[OTTER_PULL_CREDENTIALS_SIZE];
    const int length = otter_pull_print_credentials(pull, credentials, sizeof(credentials));
    if (length <= 0 || pull->foreign ||
        otter_base64_encode(out, BASE64_SIZE, credentials, (size_t)length) < 0)
        return NULL;
    return out;
}

static const char *print_taken_back(char *out, const struct otter_pull *pull)
{
    struct otter_boot_status status;
    if (!pull->settings.tell_trial || otter_boot_status(pull->port, &status) != OTTER_OK ||
        !status.taken_back)
        return NULL;
    memcpy(out, status.md5, sizeof(status.md5));
    return out;
}

/* What LETTER stands for, maybe in SCRATCH. NULL: not known, and the line is left out. */
static const char *value_of(const struct otter_pull *pull, char letter, char scratch[SCRATCH_SIZE])
{
    static const char *const modes[] = {
        [OTTER_PULL_SKETCH] = "sketch", [OTTER_PULL_FILESYSTEM] = "spiffs", [OTTER_PULL_CHECK] = "version"};
    const struct otter_pull_settings *settings = &pull->settings;
    const bool is_literal = strchr(otter_url_host(&pull->url), ':') != NULL;
    switch (letter) {
    case 'p':
        return otter_url_path(&pull->url);
    case '[':
        return is_literal ? "[" : "";
    case 'h':
        return otter_url_host(&pull->url);
    case ']':
        return is_literal ? "]" : "";
    case ':':
        scratch[0] = ':';
        print_number(scratch + 1, pull->url.port);
        return pull->url.port == 80 || pull->url.port == 443 ? "" : scratch;
    case 'a':
        return print_authorization(scratch, pull);
    case 'x':
        return pull->moved ? NULL : "x-ESP8266-";
    case 'i':
        return print_chip_id(scratch, settings);
    case 's':
        return print_mac(scratch, settings->mac);
    case 'w':
        return print_access_point_mac(scratch, settings);
    case 'f':
        return print_number(scratch, pull->free_space);
    case 'k':
        return print_number(scratch, pull->sketch_size);
    case '5':
        return pull->sketch_md5[0] != '\0' ? pull->sketch_md5 : NULL;
    case 'c':
        return print_number(scratch, pull->port->flash.size);
    case 'd':
        return settings->sdk_version != NULL ? settings->sdk_version : "otter";
    case 'm':
        return modes[pull->kind];
    case 'v':
        return settings->version;
    case 't':
        return pull->moved ? NULL : print_taken_back(scratch, pull);
    case 'r':
        return pull->resuming ? print_number(scratch, otter_updater_received(pull->updater)) : NULL;
    default:
        return pull->resuming ? pull->response.etag : NULL;
    }
}

/* --- the request -------------------------------------------------------------------------------- */

/* Adds the line that FROM begins with; false if it is to be left out. */
static bool add_line(struct otter_text *text, const struct otter_pull *pull, const char *from)
{
    for (; *from != '\n'; from++) {
        char scratch[SCRATCH_SIZE];
        if (*from != '<') {
            otter_text_add_bytes(text, from, 1);
            continue;
        }
        const char *value = value_of(pull, *++from, scratch);
        if (value == NULL)
            return false;
        otter_text_add(text, value);
    }
    otter_text_add(text, "\r\n");
    return !text->overflow;
}

void otter_pull_print_request(struct otter_pull *pull)
{
    static const char request[] = REQUEST;
    struct otter_text text;
    otter_text_init(&text, pull->line, sizeof(pull->line));
    while (pull->printed < sizeof(request) - 1) {
        const char *from = request + pull->printed;
        const size_t length = text.length;
        if (!add_line(&text, pull, from))
            text.length = length;
        if (text.overflow && length > 0)
            break;
        text.overflow = false;
        pull->printed = (uint16_t)(pull->printed + strcspn(from, "\n") + 1);
    }
    pull->pending_from = 0;
    pull->pending_to = (uint16_t)text.length;
}
