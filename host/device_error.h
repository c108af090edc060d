/* The updater's errors as a device words them, "ERROR[4]: Not Enough Space", and what to do about each. */
#ifndef OTTER_HOST_DEVICE_ERROR_H
#define OTTER_HOST_DEVICE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/error.h"
#include "host/advice.h"
#include "host/inspection.h"

/* What the device was sent, or offered. */
struct otter_device_offer {
    const uint8_t *bytes;
    uint32_t size;
    bool filesystem;
    bool taken;     /* the device had room for it, and got it all */
    uint32_t limit; /* bytes that the device can take; 0: it did not say */
    const struct otter_inspection *inspection;
};

/* The error that TEXT names; OTTER_OK: none that is known. */
enum otter_error otter_device_error_of(const char *text);

/* Prints what to do about the error that TEXT names; nothing, where nothing is known. */
void otter_device_error_advise(const struct otter_advice *advice, const char *text,
                               const struct otter_device_offer *offer);

#endif
