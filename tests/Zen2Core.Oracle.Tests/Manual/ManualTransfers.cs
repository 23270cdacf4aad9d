using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>Far transfers, software interrupts and system calls in long mode (AMD APM vol. 3, revision 3.36; vol. 2, 4.9 and 8.9).</summary>
internal static class ManualTransfers
{
    private const uint ResumeFlag = 0x1_0000, VirtualMode = 0x2_0000, NestedTask = 0x4000, InterruptFlag = 0x200, IoLevel = 0x3000;
    private const ushort FlatCode64 = 0x29B, FlatCode32 = 0xC9B, FlatData = 0xC93, Level3 = 0x60;

    public static void Register(Dictionary<Mnemonic, Action<ManualProcessor>> table)
    {
        table[Mnemonic.Int1] = _ => throw new ManualException(1, 0) { IsTrap = true };
        table[Mnemonic.Int3] = p => Interrupt(p, 3);
        table[Mnemonic.Int] = p => Interrupt(p, p.I.Immediate8);
        table[Mnemonic.Syscall] = SystemCall;
        table[Mnemonic.Sysret] = p => SystemReturn(p, wide: false);
        table[Mnemonic.Sysretq] = p => SystemReturn(p, wide: true);
        table[Mnemonic.Retf] = FarReturn;
        table[Mnemonic.Iret] = p => InterruptReturn(p, 2);
        table[Mnemonic.Iretd] = p => InterruptReturn(p, 4);
        table[Mnemonic.Iretq] = p => InterruptReturn(p, 8);
        table[Mnemonic.Jmp] = p => FarBranch(p, isCall: false);
        table[Mnemonic.Call] = p => FarBranch(p, isCall: true);
    }

    // The gate's level must not be above the program's.
    private static void Interrupt(ManualProcessor p, uint vector)
    {
        const int gateBytes = 16, isTable = 2;
        ManualDescriptor gate = new(p.Memory.Read(p.S.Idtr.Base + (vector * gateBytes), 8, 0), 0);
        if (gate.Dpl < p.S.Cpl)
            throw ManualException.Protection((vector * 8) + isTable);
        throw new ManualException(vector, 0) { IsTrap = true };
    }

    private static void SystemCall(ManualProcessor p)
    {
        if ((p.S.Efer & 1) == 0)
            throw ManualException.Undefined();
        ulong star = p.S.Msr[ManualSystem.Star];
        p.S.Gpr[1] = p.S.Rip;
        p.S.Gpr[11] = p.S.Rflags & ~(ulong)ResumeFlag;
        p.S.Rip = p.S.Msr[p.S.Is64Bit ? ManualSystem.LongStar : ManualSystem.CompatibilityStar];
        p.S.Rflags = (p.S.Rflags & ~(p.S.Msr[ManualSystem.SyscallMask] | ResumeFlag)) | 2;
        ushort selector = (ushort)((star >> 32) & 0xFFFC);
        p.S.Segments[(int)SegmentIndex.Cs] = Flat(selector, FlatCode64);
        p.S.Segments[(int)SegmentIndex.Ss] = Flat((ushort)(selector + 8), FlatData);
        p.S.Cpl = 0;
    }

    private static void SystemReturn(ManualProcessor p, bool wide)
    {
        if ((p.S.Efer & 1) == 0)
            throw ManualException.Undefined();
        p.NeedsLevel0();
        ulong selector = p.S.Msr[ManualSystem.Star] >> 48;
        if (p.S.Is64Bit)
            p.S.Rflags = (p.S.Gpr[11] & 0x003C_7FD7) | 2;
        else
            p.S.Rflags |= InterruptFlag;
        p.S.Rip = wide ? p.S.Gpr[1] : (uint)p.S.Gpr[1];
        p.S.Segments[(int)SegmentIndex.Cs] = Flat((ushort)((wide ? selector + 16 : selector) | 3), (ushort)((wide ? FlatCode64 : FlatCode32) | Level3));

        // The attributes of SS stay: the system's word is taken for it.
        p.S.Segments[(int)SegmentIndex.Ss].Selector = (ushort)((selector + 8) | 3);
        p.S.Cpl = 3;
    }

