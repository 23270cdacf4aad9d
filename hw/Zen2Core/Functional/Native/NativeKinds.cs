using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <summary>Families of micro-ops that are translated alike.</summary>
internal enum NativeFamily : byte
{
    /// <summary>No translation: the handler runs it.</summary>
    None,

    /// <summary>Does nothing.</summary>
    Nothing,

    /// <summary>An integer operation with one result, see <see cref="NativeForm"/>.</summary>
    Integer,

    /// <summary>Multiplication or division with two results.</summary>
    Pair,

    /// <summary>Read-modify-write of memory in one micro-op.</summary>
    Atomic,

    /// <summary>Address computation.</summary>
    Lea,

    /// <summary>Zero-extending load.</summary>
    Load,

    /// <summary>Sign-extending load.</summary>
    LoadSigned,

    /// <summary>Store of a register.</summary>
    Store,

    /// <summary>Store of an immediate.</summary>
    StoreImmediate,

    /// <summary>Relative jump.</summary>
    Jump,

    /// <summary>Conditional jump.</summary>
    JumpIf,

    /// <summary>Jump through a 64-bit register.</summary>
    JumpRegister,

    /// <summary>End of a block without a branch.</summary>
    BlockEnd,

    /// <summary>Vector load that keeps the upper half of its register.</summary>
    VectorLoad,

    /// <summary>Vector load of up to 16 bytes that clears the upper half.</summary>
    VectorLoad128,

    /// <summary>Vector load of 32 bytes.</summary>
    VectorLoad256,

    /// <summary>Vector store.</summary>
    VectorStore,

    /// <summary>RDTSC.</summary>
    Clock,

    /// <summary>PAUSE.</summary>
    Pause,
}

/// <summary>What is known about a kind of micro-op.</summary>
/// <param name="Family">How it is translated.</param>
/// <param name="Form">Its operation, when the family has several.</param>
internal readonly record struct NativeKind(NativeFamily Family, NativeForm Form);

/// <summary>Looks kinds up once; kinds are registered while forms are first cracked, so the table grows.</summary>
internal sealed class NativeKinds
{
    private readonly List<NativeKind?> _kinds = [];

    /// <summary>What is known about <paramref name="kind"/>.</summary>
    public NativeKind Of(ushort kind)
    {
        while (_kinds.Count <= kind)
            _kinds.Add(null);
        return _kinds[kind] ??= Classify(MicroOpKinds.Row(kind));
    }

    private static NativeKind Classify(MicroOpKindRow row)
    {
        NativeForm form = NativeForm.Of(row.Operation);
        string name = row.Name;
        NativeFamily family = name switch
        {
            "nop" or "prefetch" or "lfence" or "sfence" or "mfence" => NativeFamily.Nothing,
            "jmp" => NativeFamily.Jump,
            "jcc" => NativeFamily.JumpIf,
            "jmpr.64" => NativeFamily.JumpRegister,
            "block-end" => NativeFamily.BlockEnd,
            "lea.32" or "lea.64" => NativeFamily.Lea,
            "vload" => NativeFamily.VectorLoad,
            "vload.v128" => NativeFamily.VectorLoad128,
            "vload.v256" => NativeFamily.VectorLoad256,
            "vstore" => NativeFamily.VectorStore,
            "clock" => NativeFamily.Clock,
            "pause" => NativeFamily.Pause,
            _ when name.StartsWith("loadsx.", StringComparison.Ordinal) => NativeFamily.LoadSigned,
            _ when name.StartsWith("load.", StringComparison.Ordinal) => NativeFamily.Load,
            _ when name.StartsWith("store.", StringComparison.Ordinal) => NativeFamily.Store,
            _ when name.StartsWith("storei.", StringComparison.Ordinal) => NativeFamily.StoreImmediate,
            _ when form.Op == NativeOp.None => NativeFamily.None,
            _ when row.Class == MicroOpClass.Atomic => NativeFamily.Atomic,
            _ when form.Op is NativeOp.MulWide or NativeOp.ImulWide or NativeOp.DivWide or NativeOp.IdivWide => NativeFamily.Pair,
            _ => NativeFamily.Integer,
        };
        return new NativeKind(family, form);
    }
}
