#include "sim/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "format/text.h"
#include "ports/posix/clock.h"
#include "sim/report.h"
#include "sim/service.h"

#define POLL_MS    10u  /* as a sketch looks at its UART */
#define SILENCE_MS 500u /* what follows an error is noise until then */

enum serial_state {
    SERIAL_IDLE,      /* waits for the first line */
    SERIAL_RECEIVING, /* the updater takes the image */
    SERIAL_ENDING,    /* it is whole; the updater may keep the running firmware */
    SERIAL_DRAINING,  /* something went wrong: the rest is dropped */
    SERIAL_DONE,      /* nothing more comes */
};

/* --- the line ------------------------------------------------------------------------------------ */

/* struct otter_stream */
static int read_bytes(void *context, void *bytes, size_t size)
{
    struct serial *serial = context;
    ssize_t got = read(serial->file, bytes, size);
    if (got > 0)
        serial->heard = otter_posix_now_ms();
    if (got == 0)
        return OTTER_ERROR_CLOSED;
    if (got < 0)
        return errno == EAGAIN ? 0 : OTTER_ERROR_TRANSPORT;
    return (int)got;
}

static bool is_terminal(const struct device *device)
{
    return device->settings->update_file == NULL;
}

/* Nobody need listen. */
static void answer(struct device *device, const char *text)
{
    if (is_terminal(device))
        dprintf(device->serial.file, "%s\n", text);
}

static void fail(struct device *device, int error)
{
    char text[160];
    if (otter_updater_error(&device->updater) == error)
        otter_updater_error_print(&device->updater, text, sizeof text);
    else
        otter_error_print(text, sizeof text, (enum otter_error)error, NULL);
    otter_updater_abort(&device->updater);
    answer(device, text);
    report_failure(device, is_terminal(device) ? "serial line" : "file", text);
    device->serial.state = is_terminal(device) ? SERIAL_DRAINING : SERIAL_DONE;
}

/* --- states -------------------------------------------------------------------------------------- */

static void start(struct device *device, uint32_t size, const char *md5)
{
    int error = otter_updater_begin(&device->updater, size, OTTER_UPDATE_SKETCH);
    if (error == OTTER_OK && md5 != NULL)
        error = otter_updater_expect_md5(&device->updater, md5);
    if (error != OTTER_OK) {
        fail(device, error);
        return;
    }
    report_update(device, is_terminal(device) ? "by serial line" : "from a file", NULL, false,
                  OTTER_UPDATE_SKETCH, size);
    device->serial.state = SERIAL_RECEIVING;
}

static void take_line(struct device *device)
{
    char *line = device->serial.line, *md5 = strchr(line, ' ');
    uint32_t size;
    if (md5 != NULL)
        *md5++ = '\0';
    if (otter_decimal_decode(&size, line))
        start(device, size, md5);
    else
        fail(device, OTTER_ERROR_MALFORMED);
}

static uint32_t idle(struct device *device, uint32_t now_ms)
{
    struct serial *serial = &device->serial;
    char byte;
    (void)now_ms;
    while (serial->state == SERIAL_IDLE && read_bytes(serial, &byte, 1) > 0) {
        bool ends = byte == '\n';
        serial->line[serial->length++] = ends ? '\0' : byte;
        if (ends)
            take_line(device);
        else if (serial->length == SERIAL_LINE)
            fail(device, OTTER_ERROR_MALFORMED);
        if (serial->state != SERIAL_IDLE)
            serial->length = 0;
    }
    return serial->state == SERIAL_IDLE ? POLL_MS : 0;
}

static uint32_t receiving(struct device *device, uint32_t now_ms)
{
    struct serial *serial = &device->serial;
    struct otter_updater *updater = &device->updater;
    const struct otter_stream stream = {.context = serial, .read = read_bytes};
    int count = otter_updater_write_stream(updater, &stream, now_ms);
    if (count < 0)
        fail(device, count);
    else if (count > 0)
        report_progress(device, otter_updater_received(updater),
                        otter_updater_received(updater) + otter_updater_remaining(updater));
    if (count > 0 && otter_updater_remaining(updater) == 0)
        serial->state = SERIAL_ENDING;
    return count == 0 ? POLL_MS : 0;
}

