#include "sim/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/text.h"
#include "ports/posix/address.h"

#define WINDOW_MIN 1152u /* bytes; Linux narrows no window further */
#define WINDOW_MAX 1048576u
#define BOARD_MAX  64u /* characters */

static const char help[] =
    "usage: otter-sim --flash FILE [OPTION ...]\n"
    "\n"
    "A virtual ESP8266: it takes updates over the air, restarts through the\n"
    "bootloader, and keeps its flash in FILE. What it says is its serial console.\n"
    "\n"
    "Flash\n"
    "  --flash FILE          the flash; made, erased, if there is none\n"
    "  --layout NAME         how it is divided: 4m1m (default), 1m64, 4m2m, ...\n"
    "  --image FILE          firmware written at 0 when the flash is new\n"
    "  --filesystem FILE     the same for the filesystem\n"
    "  --flash-mode MODE     qio, qout, dio, dout; default: that of the firmware\n"
    "  --timing real|none    flash takes the time of a W25Q32, or none (default)\n"
    "  --any-bootloader      take images that would replace otter's bootloader\n"
    "  --no-confirm          do not confirm a firmware on trial: it is taken back\n"
    "                        when its starts are used up\n"
    "  --qemu                at each start, run bootloader and firmware as the\n"
    "                        machine code that they are, on an LX106 that QEMU\n"
    "                        emulates; then take updates as without it\n"
    "\n"
    "Network\n"
    "  --bind ADDRESS        where to listen: 127.0.0.1 (default), ::1, * for all\n"
    "  --port N              UDP port for invitations: 8266 (default), 0 for any free\n"
    "  --hostname NAME       default: esp8266- and the end of the MAC address\n"
    "  --mdns                announce it as HOSTNAME.local to programs that look for\n"
    "                        devices, where it listens\n"
    "  --board ID            what it says it is: ESP8266_GENERIC (default)\n"
    "  --mac ADDRESS         5C:CF:7F:01:02:03; default: made from the flash's name\n"
    "  --window BYTES        TCP receive window, 5840 for that of an ESP8266\n"
    "\n"
    "Who may update\n"
    "  --password WORD       (others on this machine see it in ps)\n"
    "  --password-file FILE  its first line\n"
    "  --password-hash HEX   MD5 (32 digits) or SHA-256 (64) of the password\n"
    "  --era md5|sha256      the authentication it asks for; default: md5, but sha256\n"
    "                        with such a hash\n"
    "\n"
    "Other ways in\n"
    "  --web-port N          TCP port of the update page; 0 (default): any free one\n"
    "  --web-user NAME       who may use it, once there is a password: admin (default)\n"
    "  --web-password WORD   default: that of pushes; the page is not served if of\n"
    "                        that only a hash is known\n"
    "  --web-digest          ask for it by Digest, not Basic\n"
    "  --serial              take updates from a pseudo-terminal, whose name is\n"
    "                        printed: a line with the size in bytes (a space and the\n"
    "                        MD5 may follow), then the image\n"
    "  --update-from FILE    take one update from FILE, as if from an SD card\n"
    "  --pull URL            ask this web server for an update, at each start that\n"
    "                        follows no update\n"
    "  --pull-every SECONDS  at intervals instead, and less often while that fails\n"
    "  --pull-follow         follow redirections\n"
    "  --ca FILE             https: trust a server if an authority of this PEM file\n"
    "                        signed its certificate, which has to be for its name;\n"
    "  --pin HEX             or if it has the public key with this SHA-256 (of the\n"
    "                        SubjectPublicKeyInfo, 64 hex digits);\n"
    "  --fingerprint HEX     or if it has the certificate with this SHA-256\n"
    "  --read-timeout MS     how long whatever brings an update may be silent: 60000\n"
    "\n"
    "Console and control\n"
    "  --map                 draw the flash: sketches, filesystem, settings\n"
    "  --map-svg FILE        draw one update of the layout as SVG, and stop\n"
    "  --name NAME           begin every line with NAME, for several side by side\n"
    "  --color WHEN          auto (default), always, never\n"
    "  --control SOCKET      take commands there, one a line, and answer each:\n"
    "                          status        one line of JSON\n"
    "                          cut           power fails now and comes back\n"
    "                          cut-at N HOW  power fails at the Nth flash operation\n"
    "                                        from now: not-started, landed,\n"
    "                                        torn-prefix, torn-random, half-erased\n"
    "                          off, on, reset, quit\n"
    "                          pull [URL]    pull a sketch, from there or from where\n"
    "                                        --pull says,\n"
    "                          pull-filesystem [URL], check [URL]\n"
    "  --seed N              of what power cuts leave behind; default: 1\n"
    "  --exit-after N        stop once N updates run\n"
    "  --help, --version\n"
    "\n"
    "Signals: USR1 cuts the power, TERM and INT stop the device.\n"
    "Exit codes: 0 stopped as asked, 1 otter broke a rule of the flash, 2 wrong\n"
    "command line, 3 a file is unusable, 4 an address, port or socket is not to be\n"
    "had, 5 --qemu without QEMU.\n"
    "\n"
    "Examples\n"
    "  otter-sim --flash lamp.bin --image lamp-1.0.bin --password-file secret --map\n"
    "  otter-sim --flash a.bin --port 0 --name a --timing real --window 5840\n"
    "  otter-sim --flash b.bin --layout 1m64 --control b.sock\n"
    "  otter-sim --flash c.bin --pull http://updates.example/lamp.bin --pull-every 600\n"
    "  otter-sim --flash d.bin --pull https://updates.example/lamp.bin \\\n"
    "            --ca /etc/ssl/certs/ISRG_Root_X1.pem\n"
    "  { stat -c %s new.bin; cat new.bin; } > /dev/pts/5   (with --serial)\n"
    "  echo 'cut-at 100 torn-random' | nc -NU b.sock\n";

