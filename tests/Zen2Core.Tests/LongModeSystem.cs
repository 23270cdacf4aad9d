using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;

namespace CoSim.Zen2Core.Tests;

/// <summary>A long-mode machine with GDT, TSS, IDT, a user page and a handler that records what was pushed.</summary>
internal static unsafe class LongModeSystem
{
    public const ulong Gdt = 0x5000, Tss = 0x6000, Idt = 0x7000, Handlers = 0x20000, KernelStack = 0x70000, InterruptStack = 0x60000;

    /// <summary>A page that user code may use, and the one behind it, which is not mapped.</summary>
    public const ulong UserCode = 0x400000, UserData = 0x410000, UserStack = 0x420000, Unmapped = 0x5FF000, SupervisorData = 0x90000;

    public const ushort KernelCodeSelector = 0x08, UserDataSelector = 0x1B, UserCodeSelector = 0x23, TssSelector = 0x28;

    /// <summary>Builds it; every vector's handler stores its number to R15 and halts.</summary>
    public static TestMachine Build()
    {
        TestMachine m = new TestMachine().Long();
        CpuState* s = m.State;
        m.Write(Gdt + 0x08, 0x00209B0000000000);
        m.Write(Gdt + 0x10, 0x00CF93000000FFFF);
        m.Write(Gdt + 0x18, 0x00CFF3000000FFFF);
        m.Write(Gdt + 0x20, 0x0020FB0000000000);
        m.Write(Gdt + 0x28, 0x0000890060000067);
        m.Write(Gdt + 0x30, 0);
        s->Gdtr.Base = Gdt;
        s->Gdtr.Limit = 0x37;
        m.Write(Tss + 4, KernelStack);
        m.Write(Tss + 0x24, InterruptStack);
        m.Memory.Write(Tss + 0x66, [0x68, 0]);
        s->Idtr.Base = Idt;
        s->Idtr.Limit = 0xFFF;
        for (byte vector = 0; vector < 64; vector++)
        {
            byte v = vector;
            ulong handler = Handlers + (ulong)vector * 32;
            m.Code(a =>
            {
                a.mov(AssemblerRegisters.r15d, v + 0x100);
                a.hlt();
            }, 64, handler);
            Gate(m, vector, handler, stack: 0, level: 0);
        }

        MapUserPages(m);
        SegmentLoad.Task(m.Core, TssSelector);
        return m;
    }

    public static void Gate(TestMachine m, byte vector, ulong handler, int stack, int level)
    {
        ulong low = (handler & 0xFFFF) | ((ulong)KernelCodeSelector << 16) | ((ulong)stack << 32)
            | ((0x8EUL | ((ulong)level << 5)) << 40) | ((handler & 0xFFFF0000) << 32);
        m.Write(Idt + (ulong)vector * 16, low);
        m.Write(Idt + (ulong)vector * 16 + 8, handler >> 32);
    }

    /// <summary>Puts the core into user mode at <see cref="UserCode"/>.</summary>
    public static void EnterUser(TestMachine m)
    {
        CpuState* s = m.State;
        s->Cpl = 3;
        CpuState.Segment(s, SegmentIndex.Cs) = new SegmentRegister { Selector = UserCodeSelector, Attributes = 0x2FB, Limit = uint.MaxValue };
        CpuState.Segment(s, SegmentIndex.Ss) = new SegmentRegister { Selector = UserDataSelector, Attributes = 0xCF3, Limit = uint.MaxValue };
        s->Rip = UserCode;
        s->Gpr[4] = UserStack;
        m.Core.RefreshMode();
    }

    /// <summary>Replaces the 2 MiB mapping of 400000h by 4 KiB pages that user code may use; the last one is not present.</summary>
    private static void MapUserPages(TestMachine m)
    {
        const ulong table = 0x8000;
        m.Write(0x1000, 0x2007);
        m.Write(0x2000, 0x3007);
        m.Write(0x3000 + 2 * 8, table | 7);
        for (ulong n = 0; n < 511; n++)
            m.Write(table + n * 8, (UserCode + (n << 12)) | 7);
        m.Write(table + 511 * 8, 0);
        m.Core.Virtual.Flush();
    }

    /// <summary>Page-table entry of a user page.</summary>
    public static ulong EntryOf(ulong linear) => 0x8000 + ((linear >> 12) & 0x1FF) * 8;
}
