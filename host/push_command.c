/* otter push: the command line. */
#include <getopt.h>
#include <stdio.h>

#include "format/push.h"
#include "host/command.h"
#include "host/password.h"
#include "host/push_run.h"

#define TIMEOUT_MS 10000

static const char help[] =
    "Usage: otter push [OPTION...] DEVICE... FILE\n"
    "       otter push [OPTION...] --all[=PATTERN] FILE\n"
    "\n"
    "Updates one or several devices at once over the network, as espota.py does\n"
    "one. FILE is a sketch's image (.bin or .bin.gz); it is checked before anything\n"
    "is sent. If FILE.signed stands beside it, that is sent instead. DEVICE is a\n"
    "name or an address, with :PORT if it listens on another port than the others:\n"
    "kitchen.local, 192.168.1.40, 192.168.1.40:8267, [fe80::1%wlan0]:8266.\n"
    "\n"
    "Which devices\n"
    "      --all                 all that `otter discover` finds\n"
    "      --all=PATTERN         those of them whose name matches, as in a shell\n"
    "  -y, --yes                 without a question before\n"
    "\n"
    "What to send\n"
    "  -s, --filesystem          FILE is a filesystem's image\n"
    "  -z, --compress            send it compressed (gzip): it is faster, and fits\n"
    "                            smaller devices\n"
    "      --adopt               send it with otter's bootloader in place of the\n"
    "                            Arduino core's: it survives power cuts\n"
    "      --force               send it even if it is not a sound ESP8266 image\n"
    "\n"
    "Password: one of these; otherwise it is asked for, if a device wants one\n"
    "      --password-file FILE  its first line\n"
    "      OTTER_PASSWORD        in the environment\n"
    "  -a, --password PASSWORD   other users may see it for a moment\n"
    "  -m, --md5-target          ESP32: the device holds an MD5 of the password\n"
    "                            (otherwise that is found out)\n"
    "\n"
    "Network\n"
    "  -p, --port PORT           UDP port of the devices (8266; an ESP32 has 3232)\n"
    "  -P, --host-port PORT      TCP port to which the device connects, for firewalls\n"
    "                            (any of 10000 to 60000); several devices take\n"
    "                            PORT, PORT + 1, ...\n"
    "  -I, --host-ip ADDRESS     local address to use (any)\n"
    "  -t, --timeout SECONDS     for a device to answer, and then to connect (10)\n"
    "\n"
    "Output\n"
    "  -j, --json                a line of JSON for every step\n"
    "  -q, --quiet               only what goes wrong\n"
    "  -v, --verbose             every message\n"
    "  -h, --help                this page\n"
    "\n"
    "Exit status\n"
    "   0  every device is updated\n"
    "   1  this computer could not do it: memory, sockets\n"
    "   2  the command line is wrong\n"
    "   3  FILE can't be read, or is not sound\n"
    "   4  no such device, or no answer from it\n"
    "   5  the password is wrong or missing\n"
    "   6  the device refused the update, e.g. for lack of space\n"
    "   7  the device agreed, but could not connect back (firewall? see otter upload)\n"
    "   8  the transfer broke off, or its result is not known\n"
    "   9  the device rejected what it got\n"
    "  10  several devices failed, for different reasons\n"
    " 130  interrupted\n"
    "\n"
    "Examples\n"
    "  otter push kitchen.local firmware.bin\n"
    "  otter push --password-file ~/.ota kitchen.local porch.local firmware.bin\n"
    "  otter push --adopt kitchen.local firmware.bin\n"
    "  otter push --filesystem kitchen.local littlefs.bin\n"
    "  otter push --all='garden-*' --yes firmware.bin\n"
    "  otter push --port 3232 esp32.local firmware.bin\n"
    "\n"
    "Linked to the name espota or espota.py, otter takes the options of that script.\n";

enum { OPTION_FORCE = 256, OPTION_ADOPT, OPTION_ALL, OPTION_PASSWORD_FILE };

