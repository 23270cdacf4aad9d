namespace CoSim.Firmware.Acpi;

/// <summary>Resource descriptors (ACPI Specification 6.3, section 6.4).</summary>
public static class Resource
{
    /// <summary>Fixed ports.</summary>
    public static void Io(ref TableWriter w, uint port, uint length)
    {
        w.U8(0x47);
        w.U8(1); // 16-bit decode
        w.U16(port);
        w.U16(port);
        w.U8(1);
        w.U8(length);
    }

    /// <summary>An ISA interrupt: edge triggered, active high, exclusive.</summary>
    public static void Irq(ref TableWriter w, int irq)
    {
        w.U8(0x22);
        w.U16(1u << irq);
    }

    /// <summary>Fixed memory below 4 GiB.</summary>
    public static void Memory32(ref TableWriter w, uint address, uint length)
    {
        w.U8(0x86);
        w.U16(9);
        w.U8(1); // read and write
        w.U32(address);
        w.U32(length);
    }

    /// <summary>Bus numbers that a host bridge decodes.</summary>
    public static void BusRange(ref TableWriter w, uint first, uint last) => Word(ref w, 2, 0, first, last);

    /// <summary>Ports that a host bridge decodes.</summary>
    public static void PortRange(ref TableWriter w, uint first, uint last) => Word(ref w, 1, 3, first, last);

    /// <summary>Memory below 4 GiB that a host bridge decodes: not cacheable, read and write.</summary>
    public static void MemoryRange(ref TableWriter w, uint first, uint last)
    {
        w.U8(0x87);
        w.U16(23);
        w.U8(0);
        w.U8(0x0C); // both ends fixed, positive decode
        w.U8(1);
        w.U32(0);
        w.U32(first);
        w.U32(last);
        w.U32(0);
        w.U32(last - first + 1);
    }

    /// <summary>A register (section 6.4.3.7) by its generic address.</summary>
    /// <param name="w">Where to write.</param>
    /// <param name="space">1 ports, 7Fh fixed hardware.</param>
    /// <param name="bits">Width.</param>
    /// <param name="offset">Bit offset.</param>
    /// <param name="access">1 byte; 0 undefined.</param>
    /// <param name="address">The address.</param>
    public static void Register(ref TableWriter w, uint space, uint bits, uint offset, uint access, ulong address)
    {
        w.U8(0x82);
        w.U16(12);
        w.U8(space);
        w.U8(bits);
        w.U8(offset);
        w.U8(access);
        w.U64(address);
    }

    private static void Word(ref TableWriter w, uint type, uint typeFlags, uint first, uint last)
    {
        w.U8(0x88);
        w.U16(13);
        w.U8(type);
        w.U8(0x0C);
        w.U8(typeFlags);
        w.U16(0);
        w.U16(first);
        w.U16(last);
        w.U16(0);
        w.U16(last - first + 1);
    }
}