    private static SegmentRegister Flat(ushort selector, ushort attributes) => new() { Selector = selector, Attributes = attributes, Limit = uint.MaxValue };

    private static void FarReturn(ManualProcessor p)
    {
        int bytes = p.I.Code switch { Code.Retfw or Code.Retfw_imm16 => 2, Code.Retfd or Code.Retfd_imm16 => 4, _ => 8 };
        int released = p.I.OpCount > 0 ? p.I.Immediate16 : 0;
        ulong rip = p.Peek(0, bytes);
        ushort selector = (ushort)p.Peek(bytes, bytes);
        SegmentRegister code = ReturnCode(p, selector);
        int level = selector & 3;
        if (level == p.S.Cpl)
        {
            CheckTarget(code, rip);
            p.Drop((2 * bytes) + released);
        }
        else
        {
            ulong stack = p.Peek((2 * bytes) + released, bytes);
            ushort stackSelector = (ushort)p.Peek((3 * bytes) + released, bytes);
            SegmentRegister segment = ReturnStack(p, stackSelector, level, code);
            CheckTarget(code, rip);
            Enter(p, code, level);
            LoadStack(p, segment, stack, bytes, released);
            return;
        }

        p.S.Rip = rip;
        p.S.Segments[(int)SegmentIndex.Cs] = code;

        void Enter(ManualProcessor q, SegmentRegister target, int to)
        {
            q.S.Rip = rip;
            q.S.Segments[(int)SegmentIndex.Cs] = target;
            q.S.Cpl = to;
            DropDataSegments(q);
        }
    }

    private static void InterruptReturn(ManualProcessor p, int bytes)
    {
        if ((p.S.Rflags & NestedTask) != 0)
            throw ManualException.Protection(0);
        ulong rip = p.Peek(0, bytes);
        ushort selector = (ushort)p.Peek(bytes, bytes);
        ulong flags = p.Peek(2 * bytes, bytes);
        int level = selector & 3;
        bool changesStack = p.S.Is64Bit || level != p.S.Cpl;
        ulong stack = changesStack ? p.Peek(3 * bytes, bytes) : 0;
        ushort stackSelector = changesStack ? (ushort)p.Peek(4 * bytes, bytes) : (ushort)0;
        SegmentRegister code = ReturnCode(p, selector);
        SegmentRegister segment = changesStack ? ReturnStack(p, stackSelector, level, code) : default;
        CheckTarget(code, rip);
        uint taken = ManualProcessor.ArithmeticFlags | 0x700 & ~InterruptFlag | NestedTask
            | (bytes > 2 ? 0x4_0000u | 0x20_0000 | ResumeFlag : 0) | (p.S.Cpl == 0 ? IoLevel : 0) | (p.S.Cpl <= p.Iopl ? InterruptFlag : 0);
        p.S.Rflags = (p.S.Rflags & ~(ulong)taken & ~(ulong)VirtualMode) | (flags & taken);
        bool outward = level != p.S.Cpl;
        p.S.Rip = rip;
        p.S.Segments[(int)SegmentIndex.Cs] = code;
        if (changesStack)
            LoadStack(p, segment, stack, bytes, 0);
        else
            p.Drop(3 * bytes);
        p.S.Cpl = level;
        if (outward)
            DropDataSegments(p);
    }

    private static void LoadStack(ManualProcessor p, SegmentRegister segment, ulong stack, int bytes, int released)
    {
        p.S.Segments[(int)SegmentIndex.Ss] = segment;
        ulong top = stack + (ulong)released;
        bool wide = p.S.Is64Bit;

        // A stack segment of 16 bits takes 16 bits of the pointer.
        if (bytes == 2 || (!wide && (segment.Attributes & SegmentRegister.Big) == 0))
            p.S.Gpr[4] = wide && bytes == 2 ? (ushort)top : (p.S.Gpr[4] & ~0xFFFFUL) | (ushort)top;
        else
            p.S.Gpr[4] = bytes == 8 && wide ? top : (uint)top;
    }

