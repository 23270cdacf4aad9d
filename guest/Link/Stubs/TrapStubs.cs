using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// Interrupt and exception entry: 256 entries of 16 bytes from trap_entries on, then C#'s kernel_trap(frame), then IRETQ.
/// From user mode the GS bases are exchanged. #DB, NMI, #DF and #MC may hit between a system call and its SWAPGS, so
/// they look at the GS base itself: per-CPU areas lie in the upper half (bit 63 set), user bases in the lower.
/// </summary>
public static class TrapStubs
{
    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Add(new Stub { Names = ["trap_entries"], Needs = ["trap_common", "trap_paranoid"], Alignment = 64, Emit = Entries });
        library.Add(new Stub { Names = ["trap_common"], Needs = ["kernel_trap"], Emit = Common });
        library.Add(new Stub { Names = ["trap_paranoid"], Needs = ["kernel_trap"], Emit = Paranoid });
    }

    private static bool HasErrorCode(int vector) => vector is 8 or 10 or 11 or 12 or 13 or 14 or 17 or 21 or 29 or 30;

    private static void Entries(StubWriter w)
    {
        Assembler c = w.Code;
        for (int vector = 0; vector < 256; vector++)
        {
            int length = 10;
            if (!HasErrorCode(vector)) { c.push(0); length += 2; }
            c.db(0x68, (byte)vector, 0, 0, 0); // push imm32: every entry has the same length
            ulong next = w.Address("trap_entries") + (ulong)(vector * 16 + length);
            uint distance = (uint)(w.Address(vector is 1 or 2 or 8 or 18 ? "trap_paranoid" : "trap_common") - next);
            c.db(0xE9, (byte)distance, (byte)(distance >> 8), (byte)(distance >> 16), (byte)(distance >> 24));
            for (int i = length; i < 16; i++) c.db(0xCC);
        }
    }

    private static void Common(StubWriter w)
    {
        Assembler c = w.Code;
        Label kernel = c.CreateLabel(), leaveKernel = c.CreateLabel();
        c.test(__byte_ptr[rsp + (Frame.Cs - Frame.Vector)], 3);
        c.je(kernel);
        c.swapgs();
        c.Label(ref kernel);
        c.cld();
        Frame.Save(w);
        c.xor(ebp, ebp);
        c.call(w.Address("kernel_trap"));
        Frame.Restore(w, vectors: true);
        c.test(__byte_ptr[rsp + (Frame.Cs - Frame.Vector)], 3);
        c.je(leaveKernel);
        c.swapgs();
        c.Label(ref leaveKernel);
        c.add(rsp, 16);
        c.iretq();
    }

    private static void Paranoid(StubWriter w)
    {
        Assembler c = w.Code;
        Label kernel = c.CreateLabel(), leaveKernel = c.CreateLabel();
        c.cld();
        Frame.Save(w);
        c.xor(r12d, r12d);
        c.mov(ecx, 0xC0000101); // GS.base
        c.rdmsr();
        c.test(edx, edx);
        c.js(kernel);
        c.swapgs();
        c.inc(r12d);
        c.Label(ref kernel);
        c.xor(ebp, ebp);
        c.call(w.Address("kernel_trap"));
        c.test(r12d, r12d);
        c.je(leaveKernel);
        c.swapgs();
        c.Label(ref leaveKernel);
        c.nop();
        Frame.Restore(w, vectors: true);
        c.add(rsp, 16);
        c.iretq();
    }
}
