using System.Buffers.Binary;
using CoSim.Os.Loader;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Cli.Running;

/// <summary>
/// What stands at the reset vector of a machine that starts without a firmware of the guest. Nobody comes there but a processor after INIT:
/// devices and memory are as they were. As on a PC, the shutdown status in the CMOS says what is wanted: 05h and 0Ah go on at the far pointer
/// at 467h, 05h after an end of interrupt; for all others the program is started again, as a firmware would have its boot loader do. Without a
/// program the machine is reset.
/// </summary>
/// <remarks>
/// Sources: IBM Personal Computer AT Technical Reference (1984), BIOS listing, "shutdown"; Intel MultiProcessor Specification 1.4, B.4;
/// AMD64 APM volume 2, 14.1.3 (the state after INIT).
/// </remarks>
internal static class ResetFirmware
{
    /// <summary>The last page below 4 GiB, which a processor sees at F000:F000 as long as it is in real mode after INIT.</summary>
    private const uint Page = 0xFFFF_F000;
    private const int PageLength = 0x1000, RealAt = 0, ProtectedAt = 0x100, TableAt = 0x400, DescriptorsAt = 0xF80, OwnTableAt = 0xFA0, ProgramTableAt = 0xFA8, VectorAt = 0xFF0;
    private const ulong LowPage = 0xFF000;
    private const ushort RealModePage = 0xF000, RealModeSegment = 0xF000, CodeSelector = 0x08, DataSelector = 0x10;

    private const int RowLength = 16, RowLimit = ((DescriptorsAt - TableAt) / RowLength) - 1, PieceUnit = 16;

    /// <summary>How much of the flash below 4 GiB programs may take: the test device's memory hides its first 64 KiB.</summary>
    private const int Largest = (16 << 20) - (128 << 10);

    /// <summary>Builds the image.</summary>
    /// <param name="program">What is started again; null, or too large for the flash below 4 GiB: nothing.</param>
    /// <returns>The end of the flash, with the reset vector in its last 16 bytes.</returns>
    public static byte[] Build(DirectImage? program)
    {
        MemoryPiece[] pieces = [.. program?.Pieces ?? []];
        ZeroedMemory[] zeroed = [.. program?.Zeroed ?? []];
        long length = pieces.Sum(p => (long)Align(p.Bytes.Length));
        if (length > Largest || pieces.Length + zeroed.Length > RowLimit)
            return Build(null);

        byte[] image = new byte[length + PageLength];
        Span<byte> page = image.AsSpan((int)length), row = page[TableAt..];
        int at = 0;
        foreach (MemoryPiece piece in pieces)
        {
            piece.Bytes.Span.CopyTo(image.AsSpan(at));
            WriteRow(row, (uint)piece.Address, Page - (uint)(length - at), (uint)piece.Bytes.Length, zero: 0);
            at += Align(piece.Bytes.Length);
            row = row[RowLength..];
        }

        foreach (ZeroedMemory memory in zeroed)
        {
            WriteRow(row, (uint)memory.Address, source: 0, length: 0, (uint)memory.Length);
            row = row[RowLength..];
        }

        new FlatDescriptors(Page + DescriptorsAt, CodeSelector, DataSelector, LongMode: false).ToArray().CopyTo(page[DescriptorsAt..]);
        WriteTableOperand(page[OwnTableAt..], Page + DescriptorsAt);
        Assemble(16, page[..ProtectedAt], RealModePage + RealAt, c => Real(c, program is not null));
        if (program is not null)
        {
            WriteTableOperand(page[ProgramTableAt..], (uint)program.Entry.Flat.Address);
            Assemble(32, page[ProtectedAt..TableAt], Page + ProtectedAt, c => Protected(c, program.Entry));
        }

        Assemble(16, page[VectorAt..], RealModePage + VectorAt, c => c.jmp((ulong)(RealModePage + RealAt)));
        return image;
    }

    /// <summary>
    /// What programs find at the end of the first MiB, where a PC has its firmware too: those who jump to FFFF:0 instead of asking for INIT want
    /// the same.
    /// </summary>
    /// <param name="flash">A flash that ends with what <see cref="Build"/> made.</param>
    public static MemoryPiece LowCopy(ReadOnlyMemory<byte> flash)
    {
        byte[] page = flash[^PageLength..].ToArray();
        Assemble(16, page.AsSpan(VectorAt), RealModePage + VectorAt, c => c.jmp(RealModeSegment, (uint)(RealModePage + RealAt)));
        return new MemoryPiece(LowPage, page);
    }