    // Code that may be returned to: its level is the selector's, not within the program's.
    private static SegmentRegister ReturnCode(ManualProcessor p, ushort selector)
    {
        ulong error = ManualDescriptors.Error(selector);
        if (ManualDescriptors.IsNull(selector))
            throw ManualException.Protection(0);
        int level = selector & 3;
        ManualDescriptor d = ManualDescriptors.Get(p, selector, wide: false);
        bool levelFits = d.IsConforming ? d.Dpl <= level : d.Dpl == level;
        if (level < p.S.Cpl || !d.IsCode || (d.IsLong && d.IsBig) || !levelFits)
            throw ManualException.Protection(error);
        if (!d.IsPresent)
            throw new ManualException(11, error);
        return ManualDescriptors.MarkAccessed(p, selector, d).Load(selector);
    }

    private static SegmentRegister ReturnStack(ManualProcessor p, ushort selector, int level, SegmentRegister code)
    {
        ulong error = ManualDescriptors.Error(selector);
        if (ManualDescriptors.IsNull(selector))
        {
            bool allowed = (code.Attributes & SegmentRegister.Long) != 0 && level != 3;
            return allowed ? new SegmentRegister { Selector = selector } : throw ManualException.Protection(0);
        }

        ManualDescriptor d = ManualDescriptors.Get(p, selector, wide: false);
        if ((selector & 3) != level || !d.IsWritableData || d.Dpl != level)
            throw ManualException.Protection(error);
        if (!d.IsPresent)
            throw new ManualException(12, error);
        return ManualDescriptors.MarkAccessed(p, selector, d).Load(selector);
    }

    private static void CheckTarget(SegmentRegister code, ulong rip)
    {
        bool wide = (code.Attributes & SegmentRegister.Long) != 0;
        if (wide ? !ManualProcessor.IsCanonical(rip) : rip > code.Limit)
            throw ManualException.Protection(0);
    }

    // Data segments of an inner level are taken away on the way out.
    private static void DropDataSegments(ManualProcessor p)
    {
        foreach (SegmentIndex index in (SegmentIndex[])[SegmentIndex.Es, SegmentIndex.Ds, SegmentIndex.Fs, SegmentIndex.Gs])
        {
            ref SegmentRegister s = ref p.S.Segments[(int)index];
            bool conforming = (s.Attributes & 0x1C) == 0x1C;
            bool usable = (s.Attributes & SegmentRegister.Present) != 0;

            // The base stays: 64-bit code goes on using it in FS and GS.
            if (usable && !conforming && s.Dpl < p.S.Cpl)
                s = new SegmentRegister { Base = s.Base };
        }
    }

    // To code at the same level, through memory. Tasks and task gates are refused in long mode; call gates have tests of their own.
    private static void FarBranch(ManualProcessor p, bool isCall)
    {
        int bytes = p.I.Code is Code.Jmp_m1616 or Code.Call_m1616 ? 2 : 4;
        ulong rip = p.Memory.Read(p.Address, bytes, p.S.Cpl);
        ushort selector = (ushort)p.Memory.Read(p.Address + (ulong)bytes, 2, p.S.Cpl);
        ulong error = ManualDescriptors.Error(selector);
        if (ManualDescriptors.IsNull(selector))
            throw ManualException.Protection(0);
        ManualDescriptor d = ManualDescriptors.Get(p, selector, wide: false);
        const int callGate = 12;
        p.IsOutside = !d.IsUser && d.Type == callGate;
        bool levelFits = d.IsConforming ? d.Dpl <= p.S.Cpl : d.Dpl == p.S.Cpl && (selector & 3) <= p.S.Cpl;
        if (!d.IsCode || (d.IsLong && d.IsBig) || !levelFits)
            throw ManualException.Protection(error);
        if (!d.IsPresent)
            throw new ManualException(11, error);
        SegmentRegister code = ManualDescriptors.MarkAccessed(p, selector, d).Load((ushort)((selector & ~3) | p.S.Cpl));
        if (isCall)
        {
            p.Push(p.S.Segments[(int)SegmentIndex.Cs].Selector, bytes);
            p.Push(p.S.Rip, bytes);
        }

        CheckTarget(code, rip);
        p.S.Rip = rip;
        p.S.Segments[(int)SegmentIndex.Cs] = code;
    }
}
