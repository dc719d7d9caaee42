/* options_test.c: what goes with what on the command line. */
#include "orchestrator/files/options.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 24
#define BASE "--folder f --keys k --ledger l "
#define SERVER BASE "--listen 1 --certificate c --key k "

static bool read_line(const char *line, struct options *out, struct wg_error *err)
{
    static char text[512];
    char *argv[WORDS_MAX], *save = NULL;
    int argc = 0;
    (void)snprintf(text, sizeof text, "%s", line);
    for (char *word = strtok_r(text, " ", &save); word && argc < WORDS_MAX;
         word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    return options_read(out, argc, argv, err);
}

static void test_lines(void)
{
    static const struct {
        const char *line, *says; /* NULL: taken */
    } rows[] = {
        {SERVER "--client-ca a", NULL},
        {SERVER "--client-ca a --client-crl b --patience 1s --slowest 1", NULL},
        {SERVER "--bearer", NULL},
        {BASE "--verify-only --socket s --client-ca a", NULL},
        {BASE "--verify-only --socket s --settle t --client-ca a --client-crl b", NULL},
        {BASE "--verify-only --socket s --bearer", NULL},
        {"--keys k --add-key n", NULL},
        {"--help", NULL},
        {SERVER, "--client-ca is missing"},
        {SERVER "--client-ca a --bearer", "--client-ca asks for certificates"},
        {SERVER "--bearer --client-crl b", "--client-ca is missing"},
        {SERVER "--bearer --socket s", "--socket and --settle go with --verify-only"},
        {BASE "--bearer --certificate c --key k", "--listen is missing"},
        {BASE "--listen 1 --bearer --key k", "--certificate is missing"},
        {BASE "--listen 1 --bearer --certificate k", "--key is missing"},
        {BASE "--verify-only", "--socket is missing"},
        {BASE "--verify-only --socket s", "--client-ca is missing"},
        {BASE "--verify-only --socket s --listen 1", "leaves TLS"},
        {BASE "--verify-only --socket s --client-ca a --bearer", "--client-ca asks"},
        {"--keys k --ledger l --verify-only --socket s", "--folder is missing"},
        {"--folder f --ledger l --verify-only --socket s", "--keys is missing"},
        {"--folder f --keys k --verify-only --socket s", "--ledger is missing"},
        {"--add-key n", "--keys is missing"},
        {SERVER "--bearer --prefix artifacts", "--prefix: expected"},
        {SERVER "--bearer --prefix /a/", "--prefix: expected"},
        {SERVER "--bearer --slowest 0", "--slowest: expected"},
        {SERVER "--bearer --slowest 1x", "--slowest: expected"},
        {SERVER "--bearer --connections -1", "--connections: expected"},
        {SERVER "--bearer --threads 1000", "--threads: expected"},
        {SERVER "--bearer --patience 0s", "--patience: expected 1s to 1h"},
        {SERVER "--bearer --longest 2000d", "--longest: expected"},
        {SERVER "--bearer --log loud", "--log: expected"},
        {SERVER "--bearer more", "\"more\" is not expected"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct options options;
        struct wg_error err = {0};
        bool ok = read_line(rows[i].line, &options, &err);
        if (ok != !rows[i].says || (rows[i].says && !strstr(err.text, rows[i].says)))
            printf("\n    %s: %s", rows[i].line, err.text);
        CU_ASSERT_EQUAL(ok, !rows[i].says);
        if (!rows[i].says) continue;
        CU_ASSERT_EQUAL(err.code, WG_E_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].says));
    }
}

static void test_usage(void)
{
    struct wg_buf text;
    wg_buf_init(&text, 8192);
    options_usage(&text);
    CU_ASSERT_FALSE(text.failed);
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&text), "--verify-only"));
    wg_buf_clear(&text);
}

WG_SUITE("orchestrator/files/options", {"lines", test_lines}, {"usage", test_usage})
