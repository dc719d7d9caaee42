/* options.c: flags, their defaults and what goes with what. */
#include "orchestrator/files/options.h"

#include "common/posix/place.h"
#include "orchestrator/release/url_token.h"

#include <stdlib.h>
#include <string.h>

static const struct flag flags[] = {
    {"folder", "DIR", "artifacts, each under its SHA-256"},
    {"keys", "FILE", "URL keys (mode 600): NAME HEX a line"},
    {"ledger", "FILE", "where sent bytes are counted"},
    {"prefix", "PATH", "before the artifact's name (default /artifacts)"},
    {"listen", "ADDRESS:PORT", "HTTPS, with --certificate and --key"},
    {"certificate", "FILE", "the server's chain"},
    {"key", "FILE", "the server's key"},
    {"client-ca", "FILE",
     "devices' authorities: a certificate is needed, and is the URL's device's"},
    {"client-crl", "FILE", "revoked certificates"},
    {"verify-only", NULL, "no files: answers nginx's auth_request, with --socket"},
    {"socket", "PATH", "Unix socket for --verify-only"},
    {"settle", "PATH", "Unix datagram socket for nginx's access log: gives back what was not sent"},
    {"bearer", NULL, "no certificate is needed: the URL is enough"},
    {"connections", "N", "at a time (default 1024)"},
    {"per-address", "N", "connections at a time from one address (default 256)"},
    {"threads", "N", "default 2"},
    {"slowest", "BYTES", "a second that a connection must take (default 2048)"},
    {"patience", "DURATION", "for a request, an idle connection, a slow one (default 30s)"},
    {"skew", "DURATION", "between this clock and the signer's (default 60s)"},
    {"longest", "DURATION", "that any URL may be good for (default 31d)"},
    {"log", "LEVEL", "error, warn, info or debug"},
    {"check", NULL, "say whether what these name is there, end"},
    {"add-key", "NAME", "put a new random key into --keys FILE, end"},
    {"version", NULL, "print the version, end"},
    {"help", NULL, "print this, end"},
    {NULL, NULL, NULL}};

void options_usage(struct wg_buf *out)
{
    wg_buf_text(
        out,
        "usage: wavegate-files --folder DIR --keys FILE --ledger FILE\n"
        "           --listen ADDRESS:PORT --certificate FILE --key FILE "
        "(--client-ca FILE | --bearer)\n"
        "       wavegate-files --folder DIR --keys FILE --ledger FILE\n"
        "           --verify-only --socket PATH [--settle PATH] (--client-ca FILE | --bearer)\n"
        "       wavegate-files --keys FILE --add-key NAME\n\n");
    args_usage(flags, out);
}

static bool read_count(const struct args *args, const char *name, int64_t most, int64_t *out,
                       struct wg_error *err)
{
    const char *text = args_value(args, name);
    char *end = NULL;
    if (!text) return true;
    long long number = strtoll(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || number < 1 || number > most)
        return wg_fail(err, WG_E_USAGE, "--%s: expected 1 to %lld, got \"%.40s\"", name,
                       (long long)most, text);
    *out = number;
    return true;
}

static bool read_duration(const struct args *args, const char *name, wg_duration least,
                          wg_duration most, wg_duration *out, struct wg_error *err)
{
    const char *text = args_value(args, name);
    char from[WG_TIME_TEXT], to[WG_TIME_TEXT];
    if (!text) return true;
    if (wg_duration_parse(text, out) && *out >= least && *out <= most) return true;
    wg_duration_text(least, from);
    wg_duration_text(most, to);
    return wg_fail(err, WG_E_USAGE, "--%s: expected %s to %s, got \"%.40s\"", name, from, to, text);
}

static bool read_numbers(const struct args *args, struct options *out, struct wg_error *err)
{
    const char *level = args_value(args, "log");
    if (level && !wg_log_level_parse(level, &out->log))
        return wg_fail(
            err, WG_E_USAGE,
            "--log: expected error, warn, info or debug, and json or journal, got \"%.40s\"",
            level);
    return read_count(args, "connections", 65536, &out->connections, err) &&
           read_count(args, "per-address", 65536, &out->per_address, err) &&
           read_count(args, "threads", 64, &out->threads, err) &&
           read_count(args, "slowest", (int64_t)1 << 30, &out->slowest, err) &&
           read_duration(args, "patience", WG_SECOND, WG_HOUR, &out->patience, err) &&
           read_duration(args, "skew", 0, WG_HOUR, &out->skew, err) &&
           read_duration(args, "longest", WG_MINUTE, 365 * WG_DAY, &out->longest, err);
}

static bool need(bool there, const char *flag, const char *what_for, struct wg_error *err)
{
    return there || wg_fail(err, WG_E_USAGE, "--%s is missing: %s", flag, what_for);
}

static bool need_identity(const struct options *out, struct wg_error *err)
{
    return need(out->client_ca || out->bearer, "client-ca",
                "devices' authorities (or --bearer: the URL alone is enough)", err);
}

