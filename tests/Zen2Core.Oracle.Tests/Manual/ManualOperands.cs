using CoSim.Hw.Zen2Core.Isa;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>Operands that make sense for the instruction most of the time: selectors, frames, ports, register numbers.</summary>
internal static class ManualOperands
{
    /// <summary>Sets registers and scratch memory.</summary>
    public static void Set(CaseRandom random, Instruction instruction, ManualState s, byte[] scratch)
    {
        ulong target = random.Below(12) switch
        {
            0 => OracleLayout.ReadOnly + (ulong)random.Below(0x1008),
            1 => OracleLayout.ReadOnly - (ulong)random.Below(16),
            2 => random.Next(),
            _ => OracleLayout.Scratch + OracleLayout.OperandOffset + (ulong)random.Below(64),
        };
        SetMemory(random, instruction, s, scratch, target);
        SetFrame(random, instruction, s, scratch);
        SetRegisters(random, instruction, s, target);
    }

    private static bool IsBase(Instruction i, int n) => i.GetOpKind(n) == OpKind.Memory && i.MemoryBase.IsGPR() && i.Mnemonic != Mnemonic.Xlatb;

    private static void SetMemory(CaseRandom random, Instruction i, ManualState s, byte[] scratch, ulong target)
    {
        for (int n = 0; n < i.OpCount; n++)
        {
            if (IsBase(i, n))
                s.Gpr[i.MemoryBase.GetNumber()] = ManualProcessor.Truncate(target - i.MemoryDisplacement64, s.Is64Bit ? 8 : 4);
        }

        switch (i.Mnemonic)
        {
            case Mnemonic.Lss or Mnemonic.Lfs or Mnemonic.Lgs:
                Put(scratch, target + (ulong)i.Op0Register.GetSize(), ManualLayout.Selector(random), 2);
                break;
            case Mnemonic.Jmp or Mnemonic.Call:
                int bytes = i.Code is Code.Jmp_m1616 or Code.Call_m1616 ? 2 : 4;
                ulong rip = ManualProcessor.SomeTarget(random);
                Put(scratch, target, rip, bytes);

                // A 16-bit target lies where no code is: only refusals can be compared.
                Put(scratch, target + (ulong)bytes, bytes == 2 ? (ulong)random.Pick<ushort>([0, 1, ManualLayout.KernelData, ManualLayout.UserData, 0xFFF8]) : ManualLayout.Selector(random), 2);
                break;
            case Mnemonic.Lgdt or Mnemonic.Lidt:
                Put(scratch, target + 2, random.OneIn(3) ? random.Next() : (ulong)((long)random.Next() >> 20), 8);
                break;
            case Mnemonic.Invlpg or Mnemonic.Smsw or Mnemonic.Sgdt or Mnemonic.Sidt or Mnemonic.Sldt or Mnemonic.Str:
                break;
            default:
                Put(scratch, target, ManualLayout.Selector(random), 2);
                break;
        }
    }

    private static void SetFrame(CaseRandom random, Instruction i, ManualState s, byte[] scratch)
    {
        ulong at = s.Gpr[4];
        int bytes = i.Code switch
        {
            Code.Retfw or Code.Retfw_imm16 or Code.Iretw => 2,
            Code.Retfd or Code.Retfd_imm16 or Code.Iretd => 4,
            Code.Retfq or Code.Retfq_imm16 or Code.Iretq => 8,
            _ => 0,
        };
        if (i.Mnemonic is Mnemonic.Popf or Mnemonic.Popfd or Mnemonic.Popfq)
            Put(scratch, at, random.Next() & ~0x100UL, 8);
        else if (i.Mnemonic == Mnemonic.Pop)
            Put(scratch, at, ManualLayout.Selector(random), 2);
        if (bytes == 0)
            return;

        // A frame of 16 bits leads where no code is: a selector that is refused, or code of which only the fault can be compared.
        ushort code = random.OneIn(3) ? ManualLayout.Selector(random) : s.Cpl == 3 || random.OneIn(2)
            ? random.Pick<ushort>([ManualLayout.UserCode32, ManualLayout.UserCode64]) : random.Pick<ushort>([ManualLayout.KernelCode32, ManualLayout.KernelCode64]);
        if (bytes == 2)
            code = random.Pick<ushort>([0, 2, ManualLayout.KernelData, ManualLayout.UserData, 0xFFF8]);
        ushort stack = random.OneIn(4) ? ManualLayout.Selector(random) : (code & 3) == 3 ? ManualLayout.UserData : ManualLayout.KernelData;
        ulong rip = bytes == 8 && random.OneIn(12) ? 0x8000_0000_0000 : ManualProcessor.SomeTarget(random);
        Put(scratch, at, rip, bytes);
        Put(scratch, at + (ulong)bytes, code, bytes);
        bool isReturn = i.Mnemonic == Mnemonic.Retf;
        ulong rest = at + (ulong)(2 * bytes) + (isReturn && i.OpCount > 0 ? i.Immediate16 : 0ul);
        if (!isReturn)
        {
            Put(scratch, rest, random.Next() & ~0x3A_0100UL, bytes);
            rest += (ulong)bytes;
        }

        Put(scratch, rest, OracleLayout.Scratch + (ulong)random.Below(0x800), bytes);
        Put(scratch, rest + (ulong)bytes, stack, bytes);
    }

