/* A replacement for the ESP8266's mask ROM, as far as a bootloader and a simple sketch call it. Flash is a
 * file, reached by semihosting; it obeys a NOR flash's rules, and power can fail at any of its operations. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "format/image.h"
#include "format/layout.h"
#include "ports/qemu/plan.h"
#include "ports/sim/flash.h"

enum { SYS_EXIT = 1, SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_LSEEK = 19, SYS_SELECT = 29 };
enum { READ_ONLY = 0, READ_WRITE = 2, CREATE = 0100 };
enum { READABLE = 1 };

#define RTC_USER_MEMORY ((void *)0x60001200)
#define FLASH_WINDOW    ((void *)0x40200000)
#define WINDOW_SIZE     (1u << 20)
#define SHORT_US        4000u /* flash time that may run ahead of the clock, so that few sleeps are needed */

_Noreturn void rom_start(void);
_Noreturn void rom_exception(void);
_Noreturn void rom_software_reset(void);
_Noreturn void rom_delay(void);
uint32_t rom_reset_reason(void);
uint32_t rom_nothing(void);
void rom_map_flash(void);
int rom_printf(const char *format, ...);
int rom_putc(int character);
int rom_read(uint32_t address, void *bytes, uint32_t length);
int rom_write(uint32_t address, const void *bytes, uint32_t length);
int rom_erase_sector(uint32_t sector);
int rom_erase_block(uint32_t block);
int32_t rom_divide(int32_t dividend, int32_t divisor);
uint32_t rom_divide_unsigned(uint32_t dividend, uint32_t divisor);
int memcmp(const void *left, const void *right, __SIZE_TYPE__ size);
void *memcpy(void *to, const void *from, __SIZE_TYPE__ size);
void *memmove(void *to, const void *from, __SIZE_TYPE__ size);
void *memset(void *to, int value, __SIZE_TYPE__ size);

static struct otter_qemu_plan plan;
static struct otter_qemu_report report;
static int flash;
static uint32_t ahead_us;
static uint8_t before[OTTER_FLASH_BLOCK], after[OTTER_FLASH_BLOCK];

/* --- semihosting ---------------------------------------------------------------------------------- */

static int call_host(int number, uint32_t first, uint32_t second, uint32_t third)
{
    register int a2 __asm__("a2") = number;
    register uint32_t a3 __asm__("a3") = first;
    register uint32_t a4 __asm__("a4") = second;
    register uint32_t a5 __asm__("a5") = third;
    __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    return a2;
}

static int open_file(const char *path, uint32_t flags)
{
    return call_host(SYS_OPEN, (uint32_t)path, flags, 0666);
}

static bool read_file(const char *path, void *bytes, uint32_t size)
{
    int file = open_file(path, READ_ONLY);
    return file >= 0 && call_host(SYS_READ, (uint32_t)file, (uint32_t)bytes, size) == (int)size;
}

static void write_file(const char *path, const void *bytes, uint32_t size)
{
    call_host(SYS_WRITE, (uint32_t)open_file(path, READ_WRITE | CREATE), (uint32_t)bytes, size);
}

static uint32_t cycle_count(void)
{
    uint32_t cycles;
    __asm__ volatile("rsr %0, ccount" : "=a"(cycles));
    return cycles;
}

_Noreturn static void end(enum otter_qemu_end how)
{
    report.cycles = cycle_count() - report.cycles;
    write_file(OTTER_QEMU_RTC, RTC_USER_MEMORY, OTTER_QEMU_RTC_SIZE);
    write_file(OTTER_QEMU_REPORT, &report, sizeof(report));
    call_host(SYS_EXIT, how, 0, 0);
    for (;;)
        ;
}

void rom_exception(void)
{
    end(OTTER_QEMU_EXCEPTION);
}

void rom_software_reset(void)
{
    end(OTTER_QEMU_RESTART);
}

/* Time does not pass here: the sketch has shown what it wanted. */
void rom_delay(void)
{
    end(OTTER_QEMU_SKETCH);
}

uint32_t rom_reset_reason(void)
{
    return 1; /* power on */
}

uint32_t rom_nothing(void)
{
    return 0;
}

/* --- flash ---------------------------------------------------------------------------------------- */

static bool transfer(int direction, uint32_t address, const void *bytes, uint32_t length)
{
    return call_host(SYS_LSEEK, (uint32_t)flash, address, 0) == (int)address &&
           call_host(direction, (uint32_t)flash, (uint32_t)bytes, length) == (int)length;
}

