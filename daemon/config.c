/* SPDX-License-Identifier: MIT */
#include "daemon/config.h"

#include "daemon/log.h"
#include "lib/api/request.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* The value of a variable, NULL when it is unset or empty. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

static int read_base_url(struct config *config)
{
    const char *url = environment("AIRSTORE_BASE_URL"), *problem;

    int r = api_base_url(url ? url : API_DEFAULT_BASE_URL, &config->base_url, &problem);
    if (r == -EINVAL)
        log_error("AIRSTORE_BASE_URL cannot be used: the URL %s. The API key is sent there, so it "
                  "has to be an https:// URL, "
                  "or an http:// URL of this computer.",
            problem);
    return r;
}

/* A key is one word. Anything else would break the header that it is sent in. */
static bool is_key(const char *key)
{
    for (; *key; key++) {
        if ((unsigned char)*key <= 0x20 || (unsigned char)*key >= 0x7f)
            return false;
    }
    return true;
}

static int read_api_key(struct config *config)
{
    char *key = getenv("AIRSTORE_API_KEY");
    int r = 0;

    if (!key)
        return 0;
    if (!is_key(key)) {
        log_error("AIRSTORE_API_KEY cannot be used: it contains blanks or control characters. Set "
                  "it to the key alone.");
        r = -EINVAL;
    } else if (*key) {
        r = string_replace(&config->api_key, key);
        config->api_key_source = "environment variable AIRSTORE_API_KEY";
    }
    explicit_bzero(key, strlen(key)); /* /proc/PID/environ shows this memory */
    unsetenv("AIRSTORE_API_KEY");
    return r;
}

/* Makes a directory and those above it. */
static int make_directories(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int r = mkdir(path, 0700);
        int code = errno;
        *slash = '/';
        if (r < 0 && code != EEXIST)
            return -code;
    }
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    return 0;
}

static int read_state_directory(struct config *config)
{
    const char *given = environment("STATE_DIRECTORY"), *state = environment("XDG_STATE_HOME"),
               *home = environment("HOME");
    int n;

    if (given)
        n = asprintf(&config->state_directory, "%s", given);
    else if (state)
        n = asprintf(&config->state_directory, "%s/airstore-oauthd", state);
    else
        n = asprintf(&config->state_directory, "%s/.local/state/airstore-oauthd", home ? home : "");
    if (n < 0) {
        config->state_directory = NULL;
        return -ENOMEM;
    }
    int r = make_directories(config->state_directory);
    if (r < 0)
        log_error("Cannot create the state directory %s: %s. Set STATE_DIRECTORY to another one.",
            config->state_directory, strerror(-r));
    return r;
}

static int read_address(struct config *config, const char *address)
{
    const char *runtime = environment("XDG_RUNTIME_DIR");

    if (!address)
        address = environment("AIRSTORE_OAUTHD_ADDRESS");
    if (address && strncmp(address, "unix:/", strlen("unix:/")) != 0) {
        log_error(
            "The address has to look like unix:/run/user/1000/airstore-oauthd/ai.airstore.OAuth");
        return -EINVAL;
    }
    if (address)
        return string_replace(&config->socket_path, address + strlen("unix:"));
    if (!runtime) /* fine when systemd hands the socket over */
        return 0;
    if (asprintf(&config->socket_path, "%s/airstore-oauthd/ai.airstore.OAuth", runtime) < 0) {
        config->socket_path = NULL;
        return -ENOMEM;
    }
    return 0;
}

int config_read(const char *address, struct config *ret)
{
    struct config config = {0};

    int r = read_api_key(&config);
    if (r >= 0)
        r = read_base_url(&config);
    if (r >= 0)
        r = read_address(&config, address);
    if (r >= 0)
        r = string_replace(&config.default_workspace_id, environment("AIRSTORE_WORKSPACE_ID"));
    if (r >= 0)
        r = string_replace(&config.browser, environment("BROWSER"));
    if (r >= 0)
        r = read_state_directory(&config);
    if (r < 0) {
        config_clear(&config);
        return r;
    }
    *ret = config;
    return 0;
}

void config_clear(struct config *config)
{
    free(config->base_url);
    secret_free(config->api_key);
    free(config->default_workspace_id);
    free(config->browser);
    free(config->state_directory);
    free(config->socket_path);
    *config = (struct config){0};
}
