using System.Numerics;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Cli.Snippets;

/// <summary>What a snippet's result shows of the registers, at one moment.</summary>
internal sealed class MachineState
{
    private MachineState()
    {
    }

    /// <summary>General-purpose registers in encoding order.</summary>
    public ulong[] General { get; } = new ulong[16];

    /// <summary>Instruction pointer: offset in the code segment.</summary>
    public ulong InstructionPointer { get; private init; }

    /// <summary>RFLAGS.</summary>
    public uint Flags { get; private init; }

    /// <summary>YMM registers, 256 bits each.</summary>
    public BigInteger[] Vectors { get; } = new BigInteger[16];

    /// <summary>MXCSR.</summary>
    public uint Mxcsr { get; private init; }

    /// <summary>x87 registers from the top of the stack on, 80 bits each.</summary>
    public UInt128[] Stack { get; } = new UInt128[8];

    /// <summary>Tags of the x87 registers from the top on: valid 0, zero 1, special 2, empty 3.</summary>
    public int[] Tags { get; } = new int[8];

    /// <summary>MMX registers.</summary>
    public ulong[] Mmx { get; } = new ulong[8];

    /// <summary>x87 control word.</summary>
    public ushort X87Control { get; private init; }

    /// <summary>x87 status word.</summary>
    public ushort X87Status { get; private init; }

    /// <summary>x87 tag word as FNSTENV stores it: two bits per physical register, register 0 lowest (AMD64 APM volume 1, 6.2.4, revision 3.23).</summary>
    public ushort X87TagWord { get; private init; }

    /// <summary>CR0, CR2, CR3, CR4, EFER and XCR0.</summary>
    public IReadOnlyList<(string Name, ulong Value)> Control { get; private init; } = [];

    /// <summary>Segment registers in encoding order.</summary>
    public SegmentRegister[] Segments { get; } = new SegmentRegister[6];

    /// <summary>Privilege level.</summary>
    public int PrivilegeLevel { get; private init; }

    /// <summary>Takes the registers of a state.</summary>
    public static unsafe MachineState Of(CpuState* s)
    {
        MachineState state = new()
        {
            InstructionPointer = s->Rip,
            Flags = (uint)s->RFlags,
            Mxcsr = s->Mxcsr,
            X87Control = s->X87.Control,
            X87Status = s->X87.Status,
            X87TagWord = CpuState.X87TagWord(s),
            PrivilegeLevel = s->Cpl,
            Control = [("cr0", s->Cr0), ("cr2", s->Cr2), ("cr3", s->Cr3), ("cr4", s->Cr4), ("efer", s->Efer), ("xcr0", s->Xcr0)],
        };
        int top = s->X87.Status >> 11 & 7;
        for (int n = 0; n < 16; n++)
        {
            state.General[n] = s->Gpr[n];
            for (int k = 3; k >= 0; k--)
                state.Vectors[n] = (state.Vectors[n] << 64) | s->Vec[(n * 4) + k];
        }
        for (int n = 0; n < 8; n++)
        {
            int physical = (top + n) & 7;
            state.Stack[n] = ((UInt128)(ushort)s->X87.Registers[(physical * 2) + 1] << 64) | s->X87.Registers[physical * 2];
            state.Tags[n] = s->X87.Tag >> (physical * 2) & 3;
            state.Mmx[n] = s->X87.Registers[n * 2];
        }
        for (int n = 0; n < 6; n++)
            state.Segments[n] = CpuState.Segment(s, (SegmentIndex)n);
        return state;
    }

    /// <summary>Whether an x87 or MMX register, a tag, or one of the control words differs.</summary>
    public bool HasOtherX87(MachineState other) =>
        X87Control != other.X87Control || X87Status != other.X87Status || !Tags.AsSpan().SequenceEqual(other.Tags) || !Stack.AsSpan().SequenceEqual(other.Stack);
}
