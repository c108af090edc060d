/* otter upload: the command line. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/command.h"
#include "host/password.h"
#include "host/upload_run.h"

#define TIMEOUT_MS 10000

static const char help[] =
    "Usage: otter upload [OPTION...] DEVICE FILE\n"
    "\n"
    "Updates a device through its web page, as a browser does: the device need not\n"
    "connect back, so that a firewall on this computer does no harm. FILE is a\n"
    "sketch's image (.bin or .bin.gz); it is checked before anything is sent. If\n"
    "FILE.signed stands beside it, that is sent instead. DEVICE is a name, an\n"
    "address or that of the page: kitchen.local, 192.168.1.40:8080,\n"
    "https://kitchen.local/firmware. Without a path it is /update.\n"
    "\n"
    "What to send\n"
    "  -s, --filesystem          FILE is a filesystem's image\n"
    "  -z, --compress            send it compressed (gzip)\n"
    "      --adopt               send it with otter's bootloader in place of the\n"
    "                            Arduino core's: it survives power cuts\n"
    "      --force               send it even if it is not a sound ESP8266 image, or\n"
    "                            the device says that it does not fit\n"
    "\n"
    "User and password: asked for, if the device wants them\n"
    "  -u, --user NAME           \"admin\" if none is given\n"
    "      --password-file FILE  its first line\n"
    "      OTTER_PASSWORD        in the environment\n"
    "  -a, --password PASSWORD   other users may see it for a moment\n"
    "\n"
    "Network\n"
    "      --cacert FILE         certificates to trust in place of the system's\n"
    "  -t, --timeout SECONDS     for the device to answer (10)\n"
    "      --no-wait             do not wait until the device is back\n"
    "\n"
    "Output\n"
    "  -j, --json                a line of JSON for every step\n"
    "  -q, --quiet               only what goes wrong\n"
    "  -h, --help                this page\n"
    "\n"
    "Exit status, as of `otter push`\n"
    "   0  the device is updated, and back; with --no-wait: it took the update\n"
    "   1  this computer could not do it: memory, sockets\n"
    "   2  the command line is wrong\n"
    "   3  FILE can't be read, or is not sound\n"
    "   4  no such device, no answer, no update page, or no certificate to trust\n"
    "   5  the user name or the password is wrong or missing\n"
    "   6  the device refused the update, or FILE does not fit\n"
    "   8  the transfer broke off, its result is not known, or the device is not back\n"
    "   9  the device rejected what it got, or went back to what it ran before\n"
    " 130  interrupted\n"
    "\n"
    "Examples\n"
    "  otter upload kitchen.local firmware.bin\n"
    "  otter upload --user me --password-file ~/.ota http://192.168.1.40/fw new.bin\n"
    "  otter upload --filesystem kitchen.local littlefs.bin\n";

enum { OPTION_FORCE = 256, OPTION_ADOPT, OPTION_PASSWORD_FILE, OPTION_CACERT, OPTION_NO_WAIT };

static const struct option options[] = {
    {"filesystem", no_argument, NULL, 's'},
    {"compress", no_argument, NULL, 'z'},
    {"adopt", no_argument, NULL, OPTION_ADOPT},
    {"force", no_argument, NULL, OPTION_FORCE},
    {"user", required_argument, NULL, 'u'},
    {"password-file", required_argument, NULL, OPTION_PASSWORD_FILE},
    {"password", required_argument, NULL, 'a'},
    {"cacert", required_argument, NULL, OPTION_CACERT},
    {"timeout", required_argument, NULL, 't'},
    {"no-wait", no_argument, NULL, OPTION_NO_WAIT},
    {"json", no_argument, NULL, 'j'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/* A command line being read. */
struct line {
    struct otter_upload_settings settings;
    char *password; /* on the heap */
    bool help;
};

static enum otter_exit take_option(struct line *line, int option)
{
    struct otter_upload_settings *settings = &line->settings;
    switch (option) {
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
    case 'u':
        settings->user = optarg;
        return OTTER_EXIT_OK;
    case OPTION_PASSWORD_FILE:
        return otter_password_replace_by_file(&line->password, optarg);
    case 'a':
        return otter_password_replace(&line->password, optarg);
    case OPTION_CACERT:
        settings->cacert = optarg;
        return OTTER_EXIT_OK;
    case 't':
        return otter_command_seconds(&settings->timeout_ms, "--timeout", optarg);
    case OPTION_NO_WAIT:
        settings->no_wait = true;
        return OTTER_EXIT_OK;
    case 'j':
        settings->style = OTTER_UPLOAD_STYLE_JSON;
        return OTTER_EXIT_OK;
    case 'q':
        settings->style = OTTER_UPLOAD_STYLE_QUIET;
        return OTTER_EXIT_OK;
    case 'h':
        line->help = true;
        return OTTER_EXIT_OK;
    default:
        return otter_command_misused(&otter_command_upload);
    }
}

static enum otter_exit check(struct line *line, int argc, char **argv)
{
    struct otter_upload_settings *settings = &line->settings;
    if (argc != 2)
        return otter_complain(OTTER_EXIT_USAGE, "one DEVICE and one FILE, please: see `otter help upload`");
    settings->url = argv[0];
    settings->file.path = argv[1];
    settings->password = line->password != NULL ? line->password : otter_password_of_environment();
    return otter_push_file_check_settings(&settings->file);
}

static enum otter_exit run(int argc, char **argv)
{
    struct line line = {.settings = {.timeout_ms = TIMEOUT_MS}};
    enum otter_exit status = OTTER_EXIT_OK;
    int option;
    while (status == OTTER_EXIT_OK && !line.help &&
           (option = getopt_long(argc, argv, "szu:a:t:jqh", options, NULL)) != -1)
        status = take_option(&line, option);
    if (status == OTTER_EXIT_OK && line.help) {
        fputs(help, stdout);
    } else if (status == OTTER_EXIT_OK) {
        status = check(&line, argc - optind, argv + optind);
        if (status == OTTER_EXIT_OK)
            status = otter_upload_run(&line.settings);
    }
    otter_password_free(line.password);
    return status;
}

const struct otter_command otter_command_upload = {
    .name = "upload", .summary = "update a device through its web page", .help = help, .run = run};
