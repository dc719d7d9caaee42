/* pems.c: reads the three files of a server. */
#include "orchestrator/http/pems.h"

#include "common/posix/file.h"

#include <string.h>
#include <unistd.h>

#define PEM_MAX ((size_t)64 * 1024)

bool http_pems_read(struct http_pems *pems, const char *certificate, const char *key,
                    const char *client_ca, struct wg_error *err)
{
    wg_buf_init(&pems->certificate, PEM_MAX);
    wg_buf_init(&pems->key, PEM_MAX);
    wg_buf_init(&pems->ca, PEM_MAX);
    return wg_file_read(certificate, &pems->certificate, err) &&
           wg_file_read(key, &pems->key, err) &&
           (!client_ca || wg_file_read(client_ca, &pems->ca, err));
}

void http_pems_clear(struct http_pems *pems)
{
    if (pems->key.data) explicit_bzero(pems->key.data, pems->key.cap);
    wg_buf_clear(&pems->key);
    wg_buf_clear(&pems->certificate);
    wg_buf_clear(&pems->ca);
}

static bool is_other(const char *file, struct wg_file_stamp *stamp)
{
    return file && (wg_file_stamp_moved(file, stamp) || access(file, F_OK) != 0);
}

bool http_pems_moved(struct http_pems_seen *seen, const char *certificate, const char *key,
                     const char *client_ca)
{
    bool first = is_other(certificate, &seen->certificate), second = is_other(key, &seen->key);
    return is_other(client_ca, &seen->ca) || first || second;
}
