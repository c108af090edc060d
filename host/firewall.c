#include "host/firewall.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static bool exists(const char *root, const char *path)
{
    char full[PATH_MAX];
    int length = snprintf(full, sizeof(full), "%s%s", root, path);
    return length < (int)sizeof(full) && access(full, F_OK) == 0;
}

static bool has_line(const char *root, const char *path, const char *wanted)
{
    char text[PATH_MAX];
    bool found = false;
    if (snprintf(text, sizeof(text), "%s%s", root, path) >= (int)sizeof(text))
        return false;
    FILE *file = fopen(text, "re");
    if (file == NULL)
        return false;
    while (!found && fgets(text, sizeof(text), file) != NULL)
        found = strncmp(text, wanted, strlen(wanted)) == 0;
    fclose(file);
    return found;
}

enum otter_firewall otter_firewall_find(const char *root)
{
    if (has_line(root, "/etc/ufw/ufw.conf", "ENABLED=yes"))
        return OTTER_FIREWALL_UFW;
    if (exists(root, "/sys/fs/cgroup/system.slice/firewalld.service"))
        return OTTER_FIREWALL_FIREWALLD;
    if (exists(root, "/usr/sbin/nft"))
        return OTTER_FIREWALL_NFTABLES;
    if (exists(root, "/usr/sbin/iptables"))
        return OTTER_FIREWALL_IPTABLES;
    return OTTER_FIREWALL_NONE;
}

const char *otter_firewall_name(enum otter_firewall firewall)
{
    static const char *const names[] = {"", "ufw", "firewalld", "nftables", "iptables"};
    return names[firewall];
}

void otter_firewall_print_command(FILE *out, enum otter_firewall firewall, const char *device, uint16_t port)
{
    bool v6 = strchr(device, ':') != NULL;
    switch (firewall) {
    case OTTER_FIREWALL_NONE:
        break;
    case OTTER_FIREWALL_UFW:
        fprintf(out, "sudo ufw allow proto tcp from %s to any port %u", device, port);
        break;
    case OTTER_FIREWALL_FIREWALLD:
        fprintf(out, "sudo firewall-cmd --add-port=%u/tcp", port);
        break;
    case OTTER_FIREWALL_NFTABLES:
        fprintf(out, "sudo nft insert rule inet filter input %s saddr %s tcp dport %u accept",
                v6 ? "ip6" : "ip", device, port);
        break;
    case OTTER_FIREWALL_IPTABLES:
        fprintf(out, "sudo %s -I INPUT -p tcp -s %s --dport %u -j ACCEPT", v6 ? "ip6tables" : "iptables",
                device, port);
        break;
    }
}
