#!/usr/bin/env bash
# Builds Linux' own self-tests tools/testing/selftests/timens, timers and vDSO, unmodified, as static programs:
#
#     artifacts/selftests/timens/{timens,timerfd,timer,clock_nanosleep,procfs,exec,futex,gettime_perf}
#     artifacts/selftests/timers/{posix_timers,nanosleep,nsleep-lat,set-timer-lat,...}
#     artifacts/selftests/vDSO/{vdso_test_gettimeofday,vdso_test_getcpu,vdso_test_abi,vdso_test_clock_getres,...}
#
# and of those of Linux 6.12, what is new there: artifacts/selftests/6.12/timens/*, 6.12/timers/posix_timers.
#
# Usage: tests/selftests/build.sh [SOURCE]
# SOURCE is a kernel tree, or Debian's archive linux-source-6.1.tar.xz. Without it: what an earlier run left in
# artifacts/selftests/source, /usr/src/linux-source-6.1.tar.xz, or Debian's package, fetched by apt-get (140 MB).
# Those of 6.12 always come from Debian's package linux-source-6.12 (150 MB); they are left out, with a message, where it cannot be fetched.
# Only these folders are unpacked. Nothing is done when all programs are there. Exit status 1, with the reason, on failure.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

readonly out=$PWD/artifacts/selftests package=linux-source-6.1
readonly source=$out/source tests=tools/testing/selftests
readonly timens=(timens timerfd timer clock_nanosleep procfs exec futex gettime_perf)
readonly timers=(posix_timers nanosleep nsleep-lat set-timer-lat mqueue-lat inconsistency-check raw_skew threadtest rtcpie
    valid-adjtimex adjtick change_skew skew_consistency clocksource-switch freq-step leap-a-day leapcrash set-tai set-2038 set-tz alarmtimer-suspend)
readonly newer=(timens/{timens,timerfd,timer,clock_nanosleep,procfs,exec,futex,vfork_exec} timers/posix_timers)
readonly vdso=(vdso_test_gettimeofday vdso_test_getcpu vdso_test_abi vdso_test_clock_getres vdso_standalone_test_x86 vdso_test_correctness)

fail() {
    echo "selftests: $1" >&2
    exit 1
}

is_complete() {
    local program
    for program in "${timens[@]/#/timens/}" "${timers[@]/#/timers/}" "${vdso[@]/#/vDSO/}"; do
        [[ -x $out/$program ]] || return 1
    done
}

# Unpacks the folders and what they include from the archive on standard input.
unpack() {
    local folder=$1
    rm -rf "$folder.new"
    mkdir -p "$folder.new"
    tar -xJ -C "$folder.new" --strip-components=1 --wildcards "*/$tests/timens" "*/$tests/timers" "*/$tests/vDSO" "*/$tests/kselftest.h" \
        || fail "the archive does not hold $tests"
    mv "$folder.new" "$folder"
}

fetch() {
    local from=$1 folder=$2 directory archive
    directory=$(mktemp -d)
    # shellcheck disable=SC2064 # the directory of now
    trap "rm -rf '$directory'" EXIT
    chmod 755 "$directory"
    (cd "$directory" && timeout 300 apt-get download -q "$from") >&2 || fail "cannot fetch Debian's $from"
    archive=("$directory"/*.deb)
    dpkg-deb --fsys-tarfile "${archive[0]}" | tar -xO "./usr/src/$from.tar.xz" | unpack "$folder"
    rm -rf "$directory"
}

provide_source() {
    local given=${1:-}
    if [[ -d $given/$tests/timens ]]; then
        rm -rf "$source"
        mkdir -p "$source/$tests"
        cp -r "$given/$tests/timens" "$given/$tests/timers" "$given/$tests/vDSO" "$given/$tests/kselftest.h" "$source/$tests"
    elif [[ -n $given ]]; then
        [[ -f $given ]] || fail "$given: neither a kernel tree nor an archive of one"
        rm -rf "$source"
        unpack "$source" <"$given"
    elif [[ -d $source/$tests/timers ]]; then
        return
    elif [[ -f /usr/src/$package.tar.xz ]]; then
        unpack "$source" <"/usr/src/$package.tar.xz"
    else
        fetch "$package" "$source"
    fi
}

# Compiles like the Makefiles of the folders, with -static added. dlopen of the vDSO works in static programs too, because the
# C library enters the vDSO into its list of loaded objects; its warning about dlopen does not concern that.
compile() {
    local name=$1
    shift
    gcc "$@" -static -o "$name.new" 2>&1 | grep -v -e "Using 'dlopen' in statically" -e "in function \`" >&2 || true
    [[ -x $name.new ]] || fail "$name does not compile"
    mv "$name.new" "$name"
}

build() {
    local program
    mkdir -p "$out/timens" "$out/timers" "$out/vDSO"
    for program in "${timens[@]}"; do
        compile "$out/timens/$program" -Wall -Werror -pthread "$source/$tests/timens/$program.c" -lrt -ldl
    done
    for program in "${timers[@]}"; do
        # valid-adjtimex brings a clock_adjtime of its own, which only in a static program collides with the library's.
        compile "$out/timers/$program" -O3 -w -Wl,--allow-multiple-definition "$source/$tests/timers/$program.c" -lrt -pthread -lm
    done
    cd "$source/$tests/vDSO"
    for program in vdso_test_gettimeofday vdso_test_getcpu vdso_test_abi; do
        compile "$out/vDSO/$program" -std=gnu99 "$program.c" parse_vdso.c
    done
    compile "$out/vDSO/vdso_test_clock_getres" -std=gnu99 vdso_test_clock_getres.c
    compile "$out/vDSO/vdso_test_correctness" -std=gnu99 vdso_test_correctness.c -ldl
    compile "$out/vDSO/vdso_standalone_test_x86" -std=gnu99 -nostdlib -fno-asynchronous-unwind-tables -fno-stack-protector \
        vdso_standalone_test_x86.c parse_vdso.c
}

# Linux 6.12's tests of time namespaces, vfork_exec among them, and of POSIX timers.
build_newer() {
    local program folder=$out/source-6.12
    [[ -d $folder/$tests/timens ]] || fetch linux-source-6.12 "$folder"
    mkdir -p "$out/6.12/timens" "$out/6.12/timers"
    for program in "${newer[@]}"; do
        compile "$out/6.12/$program" -w -pthread "$folder/$tests/$program.c" -lrt -ldl
    done
}

is_newer_complete() {
    local program
    for program in "${newer[@]}"; do
        [[ -x $out/6.12/$program ]] || return 1
    done
}

if [[ -n ${1:-} ]] || ! is_complete; then
    provide_source "${1:-}"
    (build)
fi
is_newer_complete || (build_newer) || echo "selftests: those of Linux 6.12 are left out" >&2
