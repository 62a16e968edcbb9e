# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev deb
#     Build the Debian packages of what is committed into build/deb/, and have lintian look at them.

verb_deb() {
    local place=$PWD/build/deb version

    (($# == 0)) || die "deb takes no arguments."
    need build deb
    version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" meson.build)
    rm -rf -- "$place"
    mkdir -p -- "$place"
    git archive --prefix="airstore-oauthd-$version/" HEAD | tar -x -C "$place"
    say "Building packages of version $version …"
    if ! (cd -- "$place/airstore-oauthd-$version" && dpkg-buildpackage -us -uc -b) >"$place/build.log" 2>&1; then
        tail -n 40 -- "$place/build.log" >&2
        die "The packages could not be built; the whole log is in build/deb/build.log."
    fi
    lintian --fail-on error --no-tag-display-limit "$place"/*.changes >&2
    ls -- "$place"/*.deb
}
