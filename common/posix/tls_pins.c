/* tls_pins.c: asks within wolfSSL's verify callback, where a no ends the handshake before the
 * device has shown its certificate. */
#include <wolfssl/options.h>

#include "common/posix/tls_pins.h"

#include "common/x509.h"

#include <wolfssl/ssl.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#ifndef WOLFSSL_ALWAYS_VERIFY_CB
#error "this wolfSSL calls back for bad certificates alone: pins would never be asked"
#endif

struct tls_pins {
    pthread_mutex_t mutex; /* over the list */
    struct wg_pins list;
};

struct tls_pins *tls_pins_new(struct wg_error *err)
{
    struct tls_pins *pins = calloc(1, sizeof *pins);
    if (pins)
        (void)pthread_mutex_init(&pins->mutex, NULL);
    else
        (void)wg_fail_memory(err, "preparing pins");
    return pins;
}

void tls_pins_free(struct tls_pins *pins)
{
    if (!pins) return;
    (void)pthread_mutex_destroy(&pins->mutex);
    free(pins);
}

void tls_pins_set(struct tls_pins *pins, const struct wg_pins *list)
{
    (void)pthread_mutex_lock(&pins->mutex);
    pins->list = *list;
    (void)pthread_mutex_unlock(&pins->mutex);
}

static struct wg_pins take(struct tls_pins *pins)
{
    (void)pthread_mutex_lock(&pins->mutex);
    struct wg_pins list = pins->list;
    (void)pthread_mutex_unlock(&pins->mutex);
    return list;
}

/* Is that the certificate of who signed the leaf? hash: of its key. */
static bool signed_by(const WOLFSSL_BUFFER_INFO *leaf, const WOLFSSL_BUFFER_INFO *other,
                      char hash[WG_SHA256_HEX])
{
    struct wg_x509 read;
    return wg_x509_read(other->buffer, other->length, &read, NULL) &&
           wg_x509_check(leaf->buffer, leaf->length, &read.key, NULL) &&
           wg_identity_id(&read.key, hash, NULL);
}

/* A signature may hold under a second key that was made to fit it, so all are tried; a pinned key
 * is none that can be made to fit. */
static bool find_pinned(const struct wg_pins *list, const WOLFSSL_BUFFER_INFO *certs, int count,
                        char issuer[WG_SHA256_HEX])
{
    for (int i = 1; i < count; i++) {
        char hash[WG_SHA256_HEX];
        if (!signed_by(&certs[0], &certs[i], hash)) continue;
        bool pinned = wg_pins_have(list, WG_PIN_SERVER, hash);
        if (pinned || !issuer[0]) (void)wg_copy(issuer, WG_SHA256_HEX, hash);
        if (pinned) return true;
    }
    return false;
}

static bool judge(struct tls_pins_look *look, const WOLFSSL_BUFFER_INFO *certs, int count)
{
    struct wg_pins list = take(look->pins);
    look->asked = true;
    look->issuer[0] = look->why[0] = '\0';
    bool pinned = find_pinned(&list, certs, count, look->issuer);
    if (pinned || !wg_pins_name(&list, WG_PIN_SERVER)) return true;
    (void)wg_format(look->why, sizeof look->why, "no pin fits: use %s, list %lld, found %s",
                    wg_pin_use_text(WG_PIN_SERVER), (long long)list.number,
                    look->issuer[0] ? look->issuer : "no certificate of the issuing authority");
    return false;
}

/* Called for each certificate, the leaf last, at depth 0. */
int tls_pins_verify(int ok, WOLFSSL_X509_STORE_CTX *store)
{
    struct tls_pins_look *look = store->userCtx;
    if (!ok || store->error_depth != 0 || !look) return ok;
    if (look->shown && store->totalCerts > 0)
        look->shown(look, store->certs[0].buffer, store->certs[0].length);
    if (!look->pins) return ok;
    return store->totalCerts > 0 && judge(look, store->certs, store->totalCerts);
}

void tls_pins_watch(struct tls_pins_look *look, WOLFSSL *ssl)
{
    look->asked = false;
    look->issuer[0] = look->why[0] = '\0';
    if (!look->pins) return;
    wolfSSL_set_verify(ssl, WOLFSSL_VERIFY_PEER, tls_pins_verify);
    wolfSSL_SetCertCbCtx(ssl, look);
}
