#include "host/device_error.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/gzip.h"
#include "host/units.h"

static void advise_sizes(const struct otter_advice *advice, const struct otter_device_offer *offer)
{
    bool sketch = !offer->filesystem;
    char size[OTTER_UNITS_SIZE];
    otter_units_bytes(size, offer->size);
    if (offer->limit > 0)
        otter_advice_say(
            advice, "The file has %" PRIu32 " bytes (%s), the device can take at most %" PRIu32 " bytes%s.",
            offer->size, size, offer->limit, sketch ? " beside the sketch that runs" : "");
    else
        otter_advice_say(advice,
                         "The file has %" PRIu32 " bytes (%s); a device needs that much free space%s.",
                         offer->size, size, sketch ? " beside the sketch that runs" : " in its filesystem");
}

static void advise_compression(const struct otter_advice *advice, const struct otter_device_offer *offer)
{
    struct otter_file compressed;
    if (otter_gzip_is(offer->bytes, offer->size) || offer->inspection->signature_size > 0 ||
        !otter_gzip_compress(&compressed, offer->bytes, offer->size))
        return;
    if (offer->limit == 0 || compressed.size <= offer->limit)
        otter_advice_say(
            advice,
            "With --compress it would be %zu bytes; but unpacked, the sketch must end below the compressed "
            "file.",
            compressed.size);
    else
        otter_advice_say(advice, "Compressed it would be %zu bytes, still too many.", compressed.size);
    otter_file_free(&compressed);
}

/* The device had room for the gzip, and knows how large it gets only when it has it. */
static void advise_unpacking(const struct otter_advice *advice, const struct otter_device_offer *offer)
{
    uint32_t unpacked = offer->inspection->image_size;
    otter_advice_say(advice,
                     "Unpacked (%" PRIu32 " bytes) it would reach the compressed file (%" PRIu32
                     " bytes) while it is being unpacked.",
                     unpacked, offer->size);
    otter_advice_say(advice,
                     "Send it uncompressed, if %" PRIu32
                     " bytes are free beside the sketch that runs; or make the sketch smaller.",
                     unpacked);
}

static void advise_space(const struct otter_advice *advice, const struct otter_device_offer *offer)
{
    if (offer->taken && !offer->filesystem && otter_gzip_is(offer->bytes, offer->size)) {
        advise_unpacking(advice, offer);
        return;
    }
    advise_sizes(advice, offer);
    if (offer->filesystem)
        return;
    advise_compression(advice, offer);
    otter_advice_say(
        advice,
        "Otherwise make the sketch smaller, or choose a layout with a smaller filesystem and flash by cable "
        "once.");
}

static void advise_flash_size(const struct otter_advice *advice, const struct otter_inspection *inspection)
{
    char size[OTTER_UNITS_SIZE];
    const struct otter_image_header *header = &otter_inspection_main_part(inspection)->header;
    otter_units_bytes(size, otter_image_flash_bytes(header->flash_size));
    otter_advice_say(advice, "The image is made for a flash chip of %s; the device has a smaller one.", size);
    otter_advice_say(
        advice,
        "Choose the device's flash size in the build (board menu \"Flash Size\"), build and send it again.");
}

static void advise_signature(const struct otter_advice *advice, const struct otter_device_offer *offer)
{
    otter_advice_say(advice, offer->inspection->signature_size > 0
                                 ? "The image is signed, but not with this device's key."
                                 : "The image is not signed; this device wants it to be.");
    otter_advice_say(advice, "Sign it with the private key whose public key is in the firmware that runs "
                             "there, and send it again.");
}

static const struct {
    enum otter_error error;
    const char *advice;
} remedies[] = {
    {OTTER_ERROR_WRITE,
     "Its flash chip failed. Send it again; if that repeats, the chip is worn out or badly powered."},
    {OTTER_ERROR_ERASE,
     "Its flash chip failed. Send it again; if that repeats, the chip is worn out or badly powered."},
    {OTTER_ERROR_READ,
     "Its flash chip failed. Send it again; if that repeats, the chip is worn out or badly powered."},
    {OTTER_ERROR_SIZE, "Fewer or more bytes came than were announced. Send it again."},
    {OTTER_ERROR_STREAM,
     "The network was too slow for it. Bring device and access point closer, and send it again."},
    {OTTER_ERROR_MD5,
     "The bytes changed on the way: bad power or a bad network. Send it again; it runs the old firmware."},
    {OTTER_ERROR_FLASH_CONFIG,
     "The firmware that runs there was built for another flash size than the chip's. "
     "Flash it by cable once, with the right size."},
    {OTTER_ERROR_MAGIC_BYTE,
     "This is no ESP8266 image. Is it the right file? `otter image info` shows what it is."},
    {OTTER_ERROR_BOOTSTRAP,
     "It was last started for flashing by cable. Switch its power off and on, then send it again."},
    {OTTER_ERROR_NO_DATA, "Nothing arrived. Send it again."},
    {OTTER_ERROR_MEMORY, "It is short of memory. Restart it and send it again, before its sketch is busy."},
    {OTTER_ERROR_RUNNING, "It is being updated from elsewhere. Wait until that is over, or restart it."},
    {OTTER_ERROR_COMMAND, "It does not know this kind of update. Was --filesystem meant?"},
    {OTTER_ERROR_IMAGE, "The image is damaged: `otter image info` shows where. Build or download it again."},
    {OTTER_ERROR_CHECKSUM,
     "The image is damaged: `otter image info` shows where. Build or download it again."},
    {OTTER_ERROR_BOOTLOADER, "The device's bootloader survives power cuts, the one in the image does not. "
                             "Sent with --adopt, it has otter's."},
};

enum otter_error otter_device_error_of(const char *text)
{
    const char *bracket = strstr(text, "ERROR[");
    return bracket != NULL && isdigit((unsigned char)bracket[6]) ? -(int)strtol(bracket + 6, NULL, 10)
                                                                 : OTTER_OK;
}

void otter_device_error_advise(const struct otter_advice *advice, const char *text,
                               const struct otter_device_offer *offer)
{
    enum otter_error error = otter_device_error_of(text);
    if (error == OTTER_ERROR_SPACE)
        advise_space(advice, offer);
    if (error == OTTER_ERROR_NEW_FLASH_CONFIG)
        advise_flash_size(advice, offer->inspection);
    if (error == OTTER_ERROR_SIGN)
        advise_signature(advice, offer);
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
        if (remedies[i].error == error)
            otter_advice_say(advice, "%s", remedies[i].advice);
    }
}
