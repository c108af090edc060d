#include "boot/boot.h"

#include <string.h>

#include "boot/copy.h"
#include "boot/image.h"
#include "boot/note.h"
#include "boot/trial.h"
#include "format/boot_command.h"
#include "format/image.h"

/* Not inlined: that takes more bytes. */
__attribute__((noinline)) bool boot_program_word(uint32_t address, uint32_t word)
{
    return boot_flash_program(address, &word, sizeof(word));
}

/* False without a command, or with one that is damaged. */
static bool read_command(struct otter_boot_command *command, uint32_t *words)
{
    for (uint32_t i = 0; i < OTTER_BOOT_COMMAND_WORDS; i++)
        words[i] = boot_rtc_read(i);
    return otter_boot_command_decode(command, words) == OTTER_OK;
}

static void clear_command(void)
{
    boot_rtc_write(0, 0);
    boot_rtc_write(OTTER_BOOT_COMMAND_WORDS - 1, 0);
}

/* The decision; docs/BOOT.md has the same table.
 *
 *   sketch       note    command   what is done
 *   void         found   any       the copy is finished
 *   any          any     copy      checked, noted, copied; or refused
 *   on trial     any     other     one of its starts is counted
 *   out of them  any     other     what was kept is checked, noted, copied; or refused
 *   any          any     other     nothing */
enum boot_outcome boot_prepare(struct boot *boot)
{
    struct otter_boot_command command;
    enum boot_outcome outcome = BOOT_IDLE;
    bool commanded = read_command(&command, boot->sector);
    boot->fresh = false;
    boot->running = boot_image_walk(OTTER_IMAGE_SKETCH, NULL, NULL);

    if (boot->running == 0 && boot_note_find(&boot->note)) {
        outcome = BOOT_COPIED;
    } else if ((commanded && command.action == OTTER_BOOT_COPY) ||
               boot_trial_is_over(&command, boot->running)) {
        memset(&boot->note, 0xFF, sizeof(boot->note));
        boot->note.command = command;
        outcome = boot_copy_begin(boot) ? BOOT_COPIED : BOOT_REFUSED;
    }
    if (outcome == BOOT_COPIED && !boot_copy_run(boot))
        return BOOT_FAILED;
    if (commanded)
        clear_command();
    if (outcome == BOOT_COPIED)
        boot_note_void(&boot->note);
    return outcome;
}
