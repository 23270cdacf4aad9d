using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>An exception or interrupt as its 64-bit handler found it.</summary>
internal readonly record struct Trap(ulong Vector, ulong Error, ulong Rip, ulong Cs, ulong Flags, ulong Rsp, ulong Ss, ulong Cr2);

/// <summary>Long mode: GDT, IDT whose handlers log what was pushed, a TSS, pages for level 3.</summary>
internal sealed unsafe partial class Guest
{
    public const ulong Gdt = 0x5000, Tss = 0x6000, Idt = 0x7000, Handlers = 0x20000, Log = 0x40000, KernelStack = 0x70000, IstStack = 0x60000;

    /// <summary>4 KiB pages that level 3 may use; the last of the 2 MiB is not present.</summary>
    public const ulong UserCode = 0x400000, UserData = 0x410000, UserStack = 0x420000, NotPresent = 0x5FF000;

    public const ushort KernelCode = 0x08, KernelData = 0x10, UserDataSelector = 0x1B, UserCodeSelector = 0x23, TaskSelector = 0x28;

    private const ulong Count = Log, Resume = Log + 8, FlagsOnReturn = Log + 16, Entries = Log + 64;
    private const int HandlerStride = 256;

    /// <summary>Where handlers return to: 0 halts in the handler, 1 goes back to where the trap came from, else an address.</summary>
    public ulong ReturnTo
    {
        get => Read(Resume);
        set => Write(Resume, value);
    }

    /// <summary>Flags that handlers set in the image before they return.</summary>
    public ulong ReturnFlags
    {
        set => Write(FlagsOnReturn, value);
    }

    /// <summary>What handlers logged, in order.</summary>
    public Trap[] Traps
    {
        get
        {
            Trap[] traps = new Trap[Read(Count)];
            for (int n = 0; n < traps.Length; n++)
            {
                ulong at = Entries + (ulong)n * 64;
                traps[n] = new Trap(
                    Read(at), Read(at + 8), Read(at + 16), Read(at + 24), Read(at + 32), Read(at + 40), Read(at + 48), Read(at + 56));
            }

            return traps;
        }
    }

    /// <summary>Vectors of <see cref="Traps"/>.</summary>
    public ulong[] Vectors => [.. Traps.Select(t => t.Vector)];

    /// <summary>64-bit mode, level 0, identity-mapped, RIP at <see cref="CodeAddress"/>.</summary>
    public static Guest Long(EngineKind kind)
    {
        Guest g = new(kind);
        CpuState* s = g.State;
        g.WriteLongTables();
        s->Cr3 = 0x1000;
        s->Cr4 = ControlBits.Cr4Pae | ControlBits.Cr4FxSave | ControlBits.Cr4SimdExceptions;
        s->Cr0 = ControlBits.Cr0Paging | ControlBits.Cr0Protection | ControlBits.Cr0WriteProtect | ControlBits.Cr0ExtensionType
            | ControlBits.Cr0NumericError;
        s->Efer = ControlBits.EferLongActive | ControlBits.EferLongEnable | ControlBits.EferNoExecute | ControlBits.EferSystemCall;
        ulong[] descriptors =
        [
            0, 0x00209B0000000000, 0x00CF93000000FFFF, 0x00CFF3000000FFFF, 0x0020FB0000000000, 0x0000890060000067, 0,
        ];
        for (int n = 0; n < descriptors.Length; n++)
            g.Write(Gdt + (ulong)n * 8, descriptors[n]);
        s->Gdtr.Base = Gdt;
        s->Gdtr.Limit = 0xFF;
        g.Write(Tss + 4, KernelStack);
        g.Write(Tss + 0x24, IstStack);
        g.Write16(Tss + 0x66, 0x68);
        CpuState.Segment(s, SegmentIndex.Tr) = new SegmentRegister { Selector = TaskSelector, Attributes = 0x8B, Limit = 0x67, Base = Tss };
        g.Write(Gdt + TaskSelector, 0x00008B0060000067);
        s->Idtr.Base = Idt;
        s->Idtr.Limit = 0xFFF;
        for (int vector = 0; vector < 64; vector++)
        {
            g.Handler64((byte)vector, Handlers + (ulong)(vector * HandlerStride));
            g.Gate64((byte)vector, Handlers + (ulong)(vector * HandlerStride), stack: 0, level: 3);
        }

        CpuState.Segment(s, SegmentIndex.Cs) = new SegmentRegister { Selector = KernelCode, Attributes = 0x29B, Limit = uint.MaxValue };
        CpuState.Segment(s, SegmentIndex.Ss) = new SegmentRegister { Selector = KernelData, Attributes = 0xC93, Limit = uint.MaxValue };
        s->Gpr[4] = StackTop;
        s->Rip = CodeAddress;
        g.Changed();
        return g;
    }

