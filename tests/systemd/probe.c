/* SPDX-License-Identifier: MIT */

/*
 * Attempts what the sandbox of a unit is to forbid, from inside, and prints a line for each
 * attempt: its name, and "done" or the error. Harmless where nothing is forbidden. Where success
 * would take more rights than a person has, the call is made with arguments that the kernel refuses
 * in another way than a sandbox does, or it is looked up whether the restriction is in force.
 *
 * What has to be known of the outside comes in the environment: see test_isolation.py.
 */

#include "lib/base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/wait.h>

static const char *given(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "";
}

static int result(long outcome)
{
    return outcome < 0 ? -errno : 0;
}

/* Files */

static int open_file(const char *path, int flags)
{
    _cleanup_close_ int fd = open(path, flags | O_CLOEXEC, 0666);

    return result(fd);
}

static int create_in(const char *directory)
{
    _cleanup_free_ char *path = NULL;

    if (asprintf(&path, "%s/probe-%d", directory, getpid()) < 0) {
        path = NULL;
        return -ENOMEM;
    }
    int r = open_file(path, O_WRONLY | O_CREAT | O_EXCL);
    (void)unlink(path);
    return r;
}

static int read_home(void)
{
    return open_file("/home/person/secret", O_RDONLY);
}

static int write_elsewhere(void)
{
    return create_in("/usr/local/for-everybody");
}

static int write_state(void)
{
    return create_in(given("STATE_DIRECTORY"));
}

static int write_beside_sockets(void)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/airstore-oauthd", given("XDG_RUNTIME_DIR"));
    return create_in(path);
}

static int read_temporary(void)
{
    return open_file(given("PROBE_TEMPORARY_FILE"), O_RDONLY);
}

static int list_data(void)
{
    return open_file("/srv", O_RDONLY | O_DIRECTORY);
}

static int list_shared_memory(void)
{
    return open_file("/dev/shm", O_RDONLY | O_DIRECTORY);
}

static int list_terminals(void)
{
    return open_file("/dev/pts", O_RDONLY | O_DIRECTORY);
}

static int see_device(void)
{
    return result(access("/dev/kmsg", F_OK));
}

static int write_tunables(void)
{
    struct statvfs mounted;

    if (statvfs("/proc/sys", &mounted) < 0)
        return -errno;
    return mounted.f_flag & ST_RDONLY ? -EROFS : 0;
}

static int make_control_group(void)
{
    char path[8192];

    snprintf(path, sizeof(path), "/sys/fs/cgroup%s/probe", given("PROBE_CONTROL_GROUP"));
    int r = result(mkdir(path, 0755));
    (void)rmdir(path);
    return r;
}

static int make_file_for_others(void)
{
    _cleanup_close_ int fd = open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    return st.st_mode & 0077 ? 0 : -EPERM;
}

/* A new file of one's own, for calls that change one. */
static int with_own_file(int (*change)(int fd))
{
    _cleanup_close_ int fd = open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    return fd < 0 ? -errno : change(fd);
}

static int set_owner(int fd)
{
    return result(fchown(fd, getuid(), (gid_t)-1));
}

static int change_owner(void)
{
    return with_own_file(set_owner);
}

static int set_suid(int fd)
{
    return result(fchmod(fd, 04700));
}

static int make_suid_file(void)
{
    return with_own_file(set_suid);
}

/* Sockets */

static int connect_to(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    int n = snprintf(
        address.sun_path, sizeof(address.sun_path), "%s/%s", given("XDG_RUNTIME_DIR"), name);
    if (fd < 0 || n >= (int)sizeof(address.sun_path))
        return -EINVAL;
    return result(connect(fd, (const struct sockaddr *)&address, sizeof(address)));
}

static int connect_to_bus(void)
{
    return connect_to("bus");
}

static int connect_to_manager(void)
{
    return connect_to("systemd/private");
}

static int connect_to_helper(void)
{
    return connect_to("airstore-oauthd/desktop");
}

static int make_packet_socket(void)
{
    _cleanup_close_ int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

    return fd < 0 && errno != EPERM ? -errno : 0; /* EPERM: the kernel itself */
}

/* Processes */

static int read_environment_of_other(void)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%s/environ", given("MANAGERPID"));
    return open_file(path, O_RDONLY);
}

static int signal_other(void)
{
    return result(kill(atoi(given("MANAGERPID")), 0));
}

/* What may end the process, or changes it, is tried in a child: 0 and errno are its exit status. */
static int in_child(int (*attempt)(void))
{
    int status;

    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0)
        _exit(-attempt());
    if (waitpid(pid, &status, 0) < 0)
        return -errno;
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECANCELED;
}

