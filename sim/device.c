#include "sim/device.h"

#include "format/boot_command.h"
#include "ports/posix/clock.h"
#include "ports/posix/entropy.h"
#include "ports/sim/boot.h"
#include "ports/sim/random.h"
#include "sim/firmware.h"
#include "sim/machine.h"
#include "sim/service.h"

#define LOOK_NS  500000u  /* between looks at who commands the device, while flash is busy */
#define SHORT_NS 4000000u /* flash time that may run ahead of the clock, so that few sleeps are needed */

static const char *const cut_names[OTTER_SIM_CUT_COUNT] = {
    [OTTER_SIM_CUT_NOT_STARTED] = "not started",   [OTTER_SIM_CUT_LANDED] = "done just before",
    [OTTER_SIM_CUT_TORN_PREFIX] = "done in part",  [OTTER_SIM_CUT_TORN_RANDOM] = "some bits done",
    [OTTER_SIM_CUT_HALF_ERASED] = "left unstable",
};

/* --- port ---------------------------------------------------------------------------------------- */

static int flash_read(void *context, uint32_t address, void *bytes, uint32_t length)
{
    return otter_sim_flash_read(&((struct device *)context)->flash, address, bytes, length);
}

static int flash_program(void *context, uint32_t address, const void *bytes, uint32_t length)
{
    return otter_sim_flash_program(&((struct device *)context)->flash, address, bytes, length);
}

static int flash_erase_sector(void *context, uint32_t address)
{
    return otter_sim_flash_erase_sector(&((struct device *)context)->flash, address);
}

static int flash_erase_block(void *context, uint32_t address)
{
    return otter_sim_flash_erase_block(&((struct device *)context)->flash, address);
}

static void rtc_read(void *context, uint32_t index, uint32_t *words, uint32_t count)
{
    otter_sim_rtc_read(&((struct device *)context)->rtc, index, words, count);
}

static void rtc_write(void *context, uint32_t index, const uint32_t *words, uint32_t count)
{
    otter_sim_rtc_write(&((struct device *)context)->rtc, index, words, count);
}

static void restart(void *context)
{
    ((struct device *)context)->restarting = true;
}

/* The UDP socket outlives restarts, so that nobody else gets the port meanwhile. What arrived while the
 * device did not listen is lost. */
static int udp_open(void *context, uint16_t port)
{
    struct device *device = context;
    struct otter_address from;
    uint8_t bytes[OTTER_PUSH_DATAGRAM_MAX];
    (void)port;
    if (device->udp < 0)
        device->udp = otter_posix_network_port.udp_open(device, device->settings->local.port);
    if (device->udp < 0)
        return device->udp;
    device->udp_port = otter_posix_network_local_port(&device->network, device->udp);
    while (otter_posix_network_port.udp_receive(device, device->udp, bytes, sizeof bytes, &from) > 0)
        ;
    return device->udp;
}

static void close_handle(void *context, int handle)
{
    struct device *device = context;
    if (handle != device->udp)
        otter_posix_network_port.close(device, handle);
}

static void connect_port(struct device *device)
{
    device->port = (struct otter_port){
        .context = device,
        .layout = device->settings->layout,
        .flash = {.size = device->flash.size,
                  .read = flash_read,
                  .program = flash_program,
                  .erase_sector = flash_erase_sector,
                  .erase_block = flash_erase_block},
        .rtc = {.read = rtc_read, .write = rtc_write},
        .network = otter_posix_network_port,
        .entropy = otter_posix_entropy,
        .utc = otter_posix_utc,
        .restart = restart,
    };
    device->port.network.udp_open = udp_open;
    device->port.network.close = close_handle;
}

/* --- power --------------------------------------------------------------------------------------- */

static bool power_is_wanted(const struct device *device)
{
    return device->request != DEVICE_CUT && device->request != DEVICE_SWITCH_OFF;
}

bool device_has_power(void *context)
{
    struct device *device = context;
    device->idle(device->idle_context, 0);
    return power_is_wanted(device);
}

