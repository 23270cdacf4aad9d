using System;

namespace CoSim.Firmware.Acpi;

/// <summary>Writes ACPI machine language (ACPI Specification 6.3, chapter 20), as far as the DSDT needs it.</summary>
public static class Aml
{
    private const uint NameOp = 0x08, BytePrefix = 0x0A, WordPrefix = 0x0B, DwordPrefix = 0x0C, StringPrefix = 0x0D;
    private const uint ScopeOp = 0x10, BufferOp = 0x11, PackageOp = 0x12, ExtendedPrefix = 0x5B, DeviceOp = 0x82;
    private const uint LengthBytes = 3;

    /// <summary>Opens a scope by a name of one segment, such as \_SB_.</summary>
    public static uint Scope(ref TableWriter w, ReadOnlySpan<byte> name)
    {
        w.U8(ScopeOp);
        uint at = BeginLength(ref w);
        w.Bytes(name);
        return at;
    }

    /// <summary>Opens a device by its four letters.</summary>
    public static uint Device(ref TableWriter w, ReadOnlySpan<byte> name)
    {
        w.U8(ExtendedPrefix);
        w.U8(DeviceOp);
        uint at = BeginLength(ref w);
        w.Bytes(name);
        return at;
    }

    /// <summary>Opens a package of a number of elements.</summary>
    public static uint Package(ref TableWriter w, uint elements)
    {
        w.U8(PackageOp);
        uint at = BeginLength(ref w);
        w.U8(elements);
        return at;
    }

    /// <summary>Closes what <see cref="Scope"/>, <see cref="Device"/> or <see cref="Package"/> opened.</summary>
    public static void End(ref TableWriter w, uint at)
    {
        // The three-byte form of PkgLength (section 20.2.4): low nibble, then two bytes; it counts itself.
        uint length = w.Position - at;
        w.Patch8(at, 0x80 | length & 0xF);
        w.Patch8(at + 1, length >> 4);
        w.Patch8(at + 2, length >> 12);
    }

    /// <summary>Starts a named object; its value follows.</summary>
    public static void Name(ref TableWriter w, ReadOnlySpan<byte> name)
    {
        w.U8(NameOp);
        w.Bytes(name);
    }

    /// <summary>An integer.</summary>
    public static void Integer(ref TableWriter w, uint value)
    {
        if (value <= 1)
        {
            w.U8(value); // ZeroOp, OneOp
        }
        else if (value <= 0xFF)
        {
            w.U8(BytePrefix);
            w.U8(value);
        }
        else if (value <= 0xFFFF)
        {
            w.U8(WordPrefix);
            w.U16(value);
        }
        else
        {
            w.U8(DwordPrefix);
            w.U32(value);
        }
    }

    /// <summary>A string.</summary>
    public static void String(ref TableWriter w, ReadOnlySpan<byte> text)
    {
        w.U8(StringPrefix);
        w.Bytes(text);
        w.U8(0);
    }

    /// <summary>A compressed EISA id (section 19.3.4) such as PNP0A03: three letters, four hexadecimal digits.</summary>
    public static void EisaId(ref TableWriter w, ReadOnlySpan<byte> id)
    {
        uint letters = (id[0] & 0x1Fu) << 10 | (id[1] & 0x1Fu) << 5 | id[2] & 0x1Fu;
        uint digits = Digit(id[3]) << 12 | Digit(id[4]) << 8 | Digit(id[5]) << 4 | Digit(id[6]);
        w.U8(DwordPrefix);
        w.U8(letters >> 8);
        w.U8(letters);
        w.U8(digits >> 8);
        w.U8(digits);
    }

    /// <summary>Opens the resource template _CRS.</summary>
    public static uint Resources(ref TableWriter w)
    {
        Name(ref w, "_CRS"u8);
        return Template(ref w);
    }

    /// <summary>Opens a resource template without a name, such as an element of a package.</summary>
    public static uint Template(ref TableWriter w)
    {
        w.U8(BufferOp);
        uint at = BeginLength(ref w);
        w.U8(WordPrefix);
        w.U16(0); // the buffer's size, set at the end
        return at;
    }

    /// <summary>Closes a resource template by the end tag (section 6.4.2.9).</summary>
    public static void EndResources(ref TableWriter w, uint at)
    {
        w.U8(0x79);
        w.U8(0);
        uint size = w.Position - (at + LengthBytes + 3);
        w.Patch8(at + LengthBytes + 1, size);
        w.Patch8(at + LengthBytes + 2, size >> 8);
        End(ref w, at);
    }

    private static uint BeginLength(ref TableWriter w)
    {
        uint at = w.Position;
        w.Zero(LengthBytes);
        return at;
    }

    private static uint Digit(byte c) => c <= '9' ? (uint)c - '0' : (uint)c - 'A' + 10;
}