static uint32_t ending(struct device *device, uint32_t now_ms)
{
    int left = otter_updater_end(&device->updater, false);
    (void)now_ms;
    if (left < 0) {
        fail(device, left);
    } else if (left == 0) {
        device->serial.taken = true;
        device->serial.state = SERIAL_DONE;
        answer(device, "OK");
        report_complete(device, "it is whole; restarting");
        device->port.restart(device);
    }
    return 0;
}

static uint32_t draining(struct device *device, uint32_t now_ms)
{
    uint8_t bytes[256];
    while (read_bytes(&device->serial, bytes, sizeof bytes) > 0)
        ;
    if (now_ms - device->serial.heard >= SILENCE_MS) {
        device->serial.state = SERIAL_IDLE;
        console_line(device->console, CONSOLE_PLAIN, "the serial line is ready again");
    }
    return POLL_MS;
}

static uint32_t done(struct device *device, uint32_t now_ms)
{
    (void)device, (void)now_ms;
    return OTTER_NEVER;
}

/* --- the service --------------------------------------------------------------------------------- */

/* The slave's end stays open here, too: a line that nobody uses is silent, not gone. */
static bool open_terminal(struct device *device)
{
    struct termios mode;
    int file = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    const char *name = file >= 0 && grantpt(file) == 0 && unlockpt(file) == 0 ? ptsname(file) : NULL;
    device->serial.file = file;
    if (name == NULL || open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) < 0 || tcgetattr(file, &mode) != 0)
        return false;
    cfmakeraw(&mode);
    return tcsetattr(file, TCSANOW, &mode) == 0;
}

static bool open_line(struct device *device)
{
    const char *path = device->settings->update_file;
    if (is_terminal(device))
        return open_terminal(device);
    device->serial.file = open(path, O_RDONLY | O_CLOEXEC);
    return device->serial.file >= 0;
}

static bool begin_file(struct device *device)
{
    struct stat status;
    if (fstat(device->serial.file, &status) != 0 || lseek(device->serial.file, 0, SEEK_SET) != 0)
        return false;
    device->serial.state = SERIAL_DONE;
    if (!device->serial.taken)
        start(device, (uint32_t)status.st_size, NULL);
    return true;
}

static bool begin_terminal(struct device *device)
{
    device->serial.state = SERIAL_IDLE;
    device->serial.length = 0;
    console_line(device->console, CONSOLE_PLAIN, "serial line %s: send the size, a new line, the image",
                 ptsname(device->serial.file));
    return true;
}

static bool begin(struct device *device)
{
    struct serial *serial = &device->serial;
    if (!device->settings->serial && is_terminal(device))
        return true;
    if (!serial->open)
        serial->open = open_line(device);
    if (serial->open && (is_terminal(device) ? begin_terminal(device) : begin_file(device)))
        return true;
    device->error = OTTER_ERROR_READ;
    console_line(device->console, CONSOLE_BAD, "cannot open %s: %s",
                 is_terminal(device) ? "a pseudo-terminal" : device->settings->update_file, strerror(errno));
    return false;
}

static uint32_t step(struct device *device, uint32_t now_ms)
{
    static uint32_t (*const steps[])(struct device * device, uint32_t now_ms) = {
        [SERIAL_IDLE] = idle,         [SERIAL_RECEIVING] = receiving, [SERIAL_ENDING] = ending,
        [SERIAL_DRAINING] = draining, [SERIAL_DONE] = done,
    };
    return device->serial.open ? steps[device->serial.state](device, now_ms) : OTTER_NEVER;
}

static bool is_busy(const struct device *device)
{
    return device->serial.state == SERIAL_RECEIVING || device->serial.state == SERIAL_ENDING;
}

const struct service serial_service = {.begin = begin, .step = step, .is_busy = is_busy};
