/* gate.c: four tables of counts. */
#include "pki/enrol/gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define PREFIX_BYTES 8 /* of an IPv6 address: who has one has the rest */

void gate_init(struct gate *gate, const struct claim_settings *settings)
{
    int requests = (int)settings->requests, wrong = (int)settings->wrong;
    limit_init(&gate->connections, 2 * requests, WG_MINUTE);
    limit_init(&gate->requests, requests, WG_MINUTE);
    limit_init(&gate->wrong_address, wrong, settings->window);
    limit_init(&gate->wrong_device, wrong, settings->window);
}

void gate_address(const struct sockaddr_storage *from, char out[GATE_ADDRESS_MAX])
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)from;
    struct in6_addr six = ((const struct sockaddr_in6 *)from)->sin6_addr;
    (void)wg_copy(out, GATE_ADDRESS_MAX, "?");
    if (from->ss_family == AF_INET) {
        (void)inet_ntop(AF_INET, &four->sin_addr, out, GATE_ADDRESS_MAX);
    } else if (from->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six)) {
        (void)inet_ntop(AF_INET, six.s6_addr + 12, out, GATE_ADDRESS_MAX);
    } else if (from->ss_family == AF_INET6) {
        memset(six.s6_addr + PREFIX_BYTES, 0, sizeof six.s6_addr - PREFIX_BYTES);
        (void)inet_ntop(AF_INET6, &six, out, GATE_ADDRESS_MAX);
    }
}

bool gate_connect(struct gate *gate, const char *address, wg_time now)
{
    return limit_take(&gate->connections, address, now);
}

wg_duration gate_request(struct gate *gate, const char *address, wg_time now)
{
    return limit_take(&gate->requests, address, now) ? 0
                                                     : limit_left(&gate->requests, address, now);
}

wg_duration gate_look(const struct gate *gate, const char *address, const char *device, wg_time now)
{
    int shown = limit_count(&gate->wrong_address, address, now);
    if (shown >= gate->wrong_address.most) return limit_left(&gate->wrong_address, address, now);
    if (shown > 0 && limit_count(&gate->wrong_device, device, now) >= gate->wrong_device.most)
        return limit_left(&gate->wrong_device, device, now);
    return 0;
}

void gate_wrong(struct gate *gate, const char *address, const char *device, wg_time now)
{
    (void)limit_take(&gate->wrong_address, address, now);
    (void)limit_take(&gate->wrong_device, device, now);
}
