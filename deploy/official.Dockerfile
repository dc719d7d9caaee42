# Database and web server of their makers' own images, for deploy/compose.official.yml. Mosquitto stays Debian's: the guard is built for it.
FROM postgis/postgis:15-3.4 AS database
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin wavegate \
    && for folder in /etc/wavegate /var/lib/postgresql/data; do install -d -m 700 -o wavegate -g wavegate "$folder"; done
COPY deploy/compose/healthy deploy/compose/database /usr/bin/
USER wavegate
ENTRYPOINT []
CMD ["database"]

FROM nginx:1.26-bookworm AS artifacts
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin wavegate \
    && for folder in /etc/wavegate/tls /run/wavegate-files /var/lib/wavegate/artifacts /var/lib/wavegate/repository; \
       do install -d -m 700 -o wavegate -g wavegate "$folder"; done \
    && chown wavegate:wavegate /var/lib/wavegate && ln -sf /dev/stdout /var/log/nginx/wavegate-files.log
COPY deploy/compose/healthy /usr/bin/
COPY deploy/nginx/wavegate-files.conf deploy/compose/nginx.conf /etc/nginx/
USER wavegate
STOPSIGNAL SIGQUIT
ENTRYPOINT []
CMD ["nginx", "-e", "stderr"]
