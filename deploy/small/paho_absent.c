/* paho_absent.c: objects of Paho that the small agent leaves out, as they are where nothing asks
 * for them: WebSocket.c, since mqtt.c takes no URL but ssl://, and MQTTPersistence.c, since it asks
 * for no persistence. Small.cmake takes them out of the archive; what else Paho wanted of them
 * fails the link.
 *
 * The structures are those of Paho 1.3.12, within the library alone; Small.cmake takes no other. */
#include <MQTTAsync.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>

/* The beginning of networkHandles (Clients.h). */
struct handles {
    int socket;
    struct timeval last_sent, last_received, last_ping;
    void *ssl;
};

/* PacketBuffers (MQTTPacket.h), which is handed over whole. */
struct buffers {
    int count;
    char **at;
    size_t *lens;
    int *frees;
    uint8_t mask[4];
};

_Static_assert(sizeof(void *) != 8 || offsetof(struct handles, ssl) == 0x38, "networkHandles");

int SSLSocket_getch(void *ssl, int socket, char *c);
char *SSLSocket_getdata(void *ssl, int socket, size_t bytes, size_t *actual, int *rc);
int SSLSocket_putdatas(void *ssl, int socket, char *head, size_t len, struct buffers rest);
void SSLSocket_terminate(void);
int Socket_getch(int socket, char *c);
char *Socket_getdata(int socket, size_t bytes, size_t *actual, int *rc);
int Socket_putdatas(int socket, char *head, size_t len, struct buffers rest);
void Socket_outTerminate(void);

/* ---- WebSocket.c: straight to TLS ---- */

int WebSocket_getch(struct handles *net, char *c);
int WebSocket_getch(struct handles *net, char *c)
{
    return net->ssl ? SSLSocket_getch(net->ssl, net->socket, c) : Socket_getch(net->socket, c);
}

char *WebSocket_getdata(struct handles *net, size_t bytes, size_t *actual);
char *WebSocket_getdata(struct handles *net, size_t bytes, size_t *actual)
{
    int rc = 0;
    return net->ssl ? SSLSocket_getdata(net->ssl, net->socket, bytes, actual, &rc)
                    : Socket_getdata(net->socket, bytes, actual, &rc);
}

int WebSocket_putdatas(struct handles *net, char **head, size_t *len, struct buffers *rest);
int WebSocket_putdatas(struct handles *net, char **head, size_t *len, struct buffers *rest)
{
    return net->ssl ? SSLSocket_putdatas(net->ssl, net->socket, *head, *len, *rest)
                    : Socket_putdatas(net->socket, *head, *len, *rest);
}

size_t WebSocket_framePos(void);
size_t WebSocket_framePos(void)
{
    return 0;
}

void WebSocket_framePosSeekTo(size_t at);
void WebSocket_framePosSeekTo(size_t at)
{
    (void)at;
}

void WebSocket_close(struct handles *net, int status, const char *reason);
void WebSocket_close(struct handles *net, int status, const char *reason)
{
    (void)net;
    (void)status;
    (void)reason;
}

void WebSocket_terminate(void);
void WebSocket_terminate(void)
{
    Socket_outTerminate();
    SSLSocket_terminate();
}

/* only for ws:// and wss:// */
int WebSocket_connect(struct handles *net, int ssl, const char *uri);
int WebSocket_connect(struct handles *net, int ssl, const char *uri)
{
    (void)net;
    (void)ssl;
    (void)uri;
    abort();
}

int WebSocket_upgrade(struct handles *net);
int WebSocket_upgrade(struct handles *net)
{
    (void)net;
    abort();
}

/* ---- MQTTPersistence.c: none ---- */

int MQTTPersistence_create(void **persistence, int type, void *context);
int MQTTPersistence_create(void **persistence, int type, void *context)
{
    (void)context;
    *persistence = NULL;
    return type == MQTTCLIENT_PERSISTENCE_NONE ? 0 : MQTTCLIENT_PERSISTENCE_ERROR;
}

int MQTTPersistence_initialize(void *client, const char *uri);
int MQTTPersistence_initialize(void *client, const char *uri)
{
    (void)client;
    (void)uri;
    return 0;
}

int MQTTPersistence_restoreMessageQueue(void *client);
int MQTTPersistence_restoreMessageQueue(void *client)
{
    (void)client;
    return 0;
}

int MQTTPersistence_close(void *client);
int MQTTPersistence_close(void *client)
{
    (void)client;
    return 0;
}

int MQTTPersistence_putPacket(int socket, char *head, size_t len, int count, char **bufs,
                              size_t *lens, int type, int id, int direction, int version);
int MQTTPersistence_putPacket(int socket, char *head, size_t len, int count, char **bufs,
                              size_t *lens, int type, int id, int direction, int version)
{
    (void)socket;
    (void)head;
    (void)len;
    (void)count;
    (void)bufs;
    (void)lens;
    (void)type;
    (void)id;
    (void)direction;
    (void)version;
    return 0;
}

int MQTTPersistence_remove(void *client, char *type, int qos, int id);
int MQTTPersistence_remove(void *client, char *type, int qos, int id)
{
    (void)client;
    (void)type;
    (void)qos;
    (void)id;
    return 0;
}

int MQTTPersistence_persistQueueEntry(void *client, void *entry);
int MQTTPersistence_persistQueueEntry(void *client, void *entry)
{
    (void)client;
    (void)entry;
    return 0;
}

int MQTTPersistence_unpersistQueueEntry(void *client, void *entry);
int MQTTPersistence_unpersistQueueEntry(void *client, void *entry)
{
    (void)client;
    (void)entry;
    return 0;
}