static int become_traced(void)
{
    return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int trace(void)
{
    return in_child(become_traced);
}

static int leave_user_namespace(void)
{
    return result(unshare(CLONE_NEWUSER));
}

static int make_namespace(void)
{
    return in_child(leave_user_namespace);
}

static int execute_true(void)
{
    (void)execl("/usr/bin/true", "true", NULL);
    return -errno;
}

static int execute(void)
{
    return in_child(execute_true);
}

/* A copy of this program that belongs to root, with the set-user-ID bit. */
static int execute_suid(void)
{
    (void)execl("/usr/local/libexec/probe-suid", "probe-suid", "--am-i-root", NULL);
    return -errno;
}

static int gain_privileges(void)
{
    return in_child(execute_suid);
}

#ifdef __x86_64__
static int call_as_i386(void)
{
    long outcome;

    __asm__ volatile("int $0x80" : "=a"(outcome) : "a"(20L) : "memory"); /* getpid() */
    return outcome > 0 ? 0 : -ENOSYS;
}
#else
static int call_as_i386(void)
{
    return -ENOSYS;
}
#endif

static int use_other_abi(void)
{
    return in_child(call_as_i386);
}

static int stop_randomizing(void)
{
    return result(personality(PER_LINUX | ADDR_NO_RANDOMIZE));
}

static int change_personality(void)
{
    return in_child(stop_randomizing);
}

/* The kernel itself says EINVAL: there are no parameters. */
static int become_realtime(void)
{
    long outcome = syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, NULL);

    return outcome < 0 && errno != EINVAL ? -errno : 0;
}

static int lower_priority(void)
{
    return result(setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0)));
}

static int read_clock_state(void)
{
    struct timex state = {0};

    return result(adjtimex(&state));
}

static int write_and_execute(void)
{
    void *memory =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return -errno;
    (void)munmap(memory, 4096);
    return 0;
}

static int share_memory(void)
{
    int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

    if (id < 0)
        return -errno;
    (void)shmctl(id, IPC_RMID, NULL);
    return 0;
}

static int dump_core(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_CORE, &limit) < 0)
        return -errno;
    return limit.rlim_max == 0 ? -EPERM : 0;
}

/* The keyring of the person is found through that of the session, unless this is another one. */
static int find_key(void)
{
    (void)syscall(SYS_add_key, "user", "airstore-probe", "x", (size_t)1, KEY_SPEC_USER_KEYRING);
    return result(
        syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "airstore-probe", 0));
}

/* Looked up */

static int hold(unsigned long capability)
{
    return prctl(PR_CAPBSET_READ, capability) == 1 ? 0 : -EPERM;
}

static int hold_admin(void)
{
    return hold(CAP_SYS_ADMIN);
}

static int hold_module(void)
{
    return hold(CAP_SYS_MODULE);
}

static int hold_syslog(void)
{
    return hold(CAP_SYSLOG);
}

/* Whether this is the namespace that the outside has, too. */
static int share(const char *kind)
{
    char path[64], variable[64];
    struct stat st;

    snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
    snprintf(variable, sizeof(variable), "PROBE_NAMESPACE_%s", kind);
    if (stat(path, &st) < 0)
        return -errno;
    return st.st_ino == strtoull(given(variable), NULL, 10) ? 0 : -EPERM;
}

static int share_mounts(void)
{
    return share("mnt");
}

static int share_host_name(void)
{
    return share("uts");
}

static const struct {
    const char *name;
    int (*attempt)(void);
} attempts[] = {
    {"change-owner", change_owner},
    {"change-personality", change_personality},
    {"connect-to-bus", connect_to_bus},
    {"connect-to-helper", connect_to_helper},
    {"connect-to-manager", connect_to_manager},
    {"dump-core", dump_core},
    {"execute", execute},
    {"find-key", find_key},
    {"gain-privileges", gain_privileges},
    {"hold-admin", hold_admin},
    {"hold-module", hold_module},
    {"hold-syslog", hold_syslog},
    {"list-data", list_data},
    {"list-shared-memory", list_shared_memory},
    {"list-terminals", list_terminals},
    {"lower-priority", lower_priority},
    {"make-control-group", make_control_group},
    {"make-file-for-others", make_file_for_others},
    {"make-namespace", make_namespace},
    {"make-packet-socket", make_packet_socket},
    {"make-suid-file", make_suid_file},
    {"read-clock-state", read_clock_state},
    {"read-environment-of-other", read_environment_of_other},
    {"read-home", read_home},
    {"read-temporary", read_temporary},
    {"realtime", become_realtime},
    {"see-device", see_device},
    {"share-host-name", share_host_name},
    {"share-memory", share_memory},
    {"share-mounts", share_mounts},
    {"signal-other", signal_other},
    {"trace", trace},
    {"use-other-abi", use_other_abi},
    {"write-and-execute", write_and_execute},
    {"write-beside-sockets", write_beside_sockets},
    {"write-elsewhere", write_elsewhere},
    {"write-state", write_state},
    {"write-tunables", write_tunables},
};

static void try(size_t i)
{
    int r = attempts[i].attempt();

    printf("%s %s\n", attempts[i].name, r < 0 ? strerrorname_np(-r) : "done");
    fflush(stdout); /* before a child inherits it */
}

int main(int argc, char *argv[])
{
    if (argc == 2 && streq(argv[1], "--am-i-root"))
        return geteuid() == 0 ? 0 : EPERM;
    for (size_t i = 0; i < ARRAY_SIZE(attempts); i++) {
        bool wanted = argc == 1;
        for (int j = 1; j < argc; j++)
            wanted = wanted || streq(argv[j], attempts[i].name);
        if (wanted)
            try(i);
    }
    return EXIT_SUCCESS;
}
