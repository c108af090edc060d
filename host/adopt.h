/* otter's bootloader in place of the one that the Arduino core puts into its images. */
#ifndef OTTER_HOST_ADOPT_H
#define OTTER_HOST_ADOPT_H

#include "host/inspection.h"

/* Replaces the bootloader in FILE, an Arduino-core image, plain or compressed, of which INSPECTION tells. Its
 * flash mode, size and frequency stay, a CRC is made anew. Where its sketch can confirm itself, the
 * bootloader is told so. A file that has all that stays as it is. Complains, naming PATH, when it can't. */
enum otter_exit otter_adopt(struct otter_file *file, const struct otter_inspection *inspection,
                            const char *path);

#endif
