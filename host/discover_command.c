/* otter discover: the command line. */
#include <getopt.h>
#include <stdio.h>

#include "host/command.h"
#include "host/discover_run.h"

static const char help[] = "Usage: otter discover [OPTION...] [PATTERN]\n"
                           "\n"
                           "Lists the devices of the local network that announce themselves (mDNS,\n"
                           "_arduino._tcp): name, address, port, board, whether they want a password, and\n"
                           "what they run where they tell. With PATTERN, those whose name matches it, as\n"
                           "in a shell. It needs no other program, and gets along with an Avahi daemon.\n"
                           "\n"
                           "  -w, --watch            go on, and show devices come and go; Ctrl-C stops it\n"
                           "  -t, --timeout SECONDS  how long to listen (3; with --watch, for ever)\n"
                           "  -j, --json             a line of JSON for every device; its \"event\" is\n"
                           "                         \"found\", \"changed\" or \"lost\"\n"
                           "  -h, --help             this page\n"
                           "\n"
                           "Exit status\n"
                           "   0  a device was found\n"
                           "   1  this computer could not do it: memory, sockets\n"
                           "   2  the command line is wrong\n"
                           "   4  no device answered\n"
                           "\n"
                           "Examples\n"
                           "  otter discover\n"
                           "  otter discover --watch 'garden-*'\n"
                           "  otter discover --json | jq -r .address\n"
                           "\n"
                           "`otter push NAME.local FILE` updates one of them, `otter push --all FILE` all.\n";

static const struct option options[] = {
    {"watch", no_argument, NULL, 'w'},
    {"timeout", required_argument, NULL, 't'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static enum otter_exit take_option(struct otter_discover_settings *settings, int option)
{
    switch (option) {
    case 'w':
        settings->watch = true;
        return OTTER_EXIT_OK;
    case 't':
        return otter_command_seconds(&settings->timeout_ms, "--timeout", optarg);
    case 'j':
        settings->json = true;
        return OTTER_EXIT_OK;
    default:
        return otter_command_misused(&otter_command_discover);
    }
}

static enum otter_exit run(int argc, char **argv)
{
    struct otter_discover_settings settings = {0};
    int option;
    while ((option = getopt_long(argc, argv, "wt:jh", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return OTTER_EXIT_OK;
        }
        enum otter_exit status = take_option(&settings, option);
        if (status != OTTER_EXIT_OK)
            return status;
    }
    if (argc - optind > 1)
        return otter_complain(OTTER_EXIT_USAGE, "one PATTERN is enough; quote it, or the shell replaces it");
    settings.pattern = optind < argc ? argv[optind] : NULL;
    return otter_discover_run(&settings);
}

const struct otter_command otter_command_discover = {
    .name = "discover", .summary = "list the devices of the local network", .help = help, .run = run};
