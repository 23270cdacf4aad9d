using System.Buffers.Binary;
using System.Text;

namespace CoSim.Cli.Tests;

/// <summary>Builds small ELF files: right ones and ones with a single fault.</summary>
internal static class ElfBuilder
{
    private const ulong Base = 0x40_0000;
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;

    /// <summary>A static program of one segment: header, one program header, an instruction.</summary>
    public static byte[] StaticProgram() => Build(1, HeaderSize + ProgramHeaderSize + 2);

    /// <summary>The static program with one byte changed.</summary>
    public static byte[] With(int offset, byte value)
    {
        byte[] program = StaticProgram();
        program[offset] = value;
        return program;
    }

    /// <summary>A program that asks for an interpreter.</summary>
    public static byte[] Dynamic(string interpreter)
    {
        byte[] name = [.. Encoding.UTF8.GetBytes(interpreter), 0];
        int nameAt = HeaderSize + 2 * ProgramHeaderSize;
        byte[] program = Build(2, nameAt + name.Length);
        name.CopyTo(program, nameAt);
        Span<byte> header = program.AsSpan(HeaderSize + ProgramHeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(header, 3);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], (ulong)nameAt);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)name.Length);
        return program;
    }

    private static byte[] Build(ushort programHeaders, int size)
    {
        byte[] file = new byte[size];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), Base + HeaderSize + ProgramHeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(52), HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), ProgramHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), programHeaders);

        Span<byte> load = file.AsSpan(HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(load, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(load[4..], 5);
        BinaryPrimitives.WriteUInt64LittleEndian(load[16..], Base);
        BinaryPrimitives.WriteUInt64LittleEndian(load[24..], Base);
        BinaryPrimitives.WriteUInt64LittleEndian(load[32..], (ulong)size);
        BinaryPrimitives.WriteUInt64LittleEndian(load[40..], (ulong)size);
        BinaryPrimitives.WriteUInt64LittleEndian(load[48..], 0x1000);
        file[HeaderSize + ProgramHeaderSize] = 0xEB; // JMP to itself
        file[^1] = 0xFE;
        return file;
    }
}
