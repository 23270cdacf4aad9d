using System;
using CoSim.Guest;

namespace CoSim.Firmware.Boot;

/// <summary>
/// The directory of files in flash. 32 bytes before the flash's end: a magic number and the offset of the directory from the
/// flash's start. There: a 32-bit count, 32 bits reserved, and entries of 48 bytes: name (32, NUL padded), offset, size.
/// </summary>
public static unsafe class FlashDirectory
{
    private const ulong Magic = 0x444D_4953_4F43_0001; // 01 00 "COSIMD"
    private const ulong Pointer = 0xFFFFFFE0;          // in the window that ends at 4 GiB
    private const ulong Rom3 = 0xFD00000000;           // the whole flash
    private const ulong SmallWindow = 0xFF000000;      // the last 16 MiB, which are the whole flash when it is that small
    private const int EntrySize = 48, NameSize = 32;
    private const uint MaxEntries = 64;

    private static byte* s_flash;
    private static ulong s_directory;

    /// <summary>Finds the directory.</summary>
    /// <returns>False when there is none.</returns>
    public static bool Open()
    {
        if (*(ulong*)Pointer != Magic) return false;
        s_directory = *(ulong*)(Pointer + 8);
        return TryAt(Rom3) || TryAt(SmallWindow);
    }

    /// <summary>Looks up a file.</summary>
    /// <returns>Its first byte, or null; <paramref name="size"/> is its length in bytes.</returns>
    public static byte* Find(ReadOnlySpan<byte> name, out ulong size)
    {
        size = 0;
        byte* entry = s_flash + s_directory + 8;
        for (uint i = 0; i < *(uint*)(s_flash + s_directory); i++, entry += EntrySize)
        {
            if (!IsNamed(entry, name)) continue;
            size = *(ulong*)(entry + NameSize + 8);
            return s_flash + *(ulong*)(entry + NameSize);
        }
        return null;
    }

    private static bool TryAt(ulong flash)
    {
        uint count = *(uint*)(flash + s_directory);
        byte* first = (byte*)(flash + s_directory + 8);
        if (count == 0 || count > MaxEntries || first[0] is < (byte)' ' or > (byte)'~') return false;
        s_flash = (byte*)flash;
        return true;
    }

    private static bool IsNamed(byte* entry, ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (entry[i] != name[i]) return false;
        }
        return name.Length == NameSize || entry[name.Length] == 0;
    }
}
