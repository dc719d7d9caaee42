/* nginx.h: a private nginx with certificates of its own, for tests of the download.
 *
 * localhost:PORT        /files/ in ranges, /plain/ without them, /slow/ at 400 kB/s, /gone/ moved,
 * /plainly/ to http, /around to itself, and answers that are not what was asked for: /short
 * /shifted /much /bare localhost:PORT + 1    certificate of an authority that the device does not
 * know localhost:PORT + 2    certificate for the address 127.0.0.1 alone localhost:PORT + 3 TLS 1.1
 * alone localhost:PORT + 4    cipher suites without encryption alone */
#ifndef WG_TESTS_LIVE_NGINX_H
#define WG_TESTS_LIVE_NGINX_H

#include "tests/unit/agent/folder.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#define NGINX "/usr/sbin/nginx"
#define NGINX_PORTS 5

static const char nginx_conf[] =
    "daemon off;\nmaster_process off;\nuser root;\npid %1$s/nginx.pid;\nerror_log %1$s/error.log;\n"
    "events { worker_connections 64; }\n"
    "http {\n"
    "  log_format ranges '$status $http_range $body_bytes_sent';\n"
    "  access_log %1$s/access.log ranges;\n"
    "  client_body_temp_path %1$s; proxy_temp_path %1$s; fastcgi_temp_path %1$s;\n"
    "  uwsgi_temp_path %1$s; scgi_temp_path %1$s;\n"
    "  ssl_protocols TLSv1.2 TLSv1.3;\n"
    "  ssl_client_certificate %1$s/pki/device/chain.pem;\n"
    "  ssl_verify_client on; ssl_verify_depth 3;\n"
    "  server {\n"
    "    listen 127.0.0.1:%2$d ssl;\n"
    "    ssl_certificate %1$s/localhost.crt; ssl_certificate_key %1$s/localhost.key;\n"
    "    location /files/ { alias %1$s/files/; }\n"
    "    location /plain/ { alias %1$s/files/; max_ranges 0; }\n"
    "    location /slow/ { alias %1$s/files/; limit_rate 400k; }\n"
    "    location /gone/ { return 302 https://localhost:%2$d/files/artifact; }\n"
    "    location /plainly/ { return 302 http://localhost:%2$d/files/artifact; }\n"
    "    location /around { return 307 /around; }\n"
    "    location /short { add_header Content-Range 'bytes 0-3/%7$d'; return 206 abcd; }\n"
    "    location /shifted { add_header Content-Range 'bytes 7-10/%7$d'; return 206 abcd; }\n"
    "    location /much { add_header Content-Range 'bytes 0-3/4'; return 206 abcdefgh; }\n"
    "    location /bare { return 206 abcd; }\n"
    "  }\n"
    "  server { listen 127.0.0.1:%3$d ssl; location / { alias %1$s/files/; }\n"
    "    ssl_certificate %1$s/foreign/localhost.crt;\n"
    "    ssl_certificate_key %1$s/foreign/localhost.key; }\n"
    "  server { listen 127.0.0.1:%4$d ssl; location / { alias %1$s/files/; }\n"
    "    ssl_certificate %1$s/number.crt; ssl_certificate_key %1$s/number.key; }\n"
    "  server { listen 127.0.0.1:%5$d ssl; location / { alias %1$s/files/; }\n"
    "    ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;\n"
    "    ssl_certificate %1$s/old.crt; ssl_certificate_key %1$s/old.key; }\n"
    "  server { listen 127.0.0.1:%6$d ssl; location / { alias %1$s/files/; }\n"
    "    ssl_protocols TLSv1.2; ssl_ciphers eNULL:@SECLEVEL=0;\n"
    "    ssl_certificate %1$s/old.crt; ssl_certificate_key %1$s/old.key; }\n"
    "}\n";

struct nginx {
    struct folder folder;
    pid_t pid;
    int port; /* the first of NGINX_PORTS */
};

/* Runs a program in the folder until it ends; its output is kept in run.log. */
static inline void nginx_run(struct nginx *nginx, const char *command)
{
    char text[1024];
    (void)snprintf(text, sizeof text, "cd %s && { %s; } >>run.log 2>&1", nginx->folder.path,
                   command);
    int status = system(text);
    if (status != 0) printf("\n    %s\n%s", command, folder_get(&nginx->folder, "run.log"));
    CU_ASSERT_EQUAL_FATAL(status, 0);
}

static inline void nginx_certificates(struct nginx *nginx)
{
    nginx_run(nginx, WG_PKI " init pki && " WG_PKI " init other && mkdir foreign files");
    nginx_run(nginx, WG_PKI " issue server localhost --pki pki --host localhost && " WG_PKI
                            " issue server number --pki pki --host 127.0.0.1 && " WG_PKI
                            " issue server old --pki pki --host localhost --key p256 && " WG_PKI
                            " issue server localhost --pki other --host localhost --out foreign");
    nginx_run(nginx, WG_PKI " issue device dev-1 --pki pki && " WG_PKI
                            " issue device dev-1 --pki other --out foreign && " WG_PKI
                            " issue device dev-2 --pki pki --key p256");
}

/* The port that was bound for a moment; -1: it is taken. */
static inline int nginx_bind(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0 &&
              getsockname(fd, (struct sockaddr *)&at, &len) == 0;
    if (fd >= 0) (void)close(fd);
    return ok ? ntohs(at.sin_port) : -1;
}

/* The first of NGINX_PORTS free ones in a row. */
static inline int nginx_free_ports(void)
{
    for (int tries = 0; tries < 100; tries++) {
        int port = nginx_bind(0), free = 0;
        if (port > 0 && port < 65000)
            while (free < NGINX_PORTS && nginx_bind(port + free) > 0) free++;
        if (free == NGINX_PORTS) return port;
    }
    return -1;
}

static inline bool nginx_answers(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0) (void)close(fd);
    return ok;
}

static inline void nginx_start(struct nginx *nginx, int length)
{
    char conf[sizeof nginx_conf + 4096], path[PATH_MAX];
    struct timespec wait = {.tv_nsec = 20000000};
    int p = nginx->port = nginx_free_ports();
    CU_ASSERT_TRUE_FATAL(p > 0);
    (void)snprintf(conf, sizeof conf, nginx_conf, nginx->folder.path, p, p + 1, p + 2, p + 3, p + 4,
                   length);
    folder_put(&nginx->folder, "nginx.conf", conf, 0600);
    (void)wg_copy(path, sizeof path, folder_file(&nginx->folder, "nginx.conf"));
    nginx->pid = fork();
    if (nginx->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)execl(NGINX, NGINX, "-e", "stderr", "-c", path, (char *)NULL);
        _exit(127);
    }
    bool up = false;
    for (int i = 0; i < 500 && !(up = nginx_answers(p)); i++) {
        if (waitpid(nginx->pid, NULL, WNOHANG) != 0) break;
        (void)nanosleep(&wait, NULL);
    }
    if (!up) printf("\n    nginx: %s\n", folder_get(&nginx->folder, "error.log"));
    CU_ASSERT_TRUE_FATAL(up);
}

static inline void nginx_stop(struct nginx *nginx)
{
    if (nginx->pid > 0) { /* 0 would be ourselves */
        (void)kill(nginx->pid, SIGTERM);
        CU_ASSERT_EQUAL(waitpid(nginx->pid, NULL, 0), nginx->pid);
    }
    folder_remove(&nginx->folder);
}

#endif
