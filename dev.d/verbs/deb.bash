# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev deb
#     Build the Debian packages of the tree as it is into build/deb/, and have lintian look at them.

verb_deb() {
    local place=$PWD/build/deb version copy

    (($# == 0)) || die "deb takes no arguments."
    need build deb
    command -v dpkg-buildpackage >/dev/null || die "Debian packages can only be built on Debian and its relatives."
    version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" meson.build)
    copy=$place/airstore-oauthd-$version
    rm -rf -- "$place"
    mkdir -p -- "$copy"
    tar -c --exclude-vcs --exclude='./build' --exclude='./build-*' --exclude=node_modules --exclude=__pycache__ . |
        tar -x -C "$copy" --no-same-owner

    say "Building packages of version $version …"
    if ! (cd -- "$copy" && DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage -us -uc -b) >"$place/build.log" 2>&1; then
        tail -n 40 -- "$place/build.log" >&2
        die "The packages could not be built; the whole log is in build/deb/build.log."
    fi
    # That no bug report asks for these packages matters only to who uploads them to Debian.
    lintian --allow-root --fail-on error --tag-display-limit 0 --suppress-tags initial-upload-closes-no-bugs \
        "$place"/*.changes >&2 ||
        die "lintian found mistakes in the packages; see above."
    printf '%s\n' "$place"/*.deb
}
