#include "format/layout.h"

#include <string.h>

#define KIB(count) ((count)*1024u)
#define MIB(count) KIB((count)*1024u)

/* spec/image.md, section 2. */
static const struct otter_layout layouts[OTTER_LAYOUT_COUNT] = {
    {"512k", KIB(512), 0x7B000, 0x7B000, 0x7B000, 0x79FF0},
    {"512k32", KIB(512), 0x73000, 0x7B000, 0x7B000, 0x71FF0},
    {"512k64", KIB(512), 0x6B000, 0x7B000, 0x7B000, 0x69FF0},
    {"512k128", KIB(512), 0x5B000, 0x7B000, 0x7B000, 0x59FF0},
    {"1m", MIB(1), 0xFB000, 0xFB000, 0xFB000, 0xF9FF0},
    {"1m64", MIB(1), 0xEB000, 0xFB000, 0xFB000, 0xE9FF0},
    {"1m128", MIB(1), 0xDB000, 0xFB000, 0xFB000, 0xD9FF0},
    {"1m144", MIB(1), 0xD7000, 0xFB000, 0xFB000, 0xD5FF0},
    {"1m160", MIB(1), 0xD3000, 0xFB000, 0xFB000, 0xD1FF0},
    {"1m192", MIB(1), 0xCB000, 0xFB000, 0xFB000, 0xC9FF0},
    {"1m256", MIB(1), 0xBB000, 0xFB000, 0xFB000, 0xB9FF0},
    {"1m512", MIB(1), 0x7B000, 0xFB000, 0xFB000, 0x79FF0},
    {"2m", MIB(2), 0x1FB000, 0x1FB000, 0x1FB000, 0xFEFF0},
    {"2m64", MIB(2), 0x1F0000, 0x1FB000, 0x1FB000, 0xFEFF0},
    {"2m128", MIB(2), 0x1E0000, 0x1FB000, 0x1FB000, 0xFEFF0},
    {"2m256", MIB(2), 0x1C0000, 0x1FB000, 0x1FB000, 0xFEFF0},
    {"2m512", MIB(2), 0x180000, 0x1FA000, 0x1FB000, 0xFEFF0},
    {"2m1m", MIB(2), 0x100000, 0x1FA000, 0x1FB000, 0xFEFF0},
    {"4m", MIB(4), 0x3FB000, 0x3FB000, 0x3FB000, 0xFEFF0},
    {"4m1m", MIB(4), 0x300000, 0x3FA000, 0x3FB000, 0xFEFF0},
    {"4m2m", MIB(4), 0x200000, 0x3FA000, 0x3FB000, 0xFEFF0},
    {"4m3m", MIB(4), 0x100000, 0x3FA000, 0x3FB000, 0xFEFF0},
    {"8m6m", MIB(8), 0x200000, 0x7FA000, 0x7FB000, 0xFEFF0},
    {"8m7m", MIB(8), 0x100000, 0x7FA000, 0x7FB000, 0xFEFF0},
    {"16m14m", MIB(16), 0x200000, 0xFFA000, 0xFFB000, 0xFEFF0},
    {"16m15m", MIB(16), 0x100000, 0xFFA000, 0xFFB000, 0xFEFF0},
};

const struct otter_layout *otter_layout_get(size_t index)
{
    return index < OTTER_LAYOUT_COUNT ? &layouts[index] : NULL;
}

const struct otter_layout *otter_layout_find(const char *name)
{
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++)
        if (strcmp(layouts[i].name, name) == 0)
            return &layouts[i];
    return NULL;
}

uint32_t otter_layout_rf_calibration(const struct otter_layout *layout)
{
    return layout->eeprom + OTTER_FLASH_SECTOR;
}

uint32_t otter_layout_sdk_settings(const struct otter_layout *layout)
{
    return layout->eeprom + 2 * OTTER_FLASH_SECTOR;
}

uint32_t otter_layout_upload_max(const struct otter_layout *layout)
{
    return layout->sketch_max;
}
