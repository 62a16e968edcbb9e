# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What has to be installed, and installing it with the machine's own package manager. Looking takes
# no package manager and some milliseconds, so that every verb can look each time it is used.

# One thing a line: who needs it, how to see that it is there, its package on Debian and Ubuntu
# (Debian/Ubuntu where they differ), on Fedora and on Arch (- where there is none, nor a use for one),
# and what it is for. Ubuntu's browsers are snaps, which see nothing of the directories of a test.
PACKAGES='
build   command:cc              gcc                   gcc                  gcc           compiling C
build   file:/usr/include/stdio.h libc6-dev           glibc-devel          glibc         compiling C
build   command:meson           meson                 meson                meson         building
build   command:ninja           ninja-build           ninja-build          ninja         building
build   command:pkg-config      pkg-config            pkgconf-pkg-config   pkgconf       finding libraries
build   library:libsystemd      libsystemd-dev        systemd-devel        systemd-libs  the event loop of the daemon
build   library:libcurl         libcurl4-openssl-dev  libcurl-devel        curl          requests to Airstore
build   library:libmicrohttpd   libmicrohttpd-dev     libmicrohttpd-devel  libmicrohttpd the page that the browser comes back to
build   library:json-c          libjson-c-dev         json-c-devel         json-c        JSON
build   library:sqlite3         libsqlite3-dev        sqlite-devel         sqlite        the store of the daemon
build   library:cmocka          libcmocka-dev         libcmocka-devel      cmocka        unit tests
build   library:inih            libinih-dev           inih-devel            libinih       reading the configuration
build   library:libqrencode     libqrencode-dev       qrencode-devel       qrencode      the QR code of the command line
build   library:libsecret-1     libsecret-1-dev       libsecret-devel       libsecret     keys in the keyring of the desktop
build   command:scdoc           scdoc                 scdoc                scdoc         manual pages
run     command:python3         python3               python3              python        walking the consent page where there is no display
test    compiler:libasan.so     gcc                   libasan              gcc           AddressSanitizer
test    compiler:libubsan.so    gcc                   libubsan             gcc           UndefinedBehaviorSanitizer
python  python:venv,ensurepip   python3-venv          python3              python        tests of the real programs
python  certificates:           ca-certificates       ca-certificates      ca-certificates  downloading Python packages
node    command:node            nodejs                nodejs               nodejs        tests with the official SDK
node    command:npm             npm                   nodejs-npm           npm           tests with the official SDK
node    certificates:           ca-certificates       ca-certificates      ca-certificates  downloading Node packages
python  command:ip              iproute2              iproute              iproute2      a network that goes and comes back
python  command:openssl         openssl               openssl              openssl       certificates that are not to be trusted
python  command:socat           socat                 socat                socat         a forwarded socket, and the README in the shell
terminal command:tmux           tmux                  tmux                 tmux          tests in a terminal
terminal command:zbarimg        zbar-tools            zbar                 zbar          reading the QR code from the window
python  file:/usr/share/bash-completion/bash_completion bash-completion bash-completion bash-completion completions in bash
python  command:zsh             zsh                   zsh                  zsh           completions in zsh
python  command:fish            fish                  fish                 fish          completions in fish
python  command:desktop-file-validate desktop-file-utils desktop-file-utils desktop-file-utils checking the entry of the menu
python  command:jq              jq                    jq                   jq            an example of the manual
python  command:man             man-db                man-db               man-db        looking at the manual pages
python  command:groff           groff-base            groff-base           groff         looking at the manual pages
python  system-python:dbus,dbusmock,gi  python3-dbusmock  python3-dbusmock  python-dbusmock  what else is on the session bus
python  command:dbus-daemon     dbus-daemon           dbus-daemon          dbus          a session bus for each test
python  command:gnome-keyring-daemon  gnome-keyring   gnome-keyring        gnome-keyring a keyring for each test
interop command:go              golang-go             golang               go            tests with the public Varlink package for Go
systemd file:/lib/systemd/systemd  systemd               systemd              systemd       tests in a user manager
systemd file:/usr/lib/systemd/user/dbus.socket  dbus-user-session  dbus-daemon  dbus     the session bus of that user manager
systemd command:setpriv         util-linux            util-linux           util-linux    starting that user manager
security command:setpriv         util-linux           util-linux           util-linux    being another user, and trusting other certificates
security command:openssl        openssl               openssl              openssl       certificates, good and bad
security file:/usr/bin/python3  python3               python3              python        a program that another user can run
browser command:chromium,chromium-browser,google-chrome  chromium/-  chromium  chromium  tests in a real browser
browser command:firefox-esr,firefox  firefox-esr/-  firefox  firefox  tests in another real browser
lint    command:clang-format    clang-format          clang-tools-extra    clang         checking how the code is laid out
lint    command:clang-tidy      clang-tidy            clang-tools-extra    clang         looking for mistakes in C
lint    command:cppcheck        cppcheck              cppcheck             cppcheck      looking for mistakes in C
lint    command:shellcheck      shellcheck            ShellCheck           shellcheck    looking for mistakes in scripts
deb     file:/usr/share/build-essential build-essential -                  -             building Debian packages
deb     command:dpkg-buildpackage dpkg-dev            -                    -             building Debian packages
deb     command:dh              debhelper             -                    -             building Debian packages
deb     command:lintian         lintian               -                    -             checking Debian packages
fresh   command:mmdebstrap      mmdebstrap            -                    -             a fresh system to install Debian packages in
bench   command:python3         python3               python3              python        benchmarks
bench   command:oidc-agent      oidc-agent-cli        -                    -             the closest relative, beside which ours is measured
bench   command:ssh-add         openssh-client        openssh-clients      openssh       another, beside which the command line is measured
bench   command:strace          strace                strace               strace        counting system calls
bench   command:valgrind        valgrind              valgrind             valgrind      counting instructions and allocations
coverage command:gcovr          gcovr                 gcovr                gcovr         measuring what the tests reach
fuzz    command:clang           clang                 clang                clang         driving the fuzz targets
fuzz    fuzzer:                 libclang-rt-dev       compiler-rt          compiler-rt   driving the fuzz targets
format  command:clang-format    clang-format          clang-tools-extra    clang         laying out the code
'

