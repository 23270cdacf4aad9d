using System.Buffers.Binary;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Cli.Debug.Target;

/// <summary>General-purpose registers, instruction pointer, flags and selectors.</summary>
internal static unsafe class GeneralRegisters
{
    /// <summary>The feature of gdb's that these belong to.</summary>
    public const string Feature = "org.gnu.gdb.i386.core";

    /// <summary>gdb's order, with each register's number in instructions.</summary>
    private static readonly (string Name, int Number)[] s_names =
    [
        ("rax", 0), ("rbx", 3), ("rcx", 1), ("rdx", 2), ("rsi", 6), ("rdi", 7), ("rbp", 5), ("rsp", 4),
        ("r8", 8), ("r9", 9), ("r10", 10), ("r11", 11), ("r12", 12), ("r13", 13), ("r14", 14), ("r15", 15),
    ];

    private static readonly (string Name, SegmentIndex Index)[] s_segments =
    [
        ("cs", SegmentIndex.Cs), ("ss", SegmentIndex.Ss), ("ds", SegmentIndex.Ds), ("es", SegmentIndex.Es), ("fs", SegmentIndex.Fs), ("gs", SegmentIndex.Gs),
    ];

    /// <summary>The registers in gdb's order.</summary>
    public static IReadOnlyList<TargetRegister> Core()
    {
        List<TargetRegister> all = [];
        foreach ((string name, int number) in s_names)
        {
            string type = name switch { "rbp" or "rsp" => "data_ptr", _ => "int64" };
            all.Add(new TargetRegister(
                Feature,
                name,
                64,
                type,
                (core, value) => BinaryPrimitives.WriteUInt64LittleEndian(value, core.Context.State->Gpr[number]),
                (core, value) =>
                {
                    core.Context.State->Gpr[number] = BinaryPrimitives.ReadUInt64LittleEndian(value);
                    return true;
                }));
        }

        // Outside 64-bit mode the code segment's base is in it, so that it is where memory and breakpoints are.
        all.Add(new TargetRegister(Feature, "rip", 64, "code_ptr", (core, value) => BinaryPrimitives.WriteUInt64LittleEndian(value, core.Context.LinearRip), WriteRip));
        all.Add(new TargetRegister(Feature, "eflags", 32, "i386_eflags", (core, value) => BinaryPrimitives.WriteUInt32LittleEndian(value, (uint)core.Context.State->RFlags), WriteFlags));
        foreach ((string name, SegmentIndex index) in s_segments)
        {
            all.Add(new TargetRegister(
                Feature,
                name,
                32,
                "int32",
                (core, value) => BinaryPrimitives.WriteUInt32LittleEndian(value, CpuState.Segment(core.Context.State, index).Selector),
                (core, value) => BinaryPrimitives.ReadUInt32LittleEndian(value) == CpuState.Segment(core.Context.State, index).Selector));
        }
        return all;
    }

    private static bool WriteRip(MachineCore core, ReadOnlySpan<byte> value)
    {
        CpuState* s = core.Context.State;
        ulong linear = BinaryPrimitives.ReadUInt64LittleEndian(value);
        s->Rip = s->Mode == CpuMode.Long64 ? linear : (uint)(linear - CpuState.Segment(s, SegmentIndex.Cs).Base);
        return true;
    }

    /// <summary>Flags that change modes or privileges stay: only the arithmetic ones and IF, TF, DF are a debugger's.</summary>
    private static bool WriteFlags(MachineCore core, ReadOnlySpan<byte> value)
    {
        const uint taken = SystemFlagBits.IF | SystemFlagBits.TF | SystemFlagBits.DF;
        CpuState* s = core.Context.State;
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(value);
        s->Flags = flags & FlagBits.All;
        s->SystemFlags = (s->SystemFlags & ~taken) | (flags & taken);
        return true;
    }
}
