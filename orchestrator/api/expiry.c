/* expiry.c: GnuTLS reads what our servers may show, RSA too. */
#include "orchestrator/api/expiry.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <gnutls/x509.h>
#include <string.h>

#define PEM_MAX ((size_t)1 << 24) /* a revocation list may be long */

struct kept {
    const char *what, *file;
    wg_duration soon;
};
enum { KEPT = 6 };

static void name_all(const struct settings *settings, struct kept out[KEPT])
{
    const struct kept all[KEPT] = {{"api", settings->api.certificate, EXPIRY_SOON},
                                   {"broker-client", settings->tls_certificate, EXPIRY_SOON},
                                   {"server-authority", settings->tls_ca, EXPIRY_SOON},
                                   {"operators-authority", settings->operators_root, EXPIRY_SOON},
                                   {"operators-crl", settings->operators_crl, EXPIRY_LIST_SOON},
                                   {"operator", settings->operator_certificate, EXPIRY_SOON}};
    memcpy(out, all, sizeof all);
}

static wg_time certificates_end(const gnutls_datum_t *pem)
{
    gnutls_x509_crt_t *list = NULL;
    unsigned count = 0;
    wg_time first = 0;
    if (gnutls_x509_crt_list_import2(&list, &count, pem, GNUTLS_X509_FMT_PEM, 0) < 0) return 0;
    for (unsigned i = 0; i < count; i++) {
        wg_time end = (wg_time)gnutls_x509_crt_get_expiration_time(list[i]) * WG_SECOND;
        if (i == 0 || end < first) first = end;
        gnutls_x509_crt_deinit(list[i]);
    }
    gnutls_free(list);
    return first;
}

/* One that never ends counts for none. */
static wg_time lists_end(const gnutls_datum_t *pem)
{
    gnutls_x509_crl_t *lists = NULL;
    unsigned count = 0;
    wg_time first = 0;
    if (gnutls_x509_crl_list_import2(&lists, &count, pem, GNUTLS_X509_FMT_PEM, 0) < 0) return 0;
    for (unsigned i = 0; i < count; i++) {
        time_t end = gnutls_x509_crl_get_next_update(lists[i]);
        if (end > 0 && (!first || end * WG_SECOND < first)) first = end * WG_SECOND;
        gnutls_x509_crl_deinit(lists[i]);
    }
    gnutls_free(lists);
    return first;
}

wg_time expiry_read(const char *file)
{
    struct wg_buf text;
    wg_time end = 0;
    wg_buf_init(&text, PEM_MAX);
    if (wg_file_read(file, &text, NULL)) {
        gnutls_datum_t pem = {.data = (unsigned char *)text.data, .size = (unsigned)text.len};
        end = certificates_end(&pem);
        if (end == 0) end = lists_end(&pem);
    }
    wg_buf_clear(&text);
    return end;
}

/* A path as the value of a label. */
static void put_listed(const char *file, struct wg_buf *out)
{
    wg_time end = expiry_read(file);
    if (!end) return;
    wg_buf_text(out, EXPIRY_FIGURE "{of=\"file\",name=\"");
    for (const char *at = file; *at; at++)
        wg_buf_printf(out, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
    wg_buf_printf(out, "\"} %lld\n", (long long)(end / WG_SECOND));
}

void expiry_put(const struct settings *settings, struct wg_buf *out)
{
    struct kept all[KEPT];
    name_all(settings, all);
    wg_buf_text(out,
                "# HELP " EXPIRY_FIGURE " When a certificate or revocation list of ours ends.\n"
                "# TYPE " EXPIRY_FIGURE " gauge\n");
    for (size_t i = 0; i < KEPT; i++) {
        wg_time end = all[i].file[0] ? expiry_read(all[i].file) : 0;
        if (end)
            wg_buf_printf(out, EXPIRY_FIGURE "{of=\"%s\"} %lld\n", all[i].what,
                          (long long)(end / WG_SECOND));
    }
    for (size_t i = 0; i < settings->api.listed_count; i++)
        put_listed(settings->api.listed[i], out);
}

static void warn(const struct kept *one, wg_time now)
{
    char at[WG_TIME_TEXT] = "";
    wg_time end = expiry_read(one->file);
    if (end > now + one->soon) return;
    if (end) wg_time_text(end, at);
    wg_log(end > now ? WG_LOG_WARN : WG_LOG_ERROR,
           end == 0     ? "a certificate cannot be read"
           : end <= now ? "a certificate has ended"
                        : "a certificate ends soon",
           "of", one->what, "file", one->file, end ? "end" : NULL, at, NULL);
}

void expiry_warn(const struct settings *settings, wg_time now)
{
    struct kept all[KEPT];
    name_all(settings, all);
    for (size_t i = 0; i < KEPT; i++)
        if (all[i].file[0]) warn(&all[i], now);
    for (size_t i = 0; i < settings->api.listed_count; i++) {
        const struct kept one = {"file", settings->api.listed[i], EXPIRY_SOON};
        warn(&one, now);
    }
}