/* Says what is wrong and what helps. False, so that a reader can return it. */
__attribute__((format(printf, 1, 2))) static bool complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("otter-sim: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return false;
}

/* --- values -------------------------------------------------------------------------------------- */

static bool read_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least || value > most)
        return complain("--%s takes a number from %llu to %llu, not \"%s\"", option,
                        (unsigned long long)least, (unsigned long long)most, text);
    *number = value;
    return true;
}

/* The index of TEXT among WORDS, which a NULL ends. */
static bool read_word(const char *option, const char *text, const char *const words[], int *index)
{
    for (*index = 0; words[*index] != NULL; ++*index)
        if (strcmp(words[*index], text) == 0)
            return true;
    fprintf(stderr, "otter-sim: --%s takes one of", option);
    for (size_t i = 0; words[i] != NULL; i++)
        fprintf(stderr, " %s", words[i]);
    fprintf(stderr, ", not \"%s\"\n", text);
    return false;
}

static bool read_layout(const char *text, const struct otter_layout **layout)
{
    *layout = otter_layout_find(text);
    if (*layout != NULL)
        return true;
    fprintf(stderr, "otter-sim: there is no layout \"%s\"; there are", text);
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++)
        fprintf(stderr, " %s", otter_layout_get(i)->name);
    fputc('\n', stderr);
    return false;
}

static bool read_mac(const char *text, uint8_t mac[6])
{
    bool right = strlen(text) == 17;
    for (size_t i = 0; right && i < 6; i++)
        right = otter_hex_is(text + 3 * i, 2) && (i == 5 || text[3 * i + 2] == ':');
    if (!right)
        return complain("--mac takes an address like 5C:CF:7F:01:02:03, not \"%s\"", text);
    for (size_t i = 0; i < 6; i++)
        mac[i] = (uint8_t)(otter_hex_value(text[3 * i]) << 4 | otter_hex_value(text[3 * i + 1]));
    return true;
}

static bool read_password_file(struct options *options, const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return complain("cannot read the password from %s: %s", path, strerror(errno));
    bool read = fgets(options->password, sizeof options->password, file) != NULL;
    fclose(file);
    options->password[strcspn(options->password, "\r\n")] = '\0';
    if (!read || options->password[0] == '\0')
        return complain("the first line of %s is empty: no password there", path);
    options->device.password = options->password;
    return true;
}

/* --- options ------------------------------------------------------------------------------------- */

static bool take_any_bootloader(struct options *options, const char *value)
{
    (void)value;
    options->device.any_bootloader = true;
    return true;
}

static bool take_bind(struct options *options, const char *value)
{
    if (otter_posix_address_parse(&options->device.local, value))
        return true;
    return complain("--bind takes a numeric IPv4 or IPv6 address of this machine, or * for all, not \"%s\"",
                    value);
}

