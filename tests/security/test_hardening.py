# SPDX-License-Identifier: MIT
"""The programs and libraries as they are built by default: read back from the binaries."""

import platform

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile

from programs import BUILD

PROGRAMS = ["daemon/airstore-oauthd", "daemon/airstore-oauth-desktop", "cli/airstore-oauth"]
LIBRARIES = ["lib/api/libairstore.so.0", "lib/oauthd/libairstore-oauthd.so.0"]
# The compiler notes down what it was told.
SWITCHES = ["-fstack-protector-strong", "-fstack-clash-protection"]
ON_X86 = ["-fcf-protection"]

pytestmark = pytest.mark.plain


@pytest.fixture(params=[*PROGRAMS, *LIBRARIES])
def binary(request):
    with open(BUILD / request.param, "rb") as file:
        yield ELFFile(file)


def is_program(binary):
    return any(segment["p_type"] == "PT_INTERP" for segment in binary.iter_segments())


def dynamic(binary):
    return next(section for section in binary.iter_sections() if isinstance(section, DynamicSection))


def flags(binary, name):
    return next((tag.entry.d_val for tag in dynamic(binary).iter_tags(name)), 0)


def imported(binary):
    symbols = binary.get_section_by_name(".dynsym")
    return {symbol.name for symbol in symbols.iter_symbols() if symbol["st_shndx"] == "SHN_UNDEF"}


def test_position_independent(binary):
    assert binary["e_type"] == "ET_DYN"
    assert not is_program(binary) or flags(binary, "DT_FLAGS_1") & 0x08000000  # DF_1_PIE
    assert not list(dynamic(binary).iter_tags("DT_TEXTREL"))


def test_relocations_are_read_only(binary):
    """Full RELRO: all bound at start, and written to never again."""
    assert any(segment["p_type"] == "PT_GNU_RELRO" for segment in binary.iter_segments())
    assert flags(binary, "DT_FLAGS") & 0x8 or flags(binary, "DT_FLAGS_1") & 0x1  # BIND_NOW


def test_nothing_is_both_written_and_executed(binary):
    stack = [segment for segment in binary.iter_segments() if segment["p_type"] == "PT_GNU_STACK"]
    assert stack and not stack[0]["p_flags"] & 1
    assert not any(segment["p_flags"] & 3 == 3 for segment in binary.iter_segments() if segment["p_type"] == "PT_LOAD")


def test_stacks_and_buffers_are_guarded(binary):
    assert "__stack_chk_fail" in imported(binary)
    assert any(name.endswith("_chk") for name in imported(binary) - {"__stack_chk_fail"}), "no _FORTIFY_SOURCE"


def test_compiled_with(binary):
    """Every file of ours."""
    wanted = SWITCHES + (ON_X86 if platform.machine() == "x86_64" else [])
    producers = [unit.get_top_DIE().attributes["DW_AT_producer"].value.decode() for unit in binary.get_dwarf_info().iter_CUs()]
    ours = [producer for producer in producers if "GNU C" in producer]
    assert ours
    for producer in ours:
        assert [switch for switch in wanted if switch not in producer] == [], producer


def test_jumps_lead_to_where_they_may(binary):
    """Functions begin with endbr64, which -fcf-protection is about."""
    if platform.machine() != "x86_64":
        pytest.skip("of x86 only")
    text = binary.get_section_by_name(".text")
    functions = [
        symbol for symbol in binary.get_section_by_name(".symtab").iter_symbols()
        if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_info"]["bind"] == "STB_GLOBAL" and symbol["st_size"] > 0
        and text["sh_addr"] <= symbol["st_value"] < text["sh_addr"] + text["sh_size"] and not symbol.name.startswith("_")]
    assert functions
    for function in functions:
        offset = function["st_value"] - text["sh_addr"]
        assert text.data()[offset:offset + 4] == b"\xf3\x0f\x1e\xfa", function.name
