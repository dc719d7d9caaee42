/* mqtt_server.c: what the server showed of itself. For who asks: a device has no use for it. */
#include "common/posix/mqtt.h"

#include "common/posix/mqtt_part.h"
#include "common/x509.h"

static void on_shown(struct tls_pins_look *look, const void *der, size_t len)
{
    if (!wg_x509_end(der, len, &look->end, NULL)) look->end = 0;
}

void mqtt_watch_server(struct mqtt *mqtt)
{
    mqtt->look.shown = on_shown;
}

wg_time mqtt_server_end(const struct mqtt *mqtt)
{
    return mqtt->look.end;
}
