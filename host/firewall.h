/* The firewall of this computer, as far as its files tell, and how to open a port in it. */
#ifndef OTTER_HOST_FIREWALL_H
#define OTTER_HOST_FIREWALL_H

#include <stdint.h>
#include <stdio.h>

enum otter_firewall {
    OTTER_FIREWALL_NONE, /* none was recognised */
    OTTER_FIREWALL_UFW,
    OTTER_FIREWALL_FIREWALLD,
    OTTER_FIREWALL_NFTABLES,
    OTTER_FIREWALL_IPTABLES,
};

/* Looks below ROOT, "" for the running system. Rules can't be read without privileges, so only ufw and
 * firewalld are known to be active. */
enum otter_firewall otter_firewall_find(const char *root);

/* "ufw"; "" for none. Static. */
const char *otter_firewall_name(enum otter_firewall firewall);

/* Prints the shell command that lets DEVICE, an IP address, connect to TCP port PORT. Not for NONE. */
void otter_firewall_print_command(FILE *out, enum otter_firewall firewall, const char *device, uint16_t port);

#endif
