/* The updater: takes an image from anywhere and stages it, checked, for the bootloader.
 *
 * It is the only writer of flash. A sketch is staged in the free space so that it ends where the filesystem
 * starts; a filesystem image is written in place. The running firmware is not touched, and the boot command
 * is the last thing written: until otter_updater_end() succeeds, nothing has happened that a restart would
 * notice. The behaviour is that of the ESP8266 Arduino core's Updater (spec/image.md, section 3), and
 * stricter where that one kills devices: header fields, segments and checksums are verified.
 *
 *     struct otter_updater updater;
 *     otter_updater_init(&updater, &port, &(struct otter_updater_settings){.buffer = sector});
 *     otter_updater_begin(&updater, size, OTTER_UPDATE_SKETCH);
 *     while (more)
 *         otter_updater_write(&updater, bytes, count);
 *     while ((result = otter_updater_end(&updater, false)) > 0)
 *         ;
 *     if (result == OTTER_OK)
 *         restart();
 *
 * Where there is room, it also keeps the running firmware, so that the bootloader can take the new one back
 * if that does not confirm itself (otter/boot.h).
 */
#ifndef OTTER_UPDATER_H
#define OTTER_UPDATER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/boot_trial.h"
#include "format/error.h"
#include "format/image.h"
#include "format/resume_record.h"
#include "otter/port.h"

#define OTTER_UPDATER_NO_TRIAL 255u

enum otter_update_command {
    OTTER_UPDATE_SKETCH = 0,
    OTTER_UPDATE_FILESYSTEM = 100,
};

/* Anything that can be read: a socket, an HTTP body, a serial line, a file. */
struct otter_stream {
    void *context;
    /* Up to SIZE bytes; 0 if there is none yet; OTTER_ERROR_CLOSED at its end; another error if it failed.
     * Must not block. */
    int (*read)(void *context, void *bytes, size_t size);
};

struct otter_updater_settings {
    /* OTTER_FLASH_SECTOR bytes, word-aligned, the caller's, in use from begin to end or abort. NULL makes
     * begin fail with OTTER_ERROR_MEMORY. */
    void *buffer;
    uint32_t stream_timeout_ms; /* of otter_updater_write_stream(); 0: 60,000 */
    /* A filesystem image is staged like a sketch and copied by the bootloader instead of being written in
     * place: until the update is complete, the old filesystem stays. The copy itself is not yet safe from
     * power cuts (docs/BOOT.md). It has to fit the free space. */
    bool atomic_filesystem;
    /* Takes a sketch that puts another bootloader, or none, in place of otter's. Otherwise write fails with
     * OTTER_ERROR_BOOTLOADER, so that no device loses by mistake what saves it from power cuts. What a gzip
     * holds is not known here: it is always taken. */
    bool any_bootloader;
    /* How many starts a new sketch has to confirm itself before the running firmware comes back: 1 to
     * OTTER_BOOT_TRIAL_STARTS_MAX; 0: OTTER_BOOT_TRIAL_STARTS; OTTER_UPDATER_NO_TRIAL: it need not, and
     * nothing is kept. */
    uint8_t trial_starts;

    /* Callbacks, each may be NULL. They run inside begin, write and end, and may call otter_updater_abort().
     */
    void *context;
    /* Begin has accepted, and flash is still untouched. Anything but 0 refuses: begin then returns
     * OTTER_ERROR_REFUSED. */
    int (*start)(void *context, enum otter_update_command command, uint32_t size);
    void (*progress)(void *context, uint32_t done, uint32_t total);
    void (*end)(void *context);
    /* TEXT is what users know, "ERROR[4]: Not Enough Space", valid during the call. */
    void (*error)(void *context, enum otter_error error, const char *text);
};

/* All fields are the updater's own; read them through the functions below. */
struct otter_updater {
    const struct otter_port *port;
    struct otter_updater_settings settings;
    enum otter_update_command command;
    bool running;
    bool md5_expected_set;
    bool raw;             /* a sketch that is no gzip: it has a header to check and to patch */
    bool gzip;            /* the bootloader will inflate it, if it is staged */
    bool confirms;        /* the sketch can confirm itself, for all one can see */
    bool recorded;        /* what survives a restart is in flash */
    bool verified;        /* the update is right; the running firmware is being kept */
    bool staged;          /* the bootloader has its command: a restart is due */
    bool released;        /* the next update need not wait for it */
    uint32_t size;        /* announced bytes */
    uint32_t start;       /* flash address of the first byte */
    uint32_t received;    /* bytes taken so far, buffered ones included */
    uint32_t buffered;    /* bytes in the sector buffer */
    uint32_t erased_to;   /* flash below this address, from start on, is erased */
    uint32_t erase_floor; /* no erase may begin below this address, */
    uint32_t erase_end;   /* or end above this one */
    uint32_t kept;        /* bytes of the running firmware that are copied */
    uint32_t record;      /* flash address of what survives a restart; 0: none */
    const char *source;   /* for the record */
    const char *etag;
    uint32_t stream_since; /* when the stream last brought something */
    bool stream_waiting;
    uint8_t tail[4]; /* last bytes that came: the length in a gzip's trailer */
    enum otter_error error;
    char md5_expected[33];
    char md5_calculated[33];
    struct otter_boot_trial trial;
    struct otter_image_parser image;
    uint64_t md5[13]; /* struct otter_md5 */
};

/* Prepares UPDATER; settings are copied. Nothing is running after it. */
void otter_updater_init(struct otter_updater *updater, const struct otter_port *port,
                        const struct otter_updater_settings *settings);

