using System.Buffers.Binary;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Cli.Tests.Boot;

/// <summary>A file that uses Linux' boot protocol (Documentation/x86/boot.rst) and is no Linux: it prints how wide its code is and turns the machine off.</summary>
internal static class BootProtocolImage
{
    private const int SectorSize = 512, SetupSectors = 1, Entry64 = 0x200, HeaderEnd = 0x26C;

    /// <summary>Builds the file.</summary>
    /// <param name="wide">Whether it has a 64-bit entry point.</param>
    public static byte[] Build(bool wide)
    {
        byte[] code = Code(wide ? 64 : 32);
        int start = (SetupSectors + 1) * SectorSize, entry = start + (wide ? Entry64 : 0);
        byte[] file = new byte[Math.Max(entry + code.Length, start + SectorSize)];
        file[0x1F1] = SetupSectors;
        file[0x200] = 0xEB; // jmp over the header
        file[0x201] = HeaderEnd - 0x202;
        "HdrS"u8.CopyTo(file.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x206), 0x20C);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x236), (ushort)(wide ? 1 : 0));
        code.CopyTo(file, entry);
        return file;
    }

    private static byte[] Code(int bits)
    {
        const ushort serial = 0x3F8, powerControl = 0x804, sleep = 0x3400; // SLP_TYP 5 and SLP_EN
        Assembler c = new(bits);
        Label halt = c.CreateLabel();
        foreach (char digit in $"{bits}")
        {
            c.mov(dx, serial);
            c.mov(al, (sbyte)digit);
            c.@out(dx, al);
        }

        c.mov(dx, powerControl);
        c.mov(ax, sleep);
        c.@out(dx, ax);
        c.Label(ref halt);
        c.hlt();
        c.jmp(halt);
        using MemoryStream stream = new();
        c.Assemble(new StreamCodeWriter(stream), 0);
        return stream.ToArray();
    }
}