/* One of --ca, --pin and --fingerprint. */
static bool take_trust(struct options *options, bool trusted, const char *wants, const char *value)
{
    if (options->trusts++ > 0)
        return complain("--ca, --pin and --fingerprint go without each other: one of them is to decide");
    return trusted || complain("%s, not \"%s\"", wants, value);
}

static bool take_ca(struct options *options, const char *value)
{
    return take_trust(
        options, tls_trust_file(&options->tls, value),
        "--ca takes a PEM file of at most 16 certificates with keys of RSA, P-256, P-384 or P-521", value);
}

static bool take_fingerprint(struct options *options, const char *value)
{
    return take_trust(options, otter_tls_trust_fingerprint(&options->tls.connection, value) == OTTER_OK,
                      "--fingerprint takes the SHA-256 of a certificate, 64 hex digits", value);
}

static bool take_pin(struct options *options, const char *value)
{
    return take_trust(options, otter_tls_trust_key(&options->tls.connection, value) == OTTER_OK,
                      "--pin takes the SHA-256 of a public key, 64 hex digits", value);
}

static bool take_color(struct options *options, const char *value)
{
    static const char *const words[] = {"auto", "always", "never", NULL};
    return read_word("color", value, words, &options->color);
}

static bool take_control(struct options *options, const char *value)
{
    options->control = value;
    return true;
}

static bool take_era(struct options *options, const char *value)
{
    static const char *const words[] = {"md5", "sha256", NULL};
    return read_word("era", value, words, &options->era);
}

static bool take_exit_after(struct options *options, const char *value)
{
    return read_number("exit-after", value, 1, UINT32_MAX, &options->exit_after);
}

static bool take_filesystem(struct options *options, const char *value)
{
    options->filesystem = value;
    return true;
}

static bool take_flash(struct options *options, const char *value)
{
    options->flash = value;
    return true;
}

static bool take_flash_mode(struct options *options, const char *value)
{
    static const char *const words[] = {"qio", "qout", "dio", "dout", NULL};
    return read_word("flash-mode", value, words, &options->device.flash_mode);
}

static bool take_hostname(struct options *options, const char *value)
{
    options->device.hostname = value;
    return true;
}

static bool take_image(struct options *options, const char *value)
{
    options->image = value;
    return true;
}

static bool take_layout(struct options *options, const char *value)
{
    return read_layout(value, &options->device.layout);
}

static bool take_mac(struct options *options, const char *value)
{
    options->mac = true;
    return read_mac(value, options->device.mac);
}

static bool take_map(struct options *options, const char *value)
{
    (void)value;
    options->map = true;
    return true;
}

static bool take_map_svg(struct options *options, const char *value)
{
    options->map_svg = value;
    return true;
}

static bool take_board(struct options *options, const char *value)
{
    options->device.board = value;
    return strlen(value) <= BOARD_MAX ||
           complain("--board takes at most %u characters, not \"%s\"", BOARD_MAX, value);
}

static bool take_mdns(struct options *options, const char *value)
{
    (void)value;
    options->device.mdns = true;
    return true;
}

static bool take_name(struct options *options, const char *value)
{
    options->name = value;
    return true;
}

static bool take_no_confirm(struct options *options, const char *value)
{
    (void)value;
    options->device.no_confirm = true;
    return true;
}

static bool take_password(struct options *options, const char *value)
{
    options->device.password = value;
    return true;
}

static bool take_password_hash(struct options *options, const char *value)
{
    options->device.password_hash = value;
    return true;
}

static bool take_port(struct options *options, const char *value)
{
    uint64_t port = 0;
    bool right = read_number("port", value, 0, UINT16_MAX, &port);
    options->port = (uint16_t)port;
    return right;
}

static bool take_pull(struct options *options, const char *value)
{
    struct otter_url url;
    options->device.pull_url = value;
    return otter_url_parse(&url, value) == OTTER_OK ||
           complain(
               "--pull takes a URL of http or https, of at most %u characters behind the host's name, not "
               "\"%s\"",
               OTTER_URL_SIZE - 8, value);
}

