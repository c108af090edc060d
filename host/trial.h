/* Images whose sketch can confirm itself, and so may be put on trial (format/bootloader.h). */
#ifndef OTTER_HOST_TRIAL_H
#define OTTER_HOST_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if SIZE bytes of a sketch bring otter_boot_confirm(). */
bool otter_trial_is_possible(const void *sketch, size_t size);

/* Says so in a bootloader's image that ends at END, one behind its checksum, which is made right. Does
 * nothing to a bootloader that knows of no trials. */
void otter_trial_allow(uint8_t *bootloader, size_t end);

#endif
