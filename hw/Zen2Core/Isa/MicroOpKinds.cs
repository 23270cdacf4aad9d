namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>Outcome of a microcode function.</summary>
public enum MicrocodeResult
{
    /// <summary>Done; <see cref="CpuState.Rip"/> is where execution continues.</summary>
    Done,

    /// <summary>Faulted: <see cref="HostState.FaultVector"/> and its companions are set, architectural state is as before the instruction.</summary>
    Fault,

    /// <summary>Interruptible instruction (REP) made progress in registers and must be run again.</summary>
    Again,
}

/// <summary>One row of the table of micro-op kinds.</summary>
/// <param name="Name">Name for listings and logs.</param>
/// <param name="Class">How the detailed engine carries it out.</param>
/// <param name="Value">Address of the value function <c>delegate*&lt;ExecArgs*, MicroOp*, void&gt;</c>, or 0.</param>
/// <param name="Microcode">Address of the microcode function <c>delegate*&lt;CoreContext, CpuState*, MicroOp*, MicrocodeResult&gt;</c>, or 0.</param>
public readonly record struct MicroOpKindRow(string Name, MicroOpClass Class, nint Value, nint Microcode)
{
    /// <summary>The type that holds the operation's meaning, where a translator may know it; else null.</summary>
    public Type? Operation { get; init; }

    /// <summary>What a microcode function does with the x87 and MMX registers, where it can run out of order.</summary>
    public StackUse Stack { get; init; }
}

/// <summary>
/// The one table of micro-op kinds, filled while forms are registered (see <see cref="Decode.FormTable"/>). Row numbers are an
/// artefact of registration order: they are never saved.
/// </summary>
public static unsafe class MicroOpKinds
{
    private static readonly List<MicroOpKindRow> s_rows = [new("none", MicroOpClass.Nop, 0, 0)];

    /// <summary>Adds a row with a value function and returns its number.</summary>
    public static ushort AddValue(string name, MicroOpClass kindClass, delegate*<ExecArgs*, MicroOp*, void> value) =>
        AddValue(name, kindClass, value, null);

    /// <summary>Adds a row with a value function and the type of its operation, and returns its number.</summary>
    public static ushort AddValue(string name, MicroOpClass kindClass, delegate*<ExecArgs*, MicroOp*, void> value, Type? operation) =>
        Add(new MicroOpKindRow(name, kindClass, (nint)value, 0) { Operation = operation });

    /// <summary>Adds a row with a microcode function and returns its number.</summary>
    public static ushort AddMicrocode(string name, delegate*<CoreContext, CpuState*, MicroOp*, MicrocodeResult> microcode) =>
        AddMicrocode(name, microcode, StackUse.Serial);

    /// <summary>Adds a row with a microcode function of the x87 or MMX registers and returns its number.</summary>
    public static ushort AddMicrocode(string name, delegate*<CoreContext, CpuState*, MicroOp*, MicrocodeResult> microcode, StackUse use) =>
        Add(new MicroOpKindRow(name, MicroOpClass.AtRetire, 0, (nint)microcode) { Stack = use });

    /// <summary>The row of <paramref name="kind"/>.</summary>
    public static MicroOpKindRow Row(ushort kind) => s_rows[kind];

    /// <summary>Value function of <paramref name="op"/>.</summary>
    public static delegate*<ExecArgs*, MicroOp*, void> Value(MicroOp* op) =>
        (delegate*<ExecArgs*, MicroOp*, void>)s_rows[op->Kind].Value;

    /// <summary>Microcode function of <paramref name="op"/>.</summary>
    public static delegate*<CoreContext, CpuState*, MicroOp*, MicrocodeResult> Microcode(MicroOp* op) =>
        (delegate*<CoreContext, CpuState*, MicroOp*, MicrocodeResult>)s_rows[op->Kind].Microcode;

    /// <summary>Adds <paramref name="row"/> and returns its number.</summary>
    public static ushort Add(MicroOpKindRow row)
    {
        s_rows.Add(row);
        return checked((ushort)(s_rows.Count - 1));
    }
}
