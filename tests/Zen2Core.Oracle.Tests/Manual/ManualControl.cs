using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>Control, debug and extended control registers, segment bases, flags (AMD APM vol. 2, revision 3.41, 3.1 and 13.1; vol. 3, chapter 4).</summary>
internal static class ManualControl
{
    private const ulong Cr0Protection = 1, Cr0TaskSwitched = 8, Cr0Type = 0x10, Cr0NotWriteThrough = 1 << 29, Cr0CacheDisable = 1 << 30, Cr0Paging = 1UL << 31;

    /// <summary>PE, MP, EM, TS, NE, WP, AM, NW, CD, PG; the rest reads as zero, ET as one.</summary>
    private const ulong Cr0Writable = 0xE005_002F;

    /// <summary>VME to PCE, OSFXSR, OSXMMEXCPT, UMIP, FSGSBASE, OSXSAVE, SMEP, SMAP.</summary>
    private const ulong Cr4Writable = 0x35_0FFF;
    private const ulong Cr4Pae = 1 << 5;
    private const int Cr4Debug = 3, Cr4FsGsBase = 16, Cr4Xsave = 18;

    public static void Register(Dictionary<Mnemonic, Action<ManualProcessor>> table)
    {
        table[Mnemonic.Clts] = p =>
        {
            p.NeedsLevel0();
            p.S.Cr0 &= ~Cr0TaskSwitched;
        };
        table[Mnemonic.Xgetbv] = ReadExtended;
        table[Mnemonic.Xsetbv] = WriteExtended;
        table[Mnemonic.Rdfsbase] = p => ReadBase(p, SegmentIndex.Fs);
        table[Mnemonic.Rdgsbase] = p => ReadBase(p, SegmentIndex.Gs);
        table[Mnemonic.Wrfsbase] = p => WriteBase(p, SegmentIndex.Fs);
        table[Mnemonic.Wrgsbase] = p => WriteBase(p, SegmentIndex.Gs);
        table[Mnemonic.Swapgs] = SwapBase;
    }

    /// <summary>MOV from and to a control register.</summary>
    public static void MoveControl(ManualProcessor p)
    {
        p.NeedsLevel0();
        int bytes = p.S.Is64Bit ? 8 : 4;
        if (p.I.Op0Register.IsCR())
            Write(p, p.I.Op0Register.GetNumber(), ManualProcessor.Truncate(p.ReadRegister(p.I.Op1Register), bytes));
        else
            p.SetRegister(p.I.Op0Register, p.I.Op1Register.GetNumber() switch { 0 => p.S.Cr0, 2 => p.S.Cr2, 3 => p.S.Cr3, _ => p.S.Cr4 });
    }

    /// <summary>MOV from and to a debug register.</summary>
    public static void MoveDebug(ManualProcessor p)
    {
        bool isWrite = p.I.Op0Register.IsDR();
        int number = (isWrite ? p.I.Op0Register : p.I.Op1Register).GetNumber();

        // DR4 and DR5 are DR6 and DR7, unless debug extensions are on.
        if (number is 4 or 5 && p.Cr4(Cr4Debug))
            throw ManualException.Undefined();
        number = number is 4 or 5 ? number + 2 : number;
        p.NeedsLevel0();
        const ulong generalDetect = 1 << 13, accessDetected = 1 << 13;
        if ((p.S.Dr[7] & generalDetect) != 0)
        {
            p.S.Dr[6] |= accessDetected;
            p.S.Dr[7] &= ~generalDetect;
            throw new ManualException(1, 0);
        }

        if (!isWrite)
        {
            p.SetRegister(p.I.Op0Register, p.S.Dr[number]);
            return;
        }

        ulong value = p.ReadRegister(p.I.Op1Register);
        if (number >= 6 && value >> 32 != 0)
            throw ManualException.Protection(0);
        p.S.Dr[number] = number switch
        {
            6 => 0xFFFF_0FF0 | (value & 0xE00F),
            7 => 0x400 | (value & 0xFFFF_23FF),
            _ => value,
        };
    }

    private static void Write(ManualProcessor p, int number, ulong value)
    {
        switch (number)
        {
            case 0:
                bool pagingAlone = (value & Cr0Paging) != 0 && (value & Cr0Protection) == 0;
                bool notWriteThroughAlone = (value & Cr0NotWriteThrough) != 0 && (value & Cr0CacheDisable) == 0;
                bool leavesPaging = (value & Cr0Paging) == 0 && p.S.Is64Bit;
                if (value >> 32 != 0 || pagingAlone || notWriteThroughAlone || leavesPaging)
                    throw ManualException.Protection(0);
                p.S.Cr0 = (value & Cr0Writable) | Cr0Type;
                break;
            case 2:
                p.S.Cr2 = value;
                break;
            case 3:
                // Bits 63 to 52 must be zero (figure 3-6).
                if (value >> 52 != 0)
                    throw ManualException.Protection(0);
                p.S.Cr3 = value;
                break;
            default:
                // Long mode needs PAE.
                if ((value & ~Cr4Writable) != 0 || (value & Cr4Pae) == 0)
                    throw ManualException.Protection(0);
                p.S.Cr4 = value;
                break;
        }
    }

    private static void ReadExtended(ManualProcessor p)
    {
        if (!p.Cr4(Cr4Xsave))
            throw ManualException.Undefined();
        uint number = (uint)p.S.Gpr[1];
        if (number > 1)
            throw ManualException.Protection(0);
        if (number == 0)
        {
            p.SetPair(p.S.Xcr0);
            return;
        }

        // XINUSE: which components hold something is the processor's business.
        p.SetPair(0);
        p.OpenRegisters.Add(0);
    }

    private static void WriteExtended(ManualProcessor p)
    {
        const ulong x87 = 1, sse = 2, avx = 4, known = 0x207;
        if (!p.Cr4(Cr4Xsave))
            throw ManualException.Undefined();
        p.NeedsLevel0();
        ulong value = p.Pair;
        bool vectorsIncomplete = (value & avx) != 0 && (value & sse) == 0;
        if ((uint)p.S.Gpr[1] != 0 || (value & x87) == 0 || (value & ~known) != 0 || vectorsIncomplete)
            throw ManualException.Protection(0);
        p.S.Xcr0 = value;
    }

    private static void CheckBases(ManualProcessor p)
    {
        if (!p.S.Is64Bit || !p.Cr4(Cr4FsGsBase))
            throw ManualException.Undefined();
    }

    private static void ReadBase(ManualProcessor p, SegmentIndex index)
    {
        CheckBases(p);
        p.SetRegister(p.I.Op0Register, p.S.Segments[(int)index].Base);
    }

    private static void WriteBase(ManualProcessor p, SegmentIndex index)
    {
        CheckBases(p);
        ulong value = p.ReadRegister(p.I.Op0Register);
        if (!ManualProcessor.IsCanonical(value))
            throw ManualException.Protection(0);
        p.S.Segments[(int)index].Base = value;
    }

    private static void SwapBase(ManualProcessor p)
    {
        if (!p.S.Is64Bit)
            throw ManualException.Undefined();
        p.NeedsLevel0();
        ref ulong active = ref p.S.Segments[(int)SegmentIndex.Gs].Base;
        (active, p.S.Msr[ManualSystem.KernelGsBase]) = (p.S.Msr[ManualSystem.KernelGsBase], active);
    }
}