/* The window is a copy: as good as a view for a sketch that does not write. */
void rom_map_flash(void)
{
    transfer(SYS_READ, 0, FLASH_WINDOW, WINDOW_SIZE);
}

static uint32_t random_bits(void)
{
    plan.seed ^= plan.seed << 13; /* xorshift32 */
    plan.seed ^= plan.seed >> 17;
    plan.seed ^= plan.seed << 5;
    return plan.seed;
}

static uint32_t remainder_of(uint32_t dividend, uint32_t divisor)
{
    return dividend - rom_divide_unsigned(dividend, divisor) * divisor;
}

/* Power fails in the midst of turning before[] into after[]. */
_Noreturn static void cut_power(uint32_t address, uint32_t length)
{
    uint32_t torn = 1 + remainder_of(random_bits(), length - 1);
    for (uint32_t i = 0; i < length; i++) {
        uint8_t changed = before[i] ^ after[i];
        if (plan.cut == OTTER_SIM_CUT_LANDED || (plan.cut == OTTER_SIM_CUT_TORN_PREFIX && i < torn))
            before[i] = after[i];
        if (plan.cut == OTTER_SIM_CUT_TORN_RANDOM || plan.cut == OTTER_SIM_CUT_HALF_ERASED)
            before[i] ^= changed & (uint8_t)(random_bits() >> 7);
    }
    transfer(SYS_WRITE, address, before, length);
    end(OTTER_QEMU_POWER_CUT);
}

/* False if power failed meanwhile. */
static bool pass_time(uint32_t us)
{
    uint32_t time[2] = {0, 0}; /* struct timeval */
    ahead_us += us;
    if (ahead_us >= SHORT_US) {
        time[1] = ahead_us;
        ahead_us = 0;
    }
    return call_host(SYS_SELECT, plan.power_line, READABLE, (uint32_t)time) == 0;
}

/* Stores after[], unless power fails. */
static void change(uint32_t address, uint32_t length, uint32_t us, bool new_call)
{
    report.operations++;
    report.calls += new_call;
    bool planned = plan.cut_at != 0 && plan.cut_at == (plan.calls ? report.calls : report.operations);
    if (planned || !pass_time(us))
        cut_power(address, length);
    if (!transfer(SYS_WRITE, address, after, length))
        end(OTTER_QEMU_VIOLATION);
}

int rom_read(uint32_t address, void *bytes, uint32_t length)
{
    if (address % 4 != 0 || length % 4 != 0 || (uint32_t)bytes % 4 != 0)
        end(OTTER_QEMU_VIOLATION);
    report.reads++;
    report.bytes_read += length;
    (void)pass_time(length * plan.read_us >> 10); /* a read has nothing to tear */
    return transfer(SYS_READ, address, bytes, length) ? 0 : 1;
}

static void program_page(uint32_t address, const uint8_t *bytes, uint32_t length, bool new_call)
{
    if (!transfer(SYS_READ, address, before, length))
        end(OTTER_QEMU_VIOLATION);
    for (uint32_t i = 0; i < length; i++) {
        if (bytes[i] & ~before[i])
            end(OTTER_QEMU_VIOLATION); /* a 0 back to 1 */
        after[i] = bytes[i];
    }
    change(address, length, plan.page_us, new_call);
    report.programs++;
}

int rom_write(uint32_t address, const void *bytes, uint32_t length)
{
    const uint8_t *from = bytes;
    bool new_call = true;
    if (address % 4 != 0 || length % 4 != 0 || (uint32_t)bytes % 4 != 0)
        end(OTTER_QEMU_VIOLATION);
    while (length > 0) {
        uint32_t part = OTTER_FLASH_PAGE - address % OTTER_FLASH_PAGE;
        if (part > length)
            part = length;
        program_page(address, from, part, new_call);
        address += part;
        from += part;
        length -= part;
        new_call = false;
    }
    return 0;
}

static void erase(uint32_t address, uint32_t length, uint32_t us)
{
    if (!transfer(SYS_READ, address, before, length))
        end(OTTER_QEMU_VIOLATION);
    memset(after, 0xFF, length);
    change(address, length, us, true);
}

int rom_erase_sector(uint32_t sector)
{
    erase(sector * OTTER_FLASH_SECTOR, OTTER_FLASH_SECTOR, plan.sector_us);
    report.sector_erases++;
    return 0;
}

