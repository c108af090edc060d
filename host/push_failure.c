#include "host/push_failure.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/error.h"
#include "host/firewall.h"
#include "host/gzip.h"
#include "host/units.h"

#define LINE_WIDTH 78

static const struct {
    enum otter_exit status;
    const char *word;
} failures[] = {
    [OTTER_PUSH_FAILURE_NONE] = {OTTER_EXIT_OK, "done"},
    [OTTER_PUSH_FAILURE_NAME] = {OTTER_EXIT_NO_ANSWER, "unknown name"},
    [OTTER_PUSH_FAILURE_LOCAL] = {OTTER_EXIT_FAILURE, "error on this computer"},
    [OTTER_PUSH_FAILURE_NO_ANSWER] = {OTTER_EXIT_NO_ANSWER, "no answer"},
    [OTTER_PUSH_FAILURE_NO_VERDICT] = {OTTER_EXIT_NO_ANSWER, "no answer to the password"},
    [OTTER_PUSH_FAILURE_PASSWORD_MISSING] = {OTTER_EXIT_AUTHENTICATION, "wants a password"},
    [OTTER_PUSH_FAILURE_PASSWORD_WRONG] = {OTTER_EXIT_AUTHENTICATION, "wrong password"},
    [OTTER_PUSH_FAILURE_REFUSED] = {OTTER_EXIT_REFUSED, "refused"},
    [OTTER_PUSH_FAILURE_NO_CONNECTION] = {OTTER_EXIT_NO_CONNECTION, "did not connect back"},
    [OTTER_PUSH_FAILURE_BROKEN] = {OTTER_EXIT_BROKEN, "broken off"},
    [OTTER_PUSH_FAILURE_STALLED] = {OTTER_EXIT_BROKEN, "stalled"},
    [OTTER_PUSH_FAILURE_NO_RESULT] = {OTTER_EXIT_BROKEN, "no result"},
    [OTTER_PUSH_FAILURE_SILENT] = {OTTER_EXIT_BROKEN, "no result"},
    [OTTER_PUSH_FAILURE_REJECTED] = {OTTER_EXIT_REJECTED, "rejected"},
    [OTTER_PUSH_FAILURE_INTERRUPTED] = {OTTER_EXIT_INTERRUPTED, "interrupted"},
};

enum otter_exit otter_push_failure_status(enum otter_push_failure failure)
{
    return failures[failure].status;
}

const char *otter_push_failure_word(enum otter_push_failure failure)
{
    return failures[failure].word;
}

/* --- what is wrong --------------------------------------------------------------------------------- */

static void describe_broken(FILE *out, const struct otter_push_session *session)
{
    fprintf(out, "the transfer broke off after %" PRIu32 " of %" PRIu32 " bytes%s%s", session->acknowledged,
            session->order->size, session->text[0] != '\0' ? ": " : "", session->text);
    if (session->early)
        fputs(", although the device had said OK", out);
}

static void describe_refusal(FILE *out, const char *text)
{
    bool empty = text[0] == '\0' || strcmp(text, "ERR:") == 0;
    fprintf(out, "the device refused the update%s%s", empty ? " and does not say why" : ": ",
            empty ? "" : text);
}