static bool take_pull_every(struct options *options, const char *value)
{
    uint64_t seconds = 0;
    bool right = read_number("pull-every", value, 1, OTTER_PULL_INTERVAL_MAX, &seconds);
    options->device.pull_every_s = (uint32_t)seconds;
    return right;
}

static bool take_pull_follow(struct options *options, const char *value)
{
    (void)value;
    options->device.pull_follow = true;
    return true;
}

static bool take_qemu(struct options *options, const char *value)
{
    (void)value;
    options->qemu = true;
    return true;
}

static bool take_read_timeout(struct options *options, const char *value)
{
    uint64_t timeout = 0;
    bool right = read_number("read-timeout", value, 1, UINT32_MAX, &timeout);
    options->device.read_timeout_ms = (uint32_t)timeout;
    return right;
}

static bool take_seed(struct options *options, const char *value)
{
    return read_number("seed", value, 0, UINT64_MAX, &options->device.seed);
}

static bool take_serial(struct options *options, const char *value)
{
    (void)value;
    options->device.serial = true;
    return true;
}

static bool take_timing(struct options *options, const char *value)
{
    static const char *const words[] = {"none", "real", NULL};
    int real = 0;
    bool right = read_word("timing", value, words, &real);
    options->device.real_time = real;
    return right;
}

static bool take_update_from(struct options *options, const char *value)
{
    options->device.update_file = value;
    return true;
}

static bool take_web_digest(struct options *options, const char *value)
{
    (void)value;
    options->device.web_digest = true;
    return true;
}

static bool take_web_password(struct options *options, const char *value)
{
    options->device.web_password = value;
    return true;
}

static bool take_web_port(struct options *options, const char *value)
{
    uint64_t port = 0;
    bool right = read_number("web-port", value, 0, UINT16_MAX, &port);
    options->device.web_port = (uint16_t)port;
    return right;
}

static bool take_web_user(struct options *options, const char *value)
{
    options->device.web_user = value;
    return true;
}

static bool take_window(struct options *options, const char *value)
{
    uint64_t window = 0;
    bool right = read_number("window", value, WINDOW_MIN, WINDOW_MAX, &window);
    options->device.window = (uint32_t)window;
    return right;
}

static const struct entry {
    const char *name;
    int argument;
    bool (*take)(struct options *options, const char *value);
} entries[] = {
    {"any-bootloader", no_argument, take_any_bootloader},
    {"bind", required_argument, take_bind},
    {"board", required_argument, take_board},
    {"ca", required_argument, take_ca},
    {"color", required_argument, take_color},
    {"control", required_argument, take_control},
    {"era", required_argument, take_era},
    {"exit-after", required_argument, take_exit_after},
    {"filesystem", required_argument, take_filesystem},
    {"fingerprint", required_argument, take_fingerprint},
    {"flash", required_argument, take_flash},
    {"flash-mode", required_argument, take_flash_mode},
    {"hostname", required_argument, take_hostname},
    {"image", required_argument, take_image},
    {"layout", required_argument, take_layout},
    {"mac", required_argument, take_mac},
    {"map", no_argument, take_map},
    {"map-svg", required_argument, take_map_svg},
    {"mdns", no_argument, take_mdns},
    {"name", required_argument, take_name},
    {"no-confirm", no_argument, take_no_confirm},
    {"password", required_argument, take_password},
    {"password-file", required_argument, read_password_file},
    {"password-hash", required_argument, take_password_hash},
    {"pin", required_argument, take_pin},
    {"port", required_argument, take_port},
    {"pull", required_argument, take_pull},
    {"pull-every", required_argument, take_pull_every},
    {"pull-follow", no_argument, take_pull_follow},
    {"qemu", no_argument, take_qemu},
    {"read-timeout", required_argument, take_read_timeout},
    {"seed", required_argument, take_seed},
    {"serial", no_argument, take_serial},
    {"timing", required_argument, take_timing},
    {"update-from", required_argument, take_update_from},
    {"web-digest", no_argument, take_web_digest},
    {"web-password", required_argument, take_web_password},
    {"web-port", required_argument, take_web_port},
    {"web-user", required_argument, take_web_user},
    {"window", required_argument, take_window},
};

#define ENTRIES (int)(sizeof entries / sizeof entries[0])

enum { CODE_WRONG = '?', CODE_HELP = 256, CODE_VERSION };