    /// <summary>An interrupt gate (type Eh) or another type.</summary>
    public void Gate64(byte vector, ulong handler, int stack, int level, int type = 0xE, ushort selector = KernelCode, bool present = true)
    {
        ulong access = (present ? 0x80UL : 0) | ((ulong)level << 5) | (uint)type;
        Write(
            Idt + (ulong)vector * 16,
            (handler & 0xFFFF) | ((ulong)selector << 16) | ((ulong)stack << 32) | (access << 40) | ((handler & 0xFFFF0000) << 32));
        Write(Idt + (ulong)vector * 16 + 8, handler >> 32);
    }

    /// <summary>Level 3, 64-bit code at <see cref="UserCode"/>.</summary>
    public Guest User()
    {
        CpuState* s = State;
        s->Cpl = 3;
        CpuState.Segment(s, SegmentIndex.Cs) = new SegmentRegister { Selector = UserCodeSelector, Attributes = 0x2FB, Limit = uint.MaxValue };
        CpuState.Segment(s, SegmentIndex.Ss) = new SegmentRegister { Selector = UserDataSelector, Attributes = 0xCF3, Limit = uint.MaxValue };
        s->Rip = UserCode;
        s->Gpr[4] = UserStack;
        Changed();
        return this;
    }

    /// <summary>64-bit code for level 3, which is entered at its start.</summary>
    public Guest UserProgram(Action<Assembler> program) => User().Code(64, UserCode, UserCode, program);

    /// <summary>Call after state was changed from outside: drops what engines have derived from it.</summary>
    public void Changed()
    {
        Engine.Quiesce();
        Core.RefreshMode();
        Core.Virtual.Flush();
        Engine.Attach(Engine.NowCycles);
    }

    /// <summary>Table entry of a page from <see cref="UserCode"/> on.</summary>
    public static ulong EntryOf(ulong linear) => 0x8000 + ((linear >> 12) & 0x1FF) * 8;

    private void WriteLongTables()
    {
        Write(0x1000, 0x2007);
        Write(0x2000, 0x3007);
        for (ulong n = 0; n < 8; n++)
            Write(0x3000 + n * 8, (n << 21) | 0x83);
        Write(0x3000 + 2 * 8, 0x8007);
        for (ulong n = 0; n < 511; n++)
            Write(0x8000 + n * 8, (UserCode + (n << 12)) | 7);
    }

    private void Handler64(byte vector, ulong address) => Code(64, address, address, a =>
    {
        Label stop = a.CreateLabel(), back = a.CreateLabel();
        if (!ExceptionVector.HasErrorCode(vector))
            a.push(0);
        a.push(rax);
        a.push(rbx);
        a.mov(ebx, __dword_ptr[Count]);
        a.shl(ebx, 6);
        a.add(ebx, (uint)Entries);
        a.mov(__qword_ptr[rbx], vector);
        for (int n = 0; n < 6; n++)
        {
            a.mov(rax, __qword_ptr[rsp + 16 + n * 8]);
            a.mov(__qword_ptr[rbx + 8 + n * 8], rax);
        }

        a.mov(rax, cr2);
        a.mov(__qword_ptr[rbx + 56], rax);
        a.inc(__dword_ptr[Count]);
        a.mov(rax, __qword_ptr[Resume]);
        a.test(rax, rax);
        a.je(stop);
        a.cmp(rax, 1);
        a.je(back);
        a.mov(__qword_ptr[rsp + 24], rax);
        a.Label(ref back);
        a.mov(rax, __qword_ptr[FlagsOnReturn]);
        a.or(__qword_ptr[rsp + 40], rax);
        a.pop(rbx);
        a.pop(rax);
        a.add(rsp, 8);
        a.iretq();
        a.Label(ref stop);
        a.pop(rbx);
        a.pop(rax);
        a.hlt();
    });
}