/* struct otter_sim_flash, sleep */
static bool pass_flash_time(void *context, uint64_t ns)
{
    struct device *device = context;
    uint64_t now = otter_posix_now_ns();
    if (device->busy_until < now)
        device->busy_until = now;
    if (device->settings->real_time)
        device->busy_until += ns;
    if (now - device->looked >= LOOK_NS) {
        device->looked = now;
        (void)device_has_power(device);
    }
    while (power_is_wanted(device) && device->busy_until > now + SHORT_NS) {
        device->idle(device->idle_context, device->busy_until - now);
        now = otter_posix_now_ns();
    }
    return power_is_wanted(device);
}

static void power_cut(void *context)
{
    longjmp(((struct device *)context)->power_lost, 1);
}

/* Which outcome an unplanned cut has. */
static void choose_cut(struct device *device)
{
    uint64_t state = device->settings->seed + device->boots;
    device->flash.cut_at = 0;
    device->flash.cut = otter_sim_random(&state) % OTTER_SIM_CUT_COUNT;
}

/* Everything but flash is gone: RAM, connections, RTC memory. */
static void lose_power(struct device *device)
{
    otter_posix_network_drop(&device->network);
    otter_sim_rtc_power_on(&device->rtc, device->settings->seed + device->boots);
    choose_cut(device);
    device->cause = ROM_POWER_ON;
    device->state = device->request == DEVICE_SWITCH_OFF ? DEVICE_OFF : DEVICE_RESET;
    device->request = DEVICE_GO_ON;
}

static void lose_power_in_operation(struct device *device)
{
    console_line(device->console, CONSOLE_BAD, "-- power lost in flash operation %llu, which was %s --",
                 (unsigned long long)device->flash.operation, cut_names[device->flash.cut]);
    lose_power(device);
}

static void obey(struct device *device)
{
    enum device_request request = device->request;
    bool on = device->state != DEVICE_OFF;
    if (on && !power_is_wanted(device)) {
        console_line(device->console, CONSOLE_BAD, "-- power lost --");
        lose_power(device);
        return;
    }
    device->request = DEVICE_GO_ON;
    if (request == DEVICE_SWITCH_ON && !on)
        device->state = DEVICE_RESET;
    if (request == DEVICE_DO_RESET && on) {
        console_line(device->console, CONSOLE_BAD, "-- reset --");
        device->state = DEVICE_RESET;
    }
}

/* --- boot ---------------------------------------------------------------------------------------- */

static bool copy_is_due(const struct device *device, struct otter_boot_command *command)
{
    return otter_boot_command_decode(command, device->rtc.words) == OTTER_OK &&
           command->action == OTTER_BOOT_COPY;
}

static void announce_copy(struct device *device)
{
    struct otter_boot_command command;
    if (!copy_is_due(device, &command))
        return;
    console_line(device->console, CONSOLE_ROM, "@cp: 0x%06x to 0x%06x, %u bytes", (unsigned)command.source,
                 (unsigned)command.destination, (unsigned)command.size);
    if (command.trial.kind == OTTER_BOOT_TRIAL_NEW)
        console_line(device->console, CONSOLE_ROM, "(the firmware before is kept at 0x%06x, %u bytes)",
                     (unsigned)command.trial.backup, (unsigned)command.trial.backup_size);
}

static void run_bootloader(struct device *device)
{
    announce_copy(device);
    switch (otter_sim_boot(&device->flash, &device->rtc)) {
    case BOOT_IDLE:
        break;
    case BOOT_COPIED:
        console_line(device->console, CONSOLE_ROM, "@cp:0");
        device->updated = true;
        break;
    case BOOT_REFUSED:
        console_line(device->console, CONSOLE_BAD,
                     "@cp:1 what is staged is no whole image, or cannot be copied safely: left alone");
        break;
    case BOOT_FAILED:
        console_line(device->console, CONSOLE_BAD,
                     "@cp:2 a flash operation failed: copied again at the next start");
        break;
    }
    console_line(device->console, CONSOLE_ROM, "ld");
    console_blank(device->console);
}

