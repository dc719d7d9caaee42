/* certificate_end.c: PEM, block by block. */
#include "common/posix/certificate_end.h"

#include "common/log.h"
#include "common/posix/file.h"
#include "common/x509.h"

#include <string.h>

#define PEM_MAX ((size_t)1 << 20)
#define BEGIN "-----BEGIN CERTIFICATE-----"

static bool one_end(const char *pem, wg_time *out)
{
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    return wg_x509_from_pem(pem, strlen(pem), der, &len, NULL) && wg_x509_end(der, len, out, NULL);
}

static wg_time first_end(const char *pem)
{
    wg_time first = 0, end = 0;
    for (const char *at = strstr(pem, BEGIN); at; at = strstr(at + 1, BEGIN)) {
        if (!one_end(at, &end)) return 0;
        if (!first || end < first) first = end;
    }
    return first;
}

wg_time certificate_file_end(const char *file)
{
    struct wg_buf text;
    wg_buf_init(&text, PEM_MAX);
    wg_time end = wg_file_read(file, &text, NULL) ? first_end(wg_buf_str(&text)) : 0;
    wg_buf_clear(&text);
    return end;
}

void certificate_end_warn(const char *of, const char *name, wg_time end, wg_time now)
{
    char at[WG_TIME_TEXT] = "";
    if (end > now + CERTIFICATE_END_SOON) return;
    if (end) wg_time_text(end, at);
    wg_log(end > now ? WG_LOG_WARN : WG_LOG_ERROR,
           end == 0     ? "a certificate cannot be read"
           : end <= now ? "a certificate has ended"
                        : "a certificate ends soon",
           "of", of, "name", name, end ? "end" : NULL, at, NULL);
}