void otter_push_failure_describe(FILE *out, const struct otter_push_session *session)
{
    switch (session->failure) {
    case OTTER_PUSH_FAILURE_NONE:
        fputs("updated", out);
        break;
    case OTTER_PUSH_FAILURE_NAME:
        fprintf(out, "no such device: %s", session->text);
        break;
    case OTTER_PUSH_FAILURE_LOCAL:
        fprintf(out, "%s", session->text);
        break;
    case OTTER_PUSH_FAILURE_NO_ANSWER:
        fprintf(out, "no %sanswer on UDP port %u%s", session->answered ? "useful " : "", session->device.port,
                session->port_closed ? ": nothing listens there" : "");
        break;
    case OTTER_PUSH_FAILURE_NO_VERDICT:
        fputs(session->text[0] != '\0' ? session->text : "asked for the password, then stayed silent", out);
        break;
    case OTTER_PUSH_FAILURE_PASSWORD_MISSING:
        fputs("the device wants a password", out);
        break;
    case OTTER_PUSH_FAILURE_PASSWORD_WRONG:
        fputs("the device refused the password", out);
        break;
    case OTTER_PUSH_FAILURE_REFUSED:
        describe_refusal(out, session->text);
        break;
    case OTTER_PUSH_FAILURE_NO_CONNECTION:
        fprintf(out, "the device agreed, but did not connect back to %s, TCP port %u (interface %s)",
                session->local.address, session->host_port, session->local.interface);
        break;
    case OTTER_PUSH_FAILURE_BROKEN:
        describe_broken(out, session);
        break;
    case OTTER_PUSH_FAILURE_STALLED:
        fprintf(out, "the device stopped taking data after %" PRIu32 " of %" PRIu32 " bytes",
                session->acknowledged, session->order->size);
        break;
    case OTTER_PUSH_FAILURE_NO_RESULT:
        fprintf(out, "all %" PRIu32 " bytes were sent, but the connection ended without a result",
                session->order->size);
        break;
    case OTTER_PUSH_FAILURE_SILENT:
        fprintf(out, "all %" PRIu32 " bytes were sent, but no result came", session->order->size);
        break;
    case OTTER_PUSH_FAILURE_REJECTED:
        fprintf(out, "the device rejected the image: %s", session->text);
        break;
    case OTTER_PUSH_FAILURE_INTERRUPTED:
        fputs("interrupted", out);
        break;
    }
}

/* --- what to do ------------------------------------------------------------------------------------ */

/* What advice is made of. */
struct advice {
    FILE *out;
    const struct otter_push_session *session;
    const struct otter_push_file *file;
    const char *indent;
};

