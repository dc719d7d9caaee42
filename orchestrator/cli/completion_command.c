/* completion_command.c: `completion bash | zsh | fish`, and what their scripts call. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/completion.h"

#include "common/posix/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE (900 * WG_SECOND / 1000) /* nobody waits longer for a name */
#define NAMES_MAX ((size_t)1024 * 1024)

static const char bash_script[] =
    "# Completion of wavegate for bash: eval \"$(wavegate completion bash)\"\n"
    "_wavegate()\n"
    "{\n"
    "    local line word=${COMP_WORDS[COMP_CWORD]}\n"
    "    local -a offers\n"
    "    [[ $word == = ]] && word=\n"
    "    mapfile -t offers < <(\"${COMP_WORDS[0]}\" " COMPLETION_NOUN
    " \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "    COMPREPLY=()\n"
    "    for line in \"${offers[@]}\"; do\n"
    "        if [[ $line == :files ]]; then\n"
    "            compopt -o filenames 2>/dev/null\n"
    "            mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$word\")\n"
    "        else\n"
    "            COMPREPLY+=(\"${line%%$'\\t'*}\")\n"
    "        fi\n"
    "    done\n"
    "}\n"
    "complete -F _wavegate wavegate\n";

static const char zsh_script[] =
    "#compdef wavegate\n"
    "# Completion of wavegate for zsh: eval \"$(wavegate completion zsh)\", behind compinit\n"
    "_wavegate()\n"
    "{\n"
    "    local line files=0\n"
    "    local -a offers\n"
    "    for line in ${(f)\"$(${(Q)~words[1]} " COMPLETION_NOUN
    " \"${(@)words[2,CURRENT]}\" 2>/dev/null)\"}; do\n"
    "        if [[ $line == :files ]]; then\n"
    "            files=1\n"
    "        else\n"
    "            offers+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
    "        fi\n"
    "    done\n"
    "    (( $#offers )) && _describe -V wavegate offers\n"
    "    (( files )) && _files\n"
    "}\n"
    "if [[ $funcstack[1] == _wavegate ]]; then\n"
    "    _wavegate \"$@\"\n"
    "else\n"
    "    compdef _wavegate wavegate\n"
    "fi\n";

static const char fish_script[] =
    "# Completion of wavegate for fish: wavegate completion fish | source\n"
    "function __wavegate_complete\n"
    "    set -l words (commandline -opc)\n"
    "    set -l typed (commandline -ct)\n"
    "    set -l program $words[1]\n"
    "    set -e words[1]\n"
    "    for line in ($program " COMPLETION_NOUN " $words \"$typed\" 2>/dev/null)\n"
    "        if test \"$line\" = :files\n"
    "            __fish_complete_path \"$typed\"\n"
    "        else\n"
    "            printf '%s\\n' $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c wavegate -f -k -a '(__wavegate_complete)'\n";

static bool print(struct cli *cli, const char *script, struct wg_error *err)
{
    if (cli->screen.json) return screen_json(json_pack("{s:s}", "script", script), err);
    wg_buf_text(&cli->screen.text, script);
    cli->screen.pages = false;
    return screen_flush(&cli->screen, err);
}

bool completion_bash_run(struct cli *cli, struct wg_error *err)
{
    return print(cli, bash_script, err);
}

bool completion_zsh_run(struct cli *cli, struct wg_error *err)
{
    return print(cli, zsh_script, err);
}

bool completion_fish_run(struct cli *cli, struct wg_error *err)
{
    return print(cli, fish_script, err);
}

/* ---- names ---- */

/* This program, with nobody to talk to. */
static void become(const char *const *words, int out)
{
    char *argv[COMPLETION_ASK_MAX + 2];
    static char name[] = "wavegate";
    size_t count = 0;
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    argv[count++] = name;
    for (; *words && count <= COMPLETION_ASK_MAX; words++)
        argv[count++] = (char *)(uintptr_t)*words;
    argv[count] = NULL;
    (void)setsid(); /* it cannot ask for a passphrase either */
    (void)dup2(nothing, STDIN_FILENO);
    (void)dup2(nothing, STDERR_FILENO);
    (void)dup2(out, STDOUT_FILENO);
    (void)execv("/proc/self/exe", argv);
    _exit(127);
}

/* Reads until its end, or until patience is. */
static bool read_names(int from, struct wg_buf *out)
{
    wg_time end = wg_monotonic() + PATIENCE;
    for (;;) {
        char part[4096];
        struct pollfd set = {.fd = from, .events = POLLIN};
        int left = (int)(end - wg_monotonic());
        if (left <= 0 || poll(&set, 1, left) <= 0) return false;
        ssize_t got = read(from, part, sizeof part);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got == 0;
        wg_buf_add(out, part, (size_t)got);
    }
}

static void ask_names(const char *const *words, struct wg_buf *out)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    pid_t child = fork();
    if (child == 0) become(words, ends[1]);
    (void)close(ends[1]);
    if (child > 0 && !read_names(ends[0], out)) (void)kill(child, SIGKILL);
    (void)close(ends[0]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
}

static void add_names(struct completion *with, const char *typed)
{
    struct wg_buf names;
    const char *equals = strncmp(typed, "--", 2) == 0 ? strchr(typed, '=') : NULL;
    const char *begun = equals ? equals + 1 : strcmp(typed, "=") == 0 ? "" : typed;
    int before = equals ? (int)(equals - typed) + 1 : 0;
    wg_buf_init(&names, NAMES_MAX);
    ask_names(with->ask, &names);
    for (const char *at = wg_buf_str(&names); *at;) {
        size_t len = strcspn(at, "\n");
        if (strncmp(at, begun, strlen(begun)) == 0)
            wg_buf_printf(&with->offers, "%.*s%.*s\t\n", before, typed, (int)len, at);
        at += len + (at[len] == '\n');
    }
    wg_buf_clear(&names);
}

bool completion_print(char *const *words, size_t count)
{
    struct completion completion;
    completion_find(&completion, words, count);
    completion.offers.max = 2 * NAMES_MAX;
    if (completion.ask[0]) add_names(&completion, count > 0 ? words[count - 1] : "");
    bool ok = fputs(wg_buf_str(&completion.offers), stdout) >= 0;
    if (completion.files) ok = fputs(":files\n", stdout) >= 0 && ok;
    completion_clear(&completion);
    return ok;
}
