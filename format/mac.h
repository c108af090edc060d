/* MAC addresses as text, "18:FE:34:A1:B2:C3", and as a number below 2^48, first byte highest. */
#ifndef OTTER_FORMAT_MAC_H
#define OTTER_FORMAT_MAC_H

#include <stdbool.h>
#include <stdint.h>

#define OTTER_MAC_TEXT 18 /* bytes, NUL included */

/* Upper case, with colons. */
void otter_mac_encode(char out[OTTER_MAC_TEXT], uint64_t mac);

/* Six pairs of hex digits of either case, with ':' or '-' between all of them or none. False for anything
 * else and for 00:00:00:00:00:00; MAC is then as it was. */
bool otter_mac_decode(uint64_t *mac, const char *text);

#endif
