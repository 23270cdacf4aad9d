using CoSim.Hw.Zen2Core.Isa;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>The state and memory before an instruction: random, but such that most cases get past the first check.</summary>
/// <param name="random">Source of choices.</param>
/// <param name="instruction">The instruction that will run.</param>
/// <param name="bits">Code size, 32 or 64.</param>
internal sealed class ManualCase(CaseRandom random, Instruction instruction, int bits)
{
    private const ulong Cr4Fixed = 0x620, Cr4Random = (1 << 2) | (1 << 3) | (1 << 8) | (1 << 11) | (1 << 16) | (1 << 18);
    private const ulong FlagsRandom = 0x8D5 | 0x400 | 0x200 | 0x3000 | 0x4_0000 | 0x20_0000;

    /// <summary>Memory at <see cref="OracleLayout.Scratch"/>.</summary>
    public byte[] Scratch { get; } = new byte[OracleLayout.ScratchSize];

    /// <summary>Chooses everything.</summary>
    public ManualState Make()
    {
        ManualState s = new() { Cpl = random.OneIn(2) ? 3 : 0, Rip = OracleLayout.Code };
        EdgeValues.FillLanes(random, Scratch);
        for (int n = 0; n < 16; n++)
            s.Gpr[n] = bits == 64 ? EdgeValues.Integer(random) : n < 8 ? (uint)EdgeValues.Integer(random) : 0;
        SetControl(s);
        SetSegments(s);
        SetMsrs(s);
        s.Rflags = 2 | (random.Next() & FlagsRandom & ~(random.OneIn(2) ? 0x3000UL : 0)) | (random.OneIn(12) ? 0x4000u : 0);
        s.Gpr[4] = OracleLayout.Scratch + OracleLayout.StackOffset + (ulong)(random.Below(16) * 4);
        if (random.OneIn(16))
            s.Gpr[4] = OracleLayout.ReadOnly + OracleLayout.ReadOnlySize + (ulong)(random.OneIn(2) ? 0 : random.Below(16));
        else if (random.OneIn(16) && instruction.Mnemonic == Mnemonic.Push)
            s.Gpr[4] = OracleLayout.ReadOnly + (ulong)random.Below(16);
        ManualOperands.Set(random, instruction, s, Scratch);
        return s;
    }

    private void SetControl(ManualState s)
    {
        s.Cr0 = 0x8000_0033 | (random.OneIn(2) ? 0x1_0000u : 0) | (random.OneIn(3) ? 8u : 0);
        s.Cr2 = random.Next();
        s.Cr3 = OracleKernel.PageTables;
        s.Cr4 = Cr4Fixed | (random.Next() & Cr4Random) | (random.OneIn(8) ? 2u : 0);
        s.Xcr0 = random.Pick<ulong>([1, 3, 7]);
        s.Efer = 0xD00 | (random.OneIn(4) ? 0u : 1) | (random.OneIn(2) ? 1u << 17 : 0);
        for (int n = 0; n < 4; n++)
            s.Dr[n] = random.Next();
        s.Dr[6] = 0xFFFF_0FF0;
        s.Dr[7] = 0x400 | (random.OneIn(4) ? 1u << 13 : 0);
        s.Gdtr = new TableRegister { Base = ManualLayout.Gdt, Limit = random.OneIn(6) ? ManualLayout.TableLimit - (uint)random.Below(0x100) : ManualLayout.TableLimit };
        s.Idtr = new TableRegister { Base = OracleKernel.Base + OracleKernel.Idt, Limit = 0xFFF };
    }

    /// <summary>64-bit code and a stack of a level.</summary>
    public static void SetLevel(ManualState s, int level)
    {
        s.Cpl = level;
        SetProgram(64, s);
    }

    private static void SetProgram(int bits, ManualState s)
    {
        bool user = s.Cpl == 3;
        ushort code = bits == 64 ? (user ? ManualLayout.UserCode64 : ManualLayout.KernelCode64) : user ? ManualLayout.UserCode32 : ManualLayout.KernelCode32;
        Set(s, SegmentIndex.Cs, code, (ushort)(bits == 64 ? 0xA9B : 0xC9B), user);
        Set(s, SegmentIndex.Ss, user ? ManualLayout.UserData : ManualLayout.KernelData, 0xC93, user);
    }

    private void SetSegments(ManualState s)
    {
        bool user = s.Cpl == 3;
        SetProgram(bits, s);
        foreach (SegmentIndex data in (SegmentIndex[])[SegmentIndex.Ds, SegmentIndex.Es, SegmentIndex.Fs, SegmentIndex.Gs])
            Set(s, data, user || random.OneIn(2) ? ManualLayout.UserData : ManualLayout.KernelData, 0xC93, user);
        foreach (SegmentIndex data in (SegmentIndex[])[SegmentIndex.Ds, SegmentIndex.Es, SegmentIndex.Fs, SegmentIndex.Gs])
            s.Segments[(int)data].Attributes |= (ushort)(s.Segments[(int)data].Selector == ManualLayout.UserData ? 0x60 : 0);
        s.Segments[(int)SegmentIndex.Fs].Base = Canonical(bits);
        s.Segments[(int)SegmentIndex.Gs].Base = Canonical(bits);
        s.Segments[(int)SegmentIndex.Tr] = new SegmentRegister { Selector = 0x40, Attributes = 0x8B, Limit = ManualLayout.TaskLimit, Base = ManualLayout.Task };
        if (!random.OneIn(6))
            s.Segments[(int)SegmentIndex.Ldtr] = new SegmentRegister { Selector = 0x50, Attributes = 0x82, Limit = ManualLayout.TableLimit, Base = ManualLayout.Ldt };
    }

    private static void Set(ManualState s, SegmentIndex index, ushort selector, ushort attributes, bool user) =>
        s.Segments[(int)index] = new SegmentRegister { Selector = selector, Attributes = (ushort)(attributes | (user ? 0x60 : 0)), Limit = uint.MaxValue };

    private ulong Canonical(int codeBits) => codeBits == 64 ? (ulong)((long)(random.Next() << 16) >> 16) : (uint)random.Next();

    private void SetMsrs(ManualState s)
    {
        s.Msr[ManualSystem.Star] = ((ulong)ManualLayout.UserCode32 << 48) | ((ulong)(random.OneIn(2) ? ManualLayout.KernelCode64 : (ushort)random.Next()) << 32) | (uint)random.Next();
        s.Msr[ManualSystem.LongStar] = ManualProcessor.SomeTarget(random);
        s.Msr[ManualSystem.CompatibilityStar] = ManualProcessor.SomeTarget(random);
        s.Msr[ManualSystem.SyscallMask] = (uint)random.Next();
        s.Msr[ManualSystem.KernelGsBase] = Canonical(64);
        s.Msr[ManualSystem.TscAux] = (uint)random.Next();
        s.Msr[ManualDevice.Written] = 0;
    }
}