# is_there KIND:NAME[,NAME…]: whether it is installed.
is_there() {
    local name names

    IFS=, read -r -a names <<<"${1#*:}"
    case $1 in
        command:*)
            for name in "${names[@]}"; do
                ! command -v -- "$name" >/dev/null || return 0
            done
            return 1
            ;;
        library:*) pkg-config --exists "${names[@]}" 2>/dev/null ;;
        compiler:*) [[ $(cc -print-file-name="${names[0]}" 2>/dev/null) == /* ]] ;;
        file:*) [[ -e ${names[0]} ]] ;;
        python:*) python3 -c "import ${1#*:}" 2>/dev/null ;;
        system-python:*) /usr/bin/python3 -c "import ${1#*:}" 2>/dev/null ;;
        fuzzer:) clang -fsanitize=fuzzer -x c -o /dev/null - 2>/dev/null \
            <<<'int LLVMFuzzerTestOneInput(const void *data, unsigned long size) { return 0; }' ;;
        certificates:) [[ -e /etc/ssl/certs/ca-certificates.crt || -e /etc/pki/tls/certs/ca-bundle.crt ]] ;;
    esac
}

# missing GROUP…: the lines of the table whose thing is needed and not there.
missing() {
    local line group check rest

    while read -r line; do
        read -r group check rest <<<"$line"
        [[ " $* " == *" $group "* ]] || continue
        is_there "$check" || [[ $(package_of "$line") == - ]] || printf '%s\n' "$line"
    done <<<"$PACKAGES"
}

# package_of LINE: what the package of this line of the table is called on this machine.
package_of() {
    local _group _check debian fedora arch _reason

    read -r _group _check debian fedora arch _reason <<<"$1"
    case $(package_manager) in
        apt-get)
            if grep -qx 'ID=ubuntu' /etc/os-release; then
                printf '%s\n' "${debian#*/}"
            else
                printf '%s\n' "${debian%/*}"
            fi
            ;;
        dnf) printf '%s\n' "$fedora" ;;
        pacman) printf '%s\n' "$arch" ;;
        *) printf '%s\n' "${debian%/*}" ;;
    esac
}

package_manager() {
    local name

    for name in apt-get dnf pacman; do
        if command -v "$name" >/dev/null; then
            printf '%s\n' "$name"
            return 0
        fi
    done
    printf 'none\n'
}

# install PACKAGE…: only what is needed for them, without questions.
install() {
    local as_root=()

    if ((EUID != 0)); then
        command -v sudo >/dev/null || die "Only root can install them, and there is no sudo: please install them as root, then try again."
        as_root=(sudo)
    fi
    case $(package_manager) in
        apt-get)
            as_root+=(env DEBIAN_FRONTEND=noninteractive)
            "${as_root[@]}" apt-get -qq -o Acquire::Retries=3 update &&
                "${as_root[@]}" apt-get -qq -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
                    install -y --no-install-recommends "$@"
            ;;
        dnf) "${as_root[@]}" dnf -q -y --setopt=install_weak_deps=False install "$@" ;;
        pacman) "${as_root[@]}" pacman -Sy --needed --noconfirm "$@" ;;
        none) die "There is none of apt-get, dnf and pacman here: please install these in your own way (the names are Debian's)." ;;
    esac >&2 </dev/null
}

# need GROUP…: installs what these groups of the table need and is not there.
need() {
    local lines line name _group _check _debian _fedora _arch reason
    local -A wanted=()

    lines=$(missing "$@")
    [[ -n $lines ]] || return 0

    while read -r line; do
        read -r _group _check _debian _fedora _arch reason <<<"$line"
        wanted[$(package_of "$line")]=$reason
    done <<<"$lines"
    say "These packages are missing and will be installed:"
    for name in "${!wanted[@]}"; do
        say "  $name (for ${wanted[$name]})"
    done

    install "${!wanted[@]}" || die "The packages could not be installed; see above."

    hash -r
    lines=$(missing "$@")
    [[ -z $lines ]] || die "After installing, these are still not found:"$'\n'"$lines"
}

# Those that the tests need.
python_packages() {
    if [[ -x $VENV/bin/python ]] && cmp -s tests/requirements.txt "$VENV/requirements.txt"; then
        return 0
    fi
    say "Installing Python packages into ${VENV#"$PWD"/}/: $(tr '\n' ' ' <tests/requirements.txt)"
    rm -rf -- "$VENV"
    python3 -m venv "$VENV"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check -r tests/requirements.txt >&2
    cp -- tests/requirements.txt "$VENV/requirements.txt"
}

# node_packages FROM TO: a copy of a directory with a package.json, with its packages.
node_packages() {
    if ! cmp -s "$1/package.json" "$2/package.json" || [[ ! -d $2/node_modules ]]; then
        say "Installing Node packages into ${2#"$PWD"/}/ …"
        rm -rf -- "$2"
        mkdir -p -- "$2"
        cp -- "$1/package.json" "$2"
        (cd -- "$2" && npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error) || return
    fi
    cp -R -- "$1"/. "$2"
}
