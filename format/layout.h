/* The flash layouts that ESP8266 users choose from (spec/image.md, section 2).
 *
 * From low to high addresses: sketch, free (a new sketch is staged here, ending at the filesystem's
 * start), filesystem, EEPROM sector, RF calibration sector, SDK settings (3 sectors). All offsets are
 * bytes from the start of flash. */
#ifndef OTTER_FORMAT_LAYOUT_H
#define OTTER_FORMAT_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define OTTER_FLASH_PAGE   256u   /* bytes; the program unit */
#define OTTER_FLASH_SECTOR 4096u  /* bytes; the erase unit */
#define OTTER_FLASH_BLOCK  65536u /* bytes; the large erase unit */

#define OTTER_LAYOUT_COUNT 26

struct otter_layout {
    char name[12];             /* as the tools print it: "4m1m" */
    uint32_t flash_size;       /* bytes of the chip the layout is made for */
    uint32_t filesystem_start; /* also the end of the area where sketches are staged */
    uint32_t filesystem_end;   /* equal to filesystem_start where there is no filesystem */
    uint32_t eeprom;           /* EEPROM sector */
    uint32_t sketch_max;       /* bytes of flash-mapped code, as the linker scripts limit it */
};

/* Layout INDEX of OTTER_LAYOUT_COUNT in the order of spec/image.md; NULL beyond. Static storage. */
const struct otter_layout *otter_layout_get(size_t index);

/* The layout with this NAME, exactly as spelt; NULL if there is none. Static storage. */
const struct otter_layout *otter_layout_find(const char *name);

/* The RF calibration sector and the first of three SDK sectors behind it. */
uint32_t otter_layout_rf_calibration(const struct otter_layout *layout);
uint32_t otter_layout_sdk_settings(const struct otter_layout *layout);

/* The largest sketch that the layout takes, in bytes, as the tools print it (1044464 for 4m1m, 958448 for
 * 1m64). That figure is sketch_max itself; nothing is added or rounded. */
uint32_t otter_layout_upload_max(const struct otter_layout *layout);

#endif