static bool check_server(const struct options *out, struct wg_error *err)
{
    if (out->socket || out->settle)
        return wg_fail(err, WG_E_USAGE, "--socket and --settle go with --verify-only");
    return need(out->listen, "listen", "where to serve", err) &&
           need(out->certificate, "certificate", "the server's chain", err) &&
           need(out->key, "key", "the server's key", err) && need_identity(out, err);
}

static bool check_verify(const struct options *out, struct wg_error *err)
{
    if (out->listen || out->certificate || out->key)
        return wg_fail(err, WG_E_USAGE, "--verify-only leaves TLS to the server in front");
    return need(out->socket, "socket", "where the server in front asks", err) &&
           need_identity(out, err);
}

static bool check(const struct options *out, struct wg_error *err)
{
    if (!need(out->keys, "keys", "the keys of URLs", err)) return false;
    if (out->add_key) return true;
    if (out->prefix[0] && (out->prefix[0] != '/' || strlen(out->prefix) > URL_PREFIX_MAX ||
                           out->prefix[strlen(out->prefix) - 1] == '/'))
        return wg_fail(err, WG_E_USAGE, "--prefix: expected \"/PATH\", got \"%.80s\"", out->prefix);
    if (out->client_ca && out->bearer)
        return wg_fail(err, WG_E_USAGE, "--client-ca asks for certificates, --bearer does not");
    if (out->client_crl && !need(out->client_ca, "client-ca", "whose list --client-crl is", err))
        return false;
    return need(out->folder, "folder", "where the artifacts are", err) &&
           need(out->ledger, "ledger", "where sent bytes are counted", err) &&
           (out->verify_only ? check_verify(out, err) : check_server(out, err));
}

/* A path as it is, relative to where we are; or credential:NAME. */
static bool read_place(const struct args *args, const char *name, char place[PATH_MAX],
                       const char **out, struct wg_error *err)
{
    const char *given = args_value(args, name);
    *out = given;
    if (!given || strncmp(given, WG_PLACE_CREDENTIAL, strlen(WG_PLACE_CREDENTIAL)) != 0)
        return true;
    *out = place;
    return wg_place("", given, place, err) || wg_context(err, "--%s", name);
}

static bool read_places(const struct args *args, struct options *out, struct wg_error *err)
{
    return read_place(args, "keys", out->places[0], &out->keys, err) &&
           read_place(args, "certificate", out->places[1], &out->certificate, err) &&
           read_place(args, "key", out->places[2], &out->key, err) &&
           read_place(args, "client-ca", out->places[3], &out->client_ca, err) &&
           read_place(args, "client-crl", out->places[4], &out->client_crl, err);
}

static bool check_place(const char *flag, const char *path, enum wg_place_kind kind, bool starting,
                        struct wg_error *err)
{
    return !path || wg_place_check(path, kind, starting, err) || wg_context(err, "--%s", flag);
}

bool options_check(const struct options *options, bool starting, struct wg_error *err)
{
    return check_place("folder", options->folder, WG_PLACE_FOLDER, starting, err) &&
           check_place("keys", options->keys, WG_PLACE_SECRET, starting, err) &&
           check_place("certificate", options->certificate, WG_PLACE_PEM, starting, err) &&
           check_place("key", options->key, WG_PLACE_SECRET, starting, err) &&
           check_place("client-ca", options->client_ca, WG_PLACE_PEM, starting, err) &&
           check_place("client-crl", options->client_crl, WG_PLACE_PEM, starting, err);
}

static void read_words(const struct args *args, struct options *out)
{
    const char *prefix = args_value(args, "prefix");
    out->folder = args_value(args, "folder");
    out->ledger = args_value(args, "ledger");
    out->prefix = prefix ? prefix : "/artifacts";
    out->verify_only = args_has(args, "verify-only");
    out->listen = args_value(args, "listen");
    out->socket = args_value(args, "socket");
    out->settle = args_value(args, "settle");
    out->bearer = args_has(args, "bearer");
    out->check = args_has(args, "check");
    out->add_key = args_value(args, "add-key");
    out->help = args_has(args, "help");
    out->version = args_has(args, "version");
}

bool options_read(struct options *out, int argc, char **argv, struct wg_error *err)
{
    static const struct flag *const tables[] = {flags, NULL};
    struct args args;
    *out = (struct options){.connections = 1024,
                            .per_address = 256,
                            .threads = 2,
                            .slowest = 2048,
                            .patience = 30 * WG_SECOND,
                            .skew = WG_MINUTE,
                            .longest = 31 * WG_DAY,
                            .log = WG_LOG_INFO};
    if (!args_read(&args, argc, argv, tables, err)) return false;
    if (!read_places(&args, out, err)) return false;
    read_words(&args, out);
    if (out->help || out->version) return true;
    if (args.positional_count > 0)
        return wg_fail(err, WG_E_USAGE, "\"%.40s\" is not expected: try wavegate-files --help",
                       args.positionals[0]);
    return read_numbers(&args, out, err) && check(out, err);
}
