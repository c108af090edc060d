/* otter espota: the command line of espota.py, both generations. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/push.h"
#include "host/command.h"
#include "host/password.h"
#include "host/push_run.h"

#define TIMEOUT_MS 10000

static const char help[] = "Usage: espota.py -i ADDRESS -f FILE [OPTION...]\n"
                           "       otter espota -i ADDRESS -f FILE [OPTION...]\n"
                           "\n"
                           "Updates a device as the script espota.py of the ESP8266 and ESP32 Arduino cores\n"
                           "does, with its options, its words on the screen and its exit status, for tools\n"
                           "that call it.\n"
                           "\n"
                           "  -i, --ip ADDRESS       name or address of the device\n"
                           "  -I, --host_ip ADDRESS  local address to use (0.0.0.0: any)\n"
                           "  -p, --port PORT        UDP port of the device (8266; an ESP32 has 3232)\n"
                           "  -P, --host_port PORT   TCP port to which the device connects\n"
                           "                         (any of 10000 to 60000)\n"
                           "  -a, --auth PASSWORD    the device's password\n"
                           "  -m, --md5-target       the device holds an MD5 of the password\n"
                           "  -f, --file FILE        what to send; FILE.signed goes first\n"
                           "  -s, --spiffs           FILE is a filesystem's image\n"
                           "  -t, --timeout SECONDS  for the device to answer, and then to connect (10)\n"
                           "  -d, --debug            every message\n"
                           "  -r, --progress         a bar instead of dots\n"
                           "  -h, --help             this page\n"
                           "\n"
                           "Exit status: 0 updated, 1 anything else. `otter push` can do and says more.\n"
                           "\n"
                           "Example, for a tool that wants the script\n"
                           "  ln -s $(command -v otter) espota.py\n";

static const struct option options[] = {
    {"ip", required_argument, NULL, 'i'},
    {"host_ip", required_argument, NULL, 'I'},
    {"port", required_argument, NULL, 'p'},
    {"host_port", required_argument, NULL, 'P'},
    {"auth", required_argument, NULL, 'a'},
    {"md5-target", no_argument, NULL, 'm'},
    {"file", required_argument, NULL, 'f'},
    {"spiffs", no_argument, NULL, 's'},
    {"timeout", required_argument, NULL, 't'},
    {"debug", no_argument, NULL, 'd'},
    {"progress", no_argument, NULL, 'r'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct line {
    struct otter_push_settings settings;
    char *device;
    char *password; /* on the heap */
    bool help;
};

static enum otter_exit take_option(struct line *line, int option)
{
    struct otter_push_settings *settings = &line->settings;
    switch (option) {
    case 'i':
        line->device = optarg;
        return OTTER_EXIT_OK;
    case 'I':
        settings->host_ip = strcmp(optarg, "0.0.0.0") != 0 ? optarg : NULL;
        return OTTER_EXIT_OK;
    case 'p':
        return otter_command_port(&settings->port, "--port", optarg);
    case 'P':
        return otter_command_port(&settings->host_port, "--host_port", optarg);
    case 'a':
        return otter_password_replace(&line->password, optarg);
    case 'm':
        settings->md5_target = true;
        return OTTER_EXIT_OK;
    case 'f':
        settings->file.path = optarg;
        return OTTER_EXIT_OK;
    case 's':
        settings->file.filesystem = true;
        return OTTER_EXIT_OK;
    case 't':
        return otter_command_seconds(&settings->timeout_ms, "--timeout", optarg);
    case 'd':
        settings->verbose = true;
        return OTTER_EXIT_OK;
    case 'r':
        settings->style = OTTER_PUSH_STYLE_ESPOTA_BAR;
        return OTTER_EXIT_OK;
    case 'h':
        line->help = true;
        return OTTER_EXIT_OK;
    default:
        return otter_command_misused(&otter_command_espota);
    }
}

static enum otter_exit push(struct line *line)
{
    if (line->device == NULL || line->settings.file.path == NULL)
        return otter_complain(OTTER_EXIT_USAGE, "espota needs --ip and --file; see `otter help espota`");
    line->settings.devices = &line->device;
    line->settings.device_count = 1;
    line->settings.password = line->password != NULL ? line->password : "";
    return otter_push_run(&line->settings);
}

static enum otter_exit run(int argc, char **argv)
{
    struct line line = {.settings = {.port = OTTER_PUSH_PORT_ESP8266,
                                     .timeout_ms = TIMEOUT_MS,
                                     .style = OTTER_PUSH_STYLE_ESPOTA_DOTS,
                                     .file.check = OTTER_PUSH_CHECK_WARN}};
    enum otter_exit status = OTTER_EXIT_OK;
    int option;
    while (status == OTTER_EXIT_OK && !line.help &&
           (option = getopt_long(argc, argv, "i:I:p:P:a:mf:st:drh", options, NULL)) != -1)
        status = take_option(&line, option);
    if (status == OTTER_EXIT_OK && line.help)
        fputs(help, stdout);
    else if (status == OTTER_EXIT_OK)
        status = push(&line);
    otter_password_free(line.password);
    return status == OTTER_EXIT_OK ? OTTER_EXIT_OK : OTTER_EXIT_FAILURE;
}

const struct otter_command otter_command_espota = {
    .name = "espota", .summary = "push, with the command line of espota.py", .help = help, .run = run};
