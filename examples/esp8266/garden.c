/* A garden's watering computer: waters its beds by a calendar kept in flash, and says on the serial line
 * which version it is. Once its pump has answered it confirms that it works; otherwise it is taken back.
 * Version 2 knows one bed more. Version 3 waits for an answer that the pump does not give. */
#include <stdbool.h>
#include <stdint.h>

#include "format/firmware.h"
#include "otter/boot.h"

#if GARDEN_VERSION == 1
#define VERSION "1.0.0"
#define BEDS    6u
#elif GARDEN_VERSION == 2
#define VERSION "2.0.0"
#define BEDS    7u
#else
#define VERSION "3.0.0"
#define BEDS    7u
#endif
#define ANSWER_WANTED (GARDEN_VERSION < 3 ? 'A' : 'a')
#define ANSWER        'A' /* of the pump that is built in */
#define DAYS          366u
#define HOURS         24u

#define IN_FLASH(part) __attribute__((section(".flash." part)))

/* In the mask ROM. */
int ets_printf(const char *format, ...);
void ets_delay_us(uint32_t us);
void Cache_Read_Enable(uint32_t odd, uint32_t megabytes, uint32_t size);
void Cache_Read_Disable(void);
int SPIRead(uint32_t address, void *bytes, uint32_t length);
int SPIWrite(uint32_t address, const void *bytes, uint32_t length);

extern uint32_t sketch_bss_start[], sketch_bss_end[];
_Noreturn void sketch_start(void);

/* What tools and servers find in the image (docs/FORMATS.md). */
static const struct {
    char magic[OTTER_FIRMWARE_MAGIC_SIZE];
    struct otter_firmware firmware;
} record IN_FLASH("firmware") __attribute__((used, aligned(4))) = {OTTER_FIRMWARE_MAGIC, {"garden", VERSION}};

/* Millilitres for a bed in an hour: mornings and evenings, most in July, more for the sunny beds. */
#define SEASON(day) ((day) < 183u ? (day) : 366u - (day))
#define WATER(b, day, h)                                                                                     \
    (((h) % 12u == 7u ? 3u : 1u) * (SEASON(day) * (20u + 7u * (b)) + (day)*5u % 41u + (h)))
#define THREE(b, day, h) WATER(b, day, h), WATER(b, day, (h) + 1), WATER(b, day, (h) + 2)
#define SIX(b, day, h)   THREE(b, day, h), THREE(b, day, (h) + 3)
#define ONE_DAY(b, day)                                                                                      \
    {                                                                                                        \
        SIX(b, day, 0u), SIX(b, day, 6u), SIX(b, day, 12u), SIX(b, day, 18u)                                 \
    }
#define TWO_DAYS(b, day) ONE_DAY(b, day), ONE_DAY(b, (day) + 1u)
#define WEEK(b, day)                                                                                         \
    TWO_DAYS(b, day), TWO_DAYS(b, (day) + 2u), TWO_DAYS(b, (day) + 4u), ONE_DAY(b, (day) + 6u)
#define FOUR_WEEKS(b, day) WEEK(b, day), WEEK(b, (day) + 7u), WEEK(b, (day) + 14u), WEEK(b, (day) + 21u)
#define QUARTER(b, day)                                                                                      \
    FOUR_WEEKS(b, day), FOUR_WEEKS(b, (day) + 28u), FOUR_WEEKS(b, (day) + 56u), WEEK(b, (day) + 84u)
#define YEAR(b)                                                                                              \
    {                                                                                                        \
        QUARTER(b, 0u), QUARTER(b, 91u), QUARTER(b, 182u), QUARTER(b, 273u), TWO_DAYS(b, 364u)               \
    }

/* Words, since flash can't be read by the byte. */
static const uint32_t calendar[BEDS][DAYS][HOURS] IN_FLASH("tables") = {
#if GARDEN_VERSION > 1
    YEAR(6u),
#endif
    YEAR(0u), YEAR(1u), YEAR(2u), YEAR(3u), YEAR(4u), YEAR(5u),
};

/* --- the trial: from RAM, since flash is not mapped while it is read and written ------------------- */

static int read_flash(void *context, uint32_t address, void *bytes, uint32_t length)
{
    (void)context;
    return SPIRead(address, bytes, length);
}

static int program_flash(void *context, uint32_t address, const void *bytes, uint32_t length)
{
    (void)context;
    return SPIWrite(address, bytes, length);
}

/* What it takes to confirm; a sketch that takes updates has a whole port. */
static const struct otter_port port = {
    .flash = {.size = 1u << 20, .read = read_flash, .program = program_flash},
};

/* True if it was on trial until now. */
__attribute__((noinline)) static bool confirm(void)
{
    struct otter_boot_status status;
    Cache_Read_Disable();
    bool confirmed = otter_boot_status(&port, &status) == OTTER_OK && status.on_trial &&
                     otter_boot_confirm(&port) == OTTER_OK;
    Cache_Read_Enable(0, 0, 1);
    return confirmed;
}

/* --- watering -------------------------------------------------------------------------------------- */

/* In place of a serial line. */
static volatile const char pump = ANSWER;

IN_FLASH("text") __attribute__((noinline)) static uint32_t water_needed(uint32_t day)
{
    uint32_t sum = 0;
    for (uint32_t bed = 0; bed < BEDS; bed++)
        for (uint32_t hour = 0; hour < HOURS; hour++)
            sum += calendar[bed][day][hour];
    return sum;
}

IN_FLASH("text") __attribute__((noinline)) _Noreturn static void run(void)
{
    ets_printf("\ngarden %s: %d beds\n", VERSION, BEDS);
    if (pump == ANSWER_WANTED && confirm())
        ets_printf("confirmed\n");
    for (uint32_t day = 0;; day = day + 1 < DAYS ? day + 1 : 0) {
        ets_printf("day %d: %d ml\n", day, water_needed(day));
        ets_delay_us(1000000);
    }
}

void sketch_start(void)
{
    /* cppcheck-suppress comparePointers ; both are the linker's, of one section */
    for (uint32_t *word = sketch_bss_start; word < sketch_bss_end; word++)
        *word = 0;
    Cache_Read_Enable(0, 0, 1);
    run();
}
