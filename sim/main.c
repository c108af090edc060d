/* otter-sim: one virtual device as a program. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "sim/commands.h"
#include "sim/control.h"
#include "sim/device.h"
#include "sim/machine.h"
#include "sim/options.h"
#include "sim/programmer.h"

#define FILES      (1 + CONTROL_FILES) /* signals come first */
#define SKETCH_OLD (300u * 1024u)      /* bytes, in the drawing */
#define SKETCH_NEW (340u * 1024u)

struct simulator {
    struct options options;
    struct device device;
    struct console console;
    struct control control;
    struct commands commands;
    int signals;
    int drawn; /* enum map_phase that was printed last; -1: none */
};

/* --- what comes from outside ------------------------------------------------------------------------ */

static bool open_signals(struct simulator *simulator)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    simulator->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (simulator->signals < 0)
        perror("otter-sim: signalfd");
    return simulator->signals >= 0;
}

static void serve_signal(struct simulator *simulator)
{
    struct signalfd_siginfo signal;
    if (read(simulator->signals, &signal, sizeof signal) != sizeof signal)
        return;
    char line[] = "cut", stop[] = "quit", answer[CONTROL_ANSWER];
    commands_obey(&simulator->commands, signal.ssi_signo == SIGUSR1 ? line : stop, answer);
}

static void collect_files(const struct simulator *simulator, struct pollfd files[FILES])
{
    files[0] = (struct pollfd){.fd = simulator->signals, .events = POLLIN};
    control_files(&simulator->control, files + 1);
}

static void serve(struct simulator *simulator, const struct pollfd files[FILES])
{
    if (files[0].revents)
        serve_signal(simulator);
    control_serve(&simulator->control, files + 1);
}

/* device_idle */
static void idle(void *context, uint64_t ns)
{
    struct simulator *simulator = context;
    struct pollfd files[FILES];
    struct timespec time = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
    collect_files(simulator, files);
    if (ppoll(files, FILES, &time, NULL) > 0)
        serve(simulator, files);
}

/* --- the map -------------------------------------------------------------------------------------- */

static int draw_map(void *context, FILE *out, bool color)
{
    return map_print(context, out, color);
}

/* Without a terminal there is nothing to redraw: each phase is printed when it begins. */
static void print_new_phase(struct simulator *simulator)
{
    const struct map *map = &simulator->device.map;
    if (!simulator->options.map || simulator->console.draw != NULL || simulator->drawn == (int)map->phase)
        return;
    simulator->drawn = (int)map->phase;
    char *picture = NULL;
    size_t size;
    FILE *out = open_memstream(&picture, &size);
    if (out == NULL)
        return;
    map_print(map, out, simulator->console.color);
    fclose(out);
    console_text(&simulator->console, CONSOLE_PLAIN, picture);
    free(picture);
}

static int write_svg(const struct options *options)
{
    uint32_t most = options->device.layout->filesystem_start / 3; /* so that both fit side by side */
    uint32_t old = most < SKETCH_OLD ? most : SKETCH_OLD, new = most < SKETCH_NEW ? most : SKETCH_NEW;
    struct map map = {.layout = options->device.layout,
                      .old = {"old sketch", old},
                      .new = {"new sketch", new},
                      .announced = new};
    FILE *out = fopen(options->map_svg, "w");
    if (out != NULL)
        map_print_svg(&map, out);
    if (out == NULL || fclose(out) != 0) {
        fprintf(stderr, "otter-sim: cannot write %s: %s\n", options->map_svg, strerror(errno));
        return EXIT_FILE;
    }
    return EXIT_STOPPED;
}

/* --- the program ---------------------------------------------------------------------------------- */

static bool goes_on(const struct simulator *simulator)
{
    uint64_t enough = simulator->options.exit_after;
    return !simulator->commands.quit && simulator->device.state != DEVICE_FAILED &&
           (enough == 0 || simulator->device.updates < enough);
}

static void run(struct simulator *simulator)
{
    struct pollfd files[FILES];
    device_ask(&simulator->device, DEVICE_SWITCH_ON);
    while (goes_on(simulator)) {
        uint32_t wait = device_step(&simulator->device);
        print_new_phase(simulator);
        if (!goes_on(simulator))
            break;
        collect_files(simulator, files);
        otter_posix_network_wait(&simulator->device.network, wait, files, FILES);
        serve(simulator, files);
    }
}

static bool open_control(struct simulator *simulator)
{
    const char *path = simulator->options.control;
    simulator->commands.device = &simulator->device;
    if (control_open(&simulator->control, path, commands_obey, &simulator->commands))
        return true;
    fprintf(stderr, "otter-sim: cannot make the control socket %s: %s\n", path, strerror(errno));
    return false;
}

/* A picture that is redrawn in place must not be wrapped. */
static bool is_wide(int terminal)
{
    struct winsize size;
    return ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_col >= MAP_COLUMNS;
}

static void open_console(struct simulator *simulator)
{
    const struct options *options = &simulator->options;
    bool terminal = isatty(STDOUT_FILENO);
    bool color = options->color == COLOR_ALWAYS || (options->color == COLOR_AUTO && terminal);
    simulator->console = (struct console){.out = stdout, .prefix = options->name, .color = color};
    if (options->map && terminal && is_wide(STDOUT_FILENO)) {
        simulator->console.draw = draw_map;
        simulator->console.draw_context = &simulator->device.map;
    }
    simulator->drawn = -1;
}

static int result(const struct simulator *simulator)
{
    const char *violation = simulator->device.flash.violation;
    if (violation[0] != '\0') {
        fprintf(stderr, "otter-sim: otter broke a rule of the flash: %s\n", violation);
        return EXIT_BROKEN;
    }
    if (simulator->device.state != DEVICE_FAILED)
        return EXIT_STOPPED;
    if (simulator->device.error == OTTER_ERROR_READ)
        return EXIT_FILE;
    return simulator->device.error == OTTER_ERROR_TRANSPORT ? EXIT_NETWORK : EXIT_USAGE;
}

static int simulate(struct simulator *simulator)
{
    if (simulator->options.qemu && !machine_is_there())
        return EXIT_QEMU;
    if (!programmer_open(&simulator->device.flash, &simulator->options))
        return EXIT_FILE;
    int code = EXIT_NETWORK;
    open_console(simulator);
    if (open_signals(simulator) && open_control(simulator)) {
        device_init(&simulator->device, &simulator->options.device, &simulator->console, idle, simulator);
        run(simulator);
        mdns_stop(&simulator->device);
        code = result(simulator);
        control_close(&simulator->control);
    }
    otter_sim_flash_close(&simulator->device.flash);
    return code;
}

int main(int argc, char *argv[])
{
    static struct simulator simulator;
    int code = options_read(&simulator.options, argc, argv);
    if (code >= 0)
        return code;
    return simulator.options.map_svg != NULL ? write_svg(&simulator.options) : simulate(&simulator);
}
