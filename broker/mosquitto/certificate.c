/* certificate.c: name, serial, issuer and purpose. */
#include "broker/mosquitto/certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <string.h>

bool certificate_serial(const ASN1_INTEGER *number, struct serial *out)
{
    int len = ASN1_STRING_length(number);
    return ASN1_STRING_type(number) == V_ASN1_INTEGER && len > 0 &&
           serial_set(out, ASN1_STRING_get0_data(number), (size_t)len);
}

/* The one common name, if it has the form of a name; else "". */
static void read_name(const X509 *x509, char out[WG_NAME_MAX + 1])
{
    const X509_NAME *subject = X509_get_subject_name(x509);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    out[0] = '\0';
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return;
    const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    int type = ASN1_STRING_type(text), len = ASN1_STRING_length(text);
    if (type != V_ASN1_UTF8STRING && type != V_ASN1_PRINTABLESTRING) return;
    if (len <= 0 || len > WG_NAME_MAX) return;
    memcpy(out, ASN1_STRING_get0_data(text), (size_t)len);
    out[len] = '\0';
    if (strlen(out) != (size_t)len || !wg_name_is_valid(out)) out[0] = '\0';
}

bool certificate_read(X509 *x509, const struct authorities *authorities, struct certificate *out,
                      struct wg_error *err)
{
    *out = (struct certificate){.authority = 0};
    if (!authorities_issuer(authorities, x509, &out->authority))
        return wg_fail(err, WG_E_VERIFY, "was issued by none of the authorities named here");
    if (X509_check_purpose(x509, X509_PURPOSE_SSL_CLIENT, 0) != 1)
        return wg_fail(err, WG_E_VERIFY, "is not for clients");
    if (!certificate_serial(X509_get0_serialNumber(x509), &out->serial))
        return wg_fail(err, WG_E_VERIFY, "has no proper serial number");
    out->is_device = authorities->items[out->authority].is_device;
    read_name(x509, out->name);
    return true;
}
