/* form.c: a TBSCertificate, from the outside in. */
#include "pki/form.h"

#include "common/der.h"
#include "common/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FORM_MAX 4096
#define HOST_MAX 127

enum { ALT_NAME_DNS = 0x82, ALT_NAME_ADDRESS = 0x87, ALT_NAME_DIRECTORY = 0xa4 };

struct oid {
    size_t len;
    unsigned char bytes[8];
};
static const struct oid common_name = {3, {0x55, 0x04, 0x03}};
static const struct oid organisation_name = {3, {0x55, 0x04, 0x0a}};
static const struct oid unit_name = {3, {0x55, 0x04, 0x0b}};
static const struct oid subject_key_id = {3, {0x55, 0x1d, 0x0e}};
static const struct oid key_usage = {3, {0x55, 0x1d, 0x0f}};
static const struct oid alt_name = {3, {0x55, 0x1d, 0x11}};
static const struct oid basic_constraints = {3, {0x55, 0x1d, 0x13}};
static const struct oid name_constraints = {3, {0x55, 0x1d, 0x1e}};
static const struct oid authority_key_id = {3, {0x55, 0x1d, 0x23}};
static const struct oid extended_usage = {3, {0x55, 0x1d, 0x25}};
static const struct oid server_auth = {8, {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01}};
static const struct oid client_auth = {8, {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02}};

static void put_oid(struct wg_buf *out, const struct oid *oid)
{
    wg_der_put(out, WG_DER_OID, oid->bytes, oid->len);
}

static void put_attribute(struct wg_buf *out, const struct oid *oid, const char *text)
{
    size_t set = wg_der_open(out, WG_DER_SET), pair = wg_der_open(out, WG_DER_SEQUENCE);
    put_oid(out, oid);
    wg_der_text(out, text);
    wg_der_close(out, pair);
    wg_der_close(out, set);
}

void form_name(const char *organisation, const char *unit, const char *name, struct wg_buf *out)
{
    size_t list = wg_der_open(out, WG_DER_SEQUENCE);
    put_attribute(out, &organisation_name, organisation);
    if (unit) put_attribute(out, &unit_name, unit);
    if (name) put_attribute(out, &common_name, name);
    wg_der_close(out, list);
}

bool form_key_id(const struct wg_identity_public *key, unsigned char out[FORM_KEY_ID_SIZE],
                 struct wg_error *err)
{
    char hex[WG_SHA256_HEX];
    unsigned char hash[WG_SHA256_SIZE];
    if (!wg_sha256_of(key->bytes, key->len, hex, err)) return false;
    if (!wg_unhex(hex, hash, sizeof hash)) return wg_fail(err, WG_E_FAILED, "hash of a key");
    memcpy(out, hash, FORM_KEY_ID_SIZE);
    return true;
}

/* Appends the 4 or 16 bytes of an address; 0: it is none. */
static size_t address_bytes(const char *text, unsigned char out[16])
{
    if (inet_pton(AF_INET, text, out) == 1) return 4;
    return inet_pton(AF_INET6, text, out) == 1 ? 16 : 0;
}

bool form_hosts(const char *const *hosts, size_t count, struct wg_buf *out, struct wg_error *err)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char address[16];
        size_t bytes = address_bytes(hosts[i], address), len = strlen(hosts[i]);
        if (len == 0 || len > HOST_MAX || !wg_text_is_utf8(hosts[i], len))
            return wg_fail(err, WG_E_LIMIT, "host \"%.80s\": expected 1 to %d bytes", hosts[i],
                           HOST_MAX);
        if (bytes)
            wg_der_put(out, ALT_NAME_ADDRESS, address, bytes);
        else
            wg_der_put(out, ALT_NAME_DNS, hosts[i], len);
    }
    return wg_buf_check(out, err, "hosts");
}