/* The bootloader does not say what it did. */
static void run_machine_code(struct device *device)
{
    struct otter_boot_command command;
    bool due = copy_is_due(device, &command);
    uint64_t operation = device->flash.operation;
    machine_run(device);
    if (due && device->flash.operation > operation)
        device->updated = true;
}

static void explain(struct device *device, enum rom_image image)
{
    if (image == ROM_NO_IMAGE)
        console_line(device->console, CONSOLE_PLAIN,
                     "(flash 0 holds no image: a real device would stop here; this one takes updates)");
    if (image == ROM_APPLICATION)
        console_line(device->console, CONSOLE_PLAIN,
                     "(flash 0 holds no Arduino bootloader: a real device would start this image at once and "
                     "copy no update; %s)",
                     device->settings->emulated != NULL ? "so does this one"
                                                        : "here the bootloader runs all the same");
}

static void reset(struct device *device)
{
    otter_posix_network_drop(&device->network);
    device->restarting = false;
    device->boots++;
    enum rom_image image = rom_load(device->console, &device->flash, device->cause);
    explain(device, image);
    device->cause = ROM_RESTART;
    if (device->settings->emulated == NULL)
        run_bootloader(device);
    else if (image != ROM_NO_IMAGE)
        run_machine_code(device);
    firmware_start(device);
}

/* --- running ------------------------------------------------------------------------------------- */

static uint32_t run(struct device *device)
{
    uint32_t wait = services_step(device, otter_posix_now_ms());
    if (!device->restarting)
        return wait;
    device->state = DEVICE_RESET;
    return 0;
}

uint32_t device_step(struct device *device)
{
    if (setjmp(device->power_lost) != 0) {
        lose_power_in_operation(device);
        return 0;
    }
    if (device->request != DEVICE_GO_ON)
        obey(device);
    if (device->state == DEVICE_RESET)
        reset(device);
    if (device->flash.violation[0] != '\0')
        device->state = DEVICE_FAILED;
    uint32_t wait = device->state == DEVICE_RUNNING ? run(device) : OTTER_NEVER;
    return device->request != DEVICE_GO_ON ? 0 : wait; /* it may have come in a flash operation */
}

void device_init(struct device *device, const struct device_settings *settings, struct console *console,
                 device_idle *idle, void *idle_context)
{
    device->settings = settings;
    device->console = console;
    device->idle = idle;
    device->idle_context = idle_context;
    device->network.local = settings->local;
    device->network.window = settings->window;
    otter_posix_network_init(&device->network);
    device->udp = -1;
    device->map.layout = settings->layout;
    device->flash.seed = settings->seed;
    device->flash.sleep = pass_flash_time;
    device->flash.sleep_context = device;
    device->flash.power_cut = power_cut;
    device->flash.power_cut_context = device;
    device->cause = ROM_POWER_ON;
    device->state = DEVICE_OFF;
    otter_sim_rtc_power_on(&device->rtc, settings->seed);
    choose_cut(device);
    connect_port(device);
}

bool device_has_password(const struct device_settings *settings)
{
    return (settings->password != NULL && settings->password[0] != '\0') || settings->password_hash != NULL;
}

const char *device_state_name(const struct device *device)
{
    switch (device->state) {
    case DEVICE_OFF:
        return "off";
    case DEVICE_RESET:
        return "booting";
    case DEVICE_RUNNING:
        return services_are_busy(device) ? "updating" : "listening";
    case DEVICE_FAILED:
        break;
    }
    return "failed";
}

void device_ask(struct device *device, enum device_request request)
{
    device->request = request;
}

void device_cut_at(struct device *device, uint64_t count, enum otter_sim_cut cut)
{
    device->flash.cut = cut;
    device->flash.cut_at = device->flash.operation + count;
}