/* Starts an update of SIZE bytes. Reads flash to learn the running sketch's size, writes nothing.
 * Errors: RUNNING (the running update goes on undisturbed, its state and error as they were; or one is staged
 * and waits for the restart, see otter_updater_release()), SIZE, BOOTSTRAP, FLASH_CONFIG, COMMAND, MEMORY,
 * SPACE, READ, REFUSED. */
OTTER_MUST_CHECK int otter_updater_begin(struct otter_updater *updater, uint32_t size,
                                         enum otter_update_command command);

/* The MD5 that the bytes as sent must have: 32 hex digits of either case. Between begin and end.
 * OTTER_ERROR_ARGUMENT if it is none; OTTER_ERROR_IDLE. */
OTTER_MUST_CHECK int otter_updater_expect_md5(struct otter_updater *updater, const char *md5);

/* Makes the update survive a restart, in as far as it will be stored by then: whoever knows the same SOURCE
 * can take it up (a URL, say) and go on behind it. ETAG is what the sender calls these very bytes, at most
 * OTTER_RESUME_ETAG_SIZE - 1 characters. Both have to live until the update is over. To be called between
 * begin and the first write; costs an erase of a sector, and a program for each sector of the update. Where
 * the free space has no room for the record beside the update, nothing is remembered. */
void otter_updater_remember(struct otter_updater *updater, const char *source, const char *etag);

/* Takes up the update of COMMAND that was remembered for SOURCE, instead of otter_updater_begin(). Then
 * otter_updater_recall_step() is to be called until it returns 0; otter_updater_received() says where the
 * sender has to go on, and the update is as if it had not been interrupted. What was expected of the MD5 is
 * not remembered. ETAG is filled, and has to live until the update is over. Errors: NO_DATA if there is none;
 * as begin. */
OTTER_MUST_CHECK int otter_updater_recall(struct otter_updater *updater, enum otter_update_command command,
                                          const char *source, char etag[OTTER_RESUME_ETAG_SIZE]);

/* Reads one more sector back and verifies it: 1 while there may be more, 0 when all that can be trusted was
 * read. Errors: NO_DATA, and nothing is running, if there is nothing to trust; READ; IDLE. */
OTTER_MUST_CHECK int otter_updater_recall_step(struct otter_updater *updater);

/* Takes the next bytes. Blocks for flash operations: one sector's or block's erase and a sector's program per
 * 4096 bytes. Returns SIZE, or an error that ends the update: SIZE (more than announced), MAGIC_BYTE, IMAGE,
 * NEW_FLASH_CONFIG, BOOTLOADER or READ (before anything is written), ERASE, WRITE; or OTTER_ERROR_IDLE. */
OTTER_MUST_CHECK int otter_updater_write(struct otter_updater *updater, const void *bytes, size_t size);

/* Takes what STREAM has now, at most up to the next sector boundary. How many bytes that were (0: none yet,
 * call again); OTTER_ERROR_STREAM if it stayed silent for the timeout or ended early; or as write. NOW_MS:
 * port.h. */
OTTER_MUST_CHECK int otter_updater_write_stream(struct otter_updater *updater,
                                                const struct otter_stream *stream, uint32_t now_ms);

/* Finishes, in steps: call it again while it returns more than 0, the sectors that are still to be done; each
 * call blocks for at most one sector's or block's erase, a sector's program and two reads of one.
 * OTTER_OK: done, the caller restarts the device.
 *
 * The first call writes what is buffered and verifies: from then on nothing can be written any more, and
 * nothing goes wrong but by otter_updater_abort(). If the sketch may be put on trial, the further calls copy
 * the running firmware to where neither the update nor the sketch that it becomes lies; without room for
 * that, or if flash fails there, the update goes on without a trial. The last call leaves the boot command in
 * RTC memory (sketches, and filesystems with atomic_filesystem). EVEN_IF_REMAINING: this was all, although
 * less than announced.
 *
 * Errors: NO_DATA, SIZE (bytes are missing; the update is over), MD5, IMAGE, CHECKSUM, SPACE (a gzip that
 * would inflate over itself, or too far over itself for otter's bootloader), ERASE, WRITE, IDLE. After any of
 * them no boot command exists. */
OTTER_MUST_CHECK int otter_updater_end(struct otter_updater *updater, bool even_if_remaining);

/* From the end of an update that the bootloader is to copy until the restart, no other may begin: whoever
 * sent it was told that it will be installed, and the restart would cut the other one short. After this call
 * the next otter_updater_begin() may, once: a filesystem written in place goes along with the staged update,
 * one that will be staged replaces it. For those who hold back the restart themselves. */
void otter_updater_release(struct otter_updater *updater);

/* Bytes that an update of this kind may have: the free sketch space, or the filesystem's size. Reads flash.
 * Or OTTER_ERROR_READ. */
int otter_updater_room(const struct otter_updater *updater, enum otter_update_command command);

/* Drops the running update, if any; error becomes OTTER_ERROR_ABORTED. */
void otter_updater_abort(struct otter_updater *updater);

bool otter_updater_is_running(const struct otter_updater *updater);
uint32_t otter_updater_received(const struct otter_updater *updater);  /* bytes */
uint32_t otter_updater_remaining(const struct otter_updater *updater); /* bytes */

/* The error that ended the last update, or OTTER_OK; a begin that succeeds clears it. */
enum otter_error otter_updater_error(const struct otter_updater *updater);

/* Writes that error as "ERROR[n]: text" with its detail; see otter_error_print(). */
int otter_updater_error_print(const struct otter_updater *updater, char *out, size_t size);

#endif