    private static void Real(Assembler c, bool restarts)
    {
        const sbyte status = 0x0F, withEnd = 0x05, withoutEnd = 0x0A, endOfInterrupt = 0x20, systemReset = 2, resetCommand = 4;
        const byte pic = 0x20, cmosIndex = 0x70, cmosData = 0x71;
        const ushort resetControl = 0xCF9;
        const uint protection = 0x11; // PE, ET
        Label end = c.CreateLabel(), resume = c.CreateLabel();
        c.cli();
        c.cld();
        c.mov(al, status);
        c.@out(cmosIndex, al);
        c.@in(al, cmosData);
        c.mov(bl, al);
        c.mov(al, status);
        c.@out(cmosIndex, al);
        c.xor(eax, eax);
        c.mov(ds, ax);
        c.@out(cmosData, al);
        c.cmp(bl, withEnd);
        c.je(end);
        c.cmp(bl, withoutEnd);
        c.je(resume);
        if (restarts)
        {
            const ushort operand = RealModePage + OwnTableAt;
            Span<byte> next = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(next, Page + ProtectedAt);
            c.db(0x2E, 0x66, 0x0F, 0x01, 0x16, operand & 0xFF, operand >> 8); // lgdt cs:[operand], all 32 bits of the base
            c.mov(eax, protection);
            c.mov(cr0, eax);
            c.db(0x66, 0xEA, next[0], next[1], next[2], next[3], (byte)CodeSelector, 0);
        }
        else
        {
            c.mov(dx, resetControl);
            c.mov(al, systemReset);
            c.@out(dx, al);
            c.mov(al, systemReset | resetCommand);
            c.@out(dx, al);
            c.hlt();
        }

        c.Label(ref end);
        c.mov(al, endOfInterrupt);
        c.@out(pic, al);
        c.Label(ref resume);
        c.db(0xFF, 0x2E, 0x67, 0x04); // jmp far [467h]
    }

    /// <summary>Loads the program, brings the local APIC back to virtual wire mode and enters the program.</summary>
    private static void Protected(Assembler c, EntryState entry)
    {
        const uint apic = 0xFEE0_0000, spurious = 0xF0, lint0 = 0x350, lint1 = 0x360, apicBase = 0x1B, x2Apic = 1 << 10, firstRegister = 0x800;
        (uint Register, uint Value)[] virtualWire = [(spurious, 0x1FF), (lint0, 0x700), (lint1, 0x400)];
        Label next = c.CreateLabel(), loaded = c.CreateLabel(), wide = c.CreateLabel(), enter = c.CreateLabel();
        c.mov(eax, DataSelector);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(ss, eax);
        c.mov(ebx, Page + TableAt);
        c.Label(ref next);
        c.mov(edi, __[ebx]);
        c.mov(esi, __[ebx + 4]);
        c.mov(ecx, __[ebx + 8]);
        c.mov(edx, __[ebx + 12]);
        c.mov(eax, ecx);
        c.or(eax, edx);
        c.je(loaded);
        c.rep.movsb();
        c.mov(ecx, edx);
        c.xor(eax, eax);
        c.rep.stosb();
        c.add(ebx, RowLength);
        c.jmp(next);

        c.Label(ref loaded);
        c.mov(ecx, apicBase);
        c.rdmsr();
        c.test(eax, x2Apic);
        c.jne(wide);
        foreach ((uint register, uint value) in virtualWire)
            c.mov(__dword_ptr[apic + register], value);
        c.jmp(enter);
        c.Label(ref wide);
        c.xor(edx, edx);
        foreach ((uint register, uint value) in virtualWire)
        {
            c.mov(ecx, firstRegister + (register >> 4));
            c.mov(eax, value);
            c.wrmsr();
        }

        c.Label(ref enter);
        c.lgdt(__fword_ptr[Page + ProgramTableAt]);
        c.mov(eax, entry.Flat.DataSelector);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(fs, eax);
        c.mov(gs, eax);
        c.mov(ss, eax);
        foreach (AssemblerRegister32 zero in (AssemblerRegister32[])[ecx, edx, edi, ebp, esp])
            c.xor(zero, zero);
        c.mov(eax, (uint)entry.Rax);
        c.mov(ebx, (uint)entry.Rbx);
        c.mov(esi, (uint)entry.Rsi);
        c.jmp(entry.Flat.CodeSelector, (uint)entry.Address);
    }

    private static void Assemble(int bits, Span<byte> place, ulong address, Action<Assembler> emit)
    {
        Assembler assembler = new(bits);
        emit(assembler);
        using MemoryStream code = new();
        assembler.Assemble(new StreamCodeWriter(code), address);
        code.ToArray().CopyTo(place);
    }

    private static void WriteRow(Span<byte> row, uint address, uint source, uint length, uint zero)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(row, address);
        BinaryPrimitives.WriteUInt32LittleEndian(row[4..], source);
        BinaryPrimitives.WriteUInt32LittleEndian(row[8..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(row[12..], zero);
    }

    private static void WriteTableOperand(Span<byte> operand, uint table)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(operand, FlatDescriptors.Length - 1);
        BinaryPrimitives.WriteUInt32LittleEndian(operand[2..], table);
    }

    private static int Align(int length) => (length + PieceUnit - 1) / PieceUnit * PieceUnit;
}
