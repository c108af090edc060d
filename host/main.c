/* otter: updates devices over the air. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "host/command.h"

static const struct otter_command *const commands[] = {
    &otter_command_discover,    &otter_command_push,        &otter_command_upload,
    &otter_command_espota,      &otter_command_image_info,  &otter_command_image_make,
    &otter_command_image_adopt, &otter_command_image_flash,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static enum otter_exit print_overview(FILE *out)
{
    fputs("otter updates ESP8266 and ESP32 devices over the air.\n\nUsage: otter COMMAND [ARGUMENT...]\n\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-12s  %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n`otter help COMMAND` explains a command, `otter --version` says which otter this is.\n", out);
    return OTTER_EXIT_OK;
}

/* How many words of ARGV name COMMAND: 0 if they name another one. */
static int words_matched(const struct otter_command *command, int argc, char **argv)
{
    const char *name = command->name;
    for (int words = 0; words < argc; words++) {
        size_t length = strlen(argv[words]);
        if (length == 0 || strncmp(name, argv[words], length) != 0)
            return 0;
        name += length;
        if (*name == '\0')
            return words + 1;
        if (*name++ != ' ')
            return 0;
    }
    return 0;
}

/* Prints the page of the command that ARGV names, or of all whose name begins so. */
static enum otter_exit print_help(int argc, char **argv)
{
    if (argc == 0)
        return print_overview(stdout);
    size_t length = strlen(argv[0]);
    unsigned printed = 0;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const char *name = commands[i]->name;
        bool group = argc == 1 && strncmp(name, argv[0], length) == 0 && name[length] == ' ';
        if (group || words_matched(commands[i], argc, argv) == argc)
            printf("%s%s", printed++ > 0 ? "\n" : "", commands[i]->help);
    }
    if (printed == 0)
        return otter_complain(OTTER_EXIT_USAGE, "no command `%s`; see `otter help`", argv[0]);
    return OTTER_EXIT_OK;
}

static enum otter_exit run_command(int argc, char **argv)
{
    static char program[] = "otter"; /* what getopt's complaints begin with */
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        int words = words_matched(commands[i], argc, argv);
        if (words == 0)
            continue;
        argv[words - 1] = program;
        return commands[i]->run(argc - words + 1, argv + words - 1);
    }
    return otter_complain(OTTER_EXIT_USAGE, "no command `%s%s%s`; see `otter help`", argv[0],
                          argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
}

/* Called by the name of the script that it replaces (a link), otter behaves like it. */
static bool is_espota(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    return strcmp(name, "espota") == 0 || strcmp(name, "espota.py") == 0;
}

int main(int argc, char **argv)
{
    if (argc > 0 && is_espota(argv[0]))
        return otter_command_espota.run(argc, argv);
    if (argc < 2) {
        print_overview(stderr);
        return OTTER_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("otter " OTTER_VERSION);
        return OTTER_EXIT_OK;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return print_help(argc - 2, argv + 2);
    return run_command(argc - 1, argv + 1);
}