/* Prints TEXT in lines of at most LINE_WIDTH, broken at spaces. */
static void print_wrapped(const struct advice *advice, const char *text)
{
    size_t room = *advice->indent != '\0' ? LINE_WIDTH - strlen(advice->indent) : strlen(text);
    while (*text != '\0') {
        size_t length = strlen(text);
        if (length > room) {
            length = room;
            while (length > 0 && text[length] != ' ')
                length--;
            length = length > 0 ? length : room;
        }
        fprintf(advice->out, "%s%.*s\n", advice->indent, (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
}

__attribute__((format(printf, 2, 3))) static void say(const struct advice *advice, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    print_wrapped(advice, text);
}

static void advise_name(const struct advice *advice)
{
    const char *suffix = strrchr(advice->session->device.host, '.');
    if (suffix != NULL && strcmp(suffix, ".local") == 0)
        say(advice, "Names in .local need multicast DNS on this computer (Debian: libnss-mdns). Or give the "
                    "device's address.");
    else
        say(advice, "Is it spelt right? Devices announce themselves as NAME.local; an address does as well.");
}

static void advise_no_answer(const struct advice *advice)
{
    const struct otter_push_session *session = advice->session;
    unsigned other =
        session->device.port == OTTER_PUSH_PORT_ESP32 ? OTTER_PUSH_PORT_ESP8266 : OTTER_PUSH_PORT_ESP32;
    char address[INET6_ADDRSTRLEN];
    otter_local_print_address(address, &session->device.address);
    if (session->answered)
        say(advice, "What came back makes no sense here. Is another program on that port, or does somebody "
                    "else push to it now?");
    else if (session->port_closed)
        say(advice, "There is a computer at %s, but no device that takes updates on this port.", address);
    else
        say(advice, "Is the device on, in this network, and does its sketch handle updates in its loop?");
    say(advice, "It was invited %u time%s from %s (interface %s). An %s listens on port %u: -p %u.",
        session->tries, session->tries == 1 ? "" : "s", session->local.address, session->local.interface,
        other == OTTER_PUSH_PORT_ESP32 ? "ESP32" : "ESP8266", other, other);
}

static void advise_firewall(const struct advice *advice)
{
    const struct otter_push_session *session = advice->session;
    enum otter_firewall firewall = otter_firewall_find("");
    char address[INET6_ADDRSTRLEN];
    otter_local_print_address(address, &session->device.address);
    if (firewall == OTTER_FIREWALL_NONE) {
        say(advice,
            "Most often a firewall drops the connection. None was recognised on this computer; one that runs "
            "must let %s connect to TCP port %u.",
            address, session->host_port);
        return;
    }
    say(advice, "Most often a firewall drops the connection. This computer has %s; this opens the port:",
        otter_firewall_name(firewall));
    fprintf(advice->out, "%s    ", advice->indent);
    otter_firewall_print_command(advice->out, firewall, address, session->host_port);
    fputc('\n', advice->out);
}

static void advise_no_connection(const struct advice *advice)
{
    const struct otter_push_session *session = advice->session;
    if (session->stranger[0] != '\0') {
        say(advice,
            "%s connected in its place and was turned away: only the device itself is served. Is there "
            "address "
            "translation between, as with containers, a VPN or a virtual machine?",
            session->stranger);
        return;
    }
    advise_firewall(advice);
    say(advice, "Then push to the same port again: -P %u", session->host_port);
    if (access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0)
        say(advice,
            "This is a container: the port must be published, or the container be in the host's network.");
    if (!session->local.loopback) {
        char others[256];
        otter_local_list_others(others, sizeof(others), &session->local);
        say(advice, "Or the device can't reach that address. Others of this computer, for -I: %s", others);
    }
}

static void advise_no_verdict(const struct advice *advice)
{
    say(advice, advice->session->text[0] != '\0'
                    ? "Does somebody else push to it now? Otherwise restart it, and push again."
                    : "The network may be losing packets. Push again.");
}

static void advise_wrong_password(const struct advice *advice)
{
    say(advice,
        "It is another one that was set in the device's sketch. Upper and lower case differ, and blanks "
        "count.");
}

static void advise_missing_password(const struct advice *advice)
{
    say(advice,
        "Give it with --password-file FILE, in the environment as OTTER_PASSWORD, or on a terminal when "
        "asked.");
}

/* A sketch is staged beside the one that runs; a filesystem is written over the old one. */
static bool has_spoilt_filesystem(const struct otter_push_session *session)
{
    return session->order->command == OTTER_PUSH_FILESYSTEM && session->sent > 0;
}

static void advise_half_written(const struct advice *advice)
{
    if (has_spoilt_filesystem(advice->session))
        say(advice, "Its firmware runs on, but its filesystem is half written until a push of it succeeds.");
}

static void advise_broken(const struct advice *advice)
{
    advise_half_written(advice);
    say(advice, "%sIs its network good, and its power? Push again.",
        has_spoilt_filesystem(advice->session) ? "" : "It keeps its old firmware. ");
}

static void advise_interrupted(const struct advice *advice)
{
    advise_half_written(advice);
    if (!has_spoilt_filesystem(advice->session))
        say(advice, "A device that was still receiving keeps its old firmware.");
}

static void advise_unknown_outcome(const struct advice *advice)
{
    if (has_spoilt_filesystem(advice->session)) {
        say(advice, "Its firmware runs on, its filesystem is the new one or half written. Push it again.");
        return;
    }
    say(advice, "The device may have restarted with the new firmware, or kept the old one: look at it "
                "before you push "
                "again.");
}

static void advise_sizes(const struct advice *advice)
{
    const struct otter_push_session *session = advice->session;
    bool sketch = session->order->command == OTTER_PUSH_SKETCH;
    char size[OTTER_UNITS_SIZE];
    otter_units_bytes(size, session->order->size);
    if (session->limit > 0)
        say(advice, "The file has %" PRIu32 " bytes (%s), the device can take at most %" PRIu32 " bytes%s.",
            session->order->size, size, session->limit, sketch ? " beside the sketch that runs" : "");
    else
        say(advice, "The file has %" PRIu32 " bytes (%s); a device needs that much free space%s.",
            session->order->size, size, sketch ? " beside the sketch that runs" : " in its filesystem");
}

static void advise_compression(const struct advice *advice)
{
    const struct otter_push_session *session = advice->session;
    const struct otter_push_order *order = session->order;
    struct otter_file compressed;
    if (otter_gzip_is(order->bytes, order->size) || advice->file->inspection.signature_size > 0 ||
        !otter_gzip_compress(&compressed, order->bytes, order->size))
        return;
    if (session->limit == 0 || compressed.size <= session->limit)
        say(advice,
            "With --compress it would be %zu bytes; but unpacked, the sketch must end below the compressed "
            "file.",
            compressed.size);
    else
        say(advice, "Compressed it would be %zu bytes, still too many.", compressed.size);
    otter_file_free(&compressed);
}

/* The device had room for the gzip, and knows how large it gets only when it has it. */
static void advise_unpacking(const struct advice *advice)
{
    uint32_t unpacked = advice->file->inspection.image_size;
    say(advice,
        "Unpacked (%" PRIu32 " bytes) it would reach the compressed file (%" PRIu32
        " bytes) while it is being unpacked.",
        unpacked, advice->session->order->size);
    say(advice,
        "Push it uncompressed, if %" PRIu32
        " bytes are free beside the sketch that runs; or make the sketch smaller.",
        unpacked);
}

static void advise_space(const struct advice *advice)
{
    const struct otter_push_session *session = advice->session;
    if (session->failure == OTTER_PUSH_FAILURE_REJECTED && session->order->command == OTTER_PUSH_SKETCH &&
        otter_gzip_is(session->order->bytes, session->order->size)) {
        advise_unpacking(advice);
        return;
    }
    advise_sizes(advice);
    if (session->order->command != OTTER_PUSH_SKETCH)
        return;
    advise_compression(advice);
    say(advice,
        "Otherwise make the sketch smaller, or choose a layout with a smaller filesystem and flash by cable "
        "once.");
}

static void advise_flash_size(const struct advice *advice)
{
    char size[OTTER_UNITS_SIZE];
    const struct otter_image_header *header = &otter_inspection_main_part(&advice->file->inspection)->header;
    otter_units_bytes(size, otter_image_flash_bytes(header->flash_size));
    say(advice, "The image is made for a flash chip of %s; the device has a smaller one.", size);
    say(advice,
        "Choose the device's flash size in the build (board menu \"Flash Size\"), build and push again.");
}

static void advise_signature(const struct advice *advice)
{
    say(advice, advice->file->inspection.signature_size > 0
                    ? "The image is signed, but not with this device's key."
                    : "The image is not signed; this device wants it to be.");
    say(advice,
        "Sign it with the private key whose public key is in the firmware that runs there, and push again.");
}

static const struct {
    enum otter_error error;
    const char *advice;
} remedies[] = {
    {OTTER_ERROR_WRITE,
     "Its flash chip failed. Push again; if that repeats, the chip is worn out or badly powered."},
    {OTTER_ERROR_ERASE,
     "Its flash chip failed. Push again; if that repeats, the chip is worn out or badly powered."},
    {OTTER_ERROR_READ,
     "Its flash chip failed. Push again; if that repeats, the chip is worn out or badly powered."},
    {OTTER_ERROR_SIZE, "Fewer or more bytes came than were announced. Push again."},
    {OTTER_ERROR_STREAM,
     "The network was too slow for it. Bring device and access point closer, and push again."},
    {OTTER_ERROR_MD5,
     "The bytes changed on the way: bad power or a bad network. Push again; it runs the old firmware."},
    {OTTER_ERROR_FLASH_CONFIG,
     "The firmware that runs there was built for another flash size than the chip's. "
     "Flash it by cable once, with the right size."},
    {OTTER_ERROR_MAGIC_BYTE,
     "This is no ESP8266 image. Is it the right file? `otter image info` shows what it is."},
    {OTTER_ERROR_BOOTSTRAP,
     "It was last started for flashing by cable. Switch its power off and on, then push again."},
    {OTTER_ERROR_NO_DATA, "Nothing arrived. Push again."},
    {OTTER_ERROR_MEMORY, "It is short of memory. Restart it and push again, before its sketch is busy."},
    {OTTER_ERROR_RUNNING, "It is being updated from elsewhere. Wait until that is over, or restart it."},
    {OTTER_ERROR_COMMAND, "It does not know this kind of update. Was --filesystem meant?"},
    {OTTER_ERROR_IMAGE, "The image is damaged: `otter image info` shows where. Build or download it again."},
    {OTTER_ERROR_CHECKSUM,
     "The image is damaged: `otter image info` shows where. Build or download it again."},
    {OTTER_ERROR_BOOTLOADER,
     "The device's bootloader survives power cuts, the one in the image does not. `otter push --adopt` sends "
     "the image with otter's."},
};

/* The error that a device's text names, as in "ERROR[4]: ..."; OTTER_OK: none that is known. */
static enum otter_error error_of_text(const char *text)
{
    const char *bracket = strstr(text, "ERROR[");
    return bracket != NULL && isdigit((unsigned char)bracket[6]) ? -(int)strtol(bracket + 6, NULL, 10)
                                                                 : OTTER_OK;
}

static void advise_device_error(const struct advice *advice)
{
    enum otter_error error = error_of_text(advice->session->text);
    if (error == OTTER_ERROR_SPACE)
        advise_space(advice);
    if (error == OTTER_ERROR_NEW_FLASH_CONFIG)
        advise_flash_size(advice);
    if (error == OTTER_ERROR_SIGN)
        advise_signature(advice);
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
        if (remedies[i].error == error)
            say(advice, "%s", remedies[i].advice);
    }
}

void otter_push_failure_advise(FILE *out, const struct otter_push_session *session,
                               const struct otter_push_file *file, const char *indent)
{
    const struct advice advice = {.out = out, .session = session, .file = file, .indent = indent};
    switch (session->failure) {
    case OTTER_PUSH_FAILURE_NONE:
        break;
    case OTTER_PUSH_FAILURE_NAME:
        advise_name(&advice);
        break;
    case OTTER_PUSH_FAILURE_LOCAL:
        say(&advice, "Nothing was sent. See -P, -I and the network of this computer.");
        break;
    case OTTER_PUSH_FAILURE_NO_ANSWER:
        advise_no_answer(&advice);
        break;
    case OTTER_PUSH_FAILURE_NO_VERDICT:
        advise_no_verdict(&advice);
        break;
    case OTTER_PUSH_FAILURE_PASSWORD_MISSING:
        advise_missing_password(&advice);
        break;
    case OTTER_PUSH_FAILURE_PASSWORD_WRONG:
        advise_wrong_password(&advice);
        break;
    case OTTER_PUSH_FAILURE_NO_CONNECTION:
        advise_no_connection(&advice);
        break;
    case OTTER_PUSH_FAILURE_BROKEN:
    case OTTER_PUSH_FAILURE_STALLED:
        advise_broken(&advice);
        break;
    case OTTER_PUSH_FAILURE_NO_RESULT:
    case OTTER_PUSH_FAILURE_SILENT:
        advise_unknown_outcome(&advice);
        break;
    case OTTER_PUSH_FAILURE_REFUSED:
    case OTTER_PUSH_FAILURE_REJECTED:
        advise_half_written(&advice);
        advise_device_error(&advice);
        break;
    case OTTER_PUSH_FAILURE_INTERRUPTED:
        advise_interrupted(&advice);
        break;
    }
}