/* "10.0.0.0/8" as address and mask; the number of bytes of the address, 0 when it is none. */
static size_t network_bytes(const char *text, unsigned char address[16], unsigned char mask[16])
{
    char copy[HOST_MAX + 1], *end = NULL;
    if (!wg_copy(copy, sizeof copy, text)) return 0;
    char *slash = strchr(copy, '/');
    if (slash) *slash++ = '\0';
    size_t bytes = address_bytes(copy, address);
    unsigned long bits = bytes * 8;
    if (bytes && slash) bits = strtoul(slash, &end, 10);
    if (!bytes || (slash && (end == slash || *end || bits > bytes * 8))) return 0;
    memset(mask, 0, 16);
    for (size_t i = 0; i < bits; i++) mask[i / 8] |= (unsigned char)(0x80 >> (i % 8));
    for (size_t i = 0; i < bytes; i++) address[i] &= mask[i];
    return bytes;
}

static bool in_network(const char *host, const unsigned char *network, const unsigned char *mask,
                       size_t bytes)
{
    unsigned char address[16];
    if (address_bytes(host, address) != bytes) return false;
    for (size_t i = 0; i < bytes; i++)
        if ((address[i] & mask[i]) != network[i]) return false;
    return true;
}

/* The domain itself and what is below it (RFC 5280, section 4.2.1.10). */
static bool in_domain(const char *host, const char *domain)
{
    size_t host_len = strlen(host), len = strlen(domain);
    if (host_len < len || strcasecmp(host + host_len - len, domain) != 0) return false;
    return host_len == len || host[host_len - len - 1] == '.';
}

bool form_host_allowed(const char *host, const char *const *allowed, size_t count)
{
    unsigned char address[16], network[16], mask[16];
    bool is_address = address_bytes(host, address) > 0;
    for (size_t i = 0; i < count; i++) {
        size_t bytes = network_bytes(allowed[i], network, mask);
        if (bytes ? in_network(host, network, mask, bytes)
                  : !is_address && in_domain(host, allowed[i]))
            return true;
    }
    return count == 0;
}

static size_t open_extension(struct wg_buf *out, const struct oid *oid, bool critical,
                             size_t *value)
{
    size_t at = wg_der_open(out, WG_DER_SEQUENCE);
    put_oid(out, oid);
    if (critical) wg_der_put(out, WG_DER_BOOLEAN, "\xff", 1);
    *value = wg_der_open(out, WG_DER_OCTETS);
    return at;
}

static void close_extension(struct wg_buf *out, size_t at, size_t value)
{
    wg_der_close(out, value);
    wg_der_close(out, at);
}

static void put_constraints(struct wg_buf *out, const struct form *form)
{
    size_t value, at = open_extension(out, &basic_constraints, true, &value);
    size_t list = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_put(out, WG_DER_BOOLEAN, "\xff", 1);
    wg_der_number(out, (uint64_t)form->path);
    wg_der_close(out, list);
    close_extension(out, at, value);
}

static void put_usage(struct wg_buf *out, unsigned usage)
{
    size_t value, at = open_extension(out, &key_usage, true, &value);
    unsigned char bits[2] = {0, (unsigned char)usage};
    while (bits[0] < 7 && !(usage >> bits[0] & 1)) bits[0]++;
    wg_der_put(out, WG_DER_BITS, bits, sizeof bits);
    close_extension(out, at, value);
}

static void put_extended(struct wg_buf *out, const struct form *form)
{
    size_t value, at = open_extension(out, &extended_usage, false, &value);
    size_t list = wg_der_open(out, WG_DER_SEQUENCE);
    if (form->server) put_oid(out, &server_auth);
    if (form->client) put_oid(out, &client_auth);
    wg_der_close(out, list);
    close_extension(out, at, value);
}

static bool put_key_ids(struct wg_buf *out, const struct form *form,
                        const struct form_issuer *issuer, struct wg_error *err)
{
    unsigned char id[FORM_KEY_ID_SIZE];
    if (!form_key_id(&form->key, id, err)) return false;
    size_t value, at = open_extension(out, &subject_key_id, false, &value);
    wg_der_put(out, WG_DER_OCTETS, id, sizeof id);
    close_extension(out, at, value);
    if (!issuer) return true;
    at = open_extension(out, &authority_key_id, false, &value);
    size_t list = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_put(out, WG_DER_CONTEXT, issuer->key_id, sizeof issuer->key_id);
    wg_der_close(out, list);
    close_extension(out, at, value);
    return true;
}

