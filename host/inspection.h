/* What is in a file that somebody calls firmware: looked at as the device and its bootloader will. */
#ifndef OTTER_HOST_INSPECTION_H
#define OTTER_HOST_INSPECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/firmware.h"
#include "format/image.h"
#include "host/file.h"

/* A segment, and where it was found. */
struct otter_inspected_segment {
    unsigned part;   /* of struct otter_image_parser */
    uint32_t offset; /* of its data in the image */
    struct otter_image_segment segment;
};

struct otter_inspection {
    uint32_t size;           /* bytes of the file */
    uint32_t signature_size; /* bytes of the signature at its end, its length word included; 0: unsigned */
    bool esp32;              /* an image for an ESP32: not looked into, the fields below are empty */
    const char *looks_like;  /* of a file that is no image: what it seems to be, or NULL; static */
    bool compressed;
    bool inflated;       /* compressed, and the gzip is whole */
    char md5[33];        /* of the file */
    uint32_t image_size; /* bytes of the image itself: inflated, without a signature */
    uint32_t surplus; /* bytes behind the image's end that are no signature; 0 for those of a single image */
    int error; /* what otter_image_parser_end() says of it; OTTER_ERROR_IMAGE for a bad gzip or a surplus */
    struct otter_image_parser image;
    size_t segment_count;
    struct otter_inspected_segment segments[2 * OTTER_IMAGE_SEGMENTS_MAX];
    uint8_t otter_bootloader; /* version of otter's bootloader in it; 0: it has none */
    bool can_confirm;         /* its sketch brings otter_boot_confirm() */
    bool on_trial;            /* its bootloader knows that, and will put it on trial */
    bool boot_command; /* the bootloader reads RTC memory, where a sketch leaves the command to install an
                          update */
    bool has_firmware;
    struct otter_firmware firmware;
};

/* Inspects SIZE bytes. Nothing of them is kept. */
void otter_inspect(struct otter_inspection *inspection, const void *bytes, size_t size);

/* The part that runs: the sketch of an Arduino-core file, otherwise the only one. */
const struct otter_image_part *otter_inspection_main_part(const struct otter_inspection *inspection);

/* What is wrong, in words of one line that name figures; empty if nothing is. */
void otter_inspection_trouble(const struct otter_inspection *inspection, char *out, size_t size);

#endif
