/* paho_rest.h: what Paho asks for beside TLS; for mqtt.c alone. */
#ifndef WG_COMMON_POSIX_PAHO_REST_H
#define WG_COMMON_POSIX_PAHO_REST_H

/* Does nothing: whoever calls it has paho_rest.c linked, before Paho's archive is searched. */
void paho_rest_link(void);

#endif