static bool put_alt_names(struct wg_buf *out, const struct form *form, struct wg_error *err)
{
    size_t value, at = open_extension(out, &alt_name, false, &value);
    size_t list = wg_der_open(out, WG_DER_SEQUENCE);
    if (!form_hosts(form->hosts, form->host_count, out, err)) return false;
    wg_der_close(out, list);
    close_extension(out, at, value);
    return true;
}

static void put_permitted_unit(struct wg_buf *out, const char *organisation, const char *unit)
{
    size_t tree = wg_der_open(out, WG_DER_SEQUENCE), base = wg_der_open(out, ALT_NAME_DIRECTORY);
    form_name(organisation, unit, NULL, out);
    wg_der_close(out, base);
    wg_der_close(out, tree);
}

static void put_permitted_host(struct wg_buf *out, const char *host)
{
    unsigned char network[32], mask[16];
    size_t tree = wg_der_open(out, WG_DER_SEQUENCE), bytes = network_bytes(host, network, mask);
    if (bytes) {
        memcpy(network + bytes, mask, bytes);
        wg_der_put(out, ALT_NAME_ADDRESS, network, bytes * 2);
    } else {
        wg_der_put(out, ALT_NAME_DNS, host, strlen(host));
    }
    wg_der_close(out, tree);
}

static void put_name_constraints(struct wg_buf *out, const struct form *form)
{
    size_t value, at = open_extension(out, &name_constraints, true, &value);
    size_t list = wg_der_open(out, WG_DER_SEQUENCE);
    size_t permitted = wg_der_open(out, WG_DER_CONTEXT_CONSTRUCTED);
    for (size_t i = 0; i < form->unit_count; i++)
        put_permitted_unit(out, form->organisation, form->units[i]);
    for (size_t i = 0; i < form->host_count; i++) put_permitted_host(out, form->hosts[i]);
    wg_der_close(out, permitted);
    wg_der_close(out, list);
    close_extension(out, at, value);
}

static bool put_extensions(struct wg_buf *out, const struct form *form,
                           const struct form_issuer *issuer, struct wg_error *err)
{
    size_t outer = wg_der_open(out, WG_DER_CONTEXT_CONSTRUCTED + 3),
           list = wg_der_open(out, WG_DER_SEQUENCE);
    if (form->is_authority) put_constraints(out, form);
    put_usage(out, form->usage);
    if (form->client || form->server) put_extended(out, form);
    if (!put_key_ids(out, form, issuer, err)) return false;
    if (form->is_authority && form->unit_count > 0) put_name_constraints(out, form);
    if (!form->is_authority && form->host_count > 0 && !put_alt_names(out, form, err)) return false;
    wg_der_close(out, list);
    wg_der_close(out, outer);
    return true;
}

bool form_write(const struct form *form, const struct form_issuer *issuer, struct wg_buf *out,
                struct wg_error *err)
{
    size_t tbs = wg_der_open(out, WG_DER_SEQUENCE);
    size_t version = wg_der_open(out, WG_DER_CONTEXT_CONSTRUCTED);
    wg_der_number(out, 2); /* v3 */
    wg_der_close(out, version);
    wg_der_integer(out, form->serial, sizeof form->serial);
    wg_identity_algorithm(issuer ? issuer->kind : form->key.kind, out);
    if (issuer)
        wg_buf_add(out, issuer->name, issuer->name_len);
    else
        form_name(form->organisation, form->unit, form->name, out);
    size_t validity = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_time(out, form->not_before);
    wg_der_time(out, form->not_after);
    wg_der_close(out, validity);
    form_name(form->organisation, form->unit, form->name, out);
    wg_identity_spki(&form->key, out);
    if (!put_extensions(out, form, issuer, err)) return false;
    wg_der_close(out, tbs);
    return wg_buf_check(out, err, "certificate");
}
