using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>Caches, model-specific registers, clocks, random numbers, waiting (AMD APM vol. 3, revision 3.36, chapters 3 and 4).</summary>
internal static class ManualSystem
{
    public const uint Star = 0xC000_0081, LongStar = 0xC000_0082, CompatibilityStar = 0xC000_0083, SyscallMask = 0xC000_0084;
    public const uint FsBase = 0xC000_0100, GsBase = 0xC000_0101, KernelGsBase = 0xC000_0102, TscAux = 0xC000_0103, SysenterEip = 0x176;

    private const int Cr4TimeStampDisable = 2, Cr4Counters = 8, LineBytes = 64;

    public static void Register(Dictionary<Mnemonic, Action<ManualProcessor>> table)
    {
        foreach (Mnemonic privileged in (Mnemonic[])[Mnemonic.Invd, Mnemonic.Wbinvd, Mnemonic.Wbnoinvd, Mnemonic.Invlpg])
            table[privileged] = p => p.NeedsLevel0();
        table[Mnemonic.Hlt] = p =>
        {
            p.NeedsLevel0();
            p.Halts = true;
        };
        table[Mnemonic.Clzero] = ClearLine;
        table[Mnemonic.Mcommit] = CommitStores;
        table[Mnemonic.Rdmsr] = ReadRegister;
        table[Mnemonic.Wrmsr] = WriteRegister;
        table[Mnemonic.Rdtsc] = p => ReadClock(p, ManualException.Protection(0));
        table[Mnemonic.Rdtscp] = p =>
        {
            ReadClock(p, ManualException.Protection(0));
            p.S.Gpr[1] = p.S.Msr[TscAux];
        };
        table[Mnemonic.Rdpru] = ReadProcessorRegister;
        table[Mnemonic.Rdpmc] = ReadCounter;
        table[Mnemonic.Rdpid] = p => p.SetRegister(p.I.Op0Register, p.S.Msr[TscAux]);
        table[Mnemonic.Rdrand] = table[Mnemonic.Rdseed] = DrawRandom;
        table[Mnemonic.Cpuid] = Identify;
        table[Mnemonic.Monitor] = p => Monitor(p, ManualException.Undefined());
        table[Mnemonic.Monitorx] = p => Monitor(p, null);
        table[Mnemonic.Mwait] = p => Wait(p, ManualException.Undefined(), extensions: 1);
        table[Mnemonic.Mwaitx] = p => Wait(p, null, extensions: 3);
        table[Mnemonic.Rsm] = _ => throw ManualException.Undefined();
        table[Mnemonic.Ud0] = table[Mnemonic.Ud1] = table[Mnemonic.Ud2] = table[Mnemonic.Rsm];
        table[Mnemonic.Sysenter] = table[Mnemonic.Rsm];

        // Not recognised in long mode; processors look at the level before.
        table[Mnemonic.Sysexit] = p =>
        {
            p.NeedsLevel0();
            throw ManualException.Undefined();
        };
    }

    // The line that holds the address in rAX, whose width is the address size.
    private static void ClearLine(ManualProcessor p)
    {
        ulong address = Addressed(p) & ~(ulong)(LineBytes - 1);
        p.Memory.CheckWrite(address, LineBytes, p.S.Cpl);
        for (int n = 0; n < LineBytes; n += 8)
            p.Memory.Store(address + (ulong)n, 0, 8, p.S.Cpl);
    }

    private static ulong Addressed(ManualProcessor p) => p.Mnemonic switch
    {
        _ when p.I.Code is Code.Clzerow or Code.Monitorw or Code.Monitorxw => (ushort)p.S.Gpr[0],
        _ when p.I.Code is Code.Clzerod or Code.Monitord or Code.Monitorxd => (uint)p.S.Gpr[0],
        _ => p.S.Gpr[0],
    };

    // Only EFER allows it; carry says that all stores are done.
    private static void CommitStores(ManualProcessor p)
    {
        const ulong enable = 1 << 17;
        if ((p.S.Efer & enable) == 0)
            throw ManualException.Undefined();
        p.SetFlag(ManualProcessor.ArithmeticFlags, false);
        p.SetFlag(ManualProcessor.Carry, true);
    }

