/* client.c: GnuTLS's session and the peer's address; a request's headers and cookies. */
#include "orchestrator/http/client.h"

#include "common/text.h"
#include "orchestrator/http/mhd.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static bool append_pem(const gnutls_datum_t *der, char *out, size_t size, size_t *used)
{
    gnutls_datum_t pem = {NULL, 0};
    if (gnutls_pem_base64_encode2("CERTIFICATE", der, &pem) != 0) return false;
    bool fits = *used + pem.size < size;
    if (fits) memcpy(out + *used, pem.data, pem.size);
    if (fits) *used += pem.size;
    out[*used] = '\0';
    gnutls_free(pem.data);
    return fits;
}

void client_chain(struct MHD_Connection *connection, char *out, size_t size)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    unsigned count = 0;
    const gnutls_datum_t *list =
        info ? gnutls_certificate_get_peers(info->tls_session, &count) : NULL;
    size_t used = 0;
    out[0] = '\0';
    for (unsigned i = 0; list && i < count; i++)
        if (!append_pem(&list[i], out, size, &used)) {
            out[0] = '\0';
            return;
        }
}

void client_address(struct MHD_Connection *connection, char out[HTTP_ADDRESS_MAX])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *at = info ? info->client_addr : NULL;
    out[0] = '\0';
    if (at && at->sa_family == AF_INET)
        (void)inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)at)->sin_addr, out,
                        HTTP_ADDRESS_MAX);
    else if (at && at->sa_family == AF_INET6)
        (void)inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr, out,
                        HTTP_ADDRESS_MAX);
}

const char *http_request_header(const struct http_request *request, const char *name)
{
    const char *value = NULL;
    return http_header(request->connection, name, &value) ? value : NULL;
}

bool http_request_cookie(const struct http_request *request, const char *name, char *out,
                         size_t size)
{
    const char *at = http_request_header(request, "Cookie");
    size_t len = strlen(name);
    while (at && *at) {
        at += strspn(at, "; ");
        size_t end = strcspn(at, ";");
        if (strncmp(at, name, len) == 0 && at[len] == '=') {
            size_t value = end - len - 1;
            if (value >= size) return false;
            memcpy(out, at + len + 1, value);
            out[value] = '\0';
            return true;
        }
        at += end;
    }
    return false;
}