static const struct option options[] = {
    {"all", optional_argument, NULL, OPTION_ALL},
    {"yes", no_argument, NULL, 'y'},
    {"filesystem", no_argument, NULL, 's'},
    {"compress", no_argument, NULL, 'z'},
    {"adopt", no_argument, NULL, OPTION_ADOPT},
    {"force", no_argument, NULL, OPTION_FORCE},
    {"password-file", required_argument, NULL, OPTION_PASSWORD_FILE},
    {"password", required_argument, NULL, 'a'},
    {"md5-target", no_argument, NULL, 'm'},
    {"port", required_argument, NULL, 'p'},
    {"host-port", required_argument, NULL, 'P'},
    {"host-ip", required_argument, NULL, 'I'},
    {"timeout", required_argument, NULL, 't'},
    {"json", no_argument, NULL, 'j'},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/* A command line being read. */
struct line {
    struct otter_push_settings settings;
    char *password; /* on the heap */
    bool help;
};

static enum otter_exit misuse(void)
{
    return otter_command_misused(&otter_command_push);
}

static enum otter_exit take_option(struct line *line, int option)
{
    struct otter_push_settings *settings = &line->settings;
    switch (option) {
    case OPTION_ALL:
        settings->all = true;
        settings->pattern = optarg;
        return OTTER_EXIT_OK;
    case 'y':
        settings->yes = true;
        return OTTER_EXIT_OK;
    case 's':
        settings->file.filesystem = true;
        return OTTER_EXIT_OK;
    case 'z':
        settings->file.compress = true;
        return OTTER_EXIT_OK;
    case OPTION_ADOPT:
        settings->file.adopt = true;
        return OTTER_EXIT_OK;
    case OPTION_FORCE:
        settings->file.check = OTTER_PUSH_CHECK_NONE;
        return OTTER_EXIT_OK;
    case OPTION_PASSWORD_FILE:
        return otter_password_replace_by_file(&line->password, optarg);
    case 'a':
        return otter_password_replace(&line->password, optarg);
    case 'm':
        settings->md5_target = true;
        return OTTER_EXIT_OK;
    case 'p':
        return otter_command_port(&settings->port, "--port", optarg);
    case 'P':
        return otter_command_port(&settings->host_port, "--host-port", optarg);
    case 'I':
        settings->host_ip = optarg;
        return OTTER_EXIT_OK;
    case 't':
        return otter_command_seconds(&settings->timeout_ms, "--timeout", optarg);
    case 'j':
        settings->style = OTTER_PUSH_STYLE_JSON;
        return OTTER_EXIT_OK;
    case 'q':
        settings->style = OTTER_PUSH_STYLE_QUIET;
        return OTTER_EXIT_OK;
    case 'v':
        settings->verbose = true;
        return OTTER_EXIT_OK;
    case 'h':
        line->help = true;
        return OTTER_EXIT_OK;
    default:
        return misuse();
    }
}

static enum otter_exit check(struct line *line, int argc, char **argv)
{
    struct otter_push_settings *settings = &line->settings;
    if (argc < 2 && !settings->all)
        return otter_complain(OTTER_EXIT_USAGE, "which DEVICE and which FILE? See `otter help push`");
    if (argc != 1 && settings->all)
        return otter_complain(OTTER_EXIT_USAGE,
                              "--all takes a FILE and no DEVICE; a pattern is --all=PATTERN");
    settings->devices = argv;
    settings->device_count = (size_t)argc - 1;
    settings->file.path = argv[argc - 1];
    if (settings->verbose && settings->style == OTTER_PUSH_STYLE_AUTO)
        settings->style = OTTER_PUSH_STYLE_PLAIN;
    settings->password = line->password != NULL ? line->password : otter_password_of_environment();
    return otter_push_file_check_settings(&settings->file);
}

static enum otter_exit run(int argc, char **argv)
{
    struct line line = {.settings = {.port = OTTER_PUSH_PORT_ESP8266, .timeout_ms = TIMEOUT_MS}};
    enum otter_exit status = OTTER_EXIT_OK;
    int option;
    while (status == OTTER_EXIT_OK && !line.help &&
           (option = getopt_long(argc, argv, "ysza:mp:P:I:t:jqvh", options, NULL)) != -1)
        status = take_option(&line, option);
    if (status == OTTER_EXIT_OK && line.help) {
        fputs(help, stdout);
    } else if (status == OTTER_EXIT_OK) {
        status = check(&line, argc - optind, argv + optind);
        if (status == OTTER_EXIT_OK)
            status = otter_push_run(&line.settings);
    }
    otter_password_free(line.password);
    return status;
}

const struct otter_command otter_command_push = {
    .name = "push", .summary = "update devices over the network", .help = help, .run = run};