int rom_erase_block(uint32_t block)
{
    erase(block * OTTER_FLASH_BLOCK, OTTER_FLASH_BLOCK, plan.block_us);
    report.block_erases++;
    return 0;
}

/* --- printing ------------------------------------------------------------------------------------- */

int rom_putc(int character)
{
    char byte = (char)character;
    return call_host(SYS_WRITE, 1, (uint32_t)&byte, 1);
}

/* At least WIDTH digits. */
static void print_number(uint32_t number, uint32_t base, uint32_t width)
{
    if (number >= base || width > 1)
        print_number(rom_divide_unsigned(number, base), base, width - (width > 0));
    rom_putc("0123456789abcdef"[remainder_of(number, base)]);
}

static void print_string(const char *string)
{
    while (*string != '\0')
        rom_putc(*string++);
}

int rom_printf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            rom_putc(*format);
            continue;
        }
        uint32_t width = 0;
        while (*++format >= '0' && *format <= '9')
            width = width * 10 + (uint32_t)(*format - '0');
        switch (*format) {
        case 's':
            print_string(va_arg(arguments, const char *));
            break;
        case 'x':
            print_number(va_arg(arguments, uint32_t), 16, width);
            break;
        default:
            print_number(va_arg(arguments, uint32_t), 10, width);
        }
    }
    va_end(arguments);
    return 0;
}

/* --- what compilers call -------------------------------------------------------------------------- */

uint32_t rom_divide_unsigned(uint32_t dividend, uint32_t divisor)
{
    uint32_t quotient = 0, rest = 0;
    for (int bit = 31; bit >= 0; bit--) {
        rest = rest << 1 | (dividend >> bit & 1);
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1u << bit;
        }
    }
    return quotient;
}

int32_t rom_divide(int32_t dividend, int32_t divisor)
{
    uint32_t quotient = rom_divide_unsigned(dividend < 0 ? -(uint32_t)dividend : (uint32_t)dividend,
                                            divisor < 0 ? -(uint32_t)divisor : (uint32_t)divisor);
    return (int32_t)((dividend < 0) != (divisor < 0) ? -quotient : quotient);
}

int memcmp(const void *left, const void *right, __SIZE_TYPE__ size)
{
    const uint8_t *a = left, *b = right;
    for (; size > 0; size--, a++, b++)
        if (*a != *b)
            return *a - *b;
    return 0;
}

void *memcpy(void *to, const void *from, __SIZE_TYPE__ size)
{
    return memmove(to, from, size);
}

void *memmove(void *to, const void *from, __SIZE_TYPE__ size)
{
    uint8_t *target = to;
    const uint8_t *source = from;
    if (target < source)
        for (__SIZE_TYPE__ i = 0; i < size; i++)
            target[i] = source[i];
    else
        while (size-- > 0)
            target[size] = source[size];
    return to;
}

void *memset(void *to, int value, __SIZE_TYPE__ size)
{
    uint8_t *target = to;
    while (size-- > 0)
        *target++ = (uint8_t)value;
    return to;
}

/* --- reset ---------------------------------------------------------------------------------------- */

static bool load_image(uint32_t *entry)
{
    uint32_t header[2], segment[2], at = sizeof(header);
    if (rom_read(0, header, sizeof(header)) != 0 || (header[0] & 0xFF) != OTTER_IMAGE_MAGIC)
        return false;
    for (uint32_t left = header[0] >> 8 & 0xFF; left > 0; left--) {
        if (rom_read(at, segment, sizeof(segment)) != 0 ||
            rom_read(at + sizeof(segment), (void *)segment[0], segment[1]) != 0)
            return false;
        at += sizeof(segment) + segment[1];
    }
    *entry = header[1];
    return true;
}

void rom_start(void)
{
    uint32_t entry;
    report.cycles = cycle_count();
    read_file(OTTER_QEMU_PLAN, &plan, sizeof(plan));
    read_file(OTTER_QEMU_RTC, RTC_USER_MEMORY, OTTER_QEMU_RTC_SIZE);
    flash = open_file(OTTER_QEMU_FLASH, READ_WRITE);
    if (flash < 0)
        end(OTTER_QEMU_FAULT);
    if (!load_image(&entry))
        end(OTTER_QEMU_NO_IMAGE);
    report.reads = report.bytes_read = 0;
    ((void (*)(void))entry)();
    end(OTTER_QEMU_EXCEPTION);
}
