using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>An exception or interrupt as its 32-bit handler found it; stack words behind the flags come last.</summary>
internal readonly record struct Trap32(uint Vector, uint Error, uint Eip, uint Cs, uint Flags, uint Esp, uint Ss, uint[] Data);

/// <summary>Legacy protected mode without paging: flat segments of level 0 and 3, 16-bit ones, a 32-bit TSS, an IDT that logs.</summary>
internal sealed unsafe partial class Guest
{
    public const ushort Code32 = 0x08, Data32 = 0x10, Data32User = 0x1B, Code32User = 0x23, Task32 = 0x28, Code16 = 0x30, Data16 = 0x38,
        Conforming32 = 0x40, Spare = 0x48, Spare2 = 0x50, Spare3 = 0x58;

    public const ulong Gdt32 = 0x5000, Idt32 = 0x5800, Tss32 = 0x6000, OtherTss = 0x6800, User32Stack = 0x78000, User32Code = 0x18000;

    private const int Entry32 = 64;

    /// <summary>What 32-bit handlers logged.</summary>
    public Trap32[] Traps32
    {
        get
        {
            Trap32[] traps = new Trap32[Read32(Count)];
            for (int n = 0; n < traps.Length; n++)
            {
                ulong at = Entries + (ulong)(n * Entry32);
                uint[] words = [.. Enumerable.Range(0, 11).Select(i => Read32(at + (ulong)i * 4))];
                traps[n] = new Trap32(words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7..]);
            }

            return traps;
        }
    }

    /// <summary>32-bit protected mode, level 0, EIP at <see cref="CodeAddress"/>.</summary>
    public static Guest Protected(EngineKind kind)
    {
        Guest g = new(kind);
        CpuState* s = g.State;
        ulong[] descriptors =
        [
            0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF, 0x00CFF3000000FFFF, 0x00CFFB000000FFFF, Descriptor((uint)Tss32, 0x2067, 0x8B),
            0x00009B010000FFFF, 0x000093000000FFFF, 0x00CF9F000000FFFF,
        ];
        for (int n = 0; n < descriptors.Length; n++)
            g.Write(Gdt32 + (ulong)n * 8, descriptors[n]);
        s->Gdtr.Base = Gdt32;
        s->Gdtr.Limit = 0x7F;
        g.Write32(Tss32 + 4, (uint)KernelStack);
        g.Write32(Tss32 + 8, Data32);
        g.Write16(Tss32 + 0x66, 0x88);
        s->Cr0 = ControlBits.Cr0Protection | ControlBits.Cr0ExtensionType | ControlBits.Cr0NumericError;
        s->Cr4 = ControlBits.Cr4FxSave;
        CpuState.Segment(s, SegmentIndex.Tr) = new SegmentRegister { Selector = Task32, Attributes = 0x8B, Limit = 0x2067, Base = Tss32 };
        s->Idtr.Base = Idt32;
        s->Idtr.Limit = 0x1FF;
        for (int vector = 0; vector < 64; vector++)
        {
            g.Handler32((byte)vector, Handlers + (ulong)(vector * HandlerStride));
            g.Gate32((byte)vector, (uint)(Handlers + (ulong)(vector * HandlerStride)), level: 3);
        }

        SegmentRegister data = new() { Selector = Data32, Attributes = 0xC93, Limit = uint.MaxValue };
        foreach (SegmentIndex index in new[] { SegmentIndex.Es, SegmentIndex.Ss, SegmentIndex.Ds, SegmentIndex.Fs, SegmentIndex.Gs })
            CpuState.Segment(s, index) = data;
        CpuState.Segment(s, SegmentIndex.Cs) = new SegmentRegister { Selector = Code32, Attributes = 0xC9B, Limit = uint.MaxValue };
        s->Gpr[4] = StackTop;
        s->Rip = CodeAddress;
        g.Changed();
        return g;
    }

    /// <summary>A segment or system descriptor with byte granularity.</summary>
    public static ulong Descriptor(uint address, uint limit, byte access, byte flags = 0) =>
        (limit & 0xFFFF) | ((ulong)(address & 0xFFFFFF) << 16) | ((ulong)access << 40) | ((ulong)((limit >> 16) & 0xF) << 48)
        | ((ulong)flags << 52) | ((ulong)(address >> 24) << 56);

    /// <summary>A call, interrupt or trap gate.</summary>
    public static ulong Gate(ushort selector, uint offset, byte access, int parameters = 0) =>
        (offset & 0xFFFF) | ((ulong)selector << 16) | ((ulong)(uint)parameters << 32) | ((ulong)access << 40) | ((ulong)(offset & 0xFFFF0000) << 32);

    public void Gate32(byte vector, uint handler, int level, int type = 0xE, ushort selector = Code32) =>
        Write(Idt32 + (ulong)vector * 8, Gate(selector, handler, (byte)(0x80 | (level << 5) | type)));

    /// <summary>32-bit code at <see cref="CodeAddress"/>.</summary>
    public Guest Program32(Action<Assembler> program) => Code(32, CodeAddress, CodeAddress, program);

    /// <summary>Level 3, 32-bit code at <see cref="User32Code"/>, which is entered at its start.</summary>
    public Guest User32Program(Action<Assembler> program)
    {
        CpuState* s = State;
        s->Cpl = 3;
        SegmentRegister data = new() { Selector = Data32User, Attributes = 0xCF3, Limit = uint.MaxValue };
        foreach (SegmentIndex index in new[] { SegmentIndex.Es, SegmentIndex.Ss, SegmentIndex.Ds, SegmentIndex.Fs, SegmentIndex.Gs })
            CpuState.Segment(s, index) = data;
        CpuState.Segment(s, SegmentIndex.Cs) = new SegmentRegister { Selector = Code32User, Attributes = 0xCFB, Limit = uint.MaxValue };
        s->Rip = User32Code;
        s->Gpr[4] = User32Stack;
        Changed();
        return Code(32, User32Code, User32Code, program);
    }

    /// <summary>Fills in a 32-bit TSS whose task starts at an address with flat segments.</summary>
    public void WriteTask(ulong tss, uint eip, uint esp, uint flags = 2, ushort code = Code32, ushort data = Data32)
    {
        Write32(tss + 0x20, eip);
        Write32(tss + 0x24, flags);
        Write32(tss + 0x38, esp);
        foreach (ulong offset in new ulong[] { 0x48, 0x50, 0x54, 0x58, 0x5C })
            Write32(tss + offset, data);
        Write32(tss + 0x4C, code);
        Write16(tss + 0x66, 0x68);
    }

    private void Handler32(byte vector, ulong address) => Code(32, address, address, a =>
    {
        Label stop = a.CreateLabel(), back = a.CreateLabel();
        if (!ExceptionVector.HasErrorCode(vector))
            a.push(0);
        a.push(eax);
        a.push(ebx);
        a.push(ds);
        a.mov(eax, Data32);
        a.mov(ds, ax);
        a.mov(ebx, __dword_ptr[(uint)Count]);
        a.shl(ebx, 6);
        a.add(ebx, (uint)Entries);
        a.mov(__dword_ptr[ebx], (uint)vector);
        for (int n = 0; n < 10; n++)
        {
            a.mov(eax, __dword_ptr[esp + 12 + n * 4]);
            a.mov(__dword_ptr[ebx + 4 + n * 4], eax);
        }

        a.inc(__dword_ptr[(uint)Count]);
        a.mov(eax, __dword_ptr[(uint)Resume]);
        a.test(eax, eax);
        a.je(stop);
        a.cmp(eax, 1);
        a.je(back);
        a.mov(__dword_ptr[esp + 16], eax);
        a.Label(ref back);
        a.mov(eax, __dword_ptr[(uint)FlagsOnReturn]);
        a.or(__dword_ptr[esp + 24], eax);
        a.pop(ds);
        a.pop(ebx);
        a.pop(eax);
        a.add(esp, 4);
        a.iretd();
        a.Label(ref stop);
        a.pop(ds);
        a.pop(ebx);
        a.pop(eax);
        a.hlt();
    });
}