    private static void ReadRegister(ManualProcessor p)
    {
        p.NeedsLevel0();
        p.SetPair((uint)p.S.Gpr[1] switch
        {
            FsBase => p.S.Segments[(int)SegmentIndex.Fs].Base,
            GsBase => p.S.Segments[(int)SegmentIndex.Gs].Base,
            uint number => p.S.Msr.TryGetValue(number, out ulong value) ? value : throw ManualException.Protection(0),
        });
    }

    private static void WriteRegister(ManualProcessor p)
    {
        p.NeedsLevel0();
        uint number = (uint)p.S.Gpr[1];
        ulong value = p.Pair;
        bool isAddress = number is FsBase or GsBase or KernelGsBase or LongStar or CompatibilityStar;
        if (isAddress && !ManualProcessor.IsCanonical(value))
            throw ManualException.Protection(0);
        if (number is FsBase or GsBase)
            p.S.Segments[(int)(number == FsBase ? SegmentIndex.Fs : SegmentIndex.Gs)].Base = value;
        else if (p.S.Msr.ContainsKey(number))
            p.S.Msr[number] = number is TscAux or SyscallMask ? (uint)value : value;
        else
            throw ManualException.Protection(0);
    }

    private static void ReadClock(ManualProcessor p, ManualException refused)
    {
        if (p.S.Cpl != 0 && p.Cr4(Cr4TimeStampDisable))
            throw refused;
        p.SetPair(0);
        p.OpenRegisters.Add(0);
        p.OpenRegisters.Add(2);
    }

    // MPERF and APERF; other numbers read as zero.
    private static void ReadProcessorRegister(ManualProcessor p)
    {
        ReadClock(p, ManualException.Undefined());
        if ((uint)p.S.Gpr[1] > 1)
            p.OpenRegisters.Clear();
    }

    // Six counters of the core, four of the fabric, six of the cache; none counts here.
    private static void ReadCounter(ManualProcessor p)
    {
        const uint counters = 16;
        if ((p.S.Cpl != 0 && !p.Cr4(Cr4Counters)) || (uint)p.S.Gpr[1] >= counters)
            throw ManualException.Protection(0);
        p.SetPair(0);
    }

    // Any value, with carry, and the other flags cleared.
    private static void DrawRandom(ManualProcessor p)
    {
        p.OpenRegisters.Add(p.I.Op0Register.GetFullRegister().GetNumber());
        p.SetFlag(ManualProcessor.ArithmeticFlags, false);
        p.SetFlag(ManualProcessor.Carry, true);
    }

    // The vendor's name; the other leaves are a dump, which tests of CPUID read.
    private static void Identify(ManualProcessor p)
    {
        uint leaf = (uint)p.S.Gpr[0];
        (p.S.Gpr[0], p.S.Gpr[3], p.S.Gpr[2], p.S.Gpr[1]) = (0, 0x6874_7541, 0x6974_6E65, 0x444D_4163);
        if (leaf != 0)
        {
            foreach (int register in (int[])[1, 2, 3])
                p.OpenRegisters.Add(register);
        }

        p.OpenRegisters.Add(0);
    }

    // The line must be readable; ECX has no extensions.
    private static void Monitor(ManualProcessor p, ManualException? refused)
    {
        if (p.S.Cpl != 0 && refused is not null)
            throw refused;
        if ((uint)p.S.Gpr[1] != 0)
            throw ManualException.Protection(0);
        p.Memory.Read(Addressed(p), 1, p.S.Cpl);
    }

    // Nothing is monitored: the core does not wait.
    private static void Wait(ManualProcessor p, ManualException? refused, uint extensions)
    {
        if (p.S.Cpl != 0 && refused is not null)
            throw refused;
        if (((uint)p.S.Gpr[1] & ~extensions) != 0)
            throw ManualException.Protection(0);
    }
}