/* The table as getopt_long() wants it: an entry's code is its index. */
static int next_option(int argc, char *argv[])
{
    struct option known[ENTRIES + 3] = {
        [ENTRIES] = {"help", no_argument, NULL, CODE_HELP},
        [ENTRIES + 1] = {"version", no_argument, NULL, CODE_VERSION},
    };
    for (int i = 0; i < ENTRIES; i++)
        known[i] = (struct option){entries[i].name, entries[i].argument, NULL, i};
    return getopt_long(argc, argv, "", known, NULL);
}

static int say(const char *text)
{
    fputs(text, stdout);
    return EXIT_STOPPED;
}

/* --- defaults ------------------------------------------------------------------------------------ */

static void choose_mac(struct options *options)
{
    static const uint8_t maker[3] = {0x5C, 0xCF, 0x7F}; /* Espressif */
    char path[PATH_MAX];
    uint32_t hash = 2166136261u; /* FNV-1a */
    const char *name = realpath(options->flash, path) != NULL ? path : options->flash;
    for (; *name != '\0'; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    memcpy(options->device.mac, maker, sizeof maker);
    for (size_t i = 0; i < 3; i++)
        options->device.mac[3 + i] = (uint8_t)(hash >> (8 * i));
}

static void choose_hostname(struct options *options)
{
    const uint8_t *mac = options->device.mac;
    snprintf(options->hostname, sizeof options->hostname, "esp8266-%02x%02x%02x", mac[3], mac[4], mac[5]);
    options->device.hostname = options->hostname;
}

static enum otter_push_era choose_era(const struct options *options)
{
    const char *hash = options->device.password_hash;
    if (options->era >= 0)
        return (enum otter_push_era)options->era;
    return hash != NULL && strlen(hash) == OTTER_PUSH_SHA256_DIGITS ? OTTER_PUSH_ERA_SHA256
                                                                    : OTTER_PUSH_ERA_MD5;
}

/* Who may push may use the page, and nobody else. */
static void choose_web(struct device_settings *device)
{
    if (device->web_password == NULL)
        device->web_password = device->password;
    if (device->web_user == NULL)
        device->web_user = "admin";
    device->web = device->web_password != NULL || device->password_hash == NULL;
}

static bool pulls_securely(const struct options *options)
{
    struct otter_url url;
    return options->device.pull_url != NULL && otter_url_parse(&url, options->device.pull_url) == OTTER_OK &&
           url.secure;
}

static bool complete(struct options *options)
{
    if (options->map_svg != NULL)
        return true;
    if (options->flash == NULL)
        return complain(
            "--flash FILE is missing: the device's flash, made if there is none (--help tells more)");
    options->device.local.port = options->port;
    options->device.emulated = options->qemu ? options->flash : NULL;
    options->device.era = choose_era(options);
    choose_web(&options->device);
    if (options->device.pull_every_s > 0 && options->device.pull_url == NULL)
        return complain("--pull-every needs --pull URL: where to ask");
    if (pulls_securely(options) && options->trusts == 0)
        return complain("--pull %s needs --ca, --pin or --fingerprint: whom to trust",
                        options->device.pull_url);
    if (!options->mac)
        choose_mac(options);
    if (options->device.hostname == NULL)
        choose_hostname(options);
    return true;
}

int options_read(struct options *options, int argc, char *argv[])
{
    *options = (struct options){
        .port = OTTER_PUSH_PORT_ESP8266,
        .era = -1,
        .device = {.layout = otter_layout_find("4m1m"),
                   .flash_mode = -1,
                   .board = "ESP8266_GENERIC",
                   .seed = 1},
    };
    (void)otter_posix_address_parse(&options->device.local, "127.0.0.1");
    tls_init(&options->tls);
    options->device.secure = otter_tls_secure(&options->tls.connection);
    int code;
    while ((code = next_option(argc, argv)) != -1) {
        if (code == CODE_HELP)
            return say(help);
        if (code == CODE_VERSION)
            return say("otter-sim " OTTER_VERSION "\n");
        if (code == CODE_WRONG || !entries[code].take(options, optarg))
            return EXIT_USAGE;
    }
    if (optind < argc) {
        (void)complain("\"%s\" is no option (--help lists them)", argv[optind]);
        return EXIT_USAGE;
    }
    return complete(options) ? -1 : EXIT_USAGE;
}