    private static void SetRegisters(CaseRandom random, Instruction i, ManualState s, ulong target)
    {
        for (int n = 0; n < i.OpCount; n++)
        {
            bool selector = i.Mnemonic is Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw or Mnemonic.Lldt or Mnemonic.Ltr
                || (i.Mnemonic == Mnemonic.Mov && i.Op0Kind == OpKind.Register && i.Op0Register.IsSegmentRegister());
            if (selector && i.GetOpKind(n) == OpKind.Register && i.GetOpRegister(n).IsGPR())
                s.Gpr[i.GetOpRegister(n).GetNumber()] = ManualLayout.Selector(random) | (s.Is64Bit ? random.Next() << 16 : 0);
        }

        switch (i.Mnemonic)
        {
            case Mnemonic.Mov when i.Op0Kind == OpKind.Register && (i.Op0Register.IsCR() || i.Op0Register.IsDR()):
                s.Gpr[i.Op1Register.GetNumber()] = ManualProcessor.Truncate(ControlValue(random, i.Op0Register, s), s.Is64Bit ? 8 : 4);
                break;
            case Mnemonic.In or Mnemonic.Out or Mnemonic.Insb or Mnemonic.Insw or Mnemonic.Insd or Mnemonic.Outsb or Mnemonic.Outsw or Mnemonic.Outsd:
                s.Gpr[2] = (uint)random.Below(random.OneIn(4) ? 0x1_0000 : 0x80);
                s.Gpr[6] = OracleLayout.Scratch + (ulong)random.Below(0x2000);
                s.Gpr[7] = OracleLayout.Scratch + (ulong)random.Below(0x1FF0);
                break;
            case Mnemonic.Xlatb:
                s.Gpr[3] = target;
                break;
            case Mnemonic.Clzero or Mnemonic.Monitor or Mnemonic.Monitorx:
                s.Gpr[0] = s.Is64Bit ? target : (uint)target;
                s.Gpr[1] = random.OneIn(3) ? 1u : 0;
                break;
            case Mnemonic.Mwait or Mnemonic.Mwaitx or Mnemonic.Rdpru or Mnemonic.Xgetbv:
                s.Gpr[1] = (uint)random.Below(5);
                break;
            case Mnemonic.Rdpmc:
                s.Gpr[1] = (uint)random.Below(20);
                break;
            case Mnemonic.Xsetbv:
                (s.Gpr[0], s.Gpr[1], s.Gpr[2]) = ((ulong)random.Below(16), random.OneIn(6) ? 1u : 0, random.OneIn(6) ? 1u : 0);
                break;
            case Mnemonic.Rdmsr or Mnemonic.Wrmsr:
                SetMsr(random, s);
                break;
            case Mnemonic.Sysret or Mnemonic.Sysretq:
                s.Gpr[1] = ManualProcessor.SomeTarget(random);
                s.Gpr[11] = random.Next() & ~0x100UL;
                break;
            case Mnemonic.Wrfsbase or Mnemonic.Wrgsbase:
                s.Gpr[i.Op0Register.GetNumber()] = random.OneIn(3) ? random.Next() : (ulong)((long)random.Next() >> 17);
                break;
            case Mnemonic.Cpuid:
                s.Gpr[0] = random.OneIn(2) ? 0 : random.Pick<uint>([1, 7, 0xD, 0x8000_0000, 0x8000_0008]);
                break;
        }
    }

    private static void SetMsr(CaseRandom random, ManualState s)
    {
        uint number = random.Pick<uint>(
        [
            ManualSystem.Star, ManualSystem.LongStar, ManualSystem.CompatibilityStar, ManualSystem.SyscallMask, ManualSystem.FsBase,
            ManualSystem.GsBase, ManualSystem.KernelGsBase, ManualSystem.TscAux, 0x4000_0000, 0xC000_0FFF, 0x0000_0FFF,
        ]);
        s.Gpr[1] = number;
        ulong value = random.OneIn(3) ? random.Next() : (ulong)((long)random.Next() >> 17);
        s.Gpr[0] = (uint)value;
        s.Gpr[2] = number is ManualSystem.SyscallMask or ManualSystem.TscAux ? 0 : value >> 32;
    }

    // Values that differ in a few bits from those in force, none that takes the ground from under the test.
    private static ulong ControlValue(CaseRandom random, Register register, ManualState s)
    {
        if (register.IsDR())
            return register is Register.DR7 or Register.DR5 ? random.Next() & 0xFFFF_FF00 & ~(random.OneIn(2) ? 0u : 0x2000u) | (random.OneIn(6) ? 1UL << 40 : 0) : random.OneIn(2) ? (uint)random.Next() : random.Next();
        switch (register.GetNumber())
        {
            case 0:
                ulong toggled = random.Next() & random.Next() & 0x6001_002A & (random.OneIn(4) ? ulong.MaxValue : 0x4001_002A);
                ulong wrong = random.Below(10) switch { 0 => 1, 1 => 1UL << 40, 2 when s.Is64Bit => 1UL << 31, 3 => 1 << 8, _ => 0 };
                return s.Cr0 ^ toggled ^ wrong;
            case 3:
                return OracleKernel.PageTables | (random.Next() & 0x18) | (random.OneIn(4) ? 1UL << (52 + random.Below(12)) : 0);
            case 4:
                ulong wrong4 = random.Below(10) switch { 0 => 1UL << 5, 1 => 1UL << 40, 2 => 1 << 12, 3 => 1 << 13, 4 => 1 << 17, 5 => 1 << 22, _ => 0 };
                return s.Cr4 ^ (random.Next() & 0x5_0FCF) ^ wrong4;
            default:
                return random.Next();
        }
    }

    private static void Put(byte[] scratch, ulong address, ulong value, int bytes)
    {
        for (int n = 0; n < bytes; n++)
        {
            ulong at = address + (ulong)n - OracleLayout.Scratch;
            if (at < (ulong)scratch.Length)
                scratch[at] = (byte)(value >> (8 * n));
        }
    }
}
