#include "ports/posix/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

bool otter_posix_address_parse(struct otter_address *address, const char *text)
{
    *address = (struct otter_address){0};
    if (strcmp(text, "*") == 0)
        return true;
    if (inet_pton(AF_INET, text, address->ip) == 1) {
        address->family = 4;
        return true;
    }
    struct addrinfo *found;
    const struct addrinfo wanted = {.ai_family = AF_INET6, .ai_flags = AI_NUMERICHOST};
    if (getaddrinfo(text, NULL, &wanted, &found) != 0) /* reads zones, too */
        return false;
    struct sockaddr_storage numeric = {0};
    memcpy(&numeric, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    otter_posix_address_from_socket(address, &numeric);
    return true;
}

const char *otter_posix_address_print(char out[OTTER_POSIX_ADDRESS_TEXT], const struct otter_address *address)
{
    char ip[INET6_ADDRSTRLEN] = "*", zone[IF_NAMESIZE] = "";
    if (address->family == 4)
        inet_ntop(AF_INET, address->ip, ip, sizeof ip);
    if (address->family == 6)
        inet_ntop(AF_INET6, address->ip, ip, sizeof ip);
    if (address->scope != 0)
        if_indextoname(address->scope, zone);
    const char *form = address->family == 6 ? "[%s%s%s]:%u" : "%s%s%s:%u";
    snprintf(out, OTTER_POSIX_ADDRESS_TEXT, form, ip, zone[0] ? "%" : "", zone, (unsigned)address->port);
    return out;
}

socklen_t otter_posix_address_to_socket(struct sockaddr_storage *to, int family,
                                        const struct otter_address *address)
{
    memset(to, 0, sizeof *to);
    to->ss_family = (sa_family_t)family;
    if (family == AF_INET && address->family != 6) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)to;
        v4->sin_port = htons(address->port);
        memcpy(&v4->sin_addr, address->ip, 4);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
    v6->sin6_port = htons(address->port);
    v6->sin6_scope_id = address->scope;
    memcpy(&v6->sin6_addr, address->ip, 16);
    if (address->family == 4) {
        static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
        memcpy(v6->sin6_addr.s6_addr, mapped, 12);
        memcpy(v6->sin6_addr.s6_addr + 12, address->ip, 4);
    }
    return family == AF_INET6 ? sizeof *v6 : 0;
}

void otter_posix_address_from_socket(struct otter_address *to, const struct sockaddr_storage *from)
{
    *to = (struct otter_address){0};
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
        to->family = 4;
        to->port = ntohs(v4->sin_port);
        memcpy(to->ip, &v4->sin_addr, 4);
        return;
    }
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
    bool mapped = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
    to->family = mapped ? 4 : 6;
    to->port = ntohs(v6->sin6_port);
    to->scope = v6->sin6_scope_id;
    memcpy(to->ip, v6->sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 16);
}
